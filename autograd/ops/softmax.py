"""Softmax along an axis, and the loss of a classifier from its scores: softmax and -log in one op, which is stable.

The gradient of the loss in the scores is softmax(scores) - one_hot(labels): no division by a small probability.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import GradientError, ShapeError
from ..graph import raw
from ..primitive import Primitive, primitive
from .elementwise import exp
from .linear import ones, shape_of
from .reduce import largest
from .reduce import sum as _sum
from .shape import as_array, foreign
from .totals import total, total_product

__all__ = ["log_softmax", "softmax", "softmax_cross_entropy"]


def _softmax(x: Any, axis: int = -1) -> Any:
    y = x - largest(x, axis, keepdims=True)
    if y.__class__ is not np.ndarray:  # of another library, or one number
        y = np.exp(y)
        return y / np.sum(y, axis=axis, keepdims=True)
    np.exp(y, out=y)  # in one new array: memory that is new costs more than the arithmetic
    y /= total(y, axis)
    return y


def _log_softmax(x: Any, axis: int = -1) -> Any:
    z = x - largest(x, axis, keepdims=True)
    logarithm = np.log(total(np.exp(z), axis))
    return np.subtract(z, logarithm, out=z) if z.__class__ is np.ndarray else z - logarithm


def _softmax_kernel(g: Any, y: Any, x: Any, axis: int = -1) -> Any:
    t = g - total_product(g, y, axis)
    t *= y
    return t


def _log_softmax_kernel(g: Any, y: Any, x: Any, axis: int = -1) -> Any:
    t = np.exp(y)
    t *= -total(g, axis)
    t += g
    return t


_ROWS: tuple[Any, ...] = ((((2, 3),), {}), (((2, 3),), {"axis": 0}))

softmax: Primitive = primitive(
    "softmax",
    _softmax,
    lambda g, y, x, axis=-1: y * (g - _sum(g * y, axis=axis, keepdims=True)),
    kernels=(_softmax_kernel,),
    samples=_ROWS,
    doc="exp(x) / sum(exp(x)) along an axis: positive numbers that sum to 1.",
)
log_softmax: Primitive = primitive(
    "log_softmax",
    _log_softmax,
    lambda g, y, x, axis=-1: g - exp(y) * _sum(g, axis=axis, keepdims=True),
    kernels=(_log_softmax_kernel,),
    samples=_ROWS,
    doc="log(softmax(x)) along an axis, without the logarithm of small numbers.",
)


def _one_hot(labels: Any, like: Any) -> Any:
    if labels.ndim == 2:
        hot = labels.astype(like.dtype, copy=False)
        return np.asarray(hot, like=raw(like)) if foreign(raw(like)) else hot
    if foreign(labels):  # looked at here they would be waited for, so a wrong one shows as a loss of nan
        classes = np.arange(like.shape[1], like=labels)
        right = np.expand_dims((labels >= 0) & (labels < like.shape[1]), 1)
        return np.where(right, np.expand_dims(labels, 1) == classes, np.nan).astype(like.dtype)
    hot = np.zeros(np.shape(like), dtype=like.dtype)
    hot[np.arange(len(labels)), labels] = 1
    return np.asarray(hot, like=raw(like)) if foreign(raw(like)) else hot


def _cross_entropy(x: Any, labels: Any) -> Any:
    return -np.sum(_log_softmax(x) * _one_hot(labels, x)) / len(labels)


def _cross_entropy_vjp(g: Any, y: Any, x: Any, labels: Any) -> Any:
    hot = _one_hot(labels, x)
    if labels.ndim == 1:
        return g * (softmax(x) - hot) / len(labels)
    return (
        g * (softmax(x) * np.sum(hot, axis=1, keepdims=True) - hot) / len(labels)
    )  # weights need not sum to 1


@lru_cache(maxsize=64)
def _counting(n: int, step: int) -> Any:
    return np.arange(0, n * step, step)


def _cross_entropy_saving(x: Any, labels: Any) -> tuple[Any, Any]:
    """The loss and its gradient, which for labels is (softmax(x) - one_hot(labels)) / n.

    Where there are many rows of few classes each, it is computed on columns: NumPy walks along memory then, and not
    from row to row (64 rows of 2 classes: 13 us in place of 21; 4096 of 10: 0.15 ms in place of 0.5).
    """
    n, classes = x.shape
    if labels.ndim == 2 or x.dtype.char not in "fd":
        return _cross_entropy(x, labels), _cross_entropy_vjp(x.dtype.type(1), None, x, labels)
    columns = 4 * classes <= n
    if columns:
        picked = labels * n
        picked += _counting(n, 1)
        delta = x.T.copy()
        delta -= np.maximum.reduce(delta, axis=0)
    else:
        picked = labels + _counting(n, classes)
        # row by row, as `picked` counts
        delta = np.subtract(x, np.maximum.reduce(x, axis=1, keepdims=True), order="C")
    chosen = delta.take(picked)
    np.exp(delta, delta)
    sums = ones(classes, x.dtype).dot(delta) if columns else delta.dot(ones(classes, x.dtype))
    size = x.dtype.type(n)
    loss = (np.log(sums) - chosen).dot(ones(n, x.dtype)) / size
    sums *= size
    delta /= sums if columns else sums[:, None]
    delta.reshape(-1)[picked] -= 1 / size
    return loss, delta.T if columns else delta


def _cross_entropy_pull(node: Any, g: Any, into_grads: bool) -> list[Any]:
    delta = node._get("saved")
    if delta is None:  # recorded by another array library
        return [_cross_entropy_vjp(g, node._data, *node._args, **node._kwargs)]
    return [delta * g]


_cross_entropy_op = Primitive(
    "softmax_cross_entropy",
    _cross_entropy,
    (_cross_entropy_vjp,),
    pull=_cross_entropy_pull,
    saving=_cross_entropy_saving,
    samples=(
        (((4, 3),), {"labels": np.array([0, 2, 1, 2])}),
        (((2, 3),), {"labels": np.array([[0.2, 0.8, 0.0], [1.0, 0.0, 0.0]])}),
        (((2, 3),), {"labels": np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])}),
    ),
    domain=((-2.0, 2.0),),
    doc="The mean of -log softmax(x)[label] over rows.",
)


def check_labels(labels: Any, shape: tuple[int, ...]) -> Any:
    """`labels` as an array that fits logits of `shape`; a ShapeError says what does not."""
    if getattr(labels, "requires_grad", False):
        raise GradientError(
            "softmax_cross_entropy gives its labels no gradient, and these are tracked. Use labels.detach(), or write "
            "the loss out: -(labels * log_softmax(logits)).sum() / len(labels)."
        )
    labels = as_array(raw(labels))
    if len(shape) != 2:
        raise ShapeError(f"softmax_cross_entropy: logits of shape {shape}; they must be (rows, classes).")
    if labels.ndim == 1:
        if labels.dtype.kind not in "iu":
            raise ShapeError(
                f"softmax_cross_entropy: labels of dtype {labels.dtype}. Class labels are whole numbers: "
                "labels.astype(int). Probabilities need the shape (rows, classes)."
            )
        if len(labels) != shape[0]:
            raise ShapeError(f"softmax_cross_entropy: {len(labels)} labels for {shape[0]} rows of logits.")
        if foreign(labels):
            return labels
        # seen as unsigned, a negative label is a huge one, so one pass finds both kinds of error
        unsigned = labels.view(f"u{labels.dtype.itemsize}") if labels.dtype.kind == "i" else labels
        if len(labels) and np.maximum.reduce(unsigned) >= shape[1]:
            wrong = labels[unsigned >= shape[1]][0]
            raise ShapeError(
                f"softmax_cross_entropy: label {wrong} with {shape[1]} classes; labels go from 0 to {shape[1] - 1}."
            )
        return labels if labels.dtype == np.intp else labels.astype(np.intp)
    if labels.shape != shape:
        raise ShapeError(
            f"softmax_cross_entropy: labels of shape {labels.shape} for logits of shape {shape}."
        )
    return labels


def softmax_cross_entropy(logits: Any, labels: Any) -> Any:
    """The mean of -log(softmax(logits)[label]) over the rows: the loss of a classifier, from its scores, as one node.

    logits (n, classes); labels (n,) of whole numbers, or (n, classes) of probabilities. Stable for scores of +-1000.

    >>> round(float(softmax_cross_entropy(np.array([[1000.0, 998.0]]), np.array([0]))), 4)
    0.1269
    """
    labels = check_labels(labels, shape_of(logits))
    quickly = getattr(logits, "_quickly", None)
    if quickly is not None and labels.__class__ is np.ndarray:
        node = quickly(_cross_entropy_op, (logits,), {"labels": labels})
        if node is not None:
            return node
    return _cross_entropy_op(logits, labels=labels)
