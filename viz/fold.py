"""Which nodes of a large graph are drawn: those nearest to the result, up to a budget. A picture of more is a cloud."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

from autograd.graph import Node


class Constant(NamedTuple):
    """A plain number or array that went into `node` as its input number `position`."""

    node: Node
    position: int
    value: Any

    def __hash__(self) -> int:
        return hash((self.node, self.position))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Constant) and self.node is other.node and self.position == other.position

    def __ne__(self, other: object) -> bool:
        return not self == other


Item = Node | Constant


def nearest(root: Node, order: list[Node], budget: int) -> tuple[list[Item], int]:
    """What to draw, inputs before outputs, and how many nodes are left out.

    `order` is the topological order of the graph; constants come right before the node that uses them first.
    """
    kept: set[Item] = {root}
    queue = deque([root])
    while queue and len(kept) < budget:
        node = queue.popleft()
        for item in _inputs(node):
            if len(kept) >= budget:
                break
            if item not in kept:
                kept.add(item)
                if isinstance(item, Node) and item.requires_grad:
                    queue.append(item)
    items: dict[Item, bool] = {}  # a set that keeps the order
    for node in order:
        for item in (*_inputs(node), node):
            if isinstance(item, Constant) or not item.requires_grad or item is node:
                items[item] = item in kept
    return [item for item, is_kept in items.items() if is_kept], sum(
        not is_kept for is_kept in items.values()
    )


def _inputs(node: Node) -> list[Item]:
    if node.op is None:
        return []
    return [x if isinstance(x, Node) else Constant(node, i, x) for i, x in enumerate(node.inputs)]
