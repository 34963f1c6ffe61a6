"""Embedding, one-hot rows, dropout, attention."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import GradientError, ShapeError, Tensor, check_grads


def test_rows_that_are_looked_up_twice_get_both_gradients():
    table = Tensor(np.arange(8.0).reshape(4, 2))
    y = ag.embedding(np.array([[3, 0], [3, 3]]), table)
    assert y.shape == (2, 2, 2)
    y.backward(np.arange(8.0).reshape(2, 2, 2))
    np.testing.assert_array_equal(table.grad, [[2, 3], [0, 0], [0, 0], [0 + 4 + 6, 1 + 5 + 7]])


def test_the_padding_row_is_returned_and_gets_no_gradient():
    for padding in (1, -2):
        table = Tensor([[1.0], [5.0], [7.0]])
        y = ag.embedding([1, 2, 1], table, padding_idx=padding)
        np.testing.assert_array_equal(y.data, [[5], [7], [5]])
        y.sum().backward()
        np.testing.assert_array_equal(table.grad, [[0], [0], [1]])
    check_grads(lambda w: ag.embedding([0, 2, 2], w) ** 3, np.random.default_rng(0).normal(size=(3, 2)))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda w: ag.embedding([0, 3], w), IndexError, "3 is among the indices, which go from 0 to 2"),
        (lambda w: ag.embedding([-1], w), IndexError, "-1 is among the indices"),
        (lambda w: ag.embedding([0.0], w), TypeError, r"\.astype\(int\)"),
        (lambda w: ag.embedding(Tensor([0.0]), w), GradientError, "tracked"),
        (lambda w: ag.embedding(w, [0]), ValueError, "after the indices"),
        (lambda w: ag.embedding([0], w, padding_idx=3), IndexError, "padding_idx=3"),
        (lambda w: ag.one_hot([0, 2], 2), IndexError, "2 is among the labels, which go from 0 to 1"),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(np.ones((3, 2)))


def test_one_hot_rows():
    np.testing.assert_array_equal(ag.one_hot(np.array([[1], [0]])), [[[0, 1]], [[1, 0]]])
    assert ag.one_hot([1], 3, np.float32).dtype == np.float32
    assert ag.one_hot([], 3).shape == (0, 3)
    assert ag.one_hot(2).tolist() == [0, 0, 1]


# --- dropout


def test_dropout_keeps_the_mean_and_is_repeatable():
    x = np.ones(200_000)
    for p in (0.1, 0.5, 0.9):
        y = ag.dropout(x, p, rng=0)
        assert y.mean() == pytest.approx(1, abs=0.02)
        assert (y == 0).mean() == pytest.approx(p, abs=0.01)
        np.testing.assert_array_equal(np.unique(y), [0, 1 / (1 - p)])
        np.testing.assert_array_equal(y, ag.dropout(x, p, rng=0))
        assert not np.array_equal(y, ag.dropout(x, p, rng=1))
    assert not np.array_equal(ag.dropout(x), ag.dropout(x))
    draw = np.random.default_rng(0)
    assert not np.array_equal(ag.dropout(x, rng=draw), ag.dropout(x, rng=draw))


def test_dropout_at_its_ends_and_off():
    x = Tensor([1.0, 2.0])
    assert ag.dropout(x, 0.0) is x
    assert ag.dropout(x, 0.7, training=False) is x
    y = ag.dropout(x, 1.0)
    np.testing.assert_array_equal(y.data, [0, 0])
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 0])
    for p in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="is the probability of a 0"):
            ag.dropout(x, p)


def test_the_mask_is_a_constant_of_a_product():
    np.random.seed(0)  # noqa: NPY002  # the state that must not be touched
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    x = Tensor(np.ones((3, 4), np.float32))
    y = ag.dropout(x, 0.25, rng=3)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert y.op.name == "multiply"
    assert y.parents == (x, None)
    mask = y.inputs[1]
    assert y.dtype == mask.dtype == np.float32
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, mask)
    assert set(np.unique(mask)) == {np.float32(0), np.float32(1) / np.float32(0.75)}


# --- attention


def test_attention_of_equal_scores_is_the_mean_and_the_future_is_not_seen():
    q, k = np.zeros((3, 2)), np.ones((3, 2))
    v = Tensor([[1.0], [2.0], [6.0]])
    np.testing.assert_allclose(ag.scaled_dot_product_attention(q, k, v).data, [[3], [3], [3]])
    y = ag.scaled_dot_product_attention(q, k, v, is_causal=True)
    np.testing.assert_allclose(y.data, [[1], [1.5], [3]])
    y[0, 0].backward()
    np.testing.assert_array_equal(v.grad, [[1], [0], [0]])


def test_attention_has_second_derivatives_and_refuses_what_does_not_fit():
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(2, 3)), rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    check_grads(lambda *x: ag.scaled_dot_product_attention(*x, is_causal=True), q, k, v)
    with pytest.raises(ShapeError, match="a value for each key"):
        ag.scaled_dot_product_attention(q, k, v[:3])
    with pytest.raises(ValueError, match="not both"):
        ag.scaled_dot_product_attention(q, k, v, np.ones((2, 4), bool), is_causal=True)
    one, same = (ag.scaled_dot_product_attention(q, k, v, dropout_p=0.5, rng=1) for _ in range(2))
    np.testing.assert_array_equal(one, same)
