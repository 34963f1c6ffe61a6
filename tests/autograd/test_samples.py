"""Functions of sampled values: slopes by gradient, lines between points by interp, spread without nan; methods."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import DomainError, ShapeError, Tensor, check_grads

RNG = np.random.default_rng(0)
F = RNG.normal(size=(4, 5))
ROWS, COLUMNS = (np.cumsum(RNG.uniform(0.5, 1.5, n)) for n in F.shape)


def parts(x):
    """One array or several, as a list."""
    return list(x) if isinstance(x, (tuple, list)) else [x]


@pytest.mark.parametrize(
    ("args", "settings"),
    [
        ((), {}),
        ((2.0,), {}),
        ((2.0, 3), {}),
        ((ROWS, COLUMNS), {}),
        ((ROWS, 0.5), {}),
        ((COLUMNS,), {"axis": 1}),
        ((COLUMNS,), {"axis": -1, "edge_order": 2}),
        ((ROWS, COLUMNS), {"edge_order": 2}),
        ((), {"axis": (1, 0), "edge_order": 2}),
        ((0.5,), {"axis": np.int64(0)}),
        ((list(COLUMNS),), {"axis": 1}),
    ],
)
def test_gradient_is_that_of_numpy(args, settings):
    expected = parts(np.gradient(F, *args, **settings))
    for found in (
        ag.gradient(F, *args, **settings),
        np.gradient(Tensor(F), *args, **settings),
        np.gradient(F, *(Tensor(a, dtype=float) for a in args), **settings) if args else expected,
    ):
        assert len(parts(found)) == len(expected)
        for a, b in zip(parts(found), expected):
            np.testing.assert_allclose(getattr(a, "data", a), b, rtol=1e-12, atol=1e-13)


def test_gradient_has_derivatives_in_values_places_and_distance():
    check_grads(lambda f, x: ag.gradient(f, x, axis=1, edge_order=2), F, COLUMNS)
    check_grads(lambda f, x: ag.gradient(f, x, axis=0), F, ROWS)
    check_grads(lambda f, h: ag.gradient(f, h, axis=1), F, np.array(0.5))


def test_gradient_of_a_parabola_is_exact_with_parabolas_at_the_ends():
    x = Tensor(COLUMNS)
    np.testing.assert_allclose(ag.gradient(x * x, COLUMNS, edge_order=2).data, 2 * COLUMNS)
    assert np.abs(ag.gradient(x * x, COLUMNS).data - 2 * COLUMNS)[[0, -1]].min() > 0.1


def test_gradient_keeps_float32():
    narrow = F.astype(np.float32)
    for h in (0.5, np.float64(0.5), COLUMNS):
        assert ag.gradient(narrow, h, axis=1).dtype == np.float32
        assert ag.gradient(Tensor(narrow), h, axis=1).dtype == np.float32
    np.testing.assert_array_equal(ag.gradient([1, 4, 9, 16]), [3, 4, 6, 7])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ag.gradient(F, 1.0, 2.0, 3.0), TypeError, "3 distances for 2 axes"),
        (lambda: ag.gradient(F, edge_order=3), ValueError, "it is 1 or 2"),
        (lambda: ag.gradient(F[:1]), ShapeError, "needs 2 numbers"),
        (lambda: ag.gradient(F[:2], axis=0, edge_order=2), ShapeError, "needs 3 numbers"),
        (lambda: ag.gradient(F, ROWS, axis=1), ShapeError, r"places of shape \(4,\) along an axis of 5"),
        (lambda: ag.interp(1.0, [], []), ShapeError, "at least one"),
        (lambda: ag.interp(1.0, [1.0, 2.0], [1.0]), ShapeError, "as many numbers"),
        (lambda: ag.interp(1.0, [1.0], [1.0], period=0), DomainError, "period=0"),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


X, XP, FP = (
    np.array([[-5, -1.0, 0.3, 0.5], [2, 2.5, 3.0, 9]]),
    np.array([-1, 0.5, 2, 3.0]),
    RNG.normal(size=4),
)
ENDS = (
    {},
    {"left": 7.0},
    {"right": -2.0},
    {"left": 7, "right": 0},
    {"period": 4.5},
    {"period": -4.3, "left": 1.0},
)


@pytest.mark.parametrize("settings", ENDS)
def test_interp_is_that_of_numpy(settings):
    expected = np.interp(X, XP, FP, **settings)
    np.testing.assert_array_equal(ag.interp(X, XP, FP, **settings), expected)
    for i in range(3):
        inputs = [Tensor(a) if i == j else a for j, a in enumerate((X, XP, FP))]
        np.testing.assert_allclose(np.interp(*inputs, **settings).data, expected, rtol=1e-12, atol=1e-14)
    check_grads(lambda x, xp, fp: ag.interp(x, xp, fp, **settings), X + 0.01, XP, FP)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=6, unique=True), st.floats(-4, 4))
def test_interp_lies_on_the_lines(places, x):
    xp = np.sort(places)
    fp = np.arange(len(xp)) ** 2.0
    y = ag.interp(Tensor(x), xp, fp).item()
    assert y == pytest.approx(np.interp(x, xp, fp), rel=1e-9, abs=1e-9)


def test_interp_at_points_and_beyond():
    x = Tensor([0.0, 1.0, 3.0, -1.0, 4.0])
    y = ag.interp(x, [0.0, 1.0, 3.0], [0.0, 10.0, 50.0])
    y.sum().backward()
    np.testing.assert_array_equal(y.data, [0, 10, 50, 0, 50])
    np.testing.assert_array_equal(x.grad, [10, 20, 20, 0, 0])
    only = Tensor([7.0])
    y = ag.interp(Tensor([1.0, 2.0, 3.0]), [2.0], only)
    y.sum().backward()
    np.testing.assert_array_equal(y.data, [7, 7, 7])
    np.testing.assert_array_equal(only.grad, [3])
    assert np.isnan(ag.interp(Tensor(np.nan), XP, FP).item())
    narrow = [a.astype(np.float32) for a in (X, XP, FP)]
    assert ag.interp(*narrow).dtype == ag.interp(Tensor(narrow[0]), *narrow[1:]).dtype == np.float32


GAPS = F.copy()
GAPS[0, 1] = GAPS[2, :3] = np.nan


@pytest.mark.parametrize("name", ["nanvar", "nanstd"])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1)])
@pytest.mark.parametrize("settings", [{}, {"ddof": 1}, {"keepdims": True}])
def test_spread_without_nan(name, axis, settings):
    f, ours = getattr(np, name), getattr(ag, name)
    expected = f(GAPS, axis=axis, **settings)
    x = Tensor(GAPS)
    for found in (
        ours(GAPS, axis, **settings),
        f(x, axis=axis, **settings),
        getattr(x, name)(axis, **settings),
    ):
        np.testing.assert_allclose(getattr(found, "data", found), expected, rtol=1e-12)
    (y := ours(x, axis, **settings)).sum().backward()
    assert y.shape == np.shape(expected)
    there = ~np.isnan(GAPS)
    np.testing.assert_array_equal(x.grad[~there], 0)

    def filled(values):
        return ours(ag.index_update(GAPS, there, values), axis, **settings)

    check_grads(filled, GAPS[there])


def test_spread_without_nan_of_equal_and_of_too_few_numbers():
    x = Tensor([3.0, np.nan, 3.0])
    y = ag.nanstd(x)
    y.backward()
    assert y.item() == 0
    np.testing.assert_array_equal(x.grad, 0)
    assert np.isnan(ag.nanvar(np.array([1.0, np.nan]), ddof=1))
    assert ag.nanstd(Tensor(GAPS.astype(np.float32)), axis=0).dtype == np.float32


def test_methods_that_a_user_of_torch_or_numpy_looks_for():
    x, m = Tensor([[2.0, 1.0], [1.0, 3.0]]), np.array([[True, False], [False, True]])
    for found, expected in (
        (x.add(1), x.data + 1),
        (x.sub(x), 0 * x.data),
        (x.subtract(1.0), x.data - 1),
        (x.mul(2), 2 * x.data),
        (x.multiply(x), x.data**2),
        (x.div(2), x.data / 2),
        (x.true_divide(4), x.data / 4),
        (x.neg(), -x.data),
        (x.pow(2), x.data**2),
        (x.matmul(x), x.data @ x.data),
        (x.where(m), np.where(m, x.data, 0)),
        (x.where(m, 5.0), np.where(m, x.data, 5)),
        (x.masked_fill(m, -np.inf), np.where(m, -np.inf, x.data)),
        (x.solve(np.ones(2)), np.linalg.solve(x.data, np.ones(2))),
        (x.lstsq(np.ones(2))[0], np.linalg.solve(x.data, np.ones(2))),
        (x.inv(), np.linalg.inv(x.data)),
        (x.pinv(), np.linalg.inv(x.data)),
        (x.svd()[1], np.linalg.svd(x.data)[1]),
        (x.eigh()[0], np.linalg.eigh(x.data)[0]),
        (x.percentile(30), np.percentile(x.data, 30)),
        (x.partition(0), np.partition(x.data, 0)),
        (x.nanmax(0), x.data.max(0)),
        (x.nanmin(1), x.data.min(1)),
    ):
        assert found.requires_grad
        np.testing.assert_allclose(found.data, expected, rtol=1e-12, atol=1e-14)
