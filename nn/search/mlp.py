"""The search of the course: a fully connected network, its learning rate first, then the rest by their weight."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..core.module import Module
from ..core.numbers import whole
from ..core.rng import generator
from ..data import DataLoader
from ..layers import MLP
from ..losses import CrossEntropyLoss, MSELoss
from ..optim import Adam
from ..schedule import InverseTimeLR
from ..training.checks import pair
from ..training.fit import fit
from ..training.history import History
from .distributions import choice, integers, log_uniform, one_minus_log_uniform
from .narrowing import staged_search
from .result import SearchResult
from .study import explained
from .words import described

# What matters most comes first (the course's order); alpha is called lr here, and beta momentum.
STAGES: list[dict[str, Any]] = [
    {"lr": log_uniform(1e-4, 1)},
    {
        "momentum": one_minus_log_uniform(0.9, 0.999),
        "hidden": integers(16, 256, log=True),
        "batch_size": choice([32, 64, 128, 256]),
    },
    {"layers": integers(1, 3), "decay": log_uniform(1e-3, 1)},
]
START: dict[str, Any] = {"momentum": 0.9, "hidden": 64, "batch_size": 64, "layers": 1, "decay": 0.0}
OTHERS: dict[str, Any] = {"lr": 0.01, "dropout": 0.0, "l2": 0.0, "activation": "relu", "batch_norm": False}
NAMES = {**OTHERS, **START}


def train_mlp(
    params: Mapping[str, Any],
    train: Any,
    dev: Any = None,
    *,
    epochs: int = 10,
    rng: Any = None,
    progress: bool | None = False,
) -> tuple[Module, History]:
    """Make a network by its hyperparameters and train it with Adam; returns the network and its history.

    params: lr (alpha), momentum (the beta of the mean of the gradients, Adam's first), hidden (units of each hidden
    layer, or a tuple of sizes), layers (how many hidden ones), batch_size, decay (of lr / (1 + decay * epoch)),
    dropout, l2, activation, batch_norm; what is left out is START's and OTHERS' value.
    train, dev: (X, y), with rows of numbers; a y of whole numbers are classes, others are to be predicted.
    The best of a search again: train_mlp(result.best.params, train, dev, epochs=10, rng=result.best.seed).

    >>> X, y = np.eye(4), np.array([0, 1, 0, 1])
    >>> model, history = train_mlp({"lr": 0.1, "hidden": 8}, (X, y), epochs=20, rng=0)
    >>> history.accuracy[-1]
    1.0
    """
    unknown = [name for name in params if name not in NAMES]
    if unknown:
        raise ValueError(f"train_mlp knows no {unknown[0]!r}: the hyperparameters are {', '.join(NAMES)}.")
    p = {**NAMES, **params}
    (X, y), dev = data_of(train, "train"), None if dev is None else data_of(dev, "dev")
    classes = y.ndim == 1
    width = (
        1 + max(int(part.max()) for part in (y, *([] if dev is None else [dev[1]])))
        if classes
        else y.shape[1]
    )
    hidden = tuple(p["hidden"]) if isinstance(p["hidden"], (tuple, list)) else (p["hidden"],) * p["layers"]
    rng = generator(rng)
    model = MLP(
        [X.shape[1], *hidden, width],
        p["activation"],
        dropout=p["dropout"],
        batch_norm=p["batch_norm"],
        dtype=X.dtype if X.dtype.kind == "f" else np.float64,
        rng=rng,
    )
    optimiser = Adam(model.parameters(), p["lr"], (p["momentum"], 0.999))
    history = fit(
        model,
        DataLoader((X, y), min(int(p["batch_size"]), len(X)), shuffle=True, rng=rng),
        epochs=epochs,
        optimiser=optimiser,
        loss=CrossEntropyLoss() if classes else MSELoss(),
        validation=dev,
        l2=p["l2"],
        schedule=InverseTimeLR(optimiser, p["decay"]) if p["decay"] else None,
        progress=progress,
    )
    return model, history


def data_of(given: Any, name: str) -> tuple[Any, Any]:
    """(X, y) of rows of numbers, with classes (n,) or numbers to predict (n, columns).

    >>> data_of(([[1.0], [2.0]], [0.5, 1.5]), "train")[1].shape
    (2, 1)
    """
    X, y = pair(given, name, None)
    if X.ndim != 2:
        raise ValueError(
            f"{name} has inputs of shape {X.shape}: give rows of numbers, X.reshape(len(X), -1)."
        )
    if y.dtype.kind not in "iubf" or y.ndim > 2 or (y.ndim == 2 and y.dtype.kind != "f"):
        raise ValueError(
            f"{name} has a y of shape {y.shape} and dtype {y.dtype}: give classes as whole numbers, one a row, or "
            "floating-point numbers to predict."
        )
    return X, y.reshape(len(y), -1) if y.dtype.kind == "f" else y.astype(np.int64)


class MLPObjective:
    """Trains an nn.MLP with some hyperparameters: an objective for every kind of search.

    train, dev: (X, y); epochs: how many, unless the search gives a budget. fixed: hyperparameters that are not
    searched. What it returns are the curves of the history: "val_accuracy" for classes, "val_loss", "loss".

    >>> from nn.search import log_uniform, successive_halving
    >>> data = np.eye(4), np.array([0, 1, 0, 1])
    >>> result = successive_halving(
    ...     MLPObjective(data, data, hidden=8), {"lr": log_uniform(1e-4, 1)}, max_budget=9, mode="max",
    ...     score="val_accuracy", rng=0
    ... )
    >>> result.best.score
    1.0
    """

    def __init__(self, train: Any, dev: Any, *, epochs: int = 10, **fixed: Any) -> None:
        self.train, self.dev, self.fixed = data_of(train, "train"), data_of(dev, "dev"), fixed
        self.epochs = whole("epochs", epochs, 1, "a training has at least one epoch")
        self.classes = self.train[1].ndim == 1
        unknown = [name for name in fixed if name not in NAMES]
        if unknown:
            raise TypeError(f"MLPObjective: {unknown[0]!r} is none of {', '.join(NAMES)}.")
        rows, features = self.train[0].shape
        # By this the file of a search knows whether it was made with the same data.
        sums = [zlib.crc32(np.ascontiguousarray(array).data) for array in (*self.train, *self.dev)]
        settings = ", ".join([f"epochs={epochs}", *(f"{name}={described(fixed[name])}" for name in fixed)])
        code = zlib.crc32(repr(sums).encode())
        self.__qualname__ = f"MLPObjective({rows} x {features} numbers with sum {code:08x}, {settings})"

    def __call__(self, params: Mapping[str, Any], seed: int, budget: int | None = None) -> History:
        epochs = self.epochs if budget is None else budget
        return train_mlp({**self.fixed, **params}, self.train, self.dev, epochs=epochs, rng=seed)[1]


@explained
def mlp_search(
    train: Any,
    dev: Any,
    *,
    trials: Any = (8, 12, 8),
    epochs: int = 10,
    stages: Sequence[Mapping[str, Any]] | None = None,
    start: Mapping[str, Any] | None = None,
    rng: Any = None,
    n_jobs: int | None = None,
    resume: Any = None,
    retry: bool = False,
    progress: bool | None = None,
) -> SearchResult:
    """Search for the hyperparameters of an nn.MLP, the important ones first: a network for `train`, judged on `dev`.

    In the course's order: the learning rate; then momentum, hidden units and batch size; then layers and the decay of
    the learning rate. Classes are judged by val_accuracy, numbers by val_loss. The data should be scaled
    (nn.Standardiser). trials: of each stage. stages, start: others than STAGES and START of nn.search.mlp; `start` may
    give dropout, l2, activation and batch_norm, too (see train_mlp). The other arguments are random_search's.

    >>> import nn
    >>> X, y = nn.datasets.circles(200, rng=0)
    >>> result = mlp_search((X[:100], y[:100]), (X[100:], y[100:]), trials=2, epochs=5, rng=0)
    >>> len(result), result.score_name
    (6, 'val_accuracy')
    """
    objective = MLPObjective(train, dev, epochs=epochs)
    score = "val_accuracy" if objective.classes else "val_loss"
    stages = STAGES if stages is None else stages
    unknown = [name for part in (*stages, start or {}) for name in part if name not in NAMES]
    if unknown:
        raise ValueError(f"mlp_search knows no {unknown[0]!r}: the hyperparameters are {', '.join(NAMES)}.")
    return staged_search(
        objective,
        stages,
        start={**START, **(start or {})},
        trials=trials,
        mode="max" if objective.classes else "min",
        score=score,
        rng=rng,
        n_jobs=n_jobs,
        resume=resume,
        retry=retry,
        progress=progress,
    )
