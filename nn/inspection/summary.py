"""summary: a table of the layers of a network, with the shapes of W, b, Z and A and the number of parameters."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import ShapeError
from autograd.graph import raw

from ..core.keywords import explained
from ..core.module import Module
from ..core.numbers import whole
from ..layers.embedding import Embedding
from ..metrics.evaluating import evaluating
from ..training.generators import undrawn

BATCH = 7  # rows to try the network with: a number that is hardly a size of anything else
HEAD = ("layer", "kind", "W", "b", "Z", "A", "parameters")

Shape = tuple[int, ...]


class Row(NamedTuple):
    """One line: the path in the model, the kind, the shapes, and how many parameters are new in it.

    Shapes are tuples, in which "m" is the number of samples; None where there is none. Z is what the weights make, A
    what comes out: for a layer without an activation that is Z.
    """

    layer: str
    kind: str
    W: tuple[Any, ...] | None
    b: tuple[Any, ...] | None
    Z: tuple[Any, ...] | None
    A: tuple[Any, ...] | None
    parameters: int


class Summary:
    """What `summary` found. Printed, it is a table, in a notebook too.

    `rows`; `layers`, how many layers the network has (hidden ones and the output); `input`, the shape of the input;
    `parameters`, `trainable` and `buffers`, the numbers of numbers.
    """

    def __init__(self, model: Module, rows: list[Row], layers: int, shape: tuple[Any, ...]) -> None:
        self.rows, self.layers, self.input = rows, layers, shape
        self.parameters = sum(p.size for p in model.parameters())
        self.trainable = sum(p.size for p in model.parameters() if p.requires_grad)
        self.buffers = sum(math.prod(np.shape(b)) for b in model.buffers())
        self._name = type(model).__name__

    @property
    def title(self) -> str:
        """Such as "MLP: a 3-layer network, 2 hidden layers and the output layer"."""
        n = self.layers
        if n == 0:
            return f"{self._name}: no layers with weights"
        hidden = {1: "no hidden layer", 2: "1 hidden layer and the output layer"}
        return f"{self._name}: a {n}-layer network, {hidden.get(n, f'{n - 1} hidden layers and the output layer')}"

    @property
    def total(self) -> str:
        """The counts, in words."""
        said = f"{self.parameters:,} parameters"
        if self.trainable != self.parameters:
            said += f", {self.trainable:,} of them trained"
        return said + (f"; {self.buffers:,} numbers in buffers" if self.buffers else "")

    def cells(self) -> list[tuple[str, ...]]:
        """The table as text: the input, then the rows."""
        lines: list[tuple[str, ...]] = [("", "input", "", "", "", _spoken(self.input), "")]
        for row in self.rows:
            shapes = map(_spoken, (row.W, row.b, row.Z, row.A))
            lines.append((row.layer, row.kind, *shapes, f"{row.parameters:,}" if row.parameters else ""))
        return lines

    def __str__(self) -> str:
        table = [HEAD, *self.cells()]
        widths = [max(len(line[i]) for line in table) for i in range(len(HEAD))]
        written = []
        for *line, number in table:
            cells = [cell.ljust(w) for cell, w in zip(line, widths)]
            written.append("  ".join([*cells, number.rjust(widths[-1])]).rstrip())
        rule = "-" * max(map(len, written))
        return "\n".join([self.title, rule, written[0], rule, *written[1:], rule, self.total])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        def line(cells: Sequence[str], tag: str) -> str:
            return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

        body = "".join(line(cells, "td") for cells in self.cells())
        return (
            f"<table><caption>{html.escape(self.title)}<br>{html.escape(self.total)}</caption>"
            f"<thead>{line(HEAD, 'th')}</thead><tbody>{body}</tbody></table>"
        )


@explained(
    dict.fromkeys(("input_size", "shape", "input_data"), "input_shape=64, the shape of one sample"),
    "summary(model, 64), with the shape of one sample",
)
def summary(model: Module, input_shape: Any, m: int | None = None, *, dtype: Any = None) -> Summary:
    """A table of the layers that a batch of m samples goes through, in the order of the forward pass.

    input_shape: that of one sample, such as 784 or (1, 28, 28); several inputs are a list of such tuples. m: the number
    of samples, "m" in the table if not given. dtype: of the input; that of the parameters, or whole numbers where an
    Embedding comes first, if not given. The model is tried in eval mode with zeros: running statistics, random
    generators, modes and gradients stay as they are. A layer that is used twice has two rows, and counts once.

    >>> import nn
    >>> summary(nn.MLP([5, 5, 3, 1], output="sigmoid", rng=0), 5)
    MLP: a 3-layer network, 2 hidden layers and the output layer
    -----------------------------------------------------------------
    layer  kind              W       b     Z       A       parameters
    -----------------------------------------------------------------
           input                                   (m, 5)
    0      Linear + ReLU     (5, 5)  (5,)  (m, 5)  (m, 5)          30
    2      Linear + ReLU     (3, 5)  (3,)  (m, 3)  (m, 3)          18
    4      Linear + Sigmoid  (1, 3)  (1,)  (m, 1)  (m, 1)           4
    -----------------------------------------------------------------
    52 parameters
    """
    if not isinstance(model, Module):
        raise TypeError(
            f"summary() is of a Module, not {type(model).__name__}. For one of Values count parameters()."
        )
    several = isinstance(input_shape, list) and any(isinstance(s, (tuple, list)) for s in input_shape)
    samples = [_shape(s) for s in (input_shape if several else [input_shape])]
    rows = BATCH if m is None else whole("summary: m", m, why="the number of samples")
    kind = _dtype(model) if dtype is None else dtype
    inputs = [np.zeros((rows, *shape), kind) for shape in samples]
    with _undisturbed(model), _watched(model) as calls:
        try:
            model(*inputs)
        except (ShapeError, ValueError, TypeError, IndexError) as error:
            given = " and ".join(map(str, samples))
            raise type(error)(
                f"summary of a model that does not take samples of shape {given}: {error}"
            ) from error

    def shown(shape: Shape) -> tuple[Any, ...]:
        return tuple("m" if m is None and n == BATCH and i == 0 else n for i, n in enumerate(shape))

    found = _rows(model, calls, shown)
    layers = sum(module._role == "layer" for _, module, _ in calls)
    first = shown((rows, *samples[0]))
    return Summary(
        model, found, layers, first if len(samples) == 1 else tuple(shown((rows, *s)) for s in samples)
    )


def _shape(given: Any) -> Shape:
    shape = (given,) if isinstance(given, (int, np.integer)) else given
    if not isinstance(shape, (tuple, list)) or not all(
        isinstance(n, (int, np.integer)) and n > 0 for n in shape
    ):
        raise ValueError(
            f"summary: {given!r:.60} is no shape of a sample. Give one such as 784 or (1, 28, 28)."
        )
    return tuple(int(n) for n in shape)


def _dtype(model: Module) -> Any:
    first = next((part for part in model.modules() if not any(part.children())), None)
    if isinstance(first, Embedding):
        return np.intp
    return next((p.dtype for p in model.parameters()), np.float64)


@contextmanager
def _undisturbed(model: Module) -> Iterator[None]:
    """In eval mode without a graph, and afterwards as before: modes, buffers and random generators."""
    buffers = [(part, name, b.copy()) for part in model.modules() for name, b in part._own("buffer")]
    try:
        with evaluating(model), undrawn(model):
            yield
    finally:
        for part, name, before in buffers:
            if not np.array_equal(getattr(part, name), before, equal_nan=before.dtype.kind == "f"):
                setattr(part, name, before)


Call = tuple[str, Module, list[Any]]


@contextmanager
def _watched(model: Module) -> Iterator[list[Call]]:
    """A list of all calls of modules without parts, or with parameters of their own: path, module, outputs."""
    calls: list[Call] = []
    handles = []
    for path, part in model.named_modules():
        if any(part.children()) and not any(part.parameters(recurse=False)):
            continue

        def note(module: Module, args: Any, output: Any, path: str = path) -> None:
            calls.append((path, module, _arrays(output)))

        handles.append(part.register_forward_hook(note))
    try:
        yield calls
    finally:
        for handle in handles:
            handle.remove()


def _arrays(output: Any) -> list[Any]:
    if isinstance(output, (tuple, list)):
        return [x for part in output for x in _arrays(part)]
    return [raw(output)]


def _rows(model: Module, calls: list[Call], shown: Any) -> list[Row]:
    """A row for each call; what follows Z = W x + b, or its normalisation, as its g stands in the same row."""
    found: list[Row] = []
    counted: set[int] = set()
    open_layer = False  # whether the last row is a layer whose activation may still come
    for path, module, outputs in calls:
        new = [p for p in module.parameters(recurse=False) if id(p) not in counted]
        counted.update(map(id, new))
        number = sum(p.size for p in new)
        out = shown(np.shape(outputs[0])) if outputs else None
        kind = type(module).__name__
        if open_layer and module._role == "activation":
            last = found[-1]
            found[-1] = last._replace(
                kind=f"{last.kind} + {kind}", A=out, parameters=last.parameters + number
            )
            open_layer = False
            continue
        is_layer = module._role == "layer"
        open_layer = is_layer or module._role == "normalisation"
        weight, bias = (_own(module, name) for name in ("weight", "bias"))
        found.append(Row(path, kind, weight, bias, out if is_layer else None, out, number))
    return found


def _own(module: Module, what: str) -> tuple[Any, ...] | None:
    """The shape of a module's weight or bias; of several, as in an LSTM, all of them."""
    own = [p.shape for name, p in module.named_parameters(recurse=False) if name.startswith(what)]
    return None if not own else own[0] if len(own) == 1 else tuple(own)


def _spoken(shape: tuple[Any, ...] | None) -> str:
    if shape is None:
        return ""
    if shape and isinstance(shape[0], tuple):
        return " ".join(map(_spoken, shape))
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
