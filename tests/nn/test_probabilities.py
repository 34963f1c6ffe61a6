"""predict and predict_proba say the same whatever is recorded; several threads may evaluate one model."""

import threading

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, no_grad
from nn.metrics import evaluating

X = np.random.default_rng(0).normal(size=(20, 3))


class Ends(nn.Module):
    """A linear layer, and a function after it."""

    def __init__(self, end, outputs=1):
        super().__init__()
        self.layer, self.end = nn.Linear(3, outputs, rng=0), end

    def forward(self, x):
        return self.end(self.layer(x))


def said(model):
    return nn.predict(model, X).tolist(), nn.predict_proba(model, X).tolist()


def sigmoid_unrecorded(z):
    with no_grad():
        return nn.Sigmoid()(z)


def by_hand(z):
    return 1 / (1 + autograd.exp(-z))


def plain_sigmoid(z):
    return 1 / (1 + np.exp(-z.numpy() if isinstance(z, Tensor) else -z))


@pytest.mark.parametrize(
    "model",
    [
        nn.Sequential(nn.Linear(3, 1, rng=0), nn.Sigmoid()),
        nn.Sequential(nn.Linear(3, 1, rng=0), nn.Hardsigmoid()),
        nn.Sequential(nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4), nn.Linear(4, 1, rng=1), nn.Sigmoid()),
        nn.Sequential(nn.Linear(3, 1, rng=0)),
        nn.Sequential(nn.Linear(3, 4, rng=0), nn.Softmax(1)),
        nn.Sequential(nn.Linear(3, 4, rng=0), nn.Sigmoid()),
        nn.Sequential(nn.Linear(3, 4, rng=0)),
        Ends(lambda z: autograd.sigmoid(z).reshape(-1, 1)),
    ],
)
def test_frozen_weights_predict_the_same(model):
    before = said(model)
    modes = [p.requires_grad for p in model.parameters()]
    assert said(model.requires_grad_(False)) == before
    with no_grad():
        assert said(model) == before
    next(model.parameters()).requires_grad = True  # some of them
    assert said(model) == before
    assert all(modes)


def test_a_sigmoid_and_a_hard_one_give_the_probabilities_that_they_put_out():
    for end in (nn.Sigmoid(), nn.Hardsigmoid()):
        model = nn.Sequential(nn.Linear(3, 1, rng=0), end).requires_grad_(False)
        yes = nn.metrics.outputs(model, X)[:, 0]
        assert np.array_equal(nn.predict_proba(model, X)[:, 1], yes)
        assert np.array_equal(nn.predict(model, X), yes > 0.5)
        assert 0 < nn.predict(model, X).sum() < len(X)


@pytest.mark.parametrize("end", [sigmoid_unrecorded, by_hand, plain_sigmoid])
def test_one_output_of_which_nothing_is_known_is_asked_about(end):
    model = Ends(end)
    yes = nn.metrics.outputs(model, X)[:, 0]
    for use in (nn.predict, nn.predict_proba):
        with pytest.raises(ValueError, match="Write probabilities=True or probabilities=False"):
            use(model, X)
    assert np.array_equal(nn.predict(model, X, probabilities=True), yes > 0.5)
    assert np.array_equal(nn.predict_proba(model, X, probabilities=True)[:, 1], yes)
    np.testing.assert_allclose(
        nn.predict_proba(model, X, probabilities=False)[:, 1], 1 / (1 + np.exp(-yes)), rtol=1e-12
    )
    with pytest.raises(TypeError, match="probabilities='yes': it must be True or False"):
        nn.predict(model, X, probabilities="yes")


def test_a_module_that_ends_the_model_is_seen_without_a_graph():
    class Quiet(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(3, 1, rng=0), nn.Sigmoid())

        def forward(self, x):
            with no_grad():
                return self.body(x)

    assert said(Quiet()) == said(Quiet().body)


@pytest.mark.parametrize(
    "end",
    [
        lambda z: autograd.softmax(z, axis=1) + 1e-9,
        lambda z: autograd.softmax(raw_of(z), axis=1),
        lambda z: autograd.exp(z) / autograd.exp(z).sum(axis=1, keepdims=True),
    ],
)
def test_rows_that_sum_to_1_are_probabilities(end):
    model = Ends(end, outputs=4)
    assert np.array_equal(nn.predict_proba(model, X), nn.metrics.outputs(model, X))


def test_several_outputs_of_a_layer_are_scores_also_between_0_and_1():
    model = nn.Linear(3, 3, rng=0)
    model.weight.data, model.bias.data = np.zeros((3, 3)), np.array([0.1, 0.2, 0.9])
    expected = np.exp(model.bias.data) / np.exp(model.bias.data).sum()
    np.testing.assert_allclose(nn.predict_proba(model, X), [expected] * len(X), rtol=1e-12)


def test_a_sigmoid_on_the_way_says_nothing_of_an_end_without_a_graph():
    model = Ends(nn.Sequential(nn.Sigmoid(), nn.Identity()))
    model.end[1].forward = lambda x: 0.9 * raw_of(x)
    with pytest.raises(ValueError, match="Write probabilities=True or probabilities=False"):
        nn.predict_proba(model, X)


def raw_of(z):
    return z.numpy() if isinstance(z, Tensor) else z


def test_numbers_beyond_0_and_1_are_scores_also_without_a_graph():
    for end in (lambda z: raw_of(z) * 100, lambda z: np.maximum(raw_of(z) * 100, 0)):
        scores = nn.metrics.outputs(model := Ends(end), X)[:, 0]
        assert scores.max() > 1
        assert np.array_equal(nn.predict(model, X), scores > 0)


def test_one_of_two_probabilities_is_one():
    model = Ends(lambda z: autograd.softmax(z, axis=1)[:, 1:], outputs=2)
    yes = nn.metrics.outputs(model, X)[:, 0]
    assert np.array_equal(nn.predict_proba(model, X), np.stack([1 - yes, yes], axis=1))
    assert np.array_equal(nn.predict(model, X), yes > 0.5)


@pytest.mark.parametrize(
    ("returned", "what"),
    [((1, 2), "a tuple of 2"), (None, "None .did forward.. forget its return"), ({"a": 1}, "a dict of 1")],
)
def test_a_model_that_returns_no_array_is_told_so(returned, what):
    for use in (lambda m: nn.predict(m, X), lambda m: nn.evaluate(m, (X, np.zeros(20, int)))):
        with pytest.raises(TypeError, match=f"the model returned {what}"):
            use(Ends(lambda z: returned))


def test_threads_that_evaluate_one_model_leave_it_as_it_was():
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4), nn.Dropout(0.5, rng=0))
    model[2].eval()
    before = model.state_dict()
    want = nn.metrics.outputs(model, X)
    entered, left, found = threading.Event(), threading.Event(), []

    def second():  # begins while the first is at it, and goes on when that has ended
        with evaluating(model):
            entered.set()
            left.wait(10)
            found.append([module.training for module in model.modules()])
            found.append(nn.metrics.outputs(model, X))

    thread = threading.Thread(target=second)
    with evaluating(model):
        thread.start()
        assert entered.wait(10)
    left.set()
    thread.join(10)
    assert found[0] == [False] * 4
    np.testing.assert_array_equal(found[1], want)
    assert [module.training for module in model.modules()] == [True, True, True, False]
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_frozen_model_that_cannot_be_copied_is_asked_about():
    model = nn.Sequential(nn.Linear(3, 1, rng=0), nn.Sigmoid()).requires_grad_(False)
    model.held = threading.Lock()
    with pytest.raises(ValueError, match="Write probabilities=True"):
        nn.predict(model, X)
    assert nn.predict(model, X, probabilities=True).shape == (20,)
