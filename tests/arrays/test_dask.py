"""Tensors over Dask arrays: graphs are recorded, swept and printed without a number being computed."""

from __future__ import annotations

import copy
import math
import os

import numpy as np
import pytest
from libraries import Library, Sample, descend, logistic, network
from samples import ALL, OPS, cases

import autograd as ag
import nn
from autograd import Tensor, grad, gradients, no_grad

dask = pytest.importorskip("dask", reason="Dask is not installed: pip install 'gradlens[dask]'")
da = pytest.importorskip("dask.array", reason="Dask's arrays are not installed: pip install 'gradlens[dask]'")
distributed = pytest.importorskip("distributed", reason="no local cluster: pip install 'gradlens[dask]'")

X = np.random.default_rng(0).normal(size=(6, 4))


def chunked(x):
    """In two chunks along every axis that is long enough."""
    x = np.asarray(x)
    return da.from_array(x, chunks=tuple(-(-n // 2) or 1 for n in x.shape))


def whole(x):
    return da.from_array(np.asarray(x), chunks=-1)


CHUNKED, WHOLE = (
    Library(da.Array, make, lambda arrays: dask.compute(*arrays, scheduler="synchronous"))
    for make in (chunked, whole)
)

# --- every op

# Their algorithms in Dask take a matrix in one chunk.
ONE_CHUNK = set("inv solve cholesky qr_q qr_r svdvals svd_u svd_vh expm expm_jvp".split())
# Dask's reshape merges and splits axes, and regroups no others, unless they are in one chunk.
ONE_CHUNK |= {"reshape"}

NO_FUNCTION = "Dask has no function for it, in NumPy's name or another"
NO_STACKS = "Dask's linear algebra knows single matrices, no stacks of them"
NO_ELEMENTS = "Dask fails on arrays without elements here"
SIGNS = "the signs of Dask's singular vectors differ from NumPy's: either are right"
CANNOT = {  # of an op, or of one sample of it
    **dict.fromkeys("sort partition det cofactor logabsdet eigvalsh eigh_vectors pinv".split(), NO_FUNCTION),
    **dict.fromkeys([(name, i) for name in ("svd_u", "svd_vh") for i in (0, 1)], SIGNS),
    **dict.fromkeys([("diagonal", 4), ("expm_jvp", 2), ("kron", 5), ("pad", 2)], NO_ELEMENTS),
    ("pad", 9): "Dask reflects by less than there is; the error says so",
    ("conv2d", 2): "Dask's reshape regroups no axes",
}


def reason_to_fail(name, i):
    stack = name in ONE_CHUNK - {"reshape"} and any(len(shape) > 2 for shape in cases(OPS[name])[i][0])
    return CANNOT.get(name) or CANNOT.get((name, i)) or (NO_STACKS if stack else None)


def marked(name, i):
    """What Dask cannot do has to fail, or this table is out of date."""
    reason = reason_to_fail(name, i)
    return pytest.param(name, i, marks=pytest.mark.xfail(reason=reason, strict=True) if reason else ())


CASES = [
    marked(name, i)
    for name, i in ALL
    # An elementwise op is given four sets of shapes, in which Dask treats all of them alike: a few are enough.
    if not OPS[name].elementwise or i % 4 == 0 or name in ("add", "where", "tanh", "maximum")
]


@pytest.mark.parametrize(("name", "i"), CASES)
def test_an_op_is_that_of_numpy(name, i):
    Sample(WHOLE if name in ONE_CHUNK else CHUNKED, name, i).first_order()


@pytest.mark.parametrize(("name", "i"), [(name, 0) for name in OPS if reason_to_fail(name, 0) is None])
def test_float32_stays(name, i):
    """Known without computing anything."""
    sample = Sample(WHOLE if name in ONE_CHUNK else CHUNKED, name, i, np.float32)
    sample.check_kinds(sample.result.data, sample.expected.data)
    sample.result.backward(sample.upstreams[1])
    for ours in sample.ours:
        sample.check_kinds(ours.grad, ours.data)


@pytest.mark.parametrize("name", ["tanh", "multiply", "matmul", "softmax", "sum", "getitem", "max"])
def test_second_derivatives(name):
    Sample(CHUNKED, name, 0).second_order()


def test_singular_vectors_but_for_their_signs():
    a, plain = Tensor(whole(X)), Tensor(X)
    for t in (a, plain):
        u, s, vh = np.linalg.svd(t, full_matrices=False)
        ((u * s) @ vh * X).sum().backward()
    np.testing.assert_allclose(a.grad.compute(), plain.grad, atol=1e-12)


def test_padding_that_dask_does_wrong_is_refused():
    with pytest.raises(ag.ShapeError, match="pad twice"):
        np.pad(Tensor(chunked(X[0, :3])), ((2, 5),), mode="reflect", reflect_type="odd")


# --- on a cluster


@pytest.fixture(scope="module")
def client():
    """Two processes of workers on this machine, at ports that are free; gone afterwards, whatever happens.

    Dask's profiler is off: it reads the frames of other threads, which may crash Python 3.11.
    """
    with (
        dask.config.set({"distributed.worker.profile.enabled": False}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def rows_made_by_workers(n=1000, features=5, chunk=250):
    """(n, features) numbers and their labels, which exist on workers only: made anywhere else, they raise."""
    home = os.getpid()

    def rows(block_info=None):
        if os.getpid() == home:
            raise AssertionError("a chunk was computed in the main process")
        (start, stop), _ = block_info[None]["array-location"]
        i = np.arange(start * features, stop * features).reshape(-1, features)
        return np.sin(i * i * 0.37)

    lengths = (chunk,) * (n // chunk)
    x = da.map_blocks(rows, chunks=(lengths, (features,)), dtype=float, meta=np.empty((0, 0)))
    return x, (x.sum(axis=1) > 0.1).astype(float)


def test_logistic_regression_on_a_cluster(client):
    x, y = rows_made_by_workers()
    assert x.numblocks == (4, 1)
    w, b = Tensor(da.zeros(5)), Tensor(da.zeros(()))
    for _ in range(10):
        logits = x @ w + b
        loss = ag.binary_cross_entropy_with_logits(logits, y)
        loss.backward()
        for array in (logits.data, loss.data, w.grad, b.grad):
            assert type(array) is da.Array
        assert logits.data.numblocks == (4,)
        descend([w, b], rate=0.5)
        w.data, b.data = dask.persist(w.data, b.data)  # one step is computed, and stays with the workers
    ours = dask.compute(w.data, b.data, loss.data)

    numbers = dask.compute(x, y)
    weights, bias = np.zeros(5), 0.0
    for _ in range(10):
        logits = numbers[0] @ weights + bias
        expected = np.mean(np.logaddexp(0, logits) - numbers[1] * logits)
        error = (1 / (1 + np.exp(-logits)) - numbers[1]) / len(logits)
        weights, bias = weights - 0.5 * error @ numbers[0], bias - 0.5 * error.sum()
    for array, number in zip(ours, (weights, bias, expected)):
        np.testing.assert_allclose(array, number, rtol=1e-10)
    assert expected < 0.6 < math.log(2)  # it has learned something


def test_a_network_on_a_cluster(client):
    parameters = network(CHUNKED, steps=3)
    assert all(type(p) is da.Array for p in parameters)
    for ours, expected in zip(dask.compute(*parameters), network(None, steps=3)):
        np.testing.assert_allclose(ours, expected, rtol=1e-10, atol=1e-13)


def test_layers_with_parameters_of_numpy_on_a_cluster(client):
    def trained(x, labels):
        model = nn.Sequential(nn.Linear(4, 5, rng=0), nn.ReLU(), nn.Linear(5, 3, rng=1))
        optimiser = nn.SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            optimiser.zero_grad()
            nn.CrossEntropyLoss()(model(x), labels).backward()
            optimiser.step()
        return [p.data for p in model.parameters()]

    labels = np.arange(6) % 3
    for ours, expected in zip(trained(chunked(X), chunked(labels)), trained(X, labels)):
        assert type(ours) is np.ndarray
        np.testing.assert_allclose(ours, expected, rtol=1e-10)


# --- without one


@pytest.fixture
def nothing_computed():
    """Anything that is computed here is an error."""

    def refuse(*args, **kwargs):
        raise AssertionError("computed")

    with dask.config.set(scheduler=refuse):
        yield


def test_training_records_and_sweeps_without_computing(nothing_computed):
    for p in network(CHUNKED, steps=2) + logistic(CHUNKED, X, (X[:, 0] > 0).astype(float), steps=2):
        assert type(p) is da.Array


def test_parameters_of_numpy_and_data_of_dask():
    """The gradient is an ndarray as the parameter is: a backward pass computes it."""
    ours, plain = Tensor(X[0]), Tensor(X[0])
    np.tanh(chunked(X) @ ours).sum().backward()
    np.tanh(X @ plain).sum().backward()
    assert type(ours.grad) is np.ndarray
    np.testing.assert_allclose(ours.grad, plain.grad, rtol=1e-12)


def test_functions_take_and_return_dask_arrays(nothing_computed):
    f = lambda x: (np.tanh(x) * x).sum()
    t = Tensor(chunked(X))
    for g in (grad(f)(chunked(X)), gradients(f(t), t), grad(lambda x: grad(f)(x).sum())(chunked(X))):
        assert type(g) is da.Array
        assert g.shape == X.shape


def test_grad_is_a_dask_array_and_accumulates():
    t = Tensor(chunked(X))
    for n in (1, 2):
        (t**2).sum().backward()
        assert type(t.grad) is da.Array
        np.testing.assert_allclose(t.grad.compute(), 2 * n * X)
    t.grad = None
    (t**3).sum().backward(create_graph=True)
    first, t.grad = t.grad, None
    first.sum().backward()
    np.testing.assert_allclose(t.grad.compute(), 6 * X)
    y = t * 2
    y.backward(X, retain_grads=True)  # an upstream gradient of NumPy mixes with Dask
    assert type(y.grad) is da.Array


def test_no_grad_and_data(nothing_computed):
    t = Tensor(chunked(X), name="t")
    with no_grad():
        y = t * 2
    assert y.op is None
    assert type(y.data) is da.Array
    assert Tensor(chunked(np.arange(4))).dtype == np.float64
    assert copy.deepcopy(t).shape == t.shape


def test_printing_computes_nothing(nothing_computed):
    t = Tensor(chunked(X), name="weights")
    assert repr(t).startswith("Tensor(dask.array<")
    assert "shape=(6, 4)" in repr(t)
    assert repr(t * 2).endswith("op=multiply)")


def test_numbers_when_they_are_asked_for():
    t = Tensor(chunked(X))
    for array in (t.numpy(), np.asarray(t.detach())):
        assert type(array) is np.ndarray
        np.testing.assert_array_equal(array, X)
    assert t.sum().item() == pytest.approx(X.sum())


def test_writing_to_an_array_in_use_changes_no_gradient():
    t, constant = Tensor(chunked(X)), chunked(X)
    y = (t * t * constant).sum()
    t.data[0] = 100.0
    constant[0] = 100.0
    np.testing.assert_allclose(gradients(y, t).compute(), 2 * X * X)
    np.testing.assert_array_equal(t.numpy()[0], 100.0)


def test_errors_are_those_of_other_arrays(nothing_computed):
    t = Tensor(chunked(X))
    with pytest.raises(ag.ShapeError, match=r"add of shapes \(6, 4\) and \(3,\)"):
        t + da.zeros(3)
    with pytest.raises(ag.GradientError, match="needs a scalar"):
        t.backward()
    with pytest.raises(ag.ShapeError, match="upstream gradient of shape"):
        t.exp().backward(da.zeros(3))
    with pytest.raises(ag.DtypeError, match="complex"):
        t * (chunked(X) * 1j)
    with pytest.raises(ag.UnknownOpError, match="no derivative"):
        np.histogram(t)
