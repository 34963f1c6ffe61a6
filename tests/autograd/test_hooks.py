"""register_hook: who sees which gradient, and what a hook may do to it."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import GradientError, ShapeError, Tensor, Value, gradients, trace


@pytest.mark.parametrize("kind", [Tensor, Value])
def test_a_hook_sees_the_finished_gradient_once_in_each_pass(kind):
    x, seen = kind(3.0), []
    y = x * x
    z = y + y * 2.0
    y.register_hook(lambda g: seen.append(float(g)))
    x.register_hook(lambda g: seen.append(float(g)))
    z.backward()
    z.backward()
    assert seen == [3.0, 18.0, 3.0, 18.0]
    assert float(x.grad) == 36.0


@pytest.mark.parametrize("kind", [Tensor, Value])
def test_what_a_hook_returns_replaces_the_gradient_here_and_below(kind):
    x = kind(3.0)
    y = x * x
    handle = y.register_hook(lambda g: g * 10)
    (y * 1.0).backward(retain_grads=True)
    assert float(y.grad) == 10.0
    assert float(x.grad) == 60.0
    handle.remove()
    x.grad = None
    (y * 1.0).backward()
    assert float(x.grad) == 6.0


def test_hooks_run_in_order_and_reach_parameters_with_flat_gradients():
    model = nn.Linear(3, 2, rng=0)
    optimiser = nn.SGD(model.parameters(), lr=0.1)
    model.weight.register_hook(lambda g: g * 0 + 1)
    model.weight.register_hook(lambda g: g * 5)
    before = model.weight.numpy()
    for _ in range(2):
        optimiser.zero_grad()
        model(np.ones((4, 3))).sum().backward()
        np.testing.assert_array_equal(model.weight.grad, np.full((2, 3), 5.0))
        optimiser.step()
    np.testing.assert_allclose(model.weight.numpy(), before - 1.0)


def test_gradients_and_second_derivatives_pass_the_hook_and_a_picture_does_not():
    x, calls = Tensor([1.0, 2.0]), []
    y = x * x
    y.register_hook(lambda g: calls.append(1) or g * 2)
    z = y.sum()
    np.testing.assert_array_equal(gradients(z, x), [4.0, 8.0])
    z.backward(create_graph=True)
    np.testing.assert_array_equal(x.grad.data, [4.0, 8.0])
    assert len(calls) == 2
    trace(z)
    assert len(calls) == 2


@pytest.mark.parametrize("kind", [Tensor, Value])
def test_what_a_hook_returns_can_be_differentiated_again(kind):
    x = kind(3.0)
    handle = x.register_hook(lambda g: g * g)
    (x * x).backward(create_graph=True)
    handle.remove()
    assert float(x.grad.data) == 36.0  # (2 x) ** 2
    assert float(gradients(x.grad, x)) == 24.0


@pytest.mark.parametrize("kind", [Tensor, Value])
def test_gradients_are_plain_whatever_a_hook_returns_and_nodes_with_create_graph(kind):
    x, factor = kind(3.0), kind(2.0)
    for hook in (lambda g: g * factor, lambda g: float(g) * 2.0):
        y = x * x
        handle = y.register_hook(hook)
        x.grad = None
        y.backward()
        for found in (x.grad, gradients(y, x)):
            assert not isinstance(found, kind)
            assert found == 12.0
        x.grad = None
        y.backward(create_graph=True)
        assert isinstance(x.grad, kind)
        assert x.grad.item() == 12.0
        y.backward()
        assert not isinstance(x.grad, kind)
        assert x.grad == 24.0
        handle.remove()


def test_the_gradient_cannot_be_written_to_by_a_hook():
    x = Tensor([1.0, 2.0])

    def spoil(g):
        g[0] = 7

    x.register_hook(spoil)
    with pytest.raises(ValueError, match="read-only"):
        (x * 2.0).sum().backward()
    assert x.grad is None


@pytest.mark.parametrize("op", [lambda a, b: a * b, lambda a, b: a @ b])
def test_a_hook_sees_the_dtype_of_its_tensor_on_either_side_of_a_wider_one(op):
    seen = []
    narrow, wide = Tensor(np.ones((2, 2)), dtype=np.float32), Tensor(np.ones((2, 2)))
    narrow.register_hook(lambda g: seen.append(g.dtype))
    op(narrow, wide).sum().backward()
    op(wide, narrow).sum().backward()
    assert seen == [np.float32] * 2


def test_misuse_of_hooks():
    with pytest.raises(GradientError, match="a constant"):
        Tensor(1.0, requires_grad=False).register_hook(print)
    with pytest.raises(TypeError, match="takes a function"):
        Value(1.0).register_hook(3)
    x = Tensor([1.0, 2.0])
    x.register_hook(lambda g: g.sum())
    with pytest.raises(ShapeError, match=r"a hook returned a gradient of shape \(\)"):
        (x * 1.0).sum().backward()


def test_a_value_keeps_name_and_hooks_together():
    v, seen = Value(2.0), []
    v.name = "v"
    v.register_hook(seen.append)
    assert v.name == "v"
    v.name = "w"
    assert v.name == "w"
    assert "name='w'" in repr(v)
    (v * v).backward()
    assert seen == [4.0]
