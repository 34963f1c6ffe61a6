"""A table of rows, one for each word, or whatever else is counted."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd

from ..core.module import Module
from ..core.numbers import float_dtype, whole
from ..core.parameter import Parameter
from ..core.rng import generator
from .linear import sizes


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
        dtype = float_dtype("Embedding", dtype)
        table = generator(rng).normal(size=(self.num_embeddings, self.embedding_dim))
        if padding_idx is not None:
            padding_idx = whole("Embedding: padding_idx", padding_idx, None)
            if not -self.num_embeddings <= padding_idx < self.num_embeddings:
                raise ValueError(f"Embedding: padding_idx={padding_idx} in a table of {num_embeddings} rows.")
            padding_idx %= self.num_embeddings
            table[padding_idx] = 0
        self.padding_idx = padding_idx
        self.weight = Parameter(table, dtype=dtype)

    def _begun(self) -> None:
        """The row that stands for nothing is 0, as it was made: no training would bring it back to that."""
        if self.padding_idx is not None:
            table = self.weight.numpy()
            table[self.padding_idx] = 0
            self.weight.data = table

    def forward(self, indices: Any) -> Any:
        """The rows of these numbers."""
        return autograd.embedding(indices, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        """As PyTorch's."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
