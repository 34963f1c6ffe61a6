"""Programs as in the tutorial of HIPS autograd: derivatives of tanh and of a series, a logistic regression by hand.

The programs of this folder were written against `autograd.numpy` and the functions that HIPS autograd has too, and use
nothing else of this library.
"""

from __future__ import annotations

import math

import pytest

import autograd.numpy as np
from autograd import elementwise_grad as egrad
from autograd import grad, hessian, jacobian, value_and_grad


def tanh(x):
    y = np.exp(-2.0 * x)
    return (1.0 - y) / (1.0 + y)


def test_tanh_by_hand_and_its_derivatives():
    assert grad(tanh)(1.0) == pytest.approx(1 - math.tanh(1.0) ** 2)
    assert grad(tanh)(1.0) == pytest.approx((tanh(1.0001) - tanh(0.9999)) / 0.0002, rel=1e-7)
    y = math.tanh(0.7)
    towers = [
        y,
        1 - y**2,
        -2 * y * (1 - y**2),
        (1 - y**2) * (6 * y**2 - 2),
        8 * y * (1 - y**2) * (2 - 3 * y**2),
    ]
    f = tanh
    for exact in towers:
        assert f(0.7) == pytest.approx(exact, rel=1e-10)
        f = grad(f)


def test_six_derivatives_of_an_array_at_once():
    x = np.linspace(-3, 3, 50)
    f, exact = np.sin, [np.sin(x), np.cos(x), -np.sin(x), -np.cos(x)]
    for order in range(7):
        np.testing.assert_allclose(f(x), exact[order % 4], atol=1e-12)
        f = egrad(f)


def taylor_sine(x):
    """A while loop whose length depends on the number."""
    total = term = x
    i = 0
    while np.abs(term) > 1e-12:
        term = -term * x * x / ((2 * i + 3) * (2 * i + 2))
        total = total + term
        i += 1
    return total


@pytest.mark.parametrize("x", [-2.0, 0.3, 3.0])
def test_derivatives_go_through_loops(x):
    assert taylor_sine(x) == pytest.approx(math.sin(x))
    assert grad(taylor_sine)(x) == pytest.approx(math.cos(x))
    assert grad(grad(taylor_sine))(x) == pytest.approx(-math.sin(x), abs=1e-9)


def test_a_taylor_series_from_successive_derivatives():
    """The coefficients f^(n)(0) / n! of tanh: 1, -1/3, 2/15, -17/315 for the odd powers."""
    f, coefficients = tanh, []
    for n in range(8):
        coefficients.append(float(f(0.0)) / math.factorial(n))
        f = grad(f)
    np.testing.assert_allclose(coefficients, [0, 1, 0, -1 / 3, 0, 2 / 15, 0, -17 / 315], atol=1e-12)


def test_control_flow_and_indexing():
    def f(x):
        total = 0.0
        for i in range(len(x)):
            total = total + (x[i] ** 2 if x[i] > 0 else np.sin(x[i]))
        return total

    x = np.array([2.0, -1.0, 0.5])
    np.testing.assert_allclose(grad(f)(x), [4.0, math.cos(-1.0), 1.0])


def test_arrays_made_of_nodes():
    def rotate(angle):
        c, s = np.cos(angle), np.sin(angle)
        return np.dot(np.array([[c, -s], [s, c]]), np.array([1.0, 2.0]))

    angle = 0.4
    c, s = math.cos(angle), math.sin(angle)
    np.testing.assert_allclose(jacobian(rotate)(angle), [-s - 2 * c, c - 2 * s])


INPUTS = np.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30], [0.74, -2.49, 1.39]])
TARGETS = np.array([True, True, False, True])


def logistic_predictions(weights, inputs):
    return 0.5 * (np.tanh(np.dot(inputs, weights) / 2) + 1)


def training_loss(weights):
    p = logistic_predictions(weights, INPUTS)
    return -np.sum(np.log(p * TARGETS + (1 - p) * (1 - TARGETS)))


def test_logistic_regression():
    gradient = grad(training_loss)
    weights = np.zeros(3)
    exact = np.dot(INPUTS.T, logistic_predictions(weights, INPUTS) - TARGETS)
    np.testing.assert_allclose(gradient(weights), exact, rtol=1e-12)
    losses = []
    for _ in range(200):
        weights -= gradient(weights) * 0.1
        losses.append(training_loss(weights))
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.2
    np.testing.assert_array_equal(logistic_predictions(weights, INPUTS) > 0.5, TARGETS)


def test_newtons_method_takes_the_regularised_loss_to_its_minimum():
    def loss(weights):
        return training_loss(weights) + 0.05 * np.sum(weights**2)

    weights = np.zeros(3)
    for _ in range(12):
        weights = weights - np.linalg.solve(hessian(loss)(weights), grad(loss)(weights))
    value, gradient = value_and_grad(loss)(weights)
    assert np.max(np.abs(gradient)) < 1e-12
    assert value < training_loss(np.zeros(3))
