"""Pooling layers as functions, in PyTorch's order of arguments: the shapes are looked at here, in words.

The arithmetic is in pooling.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError
from ..graph import raw
from .linalg import matmul
from .pooling import AVG, MAX
from .reduce import mean
from .shape import expand_dims, squeeze
from .windows import brief, each, spoken, windows

__all__ = ["adaptive_avg_pool2d", "avg_pool1d", "avg_pool2d", "max_pool1d", "max_pool2d"]

_AXES = {1: "length", 2: "rows, columns"}


def _pool(kind: str, n: int, x: Any, kernel_size: Any, stride: Any, padding: Any, **more: Any) -> Any:
    name, shape = f"{kind}_pool{n}d", np.shape(x)
    if len(shape) not in (n + 1, n + 2):
        raise ShapeError(
            f"{name}: input of shape {shape}. It is (n, channels, {_AXES[n]}), or one sample (channels, {_AXES[n]})."
        )
    kernel = each(kernel_size, n, f"{name}: kernel_size", 1)
    stride = kernel if stride is None else each(stride, n, f"{name}: stride", 1)
    sides = each(padding, n, f"{name}: padding")
    if any(2 * p > k for p, k in zip(sides, kernel)):
        raise ValueError(
            f"{name}: padding={brief(sides)} with kernel_size={brief(kernel)}. Use at most half the kernel: a window "
            "of padding alone has no element."
        )
    if "dilation" in more:
        more["dilation"] = each(more["dilation"], n, f"{name}: dilation", 1)
    settings = {"kernel_size": kernel, "stride": stride, "padding": sides, **more}
    try:
        windows(shape[-n:], kernel, stride, sides, more.get("dilation", 1), bool(more["ceil_mode"]))
    except ShapeError as error:
        raise ShapeError(f"{name}: {error}.") from None
    usual = {"stride": brief(kernel), "padding": 0, "dilation": 1, "ceil_mode": False, "exclude_pad": False}
    op = (MAX if kind == "max" else AVG)[n]
    if len(shape) == n + 2:
        return op(x, **spoken(settings, usual))
    return squeeze(op(expand_dims(x, axis=0), **spoken(settings, usual)), axis=0)


def max_pool1d(
    x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Any:
    """The largest element of each window: (n, channels, length) gives (n, channels, windows). See max_pool2d.

    >>> max_pool1d(np.array([[[1.0, 3.0, 2.0, 5.0]]]), 2)
    array([[[3., 5.]]])
    """
    return _pool("max", 1, x, kernel_size, stride, padding, dilation=dilation, ceil_mode=bool(ceil_mode))


def max_pool2d(
    x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Any:
    """The largest element of each window: (n, channels, rows, columns) gives one element for each window.

    The settings are numbers or pairs. `stride` is the size of the window unless given; padding is never the largest;
    with `ceil_mode`, a last window may reach beyond the end. Where elements tie, the first, row by row, gets all of the
    gradient, as PyTorch's.

    >>> max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    array([[[[ 5.,  7.],
             [13., 15.]]]])
    """
    return _pool("max", 2, x, kernel_size, stride, padding, dilation=dilation, ceil_mode=bool(ceil_mode))


def avg_pool1d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of each window: (n, channels, length) gives (n, channels, windows). See avg_pool2d.

    >>> avg_pool1d(np.array([[[1.0, 3.0, 2.0, 6.0]]]), 2)
    array([[[2., 4.]]])
    """
    more = {"ceil_mode": bool(ceil_mode), "exclude_pad": not count_include_pad}
    return _pool("avg", 1, x, kernel_size, stride, padding, **more)


def avg_pool2d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of each window: (n, channels, rows, columns) gives one element for each window.

    The settings are those of max_pool2d. Padding counts as zeros, unless `count_include_pad` is False.

    >>> avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    array([[[[ 2.5,  4.5],
             [10.5, 12.5]]]])
    """
    more = {"ceil_mode": bool(ceil_mode), "exclude_pad": not count_include_pad}
    return _pool("avg", 2, x, kernel_size, stride, padding, **more)


def _averaging(before: int, after: int, x: Any) -> Any:
    """The matrix (after, before) of means: row i is of floor(i * before / after) to ceil((i + 1) * before / after)."""
    rows = np.zeros((after, before))
    for i in range(after):
        start, stop = i * before // after, -(-(i + 1) * before // after)
        rows[i, start:stop] = 1 / (stop - start)
    x = raw(x)
    return np.asarray(rows, dtype=x.dtype, like=x)


def adaptive_avg_pool2d(x: Any, output_size: Any) -> Any:
    """The mean over parts of images, as many as asked for: (n, channels, r, c) gives (n, channels, *output_size).

    `output_size` is a number or a pair, in which None keeps a length. The parts are as equal as they can be; where a
    length is no multiple, neighbours overlap, as PyTorch's do. Size 1 is the mean of each channel.

    >>> adaptive_avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), (1, 2))
    array([[[[6.5, 8.5]]]])
    """
    shape = np.shape(x)
    if len(shape) not in (3, 4):
        raise ShapeError(
            f"adaptive_avg_pool2d: input of shape {shape}. It is (n, channels, rows, columns), or one sample without n."
        )
    sizes = output_size if isinstance(output_size, (tuple, list)) else (output_size, output_size)
    kept = tuple(n if size is None else size for size, n in zip(sizes, shape[-2:]))
    rows, columns = each(kept if len(sizes) == 2 else sizes, 2, "adaptive_avg_pool2d: output_size", 1)
    if (rows, columns) == (1, 1):
        return mean(x, axis=(-2, -1), keepdims=True)
    y = matmul(x, _averaging(shape[-1], columns, x).T)
    return matmul(_averaging(shape[-2], rows, x), y)
