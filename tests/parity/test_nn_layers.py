"""Every layer beside torch.nn: the same weights and inputs, the same outputs, gradients, state, repr and beginnings."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")

from beside_torch import compare, flat  # noqa: E402
from layer_cases import IN_BOTH, Case, accepted, labels, make  # noqa: E402

import nn  # noqa: E402

tn = torch.nn
CASES: list[Case] = [(name, args, more, (5, *shape)) for name, args, more, shape in IN_BOTH] + [
    ("Flatten", (0, 1), {}, (5, 4)),
    ("Dropout", (0.0,), {}, (5, 4)),
    ("Linear", (4, 3), {}, (4,)),
    ("Conv2d", (4, 2, 3), {}, (4, 7, 6)),
    ("BatchNorm1d", (4,), {"track_running_stats": False}, (6, 4)),
]


def pair(name: str, args: Any, more: Any) -> tuple[nn.Module, Any]:
    """The two layers with the same weights, which are none that a layer would start with."""
    ours, theirs = make((name, args, more, ())), getattr(tn, name)(*args, **more).double()
    state = ours.state_dict()
    assert list(state) == list(theirs.state_dict())
    assert {k: v.shape for k, v in state.items()} == {
        k: tuple(v.shape) for k, v in theirs.state_dict().items()
    }
    assert ours.load_state_dict(state) == ([], [])
    theirs.load_state_dict({key: torch.as_tensor(value) for key, value in state.items()})
    assert repr(ours) == repr(theirs)
    return ours, theirs


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize(("name", "args", "more", "shape"), CASES, ids=labels(CASES))
def test_outputs_gradients_state_and_repr(name: str, args: Any, more: Any, shape: Any) -> None:
    ours, theirs = pair(name, args, more)
    rng = np.random.default_rng(1)
    for scale in (1.0, 30.0):
        compare(ours, theirs, rng.normal(size=shape) * scale)
    ours.eval()
    theirs.eval()
    compare(ours, theirs, rng.normal(size=shape))


def test_embedding() -> None:
    indices = np.array([[0, 4, 4], [2, 1, 0]])
    for more in ({}, {"padding_idx": 4}, {"padding_idx": -1}):
        ours, theirs = pair("Embedding", (5, 3), more)
        compare(ours, theirs, indices)
    assert not nn.Embedding(5, 3, padding_idx=1, rng=0).weight.data[1].any()


def test_maxout_is_the_larger_of_two_linear_layers() -> None:
    ours = nn.Maxout(4, 3, rng=0)
    first, second = tn.Linear(4, 3).double(), tn.Linear(4, 3).double()
    for i, layer in enumerate((first, second)):
        rows = slice(3 * i, 3 * i + 3)
        layer.load_state_dict({k: torch.tensor(v[rows]) for k, v in ours.state_dict().items()})
    x = np.random.default_rng(0).normal(size=(6, 4))
    y, z = ours(x), torch.maximum(first(torch.tensor(x)), second(torch.tensor(x)))
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-12)
    y.sum().backward()
    z.sum().backward()
    np.testing.assert_allclose(
        ours.weight.grad, np.vstack([first.weight.grad, second.weight.grad]), rtol=1e-10
    )


@pytest.mark.parametrize(
    ("name", "args", "more"),
    [
        ("RNNCell", (3, 4), {}),
        ("RNNCell", (3, 4, False, "relu"), {}),
        ("GRUCell", (3, 4), {}),
        ("GRUCell", (3, 4), {"bias": False}),
        ("LSTMCell", (3, 4), {}),
        ("LSTMCell", (3, 4), {"bias": False}),
    ],
)
def test_cells(name: str, args: Any, more: Any) -> None:
    ours, theirs = pair(name, args, more)
    rng = np.random.default_rng(2)
    for batch in ((), (5,)):
        x, h, c = rng.normal(size=(*batch, 3)), rng.normal(size=(*batch, 4)), rng.normal(size=(*batch, 4))
        compare(ours, theirs, x)
        if name != "LSTMCell":
            compare(ours, theirs, x, h)
            continue

        class Called(nn.Module):
            def __init__(self, cell: Any) -> None:
                super().__init__()
                self.cell = cell

            def forward(self, x: Any, h: Any, c: Any) -> Any:  # type: ignore[override]
                return self.cell(x, (h, c))

        class Peer(tn.Module):  # type: ignore[misc, name-defined]
            def __init__(self, cell: Any) -> None:
                super().__init__()
                self.cell = cell

            def forward(self, x: Any, h: Any, c: Any) -> Any:
                return self.cell(x, (h, c))

        compare(Called(ours), Peer(theirs), x, h, c)


@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"num_layers": 2, "bias": False},
        {"bidirectional": True},
        {"num_layers": 2, "bidirectional": True, "batch_first": True},
        {"nonlinearity": "relu"},
    ],
)
def test_sequences(name: str, more: Any) -> None:
    if "nonlinearity" in more and name != "RNN":
        pytest.skip("an RNN has one")
    ours, theirs = pair(name, (3, 4), more)
    rng = np.random.default_rng(3)
    for shape in ((6, 2, 3), (6, 3)):
        compare(ours, theirs, rng.normal(size=shape))
    n = more.get("num_layers", 1) * (2 if more.get("bidirectional") else 1)
    x, h = rng.normal(size=(5, 5, 3)), rng.normal(size=(n, 5, 4))
    given = (h, h + 1) if name == "LSTM" else h
    with torch.no_grad():
        peers = tuple(map(torch.tensor, given)) if name == "LSTM" else torch.tensor(h)
        expected = flat(theirs(torch.tensor(x), peers))
    for y, z in zip(flat(ours(x, given)), expected):
        np.testing.assert_allclose(y.data, z.numpy(), rtol=1e-10, atol=1e-12)


def test_dropout_between_the_layers_of_a_sequence_and_its_repr() -> None:
    more = {"num_layers": 2, "dropout": 0.5}
    ours, theirs = pair("LSTM", (3, 4), more)
    x = np.random.default_rng(0).normal(size=(6, 2, 3))
    ours.eval()
    theirs.eval()
    compare(ours, theirs, x)
    ours.train()
    assert not np.array_equal(ours(x)[0].data, ours(x)[0].data)


STARTS: list[tuple[str, tuple[Any, ...]]] = [
    ("Linear", (60, 80)),
    ("Conv1d", (20, 80, 3)),
    ("Conv2d", (10, 60, 3)),
    ("ConvTranspose2d", (40, 50, 3)),
    ("Embedding", (60, 80)),
    ("RNN", (60, 80)),
    ("LSTMCell", (30, 50)),
    ("GRU", (30, 40)),
    ("BatchNorm1d", (5,)),
    ("PReLU", (5,)),
]


@pytest.mark.parametrize(("name", "args"), STARTS)
def test_weights_start_as_pytorchs(name: str, args: Any) -> None:
    """The same distribution: quantiles of many draws agree, and so do the ends of what is uniform."""
    torch.manual_seed(0)
    drawn = accepted(name, rng=0)
    ours, theirs = getattr(nn, name)(*args, **drawn), getattr(tn, name)(*args)
    levels = np.linspace(0.02, 0.98, 13)
    for key, value in ours.state_dict().items():
        other = theirs.state_dict()[key].numpy()
        if value.size < 40:
            np.testing.assert_array_equal(value, other)
            continue
        spread = other.std()
        tolerance = 4 * spread / np.sqrt(value.size)
        np.testing.assert_allclose(np.quantile(value, levels), np.quantile(other, levels), atol=3 * tolerance)
        if name != "Embedding":
            np.testing.assert_allclose(np.abs(value).max(), np.abs(other).max(), rtol=0.1)
    again = getattr(nn, name)(*args, **drawn)
    for key, value in ours.state_dict().items():
        np.testing.assert_array_equal(value, again.state_dict()[key])


def test_containers_look_and_name_alike() -> None:
    def build(t: Any) -> Any:
        class Net(t.Module):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                super().__init__()
                self.body = t.Sequential(t.Linear(2, 3), t.Sequential(t.Tanh(), t.BatchNorm1d(3)))
                self.blocks = t.ModuleList([t.Linear(3, 3), t.Linear(3, 3), t.ReLU()])
                self.heads = t.ModuleDict({"a": t.Linear(3, 1), "b": t.Identity()})
                self.first_again = self.body[0]
                self.none = None
                self.empty = t.ModuleList()

        return Net()

    ours, theirs = build(nn), build(tn)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [name for name, _ in ours.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    assert [name for name, _ in ours.named_modules()] == [name for name, _ in theirs.named_modules()]
    assert [name for name, _ in ours.named_buffers()] == [name for name, _ in theirs.named_buffers()]
    assert [name for name, _ in ours.named_children()] == [name for name, _ in theirs.named_children()]
    for way in ("named_parameters", "named_buffers", "named_modules"):
        mine, other = getattr(ours, way)(prefix="net"), getattr(theirs, way)(prefix="net")
        assert [name for name, _ in mine] == [name for name, _ in other]
    seen: list[list[str]] = [[], []]
    ours.apply(lambda m: seen[0].append(type(m).__name__))
    theirs.apply(lambda m: seen[1].append(type(m).__name__))
    assert seen[0] == seen[1]


def test_slices_and_appended_modules_have_the_same_keys() -> None:
    def models(kit: Any) -> list[Any]:
        plain = kit.Sequential(kit.Linear(1, 1), kit.Tanh(), kit.Linear(1, 1))
        named = kit.Sequential(OrderedDict(a=kit.Linear(1, 1), b=kit.Tanh()))
        both = [plain[1:], plain[:2], plain[1:] + plain[:1], kit.ModuleList(plain)[1:], named[:1]]
        return [*both, named.append(kit.Linear(1, 1)), kit.Sequential(named[1:], plain[2:])]

    assert [list(m.state_dict()) for m in models(nn)] == [list(m.state_dict()) for m in models(tn)]
