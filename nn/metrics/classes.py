"""How the outputs of a classifier are read: which class they say, and which rows count."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.graph import Node

from ..losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, NLLLoss

# Ops that only arrange numbers anew, or keep them from the ends of their range.
_ARRANGING = {"reshape", "squeeze", "expand_dims", "getitem", "transpose", "astype", "copy", "clip"}
# Ops whose results are probabilities: of the classes of a row, or of one question each.
ONE_OF_ALL, EACH = frozenset({"softmax"}), frozenset({"sigmoid", "hardsigmoid"})


def classes_of(outputs: Any, yes: float | None = None) -> Any:
    """The class that each row of outputs says: the one with the highest score; of one number, 1 if it is above `yes`.

    >>> classes_of(np.array([[0.1, 0.7, 0.2], [3.0, -1.0, 0.0]]))
    array([1, 0])
    >>> classes_of(np.array([[0.3], [0.9]]), yes=0.5)
    array([0, 1])
    """
    if yes is not None and outputs.size == len(outputs):
        return (outputs.reshape(-1) > yes).astype(np.intp)
    return outputs.argmax(axis=1)


def are_classes(outputs: Any, labels: Any, yes: float | None = None) -> bool:
    """Whether the labels are classes that such outputs can say.

    Either outputs (n, classes), two or more, with labels (n,) that are whole numbers; or, if a single number says yes
    above `yes`, one number a row with labels that are all 0 and 1.

    >>> are_classes(np.zeros((2, 3)), np.array([0, 2])), are_classes(np.zeros((2, 1)), np.array([[0.0], [1.0]]), 0.5)
    (True, True)
    """
    if np.ndim(outputs) == 2 and outputs.shape[1] > 1:
        return bool(labels.ndim == 1 and labels.dtype.kind in "iu")
    shape = np.shape(outputs)
    if yes is None or shape not in ((len(outputs),), (len(outputs), 1)):
        return False
    one = labels.shape[1:] in ((), (1,)) and labels.dtype.kind in "fiub"
    return bool(one and np.all((labels == 0) | (labels == 1)))


def says_yes_above(loss: Any, last: str) -> float | None:
    """The number above which a single output means yes, or None if it is no answer to such a question.

    loss: what is minimised; last: the op that computes the outputs (see last_op), which decides if the loss does not.
    """
    if isinstance(loss, BCEWithLogitsLoss):
        return 0.0
    return 0.5 if isinstance(loss, BCELoss) or last in EACH else None


def ignored_by(loss: Any) -> int | None:
    """The label that a loss does not count, or None."""
    return loss.ignore_index if isinstance(loss, (CrossEntropyLoss, NLLLoss)) else None


def last_step(node: Any) -> Any:
    """The node of the op that computed these outputs, but for those that only arrange them."""
    while isinstance(node, Node) and node.op is not None and node.op.name in _ARRANGING:
        node = node.parents[0]
    return node


def last_op(node: Any) -> str:
    """The name of the op that computed these outputs, but for those that only arrange them; "" if none did."""
    node = last_step(node)
    if isinstance(node, str):  # the name itself, where no graph tells it
        return node
    if not isinstance(node, Node) or node.op is None:
        return ""
    return str(getattr(node, "kwargs", {}).get("activation") or node.op.name)
