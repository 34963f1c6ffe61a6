"""Smooth activation functions, written so that nothing overflows: value and both derivatives are right at +-1000.

The trick is the same everywhere: only numbers at most 0 are exponentiated. Those with a kink are in rectifiers.py.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..primitive import Primitive, elementwise, registry
from .choices import clip
from .elementwise import absolute, exp, tanh
from .special import erfc
from .split import split

__all__ = [
    "gelu",
    "glu",
    "log_sigmoid",
    "logsigmoid",
    "mish",
    "sigmoid",
    "silu",
    "softplus",
    "softsign",
    "swish",
    "tanhshrink",
]


def _sigmoid(x: Any) -> Any:
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


def _sigmoid_scalar(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _sigmoid_kernel(g: Any, y: Any, x: Any) -> Any:
    t = y * y  # (y - y*y) g, with fewer temporaries than y * (1 - y) * g
    t = y - t
    t *= g
    return t


def _softplus(x: Any, beta: float = 1.0) -> Any:
    z = x if beta == 1 else beta * x
    # np.logaddexp(z, 0) takes ten times as long for 64k floats
    y = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    return y if beta == 1 else y / beta


def _softplus_scalar(x: float, beta: float = 1.0) -> float:
    z = beta * x
    return (max(z, 0.0) + math.log1p(math.exp(-abs(z)))) / beta


sigmoid: Primitive = elementwise(
    "sigmoid", lambda y, x: y * (1 - y), forward=_sigmoid, scalar=_sigmoid_scalar, kernels=(_sigmoid_kernel,)
)
log_sigmoid: Primitive = elementwise(
    "log_sigmoid",
    lambda y, x: sigmoid(-x),
    forward=lambda x: -_softplus(-x),
    scalar=lambda x: -_softplus_scalar(-x),
)
softplus: Primitive = elementwise(
    "softplus",
    lambda y, x, beta=1.0: sigmoid(x if beta == 1 else beta * x),
    forward=_softplus,
    scalar=_softplus_scalar,
    settings=({}, {"beta": 2.0}),
)
softsign: Primitive = elementwise(
    "softsign",
    lambda y, x: 1 / (1 + absolute(x)) ** 2,
    forward=lambda x: x / (1 + np.abs(x)),
    scalar=lambda x: x / (1 + abs(x)),
)
tanhshrink: Primitive = elementwise(
    "tanhshrink",
    lambda y, x: tanh(x) ** 2,
    forward=lambda x: x - np.tanh(x),
    scalar=lambda x: x - math.tanh(x),
)


# --- x times a number between 0 and 1


def _silu_slope(y: Any, x: Any) -> Any:
    s = sigmoid(x)
    return s * (1 + x * (1 - s))


def _mish_slope(y: Any, x: Any) -> Any:
    t = tanh(softplus(x))
    return t + x * sigmoid(x) * (1 - t * t)


def _curve(x: Any) -> Any:
    """What gelu's approximation takes the tanh of, and its slope. Beyond 10 the tanh is 1, whatever grows here."""
    z = clip(x, -10, 10)
    a = math.sqrt(2 / math.pi)
    return a * (z + 0.044715 * z**3), a * (1 + 3 * 0.044715 * z**2)


def _gelu(x: Any, approximate: str = "none") -> Any:
    _check(approximate)
    if approximate == "tanh":
        return 0.5 * x * (1 + np.tanh(_curve(x)[0]))
    return 0.5 * x * erfc.forward(-x * math.sqrt(0.5))


def _gelu_scalar(x: float, approximate: str = "none") -> float:
    _check(approximate)
    if approximate == "tanh":
        return 0.5 * x * (1 + math.tanh(_curve(x)[0]))
    return 0.5 * x * math.erfc(-x * math.sqrt(0.5))


def _gelu_slope(y: Any, x: Any, approximate: str = "none") -> Any:
    if approximate == "tanh":
        u, slope = _curve(x)
        t = tanh(u)
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * slope
    # The probability that a normal number is below x, plus x times its density.
    return 0.5 * erfc(-x * math.sqrt(0.5)) + x * exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


def _check(approximate: str) -> None:
    if approximate not in ("none", "tanh"):
        raise TypeError(f'gelu: approximate={approximate!r} is neither "none" (exact, with erf) nor "tanh".')


silu: Primitive = elementwise(
    "silu", _silu_slope, forward=lambda x: x * _sigmoid(x), scalar=lambda x: x * _sigmoid_scalar(x)
)
mish: Primitive = elementwise(
    "mish",
    _mish_slope,
    forward=lambda x: x * np.tanh(_softplus(x)),
    scalar=lambda x: x * math.tanh(_softplus_scalar(x)),
)
gelu: Primitive = elementwise(
    "gelu", _gelu_slope, forward=_gelu, scalar=_gelu_scalar, settings=({}, {"approximate": "tanh"})
)
swish, logsigmoid = silu, log_sigmoid  # other names


def glu(x: Any, axis: int = -1) -> Any:
    """The gated linear unit: the first half of the features times the sigmoid of the second, (.., 2n) -> (.., n).

    A composition of ops. Source: Dauphin et al., Language Modeling with Gated Convolutional Networks (2017).

    >>> glu(np.array([[3.0, 5.0, 0.0, 1000.0]]))
    array([[1.5, 5. ]])
    """
    a, b = split(x, 2, axis=axis)
    return a * sigmoid(b)


_MEANING = {
    "sigmoid": "1 / (1 + e**-x), between 0 and 1",
    "log_sigmoid": "log(sigmoid(x)), exact where the sigmoid is nearly 0 or 1",
    "softplus": "log(1 + e**(beta * x)) / beta, a smooth relu: the larger beta, the sharper. PyTorch's threshold, "
    "beyond which it takes x itself, is not needed",
    "softsign": "x / (1 + |x|), between -1 and 1; its second derivative at 0 is taken as 0",
    "tanhshrink": "x - tanh(x)",
    "silu": "x * sigmoid(x), also called swish",
    "mish": "x * tanh(softplus(x)) (Misra, 2019)",
    "gelu": "x times the probability that a normal random number is below x (Hendrycks and Gimpel, 2016). "
    'approximate="tanh" is their formula 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))',
}
for _name, _text in _MEANING.items():
    registry[_name].describe(_text)
