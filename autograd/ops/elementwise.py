"""Elementwise operations: one line each, forward by its NumPy name, then the local gradient of each input.

In a rule, y is the output and x (or a, b) are the inputs. At a kink the derivative is a choice, said beside the op.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..primitive import Primitive, elementwise, numpy_functions, registry
from .masks import no_gradient, only, only_or_half

__all__ = [
    "absolute",
    "add",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cbrt",
    "cos",
    "cosh",
    "deg2rad",
    "degrees",
    "divide",
    "exp",
    "exp2",
    "expm1",
    "fabs",
    "float_power",
    "hypot",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "logaddexp2",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "positive",
    "power",
    "rad2deg",
    "radians",
    "reciprocal",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "true_divide",
    "where",
]

# --- kernels: the same contributions for plain arrays, with fewer temporaries. A test holds rule and kernel together.


def _pass(g: Any, y: Any, a: Any, b: Any) -> Any:
    return g


def _tanh_kernel(g: Any, y: Any, x: Any) -> Any:
    t = y * y  # g - y*y*g: three passes and no conversion of a Python 1 (measured: 1.0 us against 1.4 us)
    t *= g
    return g - t


def _larger_kernel(g: Any, y: Any, a: Any, b: Any) -> Any:
    return only_or_half(g, a > b, a == b)


def _smaller_kernel(g: Any, y: Any, a: Any, b: Any) -> Any:
    return _larger_kernel(g, y, b, a)


# --- parts of rules


def _base(a: Any, b: Any) -> Any:
    """The base of a power, but 1 where base and exponent are 0: keeps 0 * inf from turning into nan."""
    if b.__class__ in (float, int) and b != 0:
        return a
    return where(b == 0, where(a == 0, 1, a), a)


def _over_square(x: Any, a: Any, b: Any) -> Any:
    """x / (a*a + b*b), without overflow; 0 at the origin, where x is 0."""
    r = hypot(a, b)
    r = where(r == 0, 1, r)
    return x / r / r


# --- forward functions


def _maximum_scalar(a: float, b: float) -> float:
    return a if a >= b or a != a else b  # nan wins, as in NumPy


def _minimum_scalar(a: float, b: float) -> float:
    return a if a <= b or a != a else b


def _logaddexp_scalar(a: float, b: float) -> float:
    if a == b:  # also where both are infinite
        return a + math.log(2)
    return max(a, b) + math.log1p(math.exp(-abs(a - b)))


def _logaddexp2_scalar(a: float, b: float) -> float:
    if a == b:
        return a + 1
    return max(a, b) + math.log1p(2.0 ** -abs(a - b)) / math.log(2)


def _float_power(a: Any, b: Any) -> Any:
    y, dtype = np.float_power(a, b), np.result_type(a, b)  # float64 always; but float32 is to stay
    return y.astype(dtype, copy=False) if dtype.kind == "f" else y


# --- arithmetic

add: Primitive = elementwise("add", lambda y, a, b: 1, lambda y, a, b: 1, kernels=(_pass, _pass))
subtract: Primitive = elementwise(
    "subtract", lambda y, a, b: 1, lambda y, a, b: -1, kernels=(_pass, lambda g, y, a, b: -g)
)
multiply: Primitive = elementwise(
    "multiply",
    lambda y, a, b: b,
    lambda y, a, b: a,
    kernels=(lambda g, y, a, b: g * b, lambda g, y, a, b: g * a),
)
divide: Primitive = elementwise(
    "divide", lambda y, a, b: 1 / b, lambda y, a, b: -y / b, domain=((-2, 2), (0.5, 2))
)
negative: Primitive = elementwise("negative", lambda y, x: -1)
reciprocal: Primitive = elementwise(
    "reciprocal", lambda y, x: -y * y, scalar=lambda x: 1 / x, domain=(0.5, 2)
)
square: Primitive = elementwise("square", lambda y, x: 2 * x, scalar=lambda x: x * x)
sqrt: Primitive = elementwise("sqrt", lambda y, x: 0.5 / y, domain=(0.5, 2))
# 0**b is 0 for every b > 0, so its slope in b is 0: the inner choice keeps 0 * inf from turning into nan.
_POWER = (
    lambda y, a, b: b * _base(a, b) ** (b - 1.0),  # an unsigned 0 - 1 would be 255
    lambda y, a, b: y * log(where(a == 0, where(b < 0, 0, 1), a)),
)
power: Primitive = elementwise("power", *_POWER, domain=((0.5, 2), (-2, 2)))
float_power: Primitive = elementwise(
    "float_power", *_POWER, forward=_float_power, scalar=operator.pow, domain=((0.5, 2), (0, 2))
)
positive: Primitive = elementwise(
    "positive", lambda y, x: 1, scalar=operator.pos, kernels=(lambda g, y, x: g,)
)
# Of real numbers x itself: programs that take complex ones too may ask for their real part.
numpy_functions |= dict.fromkeys((np.real, np.conjugate), positive)
cbrt: Primitive = elementwise("cbrt", lambda y, x: 1 / (3 * y * y), domain=(0.5, 2))
true_divide = divide  # as in NumPy, another name

# --- exponentials and logarithms

exp: Primitive = elementwise("exp", lambda y, x: y)
exp2: Primitive = elementwise("exp2", lambda y, x: y * math.log(2), scalar=lambda x: 2.0**x)
expm1: Primitive = elementwise("expm1", lambda y, x: y + 1)
log: Primitive = elementwise("log", lambda y, x: 1 / x, domain=(0.5, 2))
log2: Primitive = elementwise("log2", lambda y, x: 1 / (x * math.log(2)), domain=(0.5, 2))
log10: Primitive = elementwise("log10", lambda y, x: 1 / (x * math.log(10)), domain=(0.5, 2))
log1p: Primitive = elementwise("log1p", lambda y, x: 1 / (1 + x), domain=(-0.5, 2))
logaddexp: Primitive = elementwise(
    "logaddexp", lambda y, a, b: exp(a - y), lambda y, a, b: exp(b - y), scalar=_logaddexp_scalar
)
logaddexp2: Primitive = elementwise(
    "logaddexp2", lambda y, a, b: exp2(a - y), lambda y, a, b: exp2(b - y), scalar=_logaddexp2_scalar
)

# --- trigonometric and hyperbolic

sin: Primitive = elementwise("sin", lambda y, x: cos(x))
cos: Primitive = elementwise("cos", lambda y, x: -sin(x))
tan: Primitive = elementwise("tan", lambda y, x: 1 + y * y, domain=(-1, 1))
arcsin: Primitive = elementwise(
    "arcsin", lambda y, x: 1 / sqrt(1 - x * x), scalar=math.asin, domain=(-0.8, 0.8)
)
arccos: Primitive = elementwise(
    "arccos", lambda y, x: -1 / sqrt(1 - x * x), scalar=math.acos, domain=(-0.8, 0.8)
)
arctan: Primitive = elementwise("arctan", lambda y, x: 1 / (1 + x * x), scalar=math.atan)
sinh: Primitive = elementwise("sinh", lambda y, x: cosh(x))
cosh: Primitive = elementwise("cosh", lambda y, x: sinh(x))
tanh: Primitive = elementwise("tanh", lambda y, x: 1 - y * y, kernels=(_tanh_kernel,))
# The square of a large x would overflow, and 1 - x*x lose digits near 1: hence not the forms of the tables.
arcsinh: Primitive = elementwise("arcsinh", lambda y, x: 1 / hypot(x, 1), scalar=math.asinh)
arccosh: Primitive = elementwise(
    "arccosh", lambda y, x: 1 / (sqrt(x - 1) * sqrt(x + 1)), scalar=math.acosh, domain=(1.5, 3)
)
arctanh: Primitive = elementwise(
    "arctanh", lambda y, x: 1 / ((1 - x) * (1 + x)), scalar=math.atanh, domain=(-0.8, 0.8)
)
# The origin has no angle and the radius a cone there; the slopes are 0, as PyTorch's are for the angle.
hypot: Primitive = elementwise(
    "hypot",
    lambda y, a, b: a / where(y == 0, 1, y),
    lambda y, a, b: b / where(y == 0, 1, y),
    domain=((0.5, 2), (-2, 2)),
)
arctan2: Primitive = elementwise(
    "arctan2",
    lambda y, a, b: _over_square(b, a, b),
    lambda y, a, b: -_over_square(a, a, b),
    scalar=math.atan2,
    domain=((-2, 2), (0.5, 2)),
)
deg2rad: Primitive = elementwise("deg2rad", lambda y, x: math.pi / 180, scalar=math.radians)
rad2deg: Primitive = elementwise("rad2deg", lambda y, x: 180 / math.pi, scalar=math.degrees)
radians, degrees = deg2rad, rad2deg
numpy_functions[np.radians], numpy_functions[np.degrees] = deg2rad, rad2deg

# --- choices. `absolute` has slope 0 at 0; where two inputs tie, `maximum` and `minimum` give half to each.

absolute: Primitive = elementwise("absolute", lambda y, x: sign(x))
fabs: Primitive = elementwise("fabs", lambda y, x: sign(x))
sign: Primitive = elementwise(
    "sign",
    lambda y, x: 0,
    scalar=lambda x: float((x > 0) - (x < 0)) if x == x else x,
    kernels=(no_gradient,),
)
maximum: Primitive = elementwise(
    "maximum",
    lambda y, a, b: where(a > b, 1, where(a == b, 0.5, 0)),
    lambda y, a, b: where(b > a, 1, where(a == b, 0.5, 0)),
    scalar=_maximum_scalar,
    kernels=(_larger_kernel, _smaller_kernel),
)
minimum: Primitive = elementwise(
    "minimum",
    lambda y, a, b: where(a < b, 1, where(a == b, 0.5, 0)),
    lambda y, a, b: where(b < a, 1, where(a == b, 0.5, 0)),
    scalar=_minimum_scalar,
    kernels=(_smaller_kernel, _larger_kernel),
)
where: Primitive = elementwise(
    "where",
    lambda y, condition, a, b: 0,
    lambda y, condition, a, b: where(condition, 1, 0),
    lambda y, condition, a, b: where(condition, 0, 1),
    kernels=(
        no_gradient,
        lambda g, y, condition, a, b: only(g, condition != 0),
        lambda g, y, condition, a, b: only(g, condition == 0),
    ),
    scalar=lambda condition, a, b: a if condition else b,
    domain=((1, 2), (-2, 2), (-2, 2)),
)

# What help() says of each op, besides its signature.
_MEANING = {
    "add": "a + b",
    "subtract": "a - b",
    "multiply": "a * b, element by element; @ is the matrix product",
    "divide": "a / b",
    "negative": "-x",
    "reciprocal": "1 / x",
    "square": "x * x",
    "sqrt": "the square root; its slope at 0 is infinite",
    "power": "a ** b; 0**0 is 1, with both slopes 0. For a < 0, b must be a whole number, and has no slope (nan)",
    "float_power": "a ** b of whole numbers too: they become float64, and float32 stays",
    "positive": "+x: x itself",
    "cbrt": "the cube root; its slope at 0 is infinite",
    "exp": "e ** x",
    "exp2": "2 ** x",
    "expm1": "e ** x - 1, exact for small x",
    "log": "the natural logarithm",
    "log2": "the logarithm to base 2",
    "log10": "the logarithm to base 10",
    "log1p": "log(1 + x), exact for small x",
    "logaddexp": "log(e**a + e**b), without overflow",
    "logaddexp2": "log2(2**a + 2**b), without overflow",
    "sin": "the sine of an angle in radians",
    "cos": "the cosine of an angle in radians",
    "tan": "the tangent of an angle in radians",
    "arcsin": "the angle in radians whose sine is x",
    "arccos": "the angle in radians whose cosine is x",
    "arctan": "the angle in radians whose tangent is x",
    "sinh": "(e**x - e**-x) / 2",
    "cosh": "(e**x + e**-x) / 2",
    "tanh": "sinh(x) / cosh(x), between -1 and 1",
    "arcsinh": "the number whose sinh is x",
    "arccosh": "the positive number whose cosh is x; its slope at 1 is infinite",
    "arctanh": "the number whose tanh is x",
    "hypot": "sqrt(a*a + b*b), without overflow; its slopes at (0, 0) are 0",
    "arctan2": "the angle in radians of the point (b, a) from the x-axis; its slopes at (0, 0) are 0",
    "deg2rad": "degrees as radians",
    "rad2deg": "radians as degrees",
    "absolute": "|x|; its slope at 0 is 0",
    "fabs": "|x|, as a floating point number; its slope at 0 is 0",
    "sign": "-1, 0 or 1; its slope is 0 everywhere",
    "maximum": "the larger of a and b; where they tie, each gets half the gradient",
    "minimum": "the smaller of a and b; where they tie, each gets half the gradient",
    "where": "a where the condition holds, else b",
}
for _name, _text in _MEANING.items():
    registry[_name].describe(_text)
