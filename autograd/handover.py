"""When a node is asked for its plain data: is that what the program meant?

`np.asarray(t)` leaves the graph on purpose. `np.array([t, u])` asks each tensor in the same way, and would drop their
history without a word; `float(v)` leaves on purpose, `math.sin(v)` hardly. Python gives no sign of the difference, so
the instruction that is under way has to tell (bytecode.py), and where it does not, what becomes of the first array.
"""

from __future__ import annotations

import sys
import warnings
import weakref
from types import FrameType
from typing import Any

import numpy as np

from .bytecode import LIST, MISSING, Call, call_under_way, doing_in, named_on_the_line, operands
from .errors import DtypeError, GradientWarning, UnknownOpError
from .graph import Node, holds_node
from .primitive import registry
from .recording import differentiated, recording


class Handed(np.ndarray):
    """What a tensor hands out where the program does not show whether it is meant.

    np.asarray makes a plain array of it and lets it go at once. np.array of a list keeps it until it has asked the
    other elements: if it is still there when the next tensor is asked by the same call, that call is about a list.
    """


_latest: tuple[Any, int, int] = (
    lambda: None,
    0,
    0,
)  # the last one, the frame that asked for it, and where it was


def handed_out(array: Any, frame: FrameType) -> Any:
    """The data of a tracked tensor, for whoever asks in `frame`; a TypeError if that would drop a list's history."""
    if not recording():
        return array
    caller: Any = frame
    if _library(frame) == "numpy":
        _refuse_numpy(frame)
        while _library(caller) == "numpy" and caller.f_back is not None:
            caller = caller.f_back
    if _library(caller) == "scipy":
        _warn(_OF_SCIPY, caller)
        return array
    doing = doing_in(frame)
    if doing.assigns:
        _warn(_ASSIGNED, frame)
        return array
    call = call_under_way(doing, frame)
    if _is_list(call.first) or any(map(_is_list, operands(doing, frame))):
        raise TypeError(_OF_A_LIST)
    if call.function not in _AS_IT_IS and (text := _left_by(call)) is not None:
        _warn(text, frame)
    elif differentiated.get() and _library(caller) != "autograd":
        _warn(_AS_ARRAY, caller)
    known = isinstance(call.first, Node) or call.function is np.asanyarray
    return array if known else _watched(array, frame)


def _watched(array: Any, frame: FrameType) -> Any:
    global _latest
    earlier, asked_by, at = _latest
    if asked_by == id(frame) and at == frame.f_lasti and earlier() is not None:
        raise TypeError(_OF_A_LIST)
    if not isinstance(array, np.ndarray):
        return array
    array = array.view(Handed)
    _latest = weakref.ref(array), id(frame), frame.f_lasti
    return array


def warn_of_float(node: Any) -> None:
    """Warn where float() of a tracked node is hardly meant: by a function of `math`, for an array, or inside grad()."""
    if not node.requires_grad or not recording():
        return
    frame = sys._getframe(2)
    doing = doing_in(frame)
    if doing.assigns:
        _warn(_ASSIGNED, frame)
        return
    call = call_under_way(doing, frame)
    text = None
    if not (isinstance(call.function, type) and issubclass(call.function, _NUMBERS)):  # float(v) is meant
        of_math = [f for f in (call.function, *named_on_the_line(doing, frame)) if _of_math(f)]
        if of_math and of_math[0].__name__ in _QUESTIONS:
            return
        text = _math_text(of_math[0].__name__) if of_math else _left_by(call)
        if text is None and _is_list(call.first) and getattr(call.function, "__module__", "") == "numpy":
            text = _OF_FLOATS
    if text is None and differentiated.get():
        text = _AS_FLOAT
    if text is not None:
        _warn(text, frame)


# --- who asks

_NUMBERS = (float, int, complex, np.generic)


# Functions that are asked for the plain data on purpose.
_AS_IT_IS: Any = (np.asarray, np.array, np.asanyarray)


def _library(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def _is_list(x: Any) -> bool:
    return x is LIST or holds_node(x)


def _of_math(function: Any) -> bool:
    return getattr(function, "__module__", None) == "math"


def _left_by(call: Call) -> str | None:
    """What to say of a function that takes the numbers of a node although its result would need a gradient."""
    if call.function is np.fromiter or call.function is np.nditer:
        return _ITERATED
    owner = getattr(call.function, "__self__", call.owner)
    if type(owner).__module__.startswith("numpy.random") or (
        call.function is MISSING and hasattr(np.random.Generator, call.name)
    ):
        return f"{call.name}() {_SAMPLED}"
    return None


def _refuse_numpy(frame: Any) -> None:
    """Functions of NumPy, written in Python, that do not ask a node before they take its numbers."""
    if frame.f_globals["__name__"].startswith("numpy.ma."):
        raise DtypeError(
            "a masked array of a node, or in arithmetic with one: gradients know no masks. Multiply by the mask, or "
            "use .filled(value); .numpy() of the node takes its numbers (that leaves the graph)."
        )
    inner = frame
    while _library(frame) == "numpy":
        name = frame.f_code.co_name
        if name == "full":
            raise UnknownOpError(
                "np.full(shape, node) would drop the node's history. Write node * np.ones(shape), or "
                "np.broadcast_to(node, shape)."
            )
        if "vectorize" in name:
            raise UnknownOpError(
                "np.vectorize(f) gives f plain numbers, so the result would get no gradient. Operators and NumPy's "
                "functions take whole arrays: call f(t) itself, with np.where in place of if."
            )
        if type(frame.f_locals.get("self")) is np.ndenumerate:
            _warn(_ITERATED, frame.f_back)
        frame = frame.f_back
    if any(holds_node(x) for x in inner.f_locals.values()):  # np.sum([t, u]) asks from inside NumPy
        raise TypeError(_OF_A_LIST)


# --- what it is told

_OF_A_LIST = (
    "an array made of a list of tensors would drop their history. Use autograd.stack(list) or "
    "autograd.concatenate(list), which record, or np.array([t.numpy() for t in list]) to leave the graph."
)
_OF_SCIPY = (
    "SciPy takes the numbers of a node: what is computed from them gets no gradient. Write it with ops that have a "
    "derivative, or define one with autograd.custom; .numpy() takes the numbers without this warning."
)
_ASSIGNED = (
    "array[i] = node puts its plain number into the array: what is computed from it gets no gradient. Collect nodes "
    "in a list and join them with autograd.stack(list); array[i] = node.item() puts the number without this warning."
)
_AS_ARRAY = (
    "a plain array made of a node inside grad(): what is computed from it gets no gradient. NumPy's functions take the "
    "node itself; .numpy() takes the numbers without this warning."
)
_AS_FLOAT = (
    "float() of a node inside grad(): what is computed from it gets no gradient. Use np.sin or "
    "autograd.sin in place of math.sin; .item() takes the number without this warning."
)
_OF_FLOATS = (
    "an array of floats made of a list of Values: what is computed from it gets no gradient. np.array(list) without "
    "dtype=float keeps the Values; [v.item() for v in list] takes the numbers without this warning."
)
_SAMPLED = (
    "of a random number generator with a node as its parameter: the sample gets no gradient. Sample with plain "
    "parameters and transform the result, as in mean + std * rng.normal(size=n); .item() or .numpy() takes the "
    "numbers without this warning."
)
_ITERATED = (
    "going through a node number by number, as np.fromiter, np.nditer and np.ndenumerate do: what is computed from "
    "the numbers gets no gradient. A node can be indexed and looped over; np.stack(list) joins tensors."
)
# where an answer has no slope, nothing is lost
_QUESTIONS = frozenset(("isnan", "isinf", "isfinite", "isclose", "floor", "ceil", "trunc"))
_ELSEWHERE = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "pow": "power"}
_ELSEWHERE |= {"asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "fsum": "sum", "fabs": "absolute"}


def _math_text(name: str) -> str:
    instead = _ELSEWHERE.get(name, name)
    ways = [f"np.{instead}"] if hasattr(np, instead) else []
    ways += [f"autograd.{instead}"] if instead in registry else []
    use = f"Use {' or '.join(ways)}" if ways else "Write it with ops that have a derivative"
    return (
        f"math.{name}() of a node leaves the graph: what is computed from it gets no gradient. "
        f"{use}; .item() takes the number without this warning."
    )


def _warn(text: str, frame: Any) -> None:
    """A warning at the line that `frame` is at, or above it where that belongs to SciPy."""
    while frame.f_back is not None and _library(frame) == "scipy":
        frame = frame.f_back
    level, here = 1, sys._getframe()
    while here is not frame and here.f_back is not None:
        level, here = level + 1, here.f_back
    warnings.warn(text, GradientWarning, stacklevel=level)
