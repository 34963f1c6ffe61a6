"""Depth against width: networks with the same number of parameters part three spirals that wind around twice.

    python examples/depth_width.py --parameters 1000 --seeds 3

All are trained alike: 100 epochs of Adam on 900 points. The last columns are the share of right answers, on average
over the seeds, on those points and on 3000 others.
"""

from __future__ import annotations

import argparse

import numpy as np

import nn
from nn.circuits import Trade, depth_against_width

DEPTHS = (1, 2, 3, 4, 6, 8)
TURNS = 2


def accuracies(row: Trade, seed: int) -> tuple[float, float]:
    """Of a network of so many layers and units: the accuracy on the training set, and on the test set."""
    X, y = nn.datasets.spirals(900, 3, turns=TURNS, rng=seed)
    X_test, y_test = nn.datasets.spirals(3000, 3, turns=TURNS, rng=seed + 1000)
    model = nn.MLP([2, *[row.width] * row.depth, 3], init="he_normal", rng=seed)
    optimiser = nn.Adam(model.parameters(), lr=0.01)
    nn.fit(model, (X, y), epochs=100, batch_size=30, optimiser=optimiser, rng=seed, progress=False)
    return nn.accuracy(nn.predict(model, X), y), nn.accuracy(nn.predict(model, X_test), y_test)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--parameters", type=int, default=1000, help="the most that a network may have")
    parser.add_argument("--seeds", type=int, default=3, help="how many times, with the seeds 0, 1, 2, ...")
    given = parser.parse_args()
    print("hidden layers  units in each  parameters  train    test")
    for row in depth_against_width(given.parameters, DEPTHS, inputs=2, outputs=3):
        train, test = np.mean([accuracies(row, seed) for seed in range(given.seeds)], axis=0)
        print(
            f"{row.depth:13}{row.width:15}{row.parameters:12}{100 * train:7.1f} %{100 * test:7.1f} %",
            flush=True,
        )


if __name__ == "__main__":
    main()
