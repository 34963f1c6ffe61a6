"""Linear algebra: NumPy's numbers and signatures, gradients at singular matrices, and clear errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matrices import NUMPY_2, STACKS, normal, positive, regular, same, symmetric, with_singular_values

import autograd
from autograd import (
    DomainError,
    DtypeError,
    MatrixError,
    ShapeError,
    Tensor,
    UnknownOpError,
    check_grads,
    grad,
    gradients,
)


def adjugate(a):
    """By minors: the definition."""
    n = len(a)
    minors = [[np.delete(np.delete(a, j, 0), i, 1) for j in range(n)] for i in range(n)]
    return np.array(
        [[(-1) ** (i + j) * np.linalg.det(m) for j, m in enumerate(row)] for i, row in enumerate(minors)]
    )


# --- NumPy's functions record, with NumPy's results


@pytest.mark.parametrize("shape", STACKS)
def test_functions_of_one_matrix_are_numpys(shape):
    a, p, s = regular(*shape), positive(*shape), symmetric(*shape)
    same(np.linalg.inv(Tensor(a)), np.linalg.inv(a))
    same(np.linalg.pinv(Tensor(a)), np.linalg.pinv(a))
    same(np.linalg.det(Tensor(a)), np.linalg.det(a))
    same(np.linalg.cholesky(Tensor(p)), np.linalg.cholesky(p))
    same(np.linalg.eigvalsh(Tensor(s)), np.linalg.eigvalsh(s))
    same(np.linalg.svd(Tensor(a), compute_uv=False), np.linalg.svd(a, compute_uv=False))
    same(np.linalg.cond(Tensor(a)), np.linalg.cond(a))
    assert np.linalg.matrix_power(x := Tensor(a), 1) is x
    for n in (2, 3, 5, 8, -1, -2, -3, np.int64(2)):
        same(np.linalg.matrix_power(Tensor(a), n), np.linalg.matrix_power(a, n))
    for theirs, x in ((np.linalg.slogdet, a), (np.linalg.qr, a), (np.linalg.eigh, s), (np.linalg.svd, a)):
        expected, ours = theirs(x), theirs(Tensor(x))
        assert type(ours) is type(expected)
        assert ours._fields == expected._fields
        for y, z in zip(ours, expected):
            assert np.shape(y) == np.shape(z)
            np.testing.assert_allclose(np.asarray(y), z, rtol=1e-10, atol=1e-12)
        assert ours[-1].op is not None


def test_plain_arrays_stay_plain():
    a, s, b = regular(3, 3), symmetric(3, 3), normal(3)
    for name, args in {
        **dict.fromkeys(
            ("inv", "pinv", "det", "cond", "matrix_rank", "norm", "slogdet", "qr", "svd", "eig", "eigvals"),
            (a,),
        ),
        **dict.fromkeys(("eigh", "eigvalsh"), (s,)),
        **dict.fromkeys(("solve", "lstsq"), (a, b)),
        "matrix_power": (a, -2),
        "cholesky": (a @ a.T,),
        "multi_dot": ([a, s, b],),
    }.items():
        ours, theirs = (
            getattr(autograd, name)(*args),
            getattr(np.linalg, name)(*(args if name != "lstsq" else (*args, None))),
        )
        for y, z in zip(ours, theirs) if isinstance(theirs, tuple) else ((ours, theirs),):
            assert isinstance(y, (np.ndarray, np.generic, float, int))
            np.testing.assert_allclose(y, z, rtol=1e-12)


def test_methods():
    t = Tensor(positive(3, 3))
    a = t.numpy()
    same(t.inverse(), np.linalg.inv(a))
    same(t.pinverse(), np.linalg.inv(a))
    same(t.det(), np.linalg.det(a))
    same(t.logdet(), math.log(np.linalg.det(a)))
    same(t.slogdet()[1], math.log(np.linalg.det(a)))
    same(t.norm(), np.linalg.norm(a))
    same(t.norm(1, axis=0, keepdims=True), np.linalg.norm(a, 1, axis=0, keepdims=True))
    same(t.matrix_power(3), a @ a @ a)
    same(t.cholesky(), np.linalg.cholesky(a))
    same(t.qr().R, np.linalg.qr(a).R)
    same((t * 0).matrix_exp(), np.eye(3))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_stays(dtype):
    a = positive(3, 3).astype(dtype)
    for name in ("inv", "pinv", "det", "logdet", "cholesky", "eigvalsh", "svdvals", "norm", "cond", "expm"):
        t = Tensor(a)
        y = getattr(autograd, name)(t)
        assert y.dtype == dtype, name
        y.sum().backward()
        assert t.grad.dtype == dtype, name
    t = Tensor(a)
    parts = [*autograd.eigh(t), *autograd.svd(t), *autograd.qr(t), autograd.matrix_power(t, 0)]
    parts += [autograd.norm(t, ord) for ord in (1, 2, "nuc", np.inf)] + [
        autograd.norm(t[0], ord) for ord in (0.5, 1, 3)
    ]
    assert all(y.dtype == dtype for y in parts)
    assert np.asarray(autograd.norm(t[0], 0)).dtype == dtype


# --- det and slogdet


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("zeros", [0, 1, 2, 3])
def test_the_gradient_of_det_is_the_adjugate_whatever_the_rank(n, zeros):
    a = with_singular_values(*[0.0 if i < zeros else 1.5 + i for i in range(n)])
    t = Tensor(a)
    autograd.det(t).backward()
    np.testing.assert_allclose(t.grad, adjugate(a).T if n > 1 else [[1.0]], atol=1e-12)


@pytest.mark.parametrize(
    "a",
    [
        np.zeros((2, 2)),
        np.zeros((3, 3)),
        np.eye(3),
        np.ones((3, 3)),
        np.diag([1.0, 1.0, 0.0]),
        np.diag([1.0, -1.0, 0.0, 2.0]),
        np.diag([0.0, 0.0, 3.0, 2.0]),
        with_singular_values(2.0, 1.0, 0.0),
        with_singular_values(2.0, 2.0, 2.0, 0.0, 0.0),
        np.stack([np.eye(2), np.ones((2, 2)), np.zeros((2, 2)), [[0.0, 1.0], [1.0, 0.0]]]),
    ],
)
def test_two_derivatives_of_det_at_any_matrix(a):
    check_grads(autograd.det, a, order=2, atol=1e-6)


@given(st.integers(2, 5), st.integers(0, 99))
def test_cofactors_are_minors(n, seed):
    a = normal(n, n, seed=seed)
    np.testing.assert_allclose(autograd.registry["cofactor"](a), adjugate(a).T, rtol=1e-9, atol=1e-11)


def test_three_derivatives_of_det_at_a_regular_matrix():
    d = normal(3, 3, seed=1)

    def along(f):
        return lambda x: np.sum(grad(f)(x) * d)

    third = grad(along(along(autograd.det)))(regular(3, 3))
    np.testing.assert_allclose(
        third, 2 * adjugate(d).T, rtol=1e-10, atol=1e-10
    )  # det is cubic: the same at every a
    with pytest.raises(MatrixError, match="singular"):
        grad(along(along(autograd.det)))(np.zeros((3, 3)))


def test_determinants_of_hundreds_of_rows_do_not_overflow_on_the_way():
    a = np.diag(np.geomspace(1e3, 1e-3, 400))
    t = Tensor(a)
    autograd.det(t).backward()
    np.testing.assert_allclose(np.diag(t.grad), 1 / np.diag(a), rtol=1e-9)
    assert np.isfinite(gradients((gradients(autograd.det(t), t, create_graph=True) ** 1).sum(), t)).all()
    big = Tensor(10.0 * np.eye(400))
    sign, log = np.linalg.slogdet(big)
    log.backward()
    assert (sign, log.item()) == (1.0, pytest.approx(400 * math.log(10)))
    np.testing.assert_allclose(big.grad, np.eye(400) / 10)


def test_slogdet():
    a = np.stack([regular(3, 3), -regular(3, 3, seed=1)])
    check_grads(lambda x: np.linalg.slogdet(x)[1], a)
    sign, log = np.linalg.slogdet(Tensor(a))
    assert isinstance(sign, np.ndarray)
    np.testing.assert_array_equal(sign, [1.0, -1.0])
    same(sign * np.exp(log), np.linalg.det(a))


def test_slogdet_of_a_singular_matrix():
    t = Tensor(np.ones((2, 2)))
    with np.errstate(all="raise"):
        sign, log = np.linalg.slogdet(t)
    assert (float(sign), log.item()) == (0.0, -math.inf)
    with pytest.raises(MatrixError, match="singular matrix does not exist"):
        log.backward()


def test_logdet_is_nan_where_the_determinant_is_negative():
    y = autograd.logdet(Tensor(np.stack([np.eye(2), np.diag([1.0, -1.0]), np.zeros((2, 2))])))
    np.testing.assert_array_equal(y.data, [0.0, np.nan, -np.inf])


# --- inverse, solve, pinv, lstsq


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((3, 3), (3,)),
        ((3, 3), (3, 1)),
        ((2, 3, 3), (3,)),
        ((2, 3, 3), (3, 2)),
        ((2, 2), (3, 2, 2)),
        ((2, 2, 2), (2, 2)),
    ],
)
def test_solve_takes_vectors_and_stacks_of_columns(left, right):
    a, b = regular(*left), normal(*right, seed=1)
    expected = (np.linalg.inv(a) @ (b[:, None] if b.ndim == 1 else b)).reshape(
        (*left[:-1],) if b.ndim == 1 else -1
    )
    for x, z in ((Tensor(a), Tensor(b)), (Tensor(a), b), (a, Tensor(b))):
        y = np.linalg.solve(x, z)
        assert y.op.name == "solve"
        np.testing.assert_allclose(y.data.reshape(expected.shape), expected, rtol=1e-10, atol=1e-12)
    check_grads(autograd.solve, a, b)


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (3, 3), (2, 4, 3), (2, 1, 2, 3), (1, 4), (4, 1)])
def test_pinv_of_any_shape(shape):
    a = normal(*shape)
    same(np.linalg.pinv(Tensor(a)), np.linalg.pinv(a))
    same(np.linalg.pinv(Tensor(a), 1e-10), np.linalg.pinv(a))
    check_grads(autograd.pinv, a)


@pytest.mark.parametrize(
    "a", [np.ones((3, 2)), np.ones((2, 3)), np.zeros((2, 2)), np.stack([np.eye(2), np.ones((2, 2))])]
)
def test_the_gradient_of_pinv_without_full_rank_is_refused(a):
    t = Tensor(a)
    y = np.linalg.pinv(t)
    np.testing.assert_allclose(y.data, np.linalg.pinv(a), atol=1e-12)
    with pytest.raises(MatrixError, match="without full rank"):
        y.sum().backward()
    assert t.grad is None


@pytest.mark.parametrize(("m", "n", "k"), [(5, 3, None), (5, 3, 2), (3, 3, 2), (2, 4, None), (4, 1, 3)])
def test_lstsq(m, n, k):
    a, b = normal(m, n), normal(*((m,) if k is None else (m, k)), seed=1)
    expected = np.linalg.lstsq(a, b, rcond=None)
    for x, z in ((Tensor(a), Tensor(b)), (Tensor(a), b), (a, Tensor(b))):
        ours = np.linalg.lstsq(x, z, rcond=None)
        assert len(ours) == 4
        same(ours[0], expected[0])
        for y, e in zip(ours[1:], expected[1:]):
            assert not isinstance(y, Tensor)
            np.testing.assert_allclose(y, e)
    check_grads(lambda x, z: autograd.lstsq(x, z)[0], a, b)


def test_lstsq_without_full_rank_has_the_gradient_of_b_only():
    a, b = np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 0.0]]), normal(3)
    x, _, rank, _ = autograd.lstsq(a, Tensor(b))
    assert rank == 1
    np.testing.assert_allclose(x.data, np.linalg.lstsq(a, b, rcond=None)[0], atol=1e-12)
    check_grads(lambda z: autograd.lstsq(a, z)[0], b)
    with pytest.raises(MatrixError, match="without full rank"):
        autograd.lstsq(Tensor(a), b)[0].sum().backward()


@pytest.mark.parametrize("wrong", [((3, 2), (2,)), ((2, 3, 2), (3,)), ((3, 2), ()), ((3,), (3,))])
def test_lstsq_says_what_does_not_fit(wrong):
    with pytest.raises(ShapeError, match="lstsq of shapes"):
        autograd.lstsq(Tensor(np.ones(wrong[0])), np.ones(wrong[1]))


# --- powers, the exponential, products of many


@pytest.mark.parametrize("n", [0, 1, 2, 3, 6, -1, -3])
def test_matrix_power(n):
    for shape in ((2, 2), (2, 3, 3)):
        check_grads(lambda x: autograd.matrix_power(x, n), regular(*shape))


def test_the_power_zero_is_a_constant_that_belongs_to_the_graph():
    t = Tensor([[np.inf, 1.0], [2.0, 3.0]])
    y = np.linalg.matrix_power(t, 0)
    np.testing.assert_array_equal(y.data, np.eye(2))
    y.sum().backward()
    np.testing.assert_array_equal(t.grad, np.zeros((2, 2)))


@pytest.mark.parametrize("scale", [0.0, 1e-9, 0.1, 1.0, 5.0, 30.0])
def test_expm_at_every_size(scale):
    a = scale * normal(3, 3)
    w, v = np.linalg.eig(a)
    expected = (v * np.exp(w)) @ np.linalg.inv(v) if scale else np.eye(3)
    np.testing.assert_allclose(autograd.expm(a), expected.real, rtol=1e-10, atol=1e-10 * abs(expected).max())


def test_expm_has_the_differential_equation():
    a, x = normal(2, 3, 3), normal(3, seed=1)
    check_grads(autograd.expm, a)
    y = grad(lambda t: np.sum(np.matmul(autograd.expm(a[0] * t), x)))(0.7)
    assert y == pytest.approx(np.sum(a[0] @ autograd.expm(0.7 * a[0]) @ x))


def test_the_gradient_of_expm_is_as_exact_for_large_upstream_gradients():
    a, g = normal(3, 3), normal(3, 3, seed=1)
    (plain,), (large,) = (
        gradients(autograd.expm(t), [t], upstream=g * s) for t, s in ((Tensor(a), 1.0), (Tensor(a), 1e12))
    )
    np.testing.assert_allclose(large / 1e12, plain, rtol=1e-11)


def test_expm_of_what_is_not_finite_is_nan():
    assert np.isnan(autograd.expm(np.array([[np.inf, 0.0], [0.0, 1.0]]))).all()
    assert np.isnan(autograd.expm(np.array([[np.nan]]))).all()


@pytest.mark.parametrize(
    "shapes",
    [
        ((2, 3), (3, 4)),
        ((3,), (3, 3)),
        ((2, 3), (3, 4), (4, 5), (5, 2)),
        ((3,), (3, 5), (5, 2), (2,)),
        ((3,), (3,)),
    ],
)
def test_multi_dot(shapes):
    arrays = [normal(*shape, seed=i) for i, shape in enumerate(shapes)]
    expected = np.linalg.multi_dot(arrays)
    same(np.linalg.multi_dot([Tensor(x) for x in arrays]), expected)
    same(np.linalg.multi_dot([*arrays[:-1], Tensor(arrays[-1])]), expected)
    check_grads(lambda *xs: autograd.multi_dot(xs), *arrays)


def test_multi_dot_takes_the_cheapest_order():
    a, b, c = Tensor(np.ones((50, 2))), Tensor(np.ones((2, 50))), Tensor(np.ones((50, 1)))
    assert autograd.multi_dot([a, b, c]).parents[0] is a  # a @ (b @ c)
    assert autograd.multi_dot([Tensor(np.ones((1, 50))), a, b]).parents[1] is b  # (x @ a) @ b
    for wrong in ([a], [a, Tensor(np.ones((2, 2, 50))), c]):
        with pytest.raises(ValueError, match="multi_dot of"):
            autograd.multi_dot(wrong)


@pytest.mark.parametrize("p", [None, 2, -2, "fro", "nuc", 1, -1, np.inf, -np.inf])
def test_cond(p):
    a = regular(2, 3, 3)
    same(np.linalg.cond(Tensor(a), p), np.linalg.cond(a, p))
    check_grads(lambda x: autograd.cond(x, p), a)


def test_matrix_rank_leaves_the_graph():
    assert np.linalg.matrix_rank(Tensor(np.ones((3, 3)))) == 1
    assert np.linalg.matrix_rank(Tensor(np.diag([1.0, 0.1])), tol=0.5) == 1
    if NUMPY_2:
        assert np.linalg.matrix_rank(Tensor(np.diag([1.0, 0.1])), rtol=0.5) == 1


# --- errors


@pytest.mark.parametrize("name", ["inv", "solve", "cholesky"])
@pytest.mark.parametrize("kind", [np.asarray, Tensor])
def test_matrices_that_are_refused(name, kind):
    bad = kind(np.stack([np.eye(2), np.zeros((2, 2))]))
    args = (bad, np.ones(2)) if name == "solve" else (bad,)
    for error in (MatrixError, DomainError, np.linalg.LinAlgError, ValueError):
        with pytest.raises(error, match="positive definite" if name == "cholesky" else "singular"):
            getattr(autograd, name)(*args)


@pytest.mark.parametrize(
    "name",
    ["inv", "det", "slogdet", "logdet", "cholesky", "eigh", "eigvalsh", "expm", "solve", "matrix_power"],
)
def test_square_matrices_only(name):
    function = getattr(autograd, name)
    more = {"solve": (np.ones(2),), "matrix_power": (2,)}.get(name, ())
    with pytest.raises(ShapeError, match=r"of shape \(2, 3\): the last two axes differ"):
        function(Tensor(np.ones((2, 3))), *more)
    with pytest.raises(ShapeError, match=r"it needs a matrix"):
        function(Tensor(np.ones(3)), *more)


@pytest.mark.parametrize("right", [(), (2,), (2, 3), (4, 3, 1, 2)])
def test_solve_says_what_does_not_fit(right):
    with pytest.raises(ShapeError, match="right-hand side"):
        np.linalg.solve(Tensor(regular(3, 3)), np.ones(right))


@pytest.mark.parametrize("name", ["eig", "eigvals"])
def test_complex_results_are_refused(name):
    with pytest.raises(DtypeError, match="eigh"):
        getattr(np.linalg, name)(Tensor(np.ones((2, 2))))


def test_half_precision_is_refused_with_a_remedy():
    with pytest.raises(DtypeError, match="astype"):
        np.linalg.inv(Tensor(np.eye(2), dtype=np.float16))


def test_settings_without_a_derivative_are_refused():
    with pytest.raises(UnknownOpError, match="hermitian"):
        np.linalg.pinv(Tensor(np.eye(2)), hermitian=True)
    with pytest.raises(TypeError, match="whole number"):
        np.linalg.matrix_power(Tensor(np.eye(2)), 1.5)
    with pytest.raises(ValueError, match="UPLO"):
        autograd.eigh(Tensor(np.eye(2)), "X")
