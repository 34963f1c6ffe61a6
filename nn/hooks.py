"""Hooks of modules: functions that see what goes into a module, or what comes out, and may replace it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# How often the parts of any module, or their hooks, were changed: a plan made for the parts before is old.
structure = [0]


class HookHandle:
    """What registering a hook returns: `remove()` ends the calls, as does leaving a `with` block."""

    def __init__(self, module: Any, hook: Callable[..., Any], place: int) -> None:
        if not callable(hook):
            raise TypeError(f"a hook is a function of the module and its inputs, not {type(hook).__name__}.")
        self._module, self._hook, self._place = module, hook, place
        self._set(lambda hooks: [*hooks, self])

    def _set(self, change: Callable[[list[HookHandle]], list[HookHandle]]) -> None:
        """New lists, so that a call under way goes on with its own."""
        both = list(self._module._hooks or ((), ()))
        both[self._place] = change(both[self._place])
        object.__setattr__(self._module, "_hooks", tuple(both) if any(both) else None)
        structure[0] += 1

    def remove(self) -> None:
        """The hook is called no more."""
        self._set(lambda hooks: [handle for handle in hooks if handle is not self])

    def __call__(self, *args: Any) -> Any:
        return self._hook(*args)

    def __enter__(self) -> HookHandle:
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()


def hooked(module: Any, hooks: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """module.forward(*args) with the hooks before and after it."""
    before, after = hooks
    for hook in before:
        new = hook(module, args)
        if new is not None:
            args = new if isinstance(new, tuple) else (new,)
    output = module.forward(*args, **kwargs)
    for hook in after:
        new = hook(module, args, output)
        if new is not None:
            output = new
    return output
