"""Convolution and pooling in ONNX. Where the windows lie is read off the engine's own arithmetic, and written out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.ops.windows import Windows, each, windows

from .. import layers as c
from ..core.module import Module
from .kinds import ExportError, named
from .onnx_activations import Writer
from .onnx_graph import Graph


def _axes(g: Graph, m: Any, n: int) -> tuple[int, ...]:
    """The axes that windows step along; the input must have samples and channels before them."""
    if len(g.before) != n + 2:
        raise ExportError(
            f"{named(g.path, m)} gets samples of shape {g.before[1:]}, and needs channels and {n} "
            f"{'axes' if n > 1 else 'axis'} more. Give them in input_shape, such as (1, 28, 28)."
        )
    return g.before[2:]


def _ends(at: Windows) -> list[int]:
    """How much is put before the array and after it, along each axis: all starts, then all ends."""
    after = [whole - n - start for whole, n, start in zip(at.padded, at.size, at.before)]
    return [*at.before, *after]


def _conv(g: Graph, m: Any, x: str) -> str:
    n = m._n
    size, kernel = _axes(g, m, n), m.kernel_size
    sides: Any = (0,) * n if m.padding == "valid" else m.padding
    if m.padding == "same":  # where the two ends cannot be equal, the second gets more
        extra = [d * (k - 1) for d, k in zip(m.dilation, kernel)]
        sides = tuple((e // 2, e - e // 2) for e in extra)
    at = windows(size, kernel, m.stride, sides, m.dilation)
    settings = {"strides": m.stride, "dilations": m.dilation, "group": m.groups, "kernel_shape": kernel}
    # Elements that the last window does not reach stay outside of it: the padding is that of the layer.
    return g.add("Conv", *_inputs(g, m, x), pads=_ends(at), **settings)


def _back(g: Graph, m: Any, x: str) -> str:
    _axes(g, m, m._n)
    settings = {"strides": m.stride, "dilations": m.dilation, "group": m.groups}
    settings |= {"kernel_shape": m.kernel_size, "output_padding": m.output_padding}
    return g.add("ConvTranspose", *_inputs(g, m, x), pads=[*m.padding, *m.padding], **settings)


def _inputs(g: Graph, m: Any, x: str) -> list[str]:
    bias = [] if m.bias is None else [g.own(m, "bias")]
    return [x, g.own(m, "weight"), *bias]


def _settings(m: Any, n: int) -> tuple[Any, Any, Any]:
    return (
        each(m.kernel_size, n, "kernel_size", 1),
        each(m.stride, n, "stride", 1),
        each(m.padding, n, "padding"),
    )


def _max_pool(n: int) -> Writer:
    def write(g: Graph, m: Any, x: str) -> str:
        kernel, stride, sides = _settings(m, n)
        at = windows(_axes(g, m, n), kernel, stride, sides, m.dilation, bool(m.ceil_mode))
        ends = _ends(at)
        settings = {"kernel_shape": kernel, "strides": stride, "dilations": at.dilation}
        # onnxruntime refuses to put there as much as a kernel is long, or more
        if any(end >= k for end, k in zip(ends, (*kernel, *kernel))):
            half = len(ends) // 2
            x = g.add("Pad", x, g.whole([0, 0, *ends[:half], 0, 0, *ends[half:]]), g.number(-math.inf))
            ends = [0] * len(ends)
        return g.add("MaxPool", x, pads=ends, **settings)  # what it puts there is never the largest

    return write


def _avg_pool(n: int) -> Writer:
    def write(g: Graph, m: Any, x: str) -> str:
        kernel, stride, sides = _settings(m, n)
        at = windows(_axes(g, m, n), kernel, stride, sides, 1, bool(m.ceil_mode))
        settings = {"kernel_shape": kernel, "strides": stride, "count_include_pad": int(m.count_include_pad)}
        y = g.add("AveragePool", x, pads=_ends(at), **settings)
        if not m.count_include_pad or at.padded == tuple(n + 2 * p for n, p in zip(at.size, sides)):
            return y
        # The zeros of the padding count, and what ceil_mode puts beyond them does not.
        factors = np.ones(())
        for size, side, k, s, number in zip(at.size, sides, kernel, stride, at.number):
            start = s * np.arange(number)
            within = np.minimum(start + k, size + 2 * side) - start
            factors = factors[..., None] * (k / within)
        return g.add("Mul", y, g.array(factors, "factors"))

    return write


def _adaptive(g: Graph, m: Any, x: str) -> str:
    """A mean over each part is a product with a matrix, along the columns and along the rows."""
    (rows, columns), (new_rows, new_columns) = _axes(g, m, 2), g.after[2:]
    if (new_rows, new_columns) == (1, 1) and g.single:
        return g.add("GlobalAveragePool", x)
    x = g.add("MatMul", x, g.array(_means(columns, new_columns).T, "columns"))
    return g.add("MatMul", g.array(_means(rows, new_rows), "rows"), x)


def _means(before: int, after: int) -> Any:
    """Row i is the mean of the elements from floor(i * before / after) to ceil((i + 1) * before / after)."""
    matrix = np.zeros((after, before))
    for i in range(after):
        start, stop = i * before // after, -(-(i + 1) * before // after)
        matrix[i, start:stop] = 1 / (stop - start)
    return matrix


WRITERS: dict[type[Module], Writer] = {
    c.Conv1d: _conv,
    c.Conv2d: _conv,
    c.ConvTranspose1d: _back,
    c.ConvTranspose2d: _back,
    c.MaxPool1d: _max_pool(1),
    c.MaxPool2d: _max_pool(2),
    c.AvgPool1d: _avg_pool(1),
    c.AvgPool2d: _avg_pool(2),
    c.AdaptiveAvgPool2d: _adaptive,
}
