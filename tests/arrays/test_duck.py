"""Arrays as strict as CuPy's, everywhere: no op, and nothing around the ops, knows a library by its name."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from duck import Duck
from libraries import INDICES, Library, Sample, logistic, network
from samples import ALL, OPS, cases

import autograd as ag
from autograd import DtypeError, ShapeError, Tensor, grad, gradients, no_grad

DUCK = Library(Duck, Duck, lambda arrays: [x.get() for x in arrays])
X = np.random.default_rng(0).normal(size=(4, 3))
X.flags.writeable = False


@pytest.fixture(autouse=True)
def _no_conversion():
    """Nothing asks for an ndarray in silence, not even where it would go on without one."""
    before = Duck.refused
    yield
    assert Duck.refused == before


@pytest.mark.parametrize(("name", "i"), ALL)
def test_an_op_is_that_of_numpy(name, i):
    """Value, first and second derivative; labels and indices are of the library too."""
    sample = Sample(DUCK, name, i, indices=True)
    sample.first_order()
    sample.second_order()


@pytest.mark.parametrize(("name", "i"), ALL)
def test_float32_stays(name, i):
    Sample(DUCK, name, i, np.float32).first_order()


@pytest.mark.parametrize(("name", "i"), [(n, i) for n, i in ALL if INDICES & cases(OPS[n])[i][1].keys()])
def test_indices_may_be_numpys(name, i):
    Sample(DUCK, name, i).second_order()


def test_training_is_that_of_numpy():
    y = (X @ [1.0, -1.0, 2.0] > 0).astype(float)
    for ours, expected in zip(logistic(DUCK, X, y), logistic(None, X, y)):
        np.testing.assert_allclose(ours.get(), expected, rtol=1e-10)
    for ours, expected in zip(network(DUCK), network(None)):
        np.testing.assert_allclose(ours.get(), expected, rtol=1e-10)
    assert all(p.dtype == np.float32 for p in network(DUCK, dtype=np.float32))


@pytest.mark.parametrize(
    "program",
    [
        lambda t: (np.tanh(t) * t + 1 / (t * t + 2)).sum(),
        lambda t: np.mean(np.exp(t), axis=0).max(),
        lambda t: (t @ t.T).sum(),
        lambda t: ag.softmax(t).relu().sum() + ag.logsumexp(t),
        lambda t: t[t > 0].sum() + (t[1:] * t[:-1]).sum(),
        lambda t: ag.where(t > 0, t, t * 0.1).std(),
        lambda t: ag.concatenate([t, -t]).sum() + np.stack([t, t]).mean(),
        lambda t: ag.cross_entropy(t, [0, 1, 2, 0]) + ag.dropout(t, 0.5, rng=0).sum(),
        lambda t: ag.norm(t) + np.linalg.det(t.T @ t) + ag.var(t, axis=0).sum(),
        lambda t: ag.layer_norm(t, 3).max() + ag.embedding(np.array([0, 2, 0]), t).sum(),
        lambda t: ag.index_update(t, (0, slice(None)), 0.0).sum() + ag.index_add(t, [1, 1], 2.0).prod(),
        lambda t: sum((x**2 * X[0, 0]).sum() for x in np.linalg.svd(t, full_matrices=False)),
        lambda t: sum((x**2 * X[0, 0]).sum() for x in np.linalg.qr(t)),
        lambda t: sum((x**2 * X[0, 0]).sum() for x in np.linalg.eigh(t.T @ t)),
        lambda t: np.linalg.slogdet(t.T @ t)[1] + np.linalg.cholesky(t.T @ t).sum(),
        lambda t: np.sort(t, axis=0)[0].sum() + np.median(t) + ag.cummax(t, axis=1).sum(),
    ],
)
def test_programs(program):
    ours, plain = Tensor(Duck(X)), Tensor(X)
    for t in (ours, plain):
        program(t).backward()
    assert type(ours.grad) is Duck
    np.testing.assert_allclose(ours.grad.get(), plain.grad, rtol=1e-10, atol=1e-14)


def test_an_array_on_the_left_of_a_tensor():
    t = Tensor(Duck(X))
    for y in (Duck(X) * t, Duck(X).T @ t, Duck(X) + t, Duck(X) ** 2 / t, np.add(Duck(X), t)):
        assert y.op is not None
    assert type(Duck(X) > t) is Duck


# --- gradients


def test_grad_accumulates_and_is_of_the_library():
    t = Tensor(Duck(X))
    for n in (1, 2):
        (t * t).sum().backward()
        assert type(t.grad) is Duck
        np.testing.assert_allclose(t.grad.get(), 2 * n * X)
    t.grad = np.float64(0.0) * Duck(X)
    np.testing.assert_array_equal(t.grad.get(), 0 * X)
    y = t * 3
    y.backward(Duck(X), retain_grads=True)
    np.testing.assert_array_equal(y.grad.get(), X)
    np.testing.assert_allclose(t.grad.get(), 3 * X)


def test_upstream_numbers():
    t = Tensor(Duck(X))
    t.sum().backward(2.0)
    np.testing.assert_array_equal(t.grad.get(), 2 + 0 * X)
    with pytest.raises(ShapeError, match=r"shape \(3,\) for a tensor of shape \(4, 3\)"):
        t.exp().backward(Duck(X[0]))


def test_functions_take_and_return_arrays_of_the_library():
    f = lambda x: (np.tanh(x) * x).sum()
    ours, expected = grad(f)(Duck(X)), grad(f)(X)
    assert type(ours) is Duck
    np.testing.assert_allclose(ours.get(), expected)
    second = grad(lambda x: (grad(f)(x) ** 2).sum())
    assert type(second(Duck(X))) is Duck
    np.testing.assert_allclose(second(Duck(X)).get(), second(X))
    t = Tensor(Duck(X))
    assert type(gradients(f(t), t)) is Duck
    vector = lambda x: np.tanh(x).sum(axis=1) ** 2
    for ours, expected in (
        (ag.jacobian(vector)(Duck(X)), ag.jacobian(vector)(X)),
        (ag.hessian(f)(Duck(X)), ag.hessian(f)(X)),
        (ag.make_vjp(vector)(Duck(X))[0](Duck(X[:, 0])), ag.make_vjp(vector)(X)[0](X[:, 0])),
        (ag.make_hvp(f)(Duck(X))[0](Duck(X)), ag.make_hvp(f)(X)[0](X)),
    ):
        assert type(ours) is Duck
        np.testing.assert_allclose(ours.get(), expected, rtol=1e-10)


def test_second_derivatives_by_create_graph():
    t = Tensor(Duck(X))
    (t**3).sum().backward(create_graph=True)
    first, t.grad = t.grad, None
    assert type(first.data) is Duck
    first.sum().backward()
    np.testing.assert_allclose(t.grad.get(), 6 * X)


def test_data_handed_out_and_set_between_two_derivatives():
    t = Tensor(Duck(X))
    y = (t**3).sum()
    t.data  # noqa: B018  # from now on the leaf holds another array, with the same numbers
    gradients(y, t, create_graph=True)
    t.data = Duck(X + 1)
    with pytest.raises(ag.MutationError, match="holds other numbers"):
        gradients(y, t, create_graph=True)


def test_no_grad_records_nothing():
    t = Tensor(Duck(X))
    with no_grad():
        y = t * 2
    assert y.op is None
    assert type(y.data) is Duck


def test_hooks_see_and_replace_gradients():
    t = Tensor(Duck(X))
    t.register_hook(lambda g: g * 2)
    t.sum().backward()
    np.testing.assert_array_equal(t.grad.get(), 2 + 0 * X)


# --- nobody outside can change what a graph holds


def test_writing_to_an_array_in_use_changes_no_gradient():
    t, constant, labels = Tensor(Duck(X)), Duck(X.copy()), Duck(np.array([0, 1, 2, 0]))
    y = (t * t * constant).sum()
    loss = ag.softmax_cross_entropy(t, labels)
    expected = gradients(loss, t)
    t.data += 1
    constant += 1
    labels[0] = 2
    y.parents[0].data[0] = 7
    np.testing.assert_allclose(gradients(y, t).get(), 2 * X * X)
    np.testing.assert_allclose(gradients(loss, t).get(), expected.get())
    np.testing.assert_allclose(t.data.get(), X + 1)


def test_copies_and_pickles():
    t = Tensor(Duck(X), name="t")
    t.sum().backward()
    for twin in (copy.copy(t), copy.deepcopy(t), pickle.loads(pickle.dumps(t))):
        assert type(twin.data) is Duck
        np.testing.assert_array_equal(twin.data.get(), X)
        assert twin.data is not t.data
        assert twin.name == "t"


# --- what is refused


def test_two_libraries_do_not_mix():
    t, u = Tensor(Duck(X)), Tensor(X)
    for program in (
        lambda: t * X,
        lambda: X * t,
        lambda: t + u,
        lambda: u - t,
        lambda: t.T @ X,
        lambda: np.maximum(t, X),
        lambda: ag.concatenate([t, X]),
        lambda: ag.where(X > 0, t, 0.0),
        lambda: t.exp().backward(X),
        lambda: setattr(t, "grad", X),
    ):
        with pytest.raises(
            TypeError, match=r"two libraries, duck\.Duck and numpy\.ndarray.*duck\.asarray\(x\)"
        ):
            program()


def test_leaving_the_library_is_refused_with_what_it_says():
    t = Tensor(Duck(X))
    before = Duck.refused
    for leave in (t.numpy, lambda: np.asarray(t), lambda: np.asarray(t.detach())):
        with pytest.raises(TypeError, match=r"numpy\(\) of a Duck: .*Use \.get\(\).*\.data is the array"):
            leave()
    assert Duck.refused == before + 3
    Duck.refused = before
    assert t.sum().item() == pytest.approx(X.sum())


def test_whole_and_complex_numbers():
    assert Tensor(Duck(np.arange(3))).dtype == np.float64
    assert Tensor(Duck(X.astype(np.float32))).dtype == np.float32
    with pytest.raises(DtypeError, match="complex"):
        Tensor(Duck(X * 1j))
    with pytest.raises(DtypeError, match="complex"):
        Tensor(Duck(X)) * Duck(X * 1j)


def test_a_wrong_label_is_not_overlooked():
    """To look at labels on a device is to wait for it: the loss tells."""
    for labels in ([0, 1, 2, 3], [0, 1, 2, -1]):
        assert np.isnan(ag.softmax_cross_entropy(Tensor(Duck(X)), Duck(np.array(labels))).item())
    with pytest.raises(ShapeError, match="label 3 with 3 classes"):
        ag.softmax_cross_entropy(Tensor(Duck(X)), [0, 1, 2, 3])


def test_printing_shows_what_the_library_shows():
    assert repr(Tensor(Duck(np.array([1.5])), name="t")) == "Tensor(Duck(array([1.5])), name='t')"
