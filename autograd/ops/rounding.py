"""Rounding, and the remainder of a division. Whatever is piecewise constant is an op whose slope is 0, so that it is in
the graph and in the picture, and stops the gradient there.
"""

from __future__ import annotations

import builtins
import math
import operator
from typing import Any

import numpy as np

from ..primitive import Primitive, elementwise, numpy_functions, registry
from .masks import no_gradient

__all__ = ["ceil", "fix", "floor", "floor_divide", "fmod", "mod", "remainder", "rint", "round", "trunc"]


def _zero(y: Any, x: Any) -> Any:
    return 0


floor: Primitive = elementwise("floor", _zero, scalar=lambda x: float(np.floor(x)), kernels=(no_gradient,))
ceil: Primitive = elementwise("ceil", _zero, scalar=lambda x: float(np.ceil(x)), kernels=(no_gradient,))
trunc: Primitive = elementwise("trunc", _zero, scalar=lambda x: float(np.trunc(x)), kernels=(no_gradient,))
rint: Primitive = elementwise("rint", _zero, kernels=(no_gradient,))
fix = trunc  # as in PyTorch, another name
round: Primitive = elementwise(
    "round",
    lambda y, x, decimals=0: 0,
    forward=lambda x, decimals=0: np.round(x, decimals),
    scalar=lambda x, decimals=0: builtins.round(x, decimals),
    settings=({}, {"decimals": 1}, {"decimals": np.int64(-1)}),
    kernels=(no_gradient,),
)
# a = b * floor_divide(a, b) + remainder(a, b), and the quotient is constant between its jumps; likewise for fmod.
floor_divide: Primitive = elementwise(
    "floor_divide",
    lambda y, a, b: 0,
    lambda y, a, b: 0,
    scalar=operator.floordiv,
    kernels=(no_gradient, no_gradient),
    domain=((-2, 2), (0.5, 2)),
)
remainder: Primitive = elementwise(
    "remainder",
    lambda y, a, b: 1,
    lambda y, a, b: -floor_divide(a, b),
    scalar=operator.mod,
    domain=((-2, 2), (0.5, 2)),
)
fmod: Primitive = elementwise(
    "fmod",
    lambda y, a, b: 1,
    lambda y, a, b: -rint((a - y) / b),
    scalar=math.fmod,
    domain=((-2, 2), (0.5, 2)),
)
mod = remainder

numpy_functions[np.fix] = trunc
numpy_functions[np.round] = numpy_functions[np.around] = round

_MEANING = {
    "floor": "the largest whole number that is at most x; the slope is 0 everywhere",
    "ceil": "the smallest whole number that is at least x; the slope is 0 everywhere",
    "trunc": "x without its fraction; the slope is 0 everywhere",
    "rint": "the nearest whole number, of two the even one; the slope is 0 everywhere",
    "round": "x to so many decimals, halves to the even digit; the slope is 0 everywhere. A Value rounds as Python's "
    "round does, an array as NumPy's (which may differ where x is within a rounding error of a half)",
    "floor_divide": "a // b, the whole quotient, rounded down; both slopes are 0 everywhere",
    "remainder": "a - b * (a // b), with the sign of b: Python's %; the slope in a is 1 and in b minus the whole "
    "quotient, also at the jumps",
    "fmod": "a - b * trunc(a / b), with the sign of a: C's fmod; the slope in a is 1 and in b minus the whole "
    "quotient, also at the jumps",
}
for _name, _text in _MEANING.items():
    registry[_name].describe(_text)
