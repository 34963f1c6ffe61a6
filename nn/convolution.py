"""Layers that slide over signals and images, and pooling. The arithmetic and its errors are in autograd."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from autograd.ops.windows import each

from .linear import sizes
from .module import Module
from .parameter import Parameter
from .rng import generator


class _Conv(Module):
    """Base of the convolutions. weight and bias start uniform in +-1/sqrt(inputs of a unit), as PyTorch's."""

    _n = 2
    _transposed = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        settings: dict[str, Any],
        groups: int,
        bias: bool,
        dtype: Any,
        rng: Any,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.in_channels, self.out_channels, self.groups = sizes(name, in_channels, out_channels, groups)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{name}({in_channels}, {out_channels}, groups={groups}): groups must divide both."
            )
        self.kernel_size = each(kernel_size, self._n, f"{name}: kernel_size", 1)
        for key, value in settings.items():
            least = 1 if key in ("stride", "dilation") else 0
            plain = value if isinstance(value, str) else each(value, self._n, f"{name}: {key}", least)
            setattr(self, key, plain)
        first, second = (in_channels, out_channels) if self._transposed else (out_channels, in_channels)
        shape = (first, second // groups, *self.kernel_size)
        draw, bound = generator(rng), 1 / math.sqrt(math.prod(shape[1:]))
        self.weight = Parameter(draw.uniform(-bound, bound, shape), dtype=dtype)
        offset = draw.uniform(-bound, bound, out_channels) if bias else None
        self.register_parameter("bias", None if offset is None else Parameter(offset, dtype=dtype))

    bias: Any
    stride: Any
    padding: Any
    dilation: Any
    output_padding: Any

    def extra_repr(self) -> str:
        """As PyTorch's."""
        parts = [
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        ]
        zeros, ones = (0,) * self._n, (1,) * self._n
        usual = [("padding", zeros), ("dilation", ones), ("output_padding", zeros)]
        parts += [f"{key}={getattr(self, key)}" for key, value in usual if getattr(self, key, value) != value]
        parts += [f"groups={self.groups}"] if self.groups != 1 else []
        parts += ["bias=False"] if self.bias is None else []
        return ", ".join(parts)


class _Forth(_Conv):
    """From inputs to sums over windows."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        dtype: Any = np.float64,
        rng: Any = None,
    ) -> None:
        settings = {"stride": stride, "padding": padding, "dilation": dilation}
        super().__init__(in_channels, out_channels, kernel_size, settings, groups, bias, dtype, rng)

    def forward(self, x: Any) -> Any:
        """The sums over all windows."""
        conv = autograd.conv1d if self._n == 1 else autograd.conv2d
        return conv(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class Conv2d(_Forth):
    """Each output is a sum over a window that slides over the images, with the same weights everywhere.

    (n, in_channels, rows, columns) to (n, out_channels, rows of windows, columns of windows); weight is (outputs,
    inputs / groups, rows, columns). Settings are numbers or pairs; padding may be "same" or "valid".

    >>> Conv2d(1, 6, 5, rng=0)(np.zeros((2, 1, 28, 28))).shape
    (2, 6, 24, 24)
    """


class Conv1d(_Forth):
    """Each output is a sum over a window of the signals: (n, in_channels, length) to (n, out_channels, windows).

    >>> Conv1d(1, 4, 3, padding=1, rng=0)(np.zeros((2, 1, 10))).shape
    (2, 4, 10)
    """

    _n = 1


class _Back(_Conv):
    """From sums over windows to what was below them."""

    _transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        *,
        dtype: Any = np.float64,
        rng: Any = None,
    ) -> None:
        settings = {
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "output_padding": output_padding,
        }
        super().__init__(in_channels, out_channels, kernel_size, settings, groups, bias, dtype, rng)

    def forward(self, x: Any) -> Any:
        """Larger images."""
        back = autograd.conv_transpose1d if self._n == 1 else autograd.conv_transpose2d
        more = (self.stride, self.padding, self.output_padding, self.groups, self.dilation)
        return back(x, self.weight, self.bias, *more)


class ConvTranspose2d(_Back):
    """The way back of Conv2d, a layer that enlarges images: each number spreads a kernel over the output.

    weight is (inputs, outputs / groups, rows, columns).

    >>> ConvTranspose2d(4, 1, 2, stride=2, rng=0)(np.zeros((2, 4, 7, 7))).shape
    (2, 1, 14, 14)
    """


class ConvTranspose1d(_Back):
    """The way back of Conv1d: (n, in_channels, length) to (n, out_channels, longer)."""

    _n = 1


class _Pool(Module):
    """Base of the pooling layers: the settings, in the order in which the function takes them."""

    def __init__(self, function: Any, settings: dict[str, Any]) -> None:
        super().__init__()
        self._function, self._settings = function.__name__, tuple(settings)
        for name, value in settings.items():
            setattr(self, name, value)
        if settings.get("stride", 0) is None:
            self.stride = settings["kernel_size"]

    def forward(self, x: Any) -> Any:
        """One number for each window."""
        return getattr(autograd, self._function)(x, *[getattr(self, name) for name in self._settings])

    def extra_repr(self) -> str:
        """As PyTorch's."""
        shown = self._settings if self._function.startswith("max") else self._settings[:3]
        return ", ".join(f"{name}={getattr(self, name)}" for name in shown)


class _MaxPool(_Pool):
    _of: Any

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        *,
        ceil_mode: bool = False,
    ) -> None:
        settings = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
        super().__init__(type(self)._of, {**settings, "ceil_mode": ceil_mode})


class MaxPool2d(_MaxPool):
    """The largest number of each window, which steps by its own size unless a stride is given.

    >>> MaxPool2d(2)(np.zeros((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    _of = autograd.max_pool2d


class MaxPool1d(_MaxPool):
    """The largest number of each window of a signal (n, channels, length)."""

    _of = autograd.max_pool1d


class _AvgPool(_Pool):
    _of: Any

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        settings = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
        more = {"ceil_mode": ceil_mode, "count_include_pad": count_include_pad}
        super().__init__(type(self)._of, {**settings, **more})


class AvgPool2d(_AvgPool):
    """The mean of each window. Padding counts as zeros, unless count_include_pad is False.

    >>> AvgPool2d(2)(np.ones((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    _of = autograd.avg_pool2d


class AvgPool1d(_AvgPool):
    """The mean of each window of a signal (n, channels, length)."""

    _of = autograd.avg_pool1d

    def extra_repr(self) -> str:
        """As PyTorch's."""
        return ", ".join(f"{name}={each(getattr(self, name), 1, name)}" for name in self._settings[:3])


class AdaptiveAvgPool2d(_Pool):
    """The mean over parts of images, as many as asked for: (n, channels, r, c) to (n, channels, *output_size).

    >>> AdaptiveAvgPool2d(1)(np.ones((1, 3, 7, 5))).shape
    (1, 3, 1, 1)
    """

    def __init__(self, output_size: Any) -> None:
        super().__init__(autograd.adaptive_avg_pool2d, {"output_size": output_size})
