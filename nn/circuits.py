"""Networks with fixed weights that compute a known function: what depth can do that width cannot.

XOR of n inputs, 1 where an odd number of them is 1, by a tree of two-input units, and by one hidden layer: n - 1 units
in log2(n) levels against 2^(n - 1) units. And a zigzag with 2^depth pieces, made of two units a layer.
"""

from __future__ import annotations

import math
from itertools import product
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd.errors import ShapeError

from .linear import Linear, sizes
from .module import Module
from .rectifiers import ReLU
from .sequential import Sequential


def fixed_linear(weight: Any, bias: Any = None) -> Linear:
    """A Linear with these weights, (outputs, inputs); the biases are 0 if not given.

    >>> fixed_linear([[1.0, -1.0]])(np.array([[3.0, 1.0]])).data
    array([[2.]])
    """
    weight = np.asarray(weight, dtype=float)
    layer = Linear(weight.shape[1], weight.shape[0], rng=0)
    layer.weight.data = weight
    layer.bias.data = np.zeros(len(weight)) if bias is None else bias
    return layer


class XorUnit(Sequential):
    """a XOR b of inputs that are 0 or 1, (n, 2) to (n, 1): relu(a + b) - 2 relu(a + b - 1).

    >>> XorUnit()(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])).data.ravel()
    array([0., 1., 1., 0.])
    """

    def __init__(self) -> None:
        super().__init__(
            fixed_linear([[1.0, 1.0], [1.0, 1.0]], [0.0, -1.0]), ReLU(), fixed_linear([[1.0, -2.0]])
        )


class XorTree(Module):
    """XOR of n inputs, (m, n) to (m, 1): neighbours meet in units, their results in units again, until one is left.

    It has n - 1 units in log2(n) levels, rounded up.

    >>> tree = XorTree(8)
    >>> tree.units, tree.depth
    (7, 3)
    >>> tree(np.array([[1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]])).data
    array([[1.]])
    """

    def __init__(self, n: int) -> None:
        super().__init__()
        (self.n,) = sizes("XorTree", n, least=2)
        self.depth = 0
        width = self.n
        while width > 1:
            for i in range(width // 2):
                setattr(self, f"level{self.depth}_unit{i}", XorUnit())
            width = (width + 1) // 2
            self.depth += 1

    @property
    def units(self) -> int:
        """How many units it has."""
        return sum(isinstance(child, XorUnit) for child in self.children())

    def forward(self, x: Any) -> Any:
        """1 where an odd number of the inputs is 1, else 0."""
        if np.ndim(x) != 2 or np.shape(x)[1] != self.n:
            raise ShapeError(f"XorTree({self.n}): input of shape {np.shape(x)}; it is (m, {self.n}).")
        wires = [x[:, i : i + 1] for i in range(self.n)]
        for level in range(self.depth):
            met = [
                getattr(self, f"level{level}_unit{i}")(autograd.concatenate(wires[2 * i : 2 * i + 2], axis=1))
                for i in range(len(wires) // 2)
            ]
            wires = [*met, *wires[2 * len(met) :]]  # an odd one waits for the next level
        return wires[0]

    def extra_repr(self) -> str:
        """The number of inputs."""
        return f"{self.n}"


class XorWide(Sequential):
    """XOR of n inputs by one hidden layer, (m, n) to (m, 1): a hidden unit for each input with an odd number of ones.

    The unit for the pattern p is relu(w . x + 1 - sum(p)) with w = 1 where p is 1 and -1 where it is 0: it is 1 for p
    and 0 for every other. There are 2^(n - 1) such patterns.

    >>> wide = XorWide(3)
    >>> wide.units, wide(np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0]])).data.ravel()
    (4, array([1., 0.]))
    """

    def __init__(self, n: int) -> None:
        (self_n,) = sizes("XorWide", n, least=2)
        if self_n > 16:
            raise ValueError(
                f"XorWide({n}): it would have {2 ** (self_n - 1):,} hidden units; take n up to 16."
            )
        odd = np.array([p for p in product((0.0, 1.0), repeat=self_n) if sum(p) % 2 == 1])
        hidden = fixed_linear(2 * odd - 1, 1 - odd.sum(axis=1))
        super().__init__(hidden, ReLU(), fixed_linear(np.ones((1, len(odd)))))

    @property
    def units(self) -> int:
        """How many hidden units it has."""
        return int(self[0].out_features)


def all_inputs(n: int) -> Any:
    """Every input of n zeros and ones, (2^n, n).

    >>> all_inputs(2)
    array([[0., 0.],
           [0., 1.],
           [1., 0.],
           [1., 1.]])
    """
    return np.array(list(product((0.0, 1.0), repeat=n)))


# --- depth against width


class Zigzag(Sequential):
    """A line folded `depth` times, (m, 1) to (m, 1): on 0..1 it goes up and down 2^depth times between 0 and 1.

    Each layer folds once, by 2 relu(x) - 4 relu(x - 1/2), two units; so pieces double with each layer, where in one
    hidden layer each unit adds one. (Telgarsky, Benefits of depth in neural networks, 2016.)

    >>> Zigzag(2)(np.array([[0.0], [0.25], [0.5], [0.75], [1.0]])).data.ravel()
    array([0., 1., 0., 1., 0.])
    """

    def __init__(self, depth: int) -> None:
        (levels,) = sizes("Zigzag", depth)
        modules: list[Module] = []
        for i in range(levels):
            # the fold of what the layer before gave, 2 h0 - 4 h1, or of x itself
            weight = [[1.0], [1.0]] if i == 0 else [[2.0, -4.0], [2.0, -4.0]]
            modules += [fixed_linear(weight, [0.0, -0.5]), ReLU()]
        super().__init__(*modules, fixed_linear([[2.0, -4.0]]))


def pieces(model: Module, points: int = 1 << 14) -> int:
    """How many straight pieces a function of one number has on 0..1, seen at `points` places.

    >>> pieces(Zigzag(5))
    32
    """
    x = np.linspace(0.0, 1.0, points + 1)
    with autograd.no_grad():
        y = model(x[:, None]).data.ravel()
    slopes = np.round(np.diff(y) * points, 6)
    # A piece that is shorter than a step shows as one slope between two others, and would count too many.
    changes = np.flatnonzero(np.diff(slopes))
    return 1 + int(np.count_nonzero(np.diff(changes, prepend=-2) > 1))


class Trade(NamedTuple):
    """A row of `depth_against_width`: hidden layers, units in each, and the parameters that they have."""

    depth: int
    width: int
    parameters: int
    most_pieces: float


def depth_against_width(
    parameters: int, depths: Any = (1, 2, 3, 4, 6, 8), inputs: int = 1, outputs: int = 1
) -> list[Trade]:
    """Networks of about the same number of parameters: for each number of hidden layers, the widest that fits.

    `most_pieces` bounds from above into how many straight pieces a line can be bent by such ReLU layers: each layer of
    w units cuts each piece into w + 1 at most, so (w + 1)^depth.

    >>> for row in depth_against_width(1000, (1, 2, 4)):
    ...     print(row.depth, row.width, row.parameters, row.most_pieces)
    1 333 1000 334.0
    2 29 958 900.0
    4 17 970 104976.0
    """
    found = []
    for depth in depths:
        (levels,) = sizes("depth_against_width", depth)
        width = max(1, _width(parameters, levels, inputs, outputs))
        count = _count(width, levels, inputs, outputs)
        found.append(Trade(levels, width, count, float(width + 1) ** levels))
    return found


def _count(width: int, depth: int, inputs: int, outputs: int) -> int:
    return (inputs + 1) * width + (depth - 1) * (width + 1) * width + (width + 1) * outputs


def _width(parameters: int, depth: int, inputs: int, outputs: int) -> int:
    """The largest width with at most so many parameters: the root of a quadratic, rounded down."""
    a, b, c = depth - 1, inputs + outputs + depth, outputs - parameters
    if a == 0:
        return -c // b
    return (math.isqrt(max(0, b * b - 4 * a * c)) - b) // (2 * a)
