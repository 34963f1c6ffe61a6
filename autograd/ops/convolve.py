"""Convolution: a small weight matrix that steps over signals and images.

Three ops, each linear in both of its inputs, and each the derivative of the other two: `conv` of input and weight, the
transposed convolution (what reaches the input) and the gradient of the weight. So derivatives of any order exist.

Each is a few matrix products. Along the last axis the windows are copied out, which makes a column as long as the
kernel is wide; along the others a slice of these columns does. That copy is a fraction of one of whole windows
(a fifth for a 5 x 5 kernel), and the gradient of the weight makes it anew: it costs a tenth of the product.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from ..primitive import Primitive, primitive
from .reduce import sum as _sum
from .windows import Windows, windows

__all__ = ["BACK", "CONV"]  # the ops by the number of axes; conv.py has the functions that a program calls


# --- columns: the windows along the last axis. A kernel row is a place along the axes before it.


def _rows(at: Windows) -> Iterator[tuple[tuple[int, ...], tuple[Any, ...]]]:
    """For each row of the kernel, its place, and the index of the columns on which it lies."""
    leading = range(len(at.kernel) - 1)
    for places in product(*(range(at.kernel[axis]) for axis in leading)):
        yield places, (..., *[at.along(axis, places[axis]) for axis in leading], slice(None))


def _columns(x: Any, at: Windows, groups: int) -> Any:
    """The windows along the last axis: (n, groups, channels / groups * kernel width, ..., number of windows)."""
    x, last = at.pad(x), len(at.kernel) - 1
    parts = [x[..., at.along(last, place)] for place in range(at.kernel[last])]
    columns = np.stack(parts, axis=2) if len(parts) > 1 else parts[0]
    k = x.shape[1] // groups * len(parts)
    return np.reshape(columns, (x.shape[0], groups, k, *x.shape[2:-1], at.number[last]))


def _flat(columns: Any, index: tuple[Any, ...]) -> Any:
    """One row of the kernel's columns as matrices: a view where that row steps by one."""
    part = columns[index]
    return np.reshape(part, (*part.shape[:3], int(np.prod(part.shape[3:]))))


def _matrix(weight: Any, places: tuple[int, ...], groups: int) -> Any:
    """One row of the kernel as matrices: (groups, outputs / groups, channels / groups * kernel width)."""
    outputs, channels, width = weight.shape[0], weight.shape[1], weight.shape[-1]
    part = weight[(slice(None), slice(None), *places)]
    return np.reshape(part, (groups, outputs // groups, channels * width))


def _flat_g(g: Any, groups: int) -> Any:
    return np.reshape(g, (g.shape[0], groups, g.shape[1] // groups, int(np.prod(g.shape[2:]))))


def _add_bias(y: Any, bias: Any) -> Any:
    if bias is not None:
        y += np.reshape(bias, (-1, *(1,) * (y.ndim - 2)))
    return y


# So many bytes of columns at a time: they stay in the processor's cache, and memory of this size is used again rather
# than asked of the system anew (32 images of 3 x 32 x 32, 16 kernels of 5 x 5: 1.2 ms, and 3.8 ms all at once).
_AT_A_TIME = 1 << 19


def _batches(n: int, channels: int, at: Windows, itemsize: int) -> Iterator[slice]:
    """The samples, some at a time."""
    each_one = channels * at.kernel[-1] * int(np.prod(at.padded[:-1])) * at.number[-1] * itemsize
    some = max(1, _AT_A_TIME // max(1, each_one))
    for i in range(0, n, some):
        yield slice(i, i + some)


def _convolve(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    at = windows(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    rows = [(_matrix(weight, places, groups), index) for places, index in _rows(at)]
    y = np.empty_like(x, shape=(x.shape[0], weight.shape[0], *at.number), dtype=np.result_type(x, weight))
    for some in _batches(x.shape[0], x.shape[1], at, y.dtype.itemsize):
        columns = _columns(x[some], at, groups)
        total: Any = None
        for matrix, index in rows:
            part = np.matmul(matrix, _flat(columns, index))
            if total is None:
                total = part
            else:
                total += part
        y[some] = np.reshape(total, (-1, *y.shape[1:]))
    return _add_bias(y, bias)


def _transposed(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    size: Any,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    at = windows(tuple(size), weight.shape[2:], stride, padding, dilation)
    channels, width, last = weight.shape[1] * groups, at.kernel[-1], len(at.kernel) - 1
    rows = [(np.swapaxes(_matrix(weight, places, groups), -1, -2), index) for places, index in _rows(at)]
    out = np.zeros_like(x, shape=(x.shape[0], channels, *at.padded), dtype=np.result_type(x, weight))
    for some in _batches(x.shape[0], channels, at, out.dtype.itemsize):
        g = _flat_g(x[some], groups)
        columns = np.zeros_like(
            out, shape=(g.shape[0], groups, channels // groups * width, *at.padded[:-1], at.number[-1])
        )
        for matrix, index in rows:
            part = np.matmul(matrix, g)
            columns[index] += np.reshape(part, (*part.shape[:3], *at.number))
        columns = np.reshape(columns, (g.shape[0], channels, width, *columns.shape[3:]))
        for place in range(width):
            out[(some, ..., at.along(last, place))] += columns[:, :, place]
    return _add_bias(at.crop(out), bias)


def _to_weight(
    x: Any, g: Any, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Any:
    at = windows(x.shape[2:], kernel_size, stride, padding, dilation)
    outputs, channels, width = g.shape[1], x.shape[1] // groups, at.kernel[-1]
    rows = list(_rows(at))
    shape = (len(rows), groups, outputs // groups, channels * width)
    total = np.zeros_like(x, shape=shape, dtype=np.result_type(x, g))
    for some in _batches(x.shape[0], x.shape[1], at, total.dtype.itemsize):
        columns, flat_g = _columns(x[some], at, groups), _flat_g(g[some], groups)
        for i, (_, index) in enumerate(rows):
            part = np.matmul(flat_g, np.swapaxes(_flat(columns, index), -1, -2))
            total[i] += np.sum(part, axis=0)
    # (rows of the kernel, outputs, channels, width) to (outputs, channels, rows, width)
    parts = np.moveaxis(np.reshape(total, (len(rows), outputs, channels, width)), 0, 2)
    return np.reshape(parts, (outputs, channels, *at.kernel))


# --- the three ops, for signals and for images. In each rule, the two inputs and g play the three parts in turn.


def _to_bias(g: Any, y: Any, x: Any, weight: Any, bias: Any = None, **settings: Any) -> Any:
    return _sum(g, axis=(0, *range(2, np.ndim(g))))


def _family(n: int, samples: Any, transposed: Any, weights: Any) -> tuple[Primitive, Primitive, Primitive]:
    conv = primitive(
        f"conv{n}d",
        _convolve,
        lambda g, y, x, weight, bias=None, **s: back(g, weight, size=np.shape(x)[2:], **s),
        lambda g, y, x, weight, bias=None, **s: to_weight(x, g, kernel_size=np.shape(weight)[2:], **s),
        _to_bias,
        samples=samples,
        doc="The convolution of signals or images with a weight, plus a bias.",
    )
    back = primitive(
        f"conv_transpose{n}d",
        _transposed,
        lambda g, y, x, weight, bias=None, size=(), **s: conv(g, weight, **s),
        lambda g, y, x, weight, bias=None, size=(), **s: to_weight(
            g, x, kernel_size=np.shape(weight)[2:], **s
        ),
        _to_bias,
        samples=transposed,
        doc="What a convolution sends back to its input of the given size: each element of x spreads a kernel.",
    )
    to_weight = primitive(
        f"conv{n}d_weight",
        _to_weight,
        lambda g, y, x, upstream, kernel_size=(), **s: back(upstream, g, size=np.shape(x)[2:], **s),
        lambda g, y, x, upstream, kernel_size=(), **s: conv(x, g, **s),
        samples=weights,
        doc="What a convolution of x sends back to its weight.",
    )
    return conv, back, to_weight


_conv1d, _back1d, _ = _family(
    1,
    (
        (((2, 2, 5), (3, 2, 3), (3,)), {}),
        (((1, 2, 6), (2, 1, 2)), {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}),
    ),
    (
        (((1, 2, 3), (2, 2, 3), (2,)), {"size": (5,)}),
        (((1, 2, 2), (2, 1, 2)), {"size": (5,), "stride": 3, "padding": 1, "groups": 2}),
    ),
    ((((1, 2, 5), (1, 3, 3)), {"kernel_size": (3,)}),),
)
_conv2d, _back2d, _ = _family(
    2,
    (
        (((2, 2, 4, 3), (3, 2, 3, 2), (3,)), {}),
        (((1, 2, 4, 5), (2, 2, 2, 2)), {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2)}),
        (((2, 4, 3, 3), (4, 2, 2, 2), (4,)), {"groups": 2, "padding": ((0, 1), (1, 0))}),
        (((1, 2, 3, 2), (2, 2, 1, 1)), {}),
        (((0, 2, 3, 3), (1, 2, 2, 2)), {}),
    ),
    (
        (((1, 2, 2, 2), (2, 1, 2, 2), (1,)), {"size": (3, 3)}),
        (((2, 2, 2, 3), (2, 1, 2, 1)), {"size": (4, 6), "stride": 2, "padding": (0, 0), "groups": 2}),
    ),
    ((((2, 1, 3, 4), (2, 2, 2, 2)), {"kernel_size": (2, 2), "stride": (1, 2)}),),
)
CONV = {1: _conv1d, 2: _conv2d}
BACK = {1: _back1d, 2: _back2d}
