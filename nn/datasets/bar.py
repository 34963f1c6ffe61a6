"""The progress of a download: a bar where rich is installed, else a line of text; nothing where nobody looks."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(text: str, size: int, progress: bool | None) -> Iterator[Callable[[int], None]]:
    """A function to be told how many bytes are there. `progress` None: drawn on a terminal only."""
    if progress is None:
        progress = sys.stderr.isatty()
    if not progress:
        yield lambda done: None
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
    except ImportError:
        with _line(text, size) as show:
            yield show
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=16),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as drawn:
        task = drawn.add_task(text, total=size)
        yield lambda done: drawn.update(task, completed=done)


@contextmanager
def _line(text: str, size: int) -> Iterator[Callable[[int], None]]:
    """One line that is written anew, at most ten times a second."""
    due, last = 0.0, ""

    def show(done: int) -> None:
        nonlocal due, last
        now = time.monotonic()
        line = f"{text} {100 * done // size:3d} % of {size / 1e6:.1f} MB"
        if line != last and (now >= due or done >= size):
            due, last = now + 0.1, line
            print(f"\r{line}", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if last:
            print(file=sys.stderr)
