"""Padding: an array grows at its edges by a constant, or by what is made of its own elements.

Every mode here is linear in the array, so the way back is that of one padded axis after the other: a slice for what
adds constants, a scatter for what repeats elements, and the transposed matrix for what mixes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import UnknownOpError
from ..graph import Node, raw
from ..primitive import Primitive, numpy_functions, primitive
from .index import getitem, scatter
from .linalg import matmul
from .shape import as_array, foreign, swapaxes

__all__ = ["pad"]

_REPEATING = ("edge", "reflect", "symmetric", "wrap")
_MIXING = ("linear_ramp", "mean")


def _pad(x: Any, pad_width: Any, mode: str = "constant", **settings: Any) -> Any:
    if foreign(x) and mode in _REPEATING and settings.get("reflect_type") != "odd":
        # By index, since Dask reflects and wraps once, and no further.
        for axis, (width, n) in enumerate(zip(pad_width, np.shape(x))):
            source = np.pad(np.arange(n), width, mode)  # type: ignore[call-overload]
            x = x[(slice(None),) * axis + (source,)] if any(width) else x
        return x
    y = np.pad(x, pad_width, mode, **settings)  # type: ignore[call-overload]
    if foreign(x) and np.shape(y) != tuple(n + sum(width) for n, width in zip(np.shape(x), pad_width)):
        raise ValueError(f"{type(x).__module__} pads with mode={mode!r} by no more than there is; pad twice")
    return y


def _pad_vjp(g: Any, y: Any, x: Any, pad_width: Any, mode: Any = "constant", **settings: Any) -> Any:
    shape = np.shape(x)
    if mode == "constant":
        return getitem(g, index=tuple(slice(before, before + n) for (before, _), n in zip(pad_width, shape)))
    for axis, (width, n) in enumerate(zip(pad_width, shape)):
        if not any(width):
            continue
        if mode in _REPEATING and settings.get("reflect_type") != "odd":
            source = np.pad(np.arange(n), width, mode)  # where each element of the padded axis comes from
            lengths = (*np.shape(g)[:axis], n, *np.shape(g)[axis + 1 :])
            g = scatter(g, (slice(None),) * axis + (source,), lengths)
        else:
            matrix = _matrix(
                n, width, mode, {k: _of_axis(k, v, axis, len(shape)) for k, v in settings.items()}
            )
            last = axis == len(shape) - 1
            g = g if last else swapaxes(g, axis1=axis, axis2=-1)
            g = matmul(g, np.asarray(matrix, dtype=g.dtype, like=raw(g)))
            g = g if last else swapaxes(g, axis1=axis, axis2=-1)
    return g


def _matrix(n: int, width: Any, mode: str, settings: dict[str, Any]) -> Any:
    """Padding one axis of length n, as a matrix: the columns are the padded unit vectors."""
    return np.pad(np.eye(n), (width, (0, 0)), mode, **settings)  # type: ignore[call-overload]


def _of_axis(key: str, value: Any, axis: int, rank: int) -> Any:
    """A setting for one axis. Numbers to end at are no part of the derivative: the unit vectors end at 0."""
    if key == "stat_length" and value is not None:
        return (_pairs(value, rank)[axis], (1, 1))
    return 0 if key == "end_values" else value


def _pairs(x: Any, rank: int) -> tuple[tuple[Any, Any], ...]:
    """(before, after) for each axis, of all the forms that NumPy takes."""
    if isinstance(x, Mapping):
        rows: list[Any] = [(0, 0)] * rank
        for axis, width in x.items():
            rows[axis] = np.broadcast_to(width, (2,)).tolist()
    else:
        rows = np.broadcast_to(x, (rank, 2)).tolist()
    return tuple((before, after) for before, after in rows)


_pad_op: Primitive = primitive(
    "pad",
    _pad,
    _pad_vjp,
    samples=(
        (((3,),), {"pad_width": ((1, 2),)}),
        (((2, 3),), {"pad_width": ((1, 0), (2, 1)), "constant_values": 5.0}),
        (((0, 2),), {"pad_width": ((1, 0), (0, 1))}),
        *(
            (((2, 3),), {"pad_width": ((1, 3), (2, 1)), "mode": mode})
            for mode in ("edge", "reflect", "symmetric", "wrap", "linear_ramp", "mean")
        ),
        (((3,),), {"pad_width": ((2, 5),), "mode": "reflect", "reflect_type": "odd"}),
        (((2, 4),), {"pad_width": ((1, 1), (2, 1)), "mode": "linear_ramp", "end_values": ((1, 2), (3, 4))}),
        (((3, 4),), {"pad_width": ((1, 1), (2, 1)), "mode": "mean", "stat_length": ((1, 2), (3, 2))}),
    ),
)


def pad(
    array: Any,
    pad_width: Any,
    mode: str = "constant",
    *,
    constant_values: Any = None,
    end_values: Any = None,
    stat_length: Any = None,
    reflect_type: Any = None,
) -> Any:
    """The array with more elements before and after along each axis.

    `pad_width` is a number, a pair (before, after), a pair for each axis, or a dictionary from axes to these. The modes
    are NumPy's "constant", "edge", "reflect", "symmetric", "wrap", "linear_ramp" and "mean", with their settings.

    >>> pad([1.0, 2.0, 3.0], (2, 1), mode="reflect")
    array([3., 2., 1., 2., 3., 2.])
    """
    if isinstance(array, Node) and mode not in ("constant", *_REPEATING, *_MIXING):
        raise UnknownOpError(
            f"pad with mode={mode!r} has no derivative here. Join the array and what it shall grow by with "
            "np.concatenate, such as x.max(axis=0, keepdims=True)."
        )
    if not np.ndim(array):  # as in NumPy: no axis to grow along
        return as_array(array)
    given = {
        "constant_values": constant_values,
        "end_values": end_values,
        "stat_length": stat_length,
        "reflect_type": reflect_type,
    }
    settings = {key: x for key, x in given.items() if x is not None}
    return _pad_op(array, pad_width=_pairs(pad_width, np.ndim(array)), mode=mode, **settings)


numpy_functions[np.pad] = pad
