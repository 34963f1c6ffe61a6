"""Layers that bring numbers to mean 0 and variance 1, and learn another scale and place for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError

from ..core.fuse import fusing
from ..core.module import Module
from ..core.numbers import float_dtype, number, share
from ..core.parameter import Parameter
from .linear import sizes


class _Affine(Module):
    """Base: weight * z + bias, which start at 1 and 0; both None without `affine`."""

    weight: Any
    bias: Any
    _role = "normalisation"

    def _make(self, shape: tuple[int, ...], affine: bool, bias: bool, dtype: Any) -> None:
        self.register_parameter("weight", Parameter(np.ones(shape), dtype=dtype) if affine else None)
        self.register_parameter("bias", Parameter(np.zeros(shape), dtype=dtype) if affine and bias else None)

    def _affine(self, normalised: Callable[[Any, Any], Any], further_axes: int = 0) -> Any:
        """`normalised(weight, bias)` as one node, or as its steps inside `unfused()`."""
        if fusing():
            return normalised(self.weight, self.bias)
        y = normalised(None, None)
        for p, op in ((self.weight, autograd.multiply), (self.bias, autograd.add)):
            if p is not None:
                y = op(y, p.reshape(-1, *(1,) * further_axes) if further_axes else p)
        return y


class _BatchNorm(_Affine):
    """Base of the batch normalisations."""

    _axes: tuple[int, ...]
    _shape: str

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        (self.num_features,) = sizes(name, num_features)
        self.eps = number(f"{name}: eps", eps, least=0)
        self.momentum = None if momentum is None else share(f"{name}: momentum", momentum)
        dtype = float_dtype(name, dtype)
        self.affine, self.track_running_stats = affine, track_running_stats
        self._make((self.num_features,), affine, bias, dtype)
        track = track_running_stats
        self.register_buffer("running_mean", np.zeros(num_features, dtype) if track else None)
        self.register_buffer("running_var", np.ones(num_features, dtype) if track else None)
        self.register_buffer("num_batches_tracked", np.array(0) if track else None)

    running_mean: Any
    running_var: Any
    num_batches_tracked: Any

    def forward(self, x: Any) -> Any:
        """The same shape as x."""
        shape = np.shape(x)
        if len(shape) not in self._axes or shape[1] != self.num_features:
            raise ShapeError(
                f"{type(self).__name__}({self.num_features}): input of shape {shape}. It is {self._shape}, of "
                f"{self.num_features} features."
            )
        momentum, mean, var = self.momentum or 0.0, self.running_mean, self.running_var
        training = self.training or mean is None
        if training and mean is not None:
            count = len(x) * np.prod(shape[2:])
            if count == 1:
                raise ShapeError(
                    f"{type(self).__name__}({self.num_features}): input of shape {shape} has 1 number a feature, "
                    "which has no variance. Train on more rows; to use a trained model, call model.eval() first."
                )
            if count > 1:  # else batch_norm says what is wrong, and nothing is counted
                self.num_batches_tracked += 1
            if self.momentum is None:
                momentum = 1 / max(1, int(self.num_batches_tracked))
        return self._affine(
            lambda w, b: autograd.batch_norm(x, mean, var, w, b, training, momentum, self.eps), len(shape) - 2
        )

    def extra_repr(self) -> str:
        """As PyTorch's."""
        bias = self.bias is not None
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, bias={bias}, "
            f"track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """Each feature brought to mean 0 and variance 1 over the batch, then weight * z + bias, the notes' gamma and beta.

    Shapes: (n, features) or (n, features, length), the same out. In training, the mean and variance of the batch are
    used, and `running_mean` and `running_var` are moved towards them by the share `momentum` (None: they are the means
    over all batches); in eval mode these are used. Without `track_running_stats` the batch is used always.
    (Ioffe and Szegedy, Batch Normalization, 2015.)

    >>> norm = BatchNorm1d(2)
    >>> norm(np.array([[1.0, 10.0], [3.0, 30.0]])).data.round(2)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> norm.eval()(np.array([[1.0, 10.0]])).data.round(2)
    array([[0.76, 1.75]])
    """

    _axes = (2, 3)
    _shape = "(n, features) or (n, features, length)"


class BatchNorm2d(_BatchNorm):
    """BatchNorm of images: each channel over the batch and all places, (n, channels, rows, columns), the same out.

    >>> images = np.array([[[[1.0, 2.0]], [[10.0, 30.0]]], [[[3.0, 4.0]], [[10.0, 30.0]]]])
    >>> BatchNorm2d(2)(images).data.round(2)[:, 0, 0]
    array([[-1.34, -0.45],
           [ 0.45,  1.34]])
    """

    _axes = (4,)
    _shape = "(n, channels, rows, columns)"


def _last_axes(layer: str, given: Any) -> tuple[int, ...]:
    """The lengths of the last axes, from one number or several."""
    return sizes(layer, *([given] if isinstance(given, (int, np.integer)) else given))


class LayerNorm(_Affine):
    """Each sample brought to mean 0 and variance 1 over its last axes, then weight * z + bias (Ba et al. 2016).

    normalized_shape: the length of the last axis, or the shape of the last axes, which weight and bias have too.

    >>> LayerNorm(2)(np.array([[1.0, 3.0], [10.0, 30.0]])).data.round(2)
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        self.normalized_shape = _last_axes("LayerNorm", normalized_shape)
        self.eps, self.elementwise_affine = number("LayerNorm: eps", eps, least=0), elementwise_affine
        dtype = float_dtype("LayerNorm", dtype)
        self._make(self.normalized_shape, elementwise_affine, bias, dtype)

    def forward(self, x: Any) -> Any:
        """The same shape as x."""
        return self._affine(lambda w, b: autograd.layer_norm(x, self.normalized_shape, w, b, self.eps))

    def extra_repr(self) -> str:
        """As PyTorch's."""
        bias = self.bias is not None
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, bias={bias}"


class RMSNorm(_Affine):
    """x over its root mean square along the last axes, then times weight (Zhang and Sennrich 2019).

    >>> RMSNorm(2)(np.array([3.0, 4.0])).data.round(4)
    array([0.8485, 1.1314])
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        self.normalized_shape = _last_axes("RMSNorm", normalized_shape)
        self.eps = None if eps is None else number("RMSNorm: eps", eps, least=0)
        self.elementwise_affine, dtype = elementwise_affine, float_dtype("RMSNorm", dtype)
        ones = Parameter(np.ones(self.normalized_shape), dtype=dtype) if elementwise_affine else None
        self.register_parameter("weight", ones)
        self.register_parameter("bias", None)

    def forward(self, x: Any) -> Any:
        """The same shape as x."""
        return self._affine(lambda w, b: autograd.rms_norm(x, self.normalized_shape, w, self.eps))

    def extra_repr(self) -> str:
        """As PyTorch's."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(_Affine):
    """Each group of channels of a sample brought to mean 0 and variance 1, then weight * z + bias (Wu and He 2018).

    >>> GroupNorm(2, 4)(np.array([[1.0, 3.0, 10.0, 30.0]])).data.round(2)
    array([[-1.,  1., -1.,  1.]])
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        self.num_groups, self.num_channels = sizes("GroupNorm", num_groups, num_channels)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm({num_groups}, {num_channels}): the channels do not make equal groups."
            )
        self.eps, self.affine = number("GroupNorm: eps", eps, least=0), affine
        dtype = float_dtype("GroupNorm", dtype)
        self._make((self.num_channels,), affine, bias, dtype)

    def forward(self, x: Any) -> Any:
        """x (n, channels, ...), the same out."""
        return self._affine(
            lambda w, b: autograd.group_norm(x, self.num_groups, w, b, self.eps), np.ndim(x) - 2
        )

    def extra_repr(self) -> str:
        """As PyTorch's."""
        bias = self.bias is not None
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, bias={bias}"
