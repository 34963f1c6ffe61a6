"""Order statistics and searches: NumPy's numbers, who gets the gradient, and what leaves the graph."""

from __future__ import annotations

import builtins

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import autograd as ag
from autograd import DomainError, GradientError, Tensor, UnknownOpError, check_grads, gradients

X = np.random.default_rng(0).permutation(np.arange(24.0)).reshape(2, 3, 4)
METHODS = "linear lower higher midpoint nearest".split()


def gradient(f, x):
    t = Tensor(x)
    return gradients(f(t), t)


# --- sort and partition


@pytest.mark.parametrize("axis", [None, 0, 1, -1, np.int64(2)])
def test_sort_is_numpys(axis):
    t = Tensor(X)
    for y in (
        ag.sort(t, axis),
        np.sort(t, axis=axis),
        np.sort(t, axis, "stable"),
        np.sort(a=t, axis=axis, kind="heapsort"),
        t.sort(axis=axis),
    ):
        assert y.op.name == "sort"
        np.testing.assert_array_equal(y.data, np.sort(X, axis=axis))
    np.testing.assert_array_equal(ag.sort(X, axis), np.sort(X, axis=axis))
    assert t.data.tolist() == X.tolist()  # a copy, where ndarray's method sorts in place


@given(arrays(np.float64, array_shapes(max_dims=3, max_side=5), elements=st.integers(0, 3)), st.data())
def test_sort_sends_every_gradient_back_to_where_its_element_was(x, data):
    """Equal elements keep their order, so the permutation is the stable one."""
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    g = np.arange(1.0, x.size + 1).reshape(x.shape)
    t = Tensor(x)
    ag.sort(t, axis=axis).backward(g)
    order = np.argsort(x, axis=axis, kind="stable")
    np.testing.assert_array_equal(np.take_along_axis(t.grad, order, axis), g)


@given(arrays(np.float64, array_shapes(max_dims=2, max_side=30), elements=st.integers(0, 5)), st.data())
def test_partition_puts_the_right_element_in_its_place(x, data):
    axis = data.draw(st.sampled_from([None, *range(-x.ndim, x.ndim)]))
    n = x.size if axis is None else x.shape[axis]
    kth = data.draw(st.integers(-n, n - 1))
    t = Tensor(x)
    y = np.partition(t, kth, axis=axis)
    flat = np.moveaxis(y.data, -1 if axis is None else axis, -1)
    ordered = np.sort(flat, axis=-1)
    np.testing.assert_array_equal(
        ordered, np.moveaxis(np.sort(x, axis=axis), -1 if axis is None else axis, -1)
    )
    k = kth % n
    np.testing.assert_array_equal(flat[..., k], ordered[..., k])
    assert (flat[..., :k] <= flat[..., k : k + 1]).all()
    assert (flat[..., k:] >= flat[..., k : k + 1]).all()
    # Whatever the order is, each gradient goes to the element that stands there.
    y.backward(y.data)
    np.testing.assert_array_equal(t.grad, x)


def test_the_fields_of_records_are_refused():
    for f in (lambda t: np.sort(t, order="a"), lambda t: np.partition(t, 0, order="a")):
        with pytest.raises(UnknownOpError, match="fields of records"):
            f(Tensor([1.0]))


def test_a_place_outside_the_array_is_named():
    with pytest.raises(ValueError, match=r"partition of shape \(2,\), kth=5"):
        ag.partition(Tensor([1.0, 2.0]), 5)


def test_reorder_and_back():
    x = np.random.default_rng(1).normal(size=(2, 5))
    order = np.array([[4, 2, 0, 1, 3], [0, 1, 2, 4, 3]])
    y = ag.reorder(x, order=order)
    np.testing.assert_array_equal(y, np.take_along_axis(x, order, 1))
    np.testing.assert_array_equal(gradient(lambda t: (ag.reorder(t, order=order) * y).sum(), x), x)


# --- median and quantile


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1, 1, (0, 2), (2, 1, 0), np.int64(1)])
def test_median_and_quantiles_are_numpys(axis, keepdims, dtype):
    x = X.astype(dtype)
    t = Tensor(x)
    settings = {"axis": axis, "keepdims": keepdims}
    pairs = [(np.median(t, **settings), np.median(x, **settings))]
    pairs += [(t.median(axis, keepdims), np.median(x, **settings))]
    for method in METHODS:
        for q in (0, 0.1, 0.5, 1.0, np.float32(0.3), [0.25, 0.6], np.array([[0.0], [0.9]])):
            expected = np.quantile(x.astype(float), np.asarray(q, float), method=method, **settings)
            pairs += [
                (np.quantile(t, q, method=method, **settings), expected),
                (np.percentile(t, np.multiply(q, 100), method=method, **settings), expected),
                (t.quantile(q, axis, method, keepdims), expected),
                (ag.quantile(x, q, method=method, **settings), expected),
            ]
    for ours, theirs in pairs:
        assert np.shape(ours) == np.shape(theirs)
        assert ours.dtype == dtype
        plain = ours.data if isinstance(ours, Tensor) else ours
        np.testing.assert_allclose(plain, theirs, rtol=2 * np.finfo(dtype).eps, atol=2 * np.finfo(dtype).eps)


def test_an_odd_median_has_one_element_and_an_even_one_two():
    assert gradient(ag.median, [5.0, 1.0, 3.0]).tolist() == [0.0, 0.0, 1.0]
    assert gradient(ag.median, [5.0, 1.0, 3.0, 4.0]).tolist() == [0.0, 0.0, 0.5, 0.5]


def test_elements_that_tie_with_the_median_share():
    assert gradient(ag.median, [2.0, 1.0, 2.0, 3.0, 9.0]).tolist() == [0.5, 0.0, 0.5, 0.0, 0.0]
    # the middle two are 2 and 3; two elements are 2, so each gets half of a half
    assert gradient(ag.median, [2.0, 1.0, 3.0, 2.0, 3.5, 9.0]).tolist() == [0.25, 0.0, 0.5, 0.25, 0.0, 0.0]
    assert gradient(ag.median, [2.0, 2.0, 2.0, 2.0]).tolist() == [0.25] * 4
    np.testing.assert_allclose(
        gradient(lambda t: t.median(axis=0).sum(), [[1.0, 1.0], [1.0, 2.0], [0.0, 3.0]]),
        [[0.5, 0.0], [0.5, 1.0], [0.0, 0.0]],
    )


@pytest.mark.parametrize(
    ("method", "shares"),
    [
        ("linear", [0.0, 0.7, 0.3, 0.0]),
        ("lower", [0.0, 1.0, 0.0, 0.0]),
        ("higher", [0.0, 0.0, 1.0, 0.0]),
        ("midpoint", [0.0, 0.5, 0.5, 0.0]),
        ("nearest", [0.0, 1.0, 0.0, 0.0]),
    ],
)
def test_who_gets_the_gradient_of_a_quantile(method, shares):
    x = [10.0, 20.0, 40.0, 80.0]
    g = gradient(lambda t: ag.quantile(t, 1.3 / 3, method=method), x)  # between the second and the third
    np.testing.assert_allclose(g, shares, atol=1e-12)
    g = gradient(lambda t: ag.quantile(t, 1.0, method=method), x)
    assert g.tolist() == [0.0, 0.0, 0.0, 1.0]


def test_an_array_of_quantiles_adds_up():
    q = np.array([[0.0, 0.5], [0.5, 1.0]])
    y_g = np.array([[1.0, 10.0], [100.0, 1000.0]])
    x = Tensor([3.0, 1.0, 2.0])
    ag.quantile(x, q).backward(y_g)
    assert x.grad.tolist() == [1000.0, 1.0, 110.0]
    x = Tensor([3.0, 1.0, 2.0])
    none = ag.quantile(x, [])
    assert none.shape == (0,)
    none.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.0]


def test_float32_takes_the_same_elements_as_float64():
    """0.1 is no float32: rounded up, 0.1 of 10 steps would lie a little past the second element."""
    for dtype in (np.float32, np.float64):
        x = np.arange(11.0, dtype=dtype)
        assert gradient(lambda t: ag.quantile(t, 0.1), x).tolist() == [0.0, 1.0] + [0.0] * 9


def test_the_derivative_of_a_median_of_a_function():
    x = np.random.default_rng(3).normal(size=(4, 5))
    check_grads(lambda t: ag.median(t * t, axis=0), x)
    check_grads(lambda t: ag.quantile(np.exp(t), [0.2, 0.7], axis=1), x)
    check_grads(lambda t: ag.sort(np.sin(t), axis=0) ** 2, x)


def test_quantiles_that_do_not_exist_are_explained():
    t = Tensor([1.0, 2.0])
    with pytest.raises(DomainError, match="between 0 and 1"):
        t.quantile(1.5)
    with pytest.raises(DomainError, match="between 0 and 1"):
        t.quantile(np.nan)
    with pytest.raises(DomainError, match="0 to 100"):
        np.percentile(t, [50, 101])
    with pytest.raises(UnknownOpError, match="linear, lower"):
        np.quantile(t, 0.5, method="hazen")
    for a in (t, np.ones(3)):
        for f in (ag.quantile, ag.percentile):
            with pytest.raises(GradientError, match="q gets no gradient"):
                f(a, Tensor(0.5))
    with pytest.raises(UnknownOpError, match="overwrite_input"):
        np.median(t, overwrite_input=True)


# --- searches


QUESTIONS = [
    ("argmax", (), {"axis": 1}),
    ("argmax", (), {}),
    ("argmin", (), {"axis": 0, "keepdims": True}),
    ("argsort", (), {"axis": 0}),
    ("argpartition", (2,), {"axis": 1}),
    ("nonzero", (), {}),
    ("argwhere", (), {}),
    ("flatnonzero", (), {}),
    ("count_nonzero", (), {"axis": 1}),
    ("any", (), {"axis": 0}),
    ("all", (), {"axis": 0, "keepdims": True}),
    ("nanargmax", (), {"axis": 1}),
    ("nanargmin", (), {}),
    ("unique", (), {}),
    ("unique", (), {"return_counts": True}),
    ("digitize", (np.array([0.0, 2.0]),), {}),
]
METHOD_NAMES = "argmax argmin argsort argpartition nonzero argwhere count_nonzero any all unique".split()


@pytest.mark.parametrize(("name", "args", "settings"), QUESTIONS)
def test_a_question_has_numpys_answer_out_of_the_graph(name, args, settings):
    x = np.array([[3.0, 0.0, 2.0, 2.0], [0.0, 0.0, -1.0, 5.0]])
    expected = getattr(np, name)(x, *args, **settings)
    t = Tensor(x)
    ways = [getattr(ag, name), getattr(np, name)]
    ways += [lambda t, *a, **k: getattr(t, name)(*a, **k)] if name in METHOD_NAMES else []
    for way in ways:
        answer = way(t, *args, **settings)
        assert type(answer) is type(expected)
        for a, b in zip(answer, expected) if isinstance(expected, tuple) else ((answer, expected),):
            assert not isinstance(a, Tensor)
            assert np.asarray(a).dtype == np.asarray(b).dtype
            np.testing.assert_array_equal(a, b)
    assert t._fast  # the array was looked at and not handed out


def test_searchsorted_takes_tensors_on_both_sides():
    line, x = Tensor([1.0, 2.0, 3.0]), Tensor([0.5, 2.0])
    for found in (np.searchsorted(line, x), line.searchsorted(x), np.searchsorted(line.numpy(), x)):
        assert found.tolist() == [0, 1]
    assert ag.searchsorted(line, 2.0, side="right") == 2


def test_truth_is_plain():
    t = Tensor([0.0, 1.0])
    assert t.any()
    assert not t.all()
    assert not isinstance(t.any(), Tensor)
    assert not isinstance((t > 0).any(), Tensor)


def test_pythons_own_names_are_left_alone():
    space: dict[str, object] = {}
    exec("from autograd import *", space)
    for name in ("any", "all", "max", "min", "sum"):
        assert space.get(name, getattr(builtins, name)) is getattr(builtins, name)
    assert "argmax" in space


def test_a_search_says_what_it_does():
    assert "out of the graph" in ag.argmax.__doc__
    assert "axis" in str(__import__("inspect").signature(ag.argmax))
