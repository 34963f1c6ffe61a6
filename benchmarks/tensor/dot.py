"""The dot product of a million numbers: a loop against one operation, without gradients and with both of them.

The course measured np.dot to be about 480 times as fast as a loop over the elements of two arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import Tensor, Value
from benchmarks.clock import Timed, Work
from benchmarks.row import Peer, Row

LENGTH = 1_000_000


def numbers() -> tuple[Any, Any]:
    """Two arrays of a million numbers, the same at each call."""
    rng = np.random.default_rng(0)
    return rng.random(LENGTH), rng.random(LENGTH)


def arrays() -> Work:
    """np.dot."""
    w, x = numbers()
    return lambda: np.dot(w, x)


def elements() -> Work:
    """A loop over the elements of two arrays, as the course has it."""
    w, x = numbers()

    def work() -> Any:
        total = 0.0
        for i in range(LENGTH):
            total += w[i] * x[i]
        return total

    return work


def floats() -> Work:
    """The same over two lists of Python's own numbers, which come faster than out of an array."""
    w, x = (array.tolist() for array in numbers())

    def work() -> Any:
        total = 0.0
        for a, b in zip(w, x):
            total += a * b
        return total

    return work


def recorded() -> Work:
    """Ours, recorded, so that it could be differentiated."""
    w, x = map(Tensor, numbers())
    return lambda: (w @ x).item()


def tensors() -> Work:
    """One operation of Tensors, and its reverse sweep."""
    w, x = map(Tensor, numbers())

    def work() -> Any:
        w.grad = x.grad = None
        y = w @ x
        y.backward()
        return y.item(), w.grad[0], x.grad[-1]

    return work


def values() -> Work:
    """Two million operations of Values, less one, and their reverse sweep. The graph is dropped within the clock."""
    w, x = ([Value(a) for a in array.tolist()] for array in numbers())

    def work() -> Any:
        for leaf in (*w, *x):
            leaf.grad = None
        y = w[0] * x[0]
        for a, b in zip(w[1:], x[1:]):
            y = y + a * b
        y.backward()
        return y.item(), w[0].grad, x[-1].grad

    return work


def by_hand() -> Work:
    """np.dot, and the gradients by hand: each is a copy of the other array."""
    w, x = numbers()

    def work() -> Any:
        y, dw, dx = np.dot(w, x), x.copy(), w.copy()
        return y, dw[0], dx[-1]

    return work


@dataclass(frozen=True)
class Answering:
    """A side whose answer is what its work returns."""

    prepare: Callable[[], Work]

    def __call__(self) -> Timed:
        return Timed(self.prepare, self.answer, warm_up=1)

    def answer(self) -> Sequence[float]:
        """Return the product and, where there are some, gradients."""
        found: Any = self.prepare()()
        return [float(x) for x in (found if isinstance(found, tuple) else (found,))]


def rows() -> list[Row]:
    """Return the product alone, and with its gradients."""
    return [
        Row(
            "dot product of 10^6",
            Answering(recorded),
            (
                Peer("np.dot", Answering(arrays)),
                Peer("loop over arrays", Answering(elements)),
                Peer("loop over lists", Answering(floats)),
            ),
            reading="times",
            rounds=7,
        ),
        Row(
            "dot product of 10^6 with gradients",
            Answering(tensors),
            (Peer("NumPy by hand", Answering(by_hand)), Peer("Values", Answering(values))),
            reading="times",
            rounds=3,
        ),
    ]
