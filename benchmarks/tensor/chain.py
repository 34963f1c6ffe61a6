"""The work of an overhead row, the same for every library here: a chain of a hundred equal operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.clock import Timed, Work

LENGTH = 100
Phase = Literal["forward", "backward"]
Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Library:
    """How one library spells what a chain needs."""

    leaf: Callable[[Array], Any]
    ops: dict[str, Callable[..., Any]]
    """By name: binary ones take (y, b), unary ones (y)."""
    sweep: Callable[[Any], object]
    """Sweep back from a root; the graph survives where the library has a way to keep it."""
    repeatable: bool = True
    """Whether one graph can be swept again and again."""


@dataclass(frozen=True)
class Chain:
    """One op of one library on two arrays of four elements, both tracked."""

    library: Library
    op: Callable[..., Any]
    start: Array
    other: Array | None

    def leaves(self) -> list[Any]:
        """Return fresh leaves."""
        return [self.library.leaf(array) for array in (self.start, self.other) if array is not None]

    def build(self, leaves: Sequence[Any]) -> Any:
        """Chain the op and sum the result."""
        op, y = self.op, leaves[0]
        if self.other is None:
            for _ in range(LENGTH):
                y = op(y)
        else:
            b = leaves[1]
            for _ in range(LENGTH):
                y = op(y, b)
        return y.sum()

    def forward(self) -> Work:
        """Time building the chain; dropping the previous one is part of it."""
        leaves = self.leaves()
        return lambda: self.build(leaves)

    def backward(self) -> Work:
        """Time the reverse sweep from the sum; the graph stays where the library can keep it."""
        root = self.build(self.leaves())
        sweep = self.library.sweep
        return lambda: sweep(root)

    def gradients(self) -> list[float]:
        """Return the gradients of all leaves after one sweep."""
        leaves = self.leaves()
        self.library.sweep(self.build(leaves))
        return [float(number) for leaf in leaves for number in np.asarray(leaf.grad).ravel()]

    def side(self, phase: Phase) -> Timed:
        """Return the phase to be timed."""
        if phase == "forward":
            return Timed(self.forward, self.gradients)
        return Timed(self.backward, self.gradients, used_up=not self.library.repeatable)
