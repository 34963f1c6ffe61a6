"""Functions that make an array of initial weights, of a shape. Defaults and formulas are PyTorch's.

fan_in is the number of inputs of a unit, fan_out the number of units that an input goes to; for a kernel
(out, in, *size) both count every place of the kernel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import ShapeError

from .numbers import number
from .rng import generator

if TYPE_CHECKING:
    from .module import Module
    from .parameter import Parameter


def weight_matrices(model: Module) -> Iterator[Parameter]:
    """The weights in the narrow sense, each once: matrices and kernels, without biases and factors of normalisation.

    A weight has two axes or more, its name does not begin with "bias", and it is in no normalisation layer: factors
    there have the shape of a sample, and start at 1.

    >>> import nn
    >>> model = nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.LayerNorm((2, 6, 6)), nn.Flatten(), nn.Linear(72, 3, rng=0))
    >>> [p.name for p in weight_matrices(model)]
    ['0.weight', '3.weight']
    """
    seen = set()
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter.ndim < 2 or name.startswith("bias") or module._role == "normalisation":
                continue
            if id(parameter) not in seen:
                seen.add(id(parameter))
                yield parameter


# --- the same everywhere, or without a look at the shape


def zeros(shape: Any, *, rng: Any = None, dtype: Any = np.float64) -> Any:
    """All 0: right for biases. Weights that start equal stay equal, so that a layer has one unit in many copies."""
    return np.zeros(shape, dtype)


def ones(shape: Any, *, rng: Any = None, dtype: Any = np.float64) -> Any:
    """All 1."""
    return np.ones(shape, dtype)


def constant(shape: Any, val: float, *, rng: Any = None, dtype: Any = np.float64) -> Any:
    """All `val`."""
    return np.full(shape, val, dtype)


def normal(
    shape: Any, mean: float = 0.0, std: float = 1.0, *, rng: Any = None, dtype: Any = np.float64
) -> Any:
    """Normally distributed. With a std of 1, sigmoid and tanh saturate: see small_normal."""
    mean, std = number("normal: mean", mean), number("normal: std", std, least=0)
    return generator(rng).normal(mean, std, shape).astype(dtype)


def small_normal(shape: Any, std: float = 0.01, *, rng: Any = None, dtype: Any = np.float64) -> Any:
    """Normal with a standard deviation of 0.01: breaks the symmetry, and is too small for many layers."""
    return normal(shape, 0.0, std, rng=rng, dtype=dtype)


def uniform(shape: Any, a: float = 0.0, b: float = 1.0, *, rng: Any = None, dtype: Any = np.float64) -> Any:
    """Uniform from a to b."""
    a, b = number("uniform: a", a), number("uniform: b", b)
    if a > b:
        raise ValueError(
            f"uniform: a={a:g} and b={b:g}: the numbers lie from a to b, so a must not be larger."
        )
    return generator(rng).uniform(a, b, shape).astype(dtype)


def trunc_normal(
    shape: Any,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    *,
    rng: Any = None,
    dtype: Any = np.float64,
) -> Any:
    """Normally distributed between a and b: what falls outside is drawn again."""
    std = number("trunc_normal: std", std, above=0)
    draw = generator(rng)
    # the share of the normal distribution that lies between
    share = (math.erf((b - mean) / (std * math.sqrt(2))) - math.erf((a - mean) / (std * math.sqrt(2)))) / 2
    if not share > 0.01:
        raise ValueError(
            f"trunc_normal: between a={a} and b={b} lies {100 * share:.2g} % of a normal({mean}, {std}), too little "
            "to draw from. Choose a and b around the mean."
        )
    x = draw.normal(mean, std, shape)
    outside = np.flatnonzero((x < a) | (x > b))
    while len(outside):
        again = draw.normal(mean, std, len(outside))
        x.reshape(-1)[outside] = again
        outside = outside[(again < a) | (again > b)]
    return x.astype(dtype)


# --- scaled so that a signal keeps its size


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """How much larger weights must be so that the activation after them does not shrink the signal.

    param: the slope of leaky_relu on the left, 0.01 if not given.

    >>> calculate_gain("relu") ** 2, calculate_gain("tanh")
    (2.0000000000000004, 1.6666666666666667)
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in GAINS:
        known = ", ".join([*GAINS, "leaky_relu"])
        raise ValueError(f"calculate_gain: nonlinearity {nonlinearity!r} is not one of {known}.")
    return GAINS[nonlinearity]


GAINS = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv3d": 1.0,
    "conv_transpose1d": 1.0,
    "conv_transpose2d": 1.0,
    "conv_transpose3d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}


def fans(shape: Any) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight (out, in) or a kernel (out, in, *size).

    >>> fans((8, 3, 5, 5))
    (75, 200)
    """
    if np.ndim(shape) != 1 or len(shape) < 2:
        raise ShapeError(
            f"a weight of shape {shape} has no fan_in and fan_out: they need two axes or more, (out, in). "
            'Biases start with init.zeros, or "zeros".'
        )
    places = math.prod(shape[2:])
    return shape[1] * places, shape[0] * places


def _uniform_of(std: float, shape: Any, rng: Any, dtype: Any) -> Any:
    bound = math.sqrt(3) * std  # a uniform in +-bound has the standard deviation bound / sqrt(3)
    return uniform(shape, -bound, bound, rng=rng, dtype=dtype)


def _xavier_std(shape: Any, gain: float) -> float:
    inputs, outputs = fans(shape)
    return gain * math.sqrt(2 / (inputs + outputs)) if inputs + outputs else 0.0


def xavier_uniform(shape: Any, gain: float = 1.0, *, rng: Any = None, dtype: Any = np.float64) -> Any:
    """Uniform with a variance of gain**2 * 2 / (fan_in + fan_out): for sigmoid and tanh (Glorot and Bengio 2010)."""
    return _uniform_of(_xavier_std(shape, gain), shape, rng, dtype)


def xavier_normal(shape: Any, gain: float = 1.0, *, rng: Any = None, dtype: Any = np.float64) -> Any:
    """Normal with a variance of gain**2 * 2 / (fan_in + fan_out): for sigmoid and tanh (Glorot and Bengio 2010)."""
    return normal(shape, 0.0, _xavier_std(shape, gain), rng=rng, dtype=dtype)


def _he_std(shape: Any, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode={mode!r} is not 'fan_in' or 'fan_out'.")
    fan = fans(shape)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan) if fan else 0.0


def he_uniform(
    shape: Any,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: Any = None,
    dtype: Any = np.float64,
) -> Any:
    """Uniform with a variance of gain**2 / fan_in, 2 / fan_in for ReLU (He et al. 2015, equation 10).

    a: the left slope of a leaky ReLU. mode: "fan_in" keeps the size of the signal on the way forward, "fan_out" that
    of the gradient on the way back.
    """
    return _uniform_of(_he_std(shape, a, mode, nonlinearity), shape, rng, dtype)


def he_normal(
    shape: Any,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: Any = None,
    dtype: Any = np.float64,
) -> Any:
    """Normal with a variance of gain**2 / fan_in, 2 / fan_in for ReLU (He et al. 2015, equation 10); see he_uniform."""
    return normal(shape, 0.0, _he_std(shape, a, mode, nonlinearity), rng=rng, dtype=dtype)


def pytorch_default(shape: Any, *, rng: Any = None, dtype: Any = np.float64) -> Any:
    """Uniform in +-1/sqrt(fan_in), which is what PyTorch's Linear and Conv2d start with."""
    return he_uniform(shape, math.sqrt(5), rng=rng, dtype=dtype)


def linear_default(rng: Any, outputs: int, inputs: int, dtype: Any, bias: bool) -> tuple[Any, Any]:
    """PyTorch's default for a linear layer: weight and bias uniform in +-1/sqrt(inputs)."""
    draw, bound = generator(rng), 1 / math.sqrt(inputs) if inputs else 0.0
    weight = draw.uniform(-bound, bound, (outputs, inputs)).astype(dtype)
    return weight, draw.uniform(-bound, bound, outputs).astype(dtype) if bias else None


def orthogonal(shape: Any, gain: float = 1.0, *, rng: Any = None, dtype: Any = np.float64) -> Any:
    """A random rotation times gain: rows (or columns, if there are more rows) of length 1, at right angles.

    Every such matrix is as likely as any other. Of a kernel all axes but the first count as one (Saxe et al. 2013).
    """
    fans(shape)
    rows, columns = shape[0], math.prod(shape[1:])
    q, r = np.linalg.qr(generator(rng).normal(size=(max(rows, columns), min(rows, columns))))
    q = q * np.where(np.diag(r) < 0, -1.0, 1.0)  # a QR decomposition is unique only up to signs
    return (gain * (q if rows >= columns else q.T)).reshape(shape).astype(dtype)
