"""Optimisers and schedules beside PyTorch's, in float64: a hundred steps from the same weights, epoch for epoch."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")

import nn  # noqa: E402
from nn import schedule  # noqa: E402

SETTINGS = {
    "SGD": [
        {"lr": 0.1},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01},
        {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
        {"lr": 0.001, "momentum": 0.5, "maximize": True, "weight_decay": 0.1},
    ],
    "RMSprop": [
        {},
        {"alpha": 0.9, "eps": 1e-6, "weight_decay": 0.01},
        {"lr": 0.002, "momentum": 0.9},
        {"lr": 0.002, "centered": True, "eps": 1e-3},
        {"lr": 0.002, "momentum": 0.8, "centered": True, "eps": 1e-3, "maximize": True},
    ],
    "Adagrad": [
        {},
        {"lr": 0.1, "lr_decay": 0.05, "weight_decay": 0.01},
        {"lr": 0.1, "initial_accumulator_value": 0.1, "eps": 1e-6, "maximize": True},
    ],
    "Adadelta": [{}, {"lr": 0.5, "rho": 0.8, "eps": 1e-4, "weight_decay": 0.01}, {"maximize": True}],
    "Adam": [
        {},
        {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.01},
        {"lr": 0.01, "amsgrad": True, "weight_decay": 0.1},
        {"lr": 0.01, "amsgrad": True, "maximize": True},
    ],
    "AdamW": [
        {},
        {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.3},
        {"lr": 0.01, "amsgrad": True, "maximize": True},
    ],
    "NAdam": [{}, {"lr": 0.01, "betas": (0.8, 0.95), "momentum_decay": 0.05, "weight_decay": 0.01}],
}
CASES = [(name, settings) for name, all_of_it in SETTINGS.items() for settings in all_of_it]


def twins(activation="Tanh"):
    """The same 3-layer network here and in PyTorch, and a batch."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(32, 6)), rng.integers(0, 4, 32)
    ours = nn.MLP([6, 8, 5, 4], activation=getattr(nn, activation), rng=1)
    act = getattr(torch.nn, activation)
    layers = torch.nn.Linear(6, 8), act(), torch.nn.Linear(8, 5), act(), torch.nn.Linear(5, 4)
    theirs = torch.nn.Sequential(*layers).double()
    theirs.load_state_dict({key: torch.tensor(value) for key, value in ours.state_dict().items()})
    return ours, theirs, x, y


def losses(ours, theirs, x, y):
    for model in (ours, theirs):
        model.zero_grad()
    a = nn.CrossEntropyLoss()(ours(x), y)
    b = torch.nn.CrossEntropyLoss()(theirs(torch.tensor(x)), torch.tensor(y))
    a.backward()
    b.backward()
    return a, b


def assert_equal(ours, theirs, atol):
    state = theirs.state_dict()
    for key, value in ours.state_dict().items():
        np.testing.assert_allclose(value, state[key].numpy(), rtol=0, atol=atol, err_msg=key)


def plain(state):
    """PyTorch's state with arrays and numbers in place of its tensors."""
    if isinstance(state, dict):
        return {key: plain(value) for key, value in state.items()}
    if isinstance(state, list):
        return [plain(value) for value in state]
    return state.numpy().copy() if torch.is_tensor(state) else state


def tensors(state):
    if isinstance(state, dict):
        return {key: tensors(value) for key, value in state.items()}
    if isinstance(state, list):
        return [tensors(value) for value in state]
    return torch.tensor(state) if isinstance(state, np.ndarray) else state


@pytest.mark.parametrize(
    ("name", "settings", "activation"),
    [(*case, "Tanh") for case in CASES]
    + [("SGD", SETTINGS["SGD"][2], "ReLU"), ("SGD", SETTINGS["SGD"][2], "Sigmoid"), ("Adam", {}, "ReLU")],
    ids=str,
)
def test_a_hundred_steps(name, settings, activation):
    """The same loss before each step, and the same weights in the end."""
    ours, theirs, x, y = twins(activation)
    a = getattr(nn.optim, name)(ours.parameters(), **settings)
    b = getattr(torch.optim, name)(theirs.parameters(), **settings)
    start = ours.state_dict()
    for _ in range(100):
        loss, peer = losses(ours, theirs, x, y)
        rel = 1e-8 if name == "NAdam" else 1e-10  # there PyTorch keeps the product of the momenta in float32
        assert loss.item() == pytest.approx(peer.item(), rel=rel)
        a.step()
        b.step()
    assert_equal(ours, theirs, 1e-8)
    assert all(not np.allclose(value, start[key], atol=1e-6) for key, value in ours.state_dict().items())


@pytest.mark.parametrize("name", SETTINGS)
def test_defaults(name):
    p, q = nn.Parameter([1.0]), torch.nn.Parameter(torch.ones(1))
    theirs = getattr(torch.optim, name)([q]).param_groups[0]
    (ours,) = getattr(nn.optim, name)([p]).param_groups
    assert {k: v for k, v in ours.items() if k != "params"} == {k: theirs[k] for k in ours if k != "params"}


@pytest.mark.parametrize(("name", "settings"), CASES, ids=str)
def test_states_go_both_ways(name, settings):
    """Ten steps in one library, ten more in the other."""
    for to_us in (True, False):
        ours, theirs, x, y = twins()
        a = getattr(nn.optim, name)(ours.parameters(), **settings)
        b = getattr(torch.optim, name)(theirs.parameters(), **settings)
        for step in range(20):
            losses(ours, theirs, x, y)
            a.step()
            b.step()
            if step == 10 and to_us:
                a = getattr(nn.optim, name)(ours.parameters(), lr=0.3)
                a.load_state_dict(plain(b.state_dict()))
            elif step == 10:
                saved = tensors(a.state_dict())
                b = getattr(torch.optim, name)(theirs.parameters(), lr=0.3)
                b.load_state_dict(saved)
        assert_equal(ours, theirs, 1e-8)


@pytest.mark.parametrize("name", SETTINGS)
def test_groups_and_parameters_without_a_gradient(name):
    """Two groups with rates of their own; the second layer gets a gradient in every third step only."""
    ours, theirs, x, y = twins()
    a = getattr(nn.optim, name)(
        [
            {"params": ours[0].parameters(), "lr": 0.02},
            {"params": [*ours[2].parameters(), *ours[4].parameters()]},
        ],
        lr=0.01,
        weight_decay=0.1,
    )
    b = getattr(torch.optim, name)(
        [
            {"params": theirs[0].parameters(), "lr": 0.02},
            {"params": [*theirs[2].parameters(), *theirs[4].parameters()]},
        ],
        lr=0.01,
        weight_decay=0.1,
    )
    for step in range(30):
        losses(ours, theirs, x, y)
        for model in (ours, theirs):
            if step % 3:
                model[2].weight.grad = None
            model[4].bias.grad *= 0.5
        if step == 10:
            for optimiser in (a, b):
                optimiser.param_groups[1]["lr"] = 0.05
        a.step()
        b.step()
    assert_equal(ours, theirs, 1e-8)


# --- L-BFGS


@pytest.mark.parametrize(
    "settings",
    [
        {"line_search_fn": "strong_wolfe"},
        {"line_search_fn": "strong_wolfe", "history_size": 3, "max_iter": 7},
        {"line_search_fn": "strong_wolfe", "lr": 5.0, "max_iter": 10, "max_eval": 6},
        {"lr": 0.2, "max_iter": 5, "history_size": 4},
    ],
    ids=str,
)
def test_lbfgs(settings):
    ours, theirs, x, y = twins("Sigmoid")
    a = nn.LBFGS(ours.parameters(), **settings)
    b = torch.optim.LBFGS(theirs.parameters(), **settings)
    calls = [0, 0]

    def closure():
        calls[0] += 1
        a.zero_grad()
        loss = nn.CrossEntropyLoss()(ours(x), y)
        loss = loss + 0.01 * sum(
            (p * p).sum() for p in ours.parameters()
        )  # one minimum, at a finite distance
        loss.backward()
        return loss

    def peer():
        calls[1] += 1
        b.zero_grad()
        loss = torch.nn.CrossEntropyLoss()(theirs(torch.tensor(x)), torch.tensor(y))
        loss = loss + 0.01 * sum((p * p).sum() for p in theirs.parameters())
        loss.backward()
        return loss

    for step in range(3):
        loss = a.step(closure)
        assert loss.item() == pytest.approx(b.step(peer).item(), abs=1e-8)
        assert calls[0] == calls[1]
        assert_equal(ours, theirs, 1e-8)
        if step == 1:
            a = nn.LBFGS(ours.parameters())
            a.load_state_dict(plain(b.state_dict()))
    assert a.state_dict()["state"][0]["n_iter"] == b.state_dict()["state"][0]["n_iter"]
    np.testing.assert_allclose(
        a.state_dict()["state"][0]["prev_flat_grad"], b.state_dict()["state"][0]["prev_flat_grad"], atol=1e-8
    )


# --- schedules


def sequences(make, lr=0.5, epochs=39, metrics=None, optimiser="SGD", **settings):
    """The rates of both libraries, epoch for epoch, of two groups."""
    found = []
    for library, schedules in ((nn, schedule), (torch, torch.optim.lr_scheduler)):
        parameter = library.nn.Parameter if library is torch else library.Parameter
        ps = [parameter(torch.ones(1) if library is torch else [1.0]) for _ in range(2)]
        optim = getattr(library.optim, optimiser)(
            [{"params": ps[:1]}, {"params": ps[1:], "lr": 0.07}], lr=lr, **settings
        )
        made = make(schedules, optim)
        rows = []
        for epoch in range(epochs):
            rows.append([value for group in optim.param_groups for value in [group["lr"], *momenta(group)]])
            if library is torch:
                optim.step()
            made.step(*(() if metrics is None else (metrics[epoch],)))
            rows.append(list(made.get_last_lr()))
        found.append(np.concatenate([np.ravel(row) for row in rows]))
    return found


def momenta(group):
    return [group["betas"][0]] if "betas" in group else [group["momentum"]]


MAKERS = {
    "StepLR": lambda s, o: s.StepLR(o, 3, 0.5),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [2, 5, 5, 11], gamma=0.3),
    "MultiStepLR from 0": lambda s, o: s.MultiStepLR(o, [0, 4]),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, 0.93),
    "LambdaLR": lambda s, o: s.LambdaLR(o, [lambda e: 0.95**e, lambda e: 1 / (1 + e)]),
    "LambdaLR, one": lambda s, o: s.LambdaLR(o, lambda e: 1 / (1 + 0.3 * e)),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lambda e: 0.9 if e % 2 else 1.05),
    "ConstantLR": lambda s, o: s.ConstantLR(o, 0.25, 7),
    "LinearLR": lambda s, o: s.LinearLR(o),
    "LinearLR down": lambda s, o: s.LinearLR(o, 1.0, 0.1, 9),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o, 12, 2.0),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, 10),
    "CosineAnnealingLR to 0.01": lambda s, o: s.CosineAnnealingLR(o, 7, eta_min=0.01),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 4),
    "CosineAnnealingWarmRestarts x 2": lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, 2, 0.001),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, 0.4, total_steps=40),
    "OneCycleLR, three": lambda s, o: s.OneCycleLR(
        o, [0.4, 0.2], epochs=5, steps_per_epoch=8, three_phase=True, anneal_strategy="linear"
    ),
    "SequentialLR": lambda s, o: s.SequentialLR(
        o,
        [s.LinearLR(o, 0.1, total_iters=5), s.CosineAnnealingLR(o, 20, 0.001), s.ExponentialLR(o, 0.8)],
        [5, 25],
    ),
    "SequentialLR of constants": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.1, 100), s.StepLR(o, 4), s.LambdaLR(o, lambda e: 0.5**e)], [3, 17]
    ),
    "ChainedScheduler": lambda s, o: s.ChainedScheduler(
        [s.LinearLR(o, 0.1, total_iters=4), s.ExponentialLR(o, 0.9), s.StepLR(o, 10)]
    ),
}


# PyTorch changes the rate a second time if it resumes where one of these has just changed it, and a resumed
# SequentialLR or CosineAnnealingWarmRestarts there begins with its first part; here they go on as they would have.
CHANGED_TWICE = {
    "StepLR": range(3, 99, 3),
    "MultiStepLR": (2, 5, 11),
    "MultiStepLR from 0": (4,),
    "ConstantLR": (7,),
    "ChainedScheduler": (10,),
}
BEGINS_ANEW = ("SequentialLR", "SequentialLR of constants")
FIRST_CYCLE = {"CosineAnnealingWarmRestarts x 2": 4}


class WithLastEpoch:
    """The schedules of a library, each made with last_epoch."""

    def __init__(self, schedules, last_epoch):
        self.schedules, self.last_epoch = schedules, last_epoch

    def __getattr__(self, name):
        kind = getattr(self.schedules, name)
        if name == "ChainedScheduler":
            return kind
        return lambda *args, **settings: kind(*args, last_epoch=self.last_epoch, **settings)


def resumed(library, schedules, make, done, idiom):
    """The rates of two groups after `done` epochs, in a new optimiser with a new schedule that is told so."""
    parameter = library.nn.Parameter if library is torch else library.Parameter

    def optimiser(lr, other):
        ps = [parameter(torch.ones(1) if library is torch else [1.0]) for _ in range(2)]
        return library.optim.SGD([{"params": ps[:1]}, {"params": ps[1:], "lr": other}], lr=lr, momentum=0.9)

    second = optimiser(0.5, 0.07)
    if idiom:  # instead of a state: the initial rates, and where they stand
        for group in second.param_groups:
            group["initial_lr"] = group["lr"]
    else:
        first = optimiser(0.5, 0.07)
        made = make(schedules, first)
        for _ in range(done):
            first.step()
            made.step()
        second.load_state_dict(first.state_dict())
    made = make(WithLastEpoch(schedules, done - 1), second)
    rows = []
    for _ in range(8):
        rows.append([group["lr"] for group in second.param_groups] + list(made.get_last_lr()))
        second.step()
        made.step()
    return rows


@pytest.mark.parametrize(
    ("name", "idiom"),
    [(name, False) for name in MAKERS if name not in BEGINS_ANEW]
    + [(name, True) for name in MAKERS if name not in BEGINS_ANEW and "OneCycle" not in name],
)
def test_resuming_with_last_epoch(name, idiom):
    for done in range(1, min(15, FIRST_CYCLE.get(name, 15))):
        if done not in CHANGED_TWICE.get(name, ()):
            ours = resumed(nn, schedule, MAKERS[name], done, idiom)
            theirs = resumed(torch, torch.optim.lr_scheduler, MAKERS[name], done, idiom)
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12, err_msg=str(done))


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("optimiser", ["SGD", "Adam"])
def test_the_sequence_of_rates(name, optimiser):
    ours, theirs = sequences(
        MAKERS[name], optimiser=optimiser, **({"momentum": 0.9} if optimiser == "SGD" else {})
    )
    assert len(set(theirs.round(12))) > 3, "a schedule that changes nothing tests nothing"
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "settings",
    [
        {"patience": 2},
        {"patience": 0, "mode": "max", "threshold": 0.1, "factor": 0.5},
        {"patience": 1, "threshold_mode": "abs", "threshold": 0.05, "cooldown": 3, "min_lr": 0.01},
        {"patience": 1, "mode": "max", "threshold_mode": "abs", "min_lr": [0.1, 0.02], "factor": 0.3},
    ],
    ids=str,
)
def test_reduce_on_plateau(settings):
    rng = np.random.default_rng(0)
    metrics = np.exp(-np.arange(40) / 10) + rng.normal(size=40) * 0.1
    ours, theirs = sequences(lambda s, o: s.ReduceLROnPlateau(o, **settings), metrics=metrics)
    assert len(set(theirs)) > 3
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-15)


def test_a_rate_set_by_hand_is_built_upon_as_pytorch_does():
    rows = []
    for library in (nn, torch):
        p = nn.Parameter([1.0]) if library is nn else torch.nn.Parameter(torch.ones(1))
        schedules = schedule if library is nn else torch.optim.lr_scheduler
        optimiser = library.optim.SGD([p], lr=1.0)
        made = schedules.CosineAnnealingLR(optimiser, 10)
        rates = []
        for epoch in range(20):
            if epoch == 4:
                optimiser.param_groups[0]["lr"] = 0.3
            if library is torch:
                optimiser.step()
            made.step()
            rates.append(optimiser.param_groups[0]["lr"])
        rows.append(rates)
    np.testing.assert_allclose(*rows, rtol=0, atol=1e-12)
