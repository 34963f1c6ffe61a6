"""Fusing: a layer is recorded as one node, because that is faster, or as its single steps, because that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError
from autograd.ops.linear import linear

_fuse: ContextVar[bool] = ContextVar("nn_fuse", default=True)
fusing = _fuse.get


@contextmanager
def unfused() -> Iterator[None]:
    """Inside, layers are recorded as the single steps they are made of, for pictures. The numbers are the same.

    >>> import numpy as np, nn
    >>> model = nn.Sequential(nn.Linear(2, 1, rng=0), nn.Tanh())
    >>> model(np.ones((1, 2))).op.name
    'linear'
    >>> with nn.unfused():
    ...     model(np.ones((1, 2))).op.name
    'tanh'
    """
    token = _fuse.set(False)
    try:
        yield
    finally:
        _fuse.reset(token)


def affine(x: Any, weight: Any, bias: Any, activation: str | None = None) -> Any:
    """activation(x @ weight.T + bias), (n, inputs) to (n, outputs): as one node, or as its steps inside `unfused()`."""
    if fusing():
        return linear(x, weight, bias, activation)
    if np.shape(x)[-1:] != weight.shape[1:]:
        raise ShapeError(f"input of shape {np.shape(x)}; the last axis must be {weight.shape[1]}.")
    y = x @ weight.T
    y = y if bias is None else y + bias
    return y if activation is None else getattr(autograd, activation)(y)
