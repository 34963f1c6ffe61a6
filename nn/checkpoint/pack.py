"""A state, nested dicts and lists of numbers, texts and arrays, as JSON and a flat dict of arrays; and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

# What stands in the JSON for an array, and for a number that JSON has no word for.
ARRAY, FLOAT = "$array", "$float"


def pack(state: Any, arrays: dict[str, Any], path: str = "") -> Any:
    """`state` as JSON can hold it, to the bit; its arrays go into `arrays`, by their paths.

    >>> arrays = {}
    >>> pack({"step": 3, "m": [np.ones(2), math.inf]}, arrays)
    {'step': 3, 'm': [{'$array': 'm/0'}, {'$float': 'inf'}]}
    >>> arrays
    {'m/0': array([1., 1.])}
    """
    if isinstance(state, dict):
        packed = {}
        for key, value in state.items():
            if not isinstance(key, (str, int)) or isinstance(key, bool) or key in (ARRAY, FLOAT):
                raise TypeError(
                    f"{path or 'the state'} has the key {key!r:.40}: a checkpoint holds texts and whole numbers."
                )
            if str(key) in packed:
                raise TypeError(f"{path or 'the state'} has the key {key!r:.40} as text and as number.")
            packed[str(key)] = pack(value, arrays, f"{path}/{key}" if path else str(key))
        return packed
    if isinstance(state, (list, tuple)):
        return [pack(value, arrays, f"{path}/{i}" if path else str(i)) for i, value in enumerate(state)]
    if isinstance(state, np.generic):
        exact = state.dtype.kind in "iubU" or state.dtype == np.float64
        return pack(state.item() if exact else np.asarray(state), arrays, path)
    if isinstance(state, np.ndarray):
        while path in arrays:  # the key "a/b" beside "b" within "a"
            path += "'"
        arrays[path] = state
        return {ARRAY: path}
    if isinstance(state, float) and not math.isfinite(state):
        return {FLOAT: repr(state)}
    if state is None or isinstance(state, (bool, int, float, str)):
        return state
    raise TypeError(
        f"{path or 'the state'} is {type(state).__name__}: a checkpoint holds numbers, texts, arrays, lists and dicts "
        "of them, and nothing that would have to be executed to be read."
    )


def unpack(packed: Any, arrays: dict[str, Any]) -> Any:
    """What was given to `pack`; tuples have become lists, and the keys of dicts texts.

    >>> unpack([{"$array": "m"}, {"$float": "inf"}], {"m": np.ones(2)})
    [array([1., 1.]), inf]
    """
    if isinstance(packed, dict):
        if set(packed) == {ARRAY}:
            return arrays[packed[ARRAY]]
        if set(packed) == {FLOAT}:
            return float(packed[FLOAT])
        return {key: unpack(value, arrays) for key, value in packed.items()}
    return [unpack(value, arrays) for value in packed] if isinstance(packed, list) else packed
