"""Bytes of images as the numbers that a network is given, and the dtype of those numbers."""

from __future__ import annotations

from typing import Any

import numpy as np


def scaled(pixels: Any, dtype: Any) -> Any:
    """0 to 255 as 0.0 to 1.0; with dtype np.uint8 as they are.

    >>> scaled(np.array([0, 51, 255], np.uint8), np.float32)
    array([0. , 0.2, 1. ], dtype=float32)
    """
    if _dtype(dtype) == np.uint8:
        return pixels
    numbers = pixels.astype(floating(dtype, "for pixels from 0 to 1, or np.uint8 for the bytes as they are"))
    numbers /= 255  # in place: these arrays are large
    return numbers


def floating(dtype: Any, purpose: str = "or np.float64") -> Any:
    """The dtype, which must be one of real numbers; `purpose` ends the message.

    >>> floating("float32")
    dtype('float32')
    >>> floating(np.int64)
    Traceback (most recent call last):
    TypeError: dtype=int64: these are real numbers. Give np.float32, or np.float64.
    """
    found = _dtype(dtype)
    if found is None or found.kind != "f":
        what = f"{dtype!r:.40}" if found is None else str(found)
        raise TypeError(f"dtype={what}: these are real numbers. Give np.float32, {purpose}.")
    return found


def _dtype(dtype: Any) -> Any:
    try:
        return np.dtype(dtype)
    except (TypeError, ValueError, SyntaxError):  # NumPy's, for words that are no dtype
        return None
