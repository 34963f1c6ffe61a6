"""Modules, or parameters, one after the other or by name: lists and dictionaries whose parameters are found."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, TypeVar

from ..core import state
from ..core.misuse import check_assigned
from ..core.module import Module
from ..core.parameter import Parameter
from ..core.paths import hold

L = TypeVar("L", bound="Numbered")
T = TypeVar("T", bound="Named")


class Numbered(Module):
    """Base of lists: parts under the names "0", "1", ..."""

    _part: type[Any] = Module

    def __init__(self, parts: Iterable[Any] = ()) -> None:
        super().__init__()
        if not isinstance(parts, Iterable):
            raise TypeError(f"{type(self).__name__} takes one list, {type(self).__name__}([...]).")
        self._set(parts)

    def _refuse(self, part: Any, i: Any) -> TypeError:
        kind = self._part.__name__
        return TypeError(f"{type(self).__name__}: element {i} is {type(part).__name__}, not a {kind}.")

    def _names(self) -> list[str]:
        kind = self._part.__name__.lower()
        return [name for name, is_kind in self.__dict__.get("_kinds", {}).items() if is_kind == kind]

    def _checked(self, parts: Iterable[Any]) -> list[Any]:
        if isinstance(parts, (set, frozenset)):
            raise TypeError(
                f"{type(self).__name__}: a set has another order in each run, and so the parts would have other names. "
                "Give a list."
            )
        return [self._kept(part, i) for i, part in enumerate(parts)]

    def _kept(self, part: Any, i: Any) -> Any:
        """A part as it is kept; what is none is refused."""
        if not isinstance(part, self._part):
            raise self._refuse(part, i)
        return part

    def _set(self, parts: Iterable[Any]) -> None:
        """These parts in place of those that there are."""
        new, old, kind = self._checked(parts), self._names(), self._part.__name__.lower()
        if not all(map(str.isdecimal, old)):
            raise TypeError(
                f"{type(self).__name__} with named parts ({', '.join(old)}) is not renumbered: make a new one."
            )
        for name in old:
            del self.__dict__[name], self.__dict__["_kinds"][name]
        for i, part in enumerate(new):
            self.__dict__.setdefault("_kinds", {})[str(i)] = kind
            self.__dict__[str(i)] = part
            hold(self, part)
        self._parts_changed()

    def __len__(self) -> int:
        return len(self._names())

    def __iter__(self) -> Iterator[Any]:
        return iter([self.__dict__[name] for name in self._names()])

    def __getitem__(self, i: Any) -> Any:
        return self._like(list(self)[i]) if isinstance(i, slice) else self.__dict__[self._name(i)]

    def _name(self, i: Any) -> str:
        names, place = self._names(), operator.index(i)
        if not -len(names) <= place < len(names):
            raise IndexError(f"{type(self).__name__}[{i}]: it has {len(names)} elements.")
        return names[place]

    def _like(self, parts: Iterable[Any]) -> Numbered:
        """Parts in a new list of this kind."""
        return type(self)(parts)

    def __setitem__(self, i: Any, part: Any) -> None:
        part = self._kept(part, i)
        setattr(self, self._name(i), part)

    def __delitem__(self, i: Any) -> None:
        parts = list(self)
        del parts[i]
        self._set(parts)

    def append(self: L, part: Any) -> L:
        """Add a part at the end; returns the list."""
        return self.extend([part])

    def extend(self: L, parts: Iterable[Any]) -> L:
        """Add several parts at the end; returns the list. Their names are the next numbers that are free."""
        new = self._checked(parts)
        for part in new:
            number = len(self)
            while str(number) in self.__dict__:
                number += 1
            setattr(self, str(number), part)
        return self

    def insert(self, i: int, part: Any) -> None:
        """Add a part before number i."""
        (part,) = self._checked([part])
        check_assigned(self, str(len(self)), part, None)
        parts = list(self)
        parts.insert(i, part)
        self._set(parts)

    def pop(self, i: int = -1) -> Any:
        """Take a part out and return it."""
        part = self[i]
        del self[i]
        return part

    def __add__(self, parts: Iterable[Any]) -> Numbered:
        return self._like([*self, *parts])

    def __iadd__(self: L, parts: Iterable[Any]) -> L:
        return self.extend(parts)


class ModuleList(Numbered):
    """A list of modules, for a forward() that walks over it: for layer in self.layers: x = layer(x).

    A plain list as an attribute would hide the parameters of its modules.

    >>> from nn import Tanh
    >>> ModuleList([Tanh(), Tanh()])
    ModuleList(
      (0-1): 2 x Tanh()
    )
    """

    def forward(self, x: Any) -> Any:
        """A list is not called."""
        raise NotImplementedError(
            "ModuleList has no forward(). Call its modules one by one, or use nn.Sequential, which chains them."
        )

    def __repr__(self) -> str:
        parts, start = [], 0
        for text, same in groupby(map(repr, self)):
            n = len(list(same))
            parts.append(f"({start}): {text}" if n == 1 else f"({start}-{start + n - 1}): {n} x {text}")
            start += n
        return state.written(type(self).__name__, "", parts)


class ParameterList(Numbered):
    """A list of parameters; arrays are made parameters.

    >>> [name for name, _ in ParameterList([[1.0], [2.0, 3.0]]).named_parameters()]
    ['0', '1']
    """

    _part = Parameter

    def _kept(self, part: Any, i: Any) -> Any:
        return super()._kept(_parameter(part), i)

    def __repr__(self) -> str:
        lines = [f"({i}): {_described(p)}" for i, p in enumerate(self)]
        return state.written(type(self).__name__, "", lines)


class Named(Module):
    """Base of dictionaries: parts under names of one's own."""

    _part: type[Any] = Module

    def __init__(self, parts: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__()
        self.update(parts)

    def update(self, parts: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        """Add parts, or replace those of the same names."""
        for name, part in dict(parts).items():
            self[name] = part

    def __setitem__(self, name: str, part: Any) -> None:
        who = f"{type(self).__name__}[{name!r}]"
        if not isinstance(part, self._part):
            raise TypeError(f"{who} = {type(part).__name__}: it must be a {self._part.__name__}.")
        if name not in self and isinstance(name, str) and hasattr(self, name):
            raise KeyError(f"{who}: the module has an attribute of this name. Choose another one.")
        setattr(self, name, part)

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(f"{type(self).__name__}[{name!r}]: it has {', '.join(self) or 'nothing'}.")
        return self.__dict__[name]

    def __delitem__(self, name: str) -> None:
        self[name]
        delattr(self, name)

    def pop(self, name: str) -> Any:
        """Take a part out and return it."""
        part = self[name]
        delattr(self, name)
        return part

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__.get("_kinds", ())

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.__dict__.get("_kinds", ())))

    def __len__(self) -> int:
        return len(self.__dict__.get("_kinds", ()))

    def keys(self) -> list[str]:
        """The names."""
        return list(self)

    def values(self) -> list[Any]:
        """The parts."""
        return [self[name] for name in self]

    def items(self) -> list[tuple[str, Any]]:
        """Names and parts."""
        return [(name, self[name]) for name in self]


class ModuleDict(Named):
    """Modules by name.

    >>> from nn import ReLU, Tanh
    >>> ModuleDict({"relu": ReLU(), "tanh": Tanh()})["tanh"]
    Tanh()
    """


class ParameterDict(Named):
    """Parameters by name; arrays are made parameters.

    >>> ParameterDict({"scale": [1.0]})["scale"].requires_grad
    True
    """

    _part = Parameter

    def __setitem__(self, name: str, part: Any) -> None:
        super().__setitem__(name, _parameter(part))

    def __repr__(self) -> str:
        lines = [f"({name}): {_described(p)}" for name, p in self.items()]
        return state.written(type(self).__name__, "", lines)


def _parameter(x: Any) -> Any:
    return x if isinstance(x, Parameter) else Parameter(x)


def _described(p: Parameter) -> str:
    return f"Parameter of shape {p.shape}, {p.dtype}"
