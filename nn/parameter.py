"""Parameter: a leaf that a module trains. Its array and gradient may be views into flat buffers (see flat.py)."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.tensor import Tensor


class Parameter(Tensor):
    """A trainable Tensor. Set as an attribute of a Module, it is found by `parameters()`.

    >>> Parameter([1.0, 2.0]).requires_grad
    True
    """

    # _home: the array its gradient is written to, if it has one. _lent: a sweep under way holds the home.
    __slots__ = ("_home", "_lent")

    def __init__(
        self, data: Any, name: str | None = None, requires_grad: bool = True, dtype: Any = None
    ) -> None:
        super().__init__(data, name=name, requires_grad=requires_grad, dtype=dtype)
        self._home: Any = None
        self._lent = False

    def _gradient_home(self) -> Any:
        if self._grad is not None or self._lent or self._home is None:
            return None
        self._lent = True
        return self._home

    def _release(self) -> None:
        self._lent = False

    def _accept(self, g: Any) -> None:
        home = self._home
        self._lent = False
        if home is None or g.__class__ is not np.ndarray or not (self._grad is None or self._grad is home):
            super()._accept(g)
        elif self._grad is home:
            home += g
        else:
            if g is not home:
                home[...] = g
            self._grad = home

    def __repr__(self) -> str:
        return super().__repr__().replace("Tensor(", "Parameter(", 1)
