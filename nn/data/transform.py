"""What a DataLoader does to the inputs of a batch on their way out, such as an augmentation of images."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from autograd.errors import ShapeError

from .arrays import as_array


def takes_rng(transform: Any) -> bool:
    """Whether it is to be called with rng=; refused if it cannot be called at all.

    >>> takes_rng(lambda x, rng: x + rng.normal(size=x.shape)), takes_rng(np.tanh)
    (True, False)
    """
    if transform is None:
        return False
    if isinstance(transform, type) or not callable(transform):
        raise TypeError(
            f"transform={transform!r:.60}: give a function of a batch's inputs, such as "
            "lambda X, rng: nn.augment.shift(X, 1, rng=rng), or None."
        )
    try:
        parameters = inspect.signature(transform).parameters.values()
    except (TypeError, ValueError):  # some functions written in C
        return False
    return any(
        p.kind is p.VAR_KEYWORD or (p.name == "rng" and p.kind is not p.POSITIONAL_ONLY) for p in parameters
    )


def transformed(transform: Any, inputs: Any, rng: np.random.Generator | None) -> Any:
    """New inputs, in an array of their own: as many rows; a floating-point dtype stays.

    >>> transformed(np.tanh, np.zeros((2, 3), np.float32), None).dtype
    dtype('float32')
    """
    new = transform(inputs) if rng is None else transform(inputs, rng=rng)
    shape = np.shape(new)
    if new is None or not shape or shape[0] != len(inputs):
        what = "None" if new is None else f"an array of shape {shape}"
        raise ShapeError(
            f"transform returned {what} for inputs of shape {inputs.shape}: it must return an array with as many rows, "
            "in the same order, because each has its label."
        )
    new = as_array(new)
    other = inputs.dtype.kind == new.dtype.kind == "f" and inputs.dtype != new.dtype
    if not isinstance(new, np.ndarray):
        return new.astype(inputs.dtype) if other else new
    # A copy in any case: who made it may hold it, and fill it anew for the next batch.
    return np.array(new, dtype=inputs.dtype if other else None)
