"""Real handwritten digits that come with scikit-learn: 8 x 8 in grey, and 16 x 16 in black and white."""

from __future__ import annotations

from typing import Any

import numpy as np

from .pixels import floating

Pair = tuple[Any, Any]


def load_digits(*, dtype: Any = np.float64) -> Pair:
    """Real handwritten digits, from scikit-learn: X (1797, 64), 8 x 8 pixels with ink from 0 to 1; y (1797,).

    They come with scikit-learn, so nothing is downloaded: pip install scikit-learn.

    >>> X, y = load_digits(dtype=np.float32)
    >>> X.shape, X.dtype.name, float(X.max()), y[:4]
    ((1797, 64), 'float32', 1.0, array([0, 1, 2, 3]))
    """
    dtype = floating(dtype)
    X, y = _counts("load_digits")
    return (X / 16).astype(dtype), y


def load_digits_16x16(*, dtype: Any = np.float64) -> Pair:
    """The same digits as 16 x 16 pixels of ink = 1 and no ink = 0: X (1797, 256), y (1797,).

    A pixel of the 8 x 8 images counts the ink in 4 x 4 dots of the scan. Here it becomes 2 x 2 pixels, of which so many
    have ink, to the nearest whole number (a half is ink); they are those nearest the ink around, by bilinear
    interpolation. So the amount of ink stays, and the holes of a 6 or an 8 stay open, as with no single threshold.

    >>> X, y = load_digits_16x16(dtype=np.float32)
    >>> for row in X[0].reshape(16, 16)[1:6].astype(int):
    ...     print("".join("-#"[ink] for ink in row))
    -----#####------
    -----#######----
    ----####-####---
    ----###---###---
    ---###-----##---
    """
    dtype = floating(dtype)
    X, y = _counts("load_digits_16x16")
    return _ink(X.reshape(-1, 8, 8)).reshape(-1, 256).astype(dtype), y


def _ink(counts: Any) -> Any:
    """(n, 8, 8), ink from 0 to 16, to (n, 16, 16) of 0 and 1."""
    # Along an axis, a new pixel is 3/4 its own old one and 1/4 the one it touches: numbers that floats hold exactly.
    own = np.repeat(np.arange(8), 2)
    neighbour = own + np.tile([-1, 1], 8)
    weights = np.zeros((16, 10))  # one column at either side is paper
    weights[np.arange(16), own + 1] += 0.75
    weights[np.arange(16), neighbour + 1] += 0.25
    smooth = weights @ np.pad(counts, ((0, 0), (1, 1), (1, 1))) @ weights.T
    fours = smooth.reshape(-1, 8, 2, 8, 2).transpose(0, 1, 3, 2, 4).reshape(-1, 8, 8, 4)
    place = np.argsort(np.argsort(-fours, axis=-1, kind="stable"), axis=-1, kind="stable")  # 0: the most ink
    black = place < np.floor(counts / 4 + 0.5)[..., None]
    return black.reshape(-1, 8, 8, 2, 2).transpose(0, 1, 3, 2, 4).reshape(-1, 16, 16)


def _counts(name: str) -> Pair:
    """scikit-learn's digits: ink from 0 to 16, (1797, 64), and labels."""
    try:
        from sklearn.datasets import load_digits as load
    except ImportError as error:
        raise ImportError(
            f"{name}() needs scikit-learn: pip install scikit-learn, or pip install '.[data]' in the clone."
        ) from error
    X, y = load(return_X_y=True)
    return X, y.astype(np.int64)
