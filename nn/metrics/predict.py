"""What a trained model says: its outputs, its predictions and probabilities. How many are right: see scores.py."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.graph import Node

from ..core.dtypes import in_dtype, shared_dtype
from ..core.module import Module
from ..data import DataLoader
from .classes import classes_of
from .evaluating import evaluating
from .probabilities import are_probabilities, described
from .scores import highest

__all__ = ["evaluating", "outputs", "predict", "predict_proba"]


def outputs(model: Module, X: Any, batch_size: int = 1024) -> Any:
    """What the model computes for the rows of X, as a plain array: in eval mode, without a graph, in batches.

    X of another floating-point dtype than the parameters' is converted, batch by batch.

    >>> from nn import Linear
    >>> outputs(Linear(2, 3, rng=0), np.zeros((5, 2))).shape
    (5, 3)
    """
    dtype = shared_dtype(model)
    with evaluating(model):
        found = [_plain(model(in_dtype(rows, dtype))) for rows in DataLoader(X, batch_size)]
    for part in found[:1]:
        if not isinstance(part, np.ndarray):
            raise TypeError(
                f"the model returned {described(part)}, where one array of outputs, a row for each input, is needed. "
                "End forward() with a return of the outputs that count."
            )
    return np.concatenate(found)


def predict(model: Module, X: Any, batch_size: int = 1024, *, probabilities: bool | None = None) -> Any:
    """The class with the highest score, for each row of X.

    Of a model with one output (n, 1), which answers yes or no, class 1 where its probability is above 0.5: that is an
    output above 0.5 if the outputs are probabilities (see predict_proba), and else a score above 0. What a regression
    says is `outputs`.

    >>> from nn import Module
    >>> class Same(Module):
    ...     def forward(self, x):
    ...         return x
    >>> predict(Same(), np.array([[0.1, 0.7, 0.2], [3.0, -1.0, 0.0]]))
    array([1, 0])
    """
    scores = outputs(model, X, batch_size)
    if not _one_column(scores):
        return highest(scores)
    if np.isnan(scores).any():
        raise ValueError(
            f"the outputs of {np.count_nonzero(np.isnan(scores))} of {len(scores)} rows are nan. Look for nan in the "
            "inputs and in the weights, with np.isnan."
        )
    return classes_of(scores, yes=0.5 if are_probabilities(model, X, scores, probabilities) else 0.0)


def predict_proba(model: Module, X: Any, batch_size: int = 1024, *, probabilities: bool | None = None) -> Any:
    """The probability of each class, for each row of X: (n, classes), rows that sum to 1.

    Scores go through softmax (logarithms of probabilities are scores, too); outputs that are probabilities already
    stay what they are. A model with one output gives two columns, no and yes, where a score goes through sigmoid.
    Several outputs of a sigmoid are as many questions, and stay what they are.

    probabilities: whether the outputs are probabilities. If it is not said: they are where the model ends in a sigmoid
    or softmax, or where each row sums to 1 and nothing is below 0; and they are not where it ends in a layer, or where
    a number is below 0 or above 1. What could be both is refused. Frozen weights and no_grad() change nothing.

    >>> from nn import Linear
    >>> model = Linear(2, 4, rng=0)
    >>> predict_proba(model, np.zeros((3, 2))).sum(axis=1)
    array([1., 1., 1.])
    """
    scores = outputs(model, X, batch_size)
    if _one_column(scores):
        ready = are_probabilities(model, X, scores, probabilities)
        yes = scores.reshape(-1) if ready else _plain(autograd.sigmoid(scores.reshape(-1)))
        return np.stack([1 - yes, yes], axis=1)
    highest(scores)  # refuses what are no scores
    ready = are_probabilities(model, X, scores, probabilities)
    return scores if ready else _plain(autograd.softmax(scores, axis=1))


def _one_column(scores: Any) -> bool:
    return bool(scores.ndim == 2 and scores.shape[1] == 1)


def _plain(x: Any) -> Any:
    return x.data if isinstance(x, Node) else x
