"""The fully connected layer as one op, activation included: its backward pass is worth writing as one.

dz = g * act'(z), then dx = dz @ weight, dweight = dz.T @ x, dbias = the sum of dz over the rows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..primitive import Primitive, registry
from .linalg import matmul
from .reduce import sum as _sum
from .shape import expand_dims, reshape, transpose

__all__ = ["linear"]

# Activations whose local gradient needs only the output y: these can be part of `linear`.
FUSIBLE = ("relu", "tanh", "sigmoid")


def _linear(x: Any, weight: Any, bias: Any = None, activation: str | None = None) -> Any:
    _check(x.shape, weight.shape, None if bias is None else bias.shape)
    if x.ndim < 3:
        y = x.dot(weight.T)
    else:  # dot is slow with more than two axes, and matmul makes many small products
        y = np.reshape(_rows(x).dot(weight.T), (*x.shape[:-1], len(weight)))
    if bias is not None:
        y += bias
    if activation is None:
        return y
    if activation == "relu" and isinstance(y, np.ndarray):
        return np.maximum(y, zero(y.dtype), out=y)
    return registry[activation].forward(y)


def _check(given: Any, weight: Any, bias: Any) -> None:
    """Raise if the shapes do not fit."""
    if given[-1:] != weight[1:] or len(weight) != 2:
        raise ShapeError(
            f"linear: input of shape {given} and weight of shape {weight}. The weight is "
            "(outputs, inputs), and the last axis of the input must have that many inputs."
        )
    if bias is not None and bias != weight[:1]:
        raise ShapeError(f"linear: bias of shape {bias} for {weight[0]} outputs.")


def _through_activation(g: Any, y: Any, activation: str | None) -> Any:
    """dz = g * act'(z), written in the output y."""
    return g if activation is None else registry[activation].vjps[0](g, y, y)


def _rows(x: Any) -> Any:
    """(..., k) as (n, k)."""
    return x if len(np.shape(x)) == 2 else reshape(x, shape=(-1, np.shape(x)[-1]))


def _linear_x(g: Any, y: Any, x: Any, weight: Any, bias: Any = None, activation: str | None = None) -> Any:
    return matmul(_through_activation(g, y, activation), weight)


def _linear_weight(
    g: Any, y: Any, x: Any, weight: Any, bias: Any = None, activation: str | None = None
) -> Any:
    dz = _through_activation(g, y, activation)
    if np.ndim(x) == 1:  # one sample: an outer product
        return expand_dims(dz, axis=-1) * x
    return matmul(transpose(_rows(dz)), _rows(x))


def _linear_bias(g: Any, y: Any, x: Any, weight: Any, bias: Any = None, activation: str | None = None) -> Any:
    dz = _through_activation(g, y, activation)
    return dz if np.ndim(x) == 1 else _sum(_rows(dz), axis=0)


@lru_cache(maxsize=8)
def zero(dtype: Any) -> Any:
    """0 as an array without axes: a ufunc takes it in half the time of a number of Python's."""
    return np.zeros((), dtype)


@lru_cache(maxsize=64)
def ones(n: int, dtype: Any) -> Any:
    """A row of ones: ones.dot(g) sums the rows of g seven times faster than g.sum(0) when g is small."""
    return np.ones(n, dtype)


def _linear_pull(node: Any, g: Any, into_grads: bool) -> list[Any]:
    """All contributions of `linear` at once: dz is computed once, products go straight into gradient buffers."""
    args, parents, settings = node._args, node.parents, node._kwargs
    x, weight, to_weight = args[0], args[1], parents[1]
    if settings is not None and settings["activation"] is not None:
        y, name = node._data, settings["activation"]
        # An infinite g stays nan beside a slope of 0, unlike in relu itself: that costs 5 % of the step of a small net.
        g = g * (y > zero(y.dtype)) if name == "relu" else registry[name].kernels[0](g, y, None)
    out: list[Any] = [None] * len(args)
    shape = x.shape
    if x.ndim != 2:
        g, x = _rows(g), _rows(x)
    if parents[0] is not None:
        out[0] = g.dot(weight) if len(shape) == 2 else g.dot(weight).reshape(shape)
    if to_weight is not None:
        home = to_weight._gradient_home() if into_grads and g.dtype == weight.dtype == x.dtype else None
        # The product goes by how the weight lies, whether or not there is a home: the two ways differ in the last bit,
        # and a training must not depend on who holds a gradient meanwhile (a profiler's thread, say).
        if weight.flags.c_contiguous:
            out[1] = g.T.dot(x, home if home is not None and home.flags.c_contiguous else None)
        elif home is None or not home.flags.f_contiguous:  # a weight that lies column by column
            out[1] = x.T.dot(g).T
        else:
            x.T.dot(g, home.T)
            out[1] = home
    if len(args) == 3 and parents[2] is not None:
        home = parents[2]._gradient_home() if into_grads and g.dtype == args[2].dtype else None
        row = ones(len(g), g.dtype)
        out[2] = row.dot(g) if home is None else row.dot(g, home)
    return out


_linear_op = Primitive(
    "linear",
    _linear,
    (_linear_x, _linear_weight, _linear_bias),
    pull=_linear_pull,
    samples=(
        (((4, 3), (2, 3), (2,)), {}),
        (((4, 3), (2, 3)), {}),
        (((5, 4, 3), (2, 3), (2,)), {}),
        (((3,), (2, 3), (2,)), {"activation": "tanh"}),
        (((4, 3), (2, 3), (2,)), {"activation": "tanh"}),
        (((4, 3), (2, 3), (2,)), {"activation": "relu"}),
        (((4, 3), (2, 3), (2,)), {"activation": "sigmoid"}),
    ),
    domain=((-2.0, 2.0),) * 3,
    doc="x @ weight.T + bias, then an activation: shapes (n, k), (m, k), (m,) give (n, m).",
)


def shape_of(x: Any) -> tuple[int, ...]:
    """np.shape, without its detour through NumPy's dispatch for what has a shape (0.1 us against 2)."""
    shape = getattr(x, "shape", None)
    return np.shape(x) if shape is None else shape


def linear(x: Any, weight: Any, bias: Any = None, activation: str | None = None) -> Any:
    """A fully connected layer as one node: activation(x @ weight.T + bias).

    Shapes: x (n, k) or (..., k), weight (m, k), bias (m,); the result is (n, m). `activation` is one of None, "relu",
    "tanh", "sigmoid". Errors name the shapes that do not fit.

    >>> from autograd import Tensor
    >>> linear(Tensor([[1.0, -1.0]]), Tensor([[1.0, -2.0], [-1.0, 1.0]]), Tensor([1.0, 0.0]), "sigmoid").data.round(2)
    array([[0.98, 0.12]])
    """
    if activation is not None and activation not in FUSIBLE:
        raise ValueError(
            f"linear: activation {activation!r} is not one of {', '.join(FUSIBLE)}; apply it afterwards."
        )
    settings = {} if activation is None else {"activation": activation}
    quickly = getattr(weight, "_quickly", None)
    if quickly is not None:
        node = quickly(_linear_op, (x, weight) if bias is None else (x, weight, bias), settings)
        if node is not None:
            return node
    return _linear_op(x, weight, **settings) if bias is None else _linear_op(x, weight, bias, **settings)
