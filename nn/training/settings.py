"""What a training was begun with, and what a resumed one is told when it is given something else."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..optim import Optimiser
from .callbacks import EarlyStopping

if TYPE_CHECKING:
    from .training import Training


def settings_of(optimiser: Any, rng: Any) -> dict[str, Any]:
    """The settings that a checkpoint decides when training goes on: those of the optimiser, and the seed.

    >>> import nn
    >>> found = settings_of(nn.SGD(nn.Linear(2, 1).parameters(), lr=0.5), rng=3)
    >>> found["optimiser"][0]["lr"], found["rng"]
    (0.5, 3)
    """
    groups = optimiser.param_groups if isinstance(optimiser, Optimiser) else []
    plain = [{name: value for name, value in group.items() if name != "params"} for group in groups]
    seed = isinstance(rng, (int, np.integer)) and not isinstance(rng, bool)
    return {"optimiser": plain, "rng": int(rng) if seed else None}


def tell(given: dict[str, Any], state: dict[str, Any], path: str) -> None:
    """Warn of settings that are not used, because the checkpoint that was read has others."""
    begun = state.get("settings")
    if begun is None:  # written before these were kept
        return
    unused = []
    now = state["optimiser"]["state"].get("param_groups", [])
    for own, first, latest in zip(given["optimiser"], begun["optimiser"], now):
        for name, value in own.items():
            # a schedule may have changed it since, and an optimiser that is used again has what it ended with
            if name in latest and not any(_same(value, x) for x in (first.get(name), latest[name])):
                unused.append(f"{name}={value!r:.40} (it goes on with {latest[name]!r:.40})")
    if None not in (given["rng"], begun["rng"]) and given["rng"] != begun["rng"]:
        unused.append(f"rng={given['rng']} (it was begun with {begun['rng']})")
    if unused:
        warnings.warn(
            f"the training goes on as it was in {path}, and does not use {', '.join(unused)}. For a new training from "
            "its weights: nn.checkpoint.load_weights(model, path), then fit with another checkpoint folder.",
            stacklevel=_level(),
        )


def go_on(training: Training) -> None:
    """Where early stopping ended a training, and has more patience now, it has not ended."""
    for callback in training.callbacks:
        if not isinstance(callback, EarlyStopping) or not 0 < callback.waited < callback.patience:
            continue
        if training.stopping == callback.reason(training.history):
            training.stopping = training.history.stopped = None


def _same(a: Any, b: Any) -> bool:
    return bool(
        list(a) == list(b) if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)) else a == b
    )


def _level() -> int:
    """The stacklevel of a warning, for the first line that is not of this library."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] in (
        "nn",
        "contextlib",
    ):
        frame, level = frame.f_back, level + 1
    return level
