"""Values as words: exact ones for the file of a search, short ones for its table; and numbers, checked."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np


def described(value: Any) -> str:
    """A value as text that is the same tomorrow: no addresses, and a function by its name.

    >>> described(1.0), described(0.1), described(len), described((1, "a"))
    ('1', '0.1', 'len', "(1, 'a')")
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"{value:.0f}"
    if isinstance(value, (list, tuple)):
        inner = ", ".join(map(described, value)) + "," * (isinstance(value, tuple) and len(value) == 1)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{described(k)}: {described(v)}" for k, v in value.items()) + "}"
    if isinstance(value, partial):
        given = [*map(described, value.args), *(f"{k}={described(v)}" for k, v in value.keywords.items())]
        return f"{described(value.func)}({', '.join([*given, '...'])})"
    name = getattr(value, "__qualname__", None)
    if isinstance(name, str):
        return name
    text = repr(value)
    return f"{type(value).__qualname__}(...)" if " at 0x" in text else text


def shown(value: Any) -> str:
    """A value as a cell of a table: numbers with four digits."""
    if isinstance(value, (float, np.floating)):
        return f"{value:.4g}"
    return value if isinstance(value, str) else described(value)


def number(what: str, name: str, value: Any) -> float:
    """A finite number as a float, or an error that says what it is of.

    >>> number("uniform", "low", "a")
    Traceback (most recent call last):
    TypeError: uniform: low='a' is no number.
    """
    if (
        isinstance(value, (bool, np.bool_))
        or not isinstance(value, (int, float, np.number))
        or np.iscomplexobj(value)
    ):
        raise TypeError(f"{what}: {name}={value!r:.40} is no number.")
    try:
        converted = float(value)
    except OverflowError:
        converted = math.inf
    if not math.isfinite(converted):
        raise ValueError(f"{what}: {name}={value!r:.40} is not finite.")
    return converted
