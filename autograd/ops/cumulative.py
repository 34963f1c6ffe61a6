"""Running reductions: sum, product, maximum of everything up to here.

The way back runs from the end to the beginning. Wherever it is more than a sum it is a linear recurrence,
s[i] = g[i] + a[i+1] * s[i+1], so `recurrence` is an op of its own, and the derivative of a recurrence is one again.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..graph import raw
from ..primitive import Primitive, numpy_functions, primitive
from .elementwise import exp, where
from .shape import astype, foreign, reshape

__all__ = [
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "logcumsumexp",
    "nancumsum",
    "recurrence",
    "shift",
]


def along(ndim: int, axis: Any, part: slice) -> tuple[slice, ...]:
    """The index that takes `part` of one axis and all of the others."""
    return (slice(None),) * (operator.index(axis) % ndim) + (part,)


def flipped(x: Any, axis: Any) -> Any:
    """x with one axis reversed."""
    return x[along(np.ndim(x), axis, slice(None, None, -1))]


# --- moving along an axis


def _shift(x: Any, axis: Any = -1, by: int = 1, fill: float = 0.0) -> Any:
    n, rank = np.shape(x)[axis], np.ndim(x)
    by = max(-n, min(n, operator.index(by)))
    to, source = slice(max(by, 0), n + min(by, 0)), slice(max(-by, 0), n - max(by, 0))
    if foreign(x):  # Dask assigns no empty part
        gap = np.full_like(x[along(rank, axis, slice(abs(by)))], fill)
        parts = (gap, x[along(rank, axis, source)])
        return np.concatenate(parts if by > 0 else parts[::-1], axis=operator.index(axis))
    out = np.full_like(x, fill)
    out[along(rank, axis, to)] = x[along(rank, axis, source)]
    return out


shift: Primitive = primitive(
    "shift",
    _shift,
    lambda g, y, x, axis=-1, by=1, fill=0.0: shift(g, axis=axis, by=-by),
    samples=(
        (((4,),), {}),
        (((3, 2),), {"axis": 0, "by": -1, "fill": 1.0}),
        (((2, 3),), {"by": 5}),
        (((0, 2),), {"axis": np.int64(0)}),
    ),
    doc="""The elements moved `by` places along an axis: y[i] = x[i - by], and `fill` where there is nothing.

    >>> shift(np.array([1.0, 2.0, 3.0]), fill=0.5)
    array([0.5, 1. , 2. ])
    """,
)


def _recurrence(a: Any, b: Any, axis: Any = -1, reverse: bool = False) -> Any:
    if np.shape(a) != np.shape(b):
        raise ValueError("both need the same shape; np.broadcast_to stretches one to that of the other")
    dtype = np.result_type(a, b)
    a, y = np.moveaxis(a, axis, -1).astype(dtype), np.moveaxis(b, axis, -1).astype(dtype)  # copies
    if reverse:  # from the end: a[i] lies between the elements i - 1 and i in both directions
        a, y = _shift(a[..., ::-1]), y[..., ::-1]
    a[..., :1] = 0  # nothing comes before the first
    step = 1
    while step < y.shape[-1]:
        # Here y[i] is the sum over the last `step` terms, and a[i] the product over as many factors. Doubling takes
        # log2(n) steps where element by element takes n of them: 0.07 s for a million elements in place of 0.3 s.
        y[..., step:] += a[..., step:] * y[..., :-step]
        a[..., step:] = a[..., step:] * a[..., :-step]
        step *= 2
    return np.moveaxis(y[..., ::-1] if reverse else y, -1, axis)


def _recurrence_a(g: Any, y: Any, a: Any, b: Any, axis: Any = -1, reverse: bool = False) -> Any:
    s = recurrence(a, g, axis=axis, reverse=not reverse)
    return s * shift(y, axis=axis) if not reverse else shift(s, axis=axis) * y


recurrence: Primitive = primitive(
    "recurrence",
    _recurrence,
    _recurrence_a,
    lambda g, y, a, b, axis=-1, reverse=False: recurrence(a, g, axis=axis, reverse=not reverse),
    samples=(
        (((5,), (5,)), {}),
        (((5,), (5,)), {"reverse": True}),
        (((3, 2), (3, 2)), {"axis": 0}),
        (((2, 3), (2, 3)), {"axis": np.int64(-1), "reverse": True}),
        (((1,), (1,)), {}),
        (((0,), (0,)), {}),
    ),
    doc="""The linear recurrence y[i] = b[i] + a[i] * y[i-1] along an axis, from y[0] = b[0]; a[0] plays no part.

    With reverse=True it runs from the end, y[i] = b[i] + a[i+1] * y[i+1]. Both inputs have one shape. A moving
    average with decay d is `recurrence(d everywhere, (1 - d) * x)`. The gradient of b is the recurrence of g in the
    other direction (a hidden state of an RNN, without its nonlinearity).

    >>> recurrence(np.array([9.0, 0.5, 0.5]), np.array([8.0, 0.0, 1.0]))
    array([8., 4., 3.])
    """,
)

# --- sums and products


def _cumsum(x: Any, axis: Any = None) -> Any:
    if axis is None and not np.shape(x) and foreign(x):
        return np.reshape(x, (1,))  # Dask wants an axis
    return np.cumsum(x, axis=axis)


def _cumprod(x: Any, axis: Any = None) -> Any:
    return np.cumprod(x, axis=axis)


def _cumsum_vjp(g: Any, y: Any, x: Any, axis: Any = None) -> Any:
    line = 0 if axis is None else axis
    # Element k is part of all sums from k on.
    return reshape(flipped(cumsum(flipped(g, line), axis=line), line), np.shape(x))


def _cumprod_vjp(g: Any, y: Any, x: Any, axis: Any = None) -> Any:
    line = 0 if axis is None else axis
    # d y[i] / d x[k] is the product of the elements before k, times that of those between k and i: no division, so
    # zeros do no harm.
    before = shift(y, axis=line, fill=1.0)
    return reshape(before * recurrence(reshape(x, np.shape(y)), g, axis=line, reverse=True), np.shape(x))


_LINES: tuple[Any, ...] = (
    (((4,),), {}),
    (((2, 3),), {}),
    (((2, 3),), {"axis": 0}),
    (((2, 3, 2),), {"axis": -2}),
    (((2, 3),), {"axis": np.int64(1)}),
    (((0, 2),), {"axis": 0}),
)
cumsum: Primitive = primitive(
    "cumsum",
    _cumsum,
    _cumsum_vjp,
    numpy=np.cumsum,
    samples=(*_LINES, (((),), {})),
    doc="""y[i] = x[0] + ... + x[i] along an axis; with axis=None (the default, as NumPy's) of the raveled array.

    >>> cumsum(np.array([1.0, 2.0, 3.0]))
    array([1., 3., 6.])
    """,
)
cumprod: Primitive = primitive(
    "cumprod",
    _cumprod,
    _cumprod_vjp,
    numpy=np.cumprod,
    samples=_LINES,
    doc="""y[i] = x[0] * ... * x[i] along an axis; with axis=None (the default, as NumPy's) of the raveled array.

    The derivatives are right where elements are 0 too.

    >>> cumprod(np.array([1.0, 2.0, 3.0]))
    array([1., 2., 6.])
    """,
)


def nancumsum(a: Any, axis: Any = None) -> Any:
    """`cumsum` that counts a nan as 0; its gradient there is 0.

    >>> nancumsum(np.array([1.0, np.nan, 2.0]))
    array([1., 1., 3.])
    """
    return cumsum(where(np.isnan(a), 0, a), axis=axis)


numpy_functions[np.nancumsum] = nancumsum
for _name, _op in (("cumulative_sum", cumsum), ("cumulative_prod", cumprod)):  # since NumPy 2.1
    if hasattr(np, _name):
        numpy_functions[getattr(np, _name)] = _op

# --- maximum, minimum, log of a sum of exponentials: NumPy calls these np.maximum.accumulate and so on


def _running(ufunc: Any, x: Any, axis: Any) -> Any:
    """`ufunc.accumulate`, which other libraries lack: there by doubling, as the recurrence above."""
    if not foreign(x):
        return ufunc.accumulate(x, axis=axis)
    rank, n, step = np.ndim(x), np.shape(x)[axis], 1
    while step < n:
        first, before = along(rank, axis, slice(step)), along(rank, axis, slice(-step))
        rest = ufunc(x[along(rank, axis, slice(step, None))], x[before])
        x = np.concatenate([x[first], rest], axis=operator.index(axis))
        step *= 2
    return x


def _cummax(x: Any, axis: Any = 0) -> Any:
    return _running(np.maximum, x, axis)


def _cummin(x: Any, axis: Any = 0) -> Any:
    return _running(np.minimum, x, axis)


def _logcumsumexp(x: Any, axis: Any = 0) -> Any:
    return _running(np.logaddexp, x, axis)


def _running_vjp(g: Any, y: Any, x: Any, axis: Any = 0) -> Any:
    x, y = raw(x), raw(y)
    hit = astype(x == y, dtype=float)
    # 1 where the record of the place before still stands: along such a stretch gradients go back to who set it, and
    # elements that have equalled it by then share.
    stands = astype(y == shift(y, axis=axis, fill=math.nan), dtype=float)
    return hit * recurrence(stands, g / recurrence(stands, hit, axis=axis), axis=axis, reverse=True)


def _logcumsumexp_vjp(g: Any, y: Any, x: Any, axis: Any = 0) -> Any:
    # The sum of g[i] * exp(x[k] - y[i]) over all i from k on, in steps of exp(y[i-1] - y[i]), which is at most 1.
    finite = where(y == -math.inf, 0, y)
    steps = exp(shift(y, axis=axis, fill=-math.inf) - finite)
    return exp(x - finite) * recurrence(steps, g, axis=axis, reverse=True)


_RUNNING: tuple[Any, ...] = (*(case for case in _LINES if "axis" in case[1]), (((4,),), {}))
cummax: Primitive = primitive(
    "cummax",
    _cummax,
    _running_vjp,
    samples=_RUNNING,
    doc="""The largest element so far along an axis, the values of `np.maximum.accumulate`.

    PyTorch's cummax returns the indices too; here elements that tie share the gradient equally.

    >>> cummax(np.array([1.0, 3.0, 2.0]))
    array([1., 3., 3.])
    """,
)
cummin: Primitive = primitive(
    "cummin",
    _cummin,
    _running_vjp,
    samples=_RUNNING,
    doc="""The smallest element so far along an axis, the values of `np.minimum.accumulate`.

    PyTorch's cummin returns the indices too; here elements that tie share the gradient equally.

    >>> cummin(np.array([3.0, 1.0, 2.0]))
    array([3., 1., 1.])
    """,
)
logcumsumexp: Primitive = primitive(
    "logcumsumexp",
    _logcumsumexp,
    _logcumsumexp_vjp,
    samples=_RUNNING,
    doc="""log(exp(x[0]) + ... + exp(x[i])) along an axis, without overflow: `np.logaddexp.accumulate`.

    >>> logcumsumexp(np.array([1000.0, 1000.0])).round(4)
    array([1000.    , 1000.6931])
    """,
)
