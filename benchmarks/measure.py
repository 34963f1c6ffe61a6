"""Measuring a row: all sides in turns, round after round, in one run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import TypeVar

from benchmarks.clock import collector, imports_set_aside
from benchmarks.row import OURS, MissingPeer, Peer, Row, Side

T = TypeVar("T")
MOST_LAPS = 1_000_000


@dataclass
class Result:
    """Everything measured for one row. Costs are per `row.per`, in the row's unit, one number a round."""

    row: Row
    costs: dict[str, list[float]] = field(default_factory=dict)
    laps: dict[str, int] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    disagreements: dict[str, str] = field(default_factory=dict)

    def best(self, side: str) -> float:
        """Return the lowest cost of a side: noise on a shared machine only ever adds."""
        return min(self.costs[side])

    def ratio(self, peer: str) -> float:
        """Return the ratio of the best costs, in the direction the row is read."""
        return _ratio(self.row, self.best(OURS), self.best(peer))

    def median_ratio(self, peer: str) -> float:
        """Return the middle one of the rounds' own ratios: what drifts hits both halves of a round."""
        pairs = zip(self.costs[OURS], self.costs[peer], strict=True)
        return median(_ratio(self.row, ours, theirs) for ours, theirs in pairs)

    def verdict(self, peer: Peer | None) -> str:
        """Return "ok", "over" (target missed), "DIFFERS" (other numbers computed) or "" (no target)."""
        if peer is not None and peer.name in self.disagreements:
            return "DIFFERS"
        met = []
        if self.row.ceiling is not None:
            met.append(self.best(OURS) <= self.row.ceiling)
        if peer is not None and peer.target is not None:
            ratio = self.ratio(peer.name)
            met.append(ratio >= peer.target if self.row.reading == "times" else ratio <= peer.target)
        return "" if not met else "ok" if all(met) else "over"


def _ratio(row: Row, ours: float, theirs: float) -> float:
    return theirs / ours if row.reading == "times" else ours / theirs


def measure(row: Row, rounds: int | None = None) -> Result:
    """Check that the sides compute the same, then measure them in turns."""
    if row.stack_bytes:
        return _with_stack(row.stack_bytes, lambda: _measure(row, rounds or row.rounds))
    return _measure(row, rounds or row.rounds)


def _measure(row: Row, rounds: int) -> Result:
    result = Result(row)
    sides: dict[str, Side] = {OURS: row.ours()}
    for peer in row.peers:
        try:
            sides[peer.name] = peer.make()
        except MissingPeer as missing:
            result.missing[peer.name] = str(missing)
    result.disagreements = _compare(sides, row.tolerance)
    with imports_set_aside(), collector(row.collector):
        result.laps = {name: _laps(side, row) for name, side in sides.items()}
        result.costs = {name: [] for name in sides}
        for index in range(rounds):
            turns = list(sides.items())
            for name, side in turns if index % 2 == 0 else reversed(turns):
                result.costs[name].append(side.measure(result.laps[name]) / row.per)
    return result


def _compare(sides: dict[str, Side], tolerance: float) -> dict[str, str]:
    """Return, for each peer whose answer is not ours, the first difference."""
    ours = list(sides[OURS].answer())
    found = {}
    for name, side in sides.items():
        theirs = list(side.answer()) if name != OURS else []
        if not theirs:
            continue
        if len(theirs) != len(ours):
            found[name] = f"{len(ours)} numbers against {len(theirs)}"
            continue
        for index, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            if not abs(a - b) <= tolerance * max(1.0, abs(b)):  # written so that a NaN is a difference
                found[name] = f"number {index}: ours {a!r}, {name} {b!r}"
                break
    return found


def _laps(side: Side, row: Row) -> int:
    """Find how many laps fill a round."""
    laps = row.laps
    if not row.round_seconds:
        return laps
    seconds = side.measure(laps)
    while laps * seconds < row.round_seconds / 4 and laps < MOST_LAPS:
        laps *= 4
        seconds = side.measure(laps)
    return max(1, min(MOST_LAPS, round(row.round_seconds / seconds)))


def _with_stack(stack_bytes: int, function: Callable[[], T]) -> T:
    """Call `function` in a thread that has room for deep recursion, and pass on what it raises."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def target() -> None:
        try:
            outcome.append(function())
        except BaseException as error:  # it belongs to the caller, whatever it is
            failure.append(error)

    before = threading.stack_size(stack_bytes)
    try:
        thread = threading.Thread(target=target)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


class RecursionLimit:
    """Raise Python's recursion limit for a `with` block (a recursive peer only; ours never needs it)."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.before = 0

    def __enter__(self) -> None:
        self.before = sys.getrecursionlimit()
        sys.setrecursionlimit(self.limit)

    def __exit__(self, *_: object) -> None:
        sys.setrecursionlimit(self.before)
