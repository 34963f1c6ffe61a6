"""Arrays made one, by the names that NumPy has beside concatenate and stack: each is a concatenate in the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..primitive import numpy_functions
from .axes import atleast_1d, atleast_2d, atleast_3d
from .shape import concatenate, reshape

__all__ = ["append", "block", "column_stack", "dstack", "hstack", "vstack"]


def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """`arr`, then `values`, along an axis; with axis=None both are raveled first.

    >>> append([1.0, 2.0], [3.0])
    array([1., 2., 3.])
    """
    return concatenate([arr, values], axis=axis)


def vstack(tup: Sequence[Any]) -> Any:
    """Arrays below each other, along the first axis; one of shape (n,) counts as a row (1, n).

    >>> vstack([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 2.],
           [3., 4.]])
    """
    return concatenate([atleast_2d(x) for x in tup])


def hstack(tup: Sequence[Any]) -> Any:
    """Arrays beside each other: along the second axis, or the first if they have one only.

    >>> hstack([[1.0, 2.0], [3.0]])
    array([1., 2., 3.])
    """
    arrays = [atleast_1d(x) for x in tup]
    return concatenate(arrays, axis=0 if arrays and np.ndim(arrays[0]) == 1 else 1)


def dstack(tup: Sequence[Any]) -> Any:
    """Arrays behind each other, along the third axis; (n,) counts as (1, n, 1) and (n, m) as (n, m, 1).

    >>> dstack([[1.0, 2.0], [3.0, 4.0]]).shape
    (1, 2, 2)
    """
    return concatenate([atleast_3d(x) for x in tup], axis=2)


def column_stack(tup: Sequence[Any]) -> Any:
    """Columns of a matrix: each of shape (n,) becomes one, and matrices (n, m) give m.

    >>> column_stack([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 3.],
           [2., 4.]])
    """
    return concatenate([reshape(x, shape=(-1, 1)) if np.ndim(x) < 2 else x for x in tup], axis=1)


def block(arrays: Any) -> Any:
    """A matrix of blocks: the innermost lists are joined along the last axis, those around them along the one before.

    >>> block([[np.ones((1, 1)), np.zeros((1, 2))], [np.ones((2, 3))]]).shape
    (3, 3)
    """
    depth, first = 0, arrays
    while isinstance(first, list):
        if not first:
            raise ValueError("block of an empty list: every list must hold at least one array. Leave it out.")
        depth, first = depth + 1, first[0]
    flat, waiting = [], [arrays]
    while waiting:
        x = waiting.pop()
        waiting += x if isinstance(x, list) else []
        flat += [] if isinstance(x, list) else [x]
    rank = max(depth, *map(np.ndim, flat))
    return _blocks(arrays, depth, rank)


def _blocks(arrays: Any, depth: int, rank: int) -> Any:
    if isinstance(arrays, list) == (depth == 0):
        raise ValueError("block of lists of different depth: [[a, b], [c, d]], and not [[a, b], c].")
    if depth == 0:
        shape = (1,) * (rank - np.ndim(arrays)) + np.shape(arrays)
        return arrays if np.ndim(arrays) == rank else reshape(arrays, shape=shape)
    return concatenate([_blocks(x, depth - 1, rank) for x in arrays], axis=-depth)


numpy_functions[np.append] = append
numpy_functions[np.vstack] = vstack
numpy_functions[np.hstack] = hstack
numpy_functions[np.dstack] = dstack
numpy_functions[np.column_stack] = column_stack
numpy_functions[np.block] = block
