"""The two scalar engines under one description, so that the same code can run on both."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from autograd import Value
from benchmarks.measure import RecursionLimit
from benchmarks.peers import load

PEER = "micrograd"


@dataclass(frozen=True)
class Engine:
    """A class of scalar nodes, and what must be granted before it can walk a deep graph."""

    node: Callable[[float], Any]
    deep: Callable[[], AbstractContextManager[None]] = nullcontext


def ours() -> Engine:
    """Return our engine. It walks at the default recursion limit."""
    return Engine(Value)


def micrograd() -> Engine:
    """Return micrograd. Its topological sort calls itself once a level, and needs a few frames more."""
    return Engine(load("micrograd.engine").Value, lambda: RecursionLimit(1_000_000))
