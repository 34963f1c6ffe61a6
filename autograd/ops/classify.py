"""Losses of classifiers: scores (n, classes) against labels (n,), the numbers of the right classes.

Scores may also be (classes,), one sample, or (n, classes, ...), with a label for each pixel: the class is axis 1, as in
PyTorch. The plain case, the mean over rows without weights, is one op: `softmax_cross_entropy`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import GradientError, ShapeError
from ..graph import Node, raw
from .elementwise import square, where
from .index import getitem
from .lookup import whole_numbers
from .losses import reduced
from .rectifiers import relu
from .reduce import sum as _sum
from .shape import expand_dims, reshape, transpose
from .softmax import log_softmax, softmax_cross_entropy

__all__ = ["cross_entropy", "multi_margin_loss", "nll_loss"]


def _rows(x: Any) -> Any:
    """Scores as (rows, classes)."""
    ndim = np.ndim(x)
    if ndim > 2:
        x = transpose(x, axes=(0, *range(2, ndim), 1))
    return x if ndim == 2 else reshape(x, shape=(-1, np.shape(x)[-1]))


def _classes(name: str, x: Any) -> tuple[int, int]:
    """The axis of the classes, and how many there are."""
    shape = np.shape(x)
    if not shape:
        raise ShapeError(
            f"{name}: scores of shape (); they must be (n, classes), or (classes,) for one sample."
        )
    axis = 0 if len(shape) == 1 else 1
    return axis, shape[axis]


def _labels(name: str, x: Any, target: Any, ignore_index: int | None) -> tuple[Any, Any]:
    """The labels as whole numbers, 0 where they are to be ignored; and where they count, or None if everywhere."""
    axis, classes = _classes(name, x)
    shape = np.shape(x)
    expected = shape[:axis] + shape[axis + 1 :]
    if np.shape(target) != expected:
        raise ShapeError(
            f"{name}: labels of shape {np.shape(target)} for scores of shape {shape}. There is one label for each "
            f"place but the {classes} classes: {expected}."
        )
    labels = whole_numbers(target, name, "labels", None) if ignore_index is None else raw(target)
    labels = labels if hasattr(labels, "dtype") else np.asarray(labels)
    counts = None if ignore_index is None else labels != ignore_index
    if counts is not None and np.all(counts):
        counts = None
    labels = labels if counts is None else np.where(counts, labels, 0)
    return whole_numbers(labels, name, "labels", classes), counts


def _weights(name: str, weight: Any, classes: int, x: Any) -> Any:
    """The weights of the classes, in the dtype of the scores."""
    if getattr(weight, "requires_grad", False):
        raise GradientError(
            f"{name}: the weights of the classes are tracked, and get no gradient. Use .detach()."
        )
    if np.shape(weight) != (classes,):
        raise ShapeError(
            f"{name}: weight of shape {np.shape(weight)}; there are {classes} classes: ({classes},)."
        )
    return _as_scores(weight, x)


def _as_scores(given: Any, x: Any) -> Any:
    """Plain numbers in the dtype of the scores: float32 times float64 would be float64."""
    given, x = raw(given), raw(x)
    given = given if hasattr(given, "dtype") else np.asarray(given)
    dtype = x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype
    return given.astype(dtype if dtype.kind == "f" else float, copy=False)


def _picked(rows: Any, labels: Any) -> Any:
    """Of each row the score of its label."""
    flat = np.reshape(labels, -1)
    return reshape(getitem(rows, index=(np.arange(flat.size), flat)), shape=np.shape(labels))


def _counted(loss: Any, share: Any, counts: Any, reduction: str, name: str) -> Any:
    """Losses that weigh `share` each (None: 1), reduced; those that do not count are 0 and not in the mean."""
    if share is not None:
        loss = loss * share
    if counts is not None:
        loss = where(counts, loss, 0.0)
    if reduction != "mean" or (share is None and counts is None):
        return reduced(loss, reduction, name)
    total = counts if share is None else share if counts is None else np.where(counts, share, 0)
    return _mean(_sum(loss), np.sum(total, dtype=raw(loss).dtype))


def _mean(total: Any, n: Any) -> Any:
    """A sum of losses over what counts. Where nothing does it is nan, and its gradient 0, as PyTorch's."""
    return total + np.nan if n == 0 else total * (1 / n)


def nll_loss(
    input: Any, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"
) -> Any:
    """The mean of -input[label]: input (n, classes) holds logarithms of probabilities, as log_softmax gives them.

    target (n,) of whole numbers; `weight` (classes,) says how much a label counts, and the mean is the weighted one.
    Rows whose label is `ignore_index` do not count.

    >>> float(nll_loss(np.log([[0.5, 0.5], [0.2, 0.8]]), np.array([0, 1])).round(4))
    0.4581
    """
    name = "nll_loss"
    _, classes = _classes(name, input)
    labels, counts = _labels(name, input, target, ignore_index)
    share = None if weight is None else _weights(name, weight, classes, input)[labels]
    return _counted(-_picked(_rows(input), labels), share, counts, reduction, name)


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """The mean of -log softmax(input)[label], from scores (n, classes): nll_loss of their log_softmax.

    target is (n,) of whole numbers, or probabilities in the shape of the input, which may be tracked themselves.
    `weight`, `ignore_index`: as nll_loss's. With `label_smoothing` e, a label stands for probability 1 - e at its class
    plus e / classes at all (Szegedy et al. 2016, section 7). Stable for scores of +-1000.

    >>> round(float(cross_entropy(np.array([[1000.0, 998.0]]), np.array([0]))), 4)
    0.1269
    """
    name = "cross_entropy"
    axis, classes = _classes(name, input)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"{name}: label_smoothing={label_smoothing!r} is a share, a number from 0 to 1.")
    probabilities = np.shape(target) == np.shape(input) and not _is_whole(target)
    plain = weight is None and label_smoothing == 0 and reduction == "mean" and np.ndim(input) == 2
    if plain and len(np.shape(target)) in (1, 2) and not getattr(target, "requires_grad", False):
        given = raw(target) if hasattr(raw(target), "dtype") else np.asarray(target)
        if probabilities or (_is_whole(given) and given.ndim == 1 and not np.any(given == ignore_index)):
            return softmax_cross_entropy(input, given)
    share = None if weight is None else _weights(name, weight, classes, input)
    chances = log_softmax(input, axis=axis)
    if probabilities:
        if not isinstance(target, Node):
            target = _as_scores(target, input)
        target = target * (1 - label_smoothing) + label_smoothing / classes if label_smoothing else target
        terms = target * chances
        if share is not None:
            terms = terms * np.reshape(share, (-1, *(1,) * (np.ndim(input) - axis - 1)))
        loss = -_sum(terms, axis=axis)
        return reduced(loss, reduction, name)
    labels, counts = _labels(name, input, target, ignore_index)
    rows = _rows(chances)
    loss = -_picked(rows, labels)
    of_label = None if share is None else share[labels]
    if label_smoothing == 0:
        return _counted(loss, of_label, counts, reduction, name)
    # every class has a part in the loss of a row, each with its own weight; the mean is over the weights of the labels
    even = -reshape(_sum(rows if share is None else rows * share, axis=1), shape=np.shape(labels))
    loss = loss if of_label is None else loss * of_label
    loss = (1 - label_smoothing) * loss + label_smoothing / classes * even
    if reduction != "mean" or (of_label is None and counts is None):
        return _counted(loss, None, counts, reduction, name)
    total = np.ones(np.shape(labels)) if of_label is None else of_label
    total = np.sum(total if counts is None else np.where(counts, total, 0), dtype=raw(loss).dtype)
    return _mean(_counted(loss, None, counts, "sum", name), total)


def _is_whole(x: Any) -> bool:
    x = raw(x)
    return (x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype).kind in "iu"


def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    reduction: str = "mean",
    *,
    divide: bool = True,
) -> Any:
    """The hinge loss of a classifier: for each row, how far each wrong class comes within `margin` of the right one.

    That is the sum over the wrong classes j of max(0, s_j - s_label + margin)**p, times weight[label]. PyTorch divides
    it by the number of classes, and so does this; with `divide=False` it is the sum, as the courses write it. input is
    (n, classes) or (classes,), target (n,) or a number; p is 1 or 2. A class exactly at the margin has slope 0.

    >>> scores, labels = np.array([[3.2, 5.1, -1.7]]), np.array([0])
    >>> float(multi_margin_loss(scores, labels, divide=False).round(4))
    2.9
    """
    name = "multi_margin_loss"
    _, classes = _classes(name, input)
    if np.ndim(input) > 2:
        raise ShapeError(
            f"{name}: scores of shape {np.shape(input)}; they must be (n, classes) or (classes,)."
        )
    if p not in (1, 2):
        raise ValueError(f"{name}: p={p!r} is not 1 or 2.")
    labels, _ = _labels(name, input, target, None)
    rows = _rows(input)
    flat = np.reshape(labels, -1)
    gaps = relu(rows - expand_dims(_picked(rows, flat), axis=1) + margin)
    wrong = np.expand_dims(flat, 1) != np.arange(
        classes
    )  # the label's own gap is the margin: it does not count
    share = wrong.astype(raw(rows).dtype)
    if weight is not None:
        share = share * np.expand_dims(_weights(name, weight, classes, input)[flat], 1)
    loss = _sum((square(gaps) if p == 2 else gaps) * share, axis=1)
    loss = reshape(loss / classes if divide else loss, shape=np.shape(labels))
    return reduced(loss, reduction, name)
