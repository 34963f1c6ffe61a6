"""Is a gradient right? Compare it with slopes measured by central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .errors import AutogradError
from .functional import grad


class CheckFailed(AutogradError, AssertionError):
    """The analytic and the numeric gradient differ; the message says for which argument and element."""


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


def check_grads(
    function: Callable[..., Any], *args: Any, order: int = 2, rtol: float = 1e-5, atol: float = 1e-7
) -> None:
    """Raise `CheckFailed` unless the gradients of `function` at `args` agree with central differences.

    `function` maps arrays to an array or a number; all `args` are checked, up to derivatives of `order`, each in the
    direction of a fixed random vector.

    >>> check_grads(np.tanh, np.array([0.3, -1.0]))
    """
    rng = np.random.default_rng(0)
    weights = rng.uniform(0.5, 1.5, np.shape(function(*args)))

    def scalar(*inputs: Any) -> Any:
        return np.sum(function(*inputs) * weights)

    _check(scalar, args, order, rtol, atol, rng, 1)


def _check(scalar: Any, args: Any, order: int, rtol: float, atol: float, rng: Any, level: int) -> None:
    for i in range(len(args)):
        derivative = grad(scalar, i)
        analytic = np.asarray(derivative(*args))
        numeric = numeric_gradient(scalar, args, i)
        error = np.abs(analytic - numeric)
        # An element's error is measured against the largest element too: differences of large numbers lose digits.
        allowed = atol + rtol * np.maximum(np.abs(numeric), np.max(np.abs(numeric), initial=0.0))
        if not (error <= allowed).all():
            at = np.unravel_index(np.argmax(np.where(error <= allowed, 0, error)), error.shape)
            a, n = analytic[at], numeric[at]
            raise CheckFailed(
                f"derivative of order {level}, argument {i}, element {tuple(map(int, at))}: analytic {a:.10g}, "
                f"numeric {n:.10g}, relative error {abs(a - n) / max(abs(n), abs(a), 1e-300):.3g}. "
                "Either the rule is wrong, or the function has a kink there."
            )
        if level < order:
            direction = rng.uniform(0.5, 1.5, np.shape(args[i]))

            def along(*inputs: Any, derivative: Any = derivative, direction: Any = direction) -> Any:
                return np.sum(derivative(*inputs) * direction)

            _check(along, args, order, rtol, atol, rng, level + 1)
