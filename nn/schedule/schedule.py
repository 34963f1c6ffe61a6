"""Schedule: the learning rate of an optimiser as a function of the epoch, or of the step."""

from __future__ import annotations

import inspect
from typing import Any

from ..core.keywords import check_keywords
from ..core.numbers import whole
from ..optim.optimiser import Optimiser
from ..optim.settings import Group


class Schedule:
    """Base of all schedules. Call `step()` once an epoch after the optimiser's steps, or once a step if it counts them.

    A subclass writes `rate(group)`: the next learning rate of a parameter group, from the present one, group["lr"], the
    one at first, group["initial_lr"], and `self.last_epoch`, the number of calls so far; and `first(rate)`: where it
    begins. Each call changes the rate that is there, so schedules can be combined, and the rate be changed by hand.

    >>> from nn import Parameter, SGD
    >>> class Halving(Schedule):
    ...     def rate(self, group):
    ...         return group["lr"] / 2
    >>> optimiser = SGD([Parameter([1.0])], lr=1.0)
    >>> schedule = Halving(optimiser)
    >>> schedule.step()
    >>> optimiser.lr
    0.5

    To go on where another training stopped, load the states of optimiser and schedule. Or, as in PyTorch, load the
    optimiser's, which has the rate that is next, and give last_epoch, the last epoch that was finished, counted from 0:
    the new schedule stands after it, and leaves the rate as it is.
    """

    settings: tuple[str, ...] = ()  # the attributes that say which schedule it is
    from_initial = False  # whether rate() is worked out from the initial rate, whatever the present one is

    def __new__(cls, *args: Any, **kwargs: Any) -> Schedule:
        if kwargs:
            check_keywords(cls, kwargs)
            if not args and "optimiser" not in kwargs and cls._takes_first():
                given = ", ".join(f"{name}={value!r:.40}" for name, value in kwargs.items())
                raise TypeError(
                    f"{cls.__name__} changes the rate of an optimiser, which comes first: "
                    f"{cls.__name__}(optimiser, {given})."
                )
        return super().__new__(cls)

    @classmethod
    def _takes_first(cls) -> bool:
        """Whether the optimiser is the first argument, and has to be given."""
        first = list(inspect.signature(cls.__init__).parameters.values())[1:2]
        return any(p.name == "optimiser" and p.default is p.empty for p in first)

    def __init__(self, optimiser: Optimiser, last_epoch: int = -1) -> None:
        self.optimiser = check_optimiser(self, optimiser)
        last_epoch = whole("last_epoch", last_epoch, -1)
        for i, group in enumerate(optimiser.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__}(last_epoch={last_epoch}): group {i} has no 'initial_lr'. To resume, load "
                    "the optimiser's state_dict() first; it remembers the rate that a schedule began with."
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimiser.param_groups]
        if last_epoch == -1:
            self._begin()
            return
        self.last_epoch = last_epoch
        if self.from_initial:
            self.step()
        else:
            self.last_epoch += 1
            self._set([group["lr"] for group in optimiser.param_groups])

    def _begin(self) -> None:
        """The first step, from the present rates; it is made when the schedule is."""
        self.last_epoch = -1
        self.step()

    def step(self) -> None:
        """Go on by one epoch, and set the optimiser's learning rates."""
        self.last_epoch += 1
        if self.last_epoch == 0:
            self._set([self.first(group["lr"]) for group in self.optimiser.param_groups])
        else:
            self._set([self.rate(group) for group in self.optimiser.param_groups])

    def restart(self) -> None:
        """Begin anew from the initial rates, now."""
        self._set(self.base_lrs)
        self._begin()

    def first(self, rate: float) -> float:
        """The learning rate at the beginning; `rate` itself, unless a subclass says otherwise."""
        return rate

    def rate(self, group: Group) -> float:
        """The next learning rate of a group."""
        raise NotImplementedError(
            f"{type(self).__name__} has no rate(). Define rate(self, group) in the class."
        )

    def _set(self, rates: list[float]) -> None:
        for group, rate in zip(self.optimiser.param_groups, rates):
            group["lr"] = rate
        self._last_lr = [group["lr"] for group in self.optimiser.param_groups]

    def get_last_lr(self) -> list[float]:
        """The learning rate of each parameter group, as this schedule set it last."""
        return list(self._last_lr)

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint needs: plain numbers. Functions that were given are not in it."""
        return {name: value for name, value in vars(self).items() if _plain(value)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a `state_dict()`. The learning rates themselves are in the optimiser's."""
        self._load(self.state_dict(), state)

    def _load(self, own: dict[str, Any], state: dict[str, Any]) -> None:
        """Set the attributes `own` from a state, all or none."""
        missing, unknown = [k for k in own if k not in state], [k for k in state if k not in own]
        if missing or unknown:
            raise KeyError(
                f"{type(self).__name__}.load_state_dict: missing {missing or 'nothing'}, "
                f"unknown {unknown or 'nothing'}."
            )
        for name, value in own.items():
            new = state[name]
            if isinstance(value, (list, tuple)) != isinstance(new, (list, tuple)):
                raise TypeError(f"{type(self).__name__}.load_state_dict: {name} is {new!r:.60}, not a list.")
            if name == "base_lrs" and len(new) != len(value):
                raise ValueError(
                    f"{type(self).__name__}.load_state_dict: saved for {len(new)} parameter groups, and there are "
                    f"{len(value)}."
                )
        for name, value in own.items():
            new = state[name]
            setattr(self, name, type(value)(new) if isinstance(value, (list, tuple)) else new)

    def __repr__(self) -> str:
        shown = [f"{name}={getattr(self, name)!r}" for name in (*self.settings, "last_epoch")]
        return f"{type(self).__name__}({', '.join(shown)})"


def _plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(_plain(x) for x in value)
    return value is None or isinstance(value, (bool, int, float, str))


def check_optimiser(schedule: Any, optimiser: Any) -> Optimiser:
    """Refuse what has no learning rate to set."""
    if not isinstance(optimiser, Optimiser):
        what = optimiser.__name__ if isinstance(optimiser, type) else type(optimiser).__name__
        raise TypeError(f"{type(schedule).__name__} needs an optimiser, such as nn.SGD(...), not {what}.")
    return optimiser
