"""Attention: a mean of values, weighted by how well each key meets the query."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError
from ..graph import raw
from .elementwise import where
from .linalg import matmul
from .lookup import dropout
from .shape import swapaxes
from .softmax import softmax

__all__ = ["scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    *,
    rng: Any = None,
) -> Any:
    """softmax(query @ key.T * scale) @ value (Vaswani et al. 2017, equation 1): (..., n, k), (..., m, k), (..., m, v).

    The result is (..., n, v); `scale` is 1 / sqrt(k) unless given. `attn_mask` (..., n, m) is True where a key may be
    seen, or numbers that are added to the scores; with `is_causal`, query i sees the keys up to i. A query that sees
    nothing gives nan, as in PyTorch.

    >>> q, v = np.eye(2), np.array([[1.0], [3.0]])
    >>> scaled_dot_product_attention(q, q, v, is_causal=True).round(2)
    array([[1.  ],
           [2.34]])
    """
    q, k, v = np.shape(query), np.shape(key), np.shape(value)
    if min(len(q), len(k), len(v)) < 2 or q[-1] != k[-1] or k[-2] != v[-2]:
        raise ShapeError(
            f"scaled_dot_product_attention: query {q}, key {k}, value {v}. They are (..., n, k), (..., m, k) and "
            "(..., m, v): queries and keys of one length, and a value for each key."
        )
    scores = matmul(query, swapaxes(key, axis1=-1, axis2=-2)) * (q[-1] ** -0.5 if scale is None else scale)
    if is_causal:
        if attn_mask is not None:
            raise ValueError("scaled_dot_product_attention: give attn_mask or is_causal=True, not both.")
        attn_mask = np.asarray(np.tri(q[-2], k[-2], dtype=bool), like=raw(scores))
    if attn_mask is not None:
        boolean = np.result_type(raw(attn_mask)).kind == "b"
        scores = where(attn_mask, scores, -np.inf) if boolean else scores + attn_mask
    return matmul(dropout(softmax(scores), dropout_p, rng=rng), value)
