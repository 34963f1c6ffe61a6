"""Mean and spread: var, std, average, and nanvar, nanstd without nan.

They count from the mean, so no digits are lost to E[x^2] - E[x]^2.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..graph import raw
from ..primitive import Primitive, numpy_functions, primitive
from .elementwise import sqrt, square, where
from .reduce import axes_of, elements, mean, nanmean, over, unreduced
from .reduce import sum as _sum
from .shape import broadcast_to, reshape, transpose

__all__ = ["average", "nanstd", "nanvar", "std", "var"]


def _var(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    return np.var(x, axis=axis, ddof=ddof, keepdims=keepdims)


def _std(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    return np.std(x, axis=axis, ddof=ddof, keepdims=keepdims)


def _freedom(x: Any, axis: Any, ddof: float) -> float:
    """The number that a sum of squares is divided by; nan where none is left, and with it the gradient."""
    n = elements(np.shape(x), axis) - ddof
    return n if n > 0 else math.nan


def _var_vjp(g: Any, y: Any, x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    deviation = x - mean(x, axis=axis, keepdims=True)  # the mean's own slope drops out: deviations sum to 0
    return over(unreduced(g, x, axis, keepdims) * deviation, _freedom(x, axis, ddof) / 2)


def _std_vjp(g: Any, y: Any, x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    deviation = x - mean(x, axis=axis, keepdims=True)
    spread = where(y == 0, 1, y)  # equal elements have no deviation, so the slope there is 0 / 1
    return over(unreduced(g / spread, x, axis, keepdims) * deviation, _freedom(x, axis, ddof))


_SAMPLES: tuple[Any, ...] = (
    (((2, 3),), {}),
    (((3, 2),), {"axis": 0, "ddof": 1}),
    (((2, 3, 2),), {"axis": (0, -1)}),
    (((2, 3),), {"axis": np.int64(1), "keepdims": True}),
    (((0, 3),), {"axis": -1}),
)
var: Primitive = primitive(
    "var",
    _var,
    _var_vjp,
    numpy=np.var,
    samples=(*_SAMPLES, (((),), {})),
    doc="""The variance over an axis: the sum of squared deviations from the mean, divided by n - ddof.

    ddof is 0, as in NumPy; PyTorch's default is 1.

    >>> float(var(np.array([1.0, 3.0]))), float(var(np.array([1.0, 3.0]), ddof=1))
    (1.0, 2.0)
    """,
)
std: Primitive = primitive(
    "std",
    _std,
    _std_vjp,
    numpy=np.std,
    samples=_SAMPLES,
    doc="""The standard deviation over an axis: the square root of `var`, and ddof as there.

    Where all elements are equal it has a kink, as the norm at 0; its gradient there is 0.

    >>> float(std(np.array([1.0, 3.0])))
    1.0
    """,
)


def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, keepdims: bool = False
) -> Any:
    """The weighted mean, sum(a * weights) / sum(weights); gradients go to the weights too.

    The weights have the shape of `a`, or only that of the axes that are averaged over. With returned=True the sum of
    the weights comes as well. Weights that sum to 0 are a ZeroDivisionError.

    >>> float(average(np.array([1.0, 5.0]), weights=np.array([3.0, 1.0])))
    2.0
    """
    shape = np.shape(a)
    if weights is None:
        result = mean(a, axis=axis, keepdims=keepdims)
        n = result.dtype.type(elements(shape, axis))
        return (result, np.full(np.shape(result), n)) if returned else result
    weights = _aligned(weights if hasattr(weights, "shape") else np.asarray(weights), shape, axis)
    total = _sum(weights, axis=axis, keepdims=keepdims)
    if np.any(raw(total) == 0):
        raise ZeroDivisionError(
            "average: the weights sum to 0, so they cannot be brought to a sum of 1. Check their signs, "
            "or write (a * weights).sum() for a sum that is not divided."
        )
    result = _sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (result, broadcast_to(total, shape=np.shape(result))) if returned else result


def _aligned(weights: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """Weights along the averaged axes only, with the other axes put in at length 1."""
    given = np.shape(weights)
    if given == shape:
        return weights
    axes = axes_of(shape, axis)
    if axis is None or given != tuple(shape[i] for i in axes):
        where_to = "" if axis is None else f", or along axis {axis} alone {tuple(shape[i] for i in axes)}"
        raise ShapeError(
            f"average of shape {shape} with weights of shape {given}. Give weights of shape {shape}{where_to}."
        )
    order = tuple(sorted(range(len(axes)), key=axes.__getitem__))
    lengths = tuple(n if i in axes else 1 for i, n in enumerate(shape))
    return reshape(transpose(weights, axes=order), shape=lengths)


def nanvar(a: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """The variance of the elements that are not nan, which get the gradient 0; ddof as in `var`.

    >>> float(nanvar(np.array([1.0, np.nan, 3.0])))
    1.0
    """
    missing = np.isnan(a)
    deviation = where(missing, 0, a - nanmean(a, axis=axis, keepdims=True))
    n = np.sum(~missing, axis=axis, dtype=deviation.dtype, keepdims=keepdims) - ddof
    return _sum(square(deviation), axis=axis, keepdims=keepdims) / np.where(n > 0, n, math.nan).astype(
        n.dtype
    )


def nanstd(a: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """The standard deviation of the elements that are not nan; where these are equal, the gradient is 0, as in `std`.

    >>> float(nanstd(np.array([1.0, np.nan, 3.0])))
    1.0
    """
    variance = nanvar(a, axis=axis, ddof=ddof, keepdims=keepdims)
    return where(variance == 0, 0, sqrt(where(variance == 0, 1, variance)))


numpy_functions[np.average] = average
numpy_functions[np.nanvar] = nanvar
numpy_functions[np.nanstd] = nanstd
