"""A network trained here and in PyTorch from the same weights: the same numbers, step for step, in float64."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")

import nn  # noqa: E402


@pytest.mark.parametrize(
    "settings",
    [
        {"lr": 0.1},
        {"lr": 0.1, "momentum": 0.9},
        {"lr": 0.1, "momentum": 0.9, "nesterov": True},
        {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01},
    ],
    ids=str,
)
@pytest.mark.parametrize("activation", ["ReLU", "Tanh", "Sigmoid"])
def test_a_hundred_steps(settings, activation):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(32, 6)), rng.integers(0, 4, 32)
    ours = nn.MLP([6, 8, 5, 4], activation=getattr(nn, activation), rng=1)
    act = getattr(torch.nn, activation)
    theirs = torch.nn.Sequential(
        torch.nn.Linear(6, 8), act(), torch.nn.Linear(8, 5), act(), torch.nn.Linear(5, 4)
    ).double()
    theirs.load_state_dict({key: torch.tensor(value) for key, value in ours.state_dict().items()})
    a, b = nn.SGD(ours.parameters(), **settings), torch.optim.SGD(theirs.parameters(), **settings)
    tx, ty = torch.tensor(x), torch.tensor(y)
    for _ in range(100):
        a.zero_grad()
        b.zero_grad()
        loss = nn.CrossEntropyLoss()(ours(x), y)
        peer = torch.nn.CrossEntropyLoss()(theirs(tx), ty)
        loss.backward()
        peer.backward()
        a.step()
        b.step()
        assert loss.item() == pytest.approx(peer.item(), abs=1e-10)
    state = theirs.state_dict()
    for key, value in ours.state_dict().items():
        np.testing.assert_allclose(value, state[key].numpy(), atol=1e-10)
