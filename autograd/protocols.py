"""NumPy's own functions on nodes: `np.tanh(t)`, `np.sum(t, axis=0)`, `array * t` find the engine's op and record.

NumPy asks an operand first (`__array_ufunc__`, `__array_function__`), so nothing here is specific to one array library.
"""

from __future__ import annotations

import functools
import inspect
from typing import Any

import numpy as np

from .errors import UnknownOpError
from .graph import Node, raw
from .primitive import Primitive, numpy_functions, registry


def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """Route a NumPy ufunc, or its reduce, accumulate or outer, to the op that does the same."""
    op = numpy_functions.get(ufunc)
    if method == "__call__" and not kwargs:
        if op is not None:
            return op(*inputs)
        if ufunc.__name__ in _PLAIN:
            return ufunc(*map(raw, inputs))
        raise _unknown(ufunc.__name__)
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    if any(x is not None for x in kwargs.pop("out", None) or ()):
        raise UnknownOpError(
            f"np.{name}(..., out=...) on a node: a recorded graph is never overwritten. "
            "Leave it out and use the result."
        )
    if method == "__call__" and op is None and ufunc.__name__ in _PLAIN:
        return ufunc(*map(raw, inputs), **{key: raw(x) for key, x in kwargs.items()})
    settings = {k: x for k, x in kwargs.items() if k == "axis" or not _is_default(k, x)}
    if method == "outer" and isinstance(op, Primitive) and op.binary and op.elementwise:
        a, b = inputs
        _refuse(name, settings)
        return op(registry["reshape"](a, shape=np.shape(a) + (1,) * np.ndim(b)), b)
    if name in _METHODS:
        op = registry[_METHODS[name]]
        x, axis, *rest = (*inputs, 0) if len(inputs) == 1 else inputs
        kept = {"axis": settings.pop("axis", axis)}
        if method == "reduce":
            kept["keepdims"] = bool(settings.pop("keepdims", False))
        _refuse(name, {**settings, **dict.fromkeys(("dtype",) if any(r is not None for r in rest) else ())})
        return op(x, **kept)
    if op is None or method != "__call__":
        raise _unknown(name)
    _refuse(name, settings)
    return op(*inputs)


def array_function(self: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """Route a NumPy function such as np.sum or np.concatenate to the op."""
    name = function.__name__
    op = numpy_functions.get(function)
    if name == "full_like" and any(isinstance(x, Node) for x in (*args[1:], *kwargs.values())):
        raise UnknownOpError(
            "np.full_like(x, node) would drop the node's history. Write node * np.ones_like(x), or "
            "np.broadcast_to(node, x.shape)."
        )
    if name in _PLAIN or (name == "where" and len(args) == 1):
        return function(*_numbers(args), **_numbers(kwargs))
    if op is None:
        within = function.__module__ in ("numpy.linalg", "numpy.fft")
        raise _unknown(f"{function.__module__[6:]}.{name}" if within else name)
    if len(args) == 1 and not kwargs:
        return op(args[0])
    inputs, settings = _translated(function, op, args, kwargs)
    return op(*inputs, **settings)


def _numbers(x: Any) -> Any:
    """Arguments out of the graph: nodes as their data, also in lists."""
    if isinstance(x, (list, tuple)) and type(x) in (list, tuple):
        return type(x)(map(_numbers, x))
    return {key: _numbers(part) for key, part in x.items()} if isinstance(x, dict) else raw(x)


@functools.cache
def _parameters(function: Any) -> dict[str, Any] | None:
    """The names of the parameters and their defaults; None if a function does not tell, or takes any number."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters.values()):
        return None
    return {key: p.default for key, p in parameters.items() if p.kind is not inspect.Parameter.VAR_KEYWORD}


def _translated(function: Any, op: Any, args: Any, kwargs: Any) -> tuple[Any, dict[str, Any]]:
    """NumPy's arguments as the op's: by NumPy's positions and names; what the op does not know is refused."""
    theirs, ours = _parameters(function), _parameters(op)
    if theirs is None or ours is None or len(args) > len(theirs):
        return args, kwargs
    n = op.arity if isinstance(op, Primitive) and op.arity is not None else 1
    names = list(theirs)
    given = dict(zip(names[n:], args[n:]))
    given.update(kwargs)
    inputs = (*args[:n], *[given.pop(key) for key in names[len(args) : n] if key in given])
    settings = {}
    for key, x in given.items():
        known = _RENAMED.get(key, key)
        if known in ours:
            settings[known] = x
        elif not _is_default(key, x, theirs.get(key)):
            _refuse(function.__name__, {key: x})
    return inputs, settings


_DEFAULTS = {"where": True, "order": "CK", "casting": "same_kind", "subok": True, "keepdims": False}


def _is_default(key: str, x: Any, default: Any = None) -> bool:
    if x is default or x is None or x is np._NoValue:
        return True
    usual = _DEFAULTS.get(key)
    return x is usual or (isinstance(x, str) and isinstance(usual, str) and x in usual)


def _refuse(name: str, settings: dict[str, Any]) -> None:
    if settings:
        raise UnknownOpError(
            f"np.{name}(..., {next(iter(settings))}=...) on a node: this setting has no derivative here. Leave it out; "
            "np.where(condition, a, b) chooses elementwise, x.astype(dtype) changes the dtype."
        )


def _unknown(name: str) -> UnknownOpError:
    if name in _WRITING or name.endswith(".at"):
        return UnknownOpError(
            f"np.{name} has no derivative here: it writes into its argument. A recorded graph is never overwritten, "
            "and in a plain array a node's numbers have no history. Make a new tensor: t = index_update(t, index, "
            "value), t = index_add(t, index, value), np.where(mask, value, t); to edit a leaf, t.data[index] = value."
        )
    return UnknownOpError(
        f"np.{name} has no derivative here. Write it with ops that have one, define it with autograd.custom, "
        "or take the numbers first with .numpy() (that leaves the graph)."
    )


_WRITING = frozenset(("copyto", "put", "putmask", "place", "fill_diagonal", "put_along_axis"))
# Questions, and functions whose results are no real numbers: plain numbers and booleans, out of the graph.
_PLAIN = frozenset(
    "equal not_equal less less_equal greater greater_equal isnan isinf isfinite isneginf isposinf signbit "
    "logical_and logical_or logical_not logical_xor argmax argmin argsort argpartition argwhere nanargmax nanargmin "
    "flatnonzero nonzero searchsorted shape ndim size allclose isclose array_equal array_equiv all any isin "
    "iscomplexobj iscomplex isrealobj isreal zeros_like ones_like empty_like full_like count_nonzero result_type "
    "can_cast common_type min_scalar_type may_share_memory shares_memory matrix_rank array_repr array_str "
    "array2string".split()
)
_METHODS = {
    "add.reduce": "sum",
    "multiply.reduce": "prod",
    "maximum.reduce": "max",
    "minimum.reduce": "min",
    "logaddexp.reduce": "logsumexp",
    "add.accumulate": "cumsum",
    "multiply.accumulate": "cumprod",
    "maximum.accumulate": "cummax",
    "minimum.accumulate": "cummin",
    "logaddexp.accumulate": "logcumsumexp",
}
_RENAMED = {
    "a_min": "low",
    "a_max": "high",
    "correction": "ddof",
    "max": "high",
    "min": "low",
    "newshape": "shape",
}
