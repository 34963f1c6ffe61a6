"""Whose line a warning is about: the one that called this library."""

from __future__ import annotations

import sys


def level() -> int:
    """The stacklevel of a warning, for the first line that is not of this library."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] in (
        "nn",
        "contextlib",
    ):
        frame, level = frame.f_back, level + 1
    return level
