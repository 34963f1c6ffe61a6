"""`import autograd.numpy as np`: NumPy, where programs may also make arrays of nodes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy  # noqa: ICN001  (np is the namespace under test)
import pytest

import autograd.numpy as np
import autograd.numpy.linalg as npl
import autograd.numpy.random as npr
from autograd import GradientError, Tensor, UnknownOpError, Value, grad, gradients
from autograd.numpy import float64, newaxis, pi


def test_it_is_numpy_where_no_node_is_involved():
    assert np.pi == pi == numpy.pi
    assert np.newaxis is newaxis is None
    assert np.float64 is float64 is numpy.float64
    assert np.ndarray is numpy.ndarray
    assert type(np.array([[1, 2], [3, 4]])) is numpy.ndarray
    assert np.array([1, 2], dtype=np.float32).dtype == np.float32
    assert type(np.sum([1.0, 2.0])) is numpy.float64
    assert np.maximum.accumulate([1, 3, 2]).tolist() == [1, 3, 3]
    assert "einsum" in dir(np)
    assert "solve" in dir(npl)
    assert "randn" in dir(npr)
    with pytest.raises(AttributeError, match="no_such_name"):
        np.no_such_name  # noqa: B018


def test_an_array_of_nodes_is_stacked_at_any_depth():
    x, y = Tensor(2.0), Tensor([1.0, -1.0])
    t = np.array([[x, 1.0], y * 2.0, [3, x]])
    numpy.testing.assert_array_equal(t.data, [[2.0, 1.0], [2.0, -2.0], [3.0, 2.0]])
    numpy.testing.assert_array_equal(gradients(t.sum(), x), 2.0)
    numpy.testing.assert_array_equal(gradients(t.sum(), y), [2.0, 2.0])
    assert np.array([x, x], dtype=np.float32).dtype == np.float32
    assert np.array(x) is x
    assert np.asarray(x) is x
    assert np.asarray([x, 1.0]).shape == (2,)


def test_functions_of_lists_of_nodes():
    x = Tensor(3.0)
    assert np.sum([x, x, 1.0]).item() == 7.0
    assert np.mean([x, 1.0]).item() == 2.0
    assert np.max([x, 5.0]).item() == 5.0
    assert np.concatenate([[x], [1.0]]).shape == (2,)
    assert gradients(np.sum([x * x, x]), x) == 7.0


def test_full_takes_a_node():
    x = Tensor(3.0)
    assert gradients(np.full((2, 3), x).sum(), x) == 6.0
    assert gradients(np.full_like(numpy.zeros((2, 2)), x).sum(), x) == 4.0
    assert np.full((2,), 1.5).tolist() == [1.5, 1.5]
    assert np.full_like([1, 2], 7).tolist() == [7, 7]


def test_random_numbers_have_no_gradient_for_their_parameters():
    npr.seed(0)
    a = npr.randn(3)
    npr.seed(0)
    numpy.testing.assert_array_equal(a, npr.normal(size=3))
    assert npr.RandomState(0).randn(2).shape == (2,)
    assert npr.default_rng(0).normal() == numpy.random.default_rng(0).normal()
    with pytest.raises(GradientError, match=r"random.normal of a node.*mean \+ std"):
        npr.normal(Tensor(1.0), 1.0)
    with pytest.raises(GradientError, match=r"random\.uniform"):
        npr.uniform(high=Tensor(1.0))


def test_programs_written_for_a_wrapped_numpy_run():
    def program(weights):
        outputs = np.dot(np.array([[0.5, 1.0], [-1.0, 2.0]]), weights)
        label = np.where(outputs > 0, 1, 0)
        return -np.sum(np.log(1 / (1 + np.exp(-outputs))) * label)

    slope = grad(program)(np.array([0.1, 0.2]))
    assert type(slope) is numpy.ndarray
    assert slope.shape == (2,)


def test_values_do_not_become_arrays_unseen():
    with pytest.raises(TypeError, match=r"do not mix|works on arrays"):
        np.array([Value(1.0), Tensor(2.0)])


def test_importing_it_stays_cheap():
    program = "import sys, autograd.numpy; print('numpy.testing' in sys.modules, 'numpy.f2py' in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root
    )
    assert result.stdout.split() == ["False", "False"]


# --- the doors of NumPy's protocols


def test_ufunc_methods_find_the_op_that_does_the_same():
    x = Tensor([[1.0, 3.0], [2.0, 0.5]])
    for method, op in (
        (numpy.add.reduce, "sum"),
        (numpy.multiply.reduce, "prod"),
        (numpy.maximum.reduce, "max"),
        (numpy.minimum.reduce, "min"),
        (numpy.logaddexp.reduce, "logsumexp"),
        (numpy.add.accumulate, "cumsum"),
        (numpy.multiply.accumulate, "cumprod"),
        (numpy.maximum.accumulate, "cummax"),
        (numpy.minimum.accumulate, "cummin"),
    ):
        for settings in ({}, {"axis": 1}, {"axis": -1, "dtype": None, "out": None}):
            y = method(x, **settings)
            plain = {k: v for k, v in settings.items() if k == "axis"}
            assert y.op.name == op
            numpy.testing.assert_allclose(y.data, method(x.numpy(), **plain), rtol=1e-14)
    assert numpy.add.reduce(x, 1, keepdims=True).shape == (2, 1)
    assert numpy.add.reduce(x, axis=None).shape == ()


def test_outer_of_a_ufunc():
    x, y = Tensor([1.0, 2.0, 3.0]), Tensor([[1.0, 10.0]])
    for f in (numpy.add, numpy.multiply, numpy.subtract):
        z = f.outer(x, y)
        numpy.testing.assert_array_equal(z.data, f.outer(x.numpy(), y.numpy()))
    numpy.testing.assert_array_equal(gradients(numpy.multiply.outer(x, y).sum(), x), [11.0, 11.0, 11.0])
    numpy.testing.assert_array_equal(gradients(numpy.multiply.outer(2.0, y).sum(), y), [[2.0, 2.0]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: numpy.exp(t, out=numpy.empty(2)), r"np.exp\(..., out=...\) on a node"),
        (lambda t: numpy.exp(t, where=numpy.array([True, False])), r"where=...\) on a node"),
        (lambda t: numpy.exp(t, dtype=numpy.float32), r"np.exp\(..., dtype=...\)"),
        (lambda t: numpy.add.reduce(t, out=numpy.empty(())), r"np.add.reduce\(..., out=...\)"),
        (lambda t: numpy.add.reduce(t, 0, numpy.float32), "dtype"),
        (lambda t: numpy.add.reduce(t, where=[True, False]), r"np.add.reduce\(..., where=...\)"),
        (lambda t: numpy.add.reduce(t, initial=3.0), "initial"),
        (lambda t: numpy.add.reduceat(t, [0, 1]), "np.add.reduceat has no derivative"),
        (lambda t: numpy.add.at(t, [0], 1.0), "np.add.at has no derivative"),
        (lambda t: numpy.sum(t, where=[True, False]), r"np.sum\(..., where=...\)"),
        (lambda t: numpy.sum(t, initial=5.0), r"np.sum\(..., initial=...\)"),
        (lambda t: numpy.sum(t, dtype=numpy.float32), r"np.sum\(..., dtype=...\)"),
        (lambda t: numpy.sum(t, out=numpy.empty(())), r"np.sum\(..., out=...\)"),
        (lambda t: numpy.fft.fft(t), r"np\.fft\.fft has no derivative here"),
        (lambda t: numpy.unwrap(t), "np.unwrap has no derivative"),
        (lambda t: numpy.bitwise_and(t, 1), "np.bitwise_and has no derivative"),
    ],
)
def test_what_is_not_differentiated_says_so(call, message):
    with pytest.raises(UnknownOpError, match=message):
        call(Tensor([1.0, 2.0]))


def test_settings_by_position_and_name_are_numpys():
    t = Tensor(numpy.arange(6.0).reshape(2, 3))
    assert numpy.sum(t, 1).shape == (2,)
    assert numpy.sum(a=t, axis=0).shape == (3,)
    assert numpy.sum(t, 1, None, None, True).shape == (2, 1)
    assert numpy.clip(t, 1, 2).data.max() == 2.0
    assert numpy.clip(t, a_min=1, a_max=None).data.min() == 1.0
    assert numpy.reshape(t, (3, 2), order="C").shape == (3, 2)
    with pytest.raises(UnknownOpError, match="order"):
        numpy.reshape(t, (3, 2), order="F")
