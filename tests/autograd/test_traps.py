"""One test per trap: input that once gave a silently wrong number, or might."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd as ag
from autograd import (
    DtypeError,
    GradientError,
    ShapeError,
    Tensor,
    UnknownOpError,
    Value,
    check_grads,
    elementwise,
    gradients,
    registry,
)


def test_cross_entropy_of_scores_that_lie_column_by_column():
    scores, labels = np.arange(6.0).reshape(3, 2), np.array([0, 1, 1])
    a, b = Tensor(np.asfortranarray(scores)), Tensor(scores)
    for t in (a, b):
        ag.softmax_cross_entropy(t, labels).backward()
    np.testing.assert_allclose(a.grad, b.grad)
    w = Tensor(np.random.default_rng(0).normal(size=(2, 4)))
    x = np.random.default_rng(1).normal(size=(4, 3))
    check_grads(lambda w: ag.softmax_cross_entropy((w @ x).T, labels), w.numpy(), order=1)


def test_cross_entropy_of_weights_that_do_not_sum_to_one():
    weights = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    x = np.random.default_rng(0).normal(size=(2, 3))
    check_grads(lambda t: ag.softmax_cross_entropy(t, weights), x)
    t = Tensor(x)
    ag.softmax_cross_entropy(t, weights).backward()
    np.testing.assert_array_equal(t.grad[1], 0.0)


def test_tracked_labels_are_refused():
    with pytest.raises(GradientError, match=r"labels\.detach"):
        ag.softmax_cross_entropy(Tensor(np.ones((1, 2))), Tensor([[0.5, 0.5]]))


@pytest.mark.parametrize("dtype", [np.uint64, np.int8, np.int32])
def test_labels_of_any_integer_dtype(dtype):
    loss = ag.softmax_cross_entropy(Tensor(np.zeros((2, 3))), np.array([2, 0], dtype=dtype))
    assert loss.item() == pytest.approx(math.log(3))


@pytest.mark.parametrize(
    "view",
    [
        lambda a: np.broadcast_to(a, (2, 3)),
        lambda a: _read_only_view(a),
        lambda a: a.view(_Subclass),
    ],
)
def test_a_constant_that_can_be_written_through_its_owner_is_copied(view):
    a, t = np.array([1.0, 2.0, 3.0]), Tensor(np.ones((2, 3)))
    y = (t * view(a)).sum()
    a[:] = 0
    y.backward()
    np.testing.assert_array_equal(t.grad, [[1.0, 2.0, 3.0]] * 2)


class _Subclass(np.ndarray):
    pass


def _read_only_view(a):
    v = a.view()
    v.flags.writeable = False
    return v


def test_a_read_only_array_is_taken_as_it_is():
    a = np.array([1.0, 2.0])
    a.flags.writeable = False
    assert (Tensor([1.0, 1.0]) * a)._args[1] is a


@pytest.mark.parametrize("make", [lambda: [0, 0], lambda: np.array([0, 0]), lambda: (np.array([0, 0]),)])
def test_an_index_changed_after_recording(make):
    i, t = make(), Tensor([1.0, 2.0])
    y = (ag.getitem(t, index=i) * 3.0).sum()
    (i[0] if isinstance(i, tuple) else i)[:] = [1, 1]
    y.backward()
    np.testing.assert_array_equal(t.grad, [6.0, 0.0])


def test_a_node_as_a_setting_is_refused():
    for wrong in (
        lambda: ag.leaky_relu(Tensor([-1.0]), slope=Tensor(0.3)),
        lambda: ag.leaky_relu(Value(-1.0), slope=Value(0.3)),
        lambda: np.nan_to_num(Tensor([1.0]), nan=Tensor([0.0])),
    ):
        with pytest.raises(GradientError, match="setting"):
            wrong()


def test_arguments_that_do_not_exist_are_refused():
    t = Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match="at most"):
        t.tanh(1, 2, 3)
    with pytest.raises(TypeError, match="at most"):
        ag.multiply(t, t, t)
    with pytest.raises(TypeError, match="needs 2 inputs"):
        ag.multiply(t)
    with pytest.raises(TypeError, match="bias"):
        ag.neuron(Value(2.0), Value(3.0))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda t: np.reshape(t, (3, 2), "F"),
        lambda t: np.sum(t, 0, np.float32),
        lambda t: np.sum(t, where=t > 1),
        lambda t: np.max(t, initial=5.0),
        lambda t: np.mean(t, out=np.zeros(())),
        lambda t: np.tanh(t, dtype=np.float32),
        lambda t: np.add(t, t, where=np.ones((2, 3), bool) & False),
        lambda t: np.outer(t, t, out=np.zeros((6, 6))),
    ],
)
def test_numpy_settings_without_a_derivative_are_refused_by_name(wrong):
    with pytest.raises(UnknownOpError, match=r"np\.\w+"):
        wrong(Tensor(np.arange(6.0).reshape(2, 3)))


def test_numpy_settings_by_position_and_by_its_names():
    x = np.arange(6.0).reshape(2, 3)
    t = Tensor(x)
    for call in (
        lambda a: np.sum(a, 0),
        lambda a: np.mean(a, 1, None, None, True),
        lambda a: np.clip(a, 1, 4),
        lambda a: np.clip(a, a_min=1, a_max=None),
        lambda a: np.reshape(a, (3, 2)),
        lambda a: np.transpose(a, (1, 0)),
        lambda a: np.concatenate([a, a], 1),
        lambda a: np.concatenate([a, a], axis=None),
        lambda a: np.stack([a, a], axis=-1),
        lambda a: np.swapaxes(a, 0, 1),
        lambda a: np.sum(a, axis=np.int64(1)),
    ):
        y = call(t)
        np.testing.assert_array_equal(y.data, call(x))
        assert y.sum().requires_grad
        ag.gradients(y.sum(), t)


def test_questions_by_keyword():
    t = Tensor([1.0, 2.0])
    assert np.allclose(a=np.array([1.0, 2.0]), b=t)
    assert np.argmax(a=t) == 1
    assert np.where(t)[0].tolist() == [0, 1]
    np.testing.assert_array_equal(np.zeros_like(a=t), [0.0, 0.0])


def test_whole_numbers_have_no_gradient():
    t = Tensor([1.5, 2.5])
    assert not t.astype(int).requires_grad
    assert not t.astype(bool).requires_grad
    whole = Tensor([1, 2], dtype=int, requires_grad=False)
    with pytest.raises(DtypeError, match="floating point"):
        whole.requires_grad = True
    with pytest.raises(DtypeError, match="fraction"):
        whole.data = [1.7, 2.9]


@pytest.mark.parametrize("wrong", [lambda a: ag.sum(a), lambda a: ag.exp(a), lambda a: np.sum(a)])
def test_a_list_of_tensors_is_no_array(wrong):
    with pytest.raises(TypeError, match="stack"):
        wrong([Tensor([1.0]), Tensor([2.0])])


@pytest.mark.parametrize("rule", [lambda y, x: np.ones((3, 1)), lambda y, x: np.ones((2, 2))])
def test_an_elementwise_rule_of_a_wrong_shape_is_caught(rule):
    op = elementwise("wrong_rule_for_test", rule, forward=lambda x: x * 1.0)
    try:
        t = Tensor([1.0, 2.0, 3.0])
        y = op(t).sum()
        try:
            y.backward()
        except (ShapeError, ValueError):
            assert t.grad is None
        else:
            assert t.grad.shape == (3,)
    finally:
        del registry["wrong_rule_for_test"]


def test_a_rule_that_returns_nothing_is_named():
    op = ag.primitive("nothing_for_test", lambda x: x * 1.0, lambda g, y, x: None)
    try:
        with pytest.raises(TypeError, match="returned None"):
            op(Tensor([1.0])).sum().backward()
    finally:
        del registry["nothing_for_test"]


def test_the_mean_of_many_halves():
    t = Tensor(np.ones(70_000, np.float16))
    t.mean().backward()
    assert t.grad[0] == pytest.approx(1 / 70_000, rel=0.02)


def test_nan_and_infinity_as_in_numpy():
    nan, inf = math.nan, math.inf
    with np.errstate(invalid="ignore"):
        for name, args in (
            ("maximum", (1.0, nan)),
            ("minimum", (nan, 1.0)),
            ("sign", (nan,)),
            ("logaddexp", (-inf, -inf)),
            ("logaddexp", (inf, inf)),
        ):
            a = registry[name](*map(Value, args)).data
            b = registry[name](*map(Tensor, args)).item()
            assert a == b or (a != a and b != b), name
    assert math.isnan(Value(1.0).clip(nan, 2).data)


def test_complex_gradients_are_refused():
    t = Tensor([1.0, 2.0])
    with pytest.raises(DtypeError, match="real"):
        (t * 2).backward(np.array([1 + 2j, 0]))
    with pytest.raises(DtypeError, match="real"):
        t.grad = np.array([1j, 2])


def test_masks_and_matrices_are_refused():
    masked = np.ma.array([1.0, 2.0], mask=[0, 1])
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.asmatrix(np.eye(2))
    for wrong in (
        lambda: Tensor(masked),
        lambda: Tensor([1.0, 1.0]) * masked,
        lambda: Tensor(np.eye(2)) * matrix,
    ):
        with pytest.raises(DtypeError, match=r"masked|matrix"):
            wrong()


def test_float32_times_a_numpy_scalar_stays_float32():
    t = Tensor([1.0], dtype=np.float32)
    assert (t * np.sqrt(2.0)).dtype == np.float32
    assert (np.float64(2.0) * t).dtype == np.float32


def test_a_refused_upstream_gradient_changes_nothing():
    x = Value(2.0)
    h = x * x
    (h * 3.0).backward()
    before = (x.grad, h.grad)
    with pytest.raises(TypeError, match="text"):
        (h * 5.0).backward("abc")
    assert (x.grad, h.grad) == before


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_a_plain_sweep_after_one_that_was_recorded_gives_plain_gradients(kind):
    x = kind(2.0)
    y = x * x
    y.backward(create_graph=True)
    y.backward()
    assert not isinstance(x.grad, ag.Node)
    assert float(x.grad) == 8.0


def test_printing_a_loss():
    for loss in (Value(1.23456), Tensor(1.23456), Tensor([1.23456])):
        assert f"{loss:.2f}" == "1.23"
    assert round(Value(1.26), 1) == 1.3
    assert int(Value(2.7)) == 2
    assert f"{Tensor([1.0, 2.0])}".startswith("Tensor(")


def test_assigned_gradients_are_copies():
    p, q = Tensor([1.0]), Tensor([1.0])
    (p * 2).sum().backward()
    q.grad = p.grad
    q.grad[0] = 99
    assert p.grad[0] == 2.0


def test_no_grad_without_parentheses_says_so():
    with pytest.raises(TypeError, match="parentheses"):

        @ag.no_grad
        def f():
            pass

    with pytest.raises(TypeError, match="classes"):

        @ag.no_grad()
        class C:
            pass


def test_subclass_with_fields_cannot_be_a_constant():
    class Named(Value):
        pass

    with pytest.raises(TypeError, match="__slots__"):
        Named(1.0, requires_grad=False)


def test_gradients_of_reductions_over_numpy_integers():
    t = Tensor(np.arange(6.0).reshape(2, 3))
    for op in (ag.sum, ag.mean, ag.max, ag.min, ag.logsumexp):
        a = gradients(op(t, axis=np.int64(1)).sum(), t)
        np.testing.assert_array_equal(a, gradients(op(t, axis=1).sum(), t))
