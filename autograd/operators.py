"""What both engines can do element by element: operators and methods that are ops, in one table.

Each engine has quicker ways for the commonest of them, and `with_ways` puts these in the place of the general one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .graph import Node
from .ops import activations as act
from .ops import choices, rounding, special
from .ops import elementwise as e
from .ops import rectifiers as rect
from .primitive import Primitive

Method = Callable[..., Any]
Class = TypeVar("Class", bound=type)


def named(method: Method, op: Primitive, way: str = "") -> Method:
    """`method`, which help() shows as the op."""
    method.__name__ = method.__qualname__ = op.name
    method.__doc__ = op.__doc__
    method.__wrapped__ = op  # type: ignore[attr-defined]
    method.way = way  # type: ignore[attr-defined]
    return method


def several(op: Primitive, way: str = "") -> Method:
    """A method with further inputs or settings: t.fmod(u)."""
    return named(lambda self, *args, **kwargs: self._apply_primitive(op, (self, *args), kwargs), op, way)


def unary(op: Primitive) -> Method:
    """A method without further inputs: t.tanh()."""
    return several(op, "unary")


def binary(op: Primitive) -> Method:
    """An operator: t * u."""
    return several(op, "binary")


def reflected(op: Primitive) -> Method:
    """The same with the operands the other way round: 2 * t."""
    return named(lambda self, other: self._apply_primitive(op, (other, self), {}), op, "reflected")


def with_ways(**ways: Callable[[Primitive], Method]) -> Callable[[Class], Class]:
    """Give a class that has the table its own ways to make a method: unary, binary, reflected."""

    def give(cls: Class) -> Class:
        for name, method in vars(Operators).items():
            way = ways.get(getattr(method, "way", ""))
            if way is not None:
                setattr(cls, name, way(method.__wrapped__))
        return cls

    return give


class Operators(Node):
    """Arithmetic and functions of Value and Tensor."""

    __slots__ = ()

    __add__, __radd__ = binary(e.add), reflected(e.add)
    __sub__, __rsub__ = binary(e.subtract), reflected(e.subtract)
    __mul__, __rmul__ = binary(e.multiply), reflected(e.multiply)
    __truediv__, __rtruediv__ = binary(e.divide), reflected(e.divide)
    __pow__, __rpow__ = binary(e.power), reflected(e.power)
    __neg__ = negative = neg = unary(e.negative)
    __abs__ = abs = absolute = unary(e.absolute)

    add = several(e.add)
    multiply = mul = several(e.multiply)
    subtract = sub = several(e.subtract)
    divide = div = true_divide = several(e.divide)
    power = pow = several(e.power)

    exp, expm1, log, log1p = unary(e.exp), unary(e.expm1), unary(e.log), unary(e.log1p)
    log2, log10, sqrt, square = unary(e.log2), unary(e.log10), unary(e.sqrt), unary(e.square)
    sin, cos, tan, arctan = unary(e.sin), unary(e.cos), unary(e.tan), unary(e.arctan)
    arcsin, arccos, sinh, cosh = unary(e.arcsin), unary(e.arccos), unary(e.sinh), unary(e.cosh)
    tanh, sign, reciprocal = unary(e.tanh), unary(e.sign), unary(e.reciprocal)
    arcsinh, arccosh, arctanh = unary(e.arcsinh), unary(e.arccosh), unary(e.arctanh)
    exp2, deg2rad, rad2deg, positive = unary(e.exp2), unary(e.deg2rad), unary(e.rad2deg), unary(e.positive)
    cbrt, fabs = unary(e.cbrt), unary(e.fabs)
    maximum, minimum = several(e.maximum), several(e.minimum)
    arctan2, hypot, float_power = several(e.arctan2), several(e.hypot), several(e.float_power)
    logaddexp, logaddexp2 = several(e.logaddexp), several(e.logaddexp2)
    clip = clamp = choices.clip
    copysign, nan_to_num = several(choices.copysign), unary(choices.nan_to_num)
    fmax, fmin, heaviside = several(choices.fmax), several(choices.fmin), several(choices.heaviside)

    __mod__, __rmod__ = binary(rounding.remainder), reflected(rounding.remainder)
    __floordiv__, __rfloordiv__ = binary(rounding.floor_divide), reflected(rounding.floor_divide)
    floor, ceil, rint = unary(rounding.floor), unary(rounding.ceil), unary(rounding.rint)
    round, trunc = unary(rounding.round), unary(rounding.trunc)
    fix = trunc
    remainder, fmod = several(rounding.remainder), several(rounding.fmod)
    floor_divide = several(rounding.floor_divide)

    erf, erfc, sinc = unary(special.erf), unary(special.erfc), unary(special.sinc)
    logit, xlogy = unary(special.logit), several(special.xlogy)

    sigmoid, softplus, gelu, silu = unary(act.sigmoid), unary(act.softplus), unary(act.gelu), unary(act.silu)
    mish, softsign, log_sigmoid = unary(act.mish), unary(act.softsign), unary(act.log_sigmoid)
    tanhshrink = unary(act.tanhshrink)
    relu, leaky_relu, relu6 = unary(rect.relu), unary(rect.leaky_relu), unary(rect.relu6)
    elu, selu, celu, prelu = unary(rect.elu), unary(rect.selu), unary(rect.celu), several(rect.prelu)
    hardtanh, hardsigmoid, hardswish = unary(rect.hardtanh), unary(rect.hardsigmoid), unary(rect.hardswish)
    hardshrink, softshrink, threshold = unary(rect.hardshrink), unary(rect.softshrink), unary(rect.threshold)

    def __pos__(self) -> Any:
        return self

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self
