"""The file of a search: a line about the search, then a line for each finished trial, as JSON.

A line is appended when its trial has finished, and brought to the disk before the next is. A process that was killed
leaves at most the last line unfinished; it is cut off when the search goes on.
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, replace
from typing import Any

from ..checkpoint.pack import pack, unpack
from ..core.lock import locked
from ..safetensors import sync_folder, write_synced
from .errors import SearchError
from .records import Damaged, check_about, check_record
from .trial import Trial
from .words import described

FORMAT = 1
KEY = "gradlens search"
RESULTS = ("score", "metrics", "curves", "seconds", "error", "traceback")
WANTED = ("params", "budget", "seed")  # what the results are of
HELD = (
    " An object is known by the sum of all that it holds, unless its class has a __repr__: write one that tells what "
    "matters."
)


class SearchFile:
    """What is in the file: `about`, of the search, and `found`, what came of each trial by round and number.

    From here to `close` nobody else has it.
    """

    def __init__(self, path: Any) -> None:
        if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
            raise TypeError(f'resume={path!r:.60}: give the path of a file, such as "runs/search.jsonl".')
        self.path = os.fspath(path)
        self.about: dict[str, Any] | None = None
        self.found: dict[tuple[int, int], dict[str, Any]] = {}
        self.size = 0
        if os.path.isdir(self.path):
            raise IsADirectoryError(
                f"resume={self.path!r} is a folder: give a file, such as {self.path}/search.jsonl."
            )
        self._lock = ExitStack()
        with ExitStack() as failed:
            failed.callback(self.close)
            self._alone()
            if os.path.exists(self.path):
                self._read()
            failed.pop_all()

    def _alone(self) -> None:
        folder, name = os.path.split(os.path.abspath(self.path))
        os.makedirs(folder, exist_ok=True)
        try:
            alone = self._lock.enter_context(locked(folder, wait=False, name=f".{name}.lock"))
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            return  # a folder to read from
        if not alone:
            raise SearchError(
                f"{self.path} is in use: another search writes to it. Wait for its end, or give another path."
            )

    def close(self) -> None:
        """Let others have the file."""
        self._lock.close()

    def _read(self) -> None:
        with open(self.path, "rb") as file:
            # Behind the last line's end is nothing, or a line half written.
            *lines, _ = file.read().split(b"\n")
        for i, line in enumerate(lines):
            try:
                text = json.loads(line)
            except (ValueError, RecursionError) as error:
                if 0 < i == len(lines) - 1:
                    break  # the disk failed at the last moment: this trial runs again
                raise self._damaged(i, error) from None
            try:
                record = unpack(text, {})
                if i:
                    check_record(record)
                    self.found[record["round"], record["number"]] = {
                        name: record[name] for name in (*WANTED, *RESULTS)
                    }
                else:
                    self.about = _about(record)
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                raise self._damaged(i, error) from None
            self.size += len(line) + 1
        if self.about is None:
            raise SearchError(f"{self.path}: it is no file of a search. Give another path, or remove it.")

    def _damaged(self, i: int, error: Exception) -> SearchError:
        what = f"line {i + 1} is damaged" if i or isinstance(error, Damaged) else "it is no file of a search"
        return SearchError(f"{self.path}: {what} ({error}). Give another path, or remove it.")

    def begin(self, about: Mapping[str, Any]) -> None:
        """Make ready to add trials: a new file gets its first line, an old one loses a line that is half written."""
        if self.about is None:
            folder, name = os.path.split(os.path.abspath(self.path))
            line = _line({KEY: FORMAT, **about})
            temporary = os.path.join(folder, f".{name}.unfinished")
            try:
                write_synced(temporary, line)
                os.replace(temporary, self.path)
            except BaseException:
                if os.path.exists(temporary):
                    os.unlink(temporary)
                raise
            sync_folder(folder)
            self.about, self.size = dict(about), len(line)
        else:
            with open(self.path, "r+b") as file:
                file.truncate(self.size)
                file.flush()
                os.fsync(file.fileno())

    def add(self, trial: Trial) -> None:
        """Write down a trial that has finished."""
        record = asdict(trial) | _wanted(trial)
        line = _line(record)
        with open(self.path, "r+b", buffering=0) as file:
            if file.seek(0, os.SEEK_END) != self.size:
                raise SearchError(
                    f"{self.path} was changed by another process: does the same search run twice?"
                )
            try:
                if file.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.path)
                os.fsync(file.fileno())
            except BaseException:
                file.truncate(self.size)
                raise
        self.size += len(line)
        self.found[trial.key] = {name: record[name] for name in (*WANTED, *RESULTS)}

    def compare(self, about: Mapping[str, Any]) -> None:
        """Refuse the file of another search, and say what differs."""
        there = self.about or {}
        differences: list[tuple[str, Any, Any]] = []
        for name, new in about.items():
            old = there.get(name)
            if not isinstance(old, dict) or not isinstance(new, dict):
                differences += [(name, old, new)] * (old != new)
                continue
            keys = [*old, *(key for key in new if key not in old)]
            differences += [(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]
            if old == new and list(old) != list(new):
                differences.append((f"the order of the {name}", ", ".join(old), ", ".join(new)))
        if differences:
            text = "; ".join(
                f"{name} is {_said(old)} there and {_said(new)} here" for name, old, new in differences
            )
            held = any(_unsummed(old) == _unsummed(new) for _, old, new in differences)
            raise SearchError(
                f"{self.path} is of another search: {text}. Give another path, or remove the file to begin anew."
                + HELD * held
            )

    def restored(self, trial: Trial) -> Trial | None:
        """The trial with what the file has of it, or None.

        None also if it was tried elsewhere: when a trial of an earlier round is run again, later ones may move.
        """
        found = self.found.get(trial.key)
        if found is None or not _alike({name: found[name] for name in WANTED}, _wanted(trial)):
            return None
        return replace(trial, **{name: found[name] for name in RESULTS})


def _about(record: Any) -> dict[str, Any]:
    if not isinstance(record, dict) or KEY not in record:
        raise ValueError("no search")
    if record[KEY] != FORMAT:
        raise SearchError(f"a file of format {record[KEY]!r:.20}, and this version reads format {FORMAT}.")
    about = {name: value for name, value in record.items() if name != KEY}
    check_about(about)
    return about


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(pack(dict(record), {}), allow_nan=False).encode() + b"\n"


def _wanted(trial: Trial) -> dict[str, Any]:
    """What identifies a trial besides its number, as the file has it."""
    params = {name: _plain(value) for name, value in trial.params.items()}
    return {"params": params, "budget": _plain(trial.budget), "seed": trial.seed}


def _alike(a: Any, b: Any) -> bool:
    """Whether they are equal, but for the last digits of floats, in which one machine may differ from another."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_alike(a[name], b[name]) for name in a)
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-12) or (a != a and b != b)
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def _plain(value: Any) -> Any:
    """A value as JSON has it, or in words."""
    return value if isinstance(value, (bool, int, float, str, type(None))) else described(value)


def _unsummed(text: Any) -> str:
    """A description without the sums of what objects hold."""
    return re.sub(r"\(sum [0-9a-f]{8}\)", "", str(text))


def _said(value: Any) -> str:
    return "absent" if value is None else str(value)
