"""A window that steps over an array: what convolution and pooling have in common, and the two ops for it alone.

No window is cut out. For each place inside the window there is one strided slice of the array, which holds the element
at that place of every window at once; a kernel of 5 x 5 is 25 slices, whatever the size of the image. Slices are all
that is needed, so this runs on any array library.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from ..errors import ShapeError
from ..primitive import Primitive, primitive

__all__ = ["fold", "unfold"]


class Windows(NamedTuple):
    """The places of a window on an array; one entry for each axis that it steps along, the last ones of the array."""

    size: tuple[int, ...]  # of the array
    kernel: tuple[int, ...]  # of the window
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    before: tuple[int, ...]  # how many elements are put before the first
    padded: tuple[int, ...]  # the size with those before and after
    number: tuple[int, ...]  # how many windows there are

    def along(self, axis: int, place: int) -> slice:
        """The elements that lie at `place` in the windows, along one axis."""
        start, step = place * self.dilation[axis], self.stride[axis]
        return slice(start, start + (self.number[axis] - 1) * step + 1, step)

    def slices(self) -> Iterator[tuple[Any, ...]]:
        """For each place in the window, row by row, the index of that element of every window."""
        for places in product(*map(range, self.kernel)):
            yield (..., *[self.along(axis, place) for axis, place in enumerate(places)])

    def pad(self, x: Any, fill: float = 0) -> Any:
        """`x` with its padding."""
        if self.padded == self.size:
            return x
        out = np.full_like(x, fill, shape=(*x.shape[: -len(self.size)], *self.padded))
        out[self._inside] = x
        return out

    def crop(self, x: Any) -> Any:
        """`x` without its padding."""
        return x if self.padded == self.size else x[self._inside]

    @property
    def _inside(self) -> tuple[Any, ...]:
        return (..., *[slice(start, start + n) for start, n in zip(self.before, self.size)])


def each(value: Any, n: int, what: str, least: int = 0) -> tuple[int, ...]:
    """A whole number for all n axes, or one for each, as a tuple of n."""
    try:
        values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * n
        whole = tuple(operator.index(v) for v in values)
    except TypeError:
        whole = ()
    if len(whole) != n or any(v < least for v in whole):
        one_each = "" if n == 1 else f", or {n} of them, one for each axis"
        raise ValueError(f"{what}={value!r}: give a whole number from {least} on{one_each}.")
    return whole


def brief(values: tuple[Any, ...]) -> Any:
    """(2, 2) as 2: the shorter way to say it in a picture."""
    return values[0] if all(v == values[0] for v in values) and isinstance(values[0], int) else values


def windows(
    size: tuple[int, ...],
    kernel_size: Any,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    ceil: bool = False,
) -> Windows:
    """The places of a window on an array of this size; a ShapeError where not even one fits.

    An entry of `padding` is a number for both ends, or a pair. With `ceil`, a last window may reach beyond the end, but
    must start within the array or the padding before it.
    """
    n = len(size)
    kernel, stride, dilation = (
        each(kernel_size, n, "kernel_size", 1),
        each(stride, n, "stride", 1),
        each(dilation, n, "dilation", 1),
    )
    sides = padding if isinstance(padding, tuple) else (padding,) * n
    ends = [side if isinstance(side, tuple) else (side, side) for side in sides]
    count, padded = [], []
    for length, k, s, d, (low, high) in zip(size, kernel, stride, dilation, ends):
        reach, full = d * (k - 1) + 1, length + low + high
        steps = -((reach - full) // s) if ceil else (full - reach) // s
        if steps < 0:
            raise ShapeError(
                f"a window of {reach} does not fit on {full} elements (input {size}, padding included; kernel_size="
                f"{brief(kernel)}, dilation={brief(dilation)}). Use a smaller kernel, or more padding"
            )
        if ceil and steps * s >= length + low:
            steps -= 1
        count.append(steps + 1)
        padded.append(max(full, steps * s + reach))
    before = tuple(low for low, _ in ends)
    return Windows(size, kernel, stride, dilation, before, tuple(padded), tuple(count))


# --- the windows themselves, one in each column


def _unfold(x: Any, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1) -> Any:
    at = windows(x.shape[2:], kernel_size, stride, padding, dilation)
    x = at.pad(x)
    places = np.stack([x[index] for index in at.slices()], axis=2)
    return np.reshape(places, (x.shape[0], x.shape[1] * places.shape[2], int(np.prod(at.number))))


def _fold(
    columns: Any, size: Any, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> Any:
    at = windows(size, kernel_size, stride, padding, dilation)
    samples, rows = columns.shape[0], int(np.prod(at.kernel))
    places = np.reshape(columns, (samples, columns.shape[1] // rows, rows, *at.number))
    out = np.zeros_like(columns, shape=(samples, places.shape[1], *at.padded))
    for i, index in enumerate(at.slices()):
        out[index] += places[:, :, i]
    return at.crop(out)


_unfold_op: Primitive = primitive(
    "unfold",
    _unfold,
    lambda g, y, x, **settings: _fold_op(g, size=np.shape(x)[2:], **settings),
    samples=(
        (((1, 2, 3, 4),), {"kernel_size": 2}),
        (((2, 1, 3, 3),), {"kernel_size": (2, 1), "stride": (1, 2), "padding": (1, 0), "dilation": (2, 1)}),
    ),
    doc="The windows of images, one in each column.",
)
_fold_op: Primitive = primitive(
    "fold",
    _fold,
    lambda g, y, columns, size, **settings: _unfold_op(g, **settings),
    samples=(
        (((1, 4, 4),), {"size": (3, 3), "kernel_size": 2}),
        (((1, 4, 4),), {"size": (3, 2), "kernel_size": 2, "stride": 2, "padding": 1}),
    ),
    doc="The way back from `unfold`: windows laid on an image; where they overlap, they are summed.",
)


def _images(x: Any, name: str, rank: int) -> None:
    shape = np.shape(x)
    if len(shape) != rank:
        meant = "(n, channels, rows, columns)" if rank == 4 else "(n, channels * places in a window, windows)"
        raise ShapeError(f"{name}: an input of shape {shape}; it must be {meant}.")


def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """The windows of images as columns: (n, c, rows, columns) gives (n, c * places in a window, windows).

    The settings are numbers or pairs. A convolution is a matrix product of a weight and these columns.

    >>> unfold(np.arange(9.0).reshape(1, 1, 3, 3), 2)[0]
    array([[0., 1., 3., 4.],
           [1., 2., 4., 5.],
           [3., 4., 6., 7.],
           [4., 5., 7., 8.]])
    """
    _images(x, "unfold", 4)
    return _unfold_op(x, **_settings("unfold", kernel_size, dilation, padding, stride))


def fold(
    columns: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:
    """Columns of windows laid on an image again: the reverse of `unfold`'s shapes. Overlapping elements are summed.

    A ShapeError says how many rows and columns belong to the size that is asked for.

    >>> fold(np.ones((1, 4, 4)), (3, 3), 2)[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    _images(columns, "fold", 3)
    settings = _settings("fold", kernel_size, dilation, padding, stride)
    size = each(output_size, 2, "fold: output_size", 1)
    at = windows(size, **settings)
    rows, count, shape = int(np.prod(at.kernel)), int(np.prod(at.number)), np.shape(columns)
    if shape[1] % rows or shape[2] != count:
        raise ShapeError(
            f"fold: columns of shape {shape}. A window has {rows} places and there are {count} windows on {size}, "
            f"so they must be (n, channels * {rows}, {count})."
        )
    return _fold_op(columns, size=size, **settings)


def _settings(name: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> dict[str, Any]:
    given = {
        "kernel_size": each(kernel_size, 2, f"{name}: kernel_size", 1),
        "stride": each(stride, 2, f"{name}: stride", 1),
        "padding": each(padding, 2, f"{name}: padding"),
        "dilation": each(dilation, 2, f"{name}: dilation", 1),
    }
    return spoken(given, {"stride": 1, "padding": 0, "dilation": 1})


def spoken(settings: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
    """Settings as a picture shows them: without those that are as usual, and (2, 2) as 2."""
    short = {key: brief(x) if isinstance(x, tuple) else x for key, x in settings.items()}
    return {key: x for key, x in short.items() if key not in usual or x != usual[key]}
