"""Drawing: a picture of a graph, to look at in a notebook or to save; and `draw`, which makes one."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import Any

from autograd.graph import Node

from .dot import dot
from .errors import FoldWarning, PictureError
from .render import render, save
from .walk import walk

DIRECTIONS = ("LR", "TB")


class Drawing:
    """A finished drawing. `source` is its DOT text; in Jupyter it shows itself."""

    def __init__(self, source: str) -> None:
        self.source = source

    def save(
        self, path: str | os.PathLike[str], *, format: str | None = None, renderer: str = "auto"
    ) -> Path:
        """Write the picture to a .png, .svg or .pdf file, or its text to a .dot or .gv file; returns the path.

        A PNG has at most 8000 pixels a side: a larger picture is made smaller, with a warning. An .svg has no limit.

        >>> import tempfile, pathlib
        >>> from autograd import Value
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> draw(Value(2.0) * 3.0).save(folder / "f.dot").name
        'f.dot'
        """
        return save(self.source, path, format, renderer)

    def __repr__(self) -> str:
        return f"<Drawing: {self.source.count(chr(10))} lines of DOT; save('picture.png') writes it>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What Jupyter shows: the picture, or where none can be made the reason."""
        try:
            return {"image/svg+xml": render(self.source, "svg").decode(), "text/plain": repr(self)}
        except PictureError as error:
            return {"text/plain": f"{self!r}\n{error}"}


def _instead(root: Any) -> str:
    """What to draw in the place of what is no node."""
    nn = sys.modules.get("nn")  # without it there is no network to be drawn
    if nn is not None and isinstance(root, nn.Module):
        return "Draw what it computes, viz.draw(model(x)); print(nn.summary(model, 64)) is a table of its layers."
    if nn is not None and isinstance(root, (nn.scalar.Neuron, nn.scalar.Layer, nn.scalar.MLP)):
        return "Draw what it computes: with nn.unfused(): viz.draw(neuron([1.0, 2.0])) shows every weight."
    return "Make the inputs nodes first, as in Value(2.0) or Tensor([1.0, 2.0])."


def draw(
    root: Node,
    path: str | os.PathLike[str] | None = None,
    *,
    upstream: Any = None,
    digits: int = 4,
    budget: int = 200,
    title: str | None = None,
    legend: bool = True,
    direction: str = "LR",
    renderer: str = "auto",
) -> Drawing:
    """Draw the graph that ends in `root`, with every value and gradient and the chain rule on every arrow.

    Works on a Value and on a Tensor; `backward()` need not have been called and no `.grad` is touched. With `path` the
    picture is also saved. `upstream` is the gradient to start from (needed to be meaningful where `root` is an array),
    `digits` the significant digits of numbers, `budget` the most nodes drawn: the rest is folded, with a warning.
    `direction` is "LR" (inputs at the left) or "TB" (inputs on top, for deep graphs in a narrow page).

    >>> from autograd import Value
    >>> x, y, z = Value(-2.0, name="x"), Value(5.0, name="y"), Value(-4.0, name="z")
    >>> "1 × (-4) = -4" in draw((x + y) * z).source
    True
    """
    if not isinstance(root, Node):
        raise TypeError(
            f"draw() needs a Value or a Tensor, the result of a computation; this is a {type(root).__name__}. "
            + _instead(root)
        )
    if not 1 <= digits <= 15:
        raise ValueError(f"digits={digits}: choose from 1 to 15 significant digits.")
    if direction not in DIRECTIONS:
        raise ValueError(f"direction={direction!r}: choose 'LR' (left to right) or 'TB' (top to bottom).")
    if budget < 1:
        raise ValueError(f"budget={budget}: at least one node must be drawn.")
    graph = walk(root, upstream, budget)
    if graph.folded:
        warnings.warn(
            f"the graph has {graph.folded + len(graph.nodes)} nodes; the {len(graph.nodes)} nearest to the result are "
            f"drawn and {graph.folded} are folded. draw(..., budget=...) changes that.",
            FoldWarning,
            stacklevel=2,
        )
    drawing = Drawing(dot(graph, digits, title, legend, direction))
    if path is not None:
        save(drawing.source, path, renderer=renderer)
    return drawing
