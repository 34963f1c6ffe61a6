"""Value: a number that remembers how it was made. The whole of backpropagation, for scalars, in one file.

Each arithmetic operation makes a node and stores, next to the result, the *local gradient* of each input: how fast the
result changes with that input alone. `backward()` then walks from the result to the inputs and multiplies:

    contribution to an input = upstream gradient of the node x local gradient of the edge

and a node that is used several times sums what arrives. Nothing else is needed.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from typing import Any, NamedTuple

from . import protocols
from .errors import DomainError, GradientError
from .graph import Node, paths_between, pull_nodes, recording, reverse_sweep, topological_order
from .ops.elementwise import add, divide, multiply, negative, power, subtract
from .primitive import Primitive

new = object.__new__


def record(data: float, op: Primitive, a: Any, b: Any, da: Any, db: Any) -> Value:
    """A node made by `op` from `a` and `b`, whose local gradients are `da` and `db`."""
    node = new(Value)
    node.data = data
    node.grad = None
    node.op = op
    node.a = a
    node.b = b
    node.da = da
    node.db = db
    return node


class Value(Node):
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

    # a, b: the inputs; da, db: their local gradients. Where an input is a constant, its node is None and its local
    # gradient, which nobody needs, gives its place to the constant. An op with one input keeps its settings, if it has
    # any, in db. An op with more than two inputs leaves a and b empty: da is an `Inputs`, and db its settings.
    # _name is left unset until somebody gives a name: a node is made in as few steps as possible.
    __slots__ = ("__weakref__", "_name", "a", "b", "da", "data", "db", "grad", "op")

    def __init__(self, data: Any, name: str | None = None, requires_grad: bool = True) -> None:
        self.data = _number(data)
        self.grad = self.op = self.a = self.b = self.da = self.db = None
        if name is not None:
            self._name = name
        if not requires_grad:
            self.__class__ = Constant

    # --- arithmetic: the common case is written out here, with its calculus; the rest goes through `_apply_primitive`

    def __add__(self, other: Any) -> Value:
        if other.__class__ is Value and recording():
            node = new(Value)
            node.data = self.data + other.data
            node.op = add
            node.a = self
            node.b = other
            node.da = 1.0
            node.db = 1.0
            node.grad = None
            return node
        return self._binary(add, self, other)

    def __mul__(self, other: Any) -> Value:
        if other.__class__ is Value and recording():
            node = new(Value)
            node.data = self.data * other.data
            node.op = multiply
            node.a = self
            node.b = other
            node.da = other.data
            node.db = self.data
            node.grad = None
            return node
        return self._binary(multiply, self, other)

    def __sub__(self, other: Any) -> Value:
        if other.__class__ is Value and recording():
            node = new(Value)
            node.data = self.data - other.data
            node.op = subtract
            node.a = self
            node.b = other
            node.da = 1.0
            node.db = -1.0
            node.grad = None
            return node
        return self._binary(subtract, self, other)

    def __truediv__(self, other: Any) -> Value:
        return self._binary(divide, self, other)

    def __pow__(self, other: Any) -> Value:
        return self._binary(power, self, other)

    def __radd__(self, other: Any) -> Value:
        return self._binary(add, other, self)

    def __rmul__(self, other: Any) -> Value:
        return self._binary(multiply, other, self)

    def __rsub__(self, other: Any) -> Value:
        return self._binary(subtract, other, self)

    def __rtruediv__(self, other: Any) -> Value:
        return self._binary(divide, other, self)

    def __rpow__(self, other: Any) -> Value:
        return self._binary(power, other, self)

    def __neg__(self) -> Value:
        return _apply(negative, (self,), {})

    def __pos__(self) -> Value:
        return self

    def _binary(self, op: Primitive, a: Any, b: Any) -> Any:
        other = b if a is self else a
        if isinstance(other, (Value, numbers.Real)):
            return _apply(op, (a, b), {})
        apply = getattr(other, "_apply_primitive", None)
        return NotImplemented if apply is None else apply(op, (a, b), {})

    def _apply_primitive(self, op: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        for x in args:
            if not isinstance(x, (Value, numbers.Real)) and hasattr(x, "_apply_primitive"):
                return x._apply_primitive(op, args, kwargs)
        return _apply(op, args, kwargs)

    __array_ufunc__ = protocols.array_ufunc
    __array_function__ = protocols.array_function

    # --- comparison is of the numbers, and gives plain booleans; a node hashes by identity

    def __eq__(self, other: object) -> bool:
        return self.data == (other.data if isinstance(other, Node) else other)  # type: ignore[no-any-return]

    def __lt__(self, other: Any) -> bool:
        return self.data < (other.data if isinstance(other, Node) else other)  # type: ignore[no-any-return]

    def __le__(self, other: Any) -> bool:
        return self.data <= (other.data if isinstance(other, Node) else other)  # type: ignore[no-any-return]

    def __gt__(self, other: Any) -> bool:
        return self.data > (other.data if isinstance(other, Node) else other)  # type: ignore[no-any-return]

    def __ge__(self, other: Any) -> bool:
        return self.data >= (other.data if isinstance(other, Node) else other)  # type: ignore[no-any-return]

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(self.data)

    def __float__(self) -> float:
        return self.data  # type: ignore[no-any-return]

    def __abs__(self) -> Value:
        return self.abs()  # type: ignore[no-any-return]

    def item(self) -> float:
        """The plain number, out of the graph."""
        return self.data  # type: ignore[no-any-return]

    def detach(self) -> Value:
        """A constant with the same number, cut off from the graph."""
        return Value(self.data, name=self.name, requires_grad=False)

    def __repr__(self) -> str:
        name = f", name={self.name!r}" if self.name else ""
        tracked = "" if self.requires_grad else ", requires_grad=False"
        grad = "" if self.grad is None else f", grad={_plain(self.grad):.6g}"
        return f"Value({self.data:.6g}{name}{grad}{tracked})"

    @property
    def name(self) -> str | None:  # type: ignore[override]
        """The name shown in pictures and messages."""
        try:
            return self._name
        except AttributeError:
            return None

    @name.setter
    def name(self, value: str | None) -> None:
        self._name = value

    @property
    def requires_grad(self) -> bool:  # type: ignore[override]
        """Whether this node gets a gradient. Set it on leaves only, before they are used."""
        return not isinstance(self, Constant)

    @requires_grad.setter
    def requires_grad(self, tracked: bool) -> None:
        if self.op is not None and not tracked:
            raise GradientError("requires_grad=False on a node that was recorded. Use .detach() for a constant copy.")
        self.__class__ = Value if tracked else Constant

    # --- the graph around a node

    @property
    def parents(self) -> tuple[Node | None, ...]:
        """The tracked inputs in argument order, repeats included; None stands for a constant."""
        if self.op is None:
            return ()
        if self.da.__class__ is Inputs:
            return self.da.nodes  # type: ignore[no-any-return]
        return (self.a,) if self.op.arity == 1 else (self.a, self.b)

    @property
    def inputs(self) -> tuple[Any, ...]:
        """All inputs in argument order: nodes, and the constants where `parents` has None."""
        local = self.local_gradients
        return tuple(local[i] if parent is None else parent for i, parent in enumerate(self.parents))

    @property
    def local_gradients(self) -> tuple[Any, ...]:
        """d(this) / d(input) of each input, as computed in the forward pass; for a constant input, the constant."""
        if self.op is None:
            return ()
        if self.da.__class__ is Inputs:
            return self.da.local  # type: ignore[no-any-return]
        return (self.da,) if self.op.arity == 1 else (self.da, self.db)

    @property
    def kwargs(self) -> dict[str, Any]:
        """The settings of the operation, such as the slope of `leaky_relu`."""
        return self.db if self.db.__class__ is dict else {}  # type: ignore[no-any-return]

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
        if create_graph:
            return self._backward_nodes(upstream)
        zero = float("0")  # a zero of this call's own: a node whose gradient *is* this object has been visited
        order: list[Value] = []
        waiting: list[Value] = []
        node = self
        self.grad = zero if self.op is not None else self.grad or zero
        while True:  # down to the first input that is new; a node enters the order when all its inputs are in it
            x, b = node.a, node.b
            if x is not None and x.grad is not zero:
                if x.op is not None:
                    x.grad = zero
                    waiting.append(node)
                    node = x
                    continue
                if x.grad is None:
                    x.grad = 0.0
            if b is not None and b.grad is not zero:
                if b.op is not None:
                    b.grad = zero
                    waiting.append(node)
                    node = b
                    continue
                if b.grad is None:
                    b.grad = 0.0
            if x is b is None and (new_input := _first_new(node, zero)) is not None:
                waiting.append(node)
                node = new_input
                continue
            order.append(node)
            if not waiting:
                break
            node = waiting.pop()
        self.grad = self.grad + _number(upstream)
        order.reverse()
        for node in order:
            g = node.grad
            x, b = node.a, node.b
            if x is not None:
                x.grad += g * node.da
            if b is not None:
                b.grad += g * node.db
            elif x is None and node.op is not None:
                for x, local in zip(*node.da):
                    if x is not None:
                        x.grad += g * local

    def _backward_nodes(self, upstream: Any) -> None:
        order = topological_order(self)
        seed = upstream if isinstance(upstream, Value) else Value(upstream, requires_grad=False)
        adjoints = dict(reverse_sweep(order, seed, pull_nodes))
        for node in order:
            held = node.grad if node.op is None else None
            node.grad = adjoints[node] if held is None else adjoints[node] + held

    def _seed(self, upstream: Any) -> float:
        return 1.0 if upstream is None else _number(upstream)

    def _pull(self, g: Any) -> Iterable[Any]:
        return [
            None if x is None else g * local for x, local in zip(self.parents, self.local_gradients)
        ]

    # --- copying: leaves copy as they are; a recorded node cuts its graph and becomes a leaf

    def __reduce__(self) -> tuple[Any, ...]:
        kind = Value if isinstance(self, Constant) else type(self)
        return _restore, (kind, self.data, self.name, self.requires_grad, self.grad)


class Inputs(NamedTuple):
    """The inputs of an op with more than two: the nodes (None for a constant), and their local gradients."""

    nodes: tuple[Value | None, ...]
    local: tuple[Any, ...]


def _first_new(node: Value, zero: float) -> Value | None:
    """Among the inputs of an op with many, the first that the walk has not seen, marked as seen."""
    if node.da.__class__ is Inputs:
        for x in node.da.nodes:
            if x is not None and x.grad is not zero:
                if x.op is not None:
                    x.grad = zero
                    return x
                if x.grad is None:
                    x.grad = 0.0
    return None


class Constant(Value):
    """A Value without gradient: what `requires_grad=False` makes, and every op inside `no_grad()`.

    A class of its own, so that one comparison of classes tells a tracked operand (a flag costs 10 % of every op).
    """

    __slots__ = ()

    def __add__(self, other: Any) -> Value:
        return self._binary(add, self, other)

    def __mul__(self, other: Any) -> Value:
        return self._binary(multiply, self, other)

    def __sub__(self, other: Any) -> Value:
        return self._binary(subtract, self, other)


def _restore(kind: type[Value], data: float, name: str | None, requires_grad: bool, grad: Any) -> Value:
    value = kind(data, name, requires_grad)
    value.grad = grad
    return value


def _apply(op: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Value:
    """The general way to a node: any op, any number of inputs, constants among them."""
    if op.scalar is None or op.rules is None:
        raise TypeError(f"{op.name} works on arrays, not on a Value. Make it a Tensor: Tensor({args[0]!r}).")
    numbers_ = [x.data if isinstance(x, Value) else _number(x) for x in args]
    try:
        y = op.scalar(*numbers_, **kwargs)
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise _explain(op, numbers_, error) from None
    if y.__class__ is complex:
        raise DomainError(
            f"power: {numbers_[0]:g} ** {numbers_[1]:g} is not a real number. "
            "A negative base needs a whole-number exponent, such as x ** 2 or x ** -1."
        )
    tracked = [x if isinstance(x, Value) and x.requires_grad else None for x in args]
    if not recording() or not any(x is not None for x in tracked):
        return Value(y, requires_grad=False)
    local = [
        (args[i] if isinstance(args[i], Value) else numbers_[i]) if x is None else _local(op.rules[i], y, numbers_, kwargs) for i, x in enumerate(tracked)
    ]
    if op.arity == 1:
        return record(y, op, tracked[0], None, local[0], kwargs or None)
    if op.arity == 2 and not kwargs:
        return record(y, op, tracked[0], tracked[1], local[0], local[1])
    return record(y, op, None, None, Inputs(tuple(tracked), tuple(local)), kwargs or None)


def _local(rule: Any, y: float, numbers_: list[float], kwargs: dict[str, Any]) -> float:
    try:
        return float(rule(y, *numbers_, **kwargs))
    except (ZeroDivisionError, OverflowError):
        return math.inf  # an infinite slope, as that of sqrt at 0
    except ValueError:
        return math.nan  # no slope, as that of (-2) ** b in b


def _number(data: Any) -> float:
    if data.__class__ is float:
        return data  # type: ignore[no-any-return]
    if isinstance(data, Node):
        raise TypeError(
            f"{data!r} is a node already, where a plain number was expected. "
            "Use it as it is, or take its number with .item() (that leaves the graph)."
        )
    if isinstance(data, numbers.Complex) and not isinstance(data, numbers.Real):
        raise TypeError(f"complex number {data!r}: gradients here are of real numbers. Give its .real or abs().")
    if isinstance(data, (str, bytes)):
        raise TypeError(f"{data!r} is text, where a number was expected. Convert it first: float({data!r}).")
    try:
        return float(data)
    except (TypeError, ValueError):
        raise TypeError(
            f"a Value holds one real number, not {type(data).__name__} {data!r:.60}. For arrays use Tensor."
        ) from None


def _plain(x: Any) -> float:
    while isinstance(x, Value):
        x = x.data
    return float(x)


def _explain(op: Primitive, given: list[float], error: Exception) -> Exception:
    call = f"{op.name}({', '.join(f'{x:g}' for x in given)})"
    if isinstance(error, ZeroDivisionError):
        return ZeroDivisionError(f"{call}: division by zero. Keep the divisor away from 0, e.g. add a small number.")
    if isinstance(error, OverflowError):
        return OverflowError(f"{call}: the result is too large for a float. Scale the input down.")
    return DomainError(f"{call}: {op.name} is not defined there for real numbers. Keep the input in its domain.")
