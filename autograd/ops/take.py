"""Elements picked along an axis, by NumPy's and PyTorch's names: each is an index, given another way."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..primitive import Primitive, numpy_functions, primitive
from .axes import ravel
from .index import as_part, getitem, index_add, index_update, pick, plain_index, scatter
from .shape import as_array, concatenate, foreign, reshape

__all__ = [
    "compress",
    "delete",
    "extract",
    "gather",
    "index_select",
    "insert",
    "put_along_axis",
    "scatter_add",
    "take",
    "take_along_axis",
]


def on_axis(x: Any, part: Any, axis: int) -> Any:
    """x[:, :, part] with `part` at the place of `axis`."""
    return getitem(x, index=(slice(None),) * _place(x, axis) + (part,) if _place(x, axis) else part)


def _place(x: Any, axis: Any) -> int:
    rank = np.ndim(x)
    place = operator.index(axis)
    if not -rank <= place < rank:
        axes = (
            f"the axes are 0 to {rank - 1}, or -{rank} to -1" if rank else "it has none. x[None] gives it one"
        )
        raise ShapeError(f"axis {axis} of shape {np.shape(x)}: {axes}.")
    return place % rank


def take(a: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    """The elements at `indices` along an axis; of the raveled array with axis=None.

    An index out of bounds is an error, wraps around (mode="wrap"), or means the first or last ("clip").

    >>> take([10.0, 20.0, 30.0], [0, 4], mode="wrap")
    array([10., 20.])
    """
    if axis is None:
        a, axis = ravel(a), 0
    indices = plain_index(indices)
    if mode == "wrap":
        indices = np.mod(indices, np.shape(a)[_place(a, axis)])
    elif mode == "clip":
        indices = np.clip(indices, 0, np.shape(a)[_place(a, axis)] - 1)
    elif mode != "raise":
        raise ValueError(f"take with mode={mode!r}: it is 'raise', 'wrap' or 'clip'.")
    return on_axis(as_array(a), as_array(indices) if np.ndim(indices) else indices, axis)


def index_select(x: Any, axis: int, index: Any) -> Any:
    """PyTorch's name for `take` along an axis.

    >>> index_select(np.array([[1.0, 2.0], [3.0, 4.0]]), 1, [1, 1])
    array([[2., 2.],
           [4., 4.]])
    """
    return take(x, index, axis=axis)


def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    """The slices along an axis for which `condition` holds; of the raveled array with axis=None.

    >>> compress([True, False, True], [1.0, 2.0, 3.0])
    array([1., 3.])
    """
    if np.ndim(condition) != 1:
        raise ShapeError(f"compress with a condition of shape {np.shape(condition)}. It must have one axis.")
    return take(a, np.flatnonzero(plain_index(condition)), axis=axis)


def extract(condition: Any, arr: Any) -> Any:
    """The elements of `arr` for which `condition` holds, in one axis.

    >>> extract([[True, False], [False, True]], [[1.0, 2.0], [3.0, 4.0]])
    array([1., 4.])
    """
    return take(arr, np.flatnonzero(plain_index(condition)))


# --- an index of its own for every element


def _along(indices: Any, lengths: tuple[int, ...], axis: int) -> tuple[Any, ...]:
    """The index that picks `indices` along an axis and goes straight ahead along the others."""
    rank = len(lengths)
    return tuple(
        indices if i == axis % rank else np.arange(n).reshape((-1,) + (1,) * (rank - i - 1))
        for i, n in enumerate(lengths)
    )


def along_axis(x: Any, indices: Any, axis: int) -> Any:
    if foreign(x):  # Dask has no function of that name
        return pick(x, _along(indices, np.shape(x), axis))
    return np.take_along_axis(x, indices, axis)


_take_along: Primitive = primitive(
    "take_along_axis",
    along_axis,
    lambda g, y, x, indices, axis: scatter(g, _along(indices, np.shape(x), axis), np.shape(x)),
    samples=(
        (((2, 3),), {"indices": np.array([[0, 0, -1], [2, 1, 0]]), "axis": 1}),
        (((3, 2),), {"indices": np.array([[1, 2]]), "axis": 0}),
        (((2, 3),), {"indices": np.array([[1, 1]]), "axis": -1}),
    ),
)


def _indices(x: Any, indices: Any, axis: int, op: str) -> Any:
    indices = as_array(plain_index(indices))
    if indices.dtype.kind not in "iu":
        raise IndexError(f"{op} with indices of dtype {indices.dtype}: they must be whole numbers.")
    if indices.ndim != np.ndim(x):
        raise ShapeError(
            f"{op} of shape {np.shape(x)} with indices of shape {indices.shape}: they need the same number of axes. "
            "Insert one with np.expand_dims(indices, axis)."
        )
    _place(x, axis)
    return indices


def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """For each place along the other axes, the elements of `arr` at `indices` along this one.

    So `take_along_axis(x, np.argsort(x, axis), axis)` is x sorted. With axis=None `arr` is raveled first.

    >>> take_along_axis(np.array([[3.0, 1.0], [2.0, 4.0]]), [[1], [0]], axis=1)
    array([[1.],
           [2.]])
    """
    if axis is None:
        arr, axis = ravel(arr), 0
    return _take_along(as_array(arr), indices=_indices(arr, indices, axis, "take_along_axis"), axis=axis)


def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> Any:
    """`arr` with `values` at the places that take_along_axis would read, as a new array (NumPy's works in place).

    >>> put_along_axis(np.zeros((2, 2)), [[1], [0]], 5.0, axis=1)
    array([[0., 5.],
           [5., 0.]])
    """
    if axis is None:
        return reshape(put_along_axis(ravel(arr), indices, values, 0), shape=np.shape(arr))
    indices = _indices(arr, indices, axis, "put_along_axis")
    return index_update(arr, _along(indices, np.shape(arr), axis), values)


def gather(x: Any, axis: int, index: Any) -> Any:
    """PyTorch's take_along_axis: `index` may be shorter than x along the other axes, and is not broadcast.

    >>> gather(np.array([[3.0, 1.0], [2.0, 4.0]]), 1, [[1, 1]])
    array([[1., 1.]])
    """
    index = _indices(x, index, axis, "gather")
    _check_cover(x, axis, index, "gather")
    return getitem(as_array(x), index=_along(index, index.shape, axis))


def scatter_add(x: Any, axis: int, index: Any, src: Any) -> Any:
    """`x` with the elements of `src` added where `gather` would read: its way back. A new array, as in PyTorch.

    >>> scatter_add(np.zeros((1, 3)), 1, [[0, 0, 2]], np.array([[1.0, 2.0, 3.0]]))
    array([[3., 0., 3.]])
    """
    index = _indices(x, index, axis, "scatter_add")
    _check_cover(x, axis, index, "scatter_add")
    if np.shape(src) != index.shape:
        _check_cover(src, None, index, "scatter_add")
        src = getitem(as_array(src), index=tuple(slice(n) for n in index.shape))
    return index_add(x, _along(index, index.shape, axis), src)


def _check_cover(x: Any, axis: Any, index: Any, op: str) -> None:
    along = None if axis is None else axis % np.ndim(x)
    if np.ndim(x) != index.ndim or any(
        n > m and i != along for i, (n, m) in enumerate(zip(index.shape, np.shape(x)))
    ):
        raise ShapeError(
            f"{op}: an index of shape {index.shape} reaches beyond an array of shape {np.shape(x)}. It may be longer "
            "along the given axis only."
        )


# --- with elements less or more


def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """`arr` without the slices `obj` (numbers, a slice or a mask) along an axis; of the raveled array with axis=None.

    >>> delete([1.0, 2.0, 3.0], 1)
    array([1., 3.])
    """
    if axis is None:
        arr, axis = ravel(arr), 0
    kept = np.delete(np.arange(np.shape(arr)[_place(arr, axis)]), plain_index(obj))
    return on_axis(as_array(arr), kept, axis)


def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """`arr` with `values` before the places `obj` along an axis; into the raveled array with axis=None.

    >>> insert([1.0, 4.0], 1, [2.0, 3.0])
    array([1., 2., 3., 4.])
    """
    # NumPy inserts the numbers of the places, which say where each element of the result comes from.
    here, there = (np.arange(math.prod(np.shape(x))).reshape(np.shape(x)) for x in (arr, values))
    there = there + here.size
    source = np.insert(here, plain_index(obj), there, axis)
    flat = getitem(concatenate([ravel(arr), ravel(as_part(as_array(arr), values))]), index=source.reshape(-1))
    return reshape(flat, shape=source.shape)


numpy_functions[np.take] = take
numpy_functions[np.compress] = compress
numpy_functions[np.extract] = extract
numpy_functions[np.take_along_axis] = take_along_axis
numpy_functions[np.delete] = delete
numpy_functions[np.insert] = insert
