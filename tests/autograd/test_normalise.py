"""Normalisation layers: the fused op against its formula in elementary ops, running statistics, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import GradientError, ShapeError, Tensor, check_grads, gradients
from autograd.ops.totals import total, total_product


def composed(x, axis, eps, about_zero):
    """The formula, step by step."""
    centred = x if about_zero else x - ag.mean(x, axis=axis, keepdims=True)
    return centred / ag.sqrt(ag.mean(centred * centred, axis=axis, keepdims=True) + eps)


@pytest.mark.parametrize("axis", [0, -1, (0, 2), (1, -1), (0, 1, 2)])
@pytest.mark.parametrize("about_zero", [False, True])
def test_the_fused_op_is_its_formula_up_to_third_derivatives(axis, about_zero):
    rng = np.random.default_rng(0)
    x, seed, direction = (rng.normal(size=(3, 2, 4)) for _ in range(3))
    results = []
    for f in (composed, lambda x, axis, eps, about_zero: ag.standardise(x, axis, eps, about_zero)):
        leaf = Tensor(x)
        y = f(leaf, axis, 0.01, about_zero)
        total, found = (y * seed).sum(), [y.data]
        for _ in range(3):
            first = gradients(total, leaf, create_graph=True)
            found.append(first.data)
            total = (first * direction).sum()
        results.append(found)
    for a, b in zip(*results):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)


def test_the_first_order_way_is_the_rule():
    x, g = Tensor(np.random.default_rng(1).normal(size=(5, 3))), np.ones((5, 3)).cumsum(0)
    y = ag.standardise(x, axis=0)
    y.backward(g)
    op = ag.registry["standardise"]
    np.testing.assert_allclose(x.grad, op.vjps[0](g, y.data, x.data, axis=0), rtol=1e-12)


WEIGHTS = [  # shapes of x, weight and bias, and the axis: as of a layer, a batch, a group, an instance, and others
    ((6, 3), (3,), (3,), -1),
    ((5, 3), (3,), (3,), 0),
    ((4, 2, 6), (2, 6), (2, 6), -1),
    ((4, 2, 3), (2, 3), (2, 3), (1, 2)),
    ((4, 2, 3), (2, 1), (2, 1), (0, 2)),
    ((4, 2, 3), (2, 1), (2, 1), 2),
    ((4, 2, 3), (4, 1, 3), (), (-1,)),
    ((4, 2, 70), (70,), None, -1),
]


@pytest.mark.parametrize("about_zero", [False, True])
@pytest.mark.parametrize(("shape", "weight", "bias", "axis"), WEIGHTS)
def test_weight_and_bias_in_one_node_are_their_steps(shape, weight, bias, axis, about_zero, monkeypatch):
    """Values and first to third derivatives; the samples come in blocks, the last one shorter."""
    monkeypatch.setattr("autograd.ops.standardise._BLOCK", 3 * int(np.prod(shape[1:])))
    rng = np.random.default_rng(6)
    given = [rng.normal(1, 2, s) for s in (shape, weight, bias) if s is not None]
    seed, results = rng.normal(size=shape), []
    directions = [rng.normal(size=a.shape) for a in given]
    for fused in (True, False):
        leaves = [Tensor(a) for a in given]
        if fused:
            y = ag.registry["normalise"](*leaves, axis=axis, eps=0.01, about_zero=about_zero)
        else:
            y = composed(leaves[0], axis, 0.01, about_zero) * leaves[1]
            y = y + leaves[2] if bias is not None else y
        total, found = (y * seed).sum(), [y.data]
        total.backward()
        found += [leaf.grad for leaf in leaves]
        for _ in range(3):
            first = gradients(total, leaves, create_graph=True)
            found += [g.data for g in first]
            total = sum((g * d).sum() for g, d in zip(first, directions))
        results.append(found)
    for a, b in zip(*results):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-9)


def test_a_layer_is_one_node_whoever_is_tracked():
    x, w, b = np.random.default_rng(7).normal(size=(5, 4)), np.arange(1.0, 5), np.ones(4)
    whole = [Tensor(a) for a in (x, w, b)]
    y = ag.layer_norm(whole[0], 4, *whole[1:])
    assert y.op.name == "normalise"
    assert y.parents == tuple(whole)
    (y * y).sum().backward()
    for i in range(3):  # one is tracked, the others are arrays
        mixed = [Tensor(a) if j == i else a for j, a in enumerate((x, w, b))]
        y = ag.layer_norm(mixed[0], 4, *mixed[1:])
        (y * y).sum().backward()
        np.testing.assert_allclose(mixed[i].grad, whole[i].grad, rtol=1e-12)
    assert type(ag.layer_norm(x, 4, w, b)) is np.ndarray
    np.testing.assert_array_equal(ag.layer_norm(x, 4, None, b), ag.layer_norm(x, 4) + b)


@pytest.mark.parametrize("order", ["F", "strided"])
def test_columns_first_and_strided_input(order):
    base = np.random.default_rng(8).normal(size=(12, 6))
    x = np.asfortranarray(base) if order == "F" else np.repeat(base, 2, axis=1)[:, ::2]
    g = np.random.default_rng(9).normal(size=(12, 6))
    grads = []
    for a in (base, x):
        leaves = [Tensor(a), Tensor(np.arange(6.0)), Tensor(np.ones(6))]
        ag.layer_norm(leaves[0], 6, *leaves[1:]).backward(np.asfortranarray(g) if a is x else g)
        ag.batch_norm(leaves[0], None, None, *leaves[1:], training=True).backward(g)
        grads.append([leaf.grad for leaf in leaves])
    for a, b in zip(*grads):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def test_a_wider_weight_makes_the_result_wider_and_its_gradient_stays_narrow():
    x, w = Tensor(np.arange(6, dtype=np.float32).reshape(2, 3)), Tensor(np.arange(3.0))
    y = ag.layer_norm(x, 3, w)
    y.backward(np.arange(6.0).reshape(2, 3))
    assert (y.dtype, x.grad.dtype, w.grad.dtype) == (np.float64, np.float32, np.float64)


def test_running_statistics_are_the_same_with_and_without_a_graph():
    x, found = np.random.default_rng(10).normal(3, 2, size=(6, 2, 4)), []
    for given in (x, Tensor(x), Tensor(x, requires_grad=False)):
        for w in (None, Tensor(np.ones(2))):
            mean, var = np.zeros(2), np.ones(2)
            ag.batch_norm(given, mean, var, w, training=True, momentum=1.0)
            found.append([*mean, *var])
    np.testing.assert_allclose(found, [[*x.mean((0, 2)), *x.var((0, 2), ddof=1)]] * 6, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, int])
@pytest.mark.parametrize(
    ("shape", "axis"),
    [((3, 5), -1), ((3, 100), -1), ((2, 3, 4), (0, 2)), ((0, 3), -1), ((0, 3), 0), ((4,), -1), ((), -1)],
)
def test_totals_are_sums(shape, axis, dtype):
    rng = np.random.default_rng(11)
    a, b = (rng.integers(-4, 5, shape).astype(dtype) for _ in range(2))
    for found, expected in (
        (total(a, axis), a.sum(axis=axis, keepdims=True)),
        (total_product(a, b, axis), (a * b).sum(axis=axis, keepdims=True)),
        (total_product(a.T.copy().T, b, axis), (a * b).sum(axis=axis, keepdims=True)),
    ):
        assert found.shape == expected.shape
        assert dtype is int or found.dtype == dtype
        np.testing.assert_array_equal(found, expected)


def test_what_comes_out_of_training_has_mean_0_and_variance_1_per_channel():
    x = np.random.default_rng(2).normal(5, 3, size=(8, 3, 4, 4))
    y = ag.batch_norm(x, training=True, eps=0)
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=(0, 2, 3)), 1)
    for y in (ag.layer_norm(x, (3, 4, 4), eps=0), ag.group_norm(x, 1, eps=0)):
        np.testing.assert_allclose(y.reshape(8, -1).var(axis=1), 1)
    np.testing.assert_allclose(ag.instance_norm(x, eps=0).var(axis=(2, 3)), 1)
    np.testing.assert_allclose((ag.rms_norm(x, 4) ** 2).mean(axis=-1), 1)


def test_running_statistics_are_moved_in_place_and_only_in_training():
    x = np.array([[1.0], [3.0], [8.0]])
    mean, var = np.array([10.0]), np.array([2.0])
    same = mean
    ag.batch_norm(x, mean, var, training=True, momentum=0.25)
    assert same is mean
    np.testing.assert_allclose(mean, 0.75 * 10 + 0.25 * 4)
    np.testing.assert_allclose(var, 0.75 * 2 + 0.25 * 13)  # of a sample: (9 + 1 + 16) / 2
    before = mean.copy(), var.copy()
    y = ag.batch_norm(x, mean, var, eps=0)
    np.testing.assert_array_equal((mean, var), before)
    np.testing.assert_allclose(y, (x - mean) / np.sqrt(var))


def test_the_gradient_of_a_batch_is_orthogonal_to_shift_and_scale():
    """The output does not change when a channel is shifted or scaled, so nothing flows along these two."""
    x = Tensor(np.random.default_rng(3).normal(size=(6, 2)))
    ag.batch_norm(x, training=True, eps=0).backward(np.random.default_rng(4).normal(size=(6, 2)))
    np.testing.assert_allclose(x.grad.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose((x.grad * x.data).sum(axis=0), 0, atol=1e-12)


def test_second_derivatives_with_weight_and_bias():
    rng = np.random.default_rng(5)
    x, w, b = rng.normal(size=(3, 2, 2)), rng.normal(size=2), rng.normal(size=2)
    check_grads(lambda x, w, b: ag.batch_norm(x, None, None, w, b, training=True), x, w, b)
    check_grads(lambda x, w, b: ag.batch_norm(x, np.zeros(2), np.ones(2), w, b), x, w, b)
    check_grads(lambda x, w, b: ag.layer_norm(x, 2, w, b), x, w, b)
    check_grads(lambda x, w, b: ag.group_norm(x, 2, w, b), x, w, b)
    check_grads(lambda x, w: ag.rms_norm(x, 2, w), x, w)


@pytest.mark.parametrize("training", [True, False])
def test_float32_and_whole_numbers(training):
    x, ones = Tensor(np.arange(6, dtype=np.float32).reshape(3, 2)), np.ones(2, np.float32)
    assert ag.batch_norm(x, ones.copy(), ones.copy(), ones, ones, training).dtype == np.float32
    assert ag.layer_norm(x, 2).dtype == ag.rms_norm(x, 2).dtype == np.float32
    whole = np.arange(6).reshape(3, 2)
    np.testing.assert_allclose(ag.rms_norm(whole, 2), ag.rms_norm(whole.astype(float), 2))
    np.testing.assert_array_equal(whole, np.arange(6).reshape(3, 2))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: ag.batch_norm(x), ValueError, "needs running_mean and running_var"),
        (lambda x: ag.batch_norm(x[:1], training=True), ShapeError, "1 number for each channel"),
        (lambda x: ag.batch_norm(x[0], training=True), ShapeError, r"must be \(n, channels\)"),
        (
            lambda x: ag.batch_norm(x, weight=np.ones(3), training=True),
            ShapeError,
            r"weight of shape \(3,\) for 2 ch",
        ),
        (
            lambda x: ag.batch_norm(x, Tensor(np.ones(2)), np.ones(2)),
            GradientError,
            "running_mean is tracked",
        ),
        (lambda x: ag.layer_norm(x, 3), ShapeError, "shape of its last axes"),
        (lambda x: ag.layer_norm(x, 2, np.ones(1)), ShapeError, "it must be normalized_shape"),
        (lambda x: ag.group_norm(x, 3), ShapeError, "2 channels do not make 3 equal groups"),
        (lambda x: ag.instance_norm(x), ShapeError, r"must be \(n, channels, length\)"),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(np.ones((4, 2)))
