"""Operators and methods of Tensor that are ops: how they are made, and the short ways that the common cases take."""

from __future__ import annotations

from typing import Any

from .graph import Node, recording
from .intake import NUMPY_1, explain
from .operators import Method, Operators, named, with_ways
from .ops import rounding
from .primitive import Primitive

_NUMBERS = frozenset(
    () if NUMPY_1 else (float, int)
)  # those of NumPy 1 need a closer look, and 0: see `constant`


def binary(op: Primitive) -> Method:
    """An operator. Plain tensors, and a number beside one, take the short way (0.7 and 0.9 us in place of 1 and 3)."""
    forward = op.forward

    def method(self: Any, other: Any) -> Any:
        kind = other.__class__
        if kind is self.__class__ and self._fast and other._fast and recording() is True:
            b, parents = other._data, (self, other)
        elif kind in _NUMBERS and other and self._fast and recording() is True:
            b, parents = other, (self, None)
        elif isinstance(other, Node) or not hasattr(other, "_apply_primitive"):
            return self._apply_primitive(op, (self, other), {})
        else:
            return NotImplemented
        a = self._data
        try:
            return self._record(forward(a, b), op, parents, (a, b))
        except (ValueError, TypeError) as error:
            raise explain(op, [a, b], {}, error) from None

    return named(method, op)


def reflected(op: Primitive) -> Method:
    """The same with the operands the other way round: 2 - t."""
    forward = op.forward

    def method(self: Any, other: Any) -> Any:
        if other.__class__ not in _NUMBERS or not other or not self._fast or recording() is not True:
            return self._apply_primitive(op, (other, self), {})
        b = self._data
        try:
            return self._record(forward(other, b), op, (None, self), (other, b))
        except (ValueError, TypeError) as error:
            raise explain(op, [other, b], {}, error) from None

    return named(method, op)


def unary(op: Primitive) -> Method:
    """A method without further inputs. Without settings a plain tensor takes the short way."""
    forward = op.forward

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not args and not kwargs and self._fast and recording() is True and not NUMPY_1:
            x = self._data
            return self._record(forward(x), op, (self,), (x,))
        return self._apply_primitive(op, (self, *args), kwargs)

    return named(method, op)


@with_ways(unary=unary, binary=binary, reflected=reflected)
class TensorOperators(Operators):
    """Arithmetic and elementwise functions of Tensor."""

    __slots__ = ()

    def __round__(self, decimals: int = 0) -> Any:
        return rounding.round(self, decimals=decimals)
