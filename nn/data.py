"""Data on its way to a network: mini-batches, a split into train / dev / test, scaling, and real digits.

Randomness comes only from `rng=` (a seed or a NumPy Generator), never from NumPy's global state.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.graph import Node

from .init import generator

Pair = tuple[Any, Any]

# Rows are gathered for several batches at once, up to about this many bytes: a gather costs more than a view.
BLOCK = 1 << 18


class DataLoader:
    """Mini-batches of one array, or of several of equal length such as (X, y).

    Each pass over the loader is one epoch; with `shuffle=True` each has its own order, drawn from `rng`.
    The last batch may be smaller, unless `drop_last=True` leaves it out. Batches are copies, and read-only: a
    recorded graph can keep such an array as it is, where it would have to copy a writable one.

    >>> X, y = np.arange(10.0).reshape(5, 2), np.arange(5)
    >>> for inputs, labels in DataLoader((X, y), batch_size=2, shuffle=True, rng=0):
    ...     print(inputs.shape, labels)
    (2, 2) [2 4]
    (2, 2) [3 0]
    (1, 2) [1]
    """

    def __init__(
        self, data: Any, batch_size: int = 1, shuffle: bool = False, drop_last: bool = False, rng: Any = None
    ) -> None:
        if isinstance(data, list) and any(getattr(x, "ndim", 0) for x in data):
            raise TypeError(
                "a list of arrays can be meant in two ways. For inputs and labels give a tuple, DataLoader((X, y)); "
                "for rows of one array, DataLoader(np.stack(rows))."
            )
        self.arrays = tuple(_array(x) for x in data) if isinstance(data, tuple) else (_array(data),)
        self.rows = _equal_length(self.arrays)
        self.batch_size = _batch_size(batch_size)
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.rng = generator(rng)
        self._single = not isinstance(data, tuple)

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        return self.rows // self.batch_size if self.drop_last else -(-self.rows // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        # Drawn here and not at the first batch: passes draw in the order in which they were asked for.
        return self._batches(self.rng.permutation(self.rows) if self.shuffle else np.arange(self.rows))

    def _batches(self, order: Any) -> Iterator[Any]:
        size = self.batch_size
        stop = len(self) * size
        bytes_per_row = sum(x.nbytes for x in self.arrays) // max(self.rows, 1)
        block = size * max(1, BLOCK // max(size * bytes_per_row, 1))
        for start in range(0, stop, block):
            rows = order[start : min(start + block, stop)]
            gathered = [_freeze(np.take(x, rows, axis=0)) for x in self.arrays]
            if self._single:
                for i in range(0, len(rows), size):
                    yield gathered[0][i : i + size]
            else:
                for i in range(0, len(rows), size):
                    yield tuple([x[i : i + size] for x in gathered])

    def __repr__(self) -> str:
        shapes = ", ".join(str(x.shape) for x in self.arrays)
        return f"DataLoader({shapes}; {len(self)} batches of {self.batch_size})"


def train_dev_test_split(
    X: Any, y: Any, *, dev: float = 0.2, test: float = 0.2, rng: Any = None, stratify: bool = True
) -> tuple[Pair, Pair, Pair]:
    """Shuffle the rows and part them in three: ((X_train, y_train), (X_dev, y_dev), (X_test, y_test)).

    Learn on train, choose settings on dev, and look at test once, at the end. `dev` and `test` are fractions
    of the rows, and train gets the rest. With `stratify=True` every class has nearly the same share of each
    part (a y of real numbers: every range of y).

    >>> X, y = np.arange(20.0).reshape(10, 2), np.array([0, 1] * 5)
    >>> train, dev, test = train_dev_test_split(X, y, dev=0.2, test=0.2, rng=0)
    >>> train[0].shape, sorted(dev[1].tolist()), sorted(test[1].tolist())
    ((6, 2), [0, 1], [0, 1])
    """
    X, y = _array(X), _array(y)
    n = _equal_length((X, y))
    if dev < 0 or test < 0 or not dev + test < 1:  # not: NaN is wrong, too
        raise ValueError(
            f"dev={dev} and test={test}: both are fractions of the rows, at least 0 and "
            "together less than 1. What they leave is the training set."
        )
    if stratify and y.ndim != 1:
        raise ValueError(
            f"stratify=True with y of shape {y.shape}: it needs one label a row. Give labels of shape "
            f"({n},), or stratify=False for a plain shuffle."
        )
    rng = generator(rng)
    order = rng.permutation(n)
    if (
        stratify
    ):  # rows of a class side by side, in random order: then rows taken evenly are a fair share of each
        order = order[np.argsort(np.asarray(y)[order], kind="stable")]
    counts = [round(n * test), round(n * dev)]
    if min([n - sum(counts)] + [count for count, share in zip(counts, (test, dev)) if share]) < 1:
        raise ValueError(
            f"{n} rows split with dev={dev} and test={test} leave a part without a row: "
            f"{n - sum(counts)} to train on, {counts[1]} for dev, {counts[0]} for test. "
            "Use more rows or other fractions."
        )
    parts = []
    for count in counts:
        chosen = _evenly(len(order), count)
        parts.append(order[chosen])
        order = order[~chosen]
    test_rows, dev_rows, train_rows = (rng.permutation(rows) for rows in (*parts, order))
    train_part, dev_part, test_part = (
        (np.take(X, rows, axis=0), np.take(y, rows, axis=0)) for rows in (train_rows, dev_rows, test_rows)
    )
    return train_part, dev_part, test_part


class Standardiser:
    """Brings each column to mean 0 and standard deviation 1, as measured on the training set.

    Dev and test rows are scaled by the training set's numbers: measured on themselves, they would leak what
    should stay unseen. A column that never changes becomes 0.

    >>> scale = Standardiser(np.array([[0.0, 5.0], [2.0, 5.0]]))
    >>> scale(np.array([[4.0, 5.0]]))
    array([[3., 0.]])
    """

    def __init__(self, train: Any) -> None:
        train = np.asarray(_array(train))
        _equal_length((train,))
        wide = train.astype(np.float64, copy=False)  # a sum of many float32 numbers would lose digits
        self.mean = wide.mean(axis=0)
        spread = wide.std(axis=0)
        # Equal numbers can have a spread of rounding errors, which must not be blown up to 1.
        constant = spread <= 1e-12 * np.abs(wide).max(axis=0)
        self.scale = np.where(constant, 1.0, spread)

    def __call__(self, X: Any) -> Any:
        """The rows of X, scaled. Floating-point numbers keep their dtype; whole numbers become float64."""
        X = np.asarray(_array(X))
        if X.shape[1:] != self.mean.shape:
            raise ValueError(
                f"rows of shape {X.shape[1:]}: this was fitted on rows of shape {self.mean.shape}."
            )
        return ((X - self.mean) / self.scale).astype(
            X.dtype if X.dtype.kind == "f" else np.float64, copy=False
        )


def load_digits(*, dtype: Any = np.float64) -> Pair:
    """Real handwritten digits, from scikit-learn: X (1797, 64), 8 x 8 pixels with ink from 0 to 1; y (1797,).

    They come with scikit-learn, so nothing is downloaded: pip install scikit-learn.

    >>> X, y = load_digits(dtype=np.float32)
    >>> X.shape, X.dtype.name, float(X.max()), y[:4]
    ((1797, 64), 'float32', 1.0, array([0, 1, 2, 3]))
    """
    try:
        from sklearn.datasets import load_digits as load
    except ImportError as error:
        raise ImportError(
            "load_digits() needs scikit-learn: pip install scikit-learn, or pip install '.[data]' in the clone."
        ) from error
    X, y = load(return_X_y=True)
    return (X / 16).astype(dtype), y.astype(np.int64)


def _array(x: Any) -> Any:
    """x as an array; another library's stays what it is."""
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(
            "a masked array: what is masked would be used. Give x.filled(number), or drop those rows."
        )
    if isinstance(x, np.matrix):
        raise TypeError("an np.matrix, whose * and indexing differ from an array's. Give np.asarray(x).")
    return x if hasattr(x, "__array_function__") and not isinstance(x, Node) else np.asarray(x)


def _equal_length(arrays: tuple[Any, ...]) -> int:
    """The number of rows, checked."""
    shapes = [np.shape(x) for x in arrays]
    if not shapes:
        raise ValueError("no arrays: give one, or several of equal length such as (X, y).")
    if () in shapes:
        raise ValueError("a single number has no rows: give arrays whose first axis is the examples.")
    lengths = {shape[0] for shape in shapes}
    if len(lengths) > 1:
        raise ValueError(
            f"arrays of shapes {' and '.join(map(str, shapes))}: the first axis is the examples, "
            "of which all arrays must have the same number."
        )
    if 0 in lengths:
        raise ValueError(
            f"arrays of shape{'s' * (len(shapes) > 1)} {' and '.join(map(str, shapes))}: there are no rows."
        )
    return int(shapes[0][0])


def _batch_size(batch_size: Any) -> int:
    try:
        size = operator.index(batch_size)
    except TypeError:
        raise TypeError(f"batch_size={batch_size!r}: it is a whole number of rows.") from None
    if size < 1:
        raise ValueError(f"batch_size={size}: a batch has at least one row.")
    return size


def _evenly(n: int, count: int) -> Any:
    """A mask over n rows that takes `count` of them evenly: of any run of rows its share, to within one."""
    return np.diff(np.arange(n + 1) * count // max(n, 1)) == 1


def _freeze(array: Any) -> Any:
    if isinstance(array, np.ndarray):
        array.flags.writeable = False
    return array
