"""What modules find in their attributes, and what they refuse: buffers, shared parts, lists, state, hooks, dtype."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import nn
from autograd import ShapeError, Tensor


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Linear(3, 3, rng=0)
        self.decode = nn.Linear(3, 3, rng=1)
        self.decode.weight = self.encode.weight

    def forward(self, x):
        return self.decode(self.encode(x))


def test_a_shared_weight_is_trained_once_and_saved_under_both_names():
    model = Tied()
    names = [name for name, _ in model.named_parameters()]
    assert names == ["encode.weight", "encode.bias", "decode.bias"]
    assert len(list(model.named_parameters(remove_duplicate=False))) == 4
    state = model.state_dict()
    assert list(state) == ["encode.weight", "encode.bias", "decode.weight", "decode.bias"]
    np.testing.assert_array_equal(state["encode.weight"], state["decode.weight"])
    x = np.random.default_rng(0).normal(size=(4, 3))
    model(x).sum().backward()
    total = model.encode.weight.grad.copy()
    apart = Tied()
    apart.decode.weight = nn.Parameter(state["decode.weight"])
    apart.load_state_dict(state)
    apart(x).sum().backward()
    np.testing.assert_allclose(total, apart.encode.weight.grad + apart.decode.weight.grad)
    twin = copy.deepcopy(model)
    assert twin.encode.weight is twin.decode.weight


def test_buffers_are_state_and_no_parameters():
    model = nn.Module()
    model.register_buffer("mean", np.zeros(2))
    model.register_buffer("cache", np.ones(3), persistent=False)
    model.register_buffer("absent", None)
    assert [name for name, _ in model.named_buffers()] == ["mean", "cache"]
    assert list(model.parameters()) == []
    assert list(model.state_dict()) == ["mean"]
    model.mean = np.array([1.0, 2.0])
    np.testing.assert_array_equal(model.state_dict()["mean"], [1.0, 2.0])
    model.load_state_dict({"mean": [5, 6]})
    np.testing.assert_array_equal(model.mean, [5.0, 6.0])
    model.absent = np.ones(1)
    assert [name for name, _ in model.named_buffers()] == ["mean", "cache", "absent"]
    del model.absent
    assert not hasattr(model, "absent")
    with pytest.raises(TypeError, match=r"is a buffer.*list is none"):
        model.mean = [1.0]
    outer = nn.Sequential(model)
    assert list(outer.state_dict()) == ["0.mean"]
    for twin in (copy.deepcopy(outer), pickle.loads(pickle.dumps(outer))):
        twin[0].mean[:] = 0
        np.testing.assert_array_equal(model.mean, [5.0, 6.0])
        assert list(twin.state_dict()) == ["0.mean"]


def test_parts_can_be_set_to_none_deleted_and_replaced():
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.ReLU(), nn.Linear(3, 1, rng=1))
    x = np.ones((1, 2))
    model(x)
    model[0].bias = None
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "2.weight", "2.bias"]
    model[0].bias = nn.Parameter(np.ones(3))
    assert model[0].bias.name == "0.bias"
    model[1] = nn.Tanh()  # a call before must not have remembered the ReLU
    z = x @ model[0].weight.data.T + 1
    np.testing.assert_allclose(
        model(x).data, np.tanh(z) @ model[2].weight.data.T + model[2].bias.data, rtol=1e-14
    )
    del model[1]
    np.testing.assert_allclose(model(x).data, z @ model[1].weight.data.T + model[1].bias.data, rtol=1e-14)
    assert [type(m).__name__ for m in model] == ["Linear", "Linear"]
    holder = nn.Module()
    holder.part = nn.Tanh()
    holder.part = None
    assert list(holder.children()) == []
    holder.part = nn.ReLU()
    del holder.part
    holder.part = 3
    assert holder.part == 3


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda m: setattr(m, "layers", [nn.Tanh()]), TypeError, r"self.layers = nn.ModuleList\(\.\.\.\)"),
        (lambda m: setattr(m, "layers", [None, 1, nn.Tanh()]), TypeError, "a list that holds a Tanh"),
        (lambda m: setattr(m, "layers", {nn.Tanh()}), TypeError, "a set that holds a Tanh"),
        (lambda m: setattr(m, "layers", {"a": nn.Tanh()}), TypeError, "nn.ModuleDict"),
        (lambda m: m.register_buffer("b", Tensor([1.0])), TypeError, "; Tensor is none. Give an array"),
        (lambda m: setattr(m, "w", [nn.Parameter([1.0])]), TypeError, "nn.ParameterList"),
        (lambda m: setattr(m, "w", {"a": nn.Parameter([1.0])}), TypeError, "nn.ParameterDict"),
        (lambda m: setattr(m.inner, "weight", np.ones((1, 1))), TypeError, r"module.weight.data = array"),
        (lambda m: setattr(m, "inner", np.tanh), TypeError, "is a module, and ufunc is none"),
        (lambda m: m.register_parameter("inner", None), KeyError, "exists already, as a module"),
        (lambda m: m.register_parameter("a.b", nn.Parameter([1.0])), ValueError, "without a dot"),
        (lambda m: m.register_parameter("forward", nn.Parameter([1.0])), KeyError, "exists already"),
        (lambda m: m.register_parameter("p", np.ones(1)), TypeError, "is a Parameter, and ndarray"),
        (lambda m: m.register_buffer("p", nn.Parameter([1.0])), TypeError, "not trained"),
        (lambda m: m.register_buffer("p", nn.Tanh()), TypeError, "a module is no buffer"),
        (lambda m: m.register_forward_hook(3), TypeError, "function"),
        (lambda m: m.train("yes"), TypeError, "nn.fit"),
        (lambda m: m.to("cuda"), TypeError, "no devices"),
        (lambda m: m.to(int), TypeError, "np.float32 or np.float64"),
        (lambda m: m.get_submodule("innr"), AttributeError, "Did you mean 'inner'"),
        (lambda m: m.get_parameter("inner.wight"), AttributeError, "Did you mean 'weight'"),
        (lambda m: nn.ModuleList(nn.Tanh()), TypeError, "one list"),
        (lambda m: nn.ModuleList([3]), TypeError, "element 0 is int"),
        (lambda m: nn.ModuleList([])(1), NotImplementedError, "nn.Sequential"),
        (lambda m: nn.ModuleList([nn.Tanh()])[1], IndexError, "has 1 elements"),
        (lambda m: nn.ModuleDict({"keys": nn.Tanh()}), KeyError, "attribute of this name"),
        (lambda m: nn.ModuleDict({"a": 3}), TypeError, "must be a Module"),
        (lambda m: nn.ModuleDict({"a": nn.Tanh()})["b"], KeyError, "it has a"),
        (lambda m: nn.Sequential(nn.Tanh(), 3), TypeError, "argument 1 is int"),
        (lambda m: nn.Sequential({"a": nn.Tanh()}).insert(0, nn.Tanh()), TypeError, "named parts"),
        (lambda m: nn.Sequential(nn.Tanh()).extend([nn.Tanh(), 3]), TypeError, "argument 1 is int"),
        (lambda m: m.add_module("forward", nn.Tanh()), KeyError, "exists already"),
        (lambda m: m.add_module("a.b", nn.Tanh()), ValueError, "without a dot"),
        (lambda m: m.add_module("a", nn.Parameter([1.0])), TypeError, "no module"),
        (lambda m: m.add_module("a", np.tanh), TypeError, "is a module, and ufunc is none"),
        (lambda m: m.get_buffer("inner.weight"), AttributeError, "no buffer 'weight'"),
        (lambda m: m.register_full_backward_hook(print), NotImplementedError, r"output\.register_hook"),
        (lambda m: nn.Parameter([1.0], "w"), TypeError, "name="),
    ],
)
def test_traps_are_named(wrong, error, says):
    model = nn.Module()
    model.inner = nn.Linear(1, 1, rng=0)
    with pytest.raises(error, match=says):
        wrong(model)


def test_a_list_that_is_filled_later_is_found_when_parameters_are_asked_for():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = []
            for _ in range(2):
                self.layers.append(nn.Linear(1, 1, rng=0))

    for use in (lambda m: list(m.parameters()), lambda m: m.state_dict(), lambda m: m.eval()):
        with pytest.raises(TypeError, match=r"Net.layers is a list that holds a Linear.*nn.ModuleList"):
            use(Net())
    model = nn.Module()
    model.names, model.table, model.pair = ["a", "b"], {"x": 1}, (nn.Tanh(),)
    assert list(model.modules()) == [model]


def test_lists_and_dictionaries_of_modules():
    layers = nn.ModuleList([nn.Linear(2, 2, rng=i) for i in range(3)])
    first, second, third = layers
    assert [name for name, _ in layers.named_parameters()][:2] == ["0.weight", "0.bias"]
    layers.append(nn.Tanh()).insert(1, nn.ReLU())
    assert [type(m).__name__ for m in layers] == ["Linear", "ReLU", "Linear", "Linear", "Tanh"]
    assert second.weight.name == "2.weight"
    assert layers.pop() is not None
    assert list(layers[::2]) == [first, second]
    assert type(layers[:1]) is nn.ModuleList
    del layers[1:3]
    assert list(layers) == [first, third]
    layers += [second]
    assert len(layers + nn.ModuleList([nn.Tanh()])) == 4
    assert len(layers) == 3
    layers[-1] = first
    assert [layers[0] is layers[2], len(list(layers.parameters()))] == [True, 4]
    named = nn.ModuleDict({"a": nn.Tanh()})
    named["b"] = nn.ReLU()
    named.update({"a": nn.Sigmoid()})
    assert [*named] == ["a", "b"]
    assert isinstance(named["a"], nn.Sigmoid)
    assert "b" in named
    assert isinstance(named.pop("b"), nn.ReLU)
    assert [name for name, _ in named.items()] == named.keys() == ["a"]
    del named["a"]
    assert len(named) == 0
    weights = nn.ParameterList([[1.0], nn.Parameter([2.0])])
    weights.append(np.ones(3))
    weights[0] = [5.0]
    assert [p.data.tolist() for p in weights] == [[5.0], [2.0], [1.0, 1.0, 1.0]]
    assert "(2): Parameter of shape (3,), float64" in repr(weights)
    scales = nn.ParameterDict({"a": [1.0]})
    assert [p.name for p in scales.parameters()] == ["a"]
    assert "(a): Parameter of shape (1,)" in repr(scales)


def test_sequential_is_a_list_too_and_takes_names():
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.ReLU())
    model.append(nn.Linear(3, 1, rng=1))
    assert [type(m).__name__ for m in model[1:]] == ["ReLU", "Linear"]
    assert type(nn.MLP([2, 3, 1], rng=0)[:2]) is nn.Sequential
    named = nn.Sequential({"first": model[0], "act": nn.ReLU(), "last": model[2]})
    assert list(named.state_dict()) == ["first.weight", "first.bias", "last.weight", "last.bias"]
    x = np.ones((1, 2))
    np.testing.assert_array_equal(named(x).data, model(x).data)
    assert named[-1] is model[2]


def test_a_state_that_does_not_fit_is_described_whole_and_changes_nothing():
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.BatchNorm1d(3))
    before = model.state_dict()
    bad = dict(before)
    bad["0.weight"] = np.ones((4, 2))
    bad["1.running_mean"] = np.ones(5)
    bad["0.bas"] = bad.pop("0.bias")
    with pytest.raises(nn.StateError) as caught:
        model.load_state_dict(bad)
    text = str(caught.value)
    assert "missing ['0.bias'], unknown ['0.bas']. Is '0.bas' meant for '0.bias'?" in text
    assert "0.weight has shape (3, 2), the given array (4, 2)." in text
    assert "1.running_mean has shape (3,), the given array (5,)." in text
    lines = text.splitlines()[1:]
    assert len(lines) == 3
    assert lines == sorted(lines)
    assert isinstance(caught.value, (KeyError, ShapeError))
    for key, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[key])
    with pytest.raises(nn.StateError, match=r"0\.weight has shape"):
        model.load_state_dict({"0.weight": np.ones((4, 2))}, strict=False)
    found = model.load_state_dict({"0.bias": [7, 8, 9], "more": 1}, strict=False)
    assert found.missing_keys == [k for k in before if k != "0.bias"]
    assert found.unexpected_keys == ["more"]
    np.testing.assert_array_equal(model[0].bias.data, [7.0, 8.0, 9.0])
    assert model.load_state_dict(before) == ([], [])
    with pytest.raises(TypeError, match="dictionary"):
        model.load_state_dict(3)


def test_hooks_see_and_replace_inputs_and_outputs():
    layer = nn.Linear(2, 1, rng=0)
    model = nn.Sequential(layer, nn.ReLU(), nn.Linear(1, 1, rng=1))
    x = np.array([[1.0, -1.0]])
    plain = model(x).data
    seen = []
    handle = layer.register_forward_hook(lambda module, args, output: seen.append((module, args, output)))
    np.testing.assert_allclose(model(x).data, plain, rtol=1e-14)
    ((module, args, output),) = seen
    assert module is layer
    assert args[0] is x
    assert output.op.name == "linear"
    assert output.kwargs == {}
    handle.remove()
    model(x)
    assert len(seen) == 1
    with model[1].register_forward_pre_hook(lambda module, args: args[0] * 0):  # the ReLU is not fused now
        np.testing.assert_allclose(model(x).data, [model[2].bias.data])
    with model[1].register_forward_pre_hook(lambda module, args: (args[0] * 0,)):
        np.testing.assert_allclose(model(x).data, [model[2].bias.data])
    with model.register_forward_hook(lambda module, args, output: output * 2):
        np.testing.assert_allclose(model(x).data, 2 * plain)
        with model.register_forward_hook(
            lambda module, args, output: output + 1
        ):  # in the order of registering
            np.testing.assert_allclose(model(x).data, 2 * plain + 1)
    np.testing.assert_allclose(model(x).data, plain)


def test_a_forward_set_on_the_instance_is_called():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh())
    model(np.ones((1, 2)))
    model[1].forward = lambda x: x * 0
    assert not model(np.ones((1, 2))).data.any()
    model[0].forward = lambda x: 1 + x
    del model[1].forward
    np.testing.assert_allclose(model(np.ones((1, 2))), np.tanh(2.0 * np.ones((1, 2))))


def test_a_pickled_plan_is_made_anew():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh())
    expected = model(np.ones((1, 2))).data
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        twin[0].weight.data = np.zeros((2, 2))
        assert not np.array_equal(twin(np.ones((1, 2))).data, expected)
    np.testing.assert_array_equal(model(np.ones((1, 2))).data, expected)


def test_dtype_of_everything_with_a_fraction():
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.BatchNorm1d(3), nn.PReLU())
    state = model.state_dict()
    assert model.float() is model
    assert {p.dtype for p in model.parameters()} == {np.dtype(np.float32)}
    assert model[1].running_mean.dtype == np.float32
    assert model[1].num_batches_tracked.dtype.kind == "i"
    x = np.random.default_rng(0).normal(size=(4, 2)).astype(np.float32)
    y = model(x)
    assert y.dtype == np.float32
    y.sum().backward()
    assert model[0].weight.grad.dtype == np.float32
    model.double()
    assert model[0].weight.grad.dtype == np.float64
    np.testing.assert_allclose(model[0].weight.data, state["0.weight"], rtol=1e-6)
    optimiser = nn.SGD(model.parameters(), lr=0.1)
    model.to(np.float32)
    model.zero_grad()
    model(x).sum().backward()
    with pytest.raises(TypeError, match="make the optimiser then"):
        optimiser.step()
    optimiser = nn.SGD(model.parameters(), lr=0.1)
    optimiser.step()
    assert model[0].weight.dtype == np.float32


def test_apply_and_freezing():
    model = nn.MLP([2, 3, 1], rng=0)

    def to_ones(module):
        if isinstance(module, nn.Linear):
            nn.init.ones_(module.weight)

    assert model.apply(to_ones) is model
    assert model[0].weight.data.min() == model[2].weight.data.max() == 1
    model[0].requires_grad_(False)
    model(np.ones((1, 2))).sum().backward()
    assert model[0].weight.grad is None
    assert model[2].weight.grad is not None
    model.requires_grad_()
    model(np.ones((1, 2))).sum().backward()
    assert model[0].weight.grad is not None


def test_paths():
    model = nn.Sequential(nn.Residual(nn.Linear(2, 2, rng=0)))
    assert model.get_submodule("0.body") is model[0].body
    assert model.get_submodule("") is model
    assert model.get_parameter("0.body.bias") is model[0].body.bias
    assert "_kinds" not in dir(model)
    assert repr(model) == (
        "Sequential(\n  (0): Residual(\n    (body): Linear(in_features=2, out_features=2, bias=True)\n  )\n)"
    )
