"""Losses that compare a prediction with its target, element by element, and take the mean: PyTorch's names and numbers.

Gradients reach the target too where it is tracked. What would overflow or lose its digits far out is an op of its own
with a form that does not (cross-entropy from logits, Huber's loss); the rest is written in ops, as the formula reads.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import DomainError, GradientError, ShapeError
from ..graph import Node, holds_node, raw
from ..primitive import Primitive, elementwise
from .activations import sigmoid, softplus
from .elementwise import absolute, exp, log, maximum, minimum, sqrt, square, where
from .reduce import mean
from .reduce import sum as _sum

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cosine_similarity",
    "gaussian_nll_loss",
    "hinge_embedding_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "mse_loss",
    "smooth_l1_loss",
]


def reduced(loss: Any, reduction: str, name: str) -> Any:
    """The mean of all elements, their sum, or the elements themselves."""
    if reduction == "mean":
        return mean(loss)
    if reduction == "sum":
        return _sum(loss)
    if reduction == "none":
        return loss
    raise ValueError(f'{name}: reduction={reduction!r} is not "mean", "sum" or "none".')


def _both(name: str, input: Any, target: Any) -> tuple[Any, Any]:
    """Input and target, of one shape. Plain whole numbers take the input's dtype: float32 - int64 would be float64."""
    if np.shape(input) != np.shape(target):
        raise ShapeError(
            f"{name}: input of shape {np.shape(input)} and target of shape {np.shape(target)}. They must be equal: "
            "broadcasting here would compare every pair. Reshape one, as in target[:, None]."
        )
    input, target = (
        np.asarray(x) if isinstance(x, (list, tuple)) and not holds_node(x) else x for x in (input, target)
    )
    x = raw(input)
    if not isinstance(target, Node) and hasattr(x, "dtype") and np.result_type(target).kind in "iub":
        target = np.asarray(target, dtype=x.dtype if x.dtype.kind == "f" else float, like=x)
    return input, target


# --- distances


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """The mean of (input - target)**2 over all elements; the shapes must be equal.

    >>> float(mse_loss(np.array([1.0, 2.0]), np.array([0.0, 0.0])))
    2.5
    """
    input, target = _both("mse_loss", input, target)
    return reduced(square(input - target), reduction, "mse_loss")


def l1_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """The mean of |input - target| over all elements; where they are equal, the slope is 0.

    >>> float(l1_loss(np.array([1.0, -2.0]), np.array([0.0, 0.0])))
    1.5
    """
    input, target = _both("l1_loss", input, target)
    return reduced(absolute(input - target), reduction, "l1_loss")


def _huber(x: Any, delta: float = 1.0) -> Any:
    near = np.minimum(
        np.abs(x), delta
    )  # x*x/2 while |x| <= delta, then delta * (|x| - delta/2); no large square
    return near * (np.abs(x) - near / 2)


_huber_op: Primitive = elementwise(
    "huber",
    lambda y, x, delta=1.0: maximum(minimum(x, delta), -delta),
    forward=_huber,
    settings=({}, {"delta": 0.5}),
    doc="x*x / 2 while |x| is at most delta, then straight on: delta * (|x| - delta / 2).",
)


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Any:
    """The mean of d*d / 2 where |d| <= delta and of delta * (|d| - delta / 2) beyond, with d = input - target.

    So no element pulls with more than delta (Huber 1964).

    >>> huber_loss(np.array([0.5, 3.0]), np.array([0.0, 0.0]), reduction="none")
    array([0.125, 2.5  ])
    """
    input, target = _both("huber_loss", input, target)
    if not delta > 0:
        raise ValueError(f"huber_loss: delta={delta!r} must be positive.")
    return reduced(_huber_op(input - target, delta=delta), reduction, "huber_loss")


def smooth_l1_loss(input: Any, target: Any, reduction: str = "mean", beta: float = 1.0) -> Any:
    """huber_loss over beta: |d| with its kink at 0 rounded off within beta; with beta=0, l1_loss.

    >>> smooth_l1_loss(np.array([0.5, 3.0]), np.array([0.0, 0.0]), reduction="none")
    array([0.125, 2.5  ])
    """
    input, target = _both("smooth_l1_loss", input, target)
    if beta < 0:
        raise ValueError(f"smooth_l1_loss: beta={beta!r} must not be negative.")
    if beta == 0:
        return l1_loss(input, target, reduction)
    return reduced(_huber_op(input - target, delta=beta) / beta, reduction, "smooth_l1_loss")


# --- probabilities: -(t log p + (1 - t) log(1 - p))


def _bce(p: Any, t: Any) -> Any:
    with np.errstate(divide="ignore"):
        return -(t * np.maximum(np.log(p), -100) + (1 - t) * np.maximum(np.log1p(-p), -100))


_TINY = math.exp(-100)  # its logarithm is the least that counts
_bce_op: Primitive = elementwise(
    "binary_cross_entropy",
    lambda y, p, t: (p - t) / maximum(p * (1 - p), 1e-12),
    lambda y, p, t: log(maximum(1 - p, _TINY)) - log(maximum(p, _TINY)),
    forward=_bce,
    domain=((0.1, 0.9), (0.0, 1.0)),
    doc="-(t log p + (1 - t) log(1 - p)), each logarithm at least -100.",
)
_bce_logits_op: Primitive = elementwise(
    "binary_cross_entropy_with_logits",
    lambda y, x, t: sigmoid(x) - t,
    lambda y, x, t: -x,
    forward=lambda x, t: np.maximum(x, 0) - x * t + np.log1p(np.exp(-np.abs(x))),
    domain=((-2.0, 2.0), (0.0, 1.0)),
    doc="-(t log s + (1 - t) log(1 - s)) with s = sigmoid(x), for x of any size.",
)


def binary_cross_entropy(input: Any, target: Any, weight: Any = None, reduction: str = "mean") -> Any:
    """The mean of -(t log p + (1 - t) log(1 - p)): probabilities against targets from 0 to 1.

    A logarithm counts at least -100 and the slope's denominator p (1 - p) at least 1e-12, as PyTorch's, so that p = 0
    and p = 1 are finite; so is the slope in t, where PyTorch's is not. From logits use
    binary_cross_entropy_with_logits, which loses no digits.

    >>> round(float(binary_cross_entropy(np.array([0.9, 0.2]), np.array([1.0, 0.0]))), 4)
    0.1643
    """
    input, target = _both("binary_cross_entropy", input, target)
    p = raw(input)
    if not np.all((p >= 0) & (p <= 1)):
        raise DomainError(
            "binary_cross_entropy: input outside of 0 .. 1, or nan. It must be probabilities, such as sigmoid(x); "
            "binary_cross_entropy_with_logits takes x itself."
        )
    loss = _bce_op(input, target)
    return reduced(loss if weight is None else loss * weight, reduction, "binary_cross_entropy")


def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, reduction: str = "mean", pos_weight: Any = None
) -> Any:
    """The mean of -(t log s + (1 - t) log(1 - s)) with s = sigmoid(input): yes-or-no questions, from scores.

    The shapes of input and target must be equal; `weight` (of each element) and `pos_weight` (of the part of t)
    broadcast. Its slope in the input is s - t. Stable for scores of +-1000.

    >>> round(float(binary_cross_entropy_with_logits(np.array([1000.0, 0.0]), np.array([1.0, 1.0]))), 4)
    0.3466
    """
    name = "binary_cross_entropy_with_logits"
    input, target = _both(name, input, target)
    if pos_weight is None:
        loss = _bce_logits_op(input, target)
    else:
        loss = pos_weight * target * softplus(-input) + (1 - target) * softplus(input)
    return reduced(loss if weight is None else loss * weight, reduction, name)


def kl_div(input: Any, target: Any, reduction: str = "mean", log_target: bool = False) -> Any:
    """The mean of t (log t - input), of which the sum is the divergence of exp(input) from the distribution t.

    input holds logarithms of probabilities; so does target with `log_target`. As PyTorch's, "mean" divides by the
    number of elements; reduction="batchmean" divides by the number of rows, as the divergence is defined.
    Where t is 0, the term is 0, and its slope in t is that of -t * input.

    >>> float(kl_div(np.log([[0.5, 0.5]]), np.array([[1.0, 0.0]]), reduction="sum").round(4))
    0.6931
    """
    input, target = _both("kl_div", input, target)
    if log_target:
        loss = exp(target) * (target - input)
    else:
        loss = target * (log(where(target > 0, target, 1.0)) - input)
    if reduction == "batchmean":
        return _sum(loss) / max(np.shape(input)[0] if np.ndim(input) else 1, 1)
    return reduced(loss, reduction, "kl_div")


def gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Any:
    """The mean of (log(var) + (input - target)**2 / var) / 2: -log of a normal density whose variance is given too.

    var broadcasts, and counts at least eps (its slope passes there, as PyTorch's). `full` adds log(2 pi) / 2.

    >>> float(gaussian_nll_loss(np.array([1.0]), np.array([3.0]), np.array([2.0])).round(4))
    1.3466
    """
    input, target = _both("gaussian_nll_loss", input, target)
    if np.any(raw(var) < 0):
        raise DomainError("gaussian_nll_loss: a variance below 0. Predict its logarithm, and give exp(...).")
    var = var + np.maximum(eps - raw(var), 0)
    loss = 0.5 * (log(var) + square(input - target) / var)
    return reduced(loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction, "gaussian_nll_loss")


# --- closeness


def hinge_embedding_loss(input: Any, target: Any, margin: float = 1.0, reduction: str = "mean") -> Any:
    """The mean of the distance where the target is 1, and of max(0, margin - distance) where it is -1.

    >>> hinge_embedding_loss(np.array([0.3, 0.3]), np.array([1, -1]), reduction="none")
    array([0.3, 0.7])
    """
    input, target = _both("hinge_embedding_loss", input, target)
    if getattr(target, "requires_grad", False):
        raise GradientError(
            "hinge_embedding_loss: a target of 1 and -1 gets no gradient. Use target.detach()."
        )
    short = margin - input
    apart = where(raw(short) >= 0, short, 0.0)
    return reduced(where(raw(target) == 1, input, apart), reduction, "hinge_embedding_loss")


def cosine_similarity(x1: Any, x2: Any, axis: int = 1, eps: float = 1e-8) -> Any:
    """The cosine of the angle between vectors along an axis: x1 . x2 over their lengths, each at least eps.

    >>> cosine_similarity(np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]])).round(4)
    array([0.7071])
    """
    lengths = [sqrt(maximum(_sum(square(x), axis=axis), eps * eps)) for x in (x1, x2)]
    return _sum(x1 * x2, axis=axis) / (lengths[0] * lengths[1])
