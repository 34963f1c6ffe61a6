"""Nested containers: lists, tuples, named tuples and dicts of arrays, at any depth, as one argument.

Two functions do it all. `parts` lists what a container holds in a fixed order, and `rebuilt` puts other things in the
same places. What has no derivative (None, text, booleans, objects) stays where it is.
"""

from __future__ import annotations

import copy
import numbers
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .errors import ShapeError
from .graph import Node

Chosen = Callable[[Any], bool]


def is_number(x: Any) -> bool:
    """Whether something can be differentiated: a node, a number (no boolean), or an array of numbers."""
    if isinstance(x, (Node, float)):
        return True
    if isinstance(x, (bool, np.bool_)):
        return False
    # complex numbers count, so that whoever makes a node of one refuses it with a reason
    return isinstance(x, numbers.Number) or getattr(getattr(x, "dtype", None), "kind", "") in tuple("fiuc")


def is_container(x: Any) -> bool:
    """Whether something is taken apart: a list, a tuple or a dict, and their subclasses."""
    return isinstance(x, (list, tuple, dict))


def _keys(like: dict[Any, Any]) -> list[Any]:
    """The keys in an order that two equal dicts share; where keys cannot be compared, as they were put in."""
    try:
        return sorted(like)
    except TypeError:
        return list(like)


def parts(tree: Any, like: Any, chosen: Chosen = is_number) -> Iterator[Any]:
    """What `tree` holds at the places where `like` holds something chosen; both must have the same structure."""
    if isinstance(like, dict):
        if not isinstance(tree, dict) or tree.keys() != like.keys():
            raise _mismatch(tree, like)
        for key in _keys(like):
            yield from parts(tree[key], like[key], chosen)
    elif isinstance(like, (list, tuple)):
        if not isinstance(tree, (list, tuple)) or len(tree) != len(like):
            raise _mismatch(tree, like)
        for part, other in zip(tree, like):
            yield from parts(part, other, chosen)
    elif chosen(like):
        yield tree


def rebuilt(like: Any, new: Iterator[Any], chosen: Chosen = is_number) -> Any:
    """A container like `like` with the next one of `new` in the place of everything chosen."""
    if isinstance(like, dict):
        copied = copy.copy(like)  # of its own class, such as OrderedDict
        for key in _keys(like):
            copied[key] = rebuilt(like[key], new, chosen)
        return copied
    if isinstance(like, (list, tuple)):
        items = [rebuilt(part, new, chosen) for part in like]
        if type(like) is list:
            return items
        return like._make(items) if hasattr(like, "_make") else type(like)(items)
    return next(new) if chosen(like) else like


def _mismatch(tree: Any, like: Any) -> ShapeError:
    return ShapeError(
        f"{_described(tree)} in the place of {_described(like)}: a vector or an upstream gradient must have the "
        "structure of what it belongs to."
    )


def _described(tree: Any) -> str:
    if isinstance(tree, dict):
        return f"a dict with the keys {list(tree)!r:.80}"
    return (
        f"a {type(tree).__name__} of {len(tree)}"
        if is_container(tree)
        else f"{type(tree).__name__} {tree!r:.40}"
    )
