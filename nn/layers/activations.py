"""Activations as modules, with PyTorch's names and settings: smooth ones, and the base of all. Kinked: rectifiers.py.

The functions themselves are ops of autograd. They take an array of any shape and keep the shape. `inplace` is there so
that PyTorch's code runs: nothing is overwritten here, and the numbers are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.graph import raw

from ..core.misuse import refuse_text
from ..core.module import Module
from ..core.numbers import number


class Activation(Module):
    """Base of the activations: the op called `op` of every element, with the module's `settings`.

    `settings` maps the names of attributes to those that the op gives them.

    >>> class Sine(Activation):
    ...     op = "sin"
    >>> Sine()(np.zeros(2))
    array([0., 0.])
    """

    op = ""
    _role = "activation"
    settings: dict[str, str] = {}  # noqa: RUF012
    inplace = False

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        if inplace:
            self.inplace = True

    def forward(self, x: Any) -> Any:
        """The activation of every element of x, which keeps its shape."""
        try:
            return getattr(autograd, self.op)(
                x, **{key: getattr(self, name) for name, key in self.settings.items()}
            )
        except TypeError:
            refuse_text(self, (x,))
            raise

    def extra_repr(self) -> str:
        """As PyTorch's."""
        shown = [f"{name}={getattr(self, name)!r}" for name in self.settings]
        return ", ".join([*shown, *(["inplace=True"] if self.inplace else [])])


class _Unset(Activation):
    """An activation without settings."""

    def __init__(self) -> None:
        super().__init__()


class Tanh(_Unset):
    """(e^x - e^-x) / (e^x + e^-x), between -1 and 1.

    >>> Tanh()(np.array([-2.0, 0.5, 3.0])).round(4)
    array([-0.964 ,  0.4621,  0.9951])
    """

    op = "tanh"


class Sigmoid(_Unset):
    """1 / (1 + e^-x), between 0 and 1.

    >>> Sigmoid()(np.array([-2.0, 0.5, 3.0])).round(4)
    array([0.1192, 0.6225, 0.9526])
    """

    op = "sigmoid"


class LogSigmoid(_Unset):
    """log(sigmoid(x)), exact where the sigmoid is nearly 0 or 1.

    >>> LogSigmoid()(np.array([-1000.0, 0.0])).round(2).tolist()
    [-1000.0, -0.69]
    """

    op = "log_sigmoid"


class Softsign(_Unset):
    """x / (1 + |x|), between -1 and 1.

    >>> Softsign()(np.array([-3.0, 1.0, 9.0]))
    array([-0.75,  0.5 ,  0.9 ])
    """

    op = "softsign"


class Tanhshrink(_Unset):
    """x - tanh(x).

    >>> Tanhshrink()(np.array([-2.0, 0.5, 3.0])).round(4)
    array([-1.036 ,  0.0379,  2.0049])
    """

    op = "tanhshrink"


class SiLU(Activation):
    """x * sigmoid(x), also called swish.

    >>> SiLU()(np.array([-2.0, 0.5, 3.0])).round(4)
    array([-0.2384,  0.3112,  2.8577])
    """

    op = "silu"


class Mish(Activation):
    """x * tanh(softplus(x)) (Misra 2019).

    >>> Mish()(np.array([-2.0, 0.5, 3.0])).round(4)
    array([-0.2525,  0.3752,  2.9865])
    """

    op = "mish"


class GELU(Activation):
    """x times the probability that a normal random number is below x; approximate="tanh" is the formula with tanh.

    >>> GELU()(np.array([-2.0, 0.5, 3.0])).round(4)
    array([-0.0455,  0.3457,  2.996 ])
    """

    op, settings = "gelu", {"approximate": "approximate"}

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        if approximate not in ("none", "tanh"):
            raise ValueError(f"GELU: approximate={approximate!r:.60}: it must be 'none' or 'tanh'.")
        self.approximate = approximate


class Softplus(Activation):
    """log(1 + e^(beta * x)) / beta, a smooth ReLU. Where beta * x > threshold it is x, as in PyTorch.

    >>> Softplus()(np.array([-2.0, 0.0, 30.0])).round(4)
    array([ 0.1269,  0.6931, 30.    ])
    """

    op, settings = "softplus", {"beta": "beta", "threshold": "threshold"}

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = number("Softplus: beta", beta, above=0)
        self.threshold = number("Softplus: threshold", threshold, finite=False)

    def forward(self, x: Any) -> Any:
        """The activation of every element of x."""
        y = autograd.softplus(x, beta=self.beta)
        straight = self.beta * np.asarray(raw(x)) > self.threshold
        return autograd.where(straight, x, y) if np.any(straight) else y
