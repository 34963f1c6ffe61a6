"""Scripts of PyTorch, as texts: what they say, that they are well written, what is refused. tests/parity runs them."""

from __future__ import annotations

import numpy as np
import pytest
from layer_cases import LAYERS, RECURRENT, labels, make

import nn
from nn.export import ExportError, to_torch_code
from nn.export.torch_layers import LAYERS as KNOWN


def lines_of(model, **settings):
    """What follows the imports."""
    return str(to_torch_code(model, **settings)).partition("from torch import nn\n")[2].strip().splitlines()


def test_a_network_reads_as_one_would_write_it():
    model = nn.MLP([64, 32, 10], "leaky_relu", dropout=0.2, batch_norm=True, dtype=np.float32, rng=0)
    assert lines_of(model) == [
        "model = nn.Sequential(",
        "    nn.Linear(64, 32),",
        "    nn.BatchNorm1d(32),",
        "    nn.LeakyReLU(),",
        "    nn.Dropout(p=0.2),",
        "    nn.Linear(32, 10),",
        ")",
        "# model.eval() before predicting",
    ]
    assert lines_of(model.double())[-2] == ").double()"
    assert lines_of(model.to(np.float16))[-2] == ").half()"
    assert "safetensors" not in to_torch_code(model)


def test_weights_are_read_from_a_file_that_is_there_and_fits(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = nn.MLP([4, 3], dtype=np.float32, rng=0)
    with pytest.raises(
        FileNotFoundError, match=r"no file 'a\.safetensors'.*save_file\(model\.state_dict\(\), 'a"
    ):
        to_torch_code(model, weights="a.safetensors")
    nn.safetensors.save_file(model.state_dict(), "a.safetensors")
    assert lines_of(model, weights="a.safetensors")[-1] == 'model.load_state_dict(load_file("a.safetensors"))'
    with pytest.raises(ExportError, match=r"0\.weight has shape \(3, 4\), and \(3, 5\) in the model"):
        to_torch_code(nn.MLP([5, 3], dtype=np.float32, rng=0), weights="a.safetensors")
    said = (
        r"weight is missing; bias is missing; 0\.weight is none of the model's, and 1 more\. nn\.safetensors"
    )
    with pytest.raises(ExportError, match=f"of another model: {said}"):
        to_torch_code(nn.Linear(4, 3, rng=0).float(), weights="a.safetensors")
    (tmp_path / "a.safetensors").write_text("no weights")
    with pytest.raises(nn.safetensors.SafetensorsError, match=r"a\.safetensors: a header"):
        to_torch_code(model, weights="a.safetensors")


@pytest.mark.parametrize(
    ("layer", "differs"),
    [
        (lambda: nn.Dropout(0.5), True),
        (lambda: nn.Dropout(0.0), False),
        (lambda: nn.Dropout2d(0.5), True),
        (lambda: nn.BatchNorm1d(2), True),
        (lambda: nn.BatchNorm2d(2), True),
        (lambda: nn.LayerNorm(2), False),
        (lambda: nn.GRU(2, 2, num_layers=2, dropout=0.5, rng=0), True),
        (lambda: nn.GRU(2, 2, num_layers=2, rng=0), False),
        (lambda: nn.Tanh(), False),
    ],
)
def test_a_script_says_where_predicting_takes_eval_mode(layer, differs):
    model = nn.Sequential(layer()).float()
    assert (lines_of(model)[-1] == "# model.eval() before predicting") is differs
    assert "# model.eval()" not in to_torch_code(model.eval())


def test_names_lists_and_what_pytorch_does_not_have():
    model = nn.Sequential(
        {
            "way": nn.Residual(nn.Sequential(nn.Linear(4, 4, rng=0)), nn.Identity()),
            "lambda": nn.ModuleDict({"a b": nn.ModuleList([nn.Tanh()])}),
            "empty": nn.Sequential(),
        }
    ).float()
    code = to_torch_code(model)
    assert "class Residual(nn.Module):" in code
    assert "class Maxout" not in code
    assert "import torch\n" not in code
    assert code.startswith('"""A network in PyTorch')
    assert str(code).rpartition("\n\n\n")[2].splitlines() == [
        "model = nn.Sequential(OrderedDict({",
        '    "way": Residual(',
        "        nn.Sequential(",
        "            nn.Linear(4, 4),",
        "        ),",
        "        shortcut=nn.Identity(),",
        "    ),",
        '    "lambda": nn.ModuleDict({',
        '        "a b": nn.ModuleList([',
        "            nn.Tanh(),",
        "        ]),",
        "    }),",
        '    "empty": nn.Sequential(),',
        "}))",
    ]
    assert repr(code) == str(code)


def test_shared_frozen_and_modes():
    layer, act = nn.Linear(4, 4, rng=0), nn.Tanh()  # which has nothing that could be shared
    model = nn.Sequential(layer, act, layer, nn.Linear(4, 4, rng=1), nn.Dropout(rng=0), act).float()
    model[3].weight = layer.weight
    model[3].bias.requires_grad = False
    model.eval()
    model[4].train()
    assert lines_of(model) == [
        "shared_1 = nn.Linear(4, 4)",
        "model = nn.Sequential(",
        "    shared_1,",
        "    nn.Tanh(),",
        "    shared_1,",
        "    nn.Linear(4, 4),",
        "    nn.Dropout(),",
        "    nn.Tanh(),",
        ")",
        'model.get_submodule("3").weight = model.get_parameter("0.weight")',
        'model.get_parameter("3.bias").requires_grad_(False)',
        "model.eval()",
        'model.get_submodule("4").train(True)',
    ]
    assert lines_of(nn.Linear(2, 1, rng=0).float().requires_grad_(False))[1:] == [
        "model.requires_grad_(False)"
    ]


def test_a_dropout_in_two_places_has_one_mode():
    drop = nn.Dropout(rng=0)
    model = nn.Sequential(drop, nn.Sequential(drop)).float()
    model[1].eval()
    drop.train()
    assert lines_of(model) == [
        "shared_1 = nn.Dropout()",
        "model = nn.Sequential(",
        "    shared_1,",
        "    nn.Sequential(",
        "        shared_1,",
        "    ),",
        ")",
        'model.get_submodule("1").train(False)',
        'model.get_submodule("1.0").train(True)',
        "# model.eval() before predicting",
    ]


@pytest.mark.parametrize(
    ("layer", "call"),
    [
        (
            lambda: nn.Conv2d(1, 6, (5, 3), padding=(2, 1), dilation=2, rng=0),
            "nn.Conv2d(1, 6, (5, 3), padding=(2, 1), dilation=2)",
        ),
        (lambda: nn.MaxPool2d(2), "nn.MaxPool2d(2)"),
        (lambda: nn.MaxPool2d(3, 2, ceil_mode=True), "nn.MaxPool2d(3, stride=2, ceil_mode=True)"),
        (lambda: nn.Softmax(), "nn.Softmax(dim=-1)"),
        (lambda: nn.Hardtanh(-np.inf, np.float64(2)), 'nn.Hardtanh(min_val=float("-inf"), max_val=2.0)'),
        (
            lambda: nn.LayerNorm((3, 4), elementwise_affine=False),
            "nn.LayerNorm((3, 4), elementwise_affine=False)",
        ),
        (
            lambda: nn.BatchNorm1d(3, momentum=None, affine=False),
            "nn.BatchNorm1d(3, momentum=None, affine=False)",
        ),
        (lambda: nn.Unflatten(1, (2, 2)), "nn.Unflatten(1, (2, 2))"),
        (lambda: nn.ReLU(inplace=True), "nn.ReLU()"),
        (lambda: nn.Embedding(9, 3, padding_idx=-1, rng=0), "nn.Embedding(9, 3, padding_idx=8)"),
        (lambda: nn.GRUCell(3, 4, bias=False, rng=0), "nn.GRUCell(3, 4, bias=False)"),
        (lambda: nn.RNN(3, 4, bias=False, rng=0), "nn.RNN(3, 4, bias=False)"),
    ],
)
def test_arguments_that_matter_and_no_others(layer, call):
    assert lines_of(layer().float())[:1] == [f"model = {call}"]


def test_a_bias_that_was_taken_away_is_not_there():
    layer = nn.Linear(3, 2, rng=0).float()
    layer.bias = None
    assert lines_of(layer) == ["model = nn.Linear(3, 2, bias=False)"]


def test_every_layer_of_nn_is_known_or_a_container():
    """A new layer has to be thought of here."""
    containers = {
        "Activation",
        "MLP",
        "ModuleDict",
        "ModuleList",
        "ParameterDict",
        "ParameterList",
        "Residual",
        "Sequential",
    }
    assert {cls.__name__ for cls in KNOWN} | containers == set(nn.layers.__all__)


@pytest.mark.parametrize("case", LAYERS + RECURRENT, ids=labels(LAYERS + RECURRENT))
def test_scripts_are_python_with_short_lines(case):
    around = nn.Residual(nn.Sequential(nn.Bias(4), nn.Maxout(4, 4, rng=0)))
    code = to_torch_code(nn.ModuleDict({"layers": nn.ModuleList([make(case)]), "around": around}))
    compile(code, "script", "exec")
    assert max(map(len, code.splitlines())) <= 79
    assert not any(line != line.rstrip() for line in code.splitlines())
    assert code.endswith("\n")
    assert not code.endswith("\n\n")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (nn.Sequential, "type"),
        (nn.Sequential, "T_destination"),
        (nn.ModuleDict, "cpu"),
        (nn.ModuleDict, "_modules"),
    ],
)
def test_names_that_pytorchs_modules_have_themselves_are_refused(kind, name):
    model = nn.Sequential(kind({"first": nn.ReLU(), name: nn.Tanh()}))
    with pytest.raises(ExportError, match=rf"layer '0\.{name}' \(Tanh\).*attribute '{name}'.*another name"):
        to_torch_code(model)
    to_torch_code(nn.Sequential({"types": nn.Tanh(), "_type": nn.Tanh(), "1": nn.Tanh()}))


PAIRS = {
    "after a GRU": (
        lambda gru: nn.Sequential(nn.Sequential(gru, nn.Identity()), nn.Tanh()),
        r"layer '1' \(Tanh\).*an output and its last states, a pair that this one cannot take.*comes last",
    ),
    "around a GRU": (
        lambda gru: nn.Sequential(nn.Residual(nn.Sequential(nn.Tanh(), gru))),
        r"layer '0' \(Residual\).*its body ends in a recurrent layer.*comes last",
    ),
    "beside a GRU": (
        lambda gru: nn.ModuleList([nn.Residual(nn.Tanh(), gru)]),
        r"layer '0' \(Residual\).*its shortcut ends in a recurrent layer",
    ),
}


@pytest.mark.parametrize("case", PAIRS)
def test_who_cannot_take_what_a_recurrent_layer_makes_is_refused(case):
    build, said = PAIRS[case]
    with pytest.raises(ExportError, match=said):
        to_torch_code(build(nn.GRU(3, 3, rng=0)))
    with pytest.raises(ExportError, match=said):
        to_torch_code(build(nn.LSTMCell(3, 3, rng=0)))
    to_torch_code(build(nn.GRUCell(3, 3, rng=0)))  # which makes its state alone
    to_torch_code(nn.Sequential(nn.Tanh(), nn.GRU(3, 3, rng=0), nn.Identity()))


def test_a_layer_of_ones_own_after_a_recurrent_one_is_refused_for_being_that():
    class Last(nn.Module):
        def forward(self, pair):
            return pair[0][:, -1]

    with pytest.raises(ExportError, match=r"layer '1' \(Last\).*its forward\(\) is code"):
        to_torch_code(nn.Sequential(nn.GRU(3, 3, rng=0), Last()))


class Squares(nn.Module):
    def forward(self, x):
        return x * x


def test_what_is_refused():
    class Turned(nn.Linear):
        def activated(self, x, activation):
            return super().activated(-x, activation)

    body = nn.Sequential(nn.Tanh(), Squares())
    with pytest.raises(ExportError, match=r"layer '0\.body\.1' \(Squares\).*code.*to_torch_state_dict"):
        to_torch_code(nn.Sequential(nn.Residual(body)))
    with pytest.raises(ExportError, match=r"the model \(Squares\)"):
        to_torch_code(Squares())
    with pytest.raises(ExportError, match=r"layer '0' \(Turned\).*its own activated"):
        to_torch_code(nn.Sequential(Turned(3, 3, rng=0)))
    hooked = nn.Sequential(nn.Tanh())
    hooked.register_forward_pre_hook(lambda module, args: None)
    with pytest.raises(ExportError, match="hooks"):
        to_torch_code(hooked)
    with pytest.raises(ExportError, match="float32 and float64"):
        to_torch_code(nn.Sequential(nn.Linear(2, 2, rng=0), nn.Linear(2, 2, rng=0, dtype=np.float32)))
    with pytest.raises(ExportError, match=r"nothing like it"):
        to_torch_code(nn.ParameterList([[1.0]]))
    layer = nn.Threshold(0.5, 1.0)
    layer.value = np.ones(2)
    with pytest.raises(ExportError, match=r"layer '0' \(Threshold\).*no number"):
        to_torch_code(nn.Sequential(layer))
    for part in (nn.Parameter([1.0]), nn.Tanh()):
        layer = nn.Linear(2, 2, rng=0)
        layer.gate = part
        with pytest.raises(ExportError, match=r"layer '0' \(Linear\).*given 'gate'.* no place"):
            to_torch_code(nn.Sequential(layer))
    deep = nn.Tanh()
    for _ in range(49):
        deep = nn.Sequential({"a": deep})
    compile(to_torch_code(deep), "script", "exec")
    with pytest.raises(ExportError, match="more than 50 modules are inside each other"):
        to_torch_code(nn.Sequential(nn.Sequential(deep)))
    with pytest.raises(TypeError, match="Tanh is a class"):
        to_torch_code(nn.Tanh)
    with pytest.raises(TypeError, match="not function"):
        to_torch_code(lambda x: x)
    with pytest.raises(TypeError, match="a text"):
        to_torch_code(nn.Tanh(), weights=b"a")
