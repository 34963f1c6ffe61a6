"""Prices on weights, their exact factor; limits of norms and gradients; dropout's expectation."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
import nn
from autograd import GradientError, Tensor, check_grads

ROWS, LAM, LR = 40, 0.7, 0.3


def problem(n=ROWS):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 5)), rng.integers(0, 3, n)


def network(activation=nn.Tanh, dtype=np.float64):
    return nn.MLP([5, 6, 3], activation, rng=0, dtype=dtype)


def cost(model, X, y):
    return nn.CrossEntropyLoss()(model(X), y)


# --- L2: J + lambda/(2m) * sum ||W||^2, biases left out


def test_the_price_is_the_formula_and_leaves_biases_out():
    model = network()
    squares = sum((model[i].weight.numpy() ** 2).sum() for i in (0, 2))
    sizes = sum(np.abs(model[i].weight.numpy()).sum() for i in (0, 2))
    assert nn.l2_penalty(model, LAM, ROWS).item() == pytest.approx(LAM / (2 * ROWS) * squares, rel=1e-14)
    assert nn.l1_penalty(model, LAM, ROWS).item() == pytest.approx(LAM / (2 * ROWS) * sizes, rel=1e-14)
    for penalty in (nn.l2_penalty, nn.l1_penalty):
        model.zero_grad()
        penalty(model, LAM, ROWS).backward()
        assert model[0].bias.grad is None
        assert model[2].bias.grad is None
        W = model[0].weight
        slope = W.numpy() if penalty is nn.l2_penalty else np.sign(W.numpy()) / 2
        np.testing.assert_allclose(W.grad, LAM / ROWS * slope, rtol=1e-13)
        check_grads(lambda w, f=penalty: f(w, 0.3, 7), W.numpy())


def test_a_step_multiplies_the_weights_by_one_minus_alpha_lambda_over_m():
    X, y = problem()
    plain, priced, decayed = network(), network(), network()
    W = plain.state_dict()
    cost(plain, X, y).backward()
    optimiser = nn.SGD(priced.parameters(), lr=LR)
    (cost(priced, X, y) + nn.l2_penalty(priced, LAM, ROWS)).backward()
    optimiser.step()
    for name, p in plain.named_parameters():
        factor = 1 - LR * LAM / ROWS if name.endswith("weight") else 1.0
        after = priced.state_dict()[name]
        np.testing.assert_allclose(after, factor * W[name] - LR * p.grad, rtol=1e-13, atol=1e-16)
    weights = [p for name, p in decayed.named_parameters() if name.endswith("weight")]
    decay = nn.SGD(weights, lr=LR, weight_decay=LAM / ROWS)
    cost(decayed, X, y).backward()
    decay.step()
    for i in (0, 2):
        np.testing.assert_allclose(decayed[i].weight.data, priced[i].weight.data, rtol=1e-13)


def test_without_data_the_weights_shrink_by_exactly_the_factor():
    W = nn.Parameter(np.random.default_rng(0).normal(size=(3, 4)))
    start, optimiser = W.numpy(), nn.SGD([W], lr=0.1)
    for _ in range(50):
        optimiser.zero_grad()
        nn.l2_penalty(W, 2.0, 8).backward()
        optimiser.step()
    np.testing.assert_allclose(W.data, start * (1 - 0.1 * 2.0 / 8) ** 50, rtol=1e-12)


def test_without_data_l1_takes_the_same_from_every_weight_until_it_is_nearly_zero():
    W = nn.Parameter([[1.0, -0.5, 0.02]])
    optimiser = nn.SGD([W], lr=0.1)
    for _ in range(30):
        optimiser.zero_grad()
        nn.l1_penalty(W, 1.0, 5).backward()  # a step of 0.1 * 1 / (2 * 5)
        optimiser.step()
    np.testing.assert_allclose(W.data[0, :2], [0.7, -0.2], rtol=1e-12)
    assert abs(W.data[0, 2]) < 0.011


def test_l1_empties_weights_that_l2_only_shrinks():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 12))
    y = X[:, :2] @ np.array([[2.0], [-1.0]])  # ten inputs say nothing
    found = {}
    for kind in ("l1", "l2"):
        model = nn.Linear(12, 1, rng=0)
        loss = nn.Regularised(nn.MSELoss(), model, m=60, **{kind: 20.0})
        optimiser = nn.SGD(model.parameters(), lr=0.05)
        for _ in range(400):
            optimiser.zero_grad()
            loss(model(X), y).backward()
            optimiser.step()
        found[kind] = np.abs(model.weight.numpy()[0, 2:])
    assert found["l1"].max() < 0.01 < found["l2"].max()


def test_a_large_lambda_makes_tanh_nearly_linear():
    X, y = problem()
    bend = {}
    for lam in (0.0, 30.0):
        model = network()
        loss = nn.Regularised(nn.CrossEntropyLoss(), model, m=ROWS, l2=lam)
        nn.fit(model, (X, y), epochs=60, batch_size=20, loss=loss, rng=0)
        z = model[0](X).numpy()
        bend[lam] = np.abs(np.tanh(z) - z).max()
    assert bend[0.0] > 0.5
    assert bend[30.0] < 0.02


# --- as a loss


def test_the_wrapper_is_the_loss_and_both_prices():
    X, y = problem()
    model = network()
    loss = nn.Regularised(nn.CrossEntropyLoss(), model, m=ROWS, l2=0.3, l1=0.2)
    expected = cost(model, X, y) + nn.l2_penalty(model, 0.3, ROWS) + nn.l1_penalty(model, 0.2, ROWS)
    assert loss(model(X), y).item() == pytest.approx(expected.item(), rel=1e-15)
    none = nn.Regularised(nn.CrossEntropyLoss(), model, m=ROWS)
    assert none(model(X), y).item() == cost(model, X, y).item()
    assert nn.Regularised(nn.CrossEntropyLoss(reduction="none"), model, m=ROWS)(model(X), y).shape == y.shape
    assert list(loss.parameters()) == []  # nor does it rename them
    assert next(p.name for p in model.parameters()) == "0.weight"
    assert "l2=0.3" in repr(loss)


def test_it_trains_and_validates_in_fit():
    X, y = problem()
    lengths = []
    for l2 in (0.0, 5.0):
        model = network()
        loss = nn.Regularised(nn.CrossEntropyLoss(), model, m=ROWS, l2=l2)
        history = nn.fit(model, (X, y), epochs=30, loss=loss, validation=(X, y), rng=0)
        assert len(history.val_loss) == 30
        lengths.append(np.linalg.norm(model[0].weight.data))
    assert lengths[1] < 0.5 * lengths[0]


def test_float32_stays():
    model = network(dtype=np.float32)
    total = nn.l2_penalty(model, 0.3, 10) + nn.l1_penalty(model, 0.3, 10)
    total.backward()
    assert (total.dtype, model[0].weight.grad.dtype) == (np.float32, np.float32)


def test_tensors_in_the_place_of_a_model():
    W, V = Tensor(np.full((2, 2), 2.0)), Tensor(np.ones((1, 3)))
    assert nn.l2_penalty([W, V], 1.0, 1).item() == 0.5 * 19
    assert nn.l2_penalty(Tensor([3.0]), 1.0, 1).item() == 4.5
    assert nn.l2_penalty([W, Tensor([9.0])], 1.0, 1).item() == 8.0  # one axis: a bias


def test_a_bias_of_two_axes_is_still_a_bias():
    class Pieces(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(np.full((2, 2), 2.0))
            self.bias = nn.Parameter(np.full((2, 3), 5.0))

    model = Pieces()
    assert nn.l2_penalty(model, 1.0, 1).item() == 8.0
    nn.max_norm_(model, 1.0)
    np.testing.assert_array_equal(model.bias.data, 5.0)
    nn.init.apply_init(model, "he_normal", rng=0)
    np.testing.assert_array_equal(model.bias.data, 0.0)


# --- the maximum norm


def test_long_rows_are_shortened_and_short_ones_stay():
    layer = nn.Linear(3, 3, rng=0)
    layer.weight.data = [[3.0, 0.0, 4.0], [0.1, 0.2, 0.3], [0.0, 0.0, 0.0]]
    layer.bias.data = [9.0, 9.0, 9.0]
    nn.max_norm_(layer, 2.0)
    np.testing.assert_allclose(layer.weight.data, [[1.2, 0, 1.6], [0.1, 0.2, 0.3], [0, 0, 0]], rtol=1e-14)
    np.testing.assert_array_equal(layer.bias.data, 9.0)
    kernel = nn.Parameter(np.ones((2, 3, 2, 2), dtype=np.float32))
    nn.max_norm_([kernel], 1.0)
    np.testing.assert_allclose((kernel.data**2).sum(axis=(1, 2, 3)), 1.0, rtol=1e-6)
    assert kernel.dtype == np.float32


def test_weights_within_the_limit_are_not_touched():
    model = network()
    arrays = [p._data for p in model.parameters()]
    nn.max_norm_(model.parameters(), 1e3)
    assert all(a is p._data for a, p in zip(arrays, model.parameters()))
    nn.max_norm_([nn.Parameter(np.ones((0, 3))), nn.Parameter(np.ones((3, 0)))], 1.0)


def test_a_graph_that_is_alive_keeps_its_weights_and_training_goes_on():
    X, y = problem()
    model, other = network(), network()
    optimiser = nn.SGD(model.parameters(), lr=0.5, momentum=0.9)
    loss = cost(model, X, y)
    nn.max_norm_(model, 0.1)
    loss.backward()
    cost(other, X, y).backward()
    for p, q in zip(model.parameters(), other.parameters()):
        np.testing.assert_allclose(p.grad, q.grad, rtol=1e-14)
    for _ in range(20):
        optimiser.step()
        nn.max_norm_(model, 0.4)
        for i in (0, 2):
            assert np.linalg.norm(model[i].weight.data, axis=1).max() <= 0.4 * (1 + 1e-12)
        optimiser.zero_grad()
        cost(model, X, y).backward()
    assert cost(model, X, y).item() < 1.1


# --- bounded gradients


def with_gradients(flat):
    X, y = problem()
    model = network()
    optimiser = nn.SGD(model.parameters(), lr=LR) if flat else None
    cost(model, X, y).backward()
    return model, optimiser


@pytest.mark.parametrize("flat", [False, True])
def test_the_norm_is_returned_and_the_direction_kept(flat):
    model, _ = with_gradients(flat)
    before = np.concatenate([p.grad.ravel() for p in model.parameters()])
    assert nn.clip_grad_norm_(model.parameters(), 0.01) == pytest.approx(np.linalg.norm(before), rel=1e-13)
    after = np.concatenate([p.grad.ravel() for p in model.parameters()])
    assert np.linalg.norm(after) == pytest.approx(0.01, rel=1e-4)
    np.testing.assert_allclose(after / np.linalg.norm(after), before / np.linalg.norm(before), rtol=1e-12)
    assert nn.clip_grad_norm_(model.parameters(), 0.02) == pytest.approx(0.01, rel=1e-4)
    np.testing.assert_array_equal(np.concatenate([p.grad.ravel() for p in model.parameters()]), after)


def test_flat_gradients_stay_where_they_are_and_the_step_uses_them():
    model, optimiser = with_gradients(flat=True)
    homes = [p._grad for p in model.parameters()]
    W = model.state_dict()
    nn.clip_grad_norm_(model.parameters(), 0.05)
    assert all(p._grad is home for p, home in zip(model.parameters(), homes))
    clipped = [p.grad.copy() for p in model.parameters()]
    optimiser.step()
    for (name, p), g in zip(model.named_parameters(), clipped):
        np.testing.assert_allclose(p.data, W[name] - LR * g, rtol=1e-14)
    del homes, g
    X, y = problem()
    optimiser.zero_grad()
    cost(model, X, y).backward()  # and the next gradients are right
    other = network()
    other.load_state_dict(model.state_dict())
    cost(other, X, y).backward()
    for p, q in zip(model.parameters(), other.parameters()):
        np.testing.assert_allclose(p.grad, q.grad, rtol=1e-14)


def test_some_of_the_parameters_of_an_optimiser():
    model, _ = with_gradients(flat=True)
    others = [p.grad.copy() for p in model[2].parameters()]
    nn.clip_grad_norm_(model[0].parameters(), 1e-3)
    nn.clip_grad_value_(model[0].parameters(), 1e-5)
    assert max(np.abs(p.grad).max() for p in model[0].parameters()) <= 1e-5
    for p, g in zip(model[2].parameters(), others):
        np.testing.assert_array_equal(p.grad, g)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_norm_goes_by_how_the_weights_lie_and_not_by_how_the_gradient_does(dtype):
    """An embedding's gradient lies row by row where somebody holds the one before: else in the optimiser's array."""
    weights = [nn.Parameter(np.zeros((37, 11), dtype)) for _ in range(3)]
    nn.SGD(weights, lr=1.0)  # from here on they lie column by column
    numbers = np.random.default_rng(3).normal(size=(37, 11)).astype(dtype)
    for weight, given in zip(weights, (numbers, np.asfortranarray(numbers), numbers[::-1, ::-1][::-1, ::-1])):
        weight.grad = given
    by_layer = nn.training.measure.gradient_norms({str(i): [weight] for i, weight in enumerate(weights)})
    assert len(set(by_layer.values())) == 1
    norms = {nn.clip_grad_norm_(weight, 0.1) for weight in weights}
    assert norms == set(by_layer.values())
    assert len({weight.grad.tobytes() for weight in weights}) == 1


def test_who_holds_a_gradient_changes_no_bit_of_a_history_or_of_a_training_with_clipping():
    def trained(hold):
        rng, kept = np.random.default_rng(1), []
        X, y = rng.integers(9, size=(75, 5)), rng.integers(4, size=75)
        model = nn.Sequential(nn.Embedding(9, 6, rng=1), nn.Flatten(), nn.Linear(30, 4, rng=2))

        class Hold(nn.Callback):
            def on_batch_end(self, training):
                if hold:
                    kept.append([p.grad for p in model.parameters()])

        history = nn.fit(model, (X, y), epochs=3, batch_size=16, clip_norm=0.1, callbacks=Hold(), rng=7)
        return history.gradient_norms, [p.numpy().tobytes() for p in model.parameters()]

    assert trained(hold=True) == trained(hold=False)


def test_a_gradient_that_somebody_set_and_one_with_a_history():
    a, b = nn.Parameter([0.0, 0.0]), Tensor([1.0, 1.0])
    a.grad = [3.0, 0.0]
    (b * b * 2.0).sum().backward(create_graph=True)
    assert nn.clip_grad_norm_([a, b, a], 1.0) == pytest.approx(math.sqrt(9 + 32), rel=1e-14)
    assert isinstance(b.grad, Tensor)
    total = np.concatenate([a.grad, b.grad.data])
    assert np.linalg.norm(total) == pytest.approx(1.0, rel=1e-5)
    nn.clip_grad_value_([a, b], 0.1)
    np.testing.assert_allclose(b.grad.data, 0.1)
    np.testing.assert_allclose(a.grad, [0.1, 0.0])


@pytest.mark.parametrize("size", [1e30, 1e-30])
def test_the_norm_of_float32_where_squares_overflow_or_vanish(size):
    p = nn.Parameter(np.zeros(2, dtype=np.float32))
    p.grad = np.array([3 * size, 4 * size], dtype=np.float32)
    assert nn.clip_grad_norm_(p, 1.0) == pytest.approx(5 * size, rel=1e-6)
    if size > 1:
        np.testing.assert_allclose(p.grad, [0.6, 0.8], rtol=1e-5)


def test_parameters_without_gradients():
    assert nn.clip_grad_norm_(network().parameters(), 1.0) == 0.0
    assert nn.utils.clip_grad_norm_ is nn.clip_grad_norm_


def test_a_norm_that_is_no_number_can_be_refused_and_changes_nothing():
    p = nn.Parameter([1.0, 2.0])
    p.grad = [np.inf, 1.0]
    with pytest.raises(GradientError, match="detect_anomaly"):
        nn.clip_grad_norm_([p], 1.0, error_if_nonfinite=True)
    np.testing.assert_array_equal(p.grad, [np.inf, 1.0])


# --- dropout keeps the expectation


@pytest.mark.parametrize("keep_prob", [0.2, 0.5, 0.8])
def test_inverted_dropout_keeps_the_expectation(keep_prob):
    a = np.array([1.0, -2.0, 0.5])
    draws = autograd.dropout(np.tile(a, (40000, 1)), 1 - keep_prob, rng=0)
    np.testing.assert_array_equal(np.unique(draws[:, 0]), [0.0, 1 / (1 - (1 - keep_prob))])
    assert (draws[:, 0] > 0).mean() == pytest.approx(keep_prob, abs=0.01)
    error = np.abs(a) * math.sqrt((1 - keep_prob) / keep_prob / 40000)
    assert np.all(np.abs(draws.mean(axis=0) - a) < 5 * error)
    x = Tensor(np.tile(a, (40000, 1)))
    autograd.dropout(x, 1 - keep_prob, rng=0).sum().backward()
    assert x.grad.mean() == pytest.approx(1.0, abs=0.02)  # and so does its gradient
    np.testing.assert_array_equal(x.grad * a, draws)
    assert autograd.dropout(x, 0.5, training=False) is x


# --- what is refused


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda p: nn.l2_penalty(p, -1.0, 5), ValueError, "lam=-1.0"),
        (lambda p: nn.l2_penalty(p, 1.0, 0), ValueError, "training rows"),
        (lambda p: nn.l1_penalty(p, 1.0, 2.5), TypeError, "m=2.5: .* training rows"),
        (lambda p: nn.l1_penalty(p, math.nan, 2), ValueError, "finite"),
        (lambda p: nn.l2_penalty([Tensor([1.0])], 1.0, 2), ValueError, "two axes"),
        (lambda p: nn.l2_penalty([], 1.0, 2), ValueError, "used once"),
        (lambda p: nn.l2_penalty(np.ones((2, 2)), 1.0, 2), TypeError, "ndarray"),
        (lambda p: nn.l2_penalty(3, 1.0, 2), TypeError, "Module"),
        (lambda p: nn.Regularised(nn.MSELoss, p, m=2), TypeError, r"nn.CrossEntropyLoss\(\)"),
        (lambda p: nn.Regularised(nn.MSELoss(), p, m=2, l2=-1), ValueError, "l2=-1"),
        (lambda p: nn.Regularised(nn.MSELoss(), nn.MSELoss(), m=2), ValueError, "two axes"),
        (lambda p: nn.max_norm_(p, 0), ValueError, "limit=0"),
        (lambda p: nn.clip_grad_norm_([p], -1), ValueError, "max_norm=-1"),
        (lambda p: nn.clip_grad_norm_([p], math.nan), ValueError, "max_norm=nan"),
        (lambda p: nn.clip_grad_norm_([p], 1.0, 0), ValueError, "norm_type=0"),
        (lambda p: nn.clip_grad_norm_(nn.Linear(2, 2), 1.0), TypeError, r"model.parameters\(\)"),
        (lambda p: nn.clip_grad_norm_([p, 3.0], 1.0), TypeError, "float"),
        (lambda p: nn.clip_grad_norm_(iter([]), 1.0), ValueError, "used once"),
        (lambda p: nn.clip_grad_value_([p], -0.1), ValueError, "clip_value"),
        (lambda p: nn.clip_grad_value_(3, 0.1), TypeError, "int"),
    ],
)
def test_what_is_refused(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong(nn.Parameter(np.ones((2, 2))))
