"""The product of elements. Its derivative is the product of the others, made without dividing by an element.

The others are those before and those after, so two running products are enough: as many steps as there are elements,
and right with one, two or more zeros, in first and second derivatives.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..primitive import Primitive, primitive
from .cumulative import cumprod, flipped, recurrence, shift
from .reduce import axes_of, unreduced
from .shape import reshape, transpose

__all__ = ["prod", "prod_of_others"]


def _order(ndim: int, axes: tuple[int, ...]) -> tuple[int, ...]:
    """All axes, those that are reduced last."""
    return (*(i for i in range(ndim) if i not in axes), *axes)


def _transposed(x: Any, order: tuple[int, ...]) -> Any:
    return x if order == tuple(range(len(order))) else transpose(x, axes=order)


def _merged(x: Any, axis: Any) -> Any:
    """x with the axes that are reduced at the end, as one."""
    shape, axes = np.shape(x), axes_of(np.shape(x), axis)
    order = _order(len(shape), axes)
    x = _transposed(x, order)
    rest = order[: len(order) - len(axes)]
    lengths = (*(shape[i] for i in rest), math.prod(shape[i] for i in axes))
    return x if len(axes) == 1 else reshape(x, shape=lengths)


def _parted(z: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """`_merged`, undone: z in the shape that it was made from."""
    axes = axes_of(shape, axis)
    order = _order(len(shape), axes)
    z = z if len(axes) == 1 else reshape(z, shape=tuple(shape[i] for i in order))
    return _transposed(z, tuple(order.index(i) for i in range(len(shape))))


def _sides(line: Any) -> tuple[Any, Any]:
    """The products of all elements before, and of all after, each element of the last axis."""
    before = shift(cumprod(line, axis=-1), fill=1.0)
    after = flipped(shift(cumprod(flipped(line, -1), axis=-1), fill=1.0), -1)
    return before, after


def _others(x: Any, axis: Any = None) -> Any:
    before, after = _sides(_merged(x, axis))
    return _parted(before * after, np.shape(x), axis)


def _others_vjp(g: Any, y: Any, x: Any, axis: Any = None) -> Any:
    # The sum of g[i] times the product of all elements but i and k, over all i but k: those i after k, whose
    # products hold everything before k, and those before it, the other way round.
    line, g = _merged(x, axis), _merged(g, axis)
    before, after = _sides(line)
    behind = recurrence(line, shift(g * after, by=-1), reverse=True)
    ahead = recurrence(shift(line), shift(g * before))
    return _parted(before * behind + after * ahead, np.shape(x), axis)


def _prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.prod(x, axis=axis, keepdims=keepdims)


def _prod_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return unreduced(g, x, axis, keepdims) * prod_of_others(x, axis=axis)


prod_of_others: Primitive = primitive(
    "prod_of_others",
    _others,
    _others_vjp,
    samples=(
        (((4,),), {}),
        (((2, 3),), {}),
        (((2, 3),), {"axis": 0}),
        (((2, 3, 2),), {"axis": (0, -1)}),
        (((0, 2),), {"axis": 0}),
    ),
    doc="""For each element the product of all others along the axis: the derivative of `prod`. Zeros do no harm.

    >>> prod_of_others(np.array([2.0, 3.0, 0.0]))
    array([0., 0., 6.])
    """,
)
prod: Primitive = primitive(
    "prod",
    _prod,
    _prod_vjp,
    numpy=np.prod,
    samples=(
        (((2, 3),), {}),
        (((2, 3),), {"axis": 0}),
        (((2, 3, 2),), {"axis": (0, -1)}),
        (((2, 3),), {"axis": np.int64(1), "keepdims": True}),
        (((),), {}),
        (((0, 2),), {"axis": 0}),
    ),
    doc="""The product over an axis, several (a tuple), or all elements. Its derivatives are right at zeros too.

    >>> from autograd import Tensor
    >>> x = Tensor([2.0, 0.0, 3.0])
    >>> prod(x).backward()
    >>> x.grad
    array([0., 6., 0.])
    """,
)
