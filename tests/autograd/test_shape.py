"""Functions that move elements: the values are NumPy's, and the gradient of an element is what its copies get.

Every function here is linear, and the numbers are whole: values and gradients are compared exactly, with a Jacobian
that is NumPy's own function on one changed element after the other.
"""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import autograd.ops.shape
from autograd import ShapeError, Tensor, UnknownOpError, check_grads, gradients

# m is NumPy or autograd: each case is run by NumPy on arrays and tensors, and by autograd on both.
CASES = {
    "ravel": (lambda m, x: m.ravel(x), (2, 3)),
    "ravel by columns": (lambda m, x: m.ravel(x, order="F"), (2, 3, 2)),
    "ravel of a number": (lambda m, x: m.ravel(x), ()),
    "copy": (lambda m, x: m.copy(x), (2, 3)),
    "moveaxis": (lambda m, x: m.moveaxis(x, 0, -1), (2, 3, 4)),
    "moveaxis of several": (lambda m, x: m.moveaxis(x, (0, -1), (-1, 0)), (2, 3, 4)),
    "rollaxis": (lambda m, x: m.rollaxis(x, -1, 1), (2, 3, 4)),
    "transpose": (lambda m, x: m.transpose(x, (-1, 0, 1)), (2, 3, 4)),
    "squeeze of several": (lambda m, x: m.squeeze(x, axis=(0, -1)), (1, 3, 1)),
    "expand_dims of several": (lambda m, x: m.expand_dims(x, (0, -1)), (2, 3)),
    "atleast_1d": (lambda m, x: m.atleast_1d(x), ()),
    "atleast_2d": (lambda m, x: m.atleast_2d(x), (3,)),
    "atleast_2d of a number": (lambda m, x: m.atleast_2d(x), ()),
    "atleast_3d of a number": (lambda m, x: m.atleast_3d(x), ()),
    "atleast_3d of a vector": (lambda m, x: m.atleast_3d(x), (3,)),
    "atleast_3d of a matrix": (lambda m, x: m.atleast_3d(x), (2, 3)),
    "atleast_3d of nothing": (lambda m, x: m.atleast_3d(x), (0, 3)),
    "atleast_1d of several": (lambda m, x, y, z: m.atleast_1d(x, y, z), (), (2,), (2, 3)),
    "atleast_2d of several": (lambda m, x, y: m.atleast_2d(x, y), (), (2,)),
    "broadcast_arrays": (lambda m, x, y, z: m.broadcast_arrays(x, y, z), (2, 1), (3,), ()),
    "meshgrid": (lambda m, x, y, z: m.meshgrid(x, y, z), (2,), (3,), (4,)),
    "meshgrid ij": (lambda m, x, y: m.meshgrid(x, y, indexing="ij"), (2,), (3,)),
    "meshgrid sparse": (lambda m, x, y: m.meshgrid(x, y, sparse=True), (2,), (3,)),
    "meshgrid of one": (lambda m, x: m.meshgrid(x), (2,)),
    "concatenate": (lambda m, x, y: m.concatenate([x, y], axis=-1), (2, 3), (2, 1)),
    "concatenate of all elements": (lambda m, x, y: m.concatenate((x, y), axis=None), (2, 3), ()),
    "concatenate an array with itself": (lambda m, x: m.concatenate([x, x, np.ones(2), x]), (3,)),
    "concatenate slices of an array": (lambda m, x: m.concatenate(x, axis=1), (2, 3, 2)),
    "stack": (lambda m, x, y: m.stack([x, y], axis=-1), (2, 3), (2, 3)),
    "append": (lambda m, x, y: m.append(x, y, axis=1), (2, 3), (2, 1)),
    "append all": (lambda m, x, y: m.append(x, y), (2, 2), (3,)),
    "vstack": (lambda m, x, y: m.vstack([x, y]), (3,), (2, 3)),
    "vstack of numbers": (lambda m, x, y: m.vstack((x, y)), (), ()),
    "hstack of vectors": (lambda m, x, y: m.hstack([x, y]), (3,), ()),
    "hstack of matrices": (lambda m, x, y: m.hstack([x, y]), (2, 3), (2, 1)),
    "dstack": (lambda m, x, y: m.dstack([x, y]), (2, 3), (2, 3)),
    "dstack of vectors": (lambda m, x, y: m.dstack([x, y]), (3,), (3,)),
    "column_stack": (lambda m, x, y: m.column_stack([x, y]), (3,), (3, 2)),
    "block": (lambda m, x, y, z: m.block([[x, y], [z]]), (2, 2), (2, 1), (1, 3)),
    "block of mixed ranks": (lambda m, x, y: m.block([x, y, 7.0]), (2,), ()),
    "block of one array": (lambda m, x: m.block(x), (2, 2)),
    "block of stacks": (lambda m, x, y: m.block([[x], [y]]), (2, 1, 3), (2, 2, 3)),
    "split": (lambda m, x: m.split(x, 3, axis=-1), (2, 6)),
    "split at": (lambda m, x: m.split(x, [1, 1, -1, 9]), (4, 2)),
    "array_split": (lambda m, x: m.array_split(x, 3), (8,)),
    "array_split into more than there is": (lambda m, x: m.array_split(x, 4, 1), (2, 3)),
    "hsplit": (lambda m, x: m.hsplit(x, 2), (2, 4)),
    "hsplit of a vector": (lambda m, x: m.hsplit(x, np.array([1])), (4,)),
    "vsplit": (lambda m, x: m.vsplit(x, 2), (4, 2)),
    "dsplit": (lambda m, x: m.dsplit(x, (1,)), (2, 1, 3)),
    "tile": (lambda m, x: m.tile(x, (2, 1, 3)), (2, 2)),
    "tile by a list": (lambda m, x: m.tile(x, [2]), (2, 2)),
    "repeat": (lambda m, x: m.repeat(x, 2), (2, 2)),
    "repeat along": (lambda m, x: m.repeat(x, 3, axis=-1), (2, 2)),
    "repeat by an array": (lambda m, x: m.repeat(x, np.array([0, 2, 1]), axis=1), (2, 3)),
    "repeat by an array of one": (lambda m, x: m.repeat(x, [2], 0), (3, 2)),
    "repeat a number": (lambda m, x: m.repeat(x, 3), ()),
    "roll": (lambda m, x: m.roll(x, 2), (2, 3)),
    "roll along": (lambda m, x: m.roll(x, -1, axis=-1), (2, 3)),
    "roll along several": (lambda m, x: m.roll(x, (1, 2, -1), axis=(0, 1, 0)), (3, 4)),
    "roll by one number": (lambda m, x: m.roll(x, 1, axis=(0, 1)), (3, 4)),
    "roll by an array": (lambda m, x: m.roll(x, np.array([1, 2]), axis=(0, 1)), (3, 4)),
    "flip": (lambda m, x: m.flip(x), (2, 3)),
    "flip along": (lambda m, x: m.flip(x, (0, 2)), (2, 3, 2)),
    "fliplr": (lambda m, x: m.fliplr(x), (2, 3)),
    "flipud": (lambda m, x: m.flipud(x), (2, 3)),
    **{f"rot90 {k}": (lambda m, x, k=k: m.rot90(x, k, axes=(2, 0)), (2, 3, 4)) for k in (-1, 0, 1, 2, 3, 4)},
    "rot90": (lambda m, x: m.rot90(x), (2, 3)),
    "diag of a vector": (lambda m, x: m.diag(x, 1), (3,)),
    "diag of a matrix": (lambda m, x: m.diag(x, k=-1), (3, 2)),
    "diagflat": (lambda m, x: m.diagflat(x, -1), (2, 2)),
    "diagonal": (lambda m, x: m.diagonal(x), (3, 3)),
    "diagonal of a stack": (lambda m, x: m.diagonal(x, 1, -1, 0), (3, 2, 3)),
    "diagonal beyond": (lambda m, x: m.diagonal(x, offset=7), (2, 3)),
    "tril": (lambda m, x: m.tril(x, -1), (2, 3, 3)),
    "triu": (lambda m, x: m.triu(x, k=1), (3, 4)),
    "tril of a vector": (lambda m, x: m.tril(x), (3,)),
    "pad": (lambda m, x: m.pad(x, 1), (2, 3)),
    "pad with numbers": (lambda m, x: m.pad(x, ((1, 2), (0, 1)), constant_values=((1, 2), (3, 4))), (2, 3)),
    "pad a pair": (lambda m, x: m.pad(x, (1, 2), "edge"), (2, 3)),
    "pad one number each": (lambda m, x: m.pad(x, ((1,), (2,)), mode="wrap"), (2, 3)),
    "pad reflected odd": (lambda m, x: m.pad(x, (2, 4), "reflect", reflect_type="odd"), (3,)),
    "pad nothing": (lambda m, x: m.pad(x, 0, "edge"), (2, 3)),
}
NEW = {  # since NumPy 2
    "matrix_transpose": (lambda m, x: m.matrix_transpose(x), (2, 3, 4)),
    "unstack": (lambda m, x: m.unstack(x, axis=1), (2, 3)),
    "astype": (lambda m, x: m.astype(m.copy(x), x.dtype), (2, 3)),
}
CASES |= {name: case for name, case in NEW.items() if hasattr(np, name)}
BY_NUMPY = {  # autograd.trace is the sweep for a picture
    "trace": (lambda m, x: np.trace(x, 1, 0, 2), (2, 3, 3)),
    "trace of a matrix": (lambda m, x: np.trace(x), (3, 3)),
}
if hasattr(np.linalg, "diagonal"):
    BY_NUMPY["linalg.diagonal"] = (lambda m, x: np.linalg.diagonal(x, offset=1), (2, 3, 3))
    BY_NUMPY["linalg.trace"] = (lambda m, x: np.linalg.trace(x), (2, 3, 3))
    BY_NUMPY["linalg.matrix_transpose"] = (lambda m, x: np.linalg.matrix_transpose(x), (2, 3))
CASES |= BY_NUMPY


def whole(shape, seed):
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(float)


def parts(y):
    return list(y) if isinstance(y, (list, tuple)) else [y]


def expected_gradients(function, arrays, upstreams):
    """The upstream gradients times the Jacobian: what changes when one element grows by 1."""
    base = parts(function(*arrays))
    out = []
    for k, x in enumerate(arrays):
        slope = np.zeros(x.shape)
        for i in np.ndindex(x.shape):
            moved = x.copy()
            moved[i] += 1
            changed = parts(function(*arrays[:k], moved, *arrays[k + 1 :]))
            slope[i] = sum(((b - a) * g).sum() for a, b, g in zip(base, changed, upstreams))
        out.append(slope)
    return out


def compare(ours, theirs, *shapes):
    arrays = [whole(shape, i) for i, shape in enumerate(shapes)]
    leaves = [Tensor(x) for x in arrays]
    made, wanted = parts(ours(*leaves)), parts(theirs(*arrays))
    assert len(made) == len(wanted)
    upstreams = [whole(np.shape(y), 9) for y in wanted]
    total = Tensor(0.0)
    for y, z, g in zip(made, wanted, upstreams):
        assert isinstance(y, Tensor)
        assert y.requires_grad
        assert y.shape == np.shape(z)
        np.testing.assert_array_equal(y.data, z)
        total = total + (y * g).sum()
    total.backward()
    for leaf, slope in zip(leaves, expected_gradients(theirs, arrays, upstreams)):
        np.testing.assert_array_equal(leaf.grad, slope)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("module", [np, autograd], ids=["np", "autograd"])
def test_values_and_gradients_are_those_of_numpy(module, name):
    case, *shapes = CASES[name]
    compare(lambda *xs: case(module, *xs), lambda *xs: case(np, *xs), *shapes)


@pytest.mark.parametrize("name", CASES)
def test_plain_arrays_and_lists_are_just_computed(name):
    case, *shapes = CASES[name]
    arrays = [whole(shape, i) for i, shape in enumerate(shapes)]
    wanted = parts(case(np, *arrays))
    for given_ in (arrays, [x.tolist() for x in arrays]):
        another = (
            "slices",
            "split",
            "block",
            "astype",
            "nothing",
        )  # where a list is not the same as the array
        if given_ is not arrays and any(word in name for word in another):
            continue
        made = parts(case(autograd, *given_))
        assert len(made) == len(wanted)
        for y, z in zip(made, wanted):
            assert not isinstance(y, Tensor)
            np.testing.assert_array_equal(y, z)


@pytest.mark.parametrize("name", [n for n in CASES if "0" not in n and "nothing" not in n])
def test_second_derivatives_through_every_function(name):
    case, *shapes = CASES[name]

    def squares(*xs):
        return sum(np.sum(y * y * y) for y in parts(case(np, *xs)))

    check_grads(squares, *[np.random.default_rng(i).uniform(0.5, 2, s) for i, s in enumerate(shapes)])


@given(
    st.sampled_from(["constant", "edge", "reflect", "symmetric", "wrap", "linear_ramp", "mean"]),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=2),
    st.data(),
)
def test_padding_of_every_mode_and_width(mode, axes, data):
    shape = tuple(n for n, _, _ in axes)
    width = [(a, b) for _, a, b in axes]
    settings = {"mode": mode}
    if mode in ("reflect", "symmetric") and data.draw(st.booleans()):
        settings["reflect_type"] = data.draw(st.sampled_from(["even", "odd"]))
    if mode == "linear_ramp" and data.draw(st.booleans()):
        settings["end_values"] = data.draw(st.sampled_from([2.0, (1.0, 3.0)]))
    if mode == "mean" and data.draw(st.booleans()):
        settings["stat_length"] = data.draw(st.sampled_from([1, (2, 1)]))
    arrays = [whole(shape, 1)]
    wanted = np.pad(arrays[0], width, **settings)
    leaf = Tensor(arrays[0])
    y = autograd.pad(leaf, width, **settings)
    np.testing.assert_array_equal(y.data, wanted)
    g = whole(wanted.shape, 2)
    y.backward(g)
    (slope,) = expected_gradients(lambda x: np.pad(x, width, **settings), arrays, [g])
    np.testing.assert_allclose(leaf.grad, slope, rtol=1e-12, atol=1e-11)


def test_pad_widths_by_axis():
    x = Tensor(whole((2, 3), 0))
    np.testing.assert_array_equal(autograd.pad(x, {-1: (1, 2), 0: 1}).data, np.pad(x.data, ((1, 1), (1, 2))))


def test_pad_refuses_what_is_not_linear():
    t = Tensor([1.0, 2.0])
    for mode in ("maximum", "median", "minimum", "empty", "something"):
        with pytest.raises(UnknownOpError, match=rf"mode='{mode}'.*concatenate"):
            np.pad(t, 1, mode)
    np.testing.assert_array_equal(autograd.pad([1.0, 2.0], 1, "maximum"), [2.0, 1.0, 2.0, 2.0])
    with pytest.raises(ValueError, match="negative"):
        autograd.pad(t, -1)
    with pytest.raises(ShapeError, match="pad of shape"):
        autograd.pad(Tensor(np.ones((0,))), 1, "edge")


# --- methods

METHODS = {
    "ravel": (lambda t: t.ravel(), lambda x: x.ravel()),
    "flatten": (lambda t: t.flatten(), lambda x: x.flatten()),
    "flatten by columns": (lambda t: t.flatten("F"), lambda x: x.flatten("F")),
    "flatten by columns, by keyword": (lambda t: t.flatten(order="F"), lambda x: x.flatten("F")),
    "flatten some": (lambda t: t.flatten(1), lambda x: x.reshape(2, 12)),
    "flatten the first": (lambda t: t.flatten(start_dim=0, end_dim=-2), lambda x: x.reshape(6, 4)),
    "view": (lambda t: t.view(4, -1), lambda x: x.reshape(4, -1)),
    "view of a tuple": (lambda t: t.view((4, 6)), lambda x: x.reshape(4, 6)),
    "permute": (lambda t: t.permute(2, 0, 1), lambda x: x.transpose(2, 0, 1)),
    "permute by a tuple": (lambda t: t.permute((2, 0, 1)), lambda x: x.transpose(2, 0, 1)),
    "moveaxis": (lambda t: t.moveaxis(0, 1), lambda x: np.moveaxis(x, 0, 1)),
    "mT": (lambda t: t.mT, lambda x: np.swapaxes(x, -1, -2)),
    "unsqueeze": (lambda t: t.unsqueeze(-1), lambda x: x[..., None]),
    "copy": (lambda t: t.copy(), lambda x: x),
    "clone": (lambda t: t.clone(), lambda x: x),
    "diagonal": (lambda t: t.diagonal(1, 1, 2), lambda x: x.diagonal(1, 1, 2)),
    "diagonal by name": (lambda t: t.diagonal(axis1=2, axis2=0), lambda x: x.diagonal(axis1=2, axis2=0)),
    "trace": (lambda t: t.trace(), lambda x: x.trace()),
    "trace by name": (lambda t: t.trace(offset=1, axis2=2), lambda x: x.trace(offset=1, axis2=2)),
    "tril": (lambda t: t.tril(), lambda x: np.tril(x)),
    "triu": (lambda t: t.triu(1), lambda x: np.triu(x, 1)),
    "repeat": (lambda t: t.repeat(2, axis=1), lambda x: x.repeat(2, axis=1)),
    "repeat each": (lambda t: t.repeat((1, 2), 0), lambda x: x.repeat((1, 2), 0)),
    "tile": (lambda t: t.tile((2, 1, 1)), lambda x: np.tile(x, (2, 1, 1))),
    "roll": (lambda t: t.roll(1, axis=0), lambda x: np.roll(x, 1, axis=0)),
    "flip": (lambda t: t.flip(), lambda x: np.flip(x)),
    "flip one": (lambda t: t.flip(0), lambda x: np.flip(x, 0)),
    "flip two": (lambda t: t.flip(0, -1), lambda x: np.flip(x, (0, -1))),
    "flip a tuple": (lambda t: t.flip((0, 2)), lambda x: np.flip(x, (0, 2))),
    "rot90": (lambda t: t.rot90(), lambda x: np.rot90(x)),
    "fliplr": (lambda t: t.fliplr(), lambda x: np.fliplr(x)),
    "flipud": (lambda t: t.flipud(), lambda x: np.flipud(x)),
    "split": (lambda t: t.split(2, axis=2), lambda x: np.split(x, 2, axis=2)),
    "array_split": (lambda t: t.array_split(2, 1), lambda x: np.array_split(x, 2, 1)),
    "unstack": (lambda t: t.unstack(1), lambda x: [x[:, i] for i in range(3)]),
}


@pytest.mark.parametrize("name", METHODS)
def test_methods_mean_what_numpy_and_pytorch_mean(name):
    compare(*METHODS[name], (2, 3, 4))


def test_diag_embed_is_pytorchs():
    t = Tensor(whole((2, 3), 0))
    y = t.diag_embed(offset=-1)
    assert y.shape == (2, 4, 4)
    np.testing.assert_array_equal(np.diagonal(y.data, -1, -2, -1), t.data)
    assert np.count_nonzero(y.data) == np.count_nonzero(t.data)


# --- the graph, dtypes, work


def test_copy_is_a_node_of_its_own():
    t = Tensor([1.0, 2.0])
    y = np.copy(t)
    assert y.op.name == "copy"
    assert y.parents == (t,)
    assert not np.shares_memory(y.data, t.numpy())


@pytest.mark.parametrize("name", CASES)
def test_float32_stays(name):
    case, *shapes = CASES[name]
    leaves = [Tensor(whole(shape, i).astype(np.float32)) for i, shape in enumerate(shapes)]
    total = Tensor(np.float32(0.0))
    for y in parts(case(np, *leaves)):
        if name not in ("block of mixed ranks", "concatenate an array with itself"):  # joined with float64
            assert y.dtype == np.float32
        total = total + np.sum(y)
    total.backward()
    assert all(leaf.grad.dtype == np.float32 for leaf in leaves)


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_way_back_of_concatenate_works_out_the_places_once(monkeypatch, create_graph):
    looked = []
    original = autograd.ops.shape._starts
    monkeypatch.setattr("autograd.ops.shape._starts", lambda *a: looked.append(1) or original(*a))
    leaves = [Tensor(np.full(2, float(i))) for i in range(50)]
    y = autograd.concatenate(leaves)
    weights = np.arange(100.0)
    grads = gradients((y * weights).sum(), leaves, create_graph=create_graph)
    np.testing.assert_array_equal(np.concatenate([np.asarray(g) for g in grads]), weights)
    assert len(looked) == 1


def test_concatenate_of_constants_and_other_dtypes():
    a, b = Tensor(np.ones(2, np.float32)), Tensor(np.ones(3))
    y = autograd.concatenate([np.zeros(1), a, [5.0, 6.0], b])
    assert y.dtype == np.float64
    y.backward(np.arange(8.0))
    np.testing.assert_array_equal(a.grad, np.array([1, 2], np.float32))
    assert a.grad.dtype == np.float32
    np.testing.assert_array_equal(b.grad, [5, 6, 7])


def test_broadcasting_leaves_an_array_of_the_right_shape_alone():
    t = Tensor(np.ones((2, 3)))
    a, b = autograd.broadcast_arrays(t, np.ones(3))
    assert a is t
    assert b.shape == (2, 3)
    assert autograd.atleast_2d(t) is t
    assert autograd.rot90(t, 4) is t


# --- errors


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (lambda t: autograd.flatten(t, 1, 0), ShapeError, r"flatten of shape \(2, 3\) from axis 1 to 0"),
        (lambda t: t.flatten(0, 2), ShapeError, "axes are 0 to 1"),
        (lambda t: t[0].mT, ShapeError, r"shape \(3,\).*two axes"),
        (lambda t: np.split(t, 2, axis=1), ShapeError, r"\(2, 3\) into 2 equal parts.*length 3.*array_split"),
        (lambda t: np.array_split(t, 0), ShapeError, "0 parts"),
        (lambda t: np.split(t, 2, axis=2), ShapeError, "axis 2 of an array of shape"),
        (lambda t: np.vsplit(t[0], 3), ShapeError, "at least 2 axes"),
        (lambda t: np.dsplit(t, 3), ShapeError, "at least 3 axes"),
        (lambda t: np.hsplit(t[0, 0], 3), ShapeError, "at least 1 axes"),
        (lambda t: np.broadcast_arrays(t, np.ones(2)), ShapeError, r"\(2, 3\) and \(2,\).*reshape"),
        (lambda t: np.meshgrid(t[0], indexing="yx"), ValueError, "'xy'"),
        (lambda t: np.ravel(t, order="K"), ValueError, "memory layout"),
        (lambda t: np.concatenate([t, t[0]]), ShapeError, r"concatenate of shapes \(2, 3\) and \(3,\)"),
        (lambda t: np.concatenate([t, t], axis=2), ShapeError, "axis 2 is out of bounds"),
        (lambda t: np.block([[t], t]), ValueError, "different depth"),
        (lambda t: np.block([[t], []]), ValueError, "concatenate"),
        (lambda t: np.block([[], t]), ValueError, "empty list"),
        (lambda t: np.repeat(t, [1, 2], axis=1), ShapeError, r"repeat of shape \(2, 3\), repeats=\[1, 2\]"),
        (lambda t: np.fliplr(t[0]), ShapeError, "out of bounds"),
        (lambda t: np.rot90(t, axes=(0, 3)), ValueError, "out of range"),
        (lambda t: np.rot90(t, axes=(0, 0)), ValueError, "different"),
        (lambda t: np.diag(t[None]), ShapeError, "vector or a matrix"),
        (lambda t: t[0, 0].diag_embed(), ShapeError, "no axis"),
        (lambda t: np.diagonal(t[0]), ShapeError, "two axes"),
        (lambda t: np.moveaxis(t, 0, 2), ValueError, "out of bounds"),
        (lambda t: t.permute(0, 0), ShapeError, "repeated axis"),
        (lambda t: np.pad(t, ((1, 1), (1, 1), (1, 1))), ValueError, "broadcast"),
        (lambda t: np.concatenate([t, t], dtype=np.float32), (UnknownOpError, TypeError), "dtype"),
    ],
)
def test_errors_say_what_is_wrong(wrong, error, words):
    with pytest.raises(error, match=words):
        wrong(Tensor(np.ones((2, 3))))


@pytest.mark.parametrize("op", ["repeat", "tile", "flip", "roll", "diagonal", "diag_embed", "tril", "triu"])
def test_examples_of_ops(op):
    (example,) = doctest.DocTestFinder(recurse=False).find(
        autograd.registry[op].__doc__ and type("Op", (), {"__doc__": autograd.registry[op].__doc__}), op
    )
    example.globs = {"np": np, op: autograd.registry[op]}
    assert example.examples
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(example).failed == 0


def test_joining_says_what_does_not_fit():
    t, m = Tensor([1.0, 2.0]), Tensor(np.ones((2, 2)))
    with pytest.raises(ShapeError, match=r"stack of shapes \(2,\) and \(2, 2\): they must be equal"):
        np.stack([t, m, t])
    with pytest.raises(ShapeError, match=r"concatenate of shapes \(2,\) and \(\): a number.*stack"):
        np.concatenate([t, 1.0])
    with pytest.raises(ShapeError, match="in one list"):
        autograd.concatenate(t)


def test_a_number_has_no_side_to_be_padded():
    x = Tensor(2.0)
    assert np.pad(x, 1).shape == np.pad(np.array(2.0), 1).shape == ()
    assert gradients(np.pad(x, 1) * 3, x) == 3
