"""Value: a number that remembers how it was made. The whole of backpropagation, for scalars, in one file.

Each arithmetic operation makes a node and stores, next to the result, the *local gradient* of each input: how fast the
result changes with that input alone. `backward()` then walks from the result to the inputs and multiplies:

    contribution to an input = upstream gradient of the node x local gradient of the edge

and a node that is used several times sums what arrives. Nothing else is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .errors import GradientError, MutationError
from .firing import Firing, Inputs
from .graph import accumulating, pull_nodes, raw, reverse_sweep, topological_order
from .intake import number
from .ops.elementwise import add, multiply, subtract
from .primitive import registry
from .recording import recording, watcher
from .scalars import Scalar, edits, method

new = object.__new__


def record(data: float, op: Any, a: Any, b: Any, da: Any, db: Any) -> Value:
    """A node made by `op` from `a` and `b`, whose local gradients are `da` and `db`."""
    node = new(Value)
    node._data = data
    node.grad = None
    node.op = op
    node.a = a
    node.b = b
    node.da = da
    node.db = db
    return node


class Value(Scalar):
    """One number in a computation graph.

    `data` is the number, `grad` the gradient after `backward()`, `op` the primitive that made the node (None for a
    leaf). With `requires_grad=False` it is a constant: it takes part in arithmetic and gets no gradient. A Value
    computes as Python's floats do: 1/0 and log(-1) raise.

    >>> x, y, z = Value(-2.0, name="x"), Value(5.0, name="y"), Value(-4.0, name="z")
    >>> f = (x + y) * z
    >>> f.backward()
    >>> f.data, x.grad, y.grad, z.grad
    (-12.0, -4.0, -4.0, 3.0)
    """

    # _data: the number, behind the checked property `data`. a, b: the inputs; da, db: their local gradients. Where an
    # input is a constant, its node is None and its local gradient, which nobody needs, gives its place to the constant.
    # An op with one input keeps its settings, if it has any, in db. An op with more than two inputs leaves a and b
    # empty: da is an `Inputs`, and db its settings; one neuron of a layer, that of the layer (see firing.py), and db
    # which of its outputs it is. _extra, a name or a dict of name and hooks, is unset until it is
    # needed: a node is made in as few steps as possible.
    __slots__ = ("__weakref__", "_data", "_extra", "a", "b", "da", "db", "grad", "op")

    def __init__(self, data: Any, name: str | None = None, requires_grad: bool = True) -> None:
        self._data = number(data)
        self.grad = self.op = self.a = self.b = self.da = self.db = None
        if name is not None:
            self._extra = name
        if not requires_grad:
            _make(self, Constant)

    @property
    def data(self) -> float:
        """The number. A leaf's may be set; a recorded graph keeps the local gradients it was recorded with."""
        return self._data

    @data.setter
    def data(self, value: Any) -> None:
        if self.op is not None:
            raise MutationError(
                f"setting .data of a node made by {self.op.name}: its gradient was computed for the number it has. "
                "Make a new Value from it: Value(number)."
            )
        self._data = number(value)
        edits[0] += 1

    # --- arithmetic: the common case, with its calculus. Numbers, other operators, functions: see scalars.py

    def __add__(self, other: Any) -> Value:
        if other.__class__ is Value and recording() is True:
            node = new(Value)
            node._data = self._data + other._data
            node.op = add
            node.a = self
            node.b = other
            node.da = 1.0
            node.db = 1.0
            node.grad = None
            return node
        return self._binary(add, other)  # type: ignore[no-any-return]

    def __mul__(self, other: Any) -> Value:
        if other.__class__ is Value and recording() is True:
            node = new(Value)
            node._data = self._data * other._data
            node.op = multiply
            node.a = self
            node.b = other
            node.da = other._data
            node.db = self._data
            node.grad = None
            return node
        return self._binary(multiply, other)  # type: ignore[no-any-return]

    def __sub__(self, other: Any) -> Value:
        if other.__class__ is Value and recording() is True:
            node = new(Value)
            node._data = self._data - other._data
            node.op = subtract
            node.a = self
            node.b = other
            node.da = 1.0
            node.db = -1.0
            node.grad = None
            return node
        return self._binary(subtract, other)  # type: ignore[no-any-return]

    _record = staticmethod(record)

    def _kind(self) -> type[Value]:
        return Value if isinstance(self, Constant) else type(self)

    @staticmethod
    def _constant(data: float) -> Value:
        return Value(data, requires_grad=False)

    def detach(self) -> Value:
        """A constant with the same number, cut off from the graph."""
        return Value(self._data, name=self.name, requires_grad=False)

    @property
    def requires_grad(self) -> bool:
        """Whether this node gets a gradient. Set it on leaves only, before they are used."""
        return not isinstance(self, Constant)

    @requires_grad.setter
    def requires_grad(self, tracked: bool) -> None:
        if self.op is not None and not tracked:
            raise GradientError(
                "requires_grad=False on a node that was recorded. Use .detach() for a constant copy."
            )
        _make(self, Value if tracked else Constant)
        edits[0] += 1

    def backward(self, upstream: Any = 1.0, *, create_graph: bool = False, retain_grads: bool = True) -> None:
        """Fill `.grad` of every node that this one was made from.

        Leaves add the new gradient to what they hold; every other node holds the gradient of the latest call. With
        `create_graph=True` the gradients are Values with a history of their own, for second derivatives.
        (`retain_grads` is there for symmetry with Tensor: a Value always keeps its gradient.)

        >>> x = Value(3.0)
        >>> (x * x).backward()
        >>> x.grad
        6.0
        """
        if not self.requires_grad:
            raise GradientError(
                f"backward() from {self!r}, which is a constant: it was made with requires_grad=False, from constants "
                "only, or inside no_grad(). Make at least one input a Value with requires_grad=True."
            )
        if create_graph or Scalar._hooks or watcher() is not None:
            self._backward_in_general(upstream, create_graph)
            return
        seed = number(upstream)
        order: list[Any] = _order(self)  # inputs first; intermediate gradients are 0 now
        layers: dict[Any, Any] = {}
        self.grad = self.grad + seed
        for node in reversed(order):
            g = node.grad  # finished: every node that uses this one comes earlier in the loop
            x, b = node.a, node.b
            if x is not None:
                x.grad += g * node.da
            if b is not None:
                b.grad += g * node.db
            elif x is None and node.op is not None:
                if node.da.__class__ is Inputs:
                    for x, local in zip(*node.da):
                        if x is not None:
                            x.grad += g * local
                elif node.__class__ is Firing:  # a whole layer, whose neurons have their gradients by now
                    node.sweep(layers)
        with accumulating:
            for units, arrived in layers.items():
                units.accept(*arrived)

    def _backward_in_general(self, upstream: Any, create_graph: bool) -> None:
        order = topological_order(self)
        if create_graph:
            seed = upstream if isinstance(upstream, Value) else Value(upstream, requires_grad=False)
            adjoints = dict(reverse_sweep(order, seed, pull_nodes))
        else:
            adjoints = dict(reverse_sweep(order, number(raw(upstream))))
        with accumulating:
            for node in order:
                held = node.grad if node.op is None else None
                held = held if create_graph or held is None else _plain(held)
                node.grad = adjoints[node] if held is None else adjoints[node] + held


def _order(root: Value) -> list[Value]:
    """The nodes that were recorded on the way to `root`, each after its inputs, with their gradients set to 0.

    It is graph.topological_order with the gradients as marks in place of a set, which halves the time (17 ms against
    39 for 60 000 nodes): the mark is a zero of this call's own, and a node whose gradient *is* that object was visited.
    """
    zero = float("0")
    order: list[Value] = []
    waiting: list[Value] = []
    rest: dict[Value, Iterator[Any]] = {}
    node = root
    root.grad = zero if root.op is not None else _plain(root.grad)
    # Go down to the first input that is new. A node enters the order when all its inputs are in it.
    while True:
        x, b = node.a, node.b
        if x is not None and x.grad is not zero:
            if x.op is not None:
                x.grad = zero
                waiting.append(node)
                node = x
                continue
            if x.grad.__class__ is not float:
                x.grad = _plain(x.grad)
        if b is not None and b.grad is not zero:
            if b.op is not None:
                b.grad = zero
                waiting.append(node)
                node = b
                continue
            if b.grad.__class__ is not float:
                b.grad = _plain(b.grad)
        if x is b is None and (new_input := _next_new(node, zero, rest)) is not None:
            waiting.append(node)
            node = new_input
            continue
        order.append(node)
        if not waiting:
            return order
        node = waiting.pop()


def _make(value: Value, kind: type[Value]) -> None:
    try:
        value.__class__ = kind
    except TypeError:
        name = type(value).__name__
        raise TypeError(
            f"{name}, a subclass of Value with fields of its own, cannot be a constant. Give it __slots__ = (), or use "
            "a plain Value(..., requires_grad=False)."
        ) from None


def _next_new(node: Any, zero: float, rest: dict[Value, Iterator[Any]]) -> Any:
    """Among the inputs of an op with many, the next that the walk has not seen, marked as seen.

    `rest` remembers how far each such node has been looked through, so that the walk stays linear. A neuron that is
    part of a layer has one input here: the record of the layer, which waits for all of its neurons.
    """
    many: Any = node.da
    if many.__class__ is Firing:
        return many if many.is_first(node, zero) else None
    inputs = rest.get(node)
    if inputs is None:
        if node.__class__ is Firing:
            if node.below is not None and (below := node.reach_below(zero)) is not None:
                return below
            many = node
        elif many.__class__ is not Inputs:
            return None
        inputs = rest[node] = iter(many.nodes)
    for x in inputs:
        if x is not None and x.grad is not zero:
            if x.op is not None:
                x.grad = zero
                if x.da.__class__ is not Firing:
                    return x
                if x.da.is_first(x, zero):
                    return x.da
                continue
            if x.grad.__class__ is not float:
                x.grad = _plain(x.grad)
    return None


def _plain(grad: Any) -> float:
    """A leaf's gradient to add to: None is 0, and one with a history (create_graph) gives its number."""
    return 0.0 if grad is None else float(raw(grad))


class Constant(Value):
    """A Value without gradient: what `requires_grad=False` makes, and every op inside `no_grad()`.

    A class of its own, so that one comparison of classes tells a tracked operand (a flag costs 10 % of every op).
    """

    __slots__ = ()

    def __add__(self, other: Any) -> Value:
        return self._binary(add, other)  # type: ignore[no-any-return]

    def __mul__(self, other: Any) -> Value:
        return self._binary(multiply, other)  # type: ignore[no-any-return]

    def __sub__(self, other: Any) -> Value:
        return self._binary(subtract, other)  # type: ignore[no-any-return]


for _op in registry.values():
    if _op.unary:
        _op.short[Value] = method(_op)
