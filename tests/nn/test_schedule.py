"""Schedules: the course's formulas, combinations, states, and what is said about bad settings."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

import nn
from nn import schedule


def sgd(lr=1.0, groups=1):
    return nn.SGD([{"params": [nn.Parameter([1.0])], "lr": lr / (i + 1)} for i in range(groups)])


def rates(made, epochs, optimiser=None):
    """The rate in each epoch."""
    found = []
    for _ in range(epochs):
        found.append((optimiser or made.optimiser).lr)
        made.step()
    return found


def test_the_course_s_decay():
    """alpha = alpha_0 / (1 + decay * epoch), for every group, over many epochs."""
    optimiser = sgd(0.2, groups=2)
    made = schedule.InverseTimeLR(optimiser, decay=0.7)
    for epoch in range(200):
        for group, first in zip(optimiser.param_groups, (0.2, 0.1)):
            assert group["lr"] == pytest.approx(first / (1 + 0.7 * epoch), rel=1e-12)
        assert made.get_last_lr() == [group["lr"] for group in optimiser.param_groups]
        made.step()


def test_warm_up_then_cosine():
    optimiser = sgd()
    warm = schedule.LinearLR(optimiser, start_factor=0.1, total_iters=9)
    cosine = schedule.CosineAnnealingLR(optimiser, T_max=40)
    made = schedule.SequentialLR(optimiser, [warm, cosine], milestones=[9])
    found = rates(made, 50)
    np.testing.assert_allclose(found[:10], np.linspace(0.1, 1.0, 10), rtol=1e-12)
    np.testing.assert_allclose(found[9:], (1 + np.cos(np.pi * np.arange(41) / 40)) / 2, atol=1e-12)


def test_the_cosine_ends_at_its_end_and_never_below_zero():
    found = rates(schedule.CosineAnnealingLR(sgd(), T_max=1000), 4000)
    assert min(found) >= 0.0
    assert max(found) <= 1.0 + 1e-9
    assert found[1000] == pytest.approx(0.0, abs=1e-15)


def test_a_schedule_by_the_step():
    """Nothing counts epochs but the caller: with a call a batch it is a schedule by the step."""
    p = nn.Parameter([0.0])
    optimiser = nn.SGD([p], lr=1.0)
    made = schedule.ExponentialLR(optimiser, 0.5)
    for _ in range(10):
        optimiser.zero_grad()
        (p * 1.0).sum().backward()
        optimiser.step()
        made.step()
    np.testing.assert_allclose(p.numpy(), [-(2 - 2.0**-9)], rtol=1e-12)


MAKERS = {
    "StepLR": lambda o: schedule.StepLR(o, 3),
    "MultiStepLR": lambda o: schedule.MultiStepLR(o, [2, 5]),
    "ExponentialLR": lambda o: schedule.ExponentialLR(o, 0.9),
    "InverseTimeLR": lambda o: schedule.InverseTimeLR(o, 0.5),
    "LambdaLR": lambda o: schedule.LambdaLR(o, half),
    "MultiplicativeLR": lambda o: schedule.MultiplicativeLR(o, half),
    "ConstantLR": lambda o: schedule.ConstantLR(o),
    "LinearLR": lambda o: schedule.LinearLR(o),
    "PolynomialLR": lambda o: schedule.PolynomialLR(o, 20, 2.0),
    "CosineAnnealingLR": lambda o: schedule.CosineAnnealingLR(o, 7),
    "CosineAnnealingWarmRestarts": lambda o: schedule.CosineAnnealingWarmRestarts(o, 3, 2),
    "OneCycleLR": lambda o: schedule.OneCycleLR(o, 0.5, total_steps=20),
    "SequentialLR": lambda o: schedule.SequentialLR(
        o, [schedule.LinearLR(o), schedule.StepLR(o, 2)], milestones=[4]
    ),
    "ChainedScheduler": lambda o: schedule.ChainedScheduler(
        [schedule.LinearLR(o), schedule.ExponentialLR(o, 0.8)]
    ),
}


def half(epoch):
    return 1 / (1 + epoch)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("epoch", [1, 4, 9])
@pytest.mark.parametrize("way", ["state_dict", "deepcopy", "pickle"])
def test_a_resumed_schedule_goes_on_to_the_bit(name, epoch, way):
    optimiser = sgd(groups=2)
    made = MAKERS[name](optimiser)
    rates(made, epoch)
    if way == "state_dict":
        other = sgd(lr=0.5, groups=2)
        twin = MAKERS[name](other)
        state = json.loads(json.dumps([optimiser.state_dict(), made.state_dict()]))
        other.load_state_dict(state[0])
        twin.load_state_dict(state[1])
    else:
        duplicate = copy.deepcopy if way == "deepcopy" else lambda x: pickle.loads(pickle.dumps(x))
        other, twin = duplicate((optimiser, made))
    assert twin.get_last_lr() == made.get_last_lr()
    assert repr(twin) == repr(made)
    assert rates(twin, 10) == rates(made, 10)
    assert [g["lr"] for g in other.param_groups] == [g["lr"] for g in optimiser.param_groups]


def test_a_resumed_plateau_goes_on():
    losses = [1.0, 0.9, 0.9, 0.9, 0.9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    optimiser, other = sgd(), sgd()
    made = schedule.ReduceLROnPlateau(optimiser, patience=2, cooldown=1)
    for loss in losses[:4]:
        made.step(loss)
    twin = schedule.ReduceLROnPlateau(other, patience=5)
    twin.load_state_dict(json.loads(json.dumps(made.state_dict())))
    other.load_state_dict(optimiser.state_dict())
    for loss in losses[4:]:
        made.step(loss)
        twin.step(loss)
        assert twin.get_last_lr() == made.get_last_lr()
    assert optimiser.lr == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"milestones": None}, TypeError, "milestones is None, not a list"),
        ({"base_lrs": [0.1, 0.2]}, ValueError, "2 parameter groups, and there are 1"),
        ({"nonsense": 1}, KeyError, "SequentialLR.load_state_dict: .*unknown .'nonsense'"),
        ({"last_epoch": ...}, KeyError, "SequentialLR.load_state_dict: missing .'last_epoch'"),
    ],
)
def test_a_combined_schedule_takes_a_state_over_as_a_whole_or_not_at_all(change, error, says):
    def made():
        optimiser = sgd()
        return MAKERS["SequentialLR"](optimiser)

    further, here = made(), made()
    for _ in range(7):
        further.step()
    state = {k: v for k, v in {**further.state_dict(), **change}.items() if v is not ...}
    before = here.state_dict()
    with pytest.raises(error, match=says):
        here.load_state_dict(state)
    assert here.state_dict() == before


class Resumed:
    """The schedules, each made with last_epoch."""

    def __init__(self, last_epoch):
        self.last_epoch = last_epoch

    def __getattr__(self, name):
        if name == "ChainedScheduler":  # its parts have one each
            return nn.schedule.ChainedScheduler
        return lambda *args, **settings: getattr(nn.schedule, name)(
            *args, last_epoch=self.last_epoch, **settings
        )


@pytest.mark.parametrize("name", MAKERS)
def test_last_epoch_goes_on_as_if_nothing_had_happened(name, monkeypatch):
    """With the optimiser's state and the number of the last finished epoch, as PyTorch counts; at every epoch."""
    optimiser = sgd(groups=2)
    whole = MAKERS[name](optimiser)
    expected, states = [], []
    for _ in range(16):
        expected.append([group["lr"] for group in optimiser.param_groups])
        states.append(optimiser.state_dict())
        whole.step()
    for done in range(1, 10):
        other = sgd(lr=0.3, groups=2)
        other.load_state_dict(states[done])
        with monkeypatch.context() as patch:
            patch.setitem(globals(), "schedule", Resumed(done - 1))
            made = MAKERS[name](other)
        found = []
        for _ in range(6):
            found.append([group["lr"] for group in other.param_groups])
            made.step()
        np.testing.assert_allclose(found, expected[done : done + 6], rtol=1e-12, err_msg=str(done))


def test_last_epoch_needs_an_optimiser_that_remembers():
    with pytest.raises(KeyError, match="initial_lr"):
        schedule.StepLR(sgd(), 3, last_epoch=3)


@pytest.mark.parametrize("last_epoch", [-2, 1.0, True])
def test_last_epoch_is_a_number_of_an_epoch(last_epoch):
    for make in (
        lambda o: schedule.StepLR(o, 3, last_epoch=last_epoch),
        lambda o: schedule.SequentialLR(o, [schedule.StepLR(o, 3)], [], last_epoch=last_epoch),
    ):
        with pytest.raises((TypeError, ValueError), match=f"last_epoch={last_epoch}: "):
            make(sgd())


def test_combinations_of_combinations():
    """A warm-up that decays, then stairs that decay: each part begins anew when its turn comes."""
    optimiser = sgd()
    made = schedule.SequentialLR(
        optimiser,
        [
            schedule.ChainedScheduler(
                [schedule.LinearLR(optimiser, 0.5, total_iters=2), schedule.ExponentialLR(optimiser, 0.5)]
            ),
            schedule.SequentialLR(
                optimiser, [schedule.ConstantLR(optimiser, 0.25, 9), schedule.StepLR(optimiser, 1)], [2]
            ),
            schedule.ChainedScheduler(
                [schedule.ConstantLR(optimiser, 0.5, 1), schedule.StepLR(optimiser, 2)]
            ),
        ],
        [3, 7],
    )
    first, second, third = [0.5, 0.375, 0.25], [0.25, 0.25, 1.0, 0.1], [0.5, 1.0, 0.1, 0.1]
    np.testing.assert_allclose(rates(made, 11), first + second + third, rtol=1e-12)


def test_numpy_s_numbers_are_numbers():
    for make in (
        lambda o: schedule.StepLR(o, np.int64(2), np.float32(0.5)),
        lambda o: schedule.ExponentialLR(o, np.float32(0.5)),
        lambda o: schedule.MultiStepLR(o, np.array([1, 3]), np.float64(0.5)),
        lambda o: schedule.CosineAnnealingLR(o, np.int32(4), np.float32(0)),
        lambda o: schedule.OneCycleLR(o, np.float32(0.5), np.int64(9)),
        lambda o: schedule.SequentialLR(o, [schedule.StepLR(o, 3), schedule.StepLR(o, 3)], [np.int64(2)]),
    ):
        made = make(sgd())
        made.step()
        assert all(type(rate) is float for rate in made.get_last_lr())
        json.dumps(made.state_dict())


def test_one_home_under_two_names():
    from nn.optim.lr_scheduler import StepLR

    assert StepLR is nn.optim.lr_scheduler.StepLR is nn.schedule.StepLR
    assert set(nn.optim.lr_scheduler.__all__) == set(nn.schedule.__all__)
    assert set(nn.schedule.__all__) <= set(vars(nn.schedule)) & set(vars(nn.optim.lr_scheduler))


def test_optimisers_know_nothing_of_schedules():
    """Schedules import optimisers, and not the other way round; nn.optim.lr_scheduler is a name for them only."""
    for path in Path(nn.optim.__file__).parent.glob("*.py"):
        assert ("schedule import" in path.read_text(encoding="utf-8")) == (path.name == "lr_scheduler.py"), (
            path
        )


@pytest.mark.parametrize("module", [nn.schedule, nn.optim, nn.losses], ids=lambda module: module.__name__)
def test_everything_public_has_an_example(module):
    kinds = [getattr(module, name) for name in module.__all__]
    assert [kind.__name__ for kind in kinds if ">>>" not in (kind.__doc__ or "")] == []


def test_a_schedule_says_what_it_is():
    assert repr(schedule.StepLR(sgd(), 3)) == "StepLR(step_size=3, gamma=0.1, last_epoch=0)"
    optimiser = sgd()
    made = schedule.ChainedScheduler([schedule.StepLR(optimiser, 3), schedule.ExponentialLR(optimiser, 0.5)])
    assert repr(made).startswith("ChainedScheduler(StepLR(step_size=3")


def test_rates_that_make_no_sense_are_refused_where_they_arise():
    optimiser = sgd()
    made = schedule.LambdaLR(optimiser, lambda epoch: 1.0 - epoch)
    made.step()
    with pytest.raises(ValueError, match=r"lr=-1\.0"):
        made.step()


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda o: schedule.StepLR(nn.SGD, 3), TypeError, "needs an optimiser, such as .*not SGD"),
        (lambda o: schedule.StepLR([0.1], 3), TypeError, "not list"),
        (lambda o: schedule.StepLR(o, 0), ValueError, "step_size=0"),
        (lambda o: schedule.StepLR(o, 2.5), TypeError, "step_size=2.5"),
        (lambda o: schedule.ExponentialLR(o, -0.9), ValueError, "gamma=-0.9"),
        (lambda o: schedule.InverseTimeLR(o, float("nan")), ValueError, "decay=nan"),
        (lambda o: schedule.LinearLR(o, 0.0), ValueError, "start_factor=0.0"),
        (lambda o: schedule.LambdaLR(o, 0.5), ValueError, "give a function"),
        (lambda o: schedule.LambdaLR(o, [half, half]), ValueError, "each of the 1"),
        (lambda o: schedule.CosineAnnealingLR(o, 0), ValueError, "T_max=0"),
        (lambda o: schedule.OneCycleLR(o, 0.1), ValueError, "total_steps, or both"),
        (lambda o: schedule.OneCycleLR(o, [0.1, 0.2], 10), ValueError, "2 rates"),
        (lambda o: schedule.OneCycleLR(nn.Adagrad(o.parameters()), 0.1, 10), ValueError, "no momentum"),
        (lambda o: rates(schedule.OneCycleLR(o, 0.1, 10), 12), ValueError, "step 11 of a cycle of 10"),
        (lambda o: schedule.ReduceLROnPlateau(o, factor=1.0), ValueError, "below 1"),
        (lambda o: schedule.ReduceLROnPlateau(o, mode="least"), ValueError, "'min' or 'max'"),
        (lambda o: schedule.ReduceLROnPlateau(o, min_lr=[0.1, 0.1]), ValueError, "2 numbers for 1"),
        (lambda o: schedule.ReduceLROnPlateau(o).step(), TypeError, "schedule.step\\(val_loss\\)"),
        (lambda o: schedule.SequentialLR(o, [], []), ValueError, "no schedules"),
        (lambda o: schedule.SequentialLR(o, [schedule.StepLR(o, 1)], [3]), ValueError, "for 1 schedules"),
        (
            lambda o: schedule.SequentialLR(o, [schedule.StepLR(o, 1)] * 2, 3),
            TypeError,
            r"milestones=3: .*\[5\]",
        ),
        (lambda o: schedule.SequentialLR(o, [schedule.StepLR(o, 1)] * 2, "3"), TypeError, "list of epochs"),
        (
            lambda o: schedule.SequentialLR(o, [schedule.StepLR(sgd(), 1)], []),
            ValueError,
            "another optimiser",
        ),
        (
            lambda o: schedule.SequentialLR(o, [schedule.LinearLR(o), schedule.ReduceLROnPlateau(o)], [3]),
            TypeError,
            r"plateau\.step\(val_loss\)",
        ),
        (
            lambda o: schedule.ChainedScheduler([schedule.StepLR(o, 1), schedule.ReduceLROnPlateau(o)]),
            TypeError,
            "ReduceLROnPlateau by a metric",
        ),
        (lambda o: schedule.ExponentialLR(o, True), TypeError, "gamma=True"),
        (lambda o: schedule.OneCycleLR(o, 0.1, 10, div_factor=0), ValueError, "div_factor=0"),
        (lambda o: schedule.OneCycleLR(o, 0.1, 10, three_phase=1), TypeError, "three_phase=1"),
        (lambda o: schedule.ReduceLROnPlateau(o, threshold=np.nan), ValueError, "threshold=nan"),
        (lambda o: schedule.ChainedScheduler([3]), TypeError, "combines schedules, not int"),
        (lambda o: schedule.StepLR(o, 1).load_state_dict({}), KeyError, "missing .*'gamma'"),
        (
            lambda o: schedule.StepLR(o, 1).load_state_dict(schedule.StepLR(sgd(groups=2), 1).state_dict()),
            ValueError,
            "2 parameter groups, and there are 1",
        ),
    ],
)
def test_what_is_wrong_is_said(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong(sgd())
