"""The progress bar of fit: one line on the terminal, drawn by rich where that is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .history import History, cell


class NoBar:
    """No progress bar; also what a bar can do."""

    def end_epoch(self, epoch: int, history: History) -> None:
        """After each epoch."""


class RichBar(NoBar):
    """A progress bar over all batches of all epochs, with the numbers of the last epoch."""

    def __init__(self, progress: Any, epochs: int, batches: int) -> None:
        self.progress, self.epochs = progress, epochs
        progress.add_task(f"epoch 1/{epochs}", total=epochs * batches)

    def end_epoch(self, epoch: int, history: History) -> None:
        text = f"epoch {min(epoch + 1, self.epochs)}/{self.epochs}  loss {cell('loss', history.loss[-1])}"
        right = history.val_accuracy or history.accuracy
        if right:
            text += f"  {'val_' * bool(history.val_accuracy)}accuracy {cell('accuracy', right[-1])}"
        self.progress.tasks[0].description = text


@contextmanager
def progress_bar(
    progress: bool | None, epochs: int, batches: int, done: Callable[[], int]
) -> Iterator[NoBar]:
    """The progress bar, if one is wanted and can be drawn. done() tells how many batches there were.

    It is asked when the bar is drawn, four times a second by a thread of rich's: so a step costs nothing more.
    """
    try:
        if progress is False:
            raise ImportError
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
    except ImportError:
        yield NoBar()
        return
    console = Console(stderr=True)
    if progress is None and not console.is_terminal:
        yield NoBar()
        return

    class Drawn(Progress):
        def get_renderable(self) -> Any:
            if self.tasks:
                self.update(self.tasks[0].id, completed=done())
            return super().get_renderable()

    text, bar = TextColumn("{task.description}"), BarColumn(bar_width=16)  # together at most 80 characters
    columns = (text, bar, TaskProgressColumn(), TimeRemainingColumn())
    with Drawn(*columns, console=console, refresh_per_second=4) as drawn:
        yield RichBar(drawn, epochs, batches)
