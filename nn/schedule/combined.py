"""Schedules made of schedules: one after the other, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

from ..core.numbers import whole
from ..optim.optimiser import Optimiser
from .plateau import ReduceLROnPlateau
from .schedule import Schedule, check_optimiser


class _Combined(Schedule):
    """Holds other schedules of one optimiser."""

    def _check(self, schedules: Any, optimiser: Any) -> list[Schedule]:
        if not isinstance(schedules, Iterable):
            raise TypeError(
                f"{type(self).__name__} needs a list of schedules, [a, b], not {type(schedules).__name__}."
            )
        found = list(schedules)
        if not found:
            raise ValueError(f"{type(self).__name__} of no schedules: give at least one.")
        for schedule in found:
            if not isinstance(schedule, Schedule):
                raise TypeError(f"{type(self).__name__} combines schedules, not {type(schedule).__name__}.")
            if isinstance(schedule, ReduceLROnPlateau):
                raise TypeError(
                    f"{type(self).__name__} steps by the epoch, and ReduceLROnPlateau by a metric: step it beside this "
                    "one, plateau.step(val_loss); fit takes it as schedule=, and the others as batch_schedule=."
                )
            if schedule.optimiser is not optimiser:
                raise ValueError(
                    f"{type(self).__name__}: {schedule!r} is of another optimiser than the first."
                )
        return found

    schedules: list[Schedule]

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint needs: own numbers, and the states of all parts under "schedules"."""
        return {**super().state_dict(), "schedules": [schedule.state_dict() for schedule in self.schedules]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a `state_dict()`."""
        parts = state.get("schedules", ())
        if len(parts) != len(self.schedules):
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: {len(parts)} schedules were saved, and there are "
                f"{len(self.schedules)}."
            )
        before = [schedule.state_dict() for schedule in self.schedules]
        try:
            for schedule, part in zip(self.schedules, parts):
                schedule.load_state_dict(part)
            own = {name: value for name, value in state.items() if name != "schedules"}
            self._load(super().state_dict(), own)
        except BaseException:
            for schedule, part in zip(self.schedules, before):
                schedule.load_state_dict(part)
            raise

    def _remember(self) -> None:
        self.base_lrs = [group["initial_lr"] for group in self.optimiser.param_groups]
        self._last_lr = [group["lr"] for group in self.optimiser.param_groups]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.schedules))})"


class SequentialLR(_Combined):
    """One schedule after the other: number i takes over, from the initial rates, at epoch milestones[i - 1].

    Warm-up, then a cosine:

    >>> from nn import Parameter, SGD
    >>> from nn.schedule import CosineAnnealingLR, LinearLR
    >>> optimiser = SGD([Parameter([1.0])], lr=1.0)
    >>> warm = LinearLR(optimiser, start_factor=0.5, total_iters=2)
    >>> schedule = SequentialLR(optimiser, [warm, CosineAnnealingLR(optimiser, T_max=2)], milestones=[2])
    >>> rates = []
    >>> for epoch in range(5):
    ...     rates.append(round(optimiser.lr, 4))
    ...     schedule.step()
    >>> rates
    [0.5, 0.75, 1.0, 0.5, 0.0]

    last_epoch: the last epoch that was finished, to go on there with new schedules; the rates are those that they give.
    """

    def __init__(
        self,
        optimiser: Optimiser,
        schedules: Sequence[Schedule],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        self.optimiser = check_optimiser(self, optimiser)
        self.schedules = self._check(schedules, optimiser)
        if not isinstance(milestones, Iterable) or isinstance(milestones, str):
            raise TypeError(
                f"SequentialLR: milestones={milestones!r:.60}: give a list of epochs, such as [5]."
            )
        self.milestones = [whole("milestones", m) for m in milestones]
        if len(self.milestones) != len(self.schedules) - 1 or sorted(self.milestones) != self.milestones:
            raise ValueError(
                f"SequentialLR: milestones={self.milestones} for {len(self.schedules)} schedules: give the rising "
                "epochs at which the second and all further ones take over."
            )
        last_epoch = whole("last_epoch", last_epoch, -1)
        self._remember()
        self.restart()  # from the initial rates: each schedule has made its first step already
        for _ in range(last_epoch + 1):
            self.step()

    def _begin(self) -> None:
        """The first step, of the first schedule."""
        self.last_epoch = 0
        self.schedules[0]._begin()
        self._remember()

    def step(self) -> None:
        """The next epoch, of the schedule whose turn it is."""
        self.last_epoch += 1
        turn = bisect_right(self.milestones, self.last_epoch)
        if turn and self.milestones[turn - 1] == self.last_epoch:
            self.schedules[turn].restart()
        else:
            self.schedules[turn].step()
        self._remember()


class ChainedScheduler(_Combined):
    """All schedules at once: each changes the rate that the one before has set.

    A warm-up of two epochs, and a decay all the time:

    >>> from nn import Parameter, SGD
    >>> from nn.schedule import ConstantLR, ExponentialLR
    >>> optimiser = SGD([Parameter([1.0])], lr=1.0)
    >>> warm = ConstantLR(optimiser, factor=0.5, total_iters=2)
    >>> schedule = ChainedScheduler([warm, ExponentialLR(optimiser, gamma=0.5)])
    >>> rates = []
    >>> for epoch in range(4):
    ...     rates.append(optimiser.lr)
    ...     schedule.step()
    >>> rates
    [0.5, 0.25, 0.25, 0.125]
    """

    def __init__(self, schedules: Sequence[Schedule], optimiser: Optimiser | None = None) -> None:
        first = next(iter(schedules), None) if isinstance(schedules, Iterable) else None
        self.optimiser = optimiser or getattr(first, "optimiser", None)  # type: ignore[assignment]
        self.schedules = self._check(schedules, self.optimiser)
        self._remember()

    def _begin(self) -> None:
        """The first step of every schedule."""
        for schedule in self.schedules:
            schedule._begin()
        self._remember()

    def step(self) -> None:
        """The next epoch of every schedule."""
        for schedule in self.schedules:
            schedule.step()
        self._remember()
