"""The training tasks: the network, one fixed batch, the starting weights everybody gets, and the optimiser."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
RATE, MOMENTUM = 0.01, 0.9
CHECKED_STEPS = 5


@dataclass(frozen=True)
class Task:
    """A ReLU network trained on softmax cross-entropy by SGD with momentum or by Adam, all in float32."""

    name: str
    sizes: tuple[int, ...]
    samples: int
    target: float
    laps: int
    """Steps in a round; every round starts again from the same weights, before units can die."""
    optimiser: str = "SGD"

    @cached_property
    def batch(self) -> Array:
        """Return the inputs, (samples, features)."""
        drawn = np.random.default_rng(0).standard_normal((self.samples, self.sizes[0]))
        return drawn.astype(np.float32)

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """Return the classes, (samples,)."""
        return np.random.default_rng(1).integers(self.sizes[-1], size=self.samples)

    @cached_property
    def state(self) -> dict[str, Any]:
        """Return starting weights by He's rule, (out, in), named as in a Sequential of Linear and ReLU."""
        rng = np.random.default_rng(2)
        found = {}
        for layer, (before, after) in enumerate(pairwise(self.sizes)):
            weight = rng.standard_normal((after, before)) * np.sqrt(2 / before)
            found[f"{2 * layer}.weight"] = weight.astype(np.float32)
            found[f"{2 * layer}.bias"] = np.zeros(after, np.float32)
        return found


_SGD = (
    Task("2-16-16-2, batch 64", (2, 16, 16, 2), 64, target=0.25, laps=200),
    Task("256-128-64-10, batch 64", (256, 128, 64, 10), 64, target=0.6, laps=60),
    Task("784-512-256-10, batch 128", (784, 512, 256, 10), 128, target=0.85, laps=6),
    Task("64-(64 x 20)-10, batch 32", (64, *[64] * 20, 10), 32, target=0.45, laps=30),
    Task("3072-512-10, batch 256", (3072, 512, 10), 256, target=0.9, laps=3),
)
_ADAM = (0.2, 0.5, 0.8, 0.3, 0.85)
TASKS = (
    *_SGD,
    *(
        replace(task, name=f"{task.name}, Adam", target=target, optimiser="Adam")
        for task, target in zip(_SGD, _ADAM)
    ),
)
