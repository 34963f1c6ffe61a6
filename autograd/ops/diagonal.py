"""Diagonals and triangles: what is read from a diagonal is the way back of what is written to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError
from ..primitive import Primitive, numpy_functions, primitive
from .axes import ravel
from .reduce import sum as _sum
from .shape import as_array

# Without trace, which in `autograd` is the sweep for a picture: np.trace(t) and t.trace() are the one of a matrix.
__all__ = ["diag", "diag_embed", "diagflat", "diagonal", "tril", "triu"]


def _diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    if np.ndim(x) < 2:
        raise ShapeError(
            f"a diagonal of shape {np.shape(x)}: it needs two axes. diag makes a matrix of a vector"
        )
    return np.diagonal(x, offset, axis1, axis2)


def _diag_embed(x: Any, offset: int = 0, axis1: int = -2, axis2: int = -1, shape: Any = None) -> Any:
    if not np.shape(x):
        raise ShapeError(
            "diag_embed of a single number, which has no axis to put on a diagonal. Write x[None]"
        )
    n = np.shape(x)[-1]
    height = width = n + abs(offset)
    if shape is not None:  # that of the array the diagonal was taken from
        height, width = shape[axis1], shape[axis2]
    if isinstance(x, np.ndarray):  # 3 us against the 17 us of what other libraries understand
        out = np.zeros_like(x, shape=(*x.shape[:-1], height, width))
        steps = np.arange(n)
        if x.size:  # NumPy 1 warns of indices of arrays without elements
            out[..., steps + max(-offset, 0), steps + max(offset, 0)] = x
        return np.moveaxis(out, (-2, -1), (axis1, axis2))
    above = max(-offset, 0)  # rows without an element
    rows = np.pad(x, [(0, 0)] * (np.ndim(x) - 1) + [(above, height - n - above)])
    rows_of, columns_of = (
        np.arange(n, like=x) for n in (height, width)
    )  # Dask's np.eye takes no such lengths
    out = np.where(columns_of - rows_of[:, None] == offset, rows[..., None], 0)
    return np.moveaxis(out, (-2, -1), (axis1, axis2))


def _tril(x: Any, k: int = 0) -> Any:
    return np.tril(x, k)


def _triu(x: Any, k: int = 0) -> Any:
    return np.triu(x, k)


diagonal: Primitive = primitive(
    "diagonal",
    _diagonal,
    lambda g, y, x, offset=0, axis1=0, axis2=1: diag_embed(
        g, offset=offset, axis1=axis1, axis2=axis2, shape=np.shape(x)
    ),
    numpy=np.diagonal,
    samples=(
        (((3, 3),), {}),
        (((2, 4),), {"offset": 1}),
        (((3, 2),), {"offset": -1}),
        (((2, 3, 4),), {"offset": -1, "axis1": -1, "axis2": 0}),
        (((2, 3),), {"offset": 5}),
    ),
)
diagonal.__doc__ = """The diagonal of a matrix, or of each in a stack; `offset` above it, or below if negative.

The axes axis1 and axis2 go, and the diagonal is the last axis.

>>> diagonal(np.array([[1.0, 2.0], [3.0, 4.0]]))
array([1., 4.])
"""
diag_embed: Primitive = primitive(
    "diag_embed",
    _diag_embed,
    lambda g, y, x, offset=0, axis1=-2, axis2=-1, shape=None: diagonal(
        g, offset=offset, axis1=axis1, axis2=axis2
    ),
    samples=(
        (((3,),), {}),
        (((2, 3),), {"offset": -1}),
        (((2, 3),), {"offset": 2, "axis1": 2, "axis2": 0}),
        (((2,),), {"offset": 1, "axis1": 0, "axis2": 1, "shape": (3, 3)}),
        (((2, 0),), {}),
    ),
)
diag_embed.__doc__ = """Matrices of zeros with the last axis of x on their diagonal: PyTorch's diag_embed.

They are square and just large enough, unless `shape` says the shape of the result.

>>> diag_embed(np.array([1.0, 2.0]))
array([[1., 0.],
       [0., 2.]])
"""
tril: Primitive = primitive(
    "tril",
    _tril,
    lambda g, y, x, k=0: tril(g, k=k),
    numpy=np.tril,
    samples=((((3, 3),), {}), (((2, 4),), {"k": 1}), (((2, 3, 2),), {"k": -1})),
)
tril.__doc__ = """The lower triangle: zeros above the k-th diagonal of the last two axes.

>>> tril(np.ones((2, 2)))
array([[1., 0.],
       [1., 1.]])
"""
triu: Primitive = primitive(
    "triu",
    _triu,
    lambda g, y, x, k=0: triu(g, k=k),
    numpy=np.triu,
    samples=((((3, 3),), {}), (((2, 4),), {"k": 1}), (((2, 3, 2),), {"k": -1})),
)
triu.__doc__ = """The upper triangle: zeros below the k-th diagonal of the last two axes.

>>> triu(np.ones((2, 2)))
array([[1., 1.],
       [0., 1.]])
"""


def diag(v: Any, k: int = 0) -> Any:
    """The k-th diagonal of a matrix, or a matrix with a given vector on it.

    >>> diag([1.0, 2.0])
    array([[1., 0.],
           [0., 2.]])
    """
    v = as_array(v)
    if np.ndim(v) not in (1, 2):
        raise ShapeError(
            f"diag of shape {np.shape(v)}: it takes a vector or a matrix. For stacks of them there are diag_embed "
            "and diagonal."
        )
    return diag_embed(v, offset=k) if np.ndim(v) == 1 else diagonal(v, offset=k)


def diagflat(v: Any, k: int = 0) -> Any:
    """A matrix with all elements of `v` on its k-th diagonal.

    >>> diagflat([[1.0], [2.0]])
    array([[1., 0.],
           [0., 2.]])
    """
    return diag_embed(ravel(v), offset=k)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of a diagonal, of the matrices in the plane of two axes.

    >>> float(trace(np.array([[1.0, 2.0], [3.0, 4.0]])))
    5.0
    """
    return _sum(diagonal(a, offset=offset, axis1=axis1, axis2=axis2), axis=-1)


def _last(function: Any) -> Any:
    """The form of np.linalg: of the last two axes, and for those only."""

    def of_matrices(x: Any, offset: int = 0) -> Any:
        return function(x, offset=offset, axis1=-2, axis2=-1)

    return of_matrices


numpy_functions[np.diag] = diag
numpy_functions[np.diagflat] = diagflat
numpy_functions[np.trace] = trace
if hasattr(np.linalg, "diagonal"):  # since NumPy 2
    numpy_functions[np.linalg.diagonal] = _last(diagonal)
    numpy_functions[np.linalg.trace] = _last(trace)
