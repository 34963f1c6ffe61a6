"""Activations: the slope at every kink, stability far out to the second derivative, both engines, every setting."""

from __future__ import annotations

import math

import numpy as np
import pytest
from samples import OPS

import autograd as ag
from autograd import ShapeError, Tensor, Value, check_grads, gradients

ENGINES = pytest.mark.parametrize("kind", [Value, Tensor])
SMOOTH = "sigmoid log_sigmoid softplus softsign tanhshrink silu mish gelu tanh".split()
KINKED = (
    "relu leaky_relu elu selu celu relu6 hardtanh hardsigmoid hardswish hardshrink softshrink threshold"
).split()
SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772


def derivatives(op, at, kind, **settings):
    """Value, slope and second derivative."""
    x = kind(at)
    y = op(x, **settings)
    first = gradients(y, x, create_graph=True)
    second = float(gradients(first, x)) if first.requires_grad else 0.0
    x.grad = None
    y.backward()  # the way without a history has kernels of its own
    assert float(x.grad) == pytest.approx(float(first.item()), rel=1e-15, nan_ok=True)
    return float(y.item()), float(first.item()), second


@ENGINES
@pytest.mark.parametrize(
    ("name", "settings", "at", "value", "slope"),
    [
        ("relu", {}, 0.0, 0.0, 0.0),
        ("relu", {}, 1e-300, 1e-300, 1.0),
        ("leaky_relu", {}, 0.0, 0.0, 0.01),
        ("leaky_relu", {"slope": 0.3}, 0.0, 0.0, 0.3),
        ("leaky_relu", {"slope": 3.0}, 2.0, 2.0, 1.0),
        ("leaky_relu", {"slope": -0.5}, -2.0, 1.0, -0.5),
        ("elu", {}, 0.0, 0.0, 1.0),
        ("elu", {"alpha": 0.5}, 0.0, 0.0, 0.5),
        ("selu", {}, 0.0, 0.0, SCALE * ALPHA),
        ("selu", {}, 2.0, 2 * SCALE, SCALE),
        ("celu", {"alpha": 0.5}, 0.0, 0.0, 1.0),
        ("relu6", {}, 0.0, 0.0, 0.0),
        ("relu6", {}, 6.0, 6.0, 0.0),
        ("relu6", {}, 3.0, 3.0, 1.0),
        ("hardtanh", {}, -1.0, -1.0, 0.0),
        ("hardtanh", {}, 1.0, 1.0, 0.0),
        ("hardtanh", {"min_val": -2.0, "max_val": 3.0}, 1.0, 1.0, 1.0),
        ("hardtanh", {"min_val": -2.0, "max_val": 3.0}, 3.0, 3.0, 0.0),
        ("hardsigmoid", {}, -3.0, 0.0, 0.0),
        ("hardsigmoid", {}, 3.0, 1.0, 0.0),
        ("hardsigmoid", {}, 0.0, 0.5, 1 / 6),
        ("hardswish", {}, -3.0, 0.0, 0.0),
        ("hardswish", {}, 3.0, 3.0, 1.0),
        ("hardswish", {}, 0.0, 0.0, 0.5),
        ("hardshrink", {}, 0.5, 0.0, 0.0),
        ("hardshrink", {}, -0.5, 0.0, 0.0),
        ("hardshrink", {}, 0.0, 0.0, 0.0),
        ("hardshrink", {"lambd": 0.25}, 0.5, 0.5, 1.0),
        ("softshrink", {}, 0.5, 0.0, 0.0),
        ("softshrink", {}, -0.5, 0.0, 0.0),
        ("softshrink", {"lambd": 0.25}, -0.5, -0.25, 1.0),
        ("threshold", {"threshold": 0.1, "value": 20.0}, 0.1, 20.0, 0.0),
        ("threshold", {"threshold": 0.1, "value": 20.0}, 0.2, 0.2, 1.0),
        ("threshold", {}, 0.0, 0.0, 0.0),
        ("softsign", {}, 0.0, 0.0, 1.0),
        ("tanhshrink", {}, 0.0, 0.0, 0.0),
        ("silu", {}, 0.0, 0.0, 0.5),
        ("mish", {}, 0.0, 0.0, 0.6),
        ("gelu", {}, 0.0, 0.0, 0.5),
        ("gelu", {"approximate": "tanh"}, 0.0, 0.0, 0.5),
        ("sigmoid", {}, 0.0, 0.5, 0.25),
        ("log_sigmoid", {}, 0.0, -math.log(2), 0.5),
        ("softplus", {}, 0.0, math.log(2), 0.5),
        ("softplus", {"beta": 4.0}, 0.0, math.log(2) / 4, 0.5),
    ],
)
def test_value_and_slope_at_kinks_and_at_0(name, settings, at, value, slope, kind):
    y, first, _ = derivatives(OPS[name], at, kind, **settings)
    assert y == pytest.approx(value, rel=1e-15, abs=0)
    assert first == pytest.approx(slope, rel=1e-15, abs=0)


@ENGINES
@pytest.mark.parametrize(
    ("name", "settings", "left", "right"),
    [
        ("sigmoid", {}, (0, 0, 0), (1, 0, 0)),
        ("tanh", {}, (-1, 0, 0), (1, 0, 0)),
        ("log_sigmoid", {}, (-1000, 1, 0), (0, 0, 0)),
        ("softplus", {}, (0, 0, 0), (1000, 1, 0)),
        ("softplus", {"beta": 2.0}, (0, 0, 0), (1000, 1, 0)),
        ("softsign", {}, (-1000 / 1001, 1001**-2, 2 * 1001**-3), (1000 / 1001, 1001**-2, -2 * 1001**-3)),
        ("tanhshrink", {}, (-999, 1, 0), (999, 1, 0)),
        ("silu", {}, (0, 0, 0), (1000, 1, 0)),
        ("mish", {}, (0, 0, 0), (1000, 1, 0)),
        ("gelu", {}, (0, 0, 0), (1000, 1, 0)),
        ("gelu", {"approximate": "tanh"}, (0, 0, 0), (1000, 1, 0)),
        ("relu", {}, (0, 0, 0), (1000, 1, 0)),
        ("leaky_relu", {}, (-10, 0.01, 0), (1000, 1, 0)),
        ("elu", {}, (-1, 0, 0), (1000, 1, 0)),
        ("elu", {"alpha": 0.5}, (-0.5, 0, 0), (1000, 1, 0)),
        ("selu", {}, (-SCALE * ALPHA, 0, 0), (1000 * SCALE, SCALE, 0)),
        ("celu", {"alpha": 0.5}, (-0.5, 0, 0), (1000, 1, 0)),
        ("relu6", {}, (0, 0, 0), (6, 0, 0)),
        ("hardtanh", {}, (-1, 0, 0), (1, 0, 0)),
        ("hardsigmoid", {}, (0, 0, 0), (1, 0, 0)),
        ("hardswish", {}, (0, 0, 0), (1000, 1, 0)),
        ("hardshrink", {}, (-1000, 1, 0), (1000, 1, 0)),
        ("softshrink", {}, (-999.5, 1, 0), (999.5, 1, 0)),
        ("threshold", {}, (0, 0, 0), (1000, 1, 0)),
    ],
)
def test_value_slope_and_second_derivative_far_out(name, settings, left, right, kind):
    """Warnings are errors here: nothing overflows on the way either."""
    for at, expected in ((-1000.0, left), (1000.0, right)):
        assert derivatives(OPS[name], at, kind, **settings) == pytest.approx(expected, rel=1e-13, abs=1e-300)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("name", [*SMOOTH, *KINKED])
def test_small_dtypes_are_finite_far_out(name, dtype):
    op = OPS[name]
    with np.errstate(over="ignore"):  # x * x of 1000 is no float16; what it is for comes out right
        for settings in op.samples:
            x = Tensor(np.array([-1000, -80, 80, 1000], dtype))
            y = op(x, **settings)
            (first,) = gradients(y, [x], upstream=np.ones(4, dtype), create_graph=True)
            exact = Tensor(x.numpy().astype(float))
            z = op(exact, **settings)
            z.backward(np.ones(4))
            assert (y.dtype, first.dtype) == (dtype, dtype)
            np.testing.assert_allclose(y.data, z.data, rtol=2e-3, atol=1e-6)
            np.testing.assert_allclose(first.data, exact.grad, rtol=2e-3, atol=1e-6)
            if first.requires_grad:
                assert np.isfinite(gradients(first, x, upstream=np.ones(4, dtype))).all()


@ENGINES
@pytest.mark.parametrize("name", [*SMOOTH, *KINKED])
def test_nan_stays_nan(name, kind):
    if name == "threshold":  # as PyTorch's, it asks whether x > threshold
        return
    assert math.isnan(OPS[name](kind(math.nan)).item())


@pytest.mark.parametrize("name", KINKED)
def test_large_arrays_and_single_numbers_agree(name):
    """The forward functions of arrays add parts, those of numbers choose: the same number comes out."""
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=1000) * 4, [0.0, -0.0, 0.5, -0.5, 1, -1, 3, -3, 6, np.inf, -np.inf]])
    op = OPS[name]
    for settings in op.samples:
        with np.errstate(invalid="ignore"):  # 0 * inf
            together = op(x, **settings)
        one_by_one = [op(float(v), **settings) for v in x]
        if name == "hardswish":  # -inf * 0
            together, one_by_one = together[:-1], one_by_one[:-1]
        np.testing.assert_allclose(together, one_by_one, rtol=1e-15)


# --- against their definitions, by way of other functions


@pytest.mark.parametrize("at", [-8.0, -3.3, -1.0, -0.2, 0.0, 0.7, 2.0, 6.5])
@ENGINES
def test_definitions(kind, at):
    s = 1 / (1 + math.exp(-at))
    for name, settings, expected in (
        ("sigmoid", {}, s),
        ("log_sigmoid", {}, math.log(s)),
        ("softplus", {}, math.log1p(math.exp(at))),
        ("softplus", {"beta": 3.0}, math.log1p(math.exp(3 * at)) / 3),
        ("softsign", {}, at / (1 + abs(at))),
        ("silu", {}, at * s),
        ("mish", {}, at * math.tanh(math.log1p(math.exp(at)))),
        ("gelu", {}, at * 0.5 * math.erfc(-at / math.sqrt(2))),
        (
            "gelu",
            {"approximate": "tanh"},
            0.5 * at * (1 + math.tanh((2 / math.pi) ** 0.5 * (at + 0.044715 * at**3))),
        ),
        ("tanhshrink", {}, at - math.tanh(at)),
        ("selu", {}, SCALE * (at if at > 0 else ALPHA * math.expm1(at))),
        ("celu", {"alpha": 2.0}, max(at, 0) + min(0, 2 * math.expm1(at / 2))),
        ("hardswish", {}, at * min(max(at + 3, 0), 6) / 6),
        ("hardsigmoid", {}, min(max(at / 6 + 0.5, 0), 1)),
    ):
        assert float(OPS[name](kind(at), **settings).item()) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_gelu_keeps_its_digits_in_the_tail():
    for x in (-20.0, -8.0):
        expected = 0.5 * x * math.erfc(-x / math.sqrt(2))
        assert float(Tensor([x] * 400).gelu().data[0]) == pytest.approx(expected, rel=1e-13)


def test_gelu_refuses_another_approximation():
    for wrong in (lambda: Tensor([1.0]).gelu(approximate="sigmoid"), lambda: Value(1.0).gelu("sigmoid")):
        with pytest.raises(TypeError, match='"tanh"'):
            wrong()


def test_a_numpy_number_as_a_setting_leaves_float32_as_it_is():
    t = Tensor(np.array([-1.0, 2.0], np.float32))
    for y in (
        t.leaky_relu(slope=np.float64(0.1)),
        t.elu(alpha=np.float64(2.0)),
        t.threshold(np.float64(0.0), np.float64(1.0)),
        t.softplus(beta=np.float64(2.0)),
        t.hardtanh(np.float64(-1.0), np.float64(1.0)),
    ):
        assert y.dtype == np.float32


# --- a slope that is learnt


def test_prelu_gives_its_slope_a_gradient():
    x, slope = Tensor([[-2.0, 3.0], [-4.0, 0.0]]), Tensor([0.25, 0.5])
    y = ag.prelu(x, slope)
    np.testing.assert_array_equal(y.data, [[-0.5, 3.0], [-1.0, 0.0]])
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [[0.25, 1.0], [0.25, 0.5]])  # at 0 the slope is the one on the left
    np.testing.assert_array_equal(slope.grad, [-6.0, 0.0])
    v, w = Value(-2.0), Value(0.25)
    v.prelu(w).backward()
    assert (v.grad, w.grad) == (0.25, -2.0)
    images = Tensor(np.full((2, 3, 4, 5), -1.0))
    per_channel = Tensor([0.1, 0.2, 0.3])
    ag.prelu(images, per_channel[:, None, None]).sum().backward()
    np.testing.assert_allclose(per_channel.grad, [-40.0] * 3)


# --- maxout and glu


def test_maxout_is_the_largest_of_linear_functions():
    rng = np.random.default_rng(0)
    x, w1, w2, b1, b2 = (rng.normal(size=s) for s in ((5, 3), (4, 3), (4, 3), (4,), (4,)))
    stacked = Tensor(x) @ np.concatenate([w1, w2]).T + np.concatenate([b1, b2])
    expected = np.maximum(x @ w1.T + b1, x @ w2.T + b2)
    np.testing.assert_allclose(ag.maxout(stacked).data, expected)
    pieces = [Tensor(x) @ w1.T + b1, Tensor(x) @ w2.T + b2]
    np.testing.assert_allclose(ag.maxout(pieces).data, expected)
    check_grads(lambda t: ag.maxout(t, 3), rng.normal(size=(2, 6)))
    check_grads(lambda t: ag.maxout(t, 2, axis=0), rng.normal(size=(4, 2)))
    assert ag.maxout(np.zeros((2, 6)), 3).shape == (2, 2)
    assert ag.maxout(np.zeros((2, 6, 5)), 3, axis=1).shape == (2, 2, 5)


def test_maxout_sends_the_gradient_to_the_winner_and_shares_ties():
    t = Tensor([1.0, 5.0, 2.0, 5.0])
    ag.maxout(t).sum().backward()
    np.testing.assert_array_equal(t.grad, [0.0, 0.5, 1.0, 0.5])


@pytest.mark.parametrize(
    ("shape", "pieces", "axis"), [((2, 5), 2, -1), ((), 2, -1), ((4,), 2, 1), ((4,), 2, -2), ((4,), 0, -1)]
)
def test_maxout_says_what_does_not_fit(shape, pieces, axis):
    with pytest.raises(ShapeError, match="pieces"):
        ag.maxout(Tensor(np.zeros(shape)), pieces, axis)


def test_glu_gates_one_half_with_the_other():
    x = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_allclose(ag.glu(Tensor(x)).data, x[:, :2] / (1 + np.exp(-x[:, 2:])))
    check_grads(ag.glu, x)
    assert ag.glu(np.zeros((4, 3)), axis=0).shape == (2, 3)
    with pytest.raises(ValueError, match="split"):
        ag.glu(Tensor(np.zeros((2, 3))))


# --- names


def test_other_names():
    assert ag.swish is ag.silu
    assert ag.logsigmoid is ag.log_sigmoid


@pytest.mark.parametrize("name", [*SMOOTH, *KINKED])
@ENGINES
def test_methods(name, kind):
    x = kind(0.3)
    y = getattr(x, name)()
    assert (type(y), y.op) == (kind, OPS[name])
    y.backward()
    assert x.grad is not None


@pytest.mark.parametrize("name", KINKED)
def test_what_is_said_of_the_kink_is_in_the_docstring(name):
    assert "slope" in OPS[name].__doc__
