"""Points in the plane and curves, made on the spot: small problems whose solution can be looked at.

`n` rows in all, in random order; of a classification, as many of each class as the number allows. `noise` is the
standard deviation of what is added to each coordinate. X is (n, 2) and y (n,), whole numbers;
of a regression, y is (n, 1).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.numbers import number, share, whole
from ..core.rng import generator
from .pixels import floating

Pair = tuple[Any, Any]


def circles(
    n: int = 300, *, noise: float = 0.08, factor: float = 0.5, dtype: Any = np.float64, rng: Any = None
) -> Pair:
    """Class 0 on the unit circle, class 1 on one of radius `factor` inside it.

    >>> X, y = circles(4, noise=0, rng=0)
    >>> np.hypot(X[:, 0], X[:, 1]).round(9).tolist(), y.tolist()
    ([1.0, 1.0, 0.5, 0.5], [0, 0, 1, 1])
    """
    factor = share(
        "factor", factor, zero=False, one=False, why="the inner circle's radius; the outer one's is 1"
    )
    rng, y = _labels(n, 2, noise, rng)
    angle = rng.uniform(0, 2 * math.pi, n)
    radius = np.where(y == 0, 1.0, factor)
    return _noisy(radius * np.cos(angle), radius * np.sin(angle), noise, dtype, rng), y


def moons(n: int = 300, *, noise: float = 0.1, dtype: Any = np.float64, rng: Any = None) -> Pair:
    """Two half circles of radius 1 that reach into each other: class 0 arched upwards, class 1 downwards.

    >>> X, y = moons(200, noise=0, rng=0)
    >>> bool((X[y == 0, 1] >= 0).all()), bool((X[y == 1, 1] <= 0.5).all())
    (True, True)
    """
    rng, y = _labels(n, 2, noise, rng)
    angle = rng.uniform(0, math.pi, n)
    x0 = np.where(y == 0, np.cos(angle), 1 - np.cos(angle))
    return _noisy(x0, np.where(y == 0, np.sin(angle), 0.5 - np.sin(angle)), noise, dtype, rng), y


def spirals(
    n: int = 300,
    classes: int = 3,
    *,
    noise: float = 0.03,
    turns: float = 0.75,
    dtype: Any = np.float64,
    rng: Any = None,
) -> Pair:
    """One arm for each class, winding outwards from radius 0.1 to 1 in so many turns.

    >>> X, y = spirals(300, 3, rng=0)
    >>> X.shape, np.bincount(y).tolist()
    ((300, 2), [100, 100, 100])
    """
    turns = number("turns", turns)
    rng, y = _labels(n, classes, noise, rng)
    radius = rng.uniform(0.1, 1, n)
    angle = 2 * math.pi * (y / classes + turns * radius)
    return _noisy(radius * np.cos(angle), radius * np.sin(angle), noise, dtype, rng), y


def xor(n: int = 300, *, noise: float = 0.25, dtype: Any = np.float64, rng: Any = None) -> Pair:
    """Exclusive or: clouds around the corners of a square, (-1 or 1, -1 or 1); class 1 where the signs differ.

    >>> X, y = xor(4, noise=0, rng=0)
    >>> sorted(zip(X.astype(int).tolist(), y.tolist()))
    [([-1, -1], 0), ([-1, 1], 1), ([1, -1], 1), ([1, 1], 0)]
    """
    rng, corner = _labels(n, 4, noise, rng)
    a, b = corner // 2, corner % 2
    return _noisy(2.0 * a - 1, 2.0 * b - 1, noise, dtype, rng), a ^ b


def blobs(
    n: int = 300,
    classes: int = 3,
    *,
    noise: float = 0.25,
    centres: Any = None,
    dtype: Any = np.float64,
    rng: Any = None,
) -> Pair:
    """A round cloud for each class, around `centres` (classes, features): unless given, evenly on the unit circle.

    >>> X, y = blobs(6, centres=[[0, 0, 0], [5, 5, 5]], noise=0, rng=0)
    >>> X.shape, X[y == 1].max(axis=0).tolist()
    ((6, 3), [5.0, 5.0, 5.0])
    """
    if centres is not None:
        centres = _numbers("centres", centres)
        if centres.ndim != 2 or not centres.size:
            raise ValueError(f"centres of shape {centres.shape}: give one row a class, (classes, features).")
        classes = len(centres)
    rng, y = _labels(n, classes, noise, rng)
    if centres is None:
        angle = 2 * math.pi * np.arange(classes) / classes
        centres = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (centres[y] + noise * rng.normal(size=(n, centres.shape[1]))).astype(floating(dtype)), y


def linear(
    n: int = 100,
    *,
    weights: Any = (2.0, -3.0),
    bias: float = 0.5,
    noise: float = 0.1,
    dtype: Any = np.float64,
    rng: Any = None,
) -> Pair:
    """A regression that one linear layer solves: y = X @ weights + bias + noise, X uniform between -1 and 1.

    >>> X, y = linear(5, weights=[1, 2, 3], noise=0, rng=0)
    >>> X.shape, y.shape, bool(np.allclose(y[:, 0], X @ [1, 2, 3] + 0.5))
    ((5, 3), (5, 1), True)
    """
    weights, bias = _numbers("weights", weights), number("bias", bias)
    if weights.ndim != 1 or not weights.size:
        raise ValueError(f"weights of shape {weights.shape}: give one number for each input.")
    rng = _checked(n, 1, noise, rng)
    X = rng.uniform(-1, 1, (n, len(weights)))
    y = X @ weights + bias + noise * rng.normal(size=n)
    dtype = floating(dtype)
    return X.astype(dtype), y[:, None].astype(dtype)


def sine(
    n: int = 100, *, noise: float = 0.1, periods: float = 1.0, dtype: Any = np.float64, rng: Any = None
) -> Pair:
    """A regression that needs a hidden layer: y = sin(x) + noise, x uniform over so many periods around 0.

    >>> X, y = sine(5, noise=0, rng=0)
    >>> X.shape, bool(np.allclose(y, np.sin(X)))
    ((5, 1), True)
    """
    periods = number("periods", periods)
    rng = _checked(n, 1, noise, rng)
    X = rng.uniform(-math.pi * periods, math.pi * periods, (n, 1))
    y = np.sin(X) + noise * rng.normal(size=(n, 1))
    dtype = floating(dtype)
    return X.astype(dtype), y.astype(dtype)


def _checked(n: Any, classes: Any, noise: Any, rng: Any) -> np.random.Generator:
    whole("n", n, 1, "there is at least one row")
    whole("classes", classes, 1, "there is at least one class")
    number("noise", noise, least=0, why="a standard deviation")
    return generator(rng)


def _labels(n: Any, classes: Any, noise: Any, rng: Any) -> tuple[np.random.Generator, Any]:
    """The generator, and n labels in random order, as many of each as the number allows."""
    draw = _checked(n, classes, noise, rng)
    return draw, draw.permutation(np.arange(n, dtype=np.int64) % classes)


def _noisy(x0: Any, x1: Any, noise: float, dtype: Any, rng: np.random.Generator) -> Any:
    X = np.stack([x0, x1], axis=1)
    return (X + noise * rng.normal(size=X.shape)).astype(floating(dtype))


def _numbers(name: str, values: Any) -> Any:
    """Finite numbers in rows of equal length, as an array."""
    try:
        array = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        array = None
    if array is None or not np.isfinite(array).all():
        raise ValueError(f"{name}={values!r:.60}: they must be finite numbers, in rows of equal length.")
    return array
