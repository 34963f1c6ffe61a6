"""Derivatives of functions: plain arrays and numbers in, plain arrays and numbers out."""

from __future__ import annotations

import functools
import numbers
import operator
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .errors import GradientError, GradientWarning
from .graph import (
    Node,
    differentiated,
    enable_grad,
    paths_between,
    pull_nodes,
    raw,
    reverse_sweep,
    topological_order,
)
from .ops.elementwise import multiply
from .tensor import Tensor
from .value import Value


def gradients(output: Node, inputs: Any, upstream: Any = None, create_graph: bool = False) -> Any:
    """d(output) / d(input) on a recorded graph, for one input or a list; no `.grad` is read or written.

    An input that the output does not depend on gets zeros. With `create_graph=True` the results are nodes.

    >>> from autograd import Value
    >>> x, y = Value(3.0), Value(2.0)
    >>> gradients(x * x * y, [x, y])
    [12.0, 9.0]
    """
    single = isinstance(inputs, Node)
    wanted: list[Node] = [inputs] if single else list(inputs)
    for x in wanted:
        if not isinstance(x, Node):
            raise TypeError(
                f"gradients() is with respect to nodes of a graph, not {type(x).__name__}: {x!r:.60}."
            )
        if not x.requires_grad:
            raise GradientError(
                f"gradients() with respect to a constant, {x!r:.60}: make it with requires_grad=True."
            )
    if not isinstance(output, Node):
        raise TypeError(
            f"gradients() of {type(output).__name__} {output!r:.60}: it was not recorded from a node."
        )
    if not output.requires_grad:
        raise GradientError(
            "gradients() of a constant: it was made from constants only, or inside no_grad(). "
            "Compute it from the inputs."
        )
    return _gradients(output, wanted, single, upstream, create_graph)


def _gradients(output: Node, wanted: list[Node], single: bool, upstream: Any, create_graph: bool) -> Any:
    seed = output._seed(upstream)
    order = paths_between(output, wanted)
    found: dict[Node, Any] = {}
    if order and order[-1] is output:
        needed = set(order)
        ends = set(wanted)
        if create_graph:
            if not isinstance(seed, Node):
                kind = Value if isinstance(output, Value) else Tensor
                seed = upstream if isinstance(upstream, Node) else kind(seed, requires_grad=False)

            def pull(node: Node, g: Any) -> Any:
                return pull_nodes(node, g, needed)
        else:

            def pull(node: Node, g: Any) -> Any:
                return node._pull(g)

        found = {node: g for node, g in reverse_sweep(order, seed, pull) if node in ends}
    results = [_result(x, found.get(x), create_graph) for x in wanted]
    return results[0] if single else results


def _result(x: Any, g: Any, create_graph: bool) -> Any:
    if isinstance(x, Value):
        if g is None:
            return Value(0.0, requires_grad=False) if create_graph else 0.0
        return g
    if g is None:
        g = np.zeros_like(x._data)
        return Tensor(g, requires_grad=False, dtype=g.dtype) if create_graph else g
    return g if create_graph else np.array(g) if isinstance(g, (np.ndarray, np.generic)) else g


def _as_node(x: Any) -> Node:
    """The argument as a fresh node: a leaf, or for a node of an outer derivative a new node on its graph."""
    if isinstance(x, Node):
        return multiply(x, 1)  # type: ignore[no-any-return]
    return Tensor(x)


def _evaluate(
    function: Callable[..., Any], argnum: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, list[Node], bool, tuple[int, ...]]:
    argnums = tuple(map(operator.index, (argnum if isinstance(argnum, (tuple, list)) else (argnum,))))
    for i in argnums:
        if not -len(args) <= i < len(args):
            raise GradientError(
                f"argnum={i} of {getattr(function, '__name__', function)!r}, which was called with {len(args)} "
                "positional argument(s). Give the argument that is differentiated by position."
            )
    argnums = tuple(i % len(args) for i in argnums)
    nodes = {i: _as_node(args[i]) for i in argnums}
    around = differentiated.get()
    token = differentiated.set(around | set(nodes.values()))
    try:
        with enable_grad():
            y = function(*[nodes.get(i, x) for i, x in enumerate(args)], **kwargs)
    finally:
        differentiated.reset(token)
    outer = any(isinstance(x, Node) for x in args) or (
        bool(around) and isinstance(y, Node) and not around.isdisjoint(topological_order(y))
    )
    return y, [nodes[i] for i in argnums], outer, argnums


def _leave(x: Any, like: Any) -> Any:
    """A plain number for a plain number, an array for an array; nodes stay nodes."""
    if isinstance(x, Node):
        return x
    return float(x) if isinstance(like, numbers.Real) and not isinstance(like, np.generic) else x


def value_and_grad(function: Callable[..., Any], argnum: Any = 0) -> Callable[..., tuple[Any, Any]]:
    """A function that returns (function's value, its gradient with respect to argument number `argnum`).

    >>> value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    """

    if not callable(function):
        raise TypeError(
            f"grad() is of a function, not of {type(function).__name__} {function!r:.40}. Write grad(f)(x)."
        )

    @functools.wraps(function)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        y, nodes, outer, argnums = _evaluate(function, argnum, args, kwargs)
        if not isinstance(y, Node):
            warnings.warn(
                f"the result of {getattr(function, '__name__', function)!r} does not depend on its input, so the "
                "gradient is zero. If it should, the computation left the graph: use np.sin or autograd.sin in place "
                "of math.sin, and no float(), .item() or .data on the way.",
                GradientWarning,
                stacklevel=2,
            )
            y = Tensor(y, requires_grad=False)
        if np.size(y.data) != 1:
            raise GradientError(
                f"grad() of a function that returned an array of shape {np.shape(y.data)}: it must return a scalar. "
                "Sum it, or use elementwise_grad (one derivative per element)."
            )
        found = _gradients(y, nodes, False, None, outer)
        result = [_leave(g, args[i]) for g, i in zip(found, argnums)]
        value = y if outer else _leave(raw(y), 0.0)
        return value, tuple(result) if isinstance(argnum, (tuple, list)) else result[0]

    return both


def grad(function: Callable[..., Any], argnum: Any = 0) -> Callable[..., Any]:
    """The gradient of a scalar-valued function with respect to argument number `argnum` (or a tuple of them).

    It can be applied again: `grad(grad(f))` is the second derivative.

    >>> import numpy as np
    >>> grad(lambda t: np.sum(t**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """
    both = value_and_grad(function, argnum)

    @functools.wraps(function)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def elementwise_grad(function: Callable[..., Any], argnum: Any = 0) -> Callable[..., Any]:
    """The derivative of each output element, for functions that work element by element: the column sums of J.

    >>> import numpy as np
    >>> elementwise_grad(np.square)(np.array([1.0, 2.0, 3.0]))
    array([2., 4., 6.])
    """
    both = value_and_grad(lambda *args, **kwargs: np.sum(function(*args, **kwargs)), argnum)

    @functools.wraps(function)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


__all__: Sequence[str] = ("elementwise_grad", "grad", "gradients", "value_and_grad")
