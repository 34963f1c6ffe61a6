"""Programs as in the examples of HIPS autograd: likelihoods, variational inference, Gaussian processes, optimisers."""

from __future__ import annotations

import math

import pytest

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import (
    checkpoint,
    custom,
    grad,
    hessian,
    hessian_vector_product,
    logsumexp,
    make_ggnvp,
    make_hvp,
    make_jvp,
    value_and_grad,
)
from autograd.misc import flatten, flatten_func

optimize = pytest.importorskip("scipy.optimize")


def log_normal(x, mean, log_std):
    return -0.5 * ((x - mean) / np.exp(log_std)) ** 2 - log_std - 0.5 * math.log(2 * math.pi)


def log_multivariate_normal(x, mean, root):
    """The density for precision root root^T, root lower triangular; x has a row for each point."""
    z = np.dot(x - mean, root)
    return -0.5 * np.sum(z**2, axis=1) + np.linalg.slogdet(root)[1] - 0.5 * x.shape[1] * math.log(2 * math.pi)


# --- a mixture of Gaussians by maximum likelihood


def test_a_mixture_of_gaussians_by_scipys_optimisers():
    rs = npr.RandomState(0)
    centres = np.array([[0.0, 0.0], [4.0, 4.0], [-4.0, 4.0]])
    data = np.concatenate([c + rs.randn(60, 2) @ np.array([[0.8, 0.3], [0.0, 0.5]]) for c in centres])

    def log_likelihood(params, data):
        parts = [
            log_multivariate_normal(data, mean, np.tril(root)) + proportion
            for proportion, mean, root in zip(params["log proportions"], params["means"], params["roots"])
        ]
        return np.mean(logsumexp(np.stack(parts), axis=0)) - logsumexp(params["log proportions"])

    init = {
        "log proportions": np.zeros(3),
        "means": centres + rs.randn(3, 2),
        "roots": np.array([np.eye(2)] * 3),
    }
    flat_init, unflatten = flatten(init)

    def objective(vector):
        return -log_likelihood(unflatten(vector), data)

    start = objective(flat_init)
    found = optimize.minimize(value_and_grad(objective), flat_init, jac=True, method="BFGS")
    newton = optimize.minimize(
        value_and_grad(objective),
        flat_init,
        jac=True,
        hessp=hessian_vector_product(objective),
        method="trust-ncg",
    )
    assert found.fun < start - 0.3
    assert newton.fun == pytest.approx(found.fun, abs=1e-6)
    best = unflatten(found.x)
    np.testing.assert_allclose(
        best["means"], [np.mean(data[60 * k : 60 * k + 60], axis=0) for k in range(3)], atol=0.05
    )
    shares = np.exp(best["log proportions"] - logsumexp(best["log proportions"]))
    np.testing.assert_allclose(shares, 1 / 3, atol=0.01)
    for k in range(3):
        root = np.tril(best["roots"][k])
        np.testing.assert_allclose(
            np.linalg.inv(root @ root.T), np.cov(data[60 * k : 60 * k + 60].T, bias=True), atol=0.05
        )
    gradient, back, vector = flatten_func(grad(lambda p: -log_likelihood(p, data)), init)
    np.testing.assert_allclose(gradient(vector), grad(objective)(flat_init), rtol=1e-12)
    assert back(vector).keys() == init.keys()


# --- black-box variational inference


def adam(gradient, x, num_iters, step_size=0.05):
    m, v = np.zeros(len(x)), np.zeros(len(x))
    for i in range(num_iters):
        g = gradient(x, i)
        m, v = 0.1 * g + 0.9 * m, 0.001 * g**2 + 0.999 * v
        x = x - step_size * (m / (1 - 0.9 ** (i + 1))) / (np.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8)
    return x


def variational_objective(logprob, D, num_samples, seed):
    """Minus the evidence lower bound of a diagonal Gaussian, by samples mean + std * noise (Kingma, Welling, 2014)."""
    rs = npr.RandomState(seed)

    def objective(params, i):
        mean, log_std = params[:D], params[D:]
        samples = rs.randn(num_samples, D) * np.exp(log_std) + mean
        entropy = 0.5 * D * (1.0 + math.log(2 * math.pi)) + np.sum(log_std)
        return -(entropy + np.mean(logprob(samples)))

    return objective


def test_variational_inference_finds_a_gaussian_posterior():
    """Linear regression with known noise: the posterior is Gaussian. The best diagonal one has its mean and the
    inverse of its precision's diagonal (Bishop, PRML, 10.1.2)."""
    rs = npr.RandomState(0)
    X = rs.randn(30, 2) @ np.array([[1.0, 0.4], [0.0, 1.0]])
    y = X @ np.array([1.0, -2.0]) + 0.5 * rs.randn(30)

    def logprob(weights):
        prior = np.sum(log_normal(weights, 0.0, 0.0), axis=1)
        return prior + np.sum(log_normal(y, np.dot(weights, X.T), math.log(0.5)), axis=1)

    precision = np.eye(2) + X.T @ X / 0.25
    mean = np.linalg.solve(precision, X.T @ y / 0.25)
    objective = variational_objective(logprob, 2, 200, seed=1)
    found = adam(grad(objective), np.concatenate([np.zeros(2), -np.ones(2)]), num_iters=300)
    np.testing.assert_allclose(found[:2], mean, atol=0.02)
    np.testing.assert_allclose(np.exp(found[2:]), 1 / np.sqrt(np.diag(precision)), rtol=0.05)


def test_natural_gradient_steps_converge_where_plain_ones_do_not():
    """The Fisher matrix of a diagonal Gaussian is diag(exp(-2 log_std)) for the mean, and 2 for log_std."""
    mean, log_std = np.array([1.0, -1.0]), np.log(np.array([0.2, 5.0]))

    def logprob(x):
        return np.sum(log_normal(x, mean, log_std), axis=1)

    def distance(params):
        return np.sum(((params[:2] - mean) / np.exp(log_std)) ** 2) + np.sum((params[2:] - log_std) ** 2)

    def run(direction, step_size):
        gradient = grad(variational_objective(logprob, 2, 200, seed=0))
        params = np.array([0.0, 0.0, -2.0, -2.0])
        for i in range(150):
            params = params - step_size * direction(params, gradient(params, i))
        return params

    def natural(params, g):
        return np.concatenate([np.exp(2 * params[2:]) * g[:2], 0.5 * g[2:]])

    assert distance(run(natural, 0.2)) < 0.05
    # The narrow direction allows no larger step, and with this one the wide direction hardly moves.
    assert distance(run(lambda params, g: g, 0.02)) > 0.5


# --- a Gaussian process


def test_hyperparameters_of_a_gaussian_process():
    rs = npr.RandomState(0)
    x = np.sort(rs.uniform(-3, 3, 25))
    y = np.sin(2 * x) + 0.1 * rs.randn(25)

    def covariance(params, a, b):
        return np.exp(params[0]) * np.exp(-0.5 * ((a[:, None] - b[None, :]) / np.exp(params[1])) ** 2)

    def objective(params):
        K = covariance(params, x, x) + np.exp(params[2]) * np.eye(len(x))
        L = np.linalg.cholesky(K)
        z = np.linalg.solve(L, y)
        return 0.5 * np.sum(z**2) + np.sum(np.log(np.diag(L))) + 0.5 * len(x) * math.log(2 * math.pi)

    def objective_by_inverse(params):
        K = covariance(params, x, x) + np.exp(params[2]) * np.eye(len(x))
        return 0.5 * y @ np.linalg.inv(K) @ y + 0.5 * np.linalg.slogdet(2 * math.pi * K)[1]

    start = np.array([0.0, 0.0, -2.0])
    np.testing.assert_allclose(grad(objective)(start), grad(objective_by_inverse)(start), rtol=1e-9)
    found = optimize.minimize(value_and_grad(objective), start, jac=True, method="BFGS")
    assert found.success
    assert math.exp(found.x[1]) == pytest.approx(0.8, abs=0.25)  # sin(2 x) changes on this length
    assert math.exp(found.x[2] / 2) == pytest.approx(0.1, abs=0.05)
    K = covariance(found.x, x, x) + np.exp(found.x[2]) * np.eye(len(x))
    new = np.linspace(-2.5, 2.5, 40)
    predicted = covariance(found.x, new, x) @ np.linalg.solve(K, y)
    assert np.max(np.abs(predicted - np.sin(2 * new))) < 0.25


# --- optimisers and their derivatives


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_rosenbrocks_valley_by_three_optimisers():
    start = np.array([-1.2, 1.0, -0.5, 0.8])
    both = value_and_grad(rosenbrock)
    for method, more in (
        ("CG", {}),
        ("Newton-CG", {"hessp": hessian_vector_product(rosenbrock)}),
        ("trust-exact", {"hess": hessian(rosenbrock)}),
    ):
        found = optimize.minimize(both, start, jac=True, method=method, tol=1e-9, **more)
        assert found.fun < 1e-10 or np.max(np.abs(grad(rosenbrock)(found.x))) < 1e-6, method
    x, v = start, np.array([1.0, 2.0, -1.0, 0.5])
    exact = optimize.rosen_hess_prod(x, v)
    np.testing.assert_allclose(hessian_vector_product(rosenbrock)(x, v), exact, rtol=1e-12)
    np.testing.assert_allclose(make_hvp(rosenbrock)(x)[0](v), exact, rtol=1e-12)
    np.testing.assert_allclose(make_jvp(grad(rosenbrock))(x)(v)[1], exact, rtol=1e-12)
    np.testing.assert_allclose(hessian(rosenbrock)(x), optimize.rosen_hess(x), rtol=1e-12)


def test_gauss_newton_steps_fit_a_curve():
    t = np.linspace(0, 2, 40)
    truth = np.array([2.0, 1.5, 0.3])

    def model(p):
        return p[0] * np.exp(-p[1] * t) + p[2]

    def residual(p):
        return model(p) - model(truth)

    p = np.array([1.0, 1.0, 0.0])
    for _ in range(10):
        ggnvp = make_ggnvp(residual)(p)
        G = np.stack([ggnvp(e) for e in np.eye(3)])
        gradient = grad(lambda p: 0.5 * np.sum(residual(p) ** 2))(p)
        p = p - np.linalg.solve(G, gradient)
    np.testing.assert_allclose(p, truth, rtol=1e-8)


def test_a_gradient_through_a_simulation_and_the_same_with_checkpoints():
    """Where must a ball be thrown to, so that with drag it lands at 10? Each second of flight is recomputed."""

    def fly(state):
        for _ in range(50):
            position, velocity = state[:2], state[2:]
            drag = -0.1 * velocity * np.sqrt(np.sum(velocity**2))
            state = np.concatenate(
                [position + 0.02 * velocity, velocity + 0.02 * (drag + np.array([0.0, -9.81]))]
            )
        return state

    def miss(velocity, step):
        state = np.concatenate([np.zeros(2), velocity])
        for _ in range(2):
            state = step(state)
        return np.sum((state[:2] - np.array([10.0, 0.0])) ** 2)

    start = np.array([8.0, 12.0])
    np.testing.assert_allclose(grad(miss)(start, checkpoint(fly)), grad(miss)(start, fly), rtol=1e-12)
    found = optimize.minimize(value_and_grad(miss), start, args=(checkpoint(fly),), jac=True)
    assert found.fun < 1e-8


# --- a derivative of one's own


@custom(vjps=[lambda g, y, x: g * np.exp(x - y)], samples=[([(4,)], {})], name="log_of_summed_exponentials")
def log_of_summed_exponentials(x):
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


def test_a_gradient_defined_by_hand():
    def example(y):
        return log_of_summed_exponentials(y**2)

    y = np.array([0.5, -1.0, 30.0])
    by_library = lambda y: logsumexp(y**2)
    np.testing.assert_allclose(grad(example)(y), grad(by_library)(y), rtol=1e-12)
    np.testing.assert_allclose(hessian(example)(y / 10), hessian(by_library)(y / 10), rtol=1e-12, atol=1e-14)
