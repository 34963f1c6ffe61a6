"""Our training step, as the README writes it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

import nn
from benchmarks.training.task import MOMENTUM, RATE, Task


def trainer(task: Task) -> Callable[[], object]:
    """Return a function that takes one step and returns the loss before it."""
    layers: list[nn.Module] = []
    for before, after in pairwise(task.sizes):
        layers += [nn.Linear(before, after, dtype=np.float32, rng=0), nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    model.load_state_dict(task.state)
    optimiser: nn.Optimiser
    if task.optimiser == "SGD":
        optimiser = nn.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)
    else:
        optimiser = nn.Adam(model.parameters())
    criterion = nn.CrossEntropyLoss()
    batch, labels = task.batch, task.labels

    def step() -> object:
        loss = criterion(model(batch), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss

    return step
