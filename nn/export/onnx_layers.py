"""The other layers in ONNX: linear, shapes, normalisation, recurrent. All writers are in the table at the end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.graph import raw

from .. import layers
from ..core.module import Module
from ..layers import normalisation
from ..layers.sequences import GRU, LSTM, RNN
from . import onnx_activations, onnx_windows
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


def _normalised(g: Graph, x: str, size: int, axis: int, eps: float, scale: str, *bias: str) -> str:
    """Numbers along the last axes, `size` of them together. One alone is its own mean; onnxruntime 1.23 refuses it."""
    if size > 1:
        return g.add("LayerNormalization", x, scale, *bias, axis=axis, epsilon=eps)
    y = g.add("Mul", g.add("Sub", x, x), scale)
    return g.add("Add", y, *bias) if bias else y


def _layer_norm(g: Graph, m: Any, x: str) -> str:
    scale = _filled(g, m, "weight", 1, m.normalized_shape)
    bias = [] if m.bias is None else [g.own(m, "bias")]
    size, axis = math.prod(m.normalized_shape), -len(m.normalized_shape)
    return _normalised(g, x, size, axis, float(m.eps), scale, *bias)


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
    y = _normalised(g, y, size, -1, float(m.eps), ones)
    y = g.add("Reshape", y, g.whole([0, *g.before[1:]]))
    for op, name in (("Mul", "weight"), ("Add", "bias")):
        if getattr(m, name) is not None:
            channels = g.whole([m.num_channels, *(1,) * (len(g.before) - 2)])
            y = g.add(op, y, g.add("Reshape", g.own(m, name), channels))
    return y


# --- recurrent layers, whose operations have the gates in another order, and the time before the samples

# Where the gates of ONNX are among ours: i, o, f, g of i, f, g, o; z, r, n of r, z, n.
_GATES = {LSTM: [0, 3, 1, 2], GRU: [1, 0, 2], RNN: [0]}


def _sequence(kind: Any) -> Writer:
    def write(g: Graph, m: Any, x: str) -> str:
        """(n, time, inputs) to (n, time, directions * hidden); the last states are the network's further outputs."""
        if not m.batch_first or len(g.before) != 3:
            raise ExportError(
                f"{named(g.path, m)} is exported with batch_first=True, for samples of shape (time, inputs): the first "
                "axis is that of the samples."
            )
        ways = 1 + m.bidirectional
        settings = {
            "hidden_size": m.hidden_size,
            "direction": "bidirectional" if m.bidirectional else "forward",
        }
        if kind is GRU:
            settings["linear_before_reset"] = 1
        if kind is RNN:
            settings["activations"] = [m.nonlinearity.capitalize()] * ways
        y, ends = g.add("Transpose", x, perm=[1, 0, 2]), []
        for layer in range(m.num_layers):
            suffixes = [f"_l{layer}{way}" for way in ("", "_reverse")[:ways]]
            weights = [g.array(_stacked(m, name, suffixes, kind), f"{name}_l{layer}") for name in _names(m)]
            y, *last = g.several(m._states + 1, kind.__name__, y, *weights, **settings)
            ends.append(last)
            # (time, ways, n, hidden) to (time, n, ways * hidden)
            y = g.add("Transpose", y, perm=[0, 2, 1, 3])
            y = g.add("Reshape", y, g.whole([0, 0, ways * m.hidden_size]))
        g.states = [last[0] if len(last) == 1 else g.add("Concat", *last, axis=0) for last in zip(*ends)]
        return g.add("Transpose", y, perm=[1, 0, 2])

    return write


def _names(m: Any) -> tuple[str, ...]:
    return ("weight_ih", "weight_hh", "bias") if m.bias else ("weight_ih", "weight_hh")


def _stacked(m: Any, name: str, suffixes: list[str], kind: Any) -> Any:
    """The weights of all directions, one after the other, with the gates in ONNX's order; both biases in one row."""
    parts = ("bias_ih", "bias_hh") if name == "bias" else (name,)
    rows = []
    for suffix in suffixes:
        arrays = [np.asarray(raw(getattr(m, part + suffix))) for part in parts]
        gates = [a.reshape(len(_GATES[kind]), m.hidden_size, *a.shape[1:])[_GATES[kind]] for a in arrays]
        rows.append(np.concatenate([a.reshape(-1, *a.shape[2:]) for a in gates]))
    return np.stack(rows)


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
    **{kind: _sequence(kind) for kind in (RNN, GRU, LSTM)},
}


def write_layer(g: Graph, module: Module, kind: type[Module], x: str) -> str:
    """The nodes of one layer; returns the name of its output."""
    if g.after[:1] != (g.samples,):
        raise ExportError(
            f"{named(g.path, module)} makes {g.after} of {g.before}: the first axis, that of the samples, must stay."
        )
    return WRITERS[kind](g, module, x)
