"""Norms: NumPy's whole signature, and the gradients at zeros and ties."""

from __future__ import annotations

import numpy as np
import pytest
from matrices import NUMPY_2, normal, same

import autograd
from autograd import Tensor, check_grads, gradients

VECTOR_ORDERS = [None, 2, 1, np.inf, -np.inf, 3, 0.5, 1.5, -1, -2.5, 2.0, np.float64(3)]
MATRIX_ORDERS = [None, "fro", "f", "nuc", 2, -2, 1, -1, np.inf, -np.inf]


@pytest.mark.parametrize("ord", VECTOR_ORDERS)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(
    ("shape", "axis"), [((4,), None), ((4,), 0), ((2, 3), -1), ((2, 3), (0,)), ((2, 3, 2), np.int64(1))]
)
def test_norms_of_vectors(ord, keepdims, shape, axis):
    x = normal(*shape)
    same(np.linalg.norm(Tensor(x), ord, axis, keepdims), np.linalg.norm(x, ord, axis, keepdims))
    check_grads(lambda t: autograd.norm(t, ord, axis, keepdims), x)


@pytest.mark.parametrize("ord", MATRIX_ORDERS)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(
    ("shape", "axis"),
    [((3, 4), None), ((3, 4), (1, 0)), ((2, 3, 4), (-2, -1)), ((2, 3, 4), (2, 0)), ((3, 2, 2), [0, 1])],
)
def test_norms_of_matrices(ord, keepdims, shape, axis):
    x = normal(*shape)
    theirs = tuple(axis) if isinstance(axis, list) else axis
    same(np.linalg.norm(Tensor(x), ord, theirs, keepdims), np.linalg.norm(x, ord, theirs, keepdims))
    check_grads(lambda t: autograd.norm(t, ord, axis, keepdims), x)


@pytest.mark.parametrize("shape", [(), (2, 3, 4), (0,), (0, 3)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_the_norm_of_all_elements(shape, keepdims):
    x = normal(*shape)
    same(np.linalg.norm(Tensor(x), keepdims=keepdims), np.linalg.norm(x, keepdims=keepdims))


@pytest.mark.parametrize("ord", [None, 2, 1, 3, 1.5, np.inf])
def test_at_the_zero_vector_a_norm_has_gradient_zero_and_no_nan(ord):
    t = Tensor(np.zeros(3))
    y = autograd.norm(t, ord)
    first = gradients(y, t, create_graph=True)
    np.testing.assert_array_equal(first.data, np.zeros(3))
    if first.requires_grad:
        np.testing.assert_array_equal(gradients(first.sum(), t), np.zeros(3))
    rows = Tensor(np.array([[0.0, 0.0], [3.0, 4.0]]))
    autograd.norm(rows, axis=1).sum().backward()
    np.testing.assert_allclose(rows.grad, [[0.0, 0.0], [0.6, 0.8]])


@pytest.mark.parametrize("ord", ["fro", None, 1, np.inf])
def test_at_the_zero_matrix_too(ord):
    t = Tensor(np.zeros((2, 2)))
    autograd.norm(t, ord).backward()
    np.testing.assert_array_equal(t.grad, np.zeros((2, 2)))


@pytest.mark.parametrize(
    ("x", "ord", "slopes"),
    [
        ([1.0, 0.0, -2.0], 1, [1.0, 0.0, -1.0]),
        ([2.0, -2.0, 1.0], np.inf, [0.5, -0.5, 0.0]),
        ([2.0, -1.0, 1.0], -np.inf, [0.0, -0.5, 0.5]),
        ([0.0, 3.0, 4.0], 2, [0.0, 0.6, 0.8]),
        ([0.0, 2.0], 1.5, [0.0, 1.0]),
        ([0.0, 2.0], 3, [0.0, 1.0]),
        ([0.0, 2.0], 0.5, [0.0, 1.0]),
        ([[1.0, -1.0], [1.0, 1.0]], 1, [[0.5, -0.5], [0.5, 0.5]]),
        ([[1.0, 0.0], [0.0, -1.0]], 2, [[0.5, 0.0], [0.0, -0.5]]),
        ([[2.0, 0.0], [0.0, 1.0]], "nuc", [[1.0, 0.0], [0.0, 1.0]]),
    ],
)
def test_norms_at_kinks(x, ord, slopes):
    t = Tensor(x)
    autograd.norm(t, ord).backward()
    np.testing.assert_allclose(t.grad, slopes, atol=1e-12)


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_a_norm_of_negative_order_with_a_zero_is_zero_and_so_is_its_gradient():
    t = Tensor([0.0, 2.0])
    y = autograd.norm(t, -1)
    y.backward()
    assert y.item() == np.linalg.norm([0.0, 2.0], -1) == 0.0
    np.testing.assert_array_equal(t.grad, [0.0, 0.0])


@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
def test_two_derivatives_of_the_2_norm_far_out(scale):
    x = scale * np.array([3.0, 0.0, 4.0])
    t = Tensor(x)
    first = gradients(autograd.norm(t), t, create_graph=True)
    np.testing.assert_allclose(first.data, [0.6, 0.0, 0.8])
    second = gradients(first, t, upstream=np.array([0.0, 1.0, 0.0]))
    np.testing.assert_allclose(second, [0.0, 0.2 / scale, 0.0], atol=1e-15 / scale)


def test_the_norm_of_order_zero_counts_and_leaves_the_graph():
    y = np.linalg.norm(Tensor([1.0, 0.0, -2.0]), 0)
    assert not isinstance(y, Tensor)
    assert y == 2.0


@pytest.mark.skipif(not NUMPY_2, reason="names of NumPy 2")
def test_norms_of_numpy_2():
    x = normal(2, 3, 4)
    for settings in (
        {},
        {"ord": 1},
        {"ord": 3, "axis": (0, 2)},
        {"ord": np.inf, "axis": 1, "keepdims": True},
    ):
        same(np.linalg.vector_norm(Tensor(x), **settings), np.linalg.vector_norm(x, **settings))
        np.testing.assert_allclose(autograd.vector_norm(x, **settings), np.linalg.vector_norm(x, **settings))
        check_grads(lambda t, s=settings: autograd.vector_norm(t, **s), x)
    for settings in ({}, {"ord": "nuc"}, {"ord": 1, "keepdims": True}):
        same(np.linalg.matrix_norm(Tensor(x), **settings), np.linalg.matrix_norm(x, **settings))
        np.testing.assert_allclose(autograd.matrix_norm(x, **settings), np.linalg.matrix_norm(x, **settings))
    same(np.linalg.svdvals(Tensor(x)), np.linalg.svdvals(x))
    np.testing.assert_allclose(autograd.vector_norm([3, 4], ord=3), 91 ** (1 / 3))


@pytest.mark.parametrize(
    ("shape", "settings", "text"),
    [
        ((2, 3, 4), {"ord": 2}, "vectors have one axis and matrices two"),
        ((), {"ord": 2}, "vectors have one axis and matrices two"),
        ((2, 3, 4), {"axis": (0, 1, 2)}, "vectors have one axis and matrices two"),
        ((3,), {"ord": "fro"}, "a norm of matrices"),
        ((3, 3), {"ord": 3}, "ravel"),
        ((3, 3), {"ord": "foo"}, "ravel"),
        ((3, 3), {"axis": 2}, "only 2 axes"),
        ((3, 3), {"axis": (0, -2)}, "two different axes"),
    ],
)
def test_norm_says_what_does_not_fit(shape, settings, text):
    with pytest.raises(ValueError, match=text):
        np.linalg.norm(Tensor(np.ones(shape)), **settings)
    with pytest.raises((ValueError, TypeError)):  # NumPy refuses it too
        np.linalg.norm(np.ones(shape), **settings)
