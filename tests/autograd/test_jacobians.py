"""Jacobians, Hessians and their products: against each other, against closed forms, and inside each other."""

from __future__ import annotations

import inspect
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd.jacobians
from autograd import (
    GradientError,
    GradientWarning,
    ShapeError,
    Tensor,
    Value,
    check_grads,
    deriv,
    egrad,
    elementwise_grad,
    grad,
    grad_and_aux,
    grad_named,
    hessian,
    hessian_tensor_product,
    hessian_vector_product,
    jacobian,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    no_grad,
    tensor_jacobian_product,
    value_and_grad,
    vector_jacobian_product,
)

RNG = np.random.default_rng(0)
A, B, H = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 2)), RNG.normal(size=(3, 3))


def f(x):
    """From shape (3, 2) to (4, 2), not symmetric in anything."""
    return np.tanh(A @ x) * np.array([1.0, 2.0]) + np.sum(x**2)


def numeric_jacobian(function, x, step=1e-6):
    x = np.array(x, float)
    columns = []
    for index in np.ndindex(x.shape):
        move = np.zeros_like(x)
        move[index] = step
        columns.append((function(x + move) - function(x - move)) / (2 * step))
    return np.stack(columns, -1).reshape(np.shape(function(x)) + x.shape)


# --- jacobian


@pytest.mark.parametrize("ratio", [0, 1e9], ids=["columns", "rows"])
def test_jacobian_by_rows_and_by_columns(monkeypatch, ratio):
    monkeypatch.setattr(autograd.jacobians, "RATIO", ratio)
    J = jacobian(f)(B)
    assert J.shape == (4, 2, 3, 2)
    np.testing.assert_allclose(J, numeric_jacobian(f, B), rtol=1e-7, atol=1e-8)
    p = {"x": B, "s": 2.0}
    both = jacobian(lambda p: f(p["x"]) * p["s"])(p)
    np.testing.assert_allclose(both["x"], 2 * J, rtol=1e-12)
    np.testing.assert_allclose(both["s"], f(B), rtol=1e-12)
    g = grad(lambda x: np.sum(jacobian(f)(x) ** 2))(B)
    np.testing.assert_allclose(g, numeric_jacobian(lambda x: np.sum(jacobian(f)(x) ** 2), B), rtol=1e-6)


@pytest.mark.parametrize(
    ("function", "x", "shape"),
    [
        (lambda x: np.sum(x), np.ones((2, 3)), (2, 3)),
        (lambda x: x * np.ones((4,)), 3.0, (4,)),
        (lambda x: x**2, np.ones(()), ()),
        (lambda x: x[:0], np.ones(3), (0, 3)),
        (lambda x: np.sum(x) + np.ones(2), np.ones((0, 3)), (2, 0, 3)),
        (lambda x: x.reshape(2, 3, 1), np.ones(6, np.float32), (2, 3, 1, 6)),
    ],
)
def test_shape_of_a_jacobian(function, x, shape):
    J = jacobian(function)(x)
    assert np.shape(J) == shape
    if isinstance(x, np.ndarray):
        assert J.dtype == x.dtype
    if J.size:
        numeric = numeric_jacobian(lambda t: np.asarray(function(t)), np.asarray(x, float))
        np.testing.assert_allclose(J, numeric, atol=1e-8)


def test_jacobian_of_numbers_is_a_number():
    assert jacobian(lambda x: x**3)(2.0) == 12.0
    assert type(jacobian(lambda x: x**3)(2.0)) is float
    assert type(jacobian(lambda x: x**3)(np.float32(2.0))) is np.float32
    assert jacobian(lambda x: x * x)(Value(3.0)).item() == 6.0


def test_jacobian_evaluates_the_function_once():
    calls = []

    def counted(x):
        calls.append(1)
        return np.tanh(A @ x)

    for function in (jacobian(counted), hessian(lambda x: np.sum(counted(x)))):
        calls.clear()
        function(B)
        assert len(calls) == 1


def test_rows_are_arrays_of_their_own():
    J = jacobian(lambda x: x * 1)(np.ones(3))
    J[0] = 7.0
    np.testing.assert_array_equal(J[1:], np.eye(3)[1:])
    v = np.ones(3)
    out = make_vjp(lambda x: x + 1)(np.ones(3))[0](v)
    out[:] = 5.0
    np.testing.assert_array_equal(v, np.ones(3))


def test_several_arguments():
    def g(a, b, scale=1.0):
        return scale * a * b[0]

    Ja, Jb = jacobian(g, (0, 1))(np.ones(2), np.array([3.0, 4.0]), scale=2.0)
    np.testing.assert_array_equal(Ja, 6 * np.eye(2))
    np.testing.assert_array_equal(Jb, [[2.0, 0.0], [2.0, 0.0]])
    np.testing.assert_array_equal(jacobian(g, -1)(np.ones(2), np.array([3.0, 4.0])), Jb / 2)
    with pytest.raises(GradientError, match="twice"):
        jacobian(g, (1, -1))(np.ones(2), np.ones(2))


# --- hessian


def test_hessian_of_a_quadratic_form():
    np.testing.assert_allclose(hessian(lambda x: x @ H @ x)(np.ones(3)), H + H.T, rtol=1e-14)


def test_hessian_of_an_array_with_two_axes():
    def g(x):
        return np.sum(np.tanh(A @ x) ** 2)

    found = hessian(g)(B)
    assert found.shape == (3, 2, 3, 2)
    np.testing.assert_allclose(found, numeric_jacobian(grad(g), B), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(found, jacobian(jacobian(g))(B), rtol=1e-12)
    np.testing.assert_allclose(found, np.moveaxis(found, (0, 1), (2, 3)), rtol=1e-12)


def test_hessian_of_a_number_is_a_number():
    assert hessian(lambda x: x**3)(2.0) == 12.0
    assert type(hessian(lambda x: x**3)(2.0)) is float
    assert hessian(lambda x: 3 * x)(2.0) == 0.0


def test_hessian_of_an_array_valued_function_is_refused():
    with pytest.raises(GradientError, match=r"hessian\(\).*shape \(3,\).*jacobian\(jacobian"):
        hessian(lambda x: x**2)(np.ones(3))
    np.testing.assert_array_equal(jacobian(jacobian(lambda x: x**2))(np.ones(2))[1], np.diag([0.0, 2.0]))


def test_hessian_with_respect_to_several_arguments_comes_in_blocks():
    blocks = hessian(lambda x, y: np.sum(x**2) * y**3, (0, 1))(np.ones(2), 2.0)
    np.testing.assert_array_equal(blocks[0][0], 16 * np.eye(2))
    np.testing.assert_array_equal(blocks[0][1], [24.0, 24.0])
    np.testing.assert_array_equal(blocks[1][0], [24.0, 24.0])
    assert blocks[1][1] == 24.0


# --- products


def test_products_are_what_the_matrices_give():
    J = jacobian(f)(B)
    v, u = RNG.normal(size=B.shape), RNG.normal(size=(4, 2))
    value, tangent = make_jvp(f)(B)(v)
    np.testing.assert_array_equal(value, f(B))
    np.testing.assert_allclose(tangent, np.tensordot(J, v, 2), rtol=1e-12)
    vjp, value = make_vjp(f)(B)
    np.testing.assert_array_equal(value, f(B))
    np.testing.assert_allclose(vjp(u), np.tensordot(u, J, 2), rtol=1e-12)
    np.testing.assert_allclose(vjp(2 * u), 2 * vjp(u), rtol=1e-12)  # again, from the same graph
    np.testing.assert_allclose(vector_jacobian_product(f)(B, u), vjp(u), rtol=1e-12)
    row = RNG.normal(size=4)
    np.testing.assert_allclose(tensor_jacobian_product(f)(B, row), np.tensordot(row, J, 1), rtol=1e-12)
    np.testing.assert_allclose(tensor_jacobian_product(f)(B, 2.0), 2 * J, rtol=1e-12)


def test_hessian_products_are_what_the_matrix_gives():
    def g(x, scale=1.0):
        return np.sum(np.tanh(A @ x) ** 2) * scale

    whole, v = hessian(g)(B), RNG.normal(size=B.shape)
    expected = np.tensordot(whole, v, 2)
    np.testing.assert_allclose(hessian_vector_product(g)(B, v), expected, rtol=1e-12)
    np.testing.assert_allclose(hessian_tensor_product(g)(B, v, scale=2.0), 2 * expected, rtol=1e-12)
    hvp, gradient = make_hvp(g)(B)
    np.testing.assert_allclose(gradient, grad(g)(B), rtol=1e-14)
    np.testing.assert_allclose(hvp(v), expected, rtol=1e-12)
    assert hessian_vector_product(lambda s, x: s * x**3, 1)(2.0, 3.0, 10.0) == 360.0


def test_products_of_numbers_are_numbers():
    value, tangent = make_jvp(lambda x: x**3)(2.0)(10.0)
    assert (value, tangent) == (8.0, 120.0)
    assert type(tangent) is float
    vjp, value = make_vjp(lambda x: x**3)(2.0)
    assert (vjp(10.0), value) == (120.0, 8.0)
    assert type(vjp(1.0)) is float
    assert type(value) is float


def test_products_with_several_arguments_and_containers():
    jvp = make_jvp(lambda x, y: x * y["a"], (0, 1))(2.0, {"a": np.array([3.0, 4.0])})
    value, tangent = jvp((10.0, {"a": np.array([1.0, 0.0])}))
    np.testing.assert_array_equal(value, [6.0, 8.0])
    np.testing.assert_array_equal(tangent, [32.0, 40.0])
    vjp, _ = make_vjp(lambda x, y: x * y["a"], (0, 1))(2.0, {"a": np.array([3.0, 4.0])})
    gx, gy = vjp(np.array([1.0, 10.0]))
    assert gx == 43.0
    np.testing.assert_array_equal(gy["a"], [2.0, 20.0])
    p = {"a": np.array([1.0, 2.0]), "b": 3.0}
    product = hessian_vector_product(lambda p: np.sum(p["a"] ** 2) * p["b"])(p, {"a": np.ones(2), "b": 10.0})
    np.testing.assert_array_equal(product["a"], [26.0, 46.0])
    assert product["b"] == 6.0


def test_functions_that_return_containers():
    def g(x):
        return {"double": 2 * x, "parts": [np.sum(x**2), "label", 5.0]}

    vjp, value = make_vjp(g)(np.array([1.0, 2.0]))
    assert value["parts"] == [5.0, "label", 5.0]
    np.testing.assert_array_equal(value["double"], [2.0, 4.0])
    found = vjp({"double": np.array([1.0, 0.0]), "parts": [10.0, "label", 1.0]})
    np.testing.assert_array_equal(found, [22.0, 40.0])
    value, tangent = make_jvp(g)(np.array([1.0, 2.0]))(np.array([1.0, 10.0]))
    np.testing.assert_array_equal(tangent["double"], [2.0, 20.0])
    assert tangent["parts"] == [42.0, "label", 0.0]
    with pytest.raises(ShapeError, match="structure"):
        vjp([1.0, 2.0])
    with pytest.raises(ShapeError, match="keys"):
        vjp({"double": 1.0})


def test_products_refuse_vectors_of_another_shape():
    with pytest.raises(ShapeError, match=r"shape \(3,\).*shape \(2,\)"):
        make_vjp(lambda x: 2 * x)(np.ones(2))[0](np.ones(3))
    with pytest.raises(ShapeError, match=r"shape \(3,\).*shape \(2,\)"):
        make_jvp(lambda x: 2 * x)(np.ones(2))(np.ones(3))
    with pytest.raises(ShapeError, match=r"shape \(1,\).*shape \(2,\)"):
        make_jvp(lambda x, y: x * y, (0, 1))(np.ones(2), 1.0)((np.ones(1), 1.0))
    with pytest.raises(ShapeError):
        hessian_vector_product(lambda x: np.sum(x**2))(np.ones(2), np.ones(3))
    with pytest.raises(ShapeError, match="first axes"):
        tensor_jacobian_product(f)(B, np.ones(3))
    with pytest.raises(TypeError, match=r"hessian_tensor_product\(f\)\(x, v\)"):
        hessian_vector_product(lambda x: x**2)(1.0)


def test_generalised_gauss_newton_products():
    def residual(x):
        return np.tanh(A @ x)

    x, v = RNG.normal(size=3), RNG.normal(size=3)
    J = jacobian(residual)(x)
    np.testing.assert_allclose(make_ggnvp(residual)(x)(v), J.T @ (J @ v), rtol=1e-12)
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    product = make_ggnvp(lambda scale, x: scale * residual(x), lambda y: np.sum(weights * y**2) / 2, 1)(
        3.0, x
    )
    np.testing.assert_allclose(product(v), 9 * J.T @ (weights * (J @ v)), rtol=1e-12)


def test_deriv_is_the_derivative_of_every_output():
    t = np.linspace(0.0, 1.0, 5)
    np.testing.assert_allclose(deriv(lambda w: np.sin(w * t))(2.0), t * np.cos(2 * t))
    assert deriv(lambda x: x**2)(3.0) == 6.0


def test_a_product_is_right_where_a_derivative_is_infinite():
    with np.errstate(all="raise", divide="ignore"):
        _, tangent = make_jvp(np.sqrt)(np.array([0.0, 4.0]))(np.array([1.0, 1.0]))
    np.testing.assert_array_equal(tangent, [np.inf, 0.25])


def test_only_what_is_asked_for_is_computed():
    """Beside the paths to the input nothing is differentiated: sqrt at 0 would warn."""
    w = Tensor(0.0)

    def g(x):
        return x * np.sqrt(w)

    with np.errstate(all="raise"):
        assert grad(g)(3.0) == 0.0
        assert make_jvp(g)(3.0)(1.0) == (0.0, 0.0)


# --- inside each other


def test_products_can_be_differentiated_in_what_they_are_taken_at_and_in_the_vector():
    x, v = np.array([0.5, -1.0]), np.array([2.0, 3.0])

    def g(x):
        return np.sin(x) * np.sum(x**2)

    for function in (
        lambda x, v: make_jvp(g)(x)(v)[1],
        lambda x, v: make_vjp(g)(x)[0](v),
        lambda x, v: hessian_vector_product(lambda y: np.sum(g(y) ** 2))(x, v),
        lambda x, v: make_hvp(lambda y: np.sum(g(y) ** 2))(x)[0](v),
        lambda x, v: make_ggnvp(g)(x)(v),
        lambda x, v: vector_jacobian_product(g)(x, v),
        lambda x, v: jacobian(g)(x) @ v,
        lambda x, v: hessian(lambda y: np.sum(g(y) ** 2))(x) @ v,
        lambda x, v: elementwise_grad(g)(x) * v,
        lambda x, v: value_and_grad(lambda y: np.sum(g(y)))(x)[0] * v,
        lambda x, v: make_jvp(g)(x)(v)[0] * v,
    ):
        check_grads(function, x, v)


def test_every_mixed_second_derivative_is_the_same():
    def g(x):
        return np.sum(np.sin(x) * np.exp(x[0]))

    x = np.array([0.3, 0.7, -0.2])
    expected = hessian(g)(x)
    for function in (jacobian(grad(g)), jacobian(jacobian(g)), lambda x: jacobian(make_vjp(g)(x)[0])(1.0)):
        found = function(x)
        if found.shape == (3, 3):
            np.testing.assert_allclose(found, expected, rtol=1e-12)
        else:
            np.testing.assert_allclose(found, grad(g)(x), rtol=1e-12)
    forward_over_reverse = np.stack([make_jvp(grad(g))(x)(e)[1] for e in np.eye(3)])
    np.testing.assert_allclose(forward_over_reverse, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "inner",
    [
        lambda x: grad(lambda y: x + y)(1.0),
        lambda x: jacobian(lambda y: x + y)(1.0),
        lambda x: elementwise_grad(lambda y: x + y)(1.0),
        lambda x: make_jvp(lambda y: x + y)(1.0)(1.0)[1],
        lambda x: make_vjp(lambda y: x + y)(1.0)[0](1.0),
        lambda x: grad_and_aux(lambda y: (x + y, None))(1.0)[0],
        lambda x: grad_named(lambda y: x + y, "y")(y=1.0),
        lambda x: deriv(lambda y: x + y)(1.0),
    ],
)
def test_perturbations_are_not_confused(inner):
    """d/dx (x * d/dy (x + y)) is 1: the inner derivative is 1 whatever x is (Siskind and Pearlmutter, 2005)."""
    for outer in (grad, jacobian, deriv):
        assert outer(lambda x: x * inner(x))(2.0) == 1.0


@pytest.mark.parametrize(
    "inner",
    [
        lambda x: grad(lambda y: x * y**2)(2.0),
        lambda x: jacobian(lambda y: x * y**2)(2.0),
        lambda x: make_jvp(lambda y: x * y**2)(2.0)(1.0)[1],
        lambda x: make_vjp(lambda y: x * y**2)(2.0)[0](1.0),
        lambda x: hessian(lambda y: x * y**2)(2.0) * 2,
        lambda x: hessian_vector_product(lambda y: x * y**2)(2.0, 2.0),
        lambda x: grad_and_aux(lambda y: (x * y**2, None))(2.0)[0],
        lambda x: np.sum(jacobian(lambda y: x * y**2)(np.ones(2))),
    ],
)
def test_closures_over_outer_nodes_are_part_of_the_outer_derivative(inner):
    assert grad(inner)(5.0) == 4.0
    assert make_jvp(inner)(5.0)(1.0)[1] == 4.0
    assert grad(grad(lambda x: inner(x) * x))(5.0) == 8.0


def test_a_vjp_that_outlives_its_function_is_still_part_of_the_outer_derivative():
    def outer(x):
        vjp, _ = make_vjp(lambda y: x * y**2)(3.0)
        return vjp(1.0) ** 2

    assert grad(outer)(2.0) == 2 * 12.0 * 6.0


def test_nodes_as_arguments_give_nodes():
    x = Tensor([1.0, 2.0])
    J = jacobian(lambda x: x**2)(x)
    assert isinstance(J, Tensor)
    J.sum().backward()
    np.testing.assert_array_equal(x.grad, [2.0, 2.0])
    c = Tensor([3.0], requires_grad=False)
    g = grad(lambda x: np.sum(x**2))(c)
    assert isinstance(g, Tensor)
    assert not g.requires_grad
    np.testing.assert_array_equal(g.numpy(), [6.0])
    g = grad(lambda x: x * x)(Value(3.0, requires_grad=False))
    assert isinstance(g, Value)
    assert g.item() == 6.0


def test_derivatives_do_not_mind_no_grad():
    with no_grad():
        np.testing.assert_array_equal(jacobian(lambda x: x**2)(np.array([3.0])), [[6.0]])
        assert make_jvp(lambda x: x**2)(3.0)(1.0) == (9.0, 6.0)
        assert hessian(lambda x: x**3)(2.0) == 12.0


# --- the small ones


def test_grad_named_by_position_by_name_and_keyword_only():
    def g(a, b, *, c=2.0):
        return a * b**2 * c**3

    assert grad_named(g, "b")(1.0, 3.0) == 48.0
    assert grad_named(g, "b")(1.0, b=3.0) == 48.0
    assert grad_named(g, "c")(1.0, 1.0, c=3.0) == 27.0
    assert grad_named(grad_named(g, "b"), "a")(1.0, 3.0) == 48.0
    with pytest.raises(GradientError, match="no parameter 'd', only a, b, c"):
        grad_named(g, "d")(1.0, 2.0)
    with pytest.raises(TypeError, match=r"grad_named\(f, 'b'\)"):
        grad(g, "b")(1.0, 2.0)


def test_grad_and_aux_lets_the_second_result_through():
    def g(x):
        return np.sum(x**2), {"double": 2 * x, "name": "g", "norm": np.sum(x)}

    gradient, aux = grad_and_aux(g)(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(gradient, [2.0, 4.0])
    assert type(aux["double"]) is np.ndarray
    np.testing.assert_array_equal(aux["double"], [2.0, 4.0])
    assert (aux["name"], aux["norm"]) == ("g", 3.0)
    assert grad(lambda x: grad_and_aux(lambda y: (y**2, x * y))(3.0)[1])(1.0) == 3.0
    with pytest.raises(GradientError, match="must return a pair"):
        grad_and_aux(lambda x: x)(1.0)


def test_elementwise_grad_of_several_arguments():
    def g(a, b):
        return a + np.sin(a) + np.cosh(b)

    b = np.linspace(-1, 1, 5)
    np.testing.assert_allclose(egrad(g, 1)(0.9, b), np.sinh(b))
    assert egrad is elementwise_grad
    assert egrad(np.tanh)(0.0) == 1.0
    tower = np.tanh
    for _ in range(4):
        tower = egrad(tower)
    y = np.tanh(b)
    np.testing.assert_allclose(tower(b), (16 * y - 24 * y**3) * (1 - y**2), rtol=1e-10, atol=1e-12)


def test_names_and_signatures_tell_what_was_differentiated():
    def loss(weights, data):
        return np.sum(weights * data)

    assert grad(loss, 1).__name__ == "grad_of_loss_wrt_argnum_1"
    assert hessian(loss).__doc__.startswith("hessian of function loss with respect to argument number 0.")
    assert jacobian(np.tanh).__name__ == "jacobian_of_tanh_wrt_argnum_0"
    assert list(inspect.signature(grad(loss)).parameters) == ["weights", "data"]


@pytest.mark.parametrize(
    "derivative", [grad, jacobian, hessian, make_vjp, make_jvp, value_and_grad, elementwise_grad]
)
def test_a_derivative_is_of_a_function(derivative):
    with pytest.raises(TypeError, match=rf"{derivative.__name__}\(\) is of a function, not of float"):
        derivative(3.0)


# --- errors


@pytest.mark.parametrize("derivative", [grad, jacobian, hessian, value_and_grad, elementwise_grad])
def test_results_that_have_no_derivative_are_named(derivative):
    with pytest.raises(GradientError, match=r"returned None. Does it lack a return"):
        derivative(lambda x: None)(1.0)
    with pytest.raises(GradientError, match="returned a list: one array or number is needed"):
        derivative(lambda x: [x, x])(1.0)
    with pytest.raises(GradientError, match="returned a dict"):
        derivative(lambda x: {"loss": x})(1.0)
    with pytest.raises(TypeError, match="returned str 'text'"):
        derivative(lambda x: "text")(1.0)


@pytest.mark.parametrize("x", ["text", None, True, np.True_, object(), np.array(["a"]), np.array([True])])
def test_arguments_that_have_no_derivative_are_named(x):
    def g(a, b):
        return a

    with pytest.raises(TypeError, match=r"jacobian\(\) with respect to argument 1 of 'g'.*argnum"):
        jacobian(g, 1)(1.0, x)


@pytest.mark.parametrize("derivative", [grad, jacobian, elementwise_grad, make_jvp, hessian])
def test_a_result_that_does_not_depend_on_the_input_warns_at_the_users_line(derivative):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        derivative(lambda x: 3.0)(1.0)
    assert [w.category for w in caught] == [GradientWarning]
    if derivative is not hessian:  # there the line is that of the gradient inside
        assert caught[0].filename == __file__


def test_zero_where_there_is_no_path():
    w = Tensor([1.0, 2.0])
    np.testing.assert_array_equal(jacobian(lambda x: w * 2)(np.ones(3)), np.zeros((2, 3)))
    value, tangent = make_jvp(lambda x: w * 2)(np.ones(3))(np.ones(3))
    np.testing.assert_array_equal(value, [2.0, 4.0])
    np.testing.assert_array_equal(tangent, [0.0, 0.0])
    np.testing.assert_array_equal(make_vjp(lambda x: w * 2)(np.ones(3))[0](np.ones(2)), np.zeros(3))
    assert w.grad is None


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
def test_jacobians_of_random_networks(n, m, seed):
    rng = np.random.default_rng(seed)
    U, V, x, v, u = rng.normal(size=(5, n)), rng.normal(size=(m, 5)), *(rng.normal(size=k) for k in (n, n, m))

    def net(x):
        return V @ np.tanh(U @ x)

    exact = V @ np.diag(1 - np.tanh(U @ x) ** 2) @ U
    np.testing.assert_allclose(jacobian(net)(x), exact, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(make_jvp(net)(x)(v)[1], exact @ v, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(make_vjp(net)(x)[0](u), u @ exact, rtol=1e-10, atol=1e-12)
