"""What a user may give as data, looked at once: arrays of rows, of equal length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.graph import Node


def as_array(x: Any) -> Any:
    """x as an array; another library's stays what it is. Refused: what is none, and rows that are missing or uneven.

    >>> as_array([[1, 2], [3, 4]]).shape
    (2, 2)
    >>> as_array([[1, 2], [3, 4, 5]])
    Traceback (most recent call last):
    ValueError: parts of shapes (2,) and (3,) make no array: give rows of equal length.
    """
    if isinstance(x, (str, bytes)):
        raise TypeError(
            f"the text {x!r:.40} in place of an array. To read a file, use np.load or np.loadtxt."
        )
    if isinstance(x, Mapping):
        names = " and ".join(f"data[{key!r:.20}]" for key in list(x)[:2]) or "np.array(...)"
        raise TypeError(f"{type(x).__name__} in place of an array: give what it holds, such as {names}.")
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(
            "a masked array: what is masked would be used. Give x.filled(number), or drop those rows."
        )
    if isinstance(x, np.matrix):
        raise TypeError("an np.matrix, whose * and indexing differ from an array's. Give np.asarray(x).")
    if hasattr(x, "__array_function__") and not isinstance(x, Node):
        array = x
    else:
        try:
            array = np.asarray(x)
        except ValueError as error:
            raise ValueError(_uneven(x, error)) from None
    if isinstance(array, np.ndarray) and array.dtype == object:
        _check_objects(array, x)
    return array


def _uneven(x: Any, error: Exception) -> str:
    """Why these parts make no array, and what to give instead."""
    try:
        shapes = [np.shape(part) for part in x]
    except (TypeError, ValueError):
        shapes = []
    other = [shape for shape in shapes if shape != shapes[0]][:1]
    if not other and isinstance(x, list) and all(isinstance(part, tuple) for part in x):
        return (
            "a list of tuples, such as samples (inputs, label), makes no array. Make one array of all the inputs, and "
            "one of all the labels: X, y = map(np.array, zip(*samples))."
        )
    if not other:
        return f"this {type(x).__name__} makes no array: {error!s:.100}. Give rows of equal length."
    parts = f"parts of shapes {shapes[0]} and {other[0]} make no array: "
    if any(getattr(part, "ndim", 0) for part in x):
        return parts + (
            "give rows of equal length. Of several sets of inputs and labels make one: np.concatenate([X1, X2]), "
            "np.concatenate([y1, y2])."
        )
    return f"{parts}give rows of equal length."


def _check_objects(array: Any, x: Any) -> None:
    """Words are objects, too; but None is missing, and a generator or a set is no array."""
    if not array.ndim:
        what = "None" if x is None else type(x).__name__
        raise TypeError(f"{what} in place of an array: give an array, or a list of rows or numbers.")
    missing = [i for i, value in enumerate(array.reshape(-1)) if value is None]
    if missing:
        where = np.unravel_index(missing[0], array.shape)[0]
        raise ValueError(
            f"row {where} has None in it ({len(missing)} in all): drop such rows, or fill them with a value."
        )


def rows_not_finite(array: Any) -> int:
    """How many rows of an array of floats have nan or inf in them.

    >>> rows_not_finite(np.array([[1.0, 2.0], [np.nan, np.inf]]))
    1
    """
    return int(np.count_nonzero(~np.isfinite(array.reshape(len(array), -1)).all(axis=1)))


def equal_length(arrays: tuple[Any, ...]) -> int:
    """The number of rows, checked.

    >>> equal_length((np.ones((5, 2)), np.ones(5)))
    5
    """
    shapes = [np.shape(x) for x in arrays]
    if not shapes:
        raise ValueError("no arrays: give one, or several of equal length such as (X, y).")
    if () in shapes:
        raise ValueError("a single number has no rows: give arrays whose first axis is the examples.")
    lengths = {shape[0] for shape in shapes}
    if len(lengths) > 1:
        raise ValueError(
            f"arrays of shapes {' and '.join(map(str, shapes))}: the first axis is the examples, "
            "of which all arrays must have the same number."
        )
    if 0 in lengths:
        raise ValueError(
            f"arrays of shape{'s' * (len(shapes) > 1)} {' and '.join(map(str, shapes))}: there are no rows."
        )
    return int(shapes[0][0])
