"""Valid inputs for every op, from what the registry says about it."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.opcheck import call, cases, valid_inputs
from autograd.opcheck import random_inputs as raw_arrays
from autograd.primitive import Primitive, registry

# Doctests may define ops of their own; the library's are those that exist after importing it.
OPS: dict[str, Primitive] = {
    name: op for name, op in registry.items() if op.__module__ == Primitive.__module__
}


def arrays(op: Primitive, shapes: Any, rng: np.random.Generator, dtype: Any = np.float64) -> list[Any]:
    """Random valid inputs: in the op's domain, and made valid where the op says how."""
    return valid_inputs(op, raw_arrays(op, shapes, rng, dtype), dtype)


ALL = [(name, i) for name, op in OPS.items() for i in range(len(cases(op)))]
SCALAR = [name for name, op in OPS.items() if op.elementwise and op.scalar is not None]

assert autograd.registry is registry
__all__ = ("ALL", "OPS", "SCALAR", "arrays", "call", "cases", "raw_arrays")
