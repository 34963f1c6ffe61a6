"""Writing to what a node hands out: its data, its gradients, what an op of the user returns."""

from __future__ import annotations

import copy

import numpy as np
from misuse import Misuse, Table

from autograd import (
    DtypeError,
    MutationError,
    ShapeError,
    Tensor,
    Value,
    custom,
    grad,
    make_vjp,
)

misuse = Table()
add = misuse.add
X = np.array([1.0, 2.0, 3.0])
TWICE = 2 * X


def leaf() -> Tensor:
    return Tensor(X)


# --- what a node hands out


def _node() -> Tensor:
    return np.exp(Tensor(X))


def _written(array):
    array[0] = 9


def _made_writable(array):
    array.flags.writeable = True


@misuse(gives=np.exp(X))
def numpy_gives_a_copy():
    t = leaf()
    y = np.exp(t)
    y.numpy()[:] = 0
    y.sum().backward()
    return t.grad


add("the data of a node", lambda: _written(_node().data), raises=ValueError, says="read-only")
add("np.asarray of a node", lambda: _written(np.asarray(_node())), raises=ValueError, says="read-only")
add("the data of a transpose", lambda: _written(leaf().T.data), raises=ValueError, says="read-only")
add(
    "the data of a reshaped leaf",
    lambda: _written(leaf().reshape(3, 1).data),
    raises=ValueError,
    says="read-only",
)
add("np.ravel of a node", lambda: _written(np.ravel(_node()).data), raises=ValueError, says="read-only")
add(
    "a memoryview of what was handed out",
    lambda: _written(memoryview(np.asarray(_node()))),
    raises=TypeError,
    says="read-only",
)
add("a memoryview of a tensor", lambda: memoryview(leaf()), raises=TypeError, says="bytes-like")
add("data made writable", lambda: _made_writable(_node().data), raises=ValueError, says="WRITEABLE")
add(
    "np.asarray made writable",
    lambda: _made_writable(np.asarray(_node())),
    raises=ValueError,
    says="WRITEABLE",
)
add(
    "a leaf's np.asarray made writable",
    lambda: _made_writable(np.asarray(leaf())),
    raises=ValueError,
    says="WRITEABLE",
)


@misuse(gives=X)
def data_of_a_leaf_is_writable_after_np_asarray():
    t = Tensor(np.zeros(3))
    np.asarray(t)
    t.data[:] = X
    return t.numpy()


@misuse(gives=[X, X])
def data_is_kept_looked_at_again_and_written_to():
    found = []
    for tracked in (True, False):
        t = Tensor(np.zeros(3), requires_grad=tracked)
        kept = t.data
        np.sum(t.data)
        kept[:] = X
        found.append(t.numpy())
    return found


# --- gradients


@misuse(gives=[np.ones(3), np.array([77.0, 2.0, 3.0])])
def the_array_given_as_upstream_gradient():
    t, upstream = leaf(), np.ones(3)
    (t * X).backward(upstream)
    t.grad[0] = 77
    return [upstream, t.grad]


@misuse(gives=np.ones(3))
def the_upstream_gradient_of_a_leaf():
    t, upstream = leaf(), np.ones(3)
    t.backward(upstream)
    upstream[:] = 5
    return t.grad


@misuse(gives=[np.ones(3), np.ones(3)])
def a_kept_gradient_is_no_view_of_another():
    t = leaf()
    y = t + 0
    y.backward(np.ones(3), retain_grads=True)
    y.grad[0] = 77
    return [t.grad, np.array(y.grad) * 0 + 1]


@misuse(gives=[np.ones(3), np.ones(3)])
def kept_gradients_of_nodes_are_no_views_of_each_other():
    upstream, y = np.ones(3), leaf() + 0
    z = y + 0
    z.backward(upstream, retain_grads=True)
    z.grad[0] = 77
    return [upstream, y.grad]


@misuse(gives=[X, np.ones(3)])
def a_copy_of_a_leaf_has_numbers_of_its_own():
    t = leaf()
    t.sum().backward()
    other = copy.copy(t)
    other.data[:] = other.grad[:] = 77
    return [t.numpy(), t.grad]


@misuse(gives=X)
def what_grad_returned_is_a_view_of_nothing():
    c = X.copy()
    c.flags.writeable = False
    grad(lambda t: (t * c).sum())(np.ones(3))[:] = 0
    return np.array(c)


@misuse(gives=X)
def a_gradient_that_equals_a_read_only_constant():
    c, t = X.copy(), leaf()
    c.flags.writeable = False
    (t * c).sum().backward()
    t.grad[:] = 0
    return np.array(c)


@misuse(gives=TWICE)
def the_value_beside_a_vjp_is_written_to():
    vjp, y = make_vjp(lambda t: t * t)(X)
    y[:] = 0
    return vjp(np.ones(3))


@misuse(gives=TWICE)
def the_input_of_a_vjp_is_written_to():
    x = X.copy()
    vjp, _ = make_vjp(lambda t: t * t)(x)
    x[:] = 0
    return vjp(np.ones(3))


@misuse(gives=TWICE)
def gradients_reset_in_place():
    t = leaf()
    (t * t).sum().backward()
    t.grad[:] = 0
    (t * t).sum().backward()
    return t.grad


def _set_grad(value):
    leaf().grad = value


add("grad = 0", lambda: _set_grad(0), raises=ShapeError, says=r"shape \(3,\)")
add("grad = text", lambda: _set_grad(["a"] * 3), raises=DtypeError, says="text dtype")
add("grad of None in a list", lambda: _set_grad([None] * 3), raises=DtypeError, says="object dtype")


# --- a Value, a user's op


@misuse(gives=4.0)
def the_number_of_a_leaf_value():
    x = Value(2.0)
    y = x * x
    x.data = 100.0
    y.backward()
    return x.grad


@misuse(raises=MutationError, says="made by multiply")
def the_number_of_a_recorded_value():
    x = Value(2.0)
    y = x * x
    y.data = 7.0


@misuse(raises=MutationError, says="Compute the result again")
def the_number_of_a_leaf_before_a_second_derivative():
    x = Value(2.0)
    y = x * x
    x.data = 100.0
    y.backward(create_graph=True)


@misuse(gives=np.exp(X))
def an_op_of_ones_own_returns_an_array_that_it_keeps():
    kept = np.zeros(3)

    @custom(lambda y, x: y, name="keeps_its_output_for_test")
    def exp(x):
        return np.exp(x, out=kept)

    t = leaf()
    y = exp(t)
    kept[:] = 0
    y.sum().backward()
    return t.grad


@misuse(gives=np.full(3, 8.0))
def a_derivative_returns_an_array_that_it_keeps():
    kept = np.zeros(3)

    @custom(vjps=[lambda g, y, x: np.multiply(g, 2, out=kept)], name="keeps_its_gradient_for_test")
    def double(x):
        return x * 2.0

    t, u = leaf(), leaf()
    (double(t) + double(double(u)) * 2).sum().backward()
    return u.grad


@misuse.parametrize()
def test_handed_out(case: Misuse):
    case.check()
