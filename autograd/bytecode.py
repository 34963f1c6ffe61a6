"""What a frame is doing right now: the call that is under way, its function and first argument, read off its bytecode.

Only what can be looked up is told: names, attributes that are stored, lists written out. Nothing is ever called.
The stack effect of each instruction says where an operand begins, in every version of Python alike.
"""

from __future__ import annotations

import dis
import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from types import CodeType, FrameType, ModuleType
from typing import Any, NamedTuple

MISSING: Any = type("Missing", (), {})()  # what cannot be told
LIST: Any = type("List", (), {})()  # a list or tuple that is written out in the call itself


class Step(NamedTuple):
    """An instruction."""

    name: str
    value: Any
    effect: int  # by how much it changes the height of the stack
    starts_line: bool


class Call(NamedTuple):
    """A call under way: the function, its name and what it is an attribute of, and the first argument."""

    function: Any = MISSING
    name: str = ""
    owner: Any = MISSING
    first: Any = MISSING


class Doing(NamedTuple):
    """What an instruction does, and the steps that make what it works on, as far as that can be told."""

    assigns: bool = False  # array[i] = x
    callee: tuple[Step, ...] = ()
    name: str = ""
    first: tuple[Step, ...] = ()
    unpacked: bool = False  # f(*args): `first` makes the arguments
    operands: tuple[tuple[Step, ...], ...] = ()
    line: tuple[Step, ...] = ()  # all steps on this line so far


_SKIPPED = frozenset(("CACHE", "PRECALL", "KW_NAMES", "EXTENDED_ARG", "RESUME", "NOP"))
_NAMES = ("LOAD_FAST", "LOAD_NAME", "LOAD_GLOBAL", "LOAD_DEREF")
_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")
_codes: dict[CodeType, tuple[list[int], list[Step], dict[int, Doing]]] = {}


def call_under_way(doing: Doing, frame: FrameType) -> Call:
    """The call that `frame` is waiting for."""
    owner, function = _evaluated(doing.callee, frame)
    first = _evaluated(doing.first, frame)[1]
    if doing.unpacked and isinstance(first, (list, tuple)):
        first = first[0] if first else MISSING
    return Call(function, doing.name, owner, first)


def operands(doing: Doing, frame: FrameType) -> list[Any]:
    """The two operands of an operator that is under way; none if there is no operator."""
    return [_evaluated(part, frame)[1] for part in doing.operands]


def named_on_the_line(doing: Doing, frame: FrameType) -> Iterator[Any]:
    """What the names and attributes on the line so far stand for."""
    value = MISSING
    for step in doing.line:
        if step.name.startswith(_NAMES):
            value = _looked_up(step, frame)
        elif step.name.startswith(_ATTRIBUTES):
            value = _attribute(value, step.value)
        else:
            continue
        yield value


def doing_in(frame: FrameType) -> Doing:
    """What the instruction that is being run does. It is read once: 15 us the first time, 1 us then."""
    known = _codes.get(frame.f_code)
    if known is None:
        if len(_codes) > 256:
            _codes.clear()
        known = _codes[frame.f_code] = (*_read(frame.f_code), {})
    offsets, steps, doings = known
    at = frame.f_lasti
    if at not in doings:
        i = min(bisect_left(offsets, at), len(steps) - 1)
        doings[at] = _parsed(steps[:i], steps[i])
    return doings[at]


def _parsed(before: list[Step], now: Step) -> Doing:
    start = next((i for i in range(len(before) - 1, -1, -1) if before[i].starts_line), 0)
    doing = Doing(line=tuple(before[start:]))
    if now.name in ("STORE_SUBSCR", "STORE_SLICE"):
        return doing._replace(assigns=True)
    if now.name.startswith("BINARY"):
        return doing._replace(operands=tuple(map(tuple, _taken(before, 2) or ())))
    if now.name == "CALL_FUNCTION_EX":
        parts = _taken(before, 1 + (now.value & 1))
        return doing if parts is None else doing._replace(first=tuple(parts[0]), unpacked=True)
    if not now.name.startswith("CALL"):
        return doing
    keywords = 1 if now.name in ("CALL_FUNCTION_KW", "CALL_KW") else 0  # their names lie on top
    count = now.value or 0
    parts = _taken(before, count + keywords)
    if parts is None:
        return doing
    doing = doing._replace(first=tuple(parts[0]) if count else ())
    height = 2 if sys.version_info >= (3, 11) or now.name == "CALL_METHOD" else 1
    callee = _top(before[: len(before) - sum(map(len, parts))], height) or []
    names = [step.value for step in callee if step.name.startswith((*_NAMES, *_ATTRIBUTES))]
    return doing._replace(callee=tuple(callee), name=names[-1] if names else "")


def _read(code: CodeType) -> tuple[list[int], list[Step]]:
    offsets, steps = [], []
    carried = 0  # Python 3.11 counts the arguments that CALL takes off the stack at PRECALL, before it
    for i in dis.get_instructions(code):
        effect = dis.stack_effect(i.opcode, i.arg if i.opcode >= dis.HAVE_ARGUMENT else None, jump=False)
        if i.opname in _SKIPPED:
            carried += effect
            continue
        value = i.arg if i.opname.startswith(("CALL", "BUILD")) else i.argval
        if isinstance(value, tuple) and i.opname.startswith(("LOAD_FAST_", "STORE_FAST_")):
            # two instructions in one, as LOAD_FAST_LOAD_FAST of Python 3.13
            for part, name in zip(value, ("STORE_FAST" if i.opname[0] == "S" else "LOAD_FAST", "LOAD_FAST")):
                offsets.append(i.offset)
                steps.append(Step(name, part, 1 if name[0] == "L" else -1, bool(i.starts_line)))
            continue
        offsets.append(i.offset)
        steps.append(Step(i.opname, value, effect + carried, bool(i.starts_line)))
        carried = 0
    return offsets, steps


def _top(steps: list[Step], height: int = 1) -> list[Step] | None:
    """The last steps, those that put the topmost `height` things on the stack; None if that cannot be told."""
    i = len(steps)
    while i and height:
        i -= 1
        height -= steps[i].effect
        if height < 0:
            return None
    return steps[i:] if not height else None


def _taken(steps: list[Step], count: int) -> list[list[Step]] | None:
    """The steps that make each of the topmost `count` things on the stack, in their order."""
    parts: list[list[Step]] = []
    for left in range(count, 0, -1):
        # of a comprehension that is written out in place, only its end can be told
        part = steps if left == 1 and _inlined(steps) else _top(steps)
        if part is None:
            return None
        parts.insert(0, part)
        steps = steps[: len(steps) - len(part)]
    return parts


def _inlined(steps: Sequence[Step]) -> bool:
    """Whether they end a comprehension that is written out in place, as from Python 3.12 on."""
    return [step.name for step in steps[-2:]] == ["SWAP", "STORE_FAST"]


def _is_a_list(part: Sequence[Step]) -> bool:
    if part[-1].name in ("BUILD_LIST", "BUILD_TUPLE", "LIST_EXTEND"):
        return True
    return _inlined(part) or any(getattr(step.value, "co_name", "") == "<listcomp>" for step in part[:1])


def _evaluated(part: tuple[Step, ...], frame: FrameType) -> tuple[Any, Any]:
    """The object that some steps put on the stack, and what it is an attribute of."""
    if not part:
        return MISSING, MISSING
    if _is_a_list(part):
        return MISSING, LIST
    owner = value = MISSING
    for step in part:
        if step.name == "PUSH_NULL":
            continue
        if step.name.startswith(_NAMES) and value is MISSING:
            value = _looked_up(step, frame)
        elif step.name.startswith(_ATTRIBUTES):
            owner, value = value, _attribute(value, step.value)
        else:
            return MISSING, MISSING
    return owner, value


def _looked_up(step: Step, frame: FrameType) -> Any:
    # asking for f_locals makes a dict of all of them, up to Python 3.12
    if not step.name.startswith("LOAD_GLOBAL") and step.value in (scope := frame.f_locals):
        return scope[step.value]
    for scope in (frame.f_globals, frame.f_builtins):
        if step.value in scope:
            return scope[step.value]
    return MISSING


def _attribute(owner: Any, name: Any) -> Any:
    """An attribute that is stored, in the object or its class; nothing that would have to be computed."""
    if owner is MISSING:
        return MISSING
    stored = getattr(owner, "__dict__", None) if isinstance(owner, ModuleType) else _dict_of(owner)
    if stored is not None and name in stored:
        return stored[name]
    for kind in type(owner).__mro__:
        if name in vars(kind):
            found = vars(kind)[name]
            return found if callable(found) else MISSING
    return MISSING


def _dict_of(owner: Any) -> Any:
    try:
        return object.__getattribute__(owner, "__dict__")
    except AttributeError:
        return None
