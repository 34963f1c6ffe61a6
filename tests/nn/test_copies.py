"""Copies of parameters, gradients and optimisers: each lives its own life, and goes on as the original would."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import nn


def by_pickle(x):
    return pickle.loads(pickle.dumps(x))


def train(model, optimiser, steps):
    rng = np.random.default_rng(3)
    for _ in range(steps):
        optimiser.zero_grad()
        x, y = rng.normal(size=(8, 3)), rng.integers(0, 2, 8)
        nn.CrossEntropyLoss()(model(x), y).backward()
        optimiser.step()


@pytest.mark.parametrize("duplicate", [copy.deepcopy, by_pickle])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_model_and_its_optimiser_are_copied_together(duplicate, momentum):
    model = nn.MLP([3, 5, 2], rng=0)
    optimiser = nn.SGD(model.parameters(), lr=0.1, momentum=momentum, weight_decay=0.01)
    train(model, optimiser, 3)
    start = model.state_dict()
    twin, other = duplicate((model, optimiser))
    assert repr(other) == repr(optimiser)
    assert {id(p) for p in other.parameters()} == {id(p) for p in twin.parameters()}
    train(twin, other, 4)
    for key, value in model.state_dict().items():
        np.testing.assert_array_equal(value, start[key])
        assert not np.array_equal(twin.state_dict()[key], value)
    train(model, optimiser, 4)
    for key, value in model.state_dict().items():
        np.testing.assert_array_equal(twin.state_dict()[key], value)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, by_pickle])
def test_gradients_that_wait_for_their_step_are_copied_too(duplicate):
    p = nn.Parameter([[1.0, 2.0], [3.0, 4.0]])
    optimiser = nn.SGD([p], lr=0.1, momentum=0.9)
    (p * p).sum().backward()
    q, other = duplicate((p, optimiser))
    np.testing.assert_array_equal(q.grad, p.grad)
    optimiser.step()
    np.testing.assert_array_equal(q.numpy(), [[1.0, 2.0], [3.0, 4.0]])
    other.step()
    np.testing.assert_array_equal(q.numpy(), p.numpy())


def assign(p):
    q = nn.Parameter(p.numpy())
    q.grad = p.grad
    return q


@pytest.mark.parametrize("duplicate", [assign, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("flat", [False, True])
def test_two_parameters_never_share_a_gradient(duplicate, flat):
    p = nn.Parameter([[1.0, 2.0]])
    optimiser = nn.SGD([p], lr=0.1) if flat else None
    (p * 3.0).sum().backward()
    q = duplicate(p)
    assert not np.shares_memory(q.grad, p.grad)
    (p * 3.0).sum().backward()
    p.grad *= 5.0
    np.testing.assert_array_equal(p.grad, [[30.0, 30.0]])
    np.testing.assert_array_equal(q.grad, [[3.0, 3.0]])
    if optimiser is not None:
        assert p.grad is p._home, "scaling in place leaves the gradient where the optimiser reads it"


def test_a_gradient_that_is_set_is_a_copy_of_the_right_shape():
    p, given = nn.Parameter([1.0, 2.0], dtype=np.float32), np.ones(2)
    p.grad = given
    given[:] = 7.0
    np.testing.assert_array_equal(p.grad, [1.0, 1.0])
    assert p.grad.dtype == np.float32
    p.grad = [3, 4]
    np.testing.assert_array_equal(p.grad, [3.0, 4.0])
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        p.grad = np.ones(3)
    p.grad = None
    assert p.grad is None


def test_a_shallow_copy_has_parts_of_its_own():
    """The parts that there are belong to both; those that come or go later do not."""
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh())
    twin = copy.copy(model)
    assert twin[0] is model[0]
    twin.append(nn.Linear(3, 1, rng=1))
    del model[1]
    assert [type(part).__name__ for part in twin] == ["Linear", "Tanh", "Linear"]
    assert [type(part).__name__ for part in model] == ["Linear"]
    assert model[0].weight.name == twin[0].weight.name == "0.weight"
