"""One cycle: the learning rate up and down again, the momentum the other way."""

from __future__ import annotations

import math
from typing import Any

from ..core.numbers import flag, number, share, whole
from ..optim.optimiser import Optimiser
from .schedule import Schedule


class OneCycleLR(Schedule):
    """Up from max_lr / div_factor to `max_lr`, then down to a tiny rate, over `total_steps` steps (not epochs).

    Up takes the share `pct_start`. With `three_phase` the way down is as long as the way up, and the tiny rate comes
    after. Momentum (Adam's first beta) goes the other way, from `max_momentum` to `base_momentum`. `anneal_strategy` is
    "cos" or "linear". (L. Smith and N. Topin, "Super-convergence", 2018; the names are PyTorch's.)

    >>> from nn import Parameter, SGD
    >>> optimiser = SGD([Parameter([1.0])], lr=0.1, momentum=0.9)
    >>> schedule = OneCycleLR(optimiser, max_lr=1.0, total_steps=10)
    >>> rates = []
    >>> for batch in range(10):
    ...     rates.append(round(optimiser.lr, 2))
    ...     schedule.step()
    >>> rates
    [0.04, 0.52, 1.0, 0.95, 0.81, 0.61, 0.39, 0.19, 0.05, 0.0]
    """

    settings = ("total_steps", "max_lrs")
    from_initial = True

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
        way = "the share of the way up"
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy={anneal_strategy!r:.60}: it must be 'cos' or 'linear'.")
        self.pct_start, self.anneal_strategy = share("pct_start", pct_start, why=way), anneal_strategy
        if self.pct_start == 1 and not three_phase:
            raise ValueError(
                f"pct_start={pct_start!r}: it is {way}, which must leave steps for the way down."
            )
        self.cycle_momentum = flag("cycle_momentum", cycle_momentum)
        self.three_phase = flag("three_phase", three_phase)
        self.base_momentum = share("base_momentum", base_momentum, one=False)
        self.max_momentum = share("max_momentum", max_momentum, one=False)
        self.div_factor = number("div_factor", div_factor, above=0)
        self.final_div_factor = number("final_div_factor", final_div_factor, above=0)
        groups = getattr(optimiser, "param_groups", [])
        highest = list(max_lr) if isinstance(max_lr, (list, tuple)) else [max_lr] * len(groups)
        self.max_lrs = [number("max_lr", rate, least=0) for rate in highest]
        if len(self.max_lrs) != len(groups):
            raise ValueError(
                f"OneCycleLR: {len(self.max_lrs)} rates in max_lr for {len(groups)} parameter groups."
            )
        if cycle_momentum and groups and not {"momentum", "betas"} & set(groups[0]):
            raise ValueError("OneCycleLR: this optimiser has no momentum; write cycle_momentum=False.")
        if last_epoch == -1:
            for group, rate in zip(groups, self.max_lrs):
                group["initial_lr"] = rate / self.div_factor
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
            length = stop - begin  # 0 where the first step is the peak already
            share = min(1.0, (self.last_epoch - begin) / length) if length else 1.0  # one call more: it holds
            rates.append(self._between(rate, next_rate, share))
            if self.cycle_momentum:
                value = self._between(momentum, next_momentum, share)
                if "betas" in group:
                    group["betas"] = (value, group["betas"][1])
                else:
                    group["momentum"] = value
        self._set(rates)
