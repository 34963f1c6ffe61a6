"""Scores, scalings, diagnoses and tables of numbers that are none, or that are out of all proportion."""

import numpy as np
import pytest

import nn
from nn import metrics
from nn.training.history import History


@pytest.mark.parametrize("predictions", [[0.2, 0.8], [0.0, np.nan]])
def test_accuracy_of_what_are_no_classes(predictions):
    with pytest.raises(
        ValueError, match=r"the predictions are not all whole numbers.*nn.predict\(model, X\)"
    ):
        metrics.accuracy(predictions, [0, 1])
    with pytest.raises(ValueError, match="the labels are not all whole numbers"):
        metrics.accuracy([0, 1], predictions)


def test_accuracy_of_classes_written_with_a_point():
    assert metrics.accuracy([0.0, 1.0], [0, 0]) == 0.5


@pytest.mark.parametrize("pair", [([0, 1], [10**9, 0]), ([10**9, 0], [0, 1])])
def test_a_confusion_matrix_that_no_memory_holds(pair):
    with pytest.raises(ValueError, match=r"class 1000000000 occurs.*return_inverse"):
        metrics.confusion_matrix(*pair)


@pytest.mark.parametrize(
    ("classes", "error"), [("x", TypeError), (2.5, TypeError), (-1, ValueError), (0, ValueError)]
)
def test_a_number_of_classes_that_is_none(classes, error):
    with pytest.raises(error, match=r"classes=.*the number of classes"):
        metrics.confusion_matrix([0, 1], [1, 0], classes=classes)


@pytest.mark.parametrize("size", [1e-200, 1e-300, 1e200, 1e300, 1.0])
def test_columns_of_any_size_are_scaled(size):
    column = np.array([[1.0, 5.0], [2.0, 5.0], [6.0, 5.0]])
    wanted = (column - column.mean(axis=0)) / [column[:, 0].std(), 1.0]
    given = column * [size, 1.0]
    np.testing.assert_allclose(nn.Standardiser(given)(given), wanted, rtol=1e-12)
    np.testing.assert_allclose(nn.MinMax(given)(given)[:, 0], [0, 0.2, 1], rtol=1e-12)


def test_the_scale_of_usual_numbers_is_numpys_to_the_bit():
    X = np.random.default_rng(0).normal(size=(50, 3)) * [1e-9, 1.0, 1e9]
    scale = nn.Standardiser(X)
    np.testing.assert_array_equal(scale.mean, X.mean(axis=0))
    np.testing.assert_array_equal(scale.scale, X.std(axis=0))


def test_a_span_beyond_float64():
    with pytest.raises(ValueError, match=r"MinMax: .*Divide the column first"):
        nn.MinMax(np.array([[1.7e308], [-1.7e308]]))


@pytest.mark.parametrize("target", [-1, 1.5, np.nan, "x"])
def test_a_target_that_no_share_of_rows_reaches(target):
    history = History()
    history.add(loss=1.0, accuracy=0.5)
    with pytest.raises((ValueError, TypeError), match=r"target=.*a share of wrong rows"):
        nn.diagnose(history, target=target)


def test_a_target_is_a_finite_loss_where_there_are_no_accuracies():
    history = History()
    history.add(loss=-2.0)
    assert nn.diagnose(history, target=-3.0).bias == 1.0
    with pytest.raises(ValueError, match=r"target=inf: .*here a loss"):
        nn.diagnose(history, target=np.inf)


def test_large_numbers_of_a_history_are_written_short():
    history = History()
    history.add(loss=1e300, val_loss=1234567.0)
    assert repr(history) == "History(1 epoch, loss 1e+300, val_loss 1234567.0000)"
    assert max(map(len, history.table().splitlines())) < 40
