"""Nested containers: lists, tuples, named tuples and dicts of arrays, at any depth, as one argument or one vector.

Two functions do it all. `parts` lists what a container holds in a fixed order, and `rebuilt` puts other things in the
same places. What has no derivative (None, text, booleans, objects) stays where it is.
"""

from __future__ import annotations

import copy
import itertools
import numbers
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .errors import ShapeError
from .graph import Node
from .ops.shape import concatenate, reshape

__all__ = ["flatten"]

Chosen = Callable[[Any], bool]


def is_number(x: Any) -> bool:
    """Whether something can be differentiated: a node, a number (no boolean), or an array of numbers."""
    if isinstance(x, (Node, float)):
        return True
    if isinstance(x, (bool, np.bool_)):
        return False
    # complex numbers count, so that whoever makes a node of one refuses it with a reason
    return isinstance(x, numbers.Number) or getattr(getattr(x, "dtype", None), "kind", "") in tuple("fiuc")


def is_container(x: Any) -> bool:
    """Whether something is taken apart: a list, a tuple or a dict, and their subclasses."""
    return isinstance(x, (list, tuple, dict))


def _keys(like: dict[Any, Any]) -> list[Any]:
    """The keys in an order that two equal dicts share; where keys cannot be compared, as they were put in."""
    try:
        return sorted(like)
    except TypeError:
        return list(like)


def parts(tree: Any, like: Any, chosen: Chosen = is_number) -> Iterator[Any]:
    """What `tree` holds at the places where `like` holds something chosen; both must have the same structure."""
    if isinstance(like, dict):
        if not isinstance(tree, dict) or tree.keys() != like.keys():
            raise _mismatch(tree, like)
        for key in _keys(like):
            yield from parts(tree[key], like[key], chosen)
    elif isinstance(like, (list, tuple)):
        if not isinstance(tree, (list, tuple)) or len(tree) != len(like):
            raise _mismatch(tree, like)
        for part, other in zip(tree, like):
            yield from parts(part, other, chosen)
    elif chosen(like):
        yield tree


def rebuilt(like: Any, new: Iterator[Any], chosen: Chosen = is_number) -> Any:
    """A container like `like` with the next one of `new` in the place of everything chosen."""
    if isinstance(like, dict):
        copied = copy.copy(like)  # of its own class, such as OrderedDict
        for key in _keys(like):
            copied[key] = rebuilt(like[key], new, chosen)
        return copied
    if isinstance(like, (list, tuple)):
        items = [rebuilt(part, new, chosen) for part in like]
        if type(like) is list:
            return items
        return like._make(items) if hasattr(like, "_make") else type(like)(items)
    return next(new) if chosen(like) else like


def _mismatch(tree: Any, like: Any) -> ShapeError:
    return ShapeError(
        f"{_described(tree)} in the place of {_described(like)}: a vector or an upstream gradient must have the "
        "structure of what it belongs to."
    )


def _described(tree: Any) -> str:
    if isinstance(tree, dict):
        return f"a dict with the keys {list(tree)!r:.80}"
    return (
        f"a {type(tree).__name__} of {len(tree)}"
        if is_container(tree)
        else f"{type(tree).__name__} {tree!r:.40}"
    )


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
    # Where a plain number stood, a plain number comes back; zeros keep the places, so that no array is kept alive.
    plain = [isinstance(x, float) and not isinstance(x, np.generic) for x in given]
    places = rebuilt(nested, itertools.repeat(0.0))
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
            _piece(vector[start:end], shape, dtype, number)
            for start, end, shape, dtype, number in zip(ends, ends[1:], shapes, dtypes, plain)
        )
        return rebuilt(places, pieces)

    return vector, unflatten


def _dtype(x: Any) -> Any:
    dtype = getattr(x, "dtype", np.dtype(np.float64))
    return dtype if dtype.kind == "f" else np.dtype(np.float64)


def _floating(x: Any) -> Any:
    x = x if hasattr(x, "__array_function__") else np.asarray(x)
    return x if x.dtype.kind in "fc" else x.astype(np.float64)


def _piece(piece: Any, shape: tuple[int, ...], dtype: Any, number: bool) -> Any:
    piece = piece.reshape(shape)
    if number and not isinstance(piece, Node):
        return float(piece)
    piece = piece if piece.dtype == dtype else piece.astype(dtype)
    # A copy: an optimiser may write into its vector later.
    return np.array(piece) if isinstance(piece, np.ndarray) else piece
