"""What a trained model says: its outputs, its predictions and probabilities. How many are right: see scores.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import autograd
from autograd.graph import Node, enable_grad, no_grad

from ..core.module import Module
from ..data import DataLoader
from ..training.dtypes import in_dtype, shared_dtype
from .classes import classes_of, last_op
from .scores import (
    highest,
)

__all__ = ["evaluating", "outputs", "predict", "predict_proba"]


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

    X of another floating-point dtype than the parameters' is converted, batch by batch.

    >>> from nn import Linear
    >>> outputs(Linear(2, 3, rng=0), np.zeros((5, 2))).shape
    (5, 3)
    """
    dtype = shared_dtype(model)
    with evaluating(model):
        return np.concatenate([_plain(model(in_dtype(rows, dtype))) for rows in DataLoader(X, batch_size)])


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
    if np.isnan(scores).any():
        raise ValueError(
            f"the outputs of {np.count_nonzero(np.isnan(scores))} of {len(scores)} rows are nan. Look for nan in the "
            "inputs and in the weights, with np.isnan."
        )
    return classes_of(scores, yes=0.5 if ends_in(model, X) == "sigmoid" else 0.0)


def predict_proba(model: Module, X: Any, batch_size: int = 1024) -> Any:
    """The probability of each class, for each row of X: (n, classes), rows that sum to 1.

    The outputs are taken as scores, and go through softmax, unless the model itself ends in one (logarithms of
    probabilities are scores, too). A model with one output gives two columns, no and yes, through sigmoid unless it
    ends in one. Several outputs of a sigmoid are as many questions, and stay what they are.

    >>> from nn import Linear
    >>> model = Linear(2, 4, rng=0)
    >>> predict_proba(model, np.zeros((3, 2))).sum(axis=1)
    array([1., 1., 1.])
    """
    scores, last = outputs(model, X, batch_size), ends_in(model, X)
    if _one_column(scores):
        yes = scores.reshape(-1) if last == "sigmoid" else _plain(autograd.sigmoid(scores.reshape(-1)))
        return np.stack([1 - yes, yes], axis=1)
    highest(scores)  # refuses what are no scores
    return scores if last in ("softmax", "sigmoid") else _plain(autograd.softmax(scores, axis=1))


def _one_column(scores: Any) -> bool:
    return bool(scores.ndim == 2 and scores.shape[1] == 1)


def ends_in(model: Module, X: Any) -> str:
    """The name of the op that computes the model's outputs, read off its graph for the first row.

    >>> import nn
    >>> ends_in(nn.Sequential(nn.Linear(2, 1, rng=0), nn.Sigmoid()), np.zeros((5, 2)))
    'sigmoid'
    """
    with evaluating(model), enable_grad():
        return last_op(model(in_dtype(next(iter(DataLoader(X, 1))), shared_dtype(model))))


def _plain(x: Any) -> Any:
    return x.data if isinstance(x, Node) else x
