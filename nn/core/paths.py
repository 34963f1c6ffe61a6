"""Paths: what a parameter or a module is called follows from the modules that hold it, "layers.0.weight".

A part remembers its holders by weak references, and the path is read off them when somebody asks: so it is right
wherever the part was hung in, and no cycle keeps a model alive. Of several holders the first one names the part, as
long as it lives and has it: a slice of a model calls its layers as the model does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import ref


class Holders:
    """The modules that hold a part, in the order in which they took it. A copy has none: others will hold it."""

    __slots__ = ("_references",)

    def __init__(self) -> None:
        self._references: tuple[Any, ...] = ()

    def __iter__(self) -> Iterator[Any]:
        return (module for reference in self._references if (module := reference()) is not None)

    def add(self, module: Any) -> None:
        """Note one more."""
        alive = [other for other in self if other is not module]
        if len(alive) == len(list(self)):
            self._references = (*map(ref, alive), ref(module))

    def __reduce__(self) -> tuple[Any, ...]:
        return Holders, ()


def hold(module: Any, part: Any) -> None:
    """Note that a module holds a part: a Parameter or a Module."""
    if not isinstance(part._holders, Holders):
        object.__setattr__(part, "_holders", Holders())
    part._holders.add(module)


def path(part: Any) -> str:
    """Where a part is in the outermost module that holds it; "" where none does.

    >>> import nn
    >>> model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Sequential(nn.Linear(3, 1, rng=1)))
    >>> path(model[1][0].weight), path(model[1][0]), path(model)
    ('1.0.weight', '1.0', '')
    """
    names: list[str] = []
    place = _place(part)
    while place is not None:
        part, name = place
        names.append(name)
        place = _place(part)
    return ".".join(reversed(names))


def _place(part: Any) -> tuple[Any, str] | None:
    """The module that names a part, and the attribute in which it has it."""
    for module in part._holders:
        for name, value in module._own(""):
            if value is part:
                return module, name
    return None
