"""Optimisers that divide each gradient by its own size so far: Adagrad, RMSprop, Adadelta."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.numbers import flag, number, share
from .optimiser import Optimiser
from .settings import Group, Setting


def keep_average(average: Any, x: Any, kept: float, spare: Any) -> None:
    """average = kept * average + (1 - kept) * x; `spare` may be x."""
    np.multiply(average, kept, average)
    np.multiply(x, 1.0 - kept, spare)
    np.add(average, spare, average)


class RMSprop(Optimiser):
    """Divides each gradient by the root of a running mean of its squares.

    s = alpha * s + (1 - alpha) * g^2;  w = w - lr * g / (sqrt(s) + eps).
    With `centered`, s less the square of a running mean of g, which is a variance. With `momentum`, the quotients q
    gather speed: v = momentum * v + q; w = w - lr * v. The rule is PyTorch's (G. Hinton, lecture 6e, 2012; centred: A.
    Graves, "Generating sequences with recurrent neural networks", 2013).

    eps, in the units of a gradient, keeps the quotient finite where gradients have been 0. weight_decay: g has
    weight_decay * w added, an L2 penalty. maximize: g has its sign turned first, so that the loss is climbed.

    >>> from nn import Parameter
    >>> p = Parameter([1.0])
    >>> optimiser = RMSprop([p], lr=0.01)
    >>> (p * p).sum().backward()
    >>> optimiser.step()
    >>> p.data.round(6)
    array([0.9])
    """

    lr = Setting(number, least=0)
    alpha = Setting(share)
    eps = Setting(number, least=0)
    weight_decay = Setting(number, least=0)
    momentum = Setting(number, least=0)
    centered = Setting(flag)
    maximize = Setting(flag)

    def __init__(
        self,
        parameters: Any,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr=lr,
            alpha=alpha,
            eps=eps,
            weight_decay=weight_decay,
            momentum=momentum,
            centered=centered,
            maximize=maximize,
        )

    def state_names(self, group: Group) -> Sequence[str]:
        """The mean square; the velocity and the mean, if there are any."""
        moving = ("momentum_buffer",) if group["momentum"] else ()
        return ("square_avg", *moving, *(("grad_avg",) if group["centered"] else ()))

    def step_numbers(self, group: Group, *counts: Any) -> tuple[Any, ...]:
        """Settings as they are."""
        return -group["lr"], group["alpha"], group["eps"], group["momentum"], group["centered"]

    def update(self, w: Any, g: Any, state: list[Any], out: Any, spare: Any, *numbers: Any) -> None:
        """The mean square, its root, the quotient; then the velocity, if any."""
        down, alpha, eps, momentum, centered = numbers
        np.multiply(g, g, spare)
        keep_average(state[0], spare, alpha, spare)
        if centered:
            keep_average(state[-1], g, alpha, spare)
            np.multiply(state[-1], state[-1], spare)
            np.subtract(state[0], spare, spare)
            np.sqrt(spare, spare)
        else:
            np.sqrt(state[0], spare)
        np.add(spare, eps, spare)
        np.divide(g, spare, spare)
        if momentum:
            v = state[1]
            np.multiply(v, momentum, v)
            spare = np.add(v, spare, v)
        np.multiply(spare, down, out)
        np.add(out, w, out)


class Adagrad(Optimiser):
    """Divides each gradient by the root of the sum of all its squares.

    s = s + g^2;  w = w - lr / (1 + steps * lr_decay) * g / (sqrt(s) + eps).
    `steps` are those before this one, and s starts at `initial_accumulator_value`. The rule is PyTorch's (J. Duchi et
    al., "Adaptive subgradient methods", 2011). The sum only grows, so steps only shrink.

    eps, in the units of a gradient, keeps the quotient finite where gradients have been 0. weight_decay: g has
    weight_decay * w added, an L2 penalty. maximize: g has its sign turned first, so that the loss is climbed.

    >>> from nn import Parameter
    >>> p = Parameter([1.0])
    >>> optimiser = Adagrad([p], lr=0.1)
    >>> (p * p).sum().backward()
    >>> optimiser.step()
    >>> p.data.round(6)
    array([0.9])
    """

    lr = Setting(number, least=0)
    lr_decay = Setting(number, least=0)
    weight_decay = Setting(number, least=0)
    initial_accumulator_value = Setting(number, least=0)
    eps = Setting(number, least=0)
    maximize = Setting(flag)

    def __init__(
        self,
        parameters: Any,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
            maximize=maximize,
        )

    def state_names(self, group: Group) -> Sequence[str]:
        """The sum of squares."""
        return ("sum",)

    def initial_value(self, name: str, group: Group) -> float:
        """Where the sum starts."""
        return float(group["initial_accumulator_value"])

    def step_numbers(self, group: Group, *counts: Any) -> tuple[Any, ...]:
        """The decayed rate, downwards, and eps."""
        return -group["lr"] / (1 + (counts[0] - 1) * group["lr_decay"]), group["eps"]

    def update(self, w: Any, g: Any, state: list[Any], out: Any, spare: Any, *numbers: Any) -> None:
        """The sum, its root, the quotient."""
        down, eps = numbers
        (s,) = state
        np.multiply(g, g, spare)
        np.add(s, spare, s)
        np.sqrt(s, spare)
        np.add(spare, eps, spare)
        np.divide(g, spare, spare)
        np.multiply(spare, down, out)
        np.add(out, w, out)


class Adadelta(Optimiser):
    """Steps as large as recent steps were, in units of recent gradients: no rate needs to be found.

    s = rho * s + (1 - rho) * g^2;  d = g * sqrt(u + eps) / sqrt(s + eps);
    u = rho * u + (1 - rho) * d^2;  w = w - lr * d.
    The rule is PyTorch's (M. Zeiler, "ADADELTA: an adaptive learning rate method", 2012).

    eps is under both roots: it starts the steps, which at first are of about lr * sqrt(eps / (1 - rho)). weight_decay:
    g has weight_decay * w added, an L2 penalty. maximize: g has its sign turned first, so that the loss is climbed.

    >>> from nn import Parameter
    >>> p = Parameter([1.0])
    >>> optimiser = Adadelta([p], eps=0.01)
    >>> (p * p).sum().backward()
    >>> optimiser.step()
    >>> p.data.round(4)
    array([0.6877])
    """

    lr = Setting(number, least=0)
    rho = Setting(share)
    eps = Setting(number, least=0)
    weight_decay = Setting(number, least=0)
    maximize = Setting(flag)

    def __init__(
        self,
        parameters: Any,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(parameters, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)

    def state_names(self, group: Group) -> Sequence[str]:
        """The mean squares of gradients, s, and of steps, u."""
        return "square_avg", "acc_delta"

    def step_numbers(self, group: Group, *counts: Any) -> tuple[Any, ...]:
        """Settings as they are."""
        return -group["lr"], group["rho"], group["eps"]

    def update(self, w: Any, g: Any, state: list[Any], out: Any, spare: Any, *numbers: Any) -> None:
        """s, the step d in `spare`, u, then the weights."""
        down, rho, eps = numbers
        s, u = state
        np.multiply(g, g, spare)
        keep_average(s, spare, rho, spare)
        np.add(s, eps, out)
        np.add(u, eps, spare)
        np.divide(spare, out, spare)
        np.sqrt(spare, spare)
        np.multiply(spare, g, spare)
        np.multiply(spare, spare, out)
        keep_average(u, out, rho, out)
        np.multiply(spare, down, out)
        np.add(out, w, out)
