"""The axes of the pictures of a search: each on its own scale, with round numbers on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .distributions import LINEAR, LOG, ONE_MINUS_LOG, Choice, Distribution, Range, log_uniform, uniform
from .words import shown

if TYPE_CHECKING:
    from .result import SearchResult
    from .trial import Trial

MOST = 6
CHOICES = 12  # nothing can be read between two of them, so more have their names
LONG = 8e307  # from minus this to this is the longest axis whose length is a number
GREY = "#666666"
# Of rounds, and of scores: told apart without colours, too.
SHADES = ("#9ecae1", "#4292c6", "#08519c", "#042b5c")


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


def place(result: SearchResult, name: str, trial: Trial) -> float:
    """Where a trial stands on the axis; where many share few values, those of one stand a little apart."""
    distribution = result.space[name]
    unit, count = distribution.unit(trial.params[name]), distribution.count
    crowded = count is not None and len(result) > count <= 12
    return unit + ((trial.number * 0.618034) % 1 - 0.5) * 0.3 / count if crowded and count else unit


def own_axis(axis: Any, distribution: Distribution) -> None:
    """Ticks of a distribution on an axis from 0 to 1."""
    values = ticks(distribution)
    texts = [label(distribution, value) for value in values]
    crowded = sum(map(len, texts)) > 26
    axis.set_ticks([distribution.unit(value) for value in values], texts)
    if crowded:
        axis.set_tick_params(rotation=30)


def title(name: str, distribution: Distribution) -> str:
    """The name, and the scale if it is not the usual one."""
    scale = {LOG: " (log scale)", ONE_MINUS_LOG: f" (log scale of 1 - {name})"}.get(distribution.scale, "")
    return plain(name + (scale if len(name + scale) <= 36 else scale.replace(" (", "\n(", 1)))


def scale_of(scores: Sequence[float], log: bool) -> Range | None:
    """The axis of the scores, from the least to the most; None if there is only one."""
    if not scores or min(scores) == max(scores):
        return None
    return (log_uniform if log else uniform)(within(min(scores)), within(max(scores)))


def within(score: float) -> float:
    return min(max(score, -LONG), LONG)


def on_log_scale(result: SearchResult) -> bool:
    """Whether the scores are losses of several orders of magnitude."""
    scores = [trial.score for trial in result.trials if trial.score is not None]
    return result.mode == "min" and bool(scores) and min(scores) > 0 and max(scores) / min(scores) > 30


def outlying(result: SearchResult) -> float | None:
    """The score beyond which the trials are left out of sight, where a few bad ones would press all others together."""
    scores = [trial.score for trial in result.ranked() if trial.score is not None]
    if len(scores) < 8 or on_log_scale(result):
        return None
    best, most, worst = max(scores), np.quantile(scores, 0.25), min(scores)
    if result.mode == "min":
        best, most, worst = worst, np.quantile(scores, 0.75), best
    return float(most + (most - best) / 4) if abs(worst - best) > 3 * abs(most - best) > 0 else None


def score_axis(axes: Any, result: SearchResult, edge: float | None) -> None:
    """Percent for accuracies, a log scale for losses that need it; room at the edge for marks."""
    if result.score_name.endswith("accuracy"):
        axes.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.4g} %")
    if on_log_scale(result):
        axes.set_yscale("log")
    elif edge is not None:
        low, high = axes.get_ylim()
        room = 0.09 * (high - low)
        axes.set_ylim(low - room * (edge < 0.5), high + room * (edge > 0.5))
