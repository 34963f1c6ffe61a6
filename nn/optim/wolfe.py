"""A line search for L-BFGS, how far to go along a direction.

Bracket, then narrow, until the strong Wolfe conditions hold: the loss fell by its fair share, f(t) <= f(0) + 1e-4 * t *
f'(0), and the slope is well down, |f'(t)| <= 0.9 * |f'(0)| (J. Nocedal and S. Wright, "Numerical optimization", 2006,
algorithms 3.5 and 3.6). Steps come from cubic interpolation, and all decisions are PyTorch's, so that both go the same
way.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

FALL, LEVEL = 1e-4, 0.9


class Point(NamedTuple):
    """A place on the line: how far along, the loss there, its slope along the line, and the whole gradient."""

    t: float
    loss: float
    slope: float
    gradient: Any


def cubic_minimum(a: Point, b: Point, low: float, high: float) -> float:
    """Where the cubic through two losses and slopes is least, within [low, high] (Nocedal and Wright, equation 3.59).

    >>> cubic_minimum(Point(0.0, 1.0, -2.0, None), Point(2.0, 1.0, 2.0, None), 0.0, 2.0)
    1.0
    """
    if a.t > b.t:
        a, b = b, a
    width = b.t - a.t
    if width == 0:
        return low
    lean = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = lean * lean - a.slope * b.slope
    if not square >= 0:
        return (low + high) / 2
    root = math.sqrt(square)
    below = b.slope - a.slope + 2 * root
    if below == 0:
        return low
    t = b.t - width * ((b.slope + root - lean) / below)
    return min(max(low, t), high)


def strong_wolfe(
    at: Callable[[float], Point], start: Point, t: float, longest: float, least: float, evaluations: int
) -> tuple[Point, int]:
    """The point to go to, and how often the loss was computed.

    `at(t)` computes a point, `start` is that at 0, t the first guess; `longest` is the largest element of the
    direction. A bracket whose ends differ by less than `least` in every weight is narrow enough. It ends after about
    `evaluations` of the loss, with the best of what was found.
    """
    line = _Line(at, start, evaluations)
    bracket = line.bracket(t)
    return line.narrow(bracket, longest, least), line.spent


class _Line:
    def __init__(self, at: Callable[[float], Point], start: Point, evaluations: int) -> None:
        self.compute, self.start, self.evaluations = at, start, evaluations
        self.spent = self.rounds = 0

    def at(self, t: float) -> Point:
        self.spent += 1
        return self.compute(t)

    def too_high(self, p: Point) -> bool:
        return p.loss > self.start.loss + FALL * p.t * self.start.slope

    def level(self, p: Point) -> bool:
        return abs(p.slope) <= -LEVEL * self.start.slope

    def bracket(self, t: float) -> list[Point]:
        """Further and further out, until one point will do, or a good one must lie between two."""
        before, here = self.start, self.at(t)
        while self.rounds < self.evaluations:
            if self.too_high(here) or (self.rounds > 1 and here.loss >= before.loss):
                return [before, here]
            if self.level(here):
                return [here]
            if here.slope >= 0:
                return [before, here]
            nearest, farthest = here.t + 0.01 * (here.t - before.t), here.t * 10
            t = cubic_minimum(before, here, nearest, farthest)
            before, here = here, self.at(t)
            self.rounds += 1
        return [self.start, here]

    def narrow(self, ends: list[Point], longest: float, least: float) -> Point:
        """Replace one end of the bracket after the other by a better point."""
        if len(ends) == 1:
            return ends[0]
        low = 0 if ends[0].loss <= ends[1].loss else 1
        slow = False
        while self.rounds < self.evaluations and not abs(ends[1].t - ends[0].t) * longest < least:
            t, slow = self._inside(ends, slow)
            here = self.at(t)
            self.rounds += 1
            if self.too_high(here) or here.loss >= ends[low].loss:
                ends[1 - low] = here
                low = 0 if ends[0].loss <= ends[1].loss else 1
                continue
            if self.level(here):
                return here
            if here.slope * (ends[1 - low].t - ends[low].t) >= 0:  # the minimum is on the other side of here
                ends[1 - low] = ends[low]
            ends[low] = here
        return ends[low]

    @staticmethod
    def _inside(ends: list[Point], slow: bool) -> tuple[float, bool]:
        """The next point to try; close to an end for the second time, a tenth of the way inside instead."""
        low, high = sorted((ends[0].t, ends[1].t))
        t = cubic_minimum(ends[0], ends[1], low, high)
        margin = 0.1 * (high - low)
        if min(high - t, t - low) >= margin:
            return t, False
        if slow or t >= high or t <= low:
            return (high - margin if abs(t - high) < abs(t - low) else low + margin), False
        return t, True
