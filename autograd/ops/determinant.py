"""Determinants. The gradient of det is the matrix of cofactors, which exists for singular matrices too.

Cofactors are computed from the singular values: with A = U S V', the cofactor matrix is det(U) det(V) U P V', where
P has on its diagonal the product of all singular values but one. So det(A) * inv(A).T, which needs an inverse, is not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import raw
from ..primitive import Primitive, numpy_functions, primitive
from .decompose import named, once, sharing
from .linalg import SQUARE, _t, check_matrix, inv, is_node, matmul, well_conditioned
from .reduce import sum as _sum
from .shape import expand_dims

__all__ = ["det", "logdet", "slogdet"]


def _det(a: Any) -> Any:
    check_matrix("det", a)
    return np.linalg.det(a)


def _factors(a: Any) -> tuple[Any, Any, Any, Any]:
    """U, the singular values, V', and det(U) det(V): 1, or -1 where one of them mirrors."""
    u, s, vh = np.linalg.svd(a)
    turn = np.rint(np.linalg.det(u) * np.linalg.det(vh)).astype(u.dtype)
    return u, s, vh, turn[..., None, None]


def _products(s: Any, pairs: bool) -> Any:
    """The product of all singular values but number i, or of all but number i and j (0 where i == j).

    By logarithms, as a product of hundreds would leave the range of floats on the way.
    """
    zero = s == 0
    logs = np.log(np.where(zero, 1, s))
    left, zeros = np.sum(logs, axis=-1)[..., None] - logs, np.sum(zero, axis=-1)[..., None] - zero
    if pairs:
        left, zeros = left[..., None] - logs[..., None, :], zeros[..., None] - zero[..., None, :]
    products = np.where(zeros == 0, np.exp(left), 0)
    if pairs:
        products = products * (1 - np.eye(s.shape[-1]))
    return products.astype(s.dtype)


def _cofactor(a: Any) -> Any:
    u, s, vh, turn = _factors(a)
    return turn * np.matmul(u * _products(s, pairs=False)[..., None, :], vh)


def _cofactor_vjp(g: Any, y: Any, a: Any) -> Any:
    back = _t(inv(a))
    along = expand_dims(_sum(g * y, axis=(-2, -1)), axis=(-2, -1))
    return along * back - matmul(back, matmul(_t(g), y))


def _cofactor_kernel(g: Any, y: Any, a: Any) -> Any:
    """Without an inverse. In the basis of U and V the matrix is diagonal, and det(S + t M + t N) has the t*t term
    sum over i != j of p_ij * (M_ii N_jj - M_ij N_ji), with p_ij the product of all singular values but i and j.
    """
    u, s, vh, turn = _factors(a)
    n, p = np.matmul(np.matmul(_t(u), g), _t(vh)), _products(s, pairs=True)
    middle = -p * _t(n)
    diagonal = np.arange(s.shape[-1])
    middle[..., diagonal, diagonal] = np.matmul(p, n[..., diagonal, diagonal, None])[..., 0]
    return turn * np.matmul(np.matmul(u, middle), vh)


cofactor: Primitive = primitive(
    "cofactor",
    _cofactor,
    _cofactor_vjp,
    kernels=(_cofactor_kernel,),
    samples=SQUARE,
    valid=well_conditioned,
    doc="The matrix of cofactors, (-1)**(i+j) times the determinant without row i and column j: the gradient of det.",
)
det: Primitive = primitive(
    "det",
    _det,
    lambda g, y, a: (g if np.ndim(a) == 2 else expand_dims(g, axis=(-2, -1))) * cofactor(a),
    numpy=np.linalg.det,
    samples=SQUARE,
    valid=well_conditioned,
    doc="""The determinant of a square matrix, or of each matrix of a stack (.., n, n).

First and second derivatives are right everywhere, at singular matrices too; a third, or a second that is itself
recorded (create_graph=True), needs a regular matrix and raises MatrixError otherwise.

>>> from autograd import Tensor
>>> a = Tensor([[1.0, 2.0], [2.0, 4.0]])
>>> det(a).backward()
>>> a.grad.round(9)
array([[ 4., -2.],
       [-2.,  1.]])
""",
)


def _logabsdet(a: Any) -> Any:
    check_matrix("slogdet", a)
    return once(np.linalg.slogdet, a)[1]


logabsdet: Primitive = primitive(
    "logabsdet",
    _logabsdet,
    lambda g, y, a: (g if np.ndim(a) == 2 else expand_dims(g, axis=(-2, -1))) * _t(inv(a)),
    samples=SQUARE,
    valid=well_conditioned,
    doc="log(|det(a)|), without overflow.",
)


def slogdet(a: Any) -> Any:
    """The sign of the determinant and log(|det(a)|), which does not overflow where det would.

    The sign is a plain number without a gradient. A singular matrix gives (0, -inf), and MatrixError for its gradient.

    >>> sign, logabsdet = slogdet(np.array([[0.0, 2.0], [3.0, 0.0]]))
    >>> float(sign), round(float(logabsdet), 4)
    (-1.0, 1.7918)
    """
    with sharing():
        log = logabsdet(a)
        plain = once(np.linalg.slogdet, raw(a))
    return named(type(plain), plain[0], log) if is_node(a) else plain


def logdet(a: Any) -> Any:
    """log(det(a)) of matrices (.., n, n), PyTorch's name; nan where the determinant is negative, -inf where it is 0.

    >>> round(float(logdet(np.array([[2.0, 0.0], [0.0, 3.0]]))), 4)
    1.7918
    """
    sign, log = slogdet(a)
    return log if np.all(sign >= 0) else log + np.where(sign < 0, np.nan, 0).astype(sign.dtype)


numpy_functions[np.linalg.slogdet] = slogdet
