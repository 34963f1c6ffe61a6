"""The largest of several linear functions."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError

from ..core.fuse import affine
from ..core.module import Module
from ..core.numbers import float_dtype
from ..core.parameter import Parameter
from ..core.weights import linear_default
from .linear import sizes


class Maxout(Module):
    """The largest of several linear functions, max(w1.x + b1, w2.x + b2), for each unit (Goodfellow et al. 2013).

    weight is (pieces * outputs, inputs): the first `outputs` rows are w1 of all units, the next ones w2, and so on.
    They start as Linear's.

    >>> Maxout(3, 2, rng=0)(np.ones((4, 3))).shape
    (4, 2)
    """

    bias: Any
    _role = "layer"

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
        dtype = float_dtype("Maxout", dtype)
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
