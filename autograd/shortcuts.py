"""Quicker ways to record than the general one, for the commonest inputs: tensors that need no closer look."""

from __future__ import annotations

from typing import Any

import numpy as np

from .intake import NUMPY_1, immutable
from .primitive import Primitive, registry
from .recording import recording
from .tensor import Tensor, record


def quickly(op: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """A node made without a close look, where `args` are floats in plain arrays and tensors that nobody else writes to.

    The op itself checks shapes and settings. None where the general way has to look closer. On small arrays looking
    costs as much as the arithmetic (a layer of 16 units on 64 rows: 8.7 us in the general way, 6 in this).
    """
    if NUMPY_1 or recording() is not True:
        return None
    arrays: list[Any] = []
    parents: list[Any] = []
    for x in args:
        if isinstance(x, Tensor):
            if not x._fast or x._data.__class__ is not np.ndarray:
                return None
            arrays.append(x._data)
            parents.append(x)
        elif x.__class__ is np.ndarray and x.dtype.kind == "f":
            arrays.append(immutable(x))
            parents.append(None)
        else:
            return None
    for name, x in kwargs.items():
        if x.__class__ is np.ndarray:
            kwargs[name] = immutable(x)
    if op.saving is None:
        return record(op.forward(*arrays, **kwargs), op, tuple(parents), tuple(arrays), kwargs or None)
    y, saved = op.saving(*arrays, **kwargs)
    node = record(y, op, tuple(parents), tuple(arrays), kwargs or None)
    node._extra = {"saved": saved}
    return node


def _direct(op: Primitive) -> Any:
    """The op as a function of one tensor, without settings: the way that `tanh(t)` takes."""
    forward = op.forward

    def function(x: Any) -> Any:
        if x._fast and recording() is True and not NUMPY_1:
            data = x._data
            return record(forward(data), op, (x,), (data,))
        return x._apply_primitive(op, (x,), {})

    return function


for _op in registry.values():
    if _op.arity == 1:
        _op.short[Tensor] = _direct(_op)
Tensor._quickly = staticmethod(quickly)
