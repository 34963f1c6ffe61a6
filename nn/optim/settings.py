"""The settings of an optimiser, such as `lr`: what each may be, and where it is kept."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import partial
from typing import Any

from ..core.numbers import share


def two_shares(name: str, value: Any) -> tuple[float, float]:
    """Two numbers from 0 on, below 1: the shares of two averages that are kept at each step.

    >>> two_shares("betas", [0, 0.999])
    (0.0, 0.999)
    """
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise TypeError(f"{name}={value!r:.60}: give two numbers, such as (0.9, 0.999).")
    first, second = (share(f"{name}[{i}]", x, one=False) for i, x in enumerate(value))
    return first, second


class Setting:
    """A setting of an optimiser as its attribute: read from the first parameter group, set in all of them.

    check(name, value) returns the value or raises; nn/core/numbers.py has those that are needed most. `limits` are its
    keywords: Setting(number, least=0).

    >>> from nn import SGD, Parameter
    >>> optimiser = SGD([{"params": [Parameter([1.0])]}, {"params": [Parameter([2.0])], "lr": 0.1}], lr=0.5)
    >>> optimiser.lr, [group["lr"] for group in optimiser.param_groups]
    (0.5, [0.5, 0.1])
    >>> optimiser.lr = 0.2
    >>> [group["lr"] for group in optimiser.param_groups]
    [0.2, 0.2]
    """

    def __init__(self, check: Callable[..., Any], **limits: Any) -> None:
        self.check = partial(check, **limits) if limits else check
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
        self.update(items)

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, checked(self.kind, name, value))

    def update(self, *args: Any, **kwargs: Any) -> None:
        """As a dict's, with the same checks; if one of the values is refused, none is set."""
        items = dict(*args, **kwargs)
        super().update({name: checked(self.kind, name, value) for name, value in items.items()})

    def __ior__(self, items: Any) -> Any:  # type: ignore[misc]
        """As a dict's, with the same checks."""
        self.update(items)
        return self

    def setdefault(self, name: str, default: Any = None) -> Any:
        """As a dict's, with the same checks."""
        if name not in self:
            self[name] = default
        return self[name]

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
