"""DataLoader: mini-batches in an order that a seed decides, and that can be taken up again in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..core.numbers import flag, whole
from ..core.rng import generator
from . import position
from .arrays import as_array, equal_length
from .transform import takes_rng, transformed

# Rows are gathered for several batches at once, up to about this many bytes. A gather between the steps of a small
# network, whose code has taken its place in the processor's caches, costs 6 us a call; and a block that is larger than
# the cache, in memory that is new each time, costs more again (64-64-10 on digits: 97 us a step, and 104 by the MB).
BLOCK = 1 << 18


class DataLoader:
    """Mini-batches of one array, or of several of equal length such as (X, y).

    Each pass over the loader is one epoch; with `shuffle=True` each has its own order, drawn from `rng`.
    The last batch may be smaller, unless `drop_last=True` leaves it out. Batches are copies, and read-only: a
    recorded graph can keep such an array as it is, where it would have to copy a writable one.

    transform: changes the inputs of each batch on their way out, such as images shifted anew in every epoch. It is
    called with the inputs, and with rng= if it has such an argument; then it draws from the loader's own `rng`, so
    that the seed decides, and a training that is taken up again goes on to the bit. Labels, validation and test sets
    stay as they are.

    `state_dict()` and `load_state_dict()` take training up again at the batch where it stopped.

    >>> X, y = np.arange(10.0).reshape(5, 2), np.arange(5)
    >>> for inputs, labels in DataLoader((X, y), batch_size=2, shuffle=True, rng=0):
    ...     print(inputs.shape, labels)
    (2, 2) [2 4]
    (2, 2) [3 0]
    (1, 2) [1]

    >>> from functools import partial
    >>> from nn import augment
    >>> images, y = np.zeros((4, 3, 3)), np.arange(4)
    >>> images[:, 1, 1] = 1.0  # ink in the middle, which is pixel 4
    >>> moved = partial(augment.shift, pixels=1)  # called as moved(inputs, rng=...)
    >>> loader = DataLoader((images, y), 2, shuffle=True, rng=0, transform=moved)
    >>> for epoch in range(2):
    ...     print([[int(image.argmax()) for image in inputs] for inputs, labels in loader])
    [[0, 0], [1, 8]]
    [[7, 4], [8, 2]]
    """

    def __init__(
        self,
        data: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        rng: Any = None,
        *,
        transform: Any = None,
    ) -> None:
        if isinstance(data, list) and any(isinstance(x, tuple) and _has_array(x) for x in data):
            raise TypeError(
                "a list of tuples with arrays in them. If they are samples (inputs, label), make one array of all the "
                "inputs, and one of all the labels: X, y = map(np.array, zip(*samples)); DataLoader((X, y)). Of "
                "several sets (X, y) make one: np.concatenate([X1, X2]), np.concatenate([y1, y2])."
            )
        if isinstance(data, list) and _has_array(data):
            raise TypeError(
                "a list of arrays can be meant in two ways. For inputs and labels give a tuple, DataLoader((X, y)); "
                "for rows of one array, DataLoader(np.stack(rows))."
            )
        self.arrays = tuple(as_array(x) for x in data) if isinstance(data, tuple) else (as_array(data),)
        self.rows = equal_length(self.arrays)
        self.batch_size = whole("batch_size", batch_size, 1, "a batch has at least one row")
        self.shuffle = flag("shuffle", shuffle)
        self.drop_last = flag("drop_last", drop_last)
        self.rng = generator(rng)
        self.transform = transform
        self._draws = takes_rng(transform)
        self._single = not isinstance(data, tuple)
        self._pass = position.Pass()
        self._waiting = False  # whether the pass was set by load_state_dict, and nobody has asked for it yet

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        return self.rows // self.batch_size if self.drop_last else -(-self.rows // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        # Drawn here and not at the first batch: passes draw in the order in which they were asked for.
        if self._waiting:
            self._waiting = False
        else:
            self._pass = position.Pass(0, position.freeze(self.rng) if self.shuffle else None)
            self._pass.order = self._order(self.rng)
        return self._batches(self._pass)

    def _order(self, rng: np.random.Generator) -> Any:
        return rng.permutation(self.rows) if self.shuffle else np.arange(self.rows)

    def _batches(self, walk: position.Pass) -> Iterator[Any]:
        order, size = walk.order, self.batch_size
        stop = len(self) * size
        bytes_per_row = sum(x.nbytes for x in self.arrays) // max(self.rows, 1)
        block = size * max(1, BLOCK // max(size * bytes_per_row, 1))
        for start in range(walk.given * size, stop, block):
            rows = order[start : min(start + block, stop)]
            gathered = [np.take(x, rows, axis=0) for x in self.arrays]
            for x in gathered if self.transform is None else gathered[1:]:
                _freeze(x)  # a transform may work in place
            cut = [[x[i : i + size] for i in range(0, len(rows), size)] for x in gathered]
            for batch in cut[0] if self._single else zip(*cut):
                given = batch if self.transform is None else self._transformed(batch)
                walk.given += 1
                yield given
        walk.given = -1

    def _transformed(self, batch: Any) -> Any:
        """Called when the batch is asked for and not before: so `rng` stands where the batch before has left it."""
        inputs, *labels = (batch,) if self._single else batch
        inputs = _freeze(transformed(self.transform, inputs, self.rng if self._draws else None))
        return inputs if self._single else (inputs, *labels)

    def state_dict(self) -> dict[str, Any]:
        """Where this loader stands, in plain numbers and words: JSON can hold them.

        Taken while a batch is being worked on, it says that this batch was given: after `load_state_dict`, in this
        or another process, the next pass begins with the batch that would have come next, and the passes after it
        have the orders that they would have had. A pass that was broken off counts as not finished, until another
        is begun. After the last batch of a pass, but before its loop has ended, what is left of it is no batch: the
        next pass is then an empty one. The batches, and the state of `rng`, are those of an undisturbed run; a
        Generator that several share is set once, to its state at the time of `state_dict`.

        >>> loader = DataLoader(np.arange(6), 2, shuffle=True, rng=7)
        >>> passes = iter(loader)
        >>> next(passes)
        array([5, 2])
        >>> state = loader.state_dict()
        >>> other = DataLoader(np.arange(6), 2, shuffle=True)
        >>> other.load_state_dict(state)
        >>> [batch.tolist() for batch in passes], [batch.tolist() for batch in other]
        ([[0, 4], [1, 3]], [[0, 4], [1, 3]])
        """
        return {
            "settings": self._settings(),
            "given": self._pass.given,
            "begin": self._pass.begin,
            "rng": position.freeze(self.rng),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Stand where `state` says, so that the next pass goes on from there; or change nothing, and say why.

        The loader must have as many rows, and the same batch_size, shuffle and drop_last, as the one that the state is
        of, and a transform if that had one. That the rows are the same ones, in the same order, and that the transform
        is the same, is up to you.
        """
        given, begin, now = position.checked(state, self._settings(), self.rng)
        walk = position.Pass(given, state["begin"])
        if given >= 0:
            if begin is not None:
                self.rng.bit_generator.state = begin
            walk.order = self._order(self.rng)
        self.rng.bit_generator.state = now
        self._pass, self._waiting = walk, given >= 0

    def _settings(self) -> dict[str, Any]:
        settings = {
            "rows": self.rows,
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "drop_last": self.drop_last,
        }
        return settings if self.transform is None else settings | {"transform": True}

    def __repr__(self) -> str:
        shapes = ", ".join(str(x.shape) for x in self.arrays)
        more = "" if self.transform is None else ", transformed"
        return f"DataLoader({shapes}; {len(self)} batches of {self.batch_size}{more})"


def _has_array(parts: Any) -> bool:
    return any(getattr(x, "ndim", 0) for x in parts)


def _freeze(array: Any) -> Any:
    if isinstance(array, np.ndarray):
        array.flags.writeable = False
    return array
