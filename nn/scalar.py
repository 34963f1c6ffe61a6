"""Networks of Values: a neuron, a layer and a perceptron. Every number is a node; signatures as micrograd's."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import wraps
from itertools import pairwise
from typing import Any

from autograd.firing import Firing
from autograd.fused import TOTAL, fire, side_by_side
from autograd.ops.neuron import neuron
from autograd.primitive import registry
from autograd.scalars import edits
from autograd.value import Value

from .fuse import fusing
from .rng import generator


class Parts(list[Any]):
    """A list of weights or of neurons. A change of it is counted, so that a layer knows when to look at it again."""


def _counting(method: Any) -> Any:
    @wraps(method)
    def change(self: Parts, *args: Any) -> Any:
        edits[0] += 1
        return method(self, *args)

    return change


_CHANGES = "__setitem__ __delitem__ __iadd__ __imul__ append clear extend insert pop remove reverse sort"
for _method in _CHANGES.split():
    setattr(Parts, _method, _counting(getattr(list, _method)))


class _Part:
    """What neurons and layers have in common: their neurons as one matrix, made anew when anything was changed."""

    _known: tuple[int, Any, Any] = (-1, None, None)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, Parts(value) if value.__class__ is list else value)
        edits[0] += 1

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_known"}

    def _fired(self, neurons: list[Neuron], x: Sequence[Any], below: Any = None) -> list[Any] | None:
        """The outputs of all neurons, computed at once; None where that cannot be."""
        stamp, units, after = self._known
        if stamp != edits[0]:
            stamp = edits[0]
            units, after = _units(neurons)
            self.__dict__["_known"] = stamp, units, after
        if units is None or len(x) != units.inputs:
            return None
        out = fire(units, x, below)
        return out if out is None or after is None else [getattr(v, after)() for v in out]

    def parameters(self) -> list[Value]:
        """All weights and biases: of each neuron the weights, then the bias."""
        raise NotImplementedError

    def zero_grad(self) -> None:
        """Set every gradient to zero."""
        for p in self.parameters():
            p.grad = 0.0


def _units(neurons: list[Neuron]) -> tuple[Any, str | None]:
    """Neurons of one kind as one matrix, or None; and the activation, if it has to be computed one by one."""
    if not all(isinstance(n, Neuron) and type(n).__call__ is Neuron.__call__ for n in neurons):
        return None, None
    kinds = {(len(n.w), n.activation if n.nonlin else None) for n in neurons}
    if len(kinds) != 1:
        return None, None
    ((_, activation),) = kinds
    fused, after = (activation, None) if activation in TOTAL else (None, activation)
    return side_by_side([n.w for n in neurons], [n.b for n in neurons], fused), after


def _check_activation(name: Any) -> None:
    """An activation is the name of a method of Value."""
    if not isinstance(name, str):
        raise TypeError(
            f'activation={name!r:.60}: give a name, such as "relu" or "tanh"; nonlin=False is for none.'
        )
    functions = [op for op, it in registry.items() if it.arity == 1 and it.elementwise and hasattr(Value, op)]
    known = [op for op in functions if op != "clip"]  # it needs its limits
    if name not in known:
        near = difflib.get_close_matches(name.lower(), known, n=1)
        hint = f'did you mean "{near[0]}"?' if near else 'use "relu", "tanh" or "sigmoid".'
        raise ValueError(f"activation={name!r} is not known: {hint}")


def _one_list(owner: Any, x: Any, more: tuple[Any, ...]) -> None:
    if more or not hasattr(x, "__len__"):
        raise TypeError(f"the inputs are one list: {type(owner).__name__.lower()}([1.0, 2.0]).")


def _name(parts: Sequence[Any]) -> None:
    """Put the place of each part before the names of its parameters: "w0" of part 1 becomes "1.w0"."""
    for i, part in enumerate(parts):
        for p in part.parameters():
            p.name = f"{i}.{p.name}"


class Neuron(_Part):
    """act(w . x + b), the weights uniform in +-1, the bias 0. `nonlin=False` leaves the activation out.

    It is one node; inside `nn.unfused()` it is recorded product by product, as a picture should show it.

    >>> n = Neuron(2, rng=0)
    >>> len(n.parameters())
    3
    """

    def __init__(self, nin: int, nonlin: bool = True, *, activation: str = "relu", rng: Any = None) -> None:
        _check_activation(activation)
        draw = generator(rng)
        self.w = [Value(w, name=f"w{i}") for i, w in enumerate(draw.uniform(-1, 1, nin))]
        self.b = Value(0.0, name="b")
        self.nonlin, self.activation = nonlin, activation

    def __call__(self, x: Sequence[Any], *more: Any) -> Any:
        _one_list(self, x, more)
        if fusing():
            out = self._fired([self], x)
            if out is not None:
                return out[0]
        if len(x) != len(self.w):
            raise ValueError(f"{self!r} has {len(self.w)} inputs and was given {len(x)}.")
        total: Any = self.b
        if fusing():
            total = neuron(*self.w, *x, self.b)
        else:
            for w, xi in zip(self.w, x):
                total = total + w * xi
        return getattr(total, self.activation)() if self.nonlin else total

    def parameters(self) -> list[Value]:
        """The weights, then the bias."""
        return [*self.w, self.b]

    def __repr__(self) -> str:
        return f"{self.activation if self.nonlin else 'linear'} Neuron({len(self.w)})"


class Layer(_Part):
    """`nout` neurons that all see the same inputs. A layer of one returns a single Value.

    >>> [p.name for p in Layer(1, 2, rng=0).parameters()]
    ['0.w0', '0.b', '1.w0', '1.b']
    """

    def __init__(self, nin: int, nout: int, *, rng: Any = None, **settings: Any) -> None:
        draw = generator(rng)
        self.neurons = [Neuron(nin, rng=draw, **settings) for _ in range(nout)]
        _name(self.neurons)

    def __call__(self, x: Sequence[Any], *more: Any) -> Any:
        _one_list(self, x, more)
        out = self._fired(self.neurons, x) if fusing() else None
        if out is None:
            out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Value]:
        """The parameters of all neurons."""
        return [p for neuron in self.neurons for p in neuron.parameters()]

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(str(neuron) for neuron in self.neurons)}]"


class MLP(_Part):
    """Layers one after the other; the last has no activation. A parameter's name is its path: layer, neuron, weight.

    >>> MLP(2, [2, 1], rng=0).parameters()[3].name
    '0.1.w0'

    >>> MLP(2, [16, 16, 1], rng=0)([1.0, -1.0]).op is not None
    True
    """

    def __init__(
        self, nin: int, nouts: Sequence[int], *more: int, activation: str = "relu", rng: Any = None
    ) -> None:
        if more or not hasattr(nouts, "__len__"):
            given = [*nouts, *more] if hasattr(nouts, "__len__") else [nouts, *more]
            raise TypeError(f"the sizes after the first are one list: MLP({nin}, {given}).")
        _check_activation(activation)
        draw = generator(rng)
        sizes = [nin, *nouts]
        self.layers = [
            Layer(a, b, rng=draw, nonlin=i != len(nouts) - 1, activation=activation)
            for i, (a, b) in enumerate(pairwise(sizes))
        ]
        _name(self.layers)

    def __call__(self, x: Any, *more: Any) -> Any:
        if more:
            _one_list(self, x, more)
        below: Any = None
        for layer in self.layers:
            x = x if isinstance(x, (list, tuple)) or hasattr(x, "__len__") else [x]
            out = layer._fired(layer.neurons, x, below) if fusing() and type(layer) is Layer else None
            if out is None:
                x = layer(x)
                below = None
            else:
                x = out[0] if len(out) == 1 else out
                below = out[0].da if out[0].da.__class__ is Firing else None
        return x

    def parameters(self) -> list[Value]:
        """The parameters of all layers."""
        return [p for layer in self.layers for p in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(str(layer) for layer in self.layers)}]"
