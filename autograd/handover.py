"""When a tensor is asked for its array: was it asked for itself, or as an element of a list?

`np.asarray(t)` leaves the graph on purpose. `np.array([t, u])` asks each tensor in the same way, and would drop their
history without a word; NumPy gives no sign of the difference, so the instruction that made the call has to tell.
Where it does not, the tensor hands its array over.
"""

from __future__ import annotations

import dis
from types import CodeType, FrameType

from .graph import holds_node

_SKIPPED = frozenset(("CACHE", "PRECALL", "KW_NAMES", "EXTENDED_ARG", "RESUME", "NOP"))
_instructions: dict[CodeType, list[dis.Instruction]] = {}


def from_a_list(frame: FrameType | None) -> bool:
    """Whether the call under way in `frame` has a list or tuple that holds nodes as its first argument."""
    if frame is None:
        return False
    if frame.f_globals.get("__name__", "").startswith("numpy."):  # np.sum([t, u]) asks from inside NumPy
        return any(holds_node(x) for x in frame.f_locals.values())
    code = frame.f_code
    if code not in _instructions:
        if len(_instructions) > 256:
            _instructions.clear()
        _instructions[code] = [i for i in dis.get_instructions(code) if i.opname not in _SKIPPED]
    before = [i for i in _instructions[code] if i.offset <= frame.f_lasti]
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


def _ends_a_comprehension(before: list[dis.Instruction]) -> bool:
    """[f(x) for x in xs]: a call of its own up to Python 3.11, written out in place from 3.12 on."""
    names = [i.opname for i in before[-2:]]
    return names == ["SWAP", "STORE_FAST"] or (names[0] == "GET_ITER" and names[-1].startswith("CALL"))


def _makes_a_list(last: dis.Instruction, frame: FrameType) -> bool:
    if last.opname in ("BUILD_LIST", "BUILD_TUPLE", "LIST_EXTEND"):
        return True
    if last.opname.startswith(("LOAD_FAST", "LOAD_NAME", "LOAD_GLOBAL", "LOAD_DEREF")):
        value = frame.f_locals.get(last.argval, frame.f_globals.get(last.argval))
        return holds_node(value)
    return False
