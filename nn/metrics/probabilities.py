"""Whether the outputs of a model are probabilities already, or scores that a sigmoid or softmax makes into them."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from autograd.graph import Node, enable_grad, raw

from ..core.dtypes import in_dtype, shared_dtype
from ..core.module import Module
from ..core.numbers import flag
from ..data import DataLoader
from .classes import EACH, ONE_OF_ALL, last_op, last_step
from .evaluating import evaluating

# Ops that a probability written by hand ends in, as 1 / (1 + exp(-z)) does; nothing else is taken for one.
BY_HAND = frozenset(
    "divide true_divide reciprocal add subtract multiply exp exp2 expm1 power where maximum minimum".split()
)


def are_probabilities(model: Module, X: Any, scores: Any, said: bool | None = None) -> bool:
    """Whether these outputs of the model, for the rows of X, are probabilities; `said` is what the user knows.

    It does not depend on what is recorded: not on frozen parameters, and not on no_grad() in forward().

    >>> import nn
    >>> model = nn.Sequential(nn.Linear(2, 1, rng=0), nn.Sigmoid()).requires_grad_(False)
    >>> are_probabilities(model, np.zeros((5, 2)), nn.metrics.outputs(model, np.zeros((5, 2))))
    True
    """
    if said is not None:
        return flag("probabilities", said)
    if scores.dtype.kind != "f" or not len(scores):
        return False
    slack = 1e-6 + 8 * scores.shape[1] * float(np.finfo(scores.dtype).eps)
    if scores.min() < -slack or scores.max() > 1 + slack:
        return False
    if scores.shape[1] > 1 and np.all(np.abs(scores.sum(axis=1, dtype=np.float64) - 1) <= slack):
        return True
    node = traced(model, X)
    last = last_op(node)
    if last in EACH or last in ONE_OF_ALL:
        return True
    if last and not _by_hand(node):
        return False
    raise ValueError(
        "the outputs are all between 0 and 1, and forward() does not show whether they are probabilities or scores. "
        "Write probabilities=True or probabilities=False; or end the model in nn.Sigmoid() or nn.Softmax(), or in a "
        "layer."
    )


def _by_hand(node: Any) -> bool:
    node = last_step(node)
    if node.op.name not in BY_HAND:
        return False
    # x @ w + b, or a sum of two paths, is a score; a number that is added to something may be the end of a formula.
    return not (node.op.name in ("add", "subtract") and all(parent is not None for parent in node.parents))


def ends_in(model: Module, X: Any) -> str:
    """The name of the op that computes the model's outputs, read off its graph for the first row.

    >>> import nn
    >>> ends_in(nn.Sequential(nn.Linear(2, 1, rng=0), nn.Sigmoid()), np.zeros((5, 2)))
    'sigmoid'
    """
    return last_op(traced(model, X))


def traced(model: Module, X: Any) -> Any:
    """The outputs for the first row of X with their graph, as if every parameter were trained.

    Where forward() leaves no graph, the op of the activation, a module, that made the outputs.
    """
    row = in_dtype(next(iter(DataLoader(X, 1))), shared_dtype(model))
    if all(parameter.requires_grad for parameter in model.parameters()):
        with evaluating(model), enable_grad():
            found = model(row)
        if last_op(found):
            return found
    try:
        own = copy.deepcopy(model).requires_grad_(True)  # the model itself may be in use elsewhere
    except (TypeError, ValueError, AttributeError, RuntimeError):
        return ""  # it holds what cannot be copied, such as a file
    made: list[tuple[Any, str]] = []
    for module in own.modules():
        if module._role == "activation":

            def note(module: Any, args: Any, output: Any) -> None:
                made.append((raw(output), getattr(module, "op", "")))

            module.register_forward_hook(note)
    with evaluating(own), enable_grad():
        found = own(row)
    if last_op(found):
        return found
    plain = raw(found)
    names = [op for array, op in made if isinstance(plain, np.ndarray) and np.may_share_memory(array, plain)]
    return names[-1] if names else found


def described(x: Any) -> str:
    """What a model returned in place of an array, in words.

    >>> described((1, 2)), described(None)
    ('a tuple of 2', 'None (did forward() forget its return?)')
    """
    if x is None:
        return "None (did forward() forget its return?)"
    if isinstance(x, (tuple, list, dict)):
        return f"a {type(x).__name__} of {len(x)}"
    return f"an array of shape {np.shape(raw(x))}" if isinstance(x, (np.ndarray, Node)) else type(x).__name__
