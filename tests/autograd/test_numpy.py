"""NumPy's own functions on tensors record, and leave the graph only where they say so."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Tensor, grad
from autograd.primitive import numpy_functions


def test_ufuncs_and_functions_record():
    t, u = Tensor(np.ones((2, 3))), Tensor(np.ones((2, 3)))
    for y in (
        np.tanh(t),
        np.sum(t, axis=0),
        np.add.reduce(t),
        np.mean(t, keepdims=True),
        np.ones((4, 2)) @ t,
        np.concatenate([t, u]),
        np.stack([t, np.ones((2, 3))]),
        np.where(np.ones((2, 3), bool), t, u),
        np.reshape(t, (3, 2)),
        np.transpose(t),
        np.clip(t, 0, 1),
        np.ones(3) * t,
        np.float64(2) * t,
        np.maximum(t, 0),
        np.matmul(t, np.ones(3)),
        np.expand_dims(t, 0),
        np.max(t, axis=1),
        np.abs(t),
    ):
        assert isinstance(y, Tensor)
        assert y.op is not None


def test_questions_give_plain_answers():
    t = Tensor([[1.0, 2.0]])
    assert np.shape(t) == (1, 2)
    assert np.ndim(t) == 2
    assert np.argmax(t) == 1
    assert np.isfinite(t).all()
    assert np.allclose(t, [[1, 2]])
    assert type(np.sign(t)) is Tensor
    np.testing.assert_allclose(t, [[1.0, 2.0]])


def test_reading_shapes_does_not_hand_the_array_out():
    t = Tensor([1.0])
    np.shape(t), np.ndim(t), np.isfinite(t)
    assert t._fast


@pytest.mark.parametrize("function", [f for f in numpy_functions if isinstance(f, np.ufunc)])
def test_numpy_ufunc_equals_the_op(function):
    args = [np.array([0.3, 0.7]) + (function is np.arccosh)] * function.nin
    if function.signature is not None:  # np.matmul and its like are not elementwise
        args = [np.array([[0.3, 0.7], [0.1, 0.2]])] * function.nin
    np.testing.assert_array_equal(function(*[Tensor(a) for a in args]).data, function(*args))


def test_programs_in_numpy_can_be_differentiated():
    def loss(w, x, y):
        p = 1 / (1 + np.exp(-(x @ w)))
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 3)), rng.integers(0, 2, 20)
    w = rng.normal(size=3)
    p = 1 / (1 + np.exp(-(x @ w)))
    np.testing.assert_allclose(grad(loss)(w, x, y), x.T @ (p - y) / 20)


def test_an_array_of_a_list_of_tensors_is_refused():
    t, u = Tensor([1.0]), Tensor([2.0])
    pair = [t, u]
    for wrong in (
        lambda: np.array([t, u]),
        lambda: np.asarray((t, u * 2)),
        lambda: np.array(pair),
        lambda: np.array([t, u], dtype=float),
        lambda: np.array([[t, u], [u, t]]),
        lambda: np.array([x * 2 for x in pair]),
        lambda: np.ones(2) * [t, u],
        lambda: np.ones(2) * pair,
    ):
        with pytest.raises(TypeError, match="stack"):
            wrong()
    for right in (
        lambda: np.asarray(t),
        lambda: np.array(t * 2),
        lambda: np.array(t, dtype=np.float32),
        lambda: [np.asarray(x) for x in pair],
        lambda: np.array([t.numpy(), u.numpy()]),
        lambda: np.array([x.numpy() for x in pair]),
        lambda: np.asarray(max(pair, key=float)),
        lambda: np.ones(1) * np.asarray(t),
        lambda: np.array([Tensor([1.0], requires_grad=False)]),
    ):
        right()
