"""Shapes, dtypes and kinds of data: what a tensor takes, what it keeps, and what an operation makes of two of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from misuse import Misuse, Table

import nn
from autograd import (
    DomainError,
    DtypeError,
    GradientError,
    ShapeError,
    Tensor,
    Value,
    grad,
    mse_loss,
    softmax_cross_entropy,
)

misuse = Table()
add = misuse.add
X = np.array([1.0, 2.0, 3.0])
M = np.arange(6.0).reshape(2, 3)


def leaf() -> Tensor:
    return Tensor(X)


def slope(x):
    """The gradient of the sum of squares."""
    t = Tensor(x)
    (t * t).sum().backward()
    return t.grad


# --- a column against a row

add(
    "MSELoss of (3,) and (3, 1)",
    lambda: nn.MSELoss()(leaf(), X[:, None]),
    raises=ShapeError,
    says="every pair",
)
add(
    "mse_loss of (3, 1) and (3,)",
    lambda: mse_loss(Tensor(X[:, None]), X),
    raises=ShapeError,
    says="must be equal",
)


@misuse(gives=[(3, 3), 3 * (2 * X - 4)])
def a_loss_by_hand_of_a_row_and_a_column():
    """As in NumPy: every pair. The gradient is right for what was written."""
    t = leaf()
    error = t - X[:, None]
    (error**2).sum().backward()
    return [error.shape, t.grad]


def _cross_entropy(logits, labels):
    return softmax_cross_entropy(Tensor(logits), labels)


add(
    "labels that are floats",
    lambda: _cross_entropy(M, np.zeros(2)),
    raises=ShapeError,
    says=r"labels\.astype\(int\)",
)
add(
    "labels that are booleans",
    lambda: _cross_entropy(M, np.array([True, False])),
    raises=ShapeError,
    says="bool",
)
add(
    "labels out of range",
    lambda: _cross_entropy(M, np.array([0, 3])),
    raises=ShapeError,
    says="go from 0 to 2",
)
add("labels below zero", lambda: _cross_entropy(M, np.array([0, -1])), raises=ShapeError, says="label -1")
add(
    "labels in a column",
    lambda: _cross_entropy(M, np.array([[0], [1]])),
    raises=ShapeError,
    says=r"shape \(2, 1\)",
)
add("scores of one row", lambda: _cross_entropy(X, np.array([0])), raises=ShapeError, says="rows, classes")
add("tracked labels", lambda: _cross_entropy(M, Tensor([0.0, 1.0])), raises=GradientError, says="detach")

# --- dtypes that stay

for dtype in (np.float16, np.float32, np.float64, np.longdouble, ">f8", ">f4"):
    add(
        f"{np.dtype(dtype).str} stays",
        lambda dtype=dtype: slope(X.astype(dtype)),
        gives=(2 * X).astype(dtype),
    )
add("a float32 number", lambda: slope(np.float32(2.0)), gives=np.array(4.0, np.float32))


def _dtypes(x, other):
    """Of a product and of the gradients of its factors."""
    t = Tensor(x)
    y = t * other
    y.sum().backward()
    return [str(y.dtype), str(t.grad.dtype)] + ([str(other.grad.dtype)] if isinstance(other, Tensor) else [])


ONES = np.ones(3, np.float32)
add("float32 * 1.5", lambda: _dtypes(ONES, 1.5), gives=["float32"] * 2)
add("float32 * np.float64(1.5)", lambda: _dtypes(ONES, np.float64(1.5)), gives=["float32"] * 2)
add("float32 * booleans", lambda: _dtypes(ONES, X > 1), gives=["float32"] * 2)
add("float32 * float64 array", lambda: _dtypes(ONES, X), gives=["float64", "float32"])  # as NumPy promotes
add("float32 * float64 tensor", lambda: _dtypes(ONES, leaf()), gives=["float64", "float32", "float64"])
add("float16 * whole numbers", lambda: _dtypes(np.float16(X), np.arange(3)), gives=["float64", "float16"])
add("float64 data set on float32", lambda: _set(ONES, X), gives=ONES * np.float32(X))
add(
    "images of bytes do not overflow",
    lambda: _image(np.array([200, 100, 1], np.uint8)),
    gives=np.array([4e4, 1e4, 1.0]),
)
add(
    "whole numbers become float64", lambda: Tensor(np.array([1, 2], np.uint8)).dtype == np.float64, gives=True
)
add(
    "a float16 that overflows",
    lambda: (Tensor(np.float16(300)) * 300).item(),
    gives=math.inf,
    warns=RuntimeWarning,
    says="overflow",
)


def _set(x, data):
    t = Tensor(x)
    t.data = data
    return t.numpy()


def _image(pixels):
    t = Tensor(np.ones(3))
    (t * pixels * pixels).sum().backward()
    return t.grad


# --- memory of every layout

add("reversed", lambda: slope(X[::-1]), gives=2 * X[::-1].copy())
add("every second", lambda: slope(np.arange(6.0)[::2]), gives=np.array([0.0, 4.0, 8.0]))
add("column by column", lambda: slope(np.asfortranarray(M)), gives=2 * M)
add("read-only", lambda: slope(np.broadcast_to(2.0, (3,))), gives=np.full(3, 4.0))
add("no axis", lambda: slope(np.array(2.0)), gives=np.array(4.0))
add("no element", lambda: slope(np.zeros((0, 3))), gives=np.zeros((0, 3)))
windows = np.lib.stride_tricks.as_strided(X, (2, 2), (8, 8))
add("windows that overlap", lambda: slope(windows), gives=np.array([[2.0, 4.0], [4.0, 6.0]]))


@misuse(gives=np.zeros((3, 2)))
def a_batch_of_nothing():
    w = Tensor(np.ones((3, 2)))
    (np.zeros((0, 3)) @ w).sum().backward()
    return w.grad


add("the largest of nothing", lambda: Tensor(np.zeros(0)).max(), raises=ValueError, says="no identity")
add(
    "the mean of nothing",
    lambda: Tensor(np.zeros(0)).mean().item(),
    gives=math.nan,
    warns=RuntimeWarning,
    says="empty|invalid",
)

# --- what is no array of numbers

for name, data, says in (
    ("objects", [1.0, None], "Python objects"),
    ("None", None, "Python objects"),
    ("a dict", {"a": 1}, "Python objects"),
    ("a set", {1.0}, "Python objects"),
    ("a generator", (i for i in range(3)), "Python objects"),
    ("a number beyond any dtype", [2**70], "Python objects"),
    ("text", "abc", "text"),
    ("numbers as text", ["1", "2"], "dtype=float"),
    ("bytes", b"abc", "text"),
    ("records", np.zeros(2, [("a", float), ("b", int)]), "dtype"),
    ("dates", np.array(["2020-01-01"], "M8[D]"), "datetime64"),
    ("time spans", np.array([1], "m8[s]"), "timedelta64"),
    ("complex numbers", [1j], "real and the imaginary"),
    ("a masked array", np.ma.array([1.0], mask=[True]), "masks"),
):
    add(f"a tensor of {name}", lambda data=data: Tensor(data), raises=DtypeError, says=says)
add("ragged rows", lambda: Tensor([[1, 2], [3]]), raises=ShapeError, says="same length")
add("a range", lambda: Tensor(range(3)).tolist(), gives=[0.0, 1.0, 2.0])
add("an integer dtype", lambda: Tensor([1, 2], dtype=int), raises=DtypeError, says="requires_grad=False")
add("a dtype that is none", lambda: Tensor([1.0], dtype="flaot32"), raises=TypeError, says="flaot32")
for kind in (object, str, complex):
    add(
        f"a constant of dtype {kind.__name__}",
        lambda kind=kind: Tensor([1.0], dtype=kind, requires_grad=False),
        raises=DtypeError,
        says="cannot be in a graph",
    )
add("requires_grad by position", lambda: Tensor([1.0], False), raises=TypeError, says="requires_grad=False")
add(
    "a name that is a number", lambda: setattr(Value(1.0), "name", 3), raises=TypeError, says="a name is text"
)
add("a Value of text", lambda: Value("1"), raises=TypeError, says=r"float\('1'\)")
add("a Value of a complex number", lambda: Value(1j), raises=TypeError, says="real numbers")
add("a Value beyond any float", lambda: Value(10**400), raises=TypeError, says="one real number")
add("t * time spans", lambda: leaf() * np.array([1], "m8[s]"), raises=DtypeError, says="timedelta64")
add(
    "t * records",
    lambda: leaf() * np.zeros(3, [("a", float)]),
    raises=DtypeError,
    says="cannot be in a graph",
)
add("data = text", lambda: _set(X, "abc"), raises=DtypeError, says="text")
add("data = a tensor", lambda: _set(X, leaf()), raises=TypeError, says="node already")
add("data of another shape", lambda: _set(X, np.ones(2)), raises=ShapeError, says="keeps its shape")
add(
    "gradients of whole numbers",
    lambda: leaf().astype(int).sum().backward(),
    raises=GradientError,
    says="constant",
)
add("astype complex", lambda: leaf().astype(complex), raises=DtypeError, says="complex")


class Sub(np.ndarray):
    """A subclass."""


add("a subclass of ndarray", lambda: type(Tensor(X.view(Sub)).data) is np.ndarray, gives=True)
add("a subclass as a constant", lambda: _dtypes(X, X.view(Sub)), gives=["float64"] * 2)


def test_a_matrix():
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.asmatrix(np.eye(2))
    for wrong in (
        lambda: Tensor(np.eye(2)) * matrix,
        lambda: matrix * Tensor(np.eye(2)),
        lambda: Tensor(matrix),
    ):
        with pytest.raises(DtypeError, match="matrix"):
            wrong()


# --- nan, inf, and functions outside their domain

WARNS = {"warns": RuntimeWarning, "says": "divide|invalid|overflow"}
add("nan stays where it is", lambda: slope(np.array([math.nan, 1.0])), gives=np.array([math.nan, 2.0]))
add("inf stays where it is", lambda: slope(np.array([math.inf, 1.0])), gives=np.array([math.inf, 2.0]))
add("log of 0", lambda: np.log(Tensor(0.0)).item(), gives=-math.inf, **WARNS)
add("log of a negative number", lambda: np.log(Tensor(-1.0)).item(), gives=math.nan, **WARNS)
add("a fraction as an exponent", lambda: (Tensor(-1.0) ** 0.5).item(), gives=math.nan, **WARNS)
add("exp that overflows", lambda: np.exp(Tensor(1000.0)).item(), gives=math.inf, **WARNS)
add("log of a Value 0", lambda: Value(0.0).log(), raises=DomainError, says=r"log\(0\)")
add("division of a Value by 0", lambda: Value(1.0) / 0, raises=ZeroDivisionError, says="divisor")
add("exp of a Value that overflows", lambda: Value(1000.0).exp(), raises=OverflowError, says="too large")
add("a root of a negative Value", lambda: Value(-1.0) ** 0.5, raises=DomainError, says="negative base")
add("the norm at the origin", lambda: grad(np.linalg.norm)(np.zeros(2)), gives=np.zeros(2))


@misuse(gives=np.array([math.nan, 0.25]), **WARNS)
def a_branch_of_where_that_is_not_taken():
    """0 times an infinite slope: as everywhere, and not in silence. Choose the input of sqrt first, then the result."""
    return grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0).sum())(np.array([0.0, 4.0]))


@misuse(gives=np.array([0.0, 0.25]))
def a_branch_of_where_with_its_input_chosen_first():
    def f(x):
        safe = np.where(x > 0, x, 1.0)
        return np.where(x > 0, np.sqrt(safe), 0.0).sum()

    return grad(f)(np.array([0.0, 4.0]))


@misuse.parametrize()
def test_data(case: Misuse):
    case.check()
