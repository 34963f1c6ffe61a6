"""Whether operations are recorded: one state per thread and per asynchronous task.

The state is True, or a watcher (see anomaly.py), which is true but not True: operations then leave their short ways,
and the general one shows the watcher each node that it makes. Inside no_grad() it is a `Quiet`, which is false.
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


class Quiet:
    """A stretch without recording: false until it has ended, then what was the state around it.

    Generators may leave their blocks in another order than they entered them, and a task or thread may be the one to
    close a generator that another has started. So the end is marked here, where whoever has this state still sees it.
    """

    __slots__ = ("around", "ended", "of")

    def __init__(self, of: Any, around: Any) -> None:
        self.of = of
        self.around = around
        self.ended = False

    def __bool__(self) -> bool:
        return self.ended and bool(self.around)

    def made(self, node: Any, args: Any) -> None:
        """A node was recorded after the end: for the watcher around, if there is one."""
        state = _now(self)
        if state is not True:
            state.made(node, args)


def _now(state: Any) -> Any:
    """A state without the stretches that have ended."""
    while state.__class__ is Quiet and state.ended:
        state = state.around
    return state


class no_grad:
    """Nothing is recorded inside: a context manager, and a decorator for functions and coroutines.

    The previous state comes back when the block ends, by an exception too. Each thread has a state of its own.

    >>> from autograd import Value, no_grad
    >>> with no_grad():
    ...     y = Value(3.0) * 2
    >>> y.requires_grad
    False
    """

    def __init__(self, *function: Any) -> None:
        if function:
            name = type(self).__name__
            raise TypeError(f"write @{name}() with parentheses, or 'with {name}():' around a block.")
        self._entered: list[Any] = []

    def __enter__(self) -> None:
        quiet = Quiet(self, _now(recording()))
        self._entered.append(quiet)
        _recording.set(quiet)

    def __exit__(self, *exc: object) -> None:
        state = mine = recording()
        while mine.__class__ is Quiet and (mine.of is not self or mine.ended):
            mine = mine.around
        if mine.__class__ is not Quiet:  # it was entered in another thread or task
            mine = self._entered[-1]
        mine.ended = True
        self._entered.remove(mine)
        _recording.set(_now(state))

    def __call__(self, function: F) -> F:
        kind = type(self)
        if isinstance(function, (staticmethod, classmethod)):
            return type(function)(self(function.__func__))
        if inspect.isclass(function):
            raise TypeError(
                f"@{kind.__name__}() decorates functions, not classes. Decorate the methods that need it."
            )
        if not callable(function):
            raise TypeError(
                f"@{kind.__name__}() decorates functions, not {type(function).__name__}. Of a property decorate the "
                "function: @property above it."
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

    def __enter__(self) -> None:
        self._entered.append(recording())
        _recording.set(watcher() or True)

    def __exit__(self, *exc: object) -> None:
        around = self._entered.pop()
        if recording():  # else a no_grad() that was entered since is still open
            _recording.set(_now(around))


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
