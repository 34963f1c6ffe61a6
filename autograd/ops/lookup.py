"""Rows looked up in a table, labels as rows of 0 and 1, and the random mask of dropout."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import GradientError
from ..graph import raw
from .elementwise import where
from .index import getitem

__all__ = ["dropout", "embedding", "one_hot"]


def whole_numbers(labels: Any, name: str, what: str, n: int | None) -> Any:
    """`labels` as an array of whole numbers from 0 to n - 1; an error says which is not."""
    if getattr(labels, "requires_grad", False):
        raise GradientError(
            f"{name}: the {what} are tracked, and whole numbers have no gradient. Use .detach()."
        )
    labels = raw(labels)
    labels = (
        labels if hasattr(labels, "dtype") else np.asarray(labels, dtype=None if np.size(labels) else int)
    )
    if labels.dtype.kind not in "iu":
        raise TypeError(
            f"{name}: {what} of dtype {labels.dtype}, where whole numbers are needed: .astype(int)."
        )
    wrong = labels < 0 if n is None else (labels < 0) | (labels >= n)
    if np.any(wrong):
        upper = "" if n is None else f" to {n - 1}"
        raise IndexError(f"{name}: {labels[wrong].flat[0]} is among the {what}, which go from 0{upper}.")
    return labels


def embedding(indices: Any, weight: Any, padding_idx: int | None = None) -> Any:
    """The rows of a table: indices of any shape, weight (rows, k); the result is (*indices' shape, k).

    A row that is looked up several times gets the sum of the gradients. The row `padding_idx` gets none: it stands for
    what is not there. As torch.nn.functional.embedding, with its order of arguments.

    >>> from autograd import Tensor
    >>> table = Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> embedding(np.array([2, 0, 2]), table).sum().backward()
    >>> table.grad
    array([[1., 1.],
           [0., 0.],
           [2., 2.]])
    """
    shape = np.shape(weight)
    if len(shape) != 2:
        raise ValueError(
            f"embedding: weight of shape {shape}; it is (rows, numbers in a row), after the indices."
        )
    indices = whole_numbers(indices, "embedding", "indices", shape[0])
    rows = getitem(weight, index=indices)
    if padding_idx is None:
        return rows
    if not -shape[0] <= padding_idx < shape[0]:
        raise IndexError(f"embedding: padding_idx={padding_idx} in a table of {shape[0]} rows.")
    padding = np.expand_dims(indices == padding_idx % shape[0], -1)
    return where(padding, raw(rows), rows)


def one_hot(labels: Any, classes: int | None = None, dtype: Any = np.float64) -> Any:
    """Whole numbers as rows with a single 1: shape (...) gives (..., classes). A plain array: it has no gradient.

    Without `classes`, there are as many as the largest label needs.

    >>> one_hot([2, 0])
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    labels = whole_numbers(labels, "one_hot", "labels", classes)
    n = (int(np.max(labels)) + 1 if labels.size else 0) if classes is None else classes
    return (np.expand_dims(labels, -1) == np.arange(n)).astype(dtype)


def dropout(x: Any, p: float = 0.5, training: bool = True, rng: Any = None) -> Any:
    """Each element is 0 with probability p and else divided by 1 - p, so that its mean stays; just x if not training.

    The mask is a constant of the graph. `rng` is a seed, a numpy.random.Generator, or None for other numbers each time;
    NumPy's global state is never used. (Inverted dropout: Srivastava et al. 2014, section 10.)

    >>> dropout(np.ones(6), 0.5, rng=0)
    array([2., 0., 0., 0., 2., 2.])
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p={p!r} is the probability of a 0, a number from 0 to 1.")
    if not training or p == 0:
        return x
    data = raw(x)
    data = data if hasattr(data, "dtype") else np.asarray(data, dtype=np.float64)
    dtype = data.dtype if data.dtype.kind == "f" else np.dtype(np.float64)
    draw = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)
    kept = draw.random(data.shape) >= p
    mask = kept.astype(dtype) if p == 1 else kept.astype(dtype) / dtype.type(1 - p)
    return x * np.asarray(mask, like=data)
