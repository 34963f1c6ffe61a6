"""Hooks: functions that see a gradient on its way, in every backward pass, and may replace it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import GradientError


class Handle:
    """What `register_hook` returns: `remove()` ends the calls."""

    __slots__ = ("_hook",)

    def __init__(self, node: Any, hook: Callable[[Any], Any]) -> None:
        if not callable(hook):
            raise TypeError(f"register_hook() takes a function of the gradient, not {type(hook).__name__}.")
        if not node.requires_grad:
            raise GradientError(
                "register_hook() on a constant: it gets no gradient. Make it with requires_grad=True."
            )
        self._hook: Callable[[Any], Any] = hook

    def call(self, g: Any) -> Any:
        """What the hook makes of a gradient."""
        return self._hook(g)

    def remove(self) -> None:
        """The hook is called no more."""
        self._hook = _nothing


def _nothing(g: Any) -> None:
    return None
