"""A chain of a million operations at the default recursion limit: built, swept and freed.

There is no peer: a recursive engine would need a stack of gigabytes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from autograd import Value
from benchmarks.clock import Timed, Work
from benchmarks.row import Row

OPERATIONS = 1_000_000


def chain() -> Any:
    """y = y*w + b, half a million times."""
    y, w, b = Value(0.5), Value(0.999), Value(0.001)
    for _ in range(OPERATIONS // 2):
        y = y * w + b
    return y


def build() -> Work:
    """Time the forward pass; the finished chain is freed after the clock has stopped."""
    return chain


def backward() -> Work:
    """Time the reverse sweep."""
    root = chain()
    return lambda: root.backward()


def deletion() -> Work:
    """Time the freeing of the whole graph when its last reference goes."""
    kept = [chain()]
    kept[0].backward()
    return kept.clear


def rows() -> list[Row]:
    """Return the three phases."""
    phases: dict[str, Callable[[], Work]] = {"build": build, "backward": backward, "deletion": deletion}
    return [
        Row(f"scalar chain of 10^6 ops, {name}", partial(Timed, prepare), rounds=3)
        for name, prepare in phases.items()
    ]
