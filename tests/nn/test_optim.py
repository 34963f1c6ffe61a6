"""Optimisers: the update, which parameters get one, and what is said about bad settings."""

from __future__ import annotations

import copy
import json
import pickle
import tracemalloc

import numpy as np
import pytest

import nn
from autograd import Tensor, gradients
from autograd.errors import ShapeError
from nn.core.numbers import share
from nn.optim import part


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
        (lambda p: nn.SGD([p], lr=-1), "lr=-1: "),
        (lambda p: nn.SGD([p], lr=float("nan")), "lr=nan: "),
        (lambda p: nn.SGD([p], momentum=-0.5), "momentum"),
        (lambda p: nn.SGD([p], momentum=float("inf")), "momentum=inf"),
        (lambda p: nn.SGD([p], momentum=float("nan")), "momentum=nan"),
        (lambda p: nn.SGD([p], weight_decay=-0.1), "weight_decay=-0.1"),
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
    with pytest.raises(TypeError, match=r"lr='0\.1'"):
        nn.SGD([nn.Parameter([1.0])], lr="0.1")


# --- all of them

KINDS = {
    "SGD": lambda ps: nn.SGD(ps, lr=0.1, momentum=0.9, dampening=0.1, weight_decay=0.01),
    "RMSprop": lambda ps: nn.RMSprop(ps, momentum=0.5, centered=True, eps=1e-3),
    "Adagrad": lambda ps: nn.Adagrad(ps, lr=0.1, lr_decay=0.1, initial_accumulator_value=0.1),
    "Adadelta": lambda ps: nn.Adadelta(ps, weight_decay=0.1),
    "Adam": lambda ps: nn.Adam(ps, lr=0.01, amsgrad=True, weight_decay=0.1, maximize=True),
    "AdamW": lambda ps: nn.AdamW(ps, lr=0.01, weight_decay=0.3),
    "NAdam": lambda ps: nn.NAdam(ps, lr=0.01),
    "LBFGS": lambda ps: nn.LBFGS(ps, max_iter=3, line_search_fn="strong_wolfe"),
}


def train(model, optimiser, x, y, steps, lose=None):
    """The usual loop; in the steps of `lose` the first bias has no gradient."""

    def closure():
        optimiser.zero_grad()
        total = nn.CrossEntropyLoss()(model(x), y) + 0.01 * sum((p * p).sum() for p in model.parameters())
        total.backward()
        return total

    for step in range(steps):
        if type(optimiser) is nn.LBFGS:
            optimiser.step(closure)
            continue
        closure()
        if lose is not None and step in lose:
            model[0].bias.grad = None
        optimiser.step()


def assert_same(model, other):
    state = other.state_dict()
    for key, value in model.state_dict().items():
        np.testing.assert_array_equal(value, state[key])


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_falls(kind):
    model, x, y = model_and_data()
    optimiser = KINDS[kind](model.parameters())
    if kind == "Adam":
        optimiser.param_groups[0]["maximize"] = False
    loss = nn.CrossEntropyLoss()
    before = float(loss(model(x), y))
    train(model, optimiser, x, y, 30)
    assert float(loss(model(x), y)) < before - 0.001


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_state_and_weights_keep_their_dtype_and_live_graphs_their_numbers(kind, dtype):
    model, x, y = model_and_data(dtype=dtype)
    optimiser = KINDS[kind](model.parameters())
    train(model, optimiser, x, y, 2)
    kept = nn.CrossEntropyLoss()(model(x), y)
    expected = gradients(kept, model[0].weight)
    train(model, optimiser, x, y, 3)
    np.testing.assert_array_equal(gradients(kept, model[0].weight), expected)
    assert {p.dtype for p in model.parameters()} == {np.dtype(dtype)}
    for entry in optimiser.state_dict()["state"].values():
        arrays = [v for v in entry.values() if isinstance(v, np.ndarray)]
        assert arrays
        assert {a.dtype for a in arrays} == {np.dtype(dtype)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["state_dict", "json", "deepcopy", "pickle"])
def test_a_resumed_optimiser_goes_on_to_the_bit(kind, way):
    """Also where one parameter has made fewer steps than the others."""
    model, x, y = model_and_data()
    optimiser = KINDS[kind](model.parameters())
    train(model, optimiser, x, y, 5, lose=(0, 3))
    if way in ("state_dict", "json"):
        other, _, _ = model_and_data(seed=1)
        other.load_state_dict(model.state_dict())
        twin = type(optimiser)(other.parameters(), lr=0.5)
        saved = optimiser.state_dict()
        if way == "json":
            saved = json.loads(json.dumps(saved, default=lambda a: a.tolist()))
        twin.load_state_dict(saved)
    else:
        duplicate = copy.deepcopy if way == "deepcopy" else lambda pair: pickle.loads(pickle.dumps(pair))
        other, twin = duplicate((model, optimiser))
    assert repr(twin) == repr(optimiser)
    for m, o in ((model, optimiser), (other, twin)):
        train(m, o, x, y, 4, lose=(1,))
    assert_same(model, other)


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "LBFGS"])
def test_blocks_change_nothing(kind, monkeypatch):
    model, x, y = model_and_data()
    other = copy.deepcopy(model)
    train(model, KINDS[kind](model.parameters()), x, y, 4, lose=(1,))
    monkeypatch.setattr(part, "BLOCK_BYTES", 56)  # seven numbers at a time, of 32
    train(other, KINDS[kind](other.parameters()), x, y, 4, lose=(1,))
    assert_same(model, other)


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "LBFGS"])
def test_a_step_makes_no_arrays(kind):
    p = nn.Parameter(np.ones(100_000))
    optimiser = KINDS[kind]([p])
    for _ in range(2):
        optimiser.zero_grad()
        (p * 1.0).sum().backward()
        optimiser.step()
    tracemalloc.start()
    try:
        optimiser.step()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < p.numpy().nbytes / 10


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "LBFGS"])
def test_gradients_changed_by_hand_take_part(kind):
    """Clipping in place, scaling in place and a new array all count, and each as the same gradient computed."""
    x = np.array([[3.0, -4.0]])
    results = []
    for change in ("computed", "in place", "index", "new"):
        p = nn.Parameter([[1.0, 2.0]])
        optimiser = KINDS[kind]([p])
        for _ in range(3):
            optimiser.zero_grad()
            (p * (np.clip(x, -1, 1) if change == "computed" else x)).sum().backward()
            if change == "in place":
                np.clip(p.grad, -1, 1, out=p.grad)
            elif change == "index":
                p.grad[0, 0] = 1.0
                p.grad *= np.array([[1.0, 0.25]])
            elif change == "new":
                p.grad = p.grad.clip(-1, 1)
            optimiser.step()
        results.append(p.numpy())
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


def test_weights_set_between_steps_take_part():
    p = nn.Parameter([1.0, 2.0])
    optimiser = nn.Adam([p], lr=0.1)
    for value in ([5.0, 5.0], [1.0, -1.0]):
        optimiser.zero_grad()
        (p * p).sum().backward()
        p.data[:] = value
        optimiser.step()
        assert np.all(np.abs(p.numpy() - value) < 0.11)
        assert np.all(p.numpy() != value)


def test_groups_have_their_own_settings():
    p, q, r = (nn.Parameter([1.0]) for _ in range(3))
    optimiser = nn.SGD([{"params": [p]}, {"params": q, "lr": 0.5, "weight_decay": 0.1}], lr=0.1)
    optimiser.add_param_group({"params": [r], "lr": 0.0})
    assert [g["lr"] for g in optimiser.param_groups] == [0.1, 0.5, 0.0]
    assert optimiser.parameters() == [p, q, r]
    assert repr(optimiser) == "SGD(\n  (0): lr=0.1\n  (1): lr=0.5, weight_decay=0.1\n  (2): lr=0.0\n)"
    (p * 1.0 + q * 1.0 + r * 1.0).sum().backward()
    optimiser.step()
    np.testing.assert_allclose([p.item(), q.item(), r.item()], [0.9, 1 - 0.5 * 1.1, 1.0])
    optimiser.lr = 1.0
    assert [g["lr"] for g in optimiser.param_groups] == [1.0] * 3
    optimiser.param_groups[1].update(lr=0.25)
    assert optimiser.param_groups[1]["lr"] == 0.25


@pytest.mark.parametrize(
    "change",
    [
        lambda g: g.update(lr=-1.0),
        lambda g: g.update({"momentum": 0.5, "lr": -1.0}),
        lambda g: g.__ior__({"lr": -1.0}),
        lambda g: g.__setitem__("lr", -1.0),
        lambda g: g.setdefault("momentun", 0.5),
        lambda g: g.update([("momentun", 0.5)]),
    ],
)
def test_no_way_around_the_checks_of_a_group(change):
    (group,) = nn.SGD([nn.Parameter([1.0])], lr=0.1).param_groups
    before = dict(group)
    with pytest.raises(ValueError, match=r"lr=-1\.0|no setting 'momentun'"):
        change(group)
    assert group == before
    group |= {"lr": np.float32(0.5)}
    assert group.setdefault("lr", -1.0) == 0.5
    assert type(group["lr"]) is float
    assert type(group) is type(nn.SGD([nn.Parameter([1.0])]).param_groups[0])


def test_a_momentum_that_is_switched_on_later_begins_with_a_gradient():
    p = nn.Parameter([1.0])
    optimiser = nn.SGD([p], lr=1.0, dampening=0.5)
    for momentum in (0.0, 0.9):
        optimiser.momentum = momentum
        optimiser.zero_grad()
        (p * 1.0).sum().backward()
        optimiser.step()
    assert p.item() == -1.0


def test_a_closure_gives_the_loss():
    p = nn.Parameter([2.0])
    optimiser = nn.SGD([p], lr=0.5)

    def closure():
        optimiser.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    assert float(optimiser.step(closure)) == 4.0
    assert p.item() == 0.0


def test_zeros_in_place_of_none():
    p, q = nn.Parameter([1.0]), nn.Parameter([1.0])
    optimiser = nn.SGD([p, q], lr=0.1, weight_decay=1.0)
    (p * 3.0).sum().backward()
    optimiser.zero_grad(set_to_none=False)
    np.testing.assert_array_equal(p.grad, [0.0])
    assert q.grad is None
    (p * 3.0).sum().backward()
    np.testing.assert_array_equal(p.grad, [3.0])
    optimiser.step()
    np.testing.assert_allclose([p.item(), q.item()], [0.6, 1.0])


def test_parameters_have_an_order():
    p, q = nn.Parameter([1.0]), nn.Parameter([2.0])
    for given in ({p, q}, frozenset((p, q)), [{"params": {p, q}}]):
        with pytest.raises(
            TypeError, match=r"list of parameters, not a set: .* list\(model\.parameters\(\)\)"
        ):
            nn.SGD(given)
    assert nn.SGD(dict.fromkeys((q, p)).keys()).parameters() == [q, p]


def test_a_subclass_says_what_a_setting_may_be():
    class Small(nn.SGD):
        lr = nn.optim.Setting(share)

    p = nn.Parameter([1.0])
    with pytest.raises(ValueError, match=r"lr=2\.0: it must be a number from 0 to 1"):
        Small([p], lr=2.0)
    optimiser = Small([p], lr=1.0)
    with pytest.raises(ValueError, match="lr=3: it must be a number from 0 to 1"):
        optimiser.lr = 3
    assert list(Small.settings) == list(nn.SGD.settings)


def test_an_optimiser_of_ones_own():
    class Sign(nn.Optimiser):
        keep = nn.optim.Setting(share, one=False)

        def __init__(self, parameters, lr=0.1, keep=0.5):
            super().__init__(parameters, lr=lr, keep=keep)

        def state_names(self, group):
            return ("mean",)

        def step_numbers(self, group, step):
            return -group["lr"] / step, group["keep"]

        def update(self, w, g, state, out, spare, down, keep):
            state[0] *= keep
            state[0] += g
            np.sign(state[0], out)
            np.multiply(out, down, out)
            np.add(out, w, out)

    p = nn.Parameter([1.0, 1.0])
    optimiser = Sign([p])
    for _ in range(2):
        optimiser.zero_grad()
        (p * np.array([3.0, -3.0])).sum().backward()
        optimiser.step()
    np.testing.assert_allclose(p.numpy(), [0.85, 1.15])
    assert repr(optimiser) == "Sign(keep=0.5, lr=0.1)"
    assert optimiser.state_dict()["state"][0]["step"] == 2


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda p: nn.Adam([p], betas=(0.9, 1.0)), ValueError, r"betas\[1\]=1.0"),
        (lambda p: nn.Adam([p], betas=0.9), TypeError, "two numbers"),
        (lambda p: nn.Adam([p], eps=-1e-8), ValueError, "eps=-1e-08"),
        (lambda p: nn.Adam([p], amsgrad=1), TypeError, "True or False"),
        (lambda p: nn.Adadelta([p], rho=1.5), ValueError, "from 0 to 1"),
        (lambda p: nn.RMSprop([p], alpha="0.9"), TypeError, "alpha='0.9'"),
        (lambda p: nn.SGD([p], momentum=0.9, dampening=0.1, nesterov=True), ValueError, "no dampening"),
        (lambda p: nn.SGD([{"params": [p], "learning_rate": 1}]), ValueError, "no setting 'learning_rate'"),
        (lambda p: nn.SGD([{"params": [p], "momentun": 1}]), ValueError, "Did you mean 'momentum'"),
        (lambda p: nn.SGD([{"params": [p], "lr": -1}]), ValueError, "lr=-1: "),
        (lambda p: nn.SGD([{"params": [p]}, {"params": [p]}]), ValueError, "in two groups"),
        (lambda p: nn.SGD([{"params": []}]), ValueError, "no parameters"),
        (lambda p: nn.SGD([{"lr": 1}]), TypeError, "'params' in it"),
        (lambda p: nn.SGD({"params": [p]}), TypeError, "list of groups"),
        (lambda p: nn.SGD([p]).param_groups[0].update(lr=float("nan")), ValueError, "lr=nan"),
        (lambda p: setattr(nn.SGD([p]), "lr", "0.1"), TypeError, "lr='0.1'"),
        (lambda p: nn.LBFGS([p]).step(), TypeError, r"step\(closure\)"),
        (lambda p: nn.LBFGS([p], line_search_fn="armijo"), ValueError, "'strong_wolfe'"),
        (lambda p: nn.LBFGS([p], history_size=0), ValueError, "whole number"),
        (
            lambda p: nn.LBFGS([{"params": [p]}, {"params": [nn.Parameter([1.0])]}]),
            ValueError,
            "one parameter group",
        ),
        (lambda p: nn.LBFGS([p, nn.Parameter([1.0], dtype=np.float32)]), ValueError, "float64 and float32"),
    ],
)
def test_what_is_wrong_is_said(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong(nn.Parameter([1.0]))


def test_a_group_that_is_refused_leaves_no_trace():
    p, q = nn.Parameter([1.0]), nn.Parameter([1.0])
    optimiser = nn.SGD([p], lr=0.1)
    with pytest.raises(ValueError, match="nesterov"):
        optimiser.add_param_group({"params": [q], "nesterov": True})
    assert optimiser.parameters() == [p]
    assert q._home is None


@pytest.mark.parametrize(
    ("spoil", "error", "says"),
    [
        (
            lambda s: s["state"][1].update(exp_avg=np.zeros(4)),
            ShapeError,
            r"parameter 1 .*exp_avg has shape \(4,\)",
        ),
        (lambda s: s["state"][2].pop("exp_avg_sq"), KeyError, "parameter 2 .*lacks exp_avg_sq"),
        (lambda s: s["state"].update({9: {}}), KeyError, "state 9, and there are 4"),
        (lambda s: s["param_groups"][0].update(lr=-1.0), ValueError, "lr=-1.0"),
        (lambda s: s["param_groups"][0].pop("betas"), KeyError, "lacks betas"),
        (
            lambda s: s["param_groups"][0].update(params=[0]),
            ValueError,
            r"groups of \[1\] parameters .* \[4\]",
        ),
        (lambda s: s.pop("state"), TypeError, "what state_dict"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(spoil, error, says):
    model, x, y = model_and_data()
    optimiser = nn.Adam(model.parameters(), lr=0.25)
    train(model, optimiser, x, y, 3)
    before = optimiser.state_dict()
    saved = copy.deepcopy(before)
    saved["param_groups"][0]["lr"] = 0.5
    spoil(saved)
    with pytest.raises(error, match=says):
        optimiser.load_state_dict(saved)
    now = optimiser.state_dict()
    assert now["param_groups"] == before["param_groups"]
    for number, entry in before["state"].items():
        for name, value in entry.items():
            np.testing.assert_array_equal(now["state"][number][name], value)


def test_a_state_is_a_copy():
    p = nn.Parameter([[1.0, 2.0]])
    optimiser = nn.Adam([p])
    (p * 1.0).sum().backward()
    optimiser.step()
    saved = optimiser.state_dict()
    saved["state"][0]["exp_avg"][:] = 7.0
    np.testing.assert_allclose(optimiser.state_dict()["state"][0]["exp_avg"], 0.1)


def test_lbfgs_finds_the_minimum_of_rosenbrocks_valley():
    """(1 - a)^2 + 100 (b - a^2)^2 from (-1.2, 1), a classical test (H. Rosenbrock, 1960): the minimum is (1, 1)."""
    p = nn.Parameter([-1.2, 1.0])
    optimiser = nn.LBFGS([p], max_iter=100, tolerance_change=1e-15, line_search_fn="strong_wolfe")
    calls = []

    def closure():
        calls.append(1)
        optimiser.zero_grad()
        a, b = p[0], p[1]
        loss = (1.0 - a) ** 2 + 100.0 * (b - a * a) ** 2
        loss.backward()
        return loss

    assert float(optimiser.step(closure)) == pytest.approx(24.2)
    np.testing.assert_allclose(p.numpy(), [1.0, 1.0], atol=1e-6)
    assert len(calls) < 60
    evaluations = len(calls)
    optimiser.step(closure)
    assert len(calls) == evaluations + 1, "at the minimum there is nothing to do"


def test_lbfgs_leaves_frozen_parameters_and_those_without_a_gradient():
    p, q, r = nn.Parameter([3.0]), nn.Parameter([1.0], requires_grad=False), nn.Parameter([2.0])
    optimiser = nn.LBFGS([p, q, r])

    def closure():
        optimiser.zero_grad()
        loss = ((p * q - 1.0) ** 2).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    np.testing.assert_allclose([p.item(), q.item(), r.item()], [1.0, 1.0, 2.0])
