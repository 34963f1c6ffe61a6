"""The batches of a loader in the dtype of the parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..core.dtypes import in_dtype
from ..data import DataLoader


def loader_dtype(loader: DataLoader, dtype: Any) -> Any:
    """The dtype to which each batch has to be brought, or None if all of them are right as they come."""
    inputs = loader.arrays[0]
    known = type(loader) is DataLoader and loader.transform is None  # else a batch may be of any dtype
    return None if known and in_dtype(inputs[:1], dtype).dtype == inputs.dtype else dtype


def batches_in_dtype(batches: Iterable[Any], dtype: Any) -> Iterator[tuple[Any, Any]]:
    """The batches of a loader of (X, y), with X in this dtype."""
    for inputs, labels in batches:
        yield in_dtype(inputs, dtype), labels
