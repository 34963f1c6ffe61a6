"""What fit and evaluate measure: the loss, the accuracy where there are classes, and metrics by name or function."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.graph import raw
from autograd.tensor import Tensor

from . import scores as _scores
from .history import COLUMNS
from .module import Module
from .parameter import Parameter
from .scores import accuracy

Metric = Callable[[Any, Any], float]
# The functions of nn.metrics that give one number for outputs and labels.
NAMES = ("accuracy", "f1", "precision", "r2_score", "recall", "top_k_accuracy")


def metric_functions(given: Any) -> dict[str, Metric]:
    """What a user gave as metrics=, as functions by name; accuracy is measured in any case.

    >>> def wrong(outputs, y):
    ...     return float(np.mean(outputs.argmax(axis=1) != y))
    >>> list(metric_functions(["accuracy", wrong]))
    ['wrong']
    """
    if given is None:
        return {}
    if not isinstance(given, dict):
        listed = list(given) if isinstance(given, (list, tuple, set)) else [given]
        given = {x if isinstance(x, str) else getattr(x, "__name__", type(x).__name__): x for x in listed}
    found = {}
    for name, metric in given.items():
        function = _named(metric) if isinstance(metric, str) else metric
        if isinstance(function, type) or not callable(function):
            raise TypeError(
                f"metrics: {metric!r:.60} is no metric: give a name, or a function of outputs and labels that returns "
                "a number."
            )
        if function is accuracy and name == "accuracy":
            continue  # fit counts it on the way
        if name in (*COLUMNS, "lr", "seconds") or name.startswith("val_") or not isinstance(name, str):
            raise ValueError(
                f"metrics: {name!r} is the name of another column of the history: choose another."
            )
        found[name] = function
    return found


def _named(name: str) -> Metric:
    spellings = (name, name.removesuffix("_score"), f"{name}_score")
    known = next((spelling for spelling in spellings if spelling in NAMES), None)
    if known is None:
        near = difflib.get_close_matches(name, NAMES, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else " Or give a function of outputs and labels."
        raise ValueError(f"metrics: no metric {name!r} is known; there are {', '.join(NAMES)}.{hint}")
    return getattr(_scores, known)  # type: ignore[no-any-return]


def measure(scores: Any, y: Any, loss: Any, metrics: dict[str, Metric]) -> dict[str, float]:
    """The loss, the accuracy if there are classes, and the metrics, of outputs that were computed."""
    numbers = {"loss": float(raw(loss(Tensor(scores, requires_grad=False, dtype=scores.dtype), y)))}
    if not math.isfinite(numbers["loss"]):
        return numbers
    if are_classes(scores, y):
        numbers["accuracy"] = accuracy(scores, y)
    return numbers | apply(metrics, scores, y)


def apply(metrics: dict[str, Metric], scores: Any, y: Any) -> dict[str, float]:
    """Each metric, as a number."""
    numbers = {}
    for name, metric in metrics.items():
        result = metric(scores, y)
        if np.ndim(result) or not isinstance(result, (int, float, np.number, np.bool_, np.ndarray, Tensor)):
            what = f"an array of shape {np.shape(result)}" if np.ndim(result) else type(result).__name__
            raise TypeError(f"metrics: {name} returned {what}: a metric is one number, such as a mean.")
        numbers[name] = float(result)
    return numbers


def are_classes(scores: Any, labels: Any) -> bool:
    """Whether outputs (n, classes), two or more, go with labels (n,) that are whole numbers."""
    return bool(
        np.ndim(scores) == 2 and scores.shape[1] > 1 and labels.ndim == 1 and labels.dtype.kind in "iu"
    )


def layers_of(model: Module) -> dict[str, list[Parameter]]:
    """The parameters of each layer, by the layer's name.

    >>> import nn
    >>> {name: len(parameters) for name, parameters in layers_of(nn.MLP([2, 3, 1])).items()}
    {'0': 2, '2': 2}
    """
    layers: dict[str, list[Parameter]] = {}
    for name, parameter in model.named_parameters():
        layers.setdefault(name.rpartition(".")[0], []).append(parameter)
    return layers


def gradient_norms(layers: dict[str, list[Parameter]]) -> dict[str, float]:
    """The length of the gradient of each layer, all its parameters together; 0 where there is none."""
    norms = {}
    for name, parameters in layers.items():
        square = 0.0
        for g in [raw(p._grad) for p in parameters if p._grad is not None]:
            flat = g.ravel(order="K")  # as it lies in memory, without a copy
            square += float(flat.dot(flat))
        norms[name] = math.sqrt(square)
    return norms
