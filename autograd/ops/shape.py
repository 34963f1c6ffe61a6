"""Operations that only move elements: each vjp is the way back."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..primitive import EveryInput, Primitive, numpy_functions, primitive

__all__ = [
    "astype",
    "broadcast_to",
    "concatenate",
    "expand_dims",
    "reshape",
    "squeeze",
    "stack",
    "swapaxes",
    "transpose",
]


def _inverse(axes: Any) -> Any:
    return None if axes is None else tuple(int(i) for i in np.argsort([a % len(axes) for a in axes]))


def _reshape(x: Any, shape: Any) -> Any:
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


def _concatenate(*arrays: Any, axis: int = 0) -> Any:
    return np.concatenate(arrays, axis=axis)


def _concatenate_vjp(i: int, g: Any, y: Any, *arrays: Any, axis: int = 0) -> Any:
    start = sum(np.shape(x)[axis] for x in arrays[:i])
    along = axis % len(np.shape(arrays[i]))
    return g[(slice(None),) * along + (slice(start, start + np.shape(arrays[i])[axis]),)]


reshape: Primitive = primitive(
    "reshape",
    _reshape,
    lambda g, y, x, shape: reshape(g, np.shape(x)),
    numpy=np.reshape,
    samples=((((2, 3),), {"shape": (3, 2)}), (((2, 3),), {"shape": -1})),
)
transpose: Primitive = primitive(
    "transpose",
    _transpose,
    lambda g, y, x, axes=None: transpose(g, _inverse(axes)),
    numpy=np.transpose,
    samples=((((2, 3),), {}), (((2, 3, 4),), {"axes": (1, 2, 0)})),
)
swapaxes: Primitive = primitive(
    "swapaxes",
    _swapaxes,
    lambda g, y, x, axis1, axis2: swapaxes(g, axis1, axis2),
    numpy=np.swapaxes,
    samples=((((2, 3, 4),), {"axis1": 0, "axis2": -1}),),
)
expand_dims: Primitive = primitive(
    "expand_dims",
    _expand_dims,
    lambda g, y, x, axis: reshape(g, np.shape(x)),
    numpy=np.expand_dims,
    samples=((((2, 3),), {"axis": 1}),),
)
squeeze: Primitive = primitive(
    "squeeze",
    _squeeze,
    lambda g, y, x, axis=None: reshape(g, np.shape(x)),
    numpy=np.squeeze,
    samples=((((2, 1, 3),), {}), (((2, 1, 3),), {"axis": 1})),
)
# Nothing to do for the way back: the engine sums every contribution over the axes that were stretched.
broadcast_to: Primitive = primitive(
    "broadcast_to",
    _broadcast_to,
    lambda g, y, x, shape: g,
    numpy=np.broadcast_to,
    samples=((((3,),), {"shape": (2, 3)}), (((2, 1),), {"shape": (2, 3)})),
)
_join: Primitive = Primitive(
    "concatenate",
    _concatenate,
    EveryInput(_concatenate_vjp),
    samples=((((2, 3), (4, 3)), {}), (((2, 3), (2, 1)), {"axis": -1})),
    domain=((-2.0, 2.0),) * 2,
)


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """Join arrays along an existing axis: (n, k) and (m, k) give (n + m, k).

    With axis=None the arrays are raveled first.

    >>> from autograd import Tensor
    >>> concatenate([Tensor([1.0]), Tensor([2.0, 3.0])]).shape
    (3,)
    """
    if axis is None:
        return _join(*[reshape(x, shape=-1) for x in arrays], axis=0)
    return _join(*arrays, axis=operator.index(axis))


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Join arrays of one shape along a new axis: two of (k,) give (2, k).

    >>> from autograd import Tensor
    >>> stack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])]).shape
    (2, 2)
    """
    return _join(*[expand_dims(x, axis=axis) for x in arrays], axis=axis)


numpy_functions[np.concatenate] = concatenate
numpy_functions[np.stack] = stack


def _astype(x: Any, dtype: Any) -> Any:
    return x.astype(dtype)


astype: Primitive = primitive(
    "astype",
    _astype,
    lambda g, y, x, dtype: g,  # the engine brings every contribution to its input's dtype
    samples=((((2, 3),), {"dtype": np.float64}),),
)
