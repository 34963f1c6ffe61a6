"""Activations as modules, with PyTorch's names and settings. The functions themselves are ops of autograd.

`inplace` is there so that PyTorch's code runs: nothing is overwritten here, and the numbers are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError
from autograd.graph import raw

from .module import Module
from .parameter import Parameter


class Activation(Module):
    """Base of the activations: the op called `op` of every element, with the module's `settings`.

    `settings` maps the names of attributes to those that the op gives them.

    >>> class Sine(Activation):
    ...     op = "sin"
    >>> Sine()(np.zeros(2))
    array([0., 0.])
    """

    op = ""
    settings: dict[str, str] = {}  # noqa: RUF012
    inplace = False

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        if inplace:
            self.inplace = True

    def forward(self, x: Any) -> Any:
        """The activation of every element of x, which keeps its shape."""
        return getattr(autograd, self.op)(
            x, **{key: getattr(self, name) for name, key in self.settings.items()}
        )

    def extra_repr(self) -> str:
        """As PyTorch's."""
        shown = [f"{name}={getattr(self, name)!r}" for name in self.settings]
        return ", ".join([*shown, *(["inplace=True"] if self.inplace else [])])


class ReLU(Activation):
    """max(0, x); its derivative at 0 is 0."""

    op = "relu"


class ReLU6(Activation):
    """x, but at least 0 and at most 6."""

    op = "relu6"


class SELU(Activation):
    """1.0507 * elu(x, 1.6733), which keeps mean 0 and variance 1 (Klambauer et al. 2017)."""

    op = "selu"


class SiLU(Activation):
    """x * sigmoid(x), also called swish."""

    op = "silu"


class Mish(Activation):
    """x * tanh(softplus(x)) (Misra 2019)."""

    op = "mish"


class Hardsigmoid(Activation):
    """(x + 3) / 6, but at least 0 and at most 1."""

    op = "hardsigmoid"


class Hardswish(Activation):
    """x * hardsigmoid(x)."""

    op = "hardswish"


class _Unset(Activation):
    """An activation without settings."""

    def __init__(self) -> None:
        super().__init__()


class Tanh(_Unset):
    """(e^x - e^-x) / (e^x + e^-x), between -1 and 1."""

    op = "tanh"


class Sigmoid(_Unset):
    """1 / (1 + e^-x), between 0 and 1."""

    op = "sigmoid"


class LogSigmoid(_Unset):
    """log(sigmoid(x)), exact where the sigmoid is nearly 0 or 1."""

    op = "log_sigmoid"


class Softsign(_Unset):
    """x / (1 + |x|), between -1 and 1."""

    op = "softsign"


class Tanhshrink(_Unset):
    """x - tanh(x)."""

    op = "tanhshrink"


class LeakyReLU(Activation):
    """x where x > 0, else negative_slope * x."""

    op, settings = "leaky_relu", {"negative_slope": "slope"}

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = negative_slope


class _Alpha(Activation):
    settings = {"alpha": "alpha"}  # noqa: RUF012

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha


class ELU(_Alpha):
    """x where x > 0, else alpha * (e^x - 1) (Clevert et al. 2015)."""

    op = "elu"


class CELU(_Alpha):
    """x where x > 0, else alpha * (e^(x / alpha) - 1), whose slope is 1 at 0 for every alpha (Barron 2017)."""

    op = "celu"


class GELU(Activation):
    """x times the probability that a normal random number is below x; approximate="tanh" is the formula with tanh."""

    op, settings = "gelu", {"approximate": "approximate"}

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate


class Hardtanh(Activation):
    """x, but at least min_val and at most max_val."""

    op, settings = "hardtanh", {"min_val": "min_val", "max_val": "max_val"}

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        if not min_val < max_val:
            raise ValueError(f"Hardtanh({min_val}, {max_val}): the first must be smaller than the second.")
        self.min_val, self.max_val = min_val, max_val


class Threshold(Activation):
    """x where x > threshold, else value."""

    op, settings = "threshold", {"threshold": "threshold", "value": "value"}

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold, self.value = threshold, value


class _Shrink(Activation):
    settings = {"lambd": "lambd"}  # noqa: RUF012

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        if lambd < 0:
            raise ValueError(f"{type(self).__name__}({lambd}): it is a distance, 0 or more.")
        self.lambd = lambd

    def extra_repr(self) -> str:
        """As PyTorch's."""
        return f"{self.lambd}"


class Hardshrink(_Shrink):
    """x where |x| > lambd, else 0."""

    op = "hardshrink"


class Softshrink(_Shrink):
    """x brought nearer to 0 by lambd, and 0 where |x| <= lambd."""

    op = "softshrink"


class Softplus(Activation):
    """log(1 + e^(beta * x)) / beta, a smooth ReLU. Where beta * x > threshold it is x, as in PyTorch."""

    op, settings = "softplus", {"beta": "beta", "threshold": "threshold"}

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, x: Any) -> Any:
        """The activation of every element of x."""
        y = autograd.softplus(x, beta=self.beta)
        straight = self.beta * np.asarray(raw(x)) > self.threshold
        return autograd.where(straight, x, y) if np.any(straight) else y


class PReLU(Module):
    """x where x > 0, else weight * x, with a weight that is trained: one, or one for each channel (axis 1).

    Source: He et al., Delving Deep into Rectifiers (2015).
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25, *, dtype: Any = np.float64) -> None:
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(np.full(num_parameters, init), dtype=dtype)

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
