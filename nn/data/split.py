"""Rows parted for learning and for judging: train / dev / test, and k folds. No row is ever in two parts."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Real
from typing import Any

import numpy as np

from ..core.numbers import whole
from ..core.rng import generator
from .arrays import as_array, equal_length

Pair = tuple[Any, Any]


def train_dev_test_split(
    X: Any,
    y: Any,
    *,
    dev: float = 0.2,
    test: float = 0.2,
    rng: Any = None,
    stratify: bool = True,
    groups: Any = None,
) -> tuple[Pair, Pair, Pair]:
    """Shuffle the rows and part them in three: ((X_train, y_train), (X_dev, y_dev), (X_test, y_test)).

    Learn on train, choose settings on dev, and look at test once, at the end. `dev` and `test` are fractions
    of the rows, and train gets the rest. With `stratify=True` every class has nearly the same share of each
    part (a y of real numbers: every range of y), and train has at least one row of each class where it can.

    groups: one label a row; rows of one group stay together, such as the images of one writer, or the copies of one
    image: apart, they would tell at training what is asked at the test. The fractions are then met as nearly as
    whole groups allow. For the row numbers instead of the rows, give X=np.arange(len(y)).

    >>> X, y = np.arange(20.0).reshape(10, 2), np.array([0, 1] * 5)
    >>> train, dev, test = train_dev_test_split(X, y, dev=0.2, test=0.2, rng=0)
    >>> train[0].shape, sorted(dev[1].tolist()), sorted(test[1].tolist())
    ((6, 2), [0, 1], [0, 1])
    """
    X, y = as_array(X), as_array(y)
    n = equal_length((X, y))
    for name, share in (("dev", dev), ("test", test)):
        if isinstance(share, bool) or not isinstance(share, Real):
            raise TypeError(
                f"{name}={share!r:.60}: it is a fraction of the rows, such as 0.2, or 0 for no such part. For other "
                "arrays, call train_dev_test_split(X, y) for each, or give X=np.arange(len(y))."
            )
    if dev < 0 or test < 0 or not dev + test < 1:  # not: NaN is wrong, too
        raise ValueError(
            f"dev={dev} and test={test}: both are fractions of the rows, at least 0 and "
            "together less than 1. What they leave is the training set."
        )
    _check_labels(y, n, stratify)
    rng = generator(rng)
    if groups is None:
        parts = _shares(y, n, [round(n * test), round(n * dev)], rng, stratify)
    else:
        part_of = _by_group(y, n, groups, [test, dev, 1 - dev - test], rng, stratify)
        parts = [np.flatnonzero(part_of == i) for i in range(3)]
    sizes = [len(rows) for rows in parts]
    if min([sizes[2]] + [size for size, share in zip(sizes, (test, dev)) if share]) < 1:
        raise ValueError(
            f"{n} rows split with dev={dev} and test={test} leave a part without a row: {sizes[2]} to train on, "
            f"{sizes[1]} for dev, {sizes[0]} for test. Use more {'rows' if groups is None else 'groups'} or other "
            "fractions."
        )
    test_rows, dev_rows, train_rows = (rng.permutation(rows) for rows in parts)
    train_part, dev_part, test_part = (_take(X, y, rows) for rows in (train_rows, dev_rows, test_rows))
    return train_part, dev_part, test_part


def k_fold(
    X: Any, y: Any, *, k: int = 5, rng: Any = None, stratify: bool = True, groups: Any = None
) -> Iterator[tuple[Pair, Pair]]:
    """k ways to part the rows: ((X_train, y_train), (X_held, y_held)); each row is held out exactly once.

    For few rows: the mean over the k held-out parts is a steadier judge than one small dev set. `stratify` and
    `groups` are train_dev_test_split's.

    >>> X, y = np.arange(6), np.array([0, 1, 0, 1, 0, 1])
    >>> [sorted(held[1].tolist()) for _, held in k_fold(X, y, k=3, rng=0)]
    [[0, 1], [0, 1], [0, 1]]
    """
    X, y = as_array(X), as_array(y)
    n = equal_length((X, y))
    k = whole("k", k, 2, "one part is held out, and another learned on")
    _check_labels(y, n, stratify)
    rng = generator(rng)
    if groups is None:
        fold_of = np.empty(n, np.int64)
        fold_of[_mixed(y, n, rng, stratify)] = np.arange(n) % k
    else:
        fold_of = _by_group(y, n, groups, [1 / k] * k, rng, stratify)
    sizes = np.bincount(fold_of, minlength=k)
    if not sizes.all():
        what = "rows" if groups is None else "groups"
        raise ValueError(
            f"k={k} folds of {n} rows leave {np.count_nonzero(sizes == 0)} empty: give more {what}."
        )
    order = rng.permutation(n)

    def folds() -> Iterator[tuple[Pair, Pair]]:
        for i in range(k):
            held = fold_of[order] == i
            yield _take(X, y, order[~held]), _take(X, y, order[held])

    return folds()  # a function of its own: wrong arguments are refused at the call, not at the first fold


def _check_labels(y: Any, n: int, stratify: bool) -> None:
    if stratify and y.ndim != 1:
        raise ValueError(
            f"stratify=True with y of shape {y.shape}: it needs one label a row. Give labels of shape "
            f"({n},), or stratify=False for a plain shuffle."
        )


def _take(X: Any, y: Any, rows: Any) -> Pair:
    return np.take(X, rows, axis=0), np.take(y, rows, axis=0)


def _mixed(y: Any, n: int, rng: np.random.Generator, stratify: bool) -> Any:
    """The rows in random order; stratified, sorted by class and random within: taken evenly, each class is, too."""
    order = rng.permutation(n)
    return order[np.argsort(np.asarray(y)[order], kind="stable")] if stratify else order


def _shares(y: Any, n: int, counts: list[int], rng: np.random.Generator, stratify: bool) -> list[Any]:
    """Parts of so many rows each, and the rest as the last part, the training set.

    A class that would not be in the training set has a row put aside for it, as long as there is room, and the others
    are shared out anew: so what the held parts give up is spread over both, and over all classes.
    """
    order = _mixed(y, n, rng, stratify)
    parts = _evenly(order, counts)
    if not stratify or y.dtype.kind == "f":
        return parts
    classes = np.unique(np.asarray(y), return_inverse=True)[1].reshape(n)
    _, first = np.unique(classes[order], return_index=True)
    one_of_each = order[first]  # a random row of each class
    aside = order[:0]
    while True:
        unseen = np.setdiff1d(classes, classes[np.concatenate([parts[-1], aside])])
        unseen = unseen[: len(parts[-1])]  # no more than the training set has room for
        if not len(unseen):
            return [*parts[:-1], np.concatenate([parts[-1], aside])]
        aside = np.concatenate([aside, one_of_each[unseen]])
        parts = _evenly(order[~np.isin(order, aside)], counts)


def _evenly(order: Any, counts: list[int]) -> list[Any]:
    """Parts of so many rows each, and the rest, of any run of `order` its share."""
    parts = []
    for count in counts:
        chosen = np.diff(np.arange(len(order) + 1) * count // max(len(order), 1)) == 1
        parts.append(order[chosen])
        order = order[~chosen]
    return [*parts, order]


def _by_group(
    y: Any, n: int, groups: Any, shares: list[float], rng: np.random.Generator, stratify: bool
) -> Any:
    """The part of each row: groups one by one, the largest first, each to the part that it brings nearest its share.

    Near means the squared distance between the rows that a part has, of each class and in all, and those that it
    should have, in units of its share.
    """
    try:
        groups = np.asarray(as_array(groups))
    except (TypeError, ValueError) as error:
        raise type(error)(f"groups: {error}") from None
    if groups.shape != (n,):
        raise ValueError(f"groups of shape {groups.shape} for {n} rows: give one label a row, ({n},).")
    _, group_of = np.unique(groups, return_inverse=True)
    group_of = group_of.reshape(n)
    strata = _strata(np.asarray(y), n) if stratify else np.zeros(n, np.int64)
    table = np.zeros((group_of.max() + 1, strata.max() + 1))
    np.add.at(table, (group_of, strata), 1)
    table = np.column_stack([table, table.sum(axis=1)])
    order = rng.permutation(len(table))
    order = order[np.argsort(-table[order, -1], kind="stable")]
    wanted = np.array(shares)[:, None]
    possible = np.flatnonzero(wanted[:, 0] > 1e-12)
    target, has = wanted * table.sum(axis=0), np.zeros((len(shares), table.shape[1]))
    part_of = np.empty(len(table), np.int64)
    for group in order:
        more = table[group]
        worse = (more * (2 * (has - target) + more))[possible].sum(axis=1) / wanted[possible, 0]
        part_of[group] = chosen = possible[np.argmin(worse)]
        has[chosen] += more
    return part_of[group_of]


def _strata(y: Any, n: int) -> Any:
    """The class of each row; of real numbers, the tenth of their range (by rank) in which they lie."""
    if y.dtype.kind == "f":
        return np.argsort(np.argsort(y, kind="stable"), kind="stable") * 10 // n
    return np.unique(y, return_inverse=True)[1].reshape(n)
