"""Matrices for the tests of linear algebra, and what every result on a tensor has to be."""

from __future__ import annotations

import numpy as np

from autograd import Tensor

NUMPY_2 = not np.__version__.startswith("1.")
# shapes of stacks of square matrices
STACKS = [(3, 3), (2, 3, 3), (2, 1, 2, 2), (1, 1), (4, 4)]


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def regular(*shape, seed=0):
    return normal(*shape, seed=seed) + 4 * np.eye(shape[-1])


def positive(*shape, seed=0):
    a = normal(*shape, seed=seed)
    return a @ a.swapaxes(-1, -2) + np.eye(shape[-1])


def symmetric(*shape, seed=0):
    a = normal(*shape, seed=seed)
    return a + a.swapaxes(-1, -2)


def same(ours, expected):
    """A node with these numbers, that a gradient flows through."""
    assert isinstance(ours, Tensor)
    assert ours.op is not None
    assert ours.shape == np.shape(expected)
    np.testing.assert_allclose(ours.data, expected, rtol=1e-10, atol=1e-12)


def with_singular_values(*values, seed=0):
    n = len(values)
    u, v = (np.linalg.qr(normal(n, n, seed=seed + i))[0] for i in range(2))
    return u @ np.diag(values) @ v.T
