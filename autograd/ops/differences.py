"""Differences of neighbours, slopes of sampled values, the area under them: all written with subtraction and sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DomainError, ShapeError
from ..graph import Node, raw
from ..primitive import numpy_functions
from .cumulative import along
from .reduce import axes_of
from .reduce import sum as _sum
from .shape import astype, broadcast_to, concatenate, reshape

__all__ = ["diff", "gradient", "trapezoid"]


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


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """The slopes of sampled values, from the neighbours on both sides: numbers of numbers, and no derivative of code.

    `varargs` are the distances of samples (1 if not given): one number for all axes, or for each axis a number or the
    places along it, which need not be equally far apart; they get gradients too. At the ends the slope is that of one
    line (edge_order=1), or of a parabola (2). One array for one axis, else a tuple of one for each.

    >>> gradient(np.array([1.0, 4.0, 9.0, 16.0]))
    array([3., 4., 6., 7.])
    """
    f = f if isinstance(f, Node) or hasattr(f, "shape") else np.asarray(f)
    axes = axes_of(np.shape(f), axis)
    spacing = [v if isinstance(v, Node) or hasattr(v, "shape") else np.asarray(v)[()] for v in varargs] or [
        1.0
    ]
    if len(spacing) == 1 and not np.ndim(spacing[0]):
        spacing *= len(axes)
    if len(spacing) != len(axes):
        raise TypeError(
            f"gradient with {len(varargs)} distances for {len(axes)} axes: give one number for all, or one "
            "for each axis."
        )
    if edge_order not in (1, 2):
        raise ValueError(f"gradient with edge_order={edge_order!r}: it is 1 or 2.")
    slopes = tuple(_slopes(f, h, i, edge_order) for h, i in zip(spacing, axes))
    return slopes[0] if len(axes) == 1 else slopes


def _slopes(f: Any, h: Any, axis: int, edge_order: int) -> Any:
    rank, n = np.ndim(f), np.shape(f)[axis]
    if n <= edge_order:
        raise ShapeError(
            f"gradient of shape {np.shape(f)} along axis {axis}: with edge_order={edge_order} it needs "
            f"{edge_order + 1} numbers."
        )
    if np.ndim(h) > 1 or (np.ndim(h) and len(h) != n):
        raise ShapeError(f"gradient: places of shape {np.shape(h)} along an axis of {n} numbers.")
    if np.ndim(h):
        h = reshape(diff(h), shape=[-1 if i == axis else 1 for i in range(rank)])
    else:
        h = h.item() if isinstance(h, np.generic) else h

    def part(x: Any, *place: Any) -> Any:
        return x if not np.ndim(x) else x[along(rank, axis, slice(*place))]

    lines = (f[along(rank, axis, slice(1, None))] - f[along(rank, axis, slice(None, -1))]) / h
    # The parabola through three points has in its middle one the mean of the slopes of the two lines, each weighted
    # with the length of the other. A line has the slope that the parabola has at the line's middle.
    before, after = part(h, 0, -1), part(h, 1, None)
    share = 0.5 if not np.ndim(h) else after / (before + after)
    left, right = part(lines, 0, -1), part(lines, 1, None)
    inner = right + share * (left - right)
    first, last = part(lines, 0, 1), part(lines, -1, None)
    if edge_order == 2:
        first = 2 * first - part(inner, 0, 1)
        last = 2 * last - part(inner, -1, None)
    slopes = concatenate([first, inner, last], axis=axis)
    return slopes if f.dtype.kind != "f" or slopes.dtype == f.dtype else astype(slopes, dtype=f.dtype)


numpy_functions[np.diff] = diff
numpy_functions[np.gradient] = gradient
numpy_functions[getattr(np, "trapezoid" if hasattr(np, "trapezoid") else "trapz")] = trapezoid  # NumPy 2, 1
