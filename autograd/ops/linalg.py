"""Linear algebra: the matrix product, and what undoes it. Every operation takes stacks of matrices, (.., n, n), too.

All the rules here come from one line: A @ inv(A) = 1, so d inv(A) = -inv(A) @ dA @ inv(A).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..errors import DtypeError, MatrixError, ShapeError
from ..graph import Node, raw
from ..primitive import Function, Primitive, numpy_functions, primitive
from .shape import expand_dims, foreign, squeeze, swapaxes, transpose

__all__ = ["inv", "lstsq", "matmul", "pinv", "solve"]


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
    doc="The matrix product a @ b: (n, k) and (k, m) give (n, m); stacks of matrices broadcast, vectors as in NumPy.",
)
if hasattr(np.linalg, "matmul"):  # NumPy 2
    numpy_functions[np.linalg.matmul] = matmul


# --- what every operation on matrices asks first


def check_matrix(name: str, a: Any, square: bool = True) -> None:
    """Raise unless `a` is a matrix, or a stack of them, that LAPACK can work on."""
    shape = np.shape(a)
    if len(shape) < 2:
        raise ShapeError(
            f"{name} of shape {shape}: it needs a matrix, or a stack of them: (.., m, n). x[:, None] makes a matrix "
            "with one column of a vector."
        )
    if square and shape[-1] != shape[-2]:
        raise ShapeError(
            f"{name} of shape {shape}: the last two axes differ, and it is defined for square matrices only. "
            "pinv, lstsq, qr and svd take any."
        )
    dtype = getattr(a, "dtype", None)
    if dtype is not None and dtype.kind == "f" and dtype.itemsize not in (4, 8):
        raise DtypeError(
            f"{name} of dtype {dtype}: linear algebra is done in float32 or float64. Write x.astype(np.float32)."
        )


@contextmanager
def refusing(text: str) -> Iterator[None]:
    """What NumPy refuses inside is a MatrixError with this text."""
    try:
        yield
    except MatrixError:
        raise
    except np.linalg.LinAlgError:
        raise MatrixError(text) from None


def is_node(x: Any) -> bool:
    """Whether to record; plain arrays are handed to NumPy as they are."""
    return isinstance(x, Node)


def constant(make: Function, shape: Any, like: Any) -> Any:
    """np.eye, np.ones or np.zeros of a shape, in the dtype and of the array library of `like`."""
    other, dtype = raw(like), like.dtype
    if not foreign(other):
        return make(shape, dtype=dtype)
    try:
        return make(shape, dtype=dtype, like=other)  # a symbol of a picture is an array of its own: eye(3)
    except TypeError:  # Dask's eye does not take all that NumPy hands on
        return np.asarray(make(shape, dtype=dtype), like=other)


def kept_dtype(y: Any, a: Any) -> Any:
    """`y` in float32 where `a` is: Dask's linear algebra answers in float64."""
    return y.astype(a.dtype) if foreign(a) and a.dtype.kind == "f" else y


def well_conditioned(*inputs: Any) -> tuple[Any, ...]:
    """Regular matrices out of any, for the tests: a strong diagonal. Other inputs stay."""
    a = inputs[0]
    return (a * 0.5 + 3 * np.eye(np.shape(a)[-1]), *inputs[1:])


# --- inverse and linear systems


def _inv(a: Any) -> Any:
    check_matrix("inv", a)
    with refusing(
        "the inverse of a singular matrix does not exist (the gradient of slogdet needs it too). "
        "pinv(a) is the pseudoinverse, and lstsq(a, b) solves as well as can be."
    ):
        return kept_dtype(np.linalg.inv(a), a)


SQUARE: tuple[Any, ...] = ((((3, 3),), {}), (((2, 1, 2, 2),), {}), (((1, 1),), {}), (((0, 0),), {}))

inv: Primitive = primitive(
    "inv",
    _inv,
    lambda g, y, a: -matmul(_t(y), matmul(g, _t(y))),
    numpy=np.linalg.inv,
    samples=SQUARE,
    valid=well_conditioned,
    doc="""The inverse of a square matrix, or of each matrix of a stack (.., n, n).

A singular matrix raises MatrixError, which is a np.linalg.LinAlgError too. To solve a @ x = b, write solve(a, b):
it is faster and more exact than inv(a) @ b.

>>> inv(np.array([[2.0, 0.0], [0.0, 4.0]]))
array([[0.5 , 0.  ],
       [0.  , 0.25]])
""",
)


def _solve(a: Any, b: Any) -> Any:
    check_matrix("solve", a)
    if np.shape(b)[-2:][:1] != np.shape(a)[-1:]:  # of a vector its length
        raise ShapeError(
            f"solve of shapes {np.shape(a)} and {np.shape(b)}: the right-hand side needs {np.shape(a)[-1]} rows. A "
            "stack of vectors is written as one of columns: solve(a, b[..., None])[..., 0]."
        )
    vector = np.ndim(b) == 1
    columns = np.expand_dims(b, -1) if vector else b
    # NumPy 1 takes a right-hand side with one axis less than the matrices as vectors; with as many it is clear.
    missing = np.ndim(a) - np.ndim(columns)
    if missing > 0:
        columns = np.reshape(columns, (1,) * missing + np.shape(columns))
    with refusing(
        "solve with a singular matrix: there is no solution, or more than one. lstsq(a, b) finds the best one."
    ):
        x = kept_dtype(np.linalg.solve(a, columns), a)
    return x[..., 0] if vector else x


def _solve_vjp_b(g: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(b) == 1 and np.ndim(a) > 2:  # g is a stack of vectors
        return squeeze(solve(_t(a), expand_dims(g, axis=-1)), axis=-1)
    return solve(_t(a), g)


def _solve_vjp_a(g: Any, y: Any, a: Any, b: Any) -> Any:
    w = _solve_vjp_b(g, y, a, b)
    if np.ndim(b) == 1:
        return -expand_dims(w, axis=-1) * expand_dims(y, axis=-2)
    return -matmul(w, _t(y))


solve: Primitive = primitive(
    "solve",
    _solve,
    _solve_vjp_a,
    _solve_vjp_b,
    numpy=np.linalg.solve,
    samples=(
        (((3, 3), (3,)), {}),
        (((3, 3), (3, 2)), {}),
        (((2, 3, 3), (3,)), {}),
        (((2, 2, 2), (2, 3)), {}),
        (((2, 2), (4, 2, 1)), {}),
        (((2, 1, 2, 2), (3, 2, 2)), {}),
        (((0, 0), (0,)), {}),
    ),
    valid=well_conditioned,
    doc="""The x with a @ x = b. a is (.., n, n); b is one vector (n,) or columns (.., n, k), as in NumPy 2.

A singular matrix raises MatrixError, which is a np.linalg.LinAlgError too.

>>> solve(np.array([[2.0, 0.0], [0.0, 4.0]]), np.array([2.0, 2.0]))
array([1. , 0.5])
""",
)


# --- the pseudoinverse (Golub and Pereyra 1973, equation 4.12, for a matrix of full rank)


def _pinv(a: Any, rcond: Any = None) -> Any:
    check_matrix("pinv", a, square=False)
    return np.linalg.pinv(a) if rcond is None else np.linalg.pinv(a, rcond)


def _pinv_vjp(g: Any, y: Any, a: Any, rcond: Any = None) -> Any:
    m, n = np.shape(a)[-2:]
    rank = np.sum(raw(y) * _t(raw(a)), axis=(-2, -1))  # pinv(a) @ a is a projection: its trace is the rank
    if np.any(rank < min(m, n) - 0.5):
        raise MatrixError(
            f"the gradient of pinv at a matrix of shape {(m, n)} without full rank: pinv jumps there, so there is "
            "none. Leave out dependent rows or columns, or write solve(a.T @ a + c * np.eye(n), a.T) with a small c."
        )
    contribution = -matmul(_t(y), matmul(g, _t(y)))
    if m > n:  # what g does outside of the columns' span
        w = matmul(_t(g), matmul(y, _t(y)))
        contribution = contribution + w - matmul(a, matmul(y, w))
    elif m < n:
        w = matmul(_t(y), matmul(y, _t(g)))
        contribution = contribution + w - matmul(matmul(w, y), a)
    return contribution


pinv: Primitive = primitive(
    "pinv",
    _pinv,
    _pinv_vjp,
    numpy=np.linalg.pinv,
    samples=(
        (((3, 2),), {}),
        (((2, 3),), {}),
        (((2, 3, 3),), {}),
        (((2, 4, 2),), {"rcond": 1e-12}),
        (((0, 2),), {}),
    ),
    valid=lambda a: (a * 0.5 + 3 * np.eye(*np.shape(a)[-2:]),),
    doc="""The Moore-Penrose pseudoinverse of a matrix of any shape (.., m, n); singular values below rcond count as 0.

Its gradient exists where the rank is full, and raises MatrixError elsewhere: there pinv is not continuous.

>>> pinv(np.array([[3.0], [4.0]]))
array([[0.12, 0.16]])
""",
)


def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Any, Any, Any, Any]:
    """The x that makes a @ x come closest to b, and as in NumPy the squared residuals, rank and singular values of a.

    a is (m, n); b is (m,) or (m, k). Only x gets a gradient, where a has full rank: x is pinv(a) @ b. The others
    are plain numbers; the residuals to differentiate are a @ x - b.

    >>> x, residuals, rank, s = lstsq(np.array([[1.0], [1.0]]), np.array([1.0, 3.0]))
    >>> x, int(rank)
    (array([2.]), 1)
    """
    plain_a, plain_b = raw(a), raw(b)
    cut = None if isinstance(rcond, str) else rcond  # NumPy 1's default is a word
    if np.ndim(plain_a) != 2 or np.ndim(plain_b) not in (1, 2) or len(plain_b) != len(plain_a):
        raise ShapeError(
            f"lstsq of shapes {np.shape(plain_a)} and {np.shape(plain_b)}: it takes one matrix (m, n) and (m,) or "
            "(m, k). For stacks write pinv(a) @ b."
        )
    check_matrix("lstsq", plain_a, square=False)
    x, residuals, rank, s = np.linalg.lstsq(plain_a, plain_b, rcond=cut)
    if is_node(a) or is_node(b):
        settings = {}
        if rank < min(
            np.shape(plain_a)
        ):  # what counts as 0 matters, and pinv's usual cut is another than that of lstsq
            settings["rcond"] = np.finfo(s.dtype).eps * max(np.shape(plain_a)) if cut is None else cut
        x = matmul(pinv(a, **settings), b)
    return x, residuals, rank, s


numpy_functions[np.linalg.lstsq] = lstsq
