"""The accuracies that the project promises, reached by training. The first test takes some seconds."""

from __future__ import annotations

import pytest

import nn
from nn import datasets


def test_digits_in_ink_are_read_with_97_5_percent():
    """Curriculum E3: 256 inputs, 10 outputs, arg max. SLOW: some seconds. More seeds: examples/digits16.py."""
    pytest.importorskip("sklearn")
    from examples.digits16 import train

    assert min(train(seed=0)) >= 0.975


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_spirals_of_three_classes_are_parted_with_98_percent(seed):
    model = nn.MLP([2, 64, 64, 3], rng=seed)
    optimiser = nn.SGD(model.parameters(), lr=0.05, momentum=0.9)
    nn.fit(
        model, datasets.spirals(300, 3, rng=seed), epochs=100, batch_size=30, optimiser=optimiser, rng=seed
    )
    X, y = datasets.spirals(3000, 3, rng=seed + 1000)
    assert nn.accuracy(nn.predict(model, X), y) >= 0.98
