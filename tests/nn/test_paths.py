"""Paths: what parameters are called in messages and pictures, however the model was put together; lists and names."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import nn
from autograd import ShapeError


def names(model):
    return [p.name for p in model.parameters()]


class Net(nn.Module):
    """Filled after it was put in, as in a loop."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList()
        for i in range(2):
            self.layers.append(nn.Linear(2, 2, rng=i))
        self.body = nn.Sequential()
        self.body.append(nn.Sequential())
        self.body[0].append(nn.Linear(2, 2, rng=2))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.body(x)


def test_parameters_are_called_by_their_path_in_whatever_order_a_model_grows():
    model = Net()
    paths = [name for name, _ in model.named_parameters()]
    assert paths[0] == "layers.0.weight"
    assert paths[-1] == "body.0.0.bias"
    assert names(model) == paths
    model.layers.insert(0, nn.Linear(2, 2, rng=3))
    model.extra = nn.Module()
    model.extra.scale = nn.Parameter([1.0])
    assert names(model) == [name for name, _ in model.named_parameters()]
    outer = nn.Sequential(model)
    assert names(outer) == [name for name, _ in outer.named_parameters()]
    assert names(outer)[0] == "0.layers.0.weight"


def test_a_slice_leaves_the_names_as_they_are():
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 1, rng=1))
    part, other = model[2:], nn.Sequential(nn.Tanh(), model[0])
    assert names(model) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert names(part) == ["2.weight", "2.bias"]
    assert names(other) == ["0.weight", "0.bias"]
    del model
    assert names(other) == ["1.weight", "1.bias"]  # who holds them now


def test_an_error_of_shapes_says_where_the_layer_is():
    model = nn.Module()
    model.encoder = nn.ModuleList()
    model.decoder = nn.ModuleList()
    for i in range(2):
        model.encoder.append(nn.Linear(3, 3, rng=i))
        model.decoder.append(nn.Linear(3, 3, rng=i))
    model.decoder[1].weight = model.encoder[0].weight  # the layer is named, not its weight
    with pytest.raises(ShapeError, match=r"layer 'decoder\.1'"):
        model.decoder[1](np.ones((2, 5)))
    with pytest.raises(ShapeError, match=r"^Linear\("):
        nn.Linear(3, 3, rng=0)(np.ones((2, 5)))


def test_the_signals_of_a_list_have_their_layers():
    class Deep(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList()
            for i in range(2):
                self.layers.append(nn.Linear(2, 2, rng=i))

        def forward(self, x):
            for layer in self.layers:
                x = layer(x).tanh()
            return x

    found = nn.activation_statistics(Deep(), np.ones((3, 2)))
    assert [signal.layer for signal in found] == ["layers.0", "layers.1"]


def test_copies_have_names_of_their_own_and_hold_nothing_of_the_model():
    model = Net()
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert names(twin) == names(model)
        twin.layers.insert(0, nn.Linear(2, 2, rng=9))
        assert names(twin)[0] == "layers.0.weight"
        assert twin.layers[1].weight.name == "layers.1.weight"
        assert nn.Sequential(twin) is not None
    assert names(model) == [name for name, _ in model.named_parameters()]
    alone = copy.deepcopy(model.layers[0].weight)
    assert alone.name == "layers.0.weight"


def test_a_shallow_copy_has_lists_of_its_own():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh())
    twin = copy.copy(model)
    twin.append(nn.ReLU())
    del twin[0]
    assert [type(m).__name__ for m in model] == ["Linear", "Tanh"]
    assert [type(m).__name__ for m in twin] == ["Tanh", "ReLU"]
    assert names(model) == ["0.weight", "0.bias"]
    np.testing.assert_array_equal(model(np.ones((1, 2))).shape, (1, 2))


def test_a_name_given_by_hand_stays_until_the_parameter_is_put_somewhere_else():
    layer = nn.Linear(2, 2, rng=0)
    layer.weight.name = "W"
    model = nn.Sequential(layer)
    assert names(model) == ["W", "0.bias"]
    model.also = layer.weight
    assert layer.weight.name == "also"
    assert nn.Parameter([1.0], name="b").name == "b"
    assert nn.Parameter([1.0]).name is None


def test_a_dropped_model_is_freed_at_once():
    model = Net()
    weight, watched = model.layers[0].weight, weakref.ref(model)
    gc.disable()
    try:
        del model
        assert watched() is None
    finally:
        gc.enable()
    assert weight.name is None


def test_the_parts_of_a_list_have_an_order():
    a, b = nn.Tanh(), nn.ReLU()
    for call in (lambda: nn.ModuleList({a, b}), lambda: nn.ModuleList([a]).extend(frozenset((a, b)))):
        with pytest.raises(TypeError, match="ModuleList: a set has another order in each run"):
            call()
    with pytest.raises(TypeError, match="ParameterList: a set has another order in each run"):
        nn.ParameterList({nn.Parameter([1.0])})


def test_a_part_that_was_taken_out_has_no_path():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Linear(2, 2, rng=1))
    first = model.pop(0)
    assert first.weight.name == "weight"
    assert names(model) == ["0.weight", "0.bias"]


# --- what a Sequential computes in one step


def fused(model, x):
    return model(x).kwargs.get("activation")


def test_a_change_of_one_model_leaves_the_plans_of_others():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh())
    x = np.ones((1, 2))
    assert fused(model, x) == "tanh"
    plan = model._plan
    other = nn.Sequential(nn.Linear(2, 2, rng=0))
    other.append(nn.Tanh())
    other[0].register_forward_hook(lambda *_: None)
    model(x)
    assert model._plan is plan


@pytest.mark.parametrize("which", [0, 1])
def test_whoever_has_hooks_or_another_forward_is_called_alone(which):
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh())
    again = nn.Sequential(*model)  # shares the modules, and has a plan of its own
    x, seen = np.ones((1, 2)), []
    plain = model(x).data
    assert fused(again, x) == "tanh"
    handle = model[which].register_forward_hook(lambda *_: seen.append(1))
    for m in (model, again):
        np.testing.assert_allclose(m(x).data, plain, rtol=1e-15)
    assert len(seen) == 2
    former = model[which].forward
    model[which].forward = lambda x: former(x) * 0
    assert not again(x).data.any()
    handle.remove()
    assert not again(x).data.any()
    del model[which].forward
    np.testing.assert_array_equal(again(x).data, plain)
    assert fused(again, x) == "tanh"


# --- PyTorch's habits


def test_slices_and_appended_modules_are_called_as_in_pytorch():
    named = nn.Sequential({"a": nn.Linear(2, 2, rng=0), "b": nn.Tanh()})
    assert list(named[:1].state_dict()) == ["a.weight", "a.bias"]
    assert named.append(nn.Linear(2, 1, rng=1)) is named
    assert list(named.state_dict()) == ["a.weight", "a.bias", "2.weight", "2.bias"]
    plain = nn.Sequential(*[nn.Linear(1, 1, rng=i) for i in range(3)])
    assert list(plain[1:].state_dict()) == ["1.weight", "1.bias", "2.weight", "2.bias"]
    assert list(nn.ModuleList(plain)[1:].state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert list((plain[2:] + plain[:1]).state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    tail = plain[1:].append(nn.Tanh())  # the name 2 is taken: the next number is
    assert [name for name, _ in tail.named_children()] == ["1", "2", "3"]
    assert len(tail) == 3


def test_an_extended_list_is_whole_or_unchanged():
    model = nn.Sequential(nn.Tanh())
    with pytest.raises(TypeError, match="argument 1 is int"):
        model.extend([nn.ReLU(), 3])
    assert len(model) == 1


def test_zero_grad_may_keep_zeros():
    model = nn.Sequential(nn.Linear(2, 1, rng=0), nn.Linear(1, 1, rng=1))
    model[0](np.ones((1, 2))).sum().backward()
    model.zero_grad(set_to_none=False)
    assert model[0].weight.grad.tolist() == [[0.0, 0.0]]
    assert model[1].weight.grad is None
    model.zero_grad(set_to_none=True)
    assert model[0].weight.grad is None


def test_the_second_argument_of_a_parameter_is_whether_it_is_trained():
    frozen = nn.Parameter([1.0], False)
    assert not frozen.requires_grad
    model = nn.Module()
    model.frozen, model.free = frozen, nn.Parameter([2.0], True)
    (model.frozen * model.free).sum().backward()
    assert frozen.grad is None
    assert model.free.grad.tolist() == [1.0]


def test_modules_and_buffers_by_name_and_float16():
    model = nn.Module()
    for i in range(2):
        model.add_module(f"layer{i}", nn.Linear(2, 2, rng=i))
    model.register_module("norm", nn.BatchNorm1d(2))
    model.add_module("head", None)
    assert [name for name, _ in model.named_children()] == ["layer0", "layer1", "norm"]
    assert model.head is None
    model.head = nn.Tanh()
    assert "head" in dict(model.named_children())
    assert model.get_buffer("norm.running_mean").tolist() == [0.0, 0.0]
    assert model.layer1.weight.name == "layer1.weight"
    assert {x.dtype for x in (*model.half().parameters(), model.norm.running_var)} == {np.dtype("float16")}
    assert model.norm.num_batches_tracked.dtype.kind == "i"
