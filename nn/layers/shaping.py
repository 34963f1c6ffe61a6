"""Layers that give an array another shape, and one that gives it back as it is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError

from ..core.module import Module


class Identity(Module):
    """Its input, as it is. Settings are ignored, so that it can take the place of any layer.

    >>> Identity()(np.ones(2))
    array([1., 1.])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, x: Any) -> Any:
        """x."""
        return x


class Flatten(Module):
    """The axes from start_dim to end_dim as one: (n, 1, 28, 28) to (n, 784).

    >>> Flatten()(np.zeros((2, 1, 28, 28))).shape
    (2, 784)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Any:
        """x with fewer axes."""
        shape = np.shape(x)
        n = len(shape)
        if not (-n <= self.start_dim < n and -n <= self.end_dim < n) or self.start_dim % n > self.end_dim % n:
            raise ShapeError(f"{self!r} of shape {shape}: there are no such axes, in this order.")
        a, b = self.start_dim % n, self.end_dim % n + 1
        return autograd.reshape(x, (*shape[:a], math.prod(shape[a:b]), *shape[b:]))

    def extra_repr(self) -> str:
        """As PyTorch's."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """One axis as several, the way back of Flatten; one size may be -1.

    >>> Unflatten(1, (1, 28, 28))(np.zeros((2, 784))).shape
    (2, 1, 28, 28)
    """

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, x: Any) -> Any:
        """x with more axes."""
        shape = np.shape(x)
        if not -len(shape) <= self.dim < len(shape):
            raise ShapeError(f"{self!r} of shape {shape}: there is no such axis.")
        a = self.dim % len(shape)
        parts = self.unflattened_size
        known = math.prod(p for p in parts if p != -1)
        if parts.count(-1) > 1 or (shape[a] % known if -1 in parts and known else shape[a] != known):
            raise ShapeError(f"{self!r} of shape {shape}: an axis of {shape[a]} cannot become {parts}.")
        return autograd.reshape(
            x, (*shape[:a], *(p if p != -1 else shape[a] // known for p in parts), *shape[a + 1 :])
        )

    def extra_repr(self) -> str:
        """As PyTorch's."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
