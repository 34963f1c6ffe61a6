"""PyTorch's eager training step, as its tutorials write it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from benchmarks.peers import load_torch
from benchmarks.training.task import MOMENTUM, RATE, Task


def trainer(task: Task) -> Callable[[], object]:
    """Return a function that takes one step and returns the loss before it."""
    torch = load_torch()
    layers = []
    for before, after in pairwise(task.sizes):
        layers += [torch.nn.Linear(before, after), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    model.load_state_dict({key: torch.from_numpy(array.copy()) for key, array in task.state.items()})
    if task.optimiser == "SGD":
        optimiser = torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)
    else:
        optimiser = torch.optim.Adam(model.parameters())
    criterion = torch.nn.CrossEntropyLoss()
    batch, labels = torch.from_numpy(task.batch), torch.from_numpy(task.labels)

    def step() -> object:
        loss = criterion(model(batch), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.detach()

    return step


def products(task: Task) -> Callable[[], object]:
    """Return the step's matrix products alone, into buffers made before."""
    torch = load_torch()
    weights = [torch.from_numpy(w.copy()) for key, w in task.state.items() if key.endswith("weight")]
    inputs = [torch.ones(task.samples, size) for size in task.sizes[:-1]]
    outputs = [torch.ones(task.samples, size) for size in task.sizes[1:]]
    calls = []
    for layer, (w, x, y) in enumerate(zip(weights, inputs, outputs)):
        calls += [(x, w.T, torch.empty_like(y)), (y.T, x, torch.empty_like(w))]
        if layer:
            calls.append((y, w, torch.empty_like(x)))

    def step() -> None:
        product = torch.mm
        for a, b, out in calls:
            product(a, b, out=out)

    return step
