"""Labels, looked at all at once: what a loss would refuse in the last batch is refused before the first step."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.graph import raw
from autograd.ops.softmax import check_labels


def check_classes(
    labels: Any, shape: tuple[int, ...], ignored: int | None = None, shares: bool = False
) -> None:
    """Refuse labels that do not fit scores of `shape`: (n,) for (n, classes), (n, ...) for (n, classes, ...).

    Those that are `ignored` are not looked at. With `shares`, probabilities in the shape of the scores will do, too.

    >>> check_classes(np.array([0, 2, -100]), (3, 3), ignored=-100)
    >>> check_classes(np.array([0, 3, -100]), (3, 3), ignored=-100)
    Traceback (most recent call last):
    autograd.errors.ShapeError: softmax_cross_entropy: label 3 with 3 classes; labels go from 0 to 2.
    """
    if shares and (labels.shape == shape or (len(shape) == 2 and labels.ndim == 2)):
        if len(shape) == 2:
            check_labels(labels, shape)
        return
    places = (shape[0], *shape[2:])
    if labels.shape != places or labels.dtype.kind not in "iu":
        if len(shape) == 2 and labels.ndim == 1:
            check_labels(labels, shape)  # says what is wrong
        more = ", or probabilities in the shape of the scores" if shares else ""
        raise ShapeError(
            f"labels of shape {labels.shape} and dtype {labels.dtype} for scores of shape {shape}. They are whole "
            f"numbers of shape {places}, one for each {'row' if len(shape) == 2 else 'place'}{more}."
        )
    if ignored is not None:
        labels = labels[labels != ignored]
        if not labels.size:
            raise ShapeError(f"every label is {ignored}, which the loss ignores: there is nothing to learn.")
    labels = labels.reshape(-1)
    check_labels(labels, (labels.size, shape[1]))


def weight_of(labels: Any, weight: Any, ignored: int) -> float:
    """What the mean over these labels is divided by: how many are not `ignored`, each by the weight of its class.

    >>> weight_of(np.array([0, 1, 1, -100]), np.array([1.0, 3.0]), -100)
    7.0
    """
    counts = labels != ignored
    if weight is None:
        return float(np.count_nonzero(counts))
    return float(raw(weight)[labels[counts]].sum())


def check_shape(target: Any, shape: tuple[int, ...]) -> None:
    """Refuse targets of another shape than the outputs."""
    if target.shape != shape:
        raise ShapeError(
            f"targets of shape {target.shape} for outputs of shape {shape}: they must be equal. Reshape one, as in "
            "target[:, None]."
        )
