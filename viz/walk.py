"""From a recorded graph to plain records: what the picture says, before anybody thinks of how it looks.

Nodes are numbered in the order in which they were computed, so the same program gives the same records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.graph import Node, topological_order, trace

from .changed import is_stale, note, same
from .fold import Constant, Item, nearest
from .names import label_all
from .symbols import Symbol, contribution, formula, local_gradient


@dataclass(frozen=True)
class NodeRecord:
    """One box. `terms` are the contributions that arrived; their sum is `gradient`."""

    number: int
    kind: str  # "leaf", "op" or "constant"
    label: str  # how formulas call it
    named: bool  # whether the label is the user's
    value: Any
    op: str | None = None
    formula: str = ""
    gradient: Any = None
    terms: tuple[Any, ...] = ()
    moment: str = ""  # "now" or "then" where an input was changed after the graph was recorded


@dataclass(frozen=True)
class EdgeRecord:
    """One arrow: input number `position` of the node `target`. For a constant there is no gradient to tell."""

    source: int
    target: int
    position: int
    elementwise: bool = False
    local: str = ""  # the local gradient, as the rule of the op says it
    local_value: Any = None
    stale: bool = False  # an input was changed since: what `local` says no longer gives `local_value`
    rule: str = ""  # the contribution, written with the upstream gradient g
    upstream: Any = None
    contribution: Any = None
    summed: str = ""  # which axes broadcasting had stretched


@dataclass(frozen=True)
class GraphRecord:
    """A whole graph, its root, and what a reader must be told about it."""

    nodes: tuple[NodeRecord, ...]
    edges: tuple[EdgeRecord, ...]
    root: int
    scalar: bool  # whether the root is one number, so that the gradients are its derivatives
    upstream: str = "g"  # the letter for the upstream gradient in the formulas
    notes: tuple[str, ...] = ()
    folded: int = 0
    cut: tuple[int, ...] = field(default=())  # the nodes some of whose inputs are folded


def walk(root: Node, upstream: Any = None, budget: int = 200) -> GraphRecord:
    """The records of the graph that ends in `root`, with all gradients, which need no `backward()` before.

    A root that is not one number is given an upstream gradient of ones, and the notes say so. Beyond `budget` nodes
    only those nearest to the root are kept.

    >>> from autograd import Value
    >>> x = Value(3.0, name="x")
    >>> [(edge.source, edge.local, edge.contribution) for edge in walk(x * x).edges]
    [(0, 'x', 3.0), (0, 'x', 3.0)]
    """
    notes: list[str] = []
    adjoints: dict[Any, Any] = {}
    sent: dict[tuple[Any, int], Any] = {}
    scalar = np.size(plain(root)) == 1
    if not root.requires_grad:
        notes.append("This is a constant: nothing was recorded, so there is no gradient.")
        order = [root]
    else:
        if upstream is not None:
            notes.append("The upstream gradient of the result was given.")
        elif not scalar:
            notes.append(
                "The result is not one number: its upstream gradient is set to ones, as if it were summed."
            )
            upstream = np.ones_like(plain(root))
        order = topological_order(root)
        adjoints, sent = trace(root, upstream)
    items, folded = nearest(root, order, budget)
    labels, g = label_all(root, items)
    # With an upstream gradient of its own the root's gradients are no longer derivatives of the root.
    derivatives = scalar and upstream is None
    return _Walk(items, labels, g, adjoints, sent).records(root, derivatives, notes, folded)


class _Walk:
    def __init__(self, items: list[Item], labels: dict[Item, str], g: str, adjoints: Any, sent: Any) -> None:
        self.items = items
        self.labels = labels
        self.g = g
        self.adjoints = adjoints
        self.sent = sent
        self.number = {item: i for i, item in enumerate(items)}
        self.terms: dict[Item, list[Any]] = {}
        self.recorded: dict[
            Item, Any
        ] = {}  # what a leaf held when the graph was made: it may have been changed since
        self.edges: list[EdgeRecord] = []
        self.cut: list[int] = []
        self.stale: set[Item] = set()  # Values that would come out differently now
        self.opaque: dict[str, str] = {}  # ops whose rule could not be written as a formula, and why
        self.suspects: dict[Item, bool] = {}  # their inputs, of which at least one was changed

    def records(self, root: Node, scalar: bool, notes: list[str], folded: int) -> GraphRecord:
        for (node, i), part in self.sent.items():
            parent = node.parents[i]
            if parent in self.number:
                self.terms.setdefault(parent, []).append(plain(part))
        formulas: dict[Item, str] = {
            item: self._edges_into(item) for item in self.items if isinstance(item, Node) and item.op
        }
        notes = [*notes, *self._remarks()]
        nodes = tuple(self._node(item, formulas.get(item, "")) for item in self.items)
        return GraphRecord(
            nodes, tuple(self.edges), self.number[root], scalar, self.g, tuple(notes), folded, tuple(self.cut)
        )

    def _remarks(self) -> list[str]:
        """What to say of rules without a formula, and of leaves that were changed after the graph was recorded."""
        arrays = [item for item, then in self.recorded.items() if not same(plain(item), then)]
        told = [
            f"The rule of {name} could not be written as a formula ({why}); its numbers are right."
            for name, why in self.opaque.items()
        ]
        if arrays:
            told.append(note([self._label(item) for item in arrays], False, True))
        if self.suspects:
            told.append(note([self._label(item) for item in self.suspects], len(self.suspects) > 1, False))
        return told

    def _label(self, item: Item) -> str:
        return self.labels.get(item, "an input that is folded")

    def _node(self, item: Item, formula: str) -> NodeRecord:
        label, number = self.labels[item], self.number[item]
        if isinstance(item, Constant):
            return NodeRecord(number, "constant", label, False, plain(item.value))
        value = self.recorded.get(item, plain(item))
        if not item.requires_grad:
            return NodeRecord(number, "constant", label, bool(item.name), value)
        op = item.op.name if item.op else None
        gradient = self.adjoints.get(item)
        return NodeRecord(
            number,
            "op" if op else "leaf",
            label,
            bool(item.name),
            value,
            op,
            formula,
            None if gradient is None else plain(gradient),
            tuple(self.terms.get(item, ())),
            "now" if item in self.suspects else "then" if item in self.stale else "",
        )

    def _edges_into(self, node: Node) -> str:
        """Records the edges from the inputs of `node`; returns the formula that made it."""
        values = [plain(x) for x in getattr(node, "_args", ()) or node.inputs]
        items: list[Item] = [
            x if isinstance(x, Node) else Constant(node, i, x) for i, x in enumerate(node.inputs)
        ]
        for item, value in zip(items, values):
            if isinstance(item, Node) and item.op is None:
                self.recorded.setdefault(item, value)
        stale = is_stale(node)
        if stale:
            self.stale.add(node)
            inputs = [item for item in items if isinstance(item, Node)]
            suspects = [item for item in inputs if item.op is None or item in self.stale]
            self.suspects.update(dict.fromkeys(suspects or inputs, True))
        symbols = tuple(self._symbol(item, value) for item, value in zip(items, values))
        y, g = Symbol(self.labels[node], plain(node)), Symbol(self.g, plain(self.adjoints.get(node, 0.0)))
        missing = False
        for i, item in enumerate(items):
            if item not in self.number:
                missing = True
            elif node.parents[i] is None or (node, i) not in self.sent:
                self.edges.append(EdgeRecord(self.number[item], self.number[node], i))
            else:
                self.edges.append(self._edge(node, i, item, g, y, symbols))
        if missing:
            self.cut.append(self.number[node])
        return formula(node.op, symbols, node.kwargs)

    def _edge(
        self, node: Node, i: int, item: Item, g: Symbol, y: Symbol, symbols: tuple[Any, ...]
    ) -> EdgeRecord:
        part = plain(self.sent[node, i])
        local = None
        try:
            rule = contribution(node.op, i, g, y, symbols, node.kwargs)
            if node.op.elementwise:
                local = local_gradient(node.op, i, y, symbols, node.kwargs)
        except (
            Exception
        ) as error:  # an op of the user's own may do anything, and its numbers are known all the same
            rule = Symbol(f"{self.g} through {node.op.name}", part)
            self.opaque.setdefault(node.op.name, type(error).__name__)
        stored = getattr(
            node, "local_gradients", None
        )  # a Value keeps the number that its gradient was made with
        return EdgeRecord(
            self.number[item],
            self.number[node],
            i,
            node.op.elementwise,
            "" if local is None else local.text,
            stored[i] if stored else None if local is None else local.value,
            node in self.stale,
            rule.text,
            g.value,
            part,
            _summed(np.shape(rule.value), np.shape(part)),
        )

    def _symbol(self, item: Item, value: Any) -> Any:
        constant = isinstance(item, Constant) or not (item.requires_grad or item.name)
        if constant and np.ndim(value) == 0:
            return value
        return Symbol(self.labels.get(item, "…"), value)


def _summed(before: tuple[int, ...], after: tuple[int, ...]) -> str:
    """Which axes a contribution was summed over to undo broadcasting."""
    if before == after or len(before) < len(after):
        return ""
    lead = len(before) - len(after)
    axes = [*range(lead), *(i + lead for i, n in enumerate(after) if n == 1 and before[i + lead] != 1)]
    if not axes:
        return ""
    if len(axes) == len(before):
        return "summed over all axes" if len(axes) > 1 else "summed"
    return f"summed over ax{'i' if len(axes) == 1 else 'e'}s {', '.join(map(str, axes))}"


def plain(x: Any) -> Any:
    """The number or NumPy array that a node, a number or an array of another library holds, safe from later changes."""
    if isinstance(x, Node):
        x = x._data if hasattr(x, "_data") else x.data  # a Tensor's .data is handed out as a copy
    if x.__class__ in (bool, int, float):
        return x
    if hasattr(x, "get") and hasattr(x, "__array_function__"):  # an array on a graphics card
        x = x.get()
    array = np.array(x)
    return array.item() if array.ndim == 0 else array
