"""Valid inputs for every op, from what the registry says about it."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.primitive import Primitive, registry

# Doctests may define ops of their own; the library's are those that exist after importing it.
OPS: dict[str, Primitive] = {
    name: op for name, op in registry.items() if op.__module__ == Primitive.__module__
}
BROADCASTING = (((2, 3), (3,), ()), ((3, 1), (2,), (1, 2)), ((), (), ()), ((0, 2), (2,), (1,)))


def cases(op: Primitive) -> list[tuple[tuple[tuple[int, ...], ...], dict[str, Any]]]:
    """Pairs (shapes of the inputs, settings): an elementwise op gets broadcasting ones, others what they declare."""
    assert op.samples, f"{op.name} declares no samples, so nothing tests it"
    if op.elementwise:
        return [(shapes[: op.arity], settings) for settings in op.samples for shapes in BROADCASTING]
    return list(op.samples)


def arrays(op: Primitive, shapes: Any, rng: np.random.Generator, dtype: Any = np.float64) -> list[Any]:
    """Random inputs in the op's domain."""
    domains = [op.domain[min(i, len(op.domain) - 1)] for i in range(len(shapes))]
    return [rng.uniform(*domain, shape).astype(dtype) for domain, shape in zip(domains, shapes)]


ALL = [(name, i) for name, op in OPS.items() for i in range(len(cases(op)))]
SCALAR = [name for name, op in OPS.items() if op.elementwise and op.scalar is not None]

assert autograd.registry is registry
