"""Whether operations are recorded: one state per thread and per asynchronous task.

The state is True, False, or a watcher (see anomaly.py), which is true but not True: operations then leave their short
ways, and the general one shows the watcher each node that it makes.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any, TypeVar

# The inputs of the derivatives that are being taken around this point, by `grad` and its family.
differentiated: ContextVar[frozenset[Any]] = ContextVar("autograd_differentiated", default=frozenset())

# A ContextVar starts from its default in a new thread.
_recording: ContextVar[Any] = ContextVar("autograd_recording", default=True)
recording = _recording.get
_watcher: ContextVar[Any] = ContextVar("autograd_watcher", default=None)
watcher = _watcher.get

F = TypeVar("F", bound=Callable[..., Any])


class no_grad:
    """Nothing is recorded inside: a context manager, and a decorator for functions and coroutines.

    The previous state comes back when the block ends, by an exception too. Each thread has a state of its own.

    >>> from autograd import Value, no_grad
    >>> with no_grad():
    ...     y = Value(3.0) * 2
    >>> y.requires_grad
    False
    """

    _state = False

    def __init__(self, *function: Any) -> None:
        if function:
            name = type(self).__name__
            raise TypeError(f"write @{name}() with parentheses, or 'with {name}():' around a block.")
        self._tokens: list[Token[Any]] = []

    def __enter__(self) -> None:
        self._tokens.append(_recording.set(self._state and (watcher() or True)))

    def __exit__(self, *exc: object) -> None:
        _recording.reset(self._tokens.pop())

    def __call__(self, function: F) -> F:
        kind = type(self)
        if inspect.isclass(function):
            raise TypeError(
                f"@{kind.__name__}() decorates functions, not classes. Decorate the methods that need it."
            )
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def wait(*args: Any, **kwargs: Any) -> Any:
                with kind():
                    return await function(*args, **kwargs)

            return wait  # type: ignore[return-value]
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"@{kind.__name__}() cannot decorate the generator function {function.__name__!r}: its body runs "
                f"between the caller's own lines. Write 'with {kind.__name__}():' inside it, around the computation."
            )

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with kind():
                return function(*args, **kwargs)

        return call  # type: ignore[return-value]


class enable_grad(no_grad):
    """Recording is on inside, whatever surrounds it: the opposite of `no_grad`."""

    _state = True


class watched:
    """Inside, `watcher` sees every node that is recorded: it gets `made(node, args)`, and `pull(node, g, how)`."""

    def __init__(self, watcher: Any) -> None:
        self._watcher = watcher
        self._tokens: list[tuple[Token[Any], Token[Any]]] = []

    def __enter__(self) -> Any:
        now = self._watcher if recording() else False
        self._tokens.append((_watcher.set(self._watcher), _recording.set(now)))
        return self._watcher

    def __exit__(self, *exc: object) -> None:
        watching, state = self._tokens.pop()
        _recording.reset(state)
        _watcher.reset(watching)
