"""Ops that work along the rows of a batch, forward and backward: normalisation layers and softmax, 256 rows of 1024."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.clock import Timed
from benchmarks.peers import load_torch
from benchmarks.row import Peer, Row, Side

SHAPE = (256, 1024)
OPS = ("layer_norm", "batch_norm", "softmax")
Step = Callable[[], list[Any]]


def rows() -> list[Row]:
    """Return one row for each op, in float32."""
    return [
        Row(
            f"{name} {SHAPE[0]} x {SHAPE[1]}",
            partial(_side, name, _ours),
            (Peer("PyTorch", partial(_side, name, _pytorch)),),
            rounds=15,
            round_seconds=0.02,
            tolerance=1e-3,
        )
        for name in OPS
    ]


def _arrays() -> list[Any]:
    """The batch, an upstream gradient, and weight and bias of a layer."""
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype(np.float32) for shape in (SHAPE, SHAPE, SHAPE[1:], SHAPE[1:])]


def _side(name: str, make: Callable[[str], Step]) -> Side:
    def answer() -> list[float]:
        return [float(number) for gradient in make(name)() for number in gradient.reshape(-1)[:100]]

    return Timed(partial(make, name), answer, warm_up=3)


def _ours(name: str) -> Step:
    import autograd as ag

    x, g, weight, bias = _arrays()
    leaves = [ag.Tensor(a) for a in ((x,) if name == "softmax" else (x, weight, bias))]
    calls: dict[str, Any] = {
        "layer_norm": lambda x, w, b: ag.layer_norm(x, SHAPE[1], w, b),
        "batch_norm": lambda x, w, b: ag.batch_norm(x, None, None, w, b, training=True),
        "softmax": ag.softmax,
    }

    def step() -> list[Any]:
        for leaf in leaves:
            leaf.grad = None
        calls[name](*leaves).backward(g)
        return [leaf.grad for leaf in leaves]

    return step


def _pytorch(name: str) -> Step:
    torch = load_torch()
    x, g, weight, bias = map(torch.from_numpy, _arrays())
    leaves = [a.requires_grad_() for a in ((x,) if name == "softmax" else (x, weight, bias))]
    functional = torch.nn.functional
    calls: dict[str, Any] = {
        "layer_norm": lambda x, w, b: functional.layer_norm(x, SHAPE[1:], w, b),
        "batch_norm": lambda x, w, b: functional.batch_norm(x, None, None, w, b, training=True),
        "softmax": lambda x: functional.softmax(x, dim=-1),
    }

    def step() -> list[Any]:
        for leaf in leaves:
            leaf.grad = None
        calls[name](*leaves).backward(g)
        return [leaf.grad for leaf in leaves]

    return step
