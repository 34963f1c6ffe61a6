"""Programs as in the examples of HIPS autograd: networks whose parameters are nested lists of arrays."""

from __future__ import annotations

from itertools import pairwise

import pytest

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad, jacobian, logsumexp, multigrad_dict
from autograd.misc import flatten


def init_random_params(scale, layer_sizes, rs):
    """A list of (weights, biases) tuples, one for each layer."""
    return [(scale * rs.randn(m, n), scale * rs.randn(n)) for m, n in pairwise(layer_sizes)]


def predict(params, inputs):
    for W, b in params:
        outputs = np.dot(inputs, W) + b
        inputs = np.tanh(outputs)
    return outputs - logsumexp(outputs, axis=1, keepdims=True)


def l2_norm(params):
    flattened, _ = flatten(params)
    return np.dot(flattened, flattened)


def accuracy(params, inputs, targets):
    return np.mean(np.argmax(predict(params, inputs), axis=1) == np.argmax(targets, axis=1))


def adam(gradient, params, num_iters, step_size=0.01, b1=0.9, b2=0.999, eps=1e-8):
    """Adam (Kingma and Ba, 2014) on parameters of any structure, through their vector."""
    x, unflatten = flatten(params)
    m, v = np.zeros(len(x)), np.zeros(len(x))
    for i in range(num_iters):
        g, _ = flatten(gradient(unflatten(x), i))
        m = (1 - b1) * g + b1 * m
        v = (1 - b2) * g**2 + b2 * v
        x = x - step_size * (m / (1 - b1 ** (i + 1))) / (np.sqrt(v / (1 - b2 ** (i + 1))) + eps)
    return unflatten(x)


def test_a_network_learns_digits():
    datasets = pytest.importorskip("sklearn.datasets")
    images, labels = datasets.load_digits(return_X_y=True)
    images, targets = images / 16, np.eye(10)[labels]
    train, test = slice(0, 1400), slice(1400, None)
    params = init_random_params(0.1, [64, 50, 10], npr.RandomState(0))
    batch_size, num_batches = 100, 14

    def objective(params, i):
        batch = slice((i % num_batches) * batch_size, (i % num_batches + 1) * batch_size)
        log_prob = np.sum(predict(params, images[batch]) * targets[batch])
        return 0.5 * l2_norm(params) * 1e-3 - log_prob / batch_size

    assert accuracy(params, images[test], targets[test]) < 0.3
    trained = adam(grad(objective), params, num_iters=10 * num_batches)
    assert accuracy(trained, images[train], targets[train]) > 0.97
    assert accuracy(trained, images[test], targets[test]) > 0.9


def test_the_gradient_is_a_list_of_tuples_and_agrees_with_differences():
    rs = npr.RandomState(0)
    params, inputs = init_random_params(1.0, [3, 4, 2], rs), rs.randn(5, 3)

    def objective(params):
        return -np.mean(predict(params, inputs)[:, 0]) + 0.1 * l2_norm(params)

    gradient = grad(objective)(params)
    assert [type(layer) for layer in gradient] == [tuple, tuple]
    vector, unflatten = flatten(params)
    direction = rs.randn(len(vector))
    h = 1e-6
    slope = (objective(unflatten(vector + h * direction)) - objective(unflatten(vector - h * direction))) / (
        2 * h
    )
    assert np.dot(flatten(gradient)[0], direction) == pytest.approx(slope, rel=1e-7)


def test_regression_with_a_network():
    rs = npr.RandomState(0)
    x = np.linspace(-3, 3, 60)[:, None]
    y = np.cos(2 * x) * np.exp(-(x**2) / 8) + 0.05 * rs.randn(60, 1)

    def network(params, inputs):
        for W, b in params[:-1]:
            inputs = np.exp(-((np.dot(inputs, W) + b) ** 2))  # a bump for each unit
        W, b = params[-1]
        return np.dot(inputs, W) + b

    def objective(params, i):
        return np.mean((network(params, x) - y) ** 2) + 1e-5 * l2_norm(params)

    params = init_random_params(1.0, [1, 12, 1], rs)
    trained = adam(grad(objective), params, num_iters=400, step_size=0.03)
    assert objective(trained, 0) < 0.02 < 0.5 * objective(params, 0)


def test_a_recurrent_network_learns_a_period():
    """Predict the next of a repeated sequence of symbols; the loop over time is Python's."""
    rs = npr.RandomState(1)
    symbols = np.eye(4)[np.array([0, 1, 2, 1, 3, 0, 1, 2, 1, 3, 0, 1, 2, 1, 3])]
    params = {
        "hidden": 0.5 * rs.randn(8),
        "change": 0.5 * rs.randn(8 + 4 + 1, 8),
        "predict": 0.5 * rs.randn(8 + 1, 4),
    }

    def log_likelihood(params):
        hidden, total = params["hidden"], 0.0
        for now, later in pairwise(symbols):
            hidden = np.tanh(np.dot(np.concatenate([hidden, now, np.ones(1)]), params["change"]))
            outputs = np.dot(np.concatenate([hidden, np.ones(1)]), params["predict"])
            total = total + np.dot(outputs - logsumexp(outputs), later)
        return total / (len(symbols) - 1)

    start = log_likelihood(params)
    trained = adam(grad(lambda p, i: -log_likelihood(p)), params, num_iters=200, step_size=0.05)
    assert log_likelihood(trained) > -0.05 > start


def test_gradients_by_parameter_names():
    def loss(weights, bias, scale=2.0):
        return scale * np.sum((weights + bias) ** 2)

    g = multigrad_dict(loss)(np.array([1.0, 2.0]), 0.5)
    np.testing.assert_allclose(g["weights"], [6.0, 10.0])
    assert g["bias"] == pytest.approx(16.0)
    assert g["scale"] == pytest.approx(8.5)


def test_a_step_of_optimisation_is_itself_differentiable():
    """The derivative of the loss after ten steps of gradient descent, with respect to the step size."""
    rs = npr.RandomState(2)
    inputs, targets = rs.randn(20, 3), rs.randn(20)

    def loss(w):
        return np.mean((np.dot(inputs, w) - targets) ** 2)

    def after_training(log_step):
        w = np.zeros(3)
        for _ in range(10):
            w = w - np.exp(log_step) * grad(loss)(w)
        return loss(w)

    h = 1e-5
    slope = (after_training(-3.0 + h) - after_training(-3.0 - h)) / (2 * h)
    assert grad(after_training)(-3.0) == pytest.approx(slope, rel=1e-7)


def test_sensitivity_of_every_output_to_every_input():
    params = init_random_params(1.0, [3, 4, 2], npr.RandomState(3))
    x = np.array([0.1, -0.4, 0.7])
    J = jacobian(lambda x: np.exp(predict(params, x[None])[0]))(x)
    assert J.shape == (2, 3)
    np.testing.assert_allclose(np.sum(J, axis=0), 0.0, atol=1e-15)  # probabilities sum to 1
