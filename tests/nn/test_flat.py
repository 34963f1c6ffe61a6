"""Flat buffers: no update corrupts a graph that is alive or what somebody holds, and the usual loop stays fast."""

from __future__ import annotations

import copy
import pickle
import tracemalloc

import numpy as np
import pytest

import nn
from autograd import Primitive, Tensor, gradients, registry


def model_and_data(seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    model = nn.Sequential(
        nn.Linear(3, 5, rng=rng, dtype=dtype), nn.ReLU(), nn.Linear(5, 2, rng=rng, dtype=dtype)
    )
    return model, rng.normal(size=(8, 3)).astype(dtype), rng.integers(0, 2, 8)


def test_a_step_never_changes_a_graph_that_is_alive():
    model, x, y = model_and_data()
    optimiser = nn.SGD(model.parameters(), lr=0.5)
    loss = nn.CrossEntropyLoss()
    kept = [loss(model(x), y)]
    kept[0].backward()
    expected = [[p.grad.copy() for p in model.parameters()]]
    for _ in range(4):  # every graph stays alive over all the steps that follow
        optimiser.step()
        optimiser.zero_grad()
        kept.append(loss(model(x), y))
        kept[-1].backward()
        expected.append([p.grad.copy() for p in model.parameters()])
    for total, grads in zip(kept, expected):
        optimiser.zero_grad()
        total.backward()
        for p, g in zip(model.parameters(), grads):
            np.testing.assert_array_equal(p.grad, g)


@pytest.mark.parametrize("hold", [lambda g: g, lambda g: g[0], lambda g: g.T, lambda g: g.reshape(-1)[1:]])
def test_a_gradient_somebody_holds_stays_as_it_is(hold):
    model, x, y = model_and_data()
    optimiser = nn.SGD(model.parameters(), lr=0.5)
    loss = nn.CrossEntropyLoss()
    loss(model(x), y).backward()
    held = hold(model[0].weight.grad)
    copy = held.copy()
    for _ in range(3):
        optimiser.step()
        optimiser.zero_grad()
        loss(model(x), y).backward()
    np.testing.assert_array_equal(held, copy)


@pytest.mark.parametrize(
    "hold", [lambda p: p.data, lambda p: np.asarray(p), lambda p: np.asarray(p)[0], Tensor.detach]
)
def test_weights_somebody_holds_stay_as_they_are(hold):
    model, x, y = model_and_data()
    optimiser = nn.SGD(model.parameters(), lr=0.5)
    loss = nn.CrossEntropyLoss()
    held = hold(model[0].weight)
    copy = np.array(held)
    for _ in range(4):
        optimiser.zero_grad()
        loss(model(x), y).backward()
        optimiser.step()
    np.testing.assert_array_equal(np.asarray(held), copy)
    assert not np.array_equal(model[0].weight.numpy(), copy if copy.ndim == 2 else None)


def test_a_layer_used_twice_accumulates_in_its_home():
    layer = nn.Linear(3, 3, rng=0)
    x = np.random.default_rng(0).normal(size=(4, 3))
    layer(layer(x)).sum().backward()
    without_homes = [p.grad.copy() for p in layer.parameters()]
    layer.zero_grad()
    nn.SGD(layer.parameters(), lr=0.1)
    layer(layer(x)).sum().backward()
    for p, g in zip(layer.parameters(), without_homes):
        np.testing.assert_allclose(p.grad, g, rtol=1e-13)


def test_a_failed_sweep_gives_the_homes_back():
    calls = []

    def vjp(g, y, x):
        calls.append(g)
        if len(calls) == 1:
            raise RuntimeError("first time")
        return g

    op = Primitive("fails_once_for_test", lambda x: x.copy(), (vjp,))
    try:
        model, x, y = model_and_data()
        optimiser = nn.SGD(model.parameters(), lr=0.1)
        first, last = model[0], model[2]
        total = nn.CrossEntropyLoss()(last(op(first(x).relu())), y)
        with pytest.raises(RuntimeError, match="first time"):
            total.backward()  # the last layer's gradients are in their homes by now
        assert all(p.grad is None for p in model.parameters())
        total.backward()
        for p in model.parameters():
            np.testing.assert_allclose(p.grad, gradients(total, p), rtol=1e-13)
        optimiser.step()
        optimiser.zero_grad()
        nn.CrossEntropyLoss()(model(x), y).backward()
        assert all(p.grad is p._home for p in model.parameters())
    finally:
        del registry["fails_once_for_test"]


def test_two_optimisers_share_parameters():
    p, q = nn.Parameter([1.0]), nn.Parameter([1.0])
    a, b = nn.SGD([p, q], lr=0.1), nn.SGD([q], lr=0.1)
    for optimiser in (a, b, a):
        a.zero_grad()
        (p * 1.0 + q * 1.0).sum().backward()
        optimiser.step()
    assert p.numpy() == pytest.approx(0.8)
    assert q.numpy() == pytest.approx(0.7)


def test_frozen_parameters_do_not_slow_the_others():
    model, x, y = model_and_data()
    for p in model[0].parameters():
        p.requires_grad = False
    optimiser = nn.SGD(model.parameters(), lr=0.1)
    nn.CrossEntropyLoss()(model(x), y).backward()
    assert [part.flat.gather() for part in optimiser.param_groups[0].parts] == [False, True]


def test_neighbours_with_a_gradient_are_updated_as_one_stretch():
    a, b, c, d = parameters = [nn.Parameter([1.0, 2.0]) for _ in range(4)]
    optimiser = nn.SGD(parameters, lr=0.1)
    (a + b + d).sum().backward()
    (group,) = optimiser.param_groups
    (part,) = group.parts
    assert not part.flat.gather()
    assert [stretch[:2] for stretch in part._stretches(optimiser, group)] == [(0, 4), (6, 8)]
    optimiser.step()
    for p in (a, b, d):
        np.testing.assert_allclose(p.numpy(), [0.9, 1.9])
    np.testing.assert_array_equal(c.numpy(), [1.0, 2.0])


def test_a_step_with_weight_decay_makes_no_arrays():
    p = nn.Parameter(np.ones(100_000))
    for nesterov in (False, True):
        optimiser = nn.SGD([p], lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=nesterov)
        (p * 1.0).sum().backward()
        optimiser.step()
        optimiser.zero_grad()
        (p * 1.0).sum().backward()
        tracemalloc.start()
        try:
            optimiser.step()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < p.numpy().nbytes / 10


@pytest.mark.parametrize("reset", ["module", "attribute", "optimiser"])
@pytest.mark.parametrize("hold", [lambda g: g, lambda g: g[0], lambda g: g.T])
def test_a_held_gradient_survives_every_way_to_reset(reset, hold):
    model, x, y = model_and_data()
    optimiser = nn.SGD(model.parameters(), lr=0.5)
    loss = nn.CrossEntropyLoss()
    loss(model(x), y).backward()
    held = hold(model[0].weight.grad)
    copy = held.copy()
    if reset == "module":
        model.zero_grad()
    elif reset == "optimiser":
        optimiser.zero_grad()
    else:
        for p in model.parameters():
            p.grad = None
    loss(model(x) * 3.0, y).backward()
    np.testing.assert_array_equal(held, copy)
    expected = gradients(loss(model(x) * 3.0, y), model[0].weight)
    np.testing.assert_allclose(model[0].weight.grad, expected, rtol=1e-12)
    optimiser.step()
    np.testing.assert_array_equal(held, copy)


def test_a_held_gradient_is_not_accumulated_into():
    model, x, y = model_and_data()
    optimiser = nn.SGD(model.parameters(), lr=0.5)
    total = nn.CrossEntropyLoss()(model(x), y)
    total.backward()
    held = model[0].weight.grad
    copy = held.copy()
    total.backward()
    np.testing.assert_array_equal(held, copy)
    np.testing.assert_allclose(model[0].weight.grad, 2 * copy)
    before = model[0].weight.numpy()
    optimiser.step()
    np.testing.assert_allclose(model[0].weight.numpy(), before - 0.5 * 2 * copy)


@pytest.mark.parametrize("change", ["data", "in place", "load_state_dict"])
def test_a_live_graph_survives_weights_set_by_hand(change):
    p = nn.Linear(1, 1, bias=False, rng=0)
    optimiser = nn.SGD(p.parameters(), lr=0.1)
    w = p.weight
    w.data = [[3.0]]
    optimiser.zero_grad()
    (w * w).sum().backward()
    optimiser.step()
    optimiser.zero_grad()
    now = w.numpy()
    kept = (w * w).sum()
    if change == "data":
        w.data = [[5.0]]
    elif change == "in place":
        w.data[:] = 5.0
    else:
        p.load_state_dict({"weight": np.array([[5.0]])})
    for _ in range(3):
        optimiser.zero_grad()
        (w * w).sum().backward()
        optimiser.step()
    np.testing.assert_allclose(gradients(kept, w), 2 * now)


def test_two_optimisers_and_a_held_gradient():
    p = nn.Parameter([1.0, 2.0])
    a = nn.SGD([p], lr=0.1)
    (p * 1.0).sum().backward()
    held = p.grad
    b = nn.SGD([p], lr=0.1)
    a.zero_grad()
    b.zero_grad()
    (p * 7.0).sum().backward()
    np.testing.assert_array_equal(held, [1.0, 1.0])
    np.testing.assert_array_equal(p.grad, [7.0, 7.0])


def test_no_optimiser_work_slows_the_usual_loop_by_leaving_the_flat_arrays():
    model, x, y = model_and_data()
    optimiser = nn.SGD(model.parameters(), lr=0.1, momentum=0.9)
    loss = nn.CrossEntropyLoss()
    flat = optimiser.param_groups[0].parts[0].flat
    arrays = {id(flat.grad), id(flat.data), id(flat.spare)}
    for _ in range(5):
        total = loss(model(x), y)
        optimiser.zero_grad()
        total.backward()
        assert all(p.grad is home for p, home in zip(flat.parameters, flat.grad.views))
        optimiser.step()
    assert {id(flat.grad), id(flat.data), id(flat.spare)} == arrays


def test_a_live_graph_survives_a_batch_that_is_filled_anew():
    """The usual loop reuses its arrays; layers and loss take a shorter way into the graph than other ops."""
    model, x, y = model_and_data()
    nn.SGD(model.parameters(), lr=0.1)
    total = nn.CrossEntropyLoss()(model(x), y)
    expected = gradients(nn.CrossEntropyLoss()(model(x.copy()), y.copy()), model[0].weight)
    x[:] = 7.0
    y[:] = 0
    np.testing.assert_array_equal(gradients(total, model[0].weight), expected)
    model[2].weight.data[:] = 0.0  # handed out from here on: the graph takes copies
    kept = nn.CrossEntropyLoss()(model(x), y)
    expected = gradients(kept, model[0].weight)
    model[2].weight.data[:] = 5.0
    np.testing.assert_array_equal(gradients(kept, model[0].weight), expected)


@pytest.mark.parametrize("classes", [2, 3, 40])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_loss_by_rows_and_by_columns(classes, dtype):
    """Twelve rows of two or three classes are computed column by column, of forty row by row."""
    rng = np.random.default_rng(0)
    scores, labels = (
        Tensor((rng.normal(size=(12, classes)) * 300).astype(dtype)),
        rng.integers(0, classes, 12),
    )
    total = nn.CrossEntropyLoss()(scores, labels)
    (3.0 * total).backward()
    with nn.unfused():
        other = Tensor(scores.numpy())
        expected = nn.CrossEntropyLoss()(other, labels)
    (3.0 * expected).backward()
    assert (total.dtype, scores.grad.dtype) == (dtype, dtype)
    np.testing.assert_allclose(total.item(), expected.item(), rtol=1e-5 if dtype is np.float32 else 1e-13)
    np.testing.assert_allclose(scores.grad, other.grad, atol=1e-6 if dtype is np.float32 else 1e-15)


@pytest.mark.parametrize("held", ["always", "now and then"])
@pytest.mark.parametrize("hidden", [2, 3, 5, 7, 16])
def test_who_holds_a_gradient_changes_no_bit_of_the_training(hidden, held):
    """As a profiler's thread does, which looks at all frames and so holds what their variables hold."""

    def trained(hold):
        rng, kept = np.random.default_rng(1), []
        x, y = rng.normal(size=(40, 2)), rng.integers(3, size=40)
        model = nn.MLP([2, hidden, 3], "tanh", rng=hidden)
        optimiser, criterion = nn.SGD(model.parameters(), lr=0.5, momentum=0.9), nn.CrossEntropyLoss()
        for step in range(20):
            optimiser.zero_grad()
            loss = criterion(model(x[: 8 + step]), y[: 8 + step])
            loss.backward()
            nn.clip_grad_norm_(model.parameters(), 0.1)
            if hold and (held == "always" or step % 3 == 1):
                kept.append([p.grad for p in model.parameters()])
            optimiser.step()
        return [p.numpy().tobytes() for p in model.parameters()]

    assert trained(hold=True) == trained(hold=False)


def _read(model):
    return [p.data for p in model.parameters()]


def _load_the_same(model):
    model.load_state_dict({path: np.ascontiguousarray(array) for path, array in model.state_dict().items()})


@pytest.mark.parametrize("look", [_read, _load_the_same])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_who_looks_at_a_weight_or_loads_its_numbers_changes_no_bit_of_the_training(look, dtype):
    """A matrix that lies row by row in place of column by column is multiplied otherwise, in the last bit."""

    def trained(touch):
        rng, kept = np.random.default_rng(0), []
        x, y = rng.normal(size=(100, 20)).astype(dtype), rng.integers(3, size=100)
        model = nn.MLP([20, 33, 70, 3], "tanh", dtype=dtype, rng=1)
        optimiser, criterion = nn.SGD(model.parameters(), lr=0.1), nn.CrossEntropyLoss()
        for _ in range(5):
            optimiser.zero_grad()
            kept.append(touch(model))
            criterion(model(x), y).backward()
            kept.append(touch(model))
            nn.clip_grad_norm_(model.parameters(), 0.1)
            optimiser.step()
        return [p.numpy().tobytes() for p in model.parameters()]

    assert trained(look) == trained(lambda model: None)


def test_a_copy_of_a_model_that_was_looked_at_computes_the_same_to_the_bit():
    model, x = nn.Linear(33, 70, rng=0), np.random.default_rng(0).normal(size=(1, 33))
    nn.SGD(model.parameters())
    expected = model(x).data.tobytes()
    _read(model)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin(x).data.tobytes() == expected


def test_a_weight_that_is_handed_out_lies_row_by_row_and_can_be_written_to_as_one_row():
    layer = nn.Linear(3, 2, rng=0)
    nn.SGD(layer.parameters())  # its matrices lie column by column
    layer.weight.data.reshape(-1)[4] = 7.0
    assert layer.weight.data[1, 1] == 7.0
    assert layer(np.array([[0.0, 1.0, 0.0]])).data[0, 1] == 7.0 + layer.bias.data[1]
