"""The graphs that the tests of the pictures draw."""

from __future__ import annotations

import numpy as np

from autograd import Tensor, Value, exp, sigmoid, softmax_cross_entropy


def product_of_sum() -> Value:
    """CURRICULUM A1: f = (x + y) * z at x = -2, y = 5, z = -4."""
    x, y, z = Value(-2.0, name="x"), Value(5.0, name="y"), Value(-4.0, name="z")
    q = x + y
    q.name = "q"
    return q * z


def _neuron_sum() -> Value:
    w0, x0, w1 = Value(2.0, name="w0"), Value(-1.0, name="x0"), Value(-3.0, name="w1")
    x1, w2 = Value(-2.0, name="x1"), Value(-3.0, name="w2")
    return w0 * x0 + w1 * x1 + w2


def neuron() -> Value:
    """CURRICULUM A4: the sigmoid neuron, every operation a gate of its own."""
    return 1 / (1 + exp(-_neuron_sum()))


def collapsed_neuron() -> Value:
    """CURRICULUM A4 with one sigmoid gate."""
    return sigmoid(_neuron_sum())


def square_and_more() -> Value:
    """x * x + x: two edges into one gate, three contributions to one leaf."""
    x = Value(3.0, name="x")
    return x * x + x


def small_network() -> Tensor:
    """A layer, its activation and a loss on a batch of three."""
    batch = np.array([[1.0, -1.0], [0.5, 2.0], [-1.0, 0.3]])
    W, b = Tensor([[1.0, -2.0], [-1.0, 1.0]], name="W"), Tensor([1.0, 0.0], name="b")
    h = (batch @ W + b).tanh()
    h.name = "h"
    loss = softmax_cross_entropy(h, np.array([0, 1, 1]))
    loss.name = "L"
    return loss


def large_arrays() -> Tensor:
    """Arrays too large for a table."""
    rows = np.linspace(-1, 1, 24 * 10).reshape(24, 10)
    weight = Tensor(np.linspace(-0.5, 0.5, 80).reshape(10, 8), name="weight", dtype=np.float64)
    return (rows @ weight).mean()


def strange_names() -> Value:
    """Names that are markup, escapes, several lines, another script, or endless."""
    a = Value(2.0, name='<b>&"x"</b>')
    b = Value(3.0, name="\\N\\G\nline two")
    c = Value(4.0, name="größe_µ")
    d = Value(5.0, name="a name " * 30)
    return (a + b) * (c - d)


def long_chain(steps: int) -> Value:
    """A chain of that many operations."""
    y = Value(1.0, name="x")
    for _ in range(steps):
        y = y * 1.0
    return y


GRAPHS = {
    f.__name__: f
    for f in (
        product_of_sum,
        neuron,
        collapsed_neuron,
        square_and_more,
        small_network,
        large_arrays,
        strange_names,
    )
}
