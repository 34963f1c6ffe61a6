"""Between points: the value of straight lines through them, with gradients for the places and for the points."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DomainError, ShapeError
from ..graph import raw
from ..primitive import numpy_functions
from .elementwise import where
from .index import getitem
from .rounding import remainder
from .shape import as_array, concatenate

__all__ = ["interp"]


def interp(
    x: Any,
    xp: Any,
    fp: Any,
    left: float | None = None,
    right: float | None = None,
    period: float | None = None,
) -> Any:
    """At each x the height of the straight lines through the points (xp, fp), whose xp rise.

    Before the first point it is `left`, or else fp[0], after the last `right`, or else fp[-1]. With a period, places
    that lie so far apart are the same, and xp need not rise. x (of any shape), xp and fp get gradients; on a point, x
    has the slope of the line after it, and on the last one that of the line before.

    >>> from autograd import Tensor
    >>> x = Tensor([0.5, 2.0, 9.0])
    >>> y = interp(x, [0.0, 1.0, 3.0], [0.0, 10.0, 50.0])
    >>> y.sum().backward()
    >>> y.data, x.grad
    (array([ 5., 30., 50.]), array([10., 20.,  0.]))
    """
    x, xp, fp = as_array(x), as_array(xp), as_array(fp)
    if np.ndim(xp) != 1 or np.shape(xp) != np.shape(fp) or not len(xp):
        raise ShapeError(
            f"interp between points xp of shape {np.shape(xp)} and fp of shape {np.shape(fp)}: each is one axis of as "
            "many numbers, at least one."
        )
    if period is not None:
        if period == 0:
            raise DomainError("interp with period=0: a period is a distance, such as 360.")
        period, left, right = abs(period), None, None
        x, xp = remainder(x, period), remainder(xp, period)
        order = np.argsort(raw(xp))
        xp, fp = getitem(xp, index=order), getitem(fp, index=order)
        xp = concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = concatenate([fp[-1:], fp, fp[:1]])
    if all(type(part) is np.ndarray for part in (x, xp, fp)):
        y, dtype = np.interp(x, xp, fp, left, right), np.result_type(x, xp, fp)
        return y.astype(dtype, copy=False) if dtype.kind == "f" else y  # NumPy's is float64 always
    at, places, last = raw(x), raw(xp), len(xp) - 1
    before = np.clip(np.searchsorted(places, at, side="right") - 1, 0, max(last - 1, 0))
    after = np.minimum(before + 1, last)
    start, height = getitem(xp, index=before), getitem(fp, index=before)
    gap = where(before == after, 1, getitem(xp, index=after) - start)  # 1 if there is a single point
    y = height + (getitem(fp, index=after) - height) / gap * (x - start)
    y = where(at < places[0], getitem(fp, index=0) if left is None else left, y)
    return where(at > places[-1], getitem(fp, index=-1) if right is None else right, y)


numpy_functions[np.interp] = interp
