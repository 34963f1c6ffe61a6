"""The reverse sweep for plain arrays, and broadcasting undone.

It is `graph.reverse_sweep`, written out: on small arrays a generator and a call per node cost more than the arithmetic.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import ShapeError
from .ops.part import Part
from .ops.reduce import sum as _sum
from .ops.shape import reshape

PLAIN = frozenset((np.ndarray, np.float64, np.float32, np.float16))  # what the kernels are written for


def sweep(order: list[Any], seed: Any, retain_grads: bool) -> list[tuple[Any, Any]]:
    """The adjoints of the leaves, and of nodes that may keep theirs. `order` is reversed in place."""
    finished = []
    adjoints = {order[-1]: seed}
    get, pop = adjoints.get, adjoints.pop
    order.reverse()
    try:
        for node in order:
            g = pop(node, None)
            if g is None:  # a rule above gave this input nothing
                continue
            if g.__class__ is Part:
                g = g.array()
            op = node.op
            if node._extra is not None and "hooks" in node._extra:
                g = node._hooked(g)
            if op is None:
                finished.append((node, g))
                continue
            if node._extra is not None or retain_grads:
                finished.append((node, g))
            if op.unary and node._kwargs is None:  # one input, same shape: nothing to sum
                parent = node.parents[0]
                c = op.kernels[0](g, node._data, node._args[0])
                if not op.trusted and (np.shape(c) != g.shape or c.dtype is not g.dtype):
                    c = parent._fit(c)
                total = get(parent)
                adjoints[parent] = c if total is None else total + c
                continue
            if op.binary and node._kwargs is None:
                (a, b), (x, z), (to_a, to_b) = node.parents, node._args, op.kernels
                if a is not None:
                    c = to_a(g, node._data, x, z)
                    if c is None or c.shape != x.shape or c.dtype is not x.dtype:
                        c = a._fit(c)
                    total = get(a)
                    adjoints[a] = c if total is None else total + c
                if b is not None:
                    c = to_b(g, node._data, x, z)
                    if c is None or c.shape != z.shape or c.dtype is not z.dtype:
                        c = b._fit(c)
                    total = get(b)
                    adjoints[b] = c if total is None else total + c
                continue
            contributions = node._pull(g) if op.pull is None else op.pull(node, g, True)
            for parent, c in zip(node.parents, contributions):
                if parent is not None and c is not None:
                    total = get(parent)
                    adjoints[parent] = c if total is None else total + c
    except BaseException:
        for node in order:
            node._release()
        raise
    return finished


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum `g` over the axes along which an input of `shape` was stretched: broadcasting, undone.

    >>> unbroadcast(np.ones((2, 3)), (3,))
    array([2., 2., 2.])
    """
    lead = g.ndim - len(shape)
    if lead < 0 or any(n not in (1, m) for n, m in zip(shape, g.shape[lead:])):
        raise ShapeError(
            f"a rule returned a gradient of shape {g.shape} for an input of shape {shape}. It must have the input's "
            "shape, or that of the output that the input was broadcast to."
        )
    axes = tuple(range(lead)) + tuple(
        i + lead for i, n in enumerate(shape) if n == 1 and g.shape[i + lead] != 1
    )
    if axes:
        g = _sum(g, axis=axes)
    return g if g.shape == shape else reshape(g, shape=shape)
