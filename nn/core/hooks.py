"""Hooks of modules: functions that see what goes into a module, or what comes out, and may replace it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class HookHandle:
    """What registering a hook returns: `remove()` ends the calls, as does leaving a `with` block."""

    def __init__(self, module: Any, hook: Callable[..., Any], place: int) -> None:
        if not callable(hook):
            raise TypeError(f"a hook is a function of the module and its inputs, not {type(hook).__name__}.")
        self._module, self._hook, self._place = module, hook, place
        self._set(lambda hooks: [*hooks, self])

    def _set(self, change: Callable[[list[HookHandle]], list[HookHandle]]) -> None:
        """New lists, so that a call under way goes on with its own."""
        both = list(self._module._hooks or NONE)
        both[self._place] = change(both[self._place])
        note(self._module, tuple(both))

    def remove(self) -> None:
        """The hook is called no more."""
        self._set(lambda hooks: [handle for handle in hooks if handle is not self])

    def __call__(self, *args: Any) -> Any:
        return self._hook(*args)

    def __enter__(self) -> HookHandle:
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()


NONE: tuple[Any, Any] = ((), ())


def note(module: Any, hooks: Any = None) -> None:
    """Give a module its hooks, before and after. `_hooks` is None where a call is forward() of the class, and no more.

    So Sequential sees at one place whether a module may be computed together with the next one.
    """
    hooks = hooks or module._hooks or NONE
    plain = not any(hooks) and "forward" not in vars(module)
    object.__setattr__(module, "_hooks", None if plain else hooks)


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
