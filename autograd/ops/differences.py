"""Differences of neighbours, and the area under sampled points: each written with subtraction and sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DomainError, ShapeError
from ..graph import Node, raw
from ..primitive import numpy_functions
from .cumulative import along
from .reduce import sum as _sum
from .shape import broadcast_to, concatenate, reshape

__all__ = ["diff", "trapezoid"]


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """a[i+1] - a[i] along an axis, n times over; the axis gets shorter by n.

    `prepend` and `append` are put before and after `a` first; a number stands for one such slice.

    >>> diff(np.array([1.0, 4.0, 9.0, 16.0]), n=2)
    array([2., 2.])
    """
    if n < 0:
        raise DomainError(f"diff with n={n}: how often differences are taken cannot be negative.")
    a = a if isinstance(a, Node) or hasattr(a, "shape") else np.asarray(a)
    rank = np.ndim(a)
    if not rank:
        raise ShapeError(
            "diff of a single number: there is no neighbour to subtract. Give at least one axis."
        )
    if n == 0:  # NumPy puts nothing before or after it then either
        return a
    given = [_slice_of(x, a, axis) for x in (prepend, a, append) if x is not None and x is not np._NoValue]
    a = concatenate(given, axis=axis) if len(given) > 1 else a
    for _ in range(n):
        a = a[along(rank, axis, slice(1, None))] - a[along(rank, axis, slice(None, -1))]
    return a


def _slice_of(x: Any, a: Any, axis: int) -> Any:
    """What goes before or after a: an array as it is, a number as one slice of a's dtype."""
    if np.ndim(x):
        return x
    lengths = tuple(1 if i == axis % np.ndim(a) else n for i, n in enumerate(np.shape(a)))
    if isinstance(x, (Node, np.ndarray)):
        return broadcast_to(x, shape=lengths)
    x = x.item() if isinstance(x, np.generic) else x
    return np.full_like(raw(a), x, shape=lengths, dtype=np.result_type(a.dtype, x))


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """The area under straight lines through points of height y, at places x or at a distance dx.

    y, x and dx get gradients. x has the shape of y or only that of the axis.

    >>> float(trapezoid(np.array([1.0, 2.0, 3.0])))
    4.0
    """
    y = y if isinstance(y, Node) or hasattr(y, "shape") else np.asarray(y)
    rank = np.ndim(y)
    if x is not None:
        x = x if isinstance(x, Node) or hasattr(x, "shape") else np.asarray(x)
        if np.ndim(x) == 1:
            lengths = [1] * rank
            lengths[axis] = -1
            dx = reshape(diff(x), shape=tuple(lengths))
        else:
            dx = diff(x, axis=axis)
    heights = y[along(rank, axis, slice(1, None))] + y[along(rank, axis, slice(None, -1))]
    return _sum(dx * heights / 2, axis=axis)


numpy_functions[np.diff] = diff
numpy_functions[getattr(np, "trapezoid" if hasattr(np, "trapezoid") else "trapz")] = trapezoid  # NumPy 2, 1
