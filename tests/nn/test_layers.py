"""Layers: what they do in training and in eval mode, at their edges, with float32, and what they refuse."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest

import nn
from autograd import ShapeError, Tensor, check_grads, no_grad, topological_order
from autograd.ops import activations, rectifiers

RNG = np.random.default_rng(0)


def test_c2_without_activations_any_depth_is_one_linear_layer():
    model = nn.MLP([4, 7, 5, 6, 3], nn.Identity, rng=0)
    weight, bias = np.eye(4), np.zeros(4)
    for layer in model:
        if isinstance(layer, nn.Linear):
            weight, bias = layer.weight.data @ weight, layer.weight.data @ bias + layer.bias.data
    one = nn.Linear(4, 3, rng=1)
    one.weight.data, one.bias.data = weight, bias
    x = RNG.normal(size=(20, 4))
    np.testing.assert_allclose(model(x).data, one(x).data, rtol=1e-12, atol=1e-14)
    bent = nn.MLP([4, 7, 5, 6, 3], nn.Tanh, rng=0)
    assert np.abs(bent(x).data - one(x).data).max() > 0.01


def test_c5_two_and_three_layer_networks_and_3_4_4_1():
    x = RNG.normal(size=(6, 3))
    two, three = nn.MLP([3, 4, 2], rng=0), nn.MLP([3, 4, 4, 1], rng=0)
    for p in [*two.parameters(), *three.parameters()]:
        if p.ndim == 1:
            p.data = np.zeros(p.shape)
    W1, W2 = (two[i].weight.data for i in (0, 2))
    np.testing.assert_allclose(two(x).data.T, W2 @ np.maximum(0, W1 @ x.T), rtol=1e-13)
    W1, W2, W3 = (three[i].weight.data for i in (0, 2, 4))
    np.testing.assert_allclose(three(x).data.T, W3 @ np.maximum(0, W2 @ np.maximum(0, W1 @ x.T)), rtol=1e-13)


@pytest.mark.parametrize("none", [None, "identity", "linear", nn.Identity])
def test_c2_an_mlp_may_have_no_activation(none):
    model = nn.MLP([4, 7, 5, 3], none, output=none, dropout=0.5, rng=0).eval()
    first, second, last = (layer for layer in model if isinstance(layer, nn.Linear))
    x = RNG.normal(size=(6, 4))
    np.testing.assert_allclose(model(x).data, last(second(first(x))).data, rtol=1e-14)
    assert len(nn.MLP([4, 7, 3], None, rng=0)) == 2
    mixed = nn.MLP([4, 7, 5, 3], [None, "tanh"], rng=0)
    assert [type(m).__name__ for m in mixed] == ["Linear", "Linear", "Tanh", "Linear"]


def test_every_activation_has_a_name_for_mlp():
    own = {name: getattr(nn, name) for name in nn.layers.__all__ if getattr(nn, name)._role == "activation"}
    for name in ("Activation", "Threshold", "GLU"):  # a base; needs settings; halves the units
        del own[name]
    for name, kind in own.items():
        assert type(nn.MLP([2, 3, 1], name, rng=0)[1]) is kind
        op = getattr(kind, "op", "") or name.lower()
        assert type(nn.MLP([2, 3, 1], output=op, rng=0)[3]) is kind
    assert type(nn.MLP([2, 3, 1], "swish", rng=0)[1]) is nn.SiLU
    with pytest.raises(ValueError, match="Did you mean 'relu'"):
        nn.MLP([2, 3, 1], "rellu", rng=0)
    with pytest.raises(ValueError, match="There are celu"):
        nn.MLP([2, 3, 1], "", rng=0)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_dropout_in_one_recurrent_layer_is_warned_of_and_does_nothing(kind):
    with pytest.warns(UserWarning, match=rf"{kind.__name__}: dropout=0.5 .* nothing is dropped") as caught:
        layer = kind(3, 4, dropout=0.5, rng=0)
    assert caught[0].filename == __file__
    x = np.ones((5, 2, 3))
    np.testing.assert_array_equal(layer(x)[0].data, kind(3, 4, rng=0)(x)[0].data)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_subclass_of_a_recurrent_layer_computes_the_same(kind):
    class LSTM(kind):  # its name is its own affair
        pass

    x = np.ones((5, 2, 3))
    np.testing.assert_array_equal(LSTM(3, 4, rng=0)(x)[0].data, kind(3, 4, rng=0)(x)[0].data)


def test_every_layer_has_an_example():
    silent = [name for name in nn.layers.__all__ if ">>> " not in (getattr(nn, name).__doc__ or "")]
    assert silent == []


def test_mlp_in_one_line_is_the_network_written_out():
    model = nn.MLP(
        [3, 5, 4, 2], ["leaky_relu", nn.Tanh], output="softmax", init="he_normal", dropout=[0.2, 0.0],
        batch_norm=True, rng=0,
    )  # fmt: skip
    kinds = "Linear BatchNorm1d LeakyReLU Dropout Linear BatchNorm1d Tanh Linear Softmax"
    assert [type(m).__name__ for m in model] == kinds.split()
    assert all(not m.bias.data.any() for m in model if isinstance(m, nn.Linear))
    np.testing.assert_allclose(model(RNG.normal(size=(5, 3))).data.sum(axis=1), 1.0)
    assert nn.MLP([300, 200], init="zeros", rng=0)[0].weight.data.any() == np.False_
    filled = nn.MLP([3, 2], init=lambda shape, rng, dtype: np.full(shape, 0.5), rng=0)
    assert (filled[0].weight.data == 0.5).all()
    plain = nn.MLP([3, 4, 2], dtype=np.float32, rng=0)
    assert [type(m).__name__ for m in plain] == ["Linear", "ReLU", "Linear"]
    assert plain(np.ones((1, 3), np.float32)).dtype == np.float32
    again = nn.MLP(layer_dims=[3, 4, 2], dtype=np.float32, rng=0).state_dict()
    for key, value in plain.state_dict().items():
        np.testing.assert_array_equal(value, again[key])
    he = nn.MLP([400, 300, 1], init="he_normal", rng=0)[0].weight.data
    assert he.std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)


def test_f4_dropout_keeps_the_mean_and_is_off_in_eval_mode():
    layer, x = nn.Dropout(0.3, rng=0), np.ones((400, 500))
    y = layer(x)
    assert y.mean() == pytest.approx(1.0, abs=0.005)
    np.testing.assert_allclose(np.unique(y), [0.0, 1 / 0.7])
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.005)
    assert not np.array_equal(layer(x), y)
    np.testing.assert_array_equal(nn.Dropout(0.3, rng=0)(x), y)
    assert layer.eval()(x) is x
    t = Tensor(x[:2])
    out = layer.train()(t)
    out.sum().backward()
    np.testing.assert_array_equal(t.grad, out.data)
    assert nn.Dropout(1.0, rng=0)(x).sum() == 0
    model = nn.MLP([2, 50, 1], dropout=0.5, rng=0)
    ones = np.ones((1, 2))
    assert model(ones).item() != model(ones).item()
    model.eval()
    assert model(ones).item() == model(ones).item()
    y = nn.Dropout2d(0.5, rng=0)(np.ones((6, 8, 3, 2)))
    assert set(np.unique(y)) == {0.0, 2.0}
    assert (y == y[:, :, :1, :1]).all()
    kept = y[:, :, 0, 0]
    assert len(np.unique(kept, axis=0)) > 1  # each sample has holes of its own
    assert len(np.unique(kept, axis=1).T) > 1


def test_f9_batch_norm_normalises_learns_and_remembers():
    layer, x = nn.BatchNorm1d(3), RNG.normal(5.0, 3.0, size=(64, 3))
    z = layer(x).data
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-5)
    layer.weight.data, layer.bias.data = [1.0, 2.0, 3.0], [0.0, 1.0, -1.0]
    np.testing.assert_allclose(layer(x).data, z * [1, 2, 3] + [0, 1, -1], rtol=1e-12)
    np.testing.assert_allclose(layer.running_mean, 0.19 * x.mean(axis=0), rtol=1e-12)
    assert layer.num_batches_tracked == 2
    before = layer.state_dict()
    layer.eval()
    y = layer(x[:1])
    expected = (x[:1] - before["running_mean"]) / np.sqrt(before["running_var"] + 1e-5)
    np.testing.assert_allclose(y.data, expected * [1, 2, 3] + [0, 1, -1], rtol=1e-12)
    for key, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, before[key])
    assert nn.BatchNorm1d(3, dtype=np.float32)(x.astype(np.float32)).dtype == np.float32
    with no_grad():
        layer.train()(x)
    assert layer.num_batches_tracked == 3


def test_a_batch_of_one_is_refused_and_not_counted():
    layer = nn.BatchNorm1d(2)
    with pytest.raises(ShapeError, match="no variance"):
        layer(np.ones((1, 2)))
    assert layer.num_batches_tracked == 0
    assert not layer.running_mean.any()


def test_every_activation_of_the_engine_is_a_module():
    modules = {getattr(getattr(nn, name), "op", name.lower()) for name in nn.layers.__all__}
    modules |= {"prelu", "maxout", "glu"}
    others = {"logsigmoid", "swish"}  # second names
    assert {*activations.__all__, *rectifiers.__all__} - others <= modules


@pytest.mark.parametrize(
    "layer",
    [
        nn.LayerNorm(3),
        nn.Softplus(threshold=1.0),
        nn.PReLU(2),
        nn.Maxout(3, 2, rng=0),
        nn.Residual(nn.Linear(3, 3, rng=0)),
        nn.Bias(3),
        nn.GroupNorm(1, 2),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_gradients_by_differences_twice(layer):
    check_grads(lambda x: layer(x), np.random.default_rng(1).normal(size=(4, 2, 3)), order=2)


def test_residual():
    body = nn.Linear(3, 2, rng=0)
    x = RNG.normal(size=(4, 3))
    block = nn.Residual(body, nn.Linear(3, 2, bias=False, rng=1))
    np.testing.assert_allclose(block(x).data, body(x).data + x @ block.shortcut.weight.data.T)
    assert list(block.state_dict()) == ["body.weight", "body.bias", "shortcut.weight"]
    with pytest.raises(ShapeError, match=r"\(4, 2\) of \(4, 3\).*Give a shortcut"):
        nn.Residual(body)(x)


def test_layers_keep_float32():
    x = RNG.normal(size=(4, 4, 6, 6)).astype(np.float32)
    f = {"dtype": np.float32}
    for layer in (
        nn.Conv2d(4, 2, 3, rng=0, **f),
        nn.ConvTranspose2d(4, 2, 3, rng=0, **f),
        nn.BatchNorm2d(4, **f),
        nn.GroupNorm(2, 4, **f),
        nn.LayerNorm(6, **f),
        nn.RMSNorm(6, **f),
        nn.PReLU(4, **f),
        nn.Maxout(6, 2, rng=0, **f),
        nn.Dropout(0.5, rng=0),
        nn.Dropout2d(0.5, rng=0),
        nn.MaxPool2d(2),
        nn.AdaptiveAvgPool2d(2),
    ):
        y = layer(Tensor(x))
        assert y.dtype == np.float32, type(layer).__name__
        y.sum().backward()
        assert all(p.grad.dtype == np.float32 for p in layer.parameters())
    sequence = x[:, 0]
    for kind in (nn.RNN, nn.LSTM, nn.GRU):
        assert kind(6, 3, num_layers=2, dropout=0.5, rng=0, **f)(sequence)[0].dtype == np.float32
    assert nn.Embedding(5, 3, rng=0, **f)([0, 1]).dtype == np.float32


def test_a_recurrent_layer_is_its_cell_step_by_step():
    x = RNG.normal(size=(5, 2, 3))
    for layer, cell in ((nn.RNN, nn.RNNCell), (nn.GRU, nn.GRUCell), (nn.LSTM, nn.LSTMCell)):
        whole, one = layer(3, 4, rng=0), cell(3, 4, rng=1)
        one.load_state_dict({k.removesuffix("_l0"): v for k, v in whole.state_dict().items()})
        output, _ = whole(x)
        state = None
        for t in range(5):
            state = one(x[t], state)
            h = state[0] if layer is nn.LSTM else state
            np.testing.assert_allclose(output.data[t], h.data, rtol=1e-12)


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: nn.Dropout(1.5), ValueError, "probability of a 0"),
        (lambda: nn.Dropout2d(0.5)(np.ones((2, 3))), ShapeError, "rows, columns"),
        (lambda: nn.BatchNorm1d(0), ValueError, "whole number"),
        (lambda: nn.BatchNorm1d(3)(np.ones((2, 4))), ShapeError, r"\(2, 4\).*of 3 features"),
        (lambda: nn.BatchNorm2d(3)(np.ones((2, 3))), ShapeError, "rows, columns"),
        (lambda: nn.LayerNorm(3)(np.ones((2, 4))), ShapeError, "normalized_shape"),
        (lambda: nn.GroupNorm(2, 3), ValueError, "equal groups"),
        (lambda: nn.Conv2d(3, 4, 2, groups=2), ValueError, "groups must divide"),
        (lambda: nn.Conv2d(3, 4, (1, 2, 3)), ValueError, "kernel_size"),
        (lambda: nn.Conv2d(3, 4, 2, rng=0)(np.ones((1, 2, 5, 5))), ShapeError, "3 channels"),
        (lambda: nn.Embedding(3, 2, padding_idx=3), ValueError, "padding_idx=3"),
        (lambda: nn.Embedding(3, 2, rng=0)(np.array([3])), IndexError, "0 to 2"),
        (lambda: nn.Maxout(3, 2, rng=0)(np.ones((1, 4))), ShapeError, "last axis must be 3"),
        (lambda: nn.Bias(3)(np.ones((1, 4))), ShapeError, "last axis must be 3"),
        (lambda: nn.PReLU(3)(np.ones((2, 4))), ShapeError, "axis 1"),
        (lambda: nn.Flatten(2)(np.ones((2, 3))), ShapeError, "no such axes"),
        (lambda: nn.Unflatten(1, (2, 3))(np.ones((2, 7))), ShapeError, r"7 cannot become \(2, 3\)"),
        (lambda: nn.Unflatten(1, (-1, 3))(np.ones((2, 7))), ShapeError, "cannot become"),
        (lambda: nn.Unflatten(3, (1, 2))(np.ones((2, 2))), ShapeError, "no such axis"),
        (lambda: nn.Residual(np.tanh), TypeError, "give a module"),
        (lambda: nn.Hardtanh(1.0, -1.0), ValueError, "smaller"),
        (lambda: nn.Softshrink(-1.0), ValueError, ">= 0: a distance"),
        (lambda: nn.GELU("exact")(np.ones(1)), ValueError, "approximate"),
        (lambda: nn.RNNCell(3, 4, nonlinearity="sin"), ValueError, "tanh"),
        (lambda: nn.RNN(3, 4, rng=0)(np.ones((2, 5))), ShapeError, "of 3 inputs"),
        (lambda: nn.GRU(3, 4, rng=0)(np.ones((2, 5, 3)), np.ones((1, 4, 4))), ShapeError, r"h_0 \(1, 5, 4\)"),
        (lambda: nn.LSTM(3, 4, rng=0)(np.ones((2, 5, 3)), np.ones((2, 5, 4))), ShapeError, "both"),
        (lambda: nn.GRUCell(3, 4, rng=0)(np.ones((5, 2))), ShapeError, r"\(n, 3\)"),
        (lambda: nn.GRUCell(3, 4, rng=0)(np.ones((5, 3)), np.ones((4, 4))), ShapeError, r"it is \(5, 4\)"),
        (lambda: nn.Tanh(True), TypeError, "positional"),
    ],
)
def test_bad_settings_and_inputs_are_explained(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()


@pytest.mark.parametrize(
    "layer",
    [nn.Maxout(3, 2, rng=0), nn.GRUCell(3, 4, rng=0), nn.LSTMCell(3, 4, rng=0), nn.RNNCell(3, 4, rng=0)],
    ids=lambda layer: type(layer).__name__,
)
def test_unfused_layers_are_single_steps_with_the_same_numbers(layer):
    x, found = np.random.default_rng(0).normal(size=(5, 3)), []
    for context in (nn.unfused(), nullcontext()):
        layer.zero_grad()
        with context:
            y = layer(x)
        y = y[0] if isinstance(y, tuple) else y
        (y * y).sum().backward()
        ops = {node.op.name for node in topological_order(y) if node.op}
        found.append((ops, [y.data, *[p.grad.copy() for p in layer.parameters()]]))
    assert "linear" not in found[0][0]
    assert "linear" in found[1][0]
    for a, b in zip(found[0][1], found[1][1]):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_d3_a_mismatch_names_layer_and_shapes():
    model = nn.Sequential(nn.Linear(4, 3, rng=0), nn.ReLU(), nn.Linear(2, 1, rng=0))
    with pytest.raises(
        ShapeError, match=r"layer '2', Linear\(in_features=2.*input of shape \(5, 3\).*\(1, 2\)"
    ):
        model(np.ones((5, 4)))


@pytest.mark.parametrize(
    ("layer", "shape", "steps"),
    [
        (nn.LayerNorm((3, 4)), (5, 3, 4), ["standardise", "multiply", "add"]),
        (nn.LayerNorm(4, bias=False), (5, 4), ["standardise", "multiply"]),
        (nn.RMSNorm(4), (5, 4), ["standardise", "multiply"]),
        (
            nn.GroupNorm(2, 4),
            (5, 4, 3),
            ["reshape", "standardise", "reshape", "reshape", "multiply", "reshape", "add"],
        ),
        (nn.BatchNorm1d(3), (5, 3), ["standardise", "multiply", "add"]),
        (nn.BatchNorm2d(3), (5, 3, 2, 2), ["standardise", "reshape", "multiply", "reshape", "add"]),
    ],
)
def test_a_normalisation_shows_its_steps_unfused(layer, shape, steps):
    rng = np.random.default_rng(0)
    for p in layer.parameters():
        p.data[...] = rng.normal(size=p.shape)
    x, results = rng.normal(size=shape), []
    for context in (nn.unfused(), nullcontext()):
        leaf = Tensor(x)
        layer.zero_grad()
        with context:
            y = layer(leaf)
        (y * y).sum().backward()
        results.append([y.data, leaf.grad, *[p.grad.copy() for p in layer.parameters()]])
        ops = [node.op.name for node in topological_order(y) if node.op is not None]
        assert (ops == steps) == (len(results) == 1)
    for a, b in zip(*results):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
