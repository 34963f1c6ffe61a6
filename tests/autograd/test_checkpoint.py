"""checkpoint: the same numbers and derivatives with less memory, and nothing lost in silence."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest

from autograd import (
    GradientError,
    Tensor,
    Value,
    check_grads,
    checkpoint,
    grad,
    gradients,
    hessian,
    jacobian,
    make_jvp,
    no_grad,
)


def block(x, p):
    return np.tanh(x @ p["W"] + p["b"]) * np.exp(-(x**2).sum())


PARAMETERS = {
    "W": np.random.default_rng(0).normal(size=(3, 3)),
    "b": np.array([0.1, -0.2, 0.3]),
    "kind": "tanh",
}
X = np.random.default_rng(1).normal(size=(2, 3)) / 2


def same(a, b):
    for key in "Wb":
        np.testing.assert_array_equal(a[key], b[key])


def test_value_and_gradients_are_the_same():
    def loss(f):
        return lambda x, p: np.sum(f(f(x, p), p) ** 2)

    np.testing.assert_array_equal(checkpoint(block)(X, PARAMETERS), block(X, PARAMETERS))
    plain, checked = (grad(loss(f), (0, 1))(X, PARAMETERS) for f in (block, checkpoint(block)))
    np.testing.assert_array_equal(checked[0], plain[0])
    same(checked[1], plain[1])


def test_the_graph_holds_one_node_in_place_of_the_function():
    x = Tensor(X)
    y = checkpoint(block)(x, PARAMETERS)
    assert y.op.name == "checkpoint"
    assert y.parents[0] is x
    seed = np.ones(X.shape)
    y.backward(seed)
    np.testing.assert_array_equal(
        x.grad, gradients(block(Tensor(X), PARAMETERS), y.parents[0], seed) + x.grad * 1
    )


def test_second_derivatives():
    checked = checkpoint(block)
    check_grads(lambda x, w: checked(x, {**PARAMETERS, "W": w}), X, PARAMETERS["W"])

    def total(f):
        return lambda x: np.sum(f(x, PARAMETERS) ** 2)

    np.testing.assert_allclose(hessian(total(checked))(X), hessian(total(block))(X), rtol=1e-12, atol=1e-14)
    v = np.ones_like(X)
    a, b = make_jvp(total(checked))(X)(v), make_jvp(total(block))(X)(v)
    np.testing.assert_allclose(a, b, rtol=1e-12)
    third = grad(grad(grad(checkpoint(lambda x: np.sin(x) * x))))(0.5)
    assert third == pytest.approx(-3 * np.sin(0.5) - 0.5 * np.cos(0.5))


def test_a_gradient_inside_the_checkpointed_function():
    def f(x):
        return grad(lambda y: np.sum(x * y**3))(2.0 * x) * x

    x = np.array(0.7)
    assert grad(checkpoint(f))(x) == pytest.approx(grad(f)(x))
    inner = checkpoint(lambda x: grad(lambda y: x * y**2)(3.0) + 0 * x)
    assert grad(inner)(2.0) == 6.0


def test_arguments_in_any_place():
    f = checkpoint(lambda x, *rest, scale, parts=(1.0, None): x * rest[0] * scale["s"] * parts[0])
    a, b, c = Tensor(2.0), Tensor(3.0), Tensor(4.0)
    found = gradients(f(a, 5.0, scale={"s": b}, parts=[c, None]), [a, b, c])
    assert found == [60.0, 40.0, 30.0]


def test_results_in_containers():
    f = checkpoint(lambda x: {"double": 2 * x, "rest": (np.sum(x**2), "label", None)})
    x = Tensor([1.0, 2.0])
    y = f(x)
    assert y["rest"][1:] == ("label", None)
    np.testing.assert_array_equal(gradients(y["rest"][0], x), [2.0, 4.0])
    np.testing.assert_array_equal(gradients(y["double"].sum() + y["rest"][0], x), [4.0, 6.0])
    np.testing.assert_array_equal(jacobian(lambda x: f(x)["double"])(np.ones(2)), 2 * np.eye(2))


def test_nested_checkpoints():
    inner = checkpoint(np.sin)
    outer = checkpoint(lambda x: inner(inner(x) ** 2))
    x = np.array([0.3, 1.2])
    np.testing.assert_allclose(
        grad(lambda x: np.sum(outer(x)))(x), grad(lambda x: np.sum(np.sin(np.sin(x) ** 2)))(x), rtol=1e-14
    )


def test_methods_constants_dtypes_and_shapes():
    f = checkpoint(lambda x, mask, index: (x.relu() * mask)[index].sum())
    x = Tensor(np.array([[1.0, -2.0], [3.0, 4.0]], np.float32))
    y = f(x, Tensor([1.0, 10.0], requires_grad=False, dtype=np.float32), np.array([1, 1, 0]))
    assert y.dtype == np.float32
    g = gradients(y, x)
    assert g.dtype == np.float32
    np.testing.assert_array_equal(g, [[1.0, 0.0], [2.0, 20.0]])
    assert grad(checkpoint(np.sum))(np.ones((0, 3))).shape == (0, 3)


def test_a_constant_is_the_tensor_that_it_was_in_both_runs():
    x, c = Tensor([1.0, 2.0]), Tensor([-1.0, 3.0], requires_grad=False)
    checkpoint(lambda x, c: (x * c.relu()).sum())(x, c).backward()
    np.testing.assert_array_equal(x.grad, [0.0, 3.0])


def test_an_array_that_is_changed_afterwards_does_not_matter():
    x, c = Tensor([1.0, 2.0]), np.array([3.0, 4.0])
    y = checkpoint(lambda x, c: (x * c).sum())(x, c)
    c[:] = 0.0
    np.testing.assert_array_equal(gradients(y, x), [3.0, 4.0])


def test_without_anything_tracked_it_is_the_function_itself():
    f = checkpoint(lambda x: x + 1)
    assert f(1.0) == 2.0
    assert type(f(np.ones(2))) is np.ndarray
    with no_grad():
        assert not f(Tensor(1.0)).requires_grad
        outside = Tensor(2.0)
        assert checkpoint(lambda x: x * outside)(Tensor(3.0)).item() == 6.0
    assert not f(Tensor(1.0, requires_grad=False)).requires_grad
    assert f.__name__ == "checkpoint_of_<lambda>"


@pytest.mark.parametrize("x", [Tensor([1.0, 2.0]), np.array([1.0, 2.0])])
def test_tracked_tensors_from_outside_are_refused(x):
    w = Tensor([3.0, 4.0], name="w")
    with pytest.raises(GradientError, match=r"uses Tensor\(.*name='w'\) without taking it as an argument"):
        checkpoint(lambda x: np.sum(x * w))(x)
    with pytest.raises(GradientError, match="Pass it as an argument"):
        checkpoint(lambda x: [x, w])(x)
    h = w * 2
    with pytest.raises(GradientError, match="name='w'"):
        checkpoint(lambda x: np.sum(x * h))(x)
    assert checkpoint(lambda x: np.sum(x * w.detach()))(np.array([1.0, 1.0])).item() == 7.0


def test_nodes_of_an_outer_derivative_are_refused_too():
    with pytest.raises(GradientError, match="Pass it as an argument"):
        grad(lambda a: grad(checkpoint(lambda x: a * x**2))(2.0))(3.0)
    assert grad(lambda a: grad(checkpoint(lambda x, a: a * x**2))(2.0, a))(3.0) == 4.0


def test_a_function_that_gives_another_result_the_second_time_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(GradientError, match=r"another result when it was run again.*random numbers"):
        grad(checkpoint(lambda x: np.sum(x * rng.normal(size=3))))(np.ones(3))
    sizes = iter([2, 3])
    with pytest.raises(GradientError, match="another result"):
        grad(lambda x: np.sum(checkpoint(lambda x: x * np.ones(next(sizes)))(x)))(1.0)


def test_the_last_bits_of_a_result_may_be_others_the_second_time():
    noise = iter([1e-17, -1e-17])
    g = grad(lambda x: np.sum(checkpoint(lambda x: x + next(noise))(x)))(np.array([0.0, 1.0]))
    np.testing.assert_array_equal(g, [1.0, 1.0])


def test_nan_comes_out_again():
    with np.errstate(invalid="ignore"):
        g = grad(lambda x: np.sum(checkpoint(np.sqrt)(x)))(np.array([-1.0, 4.0]))
    assert np.isnan(g[0])
    assert g[1] == 0.25


def test_errors_of_the_function_come_as_they_are():
    def broken(x):
        raise ValueError("my own words")

    with pytest.raises(ValueError, match=r"^my own words$"):
        checkpoint(broken)(Tensor(1.0))
    with pytest.raises(GradientError, match="returned NoneType None"):
        checkpoint(lambda x: None)(Tensor(1.0))
    with pytest.raises(TypeError, match="Make it a Tensor"):
        checkpoint(lambda x: x * x)(Value(2.0))
    with pytest.raises(TypeError, match=r"checkpoint\(\) is of a function"):
        checkpoint(3.0)


def test_a_result_that_does_not_depend_on_the_input_has_gradient_zero():
    f = checkpoint(lambda x: np.ones(2))
    x = Tensor([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(gradients((f(x) * x[:2]).sum(), x), [1.0, 1.0, 0.0])
    assert checkpoint(lambda x: np.ones(2, np.float32))(Tensor([1.0], dtype=np.float32)).dtype == np.float32


def test_the_function_runs_once_forward_and_once_backward():
    calls = []

    def f(x, y):
        calls.append(1)
        return x * y

    g = grad(lambda x: np.sum(checkpoint(f)(x, x * 2)))
    np.testing.assert_array_equal(g(np.ones(2)), [4.0, 4.0])
    assert len(calls) == 2
    calls.clear()
    hessian(lambda x: np.sum(checkpoint(f)(x, x * 2)))(np.ones(2))
    assert len(calls) == 2


def chain(x, f, segments, steps):
    def segment(x):
        for _ in range(steps):
            x = np.sin(x * 1.1)
        return x

    for _ in range(segments):
        x = f(segment)(x)
    return np.sum(x)


def peak(f):
    x = np.linspace(0.1, 1.0, 20_000)
    gc.collect()
    tracemalloc.start()
    try:
        g = grad(chain)(x, f, 10, 10)
        return g, tracemalloc.get_traced_memory()[1] / x.nbytes
    finally:
        tracemalloc.stop()


def test_peak_memory_of_a_deep_chain():
    """200 operations: all of them are kept, or 10 segments and the 20 of one segment."""
    plain, much = peak(lambda f: f)
    checked, little = peak(checkpoint)
    np.testing.assert_allclose(checked, plain, rtol=1e-12)
    assert much > 200
    assert little < 60


def test_no_cycle_keeps_a_checkpointed_graph_alive():
    gc.collect()
    gc.disable()
    try:
        x = Tensor(np.ones(3))
        y = checkpoint(lambda x: np.sin(x).sum())(x)
        y.backward(create_graph=True)
        x.grad = None
        before = len(gc.get_objects())
        for _ in range(5):
            y = checkpoint(lambda x: np.sin(x).sum())(x)
            gradients(gradients(y, x, create_graph=True).sum(), x)
        del y
        assert gc.collect() < 20, "garbage that only the collector frees"
        assert len(gc.get_objects()) < before + 100
    finally:
        gc.enable()
