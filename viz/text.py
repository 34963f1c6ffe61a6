"""Written expressions: texts that know how tightly they hold together, and how they are put into larger ones.

The rules of the engine are ordinary arithmetic, so they contain what nobody would write on a blackboard, such as
`1 * x` or `x ** 1`; that is simplified here, and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# How tightly an expression holds together. A part is put in parentheses where it is looser than its place demands.
STRENGTH = {
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
TIGHT = 10
_COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))
SHOWN = 6  # a constant list of at most so many numbers is written out


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
        own = STRENGTH.get(self.kind, TIGHT)
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
    text = f"{x:.4g}" if float(f"{x:.4g}") == x else f"{x:.6g}"
    return Text(text, "neg" if text.startswith("-") else "atom", (Text(text[1:]),), x)


def infix(op: str, a: Text, b: Text, simplify: bool = True) -> Text:
    """`a op b`, without factors of 1, terms of 0 and double signs."""
    simple = _simplified(op, a, b) if simplify else None
    if simple is not None:
        return simple
    kind = "<" if op in _COMPARISONS else op
    strength = STRENGTH[kind]
    # Python reads a - b - c from the left, a ** b ** c from the right, and chains comparisons.
    left, right = strength, strength + 1
    if op == "**":
        left, right = strength + 1, STRENGTH["neg"]
    elif kind == "<":
        left = strength + 1
    elif op in ("+", "*") and b.kind == op:
        right = strength
    if b.kind == "neg" and b.number is not None and op != "**":
        right = TIGHT  # w * (-2), as one writes it
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
    strength = TIGHT if a.kind in ("//", "%") else STRENGTH["*"]  # -a // b would be (-a) // b, another number
    return Text(f"-{a.within(strength)}", "neg", (a,))


def choose(condition: Text, a: Text, b: Text) -> Text:
    """`a if condition else b`."""
    strength = STRENGTH["if"]
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
    return Text(array_text(x)) if isinstance(x, np.ndarray) else name(argument(x))


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
        return array_text(x)
    if x is Ellipsis:
        return "..."
    if isinstance(x, np.dtype):
        return str(x)
    return str(getattr(x, "__name__", repr(x) if isinstance(x, str) else x))


def array_text(x: Any) -> str:
    if x.ndim == 0:
        return argument(x.item())
    if x.ndim == 2 and x.shape[1] > 1 and np.all((x == 0) | (x == 1)) and np.all(x.sum(axis=1) == 1):
        return "one_hot(labels)"
    if x.ndim == 1 and x.size <= SHOWN:
        return argument(x.tolist())
    return f"array{tuple(x.shape)}"
