"""grad and its family: plain in, plain out, nested, and never confused by closures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd import (
    CheckFailed,
    GradientError,
    GradientWarning,
    MutationError,
    ShapeError,
    Tensor,
    Value,
    check_grads,
    elementwise,
    elementwise_grad,
    grad,
    gradcheck,
    gradients,
    jacobian,
    make_jvp,
    no_grad,
    registry,
    replay,
    tanh,
    topological_order,
    trace,
    value_and_grad,
)


def test_plain_in_plain_out():
    assert grad(lambda x: x**2)(3.0) == 6.0
    assert type(grad(lambda x: x**2)(3.0)) is float
    g = grad(lambda x: np.sum(x**2))(np.ones((2, 2), np.float32))
    assert type(g) is np.ndarray
    assert g.dtype == np.float32


def test_argnum_and_several():
    def f(a, b, scale=1.0):
        return np.sum(a * b) * scale

    a, b = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    np.testing.assert_array_equal(grad(f, 1)(a, b), a)
    ga, gb = grad(f, (0, 1))(a, b, scale=2.0)
    np.testing.assert_array_equal(ga, 2 * b)
    np.testing.assert_array_equal(gb, 2 * a)
    value, _ = value_and_grad(f)(a, b)
    assert value == 11.0
    with pytest.raises(GradientError, match="argnum=2"):
        grad(f, 2)(a, b)


def test_nested_derivatives():
    assert grad(grad(lambda x: x**3))(2.0) == 12.0
    assert grad(grad(grad(lambda x: np.sin(x))))(1.0) == pytest.approx(-math.cos(1.0))


def test_inner_derivative_of_a_closure_is_part_of_the_outer():
    assert grad(lambda x: x * grad(lambda y: x * y)(1.0))(3.0) == 6.0
    assert grad(lambda x: grad(lambda y: x * y**2)(2.0))(5.0) == 4.0


def test_perturbations_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(2.0))(1.0) == 1.0


def test_closure_over_a_tracked_tensor_still_gives_plain_arrays():
    w = Tensor([2.0, 3.0])
    g = grad(lambda x: np.sum(w * x))(np.ones(2))
    assert type(g) is np.ndarray
    assert w.grad is None


def test_function_that_does_not_depend_on_its_input_has_gradient_zero():
    with pytest.warns(GradientWarning, match="does not depend"):
        assert grad(lambda x: 3.0)(2.0) == 0.0
    with pytest.warns(GradientWarning, match="does not depend"):
        np.testing.assert_array_equal(grad(lambda x: np.float64(1.0))(np.ones(2)), np.zeros(2))
    assert grad(grad(lambda x: 3.0 * x))(2.0) == 0.0


def test_leaving_the_graph_inside_grad_warns():
    with pytest.warns(GradientWarning, match=r"math\.sin"):
        grad(lambda x: x * math.sin(x))(1.0)
    with pytest.warns(GradientWarning, match="autograd.sin"):
        grad(math.sin)(1.0)


def test_gradients_of_and_with_respect_to_constants_are_refused():
    w, c = Tensor([3.0]), Tensor([2.0], requires_grad=False)
    with pytest.raises(GradientError, match="with respect to a constant"):
        gradients((w * c).sum(), c)
    with no_grad():
        y = w * 2
    with pytest.raises(GradientError, match="of a constant"):
        gradients(y, w)
    with pytest.raises(TypeError, match="grad\\(f\\)"):
        grad(3.0)
    assert grad(lambda a, b: a * b, np.int64(1))(2.0, 3.0) == 2.0


def test_grad_needs_a_scalar():
    with pytest.raises(GradientError, match="elementwise_grad"):
        grad(lambda x: x * 2)(np.ones(3))
    np.testing.assert_allclose(elementwise_grad(tanh)(np.zeros(3)), np.ones(3))


def test_gradients_touches_no_grad_and_prunes():
    x, y, z = Value(2.0), Value(3.0), Value(4.0)
    f = x * y + z
    assert gradients(f, [x, z]) == [3.0, 1.0]
    assert gradients(f, Value(1.0)) == 0.0
    assert (x.grad, y.grad, z.grad) == (None, None, None)
    a, b = Tensor([1.0, 2.0]), Tensor([3.0])
    np.testing.assert_array_equal(gradients((a * b).sum(), b), [3.0])
    np.testing.assert_array_equal(gradients(a * b, a, upstream=np.array([1.0, 10.0])), [3.0, 30.0])
    np.testing.assert_array_equal(gradients(a.sum(), Tensor([9.0, 9.0])), [0.0, 0.0])


def test_gradient_with_respect_to_an_intermediate():
    x = Value(2.0)
    h = x * 3
    y = h * h + x
    assert gradients(y, h) == 12.0
    assert gradients(y, y) == 1.0


def test_hessian_vector_product_by_two_sweeps():
    a = np.array([[2.0, 1.0], [1.0, 3.0]])
    x, v = Tensor([1.0, -1.0]), np.array([0.5, 2.0])
    y = 0.5 * (x @ (a @ x))
    first = gradients(y, x, create_graph=True)
    np.testing.assert_allclose(gradients((first * v).sum(), x), a @ v)


def test_backward_with_create_graph_on_tensors():
    x = Tensor([1.0, 2.0])
    (x**3).sum().backward(create_graph=True)
    assert isinstance(x.grad, Tensor)
    first, x.grad = x.grad, None
    first.sum().backward()
    np.testing.assert_allclose(x.grad, [6.0, 12.0])


def test_trace_reports_every_edge_and_changes_nothing():
    x = Value(3.0)
    y = x * x
    adjoints, contributions = trace(y)
    assert adjoints == {y: 1.0, x: 6.0}
    assert contributions == {(y, 0): 3.0, (y, 1): 3.0}
    assert x.grad is None
    t = Tensor(np.ones((2, 3)))
    b = Tensor(np.ones(3))
    z = (t + b).sum()
    adjoints, contributions = trace(z)
    np.testing.assert_array_equal(adjoints[b], [2.0, 2.0, 2.0])
    assert t.grad is None


def test_an_op_of_ones_own_joins_the_registry_and_both_engines():
    cube = elementwise("cube_for_test", lambda y, x: 3 * x * x, forward=lambda x: x**3)
    try:
        v, t = Value(2.0), Tensor([2.0])
        cube(v).backward()
        cube(t).sum().backward()
        assert v.grad == t.grad[0] == 12.0
        check_grads(cube, np.array([0.3, 0.7]))
        with pytest.raises(ValueError, match="exists already"):
            elementwise("cube_for_test", lambda y, x: 1, forward=lambda x: x)
    finally:
        del registry["cube_for_test"]


def test_check_grads_finds_a_wrong_rule_and_says_where():
    wrong = elementwise("wrong_for_test", lambda y, x: 2 * x * x, forward=lambda x: x**3)
    try:
        with pytest.raises(CheckFailed, match=r"argument 0, element \(1,\).*relative error 0.333"):
            check_grads(wrong, np.array([0.0, 2.0]), order=1)
    finally:
        del registry["wrong_for_test"]


def test_check_grads_finds_a_wrong_second_derivative():
    op = elementwise(
        "wrong_second_for_test", lambda y, x: 3 * np.asarray(x) ** 2, forward=lambda x: x**3
    )  # a rule that leaves the graph: first derivative right, second zero
    try:
        check_grads(op, np.array(2.0), order=1)
        with pytest.raises(CheckFailed, match="order 2"):
            check_grads(op, np.array(2.0), order=2)
    finally:
        del registry["wrong_second_for_test"]


@pytest.mark.parametrize("tracked", [True, False])
def test_a_value_as_the_argument_stays_a_value(tracked):
    x = Value(2.0, requires_grad=tracked)
    slope = grad(lambda v: v * v * Value(3.0))(x)
    assert isinstance(slope, Value)
    assert slope.item() == 12.0


@pytest.mark.parametrize("change", ["data", "in place", "constant"])
def test_second_order_after_a_change_is_refused(change):
    x, c = Tensor([3.0], name="x"), Tensor([2.0], requires_grad=False)
    y = (x * x * c).sum()
    if change == "data":
        x.data = [5.0]
    elif change == "in place":
        x.data[0] = 5.0
    else:
        c.data[0] = 100.0
    np.testing.assert_array_equal(gradients(y, x), [12.0])
    who = "multiply" if change == "constant" else "multiply, 'x',"
    with pytest.raises(
        MutationError, match=f"an input of {who} holds other numbers.*Compute the result again"
    ):
        gradients(y, x, create_graph=True)


def test_second_order_of_values_after_a_change_is_refused():
    x = Value(3.0)
    y = x * x
    x.data = 5.0
    y.backward()
    assert x.grad == 6.0
    with pytest.raises(MutationError, match="Compute the result again"):
        y.backward(create_graph=True)


def test_handing_data_out_without_a_change_is_no_mutation():
    x = Tensor([3.0])
    y = (x * x).sum()
    assert x.data[0] == 3.0
    assert gradients(y, x, create_graph=True).data == 6.0


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_an_upstream_gradient_may_be_a_node(kind):
    x, u = kind(3.0), kind(2.0)
    first = gradients(x * x, x, upstream=u, create_graph=True)
    assert first.item() == 12.0
    assert float(gradients(first, x)) == 4.0
    assert float(gradients(first, u)) == 6.0


def test_a_derivative_called_like_its_function_says_so_at_once():
    for derivative in (grad, jacobian, value_and_grad):
        with pytest.raises(TypeError, match=r"arguments follow: grad\(f\)\(x\)"):
            derivative(np.sum, np.ones(2))


def test_a_check_of_a_graph_wants_a_graph():
    with pytest.raises(TypeError, match=r"of a recorded result.*For a function there is check_grads"):
        gradcheck(np.tanh, np.ones(2))
    with pytest.raises(TypeError, match=r"replay\(\) is of a recorded result"):
        replay(3, {})
    with pytest.raises(TypeError, match="begins at a Value or Tensor"):
        topological_order(3)
    with pytest.raises(GradientError, match=r"it checks a scalar.*upstream=np.ones\(\(2,\)\)"):
        gradcheck(np.tanh(Tensor([1.0, 2.0])))


def test_a_direction_has_the_shape_of_its_argument():
    with pytest.raises(ShapeError, match=r"vector of shape \(2,\) for an argument of shape \(3,\)"):
        make_jvp(lambda x: x**2)(np.ones(3))(np.ones(2))
