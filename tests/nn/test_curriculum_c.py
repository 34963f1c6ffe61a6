"""The course, row by row: activations, symmetry, shallow networks (C1 to C5).

Each test holds the number or property of one row of the curriculum; where it is looked at from more sides:

    C1         tests/parity/test_ops.py, tests/parity/test_nn_layers.py
    C2, C5     tests/nn/test_layers.py
    C3         tests/nn/test_scalar.py
    C4         tests/nn/test_init.py
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, elementwise_grad
from nn import init


def sigma(z):
    return 1 / (1 + np.exp(-z))


# name: the module, the function, its derivative, both as the blackboard has them
FUNCTIONS = {
    "sigmoid": (nn.Sigmoid(), sigma, lambda z: sigma(z) * (1 - sigma(z))),
    "tanh": (nn.Tanh(), np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (nn.ReLU(), lambda z: np.maximum(0, z), lambda z: 1.0 * (z > 0)),
    "leaky_relu": (nn.LeakyReLU(), lambda z: np.maximum(0.01 * z, z), lambda z: np.where(z > 0, 1, 0.01)),
    "prelu": (nn.PReLU(init=0.3), lambda z: np.where(z > 0, z, 0.3 * z), lambda z: np.where(z > 0, 1, 0.3)),
    "elu": (
        nn.ELU(),
        lambda z: np.where(z > 0, z, np.exp(z) - 1),
        lambda z: np.where(z > 0, 1, np.exp(z)),
    ),
    "softplus": (nn.Softplus(), lambda z: np.log(1 + np.exp(z)), sigma),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_c1_functions_and_their_derivatives(name):
    module, function, derivative = FUNCTIONS[name]
    z = np.linspace(-4, 4, 33)  # with 0 among them
    t = Tensor(z)
    a = module(t)
    a.sum().backward()
    np.testing.assert_allclose(a.data, function(z), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(t.grad, derivative(z), rtol=1e-12, atol=1e-15)


def test_c1_the_slope_of_relu_at_0_is_0_and_that_of_leaky_relu_001():
    at_0 = {
        name: float(elementwise_grad(getattr(autograd, name))(np.array(0.0)))
        for name in ("relu", "leaky_relu")
    }
    assert at_0 == {"relu": 0.0, "leaky_relu": 0.01}
    assert autograd.leaky_relu(np.array(-100.0)) == -1.0
    x = Value(0.0)
    x.relu().backward()
    assert x.grad == 0.0


def test_c1_tanh_is_centred_and_sigmoid_is_not():
    z = np.random.default_rng(0).normal(size=(500, 40))
    assert abs(nn.Tanh()(z).mean()) < 0.01
    assert nn.Sigmoid()(z).mean() == pytest.approx(0.5, abs=0.01)
    np.testing.assert_allclose(
        np.tanh(z), 2 * sigma(2 * z) - 1, rtol=1e-9
    )  # tanh is a sigmoid, moved and stretched


def test_c1_far_out_sigmoid_and_tanh_are_flat_and_relu_is_not():
    slopes = {name: elementwise_grad(getattr(autograd, name)) for name in ("sigmoid", "tanh", "relu")}
    ends, middle = np.array([-10.0, 10.0]), np.array(0.0)
    assert (slopes["sigmoid"](middle), slopes["tanh"](middle)) == (0.25, 1.0)
    assert slopes["sigmoid"](ends).max() < 1e-4
    assert slopes["tanh"](ends).max() < 1e-8
    assert slopes["relu"](ends).tolist() == [0.0, 1.0]


def test_c1_maxout_is_the_larger_of_two_lines_and_softmax_a_distribution():
    layer, x = nn.Maxout(3, 2, rng=0), np.random.default_rng(0).normal(size=(9, 3))
    (W1, W2), (b1, b2) = np.split(layer.weight.data, 2), np.split(layer.bias.data, 2)
    np.testing.assert_allclose(layer(x).data, np.maximum(x @ W1.T + b1, x @ W2.T + b2), rtol=1e-12)
    z = np.array([[1.0, 2.0, 3.0], [1001.0, 1002.0, 1003.0]])
    y = nn.Softmax()(z)
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-15)
    np.testing.assert_allclose(y, np.exp([[1, 2, 3]] * 2) / np.exp([1, 2, 3]).sum(), rtol=1e-12)


def test_c2_without_a_non_linearity_any_depth_is_one_linear_map():
    model, x = nn.MLP([4, 7, 5, 6, 3], nn.Identity, rng=0), np.random.default_rng(0).normal(size=(20, 4))
    W, b = np.eye(4), np.zeros(4)
    for layer in model[::2]:
        W, b = layer.weight.data @ W, layer.weight.data @ b + layer.bias.data
    one = nn.Linear(4, 3, rng=0)
    one.weight.data, one.bias.data = W, b
    np.testing.assert_allclose(model(x).data, one(x).data, rtol=1e-12, atol=1e-14)
    bent = nn.MLP([4, 7, 5, 6, 3], nn.ReLU, rng=0)  # the same weights
    assert np.abs(bent(x).data - one(x).data).max() > 0.1


def test_c3_a_neuron_is_the_weighted_sum_and_the_firing_rate():
    neuron = nn.scalar.Neuron(3, activation="sigmoid", rng=0)
    inputs, weights, bias = [1.0, -2.0, 0.5], [0.3, -0.4, 2.0], -0.1
    for w, number in zip(neuron.w, weights):
        w.data = number
    neuron.b.data = bias
    body = sum(i * w for i, w in zip(inputs, weights)) + bias
    rate = 1 / (1 + math.exp(-body))
    fired = neuron(inputs)
    fired.backward()
    assert body == pytest.approx(2.0)
    assert fired.data == pytest.approx(rate, rel=1e-15)
    assert [w.grad for w in neuron.w] == pytest.approx([i * rate * (1 - rate) for i in inputs], rel=1e-14)
    assert neuron.b.grad == pytest.approx(rate * (1 - rate), rel=1e-14)


# --- C4: how weights start


def trained(start, activation):
    """The weights of a 3-4-4-2 network before and after some steps."""
    rng = np.random.default_rng(0)
    model = init.apply_init(nn.MLP([3, 4, 4, 2], activation, rng=0), start, rng=0)
    before = model.state_dict()
    nn.fit(model, (rng.normal(size=(40, 3)), rng.integers(0, 2, 40)), epochs=25, batch_size=20, rng=0)
    return before, model.state_dict()


def half(shape, rng, dtype):
    return np.full(shape, 0.5)


@pytest.mark.parametrize("activation", [nn.Sigmoid, nn.Tanh, nn.ReLU])
def test_c4_equal_units_stay_equal_and_different_ones_learn_different_things(activation):
    before, after = trained(half, activation)
    for layer in ("0.weight", "2.weight"):
        assert np.abs(after[layer] - before[layer]).max() > 1e-4  # they learn,
        np.testing.assert_allclose(
            after[layer], after[layer][[0] * 4], rtol=0, atol=1e-12
        )  # all four the same
    _, after = trained("small_normal", activation)
    assert np.ptp(after["0.weight"], axis=0).max() > 1e-3


def test_c4_zero_weights_learn_nothing_where_g_of_0_is_0():
    for activation in (nn.Tanh, nn.ReLU):
        _, after = trained("zeros", activation)
        assert [name for name, array in after.items() if np.any(array)] == ["4.bias"]


def layers(start, activation):
    """Statistics of the activations and gradients of six hidden layers of 100 units."""
    rng = np.random.default_rng(0)
    model = init.apply_init(nn.MLP([100] * 7 + [10], activation, rng=0), start, rng=0)
    return nn.activation_statistics(model, rng.normal(size=(200, 100)), rng.integers(0, 10, 200))


@pytest.mark.parametrize(
    ("start", "activation", "spread", "saturated", "first_over_last_gradient"),
    # the spread of A in the sixth layer, the share of places that are flat, and how the gradient comes back
    [
        ("zeros", nn.Tanh, (0, 0), (0, 0), None),
        ("small_normal", nn.Tanh, (5e-7, 2e-6), (0, 0), (0, 1e-4)),  # 0.01: signal and gradient die out
        ("normal", nn.Tanh, (0.9, 1), (0.75, 1), (10, np.inf)),  # 1.0: at the ends, and gradients explode
        ("xavier_normal", nn.Tanh, (0.25, 0.7), (0, 0.05), (0.2, 5)),  # Xavier: alive
        ("normal", nn.Sigmoid, (0.3, 0.5), (0.5, 1), None),
        ("normal", nn.ReLU, (1e4, np.inf), (0.4, 0.6), None),  # large, and no flatter than with He:
        ("he_normal", nn.ReLU, (0.9, 1.6), (0.4, 0.6), (0.5, 2)),
    ],
)  # fmt: skip
def test_c4_activations_and_gradients_per_layer(
    start, activation, spread, saturated, first_over_last_gradient
):
    found = layers(start, activation)
    assert len(found) == 6
    assert spread[0] <= found[-1].std <= spread[1]
    assert all(saturated[0] <= s.saturated <= saturated[1] for s in found)
    if first_over_last_gradient is not None:
        least, most = first_over_last_gradient
        assert least < found[0].gradient / found[-1].gradient < most


def test_c5_two_and_three_layer_networks_and_3_4_4_1_in_a_few_lines():
    """s = W2 max(0, W1 x) and s = W3 max(0, W2 max(0, W1 x)), x a column."""
    x = np.random.default_rng(0).normal(size=(3, 6))
    W1, W2, W3 = (
        np.random.default_rng(i).normal(size=shape) for i, shape in enumerate(((4, 3), (4, 4), (1, 4)))
    )
    three = nn.MLP([3, 4, 4, 1], init="zeros", rng=0)
    for layer, W in zip(three[::2], (W1, W2, W3)):
        layer.weight.data = W
    np.testing.assert_allclose(three(x.T).data.T, W3 @ np.maximum(0, W2 @ np.maximum(0, W1 @ x)), rtol=1e-12)
    two = nn.MLP([3, 4, 4], init="zeros", rng=0)
    two[0].weight.data, two[2].weight.data = W1, W2
    np.testing.assert_allclose(two(x.T).data.T, W2 @ np.maximum(0, W1 @ x), rtol=1e-12)
    assert (nn.summary(two, 3).layers, nn.summary(three, 3).layers) == (2, 3)
