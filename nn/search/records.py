"""What has to be in the lines of a search's file: a field of another kind is damage, and no result."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any


class Damaged(ValueError):
    """A field is missing, or not of its kind."""


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _counted(value: Any) -> bool:
    return _whole(value) and value > 0


def _real(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _dict(value: Any) -> bool:
    return isinstance(value, dict)


def _or_none(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


Checks = Mapping[str, Callable[[Any], bool]]

ABOUT: Checks = {
    "method": _text,
    "objective": _text,
    "mode": lambda value: value in ("min", "max"),
    "score": _or_none(_text),
    "seed": _whole,
    "space": _dict,
    "settings": _dict,
}
RECORD: Checks = {
    "round": _counted,
    "number": _counted,
    "params": _dict,
    "budget": _or_none(_real),
    "seed": _whole,
    "score": _or_none(lambda value: _real(value) and math.isfinite(value)),
    "metrics": lambda value: _dict(value) and all(map(_real, value.values())),
    "curves": lambda value: (
        _dict(value) and all(isinstance(curve, list) and all(map(_real, curve)) for curve in value.values())
    ),
    "seconds": lambda value: _real(value) and value >= 0,
    "error": _or_none(_text),
    "traceback": _or_none(_text),
}


def check_about(about: Any) -> None:
    """Refuse a line about a search that lacks something, or has something of another kind."""
    _check(about, ABOUT)


def check_record(record: Any) -> None:
    """Refuse a line of a trial that lacks something, has something of another kind, or neither score nor error.

    >>> check_record({"round": 1, "number": "two"})
    Traceback (most recent call last):
    nn.search.records.Damaged: number is 'two'
    """
    _check(record, RECORD)
    if (record["score"] is None) == (record["error"] is None):
        raise Damaged("a trial has a score or an error" + ", and not both" * (record["error"] is not None))


def _check(record: Any, checks: Checks) -> None:
    if not isinstance(record, dict):
        raise Damaged(f"{record!r:.40} in place of a dict")
    for name, check in checks.items():
        if name not in record:
            raise Damaged(f"{name} is missing")
        if not check(record[name]):
            raise Damaged(f"{name} is {record[name]!r:.40}")
