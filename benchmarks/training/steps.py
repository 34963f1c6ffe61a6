"""Rows: a whole training step of five networks, with each of two optimisers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.clock import Timed
from benchmarks.row import Peer, Row, Side
from benchmarks.training import by_hand, pytorch
from benchmarks.training.task import CHECKED_STEPS, TASKS, Task

Trainer = Callable[[Task], Callable[[], Any]]
WARM_UP = 3


def rows() -> list[Row]:
    """Return one row for each network, with the matrix products alone as the floor nobody can pass."""
    return [
        Row(
            f"training step {task.name}",
            partial(_side, task, _ours),
            (
                Peer("PyTorch", partial(_side, task, pytorch.trainer), task.target),
                Peer("NumPy by hand", partial(_side, task, by_hand.trainer)),
                Peer("products, NumPy", partial(_floor, task, by_hand.products)),
                Peer("products, PyTorch", partial(_floor, task, pytorch.products)),
            ),
            rounds=15,
            laps=task.laps,
            tolerance=1e-4,
        )
        for task in TASKS
    ]


def _ours(task: Task) -> Callable[[], Any]:
    from benchmarks.training import ours

    return ours.trainer(task)


def _side(task: Task, trainer: Trainer) -> Side:
    return Training(task, trainer).side()


def _floor(task: Task, products: Trainer) -> Side:
    return Timed(lambda: products(task))


@dataclass(frozen=True)
class Training:
    """One library's trainer of one task."""

    task: Task
    trainer: Trainer

    def side(self) -> Side:
        """Return the steps to be timed: from fresh weights."""
        return Timed(lambda: self.trainer(self.task), self._losses, WARM_UP)

    def _losses(self) -> Sequence[float]:
        step = self.trainer(self.task)
        return [float(step()) for _ in range(CHECKED_STEPS + 1)]
