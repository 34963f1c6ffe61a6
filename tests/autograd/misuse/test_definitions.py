"""An op of one's own with a mistake in it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from misuse import Misuse, Table

from autograd import (
    DtypeError,
    GradientError,
    GradientWarning,
    ShapeError,
    Tensor,
    UnknownOpError,
    Value,
    custom,
    elementwise,
    grad,
    primitive,
    registry,
)
from autograd.primitive import find

misuse = Table()
add = misuse.add
X = np.array([1.0, 2.0, 3.0])
outside = Tensor(X)
numbered = itertools.count()


@pytest.fixture(autouse=True)
def _no_traces():
    before = dict(registry)
    yield
    registry.clear()
    registry.update(before)


def op_of(function=lambda x: x * 2.0, *rules, vjps=()):
    """An op with a new name."""
    return custom(*rules, vjps=vjps, name=f"misuse_{next(numbered)}")(function)


def by_vjp(vjp, x=X, create_graph=False):
    """The gradient of 2 * x with this derivative, of the other form for a number."""
    t = Tensor(x)
    op_of(vjps=[vjp])(t).sum().backward(create_graph=create_graph)
    return t.grad


def by_rule(rule, x=X):
    t = Value(x) if isinstance(x, float) else Tensor(x)
    y = op_of(lambda x: x * 2.0, rule)(t)
    (y if isinstance(x, float) else y.sum()).backward()
    return t.grad


def of(function):
    return op_of(function, lambda y, x: 2.0)(Tensor(X))


# --- what a derivative returns

add(
    "a gradient that is too short",
    lambda: by_vjp(lambda g, y, x: g[:2]),
    raises=ShapeError,
    says=r"\(2,\) for an input",
)
add(
    "a sum in place of a gradient",
    lambda: by_vjp(lambda g, y, x: np.sum(g)),
    raises=ShapeError,
    says=r"shape \(\)",
)
add(
    "a plain number",
    lambda: by_vjp(lambda g, y, x: 2.0),
    raises=ShapeError,
    says="must have the input's shape",
)
add(
    "a column",
    lambda: by_vjp(lambda g, y, x: np.reshape(g, (3, 1))),
    raises=ShapeError,
    says="the input's shape",
)
add(
    "two gradients in a stack",
    lambda: by_vjp(lambda g, y, x: np.stack([g, g])),
    raises=ShapeError,
    says=r"\(2, 3\)",
)
add("a tuple", lambda: by_vjp(lambda g, y, x: (g, None)), raises=TypeError, says="Return an array")
add("a list of numbers", lambda: by_vjp(lambda g, y, x: [1, 2, 3]), gives=X)
add("whole numbers", lambda: by_vjp(lambda g, y, x: np.array([1, 2, 3])), gives=X)
add("None", lambda: by_vjp(lambda g, y, x: None), raises=TypeError, says="return statement")
add("None as a local gradient", lambda: by_rule(lambda y, x: None), raises=TypeError, says="returned None")
add("None for a Value", lambda: by_rule(lambda y, x: None, 1.0), raises=TypeError, says="returned None")
add("text", lambda: by_vjp(lambda g, y, x: "abc"), raises=DtypeError, says="text")
add("complex numbers", lambda: by_vjp(lambda g, y, x: g * 1j), raises=DtypeError, says="real part")
add("a complex local gradient", lambda: by_rule(lambda y, x: 1j), raises=DtypeError, says="real part")
add("objects", lambda: by_vjp(lambda g, y, x: np.array([None] * 3)), raises=DtypeError, says="object")
add(
    "a local gradient of a larger shape",
    lambda: by_rule(lambda y, x: np.ones((2, 3))),
    raises=ShapeError,
    says="give vjps",
)
add(
    "writing into g",
    lambda: by_vjp(lambda g, y, x: np.multiply(g, 2, out=g)),
    raises=ValueError,
    says="read-only",
)
add("g itself", lambda: by_vjp(lambda g, y, x: g), gives=np.ones(3))

# --- what it is made of

FOREIGN = {"raises": GradientError, "says": "none of its inputs"}
add("a tracked tensor from outside", lambda: by_rule(lambda y, x: outside * 2), **FOREIGN)
add("a tracked Value from outside", lambda: by_rule(lambda y, x: Value(2.0) * 2, 1.0), **FOREIGN)
add("a tensor made inside", lambda: by_vjp(lambda g, y, x: Tensor(g) * 2), **FOREIGN)
add("a detached tensor from outside", lambda: by_vjp(lambda g, y, x: g * outside.detach().data), gives=X)


@misuse(gives=0.0, warns=GradientWarning, says="no gradient|does not depend")
def a_local_gradient_by_np_array():
    square = op_of(lambda x: x * x, lambda y, x: 2 * np.array(x))
    return grad(grad(square))(3.0)


def test_a_derivative_that_leaves_the_graph_cannot_be_differentiated():
    with pytest.raises(GradientError, match="left the graph, so it cannot be differentiated again"):
        by_vjp(lambda g, y, x: np.asarray(g) * 2, create_graph=True)
    assert by_vjp(lambda g, y, x: np.asarray(g) * 2).tolist() == [2.0] * 3


# --- what the function returns

add(
    "a function that returns a list",
    lambda: of(lambda x: [1, 2, 3]),
    raises=TypeError,
    says="returns one array",
)
add("a function that returns nothing", lambda: of(lambda x: None), raises=TypeError, says="NoneType")
add("a function that returns a pair", lambda: of(lambda x: (x, x)), raises=TypeError, says="returned tuple")
add(
    "a function that returns a tensor",
    lambda: of(lambda x: Tensor(x) * 2),
    raises=GradientError,
    says="plain arrays",
)
add("a function that returns whole numbers", lambda: of(lambda x: x.astype(int)).requires_grad, gives=False)
add(
    "a function that writes into its input",
    lambda: of(lambda x: x.sort()),
    raises=ValueError,
    says="read-only",
)


@misuse(gives=np.full(3, 6.0))
def a_function_that_returns_a_float():
    t = Tensor(X)
    total = op_of(lambda x: float(x.sum()), vjps=[lambda g, y, x: g * np.ones_like(x)])
    (total(t) * 6).backward()
    return t.grad


@misuse(gives=2 * X)
def a_function_that_returns_its_input():
    t = Tensor(X)
    same = op_of(lambda x: x, lambda y, x: 1.0)
    data = t.data
    y = (same(t) * same(t)).sum()
    data[:] = 0
    y.backward()
    return t.grad


# --- the definition itself

add(
    "one derivative for two inputs",
    lambda: op_of(lambda a, b: a * b, lambda y, a: 1.0),
    raises=TypeError,
    says="a, b, and 1",
)
add(
    "a derivative without y", lambda: op_of(lambda x: x, lambda x: 1.0), raises=TypeError, says=r"lambda y, x"
)
add("no derivative", lambda: op_of(lambda x: x), raises=TypeError, says="give either")
add("not called", lambda: custom(lambda x: x), raises=TypeError, says="needs the derivative")
add(
    "a name that is taken",
    lambda: custom(lambda y, x: 1.0, name="tanh")(lambda x: x),
    raises=ValueError,
    says="'tanh' exists already",
)
add(
    "a primitive whose name is taken",
    lambda: primitive("exp", np.exp, lambda g, y, x: g),
    raises=ValueError,
    says="another name",
)
add(
    "elementwise without rules",
    lambda: elementwise("misuse_none", forward=np.tanh),
    raises=TypeError,
    says="each input",
)
add("an op that is not there", lambda: find("sofmax"), raises=UnknownOpError, says="Did you mean 'softmax'")
add(
    "a tensor as a setting",
    lambda: _scaled(Tensor(X), k=Tensor(2.0)),
    raises=GradientError,
    says="as a setting",
)
add(
    "a setting that is not there",
    lambda: _scaled(Tensor(X), q=2.0),
    raises=TypeError,
    says="no setting 'q'.* Its settings: k",
)


def _scaled(x, **settings):
    op = custom(lambda y, x, k=1.0: k, name=f"misuse_{next(numbered)}")(lambda x, k=1.0: x * k)
    return op(x, **settings)


@misuse.parametrize()
def test_definitions(case: Misuse):
    case.check()
