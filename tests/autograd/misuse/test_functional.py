"""grad and its family: of what, with respect to what, and what the function does meanwhile."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from misuse import Misuse, Table

from autograd import (
    DtypeError,
    GradientError,
    GradientWarning,
    MutationError,
    ShapeError,
    Tensor,
    Value,
    elementwise_grad,
    grad,
    grad_named,
    gradients,
    hessian,
    jacobian,
    make_hvp,
    make_jvp,
    make_vjp,
    value_and_grad,
)

misuse = Table()
add = misuse.add
X = np.array([1.0, 2.0, 3.0])


def square(x):
    return x * x


def product(a, b):
    return a * b


# --- which argument

add(
    "an argument that is not there",
    lambda: grad(square, 1)(2.0),
    raises=GradientError,
    says="1 positional argument",
)
add("the last argument", lambda: grad(product, -1)(2.0, 3.0), gives=2.0)
add("an argument by name", lambda: grad(square, "x")(2.0), raises=TypeError, says="grad_named")
add("the point in place of argnum", lambda: grad(square, 2.0)(2.0), raises=TypeError, says=r"grad\(f\)\(x\)")
add("an array in place of argnum", lambda: grad(square, X)(X), raises=TypeError, says="counted from 0")
add("argnum None", lambda: grad(square, None)(2.0), raises=TypeError, says="argnum=None")
add("one argument twice", lambda: grad(product, (0, -2))(2.0, 3.0), raises=GradientError, says="twice")
add("no argument", lambda: grad(square, ())(2.0), raises=GradientError, says="names no argument")
add("an argument given by keyword", lambda: grad(square)(x=2.0), raises=GradientError, says="by position")
add("the other one by keyword", lambda: grad(product)(2.0, b=3.0), gives=3.0)
add("too many arguments", lambda: grad(square)(1.0, 2.0), raises=TypeError, says="takes 1 positional")
add(
    "a name that is not there",
    lambda: grad_named(square, "y")(1.0),
    raises=GradientError,
    says="no parameter 'y', only x",
)

# --- of what

add("of a number", lambda: grad(3.0), raises=TypeError, says=r"Write grad\(f\)\(x\)")
add("of a recorded result", lambda: grad(Tensor(2.0) * 2), raises=TypeError, says="is of a function")
add("of None", lambda: grad(None), raises=TypeError, says="is of a function")
add("of a class", lambda: grad(Model)(2.0), raises=TypeError, says="takes no arguments")
add(
    "of a function without return",
    lambda: grad(lambda x: None)(2.0),
    raises=GradientError,
    says="return statement",
)
add("of a list", lambda: grad(lambda x: [x, x])(2.0), raises=GradientError, says="np.stack")
add("of a dict", lambda: grad(lambda x: {"a": x})(2.0), raises=GradientError, says="returned a dict")
add("of text", lambda: grad(lambda x: "a")(2.0), raises=TypeError, says="returned str 'a'")
add(
    "of a function of a function",
    lambda: grad(lambda x: lambda: x)(2.0),
    raises=TypeError,
    says="must return a number",
)
add(
    "of a generator",
    lambda: grad(lambda x: (y for y in [x]))(2.0),
    raises=TypeError,
    says="returned generator",
)
add(
    "of a vector",
    lambda: grad(lambda x: x * 2)(X),
    raises=GradientError,
    says=r"elementwise_grad .* jacobian",
)
add(
    "of a vector, with its value",
    lambda: value_and_grad(square)(X),
    raises=GradientError,
    says="must return a scalar",
)
add("of one element in a matrix", lambda: grad(lambda x: np.sum(x).reshape(1, 1))(X), gives=np.ones(3))
NOTHING = {"warns": GradientWarning, "says": "does not depend on its input"}
add("of a constant", lambda: grad(lambda x: 1)(2.0), gives=0.0, **NOTHING)
add("of a comparison", lambda: grad(lambda x: x > 1)(2.0), gives=0.0, **NOTHING)
add("of .data", lambda: grad(lambda x: x.data**2)(2.0), gives=0.0, **NOTHING)
add("of .item()", lambda: grad(lambda x: x.item() ** 2)(2.0), gives=0.0, **NOTHING)
add("of the argument itself", lambda: grad(lambda x: x)(2.0), gives=1.0)


class Model:
    """Methods of every kind."""

    scale = 3.0

    def cost(self, x):
        return self.scale * x * x

    @staticmethod
    def plain(x):
        return x * x

    @grad
    def wrong(self, x):
        return x

    def __call__(self, x):
        return x**3


add("of a bound method", lambda: grad(Model().cost)(2.0), gives=12.0)
add("of a function of the class", lambda: grad(Model.cost, 1)(Model(), 2.0), gives=12.0)
add("of self", lambda: grad(Model.cost)(Model(), 2.0), raises=TypeError, says="only numbers and arrays")
add(
    "a method decorated with grad",
    lambda: Model().wrong(2.0),
    raises=TypeError,
    says="Choose another argument",
)
add("of a static method", lambda: grad(Model.plain)(2.0), gives=4.0)
add("of an object that can be called", lambda: grad(Model())(2.0), gives=12.0)
add("of a partial", lambda: grad(functools.partial(product, b=3.0))(2.0), gives=3.0)
add("of abs", lambda: grad(abs)(-2.0), gives=-1.0)
add("of a function of NumPy", lambda: grad(np.sin)(0.0), gives=1.0)

# --- at what

add("at a whole number", lambda: grad(square)(3), gives=6.0)
add("at whole numbers", lambda: grad(lambda x: (x * x).sum())(np.array([1, 2, 3])), gives=2 * X)
add("at float32", lambda: grad(lambda x: (x * x).sum())(np.float32(X)), gives=np.float32(2 * X))
add("at a boolean", lambda: grad(square)(True), raises=TypeError, says="bool True")
add("at a complex number", lambda: grad(square)(1 + 2j), raises=DtypeError, says="complex")
add("at text", lambda: grad(square)("a"), raises=TypeError, says="str 'a'")
add("at None", lambda: grad(square)(None), raises=TypeError, says="NoneType")
add("at a set", lambda: grad(sum)({1.0, 2.0}), raises=TypeError, says="set")
add("at objects", lambda: grad(np.sum)(np.array([1.0, None])), raises=TypeError, says="dtype=object")
add("at a masked array", lambda: grad(np.sum)(np.ma.array([1.0])), raises=DtypeError, says="masks")
add("at a list", lambda: grad(lambda x: x[0] * x[1])([2.0, 3.0]), gives=[3.0, 2.0])
add("at a list as if it were an array", lambda: grad(np.sum)([2.0, 3.0]), raises=TypeError, says="stack")
add(
    "at a list made an array",
    lambda: grad(lambda x: np.sum(np.array(x)))([2.0, 3.0]),
    raises=TypeError,
    says="stack",
)
add(
    "at a list given to np.dot",
    lambda: grad(lambda x: np.dot(x, [1.0, 2.0]))([2.0, 3.0]),
    raises=TypeError,
    says="stack",
)
add("at nothing", lambda: grad(np.sum)(np.zeros(0)), gives=np.zeros(0))

# --- what the function does


def _in_place(x):
    x += 1
    return (x * x).sum()


def _item(x):
    x[0] = 1.0
    return x


@misuse(gives=[2 * X + 2, X])
def the_argument_changed_inside():
    x = X.copy()
    return [grad(_in_place)(x), x]


add("an element of the argument assigned", lambda: grad(_item)(X), raises=MutationError, says="index_update")


@misuse(gives=[X, None])
def a_closure_over_a_tracked_tensor():
    w = Tensor(X)
    return [grad(lambda x: (x * w).sum())(np.ones(3)), w.grad]


@misuse(gives=[np.array([1.0, 2.0, 3.0]), np.ones(3)])
def backward_inside_the_function():
    w = Tensor(X)

    def f(x):
        (x * w).sum().backward()
        return (x * w).sum()

    return [grad(f)(np.ones(3)), w.grad]


@misuse(gives=4.0)
def a_node_that_escapes():
    kept = []
    grad(lambda x: kept.append(x * x) or x)(2.0)
    return float(gradients(kept[0], kept[0].parents[0]))


@misuse(gives=1.0)
def the_derivative_inside_does_not_see_the_one_outside():
    return grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0)


@misuse(gives=True)
def an_exception_leaves_no_trace():
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: 1 / 0)(1.0)
    return (Tensor(1.0) * 2).requires_grad


add("derivatives by two arguments", lambda: grad(grad(product), 1)(2.0, 3.0), gives=1.0)
add("the second derivative of a line", lambda: grad(grad(lambda x: 2 * x))(1.0), gives=0.0)
add("a detached factor", lambda: grad(lambda x: x.detach() * x)(3.0), gives=3.0)
add("jacobian of a scalar function", lambda: jacobian(np.sum)(X), gives=np.ones(3))
add(
    "hessian of a vector", lambda: hessian(square)(X), raises=GradientError, says=r"jacobian\(jacobian\(f\)\)"
)
add("elementwise_grad of a sum", lambda: elementwise_grad(lambda x: np.sum(x * x))(X), gives=2 * X)
add("vjp with another shape", lambda: make_vjp(square)(X)[0](np.ones(2)), raises=ShapeError, says="upstream")
add("jvp with a number", lambda: make_jvp(square)(X)(1.0), raises=ShapeError, says=r"shape \(\)")
add(
    "jvp with whole numbers",
    lambda: make_jvp(square)(X)(np.array([1, 0, 0]))[1],
    gives=np.array([2.0, 0.0, 0.0]),
)
add("jvp with complex numbers", lambda: make_jvp(square)(X)(X * 1j), raises=DtypeError, says="complex")
add(
    "hvp with another shape",
    lambda: make_hvp(lambda x: (x**3).sum())(X)[0](np.ones(2)),
    raises=ShapeError,
    says="upstream",
)

# --- gradients() of a recorded graph

t = Tensor(X)
y = (t * t).sum()
add("an input twice", lambda: gradients(y, [t, t]), gives=[2 * X, 2 * X])
add("an input that is not in the graph", lambda: gradients(y, [Tensor([1.0])]), gives=[np.zeros(1)])
add("no inputs", lambda: gradients(y, []), gives=[])
add("the output itself", lambda: float(gradients(y, y)), gives=1.0)
add("an array as input", lambda: gradients(y, X), raises=TypeError, says="nodes of a graph")
add("None as input", lambda: gradients(y, None), raises=TypeError, says="give a node")
add("a name as input", lambda: gradients(y, "t"), raises=TypeError, says="str 't'")
add("a set of inputs", lambda: gradients(y, {t}), raises=TypeError, says="have an order")
add(
    "a constant as input",
    lambda: gradients(y, Tensor(1.0, requires_grad=False)),
    raises=GradientError,
    says="a constant",
)
add("input and output exchanged", lambda: gradients(t, y), raises=GradientError, says="needs a scalar")
add("a list of outputs", lambda: gradients([y, y], t), raises=TypeError, says="not recorded")
add("an output of several elements", lambda: gradients(t * t, t), raises=GradientError, says="needs a scalar")
add(
    "an upstream gradient of another shape",
    lambda: gradients(t * t, t, np.ones(2)),
    raises=ShapeError,
    says="equal",
)
add("a Value that has no part in it", lambda: gradients(y, [Value(1.0)]), gives=[0.0])


@misuse.parametrize()
def test_functional(case: Misuse):
    case.check()
