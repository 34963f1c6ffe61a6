"""The array engine: what a user may rely on."""

from __future__ import annotations

import copy
import pickle
import warnings
import weakref

import numpy as np
import pytest

import autograd as ag
from autograd import (
    DtypeError,
    GradientError,
    GradientWarning,
    MutationError,
    ShapeError,
    Tensor,
    UnknownOpError,
    Value,
)


def test_data_is_copied_and_integers_become_float64():
    source = np.array([1.0, 2.0])
    t = Tensor(source)
    source[0] = 99
    assert t.data[0] == 1.0
    for data in (3, [1, 2], np.array([1, 2], dtype=np.int32), [True, False]):
        assert Tensor(data).dtype == np.float64
    assert Tensor([1, 2], dtype=np.float32).dtype == np.float32
    assert Tensor(np.ones(2, np.float16)).dtype == np.float16


def test_float32_stays_float32_with_python_numbers():
    t = Tensor(np.float32(2.0))
    for y in (t * 2, 2 * t, t + 0.5, t**2, 1 / t, t - 1):
        assert y.dtype == np.float32
    (t * t).backward()
    assert t.grad.dtype == np.float32


def test_grad_is_none_then_an_array_of_the_same_shape():
    t = Tensor([[1.0, 2.0]])
    assert t.grad is None
    (t * 3).sum().backward()
    np.testing.assert_array_equal(t.grad, [[3.0, 3.0]])
    s = Tensor(2.0)
    (s * s).backward()
    assert s.grad.shape == ()


def test_leaves_accumulate_and_gradients_are_not_shared():
    a, b = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    (a + b).sum().backward()
    a.grad[0] = 99
    assert b.grad[0] == 1.0
    held = b.grad
    (a + b).sum().backward()
    np.testing.assert_array_equal(b.grad, [2.0, 2.0])
    np.testing.assert_array_equal(held, [1.0, 1.0])


def test_second_backward_adds_exactly_the_same():
    x = Tensor(np.linspace(0.1, 1, 7))
    y = (x.tanh() * x.exp()).sum()
    y.backward()
    first = x.grad.copy()
    y.backward()
    np.testing.assert_array_equal(x.grad, 2 * first)


def test_intermediate_gradients_only_when_asked_for():
    x = Tensor([1.0, 2.0])
    h = x * 2
    y = (h * h).sum()
    y.backward()
    with pytest.warns(GradientWarning, match="retain_grad"):
        assert h.grad is None
    y.backward(retain_grads=True)
    np.testing.assert_array_equal(h.grad, [4.0, 8.0])
    k = x * 3
    k.retain_grad()
    k.sum().backward()
    np.testing.assert_array_equal(k.grad, [1.0, 1.0])


def test_reading_a_kept_gradient_warns_of_nothing():
    x = Tensor([1.0])
    y = (x * 2).sum()
    y.backward(retain_grads=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert y.grad == 1.0


def test_upstream_gradient():
    x = Tensor([1.0, 2.0])
    (x * x).backward(np.array([1.0, 10.0]))
    np.testing.assert_array_equal(x.grad, [2.0, 40.0])


def test_deep_chain_at_the_default_recursion_limit_and_freed_at_once():
    x = y = Tensor([1.0, 1.0])
    for _ in range(100_000):
        y = y + 1.0
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [1.0, 1.0])
    alive = weakref.ref(y)
    del y
    assert alive() is None


def test_repeated_input_has_two_edges():
    x = Tensor([3.0])
    y = x * x
    assert y.parents == (x, x)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [6.0])
    z = Tensor([[1.0, 2.0], [3.0, 4.0]])
    (z @ z).sum().backward()
    np.testing.assert_allclose(z.grad, np.ones((2, 2)) @ z.data.T + z.data.T @ np.ones((2, 2)))


# --- mutation never gives a silently wrong gradient


def test_writing_to_a_constant_after_recording_changes_nothing():
    x, c = Tensor([1.0, 2.0]), np.array([3.0, 4.0])
    y = (x * c).sum()
    c[:] = 0
    y.backward()
    np.testing.assert_array_equal(x.grad, [3.0, 4.0])


def test_writing_to_data_after_recording_changes_nothing():
    w, x = Tensor([2.0, 3.0]), Tensor([5.0, 7.0])
    y = (w * x).sum()
    w.data[:] = 0.0
    y.backward()
    np.testing.assert_array_equal(x.grad, [2.0, 3.0])
    assert (w.data == 0).all()
    z = (w * x).sum()  # the array of w is known outside now
    w.data += 1.0
    z.backward()
    np.testing.assert_array_equal(x.grad, [2.0, 3.0])


def test_gradient_descent_by_hand():
    w = Tensor([4.0])
    for _ in range(50):
        w.grad = None
        loss = (w * w).sum()
        loss.backward()
        w.data -= 0.1 * w.grad
    assert abs(w.data[0]) < 1e-3


def test_writing_to_an_index_or_labels_after_recording_changes_nothing():
    x = Tensor([1.0, 2.0, 3.0])
    rows, labels = np.array([0, 0]), np.array([1])
    y = x[rows].sum() + ag.softmax_cross_entropy(x.reshape(1, 3), labels)
    expected = ag.gradients(y, x)
    rows[:] = 2
    labels[:] = 0
    np.testing.assert_array_equal(ag.gradients(y, x), expected)


def test_data_of_a_recorded_node_is_read_only():
    y = Tensor([1.0]) * 2
    with pytest.raises(ValueError, match="read-only"):
        y.data[0] = 5
    with pytest.raises(MutationError, match="Make a new Tensor"):
        y.data = np.array([5.0])


def test_item_assignment_and_in_place_ufuncs_are_refused_with_the_remedy():
    t, array = Tensor([1.0, 2.0]), np.ones(2)
    with pytest.raises(MutationError, match="where"):
        t[0] = 5.0
    with pytest.raises(UnknownOpError, match="never overwritten"):
        array += t
    before = t
    t += 1  # makes a new node, as `t = t + 1`
    assert t is not before
    np.testing.assert_array_equal(before.data, [1.0, 2.0])


def test_setting_data_checks_the_shape_and_copies():
    t = Tensor([1.0, 2.0])
    new = np.array([3.0, 4.0])
    t.data = new
    new[0] = 99
    np.testing.assert_array_equal(t.data, [3.0, 4.0])
    with pytest.raises(ShapeError, match=r"\(2,\)"):
        t.data = np.ones(3)


def test_numpy_copies_and_asarray_is_read_only():
    t = Tensor([1.0, 2.0])
    t.numpy()[0] = 99
    assert t.data[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(t)[0] = 99
    assert np.asarray(t, dtype=np.float32).dtype == np.float32
    assert float(Tensor([2.5])) == Tensor(2.5).item() == 2.5
    assert int(Tensor(2.0)) == 2


# --- indexing, methods, comparison


def test_indexing_repeats_accumulate():
    x = Tensor([1.0, 2.0, 3.0])
    (x[[0, 0, 2]] * np.array([1.0, 10.0, 100.0])).sum().backward()
    np.testing.assert_array_equal(x.grad, [11.0, 0.0, 100.0])
    m = Tensor(np.arange(6.0).reshape(2, 3))
    m[1, ::2].sum().backward()
    np.testing.assert_array_equal(m.grad, [[0, 0, 0], [1, 0, 1]])
    rows = [row.sum().item() for row in m]
    assert rows == [3.0, 12.0]
    assert m[Tensor([1], dtype=int, requires_grad=False)].shape == (1, 3)
    mask = Tensor([True, False], dtype=bool, requires_grad=False)
    np.testing.assert_array_equal(m[mask].data, [[0.0, 1.0, 2.0]])
    assert m[[]].shape == (0, 3)
    with pytest.raises(IndexError, match="whole numbers"):
        m[Tensor([1.0])]
    with pytest.raises(IndexError):
        m[5]


def test_methods_take_settings_by_position_and_by_name():
    t = Tensor(np.arange(6.0).reshape(2, 3))
    assert t.sum(0).shape == t.sum(axis=0).shape == (3,)
    assert t.mean(1, True).shape == (2, 1)
    assert t.reshape(3, 2).shape == t.reshape((3, 2)).shape == t.reshape(-1, 2).shape == (3, 2)
    assert t.T.shape == t.transpose().shape == t.transpose(1, 0).shape == t.transpose((1, 0)).shape == (3, 2)
    assert t.swapaxes(0, 1).shape == (3, 2)
    assert t.expand_dims(0).squeeze(0).shape == (2, 3)
    assert t.clip(1, 4).data.max() == 4
    assert (len(t), t.ndim, t.size) == (2, 2, 6)


def test_comparison_gives_boolean_arrays():
    t = Tensor([1.0, 2.0])
    assert (t == np.array([1.0, 3.0])).tolist() == [True, False]
    assert (t < t + 1).all()
    assert (t != t).tolist() == [False, False]
    assert len({t, Tensor([1.0, 2.0])}) == 2
    with pytest.raises(ValueError, match="ambiguous"):
        bool(t)


def test_copies():
    t = Tensor([1.0, 2.0], name="t")
    (t * 2).sum().backward()
    for twin in (copy.copy(t), copy.deepcopy(t), pickle.loads(pickle.dumps(t))):
        np.testing.assert_array_equal(twin.data, t.data)
        np.testing.assert_array_equal(twin.grad, t.grad)
        assert twin.name == "t"
        assert twin.data is not t.data
    cut = copy.deepcopy(t * 2)
    assert cut.op is None
    assert not copy.copy(t.detach()).requires_grad


def test_detach_and_constants_keep_their_name_in_the_graph():
    x, c = Tensor([1.0], name="x"), Tensor([2.0], name="c", requires_grad=False)
    y = x * c
    assert y.parents == (x, None)
    assert y.inputs == (x, c)
    y.sum().backward()
    assert c.grad is None
    assert (x.detach().name, x.detach().requires_grad) == ("x", False)
    assert (x.detach() * c).op is None
    integers = Tensor([1, 2], dtype=np.int64, requires_grad=False)
    assert integers.dtype == np.int64


def test_requires_grad_can_be_switched_on_a_leaf():
    w, x = Tensor([2.0]), Tensor([3.0])
    w.requires_grad = False
    y = w * x
    assert y.parents == (None, x)
    w.requires_grad = True
    assert (w * x).parents == (w, x)
    with pytest.raises(GradientError, match="detach"):
        (w * x).requires_grad = False


def test_repr_names_the_op():
    t = Tensor([1.0], name="w")
    assert repr(t) == "Tensor([1.], name='w')"
    assert "op=add" in repr(t + 1)
    assert "float32" in repr(Tensor([1.0], dtype=np.float32))


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: Tensor([1.0, 2.0]).backward(), GradientError, r"sum\(\).backward"),
        (lambda: Tensor([1.0]).sum().backward(np.ones(2)), ShapeError, "upstream"),
        (lambda: Tensor([1.0], requires_grad=False).backward(), GradientError, "constant"),
        (
            lambda: Tensor([1.0, 2.0]) + Tensor([1.0, 2.0, 3.0]),
            ShapeError,
            r"add of shapes \(2,\) and \(3,\)",
        ),
        (lambda: Tensor(np.ones((2, 3))) * np.ones((3, 2)), ShapeError, "matrix product write @"),
        (lambda: Tensor(np.ones((2, 3))) @ np.ones((2, 3)), ShapeError, r"write \*"),
        (lambda: Tensor(np.ones((2, 3))).reshape(5), ShapeError, "reshape"),
        (lambda: Tensor(np.ones((2, 3))).sum(axis=7), ShapeError, "axis"),
        (lambda: Tensor([1], dtype=int), DtypeError, "int64"),
        (lambda: Tensor([1j]), DtypeError, "complex"),
        (lambda: Tensor([None]), DtypeError, "objects"),
        (lambda: Tensor(["a"]), DtypeError, "text"),
        (lambda: Tensor([1.0]) * np.array([object()]), DtypeError, "objects"),
        (lambda: Tensor([1.0]) * 1j, DtypeError, "complex"),
        (lambda: Tensor([[1.0], [1.0, 2.0]]), ShapeError, "same length"),
        (lambda: Tensor([Tensor([1.0])]), TypeError, "stack"),
        (lambda: Tensor(Tensor([1.0])), TypeError, "drop its history"),
        (lambda: Tensor([1.0]) * Value(2.0), TypeError, "do not mix"),
        (lambda: Value(2.0) * Tensor([1.0]), TypeError, "do not mix"),
        (lambda: np.roots(Tensor([1.0])), UnknownOpError, "no derivative"),
        (lambda: np.multiply.reduceat(Tensor([1.0]), [0]), UnknownOpError, "reduceat"),
        (lambda: np.nextafter(Tensor([1.0]), 1.0), UnknownOpError, "nextafter"),
        (lambda: Tensor([1.0, 2.0]).item(), ShapeError, "one element"),
        (lambda: setattr(Tensor([1.0]), "grad", np.ones(3)), ShapeError, "grad"),
    ],
)
def test_bad_input_says_what_to_do(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()


def test_an_exception_in_backward_leaves_every_gradient_as_it_was():
    def broken(g, y, x):
        raise RuntimeError("broken rule")

    from autograd.primitive import Primitive, registry

    op = Primitive("broken_for_test", lambda x: x.copy(), (broken,))
    try:
        a, b = Tensor([1.0]), Tensor([2.0])
        loss = (op(a) + b).sum()
        with pytest.raises(RuntimeError, match="broken rule"):
            loss.backward()
        assert a.grad is None
        assert b.grad is None
    finally:
        del registry["broken_for_test"]
