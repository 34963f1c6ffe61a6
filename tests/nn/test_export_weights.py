"""States that come from PyTorch, without PyTorch: shared weights, checkpoints, keys and shapes that do not fit."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import nn
from nn.export import load_torch_state_dict, to_torch_state_dict


class Tensor:
    """What a tensor of PyTorch looks like from outside."""

    def __init__(self, array, device="cpu", known=True):
        self.array, self.device, self.known, self.is_sparse = array, self, known, False
        self.type = device

    def resolve_neg(self):
        return self

    def float(self):
        return Tensor(self.array)

    def numpy(self, force):
        if not self.known:
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.array


def test_tensors_of_any_dtype_and_device():
    model = nn.Linear(3, 2, rng=0)
    w, b = np.ones((2, 3)), np.arange(2.0)
    state = {"weight": Tensor(w, "cuda"), "bias": Tensor(b, known=False)}
    assert model.load_state_dict(state) == ([], [])
    np.testing.assert_array_equal(model.bias.data, b)
    assert model.weight.dtype == np.float64
    w[0, 0] = 7
    assert model.weight.data[0, 0] == 1, "the numbers are copied"
    before = model.state_dict()
    with pytest.raises(nn.StateError, match='weight: a tensor on the device "meta" has no numbers'):
        load_torch_state_dict(model, {"weight": Tensor(w, "meta"), "bias": Tensor(b + 1)})
    np.testing.assert_array_equal(model.bias.data, before["bias"])


def test_one_name_of_a_shared_weight_is_enough():
    model = nn.Sequential(nn.Linear(3, 3, rng=0), nn.Linear(3, 3, rng=1))
    model[1].weight = model[0].weight
    state = nn.Sequential(nn.Linear(3, 3, rng=2), nn.Linear(3, 3, rng=3)).state_dict()
    del state["1.weight"]
    with pytest.raises(nn.StateError, match=r"missing \['1\.weight'\]"):
        model.load_state_dict(state)
    assert load_torch_state_dict(model, state) == ([], [])
    np.testing.assert_array_equal(model[1].weight.data, state["0.weight"])
    assert model[1].weight is model[0].weight
    assert "1.weight" not in state


def test_keys_and_shapes_are_named():
    model = nn.MLP([3, 4, 2], rng=0)
    before = model.state_dict()
    state = {f"module.{key}": value for key, value in before.items()}
    with pytest.raises(nn.StateError, match=r"missing \['0\.weight'.*begin with 'module\.'.*removeprefix"):
        load_torch_state_dict(model, state)
    load_torch_state_dict(model, {name.removeprefix("module."): array for name, array in state.items()})
    state = {**before, "0.weight": np.ones((4, 2)), "extra": np.ones(1)}
    del state["2.bias"]
    with pytest.raises(nn.StateError) as raised:
        load_torch_state_dict(model, state)
    for said in (
        "0.weight has shape (4, 3), the given array (4, 2)",
        "missing ['2.bias']",
        "unknown ['extra']",
    ):
        assert said in str(raised.value)
    assert all(np.array_equal(before[key], value) for key, value in model.state_dict().items())
    del state["0.weight"]
    found = load_torch_state_dict(model, state, strict=False)
    assert found == (["0.weight", "2.bias"], ["extra"])


def test_a_prefix_of_all_names_is_told_also_where_they_are_short():
    layer = nn.Linear(3, 2, rng=0)
    state = {f"_orig_mod.{name}": array for name, array in layer.state_dict().items()}
    with pytest.raises(nn.StateError, match=r"begin with '_orig_mod\.'.*removeprefix\('_orig_mod\.'\)"):
        load_torch_state_dict(layer, state)
    del state["_orig_mod.bias"]  # then a prefix is not all
    with pytest.raises(nn.StateError) as raised:
        load_torch_state_dict(layer, state)
    assert "begin with" not in str(raised.value)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"epoch": 3, "model_state": {"a": 1}}, r"dictionaries \(model_state\).*checkpoint\['model_state'\]"),
        ({"adam": {"a": 1}, "model": {"a": 1}}, r"dictionaries \(adam, model\).*checkpoint\['model'\]"),
        ("model.pt", "not str. Read the file with torch.load"),
        (None, "not NoneType"),
        ({1: 2}, "keys are names, such as 'weight', not 1"),
        (np.ones(3), "not ndarray"),
    ],
)
def test_what_is_no_state(source, said):
    with pytest.raises(TypeError, match=said):
        load_torch_state_dict(nn.Linear(3, 2, rng=0), source)


def test_the_model_comes_first():
    with pytest.raises(TypeError, match=r"load_torch_state_dict: give a Module.* not dict\.$"):
        load_torch_state_dict({}, nn.Linear(3, 2, rng=0))
    with pytest.raises(TypeError, match="to_torch_state_dict: Linear is a class"):
        to_torch_state_dict(nn.Linear)


@pytest.mark.filterwarnings("ignore:training ended after")
def test_an_estimator_is_asked_for_its_network():
    pytest.importorskip("sklearn")
    X = np.random.default_rng(0).normal(size=(20, 2))
    fitted = nn.MLPClassifier(max_iter=1).fit(X, (X[:, 0] > 0).astype(int))
    with pytest.raises(TypeError, match=r"not MLPClassifier\. Give its network, \.module_"):
        nn.export.to_torch_code(fitted)


def test_without_pytorch_the_message_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"pip install torch.*nn\.safetensors\.save_file"):
        to_torch_state_dict(nn.Tanh())
