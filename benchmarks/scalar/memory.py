"""Bytes per node, as Python's own allocator counts them."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.row import Peer, Row, Side
from benchmarks.scalar import engine
from benchmarks.scalar.engine import Engine
from benchmarks.scalar.graphs import OPERATIONS, STACK, Graph, deep, wide


@dataclass
class Memory:
    """What a whole graph holds: nodes, leaves, values, and after `backward()` the gradients."""

    shape: Callable[[Callable[[float], Any]], Graph]
    engine: Engine
    after_backward: bool

    def measure(self, laps: int) -> float:
        """Return the bytes of the graph; every lap gives the same, so one is enough."""
        gc.collect()
        tracemalloc.start()
        try:
            graph = self.shape(self.engine.node)
            root = graph.build(graph.leaves)
            if self.after_backward:
                with self.engine.deep():
                    root.backward()
            gc.collect()  # what only the walk needed is gone; what the graph holds stays
            return float(tracemalloc.get_traced_memory()[0])
        finally:
            tracemalloc.stop()

    def answer(self) -> Sequence[float]:
        """Nothing to compare: the speed rows of the same graphs do that."""
        return ()


def rows() -> list[Row]:
    """Return both graphs, after forward and after backward."""
    found = []
    for name, shape, nodes in (("wide", wide, 2 * OPERATIONS - 1), ("deep", deep, OPERATIONS + 3)):
        for when in ("forward", "backward"):
            make = partial(_side, shape, when == "backward")
            found.append(
                Row(
                    f"scalar {name} graph, bytes a node after {when}",
                    partial(make, engine.ours),
                    (Peer(engine.PEER, partial(make, engine.micrograd)),),
                    unit="bytes",
                    per=nodes,
                    ceiling=140,
                    reading="times",
                    rounds=1,
                    stack_bytes=STACK,
                )
            )
    return found


def _side(
    shape: Callable[[Callable[[float], Any]], Graph], after_backward: bool, make: Callable[[], Engine]
) -> Side:
    return Memory(shape, make(), after_backward)
