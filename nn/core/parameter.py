"""Parameter: a leaf that a module trains. Its array and gradient may be views into flat buffers (see flat.py)."""

from __future__ import annotations

import copy
from sys import getrefcount
from typing import Any

import numpy as np

from autograd.graph import Node
from autograd.holder import Holder
from autograd.tensor import Tensor

from .paths import path


class Parameter(Tensor):
    """A trainable Tensor. Set as an attribute of a Module, it is found by `parameters()`.

    `name` is its path in the model, such as "layers.0.weight", unless you give it another one there.

    >>> Parameter([1.0, 2.0]).requires_grad
    True
    >>> Parameter([1.0, 2.0], False).requires_grad
    False
    """

    # _home: the array that its gradient is written to, if an optimiser gave it one. _untouched: how many references
    # there are to the home when nobody outside holds it. _lent: a sweep under way may be writing to the home.
    # _holders: the modules that it is in (see paths.py).
    __slots__ = ("_holders", "_home", "_lent", "_untouched")

    def __init__(
        self, data: Any, requires_grad: bool = True, *, name: str | None = None, dtype: Any = None
    ) -> None:
        if not isinstance(requires_grad, (bool, np.bool_)):
            raise TypeError(
                f"Parameter(data, {requires_grad!r:.40}): the second argument is requires_grad, True or False. "
                "A name is given as name=, a dtype as dtype=."
            )
        self._holders: Any = ()
        super().__init__(data, name=name, requires_grad=requires_grad, dtype=dtype)
        self._home: Any = None
        self._untouched = (0, 0)
        self._lent = False

    @property
    def name(self) -> str | None:
        """The name shown in pictures and messages: the one that was set last, by hand or by being put in a module."""
        return path(self) or Holder.name.fget(self)  # type: ignore[attr-defined]

    @name.setter
    def name(self, value: str | None) -> None:
        Holder.name.fset(self, value)  # type: ignore[attr-defined]
        self._holders = ()

    @property
    def grad(self) -> Any:
        """The gradient: None before `backward()`, then an array of this shape and dtype. What is set is copied."""
        return self._grad  # a parameter is a leaf

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not self._grad:  # it is after p.grad *= 2
            own = value if isinstance(value, Node) else copy.copy(value)
            Holder.grad.fset(self, own)  # type: ignore[attr-defined]

    def numel(self) -> int:
        """How many numbers it holds, as PyTorch says it; `size` is the same, without a call."""
        return int(self.size)

    def _count_references(self) -> None:
        """Take the references to a new home, which nobody holds yet, as those of an untouched one."""
        self._untouched = self._references()

    def _references(self) -> tuple[int, int]:
        return getrefcount(self._home), getrefcount(self._home.base)

    def _alone(self, known: int = 0) -> bool:
        """Whether nobody holds the home, or a view of it, but `known` references of our own."""
        view, base = self._untouched
        return self._references() == (view + known, base)

    def _gradient_home(self) -> Any:
        if self._grad is not None or self._lent or self._home is None:
            return None
        view, base = self._untouched  # _alone(), written out
        if getrefcount(self._home) != view or getrefcount(self._home.base) != base:
            self._home = None  # somebody kept the gradient that was written there: it stays as it is
            return None
        self._lent = True
        return self._home

    def _release(self) -> None:
        self._lent = False

    def _accept(self, g: Any) -> None:
        self._lent = False
        if g is self._home and self._grad is None:
            self._grad = g
        elif self._home is None or g.__class__ is not np.ndarray:
            super()._accept(g)
        elif self._grad is None and self._alone():
            self._home[...] = g
            self._grad = self._home
        elif self._grad is self._home and self._alone(known=1):
            self._home += g
        else:  # an array of the user's own, or a home that somebody holds: the sum goes to a new one
            if self._grad is None or self._grad is self._home:
                self._home = None
            super()._accept(g)

    def _convert(self, dtype: Any) -> None:
        """Take on another dtype, out of the flat arrays of an optimiser, which has only one."""
        if self._data.dtype == dtype:
            return
        self._data = self._data.astype(dtype)
        self._fast = self._tracked
        self._set("shown", False)
        self._home = None
        if self._grad is not None:
            self._grad = self._grad.astype(dtype)

    def __reduce__(self) -> tuple[Any, ...]:
        restore, (kind, data, name, requires_grad, grad) = super().__reduce__()
        return restore, (kind, data, name, requires_grad, grad if isinstance(grad, Node) else copy.copy(grad))

    def __repr__(self) -> str:
        return super().__repr__().replace("Tensor(", "Parameter(", 1)
