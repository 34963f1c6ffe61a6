"""A recorded graph computed again with other numbers: what would the result be if this input were 3?

It answers a slider in a picture, and it measures the gradients of a graph that exists already: move an input a little,
and look how far the result moves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from .errors import GradientError, ShapeError
from .graph import Node, raw, topological_order, trace
from .intake import NUMPY_1, explain, explain_scalar, number, own_array, read_only
from .slopes import relative_error
from .tensor import Tensor
from .value import Value


def replay(root: Node, changes: dict[Any, Any]) -> dict[Node, Any]:
    """What every node of the recorded graph would hold if the nodes in `changes` held other numbers.

    The graph itself stays as it is. Leaves, constants and nodes in the middle can be changed; what does not depend on
    them keeps its recorded numbers, and so do settings such as an index. New data has the shape of the old.

    >>> x, y = Value(-2.0), Value(5.0)
    >>> f = (x + y) * x
    >>> replay(f, {x: 3.0})[f]
    24.0
    """
    _check_root(root, "replay")
    order = topological_order(root)
    known = set(order).union(x for node in order for x in node.inputs if isinstance(x, Node))
    given = {}
    for node, data in changes.items():
        if node not in known:
            raise GradientError(
                f"replay() with a change of {node!r:.60}, which the result was not made from. "
                "Change nodes of its graph: autograd.topological_order(root) lists them."
            )
        given[node] = number(data) if isinstance(node, Value) else _like(data, node)
    found = _replayed(_dependent(order, given), given)
    return {node: found[node] if node in found else read_only(raw(node)) for node in order} | given


def _check_root(root: Any, what: str) -> None:
    if not isinstance(root, Node):
        instead = " For a function there is check_grads(f, x)." if callable(root) else ""
        raise TypeError(
            f"{what}() is of a recorded result, a Value or Tensor, not of {type(root).__name__} {root!r:.40}.{instead}"
        )


class GradientCheck(NamedTuple):
    """The gradient of one node, as the graph gives it and as it was measured; both have the shape of the node."""

    node: Node
    name: str | None
    analytic: Any
    numeric: Any
    relative_error: Any


def gradcheck(
    root: Node,
    inputs: Node | Iterable[Node] | None = None,
    *,
    step: float = 2**-17,
    upstream: Any = None,
) -> list[GradientCheck]:
    """Compare the gradients of a recorded graph with central differences, element by element.

    For each leaf, or each of `inputs`, a record with `.node`, `.name`, `.analytic`, `.numeric` and `.relative_error`.
    The numeric side replays the graph with the element moved by `step` (times its size, if that is above 1) up and
    down, in float64. No `.grad` is read or written. A root that is not a scalar needs `upstream`, as in backward().

    >>> x, y, z = Value(-2.0, name="x"), Value(5.0, name="y"), Value(-4.0, name="z")
    >>> for check in gradcheck((x + y) * z):
    ...     print(check.name, check.analytic, check.numeric, check.relative_error)
    x -4.0 -4.0 0.0
    y -4.0 -4.0 0.0
    z 3.0 3.0 0.0
    """
    _check_root(root, "gradcheck")
    if upstream is None and np.size(raw(root)) != 1:
        raise GradientError(
            f"gradcheck() of a result of shape {np.shape(raw(root))}: it checks a scalar. Sum it, or weigh its "
            f"elements: gradcheck(y, upstream=np.ones({np.shape(raw(root))}))."
        )
    order = topological_order(root)
    wanted = [node for node in order if node.op is None] if inputs is None else inputs
    known = set(order)
    adjoints, _ = trace(root, upstream)
    weight = 1.0 if upstream is None else np.asarray(raw(upstream))
    checks = []
    for node in [wanted] if isinstance(wanted, Node) else wanted:
        if node not in known:
            raise GradientError(
                f"gradcheck() of the gradient of {node!r:.60}, which is a constant or no part of this graph."
            )
        x = np.array(raw(node), dtype=np.float64)
        found = adjoints.get(node)
        analytic: Any = np.zeros(x.shape) if found is None else np.array(found)
        numeric: Any = _measured(root, node, x, step, weight, _dependent(order, {node: x}))
        error: Any = np.asarray(relative_error(analytic, numeric))
        if isinstance(node, Value):
            analytic, numeric, error = float(analytic), float(numeric), float(error)
        checks.append(GradientCheck(node, node.name, analytic, numeric, error))
    return checks


def _measured(root: Node, node: Node, x: Any, step: float, weight: Any, path: list[Node]) -> Any:
    """The slopes of the weighted root by each element of the node."""
    slopes = np.empty_like(x)
    for i in np.ndindex(x.shape):
        h = step * max(1.0, abs(float(x[i])))
        ends, sides = [x[i] + h, x[i] - h], []
        for end in ends:
            moved = x.copy()
            moved[i] = end
            data = float(moved) if isinstance(node, Value) else moved
            try:
                with np.errstate(all="ignore"):
                    found = _replayed(path, {node: data}, double=True)
            except (ValueError, ArithmeticError):  # outside of a scalar op's domain
                found = {root: np.nan}
            sides.append(float(np.sum(found.get(root, raw(root)) * weight)))
        slopes[i] = (sides[0] - sides[1]) / (ends[0] - ends[1])  # not 2 * h: the ends were rounded
    return slopes


def _like(data: Any, node: Any) -> Any:
    array = own_array(raw(data), node.dtype, False)
    if array.shape != node.shape:
        raise ShapeError(
            f"replay() with data of shape {array.shape} for a node of shape {node.shape}: they must be equal."
        )
    return array


def _dependent(order: list[Node], moved: Any) -> list[Node]:
    """The nodes that have to be computed again, in order."""
    touched = set(moved)
    path = []
    for node in order:
        if node not in touched and any(isinstance(x, Node) and x in touched for x in node.inputs):
            if isinstance(node, Value):  # a Value keeps no copy of what its inputs held
                node._check_unchanged()
            touched.add(node)
            path.append(node)
    return path


def _replayed(path: list[Node], moved: dict[Node, Any], double: bool = False) -> dict[Node, Any]:
    """`moved` and what follows from it; with `double` all arithmetic is in float64."""
    found = dict(moved)
    for node in path:
        recorded = node._args if isinstance(node, Tensor) else map(raw, node.inputs)
        args = [
            found[x] if isinstance(x, Node) and x in found else old for x, old in zip(node.inputs, recorded)
        ]
        found[node] = _computed(node, args) if not double else _computed(node, [_doubled(x) for x in args])
    return found


def _computed(node: Node, args: list[Any]) -> Any:
    op = node.op
    if isinstance(node, Value):
        try:
            return float(op.scalar(*args, **node.kwargs))
        except (ValueError, ZeroDivisionError, OverflowError, TypeError) as error:
            raise explain_scalar(op, args, error) from None
    try:
        y = op.forward(*args, **node.kwargs)
    except (ValueError, IndexError, TypeError) as error:
        raise explain(op, args, node.kwargs, error) from None
    if NUMPY_1 and op.name != "astype":
        y = y.astype(np.result_type(*[x.dtype for x in args if hasattr(x, "dtype")]))
    return y


def _doubled(x: Any) -> Any:
    narrow = isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "f" and x.dtype.itemsize < 8
    return x.astype(np.float64) if narrow else x


__all__ = ("GradientCheck", "gradcheck", "replay")
