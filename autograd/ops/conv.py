"""Convolution layers as functions, in PyTorch's order of arguments: the shapes are looked at here, in words.

The arithmetic is in convolve.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError
from ..primitive import Primitive
from .convolve import BACK, CONV
from .shape import expand_dims, squeeze
from .windows import each, spoken, windows

__all__ = ["conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d"]

_AXES = {1: "length", 2: "rows, columns"}


def _checked(name: str, n: int, x: Any, weight: Any, bias: Any, groups: Any, transposed: bool) -> None:
    """A ShapeError names the shapes that do not fit, and what they must be."""
    shape, kernel = np.shape(x), np.shape(weight)
    layout = (
        f"(inputs, outputs / groups, {_AXES[n]})" if transposed else f"(outputs, inputs / groups, {_AXES[n]})"
    )
    if len(shape) not in (n + 1, n + 2) or len(kernel) != n + 2:
        raise ShapeError(
            f"{name}: input of shape {shape} and weight of shape {kernel}. The input is (n, channels, {_AXES[n]}), or "
            f"one sample (channels, {_AXES[n]}); the weight is {layout}. An axis of length 1 comes with x[:, None]."
        )
    channels = shape[-n - 1]
    (groups,) = each(groups, 1, f"{name}: groups", 1)
    outputs = kernel[1] * groups if transposed else kernel[0]
    if kernel[0] % groups or channels != (kernel[0] if transposed else kernel[1] * groups):
        with_groups = f", groups={groups}" if groups > 1 else ""
        raise ShapeError(
            f"{name}: input of shape {shape} and weight of shape {kernel}{with_groups}. The weight is {layout}, so "
            f"it is for {kernel[0] if transposed else kernel[1] * groups} channels of input; the input has {channels}."
            + (f" {kernel[0]} must be a multiple of groups." if kernel[0] % groups else "")
        )
    if bias is not None and np.shape(bias) != (outputs,):
        raise ShapeError(
            f"{name}: bias of shape {np.shape(bias)} for {outputs} channels of output: ({outputs},)."
        )


def _called(
    ops: dict[int, Primitive], n: int, x: Any, weight: Any, bias: Any, settings: dict[str, Any], **size: Any
) -> Any:
    """The op, of a batch or of one sample."""
    usual = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    settings = {**spoken(settings, usual), **size}
    batch = x if np.ndim(x) == n + 2 else expand_dims(x, axis=0)
    y = ops[n](batch, weight, **settings) if bias is None else ops[n](batch, weight, bias, **settings)
    return y if np.ndim(x) == n + 2 else squeeze(y, axis=0)


def _conv(
    n: int, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: Any
) -> Any:
    name = f"conv{n}d"
    _checked(name, n, x, weight, bias, groups, transposed=False)
    stride, dilation = each(stride, n, f"{name}: stride", 1), each(dilation, n, f"{name}: dilation", 1)
    kernel = np.shape(weight)[2:]
    sides: tuple[Any, ...]
    if padding == "valid":
        sides = (0,) * n
    elif padding == "same":
        if set(stride) != {1}:
            raise ValueError(
                f'{name}: padding="same" keeps the size, and stride={stride} does not. Give a number.'
            )
        extra = [d * (k - 1) for d, k in zip(dilation, kernel)]
        sides = tuple(e // 2 if e % 2 == 0 else (e // 2, e - e // 2) for e in extra)
    elif isinstance(padding, str):
        raise ValueError(
            f'{name}: padding={padding!r} is not "valid", "same", a whole number or {n} of them.'
        )
    else:
        sides = each(padding, n, f"{name}: padding")
    settings = {"stride": stride, "padding": sides, "dilation": dilation, "groups": int(groups)}
    try:
        windows(np.shape(x)[-n:], kernel, stride, sides, dilation)
    except ShapeError as error:
        raise ShapeError(f"{name}: {error}.") from None
    return _called(CONV, n, x, weight, bias, settings)


def conv1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """A layer that slides over signals: each output is a sum over a window, weighted by the same numbers everywhere.

    Shapes: x (n, channels, length), weight (outputs, channels / groups, width), bias (outputs,); the result is
    (n, outputs, windows). Settings as conv2d's, of one axis.

    >>> conv1d(np.array([[[1.0, 2.0, 4.0, 8.0]]]), np.array([[[-1.0, 1.0]]]))
    array([[[1., 2., 4.]]])
    """
    return _conv(1, x, weight, bias, stride, padding, dilation, groups)


def conv2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """A layer that slides over images: each output is a sum over a window, weighted by the same numbers everywhere.

    Shapes: x (n, channels, rows, columns), weight (outputs, channels / groups, rows, columns), bias (outputs,); the
    result is (n, outputs, rows of windows, columns of windows). Without n, one image. `stride`, `padding` (zeros on
    both sides) and `dilation` (the distance between the elements of a window) are numbers or pairs; padding may be
    "valid" (none) or "same". With `groups`, each group of outputs sees its own group of channels. As PyTorch's, the
    kernel is not turned round: in the books this is a cross-correlation.

    >>> conv2d(np.arange(9.0).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2)))
    array([[[[ 8., 12.],
             [20., 24.]]]])
    """
    return _conv(2, x, weight, bias, stride, padding, dilation, groups)


def _conv_transpose(
    n: int, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, more: Any, groups: Any, dilation: Any
) -> Any:
    name = f"conv_transpose{n}d"
    _checked(name, n, x, weight, bias, groups, transposed=True)
    stride, dilation = each(stride, n, f"{name}: stride", 1), each(dilation, n, f"{name}: dilation", 1)
    padding, more = each(padding, n, f"{name}: padding"), each(more, n, f"{name}: output_padding")
    if any(m >= s for m, s in zip(more, stride)):
        raise ValueError(f"{name}: output_padding={more} must be smaller than stride={stride}.")
    places = zip(np.shape(x)[-n:], np.shape(weight)[2:], stride, padding, dilation, more)
    size = tuple((length - 1) * s - 2 * p + d * (k - 1) + m + 1 for length, k, s, p, d, m in places)
    if min(size) < 1:
        raise ShapeError(
            f"{name}: input of shape {np.shape(x)} leaves nothing: output of {size}. Use less padding."
        )
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": int(groups)}
    return _called(BACK, n, x, weight, bias, settings, size=size)


def conv_transpose1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """The way back of conv1d: x (n, inputs, length), weight (inputs, outputs / groups, width). See conv_transpose2d.

    >>> conv_transpose1d(np.array([[[1.0, 2.0]]]), np.array([[[10.0, 1.0]]]), stride=2)
    array([[[10.,  1., 20.,  2.]]])
    """
    return _conv_transpose(1, x, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """Each element of x spreads a kernel over the result: what conv2d does to gradients, as a layer that enlarges.

    Shapes: x (n, inputs, rows, columns), weight (inputs, outputs / groups, rows, columns), bias (outputs,). With stride
    s and kernel k, r rows become (r - 1) * s + k - 2 * padding + output_padding.

    >>> conv_transpose2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2)))
    array([[[[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]]]])
    """
    return _conv_transpose(2, x, weight, bias, stride, padding, output_padding, groups, dilation)
