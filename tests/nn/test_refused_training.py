"""What fit would train wrongly, or not at all, is said before a weight has changed."""

import warnings

import numpy as np
import pytest

import nn
from autograd import GradientError, Tensor, no_grad

X = np.random.default_rng(0).normal(size=(20, 3))
Y = np.arange(20) % 2
COLUMN = Y[:, None].astype(float)


class Made(nn.Module):
    """A linear layer, and what `forward` makes of it."""

    def __init__(self, end):
        super().__init__()
        self.layer, self.end = nn.Linear(3, 2, rng=0), end

    def forward(self, x):
        return self.end(self.layer(x))


def refuses(error, words, model, data=(X, Y), **settings):
    before = model.state_dict()
    with pytest.raises(error, match=words):
        nn.fit(model, data, **{"epochs": 1, **settings})
    for name, array in before.items():
        np.testing.assert_array_equal(model.state_dict()[name], array)


def unrecorded(z):
    with no_grad():
        return z * 2


@pytest.mark.parametrize(
    "end", [lambda z: Tensor(z.data), lambda z: z.data, lambda z: z.detach(), unrecorded]
)
def test_a_forward_that_leaves_the_graph(end):
    refuses(GradientError, r"does not depend on.*forward\(\) leaves the graph", Made(end))


def test_what_was_changed_before_the_first_step_was_refused_is_put_back():
    model = nn.Sequential(nn.Linear(3, 3, rng=0), nn.BatchNorm1d(3), Made(lambda z: Tensor(z.data)))
    refuses(GradientError, "no parameter", model)


def test_what_was_learned_before_a_later_error_stays():
    def fail(training):
        raise RuntimeError("mine")

    model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.BatchNorm1d(2))
    with pytest.raises(RuntimeError, match="mine"):
        nn.fit(model, (X, Y), epochs=3, callbacks=fail)
    assert np.any(model[1].running_mean != 0), "as the weights do, which have been changed"


def test_frozen_models():
    refuses(ValueError, "every parameter of this Linear is frozen", nn.Linear(3, 2).requires_grad_(False))


class Loose(nn.Module):
    def __init__(self, layer=False):
        super().__init__()
        self.w = Tensor(np.zeros((3, 2)))
        if layer:
            self.layer = nn.Linear(3, 2, rng=0)

    def forward(self, x):
        return x @ self.w + (self.layer(x) if hasattr(self, "layer") else 0)


def test_a_tensor_in_the_place_of_a_parameter():
    refuses(ValueError, r"no parameters to train. Loose.w is a Tensor.*self.w = nn.Parameter", Loose())
    with pytest.warns(UserWarning, match=r"Loose.w is a Tensor, which is neither trained nor saved") as told:
        nn.fit(Loose(layer=True), (X, Y), epochs=1)
    assert told[0].filename == __file__
    model = Loose(layer=True)
    model.w = Tensor(np.zeros((3, 2)), requires_grad=False)
    model.seen = model.layer(X)  # a result
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.fit(model, (X, Y), epochs=1)


class Lazy(nn.Module):
    def __init__(self, first=False):
        super().__init__()
        self.last = None
        self.first = nn.Linear(3, 3, rng=0) if first else None

    def forward(self, x):
        if self.last is None:
            self.last = nn.Linear(3, 2, rng=0)
        return self.last(x if self.first is None else self.first(x))


def test_a_layer_that_the_first_forward_makes():
    refuses(ValueError, r"no parameters to train.*model\(X\[:1\]\)", Lazy())
    model = Lazy(first=True)
    refuses(ValueError, r"last.weight was made in the first forward\(\)", model)
    assert len(nn.fit(model, (X, Y), epochs=1)) == 1  # now it is known


def test_settings_beside_a_loader():
    loader = nn.DataLoader((X, Y), 8)
    refuses(ValueError, "batch_size=64: data is a DataLoader", nn.Linear(3, 2), loader, batch_size=64)
    refuses(ValueError, "rng=0: data is a DataLoader", nn.Linear(3, 2), loader, rng=0)


@pytest.mark.parametrize("metrics", ["accuracy", "f1", ["accuracy", "f1"], nn.metrics.recall])
@pytest.mark.parametrize(
    ("labels", "outputs", "loss", "words"),
    [
        (np.eye(2)[Y], 2, nn.CrossEntropyLoss(), "one-hot, give the classes: y.argmax"),
        (COLUMN, 1, nn.MSELoss(), r'nn.BCEWithLogitsLoss\(\).*metrics="r2_score"'),
        (COLUMN * 0.5, 1, nn.BCEWithLogitsLoss(), "labels are 0 and 1"),
    ],
)
def test_metrics_of_classes_where_there_are_none(metrics, labels, outputs, loss, words):
    settings = {"loss": loss, "metrics": metrics}
    refuses(ValueError, f"counts right classes.*{words}", nn.Linear(3, outputs), (X, labels), **settings)
    with pytest.raises(ValueError, match=words):
        nn.evaluate(nn.Linear(3, outputs), (X, labels), **settings)


def test_metrics_of_one_name():
    both = [lambda outputs, y: 3.0, lambda outputs, y: 4.0]
    refuses(ValueError, "two of them are called '<lambda>'", nn.Linear(3, 2), metrics=both)
    history = nn.fit(nn.Linear(3, 2), (X, Y), epochs=1, metrics=dict(zip(("a", "b"), both)))
    assert (history["a"], history["b"]) == ([3.0], [4.0])


@pytest.mark.parametrize("wrong", [5, -6])
def test_indices_that_an_embedding_lacks_anywhere(wrong):
    model = nn.Sequential(nn.Embedding(5, 3, rng=0), nn.Linear(3, 2, rng=0))
    words, bad = np.arange(20) % 5, np.append(np.arange(19) % 5, wrong)
    refuses(IndexError, f"validation: embedding: {wrong}", model, (words, Y), validation=(bad, Y))
    loader = nn.DataLoader((bad, Y), 4)
    refuses(IndexError, f"data: embedding: {wrong}", model, loader)
    assert len(nn.fit(model, (words, Y), epochs=1, validation=(words, Y))) == 1
    mended = nn.DataLoader((bad, Y), 4, transform=lambda x: x % 5)
    assert len(nn.fit(model, mended, epochs=1)) == 1


def first_of(outputs, y):
    return nn.CrossEntropyLoss()(outputs[0], y)


def test_a_model_that_returns_several_outputs():
    model = Made(lambda z: (z, z))
    assert len(nn.fit(model, (X, Y), epochs=2, loss=first_of).loss) == 2
    for more in ({"validation": (X, Y)}, {"metrics": lambda outputs, y: 1.0}):
        refuses(
            TypeError,
            "the model returned a tuple of 2: with validation= or metrics=",
            model,
            loss=first_of,
            **more,
        )
    refuses(TypeError, "the outputs are a tuple of 2", model)
