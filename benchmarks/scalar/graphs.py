"""A wide and a deep graph of a hundred thousand operations: forward, backward, and the graph dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.clock import Timed, Work
from benchmarks.row import Peer, Row, Side
from benchmarks.scalar import engine
from benchmarks.scalar.engine import Engine

OPERATIONS = 100_000
STACK = 512 * 1024 * 1024
CHECKED_LEAVES = 100


@dataclass
class Graph:
    """The leaves of a graph and how to build it from them."""

    leaves: list[Any]
    build: Callable[[list[Any]], Any]

    def forward_backward(self) -> float:
        """Build, sweep back and drop the graph; return its value."""
        root = self.build(self.leaves)
        root.backward()
        return float(root.data)


def wide(node: Callable[[float], Any]) -> Graph:
    """Sum of w*x over 50,000 pairs, added two by two as in a knockout tournament: 17 levels deep."""
    leaves = [node(1.0 + (index % 1000) / 1000) for index in range(OPERATIONS)]
    return Graph(leaves, _sum_of_products)


def _sum_of_products(leaves: list[Any]) -> Any:
    terms = [w * x for w, x in zip(leaves[::2], leaves[1::2], strict=True)]
    while len(terms) > 1:
        odd = [terms.pop()] if len(terms) % 2 else []
        terms = [a + b for a, b in zip(terms[::2], terms[1::2], strict=True)] + odd
    return terms[0]


def deep(node: Callable[[float], Any]) -> Graph:
    """y = y*w + b, 50,000 times in a row."""
    return Graph([node(0.5), node(0.999), node(0.001)], _chain)


def _chain(leaves: list[Any]) -> Any:
    y, w, b = leaves
    for _ in range(OPERATIONS // 2):
        y = y * w + b
    return y


def side(shape: Callable[[Callable[[float], Any]], Graph], make: Callable[[], Engine]) -> Side:
    """Return one engine's side: the leaves are made before the clock starts, as parameters and data are."""
    chosen = make()

    def prepare() -> Work:
        graph = shape(chosen.node)

        def work() -> object:
            with chosen.deep():
                return graph.forward_backward()

        return work

    def answers() -> list[float]:
        graph = shape(chosen.node)
        with chosen.deep():
            value = graph.forward_backward()
        return [value, *(float(leaf.grad) for leaf in graph.leaves[:CHECKED_LEAVES])]

    return Timed(prepare, answers, warm_up=1)


def rows() -> list[Row]:
    """Return both graphs, with the collector on and off."""
    found = []
    for name, shape, target in (("wide", wide, 18), ("deep", deep, 12)):
        for running, bound, rounds in ((True, target, 4), (False, 3, 5)):
            found.append(
                Row(
                    f"scalar {name} graph, 100k ops, gc {'on' if running else 'off'}",
                    partial(side, shape, engine.ours),
                    (Peer(engine.PEER, partial(side, shape, engine.micrograd), bound),),
                    reading="times",
                    collector=running,
                    rounds=rounds,
                    laps=2,
                    stack_bytes=STACK,
                )
            )
    return found
