"""Files of ONNX, run by onnxruntime and by onnx' own evaluator: every layer, whole networks, and what is refused."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
from layer_cases import LAYERS, RECURRENT, labels, make, unusual

import nn
from autograd.errors import ShapeError
from nn.export import ExportError, to_onnx

onnx = pytest.importorskip("onnx", reason="needs onnx: pip install '.[test]'")
onnxruntime = pytest.importorskip("onnxruntime", reason="needs onnxruntime: pip install '.[test]'")

# What onnxruntime has not for float64: there, onnx' own evaluator runs it.
NOT_IN_FLOAT64 = {"Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d", "AvgPool1d", "AvgPool2d"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.onnx"


def run(path, x):
    """All outputs of the file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    assert [port.name for port in session.get_inputs()] == ["input"]
    return session.run(None, {"input": x})


def evaluate(path, x):
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(str(path)).run(None, {"input": x})


def outputs(made):
    """Outputs of a model, which may be nested tuples, as arrays."""
    if isinstance(made, tuple):
        return [y for part in made for y in outputs(part)]
    return [np.asarray(made if isinstance(made, np.ndarray) else made.data)]


def compare(model, path, x, tolerance, runner=run):
    """The file gives what the model gives in eval mode, to a share of the largest number."""
    training = model.training
    ours = outputs(model.eval()(x))
    model.train(training)
    theirs = runner(path, x)
    assert len(ours) == len(theirs)
    for y, z in zip(ours, theirs):
        assert (z.shape, z.dtype) == (y.shape, y.dtype)
        np.testing.assert_allclose(z, y, rtol=0, atol=tolerance * np.abs(y).max())


@pytest.mark.parametrize("case", LAYERS, ids=labels(LAYERS))
def test_every_layer_in_float32(case, path):
    model = make(case, np.float32)
    to_onnx(model, path, input_shape=case[3], dtype=np.float32)
    rng = np.random.default_rng(1)
    for n, scale in ((1, 1), (5, 10)):
        x = (rng.normal(size=(n, *case[3])) * scale).astype(np.float32)
        compare(model, path, x, 1e-6)


@pytest.mark.parametrize("case", LAYERS, ids=labels(LAYERS))
def test_every_layer_in_float64(case, path):
    name, args, more, shape = case
    model = make(case)
    to_onnx(model, path, input_shape=shape, dtype=np.float64)
    if more.get("groups", 1) > 1 and "Transpose" in name:
        pytest.skip("onnx' own evaluator has no groups there, and onnxruntime no float64")
    erf = (name, args) == ("GELU", ())
    elsewhere = erf or name in NOT_IN_FLOAT64
    # ONNX keeps epsilon in float32, and its evaluator knows erf to 8 digits
    tolerance = 1e-7 if erf else 1e-9 if "Norm" in name else 1e-12
    x = np.random.default_rng(1).normal(size=(5, *shape)) * 10
    compare(model, path, x, tolerance, evaluate if elsewhere else run)


@pytest.mark.parametrize("case", RECURRENT, ids=labels(RECURRENT))
def test_recurrent_layers_give_their_last_states_too(case, path):
    model = make(case, np.float32)
    to_onnx(model, path, input_shape=case[3])
    names = [port.name for port in onnx.load(path).graph.output]
    assert names == ["output", "h_n", "c_n"][: 3 if case[0] == "LSTM" else 2]
    for n in (1, 3):
        compare(model, path, np.random.default_rng(n).normal(size=(n, 6, 4)).astype(np.float32), 1e-6)


def test_a_pair_may_pass_through_what_changes_nothing(path):
    model = nn.Sequential(nn.GRU(4, 5, batch_first=True, rng=0), nn.Sequential(nn.Identity())).float()
    to_onnx(model, path, input_shape=(6, 4))
    compare(model, path, np.random.default_rng(0).normal(size=(3, 6, 4)).astype(np.float32), 1e-6)


NETWORKS = {
    "mlp": (lambda: nn.MLP([6, 8, 5, 3], output="softmax", dropout=0.4, batch_norm=True, rng=0), (6,)),
    "selu": (lambda: nn.MLP([6, 8, 3], ["selu"], output="sigmoid", init="xavier_normal", rng=0), (6,)),
    "images": (
        lambda: nn.Sequential(
            {
                "body": nn.Sequential(
                    nn.Conv2d(1, 4, 3, rng=0), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)
                ),
                "way": nn.Residual(nn.Conv2d(4, 4, 3, padding="same", rng=1)),
                "other": nn.Residual(nn.Conv2d(4, 2, 1, rng=1), nn.Conv2d(4, 2, 1, rng=2)),
                "flat": nn.Flatten(),
                "out": nn.Linear(2 * 5 * 4, 3, rng=3),
            }
        ),
        (1, 12, 10),
    ),
    "maxout": (
        lambda: nn.Sequential(
            nn.Maxout(6, 4, rng=0), nn.Residual(nn.Identity()), nn.Bias(4), nn.Mish(), nn.Linear(4, 3, rng=1)
        ),
        (6,),
    ),
    "sequence": (
        lambda: nn.Sequential(
            nn.Linear(3, 4, rng=0), nn.LayerNorm(4), nn.Tanh(), nn.Flatten(), nn.Linear(20, 2, rng=1)
        ),
        (5, 3),
    ),
    "nothing": (lambda: nn.Sequential(), (3,)),
    "dropout": (lambda: nn.Sequential(nn.Dropout(rng=0), nn.Identity()), (3, 2)),
    "doubled": (lambda: nn.Residual(nn.Residual(nn.Identity())), (3,)),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name, dtype, path):
    build, shape = NETWORKS[name]
    model = unusual(build().to(dtype))
    to_onnx(model, path, input_shape=shape, dtype=dtype)
    for n in (1, 4):
        x = np.random.default_rng(n).normal(size=(n, *shape)).astype(dtype)
        single = dtype is np.float32
        compare(
            model, path, x, 1e-6 if single else 1e-9, evaluate if name == "images" and not single else run
        )


def test_indices_go_into_an_embedding(path):
    model = nn.Sequential(nn.Embedding(9, 3, padding_idx=2, rng=0), nn.Flatten(), nn.Linear(12, 2, rng=1))
    to_onnx(model, path, input_shape=4)
    x = np.random.default_rng(0).integers(0, 9, (5, 4))
    compare(model, path, x, 1e-12)
    assert onnx.load(path).graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.INT64


def test_a_trained_classifier_decides_the_same(path):
    X, y = nn.datasets.circles(200, rng=0)
    X = X.astype(np.float32)
    model = nn.MLP([2, 16, 2], batch_norm=True, dropout=0.1, dtype=np.float32, rng=0)
    optimiser = nn.Adam(model.parameters(), lr=0.02)
    nn.fit(model, (X, y), epochs=20, optimiser=optimiser, loss=nn.CrossEntropyLoss(), rng=0)
    to_onnx(model, path, input_shape=2)
    compare(model, path, X, 1e-6)
    np.testing.assert_array_equal(run(path, X)[0].argmax(axis=1), nn.predict(model, X))


def test_what_the_file_says(path):
    model = nn.MLP([4, 8, 3], batch_norm=True, rng=0)
    to_onnx(model, str(path), input_shape=4)
    proto = onnx.load(path)
    onnx.checker.check_model(proto, full_check=True)
    assert (proto.producer_name, proto.producer_version) == ("gradlens", "0.1.0")
    assert (proto.ir_version, proto.opset_import[0].version, proto.graph.name) == (8, 17, "MLP")
    assert "Linear(in_features=4, out_features=8, bias=True)" in proto.doc_string
    ports = [*proto.graph.input, *proto.graph.output]
    sizes = [[d.dim_param or d.dim_value for d in port.type.tensor_type.shape.dim] for port in ports]
    assert [port.name for port in ports] == ["input", "output"]
    assert sizes == [["batch", 4], ["batch", 3]]
    assert [node.name for node in proto.graph.node] == ["0/Gemm", "1/BatchNormalization", "2/Relu", "3/Gemm"]
    arrays = {array.name: onnx.numpy_helper.to_array(array) for array in proto.graph.initializer}
    state = model.state_dict()
    assert arrays.keys() == state.keys() - {"1.num_batches_tracked"}
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, state[name], strict=True)


def test_the_model_stays_as_it_is(path):
    model = nn.MLP([4, 8, 3], dropout=0.5, batch_norm=True, rng=0)
    model[1].eval()
    before, modes = model.state_dict(), [part.training for part in model.modules()]
    drawn = model[3].rng.bit_generator.state
    to_onnx(model, path, input_shape=4)
    assert [part.training for part in model.modules()] == modes
    assert model[3].rng.bit_generator.state == drawn
    assert all(np.array_equal(before[key], value) for key, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())


def test_a_shared_layer_is_stored_once(path):
    layer = nn.Linear(4, 4, rng=0)
    model = nn.Sequential(layer, nn.Tanh(), layer, nn.Linear(4, 4, rng=1))
    model[3].weight = layer.weight
    to_onnx(model, path, input_shape=4)
    assert {a.name for a in onnx.load(path).graph.initializer} == {"0.weight", "0.bias", "3.bias"}
    compare(model, path, np.random.default_rng(0).normal(size=(5, 4)), 1e-12)


def test_a_subclass_that_only_starts_otherwise_is_what_it_was(path):
    class Small(nn.Linear):
        def __init__(self):
            super().__init__(4, 3, rng=0)
            self.weight.data = self.weight.data * 0.01

    model = nn.Sequential(Small(), nn.circuits.XorUnit().get_submodule("1"))
    to_onnx(model, path, input_shape=4)
    compare(model, path, np.ones((2, 4)), 1e-12)


def test_a_subclass_may_show_itself_otherwise(path):
    class Shown(nn.Tanh):
        def extra_repr(self):
            return "of my own"

    to_onnx(nn.Sequential(nn.Linear(4, 4, rng=0), Shown()), path, input_shape=4)
    compare(nn.Sequential(nn.Linear(4, 4, rng=0), Shown()), path, np.ones((2, 4)), 1e-12)
    assert "nn.Tanh()" in nn.export.to_torch_code(Shown())


# --- what is refused, before anything is written


class Squares(nn.Module):
    def forward(self, x):
        return x * x


class Turned(nn.Linear):
    def forward(self, x):
        return super().forward(-x)


class Sine(nn.ReLU):
    op = "sin"


class Backwards(nn.Sequential):
    def forward(self, x):
        for module in reversed(list(self)):
            x = module(x)
        return x


def hooked():
    layer = nn.Tanh()
    layer.register_forward_hook(lambda module, args, output: output * 2)
    return layer


def replaced():
    layer = nn.Tanh()
    layer.forward = lambda x: x
    return layer


def nested(depth):
    model = nn.Tanh()
    for _ in range(depth):
        model = nn.Sequential(model)
    return model


REFUSED = {
    "code": (Squares, "layer '1.0' \\(Squares\\).*its forward\\(\\) is code"),
    "changed": (
        lambda: Turned(4, 4, rng=0),
        "layer '1.0' \\(Turned\\).*its own forward in place of that of nn.Linear",
    ),
    "another op": (Sine, "layer '1.0' \\(Sine\\).*its own op"),
    "another order": (lambda: Backwards(nn.Tanh()), "'1.0' \\(Backwards\\).*its own forward.*nn.Sequential"),
    "hooks": (hooked, "layer '1.0' \\(Tanh\\).*hooks.*handle.remove"),
    "replaced": (replaced, "layer '1.0' \\(Tanh\\).*its own forward"),
    "cell": (lambda: nn.GRUCell(4, 4, rng=0), "layer '1.0' \\(GRUCell\\).*one input and one output"),
    "list": (lambda: nn.ModuleList([nn.Tanh()]), "layer '1.0' \\(ModuleList\\).*one by one"),
    "batch": (
        lambda: nn.BatchNorm1d(4, track_running_stats=False),
        "'1.0' \\(BatchNorm1d\\).*track_running_stats=True",
    ),
    "merged": (lambda: nn.Flatten(0), "layer '1.0' \\(Flatten\\) makes \\(28,\\) of \\(7, 4\\)"),
    "no channels": (
        lambda: nn.Sequential(nn.Unflatten(1, (2, 2)), nn.MaxPool2d(2)),
        "'1.0.1' \\(MaxPool2d\\).*\\(2, 2\\)",
    ),
    "time first": (
        lambda: nn.Sequential(nn.Unflatten(1, (1, 4)), nn.LSTM(4, 2, rng=0)),
        "'1.0.1' \\(LSTM\\).*batch_first=True",
    ),
    "after an LSTM": (
        lambda: nn.Sequential(nn.Unflatten(1, (1, 4)), nn.GRU(4, 2, batch_first=True, rng=0), nn.Tanh()),
        "'1.0.2' \\(Tanh\\).*comes last",
    ),
    "around a GRU": (
        lambda: nn.Sequential(nn.Unflatten(1, (1, 4)), nn.Residual(nn.GRU(4, 4, batch_first=True, rng=0))),
        "'1.0.1' \\(Residual\\).*its body ends in a recurrent layer.*comes last",
    ),
    "a GRU beside": (
        lambda: nn.Sequential(
            nn.Unflatten(1, (1, 4)), nn.Residual(nn.Tanh(), nn.GRU(4, 4, batch_first=True, rng=0))
        ),
        "'1.0.1' \\(Residual\\).*its shortcut ends in a recurrent layer",
    ),
    "a layer of one's own after a GRU": (
        lambda: nn.Sequential(nn.Unflatten(1, (1, 4)), nn.GRU(4, 4, batch_first=True, rng=0), Squares()),
        "'1.0.2' \\(Squares\\).*its forward\\(\\) is code",
    ),
    "400 deep": (lambda: nested(400), "more than 50 modules are inside each other"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_parts_are_named_and_nothing_is_written(case, path):
    build, said = REFUSED[case]
    model = nn.Sequential(nn.Linear(4, 4, rng=0), nn.Sequential(build()))
    path.write_bytes(b"what was there")
    with pytest.raises(ExportError, match=said):
        to_onnx(model, path, input_shape=4)
    assert path.read_bytes() == b"what was there"
    assert os.listdir(path.parent) == [path.name]
    assert model.training


@pytest.mark.parametrize(
    ("error", "said", "call"),
    [
        (TypeError, "Linear is a class: make a model", lambda p: to_onnx(nn.Linear, p, input_shape=4)),
        (TypeError, "not dict", lambda p: to_onnx({}, p, input_shape=4)),
        (TypeError, "Values stay", lambda p: to_onnx(nn.scalar.MLP(2, [1], rng=0), p, input_shape=4)),
        (ValueError, "no shape of a sample", lambda p: to_onnx(nn.Tanh(), p, input_shape=None)),
        (ValueError, "without the number", lambda p: to_onnx(nn.Tanh(), p, input_shape=(None, 4))),
        (ValueError, "no shape", lambda p: to_onnx(nn.Tanh(), p, input_shape=0)),
        # 7 samples of one number each are not one sample of 7
        (ShapeError, "samples of shape \\(\\)", lambda p: to_onnx(nn.Linear(7, 7, rng=0), p, input_shape=())),
        (ShapeError, "samples of shape \\(\\)", lambda p: to_onnx(nn.Linear(8, 7, rng=0), p, input_shape=())),
        (
            ShapeError,
            "layer '0'.*samples of shape \\(5,\\)",
            lambda p: to_onnx(nn.MLP([4, 3], rng=0), p, input_shape=5),
        ),
        (ExportError, "float16: give", lambda p: to_onnx(nn.Tanh(), p, input_shape=4, dtype=np.float16)),
        (
            ExportError,
            "float16: give",
            lambda p: to_onnx(nn.Linear(4, 3, rng=0).to(np.float16), p, input_shape=4),
        ),
        (
            ExportError,
            "float32 and float64: one network",
            lambda p: to_onnx(
                nn.Sequential(nn.Linear(4, 3, rng=0), nn.Linear(3, 3, rng=0, dtype=np.float32)),
                p,
                input_shape=4,
            ),
        ),
        (
            ShapeError,
            "Residual: the body makes \\(7, 3\\)",
            lambda p: to_onnx(nn.Residual(nn.Linear(4, 3, rng=0)), p, input_shape=4),
        ),
        (
            FileNotFoundError,
            "nowhere/m.onnx'$",
            lambda p: to_onnx(nn.Tanh(), p.parent / "nowhere" / "m.onnx", input_shape=4),
        ),
        (TypeError, "PathLike", lambda p: to_onnx(nn.Tanh(), None, input_shape=4)),
    ],
)
def test_wrong_arguments(error, said, call, path):
    with pytest.raises(error, match=said):
        call(path)
    assert os.listdir(path.parent) == []


def test_the_file_appears_whole_or_not_at_all(path, monkeypatch):
    to_onnx(nn.MLP([4, 3], rng=0), path, input_shape=4)
    before = path.read_bytes()

    def broken(*args):
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="full"):
        to_onnx(nn.MLP([4, 8, 3], rng=0), path, input_shape=4)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_without_onnx_the_extra_is_named(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"pip install onnx, or pip install '\.\[onnx\]'"):
        to_onnx(nn.Tanh(), path, input_shape=4)
    assert os.listdir(path.parent) == []
