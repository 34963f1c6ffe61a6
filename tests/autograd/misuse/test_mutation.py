"""Writing to arrays in use: inputs, constants, views, what was handed out, gradients."""

from __future__ import annotations

import array

import numpy as np
import pytest
from misuse import Misuse, Table

import autograd as ag
from autograd import (
    MutationError,
    Tensor,
    UnknownOpError,
    no_grad,
)

misuse = Table()
add = misuse.add
X = np.array([1.0, 2.0, 3.0])
TWICE = 2 * X


def leaf() -> Tensor:
    return Tensor(X)


# --- arrays that a graph was recorded from


@misuse(gives=TWICE)
def the_array_a_tensor_was_made_of():
    x = X.copy()
    t = Tensor(x)
    y = (t * t).sum()
    x[:] = 0
    y.backward()
    return t.grad


@misuse(gives=TWICE)
def data_of_a_leaf_taken_before_recording():
    t = leaf()
    data = t.data
    y = (t * t).sum()
    data[:] = 0
    y.backward()
    return t.grad


@misuse(gives=TWICE)
def a_ufunc_writes_into_the_data_of_a_leaf():
    t = leaf()
    y = (t * t).sum()
    np.multiply(t.data, 0, out=t.data)
    y.backward()
    return t.grad


@misuse(gives=np.array([2.0, 4.0, 0.0]))
def a_slice_keeps_the_numbers_it_was_cut_from():
    t = leaf()
    part = t[:2]
    t.data[:] = 9
    (part * part).sum().backward()
    return t.grad


@misuse(gives=TWICE * 2)
def a_broadcast_view_of_a_leaf_whose_array_is_known():
    t = leaf()
    data = t.data
    wide = ag.broadcast_to(t, (2, 3))
    y = (wide * wide).sum()
    data[:] = 0
    y.backward()
    return t.grad


@misuse(gives=X)
def the_data_of_a_constant_tensor():
    c, t = Tensor(X, requires_grad=False), leaf()
    y = (t * c).sum()
    c.data[:] = 0
    y.backward()
    return t.grad


@misuse(gives=TWICE)
def a_constant_whose_array_is_known_becomes_tracked():
    c = Tensor(X, requires_grad=False)
    data = c.data
    c.requires_grad = True
    y = (c * c).sum()
    data[:] = 0
    y.backward()
    return c.grad


@misuse(gives=X)
def a_result_of_no_grad_used_as_a_constant():
    with no_grad():
        h = leaf() * 1
    data, t = h.data, leaf()
    y = (t * h).sum()
    data[:] = 0
    y.backward()
    return t.grad


@misuse(gives=X)
def a_view_made_inside_no_grad_is_written_to():
    t = leaf()
    with no_grad():
        h = t.reshape(3, 1)
    h.data[:] = 0
    return t.numpy()


@misuse(gives=TWICE)
def a_detached_copy_is_written_to():
    t = leaf()
    y = (t * t).sum()
    t.detach().data[:] = 0
    y.backward()
    return t.grad


def _constant(make, change):
    """The gradient of (t * c).sum(), where the constant is changed before the backward pass."""
    c, owner = make()
    t = Tensor(np.ones(np.shape(c)))
    y = (t * c).sum()
    change(owner)
    y.backward()
    return t.grad


def _zero(owner):
    owner[:] = 0


def _frombuffer():
    owner = array.array("d", X)
    c = np.frombuffer(owner)
    c.flags.writeable = False
    return c, owner


def _strided():
    owner = np.arange(4.0)
    return np.lib.stride_tricks.as_strided(owner, (3, 2), (8, 8)), owner


def _buffer_of_bytes():
    owner = bytearray(X.tobytes())
    return np.frombuffer(memoryview(owner).toreadonly()), owner


def _list():
    owner = [1.0, 2.0, 3.0]
    return owner, owner


def _clear(owner):
    owner[:] = [0.0] * 3


add(
    "a read-only view of an array.array",
    lambda: _constant(_frombuffer, lambda o: o.__setitem__(0, 9.0)),
    gives=X,
)
add(
    "a read-only view of a bytearray",
    lambda: _constant(_buffer_of_bytes, lambda o: o.__setitem__(0, 1)),
    gives=X,
)
overlapping = np.array([[0.0, 1.0], [1.0, 2.0], [2.0, 3.0]])
add("overlapping windows as a constant", lambda: _constant(_strided, _zero), gives=overlapping)
add("a list as a constant", lambda: _constant(_list, _clear), gives=X)


@pytest.mark.parametrize("mode", ["r", "c"])
def test_a_memory_map_is_written_to_elsewhere(tmp_path, mode):
    np.save(tmp_path / "x.npy", X)
    t, c = leaf(), np.load(tmp_path / "x.npy", mmap_mode=mode)
    y = (t * c + t * np.asarray(c)).sum()
    np.load(tmp_path / "x.npy", mmap_mode="r+")[:] = 0
    y.backward()
    np.testing.assert_array_equal(t.grad, TWICE)


# --- masks, labels, indices


@misuse(gives=np.array([1.0, 0.0, 1.0]))
def the_mask_of_where():
    mask, t = np.array([True, False, True]), leaf()
    y = ag.where(mask, t, 0).sum()
    mask[:] = False
    y.backward()
    return t.grad


@misuse(gives=np.array([1.0, 0.0, 1.0]))
def the_mask_of_an_index():
    mask, t = np.array([True, False, True]), leaf()
    y = t[mask].sum()
    mask[:] = False
    y.backward()
    return t.grad


@misuse(gives=np.array([2.0, 4.0, 0.0]))
def a_list_as_an_index():
    rows, t = [0, 1], leaf()
    y = (t[rows] * t[rows]).sum()
    rows[0] = 2
    y.backward()
    return t.grad


@misuse(gives=np.array([[-0.25, 0.25], [0.25, -0.25]]))
def a_list_of_labels():
    labels, t = [0, 1], Tensor(np.zeros((2, 2)))
    y = ag.softmax_cross_entropy(t, labels)
    labels[:] = [1, 0]
    y.backward()
    return t.grad


# --- operators and functions that write


@misuse(gives=[np.array([2.25, 6.25, 12.25]), 2 * X + 1])
def augmented_assignment_makes_new_nodes():
    t = x = leaf()
    t += 1
    t *= 2
    t -= 1
    t /= 2
    t **= 2
    t.sum().backward()
    return [t.numpy(), x.grad]


@misuse(gives=True)
def augmented_matrix_product():
    t = x = Tensor(np.eye(2))
    t @= np.ones((2, 2))
    t.sum().backward()
    return bool((x.grad == 2).all())


def _add_to_an_element():
    t = leaf()
    t[0] += 1


def _assign_by_mask():
    t = leaf()
    t[t > 1] = 0


def _add_into():
    a = np.zeros(3)
    a += leaf()


def _delete():
    t = leaf()
    del t[0]


add("t[i] += v", _add_to_an_element, raises=MutationError, says="index_add")
add("t[mask] = 0", _assign_by_mask, raises=MutationError, says=r"where\(mask, value, t\)")
add("array += t", _add_into, raises=UnknownOpError, says="never overwritten")
add("out=t", lambda: np.add(leaf(), 1, out=leaf()), raises=UnknownOpError, says="never overwritten")
add("del t[i]", _delete, raises=AttributeError, says="__delitem__")
add(
    "np.copyto a tensor", lambda: np.copyto(leaf(), 0), raises=UnknownOpError, says="writes into its argument"
)
add(
    "np.copyto an array",
    lambda: np.copyto(np.zeros(3), leaf()),
    raises=UnknownOpError,
    says="have no history",
)
add("np.put", lambda: np.put(leaf(), [0], 0), raises=UnknownOpError, says="index_update")
add("np.place", lambda: np.place(leaf(), X > 1, 0), raises=UnknownOpError, says=r"np.where\(mask")
add("np.putmask", lambda: np.putmask(leaf(), X > 1, 0), raises=UnknownOpError, says="np.putmask")
add("np.add.at", lambda: np.add.at(leaf(), [0], 1), raises=UnknownOpError, says="index_add")
add(
    "np.add.at an array",
    lambda: np.add.at(np.zeros(3), [0, 1, 2], leaf()),
    raises=UnknownOpError,
    says="np.add.at",
)
add(
    "np.fill_diagonal",
    lambda: np.fill_diagonal(Tensor(np.eye(2)), 0),
    raises=UnknownOpError,
    says="fill_diagonal",
)
add("rng.shuffle", lambda: np.random.default_rng(0).shuffle(leaf()), raises=MutationError, says="t.data")


@misuse(gives=[1.0, 3.0])
def sort_makes_a_new_tensor():
    t = Tensor([3.0, 1.0])
    return [t.sort().tolist()[0], t.tolist()[0]]


@misuse.parametrize()
def test_mutation(case: Misuse):
    case.check()
