"""When a node is asked for its plain data: is that what the program meant?

`np.asarray(t)` leaves the graph on purpose. `np.array([t, u])` asks each tensor in the same way, and would drop their
history without a word; `float(v)` leaves on purpose, `math.sin(v)` hardly. Python gives no sign of the difference, so
the instruction that made the call has to tell. Where it does not, the node hands its data over.
"""

from __future__ import annotations

import dis
import math
import sys
import warnings
from types import CodeType, FrameType
from typing import Any

from .errors import GradientWarning
from .graph import holds_node
from .recording import differentiated

_SKIPPED = frozenset(("CACHE", "PRECALL", "KW_NAMES", "EXTENDED_ARG", "RESUME", "NOP"))
_instructions: dict[CodeType, list[dis.Instruction]] = {}


def from_a_list(frame: FrameType | None) -> bool:
    """Whether the call under way in `frame` has a list or tuple that holds nodes as its first argument."""
    if frame is None:
        return False
    if frame.f_globals.get("__name__", "").startswith("numpy."):  # np.sum([t, u]) asks from inside NumPy
        return any(holds_node(x) for x in frame.f_locals.values())
    before = _before(frame)
    if before and before[-1].opname.startswith("BINARY"):  # array * [t, u]
        before.pop()
    elif before and before[-1].opname.startswith("CALL"):
        call = before.pop()
        if before and before[-1].opname == "LOAD_CONST" and isinstance(before[-1].argval, tuple):
            before.pop()  # the names of keyword arguments
        for _ in range((call.arg or 1) - 1):
            if not before or not before[-1].opname.startswith("LOAD_"):
                return False
            before.pop()
    return bool(before) and (_makes_a_list(before[-1], frame) or _ends_a_comprehension(before))


def _before(frame: FrameType) -> list[dis.Instruction]:
    """The instructions of a frame's code up to the one that is being run."""
    code = frame.f_code
    if code not in _instructions:
        if len(_instructions) > 256:
            _instructions.clear()
        _instructions[code] = [i for i in dis.get_instructions(code) if i.opname not in _SKIPPED]
    return [i for i in _instructions[code] if i.offset <= frame.f_lasti]


def warn_of_float(node: Any) -> None:
    """Warn where float() of a tracked node is hardly meant: by a function of `math`, or inside grad()."""
    if not node.requires_grad:
        return
    function = _math_function(sys._getframe(2))
    if function is not None:
        instead = _ELSEWHERE.get(function, function)
        warnings.warn(
            f"math.{function}() of a node leaves the graph: what is computed from it gets no gradient. "
            f"Use np.{instead} or autograd.{instead}; .item() takes the number without this warning.",
            GradientWarning,
            stacklevel=3,
        )
    elif differentiated.get():
        warnings.warn(
            "float() of a node inside grad(): what is computed from it gets no gradient. Use np.sin or "
            "autograd.sin in place of math.sin; .item() takes the number without this warning.",
            GradientWarning,
            stacklevel=3,
        )


_ELSEWHERE = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "pow": "power"}


def _math_function(frame: FrameType | None) -> str | None:
    """The function of `math` that is called on the line under way, if there is one."""
    if frame is None:
        return None
    names = frame.f_code.co_names
    if "math" not in names and not any(hasattr(math, name) for name in names):
        return None
    line = []  # the instructions of this line so far, the latest first
    for instruction in reversed(_before(frame)):
        line.append(instruction)
        if instruction.starts_line:
            break
    for instruction in line:
        name = instruction.argval
        if not isinstance(name, str) or not instruction.opname.startswith("LOAD_"):
            continue
        if instruction.opname.startswith(("LOAD_ATTR", "LOAD_METHOD")):
            if hasattr(math, name) and any(_value(i, frame) is math for i in line):
                return name
            continue
        function = _value(instruction, frame)
        if getattr(function, "__module__", None) == "math":
            return str(function.__name__)
    return None


def _value(instruction: dis.Instruction, frame: FrameType) -> Any:
    """What a LOAD of a name puts there."""
    if not instruction.opname.startswith(("LOAD_FAST", "LOAD_NAME", "LOAD_GLOBAL", "LOAD_DEREF")):
        return None
    return frame.f_locals.get(instruction.argval, frame.f_globals.get(instruction.argval))


def _ends_a_comprehension(before: list[dis.Instruction]) -> bool:
    """[f(x) for x in xs]: a call of its own up to Python 3.11, written out in place from 3.12 on."""
    names = [i.opname for i in before[-2:]]
    return names == ["SWAP", "STORE_FAST"] or (names[0] == "GET_ITER" and names[-1].startswith("CALL"))


def _makes_a_list(last: dis.Instruction, frame: FrameType) -> bool:
    if last.opname in ("BUILD_LIST", "BUILD_TUPLE", "LIST_EXTEND"):
        return True
    return holds_node(_value(last, frame))
