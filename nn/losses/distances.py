"""Losses that measure how far numbers are from their targets, and distributions from each other.

Outputs and targets have one shape, whatever it is. PyTorch warns where they differ, and compares every pair; here that
is an error. With reduction="none" the loss has their shape, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import DomainError, ShapeError
from autograd.graph import raw

from ..core.numbers import flag, number
from .base import Loss, as_dtype_of
from .labels import check_shape


class MSELoss(Loss):
    """The mean of (prediction - target)**2 over all elements; the shapes must be equal.

    >>> float(MSELoss()(np.array([1.0, 2.0]), np.array([0.0, 0.0])))
    2.5
    """

    def forward(self, prediction: Any, target: Any) -> Any:  # type: ignore[override]
        """prediction (...) and target, of one shape, to a number."""
        return autograd.mse_loss(prediction, as_dtype_of(prediction, target), self.reduction)


class L1Loss(Loss):
    """The mean of |prediction - target| over all elements; where they are equal, the slope is 0.

    >>> float(L1Loss()(np.array([1.0, -2.0]), np.array([0.0, 0.0])))
    1.5
    """

    def forward(self, prediction: Any, target: Any) -> Any:  # type: ignore[override]
        """prediction (...) and target, of one shape, to a number."""
        return autograd.l1_loss(prediction, as_dtype_of(prediction, target), self.reduction)


class HuberLoss(Loss):
    """The mean of d*d / 2 where |d| <= delta and of delta * (|d| - delta / 2) beyond, with d = prediction - target.

    So no element pulls with more than delta, and outliers count less than in MSELoss (Huber 1964).

    >>> HuberLoss(reduction="none")(np.array([0.5, 3.0]), np.array([0.0, 0.0]))
    array([0.125, 2.5  ])
    """

    def __init__(self, *given: Any, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(*given, reduction=reduction)
        self.delta = number("delta", delta, above=0)

    def forward(self, prediction: Any, target: Any) -> Any:  # type: ignore[override]
        """prediction (...) and target, of one shape, to a number."""
        target = as_dtype_of(prediction, target)
        return autograd.huber_loss(prediction, target, self.reduction, self.delta)


class SmoothL1Loss(Loss):
    """L1Loss with its kink rounded off within beta: HuberLoss(delta=beta) over beta; with beta=0, L1Loss.

    >>> SmoothL1Loss(reduction="none", beta=0.5)(np.array([0.5, 3.0]), np.array([0.0, 0.0]))
    array([0.25, 2.75])
    """

    def __init__(self, *given: Any, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(*given, reduction=reduction)
        self.beta = number("beta", beta, least=0)

    def forward(self, prediction: Any, target: Any) -> Any:  # type: ignore[override]
        """prediction (...) and target, of one shape, to a number."""
        target = as_dtype_of(prediction, target)
        return autograd.smooth_l1_loss(prediction, target, self.reduction, self.beta)


class KLDivLoss(Loss):
    """How far the distribution exp(logp) is from the distribution t: the mean of t (log t - logp).

    reduction="batchmean" divides the sum by the number of rows, which is the divergence as it is defined; "mean", the
    default as in PyTorch, divides by the number of elements. log_target: the target holds logarithms too; otherwise its
    elements are >= 0.

    >>> logp, t = np.log([[0.5, 0.5]]), np.array([[1.0, 0.0]])
    >>> float(KLDivLoss(reduction="batchmean")(logp, t).round(4))
    0.6931
    """

    reductions = ("mean", "sum", "none", "batchmean")

    def __init__(self, *given: Any, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(*given, reduction=reduction)
        self.log_target = flag("log_target", log_target)

    def forward(self, logp: Any, target: Any) -> Any:  # type: ignore[override]
        """logp (n, classes), or of any shape, and target, of the same, to a number."""
        target = as_dtype_of(logp, target)
        if not self.log_target and not np.all(raw(target) >= 0):
            raise DomainError(
                "KLDivLoss: a target below 0, or nan. It holds probabilities; for logarithms of them write "
                "nn.KLDivLoss(log_target=True)."
            )
        return autograd.kl_div(logp, target, self.reduction, self.log_target)

    def check(self, target: Any, shape: tuple[int, ...]) -> None:
        """Refuse targets, of all rows, that do not fit outputs of this shape."""
        check_shape(target, shape)
        self.forward(target, target)


class GaussianNLLLoss(Loss):
    """The mean of (log(var) + (mean - target)**2 / var) / 2: a network that says its own variance, too.

    var counts at least eps; `full` adds log(2 pi) / 2. var is a number, or has the shape of the mean, perhaps with 1 in
    the place of one axis, or has one number for each row.

    >>> float(GaussianNLLLoss()(np.array([1.0]), np.array([3.0]), np.array([2.0])).round(4))
    1.3466
    """

    def __init__(self, *given: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(*given, reduction=reduction)
        self.full, self.eps = flag("full", full), number("eps", eps, above=0)

    def forward(self, mean: Any, target: Any, var: Any) -> Any:  # type: ignore[override]
        """mean (n, ...), target, of the same shape, and var, such as (n, ...), (n, 1) or (n,), to a number."""
        target, var = as_dtype_of(mean, target), as_dtype_of(mean, var)
        shape, own = np.shape(mean), np.shape(var)
        if own and own == shape[:-1]:
            var = np.expand_dims(var, -1)
        elif own not in ((), shape) and (
            len(own) != len(shape) or [b for a, b in zip(shape, own) if a != b] != [1]
        ):
            raise ShapeError(
                f"GaussianNLLLoss: var of shape {own} for a mean of shape {shape}. It must be equal, or {shape[:-1]} "
                "for one variance a row, or have 1 in the place of one axis."
            )
        return autograd.gaussian_nll_loss(mean, target, var, self.full, self.eps, self.reduction)


class HingeEmbeddingLoss(Loss):
    """The mean of the distance where the target is 1, and of max(0, margin - distance) where it is -1.

    >>> HingeEmbeddingLoss(reduction="none")(np.array([0.3, 0.3]), np.array([1, -1]))
    array([0.3, 0.7])
    """

    def __init__(self, *given: Any, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(*given, reduction=reduction)
        self.margin = number("margin", margin)

    def forward(self, distance: Any, target: Any) -> Any:  # type: ignore[override]
        """distance (...) and target, of one shape, each 1 or -1, to a number."""
        if not np.all(np.abs(raw(target)) == 1):
            raise DomainError(
                "HingeEmbeddingLoss: a target that is not 1 or -1. Labels of 0 and 1 become 2 * labels - 1."
            )
        return autograd.hinge_embedding_loss(distance, target, self.margin, self.reduction)
