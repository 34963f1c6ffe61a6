"""What fit and evaluate measure: the loss, the accuracy where there are classes, and metrics by name or function."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.graph import raw
from autograd.tensor import Tensor

from ..core.module import Module
from ..core.parameter import Parameter
from ..losses.base import Loss
from ..metrics import scores as _scores
from ..metrics.classes import are_classes, classes_of, ignored_by
from ..metrics.scores import accuracy
from .clip import norm_of_gradients
from .history import COLUMNS
from .regularise import Regularised

Metric = Callable[[Any, Any], float]
# The functions of nn.metrics that give one number for outputs and labels.
NAMES = ("accuracy", "f1", "precision", "r2_score", "recall", "top_k_accuracy")
# Those of them that look at classes, and need not know how the outputs say them.
OF_CLASSES = tuple(getattr(_scores, name) for name in NAMES if name != "r2_score")


class Metrics(dict[str, Metric]):
    """Metrics by name, and whether accuracy was asked for, which is measured without."""

    accuracy = False


def metric_functions(given: Any) -> Metrics:
    """What a user gave as metrics=, as functions by name; accuracy is measured in any case.

    >>> def wrong(outputs, y):
    ...     return float(np.mean(outputs.argmax(axis=1) != y))
    >>> list(metric_functions(["accuracy", wrong]))
    ['wrong']
    """
    found = Metrics()
    if given is None:
        return found
    if not isinstance(given, dict):
        listed = list(given) if isinstance(given, (list, tuple, set)) else [given]
        if isinstance(given, set):
            listed.sort(key=_spoken)  # its own order differs from process to process
        names = [_spoken(x) for x in listed]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(
                f"metrics: two of them are called {twice!r}, which is one column of the history. Give each a name: "
                'metrics={"first": f, "second": g}.'
            )
        given = dict(zip(names, listed))
    for name, metric in given.items():
        function = _named(metric) if isinstance(metric, str) else metric
        if isinstance(function, type) or not callable(function):
            raise TypeError(
                f"metrics: {metric!r:.60} is no metric: give a name, or a function of outputs and labels that returns "
                "a number."
            )
        if not isinstance(name, str):
            raise TypeError(f"metrics: {name!r:.60} is no name: give a dict of functions by name.")
        if function is accuracy and name == "accuracy":
            found.accuracy = True  # fit counts it on the way
            continue
        if name in (*COLUMNS, "lr", "seconds") or name.startswith("val_"):
            raise ValueError(
                f"metrics: {name!r} is the name of another column of the history: choose another."
            )
        found[name] = function
    return found


def _spoken(metric: Any) -> str:
    return metric if isinstance(metric, str) else getattr(metric, "__name__", type(metric).__name__)


def _named(name: str) -> Metric:
    spellings = (name, name.removesuffix("_score"), f"{name}_score")
    known = next((spelling for spelling in spellings if spelling in NAMES), None)
    if known is None:
        near = difflib.get_close_matches(name, NAMES, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else " Or give a function of outputs and labels."
        raise ValueError(f"metrics: no metric {name!r} is known; there are {', '.join(NAMES)}.{hint}")
    return getattr(_scores, known)  # type: ignore[no-any-return]


def bare(loss: Any) -> Any:
    """The loss itself, without a price on the weights."""
    while isinstance(loss, Regularised):
        loss = loss.loss
    return loss


def own_method(loss: Any, name: str) -> Any:
    """A method of a loss of this library; None of others, and where it has none.

    >>> import nn
    >>> own_method(nn.HingeLoss(), "check") is None, own_method(nn.MSELoss(), "check") is None
    (False, True)
    """
    return getattr(loss, name, None) if of_library(loss) else None


def of_library(loss: Any) -> bool:
    """Whether it is a loss of this library, as it is: a forward() written anew may mean other labels."""
    return isinstance(loss, Loss) and type(loss).forward.__module__.startswith("nn.")


def measure(
    scores: Any, y: Any, loss: Any, metrics: dict[str, Metric], yes: float | None = None
) -> dict[str, float]:
    """The loss, the accuracy if there are classes, and the metrics, of outputs that were computed.

    The loss is of the data, without a price on the weights: a large price would hide how a model does on new rows.
    yes: what a single output says yes above (see says_yes_above). Labels that the loss ignores count in no accuracy.
    """
    loss = bare(loss)
    numbers = {"loss": float(raw(loss(Tensor(scores, requires_grad=False, dtype=scores.dtype), y)))}
    if not math.isfinite(numbers["loss"]):
        return numbers
    ignored = ignored_by(loss)
    if are_classes(scores, y, yes):
        numbers["accuracy"] = accuracy(*answers(scores, y, yes, ignored))
    return numbers | apply(metrics, scores, y, yes, ignored)


def answers(scores: Any, y: Any, yes: float | None, ignored: int | None) -> tuple[Any, Any]:
    """Scores (n, classes), or classes (n,), of the rows that count; and their labels (n,).

    >>> answers(np.array([[0.2], [-3.0]]), np.array([[1.0], [1.0]]), 0.0, None)
    (array([1, 0]), array([1, 1]))
    """
    if yes is not None and scores.size == len(scores):
        return classes_of(scores, yes), y.reshape(-1).astype(np.intp)
    if ignored is not None:
        counts = y != ignored
        if not counts.all():
            return scores[counts], y[counts]
    return scores, y


def apply(
    metrics: dict[str, Metric], scores: Any, y: Any, yes: float | None = None, ignored: int | None = None
) -> dict[str, float]:
    """Each metric, as a number; those of this library are given the classes that the outputs say."""
    numbers = {}
    classes = bool(metrics) and are_classes(scores, y, yes)
    for name, metric in metrics.items():
        known = classes and getattr(metric, "func", metric) in OF_CLASSES
        result = metric(*answers(scores, y, yes, ignored)) if known else metric(scores, y)
        if np.ndim(result) or not isinstance(result, (int, float, np.number, np.bool_, np.ndarray, Tensor)):
            what = f"an array of shape {np.shape(result)}" if np.ndim(result) else type(result).__name__
            raise TypeError(f"metrics: {name} returned {what}: a metric is one number, such as a mean.")
        numbers[name] = float(result)
    return numbers


def check_classes(metrics: dict[str, Metric], outputs: Any, y: Any, yes: float | None) -> None:
    """Refuse metrics of classes where the outputs and labels are none; say what to write."""
    asked = [name for name, metric in metrics.items() if getattr(metric, "func", metric) in OF_CLASSES]
    if getattr(metrics, "accuracy", False):
        asked.insert(0, "accuracy")
    if not asked or are_classes(outputs, y, yes) or y.dtype.kind == "b":
        return
    shape = np.shape(outputs)
    if y.ndim == 2 and y.shape[1] > 1 and y.shape == shape:
        hint = "Of labels that are one-hot, give the classes: y.argmax(axis=1)."
    elif len(shape) == 2 and shape[1] > 1:
        hint = "Classes are labels (n,) of whole numbers: y.astype(int)."
    else:
        hint = (
            "For yes or no, labels are 0 and 1, and the loss nn.BCEWithLogitsLoss(), or the model ends in "
            'nn.Sigmoid(). Numbers have metrics="r2_score".'
        )
    raise ValueError(
        f"metrics: {asked[0]!r} counts right classes, and outputs of shape {shape} with labels of shape {y.shape} "
        f"({y.dtype}) say none. {hint}"
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
    return {
        name: norm_of_gradients(p for p in parameters if p._grad is not None)
        for name, parameters in layers.items()
    }
