"""Is a gradient right? Compare it with slopes measured by central differences.

All arguments of the function, whatever their nesting, are seen as one point in space, and all its results, weighted,
as one number. One random direction through that point meets every element of every argument, so a comparison along it
finds an error anywhere for the price of a few evaluations; only when it fails is each element measured, to say where.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from .errors import AutogradError, GradientWarning
from .graph import enable_grad, raw
from .probe import Analytic, Probe, Scalar
from .slopes import Kink, Line, central, kink, numeric_gradient, relative_error, settled

# By the size of the arguments' numbers in bytes: the relative and the absolute difference that rounding may make.
_TOLERANCES = {8: (1e-5, 1e-9), 4: (1e-3, 1e-5), 2: (5e-2, 1e-2)}
_MEASURED_ONE_BY_ONE = 512  # where there are more elements, the error is narrowed down to so many first


class CheckFailed(AutogradError, AssertionError):
    """The analytic and the numeric gradient differ; the message says where, and what kind of difference it is.

    `argument` is the position of the argument, `index` that of the element in its array; `analytic`, `numeric` and
    `relative_error` are the values there, `order` that of the derivative. `kink` holds the slopes on both sides where
    a kink is the reason, and is None where a rule is wrong.
    """

    def __init__(
        self,
        message: str,
        argument: int | None = None,
        index: tuple[int, ...] | None = None,
        analytic: float = np.nan,
        numeric: float = np.nan,
        order: int = 1,
        kink: Kink | None = None,
    ) -> None:
        super().__init__(message)
        self.argument, self.index = argument, index
        self.analytic, self.numeric = analytic, numeric
        self.relative_error = float(relative_error(analytic, numeric))
        self.order, self.kink = order, kink


def check_grads(
    function: Callable[..., Any],
    *args: Any,
    order: int = 2,
    modes: Sequence[str] = ("rev",),
    rtol: float | None = None,
    atol: float | None = None,
    full: bool = False,
) -> None:
    """Raise `CheckFailed` unless the derivatives of `function` at `args` agree with central differences.

    `function` maps numbers, arrays, or lists, tuples and dicts of them, to an array or a number (or several). It gets
    Tensors, float64 ones for the numeric side. All arguments are checked at once, in a fixed random direction; with
    `full=True` every element on its own. A derivative of a higher `order` is checked as the derivative of the one
    below. `modes`: "rev" the reverse sweep, "fwd" the forward one. The tolerances are those of the arguments' dtype
    (1e-5 relative for float64) unless they are given. What is no argument of a derivative, such as labels, goes in
    by a closure: `lambda w: loss(w, labels)`.

    Where it fails, the worst element is named, and whether a rule is wrong or the function has a kink there. Of a
    function with several results the numbers are those of their sum, with random weights.

    >>> check_grads(np.tanh, np.array([0.3, -1.0]))
    >>> check_grads(lambda p, x: np.tanh(x @ p["W"] + p["b"]), {"W": np.ones((2, 3)), "b": 0.5}, np.ones((1, 2)))
    """
    if not callable(function):
        raise TypeError(
            f"check_grads() is of a function and its arguments, not of {type(function).__name__} {function!r:.40}. "
            "Write check_grads(f, x); for a graph that is recorded already there is gradcheck(root)."
        )
    if not args:
        raise TypeError("check_grads() needs the point at which to check: check_grads(f, x).")
    modes = (modes,) if isinstance(modes, str) else modes
    if not modes or set(modes) - {"rev", "fwd"}:
        raise ValueError(f"modes={modes!r}: each is 'rev' or 'fwd', and there is at least one.")
    if order < 1:
        raise ValueError(f"order={order!r}: the first derivative is of order 1.")
    # A step may leave the function's domain, and a result may depend on no argument: the failure says so then.
    with np.errstate(all="ignore"), enable_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore", GradientWarning)
        for mode in modes:
            probe = Probe(function, args, mode)
            scalar: Scalar = probe.scalar
            for level in range(1, order + 1):
                _Check(probe, scalar, level, rtol, atol).run(full)
                scalar = probe.derivative(scalar)


class _Check:
    """The comparison at one order of derivative."""

    def __init__(
        self, probe: Probe, scalar: Scalar, level: int, rtol: float | None, atol: float | None
    ) -> None:
        self.probe, self.scalar, self.level = probe, scalar, level
        usual = _TOLERANCES[min(probe.itemsize, 8)]
        self.rtol, self.atol = usual[0] if rtol is None else rtol, usual[1] if atol is None else atol
        self.analytic: Analytic = probe.analytic(scalar)
        if level == 1:
            probe.choose_precision(self.analytic.total)
        self.step = probe.eps**0.25

    def run(self, full: bool) -> None:
        if not np.isfinite(raw(self.analytic.total)).all():
            raise CheckFailed(
                f"{self.what} is not finite at this point, so there is no derivative to compare.",
                order=self.level,
            )
        everything = np.arange(self.probe.point.size)
        if everything.size and (full or self.excess_along(everything) > 1):
            self.blame(everything if full else self.narrowed(everything), full)

    @property
    def what(self) -> str:
        """What is differentiated, in words."""
        return "the function" if self.level == 1 else f"the derivative of order {self.level - 1}"

    def allowed(self, scale: Any, step: Any, largest: float) -> Any:
        """How far a slope of size `scale` may be off, measured with `step`, where the largest one is `largest`."""
        probe = self.probe
        measured = 100 * probe.eps * probe.size / step
        computed = 10 * probe.given_eps * (probe.size + largest)
        return self.rtol * scale + self.atol + measured + computed

    def excess_along(self, elements: Any) -> float:
        """The error in a random direction through these elements, as a multiple of what is allowed."""
        direction = self.probe.direction(elements)
        line, ours, usual = self.probe.line(self.scalar, direction), *self.analytic.along(direction)
        excess = np.inf
        for slope, step in self.measured(line):
            excess = abs(ours - slope) / self.allowed(max(abs(slope), usual), step, usual)
            if excess <= 1:
                break
        return float(excess) if excess == excess else np.inf

    def measured(self, line: Line) -> Iterator[tuple[float, float]]:
        """The slope by a usual step; if that will not do, the one worked out with care."""
        yield central(line, self.step), self.step
        yield settled(line, self.probe.eps, self.probe.size)

    def narrowed(self, elements: Any) -> Any:
        """Elements among which an error is: of two halves the one that is farther off, until few are left."""
        while elements.size > _MEASURED_ONE_BY_ONE:
            first, second = np.array_split(elements, 2)
            elements = first if self.excess_along(first) >= self.excess_along(second) else second
        return elements

    def blame(self, elements: Any, full: bool) -> None:
        """Measure these elements one by one, and raise for the worst that is off."""
        lines = [self.probe.line(self.scalar, self.probe.axis(i)) for i in elements]
        steps = self.step * self.probe.scale[elements]
        numeric = np.array([central(line, float(step)) for line, step in zip(lines, steps)])
        analytic = self.analytic.elements(elements)
        error = np.abs(analytic - numeric)
        error[~np.isfinite(error)] = np.inf
        largest = float(np.max(np.abs(analytic[np.isfinite(analytic)]), initial=0.0))
        wrong = error > self.allowed(np.abs(numeric), steps, largest)
        wrong |= error == np.inf
        worst = np.lexsort(
            (-error, ~wrong)
        )  # those that are wrong first, the largest error before the others
        failure = None
        for at in islice(worst[: np.count_nonzero(wrong)], 20):
            i, line, ours = int(elements[at]), lines[at], float(analytic[at])
            slope, step = settled(line, self.probe.eps, self.probe.size, float(self.probe.scale[i]))
            if abs(ours - slope) <= self.allowed(abs(slope), step, largest):
                continue  # there is a kink closer by than the usual step
            corner = kink(line, step, self.probe.eps * self.probe.size)
            found = self.failure(i, ours, slope, corner)
            if corner is None:  # a wrong rule is worse news than a kink
                raise found
            failure = failure or found
        if failure is not None:
            raise failure
        if not full:
            raise CheckFailed(
                f"derivative of order {self.level}: analytic and numeric slope differ in a random direction, although "
                "no element shows it alone. The function may be rough or random; full=True measures every element.",
                order=self.level,
            )

    def failure(self, i: int, ours: float, slope: float, corner: Kink | None) -> CheckFailed:
        (argument, *path), index, reached = self.probe.place(i, self.analytic)
        where = f"argument {argument}{''.join(f'[{key!r}]' for key in path)}, element {index}"
        message = (
            f"derivative of order {self.level}, {where}: analytic {ours:.10g}, numeric {slope:.10g}, relative error "
            f"{float(relative_error(ours, slope)):.3g}. {self.verdict(ours, corner, reached)}"
        )
        return CheckFailed(message, argument, index, ours, slope, self.level, corner)

    def verdict(self, ours: float, corner: Kink | None, reached: bool) -> str:
        """What is wrong, and what to do."""
        if corner is not None and corner.kind == "edge":
            return f"Next to this point {self.what} is not finite: move the point into its domain."
        if corner is not None and corner.kind == "jump":
            return f"There {self.what} jumps or is infinitely steep, so it has no derivative. Check another point."
        if corner is not None:
            low, high = sorted(corner[:2])
            slack = 1e-5 * max(abs(low), abs(high))
            return (
                f"There {self.what} has a kink: its slopes are {corner.left:.6g} on the left and {corner.right:.6g} on "
                "the right, and the analytic value lies "
                + (
                    "between them, as a subgradient does. Check another point."
                    if low - slack <= ours <= high + slack
                    else "outside of them, so a rule is wrong as well."
                )
            )
        if not np.isfinite(ours):
            return f"A rule gives {ours:g} where {self.what} is smooth."
        if self.level > 1:
            return (
                "The derivatives below are right, so a rule on the way is wrong as a function of its inputs, or it "
                "computes outside the graph: use ops or NumPy functions in it, not np.array() or .data."
            )
        if not reached:
            return (
                "No recorded way leads from this argument to the result, so the graph was left: by float(), .item(), "
                ".data or a function of the math module."
            )
        return (
            "A rule on the way is wrong, or a part of the computation left the graph: by float(), .item(), .data or "
            "a function of the math module."
        )


__all__ = ("CheckFailed", "check_grads", "numeric_gradient", "relative_error")
