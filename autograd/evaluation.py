"""What every derivative of a function is made of: an evaluation that records, and sweeps over what was recorded.

`evaluate` puts nodes in the place of the numbers in an argument and calls the function; `Sweep` walks the graph that
this recorded; `Evaluated` hands the results back as plain numbers, in the structure of the argument.
"""

from __future__ import annotations

import functools
import math
import numbers
import operator
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .containers import is_container, is_number, parts, rebuilt
from .errors import GradientError, GradientWarning
from .graph import (
    Node,
    enable_grad,
    paths_between,
    pull_nodes,
    raw,
    reverse_sweep,
    topological_order,
)
from .ops.elementwise import multiply
from .recording import differentiated
from .sweep import PLAIN
from .tensor import Tensor
from .value import Value

Function = Callable[..., Any]


class Sweep:
    """The part of a graph between some inputs and an output, cut out once, to be swept as often as wanted.

    A call takes the upstream gradient and returns the gradient of every input: plain data of its own, zeros where
    there is no path, or nodes with `create_graph=True`.
    """

    def __init__(self, output: Node, inputs: list[Any]) -> None:
        self.output = output
        self.inputs = inputs
        self.order = paths_between(output, inputs)  # empty if there is no path
        self.needed = set(self.order)
        # Nodes with an input beside the paths: its contribution would be computed for nothing.
        self._partly = {
            node
            for node in self.order
            if any(parent is not None and parent not in self.needed for parent in node.parents)
        }

    def __call__(self, upstream: Any = None, create_graph: bool = False) -> list[Any]:
        seed = self.output._seed(upstream)
        found: dict[Node, Any] = {}
        if self.order:
            ends = set(self.inputs)
            if create_graph:
                kind = Value if isinstance(self.output, Value) else Tensor
                seed = upstream if isinstance(upstream, Node) else kind(seed, requires_grad=False)
            pull = self._pull_nodes if create_graph else self._pull
            found = {node: g for node, g in reverse_sweep(self.order, seed, pull) if node in ends}
        return [_result(x, found.get(x), create_graph) for x in self.inputs]

    def _pull_nodes(self, node: Node, g: Any) -> Any:
        return pull_nodes(node, g, self.needed)

    def _pull(self, node: Any, g: Any) -> Any:
        if node not in self._partly or isinstance(node, Value):  # a Value has its local gradients already
            return node._pull(g)
        rules = node.op.kernels if g.__class__ in PLAIN else node.op.vjps
        return [
            parent._fit(rule(g, node._data, *node._args, **node.kwargs)) if parent in self.needed else None
            for parent, rule in zip(node.parents, rules)
        ]


def _result(x: Any, g: Any, create_graph: bool) -> Any:
    if isinstance(x, Value):
        if g is None:
            return Value(0.0, requires_grad=False) if create_graph else 0.0
        return g
    if g is None:
        g = np.zeros_like(x._data)
        return Tensor(g, requires_grad=False, dtype=g.dtype) if create_graph else g
    return g if create_graph else np.array(g) if isinstance(g, (np.ndarray, np.generic)) else g


class Evaluated:
    """What a function returned (`y`) for arguments in which `nodes` stand in the place of numbers.

    `target` is the differentiated argument as it was given, and `what` the derivative that is taken, for messages.
    `outer`: this happens inside another derivative, so results are nodes.
    """

    def __init__(
        self, function: Function, what: str, y: Any, target: Any, nodes: list[Any], outer: bool
    ) -> None:
        self.function = function
        self.what = what
        self.y = y
        self.target = target
        self.nodes = nodes
        self.outer = outer

    def structured(self, results: Iterable[Any]) -> Any:
        """One result for each node, as plain numbers and arrays, in the structure of the arguments."""
        return rebuilt(self.target, map(leave, results, parts(self.target, self.target)))

    def node(self, stacklevel: int = 3) -> Any:
        """What was returned, where one array or number is needed. The level is for a warning at the user's line."""
        y = self.y
        if isinstance(y, Node):
            return y
        name = name_of(self.function)
        if y is None:
            raise GradientError(
                f"{self.what}() of {name!r}, which returned None. Does it lack a return statement?"
            )
        if is_container(y):
            raise GradientError(
                f"{self.what}() of {name!r}, which returned a {type(y).__name__}: one array or number is needed. "
                "Join the parts with np.stack or np.concatenate, or use make_vjp, which takes containers; "
                "grad_and_aux lets a second result through."
            )
        if not is_number(y) and not isinstance(y, (bool, np.bool_, np.ndarray)):
            raise TypeError(
                f"{self.what}() of {name!r}, which returned {type(y).__name__} {y!r:.60}: it must return a number "
                "or an array of numbers."
            )
        warnings.warn(
            f"the result of {name!r} does not depend on its input, so the "
            "gradient is zero. If it should, the computation left the graph: use np.sin or autograd.sin in place "
            "of math.sin, and no float(), .item() or .data on the way.",
            GradientWarning,
            stacklevel=stacklevel,
        )
        return Tensor(y, requires_grad=False)

    def scalar(self) -> Any:
        """What was returned, where one number is needed."""
        y = self.node(4)
        if math.prod(np.shape(raw(y))) == 1:  # Dask has no np.size
            return y
        instead = (
            "For the second derivatives of each element use jacobian(jacobian(f))."
            if self.what == "hessian"
            else "Sum it, or use elementwise_grad (one derivative per element) or jacobian (all of them)."
        )
        raise GradientError(
            f"{self.what}() of a function that returned an array of shape {np.shape(raw(y))}: "
            f"it must return a scalar. {instead}"
        )

    def plain(self, y: Any) -> Any:
        """A node without its graph, unless an outer derivative needs that; a 0-d one as a Python number."""
        if self.outer or not isinstance(y, Node):
            return y
        data = raw(y)
        return data.copy() if np.ndim(data) else float(data)

    def number(self, y: Any) -> Any:
        """The same of a node with one element, whatever its shape."""
        return y if self.outer else float(raw(y).reshape(()) if np.ndim(raw(y)) else raw(y))

    def swept(self, y: Any, upstream: Any = None) -> Any:
        """The gradient of one node, in the structure of the arguments."""
        return self.structured(Sweep(y, self.nodes)(upstream, self.outer))


def evaluate(
    function: Function, argnum: Any, args: tuple[Any, ...], kwargs: dict[str, Any], what: str
) -> Evaluated:
    """Call `function` with nodes in the place of the numbers in its argument number `argnum`, or in several."""
    several = isinstance(argnum, (tuple, list))
    argnums = [_position(i, function, args) for i in (argnum if several else (argnum,))]
    if not argnums:
        raise GradientError(
            f"{what}() with argnum={argnum!r}, which names no argument. Write 0 for the first."
        )
    if len(set(argnums)) < len(argnums):
        raise GradientError(f"argnum={argnum!r} names an argument twice.")
    for i in argnums:
        if not is_container(args[i]) and not is_number(args[i]):
            raise TypeError(
                f"{what}() with respect to argument {i} of {name_of(function)!r}, {type(args[i]).__name__} "
                f"{args[i]!r:.40}: only numbers and arrays of numbers have derivatives. Choose another argument "
                "with argnum, or convert it: np.asarray(x, dtype=float)."
            )
    target = tuple(args[i] for i in argnums) if several else args[argnums[0]]
    given = list(parts(target, target))
    if not given and any(True for _ in parts(target, target, _anything)):
        raise GradientError(
            f"{what}() with respect to {target!r:.60}, an argument of {name_of(function)!r} that holds no number."
        )
    around = differentiated.get()
    with enable_grad():
        nodes = [as_node(x) for x in given]
        stand_in = rebuilt(target, iter(nodes))
        changed = dict(zip(argnums, stand_in if several else (stand_in,)))
        token = differentiated.set(around | set(nodes))
        try:
            y = function(*[changed.get(i, x) for i, x in enumerate(args)], **kwargs)
        finally:
            differentiated.reset(token)
    outer = any(x.requires_grad for x in nodes_in((args, kwargs))) or (
        bool(around) and any(not around.isdisjoint(topological_order(part)) for part in nodes_in(y))
    )
    return Evaluated(function, what, y, target, nodes, outer)


def _whole(argnum: Any) -> int:
    if isinstance(argnum, str):
        raise TypeError(
            f"argnum={argnum!r}: arguments are counted from 0. grad_named(f, {argnum!r}) takes a name."
        )
    try:
        return operator.index(argnum)
    except TypeError:
        raise TypeError(
            f"argnum={argnum!r:.40}: which argument is differentiated is said by a whole number, counted from 0, or a "
            "tuple of them. The derivative is a function, and its arguments follow: grad(f)(x)."
        ) from None


def _position(argnum: Any, function: Function, args: tuple[Any, ...]) -> int:
    i = _whole(argnum)
    if not -len(args) <= i < len(args):
        raise GradientError(
            f"argnum={i} of {name_of(function)!r}, which was called with {len(args)} positional argument(s). "
            "Give the argument that is differentiated by position."
        )
    return i % len(args)


def _anything(x: Any) -> bool:
    return True


def nodes_in(tree: Any) -> list[Node]:
    """All nodes in a nested container."""
    return list(parts(tree, tree, lambda x: isinstance(x, Node)))


def as_node(x: Any) -> Node:
    """The argument as a fresh node: a leaf, or for a node of an outer derivative a new node on its graph."""
    if not isinstance(x, Node):
        return Tensor(x)
    if x.requires_grad:
        return multiply(x, 1)  # type: ignore[no-any-return]
    return Value(x.data) if isinstance(x, Value) else Tensor(raw(x))


def leave(g: Any, like: Any) -> Any:
    """A plain number for a plain number, an array for an array, a node for a node."""
    if isinstance(g, Node):
        return g
    if isinstance(like, Value):
        return Value(g, requires_grad=False)
    if isinstance(like, Node):
        return Tensor(g, requires_grad=False)
    if np.ndim(g) == 0 and isinstance(like, (numbers.Real, np.generic)):
        return g[()] if isinstance(like, np.generic) else float(g)
    return g


def name_of(function: Any) -> str:
    """What to call a function in a message."""
    return str(getattr(function, "__name__", None) or type(function).__name__)


def derived(function: Any, what: str, argnum: Any = None) -> Callable[[Function], Function]:
    """Name a function that takes the arguments of `function` and returns a derivative of it."""
    if not callable(function):
        raise TypeError(
            f"{what}() is of a function, not of {type(function).__name__} {function!r:.40}. Write {what}(f)(x)."
        )
    if argnum is not None:
        for i in argnum if isinstance(argnum, (tuple, list)) else (argnum,):
            _whole(i)
    place = "" if argnum is None else f" with respect to argument number {argnum}"

    def name(new: Function) -> Function:
        new = functools.wraps(function, updated=())(new)
        new.__doc__ = f"{what} of function {name_of(function)}{place}. It takes the same arguments."
        new.__name__ = f"{what}_of_{name_of(function)}{'' if argnum is None else f'_wrt_argnum_{argnum}'}"
        new.__qualname__ = new.__name__
        return new

    return name
