"""NumPy's own functions on nodes: `np.tanh(t)`, `np.sum(t, axis=0)`, `array * t` find the engine's op and record.

NumPy asks an operand first (`__array_ufunc__`, `__array_function__`), so nothing here is specific to one array library.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from .errors import UnknownOpError
from .graph import raw
from .primitive import Primitive, numpy_functions


def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """Route a NumPy ufunc to the primitive of the same name."""
    if method == "reduce" and ufunc.__name__ in _REDUCTIONS:
        return _reduce(ufunc, *inputs, **kwargs)
    if method != "__call__":
        raise UnknownOpError(
            f"np.{ufunc.__name__}.{method} has no derivative here. "
            "Write it with ops that have one, or take the numbers first with .numpy()."
        )
    op = numpy_functions.get(ufunc)
    if op is None and ufunc.__name__ in _PLAIN:
        return ufunc(*map(raw, inputs), **{key: raw(x) for key, x in kwargs.items()})
    if op is None:
        raise _unknown(ufunc.__name__)
    if kwargs.get("out") is not None:
        raise UnknownOpError(
            f"np.{ufunc.__name__}(..., out=...) on a node: a recorded graph is never overwritten. "
            "Leave it out and use the result."
        )
    _refuse(ufunc.__name__, {key: x for key, x in kwargs.items() if key != "out" and x is not True})
    return op(*inputs)


def array_function(self: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """Route a NumPy function such as np.sum or np.concatenate to the primitive."""
    op = numpy_functions.get(function)
    name = function.__name__
    if name in _PLAIN or (name == "where" and len(args) == 1):
        return function(*map(raw, args), **{key: raw(x) for key, x in kwargs.items()})
    if op is None:
        raise _unknown(name)
    inputs, settings = _translated(function, op, args, kwargs)
    return op(*inputs, **settings)


def _translated(function: Any, op: Any, args: Any, kwargs: Any) -> tuple[list[Any], dict[str, Any]]:
    """NumPy's arguments as the op's: by NumPy's positions and names; what the op does not know is refused."""
    try:
        given = inspect.signature(function).bind(*args, **kwargs)
    except (TypeError, ValueError):  # a function that does not tell its signature
        return list(args), kwargs
    known = op.parameters if isinstance(op, Primitive) else tuple(inspect.signature(op).parameters)
    inputs = op.arity if isinstance(op, Primitive) and op.arity is not None else 1
    values = list(given.arguments.items())
    settings = {}
    for key, x in [*values[inputs:], *given.kwargs.items()]:
        if (
            key in given.signature.parameters
            and given.signature.parameters[key].kind is inspect.Parameter.VAR_KEYWORD
        ):
            continue
        settings[_RENAMED.get(key, key)] = x
    defaults = {key: p.default for key, p in given.signature.parameters.items()}
    unknown = {
        key: x for key, x in settings.items() if key not in known and not _is_default(x, defaults.get(key))
    }
    _refuse(function.__name__, unknown)
    return [x for _, x in values[:inputs]], {key: x for key, x in settings.items() if key in known}


def _is_default(x: Any, default: Any) -> bool:
    return x is default or x is None or x is np._NoValue or (isinstance(x, str) and x == "C")


def _refuse(name: str, settings: dict[str, Any]) -> None:
    if settings:
        raise UnknownOpError(
            f"np.{name}(..., {next(iter(settings))}=...) on a node: this setting has no derivative here. Leave it out; "
            "np.where(condition, a, b) chooses elementwise, x.astype(dtype) changes the dtype."
        )


def _unknown(name: str) -> UnknownOpError:
    instead = _INSTEAD.get(name, "Write it with ops that have one, define it with autograd.elementwise")
    return UnknownOpError(
        f"np.{name} has no derivative here. {instead}, or take the numbers first with .numpy() (that leaves the graph)."
    )


def _reduce(ufunc: Any, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, **kwargs: Any) -> Any:
    if dtype is not None or out is not None or kwargs.get("where", True) is not True or "initial" in kwargs:
        raise UnknownOpError(f"np.{ufunc.__name__}.reduce takes only axis and keepdims on a node.")
    op = numpy_functions[_REDUCTIONS[ufunc.__name__]]
    return op(array, axis=axis, keepdims=kwargs.get("keepdims", False))


# Piecewise constant functions, or plain questions: their results are plain numbers and booleans, out of the graph.
_PLAIN = frozenset(
    "equal not_equal less less_equal greater greater_equal isnan isinf isfinite sign signbit floor ceil rint trunc "
    "logical_and logical_or logical_not logical_xor argmax argmin argsort shape ndim size allclose isclose array_equal "
    "iscomplexobj isrealobj zeros_like ones_like empty_like full_like count_nonzero result_type can_cast".split()
)
_REDUCTIONS: dict[str, Any] = {"add": np.sum, "maximum": np.max, "minimum": np.min}
_RENAMED = {"a_min": "low", "a_max": "high", "min": "low", "max": "high", "newshape": "shape"}
_INSTEAD = {
    "dot": "Write a @ b",
    "inner": "Write (a * b).sum(axis=-1)",
    "outer": "Write a[:, None] * b",
    "var": "Write ((x - x.mean()) ** 2).mean()",
    "std": "Write ((x - x.mean()) ** 2).mean() ** 0.5",
    "linalg.norm": "Write (x * x).sum() ** 0.5",
    "norm": "Write (x * x).sum() ** 0.5",
}
