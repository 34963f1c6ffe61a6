"""How an operation is written: `w * x + b`, `1 - y * y`, `x.T @ g`, with as few parentheses as the meaning allows.

Every operation of a rule passes through `spell`. The rules of the engine are ordinary arithmetic, so they contain what
nobody would write on a blackboard, such as `1 * x` or `x ** 1`; that is simplified here, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# How tightly an expression holds together. A part is put in parentheses where it is looser than its place demands.
_STRENGTH = {
    "phrase": 0,
    "if": 1,
    "or": 2,
    "and": 3,
    "<": 5,
    "+": 6,
    "-": 6,
    "*": 7,
    "/": 7,
    "@": 7,
    "%": 7,
    "//": 7,
    "neg": 8,
    "**": 9,
}
_TIGHT = 10
_INFIX = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "true_divide": "/",
    "power": "**",
    "matmul": "@",
    "remainder": "%",
    "floor_divide": "//",
    "equal": "==",
    "not_equal": "!=",
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
    "logical_and": "and",
    "logical_or": "or",
}
_COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))
_SHORT = {"absolute": "abs"}
_SHOWN = 6  # a constant list of at most so many numbers is written out
_AS_IT_IS = frozenset(
    ("astype", "asarray", "copy", "ascontiguousarray")
)  # the same numbers: no need to say so


@dataclass(frozen=True)
class Text:
    """A written expression: the text, what kind of operation is outermost, the parts, and the number of a literal."""

    text: str
    kind: str = "atom"
    parts: tuple[Text, ...] = field(default=(), repr=False)
    number: float | None = None

    @property
    def strength(self) -> int:
        """How tightly it holds together: 10 for a name, 1 for a choice, 0 for a name that is no identifier."""
        own = _STRENGTH.get(self.kind, _TIGHT)
        return min(own, self.parts[0].strength) if self.kind == "neg" else own  # -a / b is as loose as a / b

    def within(self, strength: int) -> str:
        """The text as part of a larger one, in parentheses if it is looser than `strength`."""
        return self.text if self.strength >= strength else f"({self.text})"


def name(text: str) -> Text:
    """A name. One that looks like an expression, as `a + b` may, is kept together by parentheses."""
    return Text(text, "atom" if re.fullmatch(r"[\w.\[\]'#…]+", text) else "phrase")


def literal(value: Any) -> Text:
    """A number as a rule or a program writes it."""
    if isinstance(value, (bool, np.bool_)):
        return Text(str(bool(value)), number=float(value))
    x = float(value)
    text = f"{x:.4g}" if float(f"{x:.4g}") == x or x != x else f"{x:.6g}"
    return Text(text, "neg" if text.startswith("-") else "atom", (Text(text[1:]),), x)


def spell(op: str, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> Text:
    """The operation `op` of written arguments. Whatever has no notation of its own is written as a call.

    >>> x, y = name("x"), name("y")
    >>> spell("multiply", (spell("add", (x, y)), literal(2))).text
    '(x + y) * 2'
    """
    settings = kwargs or {}
    special = _SPECIAL.get(op)
    if special is not None:
        written: Text | None = special(*args, **settings)
        if written is not None:
            return written
    if op in _AS_IT_IS:
        return as_text(args[0])
    if op in _INFIX and len(args) == 2 and not settings:
        return infix(_INFIX[op], as_text(args[0]), as_text(args[1]))
    shown = [argument(x) for x in args]
    shown += [f"{key}={argument(x)}" for key, x in settings.items() if x is not None and x is not False]
    return Text(
        f"{_SHORT.get(op, op)}({', '.join(shown)})", parts=tuple(x for x in args if isinstance(x, Text))
    )


def code(op: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Text:
    """The operation as the program said it: like `spell`, but `x * 1` stays `x * 1`."""
    if op in _INFIX and len(args) == 2 and not kwargs:
        return infix(_INFIX[op], as_text(args[0]), as_text(args[1]), simplify=False)
    return spell(op, args, kwargs)


def infix(op: str, a: Text, b: Text, simplify: bool = True) -> Text:
    """`a op b`, without factors of 1, terms of 0 and double signs."""
    simple = _simplified(op, a, b) if simplify else None
    if simple is not None:
        return simple
    kind = "<" if op in _COMPARISONS else op
    strength = _STRENGTH[kind]
    # Python reads a - b - c from the left, a ** b ** c from the right, and chains comparisons.
    left, right = strength, strength + 1
    if op == "**":
        left, right = strength + 1, _STRENGTH["neg"]
    elif kind == "<":
        left = strength + 1
    elif op in ("+", "*") and b.kind == op:
        right = strength
    if b.kind == "neg" and b.number is not None and op != "**":
        right = _TIGHT  # w * (-2), as one writes it
    # A matrix product beside an elementwise one: the order matters and is hard to see, so it is always shown.
    if {a.kind, op} in ({"@", "*"}, {"@", "/"}):
        left = strength + 1
    space = "" if op == "**" else " "
    return Text(f"{a.within(left)}{space}{op}{space}{b.within(right)}", kind, (a, b))


def _simplified(op: str, a: Text, b: Text) -> Text | None:
    m, n = a.number, b.number
    if op == "*":
        if m == 1 or n == 0:
            return b
        if n == 1 or m == 0:
            return a
        if m == -1 or n == -1:
            return negate(b if m == -1 else a)
        if b.kind == "neg" and n is None:
            return negate(infix("*", a, b.parts[0]))
        if n is not None and 0 < n < 1 and 1 / round(1 / n) == n and float(b.text) != n:
            return infix("/", a, literal(round(1 / n)))  # g / 192 and not g * 0.00520833
    elif op == "+":
        if m == 0 or n == 0:
            return b if m == 0 else a
        if b.kind == "neg":
            return infix("-", a, b.parts[0])
    elif op == "-":
        if n == 0:
            return a
        if m == 0:
            return negate(b)
        if b.kind == "neg":
            return infix("+", a, b.parts[0])
    elif (op == "/" and n == 1) or (op == "**" and n == 1):
        return a
    elif op == "**" and n == 0:
        return literal(1)
    return None


def negate(a: Text) -> Text:
    """`-a`; of a difference or a negative, without the double sign."""
    if a.number is not None:
        return literal(-a.number)
    if a.kind == "neg":
        return a.parts[0]
    strength = (
        _TIGHT if a.kind in ("//", "%") else _STRENGTH["*"]
    )  # -a // b would be (-a) // b, another number
    return Text(f"-{a.within(strength)}", "neg", (a,))


def choose(condition: Text, a: Text, b: Text) -> Text:
    """`a if condition else b`."""
    strength = _STRENGTH["if"]
    return Text(
        f"{a.within(strength + 1)} if {condition.within(strength + 1)} else {b.within(strength)}",
        "if",
        (a, b),
    )


def as_text(x: Any) -> Text:
    """An argument as a written expression."""
    if isinstance(x, Text):
        return x
    if isinstance(x, (bool, int, float, np.number, np.bool_)):
        return literal(x)
    return Text(_array(x)) if isinstance(x, np.ndarray) else name(argument(x))


def argument(x: Any) -> str:
    """An argument inside a call: numbers, shapes, slices, lists; arrays only by what they are."""
    if isinstance(x, Text):
        return x.text
    if isinstance(x, (bool, np.bool_)):
        return str(bool(x))
    if isinstance(x, (int, float, np.number)):
        return literal(x).text
    if isinstance(x, (tuple, list)):
        inner = ", ".join(argument(part) for part in x)
        return f"[{inner}]" if isinstance(x, list) else f"({inner},)" if len(x) == 1 else f"({inner})"
    if isinstance(x, slice):
        parts = ["" if part is None else argument(part) for part in (x.start, x.stop, x.step)]
        return ":".join(parts if x.step is not None else parts[:2])
    if isinstance(x, np.ndarray):
        return _array(x)
    if x is Ellipsis:
        return "..."
    if isinstance(x, np.dtype):
        return str(x)
    return str(getattr(x, "__name__", repr(x) if isinstance(x, str) else x))


def _array(x: Any) -> str:
    if x.ndim == 0:
        return argument(x.item())
    if x.ndim == 2 and x.shape[1] > 1 and np.all((x == 0) | (x == 1)) and np.all(x.sum(axis=1) == 1):
        return "one_hot(labels)"
    if x.ndim == 1 and x.size <= _SHOWN:
        return argument(x.tolist())
    return f"array{tuple(x.shape)}"


def _constant(x: Any) -> Text | None:
    """An array that a rule made out of nothing: an identity matrix, ones or zeros."""
    shape = argument(x.shape[0] if x.ndim == 1 else x.shape)
    for name, value in (("ones", 1), ("zeros", 0)):
        if x.ndim and np.all(x == value):
            return Text(f"{name}({shape})")
    if x.ndim == 2 and x.shape[0] == x.shape[1] and np.array_equal(x, np.eye(len(x))):
        return Text(f"eye({len(x)})")
    return None


# --- operations with a notation of their own


def _transpose(x: Any, axes: Any = None, suffix: str = "T") -> Text | None:
    if axes is not None:
        return None
    a = as_text(x)
    if a.kind == suffix:
        return a.parts[0]
    return Text(f"{a.within(_TIGHT)}.{suffix}", suffix, (a,))


def _swapaxes(x: Any, axis1: int, axis2: int) -> Text | None:
    return (
        _transpose(x, suffix="mT") if {axis1, axis2} == {-1, -2} else None
    )  # NumPy's name for each matrix's .T


def _reshape(x: Any, shape: Any) -> Text:
    return Text(
        f"{as_text(x).within(_TIGHT)}.reshape({argument(shape).strip('()').rstrip(',')})", parts=(as_text(x),)
    )


def _getitem(x: Any, index: Any) -> Text:
    shown = ", ".join(argument(part) for part in index) if isinstance(index, tuple) else argument(index)
    return Text(f"{as_text(x).within(_TIGHT)}[{shown}]")


def _index(index: Any) -> str:
    """An index as an argument: s_[1:3] is NumPy's way to write a slice there."""
    parts = index if isinstance(index, tuple) else (index,)
    small = [p.tolist() if isinstance(p, np.ndarray) and p.size <= _SHOWN else p for p in parts]
    shown = ", ".join(map(argument, small))
    return f"s_[{shown}]" if len(small) != 1 or isinstance(small[0], slice) else shown


def _assigned(op: str) -> Callable[..., Text]:
    return lambda x, y, index: Text(f"{op}({argument(x)}, index={_index(index)}, y={argument(y)})")


def _scatter(x: Any, index: Any, shape: Any) -> Text:
    return Text(f"scatter({argument(x)}, {_index(index)}, {argument(shape)})")


def _expand_dims(x: Any, axis: Any) -> Text | None:
    places = {0: "[None]", -1: "[..., None]", -2: "[..., None, :]", 1: "[:, None]"}
    if axis not in places:
        return None
    kind = "expand" if axis == -1 else "atom"
    return Text(f"{as_text(x).within(_TIGHT)}{places[axis]}", kind, (as_text(x),))


def _squeeze(x: Any, axis: Any = None) -> Text | None:
    a = as_text(x)
    if (
        axis == -1 and a.kind == "@" and a.parts[1].kind == "expand"
    ):  # a matrix times a vector, seen as a column
        return infix("@", a.parts[0], a.parts[1].parts[0])
    return None


def _linear(x: Any, weight: Any, bias: Any = None, activation: str | None = None) -> Text:
    z = infix("@", as_text(x), _transpose(weight) or as_text(weight))
    z = z if bias is None else infix("+", z, as_text(bias))
    return z if activation is None else Text(f"{activation}({z.text})")


def _neuron(*inputs: Any, activation: str | None = None) -> Text:
    n, z = len(inputs) // 2, as_text(inputs[-1])
    for w, x in reversed(list(zip(inputs[:n], inputs[n:]))):
        z = infix("+", infix("*", as_text(w), as_text(x), simplify=False), z, simplify=False)
    return z if activation is None else Text(f"{activation}({z.text})")


def _einsum(*operands: Any, subscripts: str, **_: Any) -> Text:
    return Text(f"einsum({', '.join([repr(subscripts), *map(argument, operands)])})")


_SPECIAL: dict[str, Callable[..., Text | None]] = {
    "negative": lambda x: negate(as_text(x)),
    "where": lambda condition, a, b: choose(as_text(condition), as_text(a), as_text(b)),
    "square": lambda x: infix("**", as_text(x), literal(2)),
    "reciprocal": lambda x: infix("/", literal(1), as_text(x)),
    "transpose": _transpose,
    "swapaxes": _swapaxes,
    "reshape": _reshape,
    "getitem": _getitem,
    "scatter": _scatter,
    "index_update": _assigned("index_update"),
    "index_add": _assigned("index_add"),
    "expand_dims": _expand_dims,
    "squeeze": _squeeze,
    "linear": _linear,
    "neuron": _neuron,
    "einsum": _einsum,
    "asarray": lambda x, **_: _constant(x) if isinstance(x, np.ndarray) else None,
    "zeros": lambda shape, **_: Text(f"zeros({argument(shape)})"),
    "ones_like": lambda x, **_: literal(1),
    "zeros_like": lambda x, **_: literal(0),
    "concatenate": lambda *xs, axis=0: Text(
        f"concatenate({argument(list(xs[0] if isinstance(xs[0], (list, tuple)) else xs))}, axis={axis})"
    ),
}
