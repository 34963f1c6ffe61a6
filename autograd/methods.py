"""Methods of Tensor that move, reduce or pick elements, and those that only look at the array."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from .errors import ShapeError
from .intake import keep, read_only
from .operators import several
from .ops import (
    axes,
    contraction,
    cumulative,
    decompose,
    determinant,
    differences,
    expansion,
    linalg,
    matrix,
    order,
    product,
    reduce,
    search,
    spectral,
    statistics,
)
from .ops import diagonal as diagonals
from .ops import index as indexing
from .ops import norm as norms
from .ops import repeat as repeating
from .ops import shape as shaping
from .ops import softmax as softmaxes
from .ops import split as splitting
from .ops import take as taking
from .ops.elementwise import where
from .ops.shape import foreign
from .tensor_operators import TensorOperators, binary, reflected, unary


class TensorMethods(TensorOperators):
    """What Tensor can do by operators and methods."""

    __slots__ = ()

    __matmul__, __rmatmul__ = binary(linalg.matmul), reflected(linalg.matmul)

    sum, mean, max, min = unary(reduce.sum), unary(reduce.mean), unary(reduce.max), unary(reduce.min)
    logsumexp = unary(reduce.logsumexp)

    # reductions, running sums, order: the functions themselves, with self as their first argument, where no op

    amax, amin = unary(reduce.amax), unary(reduce.amin)
    prod, var, std = unary(product.prod), unary(statistics.var), unary(statistics.std)
    cumsum, cumprod = unary(cumulative.cumsum), unary(cumulative.cumprod)
    cummax, cummin = unary(cumulative.cummax), unary(cumulative.cummin)
    logcumsumexp, median = unary(cumulative.logcumsumexp), unary(order.median)
    ptp, nansum, nanmean = reduce.ptp, reduce.nansum, reduce.nanmean
    nanmax, nanmin = unary(reduce.nanmax), unary(reduce.nanmin)
    nanvar, nanstd = statistics.nanvar, statistics.nanstd
    sort, partition, diff = order.sort, order.partition, differences.diff
    quantile, percentile = order.quantile, order.percentile
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
    diag, diagflat, trace = diagonals.diag, diagonals.diagflat, diagonals.trace
    diag_embed = unary(diagonals.diag_embed)
    repeat, tile, roll = unary(repeating.repeat), unary(repeating.tile), unary(repeating.roll)
    fliplr, flipud, rot90 = repeating.fliplr, repeating.flipud, repeating.rot90
    split, array_split = splitting.split, splitting.array_split
    unstack = unbind = splitting.unstack
    hsplit, vsplit, dsplit = splitting.hsplit, splitting.vsplit, splitting.dsplit
    take, gather, index_select = taking.take, taking.gather, taking.index_select
    scatter_add = taking.scatter_add
    index_update, index_add = indexing.index_update, indexing.index_add

    # along an axis of scores

    softmax, log_softmax = unary(softmaxes.softmax), unary(softmaxes.log_softmax)

    # products and linear algebra

    dot, inner, vdot = contraction.dot, contraction.inner, contraction.vdot
    outer, cross, kron = expansion.outer, expansion.cross, unary(expansion.kron)
    inverse = inv = unary(linalg.inv)
    pinverse = pinv = unary(linalg.pinv)
    det, matmul = unary(determinant.det), several(linalg.matmul)
    solve, lstsq, svd, eigh = several(linalg.solve), linalg.lstsq, spectral.svd, spectral.eigh
    slogdet, logdet, norm = determinant.slogdet, determinant.logdet, norms.norm
    cholesky, qr = decompose.cholesky, decompose.qr
    matrix_power, matrix_exp = matrix.matrix_power, unary(matrix.expm)

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

    def where(self, condition: Any, other: Any = 0.0) -> Any:
        """Itself where the condition holds, elsewhere `other`, as in PyTorch."""
        return where(condition, self, other)

    def masked_fill(self, mask: Any, value: Any) -> Any:
        """`value` where the mask holds, elsewhere itself: PyTorch's method, the other way round than `where`."""
        return where(mask, value, self)

    def compress(self, condition: Any, axis: int | None = None) -> Any:
        """The slices along an axis for which `condition` holds."""
        return taking.compress(condition, self, axis)

    @property
    def mT(self) -> Any:
        """The transpose of each matrix: the last two axes swapped."""
        return axes.matrix_transpose(self)

    # --- what it holds

    _data: Any
    _get: Any

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
        len(self._data)  # a tensor without axes says that it has no length
        return iter(splitting.unstack(self))

    # --- out of the graph

    def numpy(self) -> Any:
        """A copy of the array, out of the graph."""
        if not foreign(self._data):
            return np.array(self._data)
        try:
            return np.array(self._data)
        except TypeError as error:  # CuPy copies nothing from the device unless it is told so
            raise TypeError(
                f"numpy() of a {type(self._data).__name__}: {error} (.data is the array.)"
            ) from None

    def item(self) -> float:
        """The plain number of a tensor with one element."""
        if self._data.size != 1:
            raise ShapeError(f"item() needs one element; this tensor has shape {self.shape}. Index it first.")
        x = self._data if hasattr(self._data, "item") else self.numpy()  # Dask's arrays have no such method
        return x.item()  # type: ignore[no-any-return]

    def tolist(self) -> Any:
        """The elements as nested lists of plain numbers, out of the graph."""
        return np.array(self._data).tolist()

    def __float__(self) -> float:
        from .handover import warn_of_float  # loaded when first needed: 1 ms of the import

        warn_of_float(self)
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if not self._get("shown"):
            keep(self._data)
        array = self.numpy() if foreign(self._data) else read_only(self._data)
        if dtype is not None and dtype != array.dtype:
            array = array.astype(dtype)
        elif copy:
            array = array.copy()
        if not self.requires_grad:
            return array
        from .handover import handed_out

        return handed_out(array, sys._getframe(1))

    def __repr__(self) -> str:
        if foreign(self._data):  # Dask's says what is to be computed, and computes nothing
            text = str(self._data)
        else:
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
