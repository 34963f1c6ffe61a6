"""Fusing: a layer is recorded as one node, because that is faster, or as its single steps, because that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

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
