"""Networks of Values: a neuron, a layer and a perceptron. Every number is a node; signatures as micrograd's."""

from __future__ import annotations

import difflib
import numbers
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from autograd.firing import Firing
from autograd.ops.neuron import neuron
from autograd.primitive import registry
from autograd.value import Value

from ..core.fuse import fusing
from ..core.numbers import whole
from ..core.rng import generator
from .parts import Part


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


class Neuron(Part):
    """act(w . x + b), the weights uniform in +-1, the bias 0. `nonlin=False` leaves the activation out.

    It is one node; inside `nn.unfused()` it is recorded product by product, as a picture should show it.

    >>> n = Neuron(2, rng=0)
    >>> len(n.parameters())
    3
    """

    def __init__(self, nin: int, nonlin: bool = True, *, activation: str = "relu", rng: Any = None) -> None:
        _check_activation(activation)
        nin = whole("Neuron: nin", nin, why="the number of inputs")
        draw = generator(rng)
        self.w = [Value(w, name=f"w{i}") for i, w in enumerate(draw.uniform(-1, 1, nin))]
        self.b = Value(0.0, name="b")
        self.nonlin, self.activation = nonlin, activation

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "b" and isinstance(value, numbers.Number):
            raise TypeError(
                f"neuron.b = {value!r}: the bias is a Value, which has a gradient. Write neuron.b.data = {value!r}."
            )
        super().__setattr__(name, value)

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

    def _row(self) -> tuple[Sequence[Any], Any, str | None] | None:
        activation = self.activation if self.nonlin else None
        return (self.w, self.b, activation) if type(self).__call__ is Neuron.__call__ else None

    def parameters(self) -> list[Value]:
        """The weights, then the bias."""
        return [*self.w, self.b]

    def __repr__(self) -> str:
        return f"{self.activation if self.nonlin else 'linear'} Neuron({len(self.w)})"


class Layer(Part):
    """`nout` neurons that all see the same inputs. A layer of one returns a single Value.

    >>> [p.name for p in Layer(1, 2, rng=0).parameters()]
    ['0.w0', '0.b', '1.w0', '1.b']
    """

    def __init__(self, nin: int, nout: int, *, rng: Any = None, **settings: Any) -> None:
        nout = whole("Layer: nout", nout, why="the number of neurons")
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


class MLP(Part):
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
        if not len(nouts):
            raise ValueError(f"MLP({nin}, []): give the sizes of the layers, such as MLP({nin}, [16, 1]).")
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
