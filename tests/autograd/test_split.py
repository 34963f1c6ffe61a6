"""Many pieces of one tensor, cut by halves: the values and gradients of slices, at a cost that is not quadratic."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor


@pytest.fixture
def halving(monkeypatch):
    """Small arrays are cut by halves too, as large ones are."""
    monkeypatch.setattr("autograd.ops.split._SMALL", 0)


@pytest.mark.parametrize("n", [1, 8, 9, 16, 17, 40])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_unstack_by_halves_is_unstack(halving, n, axis):
    shape = (n, 2, 3) if axis == 0 else (2, n, 3) if axis == 1 else (2, 3, n)
    x = np.random.default_rng(n).normal(size=shape)
    w = np.random.default_rng(1).normal(size=(n, *np.delete(shape, axis)))
    leaf = Tensor(x)
    pieces = ag.unstack(leaf, axis)
    assert len(pieces) == n
    for found, expected in zip(pieces, np.moveaxis(x, axis, 0)):
        np.testing.assert_array_equal(found.data, expected)
    total = sum((p * p * p * a).sum() for p, a in zip(pieces, w))
    (first,) = ag.gradients(total, [leaf], create_graph=True)
    np.testing.assert_allclose(first.data, 3 * x * x * np.moveaxis(w, 0, axis), rtol=1e-12)
    np.testing.assert_allclose(ag.gradients(first.sum(), leaf), 6 * x * np.moveaxis(w, 0, axis), rtol=1e-12)


@pytest.mark.parametrize("parts", [3, 9, 13, 20, 30])
def test_array_split_by_halves_is_array_split(halving, parts):
    x, leaf = np.random.default_rng(0).normal(size=(2, 20)), Tensor(np.zeros((2, 20)))
    leaf.data[...] = x
    pieces = ag.array_split(leaf, parts, axis=1)
    for found, expected in zip(pieces, np.array_split(x, parts, axis=1)):
        np.testing.assert_array_equal(found.data, expected)
    pieces[parts // 3].sum().backward()  # one piece alone
    expected = np.zeros((2, 20))
    np.array_split(expected, parts, axis=1)[parts // 3][...] = 1
    np.testing.assert_array_equal(leaf.grad, expected)


def test_a_loop_over_a_tensor_costs_no_whole_array_for_each_slice(halving, monkeypatch):
    """What scatter makes for n slices is n log n numbers, and not n * n: counted, since time is not for a test."""
    made = []
    scatter = ag.registry["scatter"]
    monkeypatch.setattr(
        scatter,
        "forward",
        lambda g, index, shape, f=scatter.forward: made.append(np.prod(shape)) or f(g, index, shape),
    )
    n, width = 256, 32
    x = Tensor(np.ones((n, width)))
    total = 0.0
    for row in x:
        total = total + row.sum()
    total.backward()
    np.testing.assert_array_equal(x.grad, 1)
    assert sum(made) <= 20 * n * width


def test_unbind_is_another_name():
    x = Tensor(np.arange(6.0).reshape(2, 3))
    for found, expected in zip(x.unbind(1), ag.unbind(x.data, 1)):
        np.testing.assert_array_equal(found.data, expected)


def test_few_or_small_pieces_are_slices_of_the_tensor_itself():
    for x in (Tensor(np.ones((8, 1000))), Tensor(np.ones((1000, 2)))):
        assert all(piece.parents == (x,) for piece in x)


def test_a_tensor_without_axes_has_nothing_to_loop_over():
    with pytest.raises(TypeError, match="unsized"):
        iter(Tensor(1.0))
