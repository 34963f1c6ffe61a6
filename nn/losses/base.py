"""The base of the losses, and a look at what they are given."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import DomainError, GradientError, ShapeError
from autograd.graph import Node, raw

from ..core.hooks import hooked
from ..core.misuse import refuse_text
from ..core.module import Module


class Loss(Module):
    """Base of the losses: made with its settings, then called with outputs and what they should be.

    `given` is there to say so to who writes nn.MSELoss(pred, y).

    >>> import autograd, nn
    >>> class LogCosh(Loss):
    ...     def forward(self, prediction, target):
    ...         return autograd.log(autograd.cosh(prediction - target)).mean()
    >>> float(LogCosh()(np.array([1.0]), np.array([0.0])).round(4))
    0.4338
    """

    reductions: tuple[str, ...] = ("mean", "sum", "none")

    def __init__(self, *given: Any, reduction: Any = "mean") -> None:
        name = type(self).__name__
        if reduction is None:
            *some, last = map(repr, self.reductions)
            raise TypeError(
                f"{name}(reduction=None): it is {', '.join(some)} or {last}. For a number for each row or element "
                f'write nn.{name}(reduction="none").'
            )
        if given or not isinstance(reduction, str):
            raise TypeError(
                f"{name} is made first and called then; its settings go by keyword. Write nn.{name}()(pred, y)."
            )
        if reduction not in self.reductions:
            *some, last = map(repr, self.reductions)
            raise ValueError(f"{name}: reduction={reduction!r} is not {', '.join(some)} or {last}.")
        super().__init__()
        self.reduction = reduction

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """forward(), whose errors say what of the arguments is no number, or is a column of labels."""
        try:  # the lines of Module's: a call of super() takes longer
            if self._hooks is not None:
                return hooked(self, self._hooks, args, kwargs)
            return self.forward(*args, **kwargs)
        except (TypeError, ValueError) as error:
            refuse_text(self, args, ("outputs", "targets", "further numbers"))
            if isinstance(error, ShapeError):
                refuse_column(self, args)
            raise


def refuse_column(loss: Any, given: Any) -> None:
    """Say so where labels are a column (n, 1) in place of (n,)."""
    shapes = [np.shape(x) for x in given[:2]]
    if len(shapes) == 2 and len(shapes[0]) == 2 and shapes[0][1] != 1 and shapes[1] == (shapes[0][0], 1):
        raise ShapeError(
            f"{type(loss).__name__}: labels of shape {shapes[1]}, a column, for scores of shape {shapes[0]}: there is "
            f"one label a row, {shapes[1][:1]}. Write labels.ravel(), or labels[:, 0]; they are whole numbers."
        ) from None


def weight_array(name: str, given: Any) -> Any:
    """Weights in a loss as an array of their own, of floating-point numbers; None stays None.

    >>> weight_array("weight", [1, 2])
    array([1., 2.])
    """
    if given is None:
        return None
    if getattr(given, "requires_grad", False):
        raise GradientError(f"{name}: the weights in a loss are not trained. Use {name}.detach().")
    given = raw(given) if isinstance(given, Node) else given
    weight = given.copy() if hasattr(given, "__array_function__") else np.array(given)
    if weight.dtype.kind not in "fiub":
        raise TypeError(f"{name} of dtype {weight.dtype}: give numbers.")
    return weight if weight.dtype.kind == "f" else weight.astype(float)


def class_weights(given: Any) -> Any:
    """Weights of classes as an array of their own, checked; None stays None."""
    if given is None:
        return None
    if np.ndim(given) != 1:
        raise ShapeError(
            f"weight of shape {np.shape(given)}: it is one number for each class. Outputs and labels go into the call: "
            "nn.CrossEntropyLoss()(scores, labels)."
        )
    weight = weight_array("weight", given)
    if not np.all(weight >= 0):
        raise ValueError("weight: the weight of a class is a number >= 0.")
    return weight


def dtype_of(outputs: Any) -> Any:
    """The floating-point dtype of the outputs."""
    outputs = raw(outputs)
    dtype = outputs.dtype if hasattr(outputs, "dtype") else np.asarray(outputs).dtype
    return dtype if dtype.kind == "f" else np.dtype(float)


def as_dtype_of(outputs: Any, given: Any) -> Any:
    """Plain numbers in the dtype of the outputs: a float64 target would make the loss of a float32 network float64."""
    if isinstance(given, Node) or given is None:
        return given
    given = given if hasattr(given, "dtype") else np.asarray(given)
    dtype = dtype_of(outputs)
    return given if given.dtype == dtype or given.dtype.kind not in "fiub" else given.astype(dtype)


def check_probability(loss: Loss, target: Any) -> None:
    """Refuse targets that are not from 0 to 1."""
    numbers = raw(target)
    if not np.all((numbers >= 0) & (numbers <= 1)):
        raise DomainError(
            f"{type(loss).__name__}: a target outside of 0 .. 1, or nan. It is 1 for yes and 0 for no, or a share "
            "between; labels of -1 and 1 become (labels + 1) / 2, and more than two classes need nn.CrossEntropyLoss."
        )


def check_broadcast(loss: Loss, what: str, given: Any, outputs: Any) -> None:
    """Refuse a weight that does not broadcast to the shape of the outputs, or beyond it."""
    shape, own = np.shape(outputs), np.shape(given)
    if len(own) > len(shape) or any(a not in (1, b) for a, b in zip(own[::-1], shape[::-1])):
        raise ShapeError(
            f"{type(loss).__name__}: {what} of shape {own} does not broadcast to the outputs' shape {shape}."
        )
