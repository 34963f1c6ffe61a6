"""micrograd's demo: one whole training step of a 2-16-16-1 network on a hundred points.

A step is zero_grad, forward, backward and the SGD update, and ends with the graph dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from benchmarks.clock import Timed, Work
from benchmarks.peers import load
from benchmarks.row import Peer, Row, Side
from benchmarks.scalar import engine
from benchmarks.scalar.moons import two_moons
from benchmarks.scalar.network import PlainMLP

INPUTS, WIDTHS, SAMPLES = 2, [16, 16, 1], 100
L2, RATE = 1e-4, 0.05
CHECKED_STEPS = 3


def rows() -> list[Row]:
    """Return the demo step with the collector on and off, plain and as `nn.scalar` ships it."""
    peer_on = Peer(engine.PEER, micrograd_side, target=20)
    peer_off = Peer(engine.PEER, micrograd_side, target=3)
    shipped = Peer(engine.PEER, micrograd_side, target=130)
    return [
        Row("scalar demo step, gc on", plain_side, (peer_on,), reading="times", rounds=5, laps=4),
        Row(
            "scalar demo step, gc off",
            plain_side,
            (peer_off,),
            reading="times",
            rounds=7,
            laps=2,
            collector=False,
        ),
        Row(
            "scalar demo step, nn.scalar, gc on", shipped_side, (shipped,), reading="times", rounds=3, laps=4
        ),
    ]


def plain_side() -> Side:
    """Return our side: plain Values, one node for each operation."""
    return side(PlainMLP, engine.ours().node)


def shipped_side() -> Side:
    """Return our side with the network that users get."""
    import nn

    return side(nn.scalar.MLP, engine.ours().node)


def micrograd_side() -> Side:
    """Return micrograd's own network on its own Values."""
    return side(load("micrograd.nn").MLP, engine.micrograd().node)


def side(network: Callable[[int, list[int]], Any], node: Callable[[float], Any]) -> Side:
    """Return the demo on one engine: the code below is the same for all."""

    def fresh() -> Training:
        return Training(_initialised(network(INPUTS, WIDTHS)), node)

    def prepare() -> Work:
        return fresh().step

    return Timed(prepare, lambda: fresh().trace(CHECKED_STEPS), warm_up=1)


@dataclass
class Training:
    """A network with the demo's data."""

    model: Any
    node: Callable[[float], Any]

    def __post_init__(self) -> None:
        self.points, self.labels = two_moons(SAMPLES, noise=0.1, seed=1)

    def loss(self) -> Any:
        """Hinge loss of all samples plus the L2 penalty of all parameters."""
        model, node = self.model, self.node
        scores = [model([node(x) for x in point]) for point in self.points]
        hinges = [(1 + -label * score).relu() for score, label in zip(scores, self.labels, strict=True)]
        penalty = sum(p * p for p in model.parameters())
        return sum(hinges) * (1.0 / len(hinges)) + L2 * penalty

    def step(self) -> float:
        """Take one step; return the loss before it."""
        self.model.zero_grad()
        loss = self.loss()
        loss.backward()
        for parameter in self.model.parameters():
            parameter.data -= RATE * parameter.grad
        return float(loss.data)

    def trace(self, steps: int) -> list[float]:
        """Return the losses of some steps and every gradient of each."""
        numbers = []
        for _ in range(steps):
            numbers.append(self.step())
            numbers.extend(float(parameter.grad) for parameter in self.model.parameters())
        return numbers


def _initialised(model: Any) -> Any:
    """Give every network the same weights."""
    random = Random(2)
    for parameter in model.parameters():
        parameter.data = random.uniform(-1, 1)
    return model
