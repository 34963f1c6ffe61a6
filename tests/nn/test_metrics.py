"""Metrics beside scikit-learn's, what a model predicts, and what is refused."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import autograd
import nn
from autograd import ShapeError, Tensor

PREDICTIONS, LABELS = np.array([0, 1, 1, 2, 2, 2, 0]), np.array([0, 1, 2, 2, 2, 0, 1])


def scores(n=60, classes=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, classes)), rng.integers(0, classes, n)


# --- numbers by hand


def test_confusion_by_hand():
    table = nn.confusion_matrix(PREDICTIONS, LABELS)
    np.testing.assert_array_equal(table, [[1, 0, 1], [1, 1, 0], [0, 1, 2]])
    assert nn.accuracy(PREDICTIONS, LABELS) == np.trace(table) / table.sum()
    assert nn.confusion_matrix(PREDICTIONS, LABELS, classes=5).shape == (5, 5)
    np.testing.assert_array_equal(nn.confusion_matrix([True, False], [True, True]), [[0, 0], [1, 1]])


def test_precision_recall_and_f1_by_hand():
    np.testing.assert_allclose(nn.precision(PREDICTIONS, LABELS, average=None), [1 / 2, 1 / 2, 2 / 3])
    np.testing.assert_allclose(nn.recall(PREDICTIONS, LABELS, average=None), [1 / 2, 1 / 2, 2 / 3])
    np.testing.assert_allclose(nn.f1(PREDICTIONS, LABELS, average=None), [1 / 2, 1 / 2, 2 / 3])
    assert nn.f1(PREDICTIONS, LABELS, average="micro") == pytest.approx(nn.accuracy(PREDICTIONS, LABELS))


def test_scores_count_by_their_highest():
    X, y = scores()
    assert nn.accuracy(X, y) == nn.accuracy(X.argmax(axis=1), y)
    np.testing.assert_array_equal(nn.confusion_matrix(X, y), nn.confusion_matrix(X.argmax(axis=1), y))
    assert nn.accuracy(Tensor(X), y) == nn.accuracy(X, y)


def test_top_k():
    X, y = scores()
    assert nn.top_k_accuracy(X, y, k=1) == nn.accuracy(X, y)
    assert nn.top_k_accuracy(X, y, k=4) == nn.top_k_accuracy(X, y, k=9) == 1.0
    ties = np.zeros((4, 4))  # equal scores: the lower class goes first, as in argmax
    assert [nn.top_k_accuracy(ties, np.arange(4), k=k) for k in (1, 2, 3)] == [0.25, 0.5, 0.75]


def test_r2_does_not_depend_on_the_unit():
    targets, predictions = np.array([[1.0, 2.0], [2.0, 2.0], [4.0, 2.0]]), np.array([[1.5, 2.0]] * 3)
    for unit in (1.0, 1e-6, 1e6):
        found = nn.r2_score(unit * predictions, unit * targets)
        assert found == pytest.approx((1 - 6.75 / (14 / 3) + 1) / 2, rel=1e-9)
        assert nn.r2_score(unit * predictions, unit * np.add(targets, [0.0, 0.5])) == pytest.approx(
            found - 0.5
        )


def test_r2():
    t = np.array([1.0, 2.0, 3.0, 6.0])
    assert nn.r2_score(t, t) == 1.0
    assert nn.r2_score(np.full(4, 3.0), t) == 0.0
    assert nn.r2_score(t[::-1].copy(), t) < 0
    assert nn.r2_score(np.ones(3), np.ones(3)) == 1.0
    assert nn.r2_score(np.zeros(3), np.ones(3)) == 0.0
    assert nn.r2_score(np.full(3, 0.2), np.full(3, 0.1)) == 0.0, "whose mean is not 0.1 in floats"
    assert nn.r2_score(np.array([1, 2], dtype=np.float32), np.array([1, 2])) == 1.0


# --- the numbers of scikit-learn


@pytest.mark.filterwarnings("ignore:.*ill-defined")
@pytest.mark.parametrize("zero_division", [0.0, 1.0, math.nan])
@pytest.mark.parametrize("seed", range(12))
def test_the_same_numbers_as_scikit_learn(seed, zero_division):
    peers = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(seed)
    classes = int(rng.integers(2, 7))
    n = int(rng.integers(1, 30))
    predictions, y = rng.integers(0, classes, n), rng.integers(0, classes, n)
    if seed % 3 == 0:  # a class that nobody guesses, and perhaps one that does not occur at all
        predictions = np.where(predictions == 1, 0, predictions)
        y = np.where(y == 1, 0, y) if seed % 2 else y
    every = list(range(classes))
    np.testing.assert_array_equal(
        nn.confusion_matrix(predictions, y, classes), peers.confusion_matrix(y, predictions, labels=every)
    )
    for average, known in itertools.product((None, "macro", "micro", "weighted"), (None, classes)):
        if average is None and known is None:
            continue  # theirs leaves classes out that do not occur
        labels = None if known is None else every
        expected = peers.precision_recall_fscore_support(
            y, predictions, labels=labels, average=average, zero_division=zero_division
        )
        found = nn.metrics.precision_recall_f1(
            predictions, y, average=average, classes=known, zero_division=zero_division
        )
        for a, b in zip(found, expected):
            np.testing.assert_allclose(a, b, rtol=1e-13, err_msg=f"{average} {known}")


@pytest.mark.filterwarnings("ignore:.*ill-defined")
@pytest.mark.parametrize("seed", range(6))
def test_yes_or_no_as_in_scikit_learn(seed):
    peers = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(seed)
    predictions, y = rng.integers(0, 1 + seed % 3 % 2, 12), rng.integers(0, 2 if seed % 2 else 1, 12)
    found = nn.metrics.precision_recall_f1(predictions, y, average="binary")
    expected = peers.precision_recall_fscore_support(y, predictions, average="binary", zero_division=0.0)
    np.testing.assert_allclose(found, expected[:3], rtol=1e-13)


def test_ranks_and_variance_as_in_scikit_learn():
    peers = pytest.importorskip("sklearn.metrics")
    X, y = scores(classes=6)
    for k in range(1, 6):
        assert nn.top_k_accuracy(X, y, k) == pytest.approx(peers.top_k_accuracy_score(y, X, k=k))
    rng = np.random.default_rng(0)
    t = rng.normal(size=(20, 3))
    p = t + 0.5 * rng.normal(size=(20, 3))
    t[:, 2] = 1.0
    assert nn.r2_score(p[:, 0], t[:, 0]) == pytest.approx(peers.r2_score(t[:, 0], p[:, 0]), rel=1e-13)
    assert nn.r2_score(p, t) == pytest.approx(peers.r2_score(t, p), rel=1e-13)


# --- what a model says


class Ends(nn.Module):
    """The input, through one last op."""

    def __init__(self, last=lambda x: x):
        super().__init__()
        self.scale = nn.Parameter([1.0])
        self.last = last

    def forward(self, x):
        return self.last(x * self.scale)


def test_probabilities_of_scores_sum_to_one():
    X, _ = scores()
    p = nn.predict_proba(Ends(), X)
    np.testing.assert_allclose(p, np.exp(X) / np.exp(X).sum(axis=1, keepdims=True), rtol=1e-13)
    np.testing.assert_array_equal(p.argmax(axis=1), nn.predict(Ends(), X))
    far = nn.predict_proba(Ends(), np.array([[1000.0, 0.0], [-1000.0, 0.0]]))
    np.testing.assert_array_equal(far, [[1.0, 0.0], [0.0, 1.0]])


@pytest.mark.parametrize(
    "last", [autograd.softmax, autograd.log_softmax, lambda x: autograd.softmax(x).reshape(-1, 4)]
)
def test_a_model_that_ends_in_softmax_is_not_put_through_it_again(last):
    X, _ = scores()
    np.testing.assert_allclose(nn.predict_proba(Ends(last), X), nn.predict_proba(Ends(), X), rtol=1e-12)
    np.testing.assert_array_equal(nn.predict(Ends(last), X), nn.predict(Ends(), X))


def test_one_output_says_yes_or_no():
    z = np.array([[-2.0], [-0.1], [0.1], [3.0]])
    yes = 1 / (1 + np.exp(-z[:, 0]))
    for last in (lambda x: x, autograd.sigmoid, lambda x: autograd.sigmoid(x)[:, 0].reshape(-1, 1)):
        np.testing.assert_array_equal(nn.predict(Ends(last), z), [0, 0, 1, 1])
        np.testing.assert_allclose(nn.predict_proba(Ends(last), z), np.stack([1 - yes, yes], 1), rtol=1e-13)


def test_a_fused_sigmoid_at_the_end_is_seen():
    model = nn.Sequential(nn.Linear(1, 1, rng=0), nn.Sigmoid())
    nn.init.constant_(model[0].weight, 1.0)
    nn.init.constant_(model[0].bias, 0.0)
    z = np.array([[-2.0], [3.0]])
    np.testing.assert_array_equal(nn.predict(model, z), [0, 1])
    np.testing.assert_allclose(nn.predict_proba(model, z)[:, 1], 1 / (1 + np.exp(-z[:, 0])), rtol=1e-13)


def test_several_questions_stay_as_they_are():
    X, _ = scores()
    np.testing.assert_allclose(nn.predict_proba(Ends(autograd.sigmoid), X), 1 / (1 + np.exp(-X)), rtol=1e-13)


def test_predicting_leaves_the_model_in_its_mode_and_without_gradients():
    model = nn.MLP([4, 3, 1], rng=0)
    X, _ = scores()
    nn.predict(model, X)
    nn.predict_proba(model, X)
    assert model.training
    assert all(p.grad is None for p in model.parameters())
    assert nn.predict_proba(nn.MLP([4, 2], rng=0, dtype=np.float32), X.astype(np.float32)).dtype == np.float32


# --- what is refused


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: nn.accuracy([0, 1], [0, 1, 1]), ShapeError, "accuracy of predictions"),
        (lambda: nn.accuracy([], []), ShapeError, "no rows"),
        (lambda: nn.accuracy(np.ones((2, 1)), [0, 1]), ShapeError, "always column 0"),
        (lambda: nn.confusion_matrix([0.5, 1.0], [0, 1]), TypeError, "whole numbers"),
        (lambda: nn.confusion_matrix([0, 1], [0, -1]), ValueError, "class -1 in the labels"),
        (lambda: nn.confusion_matrix([0, 3], [0, 1], classes=3), ValueError, "class 3 occurs"),
        (lambda: nn.f1([0, 1], [0, 1], average="mean"), ValueError, "macro"),
        (lambda: nn.f1([0, 2], [0, 1], average="binary"), ValueError, "3 classes"),
        (lambda: nn.precision([[0.1, np.nan]], [0]), ValueError, "contain nan"),
        (lambda: nn.top_k_accuracy(np.ones(3), [0, 1, 2]), ShapeError, "give scores"),
        (lambda: nn.top_k_accuracy(np.ones((1, 3)), [3]), ValueError, "from 0 to 2"),
        (lambda: nn.top_k_accuracy(np.ones((1, 3)), [0], k=0), ValueError, "k=0"),
        (lambda: nn.top_k_accuracy(np.full((1, 3), np.nan), [0]), ValueError, "nan"),
        (lambda: nn.r2_score(np.ones((3, 1)), np.ones(3)), ShapeError, "must be equal"),
        (lambda: nn.r2_score(np.ones(1), np.ones(1)), ShapeError, "one row"),
        (lambda: nn.predict(Ends(), np.array([[np.nan], [1.0]])), ValueError, "1 of 2 rows are nan"),
        (lambda: nn.predict(Ends(), np.ones((2, 3, 2))), ShapeError, "rows, classes"),
        (
            lambda: nn.predict_proba(Ends(lambda x: x[:, 0]), np.ones((2, 3))),
            ShapeError,
            r"outputs\(model, X\)",
        ),
    ],
)
def test_what_is_refused(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()
