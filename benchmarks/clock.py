"""Timing one side: what is inside the clock and what is not."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

Work = Callable[[], object]


@contextmanager
def collector(running: bool) -> Iterator[None]:
    """Switch Python's garbage collector on or off, and back to what it was."""
    before = gc.isenabled()
    _switch(running)
    try:
        yield
    finally:
        _switch(before)


def _switch(running: bool) -> None:
    if running:
        gc.enable()
    else:
        gc.disable()


@contextmanager
def imports_set_aside() -> Iterator[None]:
    """Hide everything alive now from the collector: no side pays for what another one imported."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def nothing() -> Sequence[float]:
    """Answer of a side that has nothing to compare."""
    return ()


@dataclass(frozen=True)
class Timed:
    """A side in this process. `prepare()` is outside the clock, the work it returns inside.

    The collector runs once before the preparation, so that one side's garbage is not collected on another's time.
    From then on a side pays for its own: warm-up laps leave what a running program would find.
    """

    prepare: Callable[[], Work]
    answers: Callable[[], Sequence[float]] = nothing
    warm_up: int = 0
    """Laps before the clock starts."""
    used_up: bool = False
    """The work can be done once only, so prepare again before each lap."""

    def measure(self, laps: int) -> float:
        """Return the seconds of one lap, on average over `laps` of them."""
        gc.collect()
        if self.used_up:
            return sum(_seconds(self.prepare(), 1) for _ in range(laps)) / laps
        work = self.prepare()
        for _ in range(self.warm_up):
            work()
        return _seconds(work, laps) / laps

    def answer(self) -> Sequence[float]:
        """Return the numbers on which all sides must agree."""
        return self.answers()


def _seconds(work: Work, laps: int) -> float:
    """Seconds for `laps` laps. The last result is dropped after the clock has stopped, the others before."""
    result = None
    start = perf_counter()
    for _ in range(laps):
        result = work()
    seconds = perf_counter() - start
    del result
    return seconds
