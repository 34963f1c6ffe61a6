"""summary: the table of a network (CURRICULUM D1, D2, D3)."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import nn
from autograd import ShapeError


def test_d1_logistic_regression_is_a_one_layer_network():
    table = nn.summary(nn.MLP([3, 1], output="sigmoid", rng=0), 3)
    assert table.layers == 1
    assert "a 1-layer network, no hidden layer" in str(table)


def test_d2_and_d3_the_four_layer_network():
    model = nn.MLP([4, 5, 5, 3, 1], output="sigmoid", rng=0)  # n = [5, 5, 3, 1] units on 4 inputs
    table = nn.summary(model, 4)
    assert table.layers == 4
    assert table.title == "MLP: a 4-layer network, 3 hidden layers and the output layer"
    sizes = [4, 5, 5, 3, 1]
    assert [row.kind for row in table.rows] == ["Linear + ReLU"] * 3 + ["Linear + Sigmoid"]
    for row, before, after in zip(table.rows, sizes, sizes[1:]):
        assert (row.W, row.b) == ((after, before), (after,))
        assert row.Z == row.A == ("m", after)
        assert row.parameters == after * before + after
    assert table.parameters == table.trainable == sum(row.parameters for row in table.rows) == 77
    for m in (
        1,
        6,
    ):  # one sample and m samples: the shapes are what really comes out, and dW has the shape of W
        assert [row.A for row in nn.summary(model, (4,), m).rows] == [(m, 5), (m, 5), (m, 3), (m, 1)]
        y = model(np.ones((m, 4)))
        assert y.shape == (m, 1)
        y.sum().backward()
        shapes = [p.grad.shape for p in model.parameters()]
        assert shapes == [s for row in table.rows for s in (row.W, row.b)]


ROLES = {
    "layer": "Conv1d Conv2d ConvTranspose1d ConvTranspose2d GRU GRUCell LSTM LSTMCell Linear Maxout RNN RNNCell",
    "activation": "Activation CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid "
    "LogSoftmax Mish PReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax Softmin Softplus Softshrink Softsign Tanh Tanhshrink "
    "Threshold",
    "normalisation": "BatchNorm1d BatchNorm2d GroupNorm LayerNorm RMSNorm",
    "": "AdaptiveAvgPool2d AvgPool1d AvgPool2d Bias Dropout Dropout2d Embedding Flatten Identity MLP MaxPool1d "
    "MaxPool2d ModuleDict ModuleList ParameterDict ParameterList Residual Sequential Unflatten",
}


def test_it_is_known_of_every_class_what_it_is_in_a_network():
    found = {name: getattr(nn, name)._role for name in nn.layers.__all__}
    assert found == {name: role for role, names in ROLES.items() for name in names.split()}


@pytest.mark.parametrize("norm", [nn.LayerNorm, nn.RMSNorm, nn.BatchNorm1d])
@pytest.mark.parametrize("g", [nn.ReLU, nn.Softmin, nn.PReLU])
def test_what_follows_a_layer_or_its_normalisation_stands_in_its_row(norm, g):
    model = nn.Sequential(nn.Linear(3, 4, rng=0), norm(4), g(), g(), nn.Linear(4, 2, rng=1), g())
    name, n = g.__name__, norm.__name__
    kinds = ["Linear", f"{n} + {name}", name, f"Linear + {name}"]
    assert [row.kind for row in nn.summary(model, 3).rows] == kinds


def test_images_sequences_and_what_stands_between():
    cnn = nn.Sequential(
        nn.Conv2d(1, 4, 3, rng=0), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(4 * 13 * 13, 10, rng=0), nn.LogSoftmax(),
    )  # fmt: skip
    table = nn.summary(cnn, (1, 28, 28))
    kinds = ["Conv2d", "BatchNorm2d + ReLU", "MaxPool2d", "Flatten", "Linear + LogSoftmax"]
    assert [row.kind for row in table.rows] == kinds
    assert table.rows[0].Z == ("m", 4, 26, 26)
    assert table.rows[2].A == ("m", 4, 13, 13)
    assert table.rows[2].Z is None
    assert table.layers == 2
    assert table.buffers == 9
    assert str(nn.summary(cnn, [1, 28, 28])) == str(table)
    text = nn.Sequential(nn.Embedding(9, 4, rng=0), nn.GRU(4, 5, rng=0))
    rows = nn.summary(text, 6).rows
    assert rows[0].A == ("m", 6, 4)
    assert rows[1].W == ((15, 4), (15, 5))
    assert rows[1].A == ("m", 6, 5)


def test_nothing_is_changed():
    model = nn.Sequential(
        nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4), nn.Dropout(0.5, rng=0), nn.Linear(4, 1, rng=0)
    )
    model[1].eval()
    before, draw = model.state_dict(), model[2].rng.bit_generator.state

    class Noisy(nn.Module):
        def __init__(self):
            super().__init__()
            self.model, self.rng = model, np.random.default_rng(0)
            self.register_buffer("calls", np.array(0))

        def forward(self, x):
            self.calls += 1
            return self.model(x + self.rng.normal(size=x.shape))

    noisy = Noisy()
    state = noisy.rng.bit_generator.state
    nn.summary(noisy, 3)
    assert noisy.calls == 0
    assert noisy.rng.bit_generator.state == state
    assert model[2].rng.bit_generator.state == draw
    assert [part.training for part in model] == [True, False, True, True]
    assert all(part._hooks is None for part in noisy.modules())
    assert all(p.grad is None for p in model.parameters())
    for key, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[key])
    with pytest.raises(ShapeError):
        nn.summary(noisy, 4)
    assert [part.training for part in model] == [True, False, True, True]
    assert all(part._hooks is None for part in noisy.modules())


def test_a_generator_that_a_layer_holds_in_a_list_or_in_a_function_stays_where_it_stands():
    class Noisy(nn.Linear):
        def __init__(self, *rngs):
            super().__init__(3, 2, rng=0)
            self.noise = [
                {"first": nn.augment.Augment(noise=0.1, rng=rngs[0])},
                partial(nn.augment.noise, rng=rngs[1]),
            ]
            self.old = np.random.RandomState(0)  # of another kind: it is left alone

        def forward(self, x):
            return super().forward(self.noise[1](self.noise[0]["first"](x), 0.1))

    rngs = np.random.default_rng(0), np.random.default_rng(1)
    before = [rng.bit_generator.state for rng in rngs]
    layer = Noisy(*rngs)
    layer(np.ones((2, 3)))
    after = [rng.bit_generator.state for rng in rngs]
    assert after != before
    nn.summary(layer, 3)
    assert [rng.bit_generator.state for rng in rngs] == after


def test_shared_and_frozen_parameters_count_once():
    layer = nn.Linear(3, 3, rng=0)
    model = nn.Sequential(layer, nn.Tanh(), layer)
    model.append(nn.Linear(3, 1, rng=0))
    layer.requires_grad_(False)
    table = nn.summary(model, 3)
    assert [row.parameters for row in table.rows] == [12, 0, 4]
    assert (table.parameters, table.trainable) == (16, 4)
    assert "16 parameters, 4 of them trained" in str(table)


def test_several_inputs_and_a_module_of_ones_own():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter([2.0])
            self.body = nn.Linear(3, 2, rng=0)

        def forward(self, x, y):
            return self.body(x) * self.scale + y

    table = nn.summary(Two(), [(3,), (2,)])
    assert [(row.layer, row.parameters) for row in table.rows] == [("body", 8), ("", 1)]
    assert "(m, 3) (m, 2)" in str(table)


def test_it_is_a_table_in_a_notebook_and_escapes_names():
    class Odd(nn.Linear):
        pass

    Odd.__name__ = "<b>"
    html = nn.summary(nn.Sequential(Odd(2, 1, rng=0)), 2)._repr_html_()
    assert html.count("<tr>") == 3
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert repr(nn.summary(nn.Tanh(), 2)).startswith("Tanh: no layers with weights")


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: nn.summary(nn.scalar.MLP(2, [1]), 2), TypeError, "of a Module, not MLP"),
        (lambda: nn.summary(nn.Tanh(), "3"), ValueError, "no shape of a sample"),
        (lambda: nn.summary(nn.Tanh(), (3, -1)), ValueError, "no shape of a sample"),
        (lambda: nn.summary(nn.Tanh(), (3, 0)), ValueError, "no shape of a sample"),
        (lambda: nn.summary(nn.Tanh(), 3, 0), ValueError, "number of samples"),
        (lambda: nn.summary(nn.Linear(3, 1, rng=0), 4), ShapeError, r"samples of shape \(4,\)"),
    ],
)
def test_bad_input(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()
