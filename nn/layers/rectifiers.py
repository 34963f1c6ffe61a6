"""Activations with a kink, ReLU and its kin, and those made of straight lines. Arrays keep their shape."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError

from ..core.module import Module
from ..core.numbers import float_dtype, number, whole
from ..core.parameter import Parameter
from .activations import Activation


class ReLU(Activation):
    """max(0, x); its derivative at 0 is 0.

    >>> ReLU()(np.array([-2.0, 0.5, 3.0]))
    array([0. , 0.5, 3. ])
    """

    op = "relu"


class ReLU6(Activation):
    """x, but at least 0 and at most 6.

    >>> ReLU6()(np.array([-2.0, 3.0, 9.0]))
    array([0., 3., 6.])
    """

    op = "relu6"


class LeakyReLU(Activation):
    """x where x > 0, else negative_slope * x.

    >>> LeakyReLU(0.1)(np.array([-2.0, 3.0]))
    array([-0.2,  3. ])
    """

    op, settings = "leaky_relu", {"negative_slope": "slope"}

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = number("LeakyReLU: negative_slope", negative_slope)


class PReLU(Module):
    """x where x > 0, else weight * x, with a weight that is trained: one, or one for each channel (axis 1).

    Source: He et al., Delving Deep into Rectifiers (2015).

    >>> PReLU()(np.array([[-2.0, 3.0]])).data
    array([[-0.5,  3. ]])
    """

    _role = "activation"

    def __init__(self, num_parameters: int = 1, init: float = 0.25, *, dtype: Any = np.float64) -> None:
        super().__init__()
        self.num_parameters = whole(
            "PReLU: num_parameters", num_parameters, why="one, or one for each channel"
        )
        self.init = number("PReLU: init", init)
        self.weight = Parameter(np.full(self.num_parameters, self.init), dtype=float_dtype("PReLU", dtype))

    def forward(self, x: Any) -> Any:
        """x (n, channels, ...), the same out."""
        shape, n = np.shape(x), self.num_parameters
        if n > 1 and shape[1:2] != (n,):
            raise ShapeError(
                f"PReLU for {n} channels: input of shape {shape}, whose axis 1 must have that length."
            )
        after = (1,) * (len(shape) - 2) if n > 1 else ()
        return autograd.prelu(x, autograd.reshape(self.weight, (n, *after)) if after else self.weight)

    def extra_repr(self) -> str:
        """As PyTorch's."""
        return f"num_parameters={self.num_parameters}"


class _Alpha(Activation):
    settings = {"alpha": "alpha"}  # noqa: RUF012

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = number(f"{type(self).__name__}: alpha", alpha)


class ELU(_Alpha):
    """x where x > 0, else alpha * (e^x - 1) (Clevert et al. 2015).

    >>> ELU()(np.array([-2.0, 3.0])).round(4)
    array([-0.8647,  3.    ])
    """

    op = "elu"


class CELU(_Alpha):
    """x where x > 0, else alpha * (e^(x / alpha) - 1), whose slope is 1 at 0 for every alpha (Barron 2017).

    >>> CELU(0.5)(np.array([-2.0, 3.0])).round(4)
    array([-0.4908,  3.    ])
    """

    op = "celu"


class SELU(Activation):
    """1.0507 * elu(x, 1.6733), which keeps mean 0 and variance 1 (Klambauer et al. 2017).

    >>> SELU()(np.array([-2.0, 0.5, 3.0])).round(4)
    array([-1.5202,  0.5254,  3.1521])
    """

    op = "selu"


class Threshold(Activation):
    """x where x > threshold, else value, also in the place of nan (PyTorch keeps nan).

    >>> Threshold(1.0, 20.0)(np.array([0.5, 1.0, 3.0]))
    array([20., 20.,  3.])
    >>> Threshold(1.0, 20.0)(np.array([np.nan]))
    array([20.])
    """

    op, settings = "threshold", {"threshold": "threshold", "value": "value"}

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        number("Threshold: threshold", threshold)
        number("Threshold: value", value, finite=False)
        self.threshold, self.value = threshold, value  # as given: PyTorch's repr shows them so


class Hardtanh(Activation):
    """x, but at least min_val and at most max_val.

    >>> Hardtanh()(np.array([-2.0, 0.5, 3.0]))
    array([-1. ,  0.5,  1. ])
    """

    op, settings = "hardtanh", {"min_val": "min_val", "max_val": "max_val"}

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.min_val = number("Hardtanh: min_val", min_val, finite=False)
        self.max_val = number("Hardtanh: max_val", max_val, finite=False)
        if not self.min_val < self.max_val:
            raise ValueError(f"Hardtanh({min_val}, {max_val}): the first must be smaller than the second.")


class Hardsigmoid(Activation):
    """(x + 3) / 6, but at least 0 and at most 1.

    >>> Hardsigmoid()(np.array([-4.0, 0.0, 1.5, 4.0]))
    array([0.  , 0.5 , 0.75, 1.  ])
    """

    op = "hardsigmoid"


class Hardswish(Activation):
    """x * hardsigmoid(x).

    >>> Hardswish()(np.array([-1.5, 1.5, 4.0]))
    array([-0.375,  1.125,  4.   ])
    """

    op = "hardswish"


class _Shrink(Activation):
    settings = {"lambd": "lambd"}  # noqa: RUF012

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = number(f"{type(self).__name__}: lambd", lambd, least=0, why="a distance")

    def extra_repr(self) -> str:
        """As PyTorch's."""
        return f"{self.lambd}"


class Hardshrink(_Shrink):
    """x where |x| > lambd, else 0.

    >>> Hardshrink()(np.array([-2.0, 0.3, 3.0]))
    array([-2.,  0.,  3.])
    """

    op = "hardshrink"


class Softshrink(_Shrink):
    """x brought nearer to 0 by lambd, and 0 where |x| <= lambd.

    >>> Softshrink()(np.array([-2.0, 0.3, 3.0]))
    array([-1.5,  0. ,  2.5])
    """

    op = "softshrink"
