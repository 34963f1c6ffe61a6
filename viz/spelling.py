"""How an operation is written: `w * x + b`, `1 - y * y`, `x.T @ g`, with as few parentheses as the meaning allows.

Every operation of a rule passes through `spell`; those with a notation of their own are below it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .text import SHOWN, TIGHT, Text, argument, as_text, choose, infix, literal, negate

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
_SHORT = {"absolute": "abs"}
_AS_IT_IS = frozenset(
    ("astype", "asarray", "copy", "ascontiguousarray")
)  # the same numbers: no need to say so


def spell(op: str, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> Text:
    """The operation `op` of written arguments. Whatever has no notation of its own is written as a call.

    >>> from viz.text import name
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


def _constant(x: Any) -> Text | None:
    """An array that a rule made out of nothing: ones or zeros."""
    shape = argument(x.shape[0] if x.ndim == 1 else x.shape)
    for name, value in (("ones", 1), ("zeros", 0)):
        if x.ndim and np.all(x == value):
            return Text(f"{name}({shape})")
    return None


# --- operations with a notation of their own


def _transpose(x: Any, axes: Any = None, suffix: str = "T") -> Text | None:
    if axes is not None:
        return None
    a = as_text(x)
    if a.kind == suffix:
        return a.parts[0]
    return Text(f"{a.within(TIGHT)}.{suffix}", suffix, (a,))


def _swapaxes(x: Any, axis1: int, axis2: int) -> Text | None:
    return (
        _transpose(x, suffix="mT") if {axis1, axis2} == {-1, -2} else None
    )  # NumPy's name for each matrix's .T


def _reshape(x: Any, shape: Any) -> Text:
    return Text(
        f"{as_text(x).within(TIGHT)}.reshape({argument(shape).strip('()').rstrip(',')})", parts=(as_text(x),)
    )


def _getitem(x: Any, index: Any) -> Text:
    shown = ", ".join(argument(part) for part in index) if isinstance(index, tuple) else argument(index)
    return Text(f"{as_text(x).within(TIGHT)}[{shown}]")


def _index(index: Any) -> str:
    """An index as an argument: s_[1:3] is NumPy's way to write a slice there."""
    parts = index if isinstance(index, tuple) else (index,)
    small = [p.tolist() if isinstance(p, np.ndarray) and p.size <= SHOWN else p for p in parts]
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
    return Text(f"{as_text(x).within(TIGHT)}{places[axis]}", kind, (as_text(x),))


def _squeeze(x: Any, axis: Any = None) -> Text | None:
    a = as_text(x)
    if (
        axis == -1 and a.kind == "@" and a.parts[1].kind == "expand"
    ):  # a matrix times a vector, seen as a column
        return infix("@", a.parts[0], a.parts[1].parts[0])
    return None


def _linear(x: Any, weight: Any, bias: Any = None, activation: str | None = None) -> Text:
    z = infix("@", as_text(x), spell("transpose", (weight,)))
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
    "eye": lambda n, **more: None if more.get("k") or more.get("M") else Text(f"eye({argument(n)})"),
    "ones": lambda shape, **_: Text(f"ones({argument(shape)})"),
    "zeros": lambda shape, **_: Text(f"zeros({argument(shape)})"),
    "ones_like": lambda x, **_: literal(1),
    "zeros_like": lambda x, **_: literal(0),
    "concatenate": lambda *xs, axis=0: Text(
        f"concatenate({argument(list(xs[0] if isinstance(xs[0], (list, tuple)) else xs))}, axis={axis})"
    ),
}
