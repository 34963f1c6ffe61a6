"""Operations that only move elements: each vjp is the way back.

What else NumPy and PyTorch call such a change is written with these: in axes.py and join.py.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..graph import Node
from ..primitive import EveryInput, Function, Primitive, numpy_functions, primitive

__all__ = [
    "astype",
    "broadcast_to",
    "concatenate",
    "copy",
    "expand_dims",
    "reshape",
    "squeeze",
    "stack",
    "swapaxes",
    "transpose",
]


def as_array(x: Any) -> Any:
    """An array of whatever library, a node, or a list or number made an array."""
    return x if hasattr(x, "__array_function__") else np.asarray(x)


def foreign(x: Any) -> bool:
    """Whether x is an array of another library than NumPy (CuPy, Dask), out of the graph."""
    return hasattr(x, "__array_function__") and not isinstance(x, (np.ndarray, np.generic, Node))


def _inverse(axes: Any) -> Any:
    return None if axes is None else tuple(int(i) for i in np.argsort([a % len(axes) for a in axes]))


def _reshape(x: Any, shape: Any) -> Any:
    if shape.__class__ is int and foreign(x):  # Dask wants all lengths
        shape = (shape,)
    return np.reshape(x, shape)


def _transpose(x: Any, axes: Any = None) -> Any:
    return np.transpose(x, axes)


def _swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    return np.swapaxes(x, axis1, axis2)


def _expand_dims(x: Any, axis: Any) -> Any:
    return np.expand_dims(x, axis)


def _squeeze(x: Any, axis: Any = None) -> Any:
    return np.squeeze(x, axis)


def _broadcast_to(x: Any, shape: Any) -> Any:
    return np.broadcast_to(x, shape)


reshape: Primitive = primitive(
    "reshape",
    _reshape,
    lambda g, y, x, shape: reshape(g, np.shape(x)),
    numpy=np.reshape,
    samples=((((2, 3),), {"shape": (3, 2)}), (((2, 3),), {"shape": -1})),
    doc="The same elements, row by row, in another shape of the same size; one length of -1 is worked out.",
)
transpose: Primitive = primitive(
    "transpose",
    _transpose,
    lambda g, y, x, axes=None: transpose(g, _inverse(axes)),
    numpy=np.transpose,
    samples=((((2, 3),), {}), (((2, 3, 4),), {"axes": (1, 2, 0)})),
    doc="The axes in the order `axes`, reversed if none is given: (n, m) becomes (m, n).",
)
swapaxes: Primitive = primitive(
    "swapaxes",
    _swapaxes,
    lambda g, y, x, axis1, axis2: swapaxes(g, axis1, axis2),
    numpy=np.swapaxes,
    samples=((((2, 3, 4),), {"axis1": 0, "axis2": -1}),),
    doc="Two axes change places.",
)
expand_dims: Primitive = primitive(
    "expand_dims",
    _expand_dims,
    lambda g, y, x, axis: reshape(g, np.shape(x)),
    numpy=np.expand_dims,
    samples=((((2, 3),), {"axis": 1}),),
    doc="A new axis of length 1 at the place `axis` (or several): (n, m) becomes (n, 1, m) with axis=1.",
)
squeeze: Primitive = primitive(
    "squeeze",
    _squeeze,
    lambda g, y, x, axis=None: reshape(g, np.shape(x)),
    numpy=np.squeeze,
    samples=((((2, 1, 3),), {}), (((2, 1, 3),), {"axis": 1})),
    doc="Without the axes of length 1: all of them, or those that `axis` names.",
)
# Nothing to do for the way back: the engine sums every contribution over the axes that were stretched.
broadcast_to: Primitive = primitive(
    "broadcast_to",
    _broadcast_to,
    lambda g, y, x, shape: g,
    numpy=np.broadcast_to,
    samples=((((3,),), {"shape": (2, 3)}), (((2, 1),), {"shape": (2, 3)})),
    doc="The array stretched to a shape, by NumPy's broadcasting; a gradient is summed over the stretched axes.",
)


def _copy(x: Any) -> Any:
    # A method, because Dask has no np.copy of its own.
    return x.copy() if hasattr(x, "__array_function__") else np.copy(x)


copy: Primitive = primitive(
    "copy",
    _copy,
    lambda g, y, x: g,
    numpy=np.copy,
    samples=((((2, 3),), {}), (((),), {}), (((0, 2),), {})),
    doc="The same numbers in an array of their own; to the graph, the identity.",
)


def _astype(x: Any, dtype: Any) -> Any:
    return x.astype(dtype)


astype: Primitive = primitive(
    "astype",
    _astype,
    lambda g, y, x, dtype: g,  # the engine brings every contribution to its input's dtype
    samples=((((2, 3),), {"dtype": np.float64}),),
    numpy=getattr(np, "astype", None),  # since NumPy 2.1
    doc="The same numbers in another dtype, such as np.float32; whole-number dtypes leave the graph.",
)


# --- joining: the way back is a slice for each input


def _concatenate(*arrays: Any, axis: int = 0) -> Any:
    try:
        return np.concatenate(arrays, axis=axis)
    except ValueError:
        if all(map(np.ndim, arrays)):
            raise
        raise ShapeError(
            f"concatenate of shapes {' and '.join(str(np.shape(x)) for x in arrays)}: a number has no axis to be "
            "joined along. stack joins numbers, and x[None] is one with an axis. All arrays come in one list."
        ) from None


def _starts(arrays: Sequence[Any], axis: int) -> list[int]:
    """Where each input begins in the output; at the end, where the last one ends."""
    return list(accumulate((np.shape(x)[axis] for x in arrays), initial=0))


def _slice(g: Any, starts: list[int], i: int, axis: int) -> Any:
    return g[(slice(None),) * (axis % np.ndim(g)) + (slice(starts[i], starts[i + 1]),)]


class _Slices(EveryInput):
    """The vjps of concatenate. One sweep works out the starts once: once for each input is quadratic."""

    def __iter__(self) -> Iterator[Function]:
        shared: list[int] = []

        def of(i: int) -> Function:
            def vjp(g: Any, y: Any, *arrays: Any, axis: int = 0) -> Any:
                if not shared:
                    shared.extend(_starts(arrays, axis))
                return _slice(g, shared, i, axis)

            return vjp

        i = 0
        while True:
            yield of(i)
            i += 1


def _concatenate_vjp(i: int, g: Any, y: Any, *arrays: Any, axis: int = 0) -> Any:
    return _slice(g, _starts(arrays, axis), i, axis)


def _concatenate_pull(node: Any, g: Any, into_grads: bool) -> list[Any]:
    """All slices at once: 10000 inputs take 12 ms, and 0.7 s where each vjp is handed all inputs."""
    axis = node.kwargs.get("axis", 0)
    starts = _starts(node._args, axis)
    return [None if p is None else p._fit(_slice(g, starts, i, axis)) for i, p in enumerate(node.parents)]


_join: Primitive = Primitive(
    "concatenate",
    _concatenate,
    _Slices(_concatenate_vjp),
    pull=_concatenate_pull,
    samples=(
        (((2, 3), (4, 3)), {}),
        (((2, 3), (2, 1)), {"axis": -1}),
        (((2,), (0,), (3,)), {}),
        (((2, 0, 2), (2, 1, 2), (2, 2, 2)), {"axis": np.int64(1)}),
    ),
    domain=((-2.0, 2.0),) * 3,
)


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """Join arrays along an existing axis: (n, k) and (m, k) give (n + m, k).

    With axis=None the arrays are raveled first.

    >>> from autograd import Tensor
    >>> concatenate([Tensor([1.0]), Tensor([2.0, 3.0])]).shape
    (3,)
    """
    if axis is None:
        return _join(*[reshape(x, shape=(-1,)) for x in arrays], axis=0)
    return _join(*arrays, axis=operator.index(axis))


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Join arrays of one shape along a new axis: two of (k,) give (2, k).

    >>> from autograd import Tensor
    >>> stack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])]).shape
    (2, 2)
    """
    arrays = tuple(arrays)
    try:
        return _join(*[expand_dims(x, axis=axis) for x in arrays], axis=axis)
    except ValueError:
        shapes = list(dict.fromkeys(map(np.shape, arrays)))
        if len(shapes) < 2:
            raise
        raise ShapeError(
            f"stack of shapes {' and '.join(map(str, shapes))}: they must be equal. "
            "concatenate joins along an axis that is there."
        ) from None


numpy_functions[np.concatenate] = concatenate
numpy_functions[np.stack] = stack
