"""Indexing, and its way back: a gradient is scattered to where the elements came from; repeats accumulate."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..primitive import Primitive, primitive

__all__ = ["getitem", "scatter"]


def _is_basic(index: Any) -> bool:
    """Whether no element can be picked twice: integers, slices, None and ..., as opposed to arrays and lists."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(p is None or p is Ellipsis or isinstance(p, (int, np.integer, slice)) for p in parts)


def _getitem(x: Any, index: Any) -> Any:
    return x[index]


def _scatter(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros_like(g, shape=shape)
    if _is_basic(index):
        out[index] = g
    else:
        np.add.at(out, index, g)
    return out


_SAMPLES: tuple[Any, ...] = (
    (((3, 4),), {"index": 1}),
    (((3, 4),), {"index": (slice(None, None, 2), None, -1)}),
    (((3, 4),), {"index": ([0, 0, 2], [1, 1, 3])}),
    (((5,),), {"index": np.array([True, False, True, True, False])}),
)

getitem: Primitive = primitive(
    "getitem",
    _getitem,
    lambda g, y, x, index: scatter(g, index, np.shape(x)),
    samples=_SAMPLES,
    doc="x[index]",
)
scatter: Primitive = primitive(
    "scatter",
    _scatter,
    lambda g, y, x, index, shape: getitem(g, index),
    samples=(
        (((3,),), {"index": [0, 0, 2], "shape": (4,)}),
        (((2,),), {"index": slice(1, 3), "shape": (4,)}),
    ),
    doc="Zeros of a shape with x added at index; picked twice, added twice.",
)
