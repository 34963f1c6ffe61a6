"""A way round other layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ShapeError

from ..core.module import Module


class Residual(Module):
    """x + body(x): the body learns what to add (He et al., Deep Residual Learning, 2015).

    Where the body changes the shape, `shortcut` brings x to it: shortcut(x) + body(x).

    >>> from nn import Identity
    >>> Residual(Identity())(np.ones(2))
    array([2., 2.])
    """

    def __init__(self, body: Module, shortcut: Module | None = None) -> None:
        super().__init__()
        for part in (body, shortcut):
            if part is not None and not isinstance(part, Module):
                raise TypeError(
                    f"Residual: give a module, or several in nn.Sequential, not {type(part).__name__}."
                )
        self.body, self.shortcut = body, shortcut

    def forward(self, x: Any) -> Any:
        """The sum of both ways."""
        way = x if self.shortcut is None else self.shortcut(x)
        y = self.body(x)
        if np.shape(y) != np.shape(way):
            raise ShapeError(
                f"Residual: the body makes {np.shape(y)} of {np.shape(x)}, which cannot be added to {np.shape(way)}. "
                "Give a shortcut, a module that makes the same shape."
            )
        return way + y
