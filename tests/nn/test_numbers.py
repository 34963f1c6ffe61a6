"""Numbers as settings: Python's and NumPy's are one, True is none, and a message names the setting."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import nn
from nn import augment, datasets
from nn.core.numbers import flag, number, share, whole
from nn.metrics.scores import top_k_accuracy

WHOLE = [3, np.int8(3), np.uint64(3), np.array(3)]
REAL = [0.5, np.float16(0.5), np.float32(0.5), np.longdouble(0.5), np.array(0.5), Fraction(1, 2)]


@pytest.mark.parametrize("value", WHOLE, ids=repr)
def test_whole_numbers_of_any_kind(value):
    assert whole("n", value) == 3
    assert type(whole("n", value)) is int
    assert number("x", value) == 3.0
    assert type(number("x", value)) is float


@pytest.mark.parametrize("value", REAL, ids=repr)
def test_numbers_of_any_kind(value):
    for check in (number, share):
        assert check("x", value) == 0.5
        assert type(check("x", value)) is float
    with pytest.raises(TypeError, match=r"^n=.*: it must be a whole number from 1 on"):
        whole("n", value)


@pytest.mark.parametrize(
    "value", [True, np.True_, np.array(True), "3", None, [3], np.array([3]), 3j], ids=repr
)
def test_what_is_no_number(value):
    for check in (whole, number, share):
        with pytest.raises(TypeError, match=r"^n=.*: it must be a"):
            check("n", value)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: whole("n", 0), "n=0: it must be a whole number from 1 on."),
        (lambda: whole("n", -1, 0, "a size"), "n=-1: it must be a whole number from 0 on: a size."),
        (lambda: number("x", np.nan), "x=nan: it must be a finite number."),
        (lambda: number("x", -np.inf), "x=-inf: it must be a finite number."),
        (lambda: number("x", np.nan, finite=False), "x=nan: it must be a number."),
        (lambda: number("x", -1e-9, least=0), "x=-1e-09: it must be a finite number >= 0."),
        (lambda: number("x", 0, above=0), "x=0: it must be a finite number > 0."),
        (
            lambda: number("x", -0.0, above=0, finite=False, why="a norm"),
            "x=-0.0: it must be a number > 0: a norm.",
        ),
        (lambda: share("p", 1.0000001), "p=1.0000001: it must be a number from 0 to 1."),
        (lambda: share("p", np.nan), "p=nan: it must be a number from 0 to 1."),
        (lambda: share("p", 0, zero=False), "p=0: it must be a number above 0, up to 1."),
        (lambda: share("p", 1, one=False), "p=1: it must be a number from 0 on, below 1."),
        (lambda: share("p", 0.0, False, False), "p=0.0: it must be a number between 0 and 1."),
    ],
)
def test_what_is_too_small_or_too_large(call, says):
    with pytest.raises(ValueError, match="=") as caught:
        call()
    assert str(caught.value) == says


def test_ends_belong_to_the_range():
    assert whole("n", -5, None) == -5
    assert number("x", np.inf, finite=False) == np.inf
    assert number("x", 0, least=0) == share("p", 0) == 0.0
    assert share("p", 1) == share("p", 1, zero=False) == 1.0


def test_a_flag_is_true_or_false():
    for value in (True, np.True_):
        assert flag("on", value) is True
    for value in (1, 0.0, None, "yes"):
        with pytest.raises(TypeError, match=r"^on=.*: it must be True or False"):
            flag("on", value)


def images():
    return np.ones((3, 8, 8))


def parameters():
    return [nn.Parameter([[1.0, 2.0]])]


# Settings that count something, each as a call with the number n.
COUNTS = {
    "Linear": lambda n: nn.Linear(n, n),
    "GroupNorm": lambda n: nn.GroupNorm(n, n),
    "EarlyStopping.patience": lambda n: nn.EarlyStopping(n),
    "Checkpoint.every_epochs": lambda n: nn.Checkpoint("there", every_epochs=n),
    "Checkpoint.every_batches": lambda n: nn.Checkpoint("there", every_batches=n),
    "Checkpoint.keep": lambda n: nn.Checkpoint("there", keep=n),
    "DataLoader.batch_size": lambda n: nn.DataLoader(np.ones(6), n),
    "k_fold": lambda n: nn.k_fold(np.ones(9), np.ones(9), k=n, stratify=False),
    "fit.epochs": lambda n: nn.fit(nn.Linear(2, 2, rng=0), (np.eye(2), np.array([0, 1])), epochs=n),
    "summary.m": lambda n: nn.summary(nn.Linear(2, 2), 2, m=n),
    "l2_penalty.m": lambda n: nn.l2_penalty(parameters(), 1.0, n),
    "top_k_accuracy": lambda n: top_k_accuracy(np.eye(3), np.arange(3), n),
    "shift": lambda n: augment.shift(images(), n, rng=0),
    "moons": lambda n: datasets.moons(n, rng=0),
    "LBFGS.history_size": lambda n: nn.LBFGS(parameters(), history_size=n),
    "StepLR.step_size": lambda n: nn.schedule.StepLR(nn.SGD(parameters()), n),
    "MLPClassifier.max_iter": lambda n: nn.MLPClassifier(max_iter=n)._check(),
}
# Settings that are any number, each as a call with x.
NUMBERS = {
    "SGD.lr": lambda x: nn.SGD(parameters(), lr=x),
    "Adam.betas": lambda x: nn.Adam(parameters(), betas=(x, x)),
    "ExponentialLR": lambda x: nn.schedule.ExponentialLR(nn.SGD(parameters()), x),
    "ReduceLROnPlateau": lambda x: nn.schedule.ReduceLROnPlateau(nn.SGD(parameters()), factor=x, threshold=x),
    "OneCycleLR": lambda x: nn.schedule.OneCycleLR(nn.SGD(parameters(), momentum=0.9), x, 9, pct_start=x),
    "EarlyStopping.min_delta": lambda x: nn.EarlyStopping(min_delta=x),
    "Dropout": lambda x: nn.Dropout(x),
    "LSTM.dropout": lambda x: nn.LSTM(2, 2, 2, dropout=x),
    "HuberLoss": lambda x: nn.HuberLoss(delta=x),
    "CrossEntropyLoss": lambda x: nn.CrossEntropyLoss(label_smoothing=x),
    "l2_penalty.lam": lambda x: nn.l2_penalty(parameters(), x, 3),
    "max_norm_": lambda x: nn.max_norm_(parameters(), x),
    "clip_grad_norm_": lambda x: nn.clip_grad_norm_(parameters(), x),
    "clip_grad_value_": lambda x: nn.clip_grad_value_(parameters(), x),
    "fit.clip_norm": lambda x: nn.fit(
        nn.Linear(2, 2, rng=0), (np.eye(2), np.array([0, 1])), epochs=1, clip_norm=x
    ),
    "flip": lambda x: augment.flip(images(), x, rng=0),
    "noise": lambda x: augment.noise(images(), x, rng=0),
    "trunc_normal": lambda x: nn.init.trunc_normal((2, 2), std=x, rng=0),
    "MLPClassifier": lambda x: nn.MLPClassifier(early_stopping=True, validation_fraction=x, alpha=x)._check(),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_taken_from_numpy_and_booleans_are_none(name):
    if name == "MLPClassifier.max_iter":
        pytest.importorskip("sklearn")
    for value in (3, np.int64(3), np.uint8(3)):
        COUNTS[name](value)
    for value in (True, np.True_, 2.5, "3"):
        with pytest.raises(TypeError, match=r"=.*: it must be a whole number"):
            COUNTS[name](value)
    with pytest.raises(ValueError, match="=-1: it must be a whole number"):
        COUNTS[name](-1)


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_taken_from_numpy_and_booleans_are_none(name):
    if name == "MLPClassifier":
        pytest.importorskip("sklearn")
    for value in (0.5, np.float32(0.5), np.float64(0.5)):
        NUMBERS[name](value)
    for value in (True, np.True_, "0.5", None if name != "fit.clip_norm" else [1.0]):
        with pytest.raises(TypeError, match=r"=.*: it must be a"):
            NUMBERS[name](value)
    for value in (-1.0, np.nan):
        with pytest.raises(ValueError, match=r"=.*: it must be a"):
            NUMBERS[name](value)
