"""Linear algebra: the matrix product, for every combination of ranks that NumPy allows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..primitive import Primitive, primitive
from .shape import expand_dims, squeeze, swapaxes, transpose

__all__ = ["matmul"]


def _t(x: Any) -> Any:
    """The matrix transpose; of a stack of matrices, of each."""
    return transpose(x) if np.ndim(x) == 2 else swapaxes(x, axis1=-1, axis2=-2)


def _vjp_a(g: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(b) == 1:  # (.., n, k) @ (k,): an outer product of g and b
        return g * b if np.ndim(a) == 1 else expand_dims(g, axis=-1) * b
    if np.ndim(a) == 1:  # (k,) @ (.., k, m)
        return squeeze(matmul(b, expand_dims(g, axis=-1)), axis=-1)
    return matmul(g, _t(b))


def _vjp_b(g: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(a) == 1:  # (k,) @ (.., k, m)
        return g * a if np.ndim(b) == 1 else expand_dims(a, axis=-1) * expand_dims(g, axis=-2)
    if np.ndim(b) == 1:  # (.., n, k) @ (k,)
        return squeeze(matmul(_t(a), expand_dims(g, axis=-1)), axis=-1)
    return matmul(_t(a), g)


def _matmul(a: Any, b: Any) -> Any:
    return np.matmul(a, b)


def _kernel_a(g: Any, y: Any, a: Any, b: Any) -> Any:
    return g.dot(b.T) if a.ndim == b.ndim == 2 else _vjp_a(g, y, a, b)


def _kernel_b(g: Any, y: Any, a: Any, b: Any) -> Any:
    return a.T.dot(g) if a.ndim == b.ndim == 2 else _vjp_b(g, y, a, b)


matmul: Primitive = primitive(
    "matmul",
    _matmul,
    _vjp_a,
    _vjp_b,
    kernels=(_kernel_a, _kernel_b),
    numpy=np.matmul,
    samples=(
        (((2, 3), (3, 4)), {}),
        (((3,), (3,)), {}),
        (((2, 3), (3,)), {}),
        (((3,), (3, 4)), {}),
        (((3,), (2, 3, 4)), {}),
        (((2, 4, 3), (3,)), {}),
        (((5, 2, 3), (3, 4)), {}),
        (((2, 1, 2, 3), (3, 3, 2)), {}),
    ),
)
