"""Distributions to draw hyperparameters from, each on the scale on which it is to be searched.

A learning rate between 1e-4 and 1 is searched on a log scale: drawn uniformly, 90 % of the tries would lie between 0.1
and 1. A momentum between 0.9 and 0.999 is searched on the log scale of 1 - beta, because 1 / (1 - beta), the number of
gradients that are averaged, is what it decides.

>>> rates = log_uniform(1e-4, 1)
>>> rates.grid(5)
[0.0001, 0.001, 0.01, 0.1, 1.0]
>>> one_minus_log_uniform(0.9, 0.999).grid(3)
[0.9, 0.99, 0.999]
>>> rates.draw(rng=0) == rates.draw(rng=0)
True
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.numbers import number, whole
from ..core.rng import generator
from .words import described, shown

Function = Callable[[Any], Any]
LINEAR, LOG, ONE_MINUS_LOG = "linear", "log", "one minus log"
# Where equal lengths are equally probable: from a value to its place there, and back.
PLACE: dict[str, Function] = {LINEAR: np.positive, LOG: np.log, ONE_MINUS_LOG: lambda x: -np.log1p(-x)}
VALUE: dict[str, Function] = {LINEAR: np.positive, LOG: np.exp, ONE_MINUS_LOG: lambda s: -np.expm1(-s)}


class Distribution:
    """Base of the distributions. A subclass writes `at(u)`: the value at u, evenly from 0 to 1."""

    name = ""
    scale = LINEAR
    count: int | None = None  # of values; None for a continuous one, whose grid has to be told how many

    def at(self, u: Any) -> Any:
        """The value, or the values, at u in [0, 1)."""
        raise NotImplementedError

    def draw(self, n: int | None = None, *, rng: Any = None) -> Any:
        """One value, or n of them. rng: a seed, a Generator, or None for fresh numbers."""
        return self.at(generator(rng).random(n))

    def rvs(self, size: int | None = None, random_state: Any = None) -> Any:
        """The same under SciPy's name, for scikit-learn's RandomizedSearchCV."""
        random = random_state if hasattr(random_state, "random") else np.random.default_rng(random_state)
        return self.at(random.random(size))

    def grid(self, n: int | None = None) -> list[Any]:
        """n values, evenly on the distribution's own scale and with both ends."""
        raise NotImplementedError

    def unit(self, value: Any) -> float:
        """The place of a value on the distribution's own scale, from 0 to 1; nan if it is not of this distribution."""
        raise NotImplementedError

    def around(self, values: Sequence[Any], others: Sequence[Any]) -> Distribution:
        """The part of this distribution where `values` are, up to the next ones beyond among `others`."""
        raise NotImplementedError

    def text(self, value: Any) -> str:
        """A value, as short as it can be read."""
        return shown(value)


class Interval(Distribution):
    """Base of the distributions of numbers from low to high, uniformly on a scale."""

    low: Any
    high: Any
    _ends: tuple[float, float]  # on the scale

    def _between(self, u: Any) -> Any:
        """The numbers at u."""
        begin, end = self._ends
        return np.clip(VALUE[self.scale](begin + u * (end - begin)), self.low, self.high)

    def unit(self, value: Any) -> float:
        if not _real(value) or not self.low <= value <= self.high:
            return math.nan
        begin, end = self._ends
        return (float(PLACE[self.scale](value)) - begin) / (end - begin)

    def _bracket(self, values: Sequence[Any], others: Sequence[Any]) -> tuple[Any, Any]:
        """The next of `others` below and above `values`, or the ends where there is none."""
        least, most = min(values), max(values)
        below = [x for x in others if self.low <= x < least]
        above = [x for x in others if most < x <= self.high]
        return max(below, default=self.low), min(above, default=self.high)


class Range(Interval):
    """Any numbers from low to high."""

    def __init__(self, name: str, scale: str, low: Any, high: Any) -> None:
        self.name, self.scale = name, scale
        self.low, self.high = number(f"{name}: low", low), number(f"{name}: high", high)
        call = f"{name}({self.low:g}, {self.high:g})"
        if not self.low < self.high:
            raise ValueError(f"{call}: low must be less than high; a single value is choice([{self.low:g}]).")
        if scale == LOG and self.low <= 0:
            raise ValueError(
                f"{call}: on a log scale both ends are above 0; begin at a small number such as 1e-5, or use uniform."
            )
        if scale == ONE_MINUS_LOG and not (self.low >= 0 and self.high < 1):
            raise ValueError(
                f"{call}: this is for numbers near 1, such as a momentum: 0 <= low < high < 1, as in (0.9, 0.999)."
            )
        if not math.isfinite(self.high - self.low):
            raise ValueError(f"{call}: the range is too long for a floating-point number.")
        self._ends = float(PLACE[scale](self.low)), float(PLACE[scale](self.high))

    def at(self, u: Any) -> Any:
        values = self._between(u)
        return values if np.ndim(values) else float(values)

    def grid(self, n: int | None = None) -> list[float]:
        if n is None:
            raise ValueError(f"a grid over {self} needs a number of points: between any two lies another.")
        n = _points(n)
        points = [self._rounded(self.at(u)) for u in np.linspace(0, 1, n)] if n > 1 else [self.at(0.5)]
        return [self.low, *points[1:-1], self.high] if n > 1 else points

    def _rounded(self, value: float) -> float:
        """The number with few digits, where there is one beside it: 0.001 for 0.00099999999999999959."""
        short = float(f"{value:.12g}")
        return short if math.isclose(short, value, rel_tol=1e-14) else value

    def around(self, values: Sequence[Any], others: Sequence[Any]) -> Range:
        return Range(self.name, self.scale, *self._bracket(values, others))

    def text(self, value: Any) -> str:
        if self.scale == ONE_MINUS_LOG and _real(value) and 0 < 1 - value < 1:
            return f"{value:.{2 - math.floor(math.log10(1 - value))}f}"
        return shown(value)

    def __repr__(self) -> str:
        return f"{self.name}({described(self.low)}, {described(self.high)})"


class Integers(Interval):
    """Whole numbers from low to high, both included."""

    name = "integers"

    def __init__(self, low: Any, high: Any, log: bool = False) -> None:
        try:
            if isinstance(low, (bool, np.bool_)) or isinstance(high, (bool, np.bool_)):
                raise TypeError
            self.low, self.high = operator.index(low), operator.index(high)
        except TypeError:
            raise TypeError(
                f"integers({low!r:.40}, {high!r:.40}): both ends are whole numbers; uniform has those between."
            ) from None
        if not self.low < self.high:
            raise ValueError(f"integers({low}, {high}): low must be less than high; both belong to it.")
        if log and self.low < 1:
            raise ValueError(f"integers({low}, {high}, log=True): on a log scale the lowest is 1 or more.")
        if max(abs(self.low), abs(self.high)) > 2**53:
            raise ValueError(
                f"integers({low}, {high}): whole numbers up to 2**53 are exact here, and no others."
            )
        self.scale, self.count = LOG if log else LINEAR, self.high - self.low + 1
        # Each number is what rounds to it: the ends have as much of the scale as the others.
        self._ends = float(PLACE[self.scale](self.low - 0.5)), float(PLACE[self.scale](self.high + 0.5))
        self._inner = float(PLACE[self.scale](self.low)), float(PLACE[self.scale](self.high))

    def at(self, u: Any) -> Any:
        values = np.rint(self._between(u))
        return values.astype(np.int64) if np.ndim(values) else int(values)

    def grid(self, n: int | None = None) -> list[int]:
        n = self.high - self.low + 1 if n is None else _points(n)
        if n > self.high - self.low:
            return list(range(self.low, self.high + 1))
        begin, end = self._inner
        places = np.linspace(begin, end, n) if n > 1 else np.array([(begin + end) / 2])
        found = np.clip(np.rint(VALUE[self.scale](places)), self.low, self.high)
        return sorted({int(x) for x in found})

    def around(self, values: Sequence[Any], others: Sequence[Any]) -> Integers:
        return Integers(*self._bracket(values, others), log=self.scale == LOG)

    def __repr__(self) -> str:
        return f"integers({self.low}, {self.high}{', log=True' if self.scale == LOG else ''})"


class Choice(Distribution):
    """One of some values, each as probable as another."""

    name = "choice"

    def __init__(self, values: Any) -> None:
        if isinstance(values, (set, frozenset)):
            raise TypeError(
                "choice: a set has another order in every run, and a seed would draw other values: give a list, such "
                "as choice(['relu', 'tanh'])."
            )
        scalar = isinstance(values, np.ndarray) and values.ndim == 0
        if isinstance(values, (str, bytes, dict)) or not hasattr(values, "__len__") or scalar:
            raise TypeError(
                f"choice({values!r:.40}): give the values as one list, such as choice([32, 64, 128])."
            )
        self.values: list[Any] = values.tolist() if isinstance(values, np.ndarray) else list(values)
        self.values = [x.item() if isinstance(x, np.generic) else x for x in self.values]
        if not self.values:
            raise ValueError("choice([]): there is nothing to choose from.")
        self.count = len(self.values)
        for i, value in enumerate(self.values):
            if any(_same(value, other) for other in self.values[:i]):
                raise ValueError(
                    f"choice: {described(value)} is there twice; every value is as probable as another."
                )

    def at(self, u: Any) -> Any:
        if np.ndim(u):
            return [self.at(one) for one in u]
        return self.values[min(int(u * len(self.values)), len(self.values) - 1)]

    def grid(self, n: int | None = None) -> list[Any]:
        """All values, however many are wanted."""
        if n is not None:
            _points(n)
        return list(self.values)

    def unit(self, value: Any) -> float:
        places = [i for i, own in enumerate(self.values) if _same(own, value)]
        return (places[0] + 0.5) / len(self.values) if places else math.nan

    def around(self, values: Sequence[Any], others: Sequence[Any]) -> Choice:
        return Choice([own for own in self.values if any(_same(own, value) for value in values)])

    def __repr__(self) -> str:
        return f"choice([{', '.join(map(described, self.values))}])"


def uniform(low: float, high: float) -> Range:
    """Numbers from low to high, each as probable as another.

    >>> uniform(0, 0.5).grid(3)
    [0.0, 0.25, 0.5]
    """
    return Range("uniform", LINEAR, low, high)


def log_uniform(low: float, high: float) -> Range:
    """Numbers from low to high whose logarithm is uniform: every decade is as probable as another.

    For learning rates, strengths of regularisation, and whatever may be 0.001 as well as 0.1. Whole numbers, such as
    those of hidden units, are integers(8, 256, log=True).

    >>> rates = log_uniform(1e-4, 1).draw(10_000, rng=0)
    >>> round(float((rates < 1e-3).mean()), 2)
    0.25
    """
    return Range("log_uniform", LOG, low, high)


def one_minus_log_uniform(low: float, high: float) -> Range:
    """Numbers beta from low to high, below 1, where the logarithm of 1 - beta is uniform.

    For momentum and other exponentially weighted averages, which look back 1 / (1 - beta) steps: from 0.9 to 0.999,
    half the draws lie between 0.9 and 0.99, half between 0.99 and 0.999.

    >>> betas = one_minus_log_uniform(0.9, 0.999).draw(10_000, rng=0)
    >>> round(float((betas < 0.99).mean()), 2)
    0.5
    """
    return Range("one_minus_log_uniform", ONE_MINUS_LOG, low, high)


def integers(low: int, high: int, *, log: bool = False) -> Integers:
    """Whole numbers from low to high, both included; with log=True small ones are as probable as large ones.

    >>> integers(1, 3).grid(), integers(16, 256, log=True).grid(5)
    ([1, 2, 3], [16, 32, 64, 128, 256])
    """
    return Integers(low, high, log)


def choice(values: Any) -> Choice:
    """One of the values, each as probable as another: numbers, texts, tuples, classes.

    >>> choice(["relu", "tanh"])
    choice(['relu', 'tanh'])
    """
    return Choice(values)


def _points(n: Any) -> int:
    return whole("n", n, 1, "a grid has at least one value")


def _real(value: Any) -> bool:
    """Whether it is one number: in its first stages a search may have anything in a number's place, such as None."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _same(a: Any, b: Any) -> bool:
    plain = (bool, int, float, str, bytes, tuple, type(None))
    return a is b or (type(a) is type(b) and isinstance(a, plain) and a == b)
