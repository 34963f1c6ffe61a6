"""Two interleaved half circles, the data of micrograd's demo, from the standard library alone."""

from __future__ import annotations

from math import cos, pi, sin
from random import Random


def two_moons(count: int, noise: float, seed: int) -> tuple[list[list[float]], list[float]]:
    """Return `count` points in the plane and their labels, -1 for the upper moon and +1 for the lower."""
    random = Random(seed)
    points, labels = [], []
    for index in range(count):
        angle = pi * random.random()
        lower = index % 2 == 1
        x, y = (1 - cos(angle), 0.5 - sin(angle)) if lower else (cos(angle), sin(angle))
        points.append([x + random.gauss(0, noise), y + random.gauss(0, noise)])
        labels.append(1.0 if lower else -1.0)
    return points, labels
