"""Normalisation: numbers brought to mean 0 and variance 1, over a batch, a sample or a group of channels.

One op does the arithmetic, see standardise.py; the layers differ in the axes that it works along.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import GradientError, ShapeError
from ..graph import raw
from .shape import broadcast_to, reshape
from .standardise import moments, normalise, standardise

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm", "rms_norm", "standardise"]


def _along(parameter: Any, ndim: int) -> Any:
    """One number for each channel, (channels,), so that it meets the channels of (n, channels, ...)."""
    return parameter if ndim == 2 else reshape(parameter, shape=(-1, *(1,) * (ndim - 2)))


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
        y = (x - _along(raw(running_mean), ndim)) * (scale if w is None else w * scale)
        return y if b is None else y + b
    n = 1
    for axis in axes:
        n *= shape[axis]
    if n < 2:
        raise ShapeError(
            f"batch_norm: input of shape {shape} has {n} number for each channel, which has no variance. "
            "Train with more than one sample, or use training=False."
        )
    y = normalise(x, w, b, axis=axes, eps=eps)
    average, variance = moments(y, x, axes)
    if running_mean is not None:
        _move(running_mean, average, momentum)
    if running_var is not None:
        _move(running_var, variance * (n / (n - 1)), momentum)
    return y


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
    return normalise(x, weight, bias, axis=axes, eps=eps)


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
    return normalise(x, weight, axis=axes, eps=eps, about_zero=True)


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
    grouped = (num_groups, shape[1] // num_groups, math.prod(shape[2:]))
    w, b = (None if p is None else _stretched(p, grouped) for p in (weight, bias))
    return reshape(normalise(reshape(x, shape=(shape[0], num_groups, -1)), w, b, eps=eps), shape=shape)


def _stretched(parameter: Any, grouped: tuple[int, int, int]) -> Any:
    """One number for each channel, as (groups, numbers of a group): small beside a batch of them."""
    stretched = broadcast_to(reshape(parameter, shape=(*grouped[:2], 1)), shape=grouped)
    return reshape(stretched, shape=(grouped[0], -1))


def instance_norm(x: Any, *, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Each channel of each sample brought to mean 0 and variance 1, then weight * z + bias.

    x (n, channels, length) or (n, channels, rows, columns); weight and bias (channels,).

    >>> instance_norm(np.array([[[1.0, 3.0], [10.0, 30.0]]])).round(2)
    array([[[-1.,  1.],
            [-1.,  1.]]])
    """
    shape = _channels("instance_norm", x, 3, weight=weight, bias=bias)
    w, b = (None if p is None else _along(p, len(shape)) for p in (weight, bias))
    return normalise(x, w, b, axis=tuple(range(2, len(shape))), eps=eps)
