"""Matrices as products of triangular and orthogonal ones: Cholesky and QR. For stacks (.., m, n) too.

An op has one output, so a decomposition into several matrices is several ops, and each adds its part of the gradient.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from ..errors import MatrixError
from ..graph import raw
from ..primitive import Function, Primitive, numpy_functions, primitive
from .diagonal import tril
from .index import getitem
from .linalg import _t, check_matrix, is_node, matmul, refusing, solve
from .reduce import largest
from .shape import concatenate, foreign

__all__ = ["cholesky", "qr"]

_shared: ContextVar[dict[Function, Any] | None] = ContextVar("autograd_shared", default=None)


@contextmanager
def sharing() -> Iterator[None]:
    """Inside, all ops are of one matrix, and `once` decomposes it once: its factors belong together."""
    token = _shared.set({})
    try:
        yield
    finally:
        _shared.reset(token)


def is_sharing() -> bool:
    """Whether a whole decomposition will be asked for anyway."""
    return _shared.get() is not None


def once(function: Function, a: Any, **settings: Any) -> Any:
    """`function(a)`; inside `sharing()` what it gave the first time."""
    found = _shared.get()
    if found is None:
        return function(a, **settings)
    if function not in found:
        found[function] = function(a, **settings)
    return found[function]


def _mirrored(x: Any) -> Any:
    """The symmetric matrix that has the lower triangle of x."""
    return tril(x) + _t(tril(x, k=-1))


# --- Cholesky (Murray 2016, "Differentiation of the Cholesky decomposition", equation 10)


def named(kind: Any, *parts: Any) -> Any:
    """The parts of a decomposition as NumPy gives them: named, since NumPy 2, but by Dask and CuPy."""
    return kind(*parts) if hasattr(kind, "_fields") else parts


def _cholesky(a: Any) -> Any:
    check_matrix("cholesky", a)
    with refusing(
        "cholesky of a matrix that is not positive definite: it has no such factor. Make it so, as "
        "x.T @ x + c * np.eye(n) with c > 0 is; only the lower triangle is read, and the matrix taken as symmetric."
    ):
        y = np.linalg.cholesky(a)
    if foreign(a):  # Dask's is the upper factor; of either kind this is the lower one
        y = np.tril(y) + _t(np.triu(y, 1))
    return y


def _cholesky_vjp(g: Any, y: Any, a: Any) -> Any:
    return solve(_t(y), _t(solve(_t(y), _mirrored(matmul(_t(y), g))))) * 0.5


def _positive(a: Any) -> tuple[Any]:
    """Positive definite matrices out of any, for the tests."""
    return (matmul(a, _t(a)) * 0.25 + np.eye(np.shape(a)[-1]),)


SQUARES: tuple[Any, ...] = ((((3, 3),), {}), (((2, 2, 2),), {}), (((1, 1),), {}), (((0, 0),), {}))

_lower_factor: Primitive = primitive(
    "cholesky", _cholesky, _cholesky_vjp, samples=SQUARES, valid=_positive, doc="See autograd.cholesky."
)


def cholesky(a: Any, upper: bool = False) -> Any:
    """The lower triangular L with L @ L.T == a, for a symmetric positive definite a; with upper=True its transpose.

    Only one triangle of a is read; the gradient is symmetric, as PyTorch's. Not positive definite: MatrixError.

    >>> cholesky(np.array([[4.0, 2.0], [2.0, 5.0]]))
    array([[2., 0.],
           [1., 2.]])
    """
    return _t(_lower_factor(_t(a))) if upper else _lower_factor(a)


# --- QR (Walter and Lehmann 2013, "Algorithmic differentiation of linear algebra functions", section 3.2)


def _qr_q(a: Any) -> Any:
    check_matrix("qr", a, square=False)
    return once(np.linalg.qr, a)[0]


def _qr_r(a: Any) -> Any:
    check_matrix("qr", a, square=False)
    return once(np.linalg.qr, a)[1]


def _over_r(x: Any, r: Any) -> Any:
    """x @ inv(r.T)."""
    diagonal = np.abs(np.diagonal(raw(r), axis1=-2, axis2=-1))
    tolerance = 8 * np.shape(r)[-1] * np.finfo(r.dtype).eps * largest(diagonal, axis=-1, keepdims=True)
    if np.any(diagonal <= tolerance):
        raise MatrixError(
            "the derivative of qr at a matrix with dependent columns: Q is not unique there, so there is none. Leave "
            "out the columns that depend on others."
        )
    return _t(solve(r, _t(x)))


def _qr_q_vjp(g: Any, y: Any, a: Any) -> Any:
    return _over_r(g - matmul(y, _mirrored(matmul(_t(g), y))), matmul(_t(y), a))


def _qr_r_vjp(g: Any, y: Any, a: Any) -> Any:
    return _over_r(matmul(qr_q(a), _mirrored(matmul(y, _t(g)))), y)


_TALL: tuple[Any, ...] = ((((3, 2),), {}), (((2, 3, 3),), {}), (((2, 1),), {}), (((3, 0),), {}))
qr_q: Primitive = primitive(
    "qr_q", _qr_q, _qr_q_vjp, samples=_TALL, doc="Q of a QR decomposition, (.., m, n), m >= n."
)
qr_r: Primitive = primitive(
    "qr_r", _qr_r, _qr_r_vjp, samples=_TALL, doc="R of a QR decomposition, (.., m, n), m >= n."
)


def qr(a: Any, mode: Any = "reduced") -> Any:
    """(Q, R) with Q @ R == a: Q (.., m, k) has orthonormal columns and R (.., k, n) is upper triangular, k = min(m, n).

    mode="r" gives R alone. The first k columns must be independent for the gradient to exist.

    >>> from autograd import Tensor
    >>> q, r = qr(Tensor([[3.0, 1.0], [4.0, 2.0]]))
    >>> (q @ r).numpy().round(9)
    array([[3., 1.],
           [4., 2.]])
    """
    if not is_node(a):
        return np.linalg.qr(a, mode)
    check_matrix("qr", a, square=False)
    m, n = a.shape[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and m <= n):
        raise ValueError(
            f"qr with mode={mode!r} of shape {a.shape} on a node: it has no derivative. mode='reduced' or 'r' has."
        )
    square = getitem(a, index=(..., slice(m))) if m < n else a
    with sharing():
        r = qr_r(square)
        q = qr_q(square) if m < n or mode != "r" else None
        kind = type(once(np.linalg.qr, raw(square)))
    if m < n:  # the further columns of R are those of a, seen in the basis Q
        r = concatenate([r, matmul(_t(q), getitem(a, index=(..., slice(m, None))))], axis=-1)
    return r if mode == "r" else named(kind, q, r)


numpy_functions |= {np.linalg.cholesky: cholesky, np.linalg.qr: qr}
