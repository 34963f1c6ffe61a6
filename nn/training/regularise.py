"""Against overfitting: a price on large weights, and a limit on their length.

Bounds for gradients are in clip.py. Weight decay is a setting of the optimisers; dropout is a layer; early stopping
belongs to `fit`; nn.augment makes more images out of those there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError
from autograd.graph import raw
from autograd.tensor import Tensor

from ..core.module import Module
from ..core.numbers import number, whole
from ..core.weights import weight_matrices

__all__ = ["Regularised", "l1_penalty", "l2_penalty", "max_norm_"]


def l2_penalty(model: Any, lam: float, m: int) -> Any:
    """lam / (2 m) * the sum of the squares of all weights: a term of the loss, with a graph.

    One step of gradient descent then multiplies each weight by 1 - lr * lam / m before it follows the data; so does SGD
    with weight_decay=lam / m. Biases are left out: they are few, and shift but do not bend.

    model: a Module, whose weight matrices count; or a Tensor, or a list of them. m: the number of training rows.

    >>> from nn import Parameter
    >>> W = Parameter([[3.0, 4.0]])
    >>> penalty = l2_penalty(W, lam=0.4, m=10)
    >>> penalty.backward()
    >>> round(penalty.item(), 4), W.grad
    (0.5, array([[0.12, 0.16]]))
    """
    return _price("l2_penalty", model, autograd.square, lam, m)


def l1_penalty(model: Any, lam: float, m: int) -> Any:
    """lam / (2 m) * the sum of |w| over all weights: a term of the loss, with a graph.

    It pulls every weight with the same force, so that many become 0, where l2_penalty shrinks large ones most.
    At 0 the slope is 0. model, m: as l2_penalty's.

    >>> from nn import Parameter
    >>> W = Parameter([[3.0, -4.0]])
    >>> penalty = l1_penalty(W, lam=0.4, m=10)
    >>> penalty.backward()
    >>> round(penalty.item(), 4), W.grad
    (0.14, array([[ 0.02, -0.02]]))
    """
    return _price("l1_penalty", model, autograd.absolute, lam, m)


def _price(name: str, model: Any, of: Any, lam: float, m: int) -> Any:
    """lam / (2 m) * the sum of `of(w)` over all weights."""
    lam = number(f"{name}: lam", lam, least=0)
    m = _rows(name, m)
    weights = _weights(name, model)
    total = autograd.sum(of(weights[0]))
    for weight in weights[1:]:
        total = total + autograd.sum(of(weight))
    return total * (lam / (2 * m))


class Regularised(Module):
    """A loss with a price on the weights of a model: loss(outputs, y) + l2_penalty + l1_penalty.

    m is the number of training rows, so that the strengths l2 and l1 mean the same for every batch size. The price
    counts wherever this loss is called; fit's val_loss and nn.evaluate leave it out, so that they tell of the data.

    >>> import nn
    >>> model = nn.Linear(2, 2, rng=0)
    >>> loss = Regularised(nn.CrossEntropyLoss(), model, m=100, l2=0.7)
    >>> X, y = np.ones((4, 2)), np.array([0, 1, 1, 0])
    >>> extra = loss(model(X), y) - nn.CrossEntropyLoss()(model(X), y)
    >>> np.allclose(extra.data, 0.7 / 200 * np.sum(model.weight.data ** 2))
    True
    """

    def __init__(self, loss: Any, model: Any, *, m: int, l2: float = 0.0, l1: float = 0.0) -> None:
        super().__init__()
        if not callable(loss) or isinstance(loss, type):
            raise TypeError("Regularised(loss, model, ...): loss is a loss such as nn.CrossEntropyLoss().")
        _weights("Regularised", model)
        self.loss = loss
        self.l2 = number("Regularised: l2", l2, least=0)
        self.l1 = number("Regularised: l1", l1, least=0)
        self.m = _rows("Regularised", m)
        self._model = (model,)  # in a tuple: the loss does not own the model's parameters

    def forward(self, *given: Any) -> Any:
        """The loss of one batch, and the price of the weights as they are."""
        loss = self.loss(*given)
        if np.ndim(loss) and (self.l2 or self.l1):
            raise ShapeError(
                f"Regularised of a loss of shape {np.shape(loss)}: the whole price would be added to every element. "
                "Use reduction='mean', or add nn.l2_penalty(model, lam, m) to the number that is made of the elements."
            )
        if self.l2:
            loss = loss + l2_penalty(self._model[0], self.l2, self.m)
        if self.l1:
            loss = loss + l1_penalty(self._model[0], self.l1, self.m)
        return loss

    def __repr__(self) -> str:
        return f"Regularised({self.loss!r}, m={self.m}, l2={self.l2}, l1={self.l1})"


def max_norm_(parameters: Any, limit: float) -> None:
    """Shorten the weights of every unit whose length is above the limit to it; call it after each step.

    The weights of a unit are a row of a matrix (out, in), or a kernel (out, ...). Biases stay. A graph still alive
    keeps the numbers that it was made with. Source: Srivastava et al., Dropout (2014), section 5.1.

    parameters: a Module, or parameters such as model.parameters().

    >>> from nn import Parameter
    >>> W = Parameter([[3.0, 4.0], [0.3, 0.4]])
    >>> max_norm_([W], limit=1.0)
    >>> W.data
    array([[0.6, 0.8],
           [0.3, 0.4]])
    """
    limit = number("max_norm_: limit", limit, above=0)
    for weight in _weights("max_norm_", parameters):
        rows = raw(weight).reshape(len(raw(weight)), math.prod(weight.shape[1:]))
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        if lengths.size and np.max(lengths) > limit:
            factors = (limit / np.maximum(lengths, limit)).astype(rows.dtype, copy=False)
            weight.data = raw(weight) * factors.reshape(-1, *(1,) * (weight.ndim - 1))


def _weights(name: str, model: Any) -> list[Any]:
    """The weight matrices of a model; or of the tensors given, those with two axes or more, or the only one."""
    if isinstance(model, Module):
        weights: list[Any] = list(weight_matrices(model))
    elif isinstance(model, Tensor):
        weights = [model]
    elif isinstance(model, Iterable):
        weights = list(model)
        for x in weights:
            if not isinstance(x, Tensor):
                raise TypeError(f"{name}: {type(x).__name__} in the list, where Tensors are needed.")
        weights = [x for x in weights if x.ndim > 1]
    else:
        raise TypeError(f"{name}: give a Module, a Tensor or a list of Tensors, not {type(model).__name__}.")
    if not weights:
        raise ValueError(
            f"{name}: no weight of two axes or more is there. (Biases do not count; a generator can be used once.)"
        )
    return weights


def _rows(name: str, m: Any) -> int:
    return whole(f"{name}: m", m, why="the number of training rows, such as len(X)")
