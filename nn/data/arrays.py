"""What a user may give as data, looked at once: arrays of rows, of equal length."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd.graph import Node


def as_array(x: Any) -> Any:
    """x as an array; another library's stays what it is.

    >>> as_array([[1, 2], [3, 4]]).shape
    (2, 2)
    """
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(
            "a masked array: what is masked would be used. Give x.filled(number), or drop those rows."
        )
    if isinstance(x, np.matrix):
        raise TypeError("an np.matrix, whose * and indexing differ from an array's. Give np.asarray(x).")
    return x if hasattr(x, "__array_function__") and not isinstance(x, Node) else np.asarray(x)


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


def whole_number(name: str, value: Any, least: int, what: str) -> int:
    """A setting that counts something, such as a batch's rows.

    >>> whole_number("batch_size", 0, 1, "a batch has at least one row")
    Traceback (most recent call last):
    ValueError: batch_size=0: a batch has at least one row.
    """
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r:.60}: it is a whole number.") from None
    if number < least:
        raise ValueError(f"{name}={number}: {what}.")
    return number
