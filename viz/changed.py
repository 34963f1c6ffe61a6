"""What was changed after it went into a graph, as by `x.data = 5`: the picture says so, or its sums would not add up.

A Tensor's graph keeps the arrays that went in. A Value's keeps the results and the local gradients, but not the numbers
of the inputs, so a change is found by computing once more.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.graph import Node, raw

_MOST_NAMES = 3


def is_stale(node: Node) -> bool:
    """Whether a Value would come out differently from what its inputs hold now.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> f = x * x
    >>> x.data = 5.0
    >>> is_stale(f)
    True
    """
    if node.op is None or not hasattr(node, "local_gradients"):
        return False
    then = getattr(node, "recorded", None)
    if then is not None:  # it kept what its inputs held
        return any(not same(raw(x), number) for x, number in zip(node.inputs, then))
    given = [float(raw(x)) for x in node.inputs]
    y = _number(node.op.scalar, *given, **node.kwargs)
    if not same(y, node.data):
        return True
    for i, (parent, slope) in enumerate(zip(node.parents, node.local_gradients)):
        now = None if parent is None else _number(node.op.rules[i], y, *given, **node.kwargs)
        if now is not None and not same(now, slope):
            return True
    return False


def _number(function: Any, *args: Any, **kwargs: Any) -> float | None:
    try:
        return float(function(*args, **kwargs))
    except (ArithmeticError, ValueError, TypeError):  # there is none, as the slope of a root at zero
        return None


def same(a: Any, b: Any) -> bool:
    """Whether two numbers, or two arrays, are equal but for rounding; nan is the same as nan."""
    if a is None or b is None or np.shape(a) != np.shape(b):
        return False
    if np.ndim(a):
        return np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f")
    return a == b or (a != a and b != b) or math.isclose(a, b, rel_tol=1e-9)


def note(labels: list[str], either: bool, arrays: bool) -> str:
    """The sentence below the picture. With `either`, at least one of them was changed, and which cannot be told."""
    shown = labels[:_MOST_NAMES] + (
        [f"{len(labels) - _MOST_NAMES} more"] if len(labels) > _MOST_NAMES else []
    )
    link = " or " if either else " and "
    who = link.join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    were = "were" if len(labels) > 1 and not either else "was"
    shows = "the picture shows what went in" if arrays else "results and gradients are the old ones"
    return f"{who} {were} changed since this graph was recorded: {shows}."
