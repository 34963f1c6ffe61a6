"""math.sin(v), float(v): which of them leave the graph on purpose."""

from __future__ import annotations

import math
import warnings
from math import exp
from math import sin as sine

import pytest

from autograd import GradientWarning, Tensor, Value, grad, no_grad


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_a_function_of_math_says_that_it_leaves_the_graph(kind):
    v = kind(0.5)
    with pytest.warns(GradientWarning, match=r"math.sin\(\) of a node leaves the graph.*autograd.sin"):
        assert math.sin(v) == math.sin(0.5)
    with pytest.warns(GradientWarning, match=r"math.sqrt\(\).*np.sqrt"):
        y = 2.0 * math.sqrt(v)
    assert y == 2 * math.sqrt(0.5)
    with pytest.warns(GradientWarning, match=r"math.asin\(\).*autograd.arcsin"):
        math.asin(v * 0.5)
    with pytest.warns(GradientWarning, match="of a node leaves the graph"):
        exp(v)
    with pytest.warns(GradientWarning, match="of a node leaves the graph"):
        sine(v)


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_a_plain_float_is_meant(kind):
    v = kind(0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert float(v) == 0.5
        assert float(v) + math.pi > 3
        assert int(v) == 0
        assert math.sin(v.item()) == math.sin(0.5)
        assert math.sin(kind(0.5, requires_grad=False)) == math.sin(0.5)
        with no_grad():
            w = v * 2
        assert math.sin(w) == math.sin(1.0)
        assert f"{v:.2f}" == "0.50"
        assert f"{float(v):.1f}" == "0.5"
        found = [float][0](v)  # no name tells which function this is
    assert found == 0.5


def test_inside_grad_every_float_warns():
    with pytest.warns(GradientWarning, match=r"float\(\) of a node inside grad"):
        grad(lambda x: x * float(x))(2.0)
    with pytest.warns(GradientWarning, match=r"math.cos\(\)"):
        grad(lambda x: x * math.cos(x))(2.0)
