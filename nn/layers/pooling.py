"""Pooling: one number for each window of an image or a signal, its largest or its mean."""

from __future__ import annotations

from typing import Any

import autograd
from autograd.ops.windows import each

from ..core.module import Module
from ..core.numbers import whole


def _check(layer: Any, n: int) -> None:
    """Refuse sizes that no window has."""
    name = type(layer).__name__
    sizes = each(layer.kernel_size, n, f"{name}: kernel_size", 1)
    each(layer.stride, n, f"{name}: stride", 1)
    padding = each(layer.padding, n, f"{name}: padding", 0)
    if any(2 * more > size for more, size in zip(padding, sizes)):
        raise ValueError(
            f"{name}: padding={layer.padding} is more than half of kernel_size={layer.kernel_size}: some windows would "
            "hold nothing but padding."
        )


class _MaxPool(Module):
    """Base: the largest number of each window."""

    _n = 2  # axes to slide along

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        *,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation, self.ceil_mode = padding, dilation, ceil_mode
        _check(self, self._n)
        each(dilation, self._n, f"{type(self).__name__}: dilation", 1)

    def extra_repr(self) -> str:
        """As PyTorch's."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool2d(_MaxPool):
    """The largest number of each window, which steps by its own size unless a stride is given.

    (n, channels, rows, columns) to (n, channels, rows of windows, columns of windows). Settings are numbers or pairs.

    >>> import numpy as np
    >>> MaxPool2d(2)(np.zeros((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    def forward(self, x: Any) -> Any:
        """One number for each window."""
        return autograd.max_pool2d(
            x, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode
        )


class MaxPool1d(_MaxPool):
    """The largest number of each window of a signal: (n, channels, length) to (n, channels, windows).

    >>> import numpy as np
    >>> MaxPool1d(2)(np.array([[[1.0, 3.0, 2.0, 0.0]]]))
    array([[[3., 2.]]])
    """

    _n = 1

    def forward(self, x: Any) -> Any:
        """One number for each window."""
        return autograd.max_pool1d(
            x, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode
        )


class _AvgPool(Module):
    """Base: the mean of each window."""

    _n = 2

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.ceil_mode, self.count_include_pad = padding, ceil_mode, count_include_pad
        _check(self, self._n)


class AvgPool2d(_AvgPool):
    """The mean of each window. Padding counts as zeros, unless count_include_pad is False. Shapes as MaxPool2d's.

    >>> import numpy as np
    >>> AvgPool2d(2)(np.ones((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    def forward(self, x: Any) -> Any:
        """One number for each window."""
        return autograd.avg_pool2d(
            x, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad
        )

    def extra_repr(self) -> str:
        """As PyTorch's."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPool):
    """The mean of each window of a signal: (n, channels, length) to (n, channels, windows).

    >>> import numpy as np
    >>> AvgPool1d(2)(np.array([[[1.0, 3.0, 2.0, 0.0]]]))
    array([[[2., 1.]]])
    """

    _n = 1

    def forward(self, x: Any) -> Any:
        """One number for each window."""
        return autograd.avg_pool1d(
            x, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad
        )

    def extra_repr(self) -> str:
        """As PyTorch's."""
        shown = {"kernel_size": self.kernel_size, "stride": self.stride, "padding": self.padding}
        return ", ".join(f"{name}={each(value, 1, name)}" for name, value in shown.items())


class AdaptiveAvgPool2d(Module):
    """The mean over parts of images, as many as asked for: (n, channels, r, c) to (n, channels, *output_size).

    >>> import numpy as np
    >>> AdaptiveAvgPool2d(1)(np.ones((1, 3, 7, 5))).shape
    (1, 3, 1, 1)
    """

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        for n in (
            output_size if isinstance(output_size, (tuple, list)) and len(output_size) == 2 else [output_size]
        ):
            if n is not None:
                whole("AdaptiveAvgPool2d: output_size", n, why="or a pair of them, rows and columns")
        self.output_size = output_size

    def forward(self, x: Any) -> Any:
        """One number for each part."""
        return autograd.adaptive_avg_pool2d(x, self.output_size)

    def extra_repr(self) -> str:
        """As PyTorch's."""
        return f"output_size={self.output_size}"
