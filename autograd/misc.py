"""Nested parameters as one vector, for optimisers that know vectors only. It is where HIPS autograd keeps it too."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from .containers import parts, rebuilt
from .errors import ShapeError
from .graph import Node
from .ops.shape import concatenate, reshape

__all__ = ["flatten", "flatten_func"]


def flatten(nested: Any) -> tuple[Any, Callable[[Any], Any]]:
    """All numbers of nested lists, tuples and dicts as one vector, and the function that undoes it.

    For optimisers that know vectors only, such as those of SciPy. Both ways record when they are given nodes. A dict
    goes by its sorted keys; whole numbers become floats; None, text and booleans are left out and come back as they
    were. A vector of another length raises ShapeError.

    >>> vector, unflatten = flatten({"W": np.ones((2, 2)), "b": [0.5, 2.0]})
    >>> vector
    array([1. , 1. , 1. , 1. , 0.5, 2. ])
    >>> unflatten(2 * vector)["b"]
    [1.0, 4.0]
    """
    given = [x if hasattr(x, "dtype") or isinstance(x, Node) else float(x) for x in parts(nested, nested)]
    shapes = [np.shape(x) for x in given]
    dtypes = [_dtype(x) for x in given]
    ends = list(itertools.accumulate((int(np.prod(shape)) for shape in shapes), initial=0))
    # Zeros keep the places, so that no array is kept alive.
    places = rebuilt(nested, itertools.repeat(0.0))
    kinds = [type(x) for x in given]
    flat = [reshape(x if isinstance(x, Node) else _floating(x), shape=-1) for x in given]
    vector = concatenate(flat) if flat else np.zeros(0)

    def unflatten(vector: Any) -> Any:
        if not hasattr(vector, "shape"):
            vector = np.asarray(vector, dtype=np.float64)
        if vector.shape != (ends[-1],):
            raise ShapeError(
                f"unflatten() of shape {vector.shape}: the structure that was flattened has {ends[-1]} numbers, "
                f"so the vector must have the shape ({ends[-1]},)."
            )
        pieces = (
            _piece(vector[start:end], shape, dtype, kind)
            for start, end, shape, dtype, kind in zip(ends, ends[1:], shapes, dtypes, kinds)
        )
        return rebuilt(places, pieces)

    return vector, unflatten


def flatten_func(
    function: Callable[..., Any], example: Any
) -> tuple[Callable[..., Any], Callable[[Any], Any], Any]:
    """The same function of vectors, the function that gives structure back, and the example as a vector.

    The first argument and the result are flattened; further arguments pass through. Made for gradients.

    >>> from autograd import grad
    >>> flat, unflatten, start = flatten_func(grad(lambda p: p["a"] ** 2 * p["b"]), {"a": 3.0, "b": 1.0})
    >>> flat(start)
    array([6., 9.])
    """
    vector, unflatten = flatten(example)

    def flat(x: Any, *args: Any, **kwargs: Any) -> Any:
        return flatten(function(unflatten(x), *args, **kwargs))[0]

    return flat, unflatten, vector


def _dtype(x: Any) -> Any:
    dtype = getattr(x, "dtype", np.dtype(np.float64))
    return dtype if dtype.kind == "f" else np.dtype(np.float64)


def _floating(x: Any) -> Any:
    x = x if hasattr(x, "__array_function__") else np.asarray(x)
    return x if x.dtype.kind in "fc" else x.astype(np.float64)


def _piece(piece: Any, shape: tuple[int, ...], dtype: Any, kind: type) -> Any:
    """A part of the vector as it was: an array, or a number of Python or NumPy."""
    piece = piece.reshape(shape)
    piece = piece if piece.dtype == dtype else piece.astype(dtype)
    if not isinstance(piece, np.ndarray):
        return piece
    if kind is float:
        return float(piece)
    # A copy: an optimiser may write into its vector later.
    return piece[()] if issubclass(kind, np.generic) else piece.copy()
