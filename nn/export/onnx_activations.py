"""Activations in ONNX: the standard operation where it computes the same, else the steps that it is made of.

Each function takes the graph, the layer and the name of the input, and returns the name of the output. See `Graph` for
why float64 has steps of its own. The operations: https://onnx.ai/onnx/operators.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import layers as a
from ..core.module import Module
from ..layers import softmax as s
from .onnx_graph import Graph

Writer = Callable[[Graph, Any, str], str]


def _plain(op: str) -> Writer:
    return lambda g, m, x: g.add(op, x)


def _leaky_relu(g: Graph, m: Any, x: str) -> str:
    if g.single:
        return g.add("LeakyRelu", x, alpha=float(m.negative_slope))
    return g.add("PRelu", x, g.array([m.negative_slope], "slope"))


def _exponential(g: Graph, x: str, alpha: float, width: float) -> str:
    """x on the right, alpha * (e^(x / width) - 1) on the left."""
    left = g.add("Min", x, g.number(0))
    left = left if width == 1 else g.add("Div", left, g.number(width))
    left = g.add("Mul", g.number(alpha), g.add("Sub", g.add("Exp", left), g.number(1)))
    return g.add("Add", g.add("Max", x, g.number(0)), left)


def _elu(g: Graph, m: Any, x: str) -> str:
    return g.add("Elu", x, alpha=float(m.alpha)) if g.single else _exponential(g, x, m.alpha, 1)


def _celu(g: Graph, m: Any, x: str) -> str:
    if g.single:
        return g.add("Celu", x, alpha=float(m.alpha))
    return _exponential(g, x, m.alpha, m.alpha)


def _selu(g: Graph, m: Any, x: str) -> str:
    if g.single:
        return g.add("Selu", x)
    return g.add("Mul", _exponential(g, x, 1.6732632423543772, 1), g.number(1.0507009873554805))


def _log1p_exp(g: Graph, x: str) -> str:
    """log(1 + e^x)."""
    if g.single:
        return g.add("Softplus", x)
    small = g.add("Exp", g.add("Neg", g.add("Abs", x)))
    return g.add("Add", g.add("Max", x, g.number(0)), g.add("Log", g.add("Add", small, g.number(1))))


def _softplus(g: Graph, m: Any, x: str) -> str:
    if m.beta == 1 and m.threshold >= 20 and g.single:  # beyond 20 it is x, as far as float32 can tell
        return _log1p_exp(g, x)
    scaled = g.add("Mul", x, g.number(m.beta))
    curve = g.add("Div", _log1p_exp(g, scaled), g.number(m.beta))
    return g.add("Where", g.add("Greater", scaled, g.number(m.threshold)), x, curve)


def _log_sigmoid(g: Graph, m: Any, x: str) -> str:
    return g.add("Neg", _log1p_exp(g, g.add("Neg", x)))


def _softsign(g: Graph, m: Any, x: str) -> str:
    if g.single:
        return g.add("Softsign", x)
    return g.add("Div", x, g.add("Add", g.add("Abs", x), g.number(1)))


def _hardsigmoid(g: Graph, m: Any, x: str) -> str:
    if g.single:
        return g.add("HardSigmoid", x, alpha=1 / 6, beta=0.5)
    inside = g.add("Clip", g.add("Add", x, g.number(3)), g.number(0), g.number(6))
    return g.add("Div", inside, g.number(6))


def _hardswish(g: Graph, m: Any, x: str) -> str:
    return g.add("HardSwish", x) if g.single else g.add("Mul", x, _hardsigmoid(g, m, x))


def _clip(low: str | float, high: str | float) -> Writer:
    def write(g: Graph, m: Any, x: str) -> str:
        ends = [getattr(m, end) if isinstance(end, str) else end for end in (low, high)]
        return g.add("Clip", x, g.number(ends[0]), g.number(ends[1]))

    return write


def _threshold(g: Graph, m: Any, x: str) -> str:
    return g.add("Where", g.add("Greater", x, g.number(m.threshold)), x, g.number(m.value))


def _hardshrink(g: Graph, m: Any, x: str) -> str:
    outside = g.add("Greater", g.add("Abs", x), g.number(m.lambd))
    return g.add("Where", outside, x, g.number(0))


def _softshrink(g: Graph, m: Any, x: str) -> str:
    inside = g.add("Clip", x, g.number(-m.lambd), g.number(m.lambd))
    return g.add("Sub", x, inside)


def _silu(g: Graph, m: Any, x: str) -> str:
    if g.single:
        return g.add("Mul", x, g.add("Sigmoid", x))
    # onnxruntime joins the two above into an operation that some of its versions have not in float64
    return g.add("Div", x, g.add("Add", g.number(1), g.add("Exp", g.add("Neg", x))))


def _mish(g: Graph, m: Any, x: str) -> str:
    return g.add("Mul", x, g.add("Tanh", _log1p_exp(g, x)))


def _tanhshrink(g: Graph, m: Any, x: str) -> str:
    return g.add("Sub", x, g.add("Tanh", x))


def _gelu(g: Graph, m: Any, x: str) -> str:
    if m.approximate == "none":
        inner = g.add("Erf", g.add("Div", x, g.number(math.sqrt(2))))
    else:  # tanh(sqrt(2 / pi) * (x + 0.044715 x^3))
        square = g.add("Mul", g.add("Mul", x, x), g.number(0.044715))
        bent = g.add("Mul", x, g.add("Add", square, g.number(1)))
        inner = g.add("Tanh", g.add("Mul", bent, g.number(math.sqrt(2 / math.pi))))
    half = g.add("Mul", x, g.number(0.5))
    return g.add("Mul", half, g.add("Add", inner, g.number(1)))


def _prelu(g: Graph, m: Any, x: str) -> str:
    slope = g.own(m, "weight")
    rank = len(g.before)
    if m.num_parameters > 1 and rank > 2:  # one for each channel, which is axis 1
        slope = g.add("Reshape", slope, g.whole([m.num_parameters, *(1,) * (rank - 2)]))
    return g.add("PRelu", x, slope)


def _along(op: str, sign: bool = False) -> Writer:
    def write(g: Graph, m: Any, x: str) -> str:
        return g.add(op, g.add("Neg", x) if sign else x, axis=-1 if m.dim is None else int(m.dim))

    return write


def _glu(g: Graph, m: Any, x: str) -> str:
    first, second = g.several(2, "Split", x, axis=int(m.dim))
    return g.add("Mul", first, g.add("Sigmoid", second))


WRITERS: dict[type[Module], Writer] = {
    a.ReLU: _plain("Relu"),
    a.Tanh: _plain("Tanh"),
    a.Sigmoid: _plain("Sigmoid"),
    a.LogSigmoid: _log_sigmoid,
    a.Softsign: _softsign,
    a.Tanhshrink: _tanhshrink,
    a.LeakyReLU: _leaky_relu,
    a.ELU: _elu,
    a.CELU: _celu,
    a.SELU: _selu,
    a.GELU: _gelu,
    a.PReLU: _prelu,
    a.SiLU: _silu,
    a.Mish: _mish,
    a.Softplus: _softplus,
    a.ReLU6: _clip(0, 6),
    a.Hardtanh: _clip("min_val", "max_val"),
    a.Hardsigmoid: _hardsigmoid,
    a.Hardswish: _hardswish,
    a.Hardshrink: _hardshrink,
    a.Softshrink: _softshrink,
    a.Threshold: _threshold,
    s.Softmax: _along("Softmax"),
    s.LogSoftmax: _along("LogSoftmax"),
    s.Softmin: _along("Softmax", sign=True),
    s.GLU: _glu,
}
