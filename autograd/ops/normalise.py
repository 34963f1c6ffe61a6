"""Normalisation: numbers brought to mean 0 and variance 1, over a batch, a sample or a group of channels.

One op does the arithmetic, `standardise`; the layers differ in the axes that it works along, and in what is done with
the result. With y = (x - mean) / s and s = sqrt(variance + eps), a gradient loses its own mean and its part along y:
dx = (g - mean(g) - y * mean(g * y)) / s. (Ioffe and Szegedy 2015, section 3, with their three terms put together.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import GradientError, ShapeError
from ..graph import raw
from ..primitive import Primitive
from .elementwise import square
from .reduce import mean
from .shape import reshape

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm", "rms_norm", "standardise"]


def _mean(x: Any, axis: Any) -> Any:
    return np.mean(x, axis=axis, keepdims=True)


def _saving(x: Any, axis: Any = -1, eps: float = 1e-5, about_zero: bool = False) -> tuple[Any, Any]:
    """The result, and 1 / s for the way back."""
    y = x * 1.0 if about_zero else x - _mean(x, axis)
    scale = (_mean(y * y, axis) + eps) ** -0.5
    y *= scale
    return y, scale


def _forward(x: Any, axis: Any = -1, eps: float = 1e-5, about_zero: bool = False) -> Any:
    return _saving(x, axis, eps, about_zero)[0]


def _vjp(g: Any, y: Any, x: Any, axis: Any = -1, eps: float = 1e-5, about_zero: bool = False) -> Any:
    centred = x if about_zero else x - mean(x, axis=axis, keepdims=True)
    scale = (mean(square(centred), axis=axis, keepdims=True) + eps) ** -0.5
    own = g if about_zero else g - mean(g, axis=axis, keepdims=True)
    return (own - y * mean(g * y, axis=axis, keepdims=True)) * scale


def _pull(node: Any, g: Any, into_grads: bool) -> list[Any]:
    """The same with 1 / s from the way forward, and in one array: memory that is new costs more than the arithmetic."""
    y, settings, scale = node._data, node.kwargs, node._get("saved")
    if scale is None:  # recorded by another array library
        return [_vjp(g, y, *node._args, **settings)]
    axis = settings.get("axis", -1)
    part = g * y
    along = _mean(part, axis)
    np.multiply(y, along, out=part)
    if not settings.get("about_zero", False):
        part += _mean(g, axis)
    np.subtract(g, part, out=part)
    part *= scale
    return [part]


standardise: Primitive = Primitive(
    "standardise",
    _forward,
    (_vjp,),
    pull=_pull,
    saving=_saving,
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


def _along(parameter: Any, ndim: int) -> Any:
    """One number for each channel, (channels,), so that it meets the channels of (n, channels, ...)."""
    return parameter if ndim == 2 else reshape(parameter, shape=(-1, *(1,) * (ndim - 2)))


def _affine(y: Any, weight: Any, bias: Any) -> Any:
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def _channels(name: str, x: Any, least: int, **parameters: Any) -> tuple[int, ...]:
    shape: tuple[int, ...] = np.shape(x)
    if len(shape) < least:
        axes = "(n, channels)" if least == 2 else "(n, channels, length)"
        raise ShapeError(f"{name}: input of shape {shape}; it must be {axes} or have more axes.")
    for key, p in parameters.items():
        if p is not None and np.shape(p) != shape[1:2]:
            raise ShapeError(f"{name}: {key} of shape {np.shape(p)} for {shape[1]} channels (input {shape}).")
    return shape


def batch_norm(
    x: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Each channel brought to mean 0 and variance 1 over the batch, then weight * z + bias. As torch.nn.functional's.

    x (n, channels) or (n, channels, ...); everything else (channels,). In training, the numbers of this batch are used,
    and the running ones, plain arrays, are moved towards them in place: running = (1 - momentum) * running + momentum *
    batch, where the variance is that of a sample (divided by n - 1). Otherwise the running ones are used.

    >>> seen, spread = np.zeros(2), np.ones(2)
    >>> batch_norm(np.array([[1.0, 10.0], [3.0, 30.0]]), seen, spread, training=True).round(2)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> seen, spread
    (array([0.2, 2. ]), array([ 1.1, 20.9]))
    """
    shape = _channels(
        "batch_norm", x, 2, running_mean=running_mean, running_var=running_var, weight=weight, bias=bias
    )
    ndim, axes = len(shape), (0, *range(2, len(shape)))
    for key, running in (("running_mean", running_mean), ("running_var", running_var)):
        if getattr(running, "requires_grad", False):
            raise GradientError(
                f"batch_norm: {key} is tracked, and gets no gradient: it is a statistic. Give a plain array."
            )
    w, b = (None if p is None else _along(p, ndim) for p in (weight, bias))
    if not training:
        if running_mean is None or running_var is None:
            raise ValueError("batch_norm: with training=False it needs running_mean and running_var.")
        scale = (_along(raw(running_var), ndim) + eps) ** -0.5
        return _affine((x - _along(raw(running_mean), ndim)) * scale, w, b)
    n = 1
    for axis in axes:
        n *= shape[axis]
    if n < 2:
        raise ShapeError(
            f"batch_norm: input of shape {shape} has {n} number for each channel, which has no variance. "
            "Train with more than one sample, or use training=False."
        )
    if running_mean is not None:
        _move(running_mean, np.mean(raw(x), axis=axes), momentum)
    if running_var is not None:
        _move(running_var, np.var(raw(x), axis=axes) * (n / (n - 1)), momentum)
    return _affine(standardise(x, axis=axes, eps=eps), w, b)


def _move(running: Any, batch: Any, momentum: float) -> None:
    running = raw(running)
    running *= 1 - momentum
    running += momentum * batch


def layer_norm(x: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Each sample brought to mean 0 and variance 1 over its last axes, then weight * z + bias.

    `normalized_shape` is the shape of these axes, as are those of weight and bias (Ba, Kiros and Hinton 2016).

    >>> layer_norm(np.array([[1.0, 3.0], [10.0, 30.0]]), 2).round(2)
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    axes = _last_axes("layer_norm", x, normalized_shape, weight=weight, bias=bias)
    return _affine(standardise(x, axis=axes, eps=eps), weight, bias)


def rms_norm(x: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    """x over its root mean square along the last axes, then times weight (Zhang and Sennrich 2019).

    Without `eps`, it is the smallest step from 1 that the dtype can take, as PyTorch's.

    >>> rms_norm(np.array([3.0, 4.0]), 2).round(4)
    array([0.8485, 1.1314])
    """
    axes = _last_axes("rms_norm", x, normalized_shape, weight=weight)
    if eps is None:
        dtype = np.dtype(getattr(x, "dtype", float))
        eps = float(np.finfo(dtype if dtype.kind == "f" else float).eps)
    return _affine(standardise(x, axis=axes, eps=eps, about_zero=True), weight, None)


def _last_axes(name: str, x: Any, normalized_shape: Any, **parameters: Any) -> Any:
    given = tuple(normalized_shape) if isinstance(normalized_shape, (tuple, list)) else (normalized_shape,)
    shape = np.shape(x)
    if not given or shape[-len(given) :] != given:
        raise ShapeError(
            f"{name}: normalized_shape={normalized_shape} for an input of shape {shape}. It is the shape of its last "
            f"axes, such as {shape[-1:]}."
        )
    for key, p in parameters.items():
        if p is not None and np.shape(p) != given:
            raise ShapeError(f"{name}: {key} of shape {np.shape(p)}; it must be normalized_shape, {given}.")
    return -1 if len(given) == 1 else tuple(range(-len(given), 0))


def group_norm(x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Each group of channels of a sample brought to mean 0 and variance 1, then weight * z + bias (Wu and He 2018).

    x (n, channels, ...) of which num_groups groups are made; weight and bias (channels,).

    >>> group_norm(np.array([[1.0, 3.0, 10.0, 30.0]]), 2).round(2)
    array([[-1.,  1., -1.,  1.]])
    """
    shape = _channels("group_norm", x, 2, weight=weight, bias=bias)
    if num_groups < 1 or shape[1] % num_groups:
        raise ShapeError(
            f"group_norm: {shape[1]} channels do not make {num_groups} equal groups (input {shape})."
        )
    grouped = reshape(x, shape=(shape[0], num_groups, -1))
    y = reshape(standardise(grouped, eps=eps), shape=shape)
    return _affine(y, *(None if p is None else _along(p, len(shape)) for p in (weight, bias)))


def instance_norm(x: Any, *, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Each channel of each sample brought to mean 0 and variance 1, then weight * z + bias.

    x (n, channels, length) or (n, channels, rows, columns); weight and bias (channels,).

    >>> instance_norm(np.array([[[1.0, 3.0], [10.0, 30.0]]])).round(2)
    array([[[-1.,  1.],
            [-1.,  1.]]])
    """
    shape = _channels("instance_norm", x, 3, weight=weight, bias=bias)
    y = standardise(x, axis=tuple(range(2, len(shape))), eps=eps)
    return _affine(y, *(None if p is None else _along(p, len(shape)) for p in (weight, bias)))
