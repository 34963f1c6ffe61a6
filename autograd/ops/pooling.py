"""Pooling: a window of an image becomes one number, its largest element or its mean.

Neither copies windows out: the result is built up slice by slice, one for each place in the window. Averaging and its
way back are linear, and each is the derivative of the other; so are picking the largest and putting gradients there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from ..graph import raw
from ..primitive import Primitive, primitive
from .masks import only
from .windows import Windows, windows

__all__ = ["AVG", "MAX"]  # the ops by the number of axes; pool.py has the functions that a program calls


def _places(
    x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Windows:
    stride = kernel_size if stride is None else stride
    return windows(x.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)


# --- the largest of each window. `of` says in which array to look for it, where that is not x itself.


def _padded(x: Any, at: Windows) -> Any:
    """`x` with padding that is never the largest."""
    return at.pad(x, -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min)


def _largest(x: Any, at: Windows) -> Any:
    best = None
    for index in at.slices():
        best = x[index] if best is None else np.maximum(best, x[index])
    return best


def _where_largest(x: Any, best: Any, at: Windows) -> Iterator[tuple[Any, Any]]:
    """For each place in the window its slice, and a mask of the windows whose first largest element lies there."""
    free = np.ones_like(best, dtype=bool)
    for index in at.slices():
        hit = free & ~(x[index] < best)  # not `==`: a nan is equal to nothing, and would lose the gradient
        free = free & ~hit
        yield index, hit


def _max_pool(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    of: Any = None,
) -> Any:
    at = _places(x, kernel_size, stride, padding, dilation, ceil_mode)
    if of is None:
        return _largest(_padded(x, at), at)
    x, of, total = at.pad(x), _padded(of, at), None
    for index, hit in _where_largest(of, _largest(of, at), at):
        part = only(x[index], hit)
        total = part if total is None else total + part
    return total


def _to_largest(g: Any, of: Any, best: Any = None, **settings: Any) -> Any:
    at = _places(of, **settings)
    of = _padded(of, at)
    out = np.zeros_like(g, shape=(*of.shape[:2], *at.padded))
    for index, hit in _where_largest(of, _largest(of, at) if best is None else best, at):
        out[index] += only(g, hit)
    return at.crop(out)


# --- the mean of each window


@lru_cache(maxsize=64)
def _counts(at: Windows, exclude_pad: bool) -> Any:
    """How many elements each window averages: none beyond the padding, or beyond the array. One number if equal."""
    counts = np.ones((), int)
    for n, k, s, before, count in zip(at.size, at.kernel, at.stride, at.before, at.number):
        start = np.arange(count) * s - before
        low, high = (0, n) if exclude_pad else (-before, n + before)
        counts = counts[..., None] * (np.minimum(start + k, high) - np.maximum(start, low))
    return int(counts.flat[0]) if np.all(counts == counts.flat[0]) else counts


def _per_window(x: Any, at: Windows, exclude_pad: bool) -> Any:
    """`x` over the number of elements of each window."""
    counts = _counts(at, exclude_pad)
    return x / (counts if isinstance(counts, int) else np.asarray(counts, dtype=x.dtype, like=x))


def _avg_pool(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    exclude_pad: bool = False,
) -> Any:
    at = _places(x, kernel_size, stride, padding, 1, ceil_mode)
    x, total = at.pad(x), None
    for index in at.slices():
        total = x[index] if total is None else total + x[index]
    return _per_window(total, at, exclude_pad)


def _spread(
    g: Any,
    size: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    exclude_pad: bool = False,
) -> Any:
    stride = kernel_size if stride is None else stride
    at = windows(tuple(size), kernel_size, stride, padding, 1, ceil_mode)
    g = _per_window(g, at, exclude_pad)
    out = np.zeros_like(g, shape=(*g.shape[:2], *at.padded))
    for index in at.slices():
        out[index] += g
    return at.crop(out)


# --- the ops, for signals and for images


def _family(n: int, largest: Any, back: Any, means: Any, spread: Any) -> tuple[Primitive, Primitive]:
    max_pool = primitive(
        f"max_pool{n}d",
        _max_pool,
        lambda g, y, x, of=None, **s: to_largest(g, of=raw(x) if of is None else of, **s),
        kernels=(
            lambda g, y, x, of=None, **s: (
                _to_largest(g, x, y, **s) if of is None else _to_largest(g, of, **s)
            ),
        ),
        samples=largest,
        doc="The largest element of each window; with `of`, the element of x that lies where `of` is largest.",
    )
    to_largest = primitive(
        f"max_pool{n}d_back",
        _to_largest,
        lambda g, y, x, of, **s: max_pool(g, of=of, **s),
        samples=back,
        doc="Each element of x put to where the window of `of` has its largest element; what meets is summed.",
    )
    avg_pool = primitive(
        f"avg_pool{n}d",
        _avg_pool,
        lambda g, y, x, **s: back_to_all(g, size=np.shape(x)[2:], **s),
        samples=means,
        doc="The mean of each window.",
    )
    back_to_all = primitive(
        f"avg_pool{n}d_back",
        _spread,
        lambda g, y, x, size, **s: avg_pool(g, **s),
        samples=spread,
        doc="Each element of x spread evenly over its window of an array of the given size.",
    )
    return max_pool, avg_pool


_LOOKED_AT = np.array([3.0, 7.0, 0.0, 5.0, 2.0, 6.0, 1.0, 4.0])
_max1d, _avg1d = _family(
    1,
    ((((2, 1, 6),), {"kernel_size": 2}), (((1, 2, 5),), {"kernel_size": 3, "stride": 2, "padding": 1})),
    ((((1, 1, 4),), {"of": _LOOKED_AT.reshape(1, 1, 8), "kernel_size": 2}),),
    ((((1, 2, 5),), {"kernel_size": 2}), (((1, 1, 5),), {"kernel_size": 3, "padding": 1})),
    ((((1, 2, 2),), {"size": (5,), "kernel_size": 2}),),
)
_max2d, _avg2d = _family(
    2,
    (
        (((1, 2, 4, 5),), {"kernel_size": 2}),
        (((2, 1, 4, 4),), {"kernel_size": (3, 2), "stride": (2, 1), "padding": 1, "ceil_mode": True}),
    ),
    ((((1, 1, 1, 3),), {"of": _LOOKED_AT.reshape(1, 1, 2, 4), "kernel_size": 2, "stride": 1}),),
    (
        (((1, 2, 4, 5),), {"kernel_size": 2}),
        (
            ((1, 1, 4, 5),),
            {"kernel_size": 3, "stride": 2, "padding": 1, "exclude_pad": True, "ceil_mode": True},
        ),
    ),
    ((((1, 1, 2, 3),), {"size": (3, 4), "kernel_size": 2, "stride": 1}),),
)
MAX, AVG = {1: _max1d, 2: _max2d}, {1: _avg1d, 2: _avg2d}
