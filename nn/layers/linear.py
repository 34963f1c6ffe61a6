"""The fully connected layer, and its bias alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ShapeError

from ..core.fuse import affine
from ..core.module import Module
from ..core.numbers import float_dtype, whole
from ..core.parameter import Parameter
from ..core.paths import path
from ..core.weights import linear_default


def sizes(layer: str, *given: Any, least: int = 1) -> tuple[int, ...]:
    """Sizes as whole numbers; an error names the layer."""
    call = f"{layer}({', '.join(map(repr, given))})"
    return tuple(whole(f"{call}: size", n, least) for n in given)


class Linear(Module):
    """y = x @ weight.T + bias: (n, inputs) to (n, outputs). weight is (outputs, inputs), as PyTorch's.

    Both start uniform between -1/sqrt(inputs) and 1/sqrt(inputs), PyTorch's default, drawn from `rng`: a seed, a
    Generator, or None for other numbers each time. With `bias=False` there is no bias. A layer of float32 computes in
    float64 when it is given float64, as NumPy does, where PyTorch refuses; nn.fit and nn.predict convert the input.

    >>> Linear(3, 2, rng=0)(np.ones((4, 3))).shape
    (4, 2)
    >>> Linear(3, 2, dtype=np.float32)(np.ones((4, 3))).dtype, Linear(3, 2)(np.ones((4, 3), np.float32)).dtype
    (dtype('float64'), dtype('float64'))
    """

    bias: Any
    _role = "layer"

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: Any = np.float64,
        rng: Any = None,
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = sizes("Linear", in_features, out_features)
        dtype = float_dtype("Linear", dtype)
        weight, offset = linear_default(rng, out_features, in_features, dtype, bias)
        self.weight = Parameter(weight, dtype=dtype)
        self.register_parameter("bias", Parameter(offset, dtype=dtype) if bias else None)

    def forward(self, x: Any) -> Any:
        """x (n, inputs) to (n, outputs)."""
        return self.activated(x, None)

    def activated(self, x: Any, activation: str | None) -> Any:
        """The layer followed by an activation, as one node, or as its steps inside `unfused()`."""
        try:
            return affine(x, self.weight, self.bias, activation)
        except ShapeError as error:
            raise self._named(error) from None
        except AttributeError:
            if hasattr(x, "shape"):
                raise
            what = f"the input is {x!r:.40}, of type {type(x).__name__}, no array of rows, (n, {self.in_features})."
            raise self._named(f"{what} Give an array, such as np.ones((1, {self.in_features})).") from None

    def _named(self, error: object) -> ShapeError:
        where = path(self)
        layer = f"layer {where!r}, " if where else ""
        return ShapeError(f"{layer}{self!r}: {error}")

    def extra_repr(self) -> str:
        """As PyTorch's."""
        bias = self.bias is not None
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={bias}"


class Bias(Module):
    """x + bias, a number for each of the last axis' features, which starts at 0.

    >>> Bias(2)(np.zeros((1, 2))).data
    array([[0., 0.]])
    """

    def __init__(self, num_features: int, *, dtype: Any = np.float64) -> None:
        super().__init__()
        (self.num_features,) = sizes("Bias", num_features)
        self.bias = Parameter(np.zeros(self.num_features), dtype=float_dtype("Bias", dtype))

    def forward(self, x: Any) -> Any:
        """x (..., features), the same out."""
        if np.shape(x)[-1:] != (self.num_features,):
            raise ShapeError(
                f"{self!r}: input of shape {np.shape(x)}; the last axis must be {self.num_features}."
            )
        return x + self.bias

    def extra_repr(self) -> str:
        """The number of features."""
        return f"{self.num_features}"
