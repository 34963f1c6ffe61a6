"""Activation functions with kinks: relu and its relatives. The slope at a kink is a choice, PyTorch's, said with each.

Forward functions add the positive and the negative part rather than choose by np.where, which is three times slower on
large arrays. The kernels give 0 where the slope is 0, whatever comes from above: see `only`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..primitive import Primitive, elementwise, registry
from .elementwise import absolute, where
from .masks import only
from .reduce import max as _max
from .shape import reshape, stack

__all__ = [
    "celu",
    "elu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "maxout",
    "prelu",
    "relu",
    "relu6",
    "selu",
    "softshrink",
    "threshold",
]


# --- a straight line on each side


def _leaky_relu(x: Any, slope: Any = 0.01) -> Any:
    return np.maximum(x, 0) + slope * np.minimum(x, 0)


def _leaky_relu_kernel(g: Any, y: Any, x: Any, slope: float = 0.01) -> Any:
    t = (x > 0).astype(g.dtype)
    t *= g.dtype.type(1 - slope)
    t += g.dtype.type(slope)
    t *= g
    return t


relu: Primitive = elementwise(
    "relu",
    lambda y, x: where(y > 0, 1, 0),
    forward=lambda x: np.maximum(x, 0),
    scalar=lambda x: x if x > 0 or x != x else 0.0,
    kernels=(lambda g, y, x: only(g, y > 0),),
)
leaky_relu: Primitive = elementwise(
    "leaky_relu",
    lambda y, x, slope=0.01: where(x > 0, 1, slope),
    forward=_leaky_relu,
    scalar=lambda x, slope=0.01: x if x > 0 else slope * x,
    kernels=(_leaky_relu_kernel,),
    settings=({}, {"slope": 0.3}),
)
prelu: Primitive = elementwise(
    "prelu",
    lambda y, x, slope: where(x > 0, 1, slope),
    lambda y, x, slope: where(x > 0, 0, x),
    forward=_leaky_relu,
    scalar=lambda x, slope: x if x > 0 else slope * x,
)

# --- an exponential on the left


def _exponential(x: Any, alpha: float) -> Any:
    return alpha * np.expm1(np.minimum(x, 0))


elu: Primitive = elementwise(
    "elu",
    lambda y, x, alpha=1.0: where(x > 0, 1, y + alpha),
    forward=lambda x, alpha=1.0: np.maximum(x, 0) + _exponential(x, alpha),
    scalar=lambda x, alpha=1.0: x if x > 0 else alpha * math.expm1(x),
    settings=({}, {"alpha": 0.5}),
)
celu: Primitive = elementwise(
    "celu",
    lambda y, x, alpha=1.0: where(x > 0, 1, y / alpha + 1),
    forward=lambda x, alpha=1.0: np.maximum(x, 0) + _exponential(x / alpha, alpha),
    scalar=lambda x, alpha=1.0: x if x > 0 else alpha * math.expm1(x / alpha),
    settings=({}, {"alpha": 0.5}),
)
# The fixed numbers for which mean 0 and variance 1 reproduce themselves: Klambauer et al., Self-Normalizing Neural
# Networks (2017), equation 14.
_ALPHA, _SCALE = 1.6732632423543772, 1.0507009873554805
selu: Primitive = elementwise(
    "selu",
    lambda y, x: where(x > 0, _SCALE, y + _SCALE * _ALPHA),
    forward=lambda x: _SCALE * np.maximum(x, 0) + _exponential(x, _SCALE * _ALPHA),
    scalar=lambda x: _SCALE * (x if x > 0 else _ALPHA * math.expm1(x)),
)

# --- cut off, or bent towards, constants


def _limited(x: Any, low: float, high: float) -> Any:
    return np.minimum(np.maximum(x, low), high)


def _inside(g: Any, x: Any, low: float, high: float) -> Any:
    return only(g, (x > low) & (x < high))


def _hardswish_kernel(g: Any, y: Any, x: Any) -> Any:
    t = x / 3
    t += g.dtype.type(0.5)
    t *= g
    return _inside(t, x, -3, 3) + only(g, x >= 3)


relu6: Primitive = elementwise(
    "relu6",
    lambda y, x: where(x > 0, where(x < 6, 1, 0), 0),
    forward=lambda x: _limited(x, 0, 6),
    scalar=lambda x: min(max(x, 0.0), 6.0),
    kernels=(lambda g, y, x: _inside(g, x, 0, 6),),
    domain=(-3, 9),
)
hardtanh: Primitive = elementwise(
    "hardtanh",
    lambda y, x, min_val=-1.0, max_val=1.0: where(x > min_val, where(x < max_val, 1, 0), 0),
    forward=lambda x, min_val=-1.0, max_val=1.0: _limited(x, min_val, max_val),
    scalar=lambda x, min_val=-1.0, max_val=1.0: min(max(x, min_val), max_val),
    kernels=(lambda g, y, x, min_val=-1.0, max_val=1.0: _inside(g, x, min_val, max_val),),
    settings=({}, {"min_val": -0.5, "max_val": 0.8}),
)
hardsigmoid: Primitive = elementwise(
    "hardsigmoid",
    lambda y, x: where(x > -3, where(x < 3, 1 / 6, 0), 0),
    forward=lambda x: _limited(x + 3, 0, 6) / 6,
    scalar=lambda x: min(max(x + 3, 0.0), 6.0) / 6,
    kernels=(lambda g, y, x: _inside(g, x, -3, 3) * g.dtype.type(1 / 6),),
    domain=(-5, 5),
)
hardswish: Primitive = elementwise(
    "hardswish",
    lambda y, x: where(x > -3, where(x < 3, x / 3 + 0.5, 1), 0),
    forward=lambda x: x * (_limited(x + 3, 0, 6) / 6),
    scalar=lambda x: x * (min(max(x + 3, 0.0), 6.0) / 6),
    kernels=(_hardswish_kernel,),
    domain=(-5, 5),
)
hardshrink: Primitive = elementwise(
    "hardshrink",
    lambda y, x, lambd=0.5: where(absolute(x) > lambd, 1, 0),
    forward=lambda x, lambd=0.5: x * (np.abs(x) > lambd),
    scalar=lambda x, lambd=0.5: x if abs(x) > lambd or x != x else 0.0,
    kernels=(lambda g, y, x, lambd=0.5: only(g, np.abs(x) > lambd),),
    settings=({}, {"lambd": 0.2}),
)
softshrink: Primitive = elementwise(
    "softshrink",
    lambda y, x, lambd=0.5: where(absolute(x) > lambd, 1, 0),
    forward=lambda x, lambd=0.5: x - _limited(x, -lambd, lambd),
    scalar=lambda x, lambd=0.5: x - min(max(x, -lambd), lambd),
    kernels=(lambda g, y, x, lambd=0.5: only(g, np.abs(x) > lambd),),
    settings=({}, {"lambd": 0.2}),
)
threshold: Primitive = elementwise(
    "threshold",
    lambda y, x, threshold=0.0, value=0.0: where(x > threshold, 1, 0),
    forward=lambda x, threshold=0.0, value=0.0: np.where(x > threshold, x, value),
    scalar=lambda x, threshold=0.0, value=0.0: x if x > threshold else float(value),
    kernels=(lambda g, y, x, threshold=0.0, value=0.0: only(g, x > threshold),),
    settings=({}, {"threshold": 0.1, "value": 20.0}),
)

# --- the largest of several


def maxout(x: Any, pieces: int = 2, axis: int = -1) -> Any:
    """The largest of several linear functions: max(w1.x + b1, w2.x + b2), for each unit.

    x holds the scores of all pieces, (.., pieces * n), those of the first piece first, as one linear layer gives them
    whose weights are stacked; the result is (.., n). x may also be a list of the pieces, each of the result's shape.
    The gradient goes to the piece that won; where pieces tie, they share it. A composition of a reshape and a max.
    Source: Goodfellow et al., Maxout Networks (2013).

    >>> maxout(np.array([[1.0, 2.0, 3.0, -4.0]]))
    array([[3., 2.]])
    """
    if isinstance(x, (list, tuple)):
        return _max(stack(x), axis=0)
    shape = np.shape(x)
    at = axis % len(shape) if shape else 0
    if not shape or not -len(shape) <= axis < len(shape) or pieces < 1 or shape[at] % pieces:
        raise ShapeError(
            f"maxout of shape {shape} in {pieces} pieces along axis {axis}: the axis must exist, and its length be a "
            "multiple of the number of pieces. A linear layer for it has pieces * n outputs."
        )
    return _max(reshape(x, shape=(*shape[:at], pieces, shape[at] // pieces, *shape[at + 1 :])), axis=at)


_MEANING = {
    "relu": "max(x, 0); its slope at 0 is 0, as PyTorch's",
    "leaky_relu": "x where x > 0, else slope * x; at 0 the slope is `slope`",
    "prelu": "x where x > 0, else slope * x, with a slope that is an input and gets a gradient; at 0 the slope in x is "
    "`slope`, that in slope 0. The two broadcast: for one slope per channel of images give slope[:, None, None]",
    "elu": "x where x > 0, else alpha * (e**x - 1); at 0 the slope is alpha",
    "celu": "x where x > 0, else alpha * (e**(x / alpha) - 1), whose slope is 1 at 0 for every alpha",
    "selu": "1.0507 * elu(x, alpha=1.6733), which keeps mean 0 and variance 1; at 0 the slope is 1.7581, the left one",
    "relu6": "x, but at least 0 and at most 6; the slope at 0 and 6 is 0",
    "hardtanh": "x, but at least min_val and at most max_val; the slope at both is 0 (that of clip is 1)",
    "hardsigmoid": "(x + 3) / 6, but at least 0 and at most 1; the slope at -3 and 3 is 0",
    "hardswish": "x * hardsigmoid(x); the slope at -3 is 0 and at 3 it is 1, those from outside",
    "hardshrink": "x where |x| > lambd, else 0; the slope at the jumps is 0",
    "softshrink": "x brought nearer to 0 by lambd, and 0 where |x| <= lambd; the slope at the kinks is 0",
    "threshold": "x where x > threshold, else value, both 0 if not given; the slope at the threshold is 0",
}
for _name, _text in _MEANING.items():
    registry[_name].describe(_text)
