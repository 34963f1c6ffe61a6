"""What a training was begun with, and what a resumed one is told when it is given something else."""

from __future__ import annotations

import re
import sys
import warnings
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.caller import level
from ..optim import Optimiser
from .callbacks import EarlyStopping

if TYPE_CHECKING:
    from .training import Training


KEPT = ("optimiser", "rng")  # what the checkpoint decides; everything else is as this training is given it


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
    tell_changed(given, begun)
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
            stacklevel=level(),
        )


def given_to(model: Any, loss: Any, **bounds: Any) -> dict[str, Any]:
    """The settings that a resumed training is given anew, as numbers and texts; `bounds` are those that are numbers.

    >>> import nn
    >>> given_to(nn.Tanh(), nn.MSELoss(), l2=0.1, clip_norm=None)
    {'model': 'Tanh()', 'loss': 'MSELoss()', 'l2': 0.1, 'clip_norm': None}
    """
    texts = {"model": _text(model), "loss": _text(loss)}
    return texts | {name: None if value is None else float(value) for name, value in bounds.items()}


def tell_changed(given: dict[str, Any], begun: dict[str, Any]) -> None:
    """Warn of settings that are others than those that the checkpoint was written with, and that count from now on."""
    changed = []
    for name, now in given.items():
        then = begun.get(name, now)
        if name in KEPT or then == now:
            continue
        if name == "model":
            then, now = _different_line(str(then), str(now))
            name = "the model"
        changed.append(f"{name} was {then} in the checkpoint and is {now} here")
    if changed:
        warnings.warn(
            f"{'; '.join(changed)}: from now on the training goes by what is given here. For a training to the bit "
            "as if it had not been interrupted, give what it was begun with.",
            stacklevel=level(),
        )


def _text(x: Any) -> str:
    """Its repr, without the addresses of objects, which differ in every process."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(x))


def _different_line(then: str, now: str) -> tuple[str, str]:
    """The first line in which two texts differ."""
    lines = zip_longest(then.splitlines(), now.splitlines(), fillvalue="not there")
    return next((a.strip(), b.strip()) for a, b in lines if a != b)


def tell_finished(training: Training, epochs: int, progress: bool | None) -> None:
    """One line, where the bar would be, if the checkpoint is of a training that was finished already."""
    if progress is False or not training.epoch or (training.epoch < epochs and training.stopping is None):
        return
    done = f"{training.epoch} epoch{'s' * (training.epoch != 1)}"
    if training.stopping is None:
        how = f"was finished after {done} already, and epochs={epochs}: give more to go on"
    else:
        how = f"had stopped after {done} already: {training.stopping}"
    print(f"fit: nothing was trained, the training {how}", file=sys.stderr)


def go_on(training: Training) -> None:
    """Where early stopping ended a training, and has more patience now, it has not ended."""
    for callback in training.callbacks:
        if not isinstance(callback, EarlyStopping) or callback.waited >= callback.patience:
            continue
        if training.stopping == callback.reason(training.history):
            training.stopping = training.history.stopped = None


def _same(a: Any, b: Any) -> bool:
    return bool(
        list(a) == list(b) if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)) else a == b
    )
