"""Layers: the linear layer, activations as modules, and networks made by chaining them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError
from autograd.ops.linear import linear

from . import init
from .fuse import fusing
from .module import Module
from .parameter import Parameter


class Linear(Module):
    """y = x @ weight.T + bias: (n, inputs) to (n, outputs). weight is (outputs, inputs), as PyTorch's.

    Both start uniform between -1/sqrt(inputs) and 1/sqrt(inputs), PyTorch's default, drawn from `rng`: a seed, a
    Generator, or None for other numbers each time. With `bias=False` there is no bias.

    >>> Linear(3, 2, rng=0)(np.ones((4, 3))).shape
    (4, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: Any = np.float64,
        rng: Any = None,
    ) -> None:
        super().__init__()
        for n in (in_features, out_features):
            if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
                raise ValueError(
                    f"Linear({in_features!r}, {out_features!r}): sizes are whole numbers from 1 on."
                )
        self.in_features, self.out_features = int(in_features), int(out_features)
        weight, offset = init.linear_default(rng, out_features, in_features, dtype, bias)
        self.weight = Parameter(weight, dtype=dtype)
        self.bias = Parameter(offset, dtype=dtype) if bias else None

    def forward(self, x: Any) -> Any:
        """x (n, inputs) to (n, outputs)."""
        return self.apply(x, None)

    def apply(self, x: Any, activation: str | None) -> Any:
        """The layer followed by an activation, as one node, or as its steps inside `unfused()`."""
        if fusing():
            try:
                return linear(x, self.weight, self.bias, activation)
            except ShapeError as error:
                raise self._named(error) from None
        if np.shape(x)[-1:] != (self.in_features,):
            raise self._named(
                ShapeError(f"input of shape {np.shape(x)}; the last axis must be {self.in_features}.")
            )
        y = x @ self.weight.T
        y = y if self.bias is None else y + self.bias
        return y if activation is None else getattr(autograd, activation)(y)

    def _named(self, error: ShapeError) -> ShapeError:
        where = (self.weight.name or "").rpartition(".")[0]
        layer = f"layer {where!r}, " if where else ""
        return ShapeError(f"{layer}{self!r}: {error}")

    def extra_repr(self) -> str:
        """As PyTorch's."""
        bias = self.bias is not None
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={bias}"


class Activation(Module):
    """Base of the activations: applies the op called `op` to every element."""

    op = ""

    def forward(self, x: Any) -> Any:
        """The activation of every element."""
        return getattr(autograd, self.op)(x)


class ReLU(Activation):
    """max(0, x); its derivative at 0 is 0."""

    op = "relu"


class Tanh(Activation):
    """(e^x - e^-x) / (e^x + e^-x), between -1 and 1."""

    op = "tanh"


class Sigmoid(Activation):
    """1 / (1 + e^-x), between 0 and 1."""

    op = "sigmoid"


_FUSED: dict[type[Module], str] = {ReLU: "relu", Tanh: "tanh", Sigmoid: "sigmoid"}


class Sequential(Module):
    """Modules one after the other. A Linear followed by ReLU, Tanh or Sigmoid is computed as one step.

    >>> Sequential(Linear(2, 3, rng=0), ReLU(), Linear(3, 1, rng=1))
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    """

    def __init__(self, *modules: Module) -> None:
        super().__init__()
        for i, module in enumerate(modules):
            if not isinstance(module, Module):
                raise TypeError(
                    f"Sequential: argument {i} is {type(module).__name__}, not a Module. "
                    "Pass modules one by one: Sequential(Linear(2, 3), ReLU()), or unpack a list with *."
                )
            object.__setattr__(self, str(i), module)
        self._name_parameters()

    def __len__(self) -> int:
        return sum(1 for _ in self.named_children())

    def __iter__(self) -> Iterator[Module]:
        return (module for _, module in self.named_children())

    def __getitem__(self, i: int) -> Module:
        return list(self)[i]

    def _steps(self) -> list[tuple[Module, str | None]]:
        """The modules to call, each with the activation that is fused into it."""
        steps: list[tuple[Module, str | None]] = []
        for module in self:
            last = steps[-1] if steps else None
            if type(module) in _FUSED and last is not None and type(last[0]) is Linear and last[1] is None:
                steps[-1] = (last[0], _FUSED[type(module)])
            else:
                steps.append((module, None))
        return steps

    def forward(self, x: Any) -> Any:
        """Through all modules in order."""
        for module, activation in self._steps():
            x = module(x) if activation is None else module.apply(x, activation)  # type: ignore[attr-defined]
        return x


class MLP(Sequential):
    """A fully connected network from its layer sizes: inputs, hidden layers, outputs.

    Each layer but the last is followed by `activation`, a class such as `nn.Tanh`. The weights start as Linear's.

    >>> len([p for p in MLP([784, 512, 256, 10], rng=0).parameters()])
    6
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: type[Module] = ReLU,
        *,
        dtype: Any = np.float64,
        rng: Any = None,
    ) -> None:
        if isinstance(sizes, (int, np.integer)):
            raise TypeError(
                f"MLP({sizes}, ...): give all sizes as one list, such as nn.MLP([{sizes}, 16, 1])."
            )
        if isinstance(activation, (Module, str)) or not callable(activation):
            given = type(activation).__name__ if isinstance(activation, Module) else repr(activation)
            raise TypeError(
                f"MLP(..., activation={given}): give a class, of which every layer gets its own: activation=nn.ReLU."
            )
        if len(sizes) < 2:
            raise ValueError(
                f"MLP({list(sizes)}): give at least the input and the output size, such as [64, 10]."
            )
        draw = init.generator(rng)
        modules: list[Module] = []
        for inputs, outputs in pairwise(sizes):
            modules += [Linear(inputs, outputs, dtype=dtype, rng=draw), activation()]
        super().__init__(*modules[:-1])
