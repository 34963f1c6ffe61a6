"""Optimisers: from gradients to new parameters. Each rule is written once, on flat arrays."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from .absent import explain
from .flat import FlatParameters
from .module import Module
from .parameter import Parameter


class Optimiser:
    """Base of all optimisers: keeps the parameters flat, and applies `update` to them.

    A subclass writes `update(w, g, state, out, scratch)`: from weights w and gradients g, both flat, the new weights
    into out. `state` is a list of flat arrays, `slots` of them, zero at first; `scratch` is one to compute in. w and g
    must stay as they are. `settings` are the attributes that the repr shows where they are set.
    """

    slots = 0
    settings: tuple[str, ...] = ("lr",)

    def __init__(self, parameters: Iterable[Parameter], lr: float) -> None:
        _check_iterable(parameters)
        unique = list({id(p): p for p in parameters}.values())
        if not unique:
            raise ValueError(
                "the optimiser got no parameters. Pass model.parameters(); a generator can be used once."
            )
        for p in unique:
            if not isinstance(p, Parameter):
                raise TypeError(
                    f"the optimiser needs Parameters, not {type(p).__name__}. Use nn.Parameter(data)."
                )
        self.lr = _number("learning rate", lr)
        groups: dict[Any, list[Parameter]] = {}
        for p in unique:  # frozen ones apart: as long as they have no gradient, their group costs nothing
            groups.setdefault((p.dtype, p.requires_grad), []).append(p)
        self._groups = [FlatParameters(group) for group in groups.values()]
        self._state = [[np.zeros_like(f.data.array) for _ in range(self.slots)] for f in self._groups]
        self._scratch = [np.empty_like(f.data.array) for f in self._groups]

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to None."""
        for flat in self._groups:
            flat.forget_gradients()

    def step(self) -> None:
        """Update every parameter that has a gradient. Graphs still alive keep the weights they were made with."""
        for flat, state, scratch in zip(self._groups, self._state, self._scratch):
            spans = flat.gather()
            w, g, out = flat.data.array, flat.grad.array, flat.target()
            if spans is None:
                self.update(w, g, state, out, scratch)
            else:
                if not spans:
                    continue
                np.copyto(out, w)
                for a, b in spans:
                    self.update(w[a:b], g[a:b], [s[a:b] for s in state], out[a:b], scratch[a:b])
            flat.swap()

    def update(self, w: Any, g: Any, state: list[Any], out: Any, scratch: Any) -> None:
        """The rule of this optimiser: the new weights into out."""
        raise NotImplementedError(f"{type(self).__name__} has no update(). Define it in the class.")

    def parameters(self) -> list[Parameter]:
        """The parameters that this optimiser updates."""
        return [p for flat in self._groups for p in flat.parameters]

    def __repr__(self) -> str:
        shown = [f"{s}={getattr(self, s)!r}" for s in self.settings if s == "lr" or getattr(self, s)]
        return f"{type(self).__name__}({', '.join(shown)})"


def _check_iterable(parameters: Any) -> None:
    """Explain what is often given in place of the parameters."""
    if isinstance(parameters, Parameter):
        raise TypeError("the optimiser needs a list of parameters, not one Parameter. Write [parameter].")
    if isinstance(parameters, Module):
        raise TypeError(
            f"the optimiser needs parameters, not {type(parameters).__name__}. Write model.parameters()."
        )
    if callable(parameters):
        name = getattr(parameters, "__name__", type(parameters).__name__)
        raise TypeError(f"the optimiser was given {name!r} itself, without a call. Write model.parameters().")
    if not isinstance(parameters, Iterable):
        raise TypeError(
            f"the optimiser needs parameters, not {type(parameters).__name__}. Write model.parameters()."
        )


def _number(name: str, value: Any) -> float:
    """A setting as a float: finite and not negative."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise TypeError(f"{name} {value!r:.60}: it must be a number >= 0.")
    number = float(value)
    if not (number >= 0 and math.isfinite(number)):
        raise ValueError(f"{name} {value!r}: it must be a finite number >= 0.")
    return number


class SGD(Optimiser):
    """Stochastic gradient descent, with momentum if asked for; the rule and its names are PyTorch's.

    v = momentum * v + g + weight_decay * w;  w = w - lr * v, with `nesterov` w - lr * (g + momentum * v).

    >>> p = Parameter([1.0])
    >>> optimiser = SGD([p], lr=0.1)
    >>> (p * p).sum().backward()
    >>> optimiser.step()
    >>> p.data
    array([0.8])
    """

    settings = ("lr", "momentum", "weight_decay", "nesterov")

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        self.momentum = _number("momentum", momentum)
        self.weight_decay = _number("weight_decay", weight_decay)
        self.nesterov = bool(nesterov)
        if nesterov and not momentum:
            raise ValueError("nesterov=True needs a momentum > 0.")
        self.slots = 1 if momentum else 0
        super().__init__(parameters, lr)

    def update(self, w: Any, g: Any, state: list[Any], out: Any, scratch: Any) -> None:
        """g + weight_decay * w into v = momentum * v + g; then w - lr * v, or w - lr * (g + momentum * v)."""
        if self.weight_decay:
            np.multiply(w, self.weight_decay, scratch)
            scratch += g
            g = scratch
        if state:
            (v,) = state
            np.multiply(v, self.momentum, v)
            np.add(v, g, v)
            if self.nesterov:
                np.multiply(v, self.momentum, out)
                np.add(out, g, out)
                g = out
            else:
                g = v
        np.multiply(g, -self.lr, out)
        np.add(out, w, out)


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        raise explain("nn.optim", name, ("SGD", "Optimiser"))
