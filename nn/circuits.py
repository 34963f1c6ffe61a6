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
from autograd.graph import raw

from .core.module import Module
from .core.numbers import whole
from .layers.linear import Linear, sizes
from .layers.rectifiers import ReLU
from .layers.sequential import Sequential


def fixed_linear(weight: Any, bias: Any = None) -> Linear:
    """A Linear with these weights, (outputs, inputs); the biases are 0 if not given.

    >>> fixed_linear([[1.0, -1.0]])(np.array([[3.0, 1.0]])).data
    array([[2.]])
    """
    weight = _numbers("weight", weight)
    if weight.ndim != 2 or not weight.size:
        raise ShapeError(
            f"fixed_linear: weights of shape {weight.shape}; they are (outputs, inputs), a row for each output."
        )
    offset = np.zeros(len(weight)) if bias is None else _numbers("bias", bias)
    if offset.shape != weight.shape[:1]:
        raise ShapeError(
            f"fixed_linear: biases of shape {offset.shape} for {len(weight)} outputs; they are ({len(weight)},)."
        )
    layer = Linear(weight.shape[1], weight.shape[0], rng=0)
    layer.weight.data, layer.bias.data = weight, offset
    return layer


def _numbers(name: str, values: Any) -> Any:
    try:
        return np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise ShapeError(
            f"fixed_linear: {name}={values!r:.60}: they must be numbers, in rows of equal length."
        ) from None


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
        (inputs,) = sizes("XorWide", n, least=2)
        if inputs > 16:
            raise ValueError(
                f"XorWide({n}): it would have {2 ** (inputs - 1):,} hidden units; take n up to 16."
            )
        odd = np.array([p for p in product((0.0, 1.0), repeat=inputs) if sum(p) % 2 == 1])
        hidden = fixed_linear(2 * odd - 1, 1 - odd.sum(axis=1))
        super().__init__(hidden, ReLU(), fixed_linear(np.ones((1, len(odd)))))

    @property
    def units(self) -> int:
        """How many hidden units it has."""
        return int(self[0].out_features)


def all_inputs(n: int) -> Any:
    """Every input of n zeros and ones, (2^n, n), for n up to 20: then they take 168 MB.

    >>> all_inputs(2)
    array([[0., 0.],
           [0., 1.],
           [1., 0.],
           [1., 1.]])
    """
    (bits,) = sizes("all_inputs", n)
    if bits > 20:
        raise ValueError(f"all_inputs({n}): there are 2^{n} of them; take n up to 20.")
    return (np.arange(1 << bits)[:, None] >> np.arange(bits)[::-1] & 1).astype(float)


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


FINEST = 1 << 18  # steps in which `pieces` looks at most
# Where in each step it looks, too: a fraction at which no zigzag repeats itself.
WITHIN = (3 - math.sqrt(5)) / 2


def pieces(model: Module, points: int = 1 << 14) -> int:
    """How many straight pieces a function of one number has on 0..1, looked at in `points` steps, or more.

    Where pieces are shorter than a step, the steps are made four times as many, up to 2^18. ValueError if these do not
    tell the pieces apart, either: the function has too many, or bends all along. Two bends within one step of a
    function that is straight to both sides can still count as one: give more points where you expect that.

    >>> pieces(Zigzag(5)), pieces(Zigzag(15))
    (32, 32768)
    >>> import nn
    >>> pieces(nn.Tanh())
    Traceback (most recent call last):
    ValueError: Tanh: in 262,144 steps from 0 to 1 some pieces are shorter than a step. It has more pieces than can \
be told apart, or it is not made of straight ones.
    """
    steps = whole("points", points, least=2)
    while True:
        changes = np.flatnonzero(_bends(model, steps))
        # A bend within a stretch gives it a slope of its own, between those beside it: two changes that are one bend.
        # Three in a row are more bends than can be told.
        gaps = np.diff(changes, prepend=-2)
        if not ((gaps[1:] == 1) & (gaps[:-1] == 1)).any():
            return 1 + int(np.count_nonzero(gaps > 1))
        if steps >= FINEST:
            raise ValueError(
                f"{type(model).__name__}: in {steps:,} steps from 0 to 1 some pieces are shorter than a step. It has "
                "more pieces than can be told apart, or it is not made of straight ones."
            )
        steps = min(4 * steps, FINEST)


def _bends(model: Module, steps: int) -> Any:
    """Whether the slope changes, at the end of each stretch of 0..1: each step is two stretches of unequal length."""
    x = np.empty(2 * steps + 1)
    x[::2] = np.linspace(0.0, 1.0, steps + 1)
    x[1::2] = x[:-1:2] + WITHIN / steps
    y = np.empty_like(x)
    with autograd.no_grad():
        for start in range(0, len(x), 1 << 15):
            part = x[start : start + (1 << 15), None]
            out = np.asarray(raw(model(part)))
            if out.shape not in (part.shape, part.shape[:1]):
                raise ShapeError(
                    f"pieces: an output of shape {out.shape} for numbers of shape {part.shape}; one each is needed."
                )
            y[start : start + len(part)] = out.reshape(-1)
    if not np.isfinite(y).all():
        raise ValueError("pieces: the function is nan or infinite at some places between 0 and 1.")
    slopes = np.diff(y) / np.diff(x)
    # What rounding does to y counts as a change of slope only beyond this.
    rounding = 64 * np.finfo(out.dtype if out.dtype.kind == "f" else float).eps * np.abs(y).max() * steps
    return np.abs(np.diff(slopes)) > max(1e-6 * np.abs(slopes).max(), rounding)


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
    w units cuts each piece into w + 1 at most, so (w + 1)^depth. ValueError where not even one unit a layer fits.

    >>> for row in depth_against_width(1000, (1, 2, 4)):
    ...     print(row.depth, row.width, row.parameters, row.most_pieces)
    1 333 1000 334.0
    2 29 958 900.0
    4 17 970 104976.0
    """
    parameters = whole("parameters", parameters)
    inputs, outputs = whole("inputs", inputs), whole("outputs", outputs)
    found = []
    for depth in np.atleast_1d(depths).tolist():
        levels = whole("depths", depth)
        least = _count(1, levels, inputs, outputs)
        if least > parameters:
            raise ValueError(
                f"parameters={parameters}: {levels} hidden layer{'s' * (levels > 1)} of one unit need {least}. "
                "Give more, or other depths=."
            )
        width = _width(parameters, levels, inputs, outputs)
        most = (width + 1) ** levels
        bound = float(most) if most.bit_length() < 1024 else math.inf
        found.append(Trade(levels, width, _count(width, levels, inputs, outputs), bound))
    return found


def _count(width: int, depth: int, inputs: int, outputs: int) -> int:
    return (inputs + 1) * width + (depth - 1) * (width + 1) * width + (width + 1) * outputs


def _width(parameters: int, depth: int, inputs: int, outputs: int) -> int:
    """The largest width with at most so many parameters: the root of a quadratic, rounded down."""
    a, b, c = depth - 1, inputs + outputs + depth, outputs - parameters
    if a == 0:
        return -c // b
    return (math.isqrt(max(0, b * b - 4 * a * c)) - b) // (2 * a)
