"""Networks of Values: a neuron, a layer and a perceptron. Every number is a node; signatures as micrograd's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from autograd.fused import Prepared, prepare, weighted_sum
from autograd.value import Value

from .fuse import fusing
from .init import generator


class Neuron:
    """act(w . x + b), the weights uniform in +-1, the bias 0. `nonlin=False` leaves the activation out.

    The sum is one node; inside `nn.unfused()` it is recorded product by product, as a picture should show it.

    >>> n = Neuron(2, rng=0)
    >>> len(n.parameters())
    3
    """

    def __init__(self, nin: int, nonlin: bool = True, *, activation: str = "relu", rng: Any = None) -> None:
        draw = generator(rng)
        self.w = [Value(w, name=f"w{i}") for i, w in enumerate(draw.uniform(-1, 1, nin))]
        self.b = Value(0.0, name="b")
        self.nonlin, self.activation = nonlin, activation

    def __call__(self, x: Sequence[Any]) -> Any:
        return self._fused(prepare(x)) if fusing() else self._step_by_step(x)

    def _step_by_step(self, x: Sequence[Any]) -> Any:
        self._check(x)
        total: Any = self.b
        for w, xi in zip(self.w, x):
            total = total + w * xi
        return getattr(total, self.activation)() if self.nonlin else total

    def _fused(self, x: Prepared) -> Any:
        self._check(x.inputs)
        total = weighted_sum(self.w, x, self.b)
        return getattr(total, self.activation)() if self.nonlin else total

    def _check(self, x: Sequence[Any]) -> None:
        if len(x) != len(self.w):
            raise ValueError(f"{self!r} has {len(self.w)} inputs and was given {len(x)}.")

    def parameters(self) -> list[Value]:
        """The weights, then the bias."""
        return [*self.w, self.b]

    def zero_grad(self) -> None:
        """Set every gradient to zero."""
        for p in self.parameters():
            p.grad = 0.0

    def __repr__(self) -> str:
        return f"{self.activation if self.nonlin else 'linear'} Neuron({len(self.w)})"


class Layer:
    """`nout` neurons that all see the same inputs. A layer of one returns a single Value."""

    def __init__(self, nin: int, nout: int, *, rng: Any = None, **settings: Any) -> None:
        draw = generator(rng)
        self.neurons = [Neuron(nin, rng=draw, **settings) for _ in range(nout)]

    def __call__(self, x: Sequence[Any]) -> Any:
        if fusing():
            seen = prepare(x)
            out = [neuron._fused(seen) for neuron in self.neurons]
        else:
            out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Value]:
        """The parameters of all neurons."""
        return [p for neuron in self.neurons for p in neuron.parameters()]

    zero_grad = Neuron.zero_grad

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(str(neuron) for neuron in self.neurons)}]"


class MLP:
    """Layers one after the other; the last has no activation.

    >>> MLP(2, [16, 16, 1], rng=0)([1.0, -1.0]).op is not None
    True
    """

    def __init__(self, nin: int, nouts: Sequence[int], *, activation: str = "relu", rng: Any = None) -> None:
        draw = generator(rng)
        sizes = [nin, *nouts]
        self.layers = [
            Layer(a, b, rng=draw, nonlin=i != len(nouts) - 1, activation=activation)
            for i, (a, b) in enumerate(pairwise(sizes))
        ]

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x if isinstance(x, (list, tuple)) or hasattr(x, "__len__") else [x])
        return x

    def parameters(self) -> list[Value]:
        """The parameters of all layers."""
        return [p for layer in self.layers for p in layer.parameters()]

    zero_grad = Neuron.zero_grad

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(str(layer) for layer in self.layers)}]"
