"""Reductions: many elements become one. In a vjp the upstream gradient first gets its lost axes back."""

from __future__ import annotations

import math
import operator
from functools import lru_cache
from typing import Any

import numpy as np

from ..primitive import Primitive, numpy_functions, primitive
from .elementwise import exp, where
from .masks import only
from .shape import broadcast_to, reshape

__all__ = [
    "amax",
    "amin",
    "logsumexp",
    "max",
    "mean",
    "min",
    "nanmax",
    "nanmean",
    "nanmin",
    "nansum",
    "ptp",
    "sum",
]


def axes_of(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """The axes that `axis` means: None for all, a whole number (NumPy's too), or a tuple of them."""
    if axis is None:
        return tuple(range(len(shape)))
    given = axis if isinstance(axis, (tuple, list)) else (axis,)
    return tuple(operator.index(a) % len(shape) for a in given) if shape else ()


def kept(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """The shape that a reduction of `shape` over `axis` has with keepdims=True."""
    axes = axes_of(shape, axis)
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def unreduced(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """`g` with the axes back, at length 1, over which `x` was reduced."""
    return g if keepdims or (axis is None and not np.shape(x)) else reshape(g, kept(np.shape(x), axis))


def elements(shape: tuple[int, ...], axis: Any) -> int:
    """How many elements of `shape` go into one element of a reduction over `axis`."""
    return math.prod(shape) if axis is None else math.prod(shape[a] for a in axes_of(shape, axis))


def over(g: Any, n: float) -> Any:
    """`g / n` for a count n, which may be larger than any number that g's dtype has."""
    return g / n if n < 60_000 else g * (1 / n)  # float16 has no larger number than 65504


def largest(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest of the numbers, 0 of none. np.max(initial=0) is NumPy's alone."""
    return (np.sum if 0 in np.shape(x) else np.max)(x, axis=axis, keepdims=keepdims)


def shared(hit: Any, axis: Any) -> Any:
    """1 where `hit` is true once along an axis; where it is true k times, 1/k at each: ties share equally."""
    return hit / _sum(hit, axis=axis, keepdims=True)


@lru_cache(maxsize=16)
def _ones(n: int) -> Any:
    return np.ones(n)


def _sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    if x.__class__ is np.ndarray:  # what np.sum ends in, without its way there (1 us)
        if axis is None and not keepdims and x.ndim == 1 and 0 < x.size < 8 and x.dtype.char == "d":
            return _ones(x.size).dot(x)  # 0.7 us against 0.95
        return np.add.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]
    return np.sum(x, axis=axis, keepdims=keepdims)


def _mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    if x.__class__ is np.ndarray and x.size and x.dtype.char in "fd":  # 1 us; np.mean takes 3
        return _sum(x, axis, keepdims) / x.dtype.type(elements(x.shape, axis))
    return np.mean(x, axis=axis, keepdims=keepdims)


def _max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    if x.__class__ is np.ndarray:
        return np.maximum.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]
    return np.max(x, axis=axis, keepdims=keepdims)


def _min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    if x.__class__ is np.ndarray:
        return np.minimum.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]
    return np.min(x, axis=axis, keepdims=keepdims)


def _nanmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.nanmax(x, axis=axis, keepdims=keepdims)


def _nanmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.nanmin(x, axis=axis, keepdims=keepdims)


def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    top = largest(x, axis, keepdims=True)
    top = np.where(np.isfinite(top), top, np.zeros_like(top))
    total = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis=axis)


def _sum_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return broadcast_to(unreduced(g, x, axis, keepdims), np.shape(x))


def _sum_kernel(g: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    out = np.empty_like(x)  # filled at once: np.broadcast_to alone takes longer than both (3 us against 0.6)
    out[...] = g if axis is None or keepdims else unreduced(g, x, axis, keepdims)
    return out


def _mean_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return broadcast_to(unreduced(over(g, elements(np.shape(x), axis)), x, axis, keepdims), np.shape(x))


def _mean_kernel(g: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _sum_kernel(over(g, elements(np.shape(x), axis)), y, x, axis, keepdims)


def _extreme_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return unreduced(g, x, axis, keepdims) * shared(x == unreduced(y, x, axis, keepdims), axis)


def _extreme_kernel(g: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    hit = x == unreduced(y, x, axis, keepdims)
    many = np.add.reduce(hit, axis=None if axis is None else axes_of(hit.shape, axis), keepdims=True)
    if not np.all(many):  # a nan, which is equal to nothing
        return _extreme_vjp(g, y, x, axis, keepdims)
    return only(unreduced(g, x, axis, keepdims) / many.astype(x.dtype), hit)


def _logsumexp_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return unreduced(g, x, axis, keepdims) * exp(x - unreduced(y, x, axis, keepdims))


_SAMPLES: tuple[Any, ...] = (
    (((2, 3),), {}),
    (((2, 3),), {"axis": 0}),
    (((2, 3, 2),), {"axis": (0, -1)}),
    (((2, 3),), {"axis": 1, "keepdims": True}),
    (((),), {}),
    (((2, 3),), {"axis": np.int64(1)}),
)

sum: Primitive = primitive(
    "sum",
    _sum,
    _sum_vjp,
    kernels=(_sum_kernel,),
    numpy=np.sum,
    samples=_SAMPLES,
    doc="The sum over an axis, several (a tuple), or all elements.",
)
mean: Primitive = primitive(
    "mean",
    _mean,
    _mean_vjp,
    kernels=(_mean_kernel,),
    numpy=np.mean,
    samples=_SAMPLES,
    doc="The mean over an axis, several (a tuple), or all elements.",
)
max: Primitive = primitive(
    "max",
    _max,
    _extreme_vjp,
    kernels=(_extreme_kernel,),
    numpy=np.max,
    samples=_SAMPLES,
    doc="The largest element along an axis; elements that tie share the gradient equally.",
)
min: Primitive = primitive(
    "min",
    _min,
    _extreme_vjp,
    kernels=(_extreme_kernel,),
    numpy=np.min,
    samples=_SAMPLES,
    doc="The smallest element along an axis; elements that tie share the gradient equally.",
)
logsumexp: Primitive = primitive(
    "logsumexp",
    _logsumexp,
    _logsumexp_vjp,
    samples=_SAMPLES,
    doc="log(sum(exp(x))) along an axis, without overflow.",
)
nanmax: Primitive = primitive(
    "nanmax",
    _nanmax,
    _extreme_vjp,
    kernels=(_extreme_kernel,),
    numpy=np.nanmax,
    samples=_SAMPLES,
    doc="The largest element along an axis that is not nan; ties share the gradient equally.",
)
nanmin: Primitive = primitive(
    "nanmin",
    _nanmin,
    _extreme_vjp,
    kernels=(_extreme_kernel,),
    numpy=np.nanmin,
    samples=_SAMPLES,
    doc="The smallest element along an axis that is not nan; ties share the gradient equally.",
)
amax, amin = max, min
numpy_functions[np.amax] = max
numpy_functions[np.amin] = min


def ptp(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Peak to peak: the largest element minus the smallest. Elements that tie share the gradient equally.

    >>> float(ptp(np.array([3.0, 1.0, 7.0])))
    6.0
    """
    return max(a, axis=axis, keepdims=keepdims) - min(a, axis=axis, keepdims=keepdims)


def nansum(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum of the elements that are not nan; those that are get the gradient 0.

    >>> float(nansum(np.array([1.0, np.nan, 2.0])))
    3.0
    """
    return sum(where(np.isnan(a), 0, a), axis=axis, keepdims=keepdims)


def nanmean(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean of the elements that are not nan; those that are get the gradient 0.

    >>> float(nanmean(np.array([1.0, np.nan, 2.0])))
    1.5
    """
    dtype = getattr(a, "dtype", None)  # a count of whole numbers would turn float32 into float64
    return nansum(a, axis, keepdims) / np.sum(~np.isnan(a), axis=axis, dtype=dtype, keepdims=keepdims)


numpy_functions[np.ptp] = ptp
numpy_functions[np.nansum] = nansum
numpy_functions[np.nanmean] = nanmean
