"""Initial weights: their arrays, in place, by name; and what they do to signals on their way through a network."""

from __future__ import annotations

import copy
import math
from itertools import pairwise

import numpy as np
import pytest

import nn
from autograd import ShapeError, Tensor
from nn import init

MAKERS = [
    init.zeros,
    init.ones,
    init.normal,
    init.small_normal,
    init.uniform,
    init.trunc_normal,
    init.xavier_uniform,
    init.xavier_normal,
    init.he_uniform,
    init.he_normal,
    init.orthogonal,
    init.pytorch_default,
]


@pytest.mark.parametrize("make", MAKERS)
def test_an_array_has_the_shape_and_dtype_asked_for_and_comes_from_the_seed(make):
    for shape in ((3, 5), (5, 3), (4, 2, 3, 3)):
        for dtype in (np.float32, np.float64):
            a, b = make(shape, rng=7, dtype=dtype), make(shape, rng=7, dtype=dtype)
            assert (a.shape, a.dtype) == (shape, dtype)
            np.testing.assert_array_equal(a, b)
    if make not in (init.zeros, init.ones):
        assert np.any(make((3, 5), rng=7) != make((3, 5), rng=8))
        one = np.random.default_rng(7)
        assert np.any(make((3, 5), rng=one) != make((3, 5), rng=one))  # a generator moves on


def test_the_global_random_state_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    for make in MAKERS:
        make((3, 4))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize(
    ("name", "std"),
    [
        ("small_normal", 0.01),
        ("normal", 1.0),
        ("xavier_uniform", math.sqrt(2 / 700)),
        ("xavier_normal", math.sqrt(2 / 700)),
        ("he_uniform", math.sqrt(2 / 400)),
        ("he_normal", math.sqrt(2 / 400)),
        ("pytorch_default", math.sqrt(1 / 1200)),
        ("orthogonal", math.sqrt(1 / 400)),
    ],
)
def test_standard_deviations(name, std):
    array = init.by_name(name)((300, 400), 0)
    assert array.std() == pytest.approx(std, rel=0.01)
    assert array.mean() == pytest.approx(0, abs=4 * std / math.sqrt(array.size))


def test_uniform_bounds_are_reached_and_kept():
    for name, bound in (
        ("xavier_uniform", math.sqrt(6 / 700)),
        ("he_uniform", math.sqrt(6 / 400)),
        ("default", 1 / 20),
    ):
        array = init.by_name(name)((300, 400), 0)
        assert 0.999 * bound < np.abs(array).max() <= bound


def test_truncated_normals_stay_between_and_fill_the_gap():
    x = init.trunc_normal((200, 200), std=2.0, a=-1.0, b=3.0, rng=0)
    assert (x.min() > -1.0, x.max() < 3.0) == (True, True)
    assert (x.min(), x.max()) == (pytest.approx(-1, abs=1e-2), pytest.approx(3, abs=1e-2))
    with pytest.raises(ValueError, match="too little"):
        init.trunc_normal((2, 2), a=8.0, b=9.0)
    with pytest.raises(ValueError, match="too little"):
        init.trunc_normal((2, 2), a=1.0, b=1.0)


@pytest.mark.parametrize("shape", [(6, 6), (4, 9), (9, 4), (6, 3, 2, 2), (16, 3, 2, 2)])
def test_orthogonal_rows_or_columns(shape):
    q = init.orthogonal(shape, 3.0, rng=0).reshape(shape[0], -1) / 3.0
    gram = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
    np.testing.assert_allclose(gram, np.eye(min(q.shape)), atol=1e-14)


def test_orthogonal_matrices_turn_either_way():
    signs = [np.sign(np.linalg.det(init.orthogonal((3, 3), rng=seed))) for seed in range(40)]
    assert {-1.0, 1.0} == set(signs)
    first = np.array([init.orthogonal((2, 2), rng=seed)[0, 0] for seed in range(400)])
    assert abs((first > 0).mean() - 0.5) < 0.1  # no direction is preferred


# --- in place


def test_in_place_fills_a_parameter_and_returns_it():
    layer = nn.Linear(4, 3, rng=0, dtype=np.float32)
    assert init.he_normal_(layer.weight, rng=5) is layer.weight
    np.testing.assert_array_equal(layer.weight.data, init.he_normal((3, 4), rng=5, dtype=np.float32))
    assert layer.weight.dtype == np.float32
    init.constant_(layer.bias, 0.25)
    np.testing.assert_array_equal(layer.bias.data, np.full(3, 0.25))
    init.uniform_(layer.weight, 2.0, 3.0, rng=0)  # settings by position, as PyTorch's
    assert 2 <= layer.weight.data.min() < layer.weight.data.max() < 3


def test_in_place_fills_the_weight_matrices_of_a_module():
    model = nn.MLP([4, 3, 2], rng=0)
    biases = [model[0].bias.numpy(), model[2].bias.numpy()]
    assert init.xavier_uniform_(model, rng=1) is model
    draw = np.random.default_rng(1)
    np.testing.assert_array_equal(model[0].weight.data, init.xavier_uniform((3, 4), rng=draw))
    np.testing.assert_array_equal(model[2].weight.data, init.xavier_uniform((2, 3), rng=draw))
    np.testing.assert_array_equal(model[0].bias.data, biases[0])
    np.testing.assert_array_equal(model[2].bias.data, biases[1])


def test_a_graph_that_is_alive_and_an_optimiser_take_it_well():
    model = nn.MLP([2, 3, 2], rng=0)
    optimiser = nn.SGD(model.parameters(), lr=0.1)
    X, y = np.ones((2, 2)), np.array([0, 1])
    loss = nn.CrossEntropyLoss()(model(X), y)
    expected = nn.MLP([2, 3, 2], rng=0)
    nn.CrossEntropyLoss()(expected(X), y).backward()
    init.apply_init(model, "zeros")
    loss.backward()
    for p, q in zip(model.parameters(), expected.parameters()):
        np.testing.assert_allclose(p.grad, q.grad, rtol=1e-14)
    optimiser.step()
    for p, q in zip(model.parameters(), expected.parameters()):
        np.testing.assert_allclose(p.data, -0.1 * q.grad, rtol=1e-12)


def test_pytorchs_names_are_there():
    assert init.kaiming_normal_ is init.he_normal_
    assert init.kaiming_uniform is init.he_uniform
    assert "Fill a Parameter" in init.xavier_normal_.__doc__
    assert init.xavier_normal_.__name__ == "xavier_normal_"


# --- by name


def test_every_name_makes_what_a_linear_layer_needs():
    for name in init.BY_NAME:
        make = init.by_name(name)
        assert make((3, 4), 0, np.float32).dtype == np.float32
        np.testing.assert_array_equal(make((3, 4), rng=0), make((3, 4), np.random.default_rng(0), np.float64))


def test_functions_in_the_place_of_names():
    def half(shape, rng, dtype):
        return np.full(shape, 0.5)

    assert init.by_name(half)((2, 3), 0, np.float32).dtype == np.float32
    for function in (init.he_normal, init.he_normal_):  # the one that fills stands for the one that makes
        np.testing.assert_array_equal(init.by_name(function)((2, 3), 0), init.he_normal((2, 3), rng=0))


def test_apply_init_starts_weights_and_biases():
    model = nn.Sequential(nn.Linear(4, 3, rng=0), nn.Tanh(), nn.Linear(3, 2, bias=False, rng=1))
    assert init.apply_init(model, "he_normal", rng=3) is model
    assert not np.any(model[0].bias.data)
    draw = np.random.default_rng(3)
    np.testing.assert_array_equal(model[0].weight.data, init.he_normal((3, 4), rng=draw))
    np.testing.assert_array_equal(model[2].weight.data, init.he_normal((2, 3), rng=draw))
    init.apply_init(model, init.ones, bias="ones")
    assert {float(p.data.min()) for p in model.parameters()} == {1.0}
    init.apply_init(model, "zeros", bias=None)
    assert model[0].bias.data.min() == 1.0


NORMALISATION = [nn.LayerNorm((7, 6)), nn.RMSNorm((7, 6)), nn.BatchNorm2d(7), nn.GroupNorm(1, 7)]


@pytest.mark.parametrize("norm", NORMALISATION, ids=lambda norm: type(norm).__name__)
def test_factors_of_normalisation_are_no_weights(norm):
    norm = copy.deepcopy(norm)
    model = nn.Sequential(norm, nn.Flatten(), nn.Linear(42, 2, rng=0))
    linear = model[2].weight
    norm.weight.data = 3 * norm.weight.numpy()
    init.apply_init(model, "zeros")
    assert (norm.weight.data == 3).all()
    assert not linear.data.any()
    init.ones_(model)
    assert (norm.weight.data == 3).all()
    assert nn.l2_penalty(model, 2.0, 1).item() == 84.0
    nn.max_norm_(model, 0.1)
    assert (norm.weight.data == 3).all()
    assert (linear.data < 1).all()


def test_every_bias_of_a_recurrent_network_starts_anew():
    model = nn.Sequential(nn.LSTM(3, 4, num_layers=2, bidirectional=True, rng=0))
    before = model.state_dict()
    init.apply_init(model, "he_normal", rng=0)
    after = model.state_dict()
    biases = [name for name in after if ".bias_" in name]
    assert len(biases) == 8
    assert not any(after[name].any() for name in biases)
    assert all((after[name] != before[name]).all() for name in after)


@pytest.mark.parametrize(
    "fill", [lambda m: init.apply_init(m, "normal", rng=5), lambda m: init.normal_(m, rng=5)]
)
def test_the_row_of_an_embedding_that_stands_for_nothing_stays_zero(fill):
    model = nn.Sequential(nn.Embedding(5, 3, padding_idx=2, rng=0), nn.Embedding(4, 3, rng=1))
    before = model.state_dict()
    fill(model)
    table = model[0].weight.data
    assert (table != before["0.weight"]).any(axis=1).tolist() == [True, True, False, True, True]
    assert not table[2].any()
    assert model[1].weight.data.all()


# --- what is refused


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: init.by_name("he_norml"), ValueError, "Did you mean 'he_normal'?"),
        (lambda: init.by_name("Xavier_Uniform_"), ValueError, "Did you mean 'xavier_uniform'?"),
        (lambda: init.by_name(0.01), TypeError, "name such as"),
        (lambda: init.by_name(lambda shape, rng, dtype: np.ones(3))((2, 3)), ShapeError, r"needed"),
        (lambda: init.xavier_normal((3,)), ShapeError, "Biases start with init.zeros"),
        (lambda: init.he_normal(7), ShapeError, "two axes"),
        (lambda: init.he_uniform((2, 2), mode="fan"), ValueError, "fan_in"),
        (lambda: init.he_uniform((2, 2), nonlinearity="elu"), ValueError, "relu"),
        (lambda: init.xavier_normal_(np.ones((2, 2))), TypeError, r"xavier_normal\(shape"),
        (lambda: init.xavier_normal_(nn.Linear(2, 2).bias), ShapeError, "fan_in"),
        (lambda: init.apply_init(nn.Linear(2, 2).weight, "he"), TypeError, "he_normal_"),
        (lambda: init.trunc_normal((2, 2), std=0.0), ValueError, "std=0.0"),
        (lambda: init.normal((2, 2), rng="seed"), TypeError, "rng must be"),
    ],
)
def test_what_is_refused(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()


# --- symmetry: equal units stay equal


def trained(start, activation=nn.Tanh):
    """A network of two hidden layers whose weights start as `start` says, after 50 steps."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), rng.integers(0, 2, 40)
    model = init.apply_init(nn.MLP([3, 4, 4, 2], activation=activation, rng=0), start, rng=0)
    before = model.state_dict()
    nn.fit(model, (X, y), epochs=25, batch_size=20, rng=0, optimiser=nn.SGD(model.parameters(), lr=0.3))
    return model, before


def equal_rows(weight, tolerance=1e-12):
    return bool(np.all(np.abs(weight - weight[:1]) <= tolerance))


@pytest.mark.parametrize("activation", [nn.Tanh, nn.Sigmoid, nn.ReLU])
def test_units_that_start_equal_stay_equal(activation):
    model, before = trained(lambda shape, rng, dtype: np.full(shape, 0.5), activation)
    after = model.state_dict()
    assert np.abs(after["0.weight"] - before["0.weight"]).max() > 1e-4  # they learned, all the same thing
    for layer in ("0", "2"):
        assert equal_rows(after[f"{layer}.weight"])
        assert equal_rows(after[f"{layer}.bias"][:, None])
    model, _ = trained("he_normal", activation)
    assert not equal_rows(model.state_dict()["0.weight"], 1e-3)


@pytest.mark.parametrize("activation", [nn.Tanh, nn.ReLU])
def test_weights_that_start_at_zero_stay_there(activation):
    model, _ = trained(
        "zeros", activation
    )  # g(0) = 0: no gradient comes through zero weights, none from zero inputs
    after = model.state_dict()
    for name, array in after.items():
        assert bool(np.any(array)) == (name == "4.bias"), name


def test_sigmoid_units_that_start_at_zero_move_but_stay_equal():
    model, _ = trained("zeros", nn.Sigmoid)
    after = model.state_dict()
    assert np.abs(after["4.weight"]).max() > 1e-3
    assert equal_rows(after["4.weight"].T)
    assert equal_rows(after["2.weight"])


# --- how signals come through seven layers, by the scale of the weights


def signals(start, activation):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 100)), rng.integers(0, 10, 200)
    return nn.activation_statistics(
        init.apply_init(nn.MLP([100] * 7 + [10], activation, rng=0), start, rng=0), X, y
    )


def test_small_weights_let_the_signal_and_the_gradient_die_out():
    layers = signals("small_normal", nn.Tanh)
    spread = [s.std for s in layers]
    for a, b in pairwise(spread):
        assert b / a == pytest.approx(0.1, rel=0.1)  # 0.01 * sqrt(100) for each layer
    assert layers[0].gradient / layers[-1].gradient < 1e-4


def test_large_weights_saturate_tanh_and_sigmoid_but_not_relu():
    for s in signals("normal", nn.Tanh):
        assert s.saturated > 0.75
    for s in signals("normal", nn.Sigmoid):
        assert s.saturated > 0.5
    large, he = signals("normal", nn.ReLU), signals("he_normal", nn.ReLU)
    for s, t in zip(large, he):  # a ReLU has the same slope however large its input is
        assert s.saturated == t.saturated
        assert 0.4 < s.saturated < 0.6
    assert large[-1].std > 1e4  # what grows is the signal


def test_xavier_keeps_tanh_alive_and_he_keeps_relu():
    xavier = signals("xavier_normal", nn.Tanh)
    for s in xavier:
        assert s.saturated < 0.05
        assert 0.25 < s.std < 0.7
    assert 0.2 < xavier[0].gradient / xavier[-1].gradient < 5
    he, too_small = signals("he_normal", nn.ReLU), signals("xavier_normal", nn.ReLU)
    for s in he:
        assert s.std == pytest.approx(1.25, rel=0.25)
    assert 0.5 < he[0].gradient / he[-1].gradient < 2
    for i, (s, t) in enumerate(zip(he, too_small), 1):  # half of the variance is lost in each layer
        assert t.std / s.std == pytest.approx(2 ** (-i / 2), rel=1e-6)


def test_zero_weights_give_nothing_to_see():
    for s in signals("zeros", nn.Tanh):
        assert (s.mean, s.std, s.gradient) == (0.0, 0.0, 0.0)
    for s in signals("zeros", nn.ReLU):
        assert (s.saturated, s.dead) == (1.0, 1.0)


def test_signals_say_which_layer_and_leave_the_model_as_it_is():
    model = nn.MLP([3, 4, 4, 2], nn.Sigmoid, rng=0, dtype=np.float32)
    nn.SGD(model.parameters(), lr=0.1)
    before, X = model.state_dict(), np.random.default_rng(0).normal(size=(6, 3))
    found = nn.activation_statistics(model, X)
    assert [(s.layer, s.kind) for s in found] == [("0", "sigmoid"), ("2", "sigmoid")]
    assert found[0].values.shape == found[0].gradients.shape == (6, 4)
    assert found[0].values.dtype == np.float32
    assert all(p.grad is None for p in model.parameters())
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    assert "saturated" in str(found)
    assert len(str(found).splitlines()) == 3


def test_an_input_is_no_layer_whatever_it_is_called():
    X = np.random.default_rng(0).normal(size=(6, 3))
    model = nn.Sequential(nn.Linear(3, 4, bias=False, rng=0), nn.Tanh())
    for given in (Tensor(X, name="pixels"), nn.Parameter(X)):
        (found,) = nn.activation_statistics(model, given)
        assert found.layer == "0"


def test_looking_changes_neither_what_is_frozen_nor_what_a_layer_remembers():
    class Counts(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(3, 4, rng=0)
            self.seen = np.zeros(1)

        def forward(self, x):
            self.seen += len(x)
            return self.inner(x).tanh()

    model = Counts()
    model.inner.weight.requires_grad = False
    (found,) = nn.activation_statistics(model, np.ones((5, 3)))
    assert found.layer == "inner"
    assert not model.inner.weight.requires_grad
    assert model.seen == 0


@pytest.mark.parametrize(
    ("activation", "near", "far"), [(nn.Sigmoid, 4.3, 4.5), (nn.Tanh, 2.15, 2.2), (nn.ReLU, 0.1, -0.1)]
)
def test_saturated_is_a_slope_below_a_twentieth_of_the_steepest(activation, near, far):
    model = nn.MLP([1, 1, 2], activation, rng=0)
    nn.init.ones_(model[0].weight)
    nn.init.zeros_(model[0].bias)
    for z, share in ((near, 0.0), (far, 1.0)):
        (found,) = nn.activation_statistics(model, np.full((3, 1), z))
        assert found.saturated == share


def test_a_dead_unit_is_counted():
    model = nn.MLP([2, 4, 2], nn.ReLU, rng=0)
    init.zeros_(model[0].weight)
    model[0].bias.data = [1.0, 1.0, -1.0, 1.0]
    (found,) = nn.activation_statistics(model, np.ones((5, 2)))
    assert (found.dead, found.saturated) == (0.25, 0.25)
    assert " 25.0 %   25 % " in str(nn.activation_statistics(model, np.ones((5, 2))))
    with pytest.raises(TypeError, match="Module"):
        nn.activation_statistics(lambda x: x, np.ones((5, 2)))


def test_without_labels_each_output_pushes_by_one_over_the_rows_up_or_down():
    model = nn.MLP([1, 1, 1], nn.ReLU, rng=0)
    for layer in (model[0], model[2]):
        nn.init.ones_(layer.weight)
    (found,) = nn.activation_statistics(model, np.ones((8, 1)))
    assert set(found.gradients.ravel()) == {-0.125, 0.125}
    assert found.gradient == 0.125


def test_signals_of_a_function_written_by_hand_and_of_the_gradient_that_comes_back():
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(3, 4, rng=0)
            self.outer = nn.Linear(4, 2, rng=1)

        def forward(self, x):
            self.z = self.inner(x)
            return self.outer(self.z.tanh())

    model, rng = Own(), np.random.default_rng(0)
    X, y = rng.normal(size=(5, 3)), np.array([0, 1, 0, 1, 1])
    (found,) = nn.activation_statistics(model, X, y)
    assert (found.layer, found.kind) == ("inner", "tanh")
    loss = nn.CrossEntropyLoss()(model(X), y)
    model.z.retain_grad()
    loss.backward()
    np.testing.assert_allclose(found.gradients, model.z.grad, rtol=1e-12)
    assert found.gradient == pytest.approx(float(np.sqrt((model.z.grad**2).mean())), rel=1e-12)
    (squared,) = nn.activation_statistics(model, X, np.zeros((5, 2)), nn.MSELoss())
    assert squared.gradient != found.gradient
    assert isinstance(model.z, Tensor)
