"""The settings of an optimiser, such as `lr`: what each may be, and where it is kept."""

from __future__ import annotations

import difflib
import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

Check = Callable[[str, Any], Any]
LABELS = {"lr": "learning rate"}


def at_least_zero(name: str, value: Any) -> float:
    """A finite number that is not negative.

    >>> at_least_zero("lr", 1)
    1.0
    """
    number = _real(name, value, ">= 0")
    if not (number >= 0 and math.isfinite(number)):
        raise ValueError(f"{LABELS.get(name, name)} {value!r}: it must be a finite number >= 0.")
    return number


def below_one(name: str, value: Any) -> float:
    """A number from 0 on, below 1: the share of an average that is kept at each step."""
    number = _real(name, value, "from 0 on, below 1")
    if not 0 <= number < 1:
        raise ValueError(f"{name} {value!r}: it must be a number from 0 on, below 1, such as 0.9.")
    return number


def up_to_one(name: str, value: Any) -> float:
    """A number from 0 to 1."""
    number = _real(name, value, "from 0 to 1")
    if not 0 <= number <= 1:
        raise ValueError(f"{name} {value!r}: it must be a number from 0 to 1.")
    return number


def two_below_one(name: str, value: Any) -> tuple[float, float]:
    """Two numbers from 0 on, below 1."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise TypeError(f"{name} {value!r:.60}: give two numbers, such as (0.9, 0.999).")
    return below_one(f"{name}[0]", value[0]), below_one(f"{name}[1]", value[1])


def flag(name: str, value: Any) -> bool:
    """True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} {value!r:.60}: it must be True or False.")
    return bool(value)


def counting(name: str, value: Any) -> int:
    """A whole number from 1 on."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name} {value!r:.60}: it must be a whole number from 1 on.")
    return int(value)


def _real(name: str, value: Any, allowed: str) -> float:
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise TypeError(f"{LABELS.get(name, name)} {value!r:.60}: it must be a number {allowed}.")
    return float(value)


class Setting:
    """A setting of an optimiser as its attribute: read from the first parameter group, set in all of them."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, optimiser: Any, owner: type | None = None) -> Any:
        return self if optimiser is None else optimiser.param_groups[0][self.name]

    def __set__(self, optimiser: Any, value: Any) -> None:
        for group in optimiser.param_groups:
            group[self.name] = value


class Group(dict[str, Any]):
    """The settings of some parameters, and the parameters themselves under "params". What is set is checked."""

    # besides the settings: what schedules remember (as PyTorch's do), and a name for whoever wants one
    FREE = frozenset(("params", "name", "initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum"))

    def __init__(self, kind: Any, items: dict[str, Any], parts: list[Any]) -> None:
        super().__init__()
        self.kind, self.parts = kind, parts
        for name, value in items.items():
            self[name] = value

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, checked(self.kind, name, value))

    def update(self, *args: Any, **kwargs: Any) -> None:
        """As a dict's, with the same checks."""
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def __reduce__(self) -> tuple[Any, ...]:
        return Group, (self.kind, dict(self), self.parts)


def checked(kind: Any, name: str, value: Any) -> Any:
    """`value` as the setting `name` of the optimisers `kind`; an error says what it should be."""
    if name in Group.FREE:
        return value
    if name not in kind.settings:
        near = difflib.get_close_matches(name, kind.settings, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"{kind.__name__} has no setting {name!r}. It has {', '.join(kind.settings)}.{hint}")
    return kind.settings[name].check(name, value)
