"""Indexing in all of NumPy's ways, against NumPy and against gradients by other means; and what is made of it."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd
from autograd import MutationError, ShapeError, Tensor, check_grads, grad, gradients

SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


def whole(shape, seed=0):
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(float)


def laid_out(x, layout):
    """The same numbers, in memory by columns, or as a view that steps backwards, or that skips."""
    if layout == "columns" and x.ndim:
        return np.asfortranarray(x)
    if layout == "backwards" and x.ndim:
        return np.flip(np.flip(x).copy())
    return x


LAYOUTS = st.sampled_from(["rows", "columns", "backwards"])


@st.composite
def mixed_indices(draw, shape):
    """Integers, slices, lists, arrays, masks, None and ... in any order: often right, sometimes wrong."""
    length = draw(st.sampled_from([1, 2, 2, 3]))
    parts = []
    axis = 0
    while axis < len(shape):
        n = shape[axis]
        kind = draw(
            st.sampled_from(["stop", "number", "slice", "array", "list", "mask", "wide mask", "column"])
        )
        if kind == "stop":
            break
        if kind == "wide mask" and axis + 1 < len(shape):
            parts.append(draw(hnp.arrays(bool, shape[axis : axis + 2])))
            axis += 1
        elif kind in ("mask", "wide mask"):
            parts.append(draw(hnp.arrays(bool, n)))
        elif kind == "slice":
            parts.append(draw(st.slices(n)))
        elif kind == "number":
            parts.append(draw(st.integers(-n - (n == 0), max(n - 1, 0))))
        else:
            inside = st.integers(-n, n - 1) if n else st.nothing()
            length = length if n else 0  # NumPy 1 only warns of places in an axis without any
            numbers = draw(hnp.arrays(np.intp, length, elements=inside))
            parts.append({"array": numbers, "list": numbers.tolist(), "column": numbers[:, None]}[kind])
        axis += 1
    for extra in draw(st.lists(st.sampled_from([None, True, np.array(True), False]), max_size=2)):
        parts.insert(draw(st.integers(0, len(parts))), extra)
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), Ellipsis)
    return parts[0] if len(parts) == 1 and draw(st.booleans()) else tuple(parts)


def check_index(x, index, layout="rows"):
    leaf = Tensor(laid_out(x, layout))
    try:
        wanted = x[index]
    except IndexError:
        with pytest.raises(IndexError, match="getitem of shape"):
            leaf[index]
        return
    y = leaf[index]
    assert y.shape == np.shape(wanted)
    np.testing.assert_array_equal(y.data, wanted)
    g = laid_out(whole(np.shape(wanted), 1), layout)
    dense = np.zeros(x.shape)
    np.add.at(dense, index, g)
    for few in (0, 1000):  # the way of large gradients, and that of small ones
        with mock.patch("autograd.ops.index._FEW", few):
            leaf.grad = None
            y.backward(g)
        np.testing.assert_array_equal(leaf.grad, dense)


@given(st.data(), SHAPES, LAYOUTS)
def test_basic_indices(data, shape, layout):
    check_index(whole(shape), data.draw(hnp.basic_indices(shape, allow_newaxis=True)), layout)


@given(st.data(), hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), LAYOUTS)
def test_arrays_of_integers_repeats_included(data, shape, layout):
    result = hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=5)
    check_index(whole(shape), data.draw(hnp.integer_array_indices(shape, result_shape=result)), layout)


@given(st.data(), SHAPES, LAYOUTS)
def test_masks_of_every_rank(data, shape, layout):
    rank = data.draw(st.integers(0, len(shape)))
    check_index(whole(shape), data.draw(hnp.arrays(bool, shape[:rank])), layout)


@given(st.data(), SHAPES, LAYOUTS)
def test_mixed_indices(data, shape, layout):
    check_index(whole(shape), data.draw(mixed_indices(shape)), layout)


@pytest.mark.parametrize(
    ("shape", "index"),
    [
        ((3,), []),
        ((3,), ([],)),
        ((3, 2), (slice(None), [])),
        ((), ()),
        ((), None),
        ((), ...),
        ((), True),
        ((), np.array(False)),
        ((2, 3), True),
        ((2, 3), (..., True, 0)),
        ((2, 3), False),
        ((0, 3), [[]]),
        ((3,), np.int64(-1)),
        ((3,), np.array(1)),
        ((3,), np.array([1, 1], np.uint8)),
        ((3, 4), (range(3), (3, 3, 0))),
        ((3, 4), [[0, 1], [1, 0]]),
        ((3, 4, 5), ([0, 1], slice(None), [1, 1])),
        ((3, 4, 5), (slice(None), [[0], [1]], [1, 1])),
        ((2, 3), ([True, False], [0])),
        ((2, 3), ([True, False], [0, 0])),
        ((1, 3), (np.ones((1, 3), bool),)),
    ],
)
def test_corners(shape, index):
    check_index(whole(shape), index)


def test_tensors_are_indices_too():
    x = Tensor(whole((4, 3)))
    rows = Tensor([0, 2, 2], dtype=int, requires_grad=False)
    assert rows.dtype.kind == "i"
    np.testing.assert_array_equal(x[rows].data, x.data[[0, 2, 2]])
    np.testing.assert_array_equal(x[rows, 1].data, x.data[[0, 2, 2], 1])
    np.testing.assert_array_equal(x[x > 0].data, x.data[x.data > 0])
    np.testing.assert_array_equal(x.take(rows, axis=0).data, x.data[[0, 2, 2]])
    with pytest.raises(IndexError, match="dtype float64 as an index"):
        x[Tensor([0.0])]


def test_an_index_that_changes_later_changes_no_gradient():
    index = np.array([0, 0, 2])
    listed = [1, 1]
    x = Tensor(np.ones(3))
    y = x[index].sum() + x[listed].sum()
    index[:] = 1
    listed[0] = 0
    y.backward()
    np.testing.assert_array_equal(x.grad, [2, 2, 1])


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (7, r"getitem of shape \(3, 4\), index=7: index 7 is out of bounds for axis 0 with size 3"),
        ((0, 0, 0), "too many indices"),
        (([0, 1], [0, 1, 2]), "could not be broadcast together"),
        ("a", "only integers"),
        (1.5, "only integers"),
        (np.array([0.0]), "must be of integer"),
        (np.array([]), "must be of integer"),
        ([[0], [0, 1]], "rows differ in length"),
        ((..., ...), "single ellipsis"),
        (np.array([True, False]), "did not match"),
        (np.array([0, 3]), r"\(3, 4\), index=array\(\[0, 3\]\): index 3 is out of bounds"),
    ],
)
def test_wrong_indices_are_named_with_the_shape(index, words):
    with pytest.raises(IndexError, match=words):
        Tensor(np.ones((3, 4)))[index]


def test_second_derivative_of_repeated_indices():
    check_grads(lambda x: x[[0, 0, 1]] ** 3, np.array([0.5, 1.5, 2.0]))
    check_grads(lambda x: x[..., [[1, 1], [0, 1]]] ** 3, np.array([[0.5, 1.5], [1.0, 2.0]]))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("index", [[1, 1, -1], (slice(None), [0, 0]), slice(1), ([0, 0], [1, 1])])
def test_gradients_keep_the_dtype(dtype, index):
    x = Tensor(np.ones((3, 2), dtype))
    x[index].sum().backward()
    assert x.grad.dtype == dtype
    dense = np.zeros((3, 2))
    np.add.at(dense, index, 1.0)
    np.testing.assert_array_equal(x.grad, dense)


@pytest.mark.parametrize("few", [0, 1000])
def test_scatter_refuses_what_is_outside(monkeypatch, few):
    monkeypatch.setattr("autograd.ops.index._FEW", few)
    for index in (np.array([0, 3]), np.array([0, -4]), (np.array([0, 0]), np.array([2, 0]))):
        with pytest.raises(IndexError, match="out of bounds"):
            autograd.scatter(np.ones((2, 2)) if index.__class__ is np.ndarray else np.ones(2), index, (3, 2))


# --- assignment as a function


@given(st.data(), SHAPES, LAYOUTS)
def test_index_update_is_an_assignment_and_the_last_one_wins(data, shape, layout):
    x, index = whole(shape), data.draw(mixed_indices(shape))
    try:
        picked = np.shape(x[index])
    except IndexError:
        assume(False)
    small = data.draw(st.booleans())
    y = whole(tuple(1 if i % 2 else n for i, n in enumerate(picked))[1 if small else 0 :], 2)
    wanted = x.copy()
    wanted[index] = y
    # Where each element of the result comes from: from x by its place there, or from y by its place after x.
    source = np.arange(x.size).reshape(shape)
    source[index] = np.arange(x.size, x.size + y.size).reshape(y.shape)
    a, b = Tensor(laid_out(x, layout)), Tensor(laid_out(y, layout))
    out = autograd.index_update(a, index, b)
    np.testing.assert_array_equal(out.data, wanted)
    np.testing.assert_array_equal(a.data, x)
    g = whole(shape, 3)
    out.backward(laid_out(g, layout))
    slopes = np.bincount(source.ravel(), weights=g.ravel(), minlength=x.size + y.size)
    np.testing.assert_array_equal(a.grad, slopes[: x.size].reshape(shape))
    np.testing.assert_array_equal(b.grad, slopes[x.size :].reshape(y.shape))


@given(st.data(), SHAPES, LAYOUTS)
def test_index_add_adds_every_time(data, shape, layout):
    x, index = whole(shape), data.draw(mixed_indices(shape))
    try:
        picked = np.shape(x[index])
    except IndexError:
        assume(False)
    y = whole(tuple(1 if i % 2 else n for i, n in enumerate(picked)), 2)
    wanted = x.copy()
    np.add.at(wanted, index, y)
    a, b = Tensor(laid_out(x, layout)), Tensor(laid_out(y, layout))
    out = autograd.index_add(a, index, b)
    np.testing.assert_array_equal(out.data, wanted)
    np.testing.assert_array_equal(a.data, x)
    g = whole(shape, 3)
    out.backward(g)
    np.testing.assert_array_equal(a.grad, g)
    slopes = np.sum(g[index], axis=tuple(i for i, n in enumerate(y.shape) if n == 1), keepdims=True)
    np.testing.assert_array_equal(b.grad, slopes)


def test_index_update_of_a_repeated_index_gives_the_gradient_to_the_last():
    x, y = Tensor(np.zeros(3)), Tensor([1.0, 2.0, 3.0])
    out = x.index_update([0, 0, 2], y)
    np.testing.assert_array_equal(out.data, [2, 0, 3])
    out.backward(np.array([10.0, 20.0, 30.0]))
    np.testing.assert_array_equal(x.grad, [0, 20, 0])
    np.testing.assert_array_equal(y.grad, [0, 10, 30])
    check_grads(lambda x, y: autograd.index_update(x, [0, 0, 2], y) ** 3, np.ones(3), np.array([0.5, 1, 2]))
    check_grads(lambda x, y: autograd.index_add(x, [0, 0, 2], y) ** 3, np.ones(3), np.array([0.5, 1, 2]))


@pytest.mark.parametrize("name", ["index_update", "index_add"])
def test_functional_assignment_of_numbers_dtypes_and_constants(name):
    op = getattr(autograd, name)
    t = Tensor(np.ones((2, 2), np.float32))
    for y in (5, 5.0, np.float64(5), np.ones(2), Tensor([1.0, 2.0])):
        assert op(t, 0, y).dtype == np.float32
    whole_numbers = np.array([1, 2, 3])
    out = op(whole_numbers, 1, Tensor(0.5))
    assert out.data[1] == (0.5 if name == "index_update" else 2.5)
    np.testing.assert_array_equal(op([1, 2, 3], [0], [0.5]), [0.5 + (name == "index_add"), 2, 3])
    y = Tensor([[1.0, 2.0]])
    op(t, 0, y).sum().backward()
    np.testing.assert_array_equal(y.grad, [[1, 1]])
    scalar = Tensor(2.0)
    np.testing.assert_array_equal(op(scalar, (), 3.0).data, 3.0 if name == "index_update" else 5.0)
    assert isinstance(op(np.ones(3), 0, 1.0), np.ndarray)


@pytest.mark.parametrize("name", ["index_update", "index_add"])
def test_functional_assignment_says_what_does_not_fit(name):
    op, t = getattr(autograd, name), Tensor(np.ones((2, 3)))
    with pytest.raises(ShapeError, match=rf"{name} of shapes \(2, 3\) and \(2,\), index=0"):
        op(t, 0, Tensor([1.0, 2.0]))
    with pytest.raises(IndexError, match=rf"{name} .*out of bounds"):
        op(t, 5, 1.0)
    with pytest.raises(ShapeError, match=name):
        op(t, [0, 0], np.ones((4, 3)))


def test_item_assignment_names_the_functions():
    t = Tensor([1.0, 2.0])
    with pytest.raises(MutationError, match=r"index_update.*index_add"):
        t[0] = 5.0
    with pytest.raises(MutationError, match="index_add"):
        t[0] += 5.0


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t[1:, 0],
        lambda t: t[None, ::-1, None, 1],
        lambda t: t[[0, 0, 2]],
        lambda t: t[..., [3, 0, 3]],
        lambda t: t[np.array([True, False, True])],
        lambda t: t.index_update([0, 2], t[1]),
        lambda t: t.index_update((slice(None), 1), 5.0),
        lambda t: t.index_add([0, 0], t[1]),
        lambda t: np.insert(t, 1, 5.0, axis=0),
        lambda t: np.pad(t, 2, "reflect"),
        lambda t: np.pad(t, 2, "mean"),
        lambda t: np.repeat(t, 2, axis=1),
        lambda t: np.tile(t, (2, 1)),
        lambda t: np.diag(t[0], 1),
        lambda t: np.trace(t, 1),
        lambda t: np.meshgrid(t[0], t[:, 1])[0],
        lambda t: np.concatenate([t, t], axis=None),
    ],
)
def test_arrays_of_another_library(f):
    dask = pytest.importorskip("dask.array", reason="the test runs where Dask is installed")
    x = whole((3, 4))
    here, there = Tensor(x), Tensor(dask.from_array(x, chunks=(2, 2)))
    y = f(here)
    y.backward(whole(y.shape, 1))
    z = f(there)
    z.backward(dask.from_array(whole(y.shape, 1)))
    np.testing.assert_allclose(np.asarray(z.data), y.data, rtol=1e-13)
    np.testing.assert_array_equal(np.asarray(there.data), x)
    assert hasattr(there.grad, "compute")
    np.testing.assert_allclose(np.asarray(there.grad), here.grad, rtol=1e-13)


# --- picks along an axis

# x has shape (3, 4). Each is run by NumPy and by autograd, as CASES of test_shape.py.
PICKS = {
    "take": lambda m, x: m.take(x, [0, 5, 5]),
    "take a number": lambda m, x: m.take(x, 5),
    "take along": lambda m, x: m.take(x, np.array([[0, -1], [1, 1]]), axis=1),
    "take one along": lambda m, x: m.take(x, 2, axis=-1),
    "take wrap": lambda m, x: m.take(x, [3, -5, 7], axis=0, mode="wrap"),
    "take clip": lambda m, x: m.take(x, [3, -5, 2], 0, mode="clip"),
    "take nothing": lambda m, x: m.take(x, np.array([], int), axis=0),
    "compress": lambda m, x: m.compress([True, False, True], x, axis=0),
    "compress short": lambda m, x: m.compress([0, 1], x, axis=1),
    "compress all": lambda m, x: m.compress([False, True, True], x),
    "extract": lambda m, x: m.extract(np.arange(12).reshape(3, 4) % 3 == 0, x),
    "take_along_axis": lambda m, x: m.take_along_axis(x, np.array([[0, 0], [1, -1], [3, 2]]), axis=1),
    "take_along_axis broadcast": lambda m, x: m.take_along_axis(x, np.array([[2, 2]]), axis=1),
    "take_along_axis down": lambda m, x: m.take_along_axis(x, np.array([[1, 0, 1, 2]]), axis=0),
    "take_along_axis all": lambda m, x: m.take_along_axis(x, np.array([1, 1, 7]), axis=None),
    "delete": lambda m, x: m.delete(x, 1, axis=0),
    "delete several": lambda m, x: m.delete(x, [0, -1, 0], axis=1),
    "delete a slice": lambda m, x: m.delete(x, slice(1, None, 2), 1),
    "delete a mask": lambda m, x: m.delete(x, np.array([True, False, False]), 0),
    "delete of all": lambda m, x: m.delete(x, [0, 7]),
    "insert": lambda m, x: m.insert(x, 1, 5.0, axis=0),
    "insert several": lambda m, x: m.insert(x, [0, 2, 2], [1.0, 2.0, 3.0], axis=1),
    "insert columns": lambda m, x: m.insert(x, [0, 2], np.arange(6.0).reshape(3, 2), axis=1),
    "insert of all": lambda m, x: m.insert(x, [3, 3], [1.0, 2.0]),
    "select": lambda m, x: m.select([x > 3, x > -3], [x * 2, x * x], default=1.0),
    "select by one": lambda m, x: m.select([np.arange(4) > 1], [x]),
    "choose": lambda m, x: m.choose([[0, 1, 2, 0]], [x, 2 * x, 0.0]),
    "choose wrap": lambda m, x: m.choose([0, 4, -1, 2], [x, 3 * x], mode="wrap"),
    "choose clip": lambda m, x: m.choose([0, 4, -1, 1], (x, 3 * x), mode="clip"),
    "piecewise": lambda m, x: m.piecewise(x, [x < -2, x > 2], [lambda v: v * v, lambda v: 3 * v, 7.0]),
    "piecewise overlapping": lambda m, x: m.piecewise(x, [x < 5, x < 0], [lambda v: v * v, lambda v: -v]),
    "piecewise of one": lambda m, x: m.piecewise(x[0], x[0] > 0, [lambda v: v * v, 0.0]),
}


@pytest.mark.parametrize("name", PICKS)
@pytest.mark.parametrize("module", [np, autograd], ids=["np", "autograd"])
def test_picks_are_those_of_numpy(module, name):
    pick, x = PICKS[name], whole((3, 4), 5)
    wanted = pick(np, x)
    leaf = Tensor(x)
    y = pick(module, leaf)
    assert isinstance(y, Tensor)
    assert y.requires_grad
    np.testing.assert_array_equal(y.data, wanted)
    plain = pick(autograd, x)
    assert not isinstance(plain, Tensor)
    np.testing.assert_array_equal(plain, wanted)
    check_grads(lambda x: pick(module, x) ** 2, x + 0.25)


def test_what_is_inserted_takes_the_dtype_of_the_array():
    x = Tensor(np.ones((2, 3), np.float32))
    for value in (5.0, np.arange(3.0), Tensor(np.arange(3.0))):
        assert np.insert(x, 1, value, axis=0).dtype == np.float32


@pytest.mark.parametrize("mode", ["raise", "wrap", "clip"])
def test_taking_along_an_axis_of_a_number_is_refused(mode):
    with pytest.raises(ShapeError, match=r"axis 0 of shape \(\): it has none"):
        np.take(Tensor(1.0), 0, axis=0, mode=mode)


def test_values_that_are_inserted_get_their_gradient():
    x, v = Tensor([1.0, 4.0]), Tensor([2.0, 3.0])
    y = np.insert(x, [1, 2], v)
    np.testing.assert_array_equal(y.data, np.insert(x.data, [1, 2], v.data))
    y.backward(np.array([1.0, 2.0, 3.0, 4.0]))
    np.testing.assert_array_equal(x.grad, [1, 3])
    np.testing.assert_array_equal(v.grad, [2, 4])
    w = Tensor(5.0)  # one number into every row
    np.insert(Tensor(np.ones((3, 2))), 0, w, axis=1).sum().backward()
    assert w.grad == 3


def test_put_along_axis_makes_a_new_array():
    x, v = Tensor(whole((2, 3))), Tensor(whole((2, 2), 1))
    index = np.array([[0, 2], [1, 0]])
    wanted = x.numpy()
    np.put_along_axis(wanted, index, v.data, axis=1)
    y = autograd.put_along_axis(x, index, v, 1)
    np.testing.assert_array_equal(y.data, wanted)
    y.backward(whole((2, 3), 2))
    zeroed = whole((2, 3), 2)
    np.put_along_axis(zeroed, index, 0.0, axis=1)
    np.testing.assert_array_equal(x.grad, zeroed)
    np.testing.assert_array_equal(v.grad, np.take_along_axis(whole((2, 3), 2), index, 1))
    flat = autograd.put_along_axis(x, [4], 9.0, None)
    assert flat.shape == (2, 3)
    assert flat.data[1, 1] == 9


@given(st.data(), hnp.array_shapes(min_dims=1, max_dims=3, max_side=3))
def test_gather_and_scatter_add_are_each_others_way_back(data, shape):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    sizes = [data.draw(st.integers(0, 4 if i == axis % len(shape) else n)) for i, n in enumerate(shape)]
    index = data.draw(hnp.arrays(np.intp, tuple(sizes), elements=st.integers(0, shape[axis] - 1)))
    x, src = whole(shape), whole(tuple(n + 1 for n in sizes), 1)
    picked, added, slope = np.zeros(sizes), x.copy(), np.zeros(shape)
    g = whole(tuple(sizes), 2)
    for place in np.ndindex(*sizes):  # PyTorch's definition, element by element
        there = list(place)
        there[axis] = index[place]
        picked[place] = x[tuple(there)]
        added[tuple(there)] += src[place]
        slope[tuple(there)] += g[place]
    leaf, other = Tensor(x), Tensor(src)
    y = leaf.gather(axis, index)
    np.testing.assert_array_equal(y.data, picked)
    y.backward(g)
    np.testing.assert_array_equal(leaf.grad, slope)
    z = leaf.scatter_add(axis, index, other)
    np.testing.assert_array_equal(z.data, added)
    first, second = gradients((z * whole(shape, 3)).sum(), [leaf, other])
    np.testing.assert_array_equal(first, whole(shape, 3))
    wanted = np.zeros(src.shape)
    for place in np.ndindex(*sizes):
        there = list(place)
        there[axis] = index[place]
        wanted[place] = whole(shape, 3)[tuple(there)]
    np.testing.assert_array_equal(second, wanted)


def test_a_piece_sees_only_its_own_elements():
    x = np.array([-4.0, 4.0])
    with np.errstate(all="raise"):
        slope = grad(lambda x: np.sum(np.piecewise(x, [x > 0], [np.sqrt, 0.0])))(x)
    np.testing.assert_array_equal(slope, [0.0, 0.25])


METHODS = {
    "take": (lambda t: t.take([0, 5]), lambda x: x.take([0, 5])),
    "take along": (lambda t: t.take([2, 0], axis=0), lambda x: x.take([2, 0], axis=0)),
    "compress": (lambda t: t.compress([1, 0, 1], axis=0), lambda x: x.compress([1, 0, 1], axis=0)),
    "index_select": (lambda t: t.index_select(1, [3, 3]), lambda x: x[:, [3, 3]]),
    "index_update": (lambda t: t.index_update(0, 7.0), lambda x: np.vstack([np.full(4, 7.0), x[1:]])),
    "index_add": (lambda t: t.index_add(0, 7.0), lambda x: np.vstack([x[:1] + 7, x[1:]])),
}


@pytest.mark.parametrize("name", METHODS)
def test_methods(name):
    ours, theirs = METHODS[name]
    t = Tensor(whole((3, 4)))
    y = ours(t)
    assert y.requires_grad
    np.testing.assert_array_equal(y.data, theirs(t.data))


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (lambda t: t.take(12), IndexError, "out of bounds"),
        (lambda t: t.take(0, axis=2), ShapeError, r"axis 2 of shape \(3, 4\)"),
        (lambda t: t.take(0, mode="round"), ValueError, "'raise', 'wrap' or 'clip'"),
        (lambda t: np.compress([[True]], t), ShapeError, "one axis"),
        (lambda t: np.take_along_axis(t, np.array([0]), 1), ShapeError, "same number of axes"),
        (lambda t: np.take_along_axis(t, np.array([[0.5]]), 1), IndexError, "whole numbers"),
        (lambda t: np.take_along_axis(t, np.array([[9]]), 1), IndexError, "out of bounds"),
        (lambda t: t.gather(1, np.zeros((4, 1), int)), ShapeError, r"\(4, 1\) reaches beyond.*\(3, 4\)"),
        (lambda t: t.scatter_add(1, np.zeros((3, 1), int), np.ones((2, 1))), ShapeError, "reaches beyond"),
        (lambda t: np.select([t > 0], [t, t]), ShapeError, "1 conditions and 2 choices"),
        (lambda t: np.select([np.ones(4)], [t]), TypeError, "comparison"),
        (lambda t: np.choose([0, 2, 0, 0], [t, t]), ValueError, "invalid entry"),
        (lambda t: np.piecewise(t, [t > 0], [1.0, 2.0, 3.0]), ShapeError, "1 conditions and 3 functions"),
        (lambda t: np.delete(t, 3, axis=0), IndexError, "out of bounds"),
        (lambda t: np.insert(t, 5, 1.0, axis=0), IndexError, "out of bounds"),
    ],
)
def test_errors_say_what_is_wrong(wrong, error, words):
    with pytest.raises(error, match=words):
        wrong(Tensor(np.ones((3, 4))))
