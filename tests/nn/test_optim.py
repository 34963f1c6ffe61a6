"""Optimisers: the update, which parameters get one, and what is said about bad settings."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import Tensor


def model_and_data(seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    model = nn.Sequential(
        nn.Linear(3, 5, rng=rng, dtype=dtype), nn.ReLU(), nn.Linear(5, 2, rng=rng, dtype=dtype)
    )
    return model, rng.normal(size=(8, 3)).astype(dtype), rng.integers(0, 2, 8)


def reference(w, g, state, lr, momentum, decay, nesterov):
    g = g + decay * w
    if momentum:
        state = momentum * state + g
        g = g + momentum * state if nesterov else state
    return w - lr * g, state


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("nesterov", [False, True])
def test_sgd_step_by_step(momentum, decay, nesterov):
    if nesterov and not momentum:
        return
    model, x, y = model_and_data()
    optimiser = nn.SGD(model.parameters(), lr=0.1, momentum=momentum, weight_decay=decay, nesterov=nesterov)
    loss = nn.CrossEntropyLoss()
    states = {name: np.zeros(p.shape) for name, p in model.named_parameters()}
    for _ in range(5):
        optimiser.zero_grad()
        loss(model(x), y).backward()
        expected = {}
        for name, p in model.named_parameters():
            expected[name], states[name] = reference(
                p.numpy(), p.grad, states[name], 0.1, momentum, decay, nesterov
            )
        optimiser.step()
        for name, p in model.named_parameters():
            np.testing.assert_allclose(p.numpy(), expected[name], rtol=1e-13)


def test_parameters_without_gradient_are_left_alone():
    used, unused = nn.Parameter([1.0, 2.0]), nn.Parameter([3.0])
    optimiser = nn.SGD([used, unused], lr=0.1, momentum=0.9, weight_decay=0.5)
    for _ in range(3):
        optimiser.zero_grad()
        (used * used).sum().backward()
        optimiser.step()
    assert unused.data == 3.0
    assert used.data[0] != 1.0
    optimiser.zero_grad()
    before = used.numpy()
    optimiser.step()
    np.testing.assert_array_equal(used.numpy(), before)


def test_gradients_accumulate_over_batches_as_in_one_large_batch():
    model, x, y = model_and_data()
    nn.SGD(model.parameters(), lr=0.1)
    loss = nn.CrossEntropyLoss()
    loss(model(x), y).backward()
    whole = [p.grad.copy() for p in model.parameters()]
    model.zero_grad()
    for half in (slice(0, 4), slice(4, 8)):
        (loss(model(x[half]), y[half]) * 0.5).backward()
    for p, g in zip(model.parameters(), whole):
        np.testing.assert_allclose(p.grad, g, rtol=1e-12)


def test_setting_data_and_gradients_by_hand():
    model, x, y = model_and_data()
    optimiser = nn.SGD(model.parameters(), lr=1.0)
    nn.CrossEntropyLoss()(model(x), y).backward()
    weight = model[0].weight
    weight.grad = np.ones((5, 3))
    weight.data = np.zeros((5, 3))
    optimiser.step()
    np.testing.assert_array_equal(weight.numpy(), -np.ones((5, 3)))
    weight.data[0, 0] = 7.0
    optimiser.zero_grad()
    nn.CrossEntropyLoss()(model(x), y).backward()
    weight.grad = np.zeros((5, 3))
    optimiser.step()
    assert weight.numpy()[0, 0] == 7.0
    (weight.grad,) = (weight.grad * 2,)


def test_mixed_dtypes():
    p, q = nn.Parameter([1.0], dtype=np.float32), nn.Parameter([1.0])
    optimiser = nn.SGD([p, q], lr=0.5)
    (p * 1.0).sum().backward()
    (q * 1.0).sum().backward()
    optimiser.step()
    assert (p.dtype, q.dtype) == (np.float32, np.float64)
    assert p.numpy() == q.numpy() == 0.5


def test_frozen_parameters_are_left_out():
    model, x, y = model_and_data()
    model[0].weight.requires_grad = False
    before = model[0].weight.numpy()
    optimiser = nn.SGD(model.parameters(), lr=0.1)
    nn.CrossEntropyLoss()(model(x), y).backward()
    optimiser.step()
    np.testing.assert_array_equal(model[0].weight.numpy(), before)
    assert model[0].weight.grad is None


def test_a_parameter_that_is_thawed_is_trained_and_zeroed():
    model, x, y = model_and_data()
    first, rest = model[0], model[2]
    for p in first.parameters():
        p.requires_grad = False
    before = first.weight.numpy()
    optimiser = nn.SGD(model.parameters(), lr=0.1, momentum=0.9)
    loss = nn.CrossEntropyLoss()
    for _ in range(2):
        optimiser.zero_grad()
        loss(model(x), y).backward()
        optimiser.step()
    np.testing.assert_array_equal(first.weight.numpy(), before)
    for p in first.parameters():
        p.requires_grad = True
    for p in rest.parameters():
        p.requires_grad = False
    kept = rest.weight.numpy()
    optimiser.zero_grad()
    loss(model(x), y).backward()
    expected = before - 0.1 * first.weight.grad
    optimiser.step()
    np.testing.assert_allclose(first.weight.numpy(), expected, rtol=1e-13)
    np.testing.assert_array_equal(rest.weight.numpy(), kept)
    optimiser.zero_grad()
    assert all(p.grad is None for p in model.parameters())


def test_float64_input_leaves_a_float32_model_as_it_is():
    layer = nn.Linear(2, 1, dtype=np.float32, rng=0)
    nn.SGD(layer.parameters(), lr=0.1)
    layer(np.array([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    assert layer.weight.grad.dtype == layer.bias.grad.dtype == np.float32
    np.testing.assert_array_equal(layer.weight.grad, [[4.0, 6.0]])
    np.testing.assert_array_equal(layer.bias.grad, [2.0])


def test_an_optimiser_shows_its_settings():
    p = nn.Parameter([1.0])
    assert repr(nn.SGD([p], lr=0.1, momentum=0.9)) == "SGD(lr=0.1, momentum=0.9)"
    assert repr(nn.SGD([p], lr=np.float64(0.5))) == "SGD(lr=0.5)"
    settings = "lr=0.0, momentum=0.9, weight_decay=0.01, nesterov=True"
    assert repr(nn.SGD([p], lr=0, momentum=0.9, weight_decay=0.01, nesterov=True)) == f"SGD({settings})"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda p: nn.SGD([], lr=0.1), "no parameters"),
        (lambda p: nn.SGD([p], lr=-1), "learning rate"),
        (lambda p: nn.SGD([p], lr=float("nan")), "learning rate"),
        (lambda p: nn.SGD([p], momentum=-0.5), "momentum"),
        (lambda p: nn.SGD([p], momentum=float("inf")), "momentum inf"),
        (lambda p: nn.SGD([p], momentum=float("nan")), "momentum nan"),
        (lambda p: nn.SGD([p], weight_decay=-0.1), "weight_decay -0.1"),
        (lambda p: nn.SGD([p], nesterov=True), "nesterov"),
    ],
)
def test_bad_settings(wrong, says):
    with pytest.raises(ValueError, match=says):
        wrong(nn.Parameter([1.0]))


def test_tensors_are_not_parameters():
    with pytest.raises(TypeError, match="Parameter"):
        nn.SGD([Tensor([1.0])], lr=0.1)
    with pytest.raises(TypeError, match="Write \\[parameter\\]"):
        nn.SGD(nn.Parameter([1.0]), lr=0.1)


@pytest.mark.parametrize("given", [nn.Linear(1, 1), nn.Linear(1, 1).parameters, None, nn.Linear])
def test_what_is_often_given_in_place_of_the_parameters(given):
    with pytest.raises(TypeError, match=r"Write model\.parameters\(\)"):
        nn.SGD(given, lr=0.1)
    with pytest.raises(TypeError, match=r"learning rate '0\.1'"):
        nn.SGD([nn.Parameter([1.0])], lr="0.1")
