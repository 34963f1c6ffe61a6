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
    """Random valid inputs: in the op's domain, and made valid where the op says how."""
    given = raw_arrays(op, shapes, rng, dtype)
    return [np.asarray(x, dtype) for x in op.valid(*given)] if op.valid else given


def raw_arrays(op: Primitive, shapes: Any, rng: np.random.Generator, dtype: Any = np.float64) -> list[Any]:
    """Random inputs in the op's domain, for `call`, which makes them valid."""
    domains = [op.domain[min(i, len(op.domain) - 1)] for i in range(len(shapes))]
    return [rng.uniform(*domain, shape).astype(dtype) for domain, shape in zip(domains, shapes)]


def call(op: Primitive, inputs: Any, settings: dict[str, Any]) -> Any:
    """The op of these arrays or nodes, made valid first where the op says how; its result is then a chain of ops."""
    return op(*(op.valid(*inputs) if op.valid else inputs), **settings)


ALL = [(name, i) for name, op in OPS.items() for i in range(len(cases(op)))]
SCALAR = [name for name, op in OPS.items() if op.elementwise and op.scalar is not None]

assert autograd.registry is registry
