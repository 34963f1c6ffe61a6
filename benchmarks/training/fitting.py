"""Rows: what `nn.fit` adds to the bare training step, on networks for scikit-learn's digits, of 8 or 16 pixels."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

import nn
from benchmarks.clock import Timed
from benchmarks.row import Peer, Row, Side

BATCH, EPOCHS, TARGET = 64, 60, 1.15
STEPS = EPOCHS * 29  # 1797 rows in batches of 64


@dataclass(frozen=True)
class Digits:
    """One network and its training: some sizes, a dtype, SGD with momentum."""

    sizes: tuple[int, ...]
    dtype: str

    @cached_property
    def data(self) -> tuple[Any, Any]:
        """Return the images, (1797, 64) or (1797, 256), and their labels."""
        X, y = nn.load_digits() if self.sizes[0] == 64 else nn.load_digits_16x16()
        return X.astype(self.dtype), y

    def loader(self) -> nn.DataLoader:
        """Return the batches, in an order that a seed decides."""
        return nn.DataLoader(self.data, BATCH, shuffle=True, rng=0)

    def parts(self) -> tuple[nn.Module, nn.Optimiser, Any]:
        """Return a network, its optimiser and its loss."""
        model = nn.MLP(list(self.sizes), dtype=np.dtype(self.dtype), rng=0)
        return model, nn.SGD(model.parameters(), lr=0.01, momentum=0.9), nn.CrossEntropyLoss()


def rows() -> list[Row]:
    """Return one row for each network; the cost is that of one step."""
    return [
        Row(
            f"fit {'-'.join(map(str, task.sizes))}, batch {BATCH}, {task.dtype}",
            partial(_side, task, _fit),
            (
                Peer("bare step", partial(_side, task, _bare), TARGET),
                Peer("loop by hand", partial(_side, task, _by_hand)),
            ),
            per=STEPS,
            rounds=15,
        )
        for task in (
            Digits((64, 64, 10), "float64"),
            Digits((64, 256, 10), "float32"),
            Digits((256, 128, 64, 10), "float32"),
        )
    ]


def _side(task: Digits, make: Callable[[Digits], Callable[[], Any]]) -> Side:
    return Timed(lambda: make(task), partial(_weights, task, make) if make is not _bare else _nothing)


def _nothing() -> Sequence[float]:
    return ()


def _weights(task: Digits, make: Callable[[Digits], Callable[[], Any]]) -> Sequence[float]:
    """Some weights at the end: fit must take the very steps of the loop by hand."""
    return [float(w) for w in make(task)()[0].weight.data.ravel()[:20]]


def _fit(task: Digits) -> Callable[[], nn.Module]:
    """Training by `fit`, with its history and its bar, drawn into a text in place of a terminal."""
    model, optimiser, loss = task.parts()

    def lap() -> nn.Module:
        with _terminal():
            nn.fit(model, task.loader(), epochs=EPOCHS, optimiser=optimiser, loss=loss, progress=True)
        return model

    return lap


@contextmanager
def _terminal() -> Iterator[None]:
    before = os.environ.get("FORCE_COLOR")
    os.environ["FORCE_COLOR"] = "1"  # what makes rich draw as on a terminal
    try:
        with redirect_stderr(io.StringIO()):
            yield
    finally:
        if before is None:
            del os.environ["FORCE_COLOR"]
        else:
            os.environ["FORCE_COLOR"] = before


def _by_hand(task: Digits) -> Callable[[], nn.Module]:
    """The loop that a user would write, without history or bar."""
    model, optimiser, criterion = task.parts()

    def lap() -> nn.Module:
        batches = task.loader()
        for _ in range(EPOCHS):
            for inputs, labels in batches:
                _step(model, optimiser, criterion, inputs, labels)
        return model

    return lap


def _bare(task: Digits) -> Callable[[], None]:
    """The steps alone: batches of one epoch, made before and used in turn."""
    model, optimiser, criterion = task.parts()
    batches = list(task.loader())

    def lap() -> None:
        for _ in range(EPOCHS):
            for inputs, labels in batches:
                _step(model, optimiser, criterion, inputs, labels)

    return lap


def _step(model: nn.Module, optimiser: nn.Optimiser, criterion: Any, inputs: Any, labels: Any) -> None:
    loss = criterion(model(inputs), labels)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
