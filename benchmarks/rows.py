"""All rows, in the order of the table."""

from __future__ import annotations

from benchmarks.row import Row
from benchmarks.scalar import demo, graphs, memory, million
from benchmarks.tensor import dot, normalise, overhead, peak
from benchmarks.training import fitting, steps


def all_rows() -> list[Row]:
    """Return every row. Nothing of a peer is imported yet."""
    return [
        *demo.rows(),
        *graphs.rows(),
        *memory.rows(),
        *million.rows(),
        *dot.rows(),
        *overhead.rows(),
        *normalise.rows(),
        *peak.rows(),
        *steps.rows(),
        *fitting.rows(),
    ]
