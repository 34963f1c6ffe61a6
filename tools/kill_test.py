"""Kill a training at random moments, resume it, and compare the weights with those of an undisturbed run, to the bit.

    python tools/kill_test.py --tries 200

Each try trains in a process of its own, which gets SIGKILL after a random time; then a further one goes on, and is
killed, too, once or more, until one comes to its end. After every kill the newest checkpoint has to load, without a
warning about a damaged one. A process is a fork of this one where there are forks, so that a try costs no more than its
training. With --stages the kill comes before each call that changes the disk, one after the other: every state in
which writing can be broken off.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from itertools import repeat
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

import nn
from nn import checkpoint

EPOCHS, ROWS, BATCH = 4, 136, 16
Poll = Callable[[], int | None]  # the exit status, once there is one
CALLS = ("mkdir", "fsync", "rename", "replace", "rmdir", "unlink", "remove", "open")


def network() -> nn.Module:
    """A network with all that a checkpoint has to keep: dropout's random numbers, running means, and weights."""
    hidden = nn.Linear(8, 24, rng=1), nn.BatchNorm1d(24), nn.ReLU(), nn.Dropout(0.3, rng=5)
    return nn.Sequential(*hidden, nn.Linear(24, 3, rng=2))


def train(folder: str | None) -> dict[str, Any]:
    """The whole training, from wherever `folder` has it; returns the weights, and the history as an array."""
    rng = np.random.default_rng(7)
    X, y = rng.normal(size=(ROWS, 8)), rng.integers(0, 3, ROWS)
    model = network()
    optimiser = nn.Adam(model.parameters(), lr=0.01)
    history = nn.fit(
        model,
        (X[:104], y[:104]),
        epochs=EPOCHS,
        batch_size=BATCH,
        optimiser=optimiser,
        validation=(X[104:], y[104:]),
        metrics=["f1"],
        clip_norm=1.0,
        schedule=nn.schedule.StepLR(optimiser, step_size=2),
        batch_schedule=nn.schedule.ExponentialLR(optimiser, gamma=0.99),
        callbacks=nn.EarlyStopping(patience=4),
        checkpoint=folder and nn.Checkpoint(folder, every_batches=3, keep=2, keep_best=True),
        resume=folder is not None,
        rng=3,
        progress=False,
    )
    numbers = [history[name] for name in (*history.columns(), "lr")] + list(history.gradient_norms.values())
    return model.state_dict() | {"history": np.array(numbers)}


def child(folder: str, die_at: int | None, program: list[str]) -> tuple[Poll, Callable[[], None]]:
    """Start a process that trains in `folder`, and dies before call `die_at`; returns what asks and what kills it."""
    if not hasattr(os, "fork") or sys.platform == "darwin":  # a fork may not use Accelerate there
        process = subprocess.Popen([*program, "--worker", folder, "--die-at", str(die_at or 0)])
        return process.poll, process.kill
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        number = os.fork()
    if not number:
        status = 1
        try:
            work(folder, die_at)
            status = 0
        finally:
            os._exit(status)

    def poll() -> int | None:
        done, status = os.waitpid(number, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if done else None

    return poll, lambda: os.kill(number, signal.SIGKILL)


def work(folder: str, die_at: int | None) -> None:
    """Train, and write the weights beside the checkpoints when it has come to its end."""
    warnings.simplefilter("error")
    if die_at:
        count = 0

        def deadly(function: Any) -> Any:
            def call(*args: Any, **kwargs: Any) -> Any:
                nonlocal count
                count += 1
                if count == die_at:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*args, **kwargs)

            return call

        for name in CALLS:
            setattr(os, name, deadly(getattr(os, name)))
    result = train(folder)
    nn.safetensors.save_file(result, os.path.join(folder, "result.safetensors"))


def one_try(
    wanted: dict[str, Any], waits: Any, die_at: int | None, program: list[str], where: str | None
) -> tuple[int, int]:
    """Kill and resume until the end; returns how often it was killed, and how often a checkpoint was there then."""
    folder = tempfile.mkdtemp(prefix="kill_test_", dir=where)
    kills = found = 0
    try:
        while True:
            poll, kill = child(folder, die_at, program)
            end = time.monotonic() + next(waits)
            status = None
            while status is None:
                status = poll()
                if status is None and time.monotonic() >= end and die_at is None:
                    kill()
                    end = float("inf")
                time.sleep(0.0005)
            die_at = None
            if status == 0:
                break
            if os.name != "nt" and status != -signal.SIGKILL:
                raise AssertionError(f"a process ended with status {status}")
            kills += 1
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                there = checkpoint.listed(folder)
                if there:
                    assert checkpoint.newest(folder) == there[0], "the newest checkpoint does not load"
                    found += 1
        result = nn.safetensors.load_file(os.path.join(folder, "result.safetensors"))
        for name, array in wanted.items():
            if result[name].tobytes() != np.ascontiguousarray(array).tobytes():
                raise AssertionError(f"{name} differs from the undisturbed run")
        left = [name for name in os.listdir(folder) if name.startswith(".")]
        assert not left, f"left behind: {left}"
        return kills, found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Try, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tries", type=int, default=200)
    parser.add_argument("--stages", type=int, default=0, help="how many calls to die before, one try each")
    parser.add_argument("--folder", help="where to write; a folder in memory is faster than one on a disk")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--die-at", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker, options.die_at)
        return
    program, draw = [sys.executable, os.path.abspath(__file__)], random.Random(options.seed)
    wanted = train(None)
    folder = tempfile.mkdtemp(prefix="kill_test_", dir=options.folder)
    train(os.path.join(folder, "first"))  # so that all that is imported on the way is there for the forks
    start = time.monotonic()
    poll, _ = child(os.path.join(folder, "second"), None, program)
    while poll() is None:
        time.sleep(0.001)
    length = time.monotonic() - start
    shutil.rmtree(folder)

    def waits() -> Any:
        """Somewhere in the training; every third time a second kill, and so on."""
        yield draw.uniform(0, length)
        while draw.random() < 1 / 3:
            yield draw.uniform(0, length)
        while True:
            yield float("inf")

    start, kills, found, struck = time.monotonic(), 0, 0, 0
    while struck < options.tries:  # a training that came to its end before its time was no try
        more, there = one_try(wanted, waits(), None, program, options.folder)
        kills, found, struck = kills + more, found + there, struck + (more > 0)
    stages = 0
    for die_at in range(1, options.stages + 1):
        more, there = one_try(wanted, repeat(float("inf")), die_at, program, options.folder)
        kills, found, stages = kills + more, found + there, stages + more
        if not more:  # so many calls there are not
            break
    print(
        f"{struck} tries at random times and {stages} before one call each: {kills} kills in all; a checkpoint was "
        f"there after {found} of them, and each time the newest loaded. All trainings ended with the weights and the "
        f"history of the undisturbed run, to the bit. "
        f"({time.monotonic() - start:.0f} s; one undisturbed takes {length:.2f} s)"
    )


if __name__ == "__main__":
    main()
