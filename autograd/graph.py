"""The computation graph: nodes, recording, the order of a walk, and the reverse sweep.

Everything here is true of scalars and of arrays alike, so this file knows neither floats nor NumPy. A graph is never
walked by recursion: a chain of a million operations is an ordinary graph.
"""

from __future__ import annotations

from _thread import RLock  # threading itself is not needed, and costs 0.5 ms
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .recording import enable_grad as enable_grad
from .recording import no_grad as no_grad
from .recording import recording as recording
from .recording import watcher

accumulating = RLock()  # held while leaves add up gradients: two threads may have one in common


class Node:
    """A value with its history: what it holds, which operation made it, and from which inputs.

    Its two kinds are `autograd.Value` (one number) and `autograd.Tensor` (an array). A node without an operation is a
    leaf. `parents[i]` is None where input i is a constant; `inputs[i]` is then the constant itself.
    """

    __slots__ = ()

    data: Any
    grad: Any
    op: Any

    @property
    def name(self) -> str | None:
        """The name shown in pictures and messages."""
        raise NotImplementedError

    @name.setter
    def name(self, value: str | None) -> None:
        raise NotImplementedError

    @property
    def requires_grad(self) -> bool:
        """Whether this node gets a gradient."""
        raise NotImplementedError

    @property
    def parents(self) -> tuple[Node | None, ...]:
        """The tracked inputs in argument order, repeats included; None stands for a constant."""
        raise NotImplementedError

    @property
    def inputs(self) -> tuple[Any, ...]:
        """All inputs in argument order: nodes, and plain constants where `parents` has None."""
        raise NotImplementedError

    @property
    def kwargs(self) -> dict[str, Any]:
        """The settings of the operation, such as `axis`."""
        return {}

    # --- comparison is of the numbers, and gives plain booleans or boolean arrays; a node hashes by identity

    @property
    def _raw(self) -> Any:
        """The plain data, for a look at it."""
        raise NotImplementedError

    def __eq__(self, other: object) -> Any:
        return self._raw == raw(other)

    def __ne__(self, other: object) -> Any:
        return self._raw != raw(other)

    def __lt__(self, other: Any) -> Any:
        return self._raw < raw(other)

    def __le__(self, other: Any) -> Any:
        return self._raw <= raw(other)

    def __gt__(self, other: Any) -> Any:
        return self._raw > raw(other)

    def __ge__(self, other: Any) -> Any:
        return self._raw >= raw(other)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(self._raw)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def item(self) -> float:
        """The plain number, out of the graph."""
        raise NotImplementedError

    # --- what a sweep asks of a node

    def _seed(self, upstream: Any) -> Any:
        """The checked upstream gradient at the root of a sweep."""
        raise NotImplementedError

    def _pull(self, g: Any) -> Iterable[Any]:
        """The contribution of this node to each of its inputs (None for constants), as plain data."""
        raise NotImplementedError

    def _hooked(self, g: Any) -> Any:
        """The finished gradient, after the hooks of this node have seen it."""
        return g

    def _add(self, total: Any, contribution: Any) -> Any:
        """Fan-out: the sum of what has arrived so far and one contribution more."""
        return total + contribution

    def _check_unchanged(self) -> None:
        """Raise MutationError if an input holds other data than when this node was recorded: rules on nodes read it."""

    def _fit(self, contribution: Any) -> Any:
        """A contribution in this node's own shape: summed over the axes that broadcasting stretched."""
        return contribution


def raw(x: Any) -> Any:
    """The plain data of a node; anything else as it is."""
    return x._raw if isinstance(x, Node) else x


def holds_node(data: Any) -> bool:
    """Whether a list or tuple holds a node, at any depth."""
    return isinstance(data, (list, tuple)) and any(isinstance(x, Node) or holds_node(x) for x in data)


def topological_order(root: Node) -> list[Node]:
    """All tracked nodes that `root` was made from, each after its inputs; `root` is last.

    >>> from autograd import Value
    >>> a, b = Value(2.0, name="a"), Value(3.0, name="b")
    >>> [node.data for node in topological_order(a * b + a)]
    [2.0, 3.0, 6.0, 8.0]
    """
    if not isinstance(root, Node):
        raise TypeError(
            f"the order of a graph begins at a Value or Tensor, not at {type(root).__name__} {root!r:.40}."
        )
    order: list[Node] = []
    seen: set[Node] = {root}
    waiting: list[Node] = []
    node = root
    while True:
        for parent in node.parents:
            if parent is not None and parent not in seen:
                seen.add(parent)
                if parent.op is None:
                    order.append(parent)
                else:  # down to the first input that is new
                    waiting.append(node)
                    node = parent
                    break
        else:  # all inputs are in the order by now
            order.append(node)
            if not waiting:
                return order
            node = waiting.pop()


def reverse_sweep(
    order: list[Node],
    seed: Any,
    pull: Callable[[Node, Any], Iterable[Any]] | None = None,
    *,
    effects: bool = True,
) -> Iterator[tuple[Node, Any]]:
    """Walk `order` backwards from its last node and yield each node with its adjoint, finished.

    When the walk reaches a node, everything that uses the node has been visited, so the sum of its contributions is
    complete. Adjoints live in this call alone: a graph can be swept again, and drawn, with the same result each time.
    `pull(node, g)` gives the contributions of a node; by default they are plain data. With `effects=False` it is a
    mere look: no hooks are called, and `detect_anomaly` does not interfere.
    """
    watching = watcher() if effects else None
    how = pull or _pull
    adjoints: dict[Node, Any] = {order[-1]: seed}
    for node in reversed(order):
        g = adjoints.pop(node, None)
        if g is None:  # not on a path that a contribution took
            continue
        if effects:
            g = node._hooked(g)
        yield node, g
        if node.op is None:
            continue
        contributions = how(node, g) if watching is None else watching.pull(node, g, how)
        for parent, contribution in zip(node.parents, contributions):
            if contribution is None or parent is None:
                continue
            total = adjoints.get(parent)
            adjoints[parent] = contribution if total is None else parent._add(total, contribution)


def _pull(node: Node, g: Any) -> Iterable[Any]:
    return node._pull(g)


def pull_nodes(node: Node, g: Node, needed: set[Node] | None = None) -> list[Any]:
    """The contributions of `node` as recorded nodes: the same rules, run on nodes, so they can be differentiated.

    With `needed`, only those inputs get one.
    """
    node._check_unchanged()
    inputs, settings = node.inputs, node.kwargs
    return [
        None
        if parent is None or (needed is not None and parent not in needed)
        else parent._fit(vjp(g, node, *inputs, **settings))
        for parent, vjp in zip(node.parents, node.op.vjps)
    ]


def paths_between(root: Node, ends: Iterable[Node]) -> list[Node]:
    """The topological order of `root`, cut down to the nodes that depend on one of `ends`."""
    order = topological_order(root)
    needed = set(ends)
    for node in order:
        if not needed.isdisjoint(node.parents):
            needed.add(node)
    return [node for node in order if node in needed]


def trace(root: Node, upstream: Any = None) -> tuple[dict[Node, Any], dict[tuple[Node, int], Any]]:
    """Sweep the graph again for a picture: no `.grad` is read or written.

    Returns the adjoint of every node, and what node sent to its input number i as `contributions[node, i]`.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> y = x * x
    >>> adjoints, contributions = trace(y)
    >>> adjoints[x], contributions[y, 0], contributions[y, 1]
    (6.0, 3.0, 3.0)
    """
    contributions: dict[tuple[Node, int], Any] = {}

    def pull(node: Node, g: Any) -> list[Any]:
        parts = list(node._pull(g))
        contributions.update({(node, i): part for i, part in enumerate(parts) if part is not None})
        return parts

    order = topological_order(root)
    return dict(reverse_sweep(order, root._seed(upstream), pull, effects=False)), contributions
