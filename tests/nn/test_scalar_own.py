"""nn.scalar with parts of one's own, which are not computed as one matrix with the others; and its activations."""

from __future__ import annotations

import pytest

import nn
from autograd import Value
from autograd.primitive import registry
from nn.scalar import MLP, Layer, Neuron


class Doubled(Neuron):
    def __call__(self, x, *more):
        return 2.0 * super().__call__(x, *more)


class Turned(Layer):
    def __call__(self, x, *more):
        return super().__call__(x, *more)[::-1]


def doubled(net):
    net.layers[1].neurons[1] = Doubled(3, activation="tanh", rng=5)


def turned(net):
    net.layers[1] = Turned(3, 3, activation="tanh", rng=5)


@pytest.mark.parametrize("change", [doubled, turned])
def test_a_part_of_ones_own_computes_as_it_says(change):
    """As when every product is recorded by itself: outputs and gradients, also of the layers around it."""
    results = []
    for fused in (True, False):
        net = MLP(2, [3, 3, 3, 1], activation="tanh", rng=0)
        change(net)
        if fused:
            out = net([0.5, -1.0])
        else:
            with nn.unfused():
                out = net([0.5, -1.0])
        out.backward()
        results.append([out.data, *(p.grad for p in net.parameters())])
    assert results[0] == pytest.approx(results[1], rel=1e-12)
    plain = MLP(2, [3, 3, 3, 1], activation="tanh", rng=0)([0.5, -1.0])
    assert plain.data != pytest.approx(results[0][0])


@pytest.mark.parametrize("name", [name for name, op in registry.items() if op.arity == 1])
def test_an_activation_that_is_taken_can_be_computed(name):
    try:
        neuron = Neuron(2, activation=name, rng=0)
    except ValueError:
        return
    neuron.b.data = 2.0 if name == "arccosh" else 0.5  # within its domain
    assert isinstance(neuron([0.01, 0.02]), Value)


@pytest.mark.parametrize("name", ["clip", "sum", "log_softmax"])
def test_an_activation_is_a_function_of_one_number(name):
    with pytest.raises(ValueError, match=f"activation='{name}' is not known"):
        Neuron(2, activation=name)


def test_a_network_has_layers():
    with pytest.raises(ValueError, match=r"MLP\(2, \[\]\): give the sizes"):
        MLP(2, [])
