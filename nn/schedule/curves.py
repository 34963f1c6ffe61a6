"""Schedules along a curve: warm-up, polynomials, the cosine, and one cycle up and down."""

from __future__ import annotations

import math
from typing import Any

from ..optim.optimiser import Optimiser
from ..optim.settings import Group
from .schedule import Schedule, positive, whole


class ConstantLR(Schedule):
    """`factor` times the rate for the first `total_iters` epochs, then the rate."""

    settings = ("factor", "total_iters")

    def __init__(
        self, optimiser: Optimiser, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        self.factor, self.total_iters = _share("factor", factor), whole("total_iters", total_iters, 0)
        super().__init__(optimiser, last_epoch)

    def first(self, rate: float) -> float:
        """factor times the rate."""
        return rate * self.factor

    def rate(self, group: Group) -> float:
        """Up to the full rate at its epoch."""
        return float(group["lr"] * (1 / self.factor if self.last_epoch == self.total_iters else 1.0))


class LinearLR(Schedule):
    """A warm-up: in a straight line from `start_factor` to `end_factor` times the rate, over `total_iters` epochs.

    >>> from nn import Parameter, SGD
    >>> optimiser = SGD([Parameter([1.0])], lr=1.0)
    >>> schedule = LinearLR(optimiser, start_factor=0.25, total_iters=3)
    >>> rates = []
    >>> for epoch in range(5):
    ...     rates.append(round(optimiser.lr, 4))
    ...     schedule.step()
    >>> rates
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """

    settings = ("start_factor", "end_factor", "total_iters")

    def __init__(
        self,
        optimiser: Optimiser,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.start_factor, self.end_factor = (
            _share("start_factor", start_factor),
            positive("end_factor", end_factor),
        )
        self.total_iters = whole("total_iters", total_iters)
        super().__init__(optimiser, last_epoch)

    def _factor(self, epoch: int) -> float:
        return self.start_factor + (self.end_factor - self.start_factor) * epoch / self.total_iters

    def first(self, rate: float) -> float:
        """start_factor times the rate."""
        return rate * self.start_factor

    def rate(self, group: Group) -> float:
        """The next point of the line, then its end."""
        if self.last_epoch > self.total_iters:
            return float(group["lr"])
        return float(group["lr"] * self._factor(self.last_epoch) / self._factor(self.last_epoch - 1))


class PolynomialLR(Schedule):
    """initial rate * (1 - epoch / total_iters)^power, and 0 from then on."""

    settings = ("total_iters", "power")

    def __init__(
        self, optimiser: Optimiser, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1
    ) -> None:
        self.total_iters, self.power = whole("total_iters", total_iters), positive("power", power)
        super().__init__(optimiser, last_epoch)

    def rate(self, group: Group) -> float:
        """The next point of the curve, then 0."""
        if self.last_epoch > self.total_iters:
            return float(group["lr"])
        left, before = self.total_iters - self.last_epoch, self.total_iters - self.last_epoch + 1
        return float(group["lr"] * (left / before) ** self.power)


class CosineAnnealingLR(Schedule):
    """Half a cosine from the initial rate down to `eta_min` at epoch `T_max`; then up again, and so on.

    eta_min + (initial rate - eta_min) * (1 + cos(pi * epoch / T_max)) / 2 (I. Loshchilov and F. Hutter, "SGDR", 2017,
    equation 5).
    """

    settings = ("T_max", "eta_min")

    def __init__(self, optimiser: Optimiser, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = whole("T_max", T_max), positive("eta_min", eta_min)
        super().__init__(optimiser, last_epoch)

    def _height(self, epoch: int) -> float:
        return 1 + math.cos(math.pi * epoch / self.T_max)

    def rate(self, group: Group) -> float:
        """The present distance from eta_min, in proportion to the cosine; out of the valley by the closed form."""
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            up = (group["initial_lr"] - self.eta_min) * (1 - math.cos(math.pi / self.T_max)) / 2
            return float(group["lr"] + up)
        share = self._height(self.last_epoch) / self._height(self.last_epoch - 1)
        return max(0.0, float(share * (group["lr"] - self.eta_min) + self.eta_min))


class CosineAnnealingWarmRestarts(Schedule):
    """Half a cosine down to `eta_min` over `T_0` epochs, then at once up again; each time `T_mult` times as long.

    (I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.)
    """

    settings = ("T_0", "T_mult", "eta_min")

    def __init__(
        self, optimiser: Optimiser, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_0, self.T_mult = whole("T_0", T_0), whole("T_mult", T_mult)
        self.eta_min = positive("eta_min", eta_min)
        super().__init__(optimiser, last_epoch)

    def rate(self, group: Group) -> float:
        """Its place in the present cosine."""
        epoch, length = self.last_epoch, self.T_0
        while epoch >= length:
            epoch, length = epoch - length, length * self.T_mult
        height = (1 + math.cos(math.pi * epoch / length)) / 2
        return float(self.eta_min + (group["initial_lr"] - self.eta_min) * height)


class OneCycleLR(Schedule):
    """Up from max_lr / div_factor to `max_lr`, then down to a tiny rate, over `total_steps` steps (not epochs).

    Up takes the share `pct_start`. With `three_phase` the way down is as long as the way up, and the tiny rate comes
    after. Momentum (Adam's first beta) goes the other way, from `max_momentum` to `base_momentum`. `anneal_strategy` is
    "cos" or "linear". (L. Smith and N. Topin, "Super-convergence", 2018; the names are PyTorch's.)
    """

    settings = ("total_steps", "max_lrs")

    def __init__(
        self,
        optimiser: Optimiser,
        max_lr: Any,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float = 0.85,
        max_momentum: float = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("OneCycleLR needs total_steps, or both epochs and steps_per_epoch.")
            total_steps = whole("epochs", epochs) * whole("steps_per_epoch", steps_per_epoch)
        self.total_steps = whole("total_steps", total_steps)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy={anneal_strategy!r:.60}: it must be 'cos' or 'linear'.")
        self.pct_start, self.anneal_strategy = _share("pct_start", pct_start, zero=True), anneal_strategy
        self.cycle_momentum, self.three_phase = bool(cycle_momentum), bool(three_phase)
        self.base_momentum, self.max_momentum = positive("base_momentum", base_momentum), max_momentum
        self.div_factor, self.final_div_factor = div_factor, final_div_factor
        groups = getattr(optimiser, "param_groups", [])
        self.max_lrs = list(max_lr) if isinstance(max_lr, (list, tuple)) else [max_lr] * len(groups)
        if len(self.max_lrs) != len(groups):
            raise ValueError(
                f"OneCycleLR: {len(self.max_lrs)} rates in max_lr for {len(groups)} parameter groups."
            )
        if cycle_momentum and groups and not {"momentum", "betas"} & set(groups[0]):
            raise ValueError("OneCycleLR: this optimiser has no momentum; write cycle_momentum=False.")
        if last_epoch == -1:
            for group, highest in zip(groups, self.max_lrs):
                group["initial_lr"] = positive("max_lr", highest) / div_factor
        super().__init__(optimiser, last_epoch)

    def _phases(self, highest: float) -> list[tuple[float, float, float, float, float]]:
        """The last step of each phase, and where rate and momentum start and end in it."""
        low = highest / self.div_factor
        end, top, calm = low / self.final_div_factor, self.base_momentum, self.max_momentum
        up = self.pct_start * self.total_steps - 1
        if not self.three_phase:
            return [(up, low, highest, calm, top), (self.total_steps - 1, highest, end, top, calm)]
        return [
            (up, low, highest, calm, top),
            (2 * self.pct_start * self.total_steps - 2, highest, low, top, calm),
            (self.total_steps - 1, low, end, calm, calm),
        ]

    def _between(self, start: float, end: float, share: float) -> float:
        if self.anneal_strategy == "linear":
            return start + (end - start) * share
        return end + (start - end) / 2 * (1 + math.cos(math.pi * share))

    def step(self) -> None:
        """The next step of the cycle; rates and momenta of all groups."""
        if self.last_epoch + 1 > self.total_steps:
            raise ValueError(f"OneCycleLR: step {self.last_epoch + 1} of a cycle of {self.total_steps}.")
        self.last_epoch += 1
        rates = []
        for group, highest in zip(self.optimiser.param_groups, self.max_lrs):
            begin = 0.0
            phases = self._phases(highest)
            for i, (stop, rate, next_rate, momentum, next_momentum) in enumerate(phases):  # noqa: B007
                if self.last_epoch <= stop or i == len(phases) - 1:
                    break
                begin = stop
            share = min(1.0, (self.last_epoch - begin) / (stop - begin))  # the call after the last step holds
            rates.append(self._between(rate, next_rate, share))
            if self.cycle_momentum:
                value = self._between(momentum, next_momentum, share)
                if "betas" in group:
                    group["betas"] = (value, group["betas"][1])
                else:
                    group["momentum"] = value
        self._set(rates)


def _share(name: str, value: Any, zero: bool = False) -> float:
    number = positive(name, value)
    if number > 1 or (number == 0 and not zero):
        raise ValueError(f"{name}={value!r:.60}: it must be from 0 to 1{'' if zero else ', and not 0'}.")
    return number
