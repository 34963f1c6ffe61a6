"""Layers that slide over signals and images. The arithmetic and its errors are in autograd."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from autograd.ops.windows import each

from ..core.module import Module
from ..core.numbers import float_dtype
from ..core.parameter import Parameter
from ..core.rng import generator
from .linear import sizes


class _Weights(Module):
    """Base of all: the settings, weight and bias, which start uniform in +-1/sqrt(inputs of a unit), as PyTorch's."""

    _n = 2  # axes to slide along
    _transposed = False
    _role = "layer"

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
        dtype = float_dtype(name, dtype)
        self.kernel_size = each(kernel_size, self._n, f"{name}: kernel_size", 1)
        for key, value in settings.items():
            least = 1 if key in ("stride", "dilation") else 0
            plain = value if isinstance(value, str) else each(value, self._n, f"{name}: {key}", least)
            setattr(self, key, plain)
        self._check_padding(name)
        first, second = (in_channels, out_channels) if self._transposed else (out_channels, in_channels)
        shape = (first, second // groups, *self.kernel_size)
        draw, bound = generator(rng), 1 / math.sqrt(math.prod(shape[1:]))
        self.weight = Parameter(draw.uniform(-bound, bound, shape), dtype=dtype)
        offset = draw.uniform(-bound, bound, out_channels) if bias else None
        self.register_parameter("bias", None if offset is None else Parameter(offset, dtype=dtype))

    def _check_padding(self, name: str) -> None:
        """A padding that is a word may be "same" or "valid", and the same size is had with a stride of 1 alone."""
        given = self.padding
        words = () if self._transposed else ("same", "valid")
        if isinstance(given, str) and given not in words:
            more = ", 'same' or 'valid'" if words else ""
            raise ValueError(f"{name}: padding={given!r:.60}: it must be a whole number from 0 on{more}.")
        if given == "same" and any(step != 1 for step in self.stride):
            raise ValueError(
                f"{name}: padding='same' with stride={self.stride}: only a stride of 1 keeps the size. Give padding as "
                f"numbers, such as {tuple(n // 2 for n in self.kernel_size)}."
            )

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


class _Conv(_Weights):
    """Base of the convolutions: their settings, in PyTorch's order."""

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


class Conv2d(_Conv):
    """Each output is a sum over a window that slides over the images, with the same weights everywhere.

    (n, in_channels, rows, columns) to (n, out_channels, rows of windows, columns of windows); weight is (outputs,
    inputs / groups, rows, columns). Settings are numbers or pairs; padding may be "same" or "valid".

    >>> Conv2d(1, 6, 5, rng=0)(np.zeros((2, 1, 28, 28))).shape
    (2, 6, 24, 24)
    """

    def forward(self, x: Any) -> Any:
        """The sums over all windows."""
        return autograd.conv2d(
            x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )


class Conv1d(_Conv):
    """Each output is a sum over a window of the signals: (n, in_channels, length) to (n, out_channels, windows).

    >>> Conv1d(1, 4, 3, padding=1, rng=0)(np.zeros((2, 1, 10))).shape
    (2, 4, 10)
    """

    _n = 1

    def forward(self, x: Any) -> Any:
        """The sums over all windows."""
        return autograd.conv1d(
            x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )


class _ConvTranspose(_Weights):
    """Base of the transposed convolutions: their settings, in PyTorch's order."""

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


class ConvTranspose2d(_ConvTranspose):
    """The way back of Conv2d, a layer that enlarges images: each number spreads a kernel over the output.

    weight is (inputs, outputs / groups, rows, columns). output_padding is smaller than the stride (in PyTorch, than the
    stride or the dilation).

    >>> ConvTranspose2d(4, 1, 2, stride=2, rng=0)(np.zeros((2, 4, 7, 7))).shape
    (2, 1, 14, 14)
    """

    def forward(self, x: Any) -> Any:
        """Larger images."""
        more = (self.stride, self.padding, self.output_padding, self.groups, self.dilation)
        return autograd.conv_transpose2d(x, self.weight, self.bias, *more)


class ConvTranspose1d(_ConvTranspose):
    """The way back of Conv1d: (n, in_channels, length) to (n, out_channels, longer).

    >>> ConvTranspose1d(4, 1, 2, stride=2, rng=0)(np.zeros((2, 4, 7))).shape
    (2, 1, 14)
    """

    _n = 1

    def forward(self, x: Any) -> Any:
        """Larger signals."""
        more = (self.stride, self.padding, self.output_padding, self.groups, self.dilation)
        return autograd.conv_transpose1d(x, self.weight, self.bias, *more)
