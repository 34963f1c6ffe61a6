"""The random generators of a model, wherever it holds them: a training that is resumed to the bit needs all of them."""

from __future__ import annotations

import functools
import random
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.graph import Node

from ..core.module import Module

# What holds no generator. (Not looked into either: containers of more than LONG items, which are data.)
_PLAIN = (str, bytes, int, float, complex, type(None), np.ndarray, np.generic, Node, type, types.ModuleType)
LONG = 1000


def generators(**roots: Any) -> Iterator[tuple[str, np.random.Generator]]:
    """Each generator once, by its path: in attributes of modules and other objects, lists, tuples, dicts, functions.

    Other sources of random numbers, whose state a checkpoint does not keep, are refused.

    >>> import nn
    >>> class Noisy(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.drop = nn.Dropout(0.5, rng=0)
    ...         self.augment = [nn.augment.Augment(noise=0.1, rng=1)]
    >>> sorted(path for path, _ in generators(model=Noisy()))
    ['model.augment[0].rng', 'model.drop.rng']
    """
    for path, x in _sources(**roots):
        if not isinstance(x, np.random.Generator):
            raise TypeError(
                f"{path} is a {type(x).__name__}, whose state a checkpoint does not keep. Draw from a Generator, "
                "numpy.random.default_rng(seed)."
            )
        yield path, x


@contextmanager
def undrawn(model: Module) -> Iterator[None]:
    """Whatever is drawn inside: afterwards every generator of the model stands where it stood.

    >>> import nn
    >>> drop = nn.Dropout(0.5, rng=0)
    >>> with undrawn(drop):
    ...     inside = drop(np.ones(8)).data
    >>> np.array_equal(drop(np.ones(8)).data, inside)
    True
    """
    found = [x for _, x in _sources(model=model) if isinstance(x, np.random.Generator)]
    states = [x.bit_generator.state for x in found]
    try:
        yield
    finally:
        for x, state in zip(found, states):
            x.bit_generator.state = state


def _sources(**roots: Any) -> Iterator[tuple[str, Any]]:
    """Each source of random numbers once, by its path."""
    seen: set[int] = set()
    modules = [
        pair for name, root in roots.items() if isinstance(root, Module) for pair in root.named_modules(name)
    ]
    seen.update(id(module) for _, module in modules)
    others = [(name, root) for name, root in roots.items() if not isinstance(root, Module)]
    inside = [(f"{path}.{name}", x) for path, module in modules for name, x in vars(module).items()]
    waiting = [*others[::-1], *inside[::-1]]
    while waiting:
        path, x = waiting.pop()
        if isinstance(x, _PLAIN) or id(x) in seen:
            continue
        seen.add(id(x))
        if isinstance(x, (np.random.Generator, np.random.RandomState, random.Random)):
            yield path, x
        else:
            waiting += [(path + name, part) for name, part in _parts(x)][::-1]


def _parts(x: Any) -> Iterator[tuple[str, Any]]:
    """What an object holds, and how that is written."""
    if isinstance(x, (list, tuple, dict)):
        if len(x) <= LONG:
            yield from (
                (f"[{key!r}]", part) for key, part in (x.items() if isinstance(x, dict) else enumerate(x))
            )
        return
    if isinstance(x, functools.partial):
        yield from ((".func", x.func), (".args", x.args), (".keywords", x.keywords))
    elif isinstance(x, types.MethodType):
        yield from (("", x.__self__), (".__func__", x.__func__))
    elif isinstance(x, types.FunctionType):
        yield ".__defaults__", (*(x.__defaults__ or ()), *(x.__kwdefaults__ or {}).values())
        for name, cell in zip(x.__code__.co_freevars, x.__closure__ or ()):
            try:
                yield f".{name}", cell.cell_contents
            except ValueError:  # nothing is in it yet
                continue
    held = getattr(x, "__dict__", None)
    if isinstance(held, dict):
        yield from ((f".{name}", part) for name, part in held.items())
