"""HIPS autograd's side, seen from here: a second Python that is asked for one round at a time.

Its package has the same import name as ours, so it lives in an environment of its own. It takes its turns in
the same rounds as everybody else.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.row import MissingPeer
from benchmarks.tensor.chain import LENGTH, Array, Phase

VARIABLE = "GRADLENS_HIPS_PYTHON"
DEFAULT = ".venv-hips/bin/python"
WORKER = Path(__file__).with_name("hips_worker.py")


class Worker:
    """The other Python."""

    def __init__(self, python: str) -> None:
        try:
            # -I: neither user settings nor this folder on its path, so that `autograd` is certainly theirs
            self.process = subprocess.Popen(
                [python, "-I", str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        except OSError as error:
            raise MissingPeer(_remedy(python, str(error))) from error
        try:
            self.versions = self._read()
        except EOFError as error:
            raise MissingPeer(_remedy(python, "it cannot import HIPS autograd")) from error

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send a request and wait for its reply."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise EOFError("HIPS autograd's process has ended; its error is printed above")
        reply: dict[str, Any] = json.loads(line)
        return reply


def _remedy(python: str, reason: str) -> str:
    return f"not found at {python} ({reason}); `make bench` installs it, or set {VARIABLE} to its Python"


@cache
def worker() -> Worker:
    """Start the other Python, once. It ends when this process closes its input."""
    return Worker(os.environ.get(VARIABLE, DEFAULT))


def versions() -> dict[str, Any] | None:
    """Return the other environment's versions, None when it had nothing to do in this run."""
    return worker().versions if worker.cache_info().currsize else None


@dataclass(frozen=True)
class Remote:
    """One op and phase, measured over there."""

    op: str
    phase: Phase
    arrays: tuple[Array, ...]
    collector: bool

    def measure(self, laps: int) -> float:
        """Return the seconds of one lap."""
        return float(self._ask(self.phase, laps)["seconds"])

    def answer(self) -> Sequence[float]:
        """Return the gradients of both arrays."""
        found: list[float] = self._ask("answer", 1)["answer"]
        return found

    def _ask(self, phase: str, laps: int) -> dict[str, Any]:
        request = {
            "op": self.op,
            "phase": phase,
            "laps": laps,
            "length": LENGTH,
            "dtype": str(np.result_type(*self.arrays)),
            "arrays": [array.tolist() for array in self.arrays],
            "collector": self.collector,
        }
        return worker().ask(request)
