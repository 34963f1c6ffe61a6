"""Handwritten digits as 16 x 16 pixels of ink or no ink: 256 inputs, one hidden layer, 10 outputs, the highest wins.

    python examples/digits16.py --seeds 5

Each seed decides the split, the weights, the order of batches, the shifts of the images and the dropout. The sizes and
rates were chosen by accuracy on dev sets; each test set is used once. Needs scikit-learn, for the digits.
"""

from __future__ import annotations

import argparse
import time
from functools import partial

import numpy as np

import nn


def train(seed: int) -> tuple[float, float]:
    """The accuracy on the dev set and on the test set."""
    rng = np.random.default_rng(seed)
    X, y = nn.load_digits_16x16(dtype=np.float32)
    learn, dev, test = nn.train_dev_test_split(X, y, dev=0.2, test=0.2, rng=rng)
    model = nn.MLP([256, 512, 10], dropout=0.5, dtype=np.float32, rng=rng)
    # In every epoch each image is moved by -1, 0 or 1 pixels, down and to the right.
    shifted = partial(nn.augment.shift, pixels=1, size=(16, 16))
    batches = nn.DataLoader(learn, 64, shuffle=True, rng=rng, transform=shifted)
    optimiser = nn.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    slower = nn.schedule.StepLR(optimiser, step_size=100, gamma=0.1)
    nn.fit(model, batches, epochs=125, optimiser=optimiser, schedule=slower)
    dev_accuracy, test_accuracy = (
        nn.accuracy(nn.predict(model, inputs), labels) for inputs, labels in (dev, test)
    )
    return dev_accuracy, test_accuracy


def main() -> None:
    """Train once for each seed, and say how well on average and at worst."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="how many times, with the seeds 0, 1, 2, ...")
    start, tests = time.perf_counter(), []
    for seed in range(parser.parse_args().seeds):
        dev, test = train(seed)
        tests.append(test)
        print(f"seed {seed}: dev accuracy {100 * dev:.2f} %, test accuracy {100 * test:.2f} %", flush=True)
    seconds = (time.perf_counter() - start) / len(tests)
    print(
        f"test accuracy: mean {100 * np.mean(tests):.2f} %, worst {100 * min(tests):.2f} %; {seconds:.1f} s a network"
    )


if __name__ == "__main__":
    main()
