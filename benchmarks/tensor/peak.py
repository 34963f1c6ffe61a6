"""The most memory that forward and backward of a deep network hold at once, in units of one layer's output.

Each side runs in a process of its own, and the operating system tells its peak: that counts every library alike.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.peers import load, load_torch
from benchmarks.row import Peer, Row, Side

LAYERS, WIDTH, BATCH = 20, 256, 16384
ACTIVATION = BATCH * WIDTH * 4  # bytes of one layer's output in float32


@dataclass
class Peak:
    """One library's network, run once in a new process."""

    library: str

    def measure(self, laps: int) -> float:
        """Return the peak of a forward and a backward pass, in bytes."""
        command = [sys.executable, "-m", "benchmarks.tensor.peak", self.library]
        root = Path(__file__).resolve().parents[2]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
        return float(done.stdout)

    def answer(self) -> Sequence[float]:
        """Nothing to compare: the training rows do that."""
        return ()


def rows() -> list[Row]:
    """Return the row, or none where the operating system does not tell a process's peak."""
    if not Path("/proc/self/status").exists():
        return []
    return [
        Row(
            f"peak of a {LAYERS} x {WIDTH} network, batch {BATCH}",
            partial(_side, "gradlens"),
            tuple(Peer(name, partial(_side, name)) for name in ("PyTorch", "MyGrad")),
            unit="activations",
            per=ACTIVATION,
            ceiling=26,
            reading="share",
            rounds=1,
        )
    ]


def _side(library: str) -> Side:
    if library == "PyTorch":
        load("torch")
    elif library == "MyGrad":
        load("mygrad")
    return Peak(library)


def _status(field: str) -> float:
    """A line of the kernel's account of this process, in bytes."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(field):
            return float(line.split()[1]) * 1024
    raise KeyError(field)


def _gradlens() -> Callable[[Any], Any]:
    import numpy as np

    import nn

    network = nn.MLP([WIDTH] * (LAYERS + 1), rng=0, dtype=np.float32)
    return lambda x: network(x).sum()


def _pytorch() -> Callable[[Any], Any]:
    torch = load_torch()
    layers: list[Any] = []
    for _ in range(LAYERS):
        layers += [torch.nn.Linear(WIDTH, WIDTH), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1])
    return lambda x: network(torch.from_numpy(x)).sum()


def _mygrad() -> Callable[[Any], Any]:
    import numpy as np

    mygrad = load("mygrad")
    rng = np.random.default_rng(0)
    scale = np.float32((2 / WIDTH) ** 0.5)
    weights = [mygrad.tensor(rng.standard_normal((WIDTH, WIDTH), np.float32) * scale) for _ in range(LAYERS)]
    biases = [mygrad.tensor(np.zeros(WIDTH, np.float32)) for _ in range(LAYERS)]

    def loss(x: Any) -> Any:
        for i, (w, b) in enumerate(zip(weights, biases)):
            x = x @ w + b
            x = mygrad.maximum(x, 0) if i < LAYERS - 1 else x
        return x.sum()

    return loss


def main(library: str) -> None:
    """Print the peak in bytes above what was there before the forward pass."""
    import numpy as np

    loss = {"gradlens": _gradlens, "PyTorch": _pytorch, "MyGrad": _mygrad}[library]()
    loss(np.ones((2, WIDTH), np.float32)).backward()  # whatever is set up once
    batch = np.ones((BATCH, WIDTH), np.float32)
    before = _status("VmRSS")
    loss(batch).backward()
    print(_status("VmHWM") - before)


if __name__ == "__main__":
    main(sys.argv[1])
