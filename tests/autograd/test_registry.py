"""Every op of the registry, found there and not named here: value, first and second derivative, on both engines."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import ALL, OPS, SCALAR, arrays, cases, raw_arrays

from autograd import ShapeError, Tensor, UnknownOpError, Value
from autograd.opcheck import check_derivatives, check_float32, check_kernels, check_scalar, check_value
from autograd.primitive import Primitive, find, registry


@pytest.mark.parametrize(("name", "i"), ALL)
@pytest.mark.parametrize("question", [check_value, check_kernels, check_float32, check_derivatives])
def test_an_op_is_right(question, name, i):
    """Value on Tensors and arrays; kernels and rules; float32 and shapes; first and second derivative."""
    shapes, settings = cases(OPS[name])[i]
    question(OPS[name], raw_arrays(OPS[name], shapes, np.random.default_rng(1)), settings)


@pytest.mark.parametrize("name", SCALAR)
def test_value_engine_agrees_with_tensor_engine(name):
    op = OPS[name]
    for settings in op.samples:
        check_scalar(op, raw_arrays(op, ((),) * (op.arity or 3), np.random.default_rng(5)), settings)


@given(st.data())
@pytest.mark.parametrize("name", [n for n in SCALAR if OPS[n].arity == 2])
def test_broadcast_gradients_sum_over_the_stretched_axes(name, data):
    """The gradient of a broadcast input is the gradient of its stretched copy, summed."""
    op = OPS[name]
    shape = data.draw(st.lists(st.integers(1, 3), max_size=3).map(tuple))
    keep = data.draw(st.lists(st.booleans(), min_size=len(shape), max_size=len(shape)))
    drop = data.draw(st.integers(0, len(shape)))
    small = tuple(n if k else 1 for n, k in zip(shape, keep))[drop:]
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    a, b = arrays(op, (shape, small), rng)
    big, stretched = Tensor(a), Tensor(np.broadcast_to(b, shape))
    op(big, stretched).backward(np.ones(shape))
    other, leaf = Tensor(a), Tensor(b)
    op(other, leaf).backward(np.ones(shape))
    np.testing.assert_allclose(other.grad, big.grad)
    expected = stretched.grad.sum(axis=tuple(range(drop)))
    expected = expected.sum(axis=tuple(i for i, n in enumerate(small) if n == 1), keepdims=True)
    np.testing.assert_allclose(leaf.grad, expected.reshape(small), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", [n for n in SCALAR if OPS[n].arity == 1])
@pytest.mark.parametrize("make", [lambda x: x[::-1], lambda x: x[:, ::2], lambda x: x.T, np.asfortranarray])
def test_strided_input_gives_the_same_as_contiguous(name, make):
    op = OPS[name]
    (x,) = arrays(op, ((4, 6),), np.random.default_rng(7))
    a, b = Tensor(make(x)), Tensor(np.ascontiguousarray(make(x)))
    for t in (a, b):
        op(t).sum().backward()
    np.testing.assert_array_equal(a.grad, b.grad)


# --- kinks and edges, one by one


@pytest.mark.parametrize(
    ("name", "at", "slopes"),
    [
        ("relu", (0.0,), (0.0,)),
        ("absolute", (0.0,), (0.0,)),
        ("maximum", (1.0, 1.0), (0.5, 0.5)),
        ("minimum", (1.0, 1.0), (0.5, 0.5)),
        ("power", (0.0, 2.0), (0.0, 0.0)),
        ("power", (0.0, 1.0), (1.0, 0.0)),
        ("power", (0.0, 0.0), (0.0, 0.0)),
        ("power", (3.0, 0.0), (0.0, math.log(3.0))),
        ("sign", (0.0,), (0.0,)),
        ("leaky_relu", (0.0,), (0.01,)),
        ("elu", (0.0,), (1.0,)),
    ],
)
def test_derivative_at_a_kink(name, at, slopes):
    op = OPS[name]
    for kind in (Value, Tensor):
        leaves = [kind(x) for x in at]
        op(*leaves).backward()
        assert [float(x.grad) for x in leaves] == pytest.approx(list(slopes))


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus", "relu", "elu", "leaky_relu"])
@pytest.mark.parametrize("x", [-1000.0, 1000.0])
def test_activations_are_finite_and_silent_far_out(name, x):
    op = OPS[name]
    for kind in (Value, Tensor):
        leaf = kind(x)
        out = op(leaf)
        out.backward()
        assert math.isfinite(float(out.item()))
        assert math.isfinite(float(leaf.grad))
    assert Value(x).sigmoid().data == pytest.approx(float(x > 0))


def test_settings_reach_the_rules_on_both_engines():
    v, t = Value(-2.0), Tensor([-2.0])
    v.leaky_relu(slope=0.2).backward()
    t.leaky_relu(slope=0.2).sum().backward()
    assert v.grad == pytest.approx(0.2)
    assert t.grad == pytest.approx([0.2])
    y = Value(-2.0).leaky_relu(slope=0.2)
    assert y.kwargs == {"slope": 0.2}


def test_softmax_family_is_stable_far_out():
    x = Tensor([[1000.0, 0.0, -1000.0]])
    for name in ("softmax", "log_softmax", "logsumexp"):
        out = OPS[name](x)
        assert np.isfinite(out.data).all()
    loss = OPS["softmax_cross_entropy"](x, labels=np.array([2]))
    loss.backward()
    assert loss.item() == pytest.approx(2000.0)
    np.testing.assert_allclose(x.grad, [[1.0, 0.0, -1.0]], atol=1e-12)


def test_an_unknown_op_is_named_with_the_nearest_known():
    with pytest.raises(UnknownOpError, match="Did you mean 'tanh'"):
        find("tanhh")


def test_a_rule_of_the_wrong_shape_is_named():
    op = Primitive("wrong_shape_for_test", lambda x: x.copy(), (lambda g, y, x: g[:1],))
    try:
        x = Tensor([[1.0, 2.0], [3.0, 4.0]])
        with pytest.raises(ShapeError, match=r"shape \(1, 2\) for an input of shape \(2, 2\)"):
            op(x).sum().backward()
        assert x.grad is None
    finally:
        del registry["wrong_shape_for_test"]
