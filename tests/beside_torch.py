"""A module beside one of PyTorch: the same inputs, and the same outputs, gradients and state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")

import nn  # noqa: E402
from autograd import Tensor  # noqa: E402


def flat(outputs: Any) -> list[Any]:
    """Outputs that may be nested tuples."""
    return [y for part in outputs for y in flat(part)] if isinstance(outputs, tuple) else [outputs]


def compare(ours: nn.Module, theirs: Any, *inputs: Any) -> None:
    """Outputs, gradients of inputs and parameters, and the state afterwards agree to 1e-10. Whole numbers have none."""
    tracked = [x.dtype.kind == "f" for x in inputs]
    leaves = [Tensor(x) if t else x for x, t in zip(inputs, tracked)]
    peers = [torch.tensor(x, requires_grad=t) for x, t in zip(inputs, tracked)]
    ys, zs = flat(ours(*leaves)), flat(theirs(*[p + 0 if t else p for p, t in zip(peers, tracked)]))
    seeds = [np.random.default_rng(7).normal(size=y.shape) for y in ys]
    total: Any = 0
    for y, z, seed in zip(ys, zs, seeds):
        assert y.shape == tuple(z.shape)
        np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-10, atol=1e-12)
        total = total + (y * seed).sum()
    ours.zero_grad()
    theirs.zero_grad()
    total.backward()
    torch.autograd.backward(zs, [torch.tensor(seed) for seed in seeds])
    mine, others = dict(ours.named_parameters()), dict(theirs.named_parameters())
    assert list(mine) == list(others)
    pairs = [(name, p, others[name]) for name, p in mine.items()]
    pairs += [("input", *pair) for *pair, t in zip(leaves, peers, tracked) if t]
    # PyTorch's Hardsigmoid has its 1/6 in float32
    exact = 1e-7 if isinstance(ours, nn.Hardsigmoid) else 1e-10
    for name, p, q in pairs:
        assert p.requires_grad == q.requires_grad
        if p.requires_grad:
            np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=exact, atol=1e-11, err_msg=name)
    for key, value in ours.state_dict().items():
        np.testing.assert_allclose(value, theirs.state_dict()[key].numpy(), rtol=1e-12, atol=1e-14)
