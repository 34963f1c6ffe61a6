"""The op inside every normalisation layer: numbers brought to mean 0 and variance 1, then another scale and place.

With z = (x - mean) / s and s = sqrt(variance + eps), a gradient loses its own mean and its part along z:
dx = (g - mean(g) - z * mean(g * z)) / s. (Ioffe and Szegedy 2015, section 3, with their three terms put together.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..graph import raw
from ..primitive import Primitive
from .elementwise import square
from .linear import ones
from .reduce import axes_of, elements, mean
from .totals import plain, total, total_product

__all__: list[str] = []


def _mean(x: Any, axis: Any) -> Any:
    return (
        total(x, axis) / x.dtype.type(elements(x.shape, axis))
        if plain(x)
        else np.mean(x, axis=axis, keepdims=True)
    )


def _mean_product(a: Any, b: Any, axis: Any) -> Any:
    if not plain(a) or not plain(b):
        return np.mean(a * b, axis=axis, keepdims=True)
    return total_product(a, b, axis) / a.dtype.type(elements(a.shape, axis))


def _own(ufunc: Any, y: Any, other: Any) -> Any:
    """ufunc(y, other), in the memory of y where it fits there."""
    return ufunc(y, other, out=y) if y.__class__ is np.ndarray and y.dtype == other.dtype else ufunc(y, other)


def _varies(weight: Any, x: Any, axis: Any) -> bool:
    """Whether the weight differs within what is normalised together: that of a layer does, that of a batch does not."""
    shape = (1,) * (np.ndim(x) - np.ndim(weight)) + np.shape(weight)
    return any(shape[i] != 1 for i in axes_of(np.shape(x), axis))


class Saved(NamedTuple):
    """What the way back needs: of the numbers that were normalised together, and whether they have one weight."""

    mean: Any
    variance: Any
    scale: Any  # 1 / s
    together: bool


def _saving(
    x: Any, weight: Any = None, bias: Any = None, axis: Any = -1, eps: float = 1e-5, about_zero: bool = False
) -> tuple[Any, Saved]:
    """The result, in one new array."""
    average = None if about_zero else _mean(x, axis)
    y = x * 1.0 if average is None else x - average
    variance = _mean_product(y, y, axis)
    scale = (variance + eps) ** -0.5
    together = weight is None or not _varies(weight, x, axis)
    y = _own(np.multiply, y, scale if weight is None or not together else scale * weight)
    y = y if together else _own(np.multiply, y, weight)
    return y if bias is None else _own(np.add, y, bias), Saved(average, variance, scale, together)


def _pull(node: Any, g: Any, into_grads: bool) -> list[Any]:
    """All contributions, from what was saved. Memory that is new costs more than the arithmetic: one array is made."""
    args, settings, saved = node._args, node.kwargs, node._get("saved")
    if saved is None or any(
        a.dtype != g.dtype for a in args
    ):  # of another array library, or of several dtypes
        parts = [vjp(g, node._data, *args, **settings) for vjp in node.op.vjps[: len(args)]]
    else:
        x, weight, bias = (*args, None, None)[:3]
        parts = [*(_alike if saved.together else _varying)(g, x, weight, saved, settings.get("axis", -1)), g]
        if bias is not None and bias.shape == x.shape[-1:] and plain(g):
            parts[2] = ones(g.size // len(bias), g.dtype).dot(g.reshape(-1, len(bias)))
    return [None if parent is None else parent._fit(c) for parent, c in zip(node.parents, parts)]


def _alike(g: Any, x: Any, weight: Any, saved: Saved, axis: Any) -> tuple[Any, Any]:
    """dx and dweight, where the weight is one number for all that is normalised together."""
    average, _, scale, _ = saved
    dx = x * x.dtype.type(1) if average is None else x - average
    along = _mean_product(g, dx, axis)
    dweight = None if weight is None else along * scale * x.dtype.type(elements(x.shape, axis))
    dx *= along * -(scale * scale)
    dx += g
    if average is not None:
        dx -= _mean(g, axis)
    dx *= scale if weight is None else scale * weight
    return dx, dweight


_BLOCK = (
    131072  # numbers: no larger array is made beside dx, and the next block finds its memory in the cache
)


def _varying(g: Any, x: Any, weight: Any, saved: Saved, axis: Any) -> tuple[Any, Any]:
    """dx and dweight, where the weight differs within what is normalised together: some samples at a time."""
    average, _, scale, _ = saved
    dx, dweight, every = np.empty_like(x), np.zeros_like(weight), range(x.ndim)
    own = [i for i, n in zip(every[x.ndim - weight.ndim :], weight.shape) if n != 1]
    whole = 0 in own or 0 in axes_of(x.shape, axis)
    step = len(x) if whole else _BLOCK * len(x) // max(1, x.size)
    for start in range(0, len(x), max(1, step)):
        part = slice(start, start + max(1, step))
        s, out = scale[part], np.multiply(g[part], scale[part], out=dx[part])
        centred = x[part] * x.dtype.type(1) if average is None else x[part] - average[part]
        dweight += np.einsum(out, every, centred, every, own).reshape(weight.shape)
        out *= weight
        centred *= _mean_product(out, centred, axis) * (s * s)
        if average is not None:
            centred += _mean(out, axis)
        out -= centred
    return dx, dweight


def _vjp(g: Any, y: Any, x: Any, axis: Any = -1, eps: float = 1e-5, about_zero: bool = False) -> Any:
    centred = x if about_zero else x - mean(x, axis=axis, keepdims=True)
    scale = (mean(square(centred), axis=axis, keepdims=True) + eps) ** -0.5
    own = g if about_zero else g - mean(g, axis=axis, keepdims=True)
    return (own - y * mean(g * y, axis=axis, keepdims=True)) * scale


standardise: Primitive = Primitive(
    "standardise",
    lambda x, axis=-1, eps=1e-5, about_zero=False: _saving(x, None, None, axis, eps, about_zero)[0],
    (_vjp,),
    pull=_pull,
    saving=lambda x, **settings: _saving(x, **settings),
    samples=(
        (((2, 3),), {}),
        (((3, 2),), {"axis": 0, "eps": 0.1}),
        (((2, 3, 2),), {"axis": (0, -1)}),
        (((2, 3),), {"about_zero": True}),
        (((4,),), {"axis": np.int64(0)}),
    ),
    domain=((-2.0, 2.0),),
    doc="""(x - mean) / sqrt(variance + eps) along an axis or several; `about_zero` takes 0 for the mean.

    The variance is that of the population (divided by n), as in every normalisation layer.

    >>> standardise(np.array([1.0, 2.0, 3.0]), eps=0.0).round(4)
    array([-1.2247,  0.    ,  1.2247])
    """,
)


def _normalise(
    x: Any, weight: Any, bias: Any = None, axis: Any = -1, eps: float = 1e-5, about_zero: bool = False
) -> Any:
    return _saving(x, weight, bias, axis, eps, about_zero)[0]


_normalise_op = Primitive(
    "normalise",
    _normalise,
    (
        lambda g, y, x, weight, bias=None, **how: _vjp(g * weight, standardise(x, **how), x, **how),
        lambda g, y, x, weight, bias=None, **how: g * standardise(x, **how),
        lambda g, y, x, weight, bias=None, **how: g,
    ),
    pull=_pull,
    saving=_saving,
    samples=(
        (((2, 3), (3,), (3,)), {}),
        (((2, 3), (3,)), {"about_zero": True}),
        (((2, 3, 2), (3, 1), (3, 1)), {"axis": (0, 2)}),
        (((2, 3, 2), (3, 2), (3, 1)), {"axis": (1, 2), "about_zero": True}),
        (((2, 3, 2), (3, 2)), {"axis": 1, "eps": 0.1}),
        (((3, 2), (3, 2), (3, 1)), {"axis": (0, 1)}),
    ),
    domain=((-2.0, 2.0),) * 3,
    doc="standardise(x), times weight, plus bias: a normalisation layer as one node. Both broadcast to the shape of x.",
)


def normalise(x: Any, weight: Any = None, bias: Any = None, **settings: Any) -> Any:
    """`standardise`, with what there is of weight and bias: one node, but for a bias without weight."""
    if weight is None:
        y = standardise(x, **settings)
        return y if bias is None else y + bias
    inputs = (x, weight) if bias is None else (x, weight, bias)
    quickly = getattr(x, "_quickly", None) or getattr(weight, "_quickly", None)
    node = None if quickly is None else quickly(_normalise_op, inputs, settings)
    return _normalise_op(*inputs, **settings) if node is None else node


def moments(y: Any, x: Any, axis: Any) -> tuple[Any, Any]:
    """The mean and variance of x along some axes, which `y`, x normalised along these, may know already."""
    saved = y._get("saved") if hasattr(y, "_get") else None
    if isinstance(saved, Saved) and saved.mean is not None:
        return saved.mean.reshape(-1), saved.variance.reshape(-1)
    return np.mean(raw(x), axis=axis), np.var(raw(x), axis=axis)
