"""The space of a search: a distribution for each hyperparameter; and the points of it that a search tries."""

from __future__ import annotations

import itertools
import math
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..core.numbers import whole
from ..core.rng import generator
from .distributions import Choice, Distribution
from .words import described, shown

Space = dict[str, Distribution]

TAKEN = ("trial", "round", "budget", "seed", "score", "seconds", "error")  # columns of the results
MOST = 1_000_000  # trials


def checked_space(given: Any, name: str = "space") -> Space:
    """A space as the user wrote it, checked; a list of values is a choice."""
    example = f"{name}={{'lr': nn.search.log_uniform(1e-4, 1), 'hidden': [32, 64]}}"
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} is {type(given).__name__}: give a dict of distributions, such as {example}.")
    if not given:
        raise ValueError(f"{name} is empty: name at least one hyperparameter, such as {example}.")
    space: Space = {}
    for key, value in given.items():
        if not isinstance(key, str) or not key:
            raise TypeError(f"{name} has the key {key!r:.40}: a hyperparameter has a name, such as 'lr'.")
        if key in TAKEN:
            raise ValueError(
                f"{name}: {key!r} is a column of the results; call the hyperparameter by another name."
            )
        if isinstance(value, (list, tuple, range, np.ndarray)):
            value = Choice(value)
        elif not isinstance(value, Distribution):
            what = (
                f"{value.__name__}, not called"
                if callable(value) and hasattr(value, "__name__")
                else repr(value)
            )
            raise TypeError(
                f"{name}[{key!r}] is {what:.60}: give a distribution such as nn.search.log_uniform(1e-4, 1), or a list "
                "of values. What is not searched belongs into the objective."
            )
        space[key] = value
    return space


def as_seed(rng: Any) -> int:
    """The seed of a search: the number that was given, one from the Generator, or a fresh one."""
    if rng is None:
        return secrets.randbits(63)
    if isinstance(rng, (int, np.integer)):
        if rng < 0 or isinstance(rng, bool):
            raise ValueError(f"rng={rng}: a seed is a whole number from 0 on.")
        return int(rng)
    return int(generator(rng).integers(2**63))


def draw(space: Space, seed: int, number: int) -> dict[str, Any]:
    """The hyperparameters of trial `number`: they depend on these alone, and not on what other trials there are.

    >>> from nn.search import uniform
    >>> space = {"x": uniform(0, 1)}
    >>> draw(space, 0, 7) == draw(space, 0, 7) != draw(space, 0, 8)
    True
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number, 0)))
    return {name: distribution.draw(rng=rng) for name, distribution in space.items()}


def seed_of(seed: int, number: int) -> int:
    """The seed that the objective of trial `number` is given."""
    return int(np.random.SeedSequence(seed, spawn_key=(number, 1)).generate_state(1)[0])


def grid(space: Space, n: Any = None) -> list[dict[str, Any]]:
    """All combinations of n values of each; the last hyperparameter changes fastest.

    >>> from nn.search import choice, log_uniform
    >>> len(grid({"lr": log_uniform(1e-3, 1), "size": choice([8, 16])}, n=4))
    8
    """
    if isinstance(n, Mapping):
        unknown = [name for name in n if name not in space]
        if unknown:
            raise ValueError(f"n has {unknown[0]!r}, and the space has {', '.join(space)}.")
    asked: list[int | None] = []
    for name, distribution in space.items():
        points = n.get(name) if isinstance(n, Mapping) else n
        if points is not None:
            points = whole("n", points, 1, f"a grid has at least one value of {name}")
        elif distribution.count is None:
            raise ValueError(
                f"a grid over {name}, {distribution}, needs a number of points: between any two lies another. Write "
                f"n=5 for all, or n={{{name!r}: 5}}; or give a list of values."
            )
        asked.append(points)
    sizes = [_at_most(distribution.count, points) for distribution, points in zip(space.values(), asked)]
    if max(sizes) > MOST:  # before a list of so many values is made
        raise _too_many(sizes)
    axes = [distribution.grid(points) for distribution, points in zip(space.values(), asked)]
    sizes = [len(axis) for axis in axes]
    if math.prod(sizes) > MOST:
        raise _too_many(sizes)
    return [dict(zip(space, values)) for values in itertools.product(*axes)]


def _at_most(count: int | None, points: int | None) -> int:
    """How many values one axis of a grid may have."""
    return min(x for x in (count, points) if x is not None)


def _too_many(sizes: Sequence[int]) -> ValueError:
    trials = " x ".join(map(str, sizes)) + f" = {math.prod(sizes):,}" * (len(sizes) > 1)
    return ValueError(f"a grid of {trials} trials: search at random, or in fewer points, such as n=5.")


def words(space: Space) -> dict[str, str]:
    """A space as text, for the file of a search."""
    return {name: described(distribution) for name, distribution in space.items()}


def value_text(space: Mapping[str, Distribution], name: str, value: Any) -> str:
    """A hyperparameter, as short as it can be read."""
    return space[name].text(value) if name in space else shown(value)
