"""The course, row by row: computational graphs (A5, A7) and logistic regression (B2 to B5).

Each test holds the number or property of one row of the curriculum; where it is looked at from more sides:

    A1, A4     tests/autograd/test_course.py
    A5, B2     tests/nn/test_losses.py
    A7         tests/nn/test_layers.py, tests/parity/test_nn_layers.py
    B3         tests/nn/test_losses.py, tests/nn/test_module.py
    B4         the time: python -m benchmarks --only "dot product"
    C          tests/nn/test_curriculum_c.py
    D          tests/nn/test_curriculum_d.py
    E, F       tests/nn/test_curriculum_ef.py
"""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import ShapeError, Tensor, Value, gradients, hessian, sigmoid, topological_order


def operations(root):
    """The names of the operations of a graph."""
    return [node.op.name for node in topological_order(root) if node.op is not None]


# --- A: computational graphs


def test_a5_linear_classifier_with_hinge_loss_and_price_on_weights():
    """f = Wx = (3, 3, -1), class 0 is right: max(0, 3 - 3 + 1) + max(0, -1 - 3 + 1) = 1, and R(W) = 0.1 * 11."""
    W, x = Tensor([[1.0, 2.0], [2.0, 1.0], [-1.0, 0.0]], name="W"), np.array([[1.0, 1.0]])
    f = x @ W.T
    data = nn.HingeLoss()(f, [0])
    price = nn.l2_penalty(W, 0.2, 1)  # lambda / (2m) * sum of squares
    total = data + price
    assert f.data.tolist() == [[3.0, 3.0, -1.0]]
    assert data.item() == 1.0
    assert price.item() == pytest.approx(1.1, rel=1e-15)
    assert total.item() == pytest.approx(2.1, rel=1e-15)
    total.backward()
    wrong, right = np.outer([-1.0, 1.0, 0.0], x), 0.2 * W.data  # through the scores, and through R
    np.testing.assert_allclose(W.grad, wrong + right, rtol=1e-15)
    assert (
        operations(total)[-1] == "add"
    )  # both branches meet in the last gate, W has two edges into the graph
    assert sum(parent is W for node in topological_order(total) for parent in node.parents) == 2


def test_a7_layers_are_blocks_with_init_forward_and_backward():
    """Going back block by block, from its cache and the upstream gradient, gives the gradients of the whole."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(7, 4)), rng.integers(0, 3, 7)
    model = nn.Sequential(
        nn.Linear(4, 6, rng=0), nn.BatchNorm1d(6), nn.Tanh(), nn.Residual(nn.Linear(6, 6, rng=1)),
        nn.Maxout(6, 5, rng=2), nn.PReLU(), nn.Linear(5, 3, rng=3),
    )  # fmt: skip
    loss = nn.CrossEntropyLoss()
    loss(model(X), y).backward()

    cache, a = [], X
    for block in model:  # forward: each keeps its input and its output
        inputs = Tensor(a)
        output = block(inputs)
        cache.append((inputs, output))
        a = output.data
    scores = Tensor(a)
    upstream = gradients(loss(scores, y), scores)
    for block, (inputs, output) in zip(reversed(model), reversed(cache)):
        parameters = list(block.parameters())
        upstream, *found = gradients(output, [inputs, *parameters], upstream=upstream)
        for p, g in zip(parameters, found):
            np.testing.assert_allclose(g, p.grad, rtol=1e-12, atol=1e-15)
    assert upstream.shape == X.shape


# --- B: logistic regression

POINTS, LABELS = np.array([-2.0, -1.0, 0.5, 1.0, 3.0]), np.array([0.0, 0.0, 1.0, 0.0, 1.0])


def test_b2_cross_entropy_is_convex_in_w_and_squared_error_is_not():
    """The curvature over w and b together: its least eigenvalue is never below 0, or it is somewhere."""

    def least(loss, w, b):
        bend = hessian(lambda p: loss(p[0] * POINTS + p[1], LABELS))(np.array([w, b]))
        return np.linalg.eigvalsh(bend)[0]

    places = [(w, b) for w in np.linspace(-6, 6, 13) for b in np.linspace(-3, 3, 7)]
    convex = [least(nn.BCEWithLogitsLoss(), w, b) for w, b in places]
    bent = [least(lambda z, y: nn.MSELoss()(sigmoid(z), y), w, b) for w, b in places]
    assert min(convex) > -1e-15
    assert min(bent) < -0.1


def test_b2_the_loss_is_stable_from_scores_of_a_thousand():
    z = Tensor([1000.0, 1000.0, -1000.0, -1000.0])
    loss = nn.BCEWithLogitsLoss(reduction="none")(z, [1.0, 0.0, 1.0, 0.0])
    loss.sum().backward()
    np.testing.assert_array_equal(loss.data, [0.0, 1000.0, 1000.0, 0.0])
    np.testing.assert_array_equal(z.grad, [0.0, 1.0, -1.0, 0.0])  # y_hat - y
    near = np.linspace(-5, 5, 11)
    for y in (np.zeros(11), np.ones(11)):
        y_hat = 1 / (1 + np.exp(-near))
        by_hand = -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))
        np.testing.assert_allclose(nn.BCEWithLogitsLoss(reduction="none")(near, y), by_hand, rtol=1e-12)
        np.testing.assert_allclose(nn.BCELoss(reduction="none")(y_hat, y), by_hand, rtol=1e-12)


def test_b3_the_cost_and_its_gradients_are_means_over_the_samples_and_descent_lowers_it():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    y = (X @ [[2.0], [-1.0], [0.5]] + 0.5 * rng.normal(size=(40, 1)) > 0).astype(float)
    model, loss = nn.Linear(3, 1, rng=0), nn.BCEWithLogitsLoss()

    def cost(rows):
        model.zero_grad()
        value = loss(model(X[rows]), y[rows])
        value.backward()
        return value.item(), model.weight.grad.copy(), model.bias.grad.copy()

    whole, one_by_one = cost(slice(None)), [cost(slice(i, i + 1)) for i in range(40)]
    for all_at_once, single in zip(whole, zip(*one_by_one)):
        np.testing.assert_allclose(all_at_once, np.mean(single, axis=0), rtol=1e-12)
    y_hat = 1 / (1 + np.exp(-(X @ model.weight.data.T + model.bias.data)))
    np.testing.assert_allclose(whole[1], (y_hat - y).T @ X / 40, rtol=1e-12)
    np.testing.assert_allclose(whole[2], [np.mean(y_hat - y)], rtol=1e-12)

    costs = []
    for _ in range(100):
        value, dw, db = cost(slice(None))
        costs.append(value)
        model.weight.data, model.bias.data = model.weight.data - 0.5 * dw, model.bias.data - 0.5 * db
    assert np.all(np.diff(costs) < 0)
    assert costs[-1] < 0.5 * costs[0]


@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_b4_a_loop_over_n_elements_is_2n_minus_1_operations_and_the_vectorised_one(n):
    """The same number and the same gradients: dw = x, dx = w. What it saves in time: benchmarks, "dot product"."""
    rng = np.random.default_rng(0)
    w, x = rng.normal(size=n), rng.normal(size=n)
    ws, xs = [Value(a) for a in w], [Value(a) for a in x]
    total = ws[0] * xs[0]
    for a, b in zip(ws[1:], xs[1:]):
        total = total + a * b
    total.backward()
    W, X = Tensor(w), Tensor(x)
    dot = W @ X
    dot.backward()
    assert len(operations(total)) == 2 * n - 1
    assert operations(dot) == ["matmul"]
    assert dot.item() == pytest.approx(total.data, rel=1e-13)
    np.testing.assert_array_equal(W.grad, x)
    np.testing.assert_array_equal(X.grad, w)
    assert [v.grad for v in ws] == x.tolist()
    assert [v.grad for v in xs] == w.tolist()


def test_b5_the_gradient_of_what_was_stretched_is_the_sum_over_the_stretched_axis():
    rng = np.random.default_rng(0)
    W, b, column, g = (
        rng.normal(size=(5, 3)),
        rng.normal(size=3),
        rng.normal(size=(5, 1)),
        rng.normal(size=(5, 3)),
    )
    W, b, column, one = (Tensor(a) for a in (W, b, column, 2.0))
    ((W + b) * column * one).backward(g)
    np.testing.assert_allclose(b.grad, (g * column.data * 2).sum(axis=0), rtol=1e-13)
    np.testing.assert_allclose(
        column.grad, ((W.data + b.data) * g * 2).sum(axis=1, keepdims=True), rtol=1e-13
    )
    np.testing.assert_allclose(one.grad, ((W.data + b.data) * column.data * g).sum(), rtol=1e-13)
    assert [a.grad.shape for a in (W, b, column)] == [(5, 3), (3,), (5, 1)]


def test_b5_star_is_not_dot_and_errors_say_which_was_meant():
    a, b = Tensor(np.arange(4.0).reshape(2, 2)), Tensor(np.ones((2, 2)))
    assert (a * b).data.tolist() == [[0, 1], [2, 3]]
    assert (a @ b).data.tolist() == [[1, 1], [5, 5]]
    row, column = Tensor([[1.0, 2.0, 3.0]]), Tensor([[1.0], [10.0]])
    assert (column * row).shape == (2, 3)  # where one writes * for a dot product, every pair is multiplied
    with pytest.raises(
        ShapeError, match=r"multiply of shapes \(2, 3\) and \(3, 2\).*For a matrix product write @"
    ):
        Tensor(np.ones((2, 3))) * Tensor(np.ones((3, 2)))
    with pytest.raises(
        ShapeError, match=r"matmul of shapes \(2, 3\) and \(2, 3\).*elementwise product write \*"
    ):
        Tensor(np.ones((2, 3))) @ Tensor(np.ones((2, 3)))
