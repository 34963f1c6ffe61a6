"""One array made several: each piece is a slice.

The gradient of a slice is a whole array, zeros around it. Of n pieces of one tensor that would be n whole arrays, a
quadratic cost, so many pieces are cut out of halves, these out of halves of halves, and so on: log(n) whole arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..graph import Node
from ..primitive import numpy_functions
from .shape import as_array
from .take import on_axis

__all__ = ["array_split", "dsplit", "hsplit", "split", "unbind", "unstack", "vsplit"]


def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Pieces along an axis: so many, the first ones longer by one where it does not divide; or cut at given places.

    >>> [piece.shape for piece in array_split(np.ones(5), 2)]
    [(3,), (2,)]
    """
    ary = as_array(ary)
    n = _length(ary, axis)
    if np.ndim(indices_or_sections):
        cuts = [0, *(int(i) for i in indices_or_sections), n]
        return [on_axis(ary, slice(a, b), axis) for a, b in pairwise(cuts)]
    parts = int(indices_or_sections)
    if parts <= 0:
        raise ShapeError(f"array_split into {parts} parts: at least one is needed.")
    return list(_pieces(ary, [i * (n // parts) + min(i, n % parts) for i in range(parts + 1)], axis, slice))


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Pieces along an axis: so many equal ones, or cut at given places.

    >>> split(np.arange(4.0), 2)
    [array([0., 1.]), array([2., 3.])]
    >>> split(np.arange(4.0), [1])
    [array([0.]), array([1., 2., 3.])]
    """
    if not np.ndim(indices_or_sections):
        n, parts = _length(ary, axis), int(indices_or_sections)
        if parts <= 0 or n % parts:
            raise ShapeError(
                f"split of shape {np.shape(ary)} into {parts} equal parts: axis {axis} has length {n}. "
                "array_split makes parts of unequal length."
            )
    return array_split(ary, indices_or_sections, axis)


def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """`split` along the second axis, or the first if there is one only: the way back of hstack.

    >>> [piece.shape for piece in hsplit(np.ones((2, 4)), 2)]
    [(2, 2), (2, 2)]
    """
    return split(_with_axes(ary, 1, "hsplit"), indices_or_sections, axis=0 if np.ndim(ary) == 1 else 1)


def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """`split` along the first of at least two axes: the way back of vstack.

    >>> [piece.shape for piece in vsplit(np.ones((2, 4)), 2)]
    [(1, 4), (1, 4)]
    """
    return split(_with_axes(ary, 2, "vsplit"), indices_or_sections, axis=0)


def dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """`split` along the third axis: the way back of dstack.

    >>> [piece.shape for piece in dsplit(np.ones((2, 2, 4)), 2)]
    [(2, 2, 2), (2, 2, 2)]
    """
    return split(_with_axes(ary, 3, "dsplit"), indices_or_sections, axis=2)


def unstack(x: Any, axis: int = 0) -> tuple[Any, ...]:
    """The slices along an axis, without it: the way back of stack.

    >>> unstack(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=1)
    (array([1., 3.]), array([2., 4.]))
    """
    x = as_array(x)
    return tuple(_pieces(x, range(_length(x, axis) + 1), axis, lambda a, b: a))


unbind = unstack  # PyTorch's name


_FEW, _SMALL = 8, 4096  # pieces, and numbers: a half costs two nodes more, and saves nothing then


def _pieces(x: Any, cuts: Sequence[int], axis: int, part: Callable[[int, int], Any]) -> Iterator[Any]:
    """The parts of x from each place in `cuts` to the next, by halves; `part(a, b)` is the index of one."""
    waiting = [(x, cuts)]
    while waiting:
        whole, cuts = waiting.pop()
        n = len(cuts) - 1
        if n <= _FEW or not isinstance(x, Node) or math.prod(np.shape(whole)) <= _SMALL:
            for a, b in pairwise(cuts):
                yield on_axis(whole, part(a - cuts[0], b - cuts[0]), axis)
        else:
            halves = cuts[n // 2 :], cuts[: n // 2 + 1]
            waiting += [(on_axis(whole, slice(h[0] - cuts[0], h[-1] - cuts[0]), axis), h) for h in halves]


def _length(x: Any, axis: int) -> int:
    rank = np.ndim(x)
    if not -rank <= axis < rank:
        raise ShapeError(f"axis {axis} of an array of shape {np.shape(x)}, which has {rank} axes.")
    return int(np.shape(x)[axis])


def _with_axes(x: Any, rank: int, name: str) -> Any:
    if np.ndim(x) < rank:
        raise ShapeError(f"{name} of shape {np.shape(x)}: it needs an array of at least {rank} axes.")
    return x


numpy_functions[np.array_split] = array_split
numpy_functions[np.split] = split
numpy_functions[np.hsplit] = hsplit
numpy_functions[np.vsplit] = vsplit
numpy_functions[np.dsplit] = dsplit
if hasattr(np, "unstack"):  # since NumPy 2.1
    numpy_functions[np.unstack] = unstack
