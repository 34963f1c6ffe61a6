"""Inputs in the floating-point dtype of the parameters, so that what is float32 stays float32."""

from __future__ import annotations

from typing import Any

import numpy as np

from .module import Module


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
