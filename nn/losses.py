"""Losses: one number that says how wrong the outputs are."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError
from autograd.ops.softmax import check_labels, softmax_cross_entropy

from .fuse import fusing
from .module import Module


class Loss(Module):
    """Base of the losses: made without arguments, then called with outputs and what they should be."""

    def __init__(self, *given: Any, **settings: Any) -> None:
        name = type(self).__name__
        if settings:
            raise TypeError(f"{name} has no settings yet; it got {', '.join(settings)}. Write nn.{name}().")
        if given:
            raise TypeError(f"{name} is made first and called then. Write nn.{name}()(pred, y).")
        super().__init__()


class CrossEntropyLoss(Loss):
    """The mean of -log softmax(scores)[label]: scores (n, classes), labels (n,) of whole numbers, or probabilities.

    >>> round(float(CrossEntropyLoss()(np.zeros((2, 10)), np.array([3, 7]))), 4)
    2.3026
    """

    def forward(self, scores: Any, labels: Any) -> Any:  # type: ignore[override]
        """The loss of one batch."""
        if fusing():
            return softmax_cross_entropy(scores, labels)
        labels = check_labels(labels, np.shape(scores))
        chosen = autograd.log_softmax(scores)
        if labels.ndim == 1:
            return -(chosen[np.arange(len(labels)), labels].mean())
        return -((chosen * labels).sum() / len(labels))


class MSELoss(Loss):
    """The mean of (prediction - target)**2 over all elements; the shapes must be equal.

    >>> float(MSELoss()(np.array([1.0, 2.0]), np.array([0.0, 0.0])))
    2.5
    """

    def forward(self, prediction: Any, target: Any) -> Any:  # type: ignore[override]
        """The loss of one batch."""
        if np.shape(prediction) != np.shape(target):
            raise ShapeError(
                f"MSELoss: prediction of shape {np.shape(prediction)} and target of shape {np.shape(target)}. "
                "They must be equal: broadcasting here would compare every pair."
            )
        return autograd.mean(autograd.square(prediction - target))
