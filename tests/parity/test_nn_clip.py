"""Clipping of gradients and the maximum norm beside PyTorch's."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")

import nn  # noqa: E402

SHAPES = [(4, 3), (4,), (2, 4), (), (2, 3, 2)]


def pair(flat: bool, holes: bool = False) -> tuple[list[nn.Parameter], list[Any]]:
    """The same parameters and gradients here and there; ours perhaps in an optimiser's flat arrays."""
    rng = np.random.default_rng(0)
    ours = [nn.Parameter(rng.normal(size=s)) for s in SHAPES]
    peers = [torch.nn.Parameter(torch.tensor(p.numpy())) for p in ours]
    if flat:
        nn.SGD(ours, lr=0.1)
    for i, (p, q) in enumerate(zip(ours, peers)):
        g = 3 * rng.normal(size=p.shape)
        if holes and i in (1, 3):
            continue
        (p * g).sum().backward()
        q.grad = torch.tensor(g)
    return ours, peers


def same(ours: list[nn.Parameter], peers: list[Any]) -> None:
    for p, q in zip(ours, peers):
        assert (p.grad is None) == (q.grad is None)
        if p.grad is not None:
            np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("holes", [False, True])
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("norm_type", [2.0, 1.0, 3.0, 0.5, math.inf])
@pytest.mark.parametrize("limit", [0.0, 0.7, 5.0, 1e6])
def test_the_norm_of_gradients(limit: float, norm_type: float, flat: bool, holes: bool) -> None:
    ours, peers = pair(flat, holes)
    total = nn.clip_grad_norm_(ours, limit, norm_type)
    assert total == pytest.approx(float(torch.nn.utils.clip_grad_norm_(peers, limit, norm_type)), rel=1e-12)
    same(ours, peers)


@pytest.mark.parametrize("flat", [False, True])
def test_a_norm_that_is_no_number_does_what_pytorch_does(flat: bool) -> None:
    for bad in (math.inf, math.nan):
        ours, peers = pair(flat)
        ours[0].grad[1, 1] = bad
        peers[0].grad[1, 1] = bad
        with np.errstate(invalid="ignore"):
            total = nn.clip_grad_norm_(ours, 1.0)
        peer = float(torch.nn.utils.clip_grad_norm_(peers, 1.0))
        assert total == peer or (math.isnan(total) and math.isnan(peer))
        same(ours, peers)


@pytest.mark.parametrize("holes", [False, True])
@pytest.mark.parametrize("flat", [False, True])
def test_the_size_of_elements(flat: bool, holes: bool) -> None:
    ours, peers = pair(flat, holes)
    nn.clip_grad_value_(ours, 0.8)
    torch.nn.utils.clip_grad_value_(peers, 0.8)
    same(ours, peers)


@pytest.mark.parametrize("shape", [(4, 3), (3, 2, 2, 2)])
def test_the_maximum_norm_of_a_unit(shape: tuple[int, ...]) -> None:
    p = nn.Parameter(np.random.default_rng(0).normal(size=shape))
    peer = torch.renorm(torch.tensor(p.numpy()), 2, 0, 1.5)
    nn.max_norm_([p], 1.5)
    np.testing.assert_allclose(p.numpy(), peer.numpy(), rtol=1e-6)  # PyTorch divides by the norm + 1e-7


def test_training_with_clipped_gradients() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 6)), rng.integers(0, 3, 40)
    ours = nn.MLP([6, 8, 3], rng=0)
    theirs = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)).double()
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    a = nn.SGD(ours.parameters(), lr=0.5, momentum=0.9)
    b = torch.optim.SGD(theirs.parameters(), lr=0.5, momentum=0.9)
    for _ in range(60):
        a.zero_grad()
        nn.CrossEntropyLoss()(ours(X), y).backward()
        mine = nn.clip_grad_norm_(ours.parameters(), 0.3)
        a.step()
        b.zero_grad()
        torch.nn.CrossEntropyLoss()(theirs(torch.tensor(X)), torch.tensor(y)).backward()
        peer = torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.3)
        b.step()
        assert mine == pytest.approx(float(peer), rel=1e-8)
    for name, array in ours.state_dict().items():
        np.testing.assert_allclose(array, theirs.state_dict()[name].numpy(), rtol=1e-8, atol=1e-10)
