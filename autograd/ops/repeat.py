"""Elements written several times, and elements in another place: repeat, tile, flip, roll.

What was repeated gets the sum of what its copies get.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..primitive import Primitive, numpy_functions, primitive
from .index import scatter
from .reduce import sum as _sum
from .shape import as_array, foreign, reshape, transpose

__all__ = ["flip", "fliplr", "flipud", "repeat", "roll", "rot90", "tile"]


def _repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    if foreign(x):
        x, axis = (np.reshape(x, (-1,)), 0) if axis is None else (x, axis)  # Dask wants an axis
        if np.ndim(repeats):  # CuPy takes lists, Dask one number
            rows = np.repeat(np.arange(np.shape(x)[axis]), repeats)
            return x[(slice(None),) * (axis % np.ndim(x)) + (rows,)]
    return np.repeat(x, repeats, axis)


def _repeat_vjp(g: Any, y: Any, x: Any, repeats: Any, axis: int | None = None) -> Any:
    shape = (math.prod(np.shape(x)),) if axis is None else np.shape(x) or (1,)
    at = 0 if axis is None else axis % len(shape)
    before, n, after = shape[:at], shape[at], shape[at + 1 :]
    if np.size(repeats) == 1:  # each element's copies are neighbours: an axis of their own
        times = int(np.reshape(repeats, ()))
        if times == 1:
            return reshape(g, np.shape(x))
        copies = (n, times) if n != 1 else (times,)
        total = _sum(reshape(g, (*before, *copies, *after)), axis=at + len(copies) - 1)
    else:
        total = scatter(g, (slice(None),) * at + (np.repeat(np.arange(n), repeats),), shape)
    return reshape(total, np.shape(x))


def _tile(x: Any, reps: Any) -> Any:
    return np.tile(x, reps)


def _tile_vjp(g: Any, y: Any, x: Any, reps: Any) -> Any:
    times = tuple(int(r) for r in np.atleast_1d(reps))
    rank = max(len(times), np.ndim(x))
    times = (1,) * (rank - len(times)) + times
    shape = (1,) * (rank - np.ndim(x)) + np.shape(x)
    apart: list[int] = []  # the shape of g with an axis for the copies before each axis of x
    copies = []
    for n, r in zip(shape, times):
        if r != 1:
            copies.append(len(apart))
            apart.append(r)
        if n != 1:
            apart.append(n)
    g = reshape(g, tuple(apart))
    return reshape(_sum(g, axis=tuple(copies)) if copies else g, np.shape(x))


def _flip(x: Any, axis: Any = None) -> Any:
    return np.flip(x, axis)


def _roll(x: Any, shift: Any, axis: Any = None) -> Any:
    if foreign(x) and isinstance(axis, (tuple, list)):  # Dask wants a shift for each axis
        shift = tuple(np.broadcast_to(shift, len(axis)).tolist())
    return np.roll(x, shift, axis)


def _back(shift: Any) -> Any:
    return tuple(-s for s in shift) if isinstance(shift, (tuple, list)) else -shift


repeat: Primitive = primitive(
    "repeat",
    _repeat,
    _repeat_vjp,
    numpy=np.repeat,
    samples=(
        (((2, 3),), {"repeats": 2}),
        (((2, 3),), {"repeats": 3, "axis": -1}),
        (((2, 3),), {"repeats": (0, 3), "axis": 0}),
        (((3,),), {"repeats": np.array([2, 0, 1])}),
        (((),), {"repeats": 2}),
        (((0, 2),), {"repeats": 2, "axis": 1}),
        (((2,),), {"repeats": 0}),
    ),
)
repeat.__doc__ = """Each element `repeats` times (a number, or one for each), side by side; raveled with axis=None.

>>> repeat(np.array([1.0, 2.0]), (3, 1))
array([1., 1., 1., 2.])
"""
tile: Primitive = primitive(
    "tile",
    _tile,
    _tile_vjp,
    numpy=np.tile,
    samples=(
        (((3,),), {"reps": 2}),
        (((2, 3),), {"reps": (2, 1, 3)}),
        (((2, 1, 2),), {"reps": (3, 2)}),
        (((),), {"reps": (2, 2)}),
        (((0, 2),), {"reps": (1, 2)}),
        (((2,),), {"reps": ()}),
        (((2,),), {"reps": 0}),
    ),
)
tile.__doc__ = """The whole array `reps` times along each axis, as tiles on a floor.

>>> tile(np.array([1.0, 2.0]), (2, 2))
array([[1., 2., 1., 2.],
       [1., 2., 1., 2.]])
"""
flip: Primitive = primitive(
    "flip",
    _flip,
    lambda g, y, x, axis=None: flip(g, axis=axis),
    numpy=np.flip,
    samples=((((2, 3),), {}), (((2, 3),), {"axis": -1}), (((2, 3, 2),), {"axis": (0, -1)}), (((),), {})),
)
flip.__doc__ = """The elements along an axis (a number, several, or all of them) in reverse order.

>>> flip(np.array([1.0, 2.0, 3.0]))
array([3., 2., 1.])
"""
roll: Primitive = primitive(
    "roll",
    _roll,
    lambda g, y, x, shift, axis=None: roll(g, shift=_back(shift), axis=axis),
    numpy=np.roll,
    samples=(
        (((2, 3),), {"shift": 1}),
        (((2, 3),), {"shift": -4, "axis": 1}),
        (((2, 3),), {"shift": (1, 2), "axis": (0, -1)}),
        (((2, 3),), {"shift": 1, "axis": (0, 1)}),
        (((0, 2),), {"shift": 3, "axis": 0}),
    ),
)
roll.__doc__ = """The elements moved on by `shift` along an axis; what leaves at the end comes back at the start.

>>> roll(np.array([1.0, 2.0, 3.0]), 1)
array([3., 1., 2.])
"""


def fliplr(m: Any) -> Any:
    """The columns in reverse order (the second axis).

    >>> fliplr(np.array([[1.0, 2.0]]))
    array([[2., 1.]])
    """
    return flip(m, axis=1)


def flipud(m: Any) -> Any:
    """The rows in reverse order (the first axis).

    >>> flipud(np.array([1.0, 2.0]))
    array([2., 1.])
    """
    return flip(m, axis=0)


def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """Turned by k times 90 degrees in the plane of two axes, from the first towards the second.

    >>> rot90(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[2., 4.],
           [1., 3.]])
    """
    first, second = axes
    np.rot90(
        np.broadcast_to(0.0, np.shape(m)), k, axes
    )  # NumPy's checks of the axes, on an array without memory
    order = list(range(np.ndim(m)))
    order[first], order[second] = order[second], order[first]
    if k % 4 == 0:
        return as_array(m)
    if k % 4 == 2:
        return flip(m, axis=(first, second))
    return (
        transpose(flip(m, axis=second), axes=order)
        if k % 4 == 1
        else flip(transpose(m, axes=order), axis=second)
    )


numpy_functions[np.fliplr] = fliplr
numpy_functions[np.flipud] = flipud
numpy_functions[np.rot90] = rot90
