"""Recurrent cells, one step in time each: RNN, LSTM and GRU, with PyTorch's weights, names and order of the gates.

weight_ih is (gates * hidden, inputs), weight_hh (gates * hidden, hidden); all start uniform in +-1/sqrt(hidden).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError

from ..core.fuse import affine
from ..core.module import Module
from ..core.parameter import Parameter
from ..core.rng import generator
from .linear import sizes

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
Weights = tuple[Any, Any, Any, Any]  # weight_ih, weight_hh, bias_ih, bias_hh


def make_weights(
    module: Module, kind: str, inputs: int, hidden: int, bias: bool, suffix: str, dtype: Any, rng: Any
) -> None:
    """Register the four weights of a cell."""
    draw, bound, rows = generator(rng), 1 / math.sqrt(hidden), GATES[kind] * hidden
    shapes: list[tuple[str, tuple[int, ...]]] = [("weight_ih", (rows, inputs)), ("weight_hh", (rows, hidden))]
    shapes += [("bias_ih", (rows,)), ("bias_hh", (rows,))]
    for name, shape in shapes:
        if name.startswith("bias") and not bias:
            module.register_parameter(name + suffix, None)
        else:
            module.register_parameter(
                name + suffix, Parameter(draw.uniform(-bound, bound, shape), dtype=dtype)
            )


def rnn_step(x: Any, state: tuple[Any, ...], w: Weights, nonlinearity: str = "tanh") -> tuple[Any, ...]:
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh)."""
    return (getattr(autograd, nonlinearity)(affine(x, w[0], w[2]) + affine(state[0], w[1], w[3])),)


def lstm_step(x: Any, state: tuple[Any, ...], w: Weights) -> tuple[Any, ...]:
    """c' = f * c + i * g, h' = o * tanh(c'), with the gates i, f, o (sigmoid) and g (tanh) in the order i, f, g, o.

    Source: Hochreiter and Schmidhuber, Long Short-Term Memory (1997), with the forget gate of Gers et al. (2000).
    """
    h, c = state
    i, f, g, o = autograd.split(affine(x, w[0], w[2]) + affine(h, w[1], w[3]), 4, axis=-1)
    c = autograd.sigmoid(f) * c + autograd.sigmoid(i) * autograd.tanh(g)
    return autograd.sigmoid(o) * autograd.tanh(c), c


def gru_step(x: Any, state: tuple[Any, ...], w: Weights) -> tuple[Any, ...]:
    """h' = (1 - z) * n + z * h with n = tanh(W_in x + b_in + r * (W_hn h + b_hn)); the gates in the order r, z, n.

    Source: Cho et al. (2014), in the form whose reset gate r comes after the product, as PyTorch's.
    """
    (h,) = state
    from_x = autograd.split(affine(x, w[0], w[2]), 3, axis=-1)
    from_h = autograd.split(affine(h, w[1], w[3]), 3, axis=-1)
    r, z = autograd.sigmoid(from_x[0] + from_h[0]), autograd.sigmoid(from_x[1] + from_h[1])
    n = autograd.tanh(from_x[2] + r * from_h[2])
    return (n + z * (h - n),)


STEPS: dict[str, Any] = {"RNN": rnn_step, "LSTM": lstm_step, "GRU": gru_step}


def check_nonlinearity(nonlinearity: str) -> str:
    """That of an RNN is one of two."""
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f'nonlinearity={nonlinearity!r}: it is "tanh" or "relu".')
    return nonlinearity


class _Cell(Module):
    """Base of the cells: x (n, inputs) and the state (n, hidden), or one sample without n."""

    _kind = "RNN"
    _role = "layer"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        dtype: Any = np.float64,
        rng: Any = None,
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size = sizes(type(self).__name__, input_size, hidden_size)
        make_weights(self, self._kind, self.input_size, self.hidden_size, bias, "", dtype, rng)

    weight_ih: Any
    weight_hh: Any
    bias_ih: Any
    bias_hh: Any

    def _step(self, x: Any, state: tuple[Any, ...], **settings: Any) -> tuple[Any, ...]:
        shape, hidden = np.shape(x), self.hidden_size
        if len(shape) not in (1, 2) or shape[-1] != self.input_size:
            raise ShapeError(f"{self!r}: input of shape {shape}; it is (n, {self.input_size}), or without n.")
        expected = (*shape[:-1], hidden)
        filled = [np.zeros(expected, self.weight_ih.dtype) if s is None else s for s in state]
        for s in filled:
            if np.shape(s) != expected:
                raise ShapeError(
                    f"{self!r}: state of shape {np.shape(s)} for input {shape}; it is {expected}."
                )
        w = (self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        step: Callable[..., tuple[Any, ...]] = STEPS[self._kind]
        return step(x, tuple(filled), w, **settings)

    def extra_repr(self) -> str:
        """As PyTorch's."""
        return f"{self.input_size}, {self.hidden_size}" + (", bias=False" if self.bias_ih is None else "")


class RNNCell(_Cell):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), one step: cell(x, h). Without h it starts at 0.

    >>> RNNCell(3, 5, rng=0)(np.ones((2, 3))).shape
    (2, 5)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        dtype: Any = np.float64,
        rng: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, dtype=dtype, rng=rng)
        self.nonlinearity = check_nonlinearity(nonlinearity)

    def forward(self, x: Any, hx: Any = None) -> Any:
        """The next state."""
        return self._step(x, (hx,), nonlinearity=self.nonlinearity)[0]

    def extra_repr(self) -> str:
        """As PyTorch's."""
        other = "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}"
        return super().extra_repr() + other


class LSTMCell(_Cell):
    """One step of long short-term memory: cell(x, (h, c)) gives the next (h, c). See `lstm_step` for the formula.

    >>> h, c = LSTMCell(3, 5, rng=0)(np.ones((2, 3)))
    >>> h.shape, c.shape
    ((2, 5), (2, 5))
    """

    _kind = "LSTM"

    def forward(self, x: Any, hx: Any = None) -> Any:
        """The next (h, c)."""
        return self._step(x, (None, None) if hx is None else tuple(hx))


class GRUCell(_Cell):
    """One step of a gated recurrent unit: cell(x, h). See `gru_step` for the formula.

    >>> GRUCell(3, 5, rng=0)(np.ones((2, 3))).shape
    (2, 5)
    """

    _kind = "GRU"

    def forward(self, x: Any, hx: Any = None) -> Any:
        """The next state."""
        return self._step(x, (hx,))[0]
