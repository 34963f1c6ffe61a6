"""Losses of classifiers: from scores of classes, from their logarithms, and of yes or no."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import GradientError, ShapeError
from autograd.graph import Node, raw
from autograd.ops.softmax import check_labels, softmax_cross_entropy

from ..core.fuse import fusing
from ..core.numbers import number, share, whole
from .base import Loss, as_dtype_of, check_broadcast, check_probability, class_weights, dtype_of, weight_array
from .labels import check_classes, check_shape, weight_of

# --- classes, from scores


class CrossEntropyLoss(Loss):
    """The mean of -log softmax(scores)[label]: scores (n, classes), labels (n,) of whole numbers, or probabilities.

    weight (classes,): how much a label counts; the mean is the weighted one. ignore_index: rows with this label do not
    count. label_smoothing e: a label stands for probability 1 - e at its class plus e / classes at all (Szegedy et al.
    2016, section 7). Probabilities, or one-hot rows, have the shape of the scores. Stable for scores of +-1000. Where
    all weights of a batch are 0, the mean is nan and the gradients are 0 (PyTorch's are nan).

    >>> round(float(CrossEntropyLoss()(np.zeros((2, 10)), np.array([3, 7]))), 4)
    2.3026
    """

    weight: Any

    def __init__(
        self,
        weight: Any = None,
        *given: Any,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(*given, reduction=reduction)
        self.register_buffer("weight", class_weights(weight))
        self.ignore_index = whole("ignore_index", ignore_index, None)
        self.label_smoothing = share("label_smoothing", label_smoothing)

    def forward(self, scores: Any, labels: Any) -> Any:  # type: ignore[override]
        """scores (n, classes) and labels (n,), or probabilities (n, classes), to a number.

        As PyTorch's: also (n, classes, ...) and (n, ...), such as one label a pixel; and (classes,) and a number.
        """
        plain = self.weight is None and self.reduction == "mean" and not self.label_smoothing
        if plain and self.ignore_index < 0:
            try:
                return softmax_cross_entropy(scores, labels) if fusing() else _in_steps(scores, labels)
            except GradientError:  # probabilities that are tracked
                pass
            except ShapeError:
                ignored = np.ndim(labels) == 1 and np.any(np.asarray(raw(labels)) == self.ignore_index)
                if np.ndim(scores) == 2 and not ignored:
                    raise
        if np.shape(labels) == np.shape(scores) and not isinstance(labels, Node):
            labels = np.asarray(labels, dtype=dtype_of(scores))  # one-hot rows may be whole numbers
        settings = (self.weight, self.ignore_index, self.reduction, self.label_smoothing)
        return autograd.cross_entropy(scores, labels, *settings)

    def check(self, labels: Any, shape: tuple[int, ...]) -> None:
        """Refuse labels, of all rows, that do not fit scores of this shape."""
        check_classes(labels, shape, self.ignore_index, shares=True)

    def divisor(self, labels: Any) -> float:
        """What the mean over these labels, whole numbers, is divided by."""
        return weight_of(labels, self.weight, self.ignore_index)


def _in_steps(scores: Any, labels: Any) -> Any:
    labels = check_labels(labels, np.shape(scores))
    chosen = autograd.log_softmax(scores)
    if labels.ndim == 1:
        return -(chosen[np.arange(len(labels)), labels].mean())
    return -((chosen * labels).sum() / len(labels))


class NLLLoss(Loss):
    """The mean of -logp[label], for logp (n, classes) that log_softmax gave: with it, the cross-entropy.

    weight, ignore_index: as CrossEntropyLoss's, also where all weights are 0.

    >>> float(NLLLoss()(np.log([[0.5, 0.5], [0.2, 0.8]]), np.array([0, 1])).round(4))
    0.4581
    """

    weight: Any

    def __init__(
        self, weight: Any = None, *given: Any, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(*given, reduction=reduction)
        self.register_buffer("weight", class_weights(weight))
        self.ignore_index = whole("ignore_index", ignore_index, None)

    def forward(self, logp: Any, labels: Any) -> Any:  # type: ignore[override]
        """logp (n, classes) and labels (n,), or (n, classes, ...) and (n, ...), to a number."""
        return autograd.nll_loss(logp, labels, self.weight, self.ignore_index, self.reduction)

    def check(self, labels: Any, shape: tuple[int, ...]) -> None:
        """Refuse labels, of all rows, that do not fit logp of this shape."""
        check_classes(labels, shape, self.ignore_index)

    def divisor(self, labels: Any) -> float:
        """What the mean over these labels is divided by."""
        return weight_of(labels, self.weight, self.ignore_index)


class MultiMarginLoss(Loss):
    """The hinge loss of a classifier, divided by the number of classes, as PyTorch has it.

    For each row, the sum over the wrong classes j of max(0, s_j - s_label + margin)**p, times weight[label], over the
    number of classes. p is 1 or 2. The sum alone, as the courses write it, is HingeLoss.

    >>> float(MultiMarginLoss()(np.array([[3.2, 5.1, -1.7]]), np.array([0])).round(4))
    0.9667
    """

    weight: Any
    divide = True

    def __init__(
        self, p: int = 1, margin: float = 1.0, weight: Any = None, *given: Any, reduction: str = "mean"
    ) -> None:
        if np.ndim(p):  # the scores
            given = (p, margin)
        super().__init__(*given, reduction=reduction)
        if p not in (1, 2):
            raise ValueError(f"{type(self).__name__}: p={p!r} is not 1 or 2.")
        self.p, self.margin = whole("p", p), number("margin", margin)
        self.register_buffer("weight", class_weights(weight))

    def forward(self, scores: Any, labels: Any) -> Any:  # type: ignore[override]
        """scores (n, classes) and labels (n,), or (classes,) and a number, to a number."""
        settings = (self.p, self.margin, self.weight, self.reduction)
        return autograd.multi_margin_loss(scores, labels, *settings, divide=self.divide)

    def check(self, labels: Any, shape: tuple[int, ...]) -> None:
        """Refuse labels, of all rows, that do not fit scores of this shape."""
        check_classes(labels, shape)


class HingeLoss(MultiMarginLoss):
    """The loss of a multi-class support vector machine: the mean over rows of the sum over the wrong classes j of
    max(0, s_j - s_label + margin). With weight decay or `nn.l2_penalty` it is the SVM's objective.

    A row costs nothing once its class leads by the margin (Weston and Watkins 1999).

    >>> float(HingeLoss()(np.array([[3.2, 5.1, -1.7]]), np.array([0])).round(4))
    2.9
    """

    divide = False


# --- yes or no


class BCELoss(Loss):
    """The mean of -(t log p + (1 - t) log(1 - p)): probabilities p against targets t from 0 to 1, of one shape.

    A logarithm counts at least -100. From scores use BCEWithLogitsLoss, which loses no digits. weight: of each element.

    >>> round(float(BCELoss()(np.array([0.9, 0.2]), np.array([1.0, 0.0]))), 4)
    0.1643
    """

    weight: Any

    def __init__(self, weight: Any = None, *given: Any, reduction: str = "mean") -> None:
        super().__init__(*given, reduction=reduction)
        self.register_buffer("weight", weight_array("weight", weight))

    def forward(self, p: Any, target: Any) -> Any:  # type: ignore[override]
        """p (...) and target, of one shape, such as (n, 1), to a number."""
        if self.weight is not None:
            check_broadcast(self, "weight", self.weight, p)
        target = as_dtype_of(p, target)
        check_probability(self, target)
        return autograd.binary_cross_entropy(p, target, as_dtype_of(p, self.weight), self.reduction)

    def check(self, target: Any, shape: tuple[int, ...]) -> None:
        """Refuse targets, of all rows, that do not fit outputs of this shape."""
        check_shape(target, shape)
        check_probability(self, target)


class BCEWithLogitsLoss(Loss):
    """BCELoss of sigmoid(score), from the scores themselves: stable for scores of +-1000.

    weight: of each element; pos_weight: of the part of the target, 3.0 to count a yes three times. Both broadcast.

    >>> round(float(BCEWithLogitsLoss()(np.array([1000.0, 0.0]), np.array([1.0, 1.0]))), 4)
    0.3466
    """

    weight: Any
    pos_weight: Any

    def __init__(
        self, weight: Any = None, *given: Any, reduction: str = "mean", pos_weight: Any = None
    ) -> None:
        super().__init__(*given, reduction=reduction)
        self.register_buffer("weight", weight_array("weight", weight))
        self.register_buffer("pos_weight", weight_array("pos_weight", pos_weight))

    def forward(self, scores: Any, target: Any) -> Any:  # type: ignore[override]
        """scores (...) and target, of one shape, such as (n, 1), to a number."""
        weights = {"weight": self.weight, "pos_weight": self.pos_weight}
        for name, given in weights.items():
            if given is not None:
                check_broadcast(self, name, given, scores)
        target = as_dtype_of(scores, target)
        check_probability(self, target)
        weights = {name: as_dtype_of(scores, given) for name, given in weights.items()}
        return autograd.binary_cross_entropy_with_logits(scores, target, reduction=self.reduction, **weights)

    def check(self, target: Any, shape: tuple[int, ...]) -> None:
        """Refuse targets, of all rows, that do not fit outputs of this shape."""
        check_shape(target, shape)
        check_probability(self, target)
