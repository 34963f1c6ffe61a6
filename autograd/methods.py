"""The methods and operators of Tensor and Value that are ops: one table, so that the ops stay in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .graph import Node, recording
from .ops import elementwise as e
from .ops import index, linalg, reduce, shape
from .primitive import Primitive
from .tensor import Tensor, _explain, record
from .value import Value

Method = Callable[..., Any]


def binary(op: Primitive) -> Method:
    """An operator between tensors. Two plain tensors take the short way (0.25 us less); all else the general one."""
    forward = op.forward

    def method(self: Any, other: Any) -> Any:
        if other.__class__ is Tensor and self._fast and other._fast and recording():
            a, b = self._data, other._data
            try:
                return record(forward(a, b), op, (self, other), (a, b))
            except ValueError as error:
                raise _explain(op, [a, b], {}, error) from None
        if isinstance(other, Node) or not hasattr(other, "_apply_primitive"):
            return self._apply_primitive(op, (self, other), {})
        return NotImplemented

    return _named(method, op)


def reflected(op: Primitive) -> Method:
    """The same with the operands the other way round: 2 - t."""

    def method(self: Any, other: Any) -> Any:
        return self._apply_primitive(op, (other, self), {})

    return _named(method, op)


def unary(op: Primitive) -> Method:
    """A method without further inputs. Without settings a plain tensor takes the short way."""
    forward = op.forward

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not args and not kwargs and self._fast and recording():
            x = self._data
            return record(forward(x), op, (self,), (x,))
        return self._apply_primitive(op, (self, *args), kwargs)

    return _named(method, op)


def scalar_method(op: Primitive) -> Method:
    """A method of Value."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self._apply_primitive(op, (self, *args), kwargs)

    return _named(method, op)


def _named(method: Method, op: Primitive) -> Method:
    method.__name__ = method.__qualname__ = op.name
    method.__doc__ = op.__doc__
    return method


def _reshape(self: Tensor, *new_shape: Any) -> Any:
    """The same elements in another shape: t.reshape(2, 3) or t.reshape((2, 3)); -1 is worked out."""
    return shape.reshape(self, shape=new_shape[0] if len(new_shape) == 1 else new_shape)


def _transpose(self: Tensor, *axes: Any) -> Any:
    """The axes in another order: t.transpose(1, 0), t.transpose((1, 0)), or reversed."""
    if not axes or axes == (None,):
        return shape.transpose(self)
    return shape.transpose(self, axes=axes[0] if len(axes) == 1 else axes)


def _getitem(self: Tensor, key: Any) -> Any:
    plain = tuple(_plain_index(k) for k in key) if isinstance(key, tuple) else _plain_index(key)
    return index.getitem(self, index=plain)


def _plain_index(key: Any) -> Any:
    if isinstance(key, Tensor):
        if key.dtype.kind == "f" and not (key.numpy() == key.numpy().astype(int)).all():
            raise IndexError(f"an index must be whole numbers; this tensor is of dtype {key.dtype}. Use .astype(int).")
        return key.numpy().astype(int)
    if isinstance(key, (list, np.ndarray)):  # a copy: the graph needs it later, and the caller may change it
        return np.array(key)
    return key


OPERATORS = {
    "add": e.add,
    "sub": e.subtract,
    "mul": e.multiply,
    "truediv": e.divide,
    "pow": e.power,
    "matmul": linalg.matmul,
}
FUNCTIONS = (
    *(e.exp, e.expm1, e.log, e.log1p, e.log2, e.log10, e.sqrt, e.square, e.reciprocal, e.sign),
    *(e.sin, e.cos, e.tan, e.arcsin, e.arccos, e.arctan, e.sinh, e.cosh, e.tanh),
    *(e.sigmoid, e.relu, e.leaky_relu, e.elu, e.softplus, e.clip),
)
REDUCTIONS = (reduce.sum, reduce.mean, reduce.max, reduce.min, reduce.logsumexp)
SHAPES = (shape.swapaxes, shape.expand_dims, shape.squeeze, shape.broadcast_to, shape.astype)


def attach() -> None:
    """Give Tensor and Value their methods."""
    for name, op in OPERATORS.items():
        setattr(Tensor, f"__{name}__", binary(op))
        setattr(Tensor, f"__r{name}__", reflected(op))
    for op in (*FUNCTIONS, *REDUCTIONS, *SHAPES):
        setattr(Tensor, op.name, unary(op))
    for op in FUNCTIONS:
        setattr(Value, op.name, scalar_method(op))
    for names, op in (("abs __abs__ absolute", e.absolute), ("neg __neg__ negative", e.negative)):
        for name in names.split():
            setattr(Tensor, name, unary(op))
    Value.abs = scalar_method(e.absolute)  # type: ignore[attr-defined]
    Tensor.__pos__ = lambda self: self  # type: ignore[attr-defined]
    Tensor.reshape, Tensor.transpose = _reshape, _transpose  # type: ignore[attr-defined]
    Tensor.T = property(_transpose, doc="The transpose: all axes reversed.")  # type: ignore[attr-defined]
    Tensor.__getitem__ = _getitem  # type: ignore[attr-defined]


attach()
