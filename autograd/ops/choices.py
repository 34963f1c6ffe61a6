"""Choices between numbers: clip, fmax, fmin, copysign, nan_to_num, heaviside. The plain ones (where, maximum, minimum,
absolute, sign), which the rules of other ops use, are in elementwise.py.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..primitive import Primitive, elementwise, numpy_functions, registry
from .elementwise import maximum, minimum, sign, where
from .masks import no_gradient, only, only_or_half
from .shape import foreign

__all__ = ["clip", "copysign", "fmax", "fmin", "heaviside", "nan_to_num"]


def _clip(x: Any, low: float | None = None, high: float | None = None) -> Any:
    x = x if low is None else np.maximum(x, low)
    return x + 0 if low is high is None else x if high is None else np.minimum(x, high)


def _clip_scalar(x: float, low: float | None = None, high: float | None = None) -> float:
    x = x if low is None else maximum(x, low)
    return x if high is None else minimum(x, high)


_clip_op: Primitive = elementwise(  # slope 1 on the borders too
    "clip",
    lambda y, x, low=None, high=None: where(y == x, 1, 0),
    forward=_clip,
    scalar=_clip_scalar,
    kernels=(lambda g, y, x, low=None, high=None: only(g, y == x),),
    settings=({"low": -0.5, "high": 0.8}, {"high": 0.1}),
)
_clip_between: Primitive = elementwise(  # on a border the gradient goes to x, as PyTorch's does
    "clip_between",
    lambda y, x, low, high: where(x >= low, where(x <= high, 1, 0), 0),
    lambda y, x, low, high: where(x < low, where(low < high, 1, 0), 0),
    lambda y, x, low, high: where(x > high, 1, where(high < low, 1, 0)),
    forward=lambda x, low, high: np.minimum(np.maximum(x, low), high),
    scalar=lambda x, low, high: minimum(maximum(x, low), high),
    kernels=(
        lambda g, y, x, low, high: only(g, (x >= low) & (x <= high)),
        lambda g, y, x, low, high: only(g, (x < low) & (low < high)),
        lambda g, y, x, low, high: only(g, (x > high) | (high < low)),
    ),
    domain=((-2, 2), (-1, 0), (0.2, 1)),
)


def clip(x: Any, low: Any = None, high: Any = None, *, min: Any = None, max: Any = None) -> Any:
    """x, but at least low and at most high (NumPy's newer names min and max do as well).

    Inside, the borders included, the slope is 1, outside 0. A bound may be an array or a node too, of a shape that
    broadcasts with x; where it is the result, it gets the gradient.

    >>> from autograd import Tensor
    >>> x = Tensor([-3.0, 0.5, 1.0])
    >>> clip(x, -1, 1).sum().backward()
    >>> x.grad
    array([0., 1., 1.])
    """
    low, high = min if low is None else low, max if high is None else high
    settings = {}
    for key, bound in (("low", low), ("high", high)):
        if isinstance(bound, (int, float, np.generic)):  # a NumPy number would make float32 wider
            settings[key] = bound if bound.__class__ in (int, float) else bound.item()  # type: ignore[union-attr]
        elif bound is not None:
            break
    else:
        return _clip_op(x, **settings)
    return _clip_between(x, -math.inf if low is None else low, math.inf if high is None else high)


numpy_functions[np.clip] = clip


def _above(mine: Any, other: Any) -> Any:
    """Where one is the larger, or the only one that is not nan. (NumPy 1 may round the result, so it is not asked.)"""
    return (mine > other) | ((other != other) & (mine == mine))


def _below(mine: Any, other: Any) -> Any:
    return (mine < other) | ((other != other) & (mine == mine))


def _nan_to_num(x: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    if not foreign(x):
        return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)
    end = np.finfo(x.dtype)  # Dask's takes no settings
    posinf, neginf = end.max if posinf is None else posinf, end.min if neginf is None else neginf
    y = np.where(np.isnan(x), nan, np.where(x == np.inf, posinf, np.where(x == -np.inf, neginf, x)))
    return y.astype(x.dtype)


nan_to_num: Primitive = elementwise(
    "nan_to_num",
    lambda y, x, nan=0.0, posinf=None, neginf=None: where(np.isfinite(x), 1, 0),
    forward=_nan_to_num,
    settings=({}, {"nan": 1.0, "posinf": 2.0}),
)
# Where one input is nan the other is the result, and gets the gradient; where both are, none does.
fmax: Primitive = elementwise(
    "fmax",
    lambda y, a, b: where(y == a, where(y == b, 0.5, 1), 0),
    lambda y, a, b: where(y == b, where(y == a, 0.5, 1), 0),
    scalar=lambda a, b: a if a >= b or b != b else b,
    kernels=(
        lambda g, y, a, b: only_or_half(g, _above(a, b), a == b),
        lambda g, y, a, b: only_or_half(g, _above(b, a), a == b),
    ),
)
fmin: Primitive = elementwise(
    "fmin",
    lambda y, a, b: where(y == a, where(y == b, 0.5, 1), 0),
    lambda y, a, b: where(y == b, where(y == a, 0.5, 1), 0),
    scalar=lambda a, b: a if a <= b or b != b else b,
    kernels=(
        lambda g, y, a, b: only_or_half(g, _below(a, b), a == b),
        lambda g, y, a, b: only_or_half(g, _below(b, a), a == b),
    ),
)
copysign: Primitive = elementwise(
    "copysign",
    lambda y, a, b: sign(a) * sign(y),
    lambda y, a, b: 0,
    domain=((0.5, 2), (-2, 2)),
    kernels=(lambda g, y, a, b: g * (np.sign(a) * np.sign(y)), no_gradient),
)
heaviside: Primitive = elementwise(
    "heaviside",
    lambda y, a, b: 0,
    lambda y, a, b: where(a == 0, 1, 0),
    domain=((0.5, 2), (-2, 2)),
    kernels=(no_gradient, lambda g, y, a, b: only(g, a == 0)),
)

_MEANING = {
    "copysign": "|a| with the sign of b; the slope in a is 0 at 0, that in b is 0",
    "fmax": "the larger of a and b, or the one that is not nan; where they tie, each gets half the gradient",
    "fmin": "the smaller of a and b, or the one that is not nan; where they tie, each gets half the gradient",
    "clip": "x, but at least low and at most high; the slope on the borders is 1",
    "clip_between": "clip with bounds that are inputs, and get the gradient where they are the result",
    "nan_to_num": "x with nan as 0 (or `nan`) and infinities as the largest numbers (or `posinf`, `neginf`); the slope "
    "is 1 where x is finite, else 0",
    "heaviside": "0 where a < 0, 1 where a > 0, and b where a is 0: only there b has a slope, and a has none",
}
for _name, _text in _MEANING.items():
    registry[_name].describe(_text)
