"""Losses: exact values, far out, at kinks, whole numbers as targets, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd as ag
from autograd import DomainError, GradientError, ShapeError, Tensor, check_grads

LOGITS = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 3.0]])


def test_the_hinge_loss_of_the_course():
    """Three images, three classes, the scores of the course's example on the SVM: 2.9, 0 and 12.9, on average 5.27."""
    scores = Tensor([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
    labels = np.array([0, 1, 2])
    each = ag.multi_margin_loss(scores, labels, divide=False, reduction="none")
    np.testing.assert_allclose(each.data, [2.9, 0.0, 12.9])
    ag.multi_margin_loss(scores, labels, divide=False, reduction="sum").backward()
    np.testing.assert_array_equal(scores.grad, [[-1, 1, 0], [0, 0, 0], [1, 1, -2]])
    assert ag.multi_margin_loss(scores, labels).item() == pytest.approx((2.9 + 12.9) / 3 / 3)


def test_a_class_exactly_at_the_margin_has_no_slope():
    scores = Tensor([[1.0, 0.0]])
    ag.multi_margin_loss(scores, np.array([0])).backward()
    np.testing.assert_array_equal(scores.grad, [[0.0, 0.0]])


@pytest.mark.parametrize("label", [[0, 1], [1, 0], [2, 2]])
def test_cross_entropy_far_out_in_value_and_gradient(label):
    label = np.array(label)
    for settings in (
        {},
        {"label_smoothing": 0.1},
        {"weight": np.array([1.0, 2.0, 3.0])},
        {"reduction": "sum"},
    ):
        x = Tensor(LOGITS)
        loss = ag.cross_entropy(x, label, **settings)
        loss.backward()
        assert np.isfinite(loss.item())
        assert np.isfinite(x.grad).all()
        np.testing.assert_allclose(x.grad.sum(axis=1), 0, atol=1e-12)
    assert ag.cross_entropy(LOGITS, np.array([1, 0]), reduction="none") == pytest.approx([2000, 2000])


def test_binary_cross_entropy_far_out_keeps_its_digits():
    x = Tensor([1000.0, -1000.0, 1000.0, -1000.0, -50.0, 0.0])
    t = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.5])
    each = ag.binary_cross_entropy_with_logits(x, t, reduction="none")
    np.testing.assert_allclose(each.data, [0, 0, 1000, 1000, math.exp(-50), math.log(2)], rtol=1e-12)
    each.backward(np.ones(6))
    np.testing.assert_allclose(x.grad, [0, 0, 1, -1, math.exp(-50), 0], rtol=1e-12)
    heavy = ag.binary_cross_entropy_with_logits(x, t, pos_weight=np.full(6, 3.0), reduction="none")
    np.testing.assert_allclose(heavy.data[[0, 1, 2, 3, 4]], [0, 0, 1000, 3000, math.exp(-50)], rtol=1e-12)


def test_huber_and_its_kin_at_their_kinks_and_far_out():
    d = Tensor([-1e200, -1.0, 0.0, 1.0, 1e200])
    ag.huber_loss(d, np.zeros(5), reduction="sum").backward()
    np.testing.assert_array_equal(d.grad, [-1, -1, 0, 1, 1])
    d = Tensor([-2.0, 0.0, 2.0])
    ag.l1_loss(d, np.zeros(3), reduction="sum").backward()
    np.testing.assert_array_equal(d.grad, [-1, 0, 1])
    assert ag.smooth_l1_loss(np.array([0.2]), np.array([0.0]), beta=0.5) == pytest.approx(0.04)
    assert ag.huber_loss(np.array([3.0]), np.array([0.0]), delta=0.5) == pytest.approx(0.5 * (3 - 0.25))


def test_logits_and_probabilities_agree():
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(4, 3)), rng.uniform(size=(4, 3))
    a = ag.binary_cross_entropy_with_logits(x, t)
    assert a == pytest.approx(ag.binary_cross_entropy(1 / (1 + np.exp(-x)), t), rel=1e-12)
    labels = rng.integers(0, 3, 4)
    hot = ag.one_hot(labels, 3)
    for settings in ({}, {"label_smoothing": 0.3}, {"reduction": "sum"}):
        from_labels = ag.cross_entropy(x, labels, **settings)
        assert from_labels == pytest.approx(ag.cross_entropy(x, hot, **settings), rel=1e-12)
    assert ag.cross_entropy(x, labels) == pytest.approx(ag.nll_loss(ag.log_softmax(x), labels), rel=1e-12)
    assert ag.cross_entropy(x, labels) == pytest.approx(ag.softmax_cross_entropy(x, labels), rel=1e-12)


def test_the_plain_case_is_one_node_and_a_tracked_target_gets_its_gradient():
    x, chances = Tensor(np.zeros((2, 3))), Tensor(np.full((2, 3), 1 / 3))
    assert ag.cross_entropy(x, np.array([0, 1])).op.name == "softmax_cross_entropy"
    assert ag.cross_entropy(x, chances.numpy()).op.name == "softmax_cross_entropy"
    ag.cross_entropy(x, chances).backward()
    np.testing.assert_allclose(chances.grad, np.full((2, 3), math.log(3) / 2))


def test_rows_that_are_ignored_count_nowhere():
    x = Tensor([[1.0, 2.0], [np.inf, -np.inf], [0.0, 1.0]])
    loss = ag.nll_loss(x, np.array([0, -100, 1]))
    assert loss.item() == pytest.approx(-1.0)
    loss.backward()
    np.testing.assert_array_equal(x.grad, [[-0.5, 0], [0, 0], [0, -0.5]])
    assert ag.nll_loss(np.zeros((2, 2)), np.array([1, 7]), ignore_index=7, reduction="sum") == 0
    assert np.isnan(ag.cross_entropy(np.zeros((2, 2)), np.array([-100, -100])))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_batch_in_which_no_label_counts_moves_nothing(smoothing):
    x = Tensor(np.ones((2, 3), np.float32))
    loss = ag.cross_entropy(x, np.array([-100, -100]), label_smoothing=smoothing)
    assert np.isnan(loss.item())
    assert loss.dtype == np.float32
    loss.backward()
    np.testing.assert_array_equal(x.grad, np.zeros((2, 3)))  # a nan would end the training


def test_second_derivatives_of_compositions():
    rng = np.random.default_rng(1)
    x, labels = rng.normal(size=(3, 4)), np.array([0, 3, 1])
    check_grads(lambda x: ag.cross_entropy(x, labels, label_smoothing=0.2, weight=np.arange(1.0, 5.0)), x)
    check_grads(lambda x: ag.multi_margin_loss(x, labels, p=2), x)
    t = rng.uniform(0.1, 0.9, size=(3, 4))
    check_grads(lambda x, t: ag.binary_cross_entropy_with_logits(x, t, pos_weight=np.arange(1.0, 5.0)), x, t)
    check_grads(ag.kl_div, x, t)
    check_grads(lambda x, t: ag.kl_div(x, t, log_target=True), x, t)
    check_grads(lambda a, b, v: ag.gaussian_nll_loss(a, b, v, full=True), x, t, t + 0.5)
    check_grads(ag.cosine_similarity, x, t)
    short = ag.cosine_similarity(np.array([[1e-4, 0.0], [0.0, 0.0]]), np.array([[1e-4, 1e-4], [3.0, 4.0]]))
    np.testing.assert_allclose(short, [0.5**0.5, 0.0], rtol=1e-12)  # an angle has no length


PAIRS = (
    ag.mse_loss,
    ag.l1_loss,
    ag.huber_loss,
    ag.smooth_l1_loss,
    ag.binary_cross_entropy,
    ag.binary_cross_entropy_with_logits,
    ag.kl_div,
    ag.hinge_embedding_loss,
)


@pytest.mark.parametrize("loss", PAIRS)
@pytest.mark.parametrize("kind", [np.int64, np.int32, bool, np.float32, list])
def test_float32_stays_float32_beside_whole_numbers(loss, kind):
    x, target = Tensor(np.array([0.25, 0.5], np.float32)), np.array([1, 0])
    y = loss(x, target.tolist() if kind is list else target.astype(kind))
    assert y.dtype == np.float32
    y.backward()
    assert x.grad.dtype == np.float32
    assert loss([0.25, 0.5], [1.0, 0.0]) == pytest.approx(y.item(), rel=1e-6)


@pytest.mark.parametrize(
    "settings", [{}, {"weight": np.ones(2)}, {"label_smoothing": 0.1}, {"reduction": "none"}]
)
def test_float32_stays_float32_in_losses_of_labels(settings):
    x = Tensor(np.zeros((3, 2), np.float32))
    assert ag.cross_entropy(x, np.array([0, 1, 1]), **settings).dtype == np.float32
    assert ag.cross_entropy(x, np.full((3, 2), 0.5), **settings).dtype == np.float32
    assert ag.cross_entropy(x, [0, 1, -100], **settings).dtype == np.float32
    settings = {k: v for k, v in settings.items() if k != "label_smoothing"}
    assert ag.multi_margin_loss(x, np.array([0, 1, 1]), **settings).dtype == np.float32


@pytest.mark.parametrize("loss", PAIRS)
def test_shapes_must_be_equal_and_the_reduction_known(loss):
    with pytest.raises(ShapeError, match=r"input of shape \(2, 1\) and target of shape \(2,\)"):
        loss(np.full((2, 1), 0.5), np.ones(2))
    with pytest.raises(ValueError, match="reduction='average' is not \"mean\""):
        loss(np.full(2, 0.5), np.ones(2), reduction="average")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ag.cross_entropy(np.ones((2, 3)), np.array([0, 3])), ValueError, "label 3 with 3 classes"),
        (
            lambda: ag.cross_entropy(np.ones((2, 3)), np.array([0, 1, 2])),
            ShapeError,
            r"labels .*\(2,\)|3 labels for 2",
        ),
        (
            lambda: ag.nll_loss(np.ones((2, 3)), np.array([0, 3])),
            IndexError,
            "3 is among the labels, .* from 0 to 2",
        ),
        (lambda: ag.nll_loss(np.ones((2, 3)), np.array([0, -1])), IndexError, "-1 is among the labels"),
        (lambda: ag.nll_loss(np.ones((2, 3)), np.array([0.0, 1.0])), TypeError, "labels of dtype float64"),
        (lambda: ag.nll_loss(np.ones((2, 3)), np.ones((2, 1), int)), ShapeError, r"labels of shape \(2, 1\)"),
        (
            lambda: ag.nll_loss(np.ones((2, 3)), np.ones(2, int), np.ones(2)),
            ShapeError,
            "there are 3 classes",
        ),
        (
            lambda: ag.nll_loss(np.ones((2, 3)), np.ones(2, int), Tensor(np.ones(3))),
            GradientError,
            "get no gradient",
        ),
        (
            lambda: ag.cross_entropy(np.ones(3), np.array(0), label_smoothing=2),
            ValueError,
            "label_smoothing=2",
        ),
        (lambda: ag.nll_loss(1.0, 0), ShapeError, r"scores of shape \(\)"),
        (
            lambda: ag.multi_margin_loss(np.ones((2, 3)), np.zeros(2, int), p=3),
            ValueError,
            "p=3 is not 1 or 2",
        ),
        (lambda: ag.binary_cross_entropy(np.array([1.5]), np.ones(1)), DomainError, "outside of 0 .. 1"),
        (lambda: ag.huber_loss(np.ones(1), np.ones(1), delta=0), ValueError, "delta=0 must be positive"),
        (lambda: ag.smooth_l1_loss(np.ones(1), np.ones(1), beta=-1), ValueError, "must not be negative"),
        (lambda: ag.gaussian_nll_loss(np.ones(1), np.ones(1), -np.ones(1)), DomainError, "below 0"),
        (lambda: ag.hinge_embedding_loss(np.ones(1), Tensor([1.0])), GradientError, "gets no gradient"),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_probabilities_in_the_wrong_shape_are_no_labels():
    with pytest.raises((ShapeError, TypeError)):
        ag.cross_entropy(np.ones((2, 3)), np.array([0.5, 0.5]))
    with pytest.raises(ShapeError):
        ag.cross_entropy(np.ones((2, 3)), np.ones((2, 4)))


def test_softmax_over_any_axes_and_as_a_method():
    x = np.random.default_rng(2).normal(size=(2, 3, 4))
    for axis in (0, 1, -1, (0, 2), None):
        y = ag.softmax(x, axis=axis)
        np.testing.assert_allclose(y.sum(axis=axis), 1)
        np.testing.assert_allclose(np.log(y), ag.log_softmax(x, axis=axis), rtol=1e-12)
        check_grads(lambda x: ag.softmax(x, axis=axis), x[:, :2, :2])  # noqa: B023
        check_grads(lambda x: ag.log_softmax(x, axis=axis), x[:, :2, :2])  # noqa: B023
    np.testing.assert_array_equal(Tensor(x).softmax(1).data, ag.softmax(x, axis=1))
    np.testing.assert_array_equal(Tensor(x).log_softmax(axis=0).data, ag.log_softmax(x, axis=0))
