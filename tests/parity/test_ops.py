"""The same program in PyTorch, in float64: values, first and second derivatives of every op it has too."""

from __future__ import annotations

import numpy as np
import pytest
from samples import OPS, arrays, cases

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")

from autograd import Tensor, gradients  # noqa: E402


def _labels(x, labels):
    return torch.nn.functional.cross_entropy(x, torch.as_tensor(labels))


def _linear(x, weight, bias=None, activation=None):
    y = torch.nn.functional.linear(x, weight, bias)
    return y if activation is None else getattr(torch, activation)(y)


def _scatter(x, index, shape):
    return torch.zeros(shape, dtype=x.dtype).index_put((torch.arange(shape[0])[index],), x, accumulate=True)


F = torch.nn.functional
PEERS = {
    "absolute": torch.abs,
    "add": torch.add,
    "arccos": torch.arccos,
    "arcsin": torch.arcsin,
    "arctan": torch.arctan,
    "astype": lambda x, dtype: x.to(torch.float64),
    "broadcast_to": lambda x, shape: torch.broadcast_to(x, shape),
    "clip": lambda x, low=None, high=None: torch.clip(x, low, high),
    "concatenate": lambda *xs, axis=0: torch.cat(xs, axis),
    "divide": torch.divide,
    "elu": lambda x, alpha=1.0: F.elu(x, alpha),
    "expand_dims": lambda x, axis: torch.unsqueeze(x, axis),
    "getitem": lambda x, index: x[index],
    "leaky_relu": lambda x, slope=0.01: F.leaky_relu(x, slope),
    "linear": _linear,
    "log_softmax": lambda x, axis=-1: F.log_softmax(x, axis),
    "logsumexp": lambda x, axis=None, keepdims=False: torch.logsumexp(
        x, tuple(range(x.ndim)) if axis is None else axis, keepdims
    ),
    "max": lambda x, axis=None, keepdims=False: torch.amax(x, () if axis is None else axis, keepdims),
    "mean": lambda x, axis=None, keepdims=False: torch.mean(x, axis, keepdims),
    "min": lambda x, axis=None, keepdims=False: torch.amin(x, () if axis is None else axis, keepdims),
    "neuron": lambda w, x, b: w * x + b,
    "power": torch.pow,
    "relu": torch.relu,
    "reshape": lambda x, shape: torch.reshape(x, shape if isinstance(shape, tuple) else (shape,)),
    "scatter": _scatter,
    "sigmoid": torch.sigmoid,
    "softmax": lambda x, axis=-1: torch.softmax(x, axis),
    "softmax_cross_entropy": _labels,
    "softplus": F.softplus,
    "squeeze": lambda x, axis=None: torch.squeeze(x) if axis is None else torch.squeeze(x, axis),
    "sum": lambda x, axis=None, keepdims=False: torch.sum(x, axis, keepdims),
    "swapaxes": lambda x, axis1, axis2: torch.swapaxes(x, axis1, axis2),
    "transpose": lambda x, axes=None: torch.permute(x, axes or tuple(range(x.ndim))[::-1]),
    "where": lambda condition, a, b: torch.where(condition.bool(), a, b) + 0 * condition,
}


def peer(name):
    return PEERS.get(name) or getattr(torch, name)


@pytest.mark.parametrize(
    ("name", "i"), [(name, i) for name, op in OPS.items() for i in range(len(cases(op)))]
)
def test_value_first_and_second_derivative(name, i):
    op = OPS[name]
    shapes, settings = cases(op)[i]
    rng = np.random.default_rng(11)
    given = arrays(op, shapes, rng)
    ours, theirs = [Tensor(x) for x in given], [torch.tensor(x, requires_grad=True) for x in given]
    y, z = op(*ours, **settings), peer(name)(*theirs, **settings)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-10, atol=1e-12)
    seed = rng.uniform(0.5, 1.5, y.shape)
    first = gradients(y, ours, upstream=seed, create_graph=True)
    peers = torch.autograd.grad(z, theirs, torch.tensor(seed), create_graph=True)
    for a, b in zip(first, peers):
        np.testing.assert_allclose(a.data, b.numpy(force=True), rtol=1e-10, atol=1e-12)
    weights = [rng.uniform(0.5, 1.5, x.shape) for x in given]
    ours_total = sum(((a * w).sum() for a, w in zip(first, weights)), Tensor(0.0))
    peer_total = sum((b * torch.tensor(w)).sum() for b, w in zip(peers, weights))
    second = gradients(ours_total, ours)
    if not peer_total.requires_grad:
        for a in second:
            assert not np.any(a)
        return
    expected = torch.autograd.grad(peer_total, theirs, allow_unused=True)
    for a, b in zip(second, expected):
        np.testing.assert_allclose(a, 0.0 if b is None else b.numpy(force=True), rtol=1e-9, atol=1e-11)
