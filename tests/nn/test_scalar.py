"""Networks of Values."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

import nn
from autograd import Value, no_grad


def test_mlp_has_micrograds_signatures():
    net = nn.scalar.MLP(2, [16, 16, 1], rng=0)
    assert len(net.parameters()) == 337
    out = net([1.0, -1.0])
    out.backward()
    assert any(p.grad for p in net.parameters())
    net.zero_grad()
    assert all(p.grad == 0 for p in net.parameters())
    assert repr(net).startswith("MLP of [Layer of [relu Neuron(2)")
    assert len(nn.scalar.MLP(2, [3], rng=0)([1.0, 2.0])) == 3


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_the_scalar_network_equals_the_tensor_network(activation):
    net = nn.scalar.MLP(3, [4, 2], activation=activation, rng=0)
    module = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[activation]
    model = nn.MLP([3, 4, 2], activation=module, rng=0)
    for i, layer in enumerate(net.layers):
        model[2 * i].weight.data = [[w.data for w in n.w] for n in layer.neurons]
        model[2 * i].bias.data = [n.b.data for n in layer.neurons]
    x = [0.3, -0.7, 0.5]
    a, b = net(x), model(np.array([x]))
    np.testing.assert_allclose([v.data for v in a], b.data[0], rtol=1e-14)
    (a[0] * 2 + a[1]).backward()
    (b * np.array([2.0, 1.0])).sum().backward()
    for i, layer in enumerate(net.layers):
        np.testing.assert_allclose([[w.grad for w in n.w] for n in layer.neurons], model[2 * i].weight.grad)
        np.testing.assert_allclose([n.b.grad for n in layer.neurons], model[2 * i].bias.grad)


def test_inputs_can_be_values_and_get_gradients():
    x = [Value(1.0), Value(2.0)]
    nn.scalar.Neuron(2, nonlin=False, rng=0)(x).backward()
    assert x[0].grad is not None


def test_wrong_number_of_inputs():
    with pytest.raises(ValueError, match="2 inputs and was given 3"):
        nn.scalar.Neuron(2)([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: nn.scalar.Neuron(2)(1.0, 2.0), TypeError, r"one list: neuron\(\[1.0, 2.0\]\)"),
        (lambda: nn.scalar.Neuron(2)(1.0), TypeError, "one list"),
        (lambda: nn.scalar.Layer(2, 2)(1.0, 2.0), TypeError, r"one list: layer\(\["),
        (lambda: nn.scalar.MLP(2, [1])(1.0, 2.0), TypeError, r"one list: mlp\(\["),
        (lambda: nn.scalar.MLP(2, 3, 1), TypeError, r"one list: MLP\(2, \[3, 1\]\)"),
        (lambda: nn.scalar.MLP(2, 3), TypeError, r"one list: MLP\(2, \[3\]\)"),
        (lambda: nn.scalar.Neuron(2, activation="rleu"), ValueError, 'did you mean "relu"'),
        (lambda: nn.scalar.MLP(2, [1], activation="Tanh"), ValueError, 'did you mean "tanh"'),
        (lambda: nn.scalar.Layer(2, 1, activation="xyz"), ValueError, 'use "relu"'),
        (lambda: nn.scalar.MLP(2, [1], activation=nn.Tanh), TypeError, "give a name"),
    ],
)
def test_wrong_calls_say_what_to_write(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()


def test_parameters_are_named_by_their_path():
    assert [p.name for p in nn.scalar.Neuron(2).parameters()] == ["w0", "w1", "b"]
    assert [p.name for p in nn.scalar.Layer(1, 2).parameters()] == ["0.w0", "0.b", "1.w0", "1.b"]
    names = [p.name for p in nn.scalar.MLP(2, [3, 2, 1]).parameters()]
    assert names[:4] == ["0.0.w0", "0.0.w1", "0.0.b", "0.1.w0"]
    assert names[-1] == "2.0.b"
    assert len(set(names)) == len(names)


def test_fused_neurons_equal_their_steps():
    net = nn.scalar.MLP(3, [4, 2], rng=0)
    frozen = net.layers[0].neurons[0].w[1]
    for x in ([0.3, -0.7, 0.5], [Value(0.3), -1, Value(0.5, requires_grad=False)]):
        for tracked in (True, False):
            frozen.requires_grad = tracked
            results = []
            for context in (nn.unfused(), contextlib.nullcontext()):
                net.zero_grad()
                with context:
                    out = net(x)
                (out[0] * 2 + out[1]).backward()
                results.append(
                    [out[0].data, out[1].data, *[p.grad for p in net.parameters() if p.requires_grad]]
                )
            np.testing.assert_allclose(*results, rtol=1e-13)


def test_a_fused_neuron_is_one_node_with_every_input():
    n = nn.scalar.Neuron(2, nonlin=False, rng=0)
    x = Value(3.0)
    out = n([x, 5.0])
    assert out.op.name == "neuron"
    assert out.parents == (*n.w, x, None, n.b)
    assert out.inputs == (*n.w, x, 5.0, n.b)
    assert out.local_gradients == (3.0, 5.0, n.w[0].data, 5.0, 1.0)


def test_inside_no_grad_nothing_is_recorded():
    with no_grad():
        assert nn.scalar.MLP(2, [3, 1], rng=0)([1.0, 2.0]).op is None
