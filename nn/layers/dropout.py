"""Dropout: some elements are left out in training, at random, so that no unit relies on another one."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError

from ..core.module import Module
from ..core.numbers import share
from ..core.rng import generator


class Dropout(Module):
    """In training, each element is 0 with probability p and else divided by 1 - p; in eval mode nothing happens.

    Dividing keeps the mean, so that nothing needs to be scaled at test time: "inverted" dropout. The course's keep_prob
    is 1 - p. `rng` is a seed, a Generator, or None for other masks each time.

    >>> Dropout(0.5, rng=0)(np.ones(6))
    array([2., 0., 0., 0., 2., 2.])
    """

    def __init__(self, p: float = 0.5, inplace: bool = False, *, rng: Any = None) -> None:
        super().__init__()
        self.p = share(f"{type(self).__name__}: p", p, why="the probability of a 0")
        self.inplace = bool(inplace)
        self.rng = generator(rng)

    def forward(self, x: Any) -> Any:
        """x with holes, in training."""
        return autograd.dropout(x, self.p, self.training, self.rng)

    def extra_repr(self) -> str:
        """As PyTorch's."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout2d(Dropout):
    """Dropout of whole channels, each of each sample by itself: x (n, channels, ...), the same out.

    >>> Dropout2d(0.5, rng=0)(np.ones((1, 4, 1, 2)))
    array([[[[2., 2.]], [[0., 0.]], [[0., 0.]], [[0., 0.]]]])
    """

    def forward(self, x: Any) -> Any:
        """x with channels of 0, in training."""
        shape = np.shape(x)
        if len(shape) < 3:
            raise ShapeError(f"{self!r}: input of shape {shape}; it is (n, channels, rows, columns).")
        if not self.training or self.p == 0:
            return x
        ones = np.ones((*shape[:2], *(1,) * (len(shape) - 2)), dtype=getattr(x, "dtype", None))
        return x * autograd.dropout(ones, self.p, True, self.rng)
