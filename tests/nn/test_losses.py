"""Losses: numbers of the course, limits, what is refused, and what makes one loss better than another."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
from autograd import DomainError, GradientError, ShapeError, Tensor, gradients, hessian

EVERY = [
    nn.BCELoss,
    nn.BCEWithLogitsLoss,
    nn.CrossEntropyLoss,
    nn.GaussianNLLLoss,
    nn.HingeEmbeddingLoss,
    nn.HingeLoss,
    nn.HuberLoss,
    nn.KLDivLoss,
    nn.L1Loss,
    nn.MSELoss,
    nn.MultiMarginLoss,
    nn.NLLLoss,
    nn.SmoothL1Loss,
]
ELEMENTWISE = [
    nn.BCELoss,
    nn.BCEWithLogitsLoss,
    nn.HuberLoss,
    nn.KLDivLoss,
    nn.L1Loss,
    nn.MSELoss,
    nn.SmoothL1Loss,
]


# --- the hinge loss of the course: the sum over the wrong classes, and R(W)


def test_hinge_sums_over_the_wrong_classes_and_does_not_divide_by_them():
    scores, labels = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]]), np.array([0, 1, 2])
    rows = nn.HingeLoss(reduction="none")(scores, labels)
    np.testing.assert_allclose(rows, [2.9, 0.0, 12.9], rtol=1e-14)
    assert nn.HingeLoss()(scores, labels) == pytest.approx(15.8 / 3, rel=1e-14)
    np.testing.assert_allclose(nn.MultiMarginLoss()(scores, labels), 15.8 / 9, rtol=1e-14)


def test_hinge_gradient_counts_the_classes_within_the_margin():
    x = Tensor([[1.0, 0.5, 3.0, -2.0]])  # label 0: classes 1 and 2 are within the margin
    nn.HingeLoss()(x, [0]).backward()
    np.testing.assert_array_equal(x.grad, [[-2.0, 1.0, 1.0, 0.0]])


def test_svm_objective_and_its_gradient_by_hand():
    rng = np.random.default_rng(0)
    X, y, lam = rng.normal(size=(20, 5)), rng.integers(0, 3, 20), 0.3
    model = nn.Linear(5, 3, rng=0)
    total = nn.HingeLoss()(model(X), y) + nn.l2_penalty(model, lam, m=20)
    total.backward()
    W = model.weight.numpy()
    scores = X @ W.T + model.bias.numpy()
    gaps = np.maximum(0, scores - scores[np.arange(20), y][:, None] + 1)
    gaps[np.arange(20), y] = 0
    assert total.item() == pytest.approx(gaps.sum() / 20 + lam / 40 * (W * W).sum(), rel=1e-13)
    slope = (gaps > 0).astype(float)
    slope[np.arange(20), y] = -slope.sum(axis=1)
    np.testing.assert_allclose(model.weight.grad, slope.T @ X / 20 + lam / 20 * W, rtol=1e-12)
    np.testing.assert_allclose(model.bias.grad, slope.sum(axis=0) / 20, rtol=1e-12, atol=1e-15)


# --- the surface over the weight: cross-entropy is convex, squared error is not


def curvature(loss, w: float) -> float:
    """The second derivative of the loss of y_hat = sigmoid(w x), over a few examples of both classes."""
    x, y = np.array([-2.0, -1.0, 0.5, 1.0, 3.0]), np.array([0.0, 0.0, 1.0, 0.0, 1.0])
    return float(hessian(lambda w: loss(w * x, y))(np.array(w)))


GRID = np.linspace(-6, 6, 49)


def test_cross_entropy_is_convex_in_the_weight():
    bends = [curvature(nn.BCEWithLogitsLoss(), w) for w in GRID]
    assert min(bends) > 0
    from_probabilities = [curvature(lambda z, y: nn.BCELoss()(autograd.sigmoid(z), y), w) for w in (-2, 0, 2)]
    np.testing.assert_allclose(from_probabilities, [curvature(nn.BCEWithLogitsLoss(), w) for w in (-2, 0, 2)])


def test_squared_error_of_a_probability_is_not_convex():
    squared = lambda z, y: nn.MSELoss()(autograd.sigmoid(z), y)
    bends = np.array([curvature(squared, w) for w in GRID])
    assert bends.min() < -0.1
    assert bends.max() > 0.1


# --- on the way from wrong to right: squared error is flat far from the minimum


def slopes_along_the_path(loss):
    """|d loss / d t| with scores t for the right class and -t for the other, from very wrong to right."""
    steps, slopes = np.linspace(-10, 10, 41), []
    for t in steps:
        at = Tensor(t)
        scores = autograd.stack([at, -at]).reshape(1, 2)
        slopes.append(float(gradients(loss(scores), at)))
    return steps, np.abs(slopes)


def test_cross_entropy_pulls_hardest_where_it_is_most_wrong_and_squared_error_lets_go():
    steps, steep = slopes_along_the_path(lambda scores: nn.CrossEntropyLoss()(scores, np.array([0])))
    _, flat = slopes_along_the_path(
        lambda scores: nn.MSELoss(reduction="sum")(autograd.softmax(scores), np.array([[1.0, 0.0]]))
    )
    assert steep[0] == pytest.approx(2.0, abs=1e-8)  # 2 (1 - p): the whole way down
    assert np.all(np.diff(steep) < 0)
    assert flat[0] < 1e-7
    assert steps[np.argmax(flat)] == pytest.approx(-0.5, abs=0.5)  # steepest near the middle only
    assert steep[0] / flat[0] > 1e7
    assert steep[-1] < 1e-7  # both rest at the minimum
    assert flat[-1] < 1e-7


# --- far out


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("big", [1000.0, -1000.0])
@pytest.mark.parametrize("settings", [{}, {"label_smoothing": 0.1}, {"weight": [1.0, 2.0, 3.0]}])
def test_cross_entropy_at_a_thousand(big, dtype, settings):
    x = Tensor(np.array([[big, 0.0, 0.0]], dtype=dtype))
    loss = nn.CrossEntropyLoss(**settings)(x, np.array([0]))
    loss.backward()
    assert loss.dtype == x.grad.dtype == dtype
    assert np.isfinite(loss.item())
    right = 0.0 if big > 0 else 1000.0 + np.log(2)
    if "label_smoothing" not in settings:
        assert loss.item() == pytest.approx(right, rel=1e-6)
    assert np.all(np.isfinite(x.grad))
    assert np.abs(x.grad).max() <= 1.0 + 1e-6


@pytest.mark.parametrize("settings", [{}, {"pos_weight": 3.0}])
def test_yes_or_no_at_a_thousand(settings):
    x = Tensor([1000.0, 1000.0, -1000.0, -1000.0])
    loss = nn.BCEWithLogitsLoss(reduction="none", **settings)(x, [1, 0, 1, 0])
    yes = settings.get("pos_weight", 1.0)
    np.testing.assert_allclose(loss.data, [0.0, 1000.0, 1000.0 * yes, 0.0], atol=1e-12)
    loss.sum().backward()
    np.testing.assert_allclose(x.grad, [0.0, 1.0, -yes, 0.0], atol=1e-12)


def test_certain_and_wrong_probabilities_cost_a_hundred():
    p = Tensor([0.0, 1.0, 0.0, 1.0])
    loss = nn.BCELoss(reduction="none")(p, [1, 0, 0, 1])
    np.testing.assert_array_equal(loss.data, [100.0, 100.0, 0.0, 0.0])
    loss.sum().backward()
    assert np.all(np.isfinite(p.grad))


@pytest.mark.parametrize("loss", [nn.L1Loss(), nn.HuberLoss(), nn.SmoothL1Loss()])
def test_outliers_pull_with_no_more_than_one(loss):
    x = Tensor([1e30, -1e30, 0.0])
    value = loss(x, np.zeros(3))
    value.backward()
    assert np.isfinite(value.item())
    np.testing.assert_allclose(x.grad, [1 / 3, -1 / 3, 0.0], rtol=1e-12)


# --- kinds of labels


def test_indices_one_hot_and_probabilities_say_the_same():
    rng = np.random.default_rng(0)
    scores, y = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    hot = np.eye(4)[y]
    for settings in ({}, {"label_smoothing": 0.2}, {"reduction": "sum"}, {"reduction": "none"}):
        loss = nn.CrossEntropyLoss(**settings)
        for labels in (
            hot,
            hot.astype(int),
            hot.astype(np.float32),
            hot.tolist(),
            y.astype(np.int8),
            y.tolist(),
        ):
            np.testing.assert_allclose(loss(scores, labels), loss(scores, y), rtol=1e-6)


def test_rows_to_ignore_do_not_count():
    rng = np.random.default_rng(0)
    scores, y = rng.normal(size=(6, 4)), np.array([0, 1, -100, 3, -100, 2])
    kept = y >= 0
    loss = nn.CrossEntropyLoss()
    x, some = Tensor(scores), Tensor(scores[kept])
    loss(x, y).backward()
    loss(some, y[kept]).backward()
    np.testing.assert_allclose(x.grad[kept], some.grad, rtol=1e-14)
    assert not np.any(x.grad[~kept])
    assert loss(scores, y) == pytest.approx(loss(scores[kept], y[kept]), rel=1e-14)
    with pytest.raises(ShapeError, match="label -1"):
        loss(scores, np.array([0, 1, -1, 3, 2, 2]))


def test_a_class_weight_of_two_counts_as_two_rows():
    rng = np.random.default_rng(0)
    scores, y = rng.normal(size=(5, 3)), np.array([0, 1, 2, 1, 0])
    twice = np.concatenate([np.arange(5), np.flatnonzero(y == 1)])
    weighted = nn.CrossEntropyLoss(weight=[1, 2, 1])(scores, y)
    assert weighted == pytest.approx(nn.CrossEntropyLoss()(scores[twice], y[twice]), rel=1e-14)
    assert nn.NLLLoss([1, 2, 1])(autograd.log_softmax(scores), y) == pytest.approx(weighted, rel=1e-14)


def test_pos_weight_counts_a_yes_so_often():
    x, t = np.array([0.3, -1.0, 2.0]), np.array([1.0, 0.0, 1.0])
    parts = nn.BCEWithLogitsLoss(reduction="none")(x, t)
    np.testing.assert_allclose(
        nn.BCEWithLogitsLoss(pos_weight=3.0, reduction="none")(x, t),
        parts * np.where(t == 1, 3, 1),
        rtol=1e-14,
    )


@pytest.mark.parametrize("kind", ELEMENTWISE)
def test_the_reductions_belong_together(kind):
    rng = np.random.default_rng(0)
    x, t = rng.random((4, 3)), rng.random((4, 3))
    parts = kind(reduction="none")(x, t)
    assert parts.shape == (4, 3)
    assert kind(reduction="sum")(x, t) == pytest.approx(parts.sum(), rel=1e-14)
    assert kind(reduction="mean")(x, t) == kind()(x, t) == pytest.approx(parts.mean(), rel=1e-14)


# --- dtypes


@pytest.mark.parametrize("kind", EVERY)
def test_float32_stays_float32_whatever_the_target_is(kind):
    rng = np.random.default_rng(0)
    x = Tensor(rng.random((4, 3)).astype(np.float32))
    if kind in (nn.CrossEntropyLoss, nn.NLLLoss, nn.HingeLoss, nn.MultiMarginLoss):
        loss = kind(weight=np.ones(3))(x, np.array([0, 1, 2, 0]))
    elif kind is nn.GaussianNLLLoss:
        loss = kind()(x, rng.random((4, 3)), np.ones((4, 3)))
    elif kind in (nn.BCELoss, nn.BCEWithLogitsLoss):
        loss = kind(weight=np.ones((4, 3)))(x, rng.random((4, 3)))
    elif kind is nn.HingeEmbeddingLoss:
        loss = kind()(x, np.ones((4, 3), dtype=int))
    else:
        loss = kind()(x, rng.random((4, 3)))
    loss.backward()
    assert (loss.dtype, x.grad.dtype) == (np.float32, np.float32)


def test_float16_probabilities_as_labels_of_float64_scores():
    assert (
        nn.CrossEntropyLoss()(np.zeros((1, 2)), np.array([[0.5, 0.5]], dtype=np.float16)).dtype == np.float64
    )


# --- as modules


@pytest.mark.parametrize("kind", EVERY)
def test_a_loss_is_a_module_without_parameters_that_can_be_copied(kind):
    loss = kind(reduction="sum")
    assert list(loss.parameters()) == []
    for other in (copy.deepcopy(loss), pickle.loads(pickle.dumps(loss))):
        assert (type(other), other.reduction) == (kind, "sum")


def test_the_weights_are_a_copy():
    weight = np.array([1.0, 2.0])
    loss = nn.CrossEntropyLoss(weight)
    before = loss(np.zeros((2, 2)), [0, 1])
    weight[:] = 0
    assert loss(np.zeros((2, 2)), [0, 1]) == before


@pytest.mark.parametrize(
    "kind", [nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss, nn.HingeLoss, nn.BCELoss]
)
@pytest.mark.parametrize(
    "given", [[1, 2, 4], np.array([1.0, 2.0, 4.0]), Tensor([1.0, 2.0, 4.0], requires_grad=False)]
)
def test_weights_are_part_of_the_state(kind, given):
    loss, other = kind(weight=given), kind(weight=np.ones(3))
    state = loss.state_dict()
    assert list(state) == ["weight"]
    np.testing.assert_array_equal(state["weight"], [1.0, 2.0, 4.0])
    other.load_state_dict(state)
    x = np.random.default_rng(0).uniform(0.1, 0.9, (2, 3))
    y = x if kind is nn.BCELoss else [0, 2]
    assert float(other(x, y)) == float(loss(x, y)) != float(kind()(x, y))
    assert loss.float().weight.dtype == np.float32
    assert kind().state_dict() == {}
    with pytest.raises(nn.StateError, match=r"weight has shape \(3,\)"):
        loss.load_state_dict({"weight": np.ones(4)})


def test_a_loss_inside_a_model_has_its_weights_in_the_model_s_state():
    loss = nn.Regularised(nn.BCEWithLogitsLoss(pos_weight=3.0), nn.Linear(2, 1, rng=0), m=10)
    state = loss.state_dict()
    assert list(state) == ["loss.pos_weight"]
    assert state["loss.pos_weight"] == 3.0


def test_numpy_s_numbers_are_numbers():
    x, t = np.array([0.5, -3.0]), np.zeros(2)
    for given, plain in (
        (nn.HuberLoss(delta=np.float32(0.5)), nn.HuberLoss(delta=0.5)),
        (nn.SmoothL1Loss(beta=np.float16(0.5)), nn.SmoothL1Loss(beta=0.5)),
        (nn.KLDivLoss(log_target=np.True_), nn.KLDivLoss(log_target=True)),
    ):
        assert given(x, t) == plain(x, t)
    rows, labels = np.eye(3), [0, 1, 1]
    for given, plain in (
        (nn.CrossEntropyLoss(ignore_index=np.int64(1)), nn.CrossEntropyLoss(ignore_index=1)),
        (nn.CrossEntropyLoss(label_smoothing=np.float32(0.5)), nn.CrossEntropyLoss(label_smoothing=0.5)),
        (nn.MultiMarginLoss(np.int32(2), np.float64(0.5)), nn.MultiMarginLoss(2, 0.5)),
    ):
        assert given(rows, labels) == plain(rows, labels)


def test_outputs_and_targets_by_keyword():
    loss, outputs, target = nn.MSELoss(), np.array([1.0, 2.0]), np.zeros(2)
    assert float(loss(target=target, prediction=outputs)) == float(loss(outputs, target=target)) == 2.5
    with loss.register_forward_hook(lambda module, args, output: 2 * output):
        assert float(loss(outputs, target=target)) == 5.0


def test_logarithms_as_targets_may_be_below_zero():
    logp = np.log([[0.25, 0.75]])
    assert nn.KLDivLoss(log_target=True)(logp, logp) == 0.0


# --- what is refused


@pytest.mark.parametrize("kind", EVERY)
def test_outputs_in_the_place_of_settings_say_how_to_call(kind):
    x = Tensor(np.ones((2, 3)))
    with pytest.raises(TypeError, match=rf"Write nn.{kind.__name__}\(\)\(pred, y\)"):
        kind(x, x)
    with pytest.raises(ValueError, match="reduction='avg' is not 'mean'"):
        kind(reduction="avg")
    with pytest.raises(TypeError, match="made first"):
        kind(reduction=np.ones(3))


@pytest.mark.parametrize("kind", [*ELEMENTWISE, nn.HingeEmbeddingLoss])
def test_a_column_against_a_row_is_refused_and_not_broadcast(kind):
    column, row = Tensor(np.full((4, 1), 0.5)), np.ones(4)
    for a, b in ((column, row), (column.reshape(4), row[:, None])):
        with pytest.raises(ShapeError, match=r"\(4, 1\).*must be equal.*compare every pair"):
            kind()(a, b)
    nn.MSELoss()(column, row[:, None])


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda x: nn.BCELoss()(x + 1, np.zeros((2, 3))), DomainError, "with_logits"),
        (lambda x: nn.BCELoss()(x * np.nan, np.zeros((2, 3))), DomainError, "nan"),
        (lambda x: nn.BCELoss()(x, -np.ones((2, 3))), DomainError, r"labels of -1 and 1"),
        (lambda x: nn.BCEWithLogitsLoss()(x, np.full((2, 3), 2)), DomainError, "CrossEntropyLoss"),
        (lambda x: nn.BCELoss(np.ones(2))(x, x), ShapeError, r"weight of shape \(2,\)"),
        (lambda x: nn.BCEWithLogitsLoss(pos_weight=np.ones((5, 2, 3)))(x, x.data), ShapeError, "pos_weight"),
        (lambda x: nn.BCEWithLogitsLoss(np.ones((2, 2)))(x[:, :1], x[:, :1].data), ShapeError, "broadcast"),
        (lambda x: nn.NLLLoss()(x, [0, 3]), IndexError, "3"),
        (lambda x: nn.HingeLoss()(x, [0, -1]), IndexError, "-1"),
        (lambda x: nn.CrossEntropyLoss(label_smoothing=0.1)(x, [0, 3]), IndexError, "3"),
        (lambda x: nn.CrossEntropyLoss([1.0, 2.0])(x, [0, 1]), ShapeError, "there are 3 classes"),
        (lambda x: nn.CrossEntropyLoss([1.0, -2.0, 1.0]), ValueError, "number >= 0"),
        (lambda x: nn.CrossEntropyLoss(np.ones((2, 3))), ShapeError, "one number for each class"),
        (lambda x: nn.CrossEntropyLoss(label_smoothing=1.5), ValueError, "from 0 to 1"),
        (lambda x: nn.HuberLoss(delta=0), ValueError, "delta=0: .* > 0"),
        (lambda x: nn.SmoothL1Loss(beta=-1), ValueError, "beta=-1: .* >= 0"),
        (lambda x: nn.GaussianNLLLoss(eps=0), ValueError, "eps=0: .* > 0"),
        (lambda x: nn.HuberLoss(delta="1"), TypeError, "delta='1'"),
        (lambda x: nn.HingeEmbeddingLoss(margin=np.nan), ValueError, "margin=nan"),
        (lambda x: nn.MultiMarginLoss(margin=None), TypeError, "margin=None"),
        (lambda x: nn.KLDivLoss(log_target=1), TypeError, "log_target=1"),
        (lambda x: nn.GaussianNLLLoss(full=1), TypeError, "full=1"),
        (lambda x: nn.CrossEntropyLoss(label_smoothing=True), TypeError, "label_smoothing=True"),
        (lambda x: nn.CrossEntropyLoss(ignore_index=1.5), TypeError, "ignore_index=1.5"),
        (lambda x: nn.NLLLoss(ignore_index=None), TypeError, "ignore_index=None"),
        (lambda x: nn.CrossEntropyLoss(x[0]), GradientError, r"Use weight\.detach\(\)"),
        (lambda x: nn.BCEWithLogitsLoss(pos_weight=x), GradientError, r"Use pos_weight\.detach\(\)"),
        (lambda x: nn.BCELoss("abc"), TypeError, "give numbers"),
        (lambda x: nn.KLDivLoss()(x, np.full((2, 3), -0.1)), DomainError, "log_target=True"),
        (lambda x: nn.KLDivLoss()(x, x.data * np.nan), DomainError, "nan"),
        (lambda x: nn.HingeEmbeddingLoss()(x, np.zeros((2, 3))), DomainError, r"2 \* labels - 1"),
        (lambda x: nn.HingeEmbeddingLoss()(x, x.data * np.nan), DomainError, "not 1 or -1"),
        (lambda x: nn.MultiMarginLoss(3), ValueError, "1 or 2"),
        (lambda x: nn.GaussianNLLLoss()(x, x.data, np.ones(3)), ShapeError, "one variance a row"),
        (lambda x: nn.GaussianNLLLoss()(x, x.data, -np.ones(2)), DomainError, "variance below 0"),
    ],
)
def test_what_is_refused(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong(Tensor(np.full((2, 3), 0.5)))


# --- the cost over m samples


def test_the_cost_is_a_mean_and_so_are_its_gradients():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(8, 3)), rng.integers(0, 2, (8, 1)).astype(float)
    whole = nn.Linear(3, 1, rng=0)
    nn.BCEWithLogitsLoss()(whole(X), y).backward()
    parts = []
    for i in range(8):
        one = nn.Linear(3, 1, rng=0)
        nn.BCEWithLogitsLoss()(one(X[i : i + 1]), y[i : i + 1]).backward()
        parts.append(one.weight.grad)
    np.testing.assert_allclose(whole.weight.grad, np.mean(parts, axis=0), rtol=1e-12)
    by_hand = (1 / (1 + np.exp(-whole(X).numpy())) - y).T @ X / 8
    np.testing.assert_allclose(whole.weight.grad, by_hand, rtol=1e-12)
