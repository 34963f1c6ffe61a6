"""Gradients kept within bounds, between backward() and step(). Names and numbers are those of torch.nn.utils."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

import autograd
from autograd.errors import GradientError
from autograd.graph import Node, raw
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
    arrays, nodes = _gradients(parameters, "clip_grad_norm_")
    total = norm_of([*arrays, *(raw(p.grad) for p in nodes)], norm_type)
    if error_if_nonfinite and not math.isfinite(total):
        raise GradientError(
            f"clip_grad_norm_: the norm of the gradients is {total}. Something overflowed, or there was nan: "
            "autograd.detect_anomaly() finds the op."
        )
    factor = max_norm / (total + 1e-6)
    if not factor >= 1:  # also nan
        for a in arrays:
            np.multiply(a, factor, out=a)
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
    arrays, nodes = _gradients(parameters, "clip_grad_value_")
    for a in arrays:
        np.clip(a, -clip_value, clip_value, out=a)
    for p in nodes:
        p.grad = autograd.clip(p.grad, -clip_value, clip_value)


def _gradients(parameters: Any, name: str) -> tuple[list[Any], list[Tensor]]:
    """The gradients as arrays, one for each parameter; and the parameters whose gradients have a history.

    Not as the one array in which an optimiser keeps them: a norm of it differs in the last bit from that of its parts,
    and a gradient that somebody holds lies elsewhere. A training must not depend on that.
    """
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    if isinstance(parameters, Module) or not isinstance(parameters, Iterable):
        raise TypeError(
            f"{name} needs parameters, not {type(parameters).__name__}. Write {name}(model.parameters(), ...)."
        )
    unique = list({id(p): p for p in parameters}.values())
    if not unique:
        raise ValueError(f"{name} got no parameters. Pass model.parameters(); a generator can be used once.")
    arrays, nodes = [], []
    for p in unique:
        if not isinstance(p, Tensor):
            raise TypeError(f"{name} needs Parameters, not {type(p).__name__}. Write model.parameters().")
        if isinstance(p._grad, Node):
            nodes.append(p)
        elif p._grad is not None:
            arrays.append(p._grad)
    return arrays, nodes


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
