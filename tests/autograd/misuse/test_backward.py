"""backward(): twice, of what, with which upstream gradient, in hooks and threads, and what is left when it fails."""

from __future__ import annotations

import numpy as np
from misuse import Misuse, Table

from autograd import (
    DtypeError,
    GradientError,
    GradientWarning,
    ShapeError,
    Tensor,
    Value,
    no_grad,
)

misuse = Table()
add = misuse.add
X = np.array([1.0, 2.0, 3.0])


def leaf() -> Tensor:
    return Tensor(X)


# --- from what, and with which upstream gradient

add("of an array", lambda: (leaf() * 2).backward(), raises=GradientError, says=r"y\.sum\(\)\.backward\(\)")
add(
    "of a constant",
    lambda: Tensor(1.0, requires_grad=False).backward(),
    raises=GradientError,
    says="from constants only",
)
add(
    "of a constant Value",
    lambda: (Value(1.0, requires_grad=False) * 2).backward(),
    raises=GradientError,
    says="constant",
)
add(
    "upstream of another shape",
    lambda: (leaf() * 2).backward(np.ones((3, 1))),
    raises=ShapeError,
    says=r"they must be equal\.$",
)
add(
    "upstream a number",
    lambda: (leaf() * 2).backward(1.0),
    raises=ShapeError,
    says=r"shape \(\) for.*np\.broadcast_to\(upstream, \(3,\)\) stretches it",
)
add("upstream complex", lambda: (leaf() * 2).backward([1j, 1, 1]), raises=DtypeError, says="real part")
add("upstream text", lambda: (leaf() * 2).backward(["a", "b", "c"]), raises=DtypeError, says="text")
add("upstream None in a list", lambda: (leaf() * 2).backward([None] * 3), raises=DtypeError, says="object")
add(
    "upstream an array for a Value",
    lambda: (Value(1.0) * 2).backward(np.ones(2)),
    raises=TypeError,
    says="one real number",
)
add("upstream None for a Value", lambda: (Value(1.0) * 2).backward(None), raises=TypeError, says="NoneType")
add(
    "upstream text for a Value",
    lambda: Value(1.0).backward("a", create_graph=True),
    raises=TypeError,
    says="text",
)
add("retain_graph", lambda: leaf().sum().backward(retain_graph=True), raises=TypeError, says="retain_graph")
add(
    "create_graph by position", lambda: leaf().sum().backward(None, True), raises=TypeError, says="positional"
)
add(
    "a second derivative without create_graph",
    lambda: _twice(create_graph=False),
    raises=AttributeError,
    says="backward",
)
add("a second derivative", lambda: _twice(create_graph=True), gives=6 * X)


def _twice(create_graph):
    t = leaf()
    (t**3).sum().backward(create_graph=create_graph)
    first = t.grad
    t.grad = None
    first.sum().backward()
    return t.grad.data if isinstance(t.grad, Tensor) else t.grad


def _grad_after(upstream):
    t = leaf()
    (t * 2).backward(upstream)
    return t.grad


add("upstream a list", lambda: _grad_after([1, 2, 3]), gives=2 * X)
add("upstream whole numbers", lambda: _grad_after(np.array([1, 2, 3])), gives=2 * X)
add("upstream float32", lambda: _grad_after(np.float32(X)), gives=2 * X)
add("upstream a tensor", lambda: _grad_after(Tensor(X)), gives=2 * X)


@misuse(gives=X)
def of_a_leaf():
    t = leaf()
    t.backward(X)
    return t.grad


@misuse(gives=[np.array([4.0, 8.0, 12.0]), np.array([2.0, 4.0, 6.0])])
def twice_adds_and_none_starts_again():
    t = leaf()
    y = (t * t).sum()
    y.backward()
    y.backward()
    twice = t.grad
    t.grad = None
    y.backward()
    return [twice, t.grad]


@misuse(gives=3 * X**2 + 6 * X)
def a_second_derivative_adds_to_the_first():
    t = leaf()
    (t**3).sum().backward(create_graph=True)
    t.grad.sum().backward()
    return np.asarray(t.grad)


@misuse(raises=GradientError, says=r"inside no_grad")
def create_graph_inside_no_grad():
    t = leaf()
    y = (t**3).sum()
    with no_grad():
        y.backward(create_graph=True)
    t.grad.sum().backward()


# --- gradients of intermediates


@misuse(gives=None, warns=GradientWarning, says=r"retain_grad\(\)")
def the_gradient_of_an_intermediate():
    h = leaf() * 2
    h.sum().backward()
    return h.grad


@misuse(gives=None)
def retain_grad_too_late():
    h = leaf() * 2
    h.sum().backward()
    h.retain_grad()
    return h.grad


@misuse(raises=GradientError, says="gets no gradient")
def retain_grad_of_a_constant():
    with no_grad():
        h = leaf() * 2
    h.retain_grad()


@misuse(gives=[4.0, 1.0])
def a_gradient_assigned_to_an_intermediate_is_not_used():
    v = Value(2.0)
    y = v * v
    y.grad = 5.0
    y.backward()
    return [v.grad, y.grad]


@misuse(gives=2 * np.ones(3))
def a_gradient_assigned_to_an_intermediate_tensor_is_not_used():
    t = leaf()
    y = t * 2
    y.grad = np.full(3, 7.0)
    y.sum().backward()
    return t.grad


# --- hooks


def _hooked(hook):
    t = leaf()
    h = t * 2
    h.register_hook(hook)
    h.sum().backward()
    return t.grad


add(
    "a hook that returns text",
    lambda: _hooked(lambda g: ["a"] * 3),
    raises=DtypeError,
    says="a hook returned .* text",
)
add(
    "a hook that returns complex",
    lambda: _hooked(lambda g: g * 1j),
    raises=DtypeError,
    says="a hook returned .* complex",
)
add(
    "a hook that returns None in an array",
    lambda: _hooked(lambda g: np.array([None] * 3)),
    raises=DtypeError,
    says="object",
)
add(
    "a hook that returns a number",
    lambda: _hooked(lambda g: 1.0),
    raises=ShapeError,
    says="same shape, or None",
)
add("a hook that returns a list", lambda: _hooked(lambda g: [1, 2, 3]), gives=2 * X)
add(
    "a hook that writes into the gradient",
    lambda: _hooked(lambda g: g.fill(0)),
    raises=ValueError,
    says="read-only",
)


@misuse(gives=np.full(3, 7.0))
def backward_inside_a_hook():
    t = leaf()
    h = t * 2
    h.register_hook(lambda g: (t * 5).sum().backward())
    h.sum().backward()
    return t.grad


@misuse(gives=11.0)
def backward_inside_a_hook_of_a_value():
    v = Value(2.0)
    h = v * 2.0
    h.register_hook(lambda g: (v * 5.0).backward())
    (h * 3.0).backward()
    return v.grad


@misuse.parametrize()
def test_backward(case: Misuse):
    case.check()
