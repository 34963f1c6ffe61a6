"""read_pickle: the numbers, words and arrays in a pickle, of which nothing is ever run.

A pickle is a program for a small stack machine, and a program can do anything: Python's own reader imports what the
file names, and calls it. This reader is such a machine, too, but one that knows only the instructions that data needs.
A name is never imported: it stands for one of the few things in `KNOWN`, which are put together here, and any other is
refused.

A program can also be short, and what it makes large: a list that holds one list ten times, and that another, or a byte
string copied a thousand times. So instructions, the keys of dicts and copied bytes are counted, and nothing here goes
through what has been put together: it is neither compared nor hashed nor shown.
"""

from __future__ import annotations

import io
import math
import pickletools
from collections.abc import Iterator
from typing import Any

import numpy as np

from .errors import FormatError, short

INSTRUCTIONS = 500_000  # a batch of CIFAR-10 has 50 000, five for each image
KEYS = 1000  # of all dicts together; there may be numbers among them that are chosen so as to share one hash
DIGITS = 1000  # of a number that is written out
COPIES = 4  # as many times the pickle's size may be taken by arrays and bytes made of what it holds
AXES = 32  # NumPy 1's limit; 2's is 64

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

_CODES = {code.code: code for code in pickletools.opcodes}
_LITERALS = set(
    "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING BINBYTES "
    "SHORT_BINBYTES BINBYTES8 BYTEARRAY8 UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8".split()
)
_CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_SILENT = {"PROTO", "FRAME", "STOP"}
_WRITTEN_OUT = {"INT", "LONG", "FLOAT", "GET", "PUT"}
_MARK = object()


class _Name:
    """A name that the pickle uses as a function or a class: here only a word."""

    def __init__(self, means: str) -> None:
        self.means = means


class _Part:
    """An array or a dtype that the pickle makes first and fills then: `array` is what an array has become."""

    def __init__(self, kind: str, text: str = "") -> None:
        self.kind, self.text, self.order = kind, text, ""
        self.array: Any = None


def read_pickle(data: bytes) -> Any:
    """What is pickled in `data`: dicts, lists, tuples, numbers, words, bytes and NumPy arrays of numbers.

    The byte strings of Python 2 come as str; keys of dicts are words, bytes and whole numbers. Anything else raises
    FormatError, and nothing is run. What a list or a dict holds may be anything of the above, itself included.

    >>> import pickle
    >>> read_pickle(pickle.dumps({"labels": [3, 8], "data": np.arange(3)}))
    {'labels': [3, 8], 'data': array([0, 1, 2])}
    >>> read_pickle(pickle.dumps(print))
    Traceback (most recent call last):
    nn.datasets.errors.FormatError: the pickle asks for 'builtins print', which data has no need of: it could be a \
program that does harm. Nothing of it was run.
    """
    machine = _Machine(len(data))
    try:
        for name, argument in _instructions(data):
            machine.step(name, argument)
        (result,) = machine.stack
    except (FormatError, MemoryError):
        raise
    # whatever a damaged file can lead to: all of it was ours, and none of it was run
    except Exception as error:
        raise FormatError(
            f"the pickle is cut off or damaged ({type(error).__name__}: {error!s:.80})."
        ) from None
    if result is _MARK or isinstance(result, (_Name, _Part)):
        raise FormatError("the pickle ends with something half made: it is cut off or damaged.")
    return result


def _instructions(data: bytes) -> Iterator[tuple[str, Any]]:
    """The names of the instructions, each with its argument."""
    file = io.BytesIO(data)
    for _ in range(INSTRUCTIONS):
        code = _CODES.get(file.read(1).decode("latin-1"))
        if code is None:
            raise ValueError(f"no instruction at byte {file.tell()}")
        if code.name in _WRITTEN_OUT and data.find(b"\n", file.tell(), file.tell() + DIGITS) < 0:
            raise ValueError(f"a number of more than {DIGITS} digits")  # reading it could take hours
        yield code.name, None if code.arg is None else code.arg.reader(file)
        if code.name == "STOP":
            return
    raise FormatError(f"the pickle has more than {INSTRUCTIONS} instructions: it is no batch of images.")


class _Machine:
    """The stack, and the memory to which a pickle puts what it uses again."""

    def __init__(self, size: int) -> None:
        self.stack: list[Any] = []
        self.memory: dict[int, Any] = {}
        self.keys, self.copies = KEYS, COPIES * size  # how many more there may be

    def step(self, name: str, argument: Any) -> None:
        """One instruction."""
        push = self.stack.append
        if name in _LITERALS:
            push(argument)
        elif name in _CONSTANTS:
            push(_CONSTANTS[name])
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            if argument >= INSTRUCTIONS:
                raise ValueError("a place in memory beyond those that are used")
            self.memory[argument] = self.stack[-1]
        elif name == "MEMOIZE":
            self.memory[len(self.memory)] = self.stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            thing = self.memory[argument]
            push(thing.array if isinstance(thing, _Part) and thing.array is not None else thing)
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
            push(self.pairs(self.marked()))
        elif name in ("APPEND", "APPENDS"):
            more = self.marked() if name == "APPENDS" else self.pop(1)
            _a(list, self.stack[-1]).extend(more)
        elif name in ("SETITEM", "SETITEMS"):
            more = self.marked() if name == "SETITEMS" else self.pop(2)
            _a(dict, self.stack[-1]).update(self.pairs(more))
        elif name == "GLOBAL":
            push(_known(argument))
        elif name == "STACK_GLOBAL":
            push(_known(" ".join(self.pop(2))))
        elif name == "REDUCE":
            what, given = self.pop(2)
            push(self.made(_a(_Name, what).means, *_a(tuple, given)[:5]))
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
        _a(tuple, state)
        if part.kind == "dtype":
            if _text(state[1]) not in tuple("<>|=") or any(field is not None for field in state[2:5]):
                raise FormatError(
                    f"the pickle has an array of {part.text} with fields, where plain numbers are known."
                )
            part.order = _text(state[1])
            self.stack.append(part)
            return
        _, shape, dtype, fortran, content = state
        part.array = self.array(content, dtype, shape, "F" if _a(int, fortran) else "C")
        self.stack.append(part.array)

    def pairs(self, things: list[Any]) -> dict[Any, Any]:
        """Keys and values by turns, as a dict."""
        keys = things[::2]
        self.keys -= len(keys)
        if self.keys < 0:
            raise FormatError(f"the pickle has dicts with more than {KEYS} keys: it is no batch of images.")
        for key in keys:
            if not isinstance(key, (str, bytes)) and not (type(key) is int and -(2**63) <= key < 2**64):
                raise FormatError(
                    f"the pickle has {short(key)} as the key of a dict, where words and numbers are known."
                )
        return dict(zip(keys, things[1::2], strict=True))

    def made(self, means: str, *given: Any) -> Any:
        """What a known name makes of its arguments."""
        if means == "no bytes" and not given:
            return b""
        if means == "bytes" and len(given) == 2 and _text(given[1]) in ("latin1", "latin-1"):
            self.copied(len(_a(str, given[0])))
            return given[0].encode("latin-1")
        if means == "dtype":
            text = _text(given[0])
            if text not in KINDS:
                raise FormatError(f"the pickle has an array of {short(text)}, where plain numbers are known.")
            return _Part("dtype", text)
        if means == "empty":
            if _a(_Name, given[0]).means != "ndarray":
                raise ValueError("an array of an unknown class")
            return _Part("ndarray")
        if means == "array":
            content, dtype, shape, order = given
            return self.array(content, dtype, shape, "F" if _text(order) == "F" else "C")
        raise ValueError(f"{means} made of {', '.join(map(short, given))}")

    def array(self, content: Any, dtype: Any, shape: Any, order: Any) -> Any:
        """An array of its bytes, which must be just as many as its shape asks for."""
        if _a(_Part, dtype).kind != "dtype":
            raise ValueError("an array of an unknown dtype")
        kind = np.dtype((dtype.order if dtype.order in tuple("<>") else "") + dtype.text)
        known = len(_a(tuple, shape)) <= AXES and all(type(n) is int and 0 <= n <= 1 << 40 for n in shape)
        size = len(_a((str, bytes, bytearray), content))
        if not known or math.prod(shape) * kind.itemsize != size:
            raise FormatError(
                f"the pickle has an array of shape ({', '.join(map(short, shape[:AXES]))}) with {size} bytes of {kind}."
            )
        self.copied(2 * size if isinstance(content, str) else size)
        if isinstance(content, str):
            content = content.encode("latin-1")
        array: Any = np.frombuffer(content, kind).reshape(shape, order=order)
        return array.astype(kind.newbyteorder("="))

    def copied(self, size: int) -> None:
        """Note that so many bytes are about to be copied."""
        self.copies -= size
        if self.copies < 0:
            raise FormatError(
                "the pickle uses the same bytes again and again: what it makes would be far larger than itself."
            )


def _a(kind: Any, thing: Any) -> Any:
    if not isinstance(thing, kind):
        wanted = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
        raise ValueError(f"{type(thing).__name__} in place of {wanted}")
    return thing


def _known(name: str) -> _Name:
    if name not in KNOWN:
        raise FormatError(
            f"the pickle asks for {short(name)}, which data has no need of: it could be a program that does harm. "
            "Nothing of it was run."
        )
    return _Name(KNOWN[name])


def _text(word: Any) -> str:
    return word.decode("latin-1") if isinstance(word, bytes) else _a(str, word)
