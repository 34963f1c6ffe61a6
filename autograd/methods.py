"""Operators and methods of Tensor: those that are ops, in one table, and those that only look at the array."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .errors import ShapeError
from .graph import Node, recording
from .handover import from_a_list
from .intake import NUMPY_1, explain, read_only
from .ops import axes, cumulative, differences, linalg, order, product, reduce, search, statistics
from .ops import diagonal as diagonals
from .ops import elementwise as e
from .ops import index as indexing
from .ops import repeat as repeating
from .ops import shape as shaping
from .ops import split as splitting
from .ops import take as taking
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

    # reductions, running sums, order: the functions themselves, with self as their first argument, where no op

    amax, amin = unary(reduce.amax), unary(reduce.amin)
    prod, var, std = unary(product.prod), unary(statistics.var), unary(statistics.std)
    cumsum, cumprod = unary(cumulative.cumsum), unary(cumulative.cumprod)
    cummax, cummin = unary(cumulative.cummax), unary(cumulative.cummin)
    logcumsumexp, median = unary(cumulative.logcumsumexp), unary(order.median)
    ptp, nansum, nanmean = reduce.ptp, reduce.nansum, reduce.nanmean
    sort, quantile, diff = order.sort, order.quantile, differences.diff
    argmax, argmin, argsort, argpartition = search.argmax, search.argmin, search.argsort, search.argpartition
    any, all, count_nonzero, nonzero = search.any, search.all, search.count_nonzero, search.nonzero
    argwhere, searchsorted, unique = search.argwhere, search.searchsorted, search.unique
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
        return indexing.getitem(self, index=indexing.plain_index(key))

    # shape: the functions themselves, with self as their first argument

    copy = clone = unary(shaping.copy)
    ravel, moveaxis, matrix_transpose = axes.ravel, axes.moveaxis, axes.matrix_transpose
    unsqueeze = axes.unsqueeze
    diagonal, tril, triu = unary(diagonals.diagonal), unary(diagonals.tril), unary(diagonals.triu)
    diag, diagflat, diag_embed, trace = (
        diagonals.diag,
        diagonals.diagflat,
        diagonals.diag_embed,
        diagonals.trace,
    )
    repeat, tile, roll = unary(repeating.repeat), unary(repeating.tile), unary(repeating.roll)
    fliplr, flipud, rot90 = repeating.fliplr, repeating.flipud, repeating.rot90
    split, array_split, hsplit, vsplit = (
        splitting.split,
        splitting.array_split,
        splitting.hsplit,
        splitting.vsplit,
    )
    dsplit, unstack = splitting.dsplit, splitting.unstack
    take, gather, index_select = taking.take, taking.gather, taking.index_select
    scatter_add = taking.scatter_add
    index_update, index_add = indexing.index_update, indexing.index_add

    def flatten(self, *args: Any, **kwargs: Any) -> Any:
        """All elements in one axis; t.flatten(start_dim, end_dim) only those axes; t.flatten("F") column by column."""
        if (args and isinstance(args[0], str)) or "order" in kwargs:
            return axes.ravel(self, *args, **kwargs)
        return axes.flatten(self, *args, **kwargs)

    def view(self, *new_shape: Any) -> Any:
        """PyTorch's name for `reshape`."""
        return self.reshape(*new_shape)

    def permute(self, *order: Any) -> Any:
        """The axes in another order: t.permute(2, 0, 1) or t.permute((2, 0, 1))."""
        return shaping.transpose(self, axes=order[0] if len(order) == 1 else order)

    def flip(self, *axis: Any) -> Any:
        """Reversed along an axis: t.flip(0), t.flip(0, 1), t.flip((0, 1)); along all of them by t.flip()."""
        return repeating.flip(self, axis=axis[0] if len(axis) == 1 else axis or None)

    def compress(self, condition: Any, axis: int | None = None) -> Any:
        """The slices along an axis for which `condition` holds."""
        return taking.compress(condition, self, axis)

    @property
    def mT(self) -> Any:
        """The transpose of each matrix: the last two axes swapped."""
        return axes.matrix_transpose(self)

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
