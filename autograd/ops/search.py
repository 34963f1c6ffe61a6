"""Questions about an array whose answer is a place, a count or a truth value: they have no gradient.

The answers are plain arrays and numbers, out of the graph. Each is NumPy's function of the numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph import raw
from ..primitive import numpy_functions

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "argpartition",
    "argsort",
    "argwhere",
    "count_nonzero",
    "digitize",
    "flatnonzero",
    "nanargmax",
    "nanargmin",
    "nonzero",
    "searchsorted",
    "unique",
]


def _plain(function: Callable[..., Any], meaning: str) -> Callable[..., Any]:
    def answer(*args: Any, **kwargs: Any) -> Any:
        return function(*map(raw, args), **{key: raw(x) for key, x in kwargs.items()})

    answer.__name__ = answer.__qualname__ = function.__name__
    answer.__doc__ = f"{meaning}.\n\nnp.{function.__name__} of the numbers; the answer is out of the graph."
    answer.__wrapped__ = function  # type: ignore[attr-defined]  # help() shows NumPy's signature
    numpy_functions[function] = answer
    return answer


all = _plain(np.all, "Whether every element along an axis is true (not 0)")
any = _plain(np.any, "Whether an element along an axis is true (not 0)")
argmax = _plain(np.argmax, "The index of the largest element along an axis; of those that tie, of the first")
argmin = _plain(np.argmin, "The index of the smallest element along an axis; of those that tie, of the first")
argpartition = _plain(np.argpartition, "The indices that partition an array along an axis")
argsort = _plain(np.argsort, "The indices that sort an array along an axis")
argwhere = _plain(np.argwhere, "The indices of the elements that are not 0, one row for each")
count_nonzero = _plain(np.count_nonzero, "How many elements along an axis are not 0")
digitize = _plain(np.digitize, "The number of the bin that each element falls into")
flatnonzero = _plain(np.flatnonzero, "The indices of the elements that are not 0 in the raveled array")
nanargmax = _plain(np.nanargmax, "The index of the largest element that is not nan along an axis")
nanargmin = _plain(np.nanargmin, "The index of the smallest element that is not nan along an axis")
nonzero = _plain(np.nonzero, "The indices of the elements that are not 0, one array for each axis")
searchsorted = _plain(np.searchsorted, "Where numbers belong in a sorted array")
unique = _plain(np.unique, "The different elements, sorted")
