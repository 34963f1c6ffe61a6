"""What a trained model says: its outputs, its predictions, and how many of them are right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.graph import Node, no_grad

from .data import DataLoader
from .module import Module


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Inside, the model is in eval mode and nothing is recorded; then each of its modules gets its mode back.

    >>> model = Module()
    >>> with evaluating(model):
    ...     model.training
    False
    >>> model.training
    True
    """
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        with no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def outputs(model: Module, X: Any, batch_size: int = 1024) -> Any:
    """What the model computes for the rows of X, as a plain array: in eval mode, without a graph, in batches.

    >>> from nn import Linear
    >>> outputs(Linear(2, 3, rng=0), np.zeros((5, 2))).shape
    (5, 3)
    """
    with evaluating(model):
        return np.concatenate([_plain(model(rows)) for rows in DataLoader(X, batch_size)])


def predict(model: Module, X: Any, batch_size: int = 1024) -> Any:
    """The class with the highest score, for each row of X.

    >>> from nn import Module
    >>> class Same(Module):
    ...     def forward(self, x):
    ...         return x
    >>> predict(Same(), np.array([[0.1, 0.7, 0.2], [3.0, -1.0, 0.0]]))
    array([1, 0])
    """
    return _classes(outputs(model, X, batch_size))


def accuracy(predictions: Any, labels: Any) -> float:
    """The share of right rows. `predictions` are classes (n,), or scores (n, classes) whose highest counts.

    >>> accuracy(np.array([1, 0, 2, 2]), np.array([1, 0, 2, 1]))
    0.75
    """
    predictions, labels = np.asarray(predictions), np.asarray(labels)
    if predictions.ndim == 2 and labels.ndim == 1:
        predictions = _classes(predictions)
    if predictions.shape != labels.shape or labels.ndim != 1:
        raise ShapeError(
            f"accuracy of predictions of shape {predictions.shape} for labels of shape {labels.shape}: give "
            "classes (n,) or scores (n, classes), and labels (n,)."
        )
    if not len(labels):
        raise ShapeError("accuracy of no rows is not a number: give at least one.")
    return float(np.count_nonzero(predictions == labels) / len(labels))


def _classes(scores: Any) -> Any:
    if scores.ndim != 2:
        raise ShapeError(
            f"outputs of shape {scores.shape} have no highest score: they must be (rows, classes)."
        )
    highest = np.argmax(scores, axis=1)
    if scores.dtype.kind == "f":
        wrong = np.count_nonzero(np.isnan(scores.max(axis=1)))
        if wrong:
            raise ValueError(
                f"the scores of {wrong} of {len(scores)} rows contain nan: such rows have no highest score. Look for "
                "nan in the inputs and in the weights, with np.isnan."
            )
    return highest


def _plain(x: Any) -> Any:
    return x.data if isinstance(x, Node) else x
