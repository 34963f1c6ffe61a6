"""Scaling of inputs, learned on the training set alone: on other rows it would leak what should stay unseen."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import as_array, equal_length, rows_not_finite


class Scaler:
    """Base of the scalings: (X - shift) / scale, and back. A subclass measures the two numbers of each column."""

    shift: Any
    scale: Any

    def _fit(self, train: Any, axis: int | tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
        """The training set in float64, and the axes to measure over; the first of them is the rows."""
        train = np.asarray(as_array(train))
        equal_length((train,))
        axes = (axis,) if isinstance(axis, int) else tuple(axis)
        axes = tuple(sorted(a % train.ndim if -train.ndim <= a < train.ndim else train.ndim for a in axes))
        if 0 not in axes or train.ndim in axes:
            raise ValueError(
                f"axis={axis!r} of rows of shape {train.shape}: 0, the rows, must be among them, and all must exist. "
                "Images (n, channels, height, width) by channel: axis=(0, 2, 3)."
            )
        self._row = train.shape[1:]
        wide = train.astype(np.float64, copy=False)  # a sum of many float32 numbers would lose digits
        wrong = rows_not_finite(wide)
        if wrong:
            raise ValueError(
                f"{type(self).__name__}: {wrong} of {len(wide)} rows are not all finite (nan or inf), and would make "
                "every number of their columns nan. Find them with np.isfinite, and drop or fill them."
            )
        return wide, axes

    def __call__(self, X: Any) -> Any:
        """The rows of X, scaled. Floating-point numbers keep their dtype; whole numbers become float64."""
        X = self._checked(X)
        return ((X - self.shift) / self.scale).astype(_float(X), copy=False)

    def inverse(self, X: Any) -> Any:
        """Scaled rows in their old units: inverse(scale(X)) is X, but for rounding."""
        X = self._checked(X)
        return (X * self.scale + self.shift).astype(_float(X), copy=False)

    def _checked(self, X: Any) -> Any:
        X = np.asarray(as_array(X))
        if X.shape[1:] != self._row:
            raise ValueError(f"rows of shape {X.shape[1:]}: this was fitted on rows of shape {self._row}.")
        return X


class Standardiser(Scaler):
    """Brings each column to mean 0 and standard deviation 1, as measured on the training set.

    Dev and test rows are scaled by the training set's numbers, `mean` and `scale`: measured on themselves, they would
    leak what should stay unseen. A column that never changes becomes 0. Images (n, channels, height, width) are
    mostly scaled by channel: axis=(0, 2, 3).

    >>> scale = Standardiser(np.array([[0.0, 5.0], [2.0, 5.0]]))
    >>> scale(np.array([[4.0, 5.0]]))
    array([[3., 0.]])
    >>> scale.inverse(np.array([[3.0, 0.0]]))
    array([[4., 5.]])
    """

    def __init__(self, train: Any, axis: int | tuple[int, ...] = 0) -> None:
        wide, axes = self._fit(train, axis)
        largest = np.abs(wide).max(axis=axes, keepdims=True)
        # Squares of tiny and huge numbers are 0 and inf: a power of 2, which rounds nothing, brings those near 1.
        power = np.where((largest > 1e-140) & (largest < 1e140), 0, np.frexp(largest)[1])
        if power.any():
            wide = np.ldexp(wide, -power)
        spread = np.ldexp(wide.std(axis=axes, keepdims=True), power)[0]
        self.mean = self.shift = np.ldexp(wide.mean(axis=axes, keepdims=True), power)[0]
        # Equal numbers can have a spread of rounding errors, which must not be blown up to 1.
        self.scale = np.where(spread <= 1e-12 * largest[0], 1.0, spread)


class MinMax(Scaler):
    """Brings the smallest number of each column of the training set to 0 and the largest to 1.

    Other rows may fall outside. One number far from the rest squeezes all others together: then take Standardiser.
    A column that never changes becomes 0.

    >>> MinMax(np.array([[2.0], [6.0]]))(np.array([[3.0], [8.0]]))
    array([[0.25],
           [1.5 ]])
    """

    def __init__(self, train: Any, axis: int | tuple[int, ...] = 0) -> None:
        wide, axes = self._fit(train, axis)
        self.low = self.shift = wide.min(axis=axes, keepdims=True)[0]
        self.high = wide.max(axis=axes, keepdims=True)[0]
        with np.errstate(over="ignore"):
            span = self.high - self.low
        if not np.isfinite(span).all():
            raise ValueError(
                "MinMax: from the smallest to the largest number of a column is further than a float64 can say. Divide "
                "the column first, for instance by 1e300."
            )
        self.scale = np.where(span > 0, span, 1.0)


def _float(X: Any) -> Any:
    return X.dtype if X.dtype.kind == "f" else np.float64
