"""Modules: finding parameters, state, training mode, errors, and fusing that changes nothing."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from layer_cases import LAYERS, RECURRENT, labels, make

import nn
from autograd import ShapeError, Tensor, gradients


def network(**settings):
    return nn.Sequential(nn.Linear(3, 4, rng=0, **settings), nn.Tanh(), nn.Linear(4, 2, rng=1, **settings))


def test_parameters_have_paths_and_pytorch_shapes():
    model = network()
    shapes = {name: p.shape for name, p in model.named_parameters()}
    assert shapes == {"0.weight": (4, 3), "0.bias": (4,), "2.weight": (2, 4), "2.bias": (2,)}
    assert [p.name for p in model.parameters()] == list(shapes)


def test_nested_and_shared_modules():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(3, 3, rng=0)
            self.again = self.inner
            self.scale = nn.Parameter([2.0])

        def forward(self, x):
            return self.again(self.inner(x)) * self.scale

    model = Twice()
    assert len(list(model.parameters())) == 3
    assert [name for name, _ in model.named_parameters()] == ["scale", "inner.weight", "inner.bias"]
    x = np.ones((2, 3))
    model(x).sum().backward()
    by_sweep = gradients(model(x).sum(), list(model.parameters()))
    for p, g in zip(model.parameters(), by_sweep):
        np.testing.assert_allclose(p.grad, g)


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh, nn.Sigmoid])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fused_and_unfused_give_the_same(activation, dtype):
    model = nn.Sequential(
        nn.Linear(3, 4, rng=0, dtype=dtype), activation(), nn.Linear(4, 5, rng=1, dtype=dtype), activation()
    )
    loss = nn.CrossEntropyLoss()
    x, y = np.random.default_rng(0).normal(size=(6, 3)).astype(dtype), np.array([0, 1, 2, 3, 4, 0])
    results = []
    for context in (nn.unfused, None):
        model.zero_grad()
        if context is None:
            total = loss(model(x), y)
        else:
            with context():
                total = loss(model(x), y)
        total.backward()
        results.append([total.item(), *[p.grad.copy() for p in model.parameters()]])
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    for a, b in zip(*results):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
    assert loss(model(x), y).parents[0].op.name == "linear"
    assert loss(model(x), y).parents[0].kwargs == {"activation": activation.op}


def test_state_goes_out_and_comes_back_whole_or_not_at_all():
    a, b = network(), nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    state = a.state_dict()
    b.load_state_dict(state)
    x = np.ones((1, 3))
    np.testing.assert_array_equal(a(x).data, b(x).data)
    state["0.weight"][:] = 0  # a copy
    np.testing.assert_array_equal(a(x).data, b(x).data)
    before = b.state_dict()
    with pytest.raises(KeyError, match=r"missing \['2.bias'\]"):
        b.load_state_dict({k: v for k, v in state.items() if k != "2.bias"})
    with pytest.raises(ShapeError, match=r"2.bias has shape \(2,\)"):
        b.load_state_dict({**state, "2.bias": np.ones(3)})
    for bad in (np.ones(2, complex), ["a", "b"], [[1.0], [2.0, 3.0]], np.array([None, 1.0])):
        with pytest.raises((TypeError, ValueError), match=r"load_state_dict: 2\.bias"):
            b.load_state_dict({**state, "2.bias": bad})
    for key, value in b.state_dict().items():
        np.testing.assert_array_equal(value, before[key])


def test_train_and_eval_reach_every_part():
    model = network()
    assert model.eval() is model
    assert not any(m.training for m in model.modules())
    model.train()
    assert all(m.training for m in model.modules())


def test_mlp_is_layers_with_activations_between():
    model = nn.MLP([4, 8, 3], rng=0)
    assert [type(m).__name__ for m in model] == ["Linear", "ReLU", "Linear"]
    assert model(np.ones((2, 4))).shape == (2, 3)
    assert len(model) == 3
    assert isinstance(model[1], nn.ReLU)


def test_the_same_seed_gives_the_same_weights_and_the_global_state_is_left_alone():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    a, b = nn.MLP([4, 3], rng=7).state_dict(), nn.MLP([4, 3], rng=7).state_dict()
    for key in a:
        np.testing.assert_array_equal(a[key], b[key])
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


def test_default_init_has_pytorchs_bounds():
    weight = nn.Linear(400, 300, rng=0).weight.data
    assert np.abs(weight).max() <= 1 / 20
    assert weight.std() == pytest.approx(1 / 20 / np.sqrt(3), rel=0.01)


def test_deepcopy_and_pickle_are_independent():
    model = network()
    optimiser = nn.SGD(model.parameters(), lr=0.1)
    for duplicate in (copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))):
        twin, x = duplicate(model), np.ones((1, 3))
        np.testing.assert_array_equal(twin(x).data, model(x).data)
        model(x).sum().backward()
        optimiser.step()
        assert not np.array_equal(twin(x).data, model(x).data)
        assert type(next(twin.parameters())) is nn.Parameter


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ([-1, 0], "label -1"),
        ([0, 3], "label 3"),
        ([0], "1 labels for 2"),
        ([[0, 1]], r"shape \(1, 2\)"),
        ([0.0, 1.0], "astype"),
    ],
)
def test_unfused_the_loss_refuses_the_same_labels(labels, says):
    loss, scores = nn.CrossEntropyLoss(), Tensor(np.ones((2, 3)))
    with pytest.raises(ShapeError, match=says):
        loss(scores, labels)
    with pytest.raises(ShapeError, match=says), nn.unfused():
        loss(scores, labels)


def test_probabilities_as_labels_unfused_too():
    scores, labels = Tensor([[1.0, 2.0, 0.5], [0.0, 1.0, -1.0]]), [[0.2, 0.8, 0.0], [1.0, 1.0, 0.0]]
    loss = nn.CrossEntropyLoss()
    with nn.unfused():
        plain = loss(scores, labels)
    assert plain.item() == pytest.approx(loss(scores, labels).item(), rel=1e-14)
    np.testing.assert_allclose(gradients(plain, scores), gradients(loss(scores, labels), scores), rtol=1e-13)


def test_a_module_cannot_contain_itself():
    outer, inner = nn.Module(), nn.Module()
    outer.inner = inner
    for part, name in ((outer, "itself"), (inner, "parent")):
        with pytest.raises(ValueError, match="contains itself"):
            setattr(part, name, outer)
    inner.parent = (outer,)
    assert [*outer.modules()] == [outer, inner]


def test_names_that_pytorch_has():
    for name, says in {
        "RAdam": "nn.RAdam is not there yet: .*nn.optim",
        "Conv3d": "not there yet: .*nn.layers",
        "CTCLoss": "nn.losses",
        "Optimizer": "Did you mean nn.Optimiser?",
        "Relu": "Did you mean nn.ReLU?",
        "nothing_like_it": "has no 'nothing_like_it'.$",
    }.items():
        with pytest.raises(AttributeError, match=says):
            getattr(nn, name)
    with pytest.raises(AttributeError, match=r"nn\.optim\.Adamax is not there yet"):
        nn.optim.Adamax  # noqa: B018
    assert not hasattr(nn, "Conv3d")
    assert all(hasattr(nn, name) for name in nn.__all__)


def test_help_says_how_weights_start():
    assert "1/sqrt(inputs)" in nn.Linear.__doc__


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: nn.Linear(0, 3), ValueError, r"Linear\(0, 3\): size=0: it must be a whole number from 1"),
        (lambda: nn.Linear(3, 2.5), TypeError, r"size=2\.5: it must be a whole number"),
        (lambda: nn.Linear(True, 1), TypeError, "size=True: it must be a whole number"),
        (lambda: nn.MLP([2, 2, 2], nn.ReLU()), TypeError, "give a name or a class.*activation=nn.ReLU"),
        (lambda: nn.MLP([2, 2, 2], "rleu"), ValueError, "activation='rleu'.*Did you mean 'relu'"),
        (lambda: nn.MLP([2, 2, 2], output="sigmod"), ValueError, "output='sigmod'.*'sigmoid'"),
        (lambda: nn.MLP([2, 2, 2], ["relu", "tanh"]), ValueError, "2 of activation for 1 hidden"),
        (lambda: nn.MLP([2, 2, 2], init="hee"), ValueError, "no init 'hee'"),
        (lambda: nn.MLP([2, 2, 2], dropout=1.5), ValueError, "probability"),
        (lambda: nn.MLP(2, 3), TypeError, r"one list, such as nn.MLP\(\[2, 16, 1\]\)"),
        (lambda: nn.CrossEntropyLoss(1, 2), TypeError, r"Write nn.CrossEntropyLoss\(\)\(pred, y\)"),
        (lambda: nn.MSELoss(1, 2), TypeError, r"Write nn.MSELoss\(\)\(pred, y\)"),
        (lambda: nn.MSELoss(reduction="avg"), ValueError, "reduction='avg' is not 'mean', 'sum' or 'none'"),
        (lambda: network()(np.ones((2, 5))), ShapeError, r"layer '0', Linear\(in_features=3"),
        (lambda: nn.Sequential([nn.Linear(1, 1)]), TypeError, r"unpack a list with \*"),
        (lambda: nn.MLP([3]), ValueError, "at least"),
        (lambda: nn.Module()(1), NotImplementedError, "forward"),
        (lambda: nn.Linear(2, 2, rng="a"), TypeError, "seed"),
        (lambda: nn.CrossEntropyLoss()(Tensor(np.ones((2, 3))), np.array([0, 3])), ShapeError, "label 3"),
        (lambda: nn.CrossEntropyLoss()(Tensor(np.ones((2, 3))), np.array([0, -1])), ShapeError, "label -1"),
        (lambda: nn.CrossEntropyLoss()(Tensor(np.ones((2, 3))), np.array([0])), ShapeError, "1 labels for 2"),
        (lambda: nn.CrossEntropyLoss()(Tensor(np.ones((2, 3))), np.array([0.0, 1.0])), ShapeError, "astype"),
        (lambda: nn.MSELoss()(Tensor(np.ones((2, 1))), np.ones(2)), ShapeError, "equal"),
    ],
)
def test_bad_input_says_what_to_do(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()


def test_forgotten_super_init():
    class Broken(nn.Module):
        def __init__(self):
            self.inner = nn.Linear(1, 1)

    with pytest.raises(AttributeError, match="super"):
        Broken()


@pytest.mark.parametrize("case", LAYERS + RECURRENT, ids=labels(LAYERS + RECURRENT))
def test_every_layer_is_made_for_training(case):
    layer = make(case)
    assert layer.training
    assert not layer.eval().training


def test_a_bias_is_added():
    layer = nn.Bias(2)
    layer.bias.data = [1.0, -2.0]
    np.testing.assert_array_equal(layer(np.ones((3, 2))).data, [[2.0, -1.0]] * 3)


def test_a_state_of_a_wrapped_model_is_told_by_all_its_names_or_not():
    model = nn.Linear(2, 1, rng=0)
    state = {f"module.{name}": array for name, array in model.state_dict().items()}
    with pytest.raises(nn.StateError, match=r"All names there begin with 'module\.'"):
        model.load_state_dict(state)
    del state["module.bias"]
    with pytest.raises(nn.StateError, match=r"Is 'module\.weight' meant for 'weight'\?$"):
        model.load_state_dict(state)


def test_a_module_of_no_parts_may_say_more_than_a_line():
    class Long(nn.Module):
        def extra_repr(self):
            return "first\nsecond"

    assert repr(Long()) == "Long(\n  first\n  second\n)"


def test_a_buffer_may_be_registered_anew_and_leave_the_state():
    model = nn.Module()
    for persistent in (False, False, True, False):
        model.register_buffer("seen", np.zeros(2), persistent=persistent)
        assert list(model.state_dict()) == ["seen"] * persistent
        assert len(list(model.buffers())) == 1


def test_hooks_that_only_look_and_arguments_by_keyword():
    cell, seen = nn.RNNCell(2, 3, rng=0), []
    x, h = np.ones((1, 2)), np.full((1, 3), 0.5)
    expected = cell(x, h).data
    cell.register_forward_pre_hook(lambda module, args: seen.append(args))
    cell.register_forward_hook(lambda module, args, output: seen.append(output))
    np.testing.assert_array_equal(cell(x, hx=h).data, expected)
    assert seen[0] == (x,)
    np.testing.assert_array_equal(seen[1].data, expected)


def test_a_missing_attribute_is_named_so_that_python_can_suggest_another():
    layer = nn.Linear(1, 1, rng=0)
    with pytest.raises(AttributeError, match="no attribute 'wieght'") as caught:
        layer.wieght  # noqa: B018
    assert (caught.value.name, caught.value.obj) == ("wieght", layer)


def test_a_weight_in_two_layers_is_started_and_penalised_once():
    def tied(second):
        model = nn.Sequential(nn.Linear(3, 3, rng=0), nn.Tanh(), nn.Linear(3, 3, rng=1))
        if second:
            model[2].weight = model[0].weight
        nn.init.he_normal_(model, rng=5)
        return model

    once, twice = tied(second=True), tied(second=False)
    np.testing.assert_array_equal(once[0].weight.data, twice[0].weight.data)
    assert float(nn.l2_penalty(once, 1.0, 8)) == float(nn.l2_penalty(once[:1], 1.0, 8)) > 0
