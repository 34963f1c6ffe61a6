"""SGD: along the gradient, with momentum if asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.numbers import flag, number
from .optimiser import Optimiser
from .settings import Group, Setting


class SGD(Optimiser):
    """Stochastic gradient descent, with momentum if asked for; the rule and its names are PyTorch's.

    v = momentum * v + (1 - dampening) * g, at first v = g;  w = w - lr * v.
    With `nesterov`, w = w - lr * (g + momentum * v).
    weight_decay: g has weight_decay * w added, as the gradient of weight_decay / 2 * |w|^2 would; so weights shrink
    where the data do not hold them. maximize: g has its sign turned first, so that the loss is climbed.
    A momentum of 0.9 makes steps of up to 1 / (1 - 0.9) = 10 times lr; `dampening` takes some of that back.

    >>> from nn import Parameter
    >>> p = Parameter([1.0])
    >>> optimiser = SGD([p], lr=0.1)
    >>> (p * p).sum().backward()
    >>> optimiser.step()
    >>> p.data
    array([0.8])
    """

    lr = Setting(number, least=0)
    momentum = Setting(number, least=0)
    dampening = Setting(number, least=0)
    weight_decay = Setting(number, least=0)
    nesterov = Setting(flag)
    maximize = Setting(flag)
    count_names = ()

    def __init__(
        self,
        parameters: Any,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            maximize=maximize,
        )

    def check_group(self, group: Group) -> None:
        """Nesterov's rule is defined for a momentum, undamped."""
        if group["nesterov"] and (not group["momentum"] or group["dampening"]):
            raise ValueError("nesterov=True needs a momentum > 0 and no dampening.")

    def state_names(self, group: Group) -> Sequence[str]:
        """The velocity v, if there is a momentum."""
        return ("momentum_buffer",) if group["momentum"] else ()

    def next_step(self, group: Group, *counts: Any) -> tuple[Any, ...]:
        """0 without a velocity, 1 in the step that begins it, then 2."""
        return (min(counts[0] + 1, 2),) if group["momentum"] else counts

    def counts_from(self, entry: dict[str, Any]) -> tuple[Any, ...]:
        """Who has a velocity is saved."""
        return (1,)

    def step_numbers(self, group: Group, *counts: Any) -> tuple[Any, ...]:
        """-lr, the momentum, the share of g in the velocity, and whether it is Nesterov's."""
        share = 1.0 if counts[0] == 1 else 1.0 - group["dampening"]
        return -group["lr"], group["momentum"], share, group["nesterov"]

    def update(self, w: Any, g: Any, state: list[Any], out: Any, spare: Any, *numbers: Any) -> None:
        """v = momentum * v + share * g; then w - lr * v, or w - lr * (g + momentum * v)."""
        down, momentum, share, nesterov = numbers
        if state:
            (v,) = state
            np.multiply(v, momentum, v)
            np.add(v, g if share == 1.0 else np.multiply(g, share, spare), v)
            if nesterov:
                np.multiply(v, momentum, out)
                g = np.add(out, g, out)
            else:
                g = v
        np.multiply(g, down, out)
        np.add(out, w, out)
