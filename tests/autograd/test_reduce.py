"""Reductions, running reductions, spreads and differences: NumPy's numbers, and what happens at their edges."""

from __future__ import annotations

import doctest
import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import DomainError, ShapeError, Tensor, UnknownOpError, check_grads, grad, gradients

AXES = (None, 0, -1, 1, (0, 2), (-1, 0, 1), np.int64(1))
REDUCTIONS = "sum mean max min prod var std ptp nansum nanmean nanmax nanmin amax amin".split()
RUNNING = {
    "cumsum": np.cumsum,
    "cumprod": np.cumprod,
    "nancumsum": np.nancumsum,
    "cummax": np.maximum.accumulate,
    "cummin": np.minimum.accumulate,
    "logcumsumexp": np.logaddexp.accumulate,
}
X = np.random.default_rng(0).normal(size=(2, 3, 4))
TOLERANCE = {np.float64: 1e-13, np.float32: 2e-6, np.float16: 5e-3}


# --- NumPy's numbers


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_a_reduction_is_numpys(name, axis, keepdims, dtype):
    x = X.astype(dtype)
    expected = getattr(np, name)(x, axis=axis, keepdims=keepdims)
    t = Tensor(x)
    for y in (
        getattr(ag, name)(x, axis=axis, keepdims=keepdims),
        getattr(ag, name)(t, axis=axis, keepdims=keepdims),
        getattr(np, name)(t, axis=axis, keepdims=keepdims),
        getattr(ag, name)(t, axis, keepdims=keepdims),
    ):
        assert np.shape(y) == np.shape(expected)
        assert y.dtype == dtype
        plain = y.data if isinstance(y, Tensor) else y
        np.testing.assert_allclose(plain, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    assert getattr(np, name)(t, axis=axis, keepdims=keepdims).op is not None
    if name not in ("nanmax", "nanmin"):
        method = getattr(t, name)(axis=axis, keepdims=keepdims)
        np.testing.assert_allclose(method.data, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize("axis", [None, 0, 1, -1, np.int64(2)])
@pytest.mark.parametrize("name", RUNNING)
def test_a_running_reduction_is_numpys(name, axis):
    if axis is None and RUNNING[name].__name__ == "accumulate":
        return  # runs along one axis only
    for dtype, rtol in ((np.float64, 1e-13), (np.float32, 3e-6)):
        x = X.astype(dtype)
        y = getattr(ag, name)(Tensor(x), axis=axis)
        assert y.dtype == dtype
        np.testing.assert_allclose(y.data, RUNNING[name](x, axis=axis), rtol=rtol)
        np.testing.assert_allclose(getattr(ag, name)(x, axis=axis), RUNNING[name](x, axis=axis), rtol=rtol)


def test_numpys_functions_take_their_arguments_in_numpys_order_and_by_name():
    t = Tensor(X)
    for ours, theirs in (
        (np.var(t, 0, None, None, 1), np.var(X, 0, None, None, 1)),
        (np.std(t, axis=(0, 1), ddof=2, keepdims=True), np.std(X, axis=(0, 1), ddof=2, keepdims=True)),
        (np.prod(a=t, axis=1), np.prod(X, axis=1)),
        (np.cumsum(t, 1), np.cumsum(X, 1)),
        (np.cumprod(a=t, axis=-1), np.cumprod(X, axis=-1)),
        (np.ptp(t, 1), np.ptp(X, 1)),
        (np.diff(t, 2, 0 - 1), np.diff(X, 2, -1)),
        (np.diff(a=t, axis=0, n=1), np.diff(X, axis=0)),
        (np.average(t, 1, np.arange(1.0, 4.0)), np.average(X, 1, np.arange(1.0, 4.0))),
        (np.average(X, weights=t * t, axis=2), np.average(X, weights=X * X, axis=2)),
        (np.nancumsum(t, axis=1), np.nancumsum(X, axis=1)),
        (t.var(1, 1), np.var(X, 1, ddof=1)),
        (t.prod(-1), X.prod(-1)),
        (t.cumsum(), X.cumsum()),
        (t.diff(axis=1), np.diff(X, axis=1)),
        (t.cummax(1), np.maximum.accumulate(X, 1)),
        (t.logcumsumexp(2), np.logaddexp.accumulate(X, 2)),
    ):
        assert isinstance(ours, Tensor)
        assert ours.op is not None
        np.testing.assert_allclose(ours.data, theirs, rtol=1e-12)


def test_a_setting_without_a_derivative_is_refused():
    t = Tensor([1.0, 2.0])
    for wrong in (
        lambda: np.prod(t, initial=2.0),
        lambda: np.var(t, where=np.array([True, False])),
        lambda: np.cumsum(t, dtype=np.float32),
        lambda: np.ptp(t, out=np.empty(())),
    ):
        with pytest.raises(UnknownOpError, match="has no derivative here"):
            wrong()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 4, 7, 8, 100])
def test_sums_of_few_and_of_many_are_numpys(n, dtype):
    x = np.random.default_rng(n).normal(size=3 * n).astype(dtype)
    for part in (x[:n], x[::3], x[::-1][:n]):
        np.testing.assert_allclose(
            Tensor(part).sum().data, part.sum(), rtol=1e-15 if dtype == np.float64 else 0
        )
    assert Tensor([1.0, np.inf, 2.0], dtype=dtype).sum().item() == np.inf


def test_the_mean_of_nothing_is_nan_with_numpys_warning():
    with pytest.warns(RuntimeWarning):
        assert np.isnan(Tensor(np.ones((0, 2))).mean(axis=0).data).all()
    assert Tensor(np.ones((2, 0))).sum(axis=1).data.tolist() == [0.0, 0.0]


# --- products with zeros


def _product_without(x: np.ndarray, *left_out: int) -> float:
    return float(np.prod([v for i, v in enumerate(x) if i not in left_out]))


ZEROS = [np.array([2.0, -3.0, 0.5, 4.0]) * np.array(mask) for mask in itertools.product((0.0, 1.0), repeat=4)]


@pytest.mark.parametrize("x", ZEROS, ids=str)
def test_prod_has_the_right_derivatives_with_any_number_of_zeros(x):
    def slope(f, i):
        return lambda t: grad(f)(t)[i]

    def partial(*order):
        f = ag.prod
        for i in order:
            f = slope(f, i)
        return float(f(x))

    n = len(x)
    np.testing.assert_allclose(grad(ag.prod)(x), [_product_without(x, k) for k in range(n)], rtol=1e-13)
    for k, m in itertools.product(range(n), repeat=2):
        expected = 0.0 if k == m else _product_without(x, k, m)
        assert partial(k, m) == pytest.approx(expected, rel=1e-13, abs=0)
    assert partial(0, 1, 2) == pytest.approx(x[3], rel=1e-13, abs=0)
    assert partial(0, 1, 1) == 0


@pytest.mark.parametrize("axis", [None, 0, (0, 1), -1])
def test_prod_over_axes_with_zeros(axis):
    x = np.array([[[1.0, 0.0], [2.0, 3.0]], [[0.0, 0.0], [4.0, 5.0]]])
    check_grads(lambda t: ag.prod(t, axis=axis), x, order=2)


@pytest.mark.parametrize(
    "x", [ZEROS[0], ZEROS[5], ZEROS[11], np.array([[0.0, 2.0, 0.0], [1.0, 0.0, 3.0]])], ids=str
)
@pytest.mark.parametrize("axis", [None, -1])
def test_cumprod_has_the_right_derivatives_with_zeros(x, axis):
    check_grads(lambda t: ag.cumprod(t, axis=axis), x, order=2)


def test_a_product_too_small_or_too_large_for_a_float_still_has_a_gradient():
    assert grad(ag.prod)(np.array([1e-200, 2e-200])).tolist() == [2e-200, 1e-200]
    with np.errstate(over="ignore"):
        assert grad(ag.prod)(np.array([1e200, 2e200])).tolist() == [2e200, 1e200]


def test_prod_of_a_number_and_of_nothing():
    for f in (ag.prod, ag.cumprod, ag.cumsum):
        x = Tensor(3.0)
        np.sum(f(x)).backward()
        assert x.grad.shape == ()
        assert x.grad == 1
    x = Tensor(np.ones((0, 2)))
    y = x.prod(axis=0)
    y.sum().backward()
    assert y.data.tolist() == [1.0, 1.0]
    assert x.grad.shape == (0, 2)


# --- ties and kinks


@pytest.mark.parametrize("name", ["max", "nanmax", "amax"])
def test_the_largest_that_tie_share(name):
    x = Tensor([[3.0, 1.0, 3.0], [2.0, 2.0, 2.0]])
    getattr(ag, name)(x, axis=1).sum().backward()
    np.testing.assert_allclose(x.grad, [[0.5, 0, 0.5], [1 / 3] * 3])


def test_peak_to_peak_shares_on_both_sides():
    x = Tensor([3.0, 1.0, 3.0, 1.0, 2.0])
    x.ptp().backward()
    assert x.grad.tolist() == [0.5, -0.5, 0.5, -0.5, 0.0]
    flat = Tensor([2.0, 2.0])
    flat.ptp().backward()
    assert flat.grad.tolist() == [0.0, 0.0]


def test_a_record_that_is_equalled_is_shared_from_then_on():
    g = np.array([1.0, 10.0, 100.0, 1000.0, 10000.0])
    x = Tensor([1.0, 3.0, 2.0, 3.0, 5.0])
    ag.cummax(x).backward(g)
    assert x.grad.tolist() == [1.0, 10.0 + 100.0 + 500.0, 0.0, 500.0, 10000.0]
    x = Tensor([-1.0, -3.0, -2.0, -3.0, -5.0])
    x.cummin().backward(g)
    assert x.grad.tolist() == [1.0, 610.0, 0.0, 500.0, 10000.0]


def test_nan_is_left_out_and_gets_no_gradient():
    x = Tensor([[1.0, np.nan, 3.0], [np.nan, 5.0, 4.0]])
    for f, expected in (
        (np.nansum, [[1, 0, 1], [0, 1, 1]]),
        (np.nanmean, [[0.5, 0, 0.5], [0, 0.5, 0.5]]),
        (np.nanmax, [[0, 0, 1], [0, 1, 0]]),
        (np.nanmin, [[1, 0, 0], [0, 0, 1]]),
    ):
        y = f(x, axis=1)
        np.testing.assert_allclose(y.data, f(x.numpy(), axis=1))
        assert gradients(y.sum(), x).tolist() == expected
    assert gradients(ag.nancumsum(x, axis=1).sum(), x).tolist() == [[3, 0, 1], [0, 2, 1]]


def test_the_standard_deviation_of_equal_elements_has_slope_zero():
    x = Tensor([[2.0, 2.0, 2.0], [1.0, 2.0, 3.0]])
    first = gradients(x.std(axis=1).sum(), x, create_graph=True)
    assert first.data[0].tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_allclose(first.data[1], np.array([-1, 0, 1]) / 3 / math.sqrt(2 / 3))
    assert np.isfinite(gradients((first * first).sum(), x)).all()


def test_spread_with_no_freedom_left_is_nan_as_in_numpy():
    for f in (ag.var, ag.std):
        x = Tensor([3.0])
        with pytest.warns(RuntimeWarning, match="Degrees of freedom"), np.errstate(invalid="ignore"):
            y = f(x, ddof=1)
        assert np.isnan(y.data)
        y.backward()
        assert np.isnan(x.grad).all()


def test_a_spread_far_from_zero_loses_no_digits():
    x = np.array([1.0, 2.0, 4.0])
    np.testing.assert_allclose(grad(ag.var)(x + 1e9), grad(ag.var)(x), rtol=1e-6)
    np.testing.assert_allclose(grad(ag.var)(x), 2 * (x - x.mean()) / 3)


def test_float16_has_gradients_of_a_mean_of_many():
    x = Tensor(np.ones(70_000, np.float16))
    x.mean().backward()
    assert x.grad[0] == np.float16(1 / 70_000)
    x = Tensor(np.linspace(-1, 1, 70_000).astype(np.float16))
    x.var().backward()
    assert x.grad.dtype == np.float16
    assert 0 < x.grad[-1] < 1e-4


# --- weights


def test_average_gives_the_weights_their_gradient():
    a, w = np.random.default_rng(1).uniform(0.5, 2, (2, 3, 2)), np.array([1.0, 2.0, 4.0])
    check_grads(lambda a, w: ag.average(a, axis=1, weights=w), a, w)
    check_grads(lambda a, w: ag.average(a, weights=w), a, a**2)
    check_grads(lambda a: np.average(a, axis=(0, 2)), a)
    y = ag.average(a, axis=(2, 0), weights=np.array([[1.0, 2.0], [3.0, 4.0]]), keepdims=True)
    expected = (a * np.array([[1.0, 3.0], [2.0, 4.0]])[:, None]).sum(axis=(0, 2), keepdims=True) / 10
    np.testing.assert_allclose(y, expected)


def test_average_can_return_the_sum_of_the_weights():
    a = np.arange(6.0).reshape(2, 3)
    for weights in (None, np.array([1.0, 2.0, 3.0])):
        ours = np.average(Tensor(a), axis=1, weights=weights, returned=True)
        theirs = np.average(a, axis=1, weights=weights, returned=True)
        for x, y in zip(ours, theirs):
            np.testing.assert_allclose(np.asarray(x), y)
            assert np.shape(x) == np.shape(y)


def test_weights_that_do_not_fit_are_explained():
    a = Tensor(np.ones((2, 3)))
    with pytest.raises(ZeroDivisionError, match="weights sum to 0"):
        ag.average(a, weights=np.array([[1.0, -1.0, 0.0]] * 2))
    with pytest.raises(ShapeError, match=r"weights of shape \(2,\)"):
        ag.average(a, axis=1, weights=np.ones(2))
    with pytest.raises(ShapeError, match=r"weights of shape \(3,\)"):
        ag.average(a, weights=np.ones(3))


# --- large numbers


@pytest.mark.parametrize("far", [-1000.0, 1000.0])
def test_log_of_running_sums_of_exponentials_far_out(far):
    x = np.array([0.3, -0.2, 1.0, 0.5])
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    near = grad(lambda t: np.sum(ag.logcumsumexp(t) * weights))(x)
    np.testing.assert_allclose(
        grad(lambda t: np.sum(ag.logcumsumexp(t) * weights))(x + far), near, rtol=1e-10
    )
    np.testing.assert_allclose(grad(ag.logsumexp)(x + far), grad(ag.logsumexp)(x), rtol=1e-10)


def test_the_logarithm_of_zero_takes_part():
    x = Tensor([-np.inf, -np.inf, 1.0, -np.inf, 1.0])
    first = gradients(ag.logcumsumexp(x).sum(), x, create_graph=True)
    np.testing.assert_allclose(first.data, [0.0, 0.0, 2.5, 0.0, 0.5], rtol=1e-14)
    assert np.isfinite(gradients((first * first).sum(), x)).all()


# --- recurrences and shifts


@given(st.integers(0, 40), st.booleans(), st.integers(0, 99))
def test_a_recurrence_is_its_loop(n, reverse, seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n, 2))
    y = np.array(b)
    for i in range(1, n):
        if reverse:
            y[n - 1 - i] += a[n - i] * y[n - i]
        else:
            y[i] += a[i] * y[i - 1]
    np.testing.assert_allclose(ag.recurrence(a, b, axis=0, reverse=reverse), y, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ag.recurrence(a.T, b.T, reverse=reverse), y.T, rtol=1e-9, atol=1e-12)


def test_the_first_factor_of_a_recurrence_plays_no_part():
    a, b = Tensor([np.inf, 2.0, 3.0]), Tensor([1.0, 1.0, 1.0])
    y = ag.recurrence(a, b)
    assert y.data.tolist() == [1.0, 3.0, 10.0]
    y.sum().backward()
    assert a.grad.tolist() == [0.0, 4.0, 3.0]
    assert b.grad.tolist() == [9.0, 4.0, 1.0]
    assert a.data.tolist() == [np.inf, 2.0, 3.0]


def test_a_recurrence_of_different_shapes_is_refused():
    with pytest.raises(ShapeError, match="both need the same shape"):
        ag.recurrence(Tensor(np.ones(3)), np.ones(2))


@pytest.mark.parametrize("by", [-4, -3, -1, 0, 1, 2, 3, 7])
def test_shift(by):
    x = np.array([1.0, 2.0, 3.0])
    expected = [x[i - by] if 0 <= i - by < 3 else 9.0 for i in range(3)]
    assert ag.shift(x, by=by, fill=9.0).tolist() == expected


# --- differences and areas


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_diff_is_numpys(n, axis):
    for settings in ({}, {"prepend": 0.0}, {"append": np.ones((2, 3, 4)), "prepend": 2.0}):
        y = np.diff(Tensor(X), n=n, axis=axis, **settings)
        np.testing.assert_allclose(y.data, np.diff(X, n=n, axis=axis, **settings), rtol=1e-12, atol=1e-14)
    check_grads(lambda t: ag.diff(t, n=n, axis=axis), X)


def test_what_is_put_before_a_difference_gets_a_gradient():
    x, first = Tensor([1.0, 4.0]), Tensor([0.5])
    y = ag.diff(x, prepend=first)
    assert y.data.tolist() == [0.5, 3.0]
    y.backward(np.array([1.0, 10.0]))
    assert first.grad.tolist() == [-1.0]
    assert x.grad.tolist() == [-9.0, 10.0]


def test_a_difference_that_cannot_be_taken_is_explained():
    with pytest.raises(DomainError, match="n=-1"):
        ag.diff(Tensor([1.0, 2.0]), n=-1)
    with pytest.raises(ShapeError, match="no neighbour"):
        np.diff(Tensor(1.0))


trapezoid = np.trapezoid if hasattr(np, "trapezoid") else np.trapz  # noqa: NPY201


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_the_area_under_points_is_numpys(axis):
    places = np.cumsum(np.random.default_rng(2).uniform(0.1, 1, X.shape), axis=axis)
    line = np.linspace(0, 1, X.shape[axis]) ** 2
    for settings in ({}, {"dx": 0.5}, {"x": places}, {"x": line}, {"x": line.tolist()}):
        y = trapezoid(Tensor(X), axis=axis, **settings)
        assert y.op is not None
        np.testing.assert_allclose(y.data, trapezoid(X, axis=axis, **settings), rtol=1e-12, atol=1e-14)
    check_grads(lambda y, x: ag.trapezoid(y, x, axis=axis), X, places)
    check_grads(lambda y, x: ag.trapezoid(y, x=x, axis=axis), X, line)
    check_grads(lambda y, dx: ag.trapezoid(y, dx=dx, axis=axis), X, np.array(0.3))


def test_what_is_written_with_other_ops_keeps_float32():
    x = Tensor(X, dtype=np.float32)
    for y in (
        x.ptp(),
        ag.nanmean(x),
        ag.nansum(x, axis=0),
        ag.nancumsum(x),
        ag.average(x, axis=0),
        ag.average(x, axis=1, weights=np.ones(3, np.float32)),
        ag.diff(x, prepend=0.0),
        ag.trapezoid(x),
        ag.trapezoid(x.sum()[None], dx=2.0),
    ):
        assert y.dtype == np.float32
        (g,) = gradients(y.sum(), [x])
        assert g.dtype == np.float32


EXAMPLES = (
    "shift recurrence cumsum cumprod cummax cummin logcumsumexp prod prod_of_others var std median reorder"
)


@pytest.mark.parametrize("name", EXAMPLES.split())
def test_the_example_of_an_op_runs(name):
    examples = doctest.DocTestParser().get_doctest(
        getattr(ag, name).__doc__, vars(ag) | {"np": np}, name, None, None
    )
    assert examples.examples
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(examples).failed == 0


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_exponentials_along_an_axis_of_no_element():
    x = Tensor(np.zeros((2, 0), np.float32))
    y = ag.logsumexp(x, axis=1)
    np.testing.assert_array_equal(y.data, [-np.inf, -np.inf])  # the log of a sum of nothing, as PyTorch's
    for z in (y, ag.softmax(x), ag.log_softmax(x)):
        assert z.dtype == np.float32
        assert gradients(z, x, np.ones(z.shape)).shape == (2, 0)


@pytest.mark.skipif(np.__version__.startswith("1."), reason="NumPy 1 has no such name")
def test_correction_is_numpys_newer_name_for_ddof():
    x = Tensor([1.0, 2.0, 4.0])
    assert np.var(x, correction=1).item() == np.var(x.data, ddof=1)
    assert np.std(x, correction=1).item() == np.std(x.data, ddof=1)
