"""Other names for a change of shape, each written with the operations of shape.py: ravel, moveaxis, atleast_2d, ...

An axis order is asked of NumPy itself: an empty array of shape (0, 1, 2, ...) is moved, and its shape is the order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..primitive import numpy_functions
from .shape import as_array, broadcast_to, expand_dims, reshape, swapaxes, transpose

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "flatten",
    "matrix_transpose",
    "meshgrid",
    "moveaxis",
    "permute",
    "ravel",
    "rollaxis",
    "unsqueeze",
]


def ravel(a: Any, order: str = "C") -> Any:
    """All elements in one axis, row by row; with order="F" column by column.

    >>> ravel(np.array([[1.0, 2.0], [3.0, 4.0]]), order="F")
    array([1., 3., 2., 4.])
    """
    if order not in ("C", "F"):
        raise ValueError(f"ravel with order={order!r} depends on the memory layout. Write order='C' or 'F'.")
    return reshape(transpose(a) if order == "F" else a, shape=(-1,))


def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The axes from `start_dim` to `end_dim`, both included, become one: PyTorch's flatten.

    >>> flatten(np.ones((2, 3, 4)), 1).shape
    (2, 12)
    """
    shape = np.shape(x) or (1,)
    rank = len(shape)
    first, last = (d + rank if d < 0 else d for d in (start_dim, end_dim))
    if not 0 <= first <= last < rank:
        raise ShapeError(
            f"flatten of shape {np.shape(x)} from axis {start_dim} to {end_dim}: the first must exist and not come "
            f"after the last. The axes are 0 to {rank - 1}."
        )
    n = 1
    for length in shape[first : last + 1]:
        n *= length
    return reshape(x, shape=(*shape[:first], n, *shape[last + 1 :]))


def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """The axes `source` go to the places `destination`; the others keep their order.

    >>> moveaxis(np.ones((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    return transpose(a, axes=np.moveaxis(_axes(a), source, destination).shape)


def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """The axis `axis` goes before the axis that is at `start` now. `moveaxis` says the same more clearly.

    >>> rollaxis(np.ones((2, 3, 4)), 2).shape
    (4, 2, 3)
    """
    return transpose(a, axes=np.rollaxis(_axes(a), axis, start).shape)


def permute(x: Any, axes: Any) -> Any:
    """PyTorch's name for `transpose` with an order of axes.

    >>> permute(np.ones((2, 3, 4)), (2, 0, 1)).shape
    (4, 2, 3)
    """
    return transpose(x, axes=axes)


def matrix_transpose(x: Any) -> Any:
    """The last two axes swapped: the transpose of each matrix of a stack.

    >>> matrix_transpose(np.ones((5, 2, 3))).shape
    (5, 3, 2)
    """
    if np.ndim(x) < 2:
        raise ShapeError(
            f"the matrix transpose of shape {np.shape(x)}: it needs two axes. x[:, None] makes a column of a vector."
        )
    return swapaxes(x, axis1=-1, axis2=-2)


def unsqueeze(x: Any, axis: int) -> Any:
    """PyTorch's name for `expand_dims`: a new axis of length 1.

    >>> unsqueeze(np.ones(3), 0).shape
    (1, 3)
    """
    return expand_dims(x, axis=axis)


def atleast_1d(*arrays: Any) -> Any:
    """A number becomes (1,). Several arrays give a tuple, as in NumPy 2.

    >>> atleast_1d(2.0)
    array([2.])
    """
    return _each(arrays, lambda x: _with_rank(x, ((1,),)))


def atleast_2d(*arrays: Any) -> Any:
    """A number becomes (1, 1) and a vector (n,) a row (1, n). Several arrays give a tuple.

    >>> atleast_2d([1.0, 2.0])
    array([[1., 2.]])
    """
    return _each(arrays, lambda x: _with_rank(x, ((1, 1), (1, -1))))


def atleast_3d(*arrays: Any) -> Any:
    """A number becomes (1, 1, 1), a vector (1, n, 1), and a matrix (m, n, 1). Several arrays give a tuple.

    >>> atleast_3d(np.ones((2, 3))).shape
    (2, 3, 1)
    """
    return _each(arrays, lambda x: _with_rank(x, ((1, 1, 1), (1, -1, 1), (-1, -1, 1))))


def broadcast_arrays(*args: Any) -> tuple[Any, ...]:
    """All arrays stretched to the shape that they have together.

    >>> a, b = broadcast_arrays(np.ones((2, 1)), np.ones(3))
    >>> a.shape, b.shape
    ((2, 3), (2, 3))
    """
    try:
        shape = np.broadcast_shapes(*map(np.shape, args))
    except ValueError:
        raise ShapeError(
            f"broadcast_arrays of shapes {' and '.join(str(np.shape(x)) for x in args)}: from the right, lengths "
            "must be equal or 1. Insert an axis with x[:, None], or reshape."
        ) from None
    return tuple(as_array(x) if np.shape(x) == shape else broadcast_to(x, shape=shape) for x in args)


def meshgrid(*xi: Any, indexing: str = "xy", sparse: bool = False) -> tuple[Any, ...]:
    """Vectors of lengths n, m, ... as the coordinates of a grid: arrays of shape (m, n, ...), or (n, m, ...) with "ij".

    With sparse=True each keeps length 1 along the axes of the others.

    >>> x, y = meshgrid([1.0, 2.0, 3.0], [4.0, 5.0])
    >>> x.shape, y[:, 0]
    ((2, 3), array([4., 5.]))
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid with indexing={indexing!r}: it is 'xy' (columns first) or 'ij'.")
    places = list(range(len(xi)))
    if indexing == "xy" and len(xi) > 1:
        places[:2] = 1, 0
    shapes = [(1,) * place + (-1,) + (1,) * (len(xi) - 1 - place) for place in places]
    grids = tuple(reshape(x, shape=shape) for x, shape in zip(xi, shapes))
    return grids if sparse or not grids else broadcast_arrays(*grids)


def _axes(a: Any) -> Any:
    return np.empty(tuple(range(np.ndim(a))))


def _each(arrays: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    return change(arrays[0]) if len(arrays) == 1 else tuple(map(change, arrays))


def _with_rank(x: Any, shapes: tuple[tuple[int, ...], ...]) -> Any:
    """`x` in the shape of `shapes` at its rank, where each -1 is one of its own lengths; of higher rank as it is."""
    own = np.shape(x)
    if len(own) >= len(shapes):
        return as_array(x)
    lengths = iter(own)
    return reshape(x, shape=tuple(next(lengths) if n == -1 else n for n in shapes[len(own)]))


def spread(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function(*arrays)` as NumPy hands its arguments over here: all arrays as one tuple."""

    def call(*arrays: Any, **settings: Any) -> Any:
        together = len(arrays) == 1 and isinstance(arrays[0], tuple)
        return function(*(arrays[0] if together else arrays), **settings)

    call.__wrapped__ = function  # type: ignore[attr-defined]  # its signature tells which settings it knows
    return call


numpy_functions[np.ravel] = ravel
numpy_functions[np.moveaxis] = moveaxis
numpy_functions[np.rollaxis] = rollaxis
numpy_functions[np.atleast_1d] = spread(atleast_1d)
numpy_functions[np.atleast_2d] = spread(atleast_2d)
numpy_functions[np.atleast_3d] = spread(atleast_3d)
numpy_functions[np.broadcast_arrays] = spread(broadcast_arrays)
numpy_functions[np.meshgrid] = spread(meshgrid)
for _module in (np, np.linalg):  # since NumPy 2
    if hasattr(_module, "matrix_transpose"):
        numpy_functions[_module.matrix_transpose] = matrix_transpose
