"""One trial: its hyperparameters, the call of the objective, and what came of it."""

from __future__ import annotations

import inspect
import math
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..training.history import History
from ..training.interrupt import CtrlC
from .errors import ScoreError
from .space import TAKEN

EXTRAS = ("seed", "budget", "number")  # what an objective is given besides, if it names it
NO_SCORE = "no score"


@dataclass(frozen=True)
class Trial:
    """One trial of a search.

    number: counted from 1; round: of the search, from 1. params: the hyperparameters. seed: for all that is random in
    it. budget: of successive halving. score: what is maximised or minimised, None if the trial failed. metrics: the
    numbers that the objective returned; curves: those of which it returned a list, one number an epoch. seconds: how
    long it took. error: why it failed, and traceback: where.
    """

    number: int
    params: dict[str, Any]
    seed: int
    round: int = 1
    budget: Any = None
    score: float | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    curves: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    error: str | None = None
    traceback: str | None = None

    @property
    def key(self) -> tuple[int, int]:
        """What it is called in the file of a search."""
        return self.round, self.number


def extras_of(objective: Any, space: Any, budget: bool) -> tuple[str, ...]:
    """Which of seed, budget and number an objective wants; refuses what cannot be called."""
    example = "def objective(params, seed): ..."
    if isinstance(objective, type):
        raise TypeError(f"objective is the class {objective.__name__}: make one, {objective.__name__}(...).")
    if not callable(objective):
        raise TypeError(f"objective={objective!r:.60}: give a function of the hyperparameters, {example}")
    try:
        signature = inspect.signature(objective)
    except (TypeError, ValueError):  # some functions written in C
        return ()
    own = list(signature.parameters.values())
    if any(p.kind is p.VAR_KEYWORD for p in own):
        wanted = [name for name in EXTRAS if name != "budget" or budget]
    else:
        wanted = [p.name for p in own if p.name in EXTRAS and p.kind is not p.POSITIONAL_ONLY]
        wanted = [name for name in wanted if name != "budget" or budget]
    if budget and "budget" not in wanted:
        raise TypeError(
            "the objective takes no budget: write def objective(params, seed, budget): ..., and train for as many "
            "epochs as budget says."
        )
    try:
        signature.bind({}, **dict.fromkeys(wanted))
    except TypeError as error:
        hint = f"It is called with one dict of hyperparameters, {example}"
        others = [p.name for p in own[1:] if p.name not in EXTRAS and p.default is p.empty]
        if "budget" in signature.parameters and not budget:
            hint = "A budget is given by successive_halving; elsewhere it needs a default, budget=None."
        elif "rng" in others:
            hint = "Call the argument seed: a whole number, to be given to everything that has rng=."
        elif own and (own[0].name in space or any(name in space for name in others)):
            hint += f"; params[{next(p.name for p in own if p.name in space)!r}] is in it."
        elif others:
            hint += f"; give the others before: functools.partial(objective, {others[0]}=...)."
        raise TypeError(f"the objective cannot be called: {error}. {hint}") from None
    return tuple(wanted)


def attempt(objective: Any, trial: Trial, extras: tuple[str, ...], score: str | None) -> dict[str, Any]:
    """Call the objective once; what is new in the trial, as plain numbers and texts. This runs in the workers.

    What is no score comes back as an error, too, and the ScoreError under NO_SCORE: only the search knows whether to
    end, as all trials would return the same, or to go on, as others have returned better.
    """
    found: dict[str, Any] = {}
    start = time.perf_counter()
    with _CtrlC() as ctrl_c:
        try:
            returned = objective(dict(trial.params), **{name: getattr(trial, name) for name in extras})
        except Exception as error:
            found["error"] = _said(error)
            found["traceback"] = traceback.format_exc()[-4000:]
    if ctrl_c.asked:  # fit ends early then, as if all were well: but this is not the score that was asked for
        raise KeyboardInterrupt
    found["seconds"] = time.perf_counter() - start
    if "error" not in found:
        try:
            found |= outcome(returned, trial.params, score)
        except ScoreError as error:
            found |= {"error": _said(error), NO_SCORE: error}
        except Exception as error:  # of an object that only looks like a number, or like a dict
            found |= {"error": _said(error), "traceback": traceback.format_exc()[-4000:]}
    return found


def _said(error: Exception) -> str:
    """An exception in one text."""
    try:
        text = str(error)
    except Exception:
        text = "its text cannot be written"
    return f"{type(error).__name__}: {text}".strip(": ")[:500]


def outcome(returned: Any, params: Mapping[str, Any], score: str | None) -> dict[str, Any]:
    """What the objective returned, as a score with metrics and curves.

    >>> outcome({"loss": [0.9, 0.5], "size": 3}, {}, "loss")
    {'metrics': {'loss': 0.5, 'size': 3.0}, 'curves': {'loss': [0.9, 0.5]}, 'score': 0.5}
    >>> outcome(float("nan"), {}, None)["error"]
    'the score is nan'
    """
    if isinstance(returned, History):
        returned = {name: returned[name] for name in returned.columns()}
    if not isinstance(returned, Mapping):
        if returned is None:
            raise ScoreError(
                "the objective returned nothing: end it with 'return accuracy', or whatever is the score."
            )
        if score is not None:
            raise ScoreError(
                f"score={score!r} is a name, and the objective returned {returned!r:.40}: return a dict with it, "
                f"{{{score!r}: ...}}, or leave score out."
            )
        return {"metrics": {}, "curves": {}, **_scored(_one(returned, "the objective"))}
    metrics, curves = {}, {}
    for name, value in returned.items():
        if not isinstance(name, str):
            raise ScoreError(f"the objective returned a dict with the key {name!r:.40}: metrics have names.")
        if name in params or (name in TAKEN and name != "score"):
            what = "a hyperparameter" if name in params else "a column of the results"
            raise ScoreError(
                f"the objective returned {name!r}, which is the name of {what}: give it another."
            )
        if isinstance(value, (list, tuple)) or np.ndim(value) == 1:
            curve = [_one(x, f"{name!r} of the objective") for x in value]
            if not curve:
                continue
            curves[name], value = curve, curve[-1]
        metrics[name] = _one(value, f"{name!r} of the objective")
    if score is None and len(metrics) != 1:
        raise ScoreError(
            f"the objective returned {', '.join(metrics) or 'an empty dict'}: say which is the score, such as "
            f"score={next(iter(metrics), 'val_accuracy')!r}."
        )
    name = next(iter(metrics)) if score is None else score
    if name not in metrics:
        raise ScoreError(
            f"score={name!r}, and the objective returned {', '.join(metrics) or 'no numbers'}: name one of these."
        )
    return {"metrics": metrics, "curves": curves, **_scored(metrics[name])}


def _one(value: Any, what: str) -> float:
    """One number as a float."""
    try:
        shape: Any = np.shape(value)
    except Exception:  # rows of different lengths, or an object with a shape of its own
        shape = None
    if shape is None:
        raise ScoreError(f"{what} returned {value!r:.40}, which has no shape: return one number.")
    if shape != ():
        raise ScoreError(f"{what} returned an array of shape {shape}: return one number, such as its mean.")
    if not isinstance(value, (str, bytes, bool, np.bool_, complex, np.complexfloating)):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    raise ScoreError(f"{what} returned {value!r:.40}, which is {type(value).__name__}: return a number.")


def _scored(score: float) -> dict[str, Any]:
    return {"score": score} if math.isfinite(score) else {"error": f"the score is {score}"}


class _CtrlC(CtrlC):
    """Remembers that Ctrl-C was pressed, even if the objective takes it as a wish to end early, and returns."""

    def _first(self, number: int, frame: Any) -> None:
        self.asked = True
        raise KeyboardInterrupt
