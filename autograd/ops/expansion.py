"""Products that make more axes, or another vector, of two: outer, kron, cross."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError
from ..graph import raw
from ..primitive import Primitive, numpy_functions, primitive
from .axes import moveaxis
from .contraction import Axes, as_vector, tensordot_op
from .index import getitem
from .linalg import matmul
from .shape import concatenate, foreign, reshape

__all__ = ["cross", "kron", "outer"]

_outer: Primitive = primitive(
    "outer",
    lambda a, b: np.multiply(a[:, None], b),
    lambda g, y, a, b: matmul(g, b),
    lambda g, y, a, b: matmul(a, g),
    samples=((((2,), (3,)), {}), (((1,), (0,)), {})),
    doc="See autograd.outer.",
)


def outer(a: Any, b: Any) -> Any:
    """The products of every element of a with every one of b: (n,) and (m,) give (n, m). Other shapes are raveled.

    >>> outer(np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0]))
    array([[ 3.,  4.,  5.],
           [ 6.,  8., 10.]])
    """
    return _outer(
        *(x if np.shape(x) and hasattr(x, "shape") else np.asarray(x) for x in (as_vector(a), as_vector(b)))
    )


def _outer_of_vectors(x1: Any, x2: Any) -> Any:
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ShapeError(
            f"np.linalg.outer of shapes {np.shape(x1)} and {np.shape(x2)}: it takes vectors. np.outer ravels first."
        )
    return outer(x1, x2)


# --- kron


def _interleaved(a: Any, b: Any) -> tuple[Axes, Axes, Axes]:
    """The shape that the result has with an axis for each of a's and b's, in turns; and which of them are whose."""
    shape: list[int] = []
    of_a: list[int] = []
    of_b: list[int] = []
    rank = max(np.ndim(a), np.ndim(b))
    for i in range(-rank, 0):
        for x, mine in ((a, of_a), (b, of_b)):
            if np.ndim(x) >= -i:
                mine.append(len(shape))
                shape.append(np.shape(x)[i])
    return tuple(shape), tuple(of_a), tuple(of_b)


def _kron(a: Any, b: Any) -> Any:
    shape, _, of_b = _interleaved(a, b)
    rows = tuple(1 if i in of_b else n for i, n in enumerate(shape))
    columns = tuple(n if i in of_b else 1 for i, n in enumerate(shape))
    rank = max(np.ndim(a), np.ndim(b))
    lengths = [(1,) * (rank - np.ndim(x)) + np.shape(x) for x in (a, b)]
    return np.reshape(np.reshape(a, rows) * np.reshape(b, columns), tuple(m * n for m, n in zip(*lengths)))


def _kron_vjp_a(g: Any, y: Any, a: Any, b: Any) -> Any:
    shape, _, of_b = _interleaved(a, b)
    return tensordot_op(reshape(g, shape=shape), b, axes=(of_b, tuple(range(np.ndim(b)))))


def _kron_vjp_b(g: Any, y: Any, a: Any, b: Any) -> Any:
    shape, of_a, _ = _interleaved(a, b)
    return tensordot_op(a, reshape(g, shape=shape), axes=(tuple(range(np.ndim(a))), of_a))


kron: Primitive = primitive(
    "kron",
    _kron,
    _kron_vjp_a,
    _kron_vjp_b,
    numpy=np.kron,
    samples=(
        (((2, 3), (2, 2)), {}),
        (((2,), (3,)), {}),
        (((2,), (2, 3)), {}),
        (((2, 1, 2), (3,)), {}),
        (((), (2, 2)), {}),
        (((0, 2), (2, 2)), {}),
    ),
    doc="""The Kronecker product: every element of a, times the whole of b, as blocks.

>>> kron(np.array([1.0, 10.0]), np.array([1.0, 2.0, 3.0]))
array([ 1.,  2.,  3., 10., 20., 30.])
""",
)


# --- cross


def _cross_forward(a: Any, b: Any) -> Any:
    if not (foreign(a) or foreign(b)):
        return np.cross(a, b)
    (a1, a2, a3), (b1, b2, b3) = ([x[..., i] for i in range(3)] for x in (a, b))  # Dask has no np.cross
    return np.stack([a2 * b3 - a3 * b2, a3 * b1 - a1 * b3, a1 * b2 - a2 * b1], axis=-1)


_cross: Primitive = primitive(
    "cross",
    _cross_forward,
    lambda g, y, a, b: _cross(b, g),
    lambda g, y, a, b: _cross(g, a),
    samples=((((3,), (3,)), {}), (((2, 3), (3,)), {}), (((2, 1, 3), (4, 3)), {}), (((0, 3), (3,)), {})),
    doc="See autograd.cross.",
)


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The cross product of vectors with 3 components, along the last axis or along `axis` of both and of the result.

    A vector with 2 components counts as one with a third of 0; of two such ones only the third component is given.

    >>> cross(np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    array([0., 0., 1.])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    if not np.ndim(a) or not np.ndim(b):
        raise ShapeError(f"cross of shapes {np.shape(a)} and {np.shape(b)}: both must be vectors.")
    a, b = (x if hasattr(x, "shape") else np.asarray(x) for x in (a, b))
    a = a if axisa in (-1, np.ndim(a) - 1) else moveaxis(a, axisa, -1)
    b = b if axisb in (-1, np.ndim(b) - 1) else moveaxis(b, axisb, -1)
    sizes = np.shape(a)[-1], np.shape(b)[-1]
    if not {*sizes} <= {2, 3}:
        raise ShapeError(f"cross of vectors with {sizes[0]} and {sizes[1]} components: it takes 2 or 3.")
    if sizes == (2, 2):
        first, second = ((..., 0), (..., 1))
        return getitem(a, index=first) * getitem(b, index=second) - getitem(a, index=second) * getitem(
            b, index=first
        )
    y = _cross(_spatial(a), _spatial(b))
    return y if axisc in (-1, np.ndim(y) - 1) else moveaxis(y, -1, axisc)


def _spatial(x: Any) -> Any:
    if np.shape(x)[-1] == 3:
        return x
    return concatenate([x, np.zeros_like(raw(x), shape=(*np.shape(x)[:-1], 1))], axis=-1)


numpy_functions |= {np.outer: outer, np.cross: cross}
if hasattr(np.linalg, "outer"):  # NumPy 2
    numpy_functions[np.linalg.outer] = _outer_of_vectors
    numpy_functions[np.linalg.cross] = lambda x1, x2, axis=-1: cross(x1, x2, axis=axis)
