"""checkpoint: a function that keeps no intermediates, and computes them again in the backward pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .containers import is_container, is_number, parts, rebuilt
from .errors import GradientError
from .evaluation import Function, Sweep, as_node, derived, name_of, nodes_in
from .graph import Node, enable_grad, raw, topological_order
from .misc import flatten
from .ops.shape import astype
from .primitive import EveryInput, Primitive
from .recording import differentiated, recording
from .tensor import Tensor
from .value import Value


def checkpoint(function: Function) -> Function:
    """The same function with less memory: its intermediates are dropped, and computed again when gradients need them.

    A graph of n steps, made of segments of sqrt(n) steps each, then needs memory for 2 sqrt(n) of them, at the price
    of a second forward pass (T. Chen et al., "Training deep nets with sublinear memory cost", 2016). Arguments and
    results may be nested containers. Whatever gets a gradient must be an argument: a tracked tensor that the function
    takes from outside is refused. So is, in the backward pass, a function that gives another result the second time.

    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> y = checkpoint(lambda x: np.sin(x) ** 2 + np.cos(x) ** 2)(x)
    >>> y.op.name
    'checkpoint'
    """

    @derived(function, "checkpoint")
    def segment(*args: Any, **kwargs: Any) -> Any:
        given = (args, kwargs)
        if not recording():
            return function(*args, **kwargs)
        arrays = list(parts(given, given, _is_array))
        call = Call(function, given, arrays)
        with enable_grad():
            y = call.run([_detached(x) for x in arrays])
        call.refuse_outside(y)
        if not any(call.tracked):
            return y
        if not is_container(y):
            return call.recorded(arrays, _array(y, function))
        vector, unflatten = flatten(y)
        return unflatten(call.recorded(arrays, raw(vector)))

    return segment


def _array(y: Any, function: Function) -> Any:
    if not is_number(y):
        raise GradientError(
            f"checkpoint() of {name_of(function)!r}, which returned {type(y).__name__} {y!r:.40}: it must return an "
            "array, a number, or a nested container of them."
        )
    return raw(y) if isinstance(y, Node) else np.array(y, dtype=getattr(y, "dtype", np.float64))


def _detached(x: Any) -> Any:
    return x.detach() if isinstance(x, (Tensor, Value)) else x


def _is_array(x: Any) -> bool:
    return isinstance(x, Node) or hasattr(x, "__array_function__")


class _Place:
    """Where an array belongs in the arguments."""


class Call:
    """One call of a checkpointed function: the function, and its arguments without their arrays."""

    def __init__(self, function: Function, given: Any, arrays: list[Any]) -> None:
        self.function = function
        self.__name__ = name_of(function)
        self.arguments = rebuilt(given, (_Place() for _ in arrays), _is_array)
        self.tracked = [isinstance(x, Node) and x.requires_grad for x in arrays]
        self.constant = [isinstance(x, Node) and not x.requires_grad for x in arrays]
        self.result: Any = None

    def run(self, arrays: Any) -> Any:
        args, kwargs = rebuilt(self.arguments, iter(arrays), lambda x: isinstance(x, _Place))
        return self.function(*args, **kwargs)

    def recorded(self, arrays: list[Any], result: Any) -> Any:
        """The result of the first run as a node."""
        self.result = result
        y = _op(*arrays, call=self)
        # With NumPy 1 an op has the widest dtype of its inputs.
        return y if y.dtype == result.dtype else astype(y, dtype=result.dtype)

    def refuse_outside(self, y: Any) -> None:
        """In the first run all arguments are constants, so a result with a history has it from outside."""
        outside = [
            x for part in nodes_in(y) if part.requires_grad for x in topological_order(part) if x.op is None
        ]
        if outside:
            raise GradientError(
                f"checkpoint() of {self.__name__!r}, which uses {outside[0]!r:.60} without taking it as an argument: "
                "it would get no gradient. Pass it as an argument, alone or in a list or dict, "
                "as in checkpoint(f)(x, parameters); or use its numbers, by .detach()."
            )

    def again(self, arrays: tuple[Any, ...]) -> tuple[Any, list[Any]]:
        """The result recorded, and the nodes that stood in for the tracked inputs."""
        with enable_grad():
            inputs = [
                as_node(x) if tracked else _constant(x) if constant else x
                for x, tracked, constant in zip(arrays, self.tracked, self.constant)
            ]
            nodes = [x for x, tracked in zip(inputs, self.tracked) if tracked]
            token = differentiated.set(differentiated.get() | set(nodes))
            try:
                y = self.run(inputs)
            finally:
                differentiated.reset(token)
            return (flatten(y)[0] if is_container(y) else y), nodes


def _constant(x: Any) -> Any:
    return x if isinstance(x, Node) else Tensor(x, requires_grad=False, dtype=x.dtype)


def _forward(*arrays: Any, call: Call) -> Any:
    return (
        call.result
    )  # of the run that checkpoint() made itself, so that an error of the function comes as it is


def _vjp(computed: dict[int, Any], i: int, g: Any, y: Any, *inputs: Any, call: Call) -> Any:
    if not isinstance(g, Node) and hasattr(g, "_apply_primitive"):  # a symbol: its label is a call
        return g._apply_primitive(_Label(call, i), (g, y, *inputs), {})
    if not computed:
        again, nodes = call.again(inputs)
        if not _same(raw(again), raw(y)):
            raise GradientError(
                f"checkpoint() of {call.__name__!r}, which gave another result when it was run again for the backward "
                "pass. It must depend on its arguments alone: draw random numbers outside and pass them, and change "
                "no array that it uses."
            )
        found: list[Any] = [np.zeros_like(raw(x)) for x in nodes]
        if isinstance(again, Node):
            found = Sweep(again, nodes)(g, any(isinstance(x, Node) for x in (g, *inputs)))
        computed.update(zip((j for j, tracked in enumerate(call.tracked) if tracked), found))
    return computed.pop(i)


def _same(a: Any, b: Any) -> bool:
    """Whether a result came out again. Not to the last bit: that may depend on where in memory an array lies."""
    if np.shape(a) != np.shape(b):
        return False
    tolerance = float(np.finfo(b.dtype).eps) ** 0.5
    largest = float(np.max(np.abs(b), initial=0.0, where=np.isfinite(b)))
    return bool(np.allclose(a, b, tolerance, tolerance * largest, equal_nan=True))


class _Label:
    """The gradient of a checkpointed function in its input number i, as a picture writes it: vjp(g, y, x)."""

    name = "vjp"

    def __init__(self, call: Call, i: int) -> None:
        self.call, self.i = call, i

    def __call__(self, g: Any, y: Any, *inputs: Any) -> Any:
        return _vjp({}, self.i, g, y, *inputs, call=self.call)


class _OneRun(EveryInput):
    """The vjps of all inputs of a node. They share one run: a backward pass asks for them in a row, by iterating."""

    def __iter__(self) -> Iterator[Any]:
        computed: dict[int, Any] = {}
        i = 0
        while True:
            yield lambda *args, i=i, **kwargs: self.vjp(computed, i, *args, **kwargs)
            i += 1

    def __getitem__(self, i: Any) -> Any:
        return lambda *args, **kwargs: self.vjp({}, i, *args, **kwargs)


_op = Primitive(
    "checkpoint",
    _forward,
    _OneRun(_vjp),
    doc="A function whose intermediates are computed again when gradients need them; autograd.checkpoint makes one.",
)
_op.__module__ = (
    __name__  # no op of the table: what it computes, and its rule, are a function's that it is given
)

__all__ = ["checkpoint"]
