"""What the elementwise ops are in PyTorch, by their names and settings here."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")
F = torch.nn.functional


def _constant(function: Any) -> Any:
    """A function that PyTorch does not differentiate, because it is constant between its jumps."""
    return lambda *xs: function(*(x.detach() for x in xs)) + sum(0 * x for x in xs)


def _sinc_bend(x: Any, order: int = 1) -> Any:
    z = torch.pi * x
    before, now = torch.cos(z), torch.sin(z) / z
    for n in range(order):
        before, now = now, ((2 * n + 1) * now - before) / z**2
    return (-(torch.pi**2)) ** order * now


PEERS = {
    "cbrt": lambda x: x ** (1 / 3),
    "celu": lambda x, alpha=1.0: F.celu(x, alpha),
    "clip_between": torch.clamp,
    "elu": lambda x, alpha=1.0: F.elu(x, alpha),
    "fabs": torch.abs,
    "floor_divide": _constant(torch.floor_divide),
    "gelu": lambda x, approximate="none": F.gelu(x, approximate=approximate),
    "hardshrink": lambda x, lambd=0.5: F.hardshrink(x, lambd),
    "hardsigmoid": lambda x: F.relu6(x + 3) / 6,  # F.hardsigmoid has no second derivative
    "hardswish": F.hardswish,
    "hardtanh": lambda x, min_val=-1.0, max_val=1.0: F.hardtanh(x, min_val, max_val),
    "heaviside": lambda a, b: torch.where(a == 0, b, (a > 0).to(a.dtype)) + 0 * a,
    "leaky_relu": lambda x, slope=0.01: F.leaky_relu(x, slope),
    "log_sigmoid": F.logsigmoid,
    "logit": torch.logit,
    "mish": F.mish,
    "nan_to_num": torch.nan_to_num,
    "prelu": lambda x, slope: torch.where(x > 0, x, slope * x),
    "reciprocal": torch.reciprocal,
    "relu6": F.relu6,
    "rint": torch.round,
    "round": lambda x, decimals=0: torch.round(x, decimals=int(decimals)),
    "selu": F.selu,
    "silu": F.silu,
    "sinc_bend": _sinc_bend,
    "softplus": lambda x, beta=1.0: F.softplus(x, beta, threshold=1000),
    "softshrink": lambda x, lambd=0.5: F.softshrink(x, lambd),
    "softsign": F.softsign,
    "tanhshrink": F.tanhshrink,
    "threshold": lambda x, threshold=0.0, value=0.0: F.threshold(x, threshold, value),
}
