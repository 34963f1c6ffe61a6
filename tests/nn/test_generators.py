"""Every random generator of a model is found, so that a resumed training draws what an undisturbed one would have."""

from __future__ import annotations

import random
from functools import partial

import numpy as np
import pytest

import nn
from nn import checkpoint
from nn.training.generators import LONG, generators

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(24, 4)), rng.integers(0, 3, 24)


class Holding(nn.Module):
    """A linear layer behind a change of its inputs, which `make(generator)` makes."""

    def __init__(self, make, seed=3):
        super().__init__()
        self.inner = nn.Linear(4, 3, rng=0)
        self.held, self.call = make(np.random.default_rng(seed))

    def forward(self, x):
        return self.inner(self.call(x) if self.training else x)


class Box:
    def __init__(self, rng):
        self.rng = rng

    def __call__(self, x):
        return noisy(x, self.rng)


class Slotless(Box):
    rng = None

    def __init__(self, inside):
        self.inside = [{"deep": (inside,)}]

    def __call__(self, x):
        return noisy(x, self.inside[0]["deep"][0])


def noisy(x, rng):
    return x + rng.normal(size=x.shape)


def swapped(rng, x):
    return noisy(x, rng)


def augment(draw):
    made = nn.augment.Augment(noise=0.5, rng=draw)
    return made, made


def listed(draw):
    return [1.0, {"a": (draw,)}], partial(noisy, rng=draw)


def closed(draw):
    function = lambda x: noisy(x, draw)
    return None, function


def default(draw):
    def function(x, rng=draw):
        return noisy(x, rng)

    return None, function


def keyword_default(draw):
    def function(x, *, rng=draw):
        return noisy(x, rng)

    return None, function


def hidden_module(draw):
    drop = nn.Dropout(0.5, rng=draw)
    return (drop.forward,), drop.forward


MAKERS = [
    augment,
    listed,
    closed,
    default,
    keyword_default,
    hidden_module,
    lambda draw: (None, Box(draw)),
    lambda draw: (None, Slotless(draw)),
    lambda draw: (None, partial(noisy, rng=draw)),
    lambda draw: (None, partial(swapped, draw)),
]


@pytest.mark.parametrize("make", MAKERS)
def test_a_training_goes_on_to_the_bit_wherever_the_generator_is(tmp_path, make):
    def run(resume=False, folder=None, seed=3):
        model = Holding(make, seed)
        saver = folder and nn.Checkpoint(folder, every_batches=2, keep=None)
        nn.fit(model, (X, Y), epochs=2, batch_size=8, rng=0, checkpoint=saver, resume=resume)
        return model.inner.weight.data.tobytes()

    whole = run(folder=tmp_path)
    assert whole != run(seed=4), "or this shows nothing"
    for path in checkpoint.listed(tmp_path):
        assert run(path, seed=99) == whole, path


def test_a_generator_in_the_loss_and_in_the_transform(tmp_path):
    def run(resume=False, folder=None, seed=3):
        model = nn.Linear(4, 3, rng=0)
        one, other = (np.random.default_rng(seed + i) for i in range(2))  # each is held by one function only

        def loss(scores, y):
            return nn.CrossEntropyLoss()(scores * one.uniform(0.5, 1.5), y)

        loader = nn.DataLoader((X, Y), 8, shuffle=True, rng=0, transform=lambda x: noisy(x, other))
        saver = folder and nn.Checkpoint(folder, every_batches=2, keep=None)
        nn.fit(model, loader, epochs=2, loss=loss, checkpoint=saver, resume=resume)
        return model.weight.data.tobytes()

    whole = run(folder=tmp_path)
    for path in checkpoint.listed(tmp_path):
        assert run(path, seed=99) == whole, path


def test_one_generator_at_two_places_is_one():
    shared = np.random.default_rng(0)
    model = nn.Sequential(nn.Dropout(0.5, rng=shared), nn.Dropout(0.5, rng=shared))
    model.more = [shared]
    assert [found is shared for _, found in generators(model=model)] == [True]


@pytest.mark.parametrize("make", [np.random.RandomState, random.Random])
def test_other_sources_of_random_numbers_are_refused_before_the_first_step(tmp_path, make):
    model = Holding(lambda draw: ({"old": make(3)}, np.tanh))
    before = model.state_dict()
    with pytest.raises(TypeError, match=r"model\.held\['old'\] is a Random.*default_rng"):
        nn.fit(model, (X, Y), epochs=1, checkpoint=tmp_path)
    np.testing.assert_array_equal(model.inner.weight.data, before["inner.weight"])
    assert len(nn.fit(model, (X, Y), epochs=1)) == 1, "without a checkpoint it is nobody's business"


def test_what_is_not_looked_into():
    model = Holding(lambda draw: ([draw] * (LONG + 1), np.tanh))
    model.kind, model.itself, model.library = Box, model.held, np
    model.held.append(model.held)
    assert list(generators(model=model)) == []


def test_rings_and_empty_cells_come_to_an_end():
    def outer():
        def function(x):
            return later(x)

        if function is None:
            later = None
        return function

    ring = []
    ring.append(ring)
    model = Holding(lambda draw: ({"ring": ring, "draw": draw}, outer()))
    assert [path for path, _ in generators(model=model)] == ["model.held['draw']"]
