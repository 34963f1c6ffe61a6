"""NumPy's own functions on nodes: `np.tanh(t)`, `np.sum(t, axis=0)`, `array * t` find the engine's op and record.

NumPy asks an operand first (`__array_ufunc__`, `__array_function__`), so nothing here is specific to one array library.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import UnknownOpError
from .graph import raw
from .primitive import numpy_functions


def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """Route a NumPy ufunc to the primitive of the same name."""
    if method == "reduce" and ufunc.__name__ in _REDUCTIONS:
        return _reduce(ufunc, *inputs, **kwargs)
    if method != "__call__":
        raise UnknownOpError(
            f"np.{ufunc.__name__}.{method} has no derivative here. "
            "Write it with ops that have one, or take the numbers first with .numpy()."
        )
    refused = [key for key in ("out", "where") if kwargs.get(key, True) is not True]
    if refused:
        raise UnknownOpError(
            f"np.{ufunc.__name__}(..., {refused[0]}=...) on a node: a recorded graph is never overwritten. "
            "Leave it out and use the result; np.where(condition, a, b) chooses elementwise."
        )
    op = numpy_functions.get(ufunc)
    if op is None:
        if ufunc.__name__ in _PLAIN:
            return ufunc(*[raw(x) for x in inputs], **kwargs)
        raise UnknownOpError(
            f"np.{ufunc.__name__} has no derivative here. Write it with ops that have one, define it with "
            "autograd.elementwise, or take the numbers first with .numpy()."
        )
    kwargs.pop("where", None)
    return op(*inputs, **kwargs)


def array_function(self: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """Route a NumPy function such as np.sum or np.concatenate to the primitive."""
    op = numpy_functions.get(function)
    if op is None:
        if function.__name__ in _PLAIN:
            return function(*[raw(x) for x in args], **kwargs)
        raise UnknownOpError(
            f"np.{function.__name__} has no derivative here. Write it with ops that have one, or take the numbers "
            "first with .numpy() (that leaves the graph)."
        )
    return op(*args, **kwargs)


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
