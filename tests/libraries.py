"""Every op, and programs, on arrays of another library than NumPy: the same numbers, in arrays of that library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from samples import OPS, arrays, cases

import autograd as ag
from autograd import Tensor, gradients


class Library(NamedTuple):
    """The class of the arrays of a library, how to make one of an ndarray, and how to get the numbers of several."""

    kind: type
    make: Callable[[np.ndarray], Any]
    numbers: Callable[[list[Any]], Any]


# Settings that are data, and of the library of the inputs. Indices are too, or ndarrays; others are plain numbers.
_DATA = {"labels", "of"}
INDICES = {"index", "indices", "order"}


def settings_of(library: Library, settings: dict[str, Any], indices: bool) -> dict[str, Any]:
    keys = _DATA | INDICES if indices else _DATA
    return {key: _made(library, x) if key in keys else x for key, x in settings.items()}


def _made(library: Library, x: Any) -> Any:
    if isinstance(x, tuple):
        return tuple(_made(library, part) for part in x)
    return library.make(x) if isinstance(x, np.ndarray) else x


class Sample:
    """Sample number i of an op, on ndarrays and on arrays of a library: inputs, result, upstream gradient."""

    def __init__(
        self, library: Library, name: str, i: int, dtype: Any = np.float64, indices: bool = False
    ) -> None:
        op = OPS[name]
        shapes, settings = cases(op)[i]
        inputs = arrays(op, shapes, np.random.default_rng(1), dtype)
        self.library, self.tolerance = library, 1e-10 if dtype == np.float64 else 2e-4
        self.plain = [Tensor(x) for x in inputs]
        self.ours = [Tensor(library.make(x)) for x in inputs]
        self.expected = op(*self.plain, **settings)
        self.result = op(*self.ours, **settings_of(library, settings, indices))
        g = np.random.default_rng(2).uniform(-1, 1, self.expected.shape).astype(self.expected.dtype)
        self.upstreams = g, library.make(g)

    def check_kinds(self, ours: Any, expected: Any) -> None:
        assert type(ours) is self.library.kind
        assert ours.dtype == expected.dtype
        assert ours.shape == expected.shape

    def check(self, ours: list[Any], expected: list[Any], looser: float = 1.0) -> None:
        rtol = self.tolerance * looser
        for a, b in zip(ours, expected):
            self.check_kinds(a, b)
        for a, b in zip(self.library.numbers(ours), expected):
            np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol)

    def first_order(self) -> None:
        """Value and gradients are those of ndarrays."""
        for out, g in zip((self.expected, self.result), self.upstreams):
            out.backward(g)
        self.check(
            [self.result.data, *[x.grad for x in self.ours]],
            [self.expected.data, *[x.grad for x in self.plain]],
        )

    def second_order(self) -> None:
        """So are the gradients of the gradients' squares."""
        results = []
        for out, inputs, g in zip((self.expected, self.result), (self.plain, self.ours), self.upstreams):
            first = gradients(out, inputs, upstream=g, create_graph=True)
            squares = [(x * x).sum() for x in first if x.requires_grad]
            results.append(gradients(sum(squares[1:], squares[0]), inputs) if squares else [])
        expected, ours = results
        self.check(ours, expected, looser=100)


# --- programs


def logistic(library: Library | None, x: np.ndarray, y: np.ndarray, steps: int = 5) -> list[Any]:
    """Weights and bias of a logistic regression after some steps of gradient descent."""
    make = library.make if library else np.array
    w, b = Tensor(make(np.zeros(x.shape[1]))), Tensor(make(np.zeros(())))
    data, target = make(x), make(y)
    for _ in range(steps):
        ag.binary_cross_entropy_with_logits(data @ w + b, target).backward()
        descend([w, b])
    return [w.data, b.data]


def network(library: Library | None, steps: int = 10, dtype: Any = np.float64) -> list[Any]:
    """The parameters of a network of two layers, from 4 numbers to 3 classes, after some steps of gradient descent."""
    make = library.make if library else np.array
    rng = np.random.default_rng(0)
    x, labels = make(rng.normal(size=(30, 4)).astype(dtype)), make(rng.integers(0, 3, 30))
    shapes = ((4, 8), (8,), (8, 3), (3,))
    parameters = [Tensor(make(rng.normal(size=shape).astype(dtype))) for shape in shapes]
    w1, b1, w2, b2 = parameters
    for _ in range(steps):
        hidden = ag.relu(x @ w1 + b1)
        ag.softmax_cross_entropy(hidden @ w2 + b2, labels).backward()
        descend(parameters)
    return [p.data for p in parameters]


def descend(parameters: list[Any], rate: float = 0.1) -> None:
    for p in parameters:
        p.data = p.data - rate * p.grad
        p.grad = None
