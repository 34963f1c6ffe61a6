"""Recurrent layers over whole sequences: RNN, LSTM and GRU, in several layers and both directions, as PyTorch's."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError

from ..core.caller import level
from ..core.module import Module
from ..core.numbers import share
from ..core.rng import generator
from .linear import sizes
from .recurrent import STEPS, check_nonlinearity, make_weights


class _Sequence(Module):
    """Base of the recurrent layers."""

    _kind: str  # which of the STEPS it takes
    _states = 1
    _role = "layer"
    nonlinearity: str | None = None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        dtype: Any = np.float64,
        rng: Any = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.input_size, self.hidden_size, self.num_layers = sizes(name, input_size, hidden_size, num_layers)
        self.bias, self.batch_first, self.bidirectional = bool(bias), bool(batch_first), bool(bidirectional)
        self.dropout = share(f"{name}: dropout", dropout, why="the probability of a 0")
        if dropout and num_layers == 1:
            warnings.warn(
                f"{name}: dropout={dropout} comes between layers, and there is one: nothing is dropped. Use "
                "num_layers=2, or nn.Dropout after the layer.",
                stacklevel=level(),
            )
        self.rng = generator(rng)
        for suffix in self._suffixes():
            inputs = (
                self.input_size if suffix.startswith("_l0") else self.hidden_size * (1 + self.bidirectional)
            )
            make_weights(self, self._kind, inputs, self.hidden_size, bias, suffix, dtype, self.rng)

    def _suffixes(self) -> list[str]:
        ways = ("", "_reverse") if self.bidirectional else ("",)
        return [f"_l{layer}{way}" for layer in range(self.num_layers) for way in ways]

    def forward(self, x: Any, hx: Any = None) -> Any:
        """(output, h_n), for an LSTM (output, (h_n, c_n))."""
        shape = np.shape(x)
        if len(shape) not in (2, 3) or shape[-1] != self.input_size or 0 in shape:
            layout = "(n, time, inputs)" if self.batch_first else "(time, n, inputs)"
            raise ShapeError(
                f"{self!r}: input of shape {shape}; it is {layout} or (time, inputs), of {self.input_size} inputs."
            )
        single, time = len(shape) == 2, 1 if self.batch_first and len(shape) == 3 else 0
        xs = list(autograd.unstack(x, axis=time))
        ends, before = [], self._start(hx, np.shape(xs[0])[:-1])
        suffixes = self._suffixes()
        ways = 1 + self.bidirectional
        for i in range(0, len(suffixes), ways):
            outputs = []
            for k in range(ways):
                hs, end = self._run(xs[:: -1 if k else 1], before[i + k], suffixes[i + k])
                outputs.append(hs[:: -1 if k else 1])
                ends.append(end)
            xs = outputs[0] if ways == 1 else [autograd.concatenate(pair, axis=-1) for pair in zip(*outputs)]
            if self.dropout and self.training and i + ways < len(suffixes):
                xs = [autograd.dropout(h, self.dropout, True, self.rng) for h in xs]
        states = tuple(autograd.stack([end[s] for end in ends]) for s in range(self._states))
        output = autograd.stack(xs, axis=0 if single else time)
        return output, states[0] if self._states == 1 else states

    def _run(self, xs: list[Any], state: tuple[Any, ...], suffix: str) -> tuple[list[Any], tuple[Any, ...]]:
        """One layer in one direction: the outputs of all steps, and the last state."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        w = tuple(getattr(self, name + suffix) for name in names)
        step, hs = STEPS[self._kind], []
        settings = {} if self.nonlinearity is None else {"nonlinearity": self.nonlinearity}
        for x in xs:
            state = step(x, state, w, **settings)
            hs.append(state[0])
        return hs, state

    def _start(self, hx: Any, batch: tuple[int, ...]) -> list[tuple[Any, ...]]:
        """The states before the first step, for each layer and direction."""
        n = len(self._suffixes())
        expected = (n, *batch, self.hidden_size)
        if hx is None:
            dtype = self.weight_ih_l0.dtype
            return [(np.zeros(expected[1:], dtype),) * self._states] * n
        given = (hx,) if self._states == 1 else tuple(hx)
        if len(given) != self._states or any(np.shape(h) != expected for h in given):
            what = "(h_0, c_0), both" if self._states == 2 else "h_0"
            raise ShapeError(
                f"{self!r}: states of shape {[np.shape(h) for h in given]}; give {what} {expected}."
            )
        return list(zip(*[autograd.unstack(h) for h in given]))

    weight_ih_l0: Any

    def extra_repr(self) -> str:
        """As PyTorch's."""
        shown = [f"{self.input_size}, {self.hidden_size}"]
        shown += [f"num_layers={self.num_layers}"] if self.num_layers != 1 else []
        shown += ["bias=False"] if not self.bias else []
        shown += ["batch_first=True"] if self.batch_first else []
        shown += [f"dropout={self.dropout}"] if self.dropout else []
        shown += ["bidirectional=True"] if self.bidirectional else []
        return ", ".join(shown)


class RNN(_Sequence):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh) for each time t: rnn(x, h_0) gives (output, h_n).

    x (time, n, inputs), with batch_first (n, time, inputs), or one sequence (time, inputs); h_0 and h_n (layers *
    directions, n, hidden), where h_0 is 0 unless given. The output holds h_t of the last layer at every t, the two
    directions side by side. Each layer but the last is followed by dropout in training.

    The weights are weight_ih_l0, weight_hh_l0, bias_ih_l0 and bias_hh_l0, those of layer 1 end in _l1, and those of the
    way from the end to the start in _reverse.

    >>> output, h = RNN(3, 5, num_layers=2, rng=0)(np.ones((7, 4, 3)))
    >>> output.shape, h.shape
    ((7, 4, 5), (2, 4, 5))
    """

    _kind = "RNN"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        dtype: Any = np.float64,
        rng: Any = None,
    ) -> None:
        more = (bias, batch_first, dropout, bidirectional)
        super().__init__(input_size, hidden_size, num_layers, *more, dtype=dtype, rng=rng)
        self.nonlinearity = check_nonlinearity(nonlinearity)


class GRU(_Sequence):
    """Gated recurrent units over sequences: gru(x, h_0) gives (output, h_n). Shapes and weights as RNN's.

    >>> output, h = GRU(3, 5, rng=0)(np.ones((7, 4, 3)))
    >>> output.shape, h.shape
    ((7, 4, 5), (1, 4, 5))
    """

    _kind = "GRU"


class LSTM(_Sequence):
    """Long short-term memory over sequences: lstm(x, (h_0, c_0)) gives (output, (h_n, c_n)). Weights as RNN's.

    >>> output, (h, c) = LSTM(3, 5, rng=0)(np.ones((7, 4, 3)))
    >>> output.shape, h.shape, c.shape
    ((7, 4, 5), (1, 4, 5), (1, 4, 5))
    """

    _kind = "LSTM"
    _states = 2
