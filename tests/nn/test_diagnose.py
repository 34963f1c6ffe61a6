"""diagnose: bias and variance from train and dev error, what a curve says, what is wrong inside, and the advice."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import nn
from nn.inspection.trend import trend, turned


def history(train, dev=None, loss=None, val_loss=None):
    """A settled training that ends with these errors."""
    found, losses = nn.History(), loss or [1.0, 0.5, 0.3, 0.25, 0.24, 0.24, 0.24, 0.24]
    for i, number in enumerate(losses):
        found.add(loss=number, accuracy=None if train is None else 1 - train)
        if dev is not None:
            found.add(val_accuracy=1 - dev)
        if val_loss is not None:
            found.add(val_loss=val_loss[i])
    return found


# --- the course's reading of two numbers


@pytest.mark.parametrize(
    ("train", "dev", "target", "verdict"),
    [
        (0.01, 0.11, 0.0, "high variance"),
        (0.15, 0.16, 0.0, "high bias"),
        (0.15, 0.30, 0.0, "high bias and high variance"),
        (0.005, 0.01, 0.0, "fine"),
        (0.02, 0.04, 0.0, "fine"),
        (0.021, 0.03, 0.0, "high bias"),
        (0.01, 0.031, 0.0, "high variance"),
        (0.15, 0.16, 0.15, "fine"),  # where humans err as often
        (0.08, 0.10, 0.01, "high bias"),
        (0.02, 0.0, 0.0, "fine"),
        (0.15, None, 0.0, "high bias"),
        (0.01, None, 0.0, "low bias, and no dev set to see the variance"),
    ],
)
def test_bias_and_variance_from_train_and_dev_error(train, dev, target, verdict):
    found = nn.diagnose(history(train, dev), target=target)
    assert found.verdict == verdict
    assert found.bias == pytest.approx(train - target)
    assert found.variance == (None if dev is None else pytest.approx(dev - train))
    assert found.high_bias == ("bias" in verdict.split(",")[0] and "high bias" in verdict)
    assert found.high_variance == ("high variance" in verdict)
    assert verdict in str(found)
    assert verdict in repr(found)


def test_the_tolerance_is_a_setting():
    assert nn.diagnose(history(0.03, 0.05), tolerance=0.05).verdict == "fine"
    assert nn.diagnose(history(0.03, 0.05), tolerance=0.01).verdict == "high bias and high variance"


def test_advice_comes_in_the_courses_order():
    bias = nn.diagnose(history(0.2, 0.21)).advice
    assert "bigger network" in bias[0]
    assert bias.index("more epochs") < next(i for i, text in enumerate(bias) if "optimiser" in text)
    assert not any("data" in text or text == "dropout" for text in bias)
    variance = nn.diagnose(history(0.01, 0.2)).advice
    kinds = ["more training data", "L2", "dropout", "augmentation", "early stopping", "smaller"]
    assert [k for text in variance for k in kinds if k in text] == kinds
    assert not any("bigger" in text for text in variance)
    both = nn.diagnose(history(0.2, 0.4)).advice
    where = {k: next(i for i, text in enumerate(both) if k in text) for k in ("bigger", "more training data")}
    assert where["bigger"] < where["more training data"]  # bias first
    assert not any("smaller network" in text for text in both)
    fine = nn.diagnose(history(0.0, 0.01)).advice
    assert "test set" in fine[0]
    order = [fine[1].index(word) for word in ("learning rate", "momentum", "layers", "decay")]
    assert order == sorted(order)


def test_an_early_minimum_of_the_dev_loss_is_named_first():
    val = [0.9, 0.5, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7]
    found = nn.diagnose(history(0.0, 0.15, val_loss=val))
    assert found.best_epoch == 3
    assert "early stopping" in found.advice[0]
    assert "after epoch 3" in found.advice[0]
    assert found.findings == ["the dev loss was lowest after epoch 3, 0.4, and is 0.7 now"]
    assert found.findings[0] in str(found)
    assert nn.diagnose(history(0.0, 0.15, val_loss=[0.5] * 8)).best_epoch is None


def test_losses_where_there_are_no_classes():
    falls = [4.0, 1.0, 0.3, 0.1, 0.05, 0.04, 0.04, 0.04]
    good = nn.diagnose(history(None, loss=falls, val_loss=[x + 0.01 for x in falls]))
    assert (good.verdict, good.unit) == ("fine", "loss")
    assert good.bias == pytest.approx(0.04)
    ends = nn.diagnose(history(None, loss=falls, val_loss=[x + 0.01 * i for i, x in enumerate(falls)]))
    assert ends.variance == pytest.approx(0.07)
    apart = nn.diagnose(history(None, loss=falls, val_loss=[2.0] * 8))
    assert apart.verdict == "high variance"
    rests = [4.0, 3.0, 2.5, 2.4, 2.4, 2.4, 2.4, 2.4]
    assert nn.diagnose(history(None, loss=rests, val_loss=rests)).verdict == "high bias"
    assert nn.diagnose(history(None, loss=rests, val_loss=rests), target=2.3).verdict == "fine"


# --- how a curve runs


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        ([2.3, 1.0, 0.5, 0.4, 0.38, 0.37, 0.37, 0.37], "settled"),
        ([1.0 * 0.5**i for i in range(20)], "settled"),
        ([1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3], "still improving"),
        ([2.302 - 0.003 * i for i in range(20)], "too slow"),
        ([2.3] * 10, "stuck"),
        ([2.3, 2.29, 2.29, 2.29, 2.29, 2.29, 2.29, 2.29], "stuck"),
        ([1.0, 0.8, 1.1, 0.7, 1.2, 0.6, 1.1, 0.9], "oscillating"),
        ([1.0, 0.6, 0.5, 0.45, 0.46, 0.44, 0.45, 0.44], "settled"),  # a little noise is none
        ([1.0, 1.0, 1.0, 0.9, 0.5, 0.62, 0.3, 0.1], "still improving"),  # it falls far more than it rises
        ([1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.4, 0.4], "settled"),  # it fell, and then no more
        ([100.0, 10.0, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5], "settled"),  # by little of what it once was
        ([1.0, 0.9, 1.5, 3.0, 9.0], "diverging"),
        ([1.0, 2.0, math.inf], "diverging"),
        ([1.0, math.nan], "diverging"),
        ([1.0, 0.5, 0.3], "too short to tell"),
        ([0.0, 0.0, 0.0, 0.0], "settled"),
        ([-1.0, -2.0, -3.0, -3.1], "settled"),
    ],
)
def test_trends(loss, says):
    for unit in (1, 1024, 1 / 1024):  # exact, so that no rounding decides
        assert trend([unit * x for x in loss]) == says


def test_trends_give_their_own_advice():
    def advice(loss, train=0.4):
        return nn.diagnose(history(train, train, loss=loss)).advice

    small = history(0.4, 0.4, loss=[2.3 - 0.002 * i for i in range(12)])
    small.lr = [0.001] * 12
    assert nn.diagnose(small).advice[0] == "a learning rate ten times larger than 0.001"
    assert "smaller" in advice([1.0, 0.8, 1.1, 0.7, 1.2, 0.6, 1.1, 0.9])[0]
    assert "still falling" in advice([1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3])[0]
    diverging = nn.diagnose(history(0.1, 0.1, loss=[1.0, 0.9, 1.5, 3.0, 9.0]))
    assert diverging.verdict == "diverging"
    assert "ten times smaller" in diverging.advice[0]
    assert any("clip_grad_norm_" in text for text in diverging.advice)


def test_a_network_that_has_hardly_learned_is_told_so_before_it_is_made_bigger():
    X, y = rings()
    hardly = "hardly learned yet: a learning rate ten times larger than 0.0001, more epochs"
    for lr, first in ((1e-4, hardly), (1.0, "more epochs than 3")):
        model = nn.MLP([2, 16, 2], rng=0)
        optimiser = nn.SGD(model.parameters(), lr)
        seen = nn.fit(model, (X, y), epochs=3, optimiser=optimiser, validation=(X, y), rng=0)
        advice = nn.diagnose(seen, tolerance=0.0).advice
        assert advice[0] == first
        assert "more epochs" not in advice[1:]
        assert any("bigger network" in text for text in advice[1:])
    assert nn.diagnose(history(0.4, 0.4, loss=[0.7])).advice[0] == "more epochs than 1"
    assert nn.diagnose(history(0.4, 0.4, loss=[70.0, 68.0])).advice[0].startswith("hardly learned yet")
    assert not any("epochs" in text for text in nn.diagnose(history(0.0, 0.0, loss=[0.7, 0.69])).advice)


@pytest.mark.parametrize(("has", "other"), [("nn.Adam", "nn.SGD"), ("nn.SGD", "nn.Adam")])
def test_another_optimiser_is_another_one_whichever_it_was(has, other):
    (line,) = [text for text in nn.diagnose(history(0.3, 0.31)).advice if "optimiser" in text]
    assert re.search(rf"{other}[^,]* after {has}\b", line)
    assert hasattr(nn, has.removeprefix("nn."))


def test_l2_is_one_word_of_fit():
    assert "L2: fit(..., l2=...), or weight_decay of the optimiser" in nn.diagnose(history(0.0, 0.3)).advice


def test_where_the_dev_loss_turns():
    assert turned([]) is None
    assert turned([3.0, 2.0, 1.0]) is None
    assert turned([3.0, 1.0, 1.01, 1.02]) is None  # by less than 5 %
    assert turned([3.0, 1.0, 1.2]) is None  # one epoch is noise
    assert turned([3.0, 1.0, 1.2, 1.3]) == 2


# --- real trainings


def rings(n=300, seed=0):
    """Two classes, one around the other."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    angle, radius = rng.uniform(0, 2 * np.pi, n), np.where(y == 1, 2.0, 0.7) + 0.1 * rng.normal(size=n)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), y


def test_a_network_too_small_has_bias_and_a_bigger_one_is_fine():
    data, dev = rings(), rings(seed=1)
    small, big = nn.Linear(2, 2, rng=0), nn.MLP([2, 16, 2], rng=0)
    found = nn.diagnose(nn.fit(small, data, epochs=20, validation=dev, rng=0))
    assert found.verdict.startswith("high bias")
    assert found.bias > 0.3
    assert any("bigger network" in text for text in found.advice)
    found = nn.diagnose(
        nn.fit(big, data, epochs=40, batch_size=16, validation=dev, rng=0), model=big, X=data[0]
    )
    assert found.verdict == "fine"


def test_few_rows_and_a_large_network_have_variance():
    rng = np.random.default_rng(0)
    X, Xv = rng.normal(size=(40, 20)), rng.normal(size=(200, 20))
    y, yv = (X[:, 0] > 0).astype(int), (Xv[:, 0] > 0).astype(int)
    model = nn.MLP([20, 64, 2], rng=0)
    found = nn.diagnose(nn.fit(model, (X, y), epochs=40, batch_size=8, validation=(Xv, yv), rng=0))
    assert found.verdict == "high variance"
    assert found.variance > 0.1 > found.bias
    assert found.best_epoch


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_learning_rates_too_small_and_too_large():
    data = rings()
    slow = nn.MLP([2, 16, 2], rng=0)
    found = nn.diagnose(
        nn.fit(slow, data, epochs=10, optimiser=nn.SGD(slow.parameters(), lr=1e-4), validation=data, rng=0)
    )
    assert (found.trend, found.verdict) == ("too slow", "high bias")
    assert "larger" in found.advice[0]
    wild = nn.MLP([2, 16, 1], rng=0)
    with pytest.raises(nn.DivergedError) as error:
        nn.fit(
            wild,
            (data[0], data[1][:, None].astype(float)),
            epochs=50,
            optimiser=nn.SGD(wild.parameters(), lr=50.0),
            loss=nn.MSELoss(),
            rng=0,
        )
    found = nn.diagnose(error.value)
    assert (found.trend, found.verdict) == ("diverging", "diverging")
    assert "smaller" in found.advice[0]
    assert "diverging" in str(found)


# --- inside the network


def test_dead_and_saturated_units_and_wild_inputs_are_named():
    X, _ = rings()
    dead = nn.MLP([2, 10, 10, 2], rng=0)
    nn.init.constant_(dead[2].bias, -100.0)
    found = nn.diagnose(history(0.4, 0.4), model=dead, X=X)
    assert any("100 % of the units of layer '2' (relu) are dead" in text for text in found.findings)
    assert "leaky ReLU" in found.advice[0]
    stuck = nn.init.apply_init(nn.MLP([2, 10, 10, 2], nn.Tanh, rng=0), "normal", rng=0)
    found = nn.diagnose(history(0.4, 0.4), model=stuck, X=100 * X)
    assert "saturated" in str(found)
    assert any("an input has" in text for text in found.findings)
    assert "Standardiser" in found.advice[0]
    fine = nn.init.apply_init(nn.MLP([2, 10, 10, 2], nn.Tanh, rng=0), "xavier_normal", rng=0)
    assert nn.diagnose(history(0.0, 0.0), model=fine, X=X).findings == []


def test_vanishing_and_exploding_gradients_are_named():
    X, _ = rings()
    deep = nn.init.apply_init(nn.MLP([2] + [10] * 6 + [2], nn.Sigmoid, rng=0), "small_normal", rng=0)
    found = nn.diagnose(history(0.5, 0.5), model=deep, X=X)
    assert any("gradients vanish" in text for text in found.findings)
    assert any("ReLU in place" in text for text in found.advice)
    for norms, word in (([1e-6, 1.0], "vanish"), ([1e5, 1.0], "explode")):
        seen = history(0.5, 0.5)
        seen.gradient_norms = {"0": [1.0, norms[0]], "2": [1.0, norms[1]]}
        assert any(word in text for text in nn.diagnose(seen).findings)


# --- what is refused


def test_what_is_refused():
    with pytest.raises(TypeError, match="History that fit returned"):
        nn.diagnose([1.0, 0.5])
    with pytest.raises(ValueError, match="no epoch"):
        nn.diagnose(nn.History())
    with pytest.raises(TypeError, match="X=X"):
        nn.diagnose(history(0.1, 0.1), model=nn.Linear(2, 2))
    with pytest.raises(TypeError, match="Module is needed"):
        nn.diagnose(history(0.1, 0.1), model=3, X=np.ones((2, 2)))
    with pytest.raises(ValueError, match="tolerance"):
        nn.diagnose(history(0.1, 0.1), tolerance=-1)
