"""SGD: along the gradient, with momentum if asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .optimiser import Optimiser
from .settings import Group, Setting, at_least_zero, flag


class SGD(Optimiser):
    """Stochastic gradient descent, with momentum if asked for; the rule and its names are PyTorch's.

    v = momentum * v + (1 - dampening) * g, at first v = g;  w = w - lr * v.
    With `nesterov` it is w - lr * (g + momentum * v). g has weight_decay * w added. With `maximize` it climbs.

    >>> from nn import Parameter
    >>> p = Parameter([1.0])
    >>> optimiser = SGD([p], lr=0.1)
    >>> (p * p).sum().backward()
    >>> optimiser.step()
    >>> p.data
    array([0.8])
    """

    lr = Setting(at_least_zero)
    momentum = Setting(at_least_zero)
    dampening = Setting(at_least_zero)
    weight_decay = Setting(at_least_zero)
    nesterov = Setting(flag)
    maximize = Setting(flag)
    saved_numbers = ()

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

    def slots(self, group: Group) -> Sequence[str]:
        """The velocity v, if there is a momentum."""
        return ("momentum_buffer",) if group["momentum"] else ()

    def tick(self, group: Group, *clock: Any) -> tuple[Any, ...]:
        """0 without a velocity, 1 in the step that begins it, then 2."""
        return (min(clock[0] + 1, 2),) if group["momentum"] else clock

    def clock_from(self, entry: dict[str, Any]) -> tuple[Any, ...]:
        """Who has a velocity is saved."""
        return (1,)

    def scalars(self, group: Group, *clock: Any) -> tuple[Any, ...]:
        """-lr, the momentum, the share of g in the velocity, and whether it is Nesterov's."""
        share = 1.0 if clock[0] == 1 else 1.0 - group["dampening"]
        return -group["lr"], group["momentum"], share, group["nesterov"]

    def update(self, w: Any, g: Any, state: list[Any], out: Any, spare: Any, *scalars: Any) -> None:
        """v = momentum * v + share * g; then w - lr * v, or w - lr * (g + momentum * v)."""
        down, momentum, share, nesterov = scalars
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
