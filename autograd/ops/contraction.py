"""Products that sum over axes: dot, inner, vdot, tensordot, and of stacks of vectors.

What is a matrix product, or an elementwise one, is written as such: a picture shows `a @ b`.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..primitive import Primitive, numpy_functions, primitive
from .axes import moveaxis
from .elementwise import multiply
from .linalg import _t, matmul
from .reduce import sum as _sum
from .shape import expand_dims, reshape, squeeze, transpose

__all__ = ["dot", "inner", "matvec", "tensordot", "vdot", "vecdot", "vecmat"]

# --- tensordot

Axes = tuple[int, ...]


def _free(rank: int, axes: Axes) -> Axes:
    return tuple(i for i in range(rank) if i not in axes)


def _in_order(x: Any, order: Axes) -> Any:
    """`x`, whose axis number r belongs at place order[r]."""
    places = tuple(order.index(i) for i in range(len(order)))
    return x if places == tuple(range(len(places))) else transpose(x, axes=places)


def _tensordot_vjp_a(g: Any, y: Any, a: Any, b: Any, axes: tuple[Axes, Axes]) -> Any:
    of_a, of_b = axes
    free_a, free_b = _free(np.ndim(a), of_a), _free(np.ndim(b), of_b)
    last = tuple(range(len(free_a), len(free_a) + len(free_b)))  # where g has the free axes of b
    x = tensordot_op(g, b, axes=(last, free_b))
    return _in_order(x, free_a + tuple(of_a[of_b.index(i)] for i in sorted(of_b)))


def _tensordot_vjp_b(g: Any, y: Any, a: Any, b: Any, axes: tuple[Axes, Axes]) -> Any:
    of_a, of_b = axes
    free_a, free_b = _free(np.ndim(a), of_a), _free(np.ndim(b), of_b)
    x = tensordot_op(a, g, axes=(free_a, tuple(range(len(free_a)))))
    return _in_order(x, tuple(of_b[of_a.index(i)] for i in sorted(of_a)) + free_b)


tensordot_op: Primitive = primitive(
    "tensordot",
    lambda a, b, axes: np.tensordot(a, b, axes),
    _tensordot_vjp_a,
    _tensordot_vjp_b,
    samples=(
        (((2, 3, 4), (4, 3, 2)), {"axes": ((1, 2), (1, 0))}),
        (((2, 3), (4, 3, 2)), {"axes": ((0,), (2,))}),
        (((2, 3), (2, 3)), {"axes": ((1, 0), (1, 0))}),
        (((2,), (3,)), {"axes": ((), ())}),
        (((2, 0), (0, 3)), {"axes": ((1,), (0,))}),
    ),
    doc="See autograd.tensordot.",
)


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sum of products over axes of both: `axes` is a pair (of a, of b), or n for the last n of a and first n of b.

    The result has the other axes of a, then the other axes of b; axes=0 gives the outer product.

    >>> tensordot(np.ones((2, 3, 4)), np.ones((4, 3, 5)), axes=([2, 1], [0, 1])).shape
    (2, 5)
    """
    shapes, ranks = (np.shape(a), np.shape(b)), (np.ndim(a), np.ndim(b))
    try:
        n = operator.index(axes)
        pair: Any = (range(ranks[0] - n, ranks[0]), range(n))
    except TypeError:
        pair = axes
    chosen = [tuple(map(operator.index, x)) if np.iterable(x) else (operator.index(x),) for x in pair]
    if any(not -rank <= i < rank for x, rank in zip(chosen, ranks) for i in x):
        raise ShapeError(f"tensordot of shapes {shapes[0]} and {shapes[1]} has no axes {axes!r}.")
    of_a, of_b = (tuple(i % rank for i in x) for x, rank in zip(chosen, ranks))
    if len(set(of_a)) != len(of_a) or len(set(of_b)) != len(of_b):
        raise ShapeError(f"tensordot with axes={axes!r}: an axis is named twice.")
    if [shapes[0][i] for i in of_a] != [shapes[1][i] for i in of_b]:
        raise ShapeError(
            f"tensordot of shapes {shapes[0]} and {shapes[1]} over axes {of_a} and {of_b}: they must be as many, and "
            "of equal lengths."
        )
    return tensordot_op(a, b, axes=(of_a, of_b))


# --- dot and its relatives


def _rank(x: Any) -> int:
    rank = getattr(x, "ndim", None)  # np.ndim of a tensor asks it through NumPy's protocol: 1.5 us
    return np.ndim(x) if rank is None else rank


def dot(a: Any, b: Any) -> Any:
    """The sum of products over the last axis of a and the second-last of b; of vectors and matrices the same as a @ b.

    With a number it is a * b. Stacks are not paired as with @: shapes (i, k) and (n, k, m) give (i, n, m).

    >>> from autograd import Tensor
    >>> dot(Tensor([1.0, 2.0]), Tensor([3.0, 4.0])).item()
    11.0
    """
    if _rank(a) == 0 or _rank(b) == 0:
        return multiply(a, b)
    if _rank(b) <= 2:
        return matmul(a, b)
    return tensordot(a, b, axes=(-1, -2))


def inner(a: Any, b: Any) -> Any:
    """The sum of products over the last axes of both: of vectors a @ b, of matrices a @ b.T, with a number a * b.

    >>> inner(np.array([[1.0, 2.0]]), np.array([3.0, 4.0]))
    array([11.])
    """
    if _rank(a) == 0 or _rank(b) == 0:
        return multiply(a, b)
    if _rank(b) == 1:
        return matmul(a, b)
    if _rank(a) <= 2 and _rank(b) == 2:
        return matmul(a, _t(b))
    return tensordot(a, b, axes=(-1, -1))


def vdot(a: Any, b: Any) -> Any:
    """The sum of products of all elements, of two arrays of the same size: both are raveled first.

    >>> float(vdot(np.array([[1.0, 2.0]]), np.array([3.0, 4.0])))
    11.0
    """
    return matmul(as_vector(a), as_vector(b))


def as_vector(x: Any) -> Any:
    return x if _rank(x) == 1 else reshape(x, shape=(-1,))


def vecdot(x1: Any, x2: Any, axis: int = -1) -> Any:
    """The sum of products along one axis, of stacks of vectors: (.., n) and (.., n) give (..).

    >>> vecdot(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 1.0]))
    array([3., 7.])
    """
    if not np.ndim(x1) or not np.ndim(x2) or np.shape(x1)[axis] != np.shape(x2)[axis]:
        raise ShapeError(
            f"vecdot of shapes {np.shape(x1)} and {np.shape(x2)}: both need the same length along axis {axis}."
        )
    if axis != -1:
        x1, x2 = moveaxis(x1, axis, -1), moveaxis(x2, axis, -1)
    return _sum(multiply(x1, x2), axis=-1)


def matvec(x1: Any, x2: Any) -> Any:
    """Matrices times vectors: (.., m, n) and (.., n) give (.., m), stacks paired.

    >>> matvec(np.ones((5, 2, 3)), np.ones((5, 3))).shape
    (5, 2)
    """
    if np.ndim(x1) < 2 or np.ndim(x2) < 1:
        raise ShapeError(
            f"matvec of shapes {np.shape(x1)} and {np.shape(x2)}: (.., m, n) and (.., n) are needed."
        )
    return matmul(x1, x2) if np.ndim(x2) == 1 else squeeze(matmul(x1, expand_dims(x2, axis=-1)), axis=-1)


def vecmat(x1: Any, x2: Any) -> Any:
    """Vectors times matrices: (.., m) and (.., m, n) give (.., n), stacks paired.

    >>> vecmat(np.ones((5, 2)), np.ones((5, 2, 3))).shape
    (5, 3)
    """
    if np.ndim(x1) < 1 or np.ndim(x2) < 2:
        raise ShapeError(
            f"vecmat of shapes {np.shape(x1)} and {np.shape(x2)}: (.., m) and (.., m, n) are needed."
        )
    return matmul(x1, x2) if np.ndim(x1) == 1 else squeeze(matmul(expand_dims(x1, axis=-2), x2), axis=-2)


numpy_functions |= {np.dot: dot, np.inner: inner, np.vdot: vdot, np.tensordot: tensordot}
_NUMPY_2: dict[str, Any] = {
    "vecdot": vecdot,
    "matvec": matvec,
    "vecmat": vecmat,
    "tensordot": lambda x1, x2, axes=2: tensordot(x1, x2, axes=axes),
}
for _name, _function in _NUMPY_2.items():  # some are in np, some in np.linalg, and some in both
    for _module in (np, np.linalg):
        if hasattr(_module, _name):
            numpy_functions.setdefault(getattr(_module, _name), _function)
