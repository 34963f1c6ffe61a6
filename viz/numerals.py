"""Numbers as text: few digits, the same on every machine, aligned inside an array, and never a -0."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

SMALL = 6  # an array with at most this many rows and columns is shown in full


def number(value: Any, digits: int = 4) -> str:
    """A number with `digits` significant digits; whole and short numbers without needless zeros.

    >>> number(2.0), number(-0.19661, 2), number(1e-9), number(-0.0)
    ('2', '-0.20', '1e-9', '0')
    """
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    x = float(value)
    if not math.isfinite(x):
        return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"
    if x == 0:
        return "0"
    if float(value).is_integer() and abs(x) < 10 ** max(digits, 5):
        return str(int(x))
    short = f"{x:.{digits}g}"
    if "e" in short:
        return _exponent(short)
    return short if float(short) == x else f"{x:#.{digits}g}".rstrip(".")


def _exponent(text: str) -> str:
    mantissa, _, power = text.partition("e")
    return f"{mantissa}e{int(power)}"


def is_scalar(value: Any) -> bool:
    """Whether a value is one number: a float, a NumPy scalar or an array without axes."""
    return np.ndim(value) == 0


def is_small(array: Any, rows: int = SMALL, columns: int = SMALL) -> bool:
    """Whether an array of one or two axes fits into a table."""
    shape = np.shape(array)
    if len(shape) not in (1, 2) or 0 in shape:
        return False
    return shape[-1] <= columns and (len(shape) == 1 or shape[0] <= rows)


def table(array: Any, digits: int = 4) -> list[list[str]]:
    """The rows of a small array, all numbers with the same number of decimals.

    >>> table(np.array([[1.0, -0.25], [0.5, 10.0]]), 3)
    [['1.00', '-0.25'], ['0.50', '10.00']]
    """
    rows = np.atleast_2d(np.asarray(array))
    if rows.dtype.kind not in "fiu":
        return [[str(x) for x in row] for row in rows.tolist()]
    finite = np.abs(rows[np.isfinite(rows)].astype(float))
    largest = float(finite.max()) if finite.size else 0.0
    if largest and not 1e-3 <= largest < 1e5:
        return [[number(x, min(digits, 3)) for x in row] for row in rows.tolist()]
    decimals = next(
        (n for n in (0, 1, 2) if np.allclose(np.round(finite, n), finite, 1e-12, 1e-12 * largest)), None
    )
    if decimals is None:  # not exact with two decimals: as many as the largest number needs for its digits
        decimals = digits - 1 - math.floor(math.log10(largest)) if largest < 10 ** (digits - 1) else 0
        decimals = min(decimals, digits)
    return [[_fixed(float(x), decimals, largest) for x in row] for row in rows]


def _fixed(x: float, decimals: int, largest: float) -> str:
    if not math.isfinite(x):
        return number(x)
    text = f"{x:.{decimals}f}"
    if float(text):
        return text
    if abs(x) > 1e-12 * largest:  # small, but not zero
        return _exponent(f"{x:.0e}")
    return f"{0:.{decimals}f}"  # zero, or what rounding left of it; never -0


def shape(value: Any) -> str:
    """The shape as Python writes it, with a multiplication-free look: (2, 3)."""
    return str(tuple(int(n) for n in np.shape(value)))


def summary(array: Any, digits: int = 3) -> str:
    """What a large array holds, in one line.

    >>> summary(np.linspace(-1, 1, 1000))
    'from -1 to 1'
    """
    values = np.asarray(array)
    if values.size == 0:
        return "empty"
    if values.dtype.kind not in "fiu":
        return f"{int(values.sum())} of {values.size} true" if values.dtype.kind == "b" else str(values.dtype)
    finite = values[np.isfinite(values)]
    strange = values.size - finite.size
    told = f"{strange} not finite" if strange else ""
    if not finite.size:
        return told
    low, high = number(finite.min(), digits), number(finite.max(), digits)
    span = f"all {low}" if low == high else f"from {low} to {high}"
    return f"{span}, {told}" if told else span
