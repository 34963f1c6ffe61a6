"""Where the axis of a hyperparameter has its numbers: round ones on its own scale."""

from __future__ import annotations

import math
from typing import Any

from .distributions import LINEAR, LOG, Choice, Distribution
from .words import shown

MOST = 6
CHOICES = 12  # nothing can be read between two of them, so more have their names


def ticks(distribution: Distribution, most: int = MOST) -> list[Any]:
    """Some values to write on the axis: `most` at most, or 12 of a choice.

    >>> from nn.search import integers, log_uniform, one_minus_log_uniform, uniform
    >>> ticks(log_uniform(1e-4, 1)), ticks(one_minus_log_uniform(0.9, 0.999))
    ([0.0001, 0.001, 0.01, 0.1, 1.0], [0.9, 0.97, 0.99, 0.997, 0.999])
    >>> ticks(integers(16, 256, log=True)), ticks(uniform(0, 1))
    ([16, 32, 64, 128, 256], [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    """
    if isinstance(distribution, Choice):
        return distribution.values[:: -(-len(distribution.values) // max(most, CHOICES))]
    low, high = distribution.low, distribution.high  # type: ignore[attr-defined]
    if distribution.scale == LINEAR:
        found = even(low, high, most)
        return [int(x) for x in found if x == int(x)] if distribution.name == "integers" else found
    if distribution.name == "integers":
        found = [2**i for i in range(high.bit_length()) if low <= 2**i <= high]
        return found[:: -(-len(found) // most)] if len(found) > 1 else [low, high]
    if distribution.scale == LOG:
        return _decades(low, high, most) or [low, high]
    return [round(1 - x, 15) for x in reversed(_decades(1 - high, 1 - low, most))] or [low, high]


def label(distribution: Distribution, value: Any) -> str:
    """A number on an axis.

    >>> from nn.search import choice, log_uniform
    >>> label(log_uniform(1e-5, 1), 1e-5), label(log_uniform(1e-5, 1), 0.1), label(choice([(64, 32)]), (64, 32))
    ('1e-5', '0.1', '64-32')
    """
    text = f"{value:.6g}" if isinstance(value, float) else shown(value)
    if isinstance(value, (tuple, list)):  # of sizes
        text = "-".join(map(shown, value))
    text = text.replace("e-0", "e-").replace("e+0", "e")
    return plain(text if len(text) < 17 else text[:15] + "…")


def plain(text: str) -> str:
    """Text that Matplotlib writes as it is: between two "$" it would look for a formula."""
    return text.replace("$", r"\$")


def _decades(low: float, high: float, most: int) -> list[float]:
    """Powers of 10; with some between them where there is room, with some left out where there is none."""
    low, high = low * (1 - 1e-9), high * (1 + 1e-9)
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1, 2, 3, 4, 5, 6, 8), (1, 2, 5), (1, 3), (1,)):
        found = [float(f"{d}e{e}") for e in exponents for d in digits if low <= float(f"{d}e{e}") <= high]
        if len(found) <= most:
            return found
    return found[:: -(-len(found) // most)]


def even(low: float, high: float, most: int) -> list[float]:
    """Round numbers at equal distances.

    >>> even(0.12, 2.3, 6)
    [0.5, 1.0, 1.5, 2.0]
    """
    length = high / most - low / most  # high - low may be too long for a number
    if length < 1e-300:
        return [low, high]
    exponent = math.floor(math.log10(length))
    steps = [factor * 10.0**exponent for factor in (1, 2, 5, 10)]
    step = next(step for step in steps if high / step - low / step <= most - 1 + 1e-9)
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, -exponent) + 0.0 for i in range(first, math.floor(high / step + 1e-9) + 1)]
