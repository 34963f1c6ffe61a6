"""The numbers of the course notes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd import Tensor, Value, linear


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_a1_first_graph(kind):
    x, y, z = kind(-2.0), kind(5.0), kind(-4.0)
    q = x + y
    f = q * z
    f.backward()
    assert (q.item(), f.item()) == (3.0, -12.0)
    assert [float(v.grad) for v in (x, y, z)] == [-4.0, -4.0, 3.0]


@pytest.mark.parametrize("kind", [Value, Tensor])
@pytest.mark.parametrize("collapsed", [True, False])
def test_a4_sigmoid_neuron(kind, collapsed):
    w0, x0, w1, x1, w2 = (kind(v) for v in (2.0, -1.0, -3.0, -2.0, -3.0))
    z = w0 * x0 + w1 * x1 + w2
    f = z.sigmoid() if collapsed else 1 / (1 + (-z).exp())
    f.backward()
    assert round(f.item(), 2) == 0.73
    grads = [round(float(v.grad), 2) for v in (w0, x0, w1, x1, w2)]
    assert grads == [-0.20, 0.39, -0.39, -0.59, 0.20]
    s = 1 / (1 + math.exp(-1.0))
    assert float(w2.grad) == pytest.approx(s * (1 - s), rel=1e-14)


LAYERS = [
    ([[1, -2], [-1, 1]], [1, 0]),
    ([[2, -1], [-2, -1]], [0, 0]),
    ([[3, -1], [-1, 4]], [-2, 2]),
]


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([1, -1], [[0.98, 0.12], [0.86, 0.11], [0.62, 0.83]]),
        ([0, 0], [[0.73, 0.5], [0.72, 0.12], [0.51, 0.85]]),
    ],
)
def test_e1_feed_forward(x, expected):
    a = Tensor([x])
    for (weight, bias), numbers in zip(LAYERS, expected):
        a = linear(a, Tensor(weight), Tensor(bias), "sigmoid")
        np.testing.assert_array_equal(a.data.round(2), [numbers])
