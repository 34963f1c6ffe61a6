"""What the picture calls each value: by the user's name, or v1, v2, ... as a list of intermediate results would."""

from __future__ import annotations

import itertools

import numpy as np

from autograd.graph import Node, raw

from .fold import Constant, Item
from .numerals import number

_LONGEST = 16


def label_all(root: Node, items: list[Item]) -> tuple[dict[Item, str], str]:
    """The label of every item, and the letter for the upstream gradient, which no label has."""
    labels: dict[Item, str] = {}
    taken: set[str] = set()
    for item in items:
        if isinstance(item, Node) and item.name:
            name = shorten(item.name)
            numbered = (f"{name}_{i}" for i in itertools.count(2))  # two nodes of one name would be confused
            labels[item] = name if name not in taken else next(x for x in numbered if x not in taken)
            taken.add(labels[item])
    if root not in labels:
        labels[root] = _free(["f", "out"], "f", taken)
    steps = (f"v{i}" for i in itertools.count(1) if f"v{i}" not in taken)
    arrays = (f"c{i}" for i in itertools.count(1) if f"c{i}" not in taken)
    for item in items:
        if item in labels:
            continue
        if isinstance(item, Node) and item.requires_grad:
            labels[item] = next(steps)
        else:
            value = item.value if isinstance(item, Constant) else raw(item)
            labels[item] = number(value) if np.ndim(value) == 0 else next(arrays)
    return labels, _free(["g", "upstream"], "g", taken)


def _free(wishes: list[str], letter: str, taken: set[str]) -> str:
    numbered = (f"{letter}{i}" for i in itertools.count(1))
    return next(x for x in itertools.chain(wishes, numbered) if x not in taken)


def shorten(text: object, longest: int = _LONGEST) -> str:
    """A user's name on one line, without control characters, and not longer than a formula can bear.

    >>> shorten("a name that\\n goes on and on")
    'a name that goe…'
    """
    shown = "".join(c if c.isprintable() else " " for c in str(text))
    shown = " ".join(shown.encode("utf-8", "replace").decode().split()) or "?"
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
