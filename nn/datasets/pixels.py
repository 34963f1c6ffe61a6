"""Bytes of images as the numbers that a network is given."""

from __future__ import annotations

from typing import Any

import numpy as np


def scaled(pixels: Any, dtype: Any) -> Any:
    """0 to 255 as 0.0 to 1.0; with dtype np.uint8 as they are.

    >>> scaled(np.array([0, 51, 255], np.uint8), np.float32)
    array([0. , 0.2, 1. ], dtype=float32)
    """
    dtype = np.dtype(dtype)
    if dtype == np.uint8:
        return pixels
    if dtype.kind != "f":
        raise TypeError(
            f"dtype={dtype}: give a floating-point dtype such as np.float32, for pixels from 0 to 1, or np.uint8 "
            "for the bytes as they are."
        )
    numbers = pixels.astype(dtype)
    numbers /= 255  # in place: these arrays are large
    return numbers
