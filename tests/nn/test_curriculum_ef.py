"""The course, row by row: classification of digits (E1, E3, E4) and making it work (F1 to F4, F9).

Each test holds the number or property of one row of the curriculum; where it is looked at from more sides:

    E1         tests/autograd/test_course.py
    E3         tests/nn/test_recipes.py (97.5 %), tests/nn/test_datasets.py, examples/digits16.py
    E4         tests/nn/test_losses.py
    F1         tests/nn/test_split.py, tests/nn/test_data.py
    F2         tests/nn/test_diagnose.py
    F3, F4     tests/nn/test_regularise.py, tests/nn/test_train.py
    F5         tests/nn/test_callbacks.py (early stopping), test_augment.py, test_transform.py
    F6         tests/parity/test_nn_optim.py
    F9         tests/nn/test_layers.py, tests/parity/test_nn_layers.py
"""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import Tensor, gradients, softmax
from nn import init

# --- E: classification of digits

FEED_FORWARD = [
    ([[1, -2], [-1, 1]], [1, 0]),
    ([[2, -1], [-2, -1]], [0, 0]),
    ([[3, -1], [-1, 4]], [-2, 2]),
]


@pytest.mark.parametrize(
    ("x", "numbers"),
    [
        ([1, -1], [[0.98, 0.12], [0.86, 0.11], [0.62, 0.83]]),
        ([0, 0], [[0.73, 0.5], [0.72, 0.12], [0.51, 0.85]]),
    ],
)
def test_e1_feed_forward_through_three_layers_of_sigmoids(x, numbers):
    model = nn.MLP([2, 2, 2, 2], nn.Sigmoid, output="sigmoid", rng=0)
    for layer, (W, b) in zip(model[::2], FEED_FORWARD):
        layer.weight.data, layer.bias.data = W, b
    found = [s.values[0].round(2).tolist() for s in nn.activation_statistics(model, np.array([x]) * 1.0)]
    assert found == numbers
    assert model(np.array([x])).data.round(2).tolist() == [numbers[-1]]


def test_e3_digits_of_16_x_16_pixels_ink_or_no_ink_arg_max_of_ten_outputs():
    pytest.importorskip("sklearn")
    X, y = nn.load_digits_16x16()
    assert X.shape == (1797, 256)
    assert set(np.unique(X)) == {0.0, 1.0}
    assert set(y.tolist()) == set(range(10))
    train, _, (X_test, y_test) = nn.train_dev_test_split(X, y, dev=0.0, test=0.2, rng=0)
    model = nn.MLP([256, 64, 10], rng=0)
    nn.fit(model, train, epochs=15, rng=0)
    answers = model(X_test).data.argmax(axis=1)
    assert np.mean(answers == y_test) > 0.95  # the promised 97.5 % takes some seconds: test_recipes.py
    np.testing.assert_array_equal(nn.predict(model, X_test), answers)


def test_e4_squared_error_is_flat_far_from_the_minimum_and_cross_entropy_is_not():
    """The slopes of both along one path of the weights, W = t * V: from all wrong, t = -20, to all right, t = 20."""
    X, y = nn.datasets.blobs(90, 3, noise=0.3, rng=0)
    hot = np.eye(3)[y]
    V = hot.T @ X / len(X)  # points from the middle to each class
    V *= 3 / np.abs(V).max()
    path = np.linspace(-20, 20, 81)

    def slopes(loss):
        found = []
        for number in path:
            t = Tensor(number)
            found.append(float(gradients(loss(X @ (t * V).T), t)))
        return np.array(found)

    steep = slopes(lambda scores: nn.CrossEntropyLoss()(scores, y))
    flat = slopes(lambda scores: nn.MSELoss()(softmax(scores), hot))
    assert np.all(steep < 1e-12)  # both point to the minimum all the way
    assert np.all(flat < 1e-12)
    assert np.all(np.diff(steep) > -1e-12)  # cross-entropy pulls the harder, the further away it is,
    assert steep[0] == steep.min() < -1
    assert abs(flat[0]) < 1e-3 * abs(flat).max()  # and squared error lets go
    assert abs(path[np.argmax(abs(flat))]) < 3
    assert max(abs(steep[-1]), abs(flat[-1])) < 1e-3  # at the minimum both rest


# --- F: making it work


def test_f1_train_dev_test_is_seeded_stratified_and_nothing_leaks():
    n, share = 1000, np.array([0.5, 0.3, 0.15, 0.05])
    y = np.repeat(np.arange(4), (n * share).astype(int))
    X = np.random.default_rng(0).normal(5.0, 2.0, size=(n, 3))
    rows = np.arange(n)
    parts = nn.train_dev_test_split(rows, y, dev=0.2, test=0.2, rng=7)
    again = nn.train_dev_test_split(rows, y, dev=0.2, test=0.2, rng=7)
    other = nn.train_dev_test_split(rows, y, dev=0.2, test=0.2, rng=8)
    for (part, labels), (same, _), (different, _), size in zip(parts, again, other, (600, 200, 200)):
        assert len(part) == size
        np.testing.assert_array_equal(part, same)
        assert not np.array_equal(part, different)
        np.testing.assert_array_equal(labels, y[part])
        np.testing.assert_array_equal(np.bincount(labels), size * share)
    assert sorted(np.concatenate([part for part, _ in parts])) == list(range(n))  # each row in one part
    train, _, test = (X[part] for part, _ in parts)
    scale = nn.Standardiser(train)  # the scale, too, is that of the training set alone
    np.testing.assert_allclose(scale(train).mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scale(test), (test - train.mean(axis=0)) / train.std(axis=0), rtol=1e-12)


def rings(n, seed):
    """Two classes, one around the other."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    angle, radius = rng.uniform(0, 2 * np.pi, n), np.where(y == 1, 2.0, 0.7) + 0.1 * rng.normal(size=n)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), y


def test_f2_bias_and_variance_are_read_off_the_history_in_words():
    rng = np.random.default_rng(0)
    wide, wide_dev = ((X, (X[:, 0] > 0).astype(int)) for X in (rng.normal(size=(n, 20)) for n in (40, 200)))
    cases = [
        (nn.Linear(2, 2, rng=0), rings(300, 0), rings(300, 1), "high bias", "bigger network"),
        (nn.MLP([20, 64, 2], rng=0), wide, wide_dev, "high variance", "dropout"),
        (nn.MLP([2, 16, 2], rng=0), rings(300, 0), rings(300, 1), "fine", "the test set, once"),
    ]
    for model, train, dev, verdict, advice in cases:
        history = nn.fit(model, train, epochs=40, batch_size=8, validation=dev, rng=0)
        found = nn.diagnose(history)
        assert found.bias == pytest.approx(1 - history.accuracy[-1])
        assert found.variance == pytest.approx(history.accuracy[-1] - history.val_accuracy[-1])
        assert found.verdict.startswith(verdict)
        assert advice in str(found)


M, LAM, ALPHA = 40, 0.7, 0.3  # samples, lambda, learning rate


def start():
    rng = np.random.default_rng(0)
    return nn.MLP([5, 6, 3], nn.Tanh, rng=0), (rng.normal(size=(M, 5)), rng.integers(0, 3, M))


def test_f3_l2_multiplies_the_weights_by_1_minus_alpha_lambda_over_m_and_leaves_biases_out():
    (plain, (X, y)), (priced, _) = start(), start()
    loss = nn.CrossEntropyLoss()
    before = plain.state_dict()
    squares = sum((before[name] ** 2).sum() for name in ("0.weight", "2.weight"))
    J = loss(priced(X), y)
    total = J + nn.l2_penalty(priced, LAM, M)
    assert total.item() == pytest.approx(J.item() + LAM / (2 * M) * squares, rel=1e-14)
    total.backward()
    nn.SGD(priced.parameters(), lr=ALPHA).step()
    loss(plain(X), y).backward()
    for name, p in plain.named_parameters():
        factor = 1 - ALPHA * LAM / M if name.endswith("weight") else 1
        expected = factor * before[name] - ALPHA * p.grad
        np.testing.assert_allclose(priced.state_dict()[name], expected, rtol=1e-13, atol=1e-16)


def test_f3_l1_takes_the_same_from_every_weight_and_empties_those_that_say_nothing():
    model, _ = start()
    sizes = sum(np.abs(model[i].weight.data).sum() for i in (0, 2))
    price = nn.l1_penalty(model, LAM, M)
    assert price.item() == pytest.approx(LAM / (2 * M) * sizes, rel=1e-14)
    price.backward()
    assert set(np.abs(model[0].weight.grad).ravel()) == {LAM / (2 * M)}
    assert model[0].bias.grad is None
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 12))
    y = X[:, :1] * 2  # eleven inputs say nothing
    left = {}
    for kind in ("l1", "l2"):
        model = nn.Linear(12, 1, rng=0)
        optimiser = nn.SGD(model.parameters(), lr=0.05)
        nn.fit(
            model,
            nn.DataLoader((X, y), 60),
            epochs=300,
            optimiser=optimiser,
            loss=nn.MSELoss(),
            **{kind: 20.0},
        )
        left[kind] = np.abs(model.weight.data[0, 1:]).max()
    assert left["l1"] < 0.01 < left["l2"]


def test_f3_a_large_lambda_makes_tanh_nearly_linear():
    bend = {}
    for lam in (0.0, 30.0):
        model, (X, y) = start()
        nn.fit(model, (X, y), epochs=60, batch_size=20, l2=lam, rng=0)
        z = model[0](X).data
        bend[lam] = np.abs(np.tanh(z) - z).max()
    assert bend[0.0] > 0.5
    assert bend[30.0] < 0.02


@pytest.mark.parametrize("keep_prob", [0.2, 0.5, 0.8])
def test_f4_inverted_dropout_keeps_the_expectation_and_is_off_at_test_time(keep_prob):
    layer, a = nn.Dropout(1 - keep_prob, rng=0), np.random.default_rng(0).normal(2.0, 1.0, size=50)
    draws = np.array([layer(a) for _ in range(20_000)])
    kept = draws != 0
    assert kept.mean() == pytest.approx(keep_prob, abs=0.005)
    np.testing.assert_allclose(draws[kept], np.broadcast_to(a / keep_prob, draws.shape)[kept], rtol=1e-12)
    spread = np.abs(a) * np.sqrt((1 / keep_prob - 1) / 20_000)  # of the mean of so many draws
    assert np.all(np.abs(draws.mean(axis=0) - a) < 5 * spread)
    np.testing.assert_array_equal(layer.eval()(a), a)
    assert not np.array_equal(layer.train()(a), a)


def test_f4_with_dropout_the_cost_curve_is_no_longer_monotone():
    X, y = rings(100, 0)
    rises = {}
    for dropout in (0.0, 0.5):
        model = nn.MLP([2, 16, 2], dropout=dropout, rng=0)
        optimiser = nn.SGD(model.parameters(), lr=0.1)
        history = nn.fit(model, nn.DataLoader((X, y), 100), epochs=60, optimiser=optimiser)
        rises[dropout] = int(np.sum(np.diff(history.loss) > 0))
        assert history.loss[-1] < history.loss[0]
    assert rises[0.0] == 0
    assert rises[0.5] > 10


GAMMA, BETA = np.array([1.0, 2.0, 0.5, -1.0]), np.array([0.0, 1.0, -1.0, 3.0])
BATCHES = np.random.default_rng(0).normal(3.0, 2.0, size=(5, 8, 4))
UPSTREAM = np.random.default_rng(1).normal(size=(8, 4))


def normalised():
    """A BatchNorm1d after some batches, its gradients, the gradient of the last batch, and what it makes of the first
    at test time."""
    layer = nn.BatchNorm1d(4)
    layer.weight.data, layer.bias.data = GAMMA, BETA
    for batch in BATCHES:
        z = Tensor(batch)
        y = layer(z)
    y.backward(UPSTREAM)
    return y.data, layer.weight.grad, layer.bias.grad, z.grad, layer.eval()(BATCHES[0]).data


def test_f9_batch_norm_normalises_z_then_scales_and_moves_it_and_remembers_for_the_test():
    """z_norm = (z - mean) / sqrt(var + eps), then gamma * z_norm + beta; running statistics in eval mode."""
    mean, var = np.zeros(4), np.ones(4)
    for z in BATCHES:
        z_norm = (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5)
        mean, var = 0.9 * mean + 0.1 * z.mean(axis=0), 0.9 * var + 0.1 * z.var(axis=0, ddof=1)
    y, d_gamma, d_beta, _, at_test_time = normalised()
    np.testing.assert_allclose(y, GAMMA * z_norm + BETA, rtol=1e-11)
    np.testing.assert_allclose(d_gamma, (UPSTREAM * z_norm).sum(axis=0), rtol=1e-11)
    np.testing.assert_allclose(d_beta, UPSTREAM.sum(axis=0), rtol=1e-12)
    expected = GAMMA * (BATCHES[0] - mean) / np.sqrt(var + 1e-5) + BETA
    np.testing.assert_allclose(at_test_time, expected, rtol=1e-11)


def test_f9_batch_norm_is_pytorchs():
    torch = pytest.importorskip("torch")
    layer = torch.nn.BatchNorm1d(4, dtype=torch.float64)
    layer.load_state_dict({"weight": torch.tensor(GAMMA), "bias": torch.tensor(BETA)}, strict=False)
    for batch in BATCHES:
        z = torch.tensor(batch, requires_grad=True)
        y = layer(z)
    y.backward(torch.tensor(UPSTREAM))
    peers = (
        y.detach(),
        layer.weight.grad,
        layer.bias.grad,
        z.grad,
        layer.eval()(torch.tensor(BATCHES[0])).detach(),
    )
    for ours, peer in zip(normalised(), peers):
        np.testing.assert_allclose(ours, peer.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("scale", "without"), [("normal", "saturated"), ("small_normal", "dying out")])
def test_f9_activations_per_layer_with_batch_norm_hardly_depend_on_the_scale_of_the_weights(scale, without):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 100)), rng.integers(0, 10, 200)
    found = {}
    for batch_norm in (False, True):
        model = nn.MLP([100] * 7 + [10], nn.Tanh, batch_norm=batch_norm, rng=0)
        assert isinstance(model[1], nn.BatchNorm1d) == batch_norm  # on Z, before the activation
        found[batch_norm] = nn.activation_statistics(init.apply_init(model, scale, rng=0), X, y)
    plain, normed = found[False], found[True]
    assert len(plain) == len(normed) == 6
    if without == "saturated":
        assert min(s.saturated for s in plain) > 0.75
    else:
        assert plain[-1].std < 1e-5
    for s in normed:  # tanh of numbers of mean 0 and variance 1: 0.63 wide
        assert s.std == pytest.approx(0.6, abs=0.05)
        assert s.saturated < 0.05
        assert abs(s.mean) < 0.03
    assert 0.3 < normed[0].gradient / normed[-1].gradient < 3
    assert not 0.1 < plain[0].gradient / plain[-1].gradient < 10
