"""dot, inner, outer, tensordot, einsum, kron, cross: NumPy's numbers for every rank, and gradients that are right."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import ShapeError, Tensor, UnknownOpError, check_grads, gradients

NUMPY_2 = not np.__version__.startswith("1.")


def uniform(*shape, seed=0):
    return np.random.default_rng(seed).uniform(0.5, 1.5, shape)


def same(ours, expected):
    assert isinstance(ours, Tensor)
    assert ours.op is not None
    assert ours.shape == np.shape(expected)
    np.testing.assert_allclose(ours.data, expected, rtol=1e-13)


# --- dot, inner, outer, vdot, vecdot

SHAPES = [(), (3,), (2, 3), (3, 3), (3, 2), (2, 3, 3), (4, 2, 3)]


@pytest.mark.parametrize("name", ["dot", "inner", "outer"])
@pytest.mark.parametrize(("left", "right"), list(itertools.product(SHAPES, SHAPES)))
def test_products_of_every_rank_are_numpys(name, left, right):
    a, b = uniform(*left), uniform(*right, seed=1)
    theirs, ours = getattr(np, name), getattr(autograd, name)
    try:
        expected = theirs(a, b)
    except ValueError:
        with pytest.raises(ShapeError):
            ours(Tensor(a), b)
        return
    np.testing.assert_allclose(ours(a, b), expected, rtol=1e-13)
    for x, z in ((Tensor(a), Tensor(b)), (Tensor(a), b), (a, Tensor(b))):
        same(ours(x, z), expected)
        same(theirs(x, z), expected)
    check_grads(ours, a, b)


def test_products_as_methods():
    a, b = Tensor([1.0, 2.0, 3.0]), Tensor([4.0, 5.0, 6.0])
    assert a.dot(b).item() == a.inner(b).item() == a.vdot(b).item() == 32.0
    same(a.outer(b), np.outer(a.data, b.data))
    same(a.cross(b), np.cross(a.data, b.data))
    same(a.kron(b), np.kron(a.data, b.data))


def test_dot_of_vectors_and_matrices_is_drawn_as_a_matrix_product():
    W, x = Tensor(uniform(2, 3)), Tensor(uniform(3))
    assert np.dot(W, x).op.name == np.inner(W, x).op.name == "matmul"
    assert np.dot(W, 2.0).op.name == "multiply"


def test_vdot_flattens_both():
    a, b = uniform(2, 3), uniform(3, 2, seed=1)
    same(np.vdot(Tensor(a), b), np.vdot(a, b))
    same(np.vdot(a.ravel(), Tensor(b)), np.vdot(a, b))
    same(np.vdot(Tensor(2.0), 3.0), 6.0)
    check_grads(autograd.vdot, a, b)
    with pytest.raises(ShapeError):
        np.vdot(Tensor(a), np.ones(5))


def test_vecdot_pairs_stacks_and_takes_an_axis():
    a, b = uniform(4, 1, 3), uniform(2, 3, seed=1)
    same(autograd.vecdot(Tensor(a), b), (a * b).sum(-1))
    c, d = uniform(3, 4), uniform(3, 4, seed=1)
    same(autograd.vecdot(Tensor(c), d, axis=0), (c * d).sum(0))
    check_grads(autograd.vecdot, a, b)
    with pytest.raises(ShapeError, match="same length"):
        autograd.vecdot(Tensor(a), np.ones(2))


def test_matvec_and_vecmat_pair_stacks():
    m, v = uniform(5, 2, 3), uniform(5, 3)
    same(autograd.matvec(Tensor(m), v), np.einsum("nij,nj->ni", m, v))
    same(autograd.matvec(m, Tensor(v[0])), m @ v[0])
    same(autograd.vecmat(Tensor(v), m.swapaxes(-1, -2)), np.einsum("nij,nj->ni", m, v))
    check_grads(autograd.matvec, m, v)
    for wrong in (lambda: autograd.matvec(Tensor(v[0]), m), lambda: autograd.vecmat(Tensor(m), v[0])):
        with pytest.raises(ShapeError, match="are needed"):
            wrong()


@pytest.mark.skipif(not NUMPY_2, reason="names of NumPy 2")
def test_numpy_2_names_record():
    a, b, m = uniform(2, 3), uniform(2, 3, seed=1), uniform(2, 3, 3)
    t = Tensor(a)
    same(np.linalg.vecdot(t, b), np.linalg.vecdot(a, b))
    same(np.linalg.vecdot(t, b, axis=0), np.linalg.vecdot(a, b, axis=0))
    same(np.linalg.outer(Tensor(a[0]), b[0]), np.outer(a[0], b[0]))
    same(np.linalg.cross(t, b), np.linalg.cross(a, b))
    same(np.linalg.cross(Tensor(m), m[::-1], axis=1), np.linalg.cross(m, m[::-1], axis=1))
    same(np.linalg.tensordot(t, b, axes=2), np.tensordot(a, b))
    same(np.linalg.matmul(t, b.T), a @ b.T)
    with pytest.raises(ShapeError, match="takes vectors"):
        np.linalg.outer(t, b)
    for name in ("vecdot", "matvec", "vecmat"):
        if hasattr(np, name):
            x, z = {"vecdot": (a, b), "matvec": (m, a), "vecmat": (a, m)}[name]
            same(getattr(np, name)(Tensor(x), z), getattr(np, name)(x, z))


def test_float32_stays():
    a, b = uniform(3).astype(np.float32), uniform(3, seed=1).astype(np.float32)
    for name in ("dot", "inner", "outer", "vdot", "kron", "cross", "vecdot"):
        t = Tensor(a)
        y = getattr(autograd, name)(t, b)
        assert y.dtype == np.float32, name
        y.sum().backward()
        assert t.grad.dtype == np.float32


# --- tensordot


@pytest.mark.parametrize(
    ("left", "right", "axes"),
    [
        ((2, 3, 4), (3, 4, 5), 2),
        ((2, 3), (3, 2), 1),
        ((2, 3), (4,), 0),
        ((2, 3, 4), (5, 4, 3), ([1, 2], [2, 1])),
        ((2, 3, 4), (5, 4, 3), ((-1, 1), (1, -1))),
        ((2, 3), (3, 2), (np.int64(0), np.int64(1))),
        ((2, 3), (2, 3), ([0, 1], [0, 1])),
        ((2, 3), (2, 3), ([1, 0], [1, 0])),
        ((4, 2, 3, 5), (3, 5, 4, 2), ([3, 0, 1], [1, 2, 3])),
        ((3,), (3,), 1),
        ((), (2,), 0),
        ((2, 0), (0, 3), 1),
    ],
)
def test_tensordot(left, right, axes):
    a, b = uniform(*left), uniform(*right, seed=1)
    expected = np.tensordot(a, b, axes)
    same(np.tensordot(Tensor(a), b, axes), expected)
    same(np.tensordot(a, Tensor(b), axes=axes), expected)
    check_grads(lambda x, z: autograd.tensordot(x, z, axes), a, b)


@pytest.mark.parametrize("axes", [1, 3, ([0], [1, 0]), ([0, 0], [0, 0]), ([5], [0])])
def test_tensordot_says_what_does_not_fit(axes):
    with pytest.raises(ShapeError, match="tensordot"):
        np.tensordot(Tensor(np.ones((2, 3))), np.ones((2, 3)), axes)


# --- kron and cross


@pytest.mark.parametrize(("left", "right"), list(itertools.product([(), (2,), (2, 3), (2, 1, 3)], repeat=2)))
def test_kron(left, right):
    a, b = uniform(*left), uniform(*right, seed=1)
    same(np.kron(Tensor(a), b), np.kron(a, b))
    same(np.kron(a, Tensor(b)), np.kron(a, b))
    check_grads(autograd.kron, a, b)


@pytest.mark.parametrize(
    ("left", "right", "axes"),
    [
        ((3,), (3,), {}),
        ((4, 3), (3,), {}),
        ((3, 4), (3, 4), {"axis": 0}),
        ((3, 4), (4, 3), {"axisa": 0}),
        ((4, 3), (3, 4), {"axisb": 0, "axisc": 0}),
        ((2, 3, 4), (2, 3, 4), {"axis": 1}),
        ((2, 3, 4), (2, 3, 4), {"axis": -2}),
    ],
)
def test_cross(left, right, axes):
    a, b = uniform(*left), uniform(*right, seed=1)
    same(np.cross(Tensor(a), b, **axes), np.cross(a, b, **axes))
    same(np.cross(a, Tensor(b), **axes), np.cross(a, b, **axes))
    check_grads(lambda x, z: autograd.cross(x, z, **axes), a, b)


@pytest.mark.parametrize(("m", "n"), [(2, 2), (2, 3), (3, 2)])
def test_cross_of_plane_vectors(m, n):
    a, b = uniform(5, m), uniform(5, n, seed=1)
    full = np.cross(*(np.pad(x, [(0, 0), (0, 3 - x.shape[1])]) for x in (a, b)))
    expected = full[:, 2] if m == n else full
    same(autograd.cross(Tensor(a), b), expected)
    check_grads(autograd.cross, a, b)


@pytest.mark.parametrize(("left", "right"), [((4,), (3,)), ((), (3,)), ((2, 3), (3, 3))])
def test_cross_says_what_does_not_fit(left, right):
    with pytest.raises(ShapeError, match="cross"):
        autograd.cross(Tensor(np.ones(left)), np.ones(right))


# --- einsum

CASES = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ba,cb", (2, 3), (4, 2)),
    ("i,i", (3,), (3,)),
    ("i,j->ij", (2,), (3,)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("iii->i", (2, 2, 2)),
    ("iijj->ij", (2, 2, 3, 3)),
    ("ij->ji", (2, 3)),
    ("ij->", (2, 3)),
    ("ij->j", (2, 3)),
    ("ij,k->", (2, 3), (4,)),
    ("ij,ij->ij", (2, 3), (2, 3)),
    ("ij,ij,ij->i", (2, 3), (2, 3), (2, 3)),
    ("...ij,...jk->...ik", (5, 2, 3), (3, 4)),
    ("...ij,...jk", (5, 2, 3), (3, 4)),
    ("i...->...", (2, 3, 4)),
    ("...,...", (2, 1), (3,)),
    ("...i,...->i...", (2, 3), (4, 2)),
    ("...ii->...i", (2, 3, 3)),
    ("...ii", (2, 3, 3)),
    ("bij,bjk,bkl->il", (2, 2, 3), (2, 3, 2), (2, 2, 4)),
    ("ij,ij->i", (2, 1), (2, 3)),
    ("ij,jk->ik", (2, 1), (3, 4)),
    ("ii,i->", (3, 3), (3,)),
    ("Ab,bA->A", (2, 3), (3, 2)),
    (" i j , j -> i ", (2, 3), (3,)),
    (",ij->ji", (), (2, 3)),
    ("ij,j->i", (0, 3), (3,)),
    ("ij->i", (2, 0)),
    ("i,i->i", (1,), (0,)),
]


@pytest.mark.parametrize(("subscripts", "shapes"), [(case[0], case[1:]) for case in CASES])
def test_einsum_and_its_derivatives(subscripts, shapes):
    arrays = [uniform(*shape, seed=i) for i, shape in enumerate(shapes)]
    expected = np.einsum(subscripts, *arrays)
    same(np.einsum(subscripts, *map(Tensor, arrays)), expected)
    for optimize in (True, "greedy"):
        same(np.einsum(subscripts, *map(Tensor, arrays), optimize=optimize), expected)
    for i in range(len(arrays)):  # one tracked operand among constants
        mixed = [Tensor(x) if i == j else x for j, x in enumerate(arrays)]
        same(np.einsum(subscripts, *mixed), expected)
    check_grads(lambda *xs: autograd.einsum(subscripts, *xs), *arrays)
    check_grads(lambda *xs: autograd.einsum(subscripts, *xs, optimize=True), *arrays)


@st.composite
def summations(draw):
    """Subscripts and shapes: repeated names, names of one operand only, dots, lengths of 1, an arrow or none."""
    lengths = {name: draw(st.integers(1, 3)) for name in "abcd"}
    dots = [draw(st.integers(1, 2)) for _ in range(2)]
    terms, shapes = [], []
    with_dots = draw(st.booleans())
    for _ in range(draw(st.integers(1, 3))):
        names = draw(st.lists(st.sampled_from("abcd"), max_size=3))
        shape = [lengths[name] for name in names]
        for name in set(names):  # stretched: length 1 here, more elsewhere
            if names.count(name) == 1 and draw(st.integers(0, 4)) == 0:
                shape[names.index(name)] = 1
        term = "".join(names)
        if with_dots:
            at, rank = draw(st.integers(0, len(names))), draw(st.integers(0, 2))
            stretched = [n if draw(st.booleans()) else 1 for n in dots[2 - rank :]]
            term = term[:at] + "..." + term[at:]
            shape[at:at] = stretched
        terms.append(term)
        shapes.append(tuple(shape))
    text = ",".join(terms)
    if draw(st.booleans()):
        present = sorted(set(text) & set("abcd"))
        result = draw(st.permutations(present))[: draw(st.integers(0, len(present)))]
        at = draw(st.integers(0, len(result)))
        text += "->" + "".join(result[:at]) + ("..." if with_dots else "") + "".join(result[at:])
    return text, shapes


@settings(max_examples=200, deadline=None)
@given(summations(), st.integers(0, 99))
def test_einsum_of_random_subscripts(case, seed):
    """NumPy's numbers. An einsum is linear in each operand, so its gradient has g . einsum(.., d, ..) == grad . d."""
    subscripts, shapes = case
    rng = np.random.default_rng(seed)
    arrays = [rng.uniform(0.5, 1.5, shape) for shape in shapes]
    expected = np.einsum(subscripts, *arrays)
    leaves = [Tensor(x) for x in arrays]
    y = autograd.einsum(subscripts, *leaves)
    np.testing.assert_allclose(y.data, expected, rtol=1e-12)
    g = rng.uniform(-1, 1, y.shape)
    for i, slope in enumerate(gradients(y, leaves, upstream=g)):
        assert slope.shape == shapes[i]
        for unit in np.eye(slope.size).reshape(slope.size, *shapes[i]):
            moved = np.einsum(subscripts, *arrays[:i], unit, *arrays[i + 1 :])
            np.testing.assert_allclose(np.sum(slope * unit), np.sum(g * moved), rtol=1e-9, atol=1e-12)


def test_einsum_with_lists_in_place_of_words():
    a, b = uniform(2, 3), uniform(3, 4, seed=1)
    t = Tensor(a)
    same(np.einsum(t, [0, 1], b, [1, 2], [0, 2]), a @ b)
    same(np.einsum(t, [0, 1], b, [1, 2]), a @ b)
    same(np.einsum(t, [1, 0]), a.T)
    same(autograd.einsum(t, [Ellipsis, 1], [1, Ellipsis]), a.T)
    np.testing.assert_allclose(autograd.einsum(a, [0, 1], b, [1, 2], [0, 2]), a @ b)


def test_the_contribution_of_an_einsum_is_one_einsum():
    a, b = Tensor(uniform(3, 3)), Tensor(uniform(3, seed=1))
    y = autograd.einsum("ii,j->i", a, b)
    for slope in gradients(y.sum(), [a, b], create_graph=True):
        assert slope.op.name == "einsum"


def test_optimize_is_taken_along_and_a_path_is_not():
    xs = [Tensor(uniform(2, 3)), Tensor(uniform(3, 4)), Tensor(uniform(4, 2))]
    path = ["einsum_path", (1, 2), (0, 1)]
    plain = gradients(autograd.einsum("ij,jk,kl->il", *xs).sum(), xs)
    for optimize in (True, "optimal", path):
        y = autograd.einsum("ij,jk,kl->il", *xs, optimize=optimize)
        for a, b in zip(plain, gradients(y.sum(), xs)):
            np.testing.assert_allclose(a, b)


def test_einsum_says_what_does_not_fit():
    t = Tensor(np.ones((2, 3)))
    with pytest.raises(ShapeError, match=r"einsum of shapes \(2, 3\) and \(4,\)"):
        np.einsum("ij,j->i", t, np.ones(4))
    with pytest.raises(ShapeError, match="names 2 operands, and got 1"):
        np.einsum("ij,j->i", t)
    with pytest.raises(ValueError, match="needs subscripts"):
        autograd.einsum(t)
    with pytest.raises(UnknownOpError, match="dtype"):
        np.einsum("ij->ji", t, dtype=np.float32)
    with pytest.raises(UnknownOpError, match="out"):
        np.einsum("ij->ji", t, out=np.ones((3, 2)))
