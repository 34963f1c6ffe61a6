"""MLP: the notes' L-layer network in one line."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..core.module import Module
from ..core.rng import generator
from ..init import apply_init
from . import activations, rectifiers, softmax
from .dropout import Dropout
from .linear import Linear
from .normalisation import BatchNorm1d
from .sequential import Sequential
from .shaping import Identity

# Without regard to capitals and underscores: "LeakyReLU" and "leaky_relu" are the same.
ACTIVATIONS: dict[str, type[Module]] = {
    "celu": rectifiers.CELU,
    "elu": rectifiers.ELU,
    "gelu": activations.GELU,
    "hardshrink": rectifiers.Hardshrink,
    "hardsigmoid": rectifiers.Hardsigmoid,
    "hardswish": rectifiers.Hardswish,
    "hardtanh": rectifiers.Hardtanh,
    "identity": Identity,
    "leakyrelu": rectifiers.LeakyReLU,
    "linear": Identity,
    "logsigmoid": activations.LogSigmoid,
    "logsoftmax": softmax.LogSoftmax,
    "mish": activations.Mish,
    "prelu": rectifiers.PReLU,
    "relu": rectifiers.ReLU,
    "relu6": rectifiers.ReLU6,
    "selu": rectifiers.SELU,
    "sigmoid": activations.Sigmoid,
    "silu": activations.SiLU,
    "softmax": softmax.Softmax,
    "softmin": softmax.Softmin,
    "softplus": activations.Softplus,
    "softshrink": rectifiers.Softshrink,
    "softsign": activations.Softsign,
    "swish": activations.SiLU,
    "tanh": activations.Tanh,
    "tanhshrink": activations.Tanhshrink,
}


class MLP(Sequential):
    """A fully connected network from the sizes of its layers: inputs, hidden layers, outputs.

    MLP([5, 5, 5, 3, 1]) is a 4-layer network: Z = A W.T + b and A = g(Z) for each layer, where the last has no g unless
    `output` says so.

    activation: g of the hidden layers: a class such as nn.Tanh, a name such as "tanh", None for none, or a list of one
    for each. Without any the network is one linear function, however deep.
    output: g of the last layer, such as "sigmoid" or nn.Softmax; the losses that take scores need none.
    init: how the weights start, a name or function of nn.init such as "he_normal", with biases of 0; as Linear's if not
    given. dropout: the probability of a 0 after each hidden layer, or a list of one for each. batch_norm: each hidden Z
    goes through BatchNorm1d before its activation. rng: of the weights and the dropout.

    >>> len([p for p in MLP([784, 512, 256, 10], rng=0).parameters()])
    6
    >>> MLP([2, 3, 1], "tanh", output="sigmoid", init="xavier_normal", dropout=0.1, batch_norm=True, rng=0)
    MLP(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
      (2): Tanh()
      (3): Dropout(p=0.1, inplace=False)
      (4): Linear(in_features=3, out_features=1, bias=True)
      (5): Sigmoid()
    )
    """

    def __init__(
        self,
        layer_dims: Sequence[int],
        activation: Any = rectifiers.ReLU,
        *,
        output: Any = None,
        init: Any = None,
        dropout: Any = 0.0,
        batch_norm: bool = False,
        dtype: Any = np.float64,
        rng: Any = None,
    ) -> None:
        if isinstance(layer_dims, (int, np.integer)):
            raise TypeError(
                f"MLP({layer_dims}, ...): give all sizes as one list, such as nn.MLP([{layer_dims}, 16, 1])."
            )
        if len(layer_dims) < 2:
            raise ValueError(
                f"MLP({list(layer_dims)}): give at least the input and the output size, such as [64, 10]."
            )
        hidden = len(layer_dims) - 2
        kinds = [_activation("activation", kind) for kind in _each("activation", activation, hidden)]
        rates = _each("dropout", dropout, hidden)
        last = _activation("output", output)
        draw = generator(rng)
        modules: list[Module] = []
        for i, (inputs, outputs) in enumerate(pairwise(layer_dims)):
            modules.append(Linear(inputs, outputs, dtype=dtype, rng=draw))
            if i < hidden:
                modules += [BatchNorm1d(outputs, dtype=dtype)] if batch_norm else []
                modules += kinds[i]()
                modules += [Dropout(rates[i], rng=draw)] if rates[i] else []
        super().__init__(*modules, *last())
        if init is not None:
            apply_init(self, init, rng=draw)


def _each(what: str, given: Any, hidden: int) -> list[Any]:
    """One for each hidden layer."""
    if not isinstance(given, (list, tuple)):
        return [given] * hidden
    if len(given) != hidden:
        raise ValueError(
            f"MLP: {len(given)} of {what} for {hidden} hidden layers: give one, or one for each."
        )
    return list(given)


def _activation(what: str, given: Any) -> Callable[[], list[Module]]:
    """A function that makes a new activation, in a list, from its class or its name; an empty list for None."""
    if isinstance(given, str):
        name = given.lower().replace("_", "")
        if name not in ACTIVATIONS:
            near = difflib.get_close_matches(name, ACTIVATIONS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" There are {', '.join(ACTIVATIONS)}."
            raise ValueError(f"MLP: {what}={given!r} is no activation.{hint}")
        given = ACTIVATIONS[name]
    if given is None:
        return list
    if isinstance(given, Module) or not callable(given):
        shown = type(given).__name__ if isinstance(given, Module) else repr(given)
        raise TypeError(
            f"MLP(..., {what}={shown}): give a name or a class, of which every layer gets its own: {what}=nn.ReLU."
        )
    return lambda: [_made(what, given)]


def _made(what: str, kind: Callable[[], Any]) -> Module:
    """What a class, or a function of no arguments, makes."""
    name = getattr(kind, "__name__", repr(kind))
    fix = f'Give a class or a name, {what}=nn.Tanh or {what}="tanh"'
    try:
        made = kind()
    except TypeError as error:
        raise TypeError(
            f"MLP(..., {what}={name}): it makes no activation when called without arguments: {error}. {fix}; one with "
            f"settings is {what}=lambda: nn.LeakyReLU(0.2)."
        ) from None
    if not isinstance(made, Module):
        raise TypeError(f"MLP(..., {what}={name}): it made {type(made).__name__}, which is no Module. {fix}.")
    return made
