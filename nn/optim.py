"""Optimisers: from gradients to new parameters. Each rule is written once, on flat arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .flat import FlatParameters
from .parameter import Parameter


class Optimiser:
    """Base of all optimisers: keeps the parameters flat, and applies `update` to them.

    A subclass writes `update(w, g, state, out)`: from weights w and gradients g, both flat, the new weights into out.
    `state` is a list of flat arrays, `slots` of them, zero at first.
    """

    slots = 0

    def __init__(self, parameters: Iterable[Parameter], lr: float) -> None:
        if isinstance(parameters, Parameter):
            raise TypeError("the optimiser needs a list of parameters, not one Parameter. Write [parameter].")
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
        if not lr >= 0:
            raise ValueError(f"learning rate {lr!r}: it must be a number >= 0.")
        self.lr = lr
        by_dtype: dict[Any, list[Parameter]] = {}
        for p in unique:
            if p.requires_grad:
                by_dtype.setdefault(p.dtype, []).append(p)
        self._groups = [FlatParameters(group) for group in by_dtype.values()]
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
                out[...] = w
                for a, b in spans:
                    self.update(w[a:b], g[a:b], [s[a:b] for s in state], out[a:b], scratch[a:b])
            flat.swap()

    def update(self, w: Any, g: Any, state: list[Any], out: Any, scratch: Any) -> None:
        """The rule of this optimiser."""
        raise NotImplementedError


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

    slots = 1

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        if not momentum >= 0:
            raise ValueError(f"momentum {momentum!r}: it must be a number >= 0, usually 0.9.")
        if nesterov and momentum == 0:
            raise ValueError("nesterov=True needs a momentum > 0.")
        self.momentum, self.weight_decay, self.nesterov = momentum, weight_decay, nesterov
        self.slots = 1 if momentum else 0
        super().__init__(parameters, lr)

    def update(self, w: Any, g: Any, state: list[Any], out: Any, scratch: Any) -> None:
        """v = momentum * v + g; w - lr * v."""
        if self.weight_decay:
            np.multiply(w, self.weight_decay, scratch)
            scratch += g
            g = scratch.copy()
        if state:
            (v,) = state
            np.multiply(v, self.momentum, v)
            np.add(v, g, v)
            if self.nesterov:
                np.multiply(v, self.momentum, scratch)
                np.add(scratch, g, scratch)
                g = scratch
            else:
                g = v
        np.multiply(g, -self.lr, out)
        np.add(out, w, out)
