"""Norms: the size of a vector or a matrix. The p-norms are one op; the others are written with other operations.

At a kink the gradient is one of the subgradients: 0 at the zero vector, equal shares where the largest elements tie.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..graph import raw
from ..primitive import Primitive, numpy_functions, primitive
from .axes import moveaxis
from .elementwise import absolute, sign, where
from .linalg import is_node
from .reduce import max as _max
from .reduce import min as _min
from .reduce import sum as _sum
from .reduce import unreduced
from .shape import expand_dims, squeeze
from .spectral import svdvals

__all__ = ["matrix_norm", "norm", "vector_norm"]


def _forward(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if ord is None or ord == 2:
        return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    total = np.sum(np.abs(x) ** ord, axis=axis, keepdims=keepdims)
    return total ** np.reciprocal(total.dtype.type(ord))


def _vjp(g: Any, y: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    # A norm of 0 has no slope: the gradient there is 0. Its 1 / y must not reach the second derivative: two choices.
    zero = y == 0
    if ord is None or ord == 2:
        return x * unreduced(where(zero, 0, g / where(zero, 1, y)), x, axis, keepdims)
    ratio = absolute(x) / unreduced(where(zero, 1, y), x, axis, keepdims)
    slope = sign(x) * where(x == 0, 1, ratio) ** (ord - 1)  # an element 0 has slope 0, for any ord
    return unreduced(where(zero, 0, g), x, axis, keepdims) * slope


_p_norm: Primitive = primitive(
    "norm",
    _forward,
    _vjp,
    samples=(
        (((3,),), {}),
        (((2, 3),), {}),
        (((2, 3),), {"axis": -1}),
        (((2, 3, 2),), {"axis": (0, 2), "keepdims": True}),
        (((2, 3),), {"ord": 3, "axis": np.int64(0)}),
        (((2, 3),), {"ord": -1.5, "axis": 1, "keepdims": True}),
        (((4,),), {"ord": 1.5}),
        (((),), {}),
        (((0, 2),), {"axis": 1}),
    ),
    domain=(0.2, 2.0),
    doc="sum(abs(x)**ord) ** (1 / ord), for ord=None the square root of the sum of squares.",
)


def _set(**settings: Any) -> dict[str, Any]:
    """The settings that are not the usual ones: a picture shows settings."""
    return {key: x for key, x in settings.items() if x is not None and x is not False}


def _of_vectors(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    shown = _set(axis=axis, keepdims=keepdims)
    if ord is None or ord == 2:
        return _p_norm(x, **shown)
    if isinstance(ord, str):
        raise ValueError(
            f"norm of a vector with ord={ord!r}: that is a norm of matrices. Give two axes, as in "
            "axis=(-2, -1), or a number."
        )
    if ord == np.inf:
        return _max(absolute(x), **shown)
    if ord == -np.inf:
        return _min(absolute(x), **shown)
    if ord == 0:  # a count has slope 0 everywhere: a plain number
        return np.sum((raw(x) != 0).astype(x.dtype), axis=axis, keepdims=keepdims)
    if ord == 1:
        return _sum(absolute(x), **shown)
    return _p_norm(x, ord=ord, **shown)


def _of_matrices(x: Any, ord: Any, axes: tuple[int, int], keepdims: bool) -> Any:
    if ord is None or ord in ("fro", "f"):
        return _p_norm(x, axis=axes, **_set(keepdims=keepdims))
    row, column = axes
    if ord in (1, -1, np.inf, -np.inf):
        along, across = (row, column) if abs(ord) == 1 else (column, row)
        extreme = _max if ord > 0 else _min
        y = extreme(_sum(absolute(x), axis=along, keepdims=True), axis=across, keepdims=True)
        return y if keepdims else squeeze(y, axis=axes)
    of_values = {"nuc": _sum, 2: _max, -2: _min}.get(ord)
    if of_values is None:
        raise ValueError(
            f"norm of a matrix with ord={ord!r}: it is 'fro', 'nuc', inf, -inf, 1, -1, 2 or -2. For the norm of "
            "all elements as one vector ravel them: norm(x.reshape(-1), ord)."
        )
    y = of_values(svdvals(moveaxis(x, axes, (-2, -1))), axis=-1)
    return expand_dims(y, axis=axes) if keepdims else y


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of a vector or a matrix: np.linalg.norm, with all its settings.

    One axis is of vectors: ord 2 (the usual), 1, inf, -inf, 0 or any p. Two are of matrices: ord 'fro' (the usual),
    'nuc', 2, -2 (singular values), 1, -1, inf, -inf. With neither ord nor axis: the 2-norm of all elements.
    Kinks: at 0 the gradient is 0; elements that tie for the largest share it; 'nuc' and 2 where singular values are 0
    or equal take a subgradient, and have no second derivative there.

    >>> from autograd import Tensor
    >>> x = Tensor([3.0, 4.0])
    >>> norm(x).backward()
    >>> x.grad
    array([0.6, 0.8])
    """
    if not is_node(x):
        return np.linalg.norm(x, ord, axis, keepdims)
    shape, rank = np.shape(x), np.ndim(x)
    if axis is None:
        if ord is None:
            return _p_norm(x, **_set(keepdims=keepdims))
        if rank == 1:
            return _of_vectors(x, ord, None, keepdims)
        axes: tuple[int, ...] = tuple(range(rank))
    else:
        axes = tuple(map(operator.index, axis if isinstance(axis, (tuple, list)) else (axis,)))
        for a in axes:
            if not -rank <= a < rank:
                raise ShapeError(
                    f"norm of shape {shape} along axis {a}: there are only {rank} axes, counted from 0."
                )
    if len(axes) == 1:
        return _of_vectors(x, ord, axes[0], keepdims)
    first, last = (*axes, None, None)[:2]
    if len(axes) != 2 or first is None or last is None:
        raise ShapeError(
            f"norm of shape {shape} with ord={ord!r}, axis={axis!r}: vectors have one axis and matrices two. "
            "Leave ord out for the 2-norm of all elements, or say which axes: norm(x, ord, axis=(-2, -1))."
        )
    if first % rank == last % rank:
        raise ShapeError(f"norm of shape {shape} with axis={axis!r}: a matrix has two different axes.")
    return _of_matrices(x, ord, (first, last), keepdims)


def vector_norm(x: Any, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """The norm of vectors along one or more axes, or of all elements: NumPy 2's np.linalg.vector_norm.

    >>> float(vector_norm(np.array([[3.0, 0.0], [0.0, 4.0]])))
    5.0
    """
    if not is_node(x):
        x = x if hasattr(x, "dtype") else np.asarray(x)
        x = x if x.dtype.kind == "f" else x.astype(float)
    return _of_vectors(x, ord, axis, keepdims)


def matrix_norm(x: Any, keepdims: bool = False, ord: Any = "fro") -> Any:
    """The norm of each matrix of a stack (.., m, n): NumPy 2's np.linalg.matrix_norm.

    >>> matrix_norm(np.ones((3, 2, 2)))
    array([2., 2., 2.])
    """
    return norm(x, ord=ord, axis=(-2, -1), keepdims=keepdims)


numpy_functions[np.linalg.norm] = norm
if hasattr(np.linalg, "vector_norm"):  # NumPy 2
    numpy_functions |= {np.linalg.vector_norm: vector_norm, np.linalg.matrix_norm: matrix_norm}
