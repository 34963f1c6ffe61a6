"""What a benchmark is made of: a Side does the work, a Row sets our side beside its peers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

OURS = "gradlens"


class Side(Protocol):
    """One library's way of doing the work of a row."""

    def measure(self, laps: int) -> float:
        """Do the work `laps` times; return the cost of one lap, in the row's unit."""

    def answer(self) -> Sequence[float]:
        """Return numbers on which all sides must agree (empty: nothing to compare)."""


class MissingPeer(Exception):
    """A peer cannot be run here; the message says what to install."""


@dataclass(frozen=True)
class Peer:
    """Somebody else's side of a row, made only when the row runs, so that nothing is imported before."""

    name: str
    make: Callable[[], Side]
    target: float | None = None
    """The bound on the ratio: a floor when the row reads "times", a ceiling when it reads "share"."""


@dataclass(frozen=True)
class Row:
    """One benchmark: our side, its peers, and how to read the numbers."""

    name: str
    ours: Callable[[], Side]
    peers: tuple[Peer, ...] = ()
    unit: Literal["seconds", "bytes", "activations"] = "seconds"
    per: int = 1
    """What one lap counts as: 100 for a chain of 100 ops gives the cost of one op."""
    reading: Literal["times", "share"] = "share"
    """What the ratio says: "times", peer / ours, higher is better; "share", ours / peer, lower is better."""
    ceiling: float | None = None
    """An absolute bound on our own number, after division by `per`."""
    collector: bool = True
    """Python's garbage collector during the work: running, or switched off."""
    rounds: int = 15
    round_seconds: float = 0.0
    """When set, laps are chosen so that a round takes about this long."""
    laps: int = 1
    """Laps in a round when `round_seconds` is not set."""
    tolerance: float = 1e-9
    """How closely the answers must agree, relative to the larger of 1 and the peer's number."""
    stack_bytes: int = 0
    """Run all sides of the row in a thread with a stack of this size (a recursive peer needs it)."""
