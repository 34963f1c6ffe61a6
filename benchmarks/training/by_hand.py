"""The same training step written by hand in NumPy: what a careful programmer gets without any library."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np

from benchmarks.training.task import MOMENTUM, RATE, Array, Task


def trainer(task: Task) -> Callable[[], object]:
    """Return a function that takes one step and returns the loss before it."""
    weights = [np.ascontiguousarray(w.T) for key, w in task.state.items() if key.endswith("weight")]
    biases = [b.copy() for key, b in task.state.items() if key.endswith("bias")]
    parameters = [*weights, *biases]
    update = _momentum(parameters) if task.optimiser == "SGD" else _adam(parameters)
    batch, labels, samples = task.batch, task.labels, task.samples
    everyone = np.arange(samples)
    last = len(weights) - 1

    def step() -> object:
        activations = [batch]
        for layer, (w, b) in enumerate(zip(weights, biases)):
            z = activations[-1] @ w
            z += b
            if layer < last:
                np.maximum(z, 0, out=z)
            activations.append(z)

        g = activations.pop()
        g -= g.max(axis=1, keepdims=True)
        right = g[everyone, labels]
        np.exp(g, out=g)
        total = g.sum(axis=1, keepdims=True)
        loss = (np.log(total).sum() - right.sum()) / samples
        g /= total
        g[everyone, labels] -= 1
        g /= samples

        gradients: list[Array] = [g] * len(parameters)
        for layer in range(last, -1, -1):
            h = activations[layer]
            gradients[layer] = h.T @ g
            gradients[last + 1 + layer] = g.sum(axis=0)
            if layer:
                g = g @ weights[layer].T
                g *= h > 0

        update(gradients)
        return loss

    return step


def _momentum(parameters: list[Array]) -> Callable[[list[Array]], None]:
    velocities = [np.zeros_like(parameter) for parameter in parameters]

    def update(gradients: list[Array]) -> None:
        for parameter, velocity, gradient in zip(parameters, velocities, gradients):
            velocity *= MOMENTUM
            velocity += gradient
            np.multiply(velocity, RATE, out=gradient)
            parameter -= gradient

    return update


def _adam(parameters: list[Array]) -> Callable[[list[Array]], None]:
    means = [np.zeros_like(parameter) for parameter in parameters]
    squares = [np.zeros_like(parameter) for parameter in parameters]
    steps = 0

    def update(gradients: list[Array]) -> None:
        nonlocal steps
        steps += 1
        root = sqrt(1 - 0.999**steps)
        rate, eps = 1e-3 * root / (1 - 0.9**steps), 1e-8 * root
        for parameter, mean, square, gradient in zip(parameters, means, squares, gradients):
            mean *= 0.9
            mean += 0.1 * gradient
            gradient *= gradient
            gradient *= 0.001
            square *= 0.999
            square += gradient
            size = np.sqrt(square)
            size += eps
            np.divide(mean, size, out=size)
            size *= rate
            parameter -= size

    return update


def products(task: Task) -> Callable[[], object]:
    """Return the step's matrix products alone, into buffers made before."""
    weights = [w for key, w in task.state.items() if key.endswith("weight")]
    inputs = [np.ones((task.samples, size), np.float32) for size in task.sizes[:-1]]
    outputs = [np.ones((task.samples, size), np.float32) for size in task.sizes[1:]]
    calls: list[tuple[Callable[..., object], Array, Array]] = []
    for layer, (w, x, y) in enumerate(zip(weights, inputs, outputs)):
        calls += [(x.dot, w.T, np.empty_like(y)), (y.T.dot, x, np.empty_like(w))]
        if layer:
            calls.append((y.dot, w, np.empty_like(x)))

    def step() -> None:
        for product, other, out in calls:
            product(other, out)

    return step
