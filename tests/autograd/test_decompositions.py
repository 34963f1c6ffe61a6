"""Cholesky, QR, eigenvalues and singular values: put together again, of any shape, and where there is no derivative."""

from __future__ import annotations

import numpy as np
import pytest
from matrices import NUMPY_2, STACKS, normal, positive, regular, same, symmetric, with_singular_values

import autograd
from autograd import MatrixError, Tensor, check_grads, gradients


@pytest.mark.parametrize("shape", STACKS)
def test_what_was_decomposed_can_be_put_together_again(shape):
    a, p, s = regular(*shape), positive(*shape), symmetric(*shape)
    swap = lambda x: np.swapaxes(x, -1, -2)

    def by_cholesky(x):
        low = np.linalg.cholesky(x)
        return low @ swap(low)

    def by_eigh(x):
        w, v = np.linalg.eigh(x)
        return (v * np.expand_dims(w, -2)) @ swap(v)

    def by_svd(x):
        u, s, vh = np.linalg.svd(x)
        return (u * np.expand_dims(s, -2)) @ vh

    def by_qr(x):
        q, r = np.linalg.qr(x)
        return q @ r

    weights = normal(*shape, seed=3)
    for function, x in ((by_cholesky, p), (by_eigh, s), (by_svd, a), (by_qr, a)):
        t = Tensor(x)
        y = function(t)
        np.testing.assert_allclose(y.data, x, atol=1e-12)
        expected = weights if function in (by_svd, by_qr) else (weights + swap(weights)) / 2
        np.testing.assert_allclose(gradients(y, t, upstream=weights), expected, atol=1e-10)


@pytest.mark.parametrize("shape", [(2, 4), (3, 3), (4, 2), (2, 2, 5)])
def test_qr_of_any_shape(shape):
    a = normal(*shape)
    expected = np.linalg.qr(a)
    q, r = np.linalg.qr(Tensor(a))
    same(q, expected.Q)
    same(r, expected.R)
    same(np.linalg.qr(Tensor(a), mode="r"), np.linalg.qr(a, mode="r"))
    check_grads(lambda x: autograd.qr(x).Q, a)
    check_grads(lambda x: autograd.qr(x).R, a)
    if shape[-2] <= shape[-1]:
        same(autograd.qr(Tensor(a), "complete").R, expected.R)
    else:
        with pytest.raises(ValueError, match="'reduced' or 'r'"):
            autograd.qr(Tensor(a), "complete")
    with pytest.raises(ValueError, match="'reduced' or 'r'"):
        autograd.qr(Tensor(a), "raw")


@pytest.mark.parametrize("shape", [(2, 4), (3, 3), (4, 2), (2, 2, 3)])
def test_svd_of_any_shape(shape):
    a = normal(*shape)
    expected = np.linalg.svd(a, full_matrices=False)
    for y, z in zip(np.linalg.svd(Tensor(a), full_matrices=False), expected):
        same(y, z)
    for i in range(3):
        check_grads(lambda x, i=i: autograd.svd(x, full_matrices=False)[i], a)
    if shape[-1] != shape[-2]:
        with pytest.raises(ValueError, match="full_matrices=False"):
            np.linalg.svd(Tensor(a))


@pytest.mark.parametrize("uplo", ["L", "U"])
def test_only_one_triangle_is_read(uplo):
    a = normal(3, 3)
    whole = np.tril(a) + np.tril(a, -1).T if uplo == "L" else np.triu(a) + np.triu(a, 1).T
    for junk in (a, whole):
        t = Tensor(junk)
        w, v = np.linalg.eigh(t, UPLO=uplo)
        np.testing.assert_allclose(w.data, np.linalg.eigvalsh(whole))
        slope = gradients((w * w).sum() + (v**4).sum(), t)
        np.testing.assert_allclose(slope, slope.T, atol=1e-12)
        reference = Tensor(whole)
        w, v = np.linalg.eigh(reference)
        np.testing.assert_allclose(slope, gradients((w * w).sum() + (v**4).sum(), reference), atol=1e-10)


@pytest.mark.skipif(not NUMPY_2, reason="a setting of NumPy 2")
def test_cholesky_upper():
    p = positive(2, 3, 3)
    same(np.linalg.cholesky(Tensor(p), upper=True), np.linalg.cholesky(p, upper=True))


def test_one_decomposition_serves_all_its_parts(monkeypatch):
    calls = []
    svd = np.linalg.svd
    monkeypatch.setattr(np.linalg, "svd", lambda *args, **kwargs: calls.append(1) or svd(*args, **kwargs))
    _, s, _ = autograd.svd(Tensor(regular(3, 3)))
    assert len(calls) == 1
    s.sum().backward()
    assert len(calls) == 2


@pytest.mark.parametrize(
    "a", [np.eye(3), np.diag([1.0, 2.0, 2.0]), np.zeros((2, 2)), with_singular_values(3.0, 3.0, 1.0)]
)
def test_equal_values_have_gradients_and_their_vectors_none(a):
    s = a @ a.T
    t = Tensor(s)
    np.linalg.eigvalsh(t).sum().backward()
    np.testing.assert_allclose(t.grad, np.eye(len(a)), atol=1e-12)  # the trace
    t = Tensor(a)
    np.linalg.svd(t, compute_uv=False).sum().backward()
    assert np.isfinite(t.grad).all()
    for vectors, name in (
        (np.linalg.eigh(Tensor(s))[1], "eigenvectors"),
        (np.linalg.svd(Tensor(a))[0], "singular vectors"),
        (np.linalg.svd(Tensor(a))[2], "singular vectors"),
    ):
        with pytest.raises(MatrixError, match=f"derivative of {name} at a matrix with equal"):
            (vectors**2).sum().backward()


def test_vectors_of_a_singular_value_zero_have_no_gradient():
    a = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    u, _, vh = np.linalg.svd(Tensor(a), full_matrices=False)
    with pytest.raises(MatrixError, match="without full rank"):
        (u**2).sum().backward()
    (vh**3).sum().backward()
    t = Tensor(a)
    with pytest.raises(MatrixError, match="dependent columns"):
        (np.linalg.qr(t)[0] ** 2).sum().backward()


def test_tiny_singular_values_may_be_close_to_each_other():
    a = with_singular_values(1.0, 2e-7, 1e-7)
    assert np.isfinite(gradients((np.linalg.svd(t := Tensor(a))[0] ** 3).sum(), t)).all()
