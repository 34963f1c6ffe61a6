"""A loop over slices, `for t in range(n): x[t]`: their gradients meet in one array, and cost what the slices cost."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.ops.part import Part

INDICES = [
    0,
    -1,
    slice(1, 3),
    (slice(None), 1),
    (Ellipsis, 0),
    (2, None, 3),
    (slice(None, None, 2), slice(0, 1)),
]


def uses(x, w, others):
    """A sum in which slices of x meet whole uses of x in different orders."""
    total = (x * others).sum() if w[0] > 0 else 0.0
    for i, index in enumerate(INDICES):
        total = total + (x[index] ** 2).sum() * w[i]
        if i == 3:
            total = total + (ag.sin(x) * others).sum()
    return total if w[0] > 0 else total + (x * others).sum()


@pytest.mark.parametrize("first", [1.0, -1.0])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("leaf", [True, False])
def test_slices_and_whole_uses_add_up(first, dtype, leaf):
    rng = np.random.default_rng(0)
    data, others = rng.normal(size=(2, 4, 5)).astype(dtype)
    w = [first, *rng.normal(size=len(INDICES) - 1)]
    x = Tensor(data)
    y = x if leaf else x * 2
    uses(y, w, others).backward()
    (expected,) = ag.gradients(uses(y, w, others), [x])  # by the general sweep, which makes whole arrays
    np.testing.assert_allclose(x.grad, expected, rtol=1e-5 if dtype == np.float32 else 1e-12)
    assert x.grad.dtype == dtype
    again = x.grad.copy()
    uses(y, w, others).backward()
    np.testing.assert_allclose(x.grad, 2 * again)


def test_an_array_that_somebody_else_has_is_not_added_into():
    x = Tensor(np.ones((4, 3)))
    g = np.full((4, 3), 2.0)
    seen = []
    y = x * 1.0
    y.register_hook(lambda g: seen.append(g.copy()))
    z = y + y[1:2] * 3.0
    z.retain_grad()
    z.backward(g)
    np.testing.assert_array_equal(g, 2)
    np.testing.assert_array_equal(z.grad, 2)
    expected = np.full((4, 3), 2.0)
    expected[1] += 24  # the slice was stretched over four rows
    np.testing.assert_array_equal(seen[0], expected)
    np.testing.assert_array_equal(x.grad, expected)


def test_many_slices_make_one_array(monkeypatch):
    made, array = [], Part.array
    monkeypatch.setattr(Part, "array", lambda part: (part.whole is None and made.append(part)) or array(part))
    x = Tensor(np.ones((50, 8)))
    total = 0.0
    for t in range(50):
        total = total + x[t].sum()
    total.backward()
    np.testing.assert_array_equal(x.grad, 1)
    assert len(made) == 1


def test_hooks_and_kept_gradients_see_arrays():
    x, seen = Tensor(np.arange(12.0).reshape(4, 3)), []
    y = x * 1.0
    y.retain_grad()
    y.register_hook(lambda g: seen.append(type(g)))
    (y[0].sum() + y[2].sum()).backward(retain_grads=True)
    assert seen == [np.ndarray]
    np.testing.assert_array_equal(y.grad, [[1, 1, 1], [0, 0, 0], [1, 1, 1], [0, 0, 0]])
    np.testing.assert_array_equal(x.grad, y.grad)
