"""The base of the losses, and a look at what they are given."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import DomainError, ShapeError
from autograd.graph import Node, raw

from .module import Module


class Loss(Module):
    """Base of the losses: made with its settings, then called with outputs and what they should be."""

    reductions: tuple[str, ...] = ("mean", "sum", "none")

    def __init__(self, given: tuple[Any, ...] = (), reduction: Any = "mean") -> None:
        name = type(self).__name__
        if given or not isinstance(reduction, str):
            raise TypeError(
                f"{name} is made first and called then; its settings go by keyword. Write nn.{name}()(pred, y)."
            )
        if reduction not in self.reductions:
            *some, last = map(repr, self.reductions)
            raise ValueError(f"{name}: reduction={reduction!r} is not {', '.join(some)} or {last}.")
        super().__init__()
        self.reduction = reduction


def class_weights(weight: Any) -> Any:
    """Weights of classes as an array of their own, checked; None stays None."""
    if weight is None or isinstance(weight, Node):
        return weight
    weight = np.array(weight)
    if weight.ndim != 1 or weight.dtype.kind not in "fiu":
        raise ShapeError(
            f"weight of shape {weight.shape} and dtype {weight.dtype}: it is one number for each class. Outputs and "
            "labels go into the call: nn.CrossEntropyLoss()(scores, labels)."
        )
    if not np.all(weight >= 0):
        raise ValueError("weight: the weight of a class is a number >= 0.")
    return weight


def dtype_of(outputs: Any) -> Any:
    """The floating-point dtype of the outputs."""
    outputs = raw(outputs)
    dtype = outputs.dtype if hasattr(outputs, "dtype") else np.asarray(outputs).dtype
    return dtype if dtype.kind == "f" else np.dtype(float)


def like(given: Any, outputs: Any) -> Any:
    """Plain numbers in the dtype of the outputs: a float64 target would make the loss of a float32 network float64."""
    if isinstance(given, Node) or given is None:
        return given
    given = given if hasattr(given, "dtype") else np.asarray(given)
    dtype = dtype_of(outputs)
    return given if given.dtype == dtype or given.dtype.kind not in "fiub" else given.astype(dtype)


def share(loss: Loss, target: Any, outputs: Any) -> Any:
    """A target from 0 to 1."""
    target = like(target, outputs)
    numbers = raw(target)
    if not np.all((numbers >= 0) & (numbers <= 1)):
        raise DomainError(
            f"{type(loss).__name__}: a target outside of 0 .. 1, or nan. It is 1 for yes and 0 for no, or a share "
            "between; labels of -1 and 1 become (labels + 1) / 2, and more than two classes need nn.CrossEntropyLoss."
        )
    return target


def spread(loss: Loss, what: str, given: Any, outputs: Any) -> Any:
    """A weight that broadcasts to the shape of the outputs, and no further."""
    if given is None:
        return None
    given = like(given, outputs)
    shape, own = np.shape(outputs), np.shape(given)
    if len(own) > len(shape) or any(a not in (1, b) for a, b in zip(own[::-1], shape[::-1])):
        raise ShapeError(
            f"{type(loss).__name__}: {what} of shape {own} does not broadcast to the outputs' shape {shape}."
        )
    return given
