"""DataLoader(transform=): inputs changed on their way out, by the seed, resumed to the bit, in fit too."""

from __future__ import annotations

import copy
import json
import pickle
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import ShapeError
from nn import DataLoader, augment

moved = partial(augment.shift, pixels=1)


def jitter(inputs, rng):
    return inputs + rng.normal(size=inputs.shape)


def dots(n):
    """Images of 3 x 3 with ink in the middle, and their labels."""
    images = np.zeros((n, 3, 3))
    images[:, 1, 1] = 1 + np.arange(n)
    return images, np.arange(n)


def listed(batches):
    return [[x.tolist() for x in batch] for batch in batches]


# --- what is called, and with what


def test_inputs_change_and_labels_stay_with_them():
    images, y = dots(20)
    loader = DataLoader((images, y), 6, shuffle=True, rng=0, transform=moved)
    seen = list(loader)
    for inputs, labels in seen:
        np.testing.assert_array_equal(inputs.max(axis=(1, 2)), 1 + labels)  # each its own ink
    assert sorted(np.concatenate([labels for _, labels in seen]).tolist()) == list(range(20))
    places = np.concatenate([inputs.reshape(len(inputs), 9).argmax(axis=1) for inputs, _ in seen])
    assert len(set(places.tolist())) > 4
    np.testing.assert_array_equal(images, dots(20)[0])


def test_rng_is_given_where_it_is_asked_for():
    X, given = np.ones((4, 2)), []

    def keyword(inputs, *, rng=None):
        given.append(rng)
        return inputs

    def anything(inputs, **settings):
        given.append(settings["rng"])
        return inputs

    class Callable:
        def __call__(self, inputs, rng):
            given.append(rng)
            return inputs

    for transform in (keyword, anything, Callable(), partial(keyword, rng=5)):
        loader = DataLoader(X, 4, rng=3, transform=transform)
        list(loader)
        assert given.pop() is loader.rng
    unnamed = lambda inputs, rng=None, /: -inputs
    for transform in (np.negative, lambda inputs: -inputs, unnamed, nn.Standardiser(X + np.eye(4, 2))):
        before = np.random.default_rng(3)
        loader = DataLoader(X, 4, rng=3, transform=transform)
        (inputs,) = loader
        np.testing.assert_array_equal(inputs, transform(X))
        assert loader.rng.bit_generator.state == before.bit_generator.state, "nothing was drawn"


def test_the_seed_decides_and_each_epoch_has_its_own():
    X, y = np.zeros((8, 2)), np.arange(8)
    one, two = (DataLoader((X, y), 3, rng=7, transform=jitter) for _ in range(2))
    epochs = [listed(one) for _ in range(3)]
    assert epochs == [listed(two) for _ in range(3)]
    assert epochs[0] != epochs[1] != epochs[2] != epochs[0]
    assert epochs[0] != listed(DataLoader((X, y), 3, rng=8, transform=jitter))


def test_an_augmentation_draws_from_the_loader():
    images, y = dots(6)
    change = nn.augment.Augment(shift=1, noise=0.1, rng=99)
    own = change.rng.bit_generator.state
    loader, other = (DataLoader((images, y), 3, rng=1, transform=change) for _ in range(2))
    assert listed(loader) == listed(other)
    assert change.rng.bit_generator.state == own
    assert not np.array_equal(change(images), change(images))
    np.testing.assert_array_equal(change(images, rng=4), change(images, rng=4))


@pytest.mark.parametrize("single", [True, False])
def test_batches_are_read_only_and_of_their_own_whatever_the_transform_does(single):
    X, buffer = np.arange(8.0).reshape(4, 2), np.empty((2, 2))

    def in_place(inputs):
        inputs *= 2
        return inputs

    def refilled(inputs):
        np.multiply(inputs, 2, out=buffer)
        return buffer

    for transform in (in_place, refilled, lambda inputs: 2 * inputs[::-1][::-1]):
        batches = list(DataLoader(X if single else (X, X[:, 0]), 2, transform=transform))
        inputs = batches if single else [batch[0] for batch in batches]
        np.testing.assert_array_equal(np.concatenate(inputs), 2 * np.arange(8.0).reshape(4, 2))
        labels = [] if single else [batch[1] for batch in batches]
        for array in (*inputs, *labels):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
    np.testing.assert_array_equal(X, np.arange(8.0).reshape(4, 2))


def test_float32_stays_and_bytes_may_become_numbers():
    for dtype, transform, expected in (
        (np.float32, jitter, np.float32),
        (np.uint8, lambda inputs: inputs.astype(np.float32) / 255, np.float32),
        (np.uint8, partial(augment.shift, pixels=1, size=(1, 3)), np.uint8),
    ):
        (inputs,) = DataLoader(np.ones((4, 3), dtype), 4, rng=0, transform=transform)
        assert inputs.dtype == expected
    (inputs,) = DataLoader(np.ones((4, 3)), 4, transform=lambda inputs: inputs.tolist())
    assert inputs.shape == (4, 3)
    (inputs,) = DataLoader(np.ones((4, 8, 8)), 4, rng=0, transform=partial(augment.crop, shape=(6, 6)))
    assert inputs.shape == (4, 6, 6)


# --- the distribution: what comes on the fly is what a larger training set would have


def test_on_the_fly_as_from_a_set_with_every_shift():
    """Ink in the middle goes to each of nine places with probability 1/9, for every image, in every batch."""
    images, y = dots(30)
    loader = DataLoader((images, y), 7, shuffle=True, rng=0, transform=moved)
    counts, mean = np.zeros((30, 9)), np.zeros((3, 3))
    for _ in range(300):
        for inputs, labels in loader:
            counts[labels, inputs.reshape(-1, 9).argmax(axis=1)] += 1
            mean += (inputs > 0).sum(axis=0) / (300 * 30)
    chi = ((counts - 300 / 9) ** 2 / (300 / 9)).sum()  # of 30 * 8 degrees of freedom: 240 +- 22
    assert 240 - 4 * 22 < chi < 240 + 4 * 22
    all_nine = [np.roll(images[0] > 0, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    np.testing.assert_allclose(mean, np.mean(all_nine, axis=0), atol=0.015)


# --- taken up again


@given(
    n=st.integers(1, 20), size=st.integers(1, 8), shuffle=st.booleans(), drop=st.booleans(), data=st.data()
)
def test_after_any_batch_of_any_epoch_the_rest_is_the_same(n, size, shuffle, drop, data):
    def loader(seed):
        return DataLoader((np.zeros((n, 2)), np.arange(n)), size, shuffle, drop, rng=seed, transform=jitter)

    def endless(loader):
        for _ in range(3):
            for batch in loader:
                yield [x.tolist() for x in batch]
            yield None

    one = loader(4)
    passes = endless(one)
    for _ in range(data.draw(st.integers(0, 3 * (len(one) + 1) - 1))):
        next(passes)
    state = json.loads(json.dumps(one.state_dict()))
    rest = list(passes)
    other = loader(5)
    other.load_state_dict(state)
    assert list(endless(other))[: len(rest)] == rest


def train(model, folder=None, resume=False, epochs=4):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 4)), rng.integers(0, 3, 40)
    optimiser = nn.Adam(model.parameters(), lr=0.05)
    loader = DataLoader((X, y), 9, shuffle=True, rng=3, transform=jitter)
    saver = folder and nn.Checkpoint(folder, every_batches=2, keep=None)
    return nn.fit(
        model, loader, epochs=epochs, optimiser=optimiser, validation=(X, y), checkpoint=saver, resume=resume
    )


def network(seed=0):
    return nn.MLP([4, 8, 3], dropout=0.3, rng=seed)


def test_a_training_goes_on_to_the_bit_from_every_checkpoint(tmp_path):
    model = network()
    whole = train(model, tmp_path)
    assert len(set(whole.loss)) == 4
    paths = nn.checkpoint.listed(tmp_path)
    assert len(paths) > 10
    for path in paths:
        other = network(9)
        history = train(other, resume=path)
        assert history.loss == whole.loss
        for key, array in model.state_dict().items():
            assert array.tobytes() == other.state_dict()[key].tobytes(), key


def test_validation_and_evaluation_see_the_rows_as_they_are():
    X, y = np.eye(3), np.arange(3)
    model = nn.Linear(3, 3, rng=0)
    model.weight.data, model.bias.data = 5 * np.eye(3), np.zeros(3)
    loader = DataLoader((X, y), 3, transform=np.negative)
    assert nn.evaluate(model, loader)["accuracy"] == 1.0
    history = nn.fit(
        model, loader, epochs=1, validation=(X, y), optimiser=nn.SGD(model.parameters(), lr=1e-9)
    )
    assert (history.accuracy, history.val_accuracy) == ([0.0], [1.0])
    cropped = DataLoader(
        (np.ones((4, 4, 4)), [0, 1, 0, 1]), 2, rng=0, transform=partial(augment.crop, shape=(3, 3))
    )
    small = nn.Sequential(nn.Flatten(), nn.Linear(9, 2, rng=0))
    nn.fit(small, cropped, epochs=1, validation=(np.ones((2, 3, 3)), [0, 1]))


# --- what is refused


@pytest.mark.parametrize(
    ("transform", "error", "words"),
    [
        (3, TypeError, r"transform=3: give a function .*nn\.augment\.shift"),
        (augment.Augment, TypeError, "give a function"),
        (lambda inputs: None, ShapeError, "transform returned None"),
        (lambda inputs: np.tile(inputs, (2, 1)), ShapeError, "an array with as many rows"),
        (lambda inputs: inputs[:2], ShapeError, r"of shape \(2, 2\) for inputs of shape \(3, 2\).*its label"),
        (lambda inputs: inputs.sum(), ShapeError, r"array of shape \(\)"),
    ],
)
def test_what_is_refused(transform, error, words):
    with pytest.raises(error, match=words):
        list(DataLoader(np.ones((6, 2)), 3, transform=transform))


def test_a_state_goes_to_a_loader_that_transforms_too():
    def make(transform):
        return DataLoader(np.arange(9.0), 2, rng=1, transform=transform)

    make(np.negative).load_state_dict(make(np.tanh).state_dict())
    for one, other, words in (
        (None, np.negative, "transform None there and True here"),
        (np.negative, None, "transform True there and None here"),
    ):
        with pytest.raises(ValueError, match=words):
            make(other).load_state_dict(make(one).state_dict())


def test_a_loader_says_that_it_transforms_and_can_be_copied():
    loader = DataLoader(dots(5), 2, shuffle=True, rng=0, transform=moved)
    assert repr(loader) == "DataLoader((5, 3, 3), (5,); 3 batches of 2, transformed)"
    for other in (copy.deepcopy(loader), pickle.loads(pickle.dumps(loader))):
        assert listed(other) == listed(copy.deepcopy(loader))
