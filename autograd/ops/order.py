"""Order statistics: sort, partition, median, quantile. Each picks elements, so gradients go back to where they were.

Where elements tie, a median or quantile shares equally among them; a sort keeps equal elements in order (stable).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DomainError, GradientError, UnknownOpError
from ..graph import Node, raw
from ..primitive import Primitive, numpy_functions, primitive
from .reduce import elements, kept, shared, unreduced
from .shape import as_array, foreign, reshape
from .take import along_axis

__all__ = ["median", "partition", "percentile", "quantile", "reorder", "sort"]

# --- the same elements in another order


def _reorder(x: Any, order: Any, axis: Any = -1) -> Any:
    return along_axis(x, as_array(order), axis)


def _reorder_vjp(g: Any, y: Any, x: Any, order: Any, axis: Any = -1) -> Any:
    return reorder(g, order=np.argsort(order, axis=axis), axis=axis)  # the inverse permutation


def _put_back(g: Any, order: Any, axis: Any) -> Any:
    """`reorder` by the inverse permutation, for plain arrays: half the time, as nothing is sorted to find it."""
    out = np.empty_like(g)
    np.put_along_axis(out, order, g, axis)
    return out


reorder: Primitive = primitive(
    "reorder",
    _reorder,
    _reorder_vjp,
    kernels=(lambda g, y, x, order, axis=-1: _put_back(g, order, axis),),
    samples=((((3,),), {"order": np.array([2, 0, 1])}),),
    doc="""The elements along an axis in another order: y[i] = x[order[i]], where `order` has every index once.

    As `take_along_axis`, but knowing that it is a permutation: the way back is one too, and nothing is added up.

    >>> x = np.array([[5.0, 7.0, 6.0]])
    >>> reorder(x, order=np.argsort(x))
    array([[5., 6., 7.]])
    """,
)


def _sort(x: Any, axis: Any = -1) -> Any:
    return np.sort(x, axis=axis)


def _sort_vjp(g: Any, y: Any, x: Any, axis: Any = -1) -> Any:
    if axis is None:
        return reshape(_sort_vjp(g, y, reshape(raw(x), shape=(-1,)), 0), np.shape(x))
    order = np.argsort(raw(x), axis=axis, kind="stable")
    return reorder(g, order=np.argsort(order, axis=axis), axis=axis)  # the inverse permutation


def _sort_kernel(g: Any, y: Any, x: Any, axis: Any = -1) -> Any:
    if axis is None:
        return _sort_kernel(g, y, x.reshape(-1), 0).reshape(x.shape)
    return _put_back(g, np.argsort(x, axis=axis, kind="stable"), axis)


def _partition(x: Any, kth: Any, axis: Any = -1) -> Any:
    if axis is None:
        x, axis = np.reshape(x, (-1,)), 0
    # The order that np.partition leaves among the others could not be found again on the way back.
    return np.take_along_axis(x, np.argpartition(x, kth, axis=axis), axis)


def _partition_vjp(g: Any, y: Any, x: Any, kth: Any, axis: Any = -1) -> Any:
    if axis is None:
        return reshape(_partition_vjp(g, y, reshape(raw(x), shape=(-1,)), kth, 0), np.shape(x))
    order = np.argpartition(raw(x), kth, axis=axis)
    return reorder(g, order=np.argsort(order, axis=axis), axis=axis)


_sort_op: Primitive = primitive(
    "sort",
    _sort,
    _sort_vjp,
    kernels=(_sort_kernel,),
    samples=(
        (((5,),), {}),
        (((3, 4),), {"axis": 0}),
        (((2, 3),), {"axis": None}),
        (((2, 3, 2),), {"axis": np.int64(-2)}),
        (((0, 2),), {"axis": 0}),
    ),
)
_partition_op: Primitive = primitive(
    "partition",
    _partition,
    _partition_vjp,
    samples=(
        (((5,),), {"kth": 2}),
        (((3, 4),), {"kth": (0, -1)}),
        (((4, 2),), {"kth": 1, "axis": 0}),
        (((2, 3),), {"kth": 1, "axis": None}),
    ),
)


def sort(a: Any, axis: Any = -1, kind: Any = None, order: None = None, *, stable: Any = None) -> Any:
    """A sorted copy along an axis; with axis=None of the raveled array. Equal elements keep their order.

    Also as a method, where ndarray's sorts in place and PyTorch's returns (values, indices): t.sort() is a new tensor,
    and t.argsort() are the indices. `kind` and `stable` choose an algorithm in NumPy and change nothing here.

    >>> from autograd import Tensor
    >>> x = Tensor([3.0, 1.0, 2.0])
    >>> (sort(x) * [1.0, 10.0, 100.0]).sum().backward()
    >>> x.grad
    array([100.,   1.,  10.])
    """
    if order is not None:
        raise UnknownOpError("sort with order=...: that names fields of records, and a tensor has none.")
    return _sort_op(a, axis=axis)


def partition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: None = None) -> Any:
    """A copy where element number `kth` is the one a sort puts there: no larger ones before it, no smaller after.

    `kth` is a whole number or several. Among those before and after, the order is left open, as in NumPy.

    >>> float(partition(np.array([3.0, 1.0, 2.0]), 0)[0])
    1.0
    """
    if order is not None:
        raise UnknownOpError("partition with order=...: that names fields of records, and a tensor has none.")
    return _partition_op(a, kth=kth, axis=axis)


# --- the elements in the middle

_METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def _share_of(x: Any, y: Any, q: float, axis: Any, method: str) -> Any:
    """The local gradient of a quantile y, all axes kept: to the elements below and above it, by their weights."""
    x = raw(x)
    place = (elements(np.shape(x), axis) - 1) * float(q)
    if (
        method not in ("linear", "midpoint") or place % 1 == 0 or place < 0
    ):  # it is an element, or there is none
        return shared(x == y, axis)
    part = np.asarray(q, dtype=float)  # a plain number NumPy would round to float32 for an array of that type
    below, above = (
        shared(x == _quantile(x, part, axis=axis, method=side, keepdims=True), axis)
        for side in ("lower", "higher")
    )
    weight = place % 1 if method == "linear" else 0.5
    return (1 - weight) * below + weight * above


def _median(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    if axis is None and foreign(x):  # Dask wants to be told an axis
        return np.reshape(
            np.median(np.reshape(x, (-1,)), axis=0), kept(np.shape(x), None) if keepdims else ()
        )
    return np.median(x, axis=axis, keepdims=keepdims)


def _median_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    whole = unreduced(raw(y), x, axis, keepdims)
    return unreduced(g, x, axis, keepdims) * _share_of(x, whole, 0.5, axis, "linear")


def _quantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    if axis is None and foreign(x):  # Dask wants to be told an axis
        y = _quantile(np.reshape(x, (-1,)), q, 0, method)
        return np.reshape(y, np.shape(y) + (1,) * np.ndim(x)) if keepdims else y
    y = np.quantile(x, np.asarray(q, dtype=float), axis=axis, method=method, keepdims=keepdims)  # type: ignore[call-overload]
    dtype = getattr(x, "dtype", y.dtype)
    return y.astype(dtype) if dtype.kind == "f" else y


def _quantile_vjp(
    g: Any, y: Any, x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> Any:
    total = None
    for i in np.ndindex(np.shape(q)):  # a number has one index, ()
        g_i, y_i, q_i = (g[i], raw(y)[i], q[i]) if i else (g, raw(y), q)
        whole = unreduced(y_i, x, axis, keepdims)
        contribution = unreduced(g_i, x, axis, keepdims) * _share_of(x, whole, q_i, axis, method)
        total = contribution if total is None else total + contribution
    return np.zeros_like(raw(x)) if total is None else total


median: Primitive = primitive(
    "median",
    _median,
    _median_vjp,
    numpy=np.median,
    samples=(
        (((5,),), {}),
        (((4, 3),), {"axis": 0}),
        (((2, 3, 2),), {"axis": (0, -1)}),
        (((3, 3),), {"axis": np.int64(1), "keepdims": True}),
        (((),), {}),
    ),
    doc="""The element in the middle of the sorted ones; of an even number of elements the mean of the middle two.

    PyTorch's median takes the lower of the two. Elements that tie with one of them share its gradient equally.

    >>> from autograd import Tensor
    >>> x = Tensor([4.0, 1.0, 3.0, 9.0])
    >>> median(x).backward()
    >>> x.grad
    array([0.5, 0. , 0.5, 0. ])
    """,
)
_quantile_op: Primitive = primitive(
    "quantile",
    _quantile,
    _quantile_vjp,
    samples=(
        (((5,),), {"q": 0.3}),
        (((4, 3),), {"q": np.array([0.25, 0.9]), "axis": 0}),
        (((2, 3, 2),), {"q": 0.7, "axis": (0, -1), "keepdims": True}),
        (((2, 3),), {"q": 0.4, "axis": 1, "method": "midpoint"}),
        (((2, 3),), {"q": 0.4, "axis": -1, "method": "nearest"}),
        (((5,),), {"q": 0.4, "method": "lower"}),
        (((5,),), {"q": 0.4, "method": "higher"}),
        (((5,),), {"q": 1.0}),
    ),
)


def quantile(a: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """The number that a part q (0 to 1) of the elements along an axis does not exceed; q may be an array.

    Between two elements it lies on a straight line (method="linear"), at the "lower", the "higher", the "midpoint" or
    the "nearest" of them. With an array q its axes come first in the result. Elements that tie share the gradient.

    >>> from autograd import Tensor
    >>> x = Tensor([4.0, 1.0, 3.0])
    >>> quantile(x, 0.75).backward()
    >>> x.grad
    array([0.5, 0. , 0.5])
    """
    if isinstance(q, Node):
        raise GradientError(
            "quantile: q gets no gradient, and here it is a node. Give its number, q.item(), or q.numpy()."
        )
    if method not in _METHODS:
        raise UnknownOpError(
            f"quantile with method={method!r} has no derivative here. Choose one of {', '.join(_METHODS)}."
        )
    q = np.array(q, dtype=float)
    if not np.all((q >= 0) & (q <= 1)):
        raise DomainError(
            f"quantile with q={q.tolist()}: a part of the whole lies between 0 and 1. "
            "percentile() counts from 0 to 100."
        )
    return _quantile_op(a, q=q if q.ndim else q.item(), axis=axis, method=method, keepdims=keepdims)


def percentile(a: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """`quantile` with q from 0 to 100.

    >>> float(percentile(np.array([1.0, 2.0, 4.0]), 50))
    2.0
    """
    if not isinstance(q, Node):
        q = np.true_divide(q, 100)
        if not np.all((q >= 0) & (q <= 1)):
            raise DomainError(f"percentile with q={(q * 100).tolist()}: it counts from 0 to 100.")
    return quantile(a, q, axis=axis, method=method, keepdims=keepdims)


numpy_functions[np.sort] = sort
numpy_functions[np.partition] = partition
numpy_functions[np.quantile] = quantile
numpy_functions[np.percentile] = percentile
