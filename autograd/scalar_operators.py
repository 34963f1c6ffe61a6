"""What Value can do besides its heart: operators and methods that are ops, in one table, and how a method is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .graph import Node, recording
from .ops import activations as act
from .ops import choices, rounding, special
from .ops import elementwise as e
from .ops import rectifiers as rect
from .primitive import Primitive


def method(op: Primitive) -> Callable[..., Any]:
    """A method of Value that is an op: `v.tanh()`. Without settings it takes a short way (a third of the time)."""
    forward: Any = op.scalar
    rule: Any = op.rules[0] if op.rules else None

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.requires_grad and not args and not kwargs and recording() is True:
            x = self.data
            try:
                y = forward(x)
                return self._record(y, op, self, None, float(rule(y, x)), None)
            except (ValueError, ZeroDivisionError, OverflowError):
                pass  # the general way says what is wrong
        return self._apply(op, (self, *args), kwargs)

    call.__name__ = call.__qualname__ = op.name
    call.__doc__ = op.__doc__
    call.__wrapped__ = op  # type: ignore[attr-defined]  # help() shows the op's own signature
    return call


def several(op: Primitive) -> Callable[..., Any]:
    """A method with further inputs: v.fmod(w)."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self._apply_primitive(op, (self, *args), kwargs)

    call.__name__ = call.__qualname__ = op.name
    call.__doc__ = op.__doc__
    call.__wrapped__ = op  # type: ignore[attr-defined]
    return call


def binary(op: Primitive) -> Callable[..., Any]:
    """An operator between Values, or a Value and a number."""
    return lambda self, other: self._binary(op, other)


def reflected(op: Primitive) -> Callable[..., Any]:
    """The same with the operands the other way round: 2 - v."""
    return lambda self, other: self._binary(op, other, swapped=True)


class ScalarMethods(Node):
    """Arithmetic and functions of Value."""

    __slots__ = ()

    __radd__, __rsub__, __rmul__ = reflected(e.add), reflected(e.subtract), reflected(e.multiply)
    __truediv__, __rtruediv__ = binary(e.divide), reflected(e.divide)
    __pow__, __rpow__ = binary(e.power), reflected(e.power)
    __neg__ = method(e.negative)
    __abs__ = abs = method(e.absolute)
    exp, expm1, log, log1p = method(e.exp), method(e.expm1), method(e.log), method(e.log1p)
    log2, log10, sqrt, square = method(e.log2), method(e.log10), method(e.sqrt), method(e.square)
    sin, cos, tan, arctan = method(e.sin), method(e.cos), method(e.tan), method(e.arctan)
    arcsin, arccos, sinh, cosh = method(e.arcsin), method(e.arccos), method(e.sinh), method(e.cosh)
    tanh, sign, reciprocal = method(e.tanh), method(e.sign), method(e.reciprocal)
    arcsinh, arccosh, arctanh = method(e.arcsinh), method(e.arccosh), method(e.arctanh)
    exp2, deg2rad, rad2deg, positive = (
        method(e.exp2),
        method(e.deg2rad),
        method(e.rad2deg),
        method(e.positive),
    )
    maximum, minimum, power = several(e.maximum), several(e.minimum), several(e.power)
    arctan2, hypot, float_power = several(e.arctan2), several(e.hypot), several(e.float_power)
    logaddexp, logaddexp2 = several(e.logaddexp), several(e.logaddexp2)
    clip = clamp = choices.clip
    copysign, nan_to_num = several(choices.copysign), method(choices.nan_to_num)
    fmax, fmin, heaviside = several(choices.fmax), several(choices.fmin), several(choices.heaviside)

    __mod__, __rmod__ = binary(rounding.remainder), reflected(rounding.remainder)
    __floordiv__, __rfloordiv__ = binary(rounding.floor_divide), reflected(rounding.floor_divide)
    floor, ceil, rint, round = (
        method(rounding.floor),
        method(rounding.ceil),
        method(rounding.rint),
        method(rounding.round),
    )
    trunc = fix = method(rounding.trunc)
    remainder, fmod = several(rounding.remainder), several(rounding.fmod)
    floor_divide = several(rounding.floor_divide)

    erf, erfc, sinc, logit = (
        method(special.erf),
        method(special.erfc),
        method(special.sinc),
        method(special.logit),
    )
    xlogy = several(special.xlogy)

    sigmoid, softplus, gelu = method(act.sigmoid), method(act.softplus), method(act.gelu)
    silu, mish, softsign = method(act.silu), method(act.mish), method(act.softsign)
    log_sigmoid, tanhshrink = method(act.log_sigmoid), method(act.tanhshrink)
    relu, leaky_relu, relu6 = method(rect.relu), method(rect.leaky_relu), method(rect.relu6)
    elu, selu, celu, prelu = method(rect.elu), method(rect.selu), method(rect.celu), several(rect.prelu)
    hardtanh, hardsigmoid, hardswish = method(rect.hardtanh), method(rect.hardsigmoid), method(rect.hardswish)
    hardshrink, softshrink, threshold = (
        method(rect.hardshrink),
        method(rect.softshrink),
        method(rect.threshold),
    )

    def __pos__(self) -> Any:
        return self

    def __round__(self, digits: int | None = None) -> Any:
        # As of a float: without digits a plain int, which cannot be in a graph (nor has it a slope).
        return round(self.data) if digits is None else rounding.round(self, decimals=digits)

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self
