"""Tensors over CuPy arrays, on a GPU. tests/duck.py imitates CuPy where there is none, and says what it assumes.

What these tests assume of CuPy beyond what NumPy's documentation says:

- np.add.at reaches cupy.add.at, for float32 and float64 (since CuPy 13; before, a bincount does it).
- Of elements that are assigned to twice, CuPy says not which assignment stays: no sample here does so.
- An index out of bounds wraps around and is no error, so none is tested; wrong labels make the loss nan.
- Sums in another order differ in the last digits: 1e-10 in float64, 2e-4 in float32.
"""

from __future__ import annotations

import numpy as np
import pytest
from libraries import INDICES, Library, Sample, logistic, network
from samples import ALL, OPS, cases

import autograd as ag
from autograd import Tensor, grad, gradients, no_grad

cp = pytest.importorskip(
    "cupy", reason="CuPy is not installed: pip install cupy-cuda12x (or 13x) on a machine with a GPU"
)


def _reason_not_to_run() -> str | None:
    try:
        if not cp.cuda.runtime.getDeviceCount():
            return "CuPy is installed, and there is no GPU"
        float(cp.arange(3.0).sum())  # compiles a kernel
    except (
        Exception
    ) as error:  # no driver, or one too old; no compiler, no headers: CuPy has no common base for these
        return f"CuPy is installed, and cannot use a GPU here: {error}"
    return None


if (_reason := _reason_not_to_run()) is not None:
    pytest.skip(_reason, allow_module_level=True)

CUPY = Library(cp.ndarray, cp.asarray, lambda arrays: [cp.asnumpy(x) for x in arrays])
X = np.random.default_rng(0).normal(size=(4, 3))
# The signs of singular vectors and eigenvectors are arbitrary, and cuSOLVER's are its own.
SIGNS = {"svd_u", "svd_vh", "eigh_vectors", "qr_q", "qr_r"}


@pytest.mark.parametrize(("name", "i"), [(name, i) for name, i in ALL if name not in SIGNS])
def test_an_op_is_that_of_numpy(name, i):
    """Value, first and second derivative; labels and indices are on the device too."""
    sample = Sample(CUPY, name, i, indices=True)
    sample.first_order()
    sample.second_order()


@pytest.mark.parametrize(("name", "i"), [(name, i) for name, i in ALL if name not in SIGNS])
def test_float32_stays(name, i):
    Sample(CUPY, name, i, np.float32).first_order()


@pytest.mark.parametrize(("name", "i"), [(n, i) for n, i in ALL if INDICES & cases(OPS[n])[i][1].keys()])
def test_indices_may_be_numpys(name, i):
    Sample(CUPY, name, i).second_order()


@pytest.mark.parametrize(
    "product",
    [
        lambda t: sum((x**2 * X[0, 0]).sum() for x in np.linalg.svd(t, full_matrices=False)),
        lambda t: sum((x**2 * X[0, 0]).sum() for x in np.linalg.qr(t)),
        lambda t: sum((x**2 * X[0, 0]).sum() for x in np.linalg.eigh(t.T @ t)),
    ],
)
def test_decompositions_but_for_signs(product):
    ours, plain = Tensor(cp.asarray(X)), Tensor(X)
    for t in (ours, plain):
        product(t).backward()
    np.testing.assert_allclose(cp.asnumpy(ours.grad), plain.grad, rtol=1e-8, atol=1e-10)


def test_training_on_the_device_is_that_of_numpy():
    y = (X @ [1.0, -1.0, 2.0] > 0).astype(float)
    for ours, expected in (
        *zip(logistic(CUPY, X, y, steps=20), logistic(None, X, y, steps=20)),
        *zip(network(CUPY, steps=50), network(None, steps=50)),
    ):
        assert type(ours) is cp.ndarray
        np.testing.assert_allclose(cp.asnumpy(ours), expected, rtol=1e-10, atol=1e-12)
    assert all(p.dtype == np.float32 for p in network(CUPY, dtype=np.float32))


def test_gradients_stay_on_the_device():
    t = Tensor(cp.asarray(X))
    y = t * 2
    (y**3).sum().backward(retain_grads=True)
    for array in (
        t.grad,
        y.grad,
        t.data,
        y.data,
        gradients(y.sum(), t),
        grad(lambda x: (x**2).sum())(t.data),
    ):
        assert type(array) is cp.ndarray
        assert array.device == cp.cuda.Device()
    t.grad = None
    (t**3).sum().backward(create_graph=True)
    first, t.grad = t.grad, None
    first.sum().backward()
    np.testing.assert_allclose(cp.asnumpy(t.grad), 6 * X, rtol=1e-12)
    with no_grad():
        assert (t * 2).op is None


def test_an_array_on_the_left_of_a_tensor():
    t = Tensor(cp.asarray(X))
    for y in (t.data * t, t.data.T @ t, t.data + t, np.add(t.data, t), cp.float64(2) * t):
        assert y.op is not None


def test_two_libraries_do_not_mix():
    t = Tensor(cp.asarray(X))
    for program in (
        lambda: t * X,
        lambda: X * t,
        lambda: t + Tensor(X),
        lambda: ag.concatenate([t, X]),
        lambda: t.exp().backward(X),
        lambda: setattr(t, "grad", X),
    ):
        with pytest.raises(
            TypeError, match=r"two libraries, cupy\.ndarray and numpy\.ndarray.*cupy\.asarray\(x\)"
        ):
            program()


def test_writing_to_an_array_in_use_changes_no_gradient():
    t, constant = Tensor(cp.asarray(X)), cp.asarray(X)
    y = (t * t * constant).sum()
    t.data += 1
    constant += 1
    np.testing.assert_allclose(cp.asnumpy(gradients(y, t)), 2 * X * X, rtol=1e-12)


def test_out_of_the_device():
    t = Tensor(cp.asarray(X))
    for leave in (t.numpy, lambda: np.asarray(t.detach())):
        with pytest.raises(TypeError, match=r"get\(\).*\.data is the array"):
            leave()
    assert t.sum().item() == pytest.approx(X.sum())
    assert repr(Tensor(cp.asarray([1.5]))) == "Tensor([1.5])"


def test_a_wrong_label_is_not_overlooked():
    for labels in ([0, 1, 2, 3], [0, 1, 2, -1]):
        loss = ag.softmax_cross_entropy(Tensor(cp.asarray(X)), cp.asarray(labels))
        assert np.isnan(loss.item())
