"""Reductions: many elements become one. In a vjp the upstream gradient first gets its lost axes back."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..primitive import Primitive, numpy_functions, primitive
from .elementwise import exp
from .shape import broadcast_to, reshape

__all__ = ["logsumexp", "max", "mean", "min", "sum"]


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


def averaged(g: Any, x: Any, axis: Any) -> Any:
    """`g` over the number of elements of x that go into one element of its mean over axis."""
    shape = np.shape(x)
    n = 1
    for a in axes_of(shape, axis):
        n *= shape[a]
    return g / n if n < 60_000 else g * (1 / n)  # float16 has no larger number than 65504


def _sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    if x.__class__ is np.ndarray:  # what np.sum ends in, without its way there (1 us)
        return np.add.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]
    return np.sum(x, axis=axis, keepdims=keepdims)


def _mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.mean(x, axis=axis, keepdims=keepdims)


def _max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.max(x, axis=axis, keepdims=keepdims)


def _min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.min(x, axis=axis, keepdims=keepdims)


def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, np.zeros_like(top))
    total = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.reshape(total, np.shape(np.sum(x, axis=axis)))


def _sum_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return broadcast_to(unreduced(g, x, axis, keepdims), np.shape(x))


def _sum_kernel(g: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    out = np.empty_like(x)  # filled at once: np.broadcast_to alone takes longer than both (3 us against 0.6)
    out[...] = g if axis is None or keepdims else unreduced(g, x, axis, keepdims)
    return out


def _mean_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return broadcast_to(unreduced(averaged(g, x, axis), x, axis, keepdims), np.shape(x))


def _mean_kernel(g: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _sum_kernel(averaged(g, x, axis), y, x, axis, keepdims)


def _extreme_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    hit = x == unreduced(y, x, axis, keepdims)  # where elements tie, they share the gradient
    return unreduced(g, x, axis, keepdims) * (hit / _sum(hit, axis=axis, keepdims=True))


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

sum: Primitive = primitive("sum", _sum, _sum_vjp, kernels=(_sum_kernel,), numpy=np.sum, samples=_SAMPLES)
mean: Primitive = primitive(
    "mean", _mean, _mean_vjp, kernels=(_mean_kernel,), numpy=np.mean, samples=_SAMPLES
)
max: Primitive = primitive("max", _max, _extreme_vjp, numpy=np.max, samples=_SAMPLES)
min: Primitive = primitive("min", _min, _extreme_vjp, numpy=np.min, samples=_SAMPLES)
logsumexp: Primitive = primitive("logsumexp", _logsumexp, _logsumexp_vjp, samples=_SAMPLES)
numpy_functions[np.amax] = max
numpy_functions[np.amin] = min
