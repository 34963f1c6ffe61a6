"""Adam and its relatives: a running mean of the gradients over the root of a running mean of their squares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.numbers import flag, number
from .optimiser import Optimiser
from .scaled import keep_average
from .settings import Group, Setting, two_shares


class Adam(Optimiser):
    """Momentum and RMSprop in one, both corrected for their start at zero. The rule is PyTorch's.

    m = b1 * m + (1 - b1) * g;  v = b2 * v + (1 - b2) * g^2;  after t steps M = m / (1 - b1^t), V = v / (1 - b2^t);
    w = w - lr * M / (sqrt(V) + eps), with (b1, b2) = betas. With `amsgrad` the largest v so far takes the place of v.
    (D. Kingma and J. Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1.)

    A weight moves by about lr in each step, whatever the size of its gradient. eps, in the units of a gradient, is
    what sqrt(V) is compared with: it keeps 0 / 0 away, and weights whose gradients are far below eps nearly rest.
    weight_decay: g has weight_decay * w added, an L2 penalty (AdamW does otherwise). maximize: g has its sign turned
    first, so that the loss is climbed.

    >>> from nn import Parameter
    >>> p = Parameter([1.0])
    >>> optimiser = Adam([p], lr=0.1)
    >>> (p * p).sum().backward()
    >>> optimiser.step()
    >>> p.data.round(6)
    array([0.9])
    """

    lr = Setting(number, least=0)
    betas = Setting(two_shares)
    eps = Setting(number, least=0)
    weight_decay = Setting(number, least=0)
    amsgrad = Setting(flag)
    maximize = Setting(flag)

    def __init__(
        self,
        parameters: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
        )

    def state_names(self, group: Group) -> Sequence[str]:
        """m, v, and the largest v."""
        return ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")[: 3 if group["amsgrad"] else 2]

    def step_numbers(self, group: Group, *counts: Any) -> tuple[Any, ...]:
        """M / (sqrt(V) + eps) is k * m / (sqrt(v) + eps * root), with numbers that hold both corrections."""
        b1, b2 = group["betas"]
        root = math.sqrt(1 - b2 ** counts[0])
        shrink = 1 - group["lr"] * group["weight_decay"] if self.decoupled else 1.0
        return -group["lr"] * root / (1 - b1 ** counts[0]), b1, b2, group["eps"] * root, shrink

    def update(self, w: Any, g: Any, state: list[Any], out: Any, spare: Any, *numbers: Any) -> None:
        """m, v, then the quotient."""
        k, b1, b2, eps, shrink = numbers
        keep_average(state[0], g, b1, spare)
        np.multiply(g, g, spare)
        keep_average(state[1], spare, b2, spare)
        if len(state) == 3:
            np.maximum(state[1], state[2], out=state[2])
        np.sqrt(state[-1], spare)
        np.add(spare, eps, spare)
        np.divide(state[0], spare, spare)
        np.multiply(spare, k, spare)
        np.add(w if shrink == 1.0 else np.multiply(w, shrink, out), spare, out)


class AdamW(Adam):
    """Adam with weight decay apart from the gradient: first w = (1 - lr * weight_decay) * w, then Adam's step.

    In Adam proper the decay is divided by sqrt(V) like all of the gradient, so that weights with large gradients hardly
    decay. All other settings are Adam's. (I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", 2019,
    algorithm 2.)

    >>> from nn import Parameter
    >>> p = Parameter([1.0])
    >>> optimiser = AdamW([p], lr=0.1, weight_decay=0.5)
    >>> (p * p).sum().backward()
    >>> optimiser.step()
    >>> p.data.round(6)
    array([0.85])
    """

    decoupled = True

    def __init__(
        self,
        parameters: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)


class NAdam(Optimiser):
    """Adam that looks ahead, as Nesterov's momentum does, with a momentum that grows over the steps.

    In step t the momentum is mu_t = b1 * (1 - 0.96^(t * momentum_decay) / 2), and P_t the product of all so far;
    w = w - lr * ((1 - mu_t) / (1 - P_t) * g + mu_(t+1) / (1 - P_t * mu_(t+1)) * m) / (sqrt(V) + eps), with m and V as
    Adam's. The rule is PyTorch's (T. Dozat, "Incorporating Nesterov momentum into Adam", 2016). eps, weight_decay and
    maximize are Adam's; a larger momentum_decay brings the momentum to b1 sooner, and with 0 it is b1 / 2 always.

    >>> from nn import Parameter
    >>> p = Parameter([1.0])
    >>> optimiser = NAdam([p], lr=0.1)
    >>> (p * p).sum().backward()
    >>> optimiser.step()
    >>> p.data.round(4)
    array([0.8944])
    """

    lr = Setting(number, least=0)
    betas = Setting(two_shares)
    eps = Setting(number, least=0)
    weight_decay = Setting(number, least=0)
    momentum_decay = Setting(number, least=0)
    maximize = Setting(flag)
    first_counts = (0, 1.0)
    count_names = ("step", "mu_product")

    def __init__(
        self,
        parameters: Any,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            momentum_decay=momentum_decay,
            maximize=maximize,
        )

    def state_names(self, group: Group) -> Sequence[str]:
        """m and v."""
        return "exp_avg", "exp_avg_sq"

    @staticmethod
    def _momentum(group: Group, t: int) -> float:
        return float(group["betas"][0] * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"])))

    def next_step(self, group: Group, *counts: Any) -> tuple[Any, ...]:
        """One step more, and the product of all momenta so far."""
        return counts[0] + 1, counts[1] * self._momentum(group, counts[0] + 1)

    def step_numbers(self, group: Group, *counts: Any) -> tuple[Any, ...]:
        """The weights of g and m in the step, with the correction of V in them, and eps times its root."""
        t, product = counts
        b1, b2 = group["betas"]
        root = math.sqrt(1 - b2**t)
        rate, ahead = -group["lr"] * root, self._momentum(group, t + 1)
        of_g = rate * (1 - self._momentum(group, t)) / (1 - product)
        return of_g, rate * ahead / (1 - product * ahead), b1, b2, group["eps"] * root

    def update(self, w: Any, g: Any, state: list[Any], out: Any, spare: Any, *numbers: Any) -> None:
        """m, v, then both quotients in one."""
        of_g, of_m, b1, b2, eps = numbers
        m, v = state
        keep_average(m, g, b1, spare)
        np.multiply(g, g, spare)
        keep_average(v, spare, b2, spare)
        np.multiply(g, of_g, out)
        np.multiply(m, of_m, spare)
        np.add(out, spare, out)
        np.sqrt(v, spare)
        np.add(spare, eps, spare)
        np.divide(out, spare, out)
        np.add(out, w, out)
