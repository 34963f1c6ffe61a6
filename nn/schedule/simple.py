"""Schedules that multiply or divide the learning rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..core.numbers import number, whole
from ..optim.optimiser import Optimiser
from ..optim.settings import Group
from .schedule import Schedule


class LambdaLR(Schedule):
    """initial rate * f(epoch), with a function f of yours, or one for each parameter group.

    >>> from nn import Parameter, SGD
    >>> optimiser = SGD([Parameter([1.0])], lr=0.5)
    >>> schedule = LambdaLR(optimiser, lambda epoch: 1 / (1 + epoch))
    >>> schedule.step()
    >>> optimiser.lr
    0.25
    """

    from_initial = True

    def __init__(self, optimiser: Optimiser, lr_lambda: Any, last_epoch: int = -1) -> None:
        self.lr_lambdas = _functions(self, optimiser, lr_lambda)
        super().__init__(optimiser, last_epoch)

    def step(self) -> None:
        """The next epoch: all from the initial rates."""
        self.last_epoch += 1
        self._set([base * f(self.last_epoch) for base, f in zip(self.base_lrs, self.lr_lambdas)])


class MultiplicativeLR(Schedule):
    """The rate times f(epoch) at each step, with a function f of yours, or one for each parameter group.

    >>> from nn import Parameter, SGD
    >>> optimiser = SGD([Parameter([1.0])], lr=1.0)
    >>> schedule = MultiplicativeLR(optimiser, lambda epoch: 0.5 if epoch > 1 else 1.0)
    >>> rates = []
    >>> for epoch in range(4):
    ...     rates.append(optimiser.lr)
    ...     schedule.step()
    >>> rates
    [1.0, 1.0, 0.5, 0.25]
    """

    def __init__(self, optimiser: Optimiser, lr_lambda: Any, last_epoch: int = -1) -> None:
        self.lr_lambdas = _functions(self, optimiser, lr_lambda)
        super().__init__(optimiser, last_epoch)

    def step(self) -> None:
        """The next epoch; the first keeps the rate."""
        self.last_epoch += 1
        rates = [group["lr"] for group in self.optimiser.param_groups]
        if self.last_epoch > 0:
            rates = [rate * f(self.last_epoch) for rate, f in zip(rates, self.lr_lambdas)]
        self._set(rates)


def _functions(schedule: Any, optimiser: Any, given: Any) -> list[Callable[[int], float]]:
    groups = getattr(optimiser, "param_groups", [])
    found = list(given) if isinstance(given, (list, tuple)) else [given] * len(groups)
    if len(found) != len(groups) or not all(map(callable, found)):
        raise ValueError(
            f"{type(schedule).__name__}: lr_lambda={given!r:.60}: give a function of the epoch, or a list with one for "
            f"each of the {len(groups)} parameter groups."
        )
    return found


class StepLR(Schedule):
    """The rate times `gamma` every `step_size` epochs.

    >>> from nn import Parameter, SGD
    >>> optimiser = SGD([Parameter([1.0])], lr=1.0)
    >>> schedule = StepLR(optimiser, step_size=2, gamma=0.5)
    >>> rates = []
    >>> for epoch in range(5):
    ...     rates.append(optimiser.lr)
    ...     schedule.step()
    >>> rates
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    settings = ("step_size", "gamma")

    def __init__(
        self, optimiser: Optimiser, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size, self.gamma = whole("step_size", step_size), number("gamma", gamma, least=0)
        super().__init__(optimiser, last_epoch)

    def rate(self, group: Group) -> float:
        """A new stair, or the same."""
        return float(group["lr"] * (self.gamma if self.last_epoch % self.step_size == 0 else 1.0))


class MultiStepLR(Schedule):
    """The rate times `gamma` at each of the epochs in `milestones`; a number that is there twice counts twice.

    >>> from nn import Parameter, SGD
    >>> optimiser = SGD([Parameter([1.0])], lr=1.0)
    >>> schedule = MultiStepLR(optimiser, milestones=[1, 3], gamma=0.5)
    >>> rates = []
    >>> for epoch in range(5):
    ...     rates.append(optimiser.lr)
    ...     schedule.step()
    >>> rates
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """

    settings = ("milestones", "gamma")

    def __init__(
        self, optimiser: Optimiser, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        if not isinstance(milestones, Iterable) or isinstance(milestones, str):
            raise TypeError(
                f"MultiStepLR: milestones={milestones!r:.60}: give a list of epochs, such as [30, 80]."
            )
        self.milestones = sorted(whole("milestones", m, 0) for m in milestones)
        self.gamma = number("gamma", gamma, least=0)
        super().__init__(optimiser, last_epoch)

    def first(self, rate: float) -> float:
        """The rate, unless 0 is a milestone."""
        return float(rate * self.gamma ** self.milestones.count(0))

    def rate(self, group: Group) -> float:
        """A new stair, or the same."""
        return float(group["lr"] * self.gamma ** self.milestones.count(self.last_epoch))


class ExponentialLR(Schedule):
    """The rate times `gamma` every epoch: initial rate * gamma^epoch.

    >>> from nn import Parameter, SGD
    >>> optimiser = SGD([Parameter([1.0])], lr=1.0)
    >>> schedule = ExponentialLR(optimiser, gamma=0.5)
    >>> rates = []
    >>> for epoch in range(4):
    ...     rates.append(optimiser.lr)
    ...     schedule.step()
    >>> rates
    [1.0, 0.5, 0.25, 0.125]
    """

    settings = ("gamma",)

    def __init__(self, optimiser: Optimiser, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = number("gamma", gamma, least=0)
        super().__init__(optimiser, last_epoch)

    def rate(self, group: Group) -> float:
        """gamma times the rate."""
        return float(group["lr"] * self.gamma)


class InverseTimeLR(Schedule):
    """initial rate / (1 + decay * epoch): the course's learning-rate decay.

    >>> from nn import Parameter, SGD
    >>> optimiser = SGD([Parameter([1.0])], lr=0.2)
    >>> schedule = InverseTimeLR(optimiser, decay=1.0)
    >>> rates = []
    >>> for epoch in range(4):
    ...     rates.append(round(optimiser.lr, 4))
    ...     schedule.step()
    >>> rates
    [0.2, 0.1, 0.0667, 0.05]
    """

    settings = ("decay",)

    def __init__(self, optimiser: Optimiser, decay: float, last_epoch: int = -1) -> None:
        self.decay = number("decay", decay, least=0)
        super().__init__(optimiser, last_epoch)

    def rate(self, group: Group) -> float:
        """The rate, with one more epoch in the divisor."""
        return float(
            group["lr"] * (1 + self.decay * (self.last_epoch - 1)) / (1 + self.decay * self.last_epoch)
        )
