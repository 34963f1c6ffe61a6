"""Out to PyTorch and back: states equal both ways, and scripts that compute and train the same (CURRICULUM G7)."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")

from beside_torch import compare  # noqa: E402
from layer_cases import LAYERS, RECURRENT, Case, labels, make, unusual  # noqa: E402

import nn  # noqa: E402
from nn.export import load_torch_state_dict, to_torch_code, to_torch_state_dict  # noqa: E402
from nn.export.torch_layers import TAKEN  # noqa: E402

tn = torch.nn
OURS_ALONE = {"Bias", "Maxout", "Residual"}
CELLS: list[Case] = [
    ("RNNCell", (4, 5, True, "relu"), {}, (4,)),
    ("GRUCell", (4, 5), {"bias": False}, (4,)),
    ("LSTMCell", (4, 5), {}, (4,)),
    ("RNN", (4, 5, 2), {"nonlinearity": "relu"}, (6, 4)),
]


def run(code: str) -> Any:
    """The model that a script makes."""
    names: dict[str, Any] = {}
    exec(compile(str(code), "script", "exec"), names)
    return names["model"]


def pair(ours: nn.Module) -> tuple[nn.Module, Any]:
    """The model, and the one that its script makes, with its weights."""
    theirs = run(to_torch_code(ours))
    state = to_torch_state_dict(ours)
    assert list(state) == list(theirs.state_dict())
    theirs.load_state_dict(state)
    return ours, theirs


CASES = LAYERS + RECURRENT + CELLS


@pytest.mark.filterwarnings("ignore:Using padding='same'", "ignore:The PyTorch API of nested")
@pytest.mark.parametrize("case", CASES, ids=labels(CASES))
def test_every_layer_as_a_script(case: Case) -> None:
    ours, theirs = pair(make(case))
    if case[0] not in OURS_ALONE:
        assert type(theirs) is getattr(tn, case[0])
    x = np.random.default_rng(1).normal(size=(5, *case[3])) * 3
    if "Dropout" not in case[0] and "dropout" not in case[2]:
        compare(ours, theirs, x)
    compare(ours.eval(), theirs.eval(), x)


def shared() -> nn.Module:
    layer = nn.Linear(6, 6, rng=0)
    model = nn.Sequential(layer, nn.BatchNorm1d(6), layer, nn.Tanh(), nn.Linear(6, 6, rng=1))
    model[4].weight = layer.weight
    model[4].bias.requires_grad = False
    return model


NETWORKS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "mlp": (lambda: nn.MLP([6, 8, 5, 3], ["relu", "selu"], output="softmax", batch_norm=True, rng=0), (6,)),
    "residual": (
        lambda: nn.Residual(
            nn.Sequential(nn.Maxout(6, 5, 3, rng=0), nn.Bias(5), nn.Linear(5, 4, rng=1)),
            nn.Linear(6, 4, rng=2),
        ),
        (6,),
    ),
    "images": (
        lambda: nn.Sequential(
            {
                "body": nn.Sequential(
                    nn.Conv2d(1, 4, 3, rng=0), nn.BatchNorm2d(4), nn.ReLU(True), nn.MaxPool2d(2)
                ),
                "way": nn.Residual(nn.Sequential(nn.ReLU(True), nn.Conv2d(4, 4, 3, padding=1, rng=1))),
                "flat": nn.Flatten(),
                "out": nn.Linear(4 * 5 * 4, 3, rng=3),
            }
        ),
        (1, 12, 10),
    ),
    "shared": (shared, (6,)),
    "lstm": (
        lambda: nn.Sequential(nn.Linear(4, 3, rng=0), nn.LSTM(3, 5, 2, bidirectional=True, rng=1)),
        (7, 4),
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_as_scripts(name: str) -> None:
    build, shape = NETWORKS[name]
    ours, theirs = pair(unusual(build()))
    x = np.random.default_rng(1).normal(size=(5, *shape))
    compare(ours, theirs, x)
    compare(ours.eval(), theirs.eval(), x)


@pytest.mark.parametrize(
    "activation",
    "relu relu6 leaky_relu prelu elu celu selu gelu silu mish softplus softsign tanh tanhshrink sigmoid log_sigmoid "
    "hardtanh hardshrink softshrink softmin".split(),
)
def test_mlps_of_all_activations(activation: str) -> None:
    ours, theirs = pair(nn.MLP([4, 7, 6, 3], activation, output="log_softmax", dropout=0.5, rng=0).eval())
    assert not theirs.training
    compare(ours, theirs, np.random.default_rng(0).normal(size=(9, 4)))


def test_an_embedding_and_modes() -> None:
    model = nn.Sequential(
        nn.Embedding(9, 3, padding_idx=2, rng=0), nn.Flatten(), nn.Dropout(rng=0), nn.Linear(12, 2, rng=1)
    )
    model[2].eval()
    ours, theirs = pair(model)
    assert [part.training for part in theirs.modules()] == [part.training for part in ours.modules()]
    compare(ours, theirs, np.random.default_rng(0).integers(0, 9, (5, 4)))


def test_every_name_that_pytorch_would_refuse_is_refused_before() -> None:
    for ours, theirs in ((nn.Sequential, tn.Sequential), (nn.ModuleDict, tn.ModuleDict)):
        owned = {name for name in dir(theirs()) if not name.startswith("__")}
        assert {
            name for name in owned if name not in TAKEN and not callable(getattr(ours, name, None))
        } == set()


def test_dtypes_are_kept_and_nothing_is_shared() -> None:
    for dtype, kind in (
        (np.float32, torch.float32),
        (np.float64, torch.float64),
        (np.float16, torch.float16),
    ):
        model = nn.MLP([3, 4, 2], batch_norm=True, rng=0).to(dtype)
        state = to_torch_state_dict(model)
        assert {v.dtype for v in state.values()} == {kind, torch.int64}
        assert {p.dtype for p in run(to_torch_code(model)).parameters()} == {kind}
        before = model.state_dict()
        for value in state.values():
            value.add_(1)
        assert all(np.array_equal(before[key], value) for key, value in model.state_dict().items())
        load_torch_state_dict(model, state)
        for key, value in model.state_dict().items():
            assert value.dtype == before[key].dtype
            np.testing.assert_array_equal(value, state[key].numpy())
        for value in state.values():
            value.add_(1)
        assert not any(np.array_equal(state[key].numpy(), value) for key, value in model.state_dict().items())


def test_states_come_back_from_every_module() -> None:
    """As load_state_dict takes them, with tensors in training, of half precision, from a module or its state."""
    theirs = tn.Sequential(
        OrderedDict(
            conv=tn.Conv2d(1, 2, 3),
            norm=tn.BatchNorm2d(2),
            act=tn.PReLU(2),
            flat=tn.Flatten(),
            body=tn.Sequential(tn.Linear(8, 4), tn.LayerNorm(4), tn.BatchNorm1d(4)),
            parts=tn.ModuleList([tn.GRUCell(4, 3), tn.LSTMCell(4, 3), tn.RNNCell(4, 3), tn.Embedding(5, 2)]),
        )
    )
    theirs[:5](torch.randn(6, 1, 4, 4))  # running statistics, and one batch counted

    def build(rng: int = 0) -> nn.Module:
        return nn.Sequential(
            {
                "conv": nn.Conv2d(1, 2, 3, rng=rng),
                "norm": nn.BatchNorm2d(2),
                "act": nn.PReLU(2),
                "flat": nn.Flatten(),
                "body": nn.Sequential(nn.Linear(8, 4, rng=rng), nn.LayerNorm(4), nn.BatchNorm1d(4)),
                "parts": nn.ModuleList(
                    [
                        nn.GRUCell(4, 3, rng=0),
                        nn.LSTMCell(4, 3, rng=0),
                        nn.RNNCell(4, 3, rng=0),
                        nn.Embedding(5, 2, rng=0),
                    ]
                ),
            }
        )

    expected = {key: value.numpy() for key, value in theirs.state_dict().items()}
    half = {k: v.bfloat16() if v.is_floating_point() else v for k, v in theirs.state_dict().items()}
    in_training = {**theirs.state_dict(), **dict(theirs.named_parameters())}
    for source in (theirs, theirs.state_dict(), in_training, half):
        model = build()
        assert load_torch_state_dict(model, source) == ([], [])
        if source is not theirs:
            again = build(1)
            again.load_state_dict(source)
            assert all(np.array_equal(again.state_dict()[k], v) for k, v in model.state_dict().items())
        assert list(model.state_dict()) == list(expected)
        for key, value in model.state_dict().items():
            rounded = half[key].float().numpy() if source is half else expected[key]
            np.testing.assert_array_equal(value, rounded, err_msg=key)
        back = to_torch_state_dict(model)
        if source is not half:
            theirs.load_state_dict(back)
            assert all(
                torch.equal(value, torch.tensor(expected[k])) for k, value in theirs.state_dict().items()
            )
    assert model.get_submodule("norm").num_batches_tracked == 1


def test_tensors_that_hold_no_plain_numbers_are_named() -> None:
    model = nn.Linear(3, 2, rng=0)
    with pytest.raises(nn.StateError, match='weight: a tensor on the device "meta"'):
        load_torch_state_dict(model, tn.Linear(3, 2, device="meta"))
    with pytest.raises(nn.StateError, match=r"bias: .*complex"):
        load_torch_state_dict(
            model, {"weight": torch.ones(2, 3), "bias": torch.ones(2, dtype=torch.complex64)}
        )
    with pytest.raises(nn.StateError, match=r"weight has shape \(2, 3\), the given array \(3, 2\)"):
        load_torch_state_dict(model, {"weight": torch.ones(3, 2), "bias": torch.ones(2)})
    load_torch_state_dict(model, {"weight": torch.eye(3)[:2].to_sparse(), "bias": torch.ones(2)})
    np.testing.assert_array_equal(model.weight.data, np.eye(3)[:2])
    with pytest.raises(nn.export.ExportError, match=r"weight has the dtype (longdouble|float128)"):
        to_torch_state_dict(nn.Linear(3, 2, rng=0).to(np.longdouble))


def test_files_of_safetensors_both_ways(tmp_path: Any) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    ours = nn.MLP([4, 5, 3], batch_norm=True, dtype=np.float32, rng=0)
    theirs = tn.Sequential(tn.Linear(4, 5), tn.BatchNorm1d(5), tn.ReLU(), tn.Linear(5, 3))
    file = str(tmp_path / "theirs.safetensors")
    safetensors.save_model(theirs, file)
    ours.load_state_dict(nn.safetensors.load_file(file))
    for key, value in ours.state_dict().items():
        np.testing.assert_array_equal(value, theirs.state_dict()[key].numpy())
    file = str(tmp_path / "ours.safetensors")
    nn.safetensors.save_file(unusual(ours).state_dict(), file)
    again = run(to_torch_code(ours, weights=file))
    x = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    np.testing.assert_allclose(ours(x).data, again(torch.tensor(x)).detach().numpy(), rtol=1e-4, atol=1e-5)
    tied = tn.Sequential(tn.Linear(3, 3), tn.Linear(3, 3))
    tied[1].weight = tied[0].weight
    safetensors.save_model(tied, file)  # which leaves out one of the two names
    model = nn.Sequential(nn.Linear(3, 3, rng=0), nn.Linear(3, 3, rng=1))
    model[1].weight = model[0].weight
    assert load_torch_state_dict(model, nn.safetensors.load_file(file)) == ([], [])
    np.testing.assert_array_equal(model[1].weight.data, tied[0].weight.detach().numpy())
    safetensors.save_file({"weight": torch.ones(2, dtype=torch.bfloat16)}, file)
    with pytest.raises(nn.safetensors.SafetensorsError, match=r"BF16.*float"):
        nn.safetensors.load_file(file)


def test_training_begun_here_goes_on_there_and_comes_back() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(32, 4)), rng.integers(0, 3, 32)
    ours = nn.MLP([4, 16, 3], "tanh", batch_norm=True, rng=0)

    def train(model: nn.Module, steps: int) -> None:
        optimiser = nn.SGD(model.parameters(), lr=0.1)
        for _ in range(steps):
            optimiser.zero_grad()
            nn.CrossEntropyLoss()(model(X), y).backward()
            optimiser.step()

    train(ours, 5)
    _, theirs = pair(ours)
    train(ours, 5)
    optimiser = torch.optim.SGD(theirs.parameters(), lr=0.1)
    for _ in range(5):
        optimiser.zero_grad()
        tn.functional.cross_entropy(theirs(torch.tensor(X)), torch.tensor(y)).backward()
        optimiser.step()
    back = nn.MLP([4, 16, 3], "tanh", batch_norm=True, rng=1)
    load_torch_state_dict(back, theirs)
    for key, value in ours.state_dict().items():
        np.testing.assert_allclose(back.state_dict()[key], value, rtol=1e-10, atol=1e-12)
    assert back[1].num_batches_tracked == 10
