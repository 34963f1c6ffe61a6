"""One of several arrays, element by element: chains of `where`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..primitive import numpy_functions
from .elementwise import where
from .index import getitem, index_update, plain_index
from .shape import as_array

__all__ = ["choose", "piecewise", "select"]


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """Where the first condition holds the first choice, else where the second holds the second, ..., else `default`.

    >>> x = np.arange(4.0)
    >>> select([x < 1, x < 3], [x, 10 * x], default=-1.0)
    array([ 0., 10., 20., -1.])
    """
    if len(condlist) != len(choicelist) or not condlist:
        raise ShapeError(
            f"select with {len(condlist)} conditions and {len(choicelist)} choices: give one choice for each."
        )
    out = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist)):
        condition = np.asarray(plain_index(condition))
        if condition.dtype.kind != "b":
            raise TypeError(f"select with a condition of {condition.dtype}. Write a comparison, as in x > 0.")
        out = where(condition, choice, out)
    return out


def choose(a: Any, choices: Sequence[Any], mode: str = "raise") -> Any:
    """For each element the choice number `a`: whole numbers, all broadcast together.

    A number out of bounds is an error, wraps around (mode="wrap"), or means the first or last ("clip").

    >>> choose([0, 1, 0], [[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    array([ 1., 20.,  3.])
    """
    # NumPy chooses among the numbers of the choices: its rules and errors for `a`.
    chosen = np.choose(plain_index(a), list(range(len(choices))), mode=mode)  # type: ignore[call-overload]
    out = choices[-1]
    for i in range(len(choices) - 1, -1, -1):
        out = where(chosen == i, choices[i], out)
    return out


def piecewise(x: Any, condlist: Any, funclist: Sequence[Any]) -> Any:
    """Each function (or number) of the elements for which its condition holds; one more is for all other elements.

    A function sees only its own elements, so one that is not defined for the others does no harm. Where several
    conditions hold, the last counts, as in NumPy.

    >>> piecewise(np.array([-4.0, 4.0]), [np.array([False, True])], [np.sqrt, 0.0])
    array([0., 2.])
    """
    x = as_array(x)
    if np.ndim(condlist) == 0 or (np.ndim(condlist[0]) == 0 and np.ndim(x) > 0):  # one condition by itself
        condlist = [condlist]
    conditions = [np.asarray(plain_index(c), bool) for c in condlist]
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.logical_or.reduce(conditions))
    if len(funclist) != len(conditions):
        raise ShapeError(
            f"piecewise with {len(conditions)} conditions and {len(funclist)} functions: give one function for each, "
            "and at most one more."
        )
    y = np.zeros_like(x)
    for condition, function in zip(conditions, funclist):
        if condition.any():
            part = function(getitem(x, index=condition)) if callable(function) else function
            y = index_update(y, condition, part)
    return y


numpy_functions[np.select] = select
numpy_functions[np.choose] = choose
numpy_functions[np.piecewise] = piecewise
