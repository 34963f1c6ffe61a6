"""The gradient of a slice before it is an array: a loop over n slices of x costs n slices then, and not n times x."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__: list[str] = []


class Part:
    """What a slice sends to the array it was cut from: g at an index, 0 elsewhere. Only the sweep sees it.

    A sum with others is one array of its own, into which each of them is added in place.
    """

    __slots__ = ("g", "index", "shape", "whole")
    __array_ufunc__ = None  # array + part is for the part to do

    def __init__(self, g: Any, index: Any, shape: tuple[int, ...]) -> None:
        self.g, self.index, self.shape = g, index, shape
        self.whole: Any = None

    def __add__(self, other: Any) -> Part:
        whole = self.array()
        if other.__class__ is Part:
            whole[other.index] += other.g
        else:
            whole += other
        return self

    def __radd__(self, other: Any) -> Part:
        self.whole = other.copy()  # it may belong to somebody else
        self.whole[self.index] += self.g
        return self

    def array(self) -> Any:
        """The sum so far. When the sweep asks for it, the last contribution is there, and nobody writes to it again."""
        if self.whole is None:
            self.whole = np.zeros(self.shape, self.g.dtype)
            self.whole[self.index] = self.g
        return self.whole
