"""Slopes of a function of one number, measured: the numeric side of every gradient check.

A step that is too long measures the curvature too, one that is too short only rounding. So a slope is taken from two
steps, and where there is doubt from steps of many lengths: it is the value on which they agree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Line = Callable[[float], float]


class Kink(NamedTuple):
    """Where a function has no derivative: its slopes on both sides, and what it looks like there."""

    left: float
    right: float
    kind: str


def central(line: Line, step: float) -> float:
    """The slope at 0 from two central differences, of `step` and half of it.

    Their errors are as 4 to 1, so this combination of them has an error of step**4 only (Richardson's extrapolation).

    >>> round(central(lambda t: (2 + t) ** 3, 1e-3), 9)
    12.0
    """
    half = step / 2
    wide = (line(step) - line(-step)) / (2 * step)
    narrow = (line(half) - line(-half)) / step
    return (4 * narrow - wide) / 3


def settled(line: Line, eps: float, size: float, unit: float = 1.0) -> tuple[float, float]:
    """The slope at 0 where it depends least on the step, and that step.

    `eps` is the relative rounding error of what is measured, `size` its size; steps are in `unit`.

    >>> slope, step = settled(lambda t: 1 / (1e-5 + t), 2e-16, 1e5)
    >>> abs(slope / -1e10 - 1) < 1e-6
    True
    """
    step = 10 * eps**0.25 * unit
    best, least = (float("nan"), step), float("inf")
    before = central(line, step)
    while step > eps**0.6 * unit:
        step /= 10
        now = central(line, step)
        doubt = abs(now - before) + eps * size / step
        if doubt < least:  # never for nan
            best, least = (now, step), doubt
        before = now
    return best


def kink(line: Line, step: float, noise: float) -> Kink | None:
    """Whether the function has a kink, a jump or an edge at 0; `noise` is its absolute rounding error.

    The slopes to the left and to the right of a smooth point approach each other with the step. At a kink they do not.

    >>> kink(abs, 1e-4, 1e-16)
    Kink(left=-1.0, right=1.0, kind='kink')
    >>> kink(lambda t: t * t, 1e-4, 1e-16)
    """
    here, short = line(0.0), step / 16
    left, right = (here - line(-step)) / step, (line(step) - here) / step
    gap, largest = abs(right - left), max(abs(left), abs(right))
    left, right = (here - line(-short)) / short, (line(short) - here) / short
    threshold = 100 * noise / short
    if not abs(left) + abs(right) < float("inf"):
        return Kink(left, right, "edge")
    if max(abs(left), abs(right)) > 2 * largest + threshold:
        return Kink(left, right, "jump")
    if abs(right - left) > max(0.5 * gap, 1e-3 * max(abs(left), abs(right)), threshold):
        return Kink(left, right, "kink")
    return None


def relative_error(analytic: Any, numeric: Any) -> Any:
    """|analytic - numeric| / the larger of the two; 0 where both are 0.

    >>> float(relative_error(2.0, 1.0))
    0.5
    """
    larger = np.maximum(np.abs(analytic), np.abs(numeric))
    return np.abs(np.subtract(analytic, numeric)) / np.where(larger == 0, 1.0, larger)


def numeric_gradient(
    function: Callable[..., Any], args: tuple[Any, ...], argnum: int, step: float = 1e-6
) -> Any:
    """d(function) / d(args[argnum]) by central differences, one element at a time.

    >>> float(numeric_gradient(lambda x: x**3, (2.0,), 0).round(6))
    12.0
    """
    x = np.array(args[argnum], dtype=np.float64)
    slopes = np.empty_like(x)
    for i in np.ndindex(x.shape):
        h = step * max(1.0, abs(float(x[i])))
        sides = []
        for moved in (x[i] + h, x[i] - h):
            probe = x.copy()
            probe[i] = moved
            sides.append(float(function(*args[:argnum], probe, *args[argnum + 1 :])))
        slopes[i] = (sides[0] - sides[1]) / (2 * h)
    return slopes
