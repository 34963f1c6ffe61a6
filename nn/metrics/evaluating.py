"""evaluating: a model in eval mode for a while, also where several threads use it at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from autograd.graph import no_grad

from ..core.module import Module

# The modules that are being evaluated, by identity: the module, its mode before, and how many are at it. The first one
# writes the mode down, and the last one puts it back: one that comes between would take the eval mode for its own.
_under_way: dict[int, tuple[Module, bool, int]] = {}
_lock = threading.RLock()


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Inside, the model is in eval mode and nothing is recorded; then each of its modules gets its mode back.

    Several threads may do so with one model: the modes come back when the last of them has ended. What a thread trains
    meanwhile is in eval mode, too: train and evaluate a model one after the other.

    >>> model = Module()
    >>> with evaluating(model):
    ...     model.training
    False
    >>> model.training
    True
    """
    modules = list(model.modules())
    with _lock:
        for module in modules:
            _, mode, users = _under_way.get(id(module), (module, module.training, 0))
            _under_way[id(module)] = module, mode, users + 1
    try:
        with _lock:
            if any(module.training for module in modules):
                model.eval()
        with no_grad():
            yield
    finally:
        with _lock:
            for module in modules:
                _, mode, users = _under_way.pop(id(module))
                if users > 1:
                    _under_way[id(module)] = module, mode, users - 1
                else:
                    module.training = mode
