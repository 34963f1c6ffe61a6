"""More images out of those there are: shifted, turned, mirrored, cropped, bent, noisy ones, with the labels they had.

Each function takes a batch of images and gives a new one of the same dtype: (n, h, w), (n, channels, h, w), or rows
(n, h * w) with size=(h, w), or size=(channels, h, w). Each image gets its own change, drawn from `rng`: a seed, a
Generator, or None for others each time. What comes in from outside an image is `fill`, 0 for no ink.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import ShapeError

from .core.numbers import number, share, whole
from .core.rng import generator


def shift(images: Any, pixels: int, *, size: Any = None, fill: float = 0.0, rng: Any = None) -> Any:
    """Move each image by up to `pixels` whole pixels, up or down and left or right.

    >>> shift(np.ones((5, 28, 28)), 2, rng=0).shape
    (5, 28, 28)
    """
    x, back = _unpack(images, size)
    pixels = whole("shift: pixels", pixels, 0)
    by = generator(rng).integers(-pixels, pixels + 1, (2, len(x)))
    return back(_moved(x, by[0], by[1], x.shape[2:], pixels, fill))


def crop(
    images: Any, shape: Any, *, padding: int = 0, size: Any = None, fill: float = 0.0, rng: Any = None
) -> Any:
    """Cut a piece of `shape` (h, w) out of each image at a random place, after `padding` pixels of fill all around.

    >>> crop(np.ones((5, 32, 32)), (28, 28), rng=0).shape
    (5, 28, 28)
    """
    x, back = _unpack(images, size)
    padding, shape = whole("crop: padding", padding, 0), _sizes("crop: shape", shape, "(h, w)")
    room = [x.shape[2 + i] + 2 * padding - shape[i] for i in (0, 1)]
    if min(room) < 0:
        raise ShapeError(
            f"crop to {shape} of images of {x.shape[2:]} with a padding of {padding}: too large."
        )
    draw = generator(rng)
    starts = [draw.integers(0, space + 1, len(x)) for space in room]
    return back(_moved(x, padding - starts[0], padding - starts[1], shape, padding, fill))


def flip(images: Any, p: float = 0.5, *, vertical: bool = False, size: Any = None, rng: Any = None) -> Any:
    """Mirror each image with probability p: left and right, or top and bottom if `vertical`. Not for digits.

    >>> flip(np.array([[[1, 2, 3]]]), p=1.0)
    array([[[3, 2, 1]]])
    """
    x, back = _unpack(images, size)
    p = share("flip: p", p, why="a probability")
    chosen = generator(rng).random(len(x)) < p
    mirrored = x[:, :, ::-1] if vertical else x[:, :, :, ::-1]
    return back(np.where(chosen[:, None, None, None], mirrored, x))


def noise(
    images: Any, std: float, *, low: float | None = None, high: float | None = None, rng: Any = None
) -> Any:
    """Add normal noise to every pixel, and keep it between low and high: the range of the images, if not given.

    >>> noisy = noise(np.array([[[0.0, 1.0]]]), 0.1, rng=0)
    >>> bool(noisy.min() >= 0), bool(noisy.max() <= 1)
    (True, True)
    """
    x = np.asarray(images)
    std = number("noise: std", std, least=0)
    if not x.size:
        return x.copy()
    low, high = (x.min() if low is None else low), (x.max() if high is None else high)
    return _rounded(np.clip(x + generator(rng).normal(0.0, std, x.shape), low, high), x.dtype)


def rotate(images: Any, degrees: float, *, size: Any = None, fill: float = 0.0, rng: Any = None) -> Any:
    """Turn each image about its centre by up to `degrees` either way, between pixels by bilinear interpolation.

    >>> rotate(np.ones((5, 8, 8)), 10, rng=0).shape
    (5, 8, 8)
    """
    x, back = _unpack(images, size)
    degrees = number("rotate: degrees", degrees, least=0)
    angles = np.radians(generator(rng).uniform(-degrees, degrees, (len(x), 1, 1)))
    rows, columns = _centred(x.shape[2:])
    cos, sin = np.cos(angles), np.sin(angles)
    return back(_sampled(x, rows * cos + columns * sin, columns * cos - rows * sin, fill))


def elastic(
    images: Any,
    strength: float,
    smoothness: float = 2.0,
    *,
    size: Any = None,
    fill: float = 0.0,
    rng: Any = None,
) -> Any:
    """Bend each image as if drawn on rubber: every pixel moves by about `strength` pixels, and its neighbours alike.

    smoothness: over how many pixels the displacement stays alike. Source: Simard et al. 2003, section 2.

    >>> elastic(np.ones((5, 8, 8)), 0.5, rng=0).shape
    (5, 8, 8)
    """
    x, back = _unpack(images, size)
    strength = number("elastic: strength", strength, least=0, why="in pixels")
    smoothness = number("elastic: smoothness", smoothness, above=0, why="in pixels")
    field = generator(rng).normal(size=(2, len(x), *x.shape[2:]))
    for axis in (2, 3):
        n = field.shape[axis]
        near = np.exp(-0.5 * (np.subtract.outer(np.arange(n), np.arange(n)) / smoothness) ** 2)
        near /= np.sqrt((near**2).sum(axis=1, keepdims=True))  # the variance stays 1
        field = np.moveaxis(np.moveaxis(field, axis, -1) @ near.T, -1, axis)
    rows, columns = _centred(x.shape[2:])
    return back(_sampled(x, rows + strength * field[0], columns + strength * field[1], fill))


class Augment:
    """Several changes in one, called with a batch of images: elastic, rotate, shift, flip and noise, in this order.

    >>> augment = Augment(rotate=10, shift=1, size=(8, 8), rng=0)
    >>> augment(np.ones((5, 64))).shape
    (5, 64)

    As the transform of a loader it draws from the loader's `rng`, and `fit` sees other images in every epoch:

    >>> from nn import DataLoader
    >>> loader = DataLoader((np.ones((5, 64)), np.arange(5)), 2, shuffle=True, rng=0, transform=augment)
    """

    def __init__(
        self,
        *,
        elastic: float = 0.0,
        rotate: float = 0.0,
        shift: int = 0,
        flip: float = 0.0,
        noise: float = 0.0,
        size: Any = None,
        fill: float = 0.0,
        rng: Any = None,
    ) -> None:
        changes = {"elastic": elastic, "rotate": rotate, "shift": shift, "flip": flip, "noise": noise}
        self.settings: dict[str, Any] = changes
        self.size, self.fill, self.rng = size, fill, generator(rng)

    def __call__(self, images: Any, *, rng: Any = None) -> Any:
        """New images, in the shape and dtype of those given, drawn from `rng`, or else from what it was made with."""
        rng = self.rng if rng is None else generator(rng)
        s, more = self.settings, {"size": self.size, "rng": rng}
        x = np.array(images)
        if s["elastic"]:
            x = elastic(x, s["elastic"], fill=self.fill, **more)
        if s["rotate"]:
            x = rotate(x, s["rotate"], fill=self.fill, **more)
        if s["shift"]:
            x = shift(x, s["shift"], fill=self.fill, **more)
        if s["flip"]:
            x = flip(x, s["flip"], **more)
        if s["noise"] and x.size:
            low, high = np.min(images), np.max(images)
            x = noise(x, s["noise"], low=low, high=high, rng=rng)
        return x

    def __repr__(self) -> str:
        return f"Augment({', '.join(f'{key}={value}' for key, value in self.settings.items() if value)})"


def enlarge(X: Any, y: Any, augment: Callable[[Any], Any], copies: int = 1) -> tuple[Any, Any]:
    """The images and `copies` changed ones of each, with their labels: a larger training set. Dev and test stay.

    >>> X, y = np.ones((5, 64)), np.arange(5)
    >>> X, y = enlarge(X, y, Augment(noise=0.1, rng=0), copies=2)
    >>> X.shape, y.shape
    ((15, 64), (15,))
    """
    X, y = np.asarray(X), np.asarray(y)
    copies = whole("enlarge: copies", copies, 0)
    if len(X) != len(y):
        raise ShapeError(f"enlarge: {len(X)} images and {len(y)} labels.")
    if not callable(augment):
        raise TypeError(
            f"enlarge: augment={augment!r:.60} is no function. Give one of images, such as nn.augment.Augment(shift=1)."
        )
    made = [np.asarray(augment(X)) for _ in range(copies)]
    for images in made:
        if images.shape != X.shape:
            raise ShapeError(
                f"enlarge: augment made {images.shape} of images of shape {X.shape}. It returns as many, of the same "
                "size: each keeps the label of the image that it was made of."
            )
    return np.concatenate([X, *made]), np.concatenate([y] * (copies + 1))


# --- pixels


def _unpack(images: Any, size: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The images as (n, channels, h, w), and the way back to the shape and dtype they had."""
    x = np.asarray(images)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"images of dtype {x.dtype}: give numbers.")
    if x.ndim == 2 and size is None:
        side = math.isqrt(x.shape[1])
        guess = f"size=({side}, {side})" if side * side == x.shape[1] else "size=(h, w)"
        raise ShapeError(f"rows of shape {x.shape}: say how high and wide an image is, {guess}.")
    if x.ndim not in (2, 3, 4):
        raise ShapeError(
            f"images of shape {x.shape}: give (n, h, w), (n, channels, h, w), or rows (n, h * w)."
        )
    if x.ndim == 2:
        size = _sizes("size", size, "(h, w)", "(channels, h, w)")
        if math.prod(size) != x.shape[1]:
            raise ShapeError(f"rows of {x.shape[1]} pixels are no images of size={size}.")
        full = x.reshape(len(x), -1, *size[-2:])
    else:
        full = x[:, None] if x.ndim == 3 else x

    def back(new: Any) -> Any:
        new = _rounded(new, x.dtype)
        return new.reshape(len(x), -1) if x.ndim == 2 else new[:, 0] if x.ndim == 3 else new

    return full, back


def _sizes(name: str, given: Any, *forms: str) -> tuple[int, ...]:
    """Whole numbers from 1 on, as many as one of the forms has."""
    lengths = [1 + form.count(",") for form in forms]
    if not isinstance(given, (tuple, list, np.ndarray)) or len(given) not in lengths:
        raise ShapeError(f"{name}={given!r:.60}: give {' or '.join(forms)}.")
    return tuple(whole(name, n) for n in given)


def _rounded(x: Any, dtype: Any) -> Any:
    return (np.rint(x) if dtype.kind != "f" and x.dtype.kind == "f" else x).astype(dtype)


def _moved(x: Any, down: Any, right: Any, shape: tuple[int, ...], border: int, fill: float) -> Any:
    """Windows of `shape` on the images, moved by whole pixels."""
    sides = ((0, 0), (0, 0), (border, border), (border, border))
    padded = np.pad(x, sides, constant_values=_rounded(np.asarray(fill), x.dtype))
    rows = border - down[:, None] + np.arange(shape[0])
    columns = border - right[:, None] + np.arange(shape[1])
    return padded[
        np.arange(len(x))[:, None, None, None],
        np.arange(x.shape[1])[:, None, None],
        rows[:, None, :, None],
        columns[:, None, None, :],
    ]


def _centred(shape: tuple[int, ...]) -> tuple[Any, Any]:
    """Row and column of every pixel, counted from the middle of the image."""
    h, w = shape
    return np.meshgrid(np.arange(h) - (h - 1) / 2, np.arange(w) - (w - 1) / 2, indexing="ij")


def _sampled(x: Any, rows: Any, columns: Any, fill: float) -> Any:
    """The images at places between pixels, from the four around each; places (n, h, w) count from the middle."""
    h, w = x.shape[2:]
    # One pixel of fill all around, and places further out are brought to it.
    padded = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=fill)
    rows = np.clip(rows + (h - 1) / 2 + 1, 0, h + 1)
    columns = np.clip(columns + (w - 1) / 2 + 1, 0, w + 1)
    top, left = np.minimum(rows.astype(int), h), np.minimum(columns.astype(int), w)
    down, right = (rows - top)[:, None], (columns - left)[:, None]
    image = np.arange(len(x))[:, None, None, None]
    channel = np.arange(x.shape[1])[:, None, None]
    top, left = top[:, None], left[:, None]
    upper = padded[image, channel, top, left] * (1 - right) + padded[image, channel, top, left + 1] * right
    lower = (
        padded[image, channel, top + 1, left] * (1 - right)
        + padded[image, channel, top + 1, left + 1] * right
    )
    return upper * (1 - down) + lower * down
