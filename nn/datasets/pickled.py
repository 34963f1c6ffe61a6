"""read_pickle: the numbers, words and arrays in a pickle, of which nothing is ever run.

A pickle is a program for a small stack machine, and a program can do anything: Python's own reader imports what the
file names, and calls it. This reader is such a machine, too, but one that knows only the instructions that data needs.
A name is never imported: it stands for one of the few things in `KNOWN`, which are put together here, and any other is
refused.
"""

from __future__ import annotations

import math
import pickletools
from typing import Any

import numpy as np

from .errors import FormatError

# What the names in a pickle of NumPy arrays stand for: NumPy 1 and 2, Python 2 and 3, protocols 0 to 5.
KNOWN = {
    "numpy ndarray": "ndarray",
    "numpy dtype": "dtype",
    "numpy.core.multiarray _reconstruct": "empty",
    "numpy._core.multiarray _reconstruct": "empty",
    "numpy.core.numeric _frombuffer": "array",
    "numpy._core.numeric _frombuffer": "array",
    "_codecs encode": "bytes",
    "__builtin__ bytes": "no bytes",
    "builtins bytes": "no bytes",
}
KINDS = set("u1 i1 u2 i2 u4 i4 u8 i8 f4 f8 b1".split())

_LITERALS = set(
    "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING BINBYTES "
    "SHORT_BINBYTES BINBYTES8 BYTEARRAY8 UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8".split()
)
_CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_SILENT = {"PROTO", "FRAME", "STOP"}
_MARK = object()


class _Name:
    """A name that the pickle uses as a function or a class: here only a word."""

    def __init__(self, means: str) -> None:
        self.means = means


class _Part:
    """An array or a dtype that the pickle makes first and fills then."""

    def __init__(self, kind: str, text: str = "") -> None:
        self.kind, self.text, self.order = kind, text, ""


def read_pickle(data: bytes) -> Any:
    """What is pickled in `data`: dicts, lists, tuples, numbers, words, bytes and NumPy arrays of numbers.

    The byte strings of Python 2 come as str. Anything else raises FormatError, and nothing is run.

    >>> import pickle
    >>> read_pickle(pickle.dumps({"labels": [3, 8], "data": np.arange(3)}))
    {'labels': [3, 8], 'data': array([0, 1, 2])}
    >>> read_pickle(pickle.dumps(print))
    Traceback (most recent call last):
    nn.datasets.errors.FormatError: the pickle asks for 'builtins print', which data has no need of: it could be a \
program that does harm. Nothing of it was run.
    """
    machine = _Machine()
    try:
        for opcode, argument, _ in pickletools.genops(data):
            machine.step(opcode.name, argument)
        (result,) = machine.stack
    except FormatError:
        raise
    except (
        Exception
    ) as error:  # whatever a damaged file can lead to: all of it was ours, and none of it was run
        raise FormatError(
            f"the pickle is cut off or damaged ({type(error).__name__}: {error!s:.80})."
        ) from None
    return result


class _Machine:
    """The stack, and the memory to which a pickle puts what it uses again."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memory: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        """One instruction."""
        push = self.stack.append
        if name in _LITERALS:
            push(argument)
        elif name in _CONSTANTS:
            push(_CONSTANTS[name])
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            self.memory[argument] = self.stack[-1]
        elif name == "MEMOIZE":
            self.memory[len(self.memory)] = self.stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            push(self.memory[argument])
        elif name == "MARK":
            push(_MARK)
        elif name == "EMPTY_LIST":
            push([])
        elif name == "EMPTY_DICT":
            push({})
        elif name == "LIST":
            push(self.marked())
        elif name == "TUPLE":
            push(tuple(self.marked()))
        elif name in _TUPLES:
            push(tuple(self.pop(_TUPLES[name])))
        elif name == "DICT":
            push(_pairs(self.marked()))
        elif name in ("APPEND", "APPENDS"):
            more = self.marked() if name == "APPENDS" else self.pop(1)
            _a(list, self.stack[-1]).extend(more)
        elif name in ("SETITEM", "SETITEMS"):
            more = self.marked() if name == "SETITEMS" else self.pop(2)
            _a(dict, self.stack[-1]).update(_pairs(more))
        elif name == "GLOBAL":
            push(_known(argument))
        elif name == "STACK_GLOBAL":
            push(_known(" ".join(self.pop(2))))
        elif name == "REDUCE":
            what, given = self.pop(2)
            push(_made(_a(_Name, what).means, *_a(tuple, given)))
        elif name == "BUILD":
            self.build(*self.pop(2))
        elif name not in _SILENT:
            raise FormatError(
                f"the pickle has the instruction {name}, which data has no need of. Nothing of it was run."
            )

    def pop(self, count: int) -> list[Any]:
        """The uppermost things on the stack."""
        if len(self.stack) < count:
            raise ValueError("the stack is empty")
        taken = self.stack[-count:]
        del self.stack[-count:]
        return taken

    def marked(self) -> list[Any]:
        """What lies above the last mark, which goes, too."""
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
        taken = self.stack[at + 1 :]
        del self.stack[at:]
        return taken

    def build(self, part: _Part, state: Any) -> None:
        """Fill what was made empty: the byte order of a dtype, or an array, which then takes its place."""
        _a(_Part, part)
        if part.kind == "dtype":
            if state[1] not in tuple("<>|=") or any(field is not None for field in state[2:5]):
                raise FormatError(
                    f"the pickle has an array of {part.text} with fields, where plain numbers are known."
                )
            part.order = state[1]
            self.stack.append(part)
            return
        _, shape, dtype, fortran, content = state
        array = _array(content, dtype, shape, "F" if fortran else "C")
        for place, thing in self.memory.items():
            if thing is part:
                self.memory[place] = array
        self.stack.append(array)


def _pairs(things: list[Any]) -> dict[Any, Any]:
    return dict(zip(things[::2], things[1::2], strict=True))


def _a(kind: Any, thing: Any) -> Any:
    if not isinstance(thing, kind):
        raise ValueError(f"{type(thing).__name__} in place of {kind.__name__}")
    return thing


def _known(name: str) -> _Name:
    if name not in KNOWN:
        raise FormatError(
            f"the pickle asks for {name!r:.80}, which data has no need of: it could be a program that does harm. "
            "Nothing of it was run."
        )
    return _Name(KNOWN[name])


def _made(means: str, *given: Any) -> Any:
    """What a known name makes of its arguments."""
    if means == "no bytes" and not given:
        return b""
    if means == "bytes" and given[1:] in (("latin1",), ("latin-1",)):
        return given[0].encode("latin-1")
    if means == "dtype":
        text = _text(given[0])
        if text not in KINDS:
            raise FormatError(f"the pickle has an array of {text!r:.40}, where plain numbers are known.")
        return _Part("dtype", text)
    if means == "empty":
        if _a(_Name, given[0]).means != "ndarray":
            raise ValueError("an array of an unknown class")
        return _Part("ndarray")
    if means == "array":
        content, dtype, shape, order = given
        return _array(content, dtype, shape, "F" if order == "F" else "C")
    raise ValueError(f"{means} made of {given!r:.40}")


def _array(content: Any, dtype: _Part, shape: Any, order: Any) -> Any:
    """An array of its bytes, which must be just as many as its shape asks for."""
    if isinstance(content, str):
        content = content.encode("latin-1")
    order_of_bytes = dtype.order if dtype.order in tuple("<>") else ""
    kind = np.dtype(order_of_bytes + dtype.text)
    shape = tuple(int(n) for n in _a(tuple, shape))
    if any(n < 0 for n in shape) or math.prod(shape) * kind.itemsize != len(content):
        raise FormatError(f"the pickle has an array of shape {shape} with {len(content)} bytes of {kind}.")
    array: Any = np.frombuffer(content, kind).reshape(shape, order=order)
    return array.astype(kind.newbyteorder("="))


def _text(word: Any) -> str:
    return word.decode("latin-1") if isinstance(word, bytes) else _a(str, word)
