"""What can be known only at the first step: looked at before it changes a weight."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from autograd.errors import AutogradError, DomainError, GradientError, ShapeError
from autograd.graph import Node

from ..core.caller import level
from ..data import DataLoader
from ..layers.embedding import Embedding
from ..losses import BCEWithLogitsLoss, CrossEntropyLoss
from ..metrics.classes import EACH, ONE_OF_ALL, last_op
from ..metrics.predict import outputs
from ..metrics.probabilities import described
from .measure import bare, check_classes, of_library, own_method
from .training import Training


def check_first_batch(training: Training, scores: Any, cost: Any) -> None:
    """Before the first step: the loss is one number with a graph, and all labels and all batches will do."""
    outer = getattr(cost, "shape", ())
    left = isinstance(scores, np.ndarray) and not isinstance(cost, Node)
    if left or (isinstance(cost, Node) and not cost.requires_grad):
        raise GradientError(
            f"the loss does not depend on the parameters of the model: {DETACHED}, or stands in no_grad()."
        )
    if not isinstance(cost, Node) or math.prod(outer) != 1:
        what = f"an array of shape {outer}" if outer else type(cost).__name__
        raise TypeError(
            f"loss(outputs, y) returned {what}: it must be one Tensor with its history, such as a mean."
        )
    data, validation = training.batches, training.validation
    one = isinstance(scores, (Node, np.ndarray))
    if not one and (validation is not None or training.metrics):
        raise TypeError(
            f"the model returned {described(scores)}: with validation= or metrics= it must return one array. "
            "Return the one that counts, or wrap the model in one that does."
        )
    loss = bare(training.loss)
    shape, check = np.shape(scores) if one else (), own_method(loss, "check") if one else None
    sets = {"data": data.arrays[1]} | ({} if validation is None else {"validation": validation[1]})
    for name, y in sets.items():
        try:
            if check is not None and isinstance(y, np.ndarray):
                check(y, (len(y), *shape[1:]))
            elif y.shape[1:] != data.arrays[1].shape[1:]:
                raise ShapeError(
                    f"labels of shape {y.shape}, where those to train on have {data.arrays[1].shape}."
                )
        except (ShapeError, DomainError) as error:
            raise type(error)(f"{name}: {error}") from None
    if len(data) > 1 and not data.drop_last and data.rows % data.batch_size == 1:
        check_last_batch(cost, data)
    training.read(scores)
    if one:
        check_classes(training.metrics, scores, data.arrays[1], training.yes)
        tell_double(last_op(scores), loss)
    check_indices(training)


DETACHED = "forward() leaves the graph on the way, as .data, .numpy(), .detach() and Tensor(x.data) do"


def tell_double(last: str, loss: Any) -> None:
    """Warn of probabilities that are given to a loss that takes scores, and makes probabilities of them once more.

    last: the op that computes the outputs. The loss is then flat: it cannot come near 0, and its gradients are small.
    """
    kind = type(loss).__name__
    if not of_library(loss) or not isinstance(loss, (CrossEntropyLoss, BCEWithLogitsLoss)):
        return
    if last in ONE_OF_ALL or last in EACH:
        own = "softmax" if isinstance(loss, CrossEntropyLoss) else "sigmoid"
        other = ", or use nn.BCELoss()" if own == "sigmoid" and last in EACH else ""
        warnings.warn(
            f"the model ends in {last}, and {kind} takes scores: it applies {own} itself, once more, so that training "
            f"is slow and ends early. Leave the last activation out{other}; nn.predict_proba gives the probabilities.",
            stacklevel=level(),
        )


def check_indices(training: Training) -> None:
    """Refuse indices that an Embedding does not have, wherever they stand; the extremes of each column are tried."""
    if not any(isinstance(module, Embedding) for module in training.modules):
        return
    sets = {"data": training.batches.arrays[0]} if training.batches.transform is None else {}
    if training.validation is not None:
        sets["validation"] = training.validation[0]
    for name, X in sets.items():
        if isinstance(X, np.ndarray) and X.dtype.kind in "iu":
            columns = X.reshape(len(X), -1)
            rows = np.unique([columns.argmin(axis=0), columns.argmax(axis=0)])
            try:
                outputs(training.model, X[rows], 64)
            except (AutogradError, IndexError) as error:
                raise type(error)(f"{name}: {error}") from None


def check_gradients(training: Training, clip: Any) -> None:
    """Called once in the place of clipping, after the first backward pass: refuse to train what gets no gradient."""
    if all(parameter._grad is None for parameter in training.updated):
        raise GradientError(
            "no parameter of the model got a gradient, so that nothing would be trained: the loss does not depend on "
            f"them; {DETACHED}."
        )
    known = {id(parameter) for parameter in (*training.updated, *training.others)}
    late = [name for name, parameter in training.model.named_parameters() if id(parameter) not in known]
    if late:
        raise ValueError(
            f"{late[0]} was made in the first forward(), and the optimiser does not know it. Make it in __init__, or "
            "call model(X[:1]) once before the optimiser is made."
        )
    training.begun, training.clip = True, clip
    if clip is not None:
        clip()


def check_last_batch(cost: Any, data: DataLoader) -> None:
    """Refuse a last batch of one row, where the graph of the first one normalises over the rows of a batch."""
    seen, waiting = set(), [cost]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Node) or id(node) in seen:
            continue
        seen.add(id(node))
        waiting += [parent for parent in node.parents if parent is not None]
        normalises = node.op is not None and node.op.name in ("normalise", "standardise")
        axes = getattr(node, "kwargs", {}).get("axis") if normalises else None
        if not isinstance(axes, tuple) or 0 not in axes:
            continue
        shape: tuple[int, ...] = np.shape(node)  # type: ignore[call-overload]
        if math.prod(shape[axis] for axis in axes if axis) == 1:
            raise ShapeError(
                f"batch normalisation of a batch of one row: {data.rows} rows make batches of {data.batch_size}, and "
                "the last one is of 1, which has no variance. Use another batch_size, or leave the last batch out: "
                "nn.DataLoader((X, y), batch_size, shuffle=True, drop_last=True)."
            )
