"""The course, row by row: deep L-layer networks (D1 to D5, D7, D9).

Each test holds the number or property of one row of the curriculum; where it is looked at from more sides:

    D1, D2, D3     tests/nn/test_overview.py
    D7, D9         tests/nn/test_circuits.py; the table: examples/depth_width.py

In the notes samples are columns, Z = W A_prev + b; here they are rows, Z = A_prev @ W.T + b. W is the same in both.
"""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import ShapeError, gradients
from nn.circuits import XorTree, XorUnit, XorWide, Zigzag, all_inputs, depth_against_width, pieces

INPUTS, UNITS = 4, [5, 5, 3, 1]  # the 4-layer network of the notes, and how many numbers go in
SIZES = [INPUTS, *UNITS]


def network():
    return nn.MLP(SIZES, nn.Tanh, output="sigmoid", rng=0)


def problem(m):
    X = np.random.default_rng(0).normal(size=(INPUTS, m))
    return X, (X.sum(axis=0, keepdims=True) > 0).astype(float)


# --- the notes' building blocks, by hand, samples as columns


def sigma(z):
    return 1 / (1 + np.exp(-z))


G = {1: np.tanh, 2: np.tanh, 3: np.tanh, 4: sigma}
SLOPE = {1: lambda a: 1 - a * a, 2: lambda a: 1 - a * a, 3: lambda a: 1 - a * a, 4: lambda a: a * (1 - a)}


def initialise(model):
    """The weights of a network, by layer: W (n[l], n[l-1]) and b (n[l], 1)."""
    linear = [layer for layer in model if isinstance(layer, nn.Linear)]
    return {l: (layer.weight.numpy(), layer.bias.numpy()[:, None]) for l, layer in enumerate(linear, 1)}


def forward(parameters, X):
    """A of the last layer, and of each layer the cache (A_prev, A)."""
    A, caches = X, {}
    for l, (W, b) in parameters.items():
        Z = W @ A + b
        caches[l] = (A, G[l](Z))
        A = caches[l][1]
    return A, caches


def cost(A, Y):
    return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))


def backward(parameters, caches, Y):
    """dW and db of each layer, and dX."""
    A = caches[len(parameters)][1]
    m, dA, found = Y.shape[1], (1 - Y) / (1 - A) - Y / A, {}
    for l in reversed(parameters):
        A_prev, A = caches[l]
        dZ = dA * SLOPE[l](A)
        found[l] = (dZ @ A_prev.T / m, dZ.sum(axis=1, keepdims=True) / m)
        dA = parameters[l][0].T @ dZ
    return found, dA


def update(parameters, found, alpha):
    return {l: (W - alpha * found[l][0], b - alpha * found[l][1]) for l, (W, b) in parameters.items()}


# --- the rows


def test_d1_logistic_regression_is_a_1_layer_network():
    one = nn.summary(nn.MLP([3, 1], output="sigmoid", rng=0), 3)
    assert one.layers == 1
    assert "a 1-layer network, no hidden layer" in str(one)
    four = nn.summary(network(), INPUTS)
    assert four.layers == 4
    assert "a 4-layer network, 3 hidden layers and the output layer" in str(four)


@pytest.mark.parametrize("m", [1, 6])
def test_d2_forward_through_the_4_layer_network_for_one_sample_and_for_m(m):
    model, (X, _) = network(), problem(m)
    A, _ = forward(initialise(model), X)
    assert A.shape == (1, m)
    np.testing.assert_allclose(model(X.T).data.T, A, rtol=1e-13)


def test_d3_dimensions_of_w_b_z_a_and_their_gradients():
    model, (X, _) = network(), problem(6)
    table = nn.summary(model, INPUTS, 6)
    for row, before, after in zip(table.rows, SIZES, UNITS):
        assert (row.W, row.b, row.Z, row.A) == ((after, before), (after,), (6, after), (6, after))
    assert table.parameters == sum(n * (before + 1) for before, n in zip(SIZES, UNITS)) == 77
    model(X.T).sum().backward()
    for p in model.parameters():
        assert p.grad.shape == p.shape
    wrong = nn.Sequential(nn.Linear(4, 5, rng=0), nn.Tanh(), nn.Linear(3, 1, rng=0))
    with pytest.raises(ShapeError, match=r"layer '2', Linear\(in_features=3.*input of shape \(6, 5\)"):
        wrong(X.T)


def test_d4_the_backward_formulas_by_hand_are_the_engines_gradients():
    """dZ = dA * g'(Z), dW = dZ A_prev.T / m, db = sum(dZ) / m, dA_prev = W.T dZ: to 1e-12."""
    model, (X, Y) = network(), problem(6)
    parameters = initialise(model)
    A, caches = forward(parameters, X)
    found, dX = backward(parameters, caches, Y)
    inputs = nn.Parameter(X.T)
    loss = nn.BCELoss()(model(inputs), Y.T)
    grads = gradients(loss, [inputs, *model.parameters()])
    assert loss.item() == pytest.approx(cost(A, Y), rel=1e-13)
    by_hand = [dX.T / 6, *(g for l in parameters for g in (found[l][0], found[l][1][:, 0]))]
    assert len(grads) == 9
    for g, expected in zip(grads, by_hand):
        np.testing.assert_allclose(g, expected, rtol=1e-12, atol=1e-14)
    assert max(np.abs(g).max() for g in grads) > 0.05


def test_d5_initialise_forward_cost_backward_update_is_what_an_optimiser_does():
    model, (X, Y) = network(), problem(30)
    parameters, loss = initialise(model), nn.BCELoss()
    optimiser = nn.SGD(model.parameters(), lr=0.5)
    costs = []
    for _ in range(100):
        A, caches = forward(parameters, X)
        costs.append(cost(A, Y))
        found, _ = backward(parameters, caches, Y)
        parameters = update(parameters, found, alpha=0.5)
        optimiser.zero_grad()
        value = loss(model(X.T), Y.T)
        assert value.item() == pytest.approx(costs[-1], rel=1e-11)
        value.backward()
        optimiser.step()
    assert costs[-1] < 0.5 * costs[0]
    for l, (W, b) in initialise(model).items():
        np.testing.assert_allclose(W, parameters[l][0], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(b, parameters[l][1], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("n", range(2, 11))
def test_d7_xor_of_n_inputs_by_n_minus_1_units_in_a_tree_or_2_to_the_n_minus_1_in_one_layer(n):
    x = all_inputs(n)
    odd = x.sum(axis=1) % 2
    assert len(np.unique(x, axis=0)) == 2**n
    tree, wide = XorTree(n), XorWide(n)
    np.testing.assert_array_equal(tree(x).data[:, 0], odd)
    np.testing.assert_array_equal(wide(x).data[:, 0], odd)
    assert sum(isinstance(part, XorUnit) for part in tree.modules()) == n - 1
    assert tree.depth == int(np.ceil(np.log2(n)))
    assert len(wide[0].weight.data) == 2 ** (n - 1)
    firing = [(wide[0](x[i : i + 1]).relu().data > 0).sum() for i in range(0, 2**n, max(1, 2**n // 16))]
    assert set(firing) <= {0, 1}  # each hidden unit knows one pattern, so that none can be left out


def test_d9_depth_against_width_at_the_same_number_of_parameters():
    """A line folded 10 times by 10 layers of two units has 1024 pieces; one layer of as many parameters, 26 at most."""
    deep = Zigzag(10)
    count = sum(p.size for p in deep.parameters())
    (wide,) = depth_against_width(count, [1])
    assert count - 3 < wide.parameters <= count
    assert pieces(deep) == 2**10
    assert wide.most_pieces < 30


def test_d9_trained_networks_of_equal_size_and_what_they_reach():
    """Two rows of the table that examples/depth_width.py prints: three spirals, 1000 parameters."""
    from examples.depth_width import DEPTHS, accuracies

    table = depth_against_width(1000, DEPTHS, inputs=2, outputs=3)
    assert all(900 < row.parameters <= 1000 for row in table)
    shallow, deep = table[0], table[2]
    assert (shallow.depth, deep.depth) == (1, 3)
    for row in (shallow, deep):
        model = nn.MLP([2, *[row.width] * row.depth, 3], rng=0)
        assert sum(p.size for p in model.parameters()) == row.parameters
    assert accuracies(shallow, seed=0)[1] < 0.9 < 0.95 < accuracies(deep, seed=0)[1]
