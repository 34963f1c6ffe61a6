"""Gradients kept within bounds, between backward() and step(). Names and numbers are those of torch.nn.utils."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

import autograd
from autograd.errors import GradientError
from autograd.graph import Node, raw
from autograd.intake import laid_as
from autograd.tensor import Tensor

from ..core.module import Module
from ..core.numbers import number


def clip_grad_norm_(
    parameters: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> float:
    """Scale all gradients so that their norm, as one long vector, is at most max_norm; returns the norm they had.

    The direction stays. Call it between backward() and step(). The factor is max_norm / (norm + 1e-6), as PyTorch's.
    parameters: a list such as model.parameters(), or one; those without a gradient are left out. norm_type: 2, another
    power, or math.inf for the largest element. With error_if_nonfinite, a norm that is inf or nan is an error, and
    changes nothing; without, it makes the gradients nan.

    >>> from nn import Parameter
    >>> w = Parameter([0.0, 0.0])
    >>> (w * np.array([3.0, 4.0])).sum().backward()
    >>> clip_grad_norm_([w], max_norm=1.0)
    5.0
    >>> w.grad.round(4)
    array([0.6, 0.8])
    """
    max_norm = number("clip_grad_norm_: max_norm", max_norm, least=0, finite=False)
    norm_type = number("clip_grad_norm_: norm_type", norm_type, above=0, finite=False)
    known, nodes = _with_gradients(parameters, "clip_grad_norm_")
    total = norm_of_gradients([*known, *nodes], norm_type)
    if error_if_nonfinite and not math.isfinite(total):
        raise GradientError(
            f"clip_grad_norm_: the norm of the gradients is {total}. Something overflowed, or there was nan: "
            "autograd.detect_anomaly() finds the op."
        )
    factor = max_norm / (total + 1e-6)
    if not factor >= 1:  # also nan
        for p in known:
            np.multiply(p._grad, factor, out=p._grad)
        for p in nodes:
            p.grad = p.grad * factor
    return total


def clip_grad_value_(parameters: Any, clip_value: float) -> None:
    """Bring every element of every gradient between -clip_value and clip_value.

    >>> from nn import Parameter
    >>> w = Parameter([0.0, 0.0])
    >>> (w * np.array([3.0, -0.5])).sum().backward()
    >>> clip_grad_value_([w], 1.0)
    >>> w.grad
    array([ 1. , -0.5])
    """
    clip_value = number("clip_grad_value_: clip_value", clip_value, least=0, finite=False)
    known, nodes = _with_gradients(parameters, "clip_grad_value_")
    for p in known:
        np.clip(p._grad, -clip_value, clip_value, out=p._grad)
    for p in nodes:
        p.grad = autograd.clip(p.grad, -clip_value, clip_value)


def _with_gradients(parameters: Any, name: str) -> tuple[list[Tensor], list[Tensor]]:
    """The parameters whose gradients are arrays, and those whose gradients have a history."""
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    if isinstance(parameters, Module) or not isinstance(parameters, Iterable):
        raise TypeError(
            f"{name} needs parameters, not {type(parameters).__name__}. Write {name}(model.parameters(), ...)."
        )
    unique = list({id(p): p for p in parameters}.values())
    if not unique:
        raise ValueError(f"{name} got no parameters. Pass model.parameters(); a generator can be used once.")
    known: list[Tensor] = []
    nodes: list[Tensor] = []
    for p in unique:
        if not isinstance(p, Tensor):
            raise TypeError(f"{name} needs Parameters, not {type(p).__name__}. Write model.parameters().")
        if p._grad is not None:
            (nodes if isinstance(p._grad, Node) else known).append(p)
    return known, nodes


def norm_of_gradients(parameters: Iterable[Tensor], power: float = 2.0) -> float:
    """The norm of the gradients of all these parameters, each of which has one, as one long vector.

    The numbers are added up in the order in which those of the parameter lie in memory. A gradient may lie otherwise,
    or outside of the array in which an optimiser keeps them, because somebody holds the one before: an order of its own
    would give another sum, in the last bit, and so another training.
    """
    return norm_of([laid_as(raw(p._grad), p._order()) for p in parameters], power)


def norm_of(arrays: list[Any], power: float = 2.0) -> float:
    """The norm of all arrays as one long vector.

    >>> round(norm_of([np.array([1e25, 0.0], np.float32), np.array([1e25], np.float32)]) / 1e25, 6)
    1.414214
    """
    if power == 2:
        square = 0.0
        with np.errstate(all="ignore"):
            for x in arrays:
                flat = x.ravel(order="K")  # as it lies in memory, without a copy
                square += float(flat.dot(flat))
        if 1e-30 < square < math.inf:
            return math.sqrt(square)
    return float(_norm(np.array([_norm(x, power) for x in arrays]), power))


def _norm(x: Any, power: float) -> Any:
    """(sum |x|**power) ** (1 / power), also where a power would overflow or vanish."""
    if not x.size:
        return 0.0
    peak = float(np.max(np.abs(x)))
    if power == math.inf or peak == 0 or not math.isfinite(peak):
        return peak
    return peak * float(np.sum((np.abs(x) / peak) ** power)) ** (1 / power)
