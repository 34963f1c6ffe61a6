"""Numbers that say how right predictions are: accuracy, confusion, precision, recall, F1, top-k, R^2.

Predictions come first and labels second, as in a loss; predictions may be classes (n,) or scores (n, classes), whose
highest counts. The numbers are scikit-learn's.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.graph import raw

from ..core.numbers import whole


def accuracy(predictions: Any, labels: Any) -> float:
    """The share of right rows. `predictions` are classes (n,), or scores (n, classes) whose highest counts.

    >>> accuracy(np.array([1, 0, 2, 2]), np.array([1, 0, 2, 1]))
    0.75
    """
    predictions, labels = _pair("accuracy", predictions, labels)
    for what, numbers in (("predictions", predictions), ("labels", labels)):
        if numbers.dtype.kind == "f" and not np.all(numbers == np.floor(numbers)):
            raise ValueError(
                f"accuracy: the {what} are not all whole numbers: classes are compared, and of probabilities or scores "
                "hardly one is equal to a label. Give classes: nn.predict(model, X), or p > 0.5 of probabilities p."
            )
    return float(np.count_nonzero(predictions == labels) / len(labels))


MANY = 10_000  # classes; a matrix of more, of 800 MB, is made only for who says so


def confusion_matrix(predictions: Any, labels: Any, classes: int | None = None) -> Any:
    """How often a row of class i (row i of the matrix) was taken for class j (column j).

    classes: how many there are; if not given, as many as the largest number that occurs needs.

    >>> confusion_matrix(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]))
    array([[1, 0, 0],
           [0, 1, 0],
           [0, 1, 1]])
    """
    name = "confusion_matrix"
    predictions, labels = _pair(name, predictions, labels)
    highest = 0
    for what, numbers in (("predictions", predictions), ("labels", labels)):
        if numbers.dtype.kind not in "iub":
            raise TypeError(
                f"{name}: the {what} have dtype {numbers.dtype}; classes are whole numbers from 0 on."
            )
        if numbers.min() < 0:
            raise ValueError(f"{name}: class {numbers.min()} in the {what}; classes are numbers from 0 on.")
        highest = max(highest, int(numbers.max()))
    if classes is None:
        classes = highest + 1
        if classes > MANY:
            raise ValueError(
                f"confusion_matrix: class {highest} occurs, and the matrix would have {classes} rows and columns. "
                "Number the classes from 0 on: np.unique(labels, return_inverse=True)[1]; or say classes=."
            )
    classes = whole("classes", classes, why="the number of classes")
    if classes <= highest:
        raise ValueError(f"{name}: class {highest} occurs, and classes={classes} has 0 to {classes - 1}.")
    places = labels.astype(np.intp) * classes + predictions.astype(np.intp)
    return np.bincount(places, minlength=classes * classes).reshape(classes, classes)


def precision(predictions: Any, labels: Any, **settings: Any) -> Any:
    """Of the rows that were taken for a class, the share that is of it; settings as precision_recall_f1's.

    >>> precision(np.array([1, 1, 0, 1]), np.array([1, 0, 0, 1]), average=None).round(3)
    array([1.   , 0.667])
    """
    return precision_recall_f1(predictions, labels, **settings)[0]


def recall(predictions: Any, labels: Any, **settings: Any) -> Any:
    """Of the rows of a class, the share that was found; settings as precision_recall_f1's.

    >>> recall(np.array([1, 1, 0, 1]), np.array([1, 0, 0, 1]), average=None)
    array([0.5, 1. ])
    """
    return precision_recall_f1(predictions, labels, **settings)[1]


def f1(predictions: Any, labels: Any, **settings: Any) -> Any:
    """The harmonic mean of precision and recall: 2 p r / (p + r); settings as precision_recall_f1's.

    >>> f1(np.array([1, 1, 0, 1]), np.array([1, 0, 0, 1]), average="binary")
    0.8
    """
    return precision_recall_f1(predictions, labels, **settings)[2]


def precision_recall_f1(
    predictions: Any,
    labels: Any,
    *,
    average: str | None = "macro",
    classes: int | None = None,
    zero_division: float = 0.0,
) -> tuple[Any, Any, Any]:
    """Precision, recall and F1, of each class or averaged over them.

    average: None gives arrays (classes,); "macro" the mean over the classes that occur (over all of them if `classes`
    says how many there are); "weighted" that mean with the number of rows of each class as weight; "micro" counts all
    classes together; "binary" is that of class 1. zero_division stands where nothing was predicted, or nothing was
    there: 0.0, 1.0, or nan, which no average counts.

    >>> predictions, labels = np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2])
    >>> [round(number, 4) for number in precision_recall_f1(predictions, labels)]
    [0.8333, 0.8333, 0.7778]
    """
    if average not in (None, "macro", "micro", "weighted", "binary"):
        raise ValueError(f'average={average!r} is not None, "macro", "micro", "weighted" or "binary".')
    table = confusion_matrix(predictions, labels, classes)
    right, guessed, there = np.diag(table), table.sum(axis=0), table.sum(axis=1)
    if average == "binary":
        if len(table) > 2:
            raise ValueError(f'average="binary" with {len(table)} classes: it is for labels 0 and 1.')
        # class 1, even where it does not occur
        right, guessed, there = (np.pad(x, (0, 2 - len(x)))[1:] for x in (right, guessed, there))
    elif average == "micro":
        right, guessed, there = (x.sum(keepdims=True) for x in (right, guessed, there))
    of_class = [
        _ratio(right, guessed, zero_division),
        _ratio(right, there, zero_division),
        _ratio(2 * right, guessed + there, zero_division),
    ]
    if average is None:
        return of_class[0], of_class[1], of_class[2]
    occurs = (guessed + there > 0) | (classes is not None) | (average in ("micro", "binary"))
    weights = there if average == "weighted" else occurs.astype(float)
    means = [_mean(x[occurs], weights[occurs]) for x in of_class]
    return means[0], means[1], means[2]


def _ratio(part: Any, whole: Any, zero_division: float) -> Any:
    return np.where(whole > 0, part / np.maximum(whole, 1), zero_division)


def _mean(x: Any, weights: Any) -> float:
    counts = ~np.isnan(x)
    if not counts.any():
        return math.nan
    weights = weights[counts] if weights[counts].any() else np.ones(np.count_nonzero(counts))
    return float((x[counts] * weights).sum() / weights.sum())


def top_k_accuracy(scores: Any, labels: Any, k: int = 5) -> float:
    """The share of rows whose label is among the k classes with the highest scores (n, classes).

    Of equal scores the class with the lower number goes first, so that k=1 is the accuracy.

    >>> top_k_accuracy(np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]), np.array([1, 2]), k=2)
    0.5
    """
    scores, labels = np.asarray(raw(scores)), np.asarray(raw(labels))
    if scores.ndim != 2 or labels.shape != scores.shape[:1] or not len(labels):
        raise ShapeError(
            f"top_k_accuracy of scores of shape {scores.shape} for labels of shape {labels.shape}: give scores "
            "(n, classes) and labels (n,), with at least one row."
        )
    classes = scores.shape[1]
    k = whole("top_k_accuracy: k", k, why="a number of classes")
    if labels.dtype.kind not in "iub" or labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"top_k_accuracy: labels are whole numbers from 0 to {classes - 1}.")
    _refuse_nan(scores)
    own = np.take_along_axis(scores, labels.astype(np.intp)[:, None], axis=1)
    first = (scores == own) & (np.arange(classes) < labels[:, None])
    ahead = np.count_nonzero((scores > own) | first, axis=1)
    return float(np.mean(ahead < k))


def r2_score(predictions: Any, targets: Any) -> float:
    """How much of the targets' variance the predictions explain: 1 is all, 0 what their mean does, less is worse.

    1 - sum (target - prediction)**2 / sum (target - mean target)**2; of several columns the mean over them. A column
    that never changes counts 1 if it is hit exactly, else 0.

    >>> r2_score(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    0.5
    """
    predictions = np.asarray(raw(predictions), dtype=np.float64)
    targets = np.asarray(raw(targets), dtype=np.float64)
    if predictions.shape != targets.shape or not 1 <= targets.ndim <= 2 or targets.size == 0:
        raise ShapeError(
            f"r2_score of predictions of shape {predictions.shape} and targets of shape {targets.shape}: they must be "
            "equal, (n,) or (n, columns), with at least one row."
        )
    if len(targets) < 2:
        raise ShapeError("r2_score of one row: it needs two at least, of which the targets differ.")
    missed = ((targets - predictions) ** 2).sum(axis=0)
    # The mean of equal numbers may be another one, by rounding: then nearly nothing would be divided by.
    never_changes = (targets == targets[0]).all(axis=0)
    spread = np.where(never_changes, 0.0, ((targets - targets.mean(axis=0)) ** 2).sum(axis=0))
    score = np.where(spread > 0, 1 - missed / np.where(spread > 0, spread, 1), np.where(missed > 0, 0.0, 1.0))
    return float(np.mean(score))


def highest(scores: Any) -> Any:
    """The class with the highest score, for each row."""
    if scores.ndim != 2:
        raise ShapeError(
            f"outputs of shape {scores.shape} have no highest score: they must be (rows, classes). Numbers that are no "
            "scores of classes are in nn.metrics.outputs(model, X)."
        )
    _refuse_nan(scores)
    return np.argmax(scores, axis=1)


def _refuse_nan(scores: Any) -> None:
    if scores.dtype.kind == "f":
        wrong = np.count_nonzero(np.isnan(scores.max(axis=1)))
        if wrong:
            raise ValueError(
                f"the scores of {wrong} of {len(scores)} rows contain nan: such rows have no highest score. Look for "
                "nan in the inputs and in the weights, with np.isnan."
            )


def _pair(name: str, predictions: Any, labels: Any) -> tuple[Any, Any]:
    """Predicted classes and labels, both (n,)."""
    predictions, labels = np.asarray(raw(predictions)), np.asarray(raw(labels))
    if predictions.ndim == 2 and labels.ndim == 1 and len(predictions) == len(labels):
        if predictions.shape[1] == 1 and np.any(labels != 0):
            raise ShapeError(
                f"{name} of outputs of shape {predictions.shape}: of one column the highest is always column 0. Give "
                "classes: nn.predict(model, X), or (p > 0.5)[:, 0] of probabilities p."
            )
        predictions = highest(predictions)
    if predictions.shape != labels.shape or labels.ndim != 1:
        raise ShapeError(
            f"{name} of predictions of shape {predictions.shape} for labels of shape {labels.shape}: give "
            "classes (n,) or scores (n, classes), and labels (n,)."
        )
    if not len(labels):
        raise ShapeError(f"{name} of no rows is not a number: give at least one.")
    return predictions, labels
