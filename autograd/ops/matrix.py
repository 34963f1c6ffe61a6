"""Functions of a matrix: powers, the exponential, the condition number, the product of many.

Most are written with other operations, and so need no rule.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..graph import raw
from ..primitive import Function, Primitive, numpy_functions, primitive
from .elementwise import where
from .index import getitem
from .linalg import SQUARE, _t, check_matrix, constant, inv, is_node, matmul
from .norm import norm
from .reduce import largest
from .shape import concatenate
from .spectral import svdvals

__all__ = ["cond", "expm", "matrix_power", "matrix_rank", "multi_dot"]


def matrix_power(a: Any, n: int) -> Any:
    """a @ a @ .. @ a, n times, by repeated squaring; a negative n multiplies inverses, and n = 0 gives the identity.

    >>> matrix_power(np.array([[1.0, 1.0], [0.0, 1.0]]), 5)
    array([[1., 5.],
           [0., 1.]])
    """
    check_matrix("matrix_power", a)
    try:
        n = operator.index(n)
    except TypeError:
        raise TypeError(f"matrix_power with n = {n!r}: it must be a whole number.") from None
    if not is_node(a):
        return np.linalg.matrix_power(a, n)
    if n == 0:  # a constant; through `where` it still belongs to the graph, with a gradient of zeros
        return where(np.zeros(a.shape, dtype=bool), a, constant(np.eye, a.shape[-1], a))
    power = inv(a) if n < 0 else a
    n, result = abs(n), None
    while True:
        if n % 2:
            result = power if result is None else matmul(result, power)
        n //= 2
        if not n:
            return result
        power = matmul(power, power)


# Scaling and squaring with the Padé approximant of degree 13 (Higham 2005, algorithm 2.3): its coefficients, and the
# norm up to which it is exact to double precision.
_PADE = [math.comb(13, k) * math.factorial(26 - k) / math.factorial(26) for k in range(14)]
_RADIUS = 5.371920351148152


def _expm(a: Any) -> Any:
    check_matrix("expm", a)
    size = float(largest(np.sum(np.abs(a), axis=-2)))
    if not math.isfinite(size):
        return np.full_like(a, np.nan)
    squarings = max(0, math.ceil(math.log2(size / _RADIUS))) if size else 0
    a = a / 2.0**squarings
    one, b = constant(np.eye, np.shape(a)[-1], a), _PADE
    a2 = np.matmul(a, a)
    a4 = np.matmul(a2, a2)
    a6 = np.matmul(a2, a4)
    odd = np.matmul(a6, b[13] * a6 + b[11] * a4 + b[9] * a2) + b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * one
    even = np.matmul(a6, b[12] * a6 + b[10] * a4 + b[8] * a2) + b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * one
    odd = np.matmul(a, odd)
    y = np.linalg.solve(even - odd, even + odd)
    for _ in range(squarings):
        y = np.matmul(y, y)
    return y


# The derivative in a direction is the corner of a larger exponential (Mathias 1996, theorem 2.1):
# expm([[A, D], [0, A]]) = [[expm(A), derivative], [0, expm(A)]].


def _blocks(join: Function, a: Any, d: Any) -> Any:
    zero = constant(np.zeros, np.shape(a), a)
    return join([join([a, d], axis=-1), join([zero, a], axis=-1)], axis=-2)


def _expm_jvp(a: Any, d: Any) -> Any:
    n = np.shape(a)[-1]
    # Linear in d, which is scaled first: expm would halve a large one as often as makes the rest inexact.
    size = largest(np.abs(d))
    size = size if 0 < size < np.inf else np.ones_like(size)
    return _expm(_blocks(np.concatenate, a, d / size))[..., :n, n:] * size


def _expm_jvp_vjp_a(g: Any, y: Any, a: Any, d: Any) -> Any:
    n = np.shape(a)[-1]  # y is the corner of expm(blocks): of the gradient there, blocks has a twice
    zero = constant(np.zeros, np.shape(a), a)
    corner = concatenate([concatenate([zero, g], axis=-1), concatenate([zero, zero], axis=-1)], axis=-2)
    slope = expm_jvp(_t(_blocks(concatenate, a, d)), corner)
    first, last = slice(n), slice(n, None)
    return getitem(slope, index=(..., first, first)) + getitem(slope, index=(..., last, last))


expm_jvp: Primitive = primitive(
    "expm_jvp",
    _expm_jvp,
    _expm_jvp_vjp_a,
    lambda g, y, a, d: expm_jvp(_t(a), g),
    samples=((((2, 2), (2, 2)), {}), (((2, 1, 2, 2), (2, 1, 2, 2)), {}), (((0, 0), (0, 0)), {})),
    doc="The derivative of expm at a in the direction d, both of one shape.",
)
expm: Primitive = primitive(
    "expm",
    _expm,
    lambda g, y, a: expm_jvp(_t(a), g),
    samples=SQUARE,
    doc="""The exponential of a square matrix, or of each of a stack (.., n, n): 1 + a + a @ a / 2 + ...

PyTorch's matrix_exp. It solves the linear differential equation dx/dt = a @ x: x(t) = expm(a * t) @ x(0).

>>> expm(np.array([[0.0, np.pi], [-np.pi, 0.0]])).round(9) + 0.0
array([[-1.,  0.],
       [ 0., -1.]])
""",
)


def multi_dot(arrays: Sequence[Any]) -> Any:
    """a @ b @ c @ ..., in the order that takes the fewest multiplications. The first and the last may be vectors.

    >>> multi_dot([np.ones((2, 3)), np.ones((3, 4)), np.ones(4)])
    array([12., 12.])
    """
    if len(arrays) < 2:
        raise ValueError(f"multi_dot of {len(arrays)} arrays: give at least two.")
    ranks = [np.ndim(x) for x in arrays]
    if any(r != 2 for r in ranks[1:-1]) or not {ranks[0], ranks[-1]} <= {1, 2}:
        raise ShapeError(
            f"multi_dot of shapes {' and '.join(str(np.shape(x)) for x in arrays)}: it takes matrices, and vectors at "
            "the ends. For stacks write a @ b @ c."
        )
    # number i is (sizes[i], sizes[i + 1]); a vector is a row in the first place, and a column in the last
    sizes = [np.shape(x)[0] for x in arrays] + [np.shape(arrays[-1])[-1]]
    sizes[0] = 1 if ranks[0] == 1 else sizes[0]
    sizes[-1] = 1 if ranks[-1] == 1 else sizes[-1]
    # best[i, j]: the least cost of the product of i .. j, with the product itself
    best: dict[tuple[int, int], tuple[int, int]] = {(i, i): (0, i) for i in range(len(arrays))}
    for length in range(1, len(arrays)):
        for i in range(len(arrays) - length):
            j = i + length
            best[i, j] = min(
                (best[i, k][0] + best[k + 1, j][0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            )

    def product(i: int, j: int) -> Any:
        k = best[i, j][1]
        return arrays[i] if i == j else matmul(product(i, k), product(k + 1, j))

    return product(0, len(arrays) - 1)


def cond(x: Any, p: Any = None) -> Any:
    """The condition number: the largest over the smallest singular value, or norm(x, p) * norm(inv(x), p) for p given.

    >>> float(cond(np.array([[4.0, 0.0], [0.0, 2.0]])))
    2.0
    """
    if not is_node(x):
        return np.linalg.cond(x, p)
    if p is None or p in (2, -2):
        s = svdvals(x)
        first, last = getitem(s, index=(..., 0)), getitem(s, index=(..., -1))
        return last / first if p == -2 else first / last
    check_matrix("cond", x)
    return norm(x, ord=p, axis=(-2, -1)) * norm(inv(x), ord=p, axis=(-2, -1))


def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, rtol: Any = None) -> Any:
    """The number of singular values above a tolerance: a plain whole number, out of the graph.

    >>> int(matrix_rank(np.array([[1.0, 2.0], [2.0, 4.0]])))
    1
    """
    given = {} if rtol is None else {"rtol": rtol}
    return np.linalg.matrix_rank(raw(A), tol, hermitian, **given)


numpy_functions |= {np.linalg.matrix_power: matrix_power, np.linalg.multi_dot: multi_dot}
numpy_functions |= {np.linalg.cond: cond, np.linalg.matrix_rank: matrix_rank}
