"""Networks of Values."""

from __future__ import annotations

import contextlib
import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import nn
from autograd import Value, detect_anomaly, gradients, no_grad, registry, replay, topological_order, trace
from autograd.errors import MutationError

ACTIVATIONS = sorted(
    name
    for name, op in registry.items()
    if op.arity == 1 and op.elementwise and hasattr(Value, name) and name not in ("clip", "arccosh")
)


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


def results(net, x, context, loss):
    """The number of a loss, and all gradients, those of the inputs too."""
    net.zero_grad()
    for v in x:
        v.grad = None
    with context:
        out = net(x)
    total = loss(out if isinstance(out, list) else [out])
    total.backward()
    return [total.data, *[p.grad for p in net.parameters()], *[v.grad for v in x]]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_fused_and_step_by_step(activation):
    net, x = nn.scalar.MLP(2, [3, 2], activation=activation, rng=1), [Value(0.2), Value(0.3)]
    for neuron in net.layers[0].neurons:  # sums between 0.4 and 0.8: every function is defined there
        neuron.b.data = 0.6
        for w in neuron.w:
            w.data *= 0.2
    both = [results(net, x, c, sum) for c in (nn.unfused(), contextlib.nullcontext())]
    np.testing.assert_allclose(*both, rtol=1e-12, atol=1e-15)
    assert all(type(p.grad) is float for p in net.parameters())


def test_outputs_used_several_times_in_part_and_out_of_order():
    layer, head = nn.scalar.Layer(2, 4, activation="tanh", rng=0), nn.scalar.Layer(4, 3, rng=1)
    last = nn.scalar.Neuron(3, nonlin=False, rng=2)

    class Net:
        def __call__(self, x):
            h = layer(x)
            h = [h[2], h[0], h[2], h[1]]  # one twice, one never
            y = head(h)
            return [last([y[1], h[0] * y[0], x[0]]) * h[1], y[2]]

        def parameters(self):
            return [*layer.parameters(), *head.parameters(), *last.parameters()]

        zero_grad = nn.scalar.Neuron.zero_grad

    x = [Value(0.5), Value(-1.5)]
    loss = lambda out: out[0] * out[1] + sum(p * p for p in layer.parameters())
    both = [results(Net(), x, c, loss) for c in (nn.unfused(), contextlib.nullcontext())]
    np.testing.assert_allclose(*both, rtol=1e-12)
    layer.zero_grad()
    h = layer(x)
    (h[0] + head(h)[0] + head([*h[:3], 1.0])[1]).backward()  # a whole layer and a part of it
    ours = [p.grad for p in layer.parameters()]
    with nn.unfused():
        layer.zero_grad()
        h = layer(x)
        (h[0] + head(h)[0] + head([*h[:3], 1.0])[1]).backward()
    np.testing.assert_allclose(ours, [p.grad for p in layer.parameters()], rtol=1e-12)


@pytest.mark.parametrize("first", [True, False])
def test_a_hidden_neuron_of_a_network_that_is_used_elsewhere_too(first):
    net, x = nn.scalar.MLP(2, [3, 4, 1], activation="tanh", rng=0), [Value(0.5), Value(-1.5)]
    out = net(x)
    hidden = out.parents[5]
    (hidden * hidden + out if first else out + hidden * hidden).backward()
    ours = [p.grad for p in net.parameters()]
    net.zero_grad()
    with nn.unfused():
        h = net.layers[1](net.layers[0](x))
        (h[1] * h[1] + net.layers[2](h)).backward()
    np.testing.assert_allclose(ours, [p.grad for p in net.parameters()], rtol=1e-12)
    assert hidden.grad == pytest.approx(h[1].grad)


def test_many_samples_share_their_weights():
    net, rng = nn.scalar.MLP(2, [5, 4, 1], activation="sigmoid", rng=0), np.random.default_rng(0)
    samples = rng.normal(size=(7, 2))
    found = []
    for context in (nn.unfused(), contextlib.nullcontext()):
        net.zero_grad()
        with context:
            total = sum((net(row) - 0.3) ** 2 for row in samples)
        total.backward()
        total.backward()  # the graph survives, and leaves accumulate
        found.append([p.grad for p in net.parameters()])
    np.testing.assert_allclose(*found, rtol=1e-12)


def test_intermediate_gradients_are_there():
    net, x = nn.scalar.MLP(2, [3, 1], rng=0), [1.0, 2.0]
    hidden = net.layers[0](x)
    out = net.layers[1](hidden)
    out.backward()
    assert [h.grad for h in hidden] == [w.data for w in net.layers[1].neurons[0].w]
    out.backward()
    assert [h.grad for h in hidden] == [w.data for w in net.layers[1].neurons[0].w]


def test_every_change_of_a_weight_is_seen():
    layer = nn.scalar.Layer(2, 2, nonlin=False, rng=0)
    first = layer.neurons[0]

    def equals_its_steps():
        x = [2.0, 3.0]
        with nn.unfused():
            expected = layer(x)
        out = layer(x)
        np.testing.assert_allclose([v.data for v in out], [v.data for v in expected], rtol=1e-14)
        return out

    equals_its_steps()
    first.w[0].data = 5.0
    equals_its_steps()
    first.w[0] = Value(5.0)  # another node with the same number
    out = equals_its_steps()
    sum(out).backward()
    assert first.w[0].grad == 2.0
    first.b = Value(7.0)
    equals_its_steps()
    first.w = [Value(1.0), Value(2.0)]
    equals_its_steps()
    first.nonlin = True
    first.w[0].data = -50.0
    assert equals_its_steps()[0].data == 0.0
    first.nonlin = False
    first.w[1].requires_grad = False
    out = equals_its_steps()
    assert out[0].parents[1] is None
    assert out[0].inputs[1] is first.w[1]
    layer.neurons[1].w[0] = first.w[0]  # shared
    sum(equals_its_steps()).backward()
    assert first.w[0].grad == 4.0
    layer.neurons.append(nn.scalar.Neuron(2, rng=3))
    assert len(equals_its_steps()) == 3
    first.w[0] = first.b * 2  # a weight with a history
    out = equals_its_steps()
    first.b.grad = None
    out[0].backward()
    assert first.b.grad == 1 + 2 * 2.0


def test_an_old_graph_keeps_its_numbers():
    neuron, x = nn.scalar.Neuron(1, nonlin=False, rng=0), Value(3.0)
    before = neuron.w[0].data
    old = neuron([x])
    neuron.w[0].data = 100.0
    neuron([x])
    old.backward()
    assert x.grad == before
    with pytest.raises(MutationError, match="neuron"):
        gradients(old, x, create_graph=True)


def test_a_fused_network_looks_like_its_neurons():
    net, x = nn.scalar.MLP(2, [3, 1], activation="tanh", rng=0), [Value(0.5), Value(2.0)]
    out = net(x)
    order = topological_order(out)
    assert [node.op.name for node in order if node.op] == ["neuron"] * 4
    assert len(order) == 4 + 13 + 2
    hidden = out.parents[3:6]
    assert hidden[1] is topological_order(out)[order.index(hidden[1])]
    assert hidden[1].kwargs == {"activation": "tanh"}
    neuron = net.layers[0].neurons[1]
    slope = 1 - hidden[1].data ** 2
    expected = (0.5 * slope, 2.0 * slope, slope * neuron.w[0].data, slope * neuron.w[1].data, slope)
    np.testing.assert_allclose(hidden[1].local_gradients, expected, rtol=1e-14)
    out.backward()
    adjoints, _ = trace(out)
    np.testing.assert_allclose([adjoints[v] for v in net.parameters()], [v.grad for v in net.parameters()])
    moved = replay(out, {x[0]: 0.7})[out]
    assert moved == pytest.approx(net([0.7, 2.0]).data, rel=1e-14)


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "exp"])
def test_second_derivatives_of_a_fused_network(activation):
    net, x = nn.scalar.MLP(2, [3, 2, 1], activation=activation, rng=0), [Value(0.3), Value(-0.4)]
    found = []
    for context in (nn.unfused(), contextlib.nullcontext()):
        net.zero_grad()
        with context:
            slope, _ = gradients(net(x), x, create_graph=True)
        (slope * slope).backward()
        found.append([*gradients(slope, x), *[p.grad for p in net.parameters()]])
    np.testing.assert_allclose(*found, rtol=1e-12, atol=1e-15)


def test_hooks_and_the_search_for_nan_see_a_fused_network():
    net, x = nn.scalar.MLP(2, [3, 1], rng=0), [Value(1.0), Value(-1.0)]
    hidden = net.layers[0](x)
    seen = []
    hidden[0].register_hook(seen.append)
    net.layers[1](hidden).backward()
    assert seen == [net.layers[1].neurons[0].w[0].data]
    with detect_anomaly():
        y = net(x)
        y.backward()
    assert y.op.name == "neuron"


def test_a_dropped_network_is_freed_at_once():
    net = nn.scalar.MLP(2, [4, 4, 1], rng=0)
    gc.disable()
    try:
        hidden = net.layers[0]([Value(1.0), 2.0])
        out = net.layers[2](net.layers[1](hidden))
        out.backward()
        watch = weakref.ref(hidden[0])
        del hidden, out
        assert watch() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_are_independent(duplicate):
    net = nn.scalar.MLP(2, [3, 1], rng=0)
    before = net([1.0, 2.0]).data
    twin = duplicate(net)
    twin.layers[0].neurons[0].b.data = 9.0
    net.layers[0].neurons[0].b.data = 1.0
    net.layers[0].neurons[0].b.data = 0.0
    assert net([1.0, 2.0]).data == before
    assert twin([1.0, 2.0]).data != before
    assert [p.name for p in twin.parameters()] == [p.name for p in net.parameters()]


def test_neurons_of_the_users_own_kind_are_called():
    class Doubled(nn.scalar.Neuron):
        def __call__(self, x):
            return 2 * super().__call__(x)

    layer = nn.scalar.Layer(2, 2, activation="tanh", rng=0)
    plain = layer([1.0, 2.0])[1].data
    layer.neurons[1].__class__ = Doubled
    assert layer([1.0, 2.0])[1].data == 2 * plain


def test_inputs_of_every_kind():
    neuron = nn.scalar.Neuron(3, nonlin=False, rng=0)

    class Named(Value):
        __slots__ = ()

    x = [np.float64(2.0), True, Named(3.0)]
    out = neuron(x)
    assert out.parents == (*neuron.w, None, None, x[2], neuron.b)
    out.backward()
    assert x[2].grad == neuron.w[2].data
    assert neuron.w[0].grad == 2.0
    with pytest.raises(TypeError, match="do not mix"):
        neuron([nn.Parameter([1.0]), 1.0, 2.0])
    with pytest.raises(TypeError, match="text"):
        neuron(["a", 1.0, 2.0])


def test_constants_and_inputs_do_not_make_a_layer_gather_its_weights_anew():
    layer = nn.scalar.Layer(2, 2, rng=0)
    layer([Value(1.0), 2.0])
    known = layer._known[1]
    assert known is not None
    with no_grad():
        layer([Value(1.0, requires_grad=False), Value(3.0).detach()])
    layer([1.0, 2.0])[0].backward()
    assert layer._known[1] is known
    layer.neurons[0].b.data = 1.0
    layer([1.0, 2.0])
    assert layer._known[1] is not known


def test_a_deep_chain_of_fused_neurons_needs_no_recursion():
    neuron, x = nn.scalar.Neuron(1, nonlin=False, rng=0), Value(1.0)
    neuron.w[0].data, neuron.b.data = 1.0, 0.5
    y = x
    for _ in range(20_000):
        y = neuron([y])
    y.backward()
    assert (y.data, x.grad, neuron.b.grad) == (10_001.0, 1.0, 20_000.0)
    with nn.unfused():
        z = neuron([neuron([x])])
    assert z.data == 2.0


def test_every_change_of_a_list_is_seen_by_the_next_call():
    def numbers(net):
        with nn.unfused():
            slow = net([1.0, -2.0])
        return [v.data for v in net([1.0, -2.0])], [v.data for v in slow]

    layer = nn.scalar.Layer(2, 3, activation="tanh", rng=0)
    changes = [
        lambda: layer.neurons.sort(key=lambda n: n.b.data, reverse=True),
        lambda: layer.neurons.reverse(),
        lambda: layer.neurons.append(nn.scalar.Neuron(2, activation="tanh", rng=5)),
        lambda: layer.neurons.insert(0, layer.neurons.pop()),
        lambda: layer.neurons.__delitem__(0),
        lambda: layer.neurons[0].w.reverse(),
        lambda: layer.neurons[1].w.__setitem__(0, Value(3.0)),
        lambda: setattr(layer.neurons[0], "b", Value(0.5)),
        lambda: setattr(layer.neurons[0].w[0], "data", 7.0),
    ]
    layer.neurons[2].b.data = 1.0
    for i, change in enumerate(changes):
        before = numbers(layer)[0]
        change()
        fast, slow = numbers(layer)
        np.testing.assert_allclose(fast, slow, rtol=1e-14)
        assert fast != before, i
