"""Where does the nan come from? Inside `detect_anomaly()` the first op that makes one stops, and names the user's line.

In the forward pass that is an op which gives nan or inf from finite inputs, such as log(0), or nan from infinite ones,
such as inf - inf; in the backward pass one whose local gradient does, such as sqrt at 0. Watching costs a check of
every array, so it is for finding a mistake.
"""

from __future__ import annotations

import contextlib
import linecache
import sys
import weakref
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

import numpy as np

from .errors import AnomalyError
from .graph import Node, raw
from .recording import watched

_OWN = frozenset(
    ("autograd", "nn", "viz", "numpy", "contextlib")
)  # frames of these packages are not the user's


class detect_anomaly(contextlib.ContextDecorator, watched):
    """Raise AnomalyError where nan or inf first appears, in the forward or the backward pass. Also a decorator.

    >>> import numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([4.0, 0.0])
    >>> with detect_anomaly():
    ...     np.sqrt(x).sum().backward()
    Traceback (most recent call last):
    autograd.errors.AnomalyError: the gradient of sqrt for its input 0 is inf at element (1,), where y = 0, x = 0; ...
    """

    def __init__(self) -> None:
        super().__init__(self)
        self._silences: list[Any] = []
        self._lines: dict[int, tuple[weakref.ref[Any], str]] = {}

    def __enter__(self) -> Any:
        self._silences.append(
            silence := np.errstate(all="ignore")
        )  # the error says more than NumPy's warning
        silence.__enter__()
        return super().__enter__()

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        self._silences.pop().__exit__(None, None, None)
        if not self._tokens:
            self._lines.clear()

    def made(self, node: Any, args: Iterable[Any]) -> None:
        """A node was recorded from these plain inputs: is it the first with a nan or inf?"""
        line = _line(sys._getframe(1))
        args = list(args)
        for i, (x, parent) in enumerate(zip(args, node.parents)):
            if self._came_from_outside(parent) and np.any(np.isnan(x)):
                at = tuple(map(int, np.argwhere(np.isnan(x))[0]))
                raise AnomalyError(
                    f"input {i} of {node.op.name} holds nan{_place(x, at)} already, before any op was watched. Look at "
                    f"the data: np.argwhere(np.isnan(x)) finds the places.\n{line}"
                )
        self._lines[id(node)] = weakref.ref(node), line
        y = raw(node)
        found = _new(y, args)
        if found is not None:
            bad, at = found
            given = "infinite" if bad != bad and not all(map(_finite, args)) else "finite"
            shown = _numbers(y, at, args) if node.op.elementwise else ""
            raise AnomalyError(
                f"{node.op.name} gave {bad:g}{_place(y, at)} from {given} inputs{shown}.\n{line}"
            )

    def pull(self, node: Any, g: Any, how: Callable[[Node, Any], Iterable[Any]]) -> list[Any]:
        """The contributions of a node, looked at on their way."""
        contributions = list(how(node, g))
        for i, contribution in enumerate(map(raw, contributions)):
            if contribution is not None and (found := _new(contribution, [raw(g)])) is not None:
                self._explain(node, i, contribution, *found, raw(g))
        return contributions

    def _came_from_outside(self, parent: Any) -> bool:
        """Whether an input is data, or was made by an op that was not watched."""
        known = self._lines.get(id(parent))
        return parent is None or known is None or known[0]() is not parent

    def _explain(self, node: Any, i: int, contribution: Any, bad: float, at: tuple[int, ...], g: Any) -> None:
        known, line = self._lines.get(id(node), (None, ""))
        if known is None or known() is not node:
            line = "Record the graph inside detect_anomaly() too, and this message shows its line."
        where = ""
        if node.op.elementwise:
            inputs = [raw(x) for x in node.inputs]
            where = f", where y = {_number(raw(node), at)}{_numbers(contribution, at, inputs)}"
        advice = ""
        if bad != bad and np.shape(g) == np.shape(contribution) and np.asarray(g)[at] == 0:
            advice = (
                " It is 0 from above times an infinite slope: a choice made after the op comes too late. Choose its "
                "input, as in np.sqrt(np.where(x > 0, x, 1))."
            )
        raise AnomalyError(
            f"the gradient of {node.op.name} for its input {i} is {bad:g}{_place(contribution, at)}{where}; "
            f"what arrived from above was {'finite' if _finite(g) else 'infinite, but not nan'}.{advice}\n{line}"
        )


def _finite(x: Any) -> bool:
    return bool(np.all(np.isfinite(x)))


def _new(y: Any, given: Iterable[Any]) -> tuple[float, tuple[int, ...]] | None:
    """The first nan of `y` if none was given, or else the first inf if all that was given is finite; and its place.

    A nan may be made of infinities, as by the softmax of scores that are all masked with -inf.
    """
    if _finite(y):
        return None
    y, given = np.asarray(y), list(given)
    if all(map(_finite, given)):
        good = np.isfinite(y)
    elif np.isnan(y).any() and not any(np.isnan(x).any() for x in given):
        good = ~np.isnan(y)
    else:
        return None
    at = np.unravel_index(int(np.argmin(good)), y.shape)
    return float(y[at]), tuple(map(int, at))


def _place(y: Any, at: tuple[int, ...]) -> str:
    return f" at element {at}" if np.ndim(y) else ""


def _number(x: Any, at: tuple[int, ...]) -> str:
    """The number of `x` that belongs to an element of the result, where x has one there."""
    if np.ndim(x) == 0:
        return f"{float(x):g}"
    return (
        f"{float(x[at]):g}"
        if np.ndim(x) == len(at) and all(i < n for i, n in zip(at, np.shape(x)))
        else "..."
    )


def _numbers(y: Any, at: tuple[int, ...], inputs: Iterable[Any]) -> str:
    names = ("x",) if len(inputs := list(inputs)) == 1 else "abcdefgh"
    return "".join(f", {name} = {_number(x, at)}" for name, x in zip(names, inputs))


def _line(frame: FrameType | None) -> str:
    """The line of the user's program that is being run, as a traceback shows it."""
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] in _OWN:
        frame = frame.f_back
    if frame is None:
        return ""
    file, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, number, frame.f_globals).strip()
    return f'  File "{file}", line {number}, in {frame.f_code.co_name}\n    {text}'
