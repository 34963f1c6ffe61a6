"""Eigenvalues of symmetric matrices, and singular values. For stacks (.., m, n) too.

An op has one output, so a decomposition into several matrices is several ops, and each adds its part of the gradient.
The derivative of an eigenvector divides by the gap to the other eigenvalues: where two are equal there is none, and
its rule raises MatrixError. (Eigenvalues themselves get a gradient there too: one of many, as in PyTorch.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DtypeError, MatrixError
from ..graph import raw
from ..primitive import Function, Primitive, numpy_functions, primitive
from .decompose import SQUARES, is_sharing, named, once, sharing
from .linalg import _t, check_matrix, is_node, matmul, refusing
from .reduce import largest
from .reduce import sum as _sum
from .shape import expand_dims, foreign

__all__ = ["eig", "eigh", "eigvals", "eigvalsh", "svd", "svdvals"]


def _inverse_gaps(values: Any) -> Any:
    n = np.shape(values)[-1]
    gaps = values[..., None, :] - values[..., :, None]
    if foreign(values):  # Dask assigns to no diagonal
        same = np.asarray(np.eye(n, dtype=bool), like=values)
        return np.where(same, 0, 1 / np.where(same, 1, gaps))
    gaps[..., np.arange(n), np.arange(n)] = 1
    y = 1 / gaps
    y[..., np.arange(n), np.arange(n)] = 0
    return y


def _inverse_gaps_vjp(g: Any, y: Any, values: Any) -> Any:
    slopes = g * y * y
    return _sum(slopes, axis=-1) - _sum(slopes, axis=-2)


inverse_gaps: Primitive = primitive(
    "inverse_gaps",
    _inverse_gaps,
    _inverse_gaps_vjp,
    samples=((((3,),), {}), (((2, 2),), {}), (((1,),), {}), (((0,),), {})),
    valid=lambda x: (x + 5 * np.arange(np.shape(x)[-1]),),
    doc="1 / (value j - value i) at i, j, and 0 on the diagonal: how fast eigenvectors turn into each other.",
)


def _check_apart(name: str, values: Any, what: str) -> None:
    """Raise unless the (plain) values differ by more than rounding errors: no digit of the result would be right."""
    n = np.shape(values)[-1]
    tolerance = 8 * n * np.finfo(values.dtype).eps * largest(np.abs(values), axis=-1, keepdims=True)
    # They come in order, but for rounding errors.
    if np.any(np.abs(values[..., 1:] - values[..., :-1]) <= tolerance):
        raise MatrixError(
            f"the derivative of {name} at a matrix with equal {what}: any basis of their space would do, so there is "
            f"none. The {what} alone have a gradient; so have functions such as matrix_power, expm, inv and norm."
        )


# --- symmetric matrices (Giles 2008, "Collected matrix derivative results", section 3.1)


def _eigvalsh(a: Any, UPLO: Any = "L") -> Any:
    check_matrix("eigvalsh", a)
    with refusing(_NOT_FOUND):
        if not is_sharing():  # values alone take a third of the time
            return np.linalg.eigvalsh(a, UPLO)
        return once(np.linalg.eigh, a, UPLO=UPLO)[0]


def _eigh_vectors(a: Any, UPLO: Any = "L") -> Any:
    check_matrix("eigh", a)
    with refusing(_NOT_FOUND):
        return once(np.linalg.eigh, a, UPLO=UPLO)[1]


def _eigvalsh_vjp(g: Any, y: Any, a: Any, UPLO: Any = "L") -> Any:
    v = eigh_vectors(a, **_side(UPLO))
    return matmul(v * expand_dims(g, axis=-2), _t(v))


def _eigh_vectors_vjp(g: Any, y: Any, a: Any, UPLO: Any = "L") -> Any:
    values = eigvalsh(a, **_side(UPLO))
    _check_apart("eigenvectors", raw(values), "eigenvalues")
    p = matmul(_t(y), g) * inverse_gaps(values)
    return matmul(matmul(y, (p + _t(p)) * 0.5), _t(y))


def _side(UPLO: Any) -> dict[str, str]:
    """The setting, where it is not the usual one: a picture shows settings."""
    return {} if UPLO in ("L", "l") else {"UPLO": UPLO}


_NOT_FOUND = "no eigenvalues were found: the iteration does not converge. Are there nan or inf in the matrix?"
_SIDES: tuple[Any, ...] = (*SQUARES, (((3, 3),), {"UPLO": "U"}))


def _symmetric(a: Any) -> tuple[Any]:
    """Symmetric matrices out of any, for the tests."""
    return (a + _t(a),)


eigvalsh: Primitive = primitive(
    "eigvalsh",
    _eigvalsh,
    _eigvalsh_vjp,
    numpy=np.linalg.eigvalsh,
    samples=_SIDES,
    valid=_symmetric,
    doc="""The eigenvalues of a symmetric matrix, or of each of a stack (.., n, n), in ascending order.

Only one triangle is read, the lower one unless UPLO="U"; the gradient is symmetric, as PyTorch's.

>>> eigvalsh(np.array([[2.0, 1.0], [1.0, 2.0]])).round(9)
array([1., 3.])
""",
)
eigh_vectors: Primitive = primitive(
    "eigh_vectors",
    _eigh_vectors,
    _eigh_vectors_vjp,
    samples=_SIDES,
    valid=_symmetric,
    doc="The eigenvectors of a symmetric matrix, as columns.",
)


def eigh(a: Any, UPLO: Any = "L") -> Any:
    """Eigenvalues, ascending, and eigenvectors, as columns, of a symmetric matrix: a @ v == v * w.

    The sign of an eigenvector is arbitrary, so only what does not depend on it has a meaningful gradient. Where two
    eigenvalues are equal the gradient through the vectors raises MatrixError; that of the values is one of many.

    >>> w, v = eigh(np.array([[2.0, 1.0], [1.0, 2.0]]))
    >>> w.round(9), np.abs(v).round(4)
    (array([1., 3.]), array([[0.7071, 0.7071],
           [0.7071, 0.7071]]))
    """
    if not is_node(a):
        return np.linalg.eigh(a, UPLO)
    with sharing():
        vectors = eigh_vectors(a, **_side(UPLO))
        values = eigvalsh(a, **_side(UPLO))
        kind = type(once(np.linalg.eigh, raw(a)))
    return named(kind, values, vectors)


def _real_only(name: str) -> Function:
    def refuse(a: Any) -> Any:
        if is_node(a):
            raise DtypeError(
                f"{name} of a node: a matrix that is not symmetric has complex eigenvalues, and gradients here are "
                f"of real numbers. Of a symmetric matrix take eigh or eigvalsh; "
                f"np.linalg.{name}(t.numpy()) leaves the graph."
            )
        return getattr(np.linalg, name)(a)

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = (
        f"np.linalg.{name} of plain arrays. Nodes are refused: the results are complex. Use eigh."
    )
    return refuse


eig, eigvals = _real_only("eig"), _real_only("eigvals")


# --- singular values (Townsend 2016, "Differentiating the singular value decomposition")


def _svd(a: Any) -> Any:
    check_matrix("svd", a, square=False)
    with refusing(_NOT_FOUND.replace("eigen", "singular ")):
        return once(np.linalg.svd, a, full_matrices=False)


def _svdvals(a: Any) -> Any:
    if is_sharing():
        return _svd(a)[1]
    check_matrix("svd", a, square=False)
    with refusing(_NOT_FOUND.replace("eigen", "singular ")):
        # Dask has no such setting.
        return _svd(a)[1] if foreign(a) else np.linalg.svd(a, compute_uv=False)


def _svdvals_vjp(g: Any, y: Any, a: Any) -> Any:
    with sharing():
        u, vh = svd_u(a), svd_vh(a)
    return matmul(u * expand_dims(g, axis=-2), vh)


def _svd_u_vjp(g: Any, y: Any, a: Any) -> Any:
    m, k = np.shape(y)[-2:]
    rows = matmul(_t(y), a)  # S @ V', without another decomposition
    squares = _sum(rows**2, axis=-1)
    s = np.sqrt(raw(squares))
    _check_apart("singular vectors", s, "singular values")
    p = matmul(_t(y), g) * inverse_gaps(squares)
    inside = matmul(y, matmul(p + _t(p), rows))
    if m == k:
        return inside
    if np.any(s <= 8 * m * np.finfo(s.dtype).eps * largest(s, axis=-1, keepdims=True)):
        raise MatrixError(
            "the derivative of svd at a matrix without full rank: the vectors of a singular value 0 are arbitrary, so "
            "there is none. The singular values alone have a gradient."
        )
    outside = (g - matmul(y, matmul(_t(y), g))) / expand_dims(squares, axis=-2)
    return inside + matmul(outside, rows)


def _svd_vh_vjp(g: Any, y: Any, a: Any) -> Any:
    return _t(_svd_u_vjp(_t(g), _t(y), _t(a)))


_ANY: tuple[Any, ...] = (
    *((((3, 2),), {}), (((2, 3),), {}), (((2, 3, 3),), {}), (((2, 1, 4, 2),), {})),
    *((((1, 1),), {}), (((0, 2),), {})),
)
svdvals: Primitive = primitive(
    "svdvals",
    _svdvals,
    _svdvals_vjp,
    samples=_ANY,
    doc="""The singular values of a matrix, or of each of a stack (.., m, n), in descending order.

>>> svdvals(np.array([[3.0, 0.0], [0.0, -4.0]]))
array([4., 3.])
""",
)
svd_u: Primitive = primitive(
    "svd_u",
    lambda a: _svd(a)[0],
    _svd_u_vjp,
    samples=_ANY,
    doc="U of a reduced singular value decomposition.",
)
svd_vh: Primitive = primitive(
    "svd_vh",
    lambda a: _svd(a)[2],
    _svd_vh_vjp,
    samples=_ANY,
    doc="V' of a reduced singular value decomposition.",
)


def svd(a: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: bool = False) -> Any:
    """(U, S, Vh) with a == U * S @ Vh, S descending; with compute_uv=False only S. NumPy's defaults.

    A node that is not square needs full_matrices=False: the further columns are arbitrary. So is the sign of a pair of
    vectors. Gradients through the vectors raise MatrixError where two singular values are equal, or rank is missing.

    >>> u, s, vh = svd(np.array([[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]]), full_matrices=False)
    >>> s
    array([4., 3.])
    """
    if not is_node(a):
        return np.linalg.svd(a, full_matrices, compute_uv, hermitian)
    if not compute_uv:
        return svdvals(a)
    check_matrix("svd", a, square=False)
    if full_matrices and a.shape[-1] != a.shape[-2]:
        raise ValueError(
            f"svd of shape {a.shape} with full_matrices=True on a node: the columns that complete U or V are "
            "arbitrary, and have no derivative. Write svd(a, full_matrices=False)."
        )
    with sharing():
        u, s, vh = svd_u(a), svdvals(a), svd_vh(a)
        kind = type(_svd(raw(a)))
    return named(kind, u, s, vh)


numpy_functions |= {np.linalg.eigh: eigh, np.linalg.svd: svd, np.linalg.eig: eig, np.linalg.eigvals: eigvals}
if hasattr(np.linalg, "svdvals"):  # NumPy 2
    numpy_functions[np.linalg.svdvals] = svdvals
