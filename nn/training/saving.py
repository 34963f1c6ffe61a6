"""nn.Checkpoint: when fit writes a checkpoint, and which of them it keeps."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .. import checkpoint
from ..checkpoint import CheckpointError
from ..core.lock import locked
from ..core.numbers import whole
from .callbacks import Monitor
from .settings import tell
from .training import Training


class Checkpoint:
    """Write a training to a folder as it goes on, for fit(..., checkpoint=Checkpoint("runs/digits"), resume=True).

    folder: made if it is not there; it holds the checkpoints of one training, and is locked while that goes on.
    every_epochs: write after every so many epochs (None: after none); every_batches: also after every so many steps.
    The end of the training, and its end by Ctrl-C, are written in any case.
    keep: how many of the newest stay (None: all).
    keep_best: True, or the name of a column of the history: the checkpoint of the best epoch is written and stays, too;
    True is "val_loss" (without a validation set, "loss"). mode: "min" or "max", read off the name if it says it.

    Whatever happens to the process, or to the machine, the newest checkpoint is whole (see nn.checkpoint).

    >>> import tempfile, numpy as np, nn
    >>> X, y = np.eye(4), np.array([0, 1, 0, 1])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first = nn.fit(nn.Linear(4, 2, rng=0), (X, y), epochs=2, checkpoint=nn.Checkpoint(folder), rng=0)
    ...     model = nn.Linear(4, 2, rng=1)
    ...     history = nn.fit(model, (X, y), epochs=3, checkpoint=nn.Checkpoint(folder), resume=True)
    >>> history.loss[:2] == first.loss, len(history)
    (True, 3)
    """

    def __init__(
        self,
        folder: Any,
        *,
        every_epochs: int | None = 1,
        every_batches: int | None = None,
        keep: int | None = 2,
        keep_best: bool | str = False,
        mode: str | None = None,
    ) -> None:
        if not isinstance(folder, (str, os.PathLike)) or not os.fspath(folder):
            raise TypeError(f'checkpoint={folder!r:.60}: give the path of a folder, such as "runs/first".')
        self.folder = os.fspath(folder)
        self.every_epochs = _count("every_epochs", every_epochs)
        self.every_batches = _count("every_batches", every_batches)
        self.keep = _count("keep", keep)
        column = keep_best if isinstance(keep_best, str) else None
        self.monitor = Monitor(column, mode) if keep_best else None
        self._forget()

    def _forget(self) -> None:
        self.written = -1
        self.best_name: str | None = None
        if self.monitor is not None:
            self.monitor.best = None

    def begin(self, training: Training, resume: Any) -> None:
        """Look at the folder, and go on from the newest checkpoint in it if that was asked for."""
        self._forget()
        checkpoint.tidy(self.folder)
        there = checkpoint.listed(self.folder)
        if there and resume is False:
            raise FileExistsError(
                f"{self.folder} holds checkpoints of a training: write resume=True to go on from the newest, or give "
                "another folder, or remove this one."
            )
        if resume is True:
            found = checkpoint.read_newest(self.folder)
            if found is not None:
                self.take(training, *found)
            elif there:
                raise CheckpointError(
                    f"{self.folder}: none of its checkpoints is whole. Remove them to begin anew."
                )
        elif resume is not False:
            path = os.fspath(resume)
            self.take(training, path, *checkpoint.read(path))
            inside = self.written >= 0  # then it is one of them itself
            later = [p for p in there if checkpoint.step_of(p) >= training.steps + inside]
            if later:
                raise FileExistsError(
                    f"{self.folder} holds {later[0]}, which is not earlier than {path}: give another folder, or remove "
                    "it."
                )

    def take(self, training: Training, path: str, arrays: dict[str, Any], state: Any) -> None:
        """Go on from this one."""
        restore(training, path, arrays, state)
        own = state.get("checkpoint", {})
        inside = os.path.samefile(os.path.dirname(os.path.abspath(path)), self.folder)
        self.written = training.steps if inside else -1
        if self.monitor is not None:
            self.best_name = own.get("best_name") if inside else None
            self.monitor.best = own.get("best") if self.best_name else None

    def after_batch(self, training: Training) -> None:
        """Perhaps write; not after the last batch of an epoch, which is written when all of it is known."""
        if self.every_batches and training.steps % self.every_batches == 0:
            self.write(training)

    def after_epoch(self, training: Training) -> None:
        """Perhaps write."""
        better = self.monitor is not None and self.monitor.better(training.history)
        if better:
            self.best_name = f"step-{training.steps:08d}"
        by_epochs = self.every_epochs and training.epoch % self.every_epochs == 0
        by_batches = (
            self.every_batches and training.steps // self.every_batches * self.every_batches > self.written
        )
        if better or by_epochs or by_batches:
            self.write(training)

    def at_end(self, training: Training) -> None:
        """Write the last one, if it is not yet."""
        if training.steps > self.written and training.steps:
            self.write(training)

    def write(self, training: Training) -> None:
        """Write a checkpoint now, then remove those that are not needed any more."""
        own = {"best": self.monitor and self.monitor.best, "best_name": self.best_name}
        state = training.state_dict() | {"checkpoint": own}
        checkpoint.write(self.folder, training.steps, training.model.state_dict(), state)
        self.written = training.steps
        if self.keep is None:
            return
        older = [p for p in checkpoint.listed(self.folder) if checkpoint.step_of(p) < training.steps]
        for old in older[self.keep - 1 :]:
            if os.path.basename(old) != self.best_name:
                checkpoint.discard(old)


def _count(name: str, value: Any) -> int | None:
    return None if value is None else whole(f"Checkpoint: {name}", value, why="or None")


def restore(training: Training, path: str, arrays: dict[str, Any], state: Any) -> None:
    """Set a training to what was read from `path`; warn of what was given and is not used."""
    given = training.given
    try:
        training.load_state_dict(arrays, state)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error.__cause__
    tell(given, state, path)


@contextmanager
def saved(training: Training, given: Any, resume: Any) -> Iterator[Checkpoint | None]:
    """The Checkpoint that was given to fit, as such or as a folder; inside, its folder is locked.

    The training stands where it goes on.
    """
    if given is None:
        if resume is not False:
            path = os.fspath(resume)
            restore(training, path, *checkpoint.read(path))
        yield None
        return
    saver = given if isinstance(given, Checkpoint) else Checkpoint(given)
    training.state_dict()  # what cannot be written is refused now, and not after the first epoch
    try:
        os.makedirs(saver.folder, exist_ok=True)
    except OSError as error:
        what = "it is a file" if os.path.isfile(saver.folder) else error.strerror
        raise type(error)(
            f'checkpoint={saver.folder!r} cannot be a folder: {what}. Give another path, such as "runs/first".'
        ) from None
    with locked(saver.folder, wait=False) as alone:
        if not alone:
            raise CheckpointError(
                f"{saver.folder} is in use: another training writes its checkpoints there. Give each its own folder."
            )
        saver.begin(training, resume)
        yield saver
