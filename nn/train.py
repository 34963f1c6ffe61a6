"""fit: the training loop, with a history of every epoch and a progress bar."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from autograd.errors import AutogradError
from autograd.tensor import Tensor

from .checks import (
    batches_of,
    check_first_batch,
    check_loss,
    check_model,
    check_optimiser,
    check_validation,
    explained,
    pair,
)
from .data import DataLoader
from .losses import CrossEntropyLoss
from .metrics import accuracy, outputs
from .module import Module
from .optim import SGD, Optimiser

COLUMNS = ("loss", "accuracy", "val_loss", "val_accuracy")


class DivergedError(AutogradError, FloatingPointError):
    """The loss became infinite or not a number. `history` holds the epochs before."""

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


class History:
    """What training did: one entry per finished epoch in `loss`, `accuracy`, `val_loss` and `val_accuracy`.

    `loss` and `accuracy` are means over the epoch's batches, each seen with the weights of its moment; the
    `val_` lists are measured at the end of the epoch. A list stays empty where there is nothing to measure:
    without a validation set, or without classes. `seconds` is the time of each epoch, and `interrupted` tells
    whether Ctrl-C ended the training.

    >>> history = History()
    >>> history.add(loss=0.5, val_accuracy=0.9)
    >>> print(history.table())
    epoch      loss   val_accuracy
        1    0.5000        90.00 %
    """

    def __init__(self) -> None:
        self.loss: list[float] = []
        self.accuracy: list[float] = []
        self.val_loss: list[float] = []
        self.val_accuracy: list[float] = []
        self.seconds: list[float] = []
        self.interrupted = False

    def add(self, **numbers: float | None) -> None:
        """Add the numbers of one epoch; None leaves a list as it is."""
        for name, number in numbers.items():
            if number is not None:
                getattr(self, name).append(number)

    def __len__(self) -> int:
        return len(self.loss)

    def table(self, every: int = 1) -> str:
        """The history as text: the first, every `every`-th and the last epoch."""
        columns = [name for name in COLUMNS if getattr(self, name)]
        widths = {name: max(len(name), 7) + 3 for name in columns}
        lines = ["epoch" + "".join(name.rjust(widths[name]) for name in columns)]
        for i in range(len(self)):
            if i in (0, len(self) - 1) or (i + 1) % every == 0:
                cells = [_cell(name, getattr(self, name)[i]).rjust(widths[name]) for name in columns]
                lines.append(f"{i + 1:5d}" + "".join(cells))
        return "\n".join(lines)

    def __repr__(self) -> str:
        columns = [name for name in COLUMNS if getattr(self, name)]
        last = "".join(f", {name} {_cell(name, getattr(self, name)[-1])}" for name in columns)
        return f"History({len(self)} epoch{'s' * (len(self) != 1)}{last}{', interrupted' * self.interrupted})"


@explained
def fit(
    model: Module,
    data: Any,
    *,
    epochs: int,
    batch_size: int = 64,
    optimiser: Optimiser | None = None,
    loss: Any = None,
    validation: Any = None,
    rng: Any = None,
    progress: bool | None = None,
) -> History:
    """Train the model: `epochs` passes over the data, one optimiser step a batch. Returns the history.

    data: (X, y), shuffled anew each epoch by `rng`; or a DataLoader, which brings its own batches.
    optimiser: SGD with lr=0.1 and momentum=0.9, unless given.
    loss: `loss(outputs, y)` gives the mean over a batch; cross-entropy, unless given.
    validation: (X, y), measured after each epoch in eval mode.
    progress: whether to draw a bar (needs rich: pip install rich). None, the default, draws it on a terminal only.

    Inputs of another floating-point dtype than the parameters' are converted, so that float32 stays float32.
    What does not fit together is refused before the first step changes a weight.
    Ctrl-C ends the training and returns the history of the finished epochs. A loss that is not finite raises
    DivergedError. Afterwards every module is in the mode, train or eval, that it was in before.

    >>> from nn import Linear
    >>> X, y = np.array([[-1.0], [1.0]] * 8), np.array([0, 1] * 8)
    >>> fit(Linear(1, 2, rng=0), (X, y), epochs=5, batch_size=4, rng=0).accuracy[-1]
    1.0
    """
    if isinstance(epochs, bool) or not isinstance(epochs, (int, np.integer)) or epochs < 0:
        raise ValueError(f"epochs={epochs!r}: it is a whole number of passes over the data.")
    check_model(model)
    dtype = _dtype(model)
    batches = batches_of(data, batch_size, rng, dtype)
    optimiser = SGD(model.parameters(), lr=0.1, momentum=0.9) if optimiser is None else optimiser
    check_optimiser(optimiser, model)
    loss = CrossEntropyLoss() if loss is None else loss
    check_loss(loss)
    if validation is not None:
        validation = pair(validation, "validation", dtype)
        check_validation(validation, batches, loss)
    history = History()
    modes = [(module, module.training) for module in model.modules()]
    try:
        with _bar(progress, int(epochs), len(batches)) as bar:
            for epoch in range(1, int(epochs) + 1):
                start = time.perf_counter()
                model.train()
                check = partial(check_first_batch, loss=loss, data=batches, validation=validation)
                numbers = _epoch(
                    model, batches, optimiser, loss, history, bar, None if len(history) else check
                )
                if validation is not None:
                    numbers |= _validate(model, validation, loss, history)
                history.add(seconds=time.perf_counter() - start, **numbers)
                bar.end_epoch(epoch, history)
    except KeyboardInterrupt:
        history.interrupted = True
    finally:
        for module, mode in modes:
            module.training = mode
    return history


def _epoch(
    model: Module,
    batches: DataLoader,
    optimiser: Optimiser,
    loss: Any,
    history: History,
    bar: _NoBar,
    check: Any,
) -> dict[str, float | None]:
    total, rows, right, step = 0.0, 0, 0, bar.step
    classes: bool | None = None
    for i, (inputs, labels) in enumerate(batches, 1):
        optimiser.zero_grad()
        scores = model(inputs)
        cost = loss(scores, labels)
        if check is not None:
            check(scores, cost)
            check = None
        number = float(cost)
        if not math.isfinite(number):
            raise DivergedError(
                f"the loss is {number} at batch {i} of epoch {len(history) + 1}. "
                + _advice(inputs, len(history) == 0 and i == 1),
                history,
            )
        cost.backward()
        optimiser.step()
        total += number * len(inputs)
        rows += len(inputs)
        if classes is None:
            classes = isinstance(scores, Tensor) and _are_classes(scores, labels)
        if classes:  # methods and `_data`: np.argmax(scores.data, axis=1) takes three times as long
            right += int(np.count_nonzero(scores._data.argmax(1) == labels))
        step()
    return {"loss": total / rows, "accuracy": right / rows if classes else None}


def _validate(
    model: Module, validation: tuple[Any, Any], loss: Any, history: History
) -> dict[str, float | None]:
    X, y = validation
    scores = outputs(model, X)
    number = float(loss(Tensor(scores, requires_grad=False, dtype=scores.dtype), y))
    if not math.isfinite(number):
        raise DivergedError(
            f"the loss on the validation set is {number} after epoch {len(history) + 1}. "
            + _advice(X, False),
            history,
        )
    return {"val_loss": number, "val_accuracy": accuracy(scores, y) if _are_classes(scores, y) else None}


class _NoBar:
    """No progress bar; also what a bar can do."""

    def step(self) -> None:
        """After each batch."""

    def end_epoch(self, epoch: int, history: History) -> None:
        """After each epoch."""


class _RichBar(_NoBar):
    """A progress bar over all batches of all epochs, with the numbers of the last epoch."""

    def __init__(self, progress: Any, epochs: int, batches: int) -> None:
        self.progress, self.epochs, self.batches = progress, epochs, batches
        self.task = progress.add_task(f"epoch 1/{epochs}", total=epochs * batches)
        self.done, self.next = 0, 0.0

    def step(self) -> None:
        self.done += 1
        now = time.monotonic()
        if now >= self.next:  # ten times a second: an update costs more than a small training step
            self.next = now + 0.1
            self.progress.update(self.task, completed=self.done)

    def end_epoch(self, epoch: int, history: History) -> None:
        text = f"epoch {min(epoch + 1, self.epochs)}/{self.epochs}  loss {history.loss[-1]:.4f}"
        right = history.val_accuracy or history.accuracy
        if right:
            text += f"  {'val_' * bool(history.val_accuracy)}accuracy {_cell('accuracy', right[-1])}"
        self.progress.update(self.task, completed=self.done, description=text)


@contextmanager
def _bar(progress: bool | None, epochs: int, batches: int) -> Iterator[_NoBar]:
    """The progress bar, if one is wanted and can be drawn."""
    try:
        if progress is False:
            raise ImportError
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
    except ImportError:
        yield _NoBar()
        return
    console = Console(stderr=True)
    if progress is None and not console.is_terminal:
        yield _NoBar()
        return
    text, bar = TextColumn("{task.description}"), BarColumn(bar_width=16)  # together at most 80 characters
    with Progress(text, bar, TaskProgressColumn(), TimeRemainingColumn(), console=console) as drawn:
        yield _RichBar(drawn, epochs, batches)


def _dtype(model: Module) -> Any:
    """The dtype that all parameters share, or None."""
    dtypes = {parameter.dtype for parameter in model.parameters()}
    return dtypes.pop() if len(dtypes) == 1 else None


def _are_classes(scores: Any, labels: Any) -> bool:
    return bool(np.ndim(scores) == 2 and labels.ndim == 1 and labels.dtype.kind in "iu")


def _advice(inputs: Any, first: bool) -> str:
    if not np.all(np.isfinite(inputs)):
        return "The inputs of this batch are not all finite: look for them with np.isfinite(X)."
    if first:
        return "No step was made yet: the initial weights, the scale of the inputs or the loss are the cause."
    return "The steps were too large: use a smaller learning rate, or bring the inputs to a common scale."


def _cell(name: str, number: float) -> str:
    return f"{100 * number:.2f} %" if name.endswith("accuracy") else f"{number:.4f}"
