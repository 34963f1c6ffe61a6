"""Operators and methods of Tensor: those that are ops, in one table, and those that only look at the array."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .errors import ShapeError
from .graph import Node, recording
from .handover import from_a_list
from .intake import NUMPY_1, explain, plain_index, read_only
from .ops import elementwise as e
from .ops import index as indexing
from .ops import linalg, reduce
from .ops import shape as shaping
from .primitive import Primitive

Method = Callable[..., Any]


def binary(op: Primitive) -> Method:
    """An operator between tensors. Two plain tensors take the short way (0.25 us less); all else the general one."""
    forward = op.forward

    def method(self: Any, other: Any) -> Any:
        if other.__class__ is self.__class__ and self._fast and other._fast and recording() is True:
            a, b = self._data, other._data
            try:
                return self._record(forward(a, b), op, (self, other), (a, b))
            except ValueError as error:
                raise explain(op, [a, b], {}, error) from None
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
        if not args and not kwargs and self._fast and recording() is True and not NUMPY_1:
            x = self._data
            return self._record(forward(x), op, (self,), (x,))
        return self._apply_primitive(op, (self, *args), kwargs)

    return _named(method, op)


def _named(method: Method, op: Primitive) -> Method:
    method.__name__ = method.__qualname__ = op.name
    method.__doc__ = op.__doc__
    method.__wrapped__ = op  # type: ignore[attr-defined]  # help() shows the op's own signature
    return method


class TensorMethods(Node):
    """What Tensor can do by operators and methods."""

    __slots__ = ()

    __add__, __radd__ = binary(e.add), reflected(e.add)
    __sub__, __rsub__ = binary(e.subtract), reflected(e.subtract)
    __mul__, __rmul__ = binary(e.multiply), reflected(e.multiply)
    __truediv__, __rtruediv__ = binary(e.divide), reflected(e.divide)
    __pow__, __rpow__ = binary(e.power), reflected(e.power)
    __matmul__, __rmatmul__ = binary(linalg.matmul), reflected(linalg.matmul)
    __neg__ = negative = unary(e.negative)
    __abs__ = abs = absolute = unary(e.absolute)

    exp, expm1, log, log1p = unary(e.exp), unary(e.expm1), unary(e.log), unary(e.log1p)
    log2, log10, sqrt, square = unary(e.log2), unary(e.log10), unary(e.sqrt), unary(e.square)
    sin, cos, tan, arctan = unary(e.sin), unary(e.cos), unary(e.tan), unary(e.arctan)
    arcsin, arccos, sinh, cosh = unary(e.arcsin), unary(e.arccos), unary(e.sinh), unary(e.cosh)
    tanh, sigmoid, relu, softplus = unary(e.tanh), unary(e.sigmoid), unary(e.relu), unary(e.softplus)
    leaky_relu, elu, clip, sign = unary(e.leaky_relu), unary(e.elu), unary(e.clip), unary(e.sign)
    reciprocal = unary(e.reciprocal)

    sum, mean, max, min = unary(reduce.sum), unary(reduce.mean), unary(reduce.max), unary(reduce.min)
    logsumexp = unary(reduce.logsumexp)
    swapaxes, expand_dims = unary(shaping.swapaxes), unary(shaping.expand_dims)
    squeeze, broadcast_to, astype = unary(shaping.squeeze), unary(shaping.broadcast_to), unary(shaping.astype)

    def reshape(self, *new_shape: Any) -> Any:
        """The same elements in another shape: t.reshape(2, 3) or t.reshape((2, 3)); -1 is worked out."""
        return shaping.reshape(self, shape=new_shape[0] if len(new_shape) == 1 else new_shape)

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order: t.transpose(1, 0), t.transpose((1, 0)), or reversed."""
        if not axes or axes == (None,):
            return shaping.transpose(self)
        return shaping.transpose(self, axes=axes[0] if len(axes) == 1 else axes)

    @property
    def T(self) -> Any:
        """The transpose: all axes reversed."""
        return shaping.transpose(self)

    def __getitem__(self, key: Any) -> Any:
        return indexing.getitem(self, index=plain_index(key))

    def __pos__(self) -> Any:
        return self

    # --- what it holds

    _data: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return self._data.shape  # type: ignore[no-any-return]

    @property
    def dtype(self) -> Any:
        """The type of the elements, such as float64."""
        return self._data.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._data.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._data.size  # type: ignore[no-any-return]

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self._data)))

    # --- out of the graph

    def numpy(self) -> Any:
        """A copy of the array, out of the graph."""
        return np.array(self._data)

    def item(self) -> float:
        """The plain number of a tensor with one element."""
        if self._data.size != 1:
            raise ShapeError(f"item() needs one element; this tensor has shape {self.shape}. Index it first.")
        return self._data.item()  # type: ignore[no-any-return]

    def __float__(self) -> float:
        self._warn_if_differentiated()
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.requires_grad and from_a_list(sys._getframe(1)):
            raise TypeError(
                "an array made of a list of tensors would drop their history. Use autograd.stack(list) or "
                "autograd.concatenate(list), which record, or np.array([t.numpy() for t in list]) to leave the graph."
            )
        array = read_only(self._data)
        if dtype is not None and dtype != array.dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def __repr__(self) -> str:
        text = np.array2string(np.asarray(self._data), separator=", ", prefix="Tensor(", threshold=100)
        dtype = "" if self._data.dtype == np.float64 else f", dtype={self._data.dtype}"
        name = f", name={self.name!r}" if self.name else ""
        made = (
            f", op={self.op.name}"
            if self.op is not None
            else ""
            if self.requires_grad
            else ", requires_grad=False"
        )
        return f"Tensor({text}{dtype}{name}{made})"
