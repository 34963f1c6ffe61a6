"""A multi-layer perceptron on our Values, one node for each arithmetic operation.

It has micrograd's structure, so that both engines record the same graph. `nn.scalar`, which may fuse a neuron
into one node, is measured in a row of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from autograd import Value


class PlainMLP:
    """Layers of neurons `relu(b + w0*x0 + w1*x1 + ...)`, the last one without relu."""

    def __init__(self, inputs: int, widths: Sequence[int]) -> None:
        sizes = [inputs, *widths]
        self.layers = [
            [([Value(0.0) for _ in range(before)], Value(0.0)) for _ in range(after)]
            for before, after in pairwise(sizes)
        ]

    def __call__(self, x: Sequence[Any]) -> Any:
        for layer in self.layers[:-1]:
            x = [_neuron(weights, bias, x).relu() for weights, bias in layer]
        outputs = [_neuron(weights, bias, x) for weights, bias in self.layers[-1]]
        return outputs[0] if len(outputs) == 1 else outputs

    def parameters(self) -> list[Value]:
        """Return each neuron's weights and then its bias, layer by layer."""
        return [value for layer in self.layers for weights, bias in layer for value in (*weights, bias)]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters():
            parameter.grad = None


def _neuron(weights: Sequence[Any], bias: Any, x: Sequence[Any]) -> Any:
    return sum((w * xi for w, xi in zip(weights, x, strict=True)), bias)
