"""Recurrent layers in ONNX, whose operations have the gates in another order, and the time before the samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.graph import raw

from ..core.module import Module
from ..layers.sequences import GRU, LSTM, RNN
from .kinds import ExportError, named
from .onnx_activations import Writer
from .onnx_graph import Graph

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


WRITERS: dict[type[Module], Writer] = {kind: _sequence(kind) for kind in (RNN, GRU, LSTM)}
