"""Inputs in the floating-point dtype of the parameters, so that what is float32 stays float32."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ..core.module import Module
from ..data import DataLoader


def shared_dtype(model: Module) -> Any:
    """The dtype that all parameters share, or None.

    >>> import nn
    >>> shared_dtype(nn.Linear(2, 3, dtype=np.float32))
    dtype('float32')
    """
    dtypes = {parameter.dtype for parameter in model.parameters()}
    return dtypes.pop() if len(dtypes) == 1 else None


def in_dtype(X: Any, dtype: Any) -> Any:
    """X in this dtype, if both are floating-point numbers; whole numbers, such as those of words, stay what they are.

    >>> in_dtype(np.ones(2), np.dtype("float32")).dtype, in_dtype(np.arange(2), np.dtype("float32")).dtype.kind
    (dtype('float32'), 'i')
    """
    if dtype is None or dtype.kind != "f" or X.dtype.kind != "f" or X.dtype == dtype:
        return X
    converted = X.astype(dtype)
    if isinstance(converted, np.ndarray):
        converted.flags.writeable = X.flags.writeable  # a graph need not copy what nobody can write to
    return converted


def loader_dtype(loader: DataLoader, dtype: Any) -> Any:
    """The dtype to which each batch has to be brought, or None if all of them are right as they come."""
    inputs = loader.arrays[0]
    known = type(loader) is DataLoader and loader.transform is None  # else a batch may be of any dtype
    return None if known and in_dtype(inputs[:1], dtype).dtype == inputs.dtype else dtype


def batches_in_dtype(batches: Iterable[Any], dtype: Any) -> Iterator[tuple[Any, Any]]:
    """The batches of a loader of (X, y), with X in this dtype."""
    for inputs, labels in batches:
        yield in_dtype(inputs, dtype), labels
