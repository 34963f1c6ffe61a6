"""Objectives of searches, in a module of their own: the processes that run the trials have to find them."""

from __future__ import annotations

import os
import signal
import time

import numpy as np

import nn


def parabola(params):
    """Best, 0, at x = 0.3 and size = 3."""
    return -((params["x"] - 0.3) ** 2) - (params["size"] - 3) ** 2


def seeded(params, seed, number):
    """A dict of everything, which depends on the seed."""
    noise = float(np.random.default_rng(seed).normal())
    return {"value": params["x"] + noise, "number": number, "curve": [noise, params["x"]]}


def sometimes(params, seed):
    """Fails for every third seed or so, and is nan for others."""
    if seed % 3 == 0:
        raise ArithmeticError(f"seed {seed}")
    return float("nan") if seed % 3 == 1 else params["x"]


def training(params, seed):
    """The history of a small network on points in two circles."""
    X, y = nn.datasets.circles(120, rng=0)
    model = nn.MLP([2, params["hidden"], 2], "tanh", rng=seed)
    optimiser = nn.SGD(model.parameters(), lr=params["lr"], momentum=params["momentum"])
    data, dev = (X[:80], y[:80]), (X[80:], y[80:])
    return nn.fit(
        model, data, epochs=6, batch_size=16, optimiser=optimiser, validation=dev, rng=seed, progress=False
    )


def elsewhere(params, seed):
    """Which process it was, as far as the score is concerned: another one than that of the variable."""
    if os.environ.get("HOME_PROCESS") == str(os.getpid()):
        raise AssertionError("this ran in the main process")
    return params["x"] + seed


def slow(params, seed):
    """Takes a moment, as long as the seed says."""
    time.sleep(seed % 7 / 500)
    return {"value": params["x"] * (seed % 1000), "curve": [params["x"], float(seed)]}


def deadly(params, seed):
    """The process that runs it is killed, as by a system that has no memory left."""
    os.kill(os.getpid(), signal.SIGKILL)


def lasting(params, number):
    """Says which process it is in, in a file, and takes a minute."""
    with open(os.environ["PIDS"], "a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(60)
