"""Where a loader stands: which batches of a pass it has given, and the state of its random numbers.

The order of a pass is not stored: it is drawn again from the state that the generator had when the pass began.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np


class Pass:
    """One pass over the rows: how many batches were given (-1: none is under way), and how its order comes about."""

    __slots__ = ("begin", "given", "order")

    def __init__(self, given: int = -1, begin: Any = None) -> None:
        self.given, self.begin = given, begin
        self.order: Any = None


def freeze(rng: np.random.Generator) -> dict[str, Any]:
    """The state of a generator in plain numbers and words.

    >>> sorted(freeze(np.random.default_rng(0)))
    ['bit_generator', 'has_uint32', 'state', 'uinteger']
    """
    return {key: _plain(value) for key, value in rng.bit_generator.state.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def thaw(state: Any, rng: np.random.Generator) -> dict[str, Any]:
    """What `freeze` gave, as this generator takes it; refused if it is no state of a generator of this kind.

    >>> one, other = np.random.default_rng(0), np.random.default_rng(1)
    >>> other.bit_generator.state = thaw(freeze(one), other)
    >>> one.random() == other.random()
    True
    """
    own = rng.bit_generator.state
    kind = state.get("bit_generator") if isinstance(state, dict) else None
    if not isinstance(kind, str) or kind != own["bit_generator"]:
        raise ValueError(
            f"load_state_dict: the random numbers were {kind!r:.40}, and this loader's are "
            f"{own['bit_generator']!r}. Make the loader with a generator of the same kind."
        )
    probe = copy.deepcopy(rng.bit_generator)
    try:
        taken = _like(state, own)
        if kind == "MT19937" and taken["state"]["pos"] > len(taken["state"]["key"]):
            raise ValueError("pos is behind the numbers of key")  # NumPy would read there, and crash
        probe.state = taken
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise ValueError(f"load_state_dict: the state of the random numbers is damaged: {error}.") from None
    return dict(probe.state)


def _like(value: Any, own: Any) -> Any:
    """Lists as arrays again, where the generator's own state has arrays."""
    if isinstance(own, dict):
        return {key: _like(value[key], inner) for key, inner in own.items()}
    if isinstance(own, np.ndarray):
        array = np.array(value, dtype=own.dtype)
        if array.shape != own.shape:
            raise ValueError(f"{array.size} numbers in place of {own.size}")
        return array
    if type(value) is not type(_plain(own)) or (isinstance(value, int) and value < 0):
        raise ValueError(f"{value!r:.40} in place of {type(own).__name__}")
    return value


def checked(
    state: Any, settings: dict[str, Any], rng: np.random.Generator
) -> tuple[int, Any, dict[str, Any]]:
    """The batches given, and the states of the generator at the begin of the pass and now; nothing is changed."""
    if not isinstance(state, dict) or not {"settings", "given", "begin", "rng"} <= state.keys():
        raise ValueError(
            f"load_state_dict: {state!r:.60} is no state of a DataLoader. Give what its state_dict() gave."
        )
    other = state["settings"] if isinstance(state["settings"], dict) else {}
    differing = [
        f"{name!s:.20} {other.get(name)!r:.40} there and {settings.get(name)!r} here"
        for name in {**settings, **other}
        if type(other.get(name)) is not type(settings.get(name)) or other.get(name) != settings.get(name)
    ]
    if differing:
        raise ValueError(
            f"load_state_dict: the state is of another loader: {', '.join(differing)}. The batches that would have "
            "come can only come from equal rows and settings."
        )
    given, begin = state["given"], state["begin"]
    size = settings["batch_size"]
    batches = settings["rows"] // size if settings["drop_last"] else -(-settings["rows"] // size)
    if isinstance(given, bool) or not isinstance(given, int) or not -1 <= given <= batches:
        raise ValueError(f"load_state_dict: {given!r:.40} batches given, of {batches} in a pass.")
    needed = settings["shuffle"] and given >= 0
    return given, thaw(begin, rng) if needed else None, thaw(state["rng"], rng)
