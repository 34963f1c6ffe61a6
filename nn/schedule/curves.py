"""Schedules along a curve: warm-up, polynomials, and the cosine."""

from __future__ import annotations

import math

from ..core.numbers import number, share, whole
from ..optim.optimiser import Optimiser
from ..optim.settings import Group
from .schedule import Schedule


class ConstantLR(Schedule):
    """`factor` times the rate for the first `total_iters` epochs, then the rate.

    >>> from nn import Parameter, SGD
    >>> optimiser = SGD([Parameter([1.0])], lr=1.0)
    >>> schedule = ConstantLR(optimiser, factor=0.5, total_iters=2)
    >>> rates = []
    >>> for epoch in range(4):
    ...     rates.append(round(optimiser.lr, 4))
    ...     schedule.step()
    >>> rates
    [0.5, 0.5, 1.0, 1.0]
    """

    settings = ("factor", "total_iters")

    def __init__(
        self, optimiser: Optimiser, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        self.factor = share("factor", factor, zero=False)
        self.total_iters = whole("total_iters", total_iters, 0)
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
        self.start_factor = share("start_factor", start_factor, zero=False)
        self.end_factor = share("end_factor", end_factor)
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
    """initial rate * (1 - epoch / total_iters)^power, and 0 from then on.

    >>> from nn import Parameter, SGD
    >>> optimiser = SGD([Parameter([1.0])], lr=1.0)
    >>> schedule = PolynomialLR(optimiser, total_iters=4, power=2)
    >>> rates = []
    >>> for epoch in range(6):
    ...     rates.append(round(optimiser.lr, 4))
    ...     schedule.step()
    >>> rates
    [1.0, 0.5625, 0.25, 0.0625, 0.0, 0.0]
    """

    settings = ("total_iters", "power")

    def __init__(
        self, optimiser: Optimiser, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1
    ) -> None:
        self.total_iters, self.power = whole("total_iters", total_iters), number("power", power, least=0)
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
    equation 5). Each step goes on from the present rate, in proportion to that formula.

    >>> from nn import Parameter, SGD
    >>> optimiser = SGD([Parameter([1.0])], lr=1.0)
    >>> schedule = CosineAnnealingLR(optimiser, T_max=4)
    >>> rates = []
    >>> for epoch in range(6):
    ...     rates.append(round(optimiser.lr, 4))
    ...     schedule.step()
    >>> rates
    [1.0, 0.8536, 0.5, 0.1464, 0.0, 0.1464]
    """

    settings = ("T_max", "eta_min")

    def __init__(self, optimiser: Optimiser, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = whole("T_max", T_max), number("eta_min", eta_min, least=0)
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

    >>> from nn import Parameter, SGD
    >>> optimiser = SGD([Parameter([1.0])], lr=1.0)
    >>> schedule = CosineAnnealingWarmRestarts(optimiser, T_0=2, T_mult=2)
    >>> rates = []
    >>> for epoch in range(7):
    ...     rates.append(round(optimiser.lr, 4))
    ...     schedule.step()
    >>> rates
    [1.0, 0.5, 1.0, 0.8536, 0.5, 0.1464, 1.0]
    """

    settings = ("T_0", "T_mult", "eta_min")
    from_initial = True

    def __init__(
        self, optimiser: Optimiser, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_0, self.T_mult = whole("T_0", T_0), whole("T_mult", T_mult)
        self.eta_min = number("eta_min", eta_min, least=0)
        super().__init__(optimiser, last_epoch)

    def rate(self, group: Group) -> float:
        """Its place in the present cosine."""
        epoch, length = self.last_epoch, self.T_0
        while epoch >= length:
            epoch, length = epoch - length, length * self.T_mult
        height = (1 + math.cos(math.pi * epoch / length)) / 2
        return float(self.eta_min + (group["initial_lr"] - self.eta_min) * height)
