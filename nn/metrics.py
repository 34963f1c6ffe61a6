"""What a trained model says: its outputs, its predictions and probabilities. How many are right: see scores.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import autograd
from autograd.graph import Node, enable_grad, no_grad

from .data import DataLoader
from .module import Module
from .scores import (
    accuracy,
    confusion_matrix,
    f1,
    highest,
    precision,
    precision_recall_f1,
    r2_score,
    recall,
    top_k_accuracy,
)

__all__ = [
    "accuracy",
    "confusion_matrix",
    "evaluating",
    "f1",
    "outputs",
    "precision",
    "precision_recall_f1",
    "predict",
    "predict_proba",
    "r2_score",
    "recall",
    "top_k_accuracy",
]


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

    Of a model with one output (n, 1), which answers yes or no, class 1 where its probability is above 0.5: that is an
    output above 0.5 if the model ends in a sigmoid, and else a score above 0. What a regression says is `outputs`.

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
    scores = scores.reshape(-1)
    if np.isnan(scores).any():
        raise ValueError(
            f"the outputs of {np.count_nonzero(np.isnan(scores))} of {len(scores)} rows are nan. Look for nan in the "
            "inputs and in the weights, with np.isnan."
        )
    return (scores > (0.5 if _last_op(model, X) == "sigmoid" else 0.0)).astype(np.intp)


def predict_proba(model: Module, X: Any, batch_size: int = 1024) -> Any:
    """The probability of each class, for each row of X: (n, classes), rows that sum to 1.

    The outputs are taken as scores, and go through softmax, unless the model itself ends in softmax or log_softmax. A
    model with one output gives two columns, no and yes, through sigmoid unless it ends in one. Several outputs of a
    sigmoid are as many questions, and stay what they are.

    >>> from nn import Linear
    >>> model = Linear(2, 4, rng=0)
    >>> predict_proba(model, np.zeros((3, 2))).sum(axis=1)
    array([1., 1., 1.])
    """
    scores, last = outputs(model, X, batch_size), _last_op(model, X)
    if _one_column(scores):
        yes = scores.reshape(-1) if last == "sigmoid" else _plain(autograd.sigmoid(scores.reshape(-1)))
        return np.stack([1 - yes, yes], axis=1)
    highest(scores)  # refuses what are no scores
    if last in ("softmax", "sigmoid"):
        return scores
    return np.exp(scores) if last == "log_softmax" else _plain(autograd.softmax(scores, axis=1))


def _one_column(scores: Any) -> bool:
    return bool(scores.ndim == 2 and scores.shape[1] == 1)


# Ops that only arrange numbers anew.
_ARRANGING = {"reshape", "squeeze", "expand_dims", "getitem", "transpose", "astype", "copy"}


def _last_op(model: Module, X: Any) -> str:
    """The name of the op that computes the model's outputs, read off its graph for the first row."""
    with evaluating(model), enable_grad():
        node = model(next(iter(DataLoader(X, 1))))
    while isinstance(node, Node) and node.op is not None and node.op.name in _ARRANGING:
        node = node.parents[0]
    if not isinstance(node, Node) or node.op is None:
        return ""
    return str(getattr(node, "kwargs", {}).get("activation") or node.op.name)


def _plain(x: Any) -> Any:
    return x.data if isinstance(x, Node) else x
