"""An upstream gradient that is infinite or nan: it reaches what was chosen, and nothing else, as in PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")

import autograd as ag  # noqa: E402
from autograd import Tensor  # noqa: E402

F = torch.nn.functional
X = np.array([-7.0, -6, -3.5, -3, -2, -1, -0.5, -0.2, 0, 0.1, 0.2, 0.5, 0.8, 1, 2, 3, 3.5, 6, 7])
A, B = (x.ravel() for x in np.meshgrid(X, X))
LOW, HIGH = np.where(X > 0, -1.0, 2.0), np.ones_like(X)  # in places the upper bound is below the lower
APART = A != B  # where two inputs tie, we share, and PyTorch does not always
CASES = {
    **{
        name: (getattr(ag, name), peer, (X,))
        for name, peer in {
            "relu": F.relu,
            "leaky_relu": F.leaky_relu,
            "relu6": F.relu6,
            "elu": F.elu,
            "hardtanh": F.hardtanh,
            "hardsigmoid": F.hardsigmoid,
            "hardswish": F.hardswish,
            "hardshrink": F.hardshrink,
            "softshrink": F.softshrink,
            "absolute": torch.abs,
            "sign": torch.sign,
            "floor": torch.floor,
            "ceil": torch.ceil,
            "trunc": torch.trunc,
            "rint": torch.round,
            "nan_to_num": torch.nan_to_num,
        }.items()
    },
    **{
        name: (getattr(ag, name), getattr(torch, name), (A, B)) for name in ("maximum", "minimum", "copysign")
    },
    **{name: (getattr(ag, name), getattr(torch, name), (A[APART], B[APART])) for name in ("fmax", "fmin")},
    "threshold": (
        lambda x: ag.threshold(x, threshold=0.1, value=2.0),
        lambda x: F.threshold(x, 0.1, 2.0),
        (X,),
    ),
    "clip": (lambda x: ag.clip(x, -1, 1), lambda x: torch.clamp(x, -1, 1), (X,)),
    "clip from below": (lambda x: ag.clip(x, -1), lambda x: torch.clamp(x, -1), (X,)),
    "clip between tensors": (ag.clip, torch.clamp, (X, LOW, HIGH)),
    "where": (
        lambda a, b: ag.where(A > B, a, b),
        lambda a, b: torch.where(torch.tensor(A > B), a, b),
        (A, B),
    ),
    "prelu": (ag.prelu, F.prelu, (X, np.array([0.25]))),
    "max": (ag.max, torch.max, (X,)),
    "min": (ag.min, torch.min, (X,)),
    "max along an axis": (
        lambda x: ag.max(x, axis=0),
        lambda x: torch.max(x, dim=0)[0],
        (X[:18].reshape(6, 3),),
    ),
    "max_pool1d": (lambda x: ag.max_pool1d(x, 2), lambda x: F.max_pool1d(x, 2), (X[None, None],)),
    "max_pool2d": (
        lambda x: ag.max_pool2d(x, 2, stride=1),
        lambda x: F.max_pool2d(x, 2, stride=1),
        (A[:36].reshape(1, 1, 6, 6) + B[5:41].reshape(1, 1, 6, 6),),
    ),
    "sort": (ag.sort, lambda x: torch.sort(x)[0], (X[::-1].copy(),)),
    "tril": (ag.tril, torch.tril, (A.reshape(19, 19),)),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("upstream", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("name", CASES)
def test_only_what_was_chosen_gets_an_infinite_gradient(name, upstream, dtype):
    ours, theirs, inputs = CASES[name]
    leaves = [Tensor(x, dtype=dtype) for x in inputs]
    y = ours(*leaves)
    with np.errstate(invalid="ignore"):  # a slope of 0 inside |x| is a product
        y.backward(np.full(y.shape, upstream, dtype))
    peers = [torch.tensor(x.astype(dtype), requires_grad=True) for x in inputs]
    z = theirs(*peers)
    z.backward(torch.full(z.shape, upstream, dtype=z.dtype))
    for leaf, peer in zip(leaves, peers):
        expected = np.zeros(peer.shape) if peer.grad is None else peer.grad.numpy()
        np.testing.assert_array_equal(leaf.grad, expected)


def test_one_infinite_element_stays_alone():
    g = np.ones_like(X)
    g[2] = np.inf
    x = Tensor(X)
    ag.relu(x).backward(g)
    np.testing.assert_array_equal(x.grad, X > 0)
