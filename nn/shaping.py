"""Small layers: reshaping, dropout, a way round others, a table of rows, and the largest of linear functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError

from .fuse import affine
from .init import linear_default
from .linear import sizes
from .module import Module
from .parameter import Parameter
from .rng import generator


class Identity(Module):
    """Its input, as it is. Settings are ignored, so that it can take the place of any layer."""

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


class Dropout(Module):
    """In training, each element is 0 with probability p and else divided by 1 - p; in eval mode nothing happens.

    Dividing keeps the mean, so that nothing needs to be scaled at test time: "inverted" dropout. The course's keep_prob
    is 1 - p. `rng` is a seed, a Generator, or None for other masks each time.

    >>> Dropout(0.5, rng=0)(np.ones(6))
    array([2., 0., 0., 0., 2., 2.])
    """

    def __init__(self, p: float = 0.5, inplace: bool = False, *, rng: Any = None) -> None:
        super().__init__()
        if isinstance(p, bool) or not 0 <= p <= 1:
            raise ValueError(
                f"{type(self).__name__}({p!r}): p is the probability of a 0, a number from 0 to 1."
            )
        self.p, self.inplace = p, bool(inplace)
        self.rng = generator(rng)

    def forward(self, x: Any) -> Any:
        """x with holes, in training."""
        return autograd.dropout(x, self.p, self.training, self.rng)

    def extra_repr(self) -> str:
        """As PyTorch's."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout2d(Dropout):
    """Dropout of whole channels: x (n, channels, ...)."""

    def forward(self, x: Any) -> Any:
        """x with channels of 0, in training."""
        shape = np.shape(x)
        if len(shape) < 3:
            raise ShapeError(f"{self!r}: input of shape {shape}; it is (n, channels, rows, columns).")
        if not self.training or self.p == 0:
            return x
        ones = np.ones((*shape[:2], *(1,) * (len(shape) - 2)), dtype=getattr(x, "dtype", None))
        return x * autograd.dropout(ones, self.p, True, self.rng)


class Residual(Module):
    """x + body(x): the body learns what to add (He et al., Deep Residual Learning, 2015).

    Where the body changes the shape, `shortcut` brings x to it: shortcut(x) + body(x).

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


class Embedding(Module):
    """A table of rows that are looked up: whole numbers of any shape to (*shape, embedding_dim).

    The rows start normal with mean 0 and variance 1. The row padding_idx is 0, and is not trained.

    >>> Embedding(10, 3, rng=0)(np.array([[1, 2], [4, 4]])).shape
    (2, 2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        dtype: Any = np.float64,
        rng: Any = None,
    ) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim = sizes("Embedding", num_embeddings, embedding_dim)
        table = generator(rng).normal(size=(self.num_embeddings, self.embedding_dim))
        if padding_idx is not None:
            if not -self.num_embeddings <= padding_idx < self.num_embeddings:
                raise ValueError(f"Embedding: padding_idx={padding_idx} in a table of {num_embeddings} rows.")
            padding_idx %= self.num_embeddings
            table[padding_idx] = 0
        self.padding_idx = padding_idx
        self.weight = Parameter(table, dtype=dtype)

    def forward(self, indices: Any) -> Any:
        """The rows of these numbers."""
        return autograd.embedding(indices, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        """As PyTorch's."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"


class Maxout(Module):
    """The largest of several linear functions, max(w1.x + b1, w2.x + b2), for each unit (Goodfellow et al. 2013).

    weight is (pieces * outputs, inputs): the first `outputs` rows are w1 of all units, the next ones w2, and so on.
    They start as Linear's.

    >>> Maxout(3, 2, rng=0)(np.ones((4, 3))).shape
    (4, 2)
    """

    bias: Any

    def __init__(
        self,
        in_features: int,
        out_features: int,
        pieces: int = 2,
        bias: bool = True,
        *,
        dtype: Any = np.float64,
        rng: Any = None,
    ) -> None:
        super().__init__()
        self.in_features, self.out_features, self.pieces = sizes("Maxout", in_features, out_features, pieces)
        weight, offset = linear_default(rng, out_features * pieces, in_features, dtype, bias)
        self.weight = Parameter(weight, dtype=dtype)
        self.register_parameter("bias", Parameter(offset, dtype=dtype) if bias else None)

    def forward(self, x: Any) -> Any:
        """x (n, inputs) to (n, outputs)."""
        if np.shape(x)[-1:] != (self.in_features,):
            raise ShapeError(
                f"{self!r}: input of shape {np.shape(x)}; the last axis must be {self.in_features}."
            )
        return autograd.maxout(affine(x, self.weight, self.bias), self.pieces)

    def extra_repr(self) -> str:
        """The sizes."""
        sizes = f"in_features={self.in_features}, out_features={self.out_features}, pieces={self.pieces}"
        return f"{sizes}, bias={self.bias is not None}"
