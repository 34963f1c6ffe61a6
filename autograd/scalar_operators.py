"""Operators and methods of Value that are ops: how they are made. The commonest operators are in value.py."""

from __future__ import annotations

from typing import Any

from .graph import recording
from .operators import Method, Operators, named, with_ways
from .ops import rounding
from .primitive import Primitive


def method(op: Primitive) -> Method:
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

    return named(call, op)


def binary(op: Primitive) -> Method:
    """An operator between Values, or a Value and a number."""
    return named(lambda self, other: self._binary(op, other), op)


def reflected(op: Primitive) -> Method:
    """The same with the operands the other way round: 2 - v."""
    return named(lambda self, other: self._binary(op, other, swapped=True), op)


@with_ways(unary=method, binary=binary, reflected=reflected)
class ScalarOperators(Operators):
    """Arithmetic and functions of Value."""

    __slots__ = ()

    def __round__(self, digits: int | None = None) -> Any:
        # As of a float: without digits a plain int, which cannot be in a graph (nor has it a slope).
        return round(self.data) if digits is None else rounding.round(self, decimals=digits)
