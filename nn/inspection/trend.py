"""How a learning curve runs: whether it settles, bounces, creeps or explodes, and where the dev loss turns upwards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

DIVERGING, OSCILLATING, SLOW, STUCK = "diverging", "oscillating", "too slow", "stuck"
IMPROVING, SETTLED, SHORT = "still improving", "settled", "too short to tell"


def trend(loss: Sequence[float]) -> str:
    """What the training loss, a number for each epoch, does towards its end. Sizes are shares of the first number.

    "diverging": not finite, or it ends above its beginning and far above its lowest. "oscillating": in the second half
    it goes up nearly as much as down, by more than a tenth. "stuck": it fell by less than 2 %. "too slow": it fell by
    less than 20 %, and goes on falling as fast as before. "still improving": in its last fifth it fell by a tenth of
    what it was, and by more than 1 %. Else "settled".

    >>> trend([2.3, 1.0, 0.5, 0.4, 0.38, 0.37, 0.37])
    'settled'
    >>> trend([2.3, 2.29, 2.28, 2.27, 2.26])
    'too slow'
    """
    if not all(map(math.isfinite, loss)):
        return DIVERGING
    if len(loss) < 4:
        return SHORT
    first, last, epochs = loss[0], loss[-1], len(loss)
    if first <= 0:
        return SETTLED  # no scale to measure by: a likelihood of densities, or a loss of 0
    if last > first and last > 1.5 * min(loss):
        return DIVERGING
    tail = loss[epochs // 2 - 1 :]
    rises = sum(max(b - a, 0) for a, b in pairwise(tail))
    falls = sum(max(a - b, 0) for a, b in pairwise(tail))
    if rises > 0.1 * first and rises >= 0.5 * falls:
        return OSCILLATING
    fall, recent = first - last, max(2, epochs // 5)
    late = loss[-1 - recent] - last
    if fall < 0.2 * first and late / recent > 0.5 * fall / (epochs - 1) > 1e-6 * first:
        return SLOW
    if fall < 0.02 * first:
        return STUCK
    if late > 0.1 * loss[-1 - recent] and late > 0.01 * first:
        return IMPROVING
    return SETTLED


def barely_fell(loss: Sequence[float]) -> bool:
    """Whether the training loss fell by less than a tenth of its first number, in two epochs or more.

    >>> barely_fell([2.35, 2.34, 2.33]), barely_fell([2.3, 1.2, 0.9]), barely_fell([2.3])
    (True, False, False)
    """
    return len(loss) > 1 and loss[0] - loss[-1] < 0.1 * abs(loss[0])


def turned(dev_loss: Sequence[float]) -> int | None:
    """The epoch, counted from 1, with the lowest dev loss, if it has risen by more than 5 % since; else None.

    >>> turned([0.9, 0.5, 0.4, 0.45, 0.5, 0.6])
    3
    """
    if not dev_loss:
        return None
    best = min(range(len(dev_loss)), key=dev_loss.__getitem__)
    since = len(dev_loss) - 1 - best
    risen = dev_loss[-1] - dev_loss[best] > 0.05 * abs(dev_loss[best])
    return best + 1 if since >= max(2, len(dev_loss) // 10) and risen else None
