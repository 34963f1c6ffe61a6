"""The other layers in ONNX: linear, normalisation, shapes, tables. All writers are in the table at the end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import layers
from ..core.module import Module
from ..layers import normalisation
from . import onnx_activations, onnx_recurrent, onnx_windows
from .kinds import ExportError, named
from .onnx_activations import Writer
from .onnx_graph import Graph


def _same(g: Graph, m: Any, x: str) -> str:
    """Identity, and dropout, which does nothing in eval mode."""
    return x


def _affine(g: Graph, m: Any, x: str) -> str:
    """x @ weight.T + bias."""
    bias = None if m.bias is None else g.own(m, "bias")
    weight = g.own(m, "weight")
    if len(g.before) == 2:
        return g.add("Gemm", x, weight, *([] if bias is None else [bias]), transB=1)
    y = g.add("MatMul", x, g.add("Transpose", weight, perm=[1, 0]))
    return y if bias is None else g.add("Add", y, bias)


def _maxout(g: Graph, m: Any, x: str) -> str:
    pieces = g.whole([0, *g.after[1:-1], m.pieces, m.out_features])  # 0: as many as there are, the samples
    return g.add("ReduceMax", g.add("Reshape", _affine(g, m, x), pieces), axes=[-2], keepdims=0)


def _bias(g: Graph, m: Any, x: str) -> str:
    return g.add("Add", x, g.own(m, "bias"))


def _reshape(g: Graph, m: Any, x: str) -> str:
    if len(g.after) == 2:
        return g.add("Flatten", x, axis=1)
    return g.add("Reshape", x, g.whole([0, *g.after[1:]]))


def _embedding(g: Graph, m: Any, x: str) -> str:
    return g.add("Gather", g.own(m, "weight"), x, axis=0)


# --- normalisation


def _filled(g: Graph, m: Any, name: str, value: float, shape: tuple[int, ...]) -> str:
    """The parameter, or numbers that do nothing where the layer has none."""
    return g.array(np.full(shape, value), name) if getattr(m, name) is None else g.own(m, name)


def _batch_norm(g: Graph, m: Any, x: str) -> str:
    if m.running_mean is None:
        raise ExportError(
            f"{named(g.path, m)} has no running statistics: what it makes of a sample depends on the others beside it, "
            "which an exported network cannot know. Use track_running_stats=True."
        )
    shape = (m.num_features,)
    scale, offset = _filled(g, m, "weight", 1, shape), _filled(g, m, "bias", 0, shape)
    running = g.own(m, "running_mean"), g.own(m, "running_var")
    return g.add("BatchNormalization", x, scale, offset, *running, epsilon=float(m.eps))


def _layer_norm(g: Graph, m: Any, x: str) -> str:
    scale = _filled(g, m, "weight", 1, m.normalized_shape)
    bias = [] if m.bias is None else [g.own(m, "bias")]
    axis = -len(m.normalized_shape)
    return g.add("LayerNormalization", x, scale, *bias, axis=axis, epsilon=float(m.eps))


def _rms_norm(g: Graph, m: Any, x: str) -> str:
    eps = np.finfo(g.dtype).eps if m.eps is None else m.eps
    axes = [-i for i in range(len(m.normalized_shape), 0, -1)]
    mean = g.add("ReduceMean", g.add("Mul", x, x), axes=axes, keepdims=1)
    y = g.add("Div", x, g.add("Sqrt", g.add("Add", mean, g.number(float(eps)))))
    return y if m.weight is None else g.add("Mul", y, g.own(m, "weight"))


def _group_norm(g: Graph, m: Any, x: str) -> str:
    """Each group as one long axis, normalised, and in shape again."""
    size = math.prod(g.before[1:]) // m.num_groups
    ones = g.array(np.ones(size), "ones")
    y = g.add("Reshape", x, g.whole([0, m.num_groups, size]))
    y = g.add("LayerNormalization", y, ones, axis=-1, epsilon=float(m.eps))
    y = g.add("Reshape", y, g.whole([0, *g.before[1:]]))
    for op, name in (("Mul", "weight"), ("Add", "bias")):
        if getattr(m, name) is not None:
            channels = g.whole([m.num_channels, *(1,) * (len(g.before) - 2)])
            y = g.add(op, y, g.add("Reshape", g.own(m, name), channels))
    return y


WRITERS: dict[type[Module], Writer] = {
    layers.Linear: _affine,
    layers.Bias: _bias,
    layers.Maxout: _maxout,
    layers.Identity: _same,
    layers.Dropout: _same,
    layers.Dropout2d: _same,
    layers.Flatten: _reshape,
    layers.Unflatten: _reshape,
    layers.Embedding: _embedding,
    normalisation.BatchNorm1d: _batch_norm,
    normalisation.BatchNorm2d: _batch_norm,
    normalisation.LayerNorm: _layer_norm,
    normalisation.RMSNorm: _rms_norm,
    normalisation.GroupNorm: _group_norm,
    **onnx_activations.WRITERS,
    **onnx_windows.WRITERS,
    **onnx_recurrent.WRITERS,
}


def write_layer(g: Graph, module: Module, kind: type[Module], x: str) -> str:
    """The nodes of one layer; returns the name of its output."""
    if g.after[:1] != (g.samples,):
        raise ExportError(
            f"{named(g.path, module)} makes {g.after} of {g.before}: the first axis, that of the samples, must stay."
        )
    return WRITERS[kind](g, module, x)
