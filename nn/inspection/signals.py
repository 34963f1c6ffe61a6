"""How signals come through a network: activations on the way forward, gradients on the way back, layer by layer."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd import gradients
from autograd.graph import Node, topological_order
from autograd.ops import activations, rectifiers
from autograd.tensor import Tensor

from ..core.fuse import unfused
from ..core.module import Module
from ..core.parameter import Parameter
from ..core.rng import generator
from ..losses import CrossEntropyLoss

KINDS = {"tanh", *activations.__all__, *rectifiers.__all__} - {"glu", "maxout"}
FLAT = 0.05  # a slope below this share of the steepest counts as saturated


class Signal(NamedTuple):
    """One activation of the network: A = g(Z).

    layer: the name of the layer that made Z; kind: g. mean, std: of A over rows and units. saturated: the share of
    places where the slope of g is below 5 % of its steepest: the ends of sigmoid and tanh, and where a ReLU is 0, which
    is half of them at the start. dead: the share of units that are saturated for every row, and so do not learn.
    gradient: the root of the mean square of dZ. values, gradients: A and dZ themselves, for histograms.
    """

    layer: str
    kind: str
    mean: float
    std: float
    saturated: float
    dead: float
    gradient: float
    values: Any
    gradients: Any


class Signals:
    """The activations of a network in the order of the forward pass; printed, a table."""

    def __init__(self, layers: list[Signal]) -> None:
        self.layers = layers

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Signal]:
        return iter(self.layers)

    def __getitem__(self, i: int) -> Signal:
        return self.layers[i]

    def __str__(self) -> str:
        lines = [f"{'layer':<12}{'kind':<12}     mean      std  saturated   dead   gradient"]
        lines += [
            f"{s.layer:<12}{s.kind:<12}{s.mean:9.3g}{s.std:9.3g}{100 * s.saturated:9.1f} %{100 * s.dead:5.0f} %"
            f"{s.gradient:11.3g}"
            for s in self
        ]
        return "\n".join(lines)


def activation_statistics(model: Module, X: Any, labels: Any = None, loss: Any = None) -> Signals:
    """What every activation of the model puts out for the rows of X, and the gradient that comes back to it.

    The gradient is that of loss(model(X), labels), of cross-entropy unless a loss is given. Without labels, every
    output gets +1 or -1 over the number of rows, at random. It looks at a copy of the model, which stays as it is, in
    its mode: while training, dropout drops and batch normalisation uses the batch.

    >>> import nn
    >>> model = nn.init.apply_init(nn.MLP([20, 50, 50, 3], activation=nn.Tanh, rng=0), "small_normal", rng=0)
    >>> X = np.random.default_rng(0).normal(size=(100, 20))
    >>> [round(layer.std, 4) for layer in activation_statistics(model, X)]
    [0.0482, 0.0035]
    """
    if not isinstance(model, Module):
        raise TypeError(f"activation_statistics looks at a Module, not {type(model).__name__}.")
    model = copy.deepcopy(model)
    dtypes = {p.dtype for p in model.parameters()}
    for p in model.parameters():
        p.requires_grad = True
    X = X if isinstance(X, Node) else np.asarray(X)
    if len(dtypes) == 1 and isinstance(X, np.ndarray) and X.dtype.kind == "f":
        X = X.astype(dtypes.pop(), copy=False)
    with unfused():
        outputs = model(X)
    found = [node for node in topological_order(outputs) if _is_activation(node)]
    if labels is None:
        signs = np.where(generator(0).random(outputs.shape) < 0.5, -1.0, 1.0)
        total = (outputs * (signs / len(signs)).astype(outputs.dtype)).sum()
    else:
        total = (CrossEntropyLoss() if loss is None else loss)(outputs, labels)
    back = gradients(total, [node.parents[0] for node in found])
    return Signals([_signal(node, g) for node, g in zip(found, back)])


def _is_activation(node: Any) -> bool:
    return node.op is not None and node.op.name in KINDS and node.parents[0] is not None


def _signal(node: Any, g: Any) -> Signal:
    """The numbers of one activation, and g, the gradient that reached its input."""
    a, kind = np.array(node.data), node.op.name
    slope = np.abs(gradients(node, node.parents[0], upstream=np.ones_like(a)))
    flat = slope < FLAT * (0.25 if kind == "sigmoid" else 1.0)
    # A unit is a column of (n, units), a channel of (n, channels, h, w).
    rows = tuple(i for i in range(a.ndim) if i != (1 if a.ndim > 3 else a.ndim - 1))
    dead = flat.all(axis=rows)
    size = float(np.sqrt(np.mean(np.square(g, dtype=np.float64))))
    wide = a.astype(np.float64, copy=False)
    numbers = (float(wide.mean()), float(wide.std()), float(flat.mean()), float(np.mean(dead)), size)
    return Signal(_layer(node), kind, *numbers, a, np.array(g))


def _layer(node: Any) -> str:
    """The path of the module whose parameters made the input of an activation."""
    waiting, seen = [node.parents[0]], set()
    while waiting:
        x = waiting.pop(0)
        if x is None or id(x) in seen or _is_activation(x):
            continue
        seen.add(id(x))
        if isinstance(x, Parameter) and x.name:
            return x.name.rpartition(".")[0] or x.name
        waiting += x.parents if isinstance(x, Tensor) else ()
    return ""
