"""A schedule that looks at the results: less when nothing gets better."""

from __future__ import annotations

import math
from typing import Any

from ..core.numbers import number, share, whole
from ..optim.optimiser import Optimiser
from .schedule import Schedule, check_optimiser


class ReduceLROnPlateau(Schedule):
    """The rate times `factor` when a metric has not got better for more than `patience` epochs. Call step(metric).

    `mode` says whether better is "min" or "max"; better means by `threshold`, as a share ("rel") or outright ("abs").
    After each change there are `cooldown` epochs that do not count. No rate falls below `min_lr` (a number, or one for
    each parameter group), and none changes by less than `eps`.

    >>> from nn import Parameter, SGD
    >>> optimiser = SGD([Parameter([1.0])], lr=1.0)
    >>> schedule = ReduceLROnPlateau(optimiser, factor=0.5, patience=1)
    >>> for loss in (0.9, 0.8, 0.8, 0.8):
    ...     schedule.step(loss)
    >>> optimiser.lr
    0.5
    """

    settings = ("mode", "factor", "patience", "threshold")

    def __init__(
        self,
        optimiser: Optimiser,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: Any = 0.0,
        eps: float = 1e-8,
    ) -> None:
        self.optimiser = check_optimiser(self, optimiser)
        if mode not in ("min", "max"):
            raise ValueError(f"mode={mode!r:.60}: it must be 'min' or 'max'.")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold_mode={threshold_mode!r:.60}: it must be 'rel' or 'abs'.")
        self.factor = share("factor", factor, one=False, why="or the rate would not fall")
        groups = optimiser.param_groups
        lowest = list(min_lr) if isinstance(min_lr, (list, tuple)) else [min_lr] * len(groups)
        if len(lowest) != len(groups):
            raise ValueError(f"min_lr={min_lr!r}: {len(lowest)} numbers for {len(groups)} parameter groups.")
        self.mode, self.threshold_mode = mode, threshold_mode
        self.threshold, self.eps = number("threshold", threshold), number("eps", eps, least=0)
        self.patience, self.cooldown = whole("patience", patience, 0), whole("cooldown", cooldown, 0)
        self.min_lrs = [number("min_lr", x, least=0) for x in lowest]
        self.best = math.inf if mode == "min" else -math.inf
        self.last_epoch = self.cooldown_counter = self.num_bad_epochs = 0
        self._last_lr = [group["lr"] for group in groups]

    def step(self, metrics: Any = None) -> None:
        """Take the metric of an epoch into account."""
        if metrics is None:
            raise TypeError("ReduceLROnPlateau.step() needs the metric to watch: schedule.step(val_loss).")
        metric = float(metrics)
        self.last_epoch += 1
        self.num_bad_epochs += 1
        if self._better(metric):
            self.best, self.num_bad_epochs = metric, 0
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        rates = [group["lr"] for group in self.optimiser.param_groups]
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            # groups that came later have the lowest rate of the last
            lowest = self.min_lrs + self.min_lrs[-1:] * len(rates)
            new = [max(rate * self.factor, low) for rate, low in zip(rates, lowest)]
            rates = [low if rate - low > self.eps else rate for rate, low in zip(rates, new)]
        self._set(rates)

    def _better(self, metric: float) -> bool:
        sign = -1.0 if self.mode == "min" else 1.0
        if self.threshold_mode == "rel":
            bar = self.best * (1.0 + sign * self.threshold)
        else:
            bar = self.best + sign * self.threshold
        return metric < bar if self.mode == "min" else metric > bar
