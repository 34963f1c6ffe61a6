"""What a network layer is made of: fused operations whose backward pass is worth writing as one."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import GradientError, ShapeError
from ..primitive import Primitive, primitive, registry
from .elementwise import exp
from .linalg import matmul
from .reduce import sum as _sum
from .shape import expand_dims, reshape, transpose

__all__ = ["linear", "log_softmax", "softmax", "softmax_cross_entropy"]

# Activations whose local gradient needs only the output y: these can be part of `linear`.
FUSIBLE = ("relu", "tanh", "sigmoid")


def _linear(x: Any, weight: Any, bias: Any = None, activation: str | None = None) -> Any:
    y = x.dot(weight.T) if x.ndim == 2 else np.matmul(x, weight.T)
    if bias is not None:
        y += bias
    if activation is None:
        return y
    if activation == "relu" and isinstance(y, np.ndarray):
        return np.maximum(y, 0, out=y)
    return registry[activation].forward(y)


def _through_activation(g: Any, y: Any, activation: str | None) -> Any:
    """dz = g * act'(z), written in the output y."""
    return g if activation is None else registry[activation].vjps[0](g, y, y)


def _rows(x: Any) -> Any:
    """(..., k) as (n, k)."""
    return x if len(np.shape(x)) == 2 else reshape(x, shape=(-1, np.shape(x)[-1]))


def _linear_x(g: Any, y: Any, x: Any, weight: Any, bias: Any = None, activation: str | None = None) -> Any:
    return matmul(_through_activation(g, y, activation), weight)


def _linear_weight(
    g: Any, y: Any, x: Any, weight: Any, bias: Any = None, activation: str | None = None
) -> Any:
    dz = _through_activation(g, y, activation)
    if np.ndim(x) == 1:  # one sample: an outer product
        return expand_dims(dz, axis=-1) * x
    return matmul(transpose(_rows(dz)), _rows(x))


def _linear_bias(g: Any, y: Any, x: Any, weight: Any, bias: Any = None, activation: str | None = None) -> Any:
    dz = _through_activation(g, y, activation)
    return dz if np.ndim(x) == 1 else _sum(_rows(dz), axis=0)


@lru_cache(maxsize=64)
def ones(n: int, dtype: Any) -> Any:
    """A row of ones: ones.dot(g) sums the rows of g seven times faster than g.sum(0) when g is small."""
    return np.ones(n, dtype)


def _linear_pull(node: Any, g: Any, into_grads: bool) -> list[Any]:
    """All contributions of `linear` at once: dz is computed once, products go straight into gradient buffers."""
    x, weight, *_ = node._args
    to_x, to_weight, *to_bias = node.parents
    settings = node._kwargs
    if settings is not None and settings["activation"] is not None:
        g = registry[settings["activation"]].kernels[0](g, node._data, None)
    out: list[Any] = [None] * len(node._args)
    if to_x is not None:
        out[0] = g.dot(weight)
    if x.ndim != 2:
        g, x = _rows(g), _rows(x)
    if to_weight is not None:
        home = to_weight._gradient_home() if into_grads and g.dtype == weight.dtype == x.dtype else None
        if home is None:
            out[1] = g.T.dot(x)
        elif home.flags.c_contiguous:
            out[1] = g.T.dot(x, home)
        else:  # a weight that lies column by column
            x.T.dot(g, home.T)
            out[1] = home
    if to_bias and to_bias[0] is not None:
        home = to_bias[0]._gradient_home() if into_grads and g.dtype == to_bias[0].dtype else None
        row = ones(len(g), g.dtype)
        out[2] = row.dot(g) if home is None else row.dot(g, home)
    return out


_linear_op = Primitive(
    "linear",
    _linear,
    (_linear_x, _linear_weight, _linear_bias),
    pull=_linear_pull,
    samples=(
        (((4, 3), (2, 3), (2,)), {}),
        (((4, 3), (2, 3)), {}),
        (((5, 4, 3), (2, 3), (2,)), {}),
        (((3,), (2, 3), (2,)), {"activation": "tanh"}),
        (((4, 3), (2, 3), (2,)), {"activation": "tanh"}),
        (((4, 3), (2, 3), (2,)), {"activation": "relu"}),
        (((4, 3), (2, 3), (2,)), {"activation": "sigmoid"}),
    ),
    domain=((-2.0, 2.0),) * 3,
    doc="x @ weight.T + bias, then an activation: shapes (n, k), (m, k), (m,) give (n, m).",
)


def _shape(x: Any) -> tuple[int, ...]:
    """np.shape, without its detour through NumPy's dispatch for what has a shape (0.1 us against 2)."""
    shape = getattr(x, "shape", None)
    return np.shape(x) if shape is None else shape


def linear(x: Any, weight: Any, bias: Any = None, activation: str | None = None) -> Any:
    """A fully connected layer as one node: activation(x @ weight.T + bias).

    Shapes: x (n, k) or (..., k), weight (m, k), bias (m,); the result is (n, m). `activation` is one of None, "relu",
    "tanh", "sigmoid". Errors name the shapes that do not fit.

    >>> from autograd import Tensor
    >>> linear(Tensor([[1.0, -1.0]]), Tensor([[1.0, -2.0], [-1.0, 1.0]]), Tensor([1.0, 0.0]), "sigmoid").data.round(2)
    array([[0.98, 0.12]])
    """
    given, shape = _shape(x), _shape(weight)
    if given[-1:] != shape[1:] or len(shape) != 2:
        raise ShapeError(
            f"linear: input of shape {given} and weight of shape {shape}. The weight is "
            "(outputs, inputs), and the last axis of the input must have that many inputs."
        )
    if bias is not None and _shape(bias) != shape[:1]:
        raise ShapeError(f"linear: bias of shape {_shape(bias)} for {shape[0]} outputs.")
    if activation is not None and activation not in FUSIBLE:
        raise ValueError(
            f"linear: activation {activation!r} is not one of {', '.join(FUSIBLE)}; apply it afterwards."
        )
    settings = {} if activation is None else {"activation": activation}
    return _linear_op(x, weight, **settings) if bias is None else _linear_op(x, weight, bias, **settings)


# --- softmax and its losses


def _softmax(x: Any, axis: int = -1) -> Any:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: int = -1) -> Any:
    z = x - np.max(x, axis=axis, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=axis, keepdims=True))


_ROWS: tuple[Any, ...] = ((((2, 3),), {}), (((2, 3),), {"axis": 0}))

softmax: Primitive = primitive(
    "softmax",
    _softmax,
    lambda g, y, x, axis=-1: y * (g - _sum(g * y, axis=axis, keepdims=True)),
    samples=_ROWS,
    doc="exp(x) / sum(exp(x)) along an axis: positive numbers that sum to 1.",
)
log_softmax: Primitive = primitive(
    "log_softmax",
    _log_softmax,
    lambda g, y, x, axis=-1: g - exp(y) * _sum(g, axis=axis, keepdims=True),
    samples=_ROWS,
    doc="log(softmax(x)) along an axis, without the logarithm of small numbers.",
)


def _one_hot(labels: Any, like: Any) -> Any:
    if labels.ndim == 2:
        return labels.astype(like.dtype, copy=False)
    hot = np.zeros(np.shape(like), dtype=like.dtype)
    hot[np.arange(len(labels)), labels] = 1
    return hot


def _cross_entropy(x: Any, labels: Any) -> Any:
    return -np.sum(_log_softmax(x) * _one_hot(labels, x)) / len(labels)


def _cross_entropy_vjp(g: Any, y: Any, x: Any, labels: Any) -> Any:
    hot = _one_hot(labels, x)
    if labels.ndim == 1:
        return g * (softmax(x) - hot) / len(labels)
    return (
        g * (softmax(x) * np.sum(hot, axis=1, keepdims=True) - hot) / len(labels)
    )  # weights need not sum to 1


@lru_cache(maxsize=64)
def _row_starts(n: int, classes: int) -> Any:
    return np.arange(0, n * classes, classes)


def _cross_entropy_saving(x: Any, labels: Any) -> tuple[Any, Any]:
    """The loss, and n times its gradient, which for labels is softmax(x) - one_hot(labels)."""
    n, classes = x.shape
    if labels.ndim == 2 or x.dtype.char not in "fd":
        return _cross_entropy(x, labels), _cross_entropy_vjp(x.dtype.type(n), None, x, labels)
    picked = _row_starts(n, classes) + labels
    delta = np.subtract(
        x, np.maximum.reduce(x, axis=1, keepdims=True), order="C"
    )  # row by row, as `picked` counts
    chosen = delta.take(picked)
    np.exp(delta, delta)
    total = delta.dot(ones(classes, x.dtype))
    delta /= total[:, None]
    loss = (np.log(total) - chosen).dot(ones(n, x.dtype)) / x.dtype.type(n)
    delta.reshape(-1)[picked] -= 1
    return loss, delta


def _cross_entropy_pull(node: Any, g: Any, into_grads: bool) -> list[Any]:
    delta = node._get("saved")
    if delta is None:  # recorded by another array library
        return [_cross_entropy_vjp(g, node._data, *node._args, **node._kwargs)]
    return [delta * (g / delta.dtype.type(len(delta)))]


_cross_entropy_op = Primitive(
    "softmax_cross_entropy",
    _cross_entropy,
    (_cross_entropy_vjp,),
    pull=_cross_entropy_pull,
    saving=_cross_entropy_saving,
    samples=(
        (((4, 3),), {"labels": np.array([0, 2, 1, 2])}),
        (((2, 3),), {"labels": np.array([[0.2, 0.8, 0.0], [1.0, 0.0, 0.0]])}),
        (((2, 3),), {"labels": np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])}),
    ),
    domain=((-2.0, 2.0),),
    doc="The mean of -log softmax(x)[label] over rows.",
)


def check_labels(labels: Any, shape: tuple[int, ...]) -> Any:
    """`labels` as an array that fits logits of `shape`; a ShapeError says what does not."""
    if getattr(labels, "requires_grad", False):
        raise GradientError(
            "softmax_cross_entropy gives its labels no gradient, and these are tracked. Use labels.detach(), or write "
            "the loss out: -(labels * log_softmax(logits)).sum() / len(labels)."
        )
    labels = np.asarray(labels)
    if len(shape) != 2:
        raise ShapeError(f"softmax_cross_entropy: logits of shape {shape}; they must be (rows, classes).")
    if labels.ndim == 1:
        if labels.dtype.kind not in "iu":
            raise ShapeError(
                f"softmax_cross_entropy: labels of dtype {labels.dtype}. Class labels are whole numbers: "
                "labels.astype(int). Probabilities need the shape (rows, classes)."
            )
        if len(labels) != shape[0]:
            raise ShapeError(f"softmax_cross_entropy: {len(labels)} labels for {shape[0]} rows of logits.")
        # seen as unsigned, a negative label is a huge one, so one pass finds both kinds of error
        unsigned = labels.view(f"u{labels.dtype.itemsize}") if labels.dtype.kind == "i" else labels
        if len(labels) and np.maximum.reduce(unsigned) >= shape[1]:
            wrong = labels[unsigned >= shape[1]][0]
            raise ShapeError(
                f"softmax_cross_entropy: label {wrong} with {shape[1]} classes; labels go from 0 to {shape[1] - 1}."
            )
        return labels if labels.dtype == np.intp else labels.astype(np.intp)
    if labels.shape != shape:
        raise ShapeError(
            f"softmax_cross_entropy: labels of shape {labels.shape} for logits of shape {shape}."
        )
    return labels


def softmax_cross_entropy(logits: Any, labels: Any) -> Any:
    """The mean of -log(softmax(logits)[label]) over the rows: the loss of a classifier, from its scores, as one node.

    logits (n, classes); labels (n,) of whole numbers, or (n, classes) of probabilities. Stable for scores of +-1000.

    >>> round(float(softmax_cross_entropy(np.array([[1000.0, 998.0]]), np.array([0]))), 4)
    0.1269
    """
    return _cross_entropy_op(logits, labels=check_labels(labels, _shape(logits)))
