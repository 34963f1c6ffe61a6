"""What one operation costs on four elements, where the arithmetic itself is next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks.row import Peer, Row, Side
from benchmarks.tensor import hips, libraries
from benchmarks.tensor.chain import LENGTH, Array, Chain, Library, Phase

LINE = ([0.5, -0.25, 1.0, 0.75], [0.99, 1.01, 0.98, 1.0])
SQUARE = ([[0.5, -0.25], [1.0, 0.75]], [[0.8, -0.6], [0.6, 0.8]])  # the second only turns
INPUTS = {
    "add": LINE,
    "mul": LINE,
    "tanh": LINE[:1],
    "sqrt": ([0.5, 0.25, 1.0, 0.75],),
    "matmul": SQUARE,
    "sum": ([LINE[0]],),  # (1, 4) summed over the first axis stays (1, 4)
}
PROMISED = ("add", "mul", "tanh")
TARGET = 0.6
TOLERANCE = {"float32": 1e-4, "float64": 1e-9}
PHASES: tuple[Phase, ...] = ("forward", "backward")


def rows() -> list[Row]:
    """Return every op: the promised ones in both precisions, the others in float32."""
    cases = [(op, dtype) for op in PROMISED for dtype in TOLERANCE]
    cases += [(op, "float32") for op in INPUTS if op not in PROMISED]
    return [_row(op, dtype, phase) for op, dtype in cases for phase in PHASES]


def _row(op: str, dtype: str, phase: Phase) -> Row:
    arrays = tuple(np.array(numbers, dtype=dtype) for numbers in INPUTS[op])
    local = partial(_local, op=op, arrays=arrays, phase=phase)
    return Row(
        f"op {op} {dtype} {phase}",
        partial(local, libraries.ours),
        (
            Peer("PyTorch", partial(local, libraries.pytorch), TARGET if op in PROMISED else None),
            Peer("MyGrad", partial(local, libraries.mygrad)),
            Peer("HIPS autograd", partial(_remote, op, phase, arrays)),
        ),
        per=LENGTH,
        rounds=15,
        round_seconds=0.01,
        tolerance=TOLERANCE[dtype],
    )


def _local(library: Callable[[], Library], op: str, arrays: tuple[Array, ...], phase: Phase) -> Side:
    chosen = library()
    other = arrays[1] if len(arrays) == 2 else None
    return Chain(chosen, chosen.ops[op], arrays[0], other).side(phase)


def _remote(op: str, phase: Phase, arrays: tuple[Array, ...]) -> Side:
    hips.worker()
    return hips.Remote(op, phase, arrays, collector=True)
