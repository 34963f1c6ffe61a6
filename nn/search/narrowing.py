"""Searches that narrow the space to where the best trials were: from coarse to fine, and in stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.numbers import whole
from .result import SearchResult
from .space import TAKEN, Space, checked_space
from .study import Options, Study, explained
from .trial import Trial
from .words import described


@explained
def coarse_to_fine(
    objective: Any,
    space: Any,
    *,
    trials: int = 20,
    rounds: int = 3,
    best: int | None = None,
    mode: str | None = None,
    score: str | None = None,
    rng: Any = None,
    n_jobs: int | None = None,
    resume: Any = None,
    retry: bool = False,
    progress: bool | None = None,
) -> SearchResult:
    """Search at random in `rounds` rounds of `trials` each: every next one only where the best of all before were.

    best: how many of them; a quarter of `trials`, but at least 3, if not given. The next range of a hyperparameter is
    that of their values, and on both sides up to the next value that was tried: what is best between two of them stays
    inside. It gets narrow where they agree, and stays wide where it does not matter. Of a list of values those stay
    that they have. The other arguments are random_search's. result.spaces has the space of each round.

    >>> from nn.search import log_uniform
    >>> space = {"lr": log_uniform(1e-4, 1)}
    >>> result = coarse_to_fine(lambda p: abs(p["lr"] - 0.02), space, trials=12, mode="min", rng=0)
    >>> 0.017 < result.best.params["lr"] < 0.023
    True
    """
    trials = whole("trials", trials, 2, "a round has at least two trials")
    rounds = whole("rounds", rounds, 1, "a search has at least one round")
    if best is None:
        best = min(trials, max(3, trials // 4))
    best = whole("best", best, 2, "a range has two ends")
    if best > trials:
        raise ValueError(f"best={best} of trials={trials}: the first round has no more.")
    space = checked_space(space)
    settings = {"trials": trials, "best": best}
    options = Options(mode, score, rng, n_jobs, resume, retry, progress)
    study = Study("coarse_to_fine", objective, space, options, settings)
    with study:
        for i in range(rounds):
            if i:
                space = zoomed(study.space, study.ranked(), best)
            study.spaces.append(space)
            numbers = range(i * trials + 1, (i + 1) * trials + 1)
            study.run([study.drawn(space, number, round=i + 1) for number in numbers], rounds * trials)
    return study.result()


@explained
def staged_search(
    objective: Any,
    stages: Any,
    *,
    start: Mapping[str, Any],
    trials: Any = 10,
    retune: bool = True,
    mode: str | None = None,
    score: str | None = None,
    rng: Any = None,
    n_jobs: int | None = None,
    resume: Any = None,
    retry: bool = False,
    progress: bool | None = None,
) -> SearchResult:
    """Search at random for some hyperparameters after the others: the important ones first.

    stages: a space for each. What comes in a later stage has its value of `start` before. What an earlier stage has
    searched is searched on, where the best quarter of its trials were (see coarse_to_fine): a deeper network wants
    another learning rate. With retune=False it is fixed, at the value of the best trial so far.
    trials: of each stage, one number or a list. The other arguments are random_search's.

    The course's order: the learning rate; then momentum, hidden units and batch size; then layers and decay.

    >>> from nn.search import log_uniform
    >>> stages = [{"lr": log_uniform(1e-4, 1)}, {"hidden": [8, 16, 32]}]
    >>> result = staged_search(
    ...     lambda p: abs(p["lr"] - 0.02) + 1 / p["hidden"], stages, start={"hidden": 8}, mode="min", rng=0
    ... )
    >>> result.best.params["hidden"], {t.params["hidden"] for t in result.trials[:10]}
    (32, {8})
    """
    if not isinstance(start, Mapping):
        raise TypeError(f"start is {type(start).__name__}: give a dict of values, such as {{'hidden': 64}}.")
    if isinstance(stages, Mapping) or not isinstance(stages, Sequence) or not stages:
        raise TypeError(
            "stages: give a list of spaces, such as [{'lr': ...}, {'hidden': ..., 'batch_size': ...}]."
        )
    spaces = [checked_space(stage, f"stages[{i}]") for i, stage in enumerate(stages)]
    names = [name for stage in spaces for name in stage]
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise ValueError(
            f"stages: {twice!r} is in two of them. Name it in the first only: it is searched on in the later ones, "
            "where its best trials were; with retune=False it stays at its best value."
        )
    taken = next((name for name in start if name in TAKEN), None)
    if taken is not None:
        raise ValueError(
            f"start: {taken!r} is a column of the results; call the hyperparameter by another name."
        )
    counts = list(trials) if isinstance(trials, (list, tuple)) else [trials] * len(spaces)
    counts = [whole("trials", count, 1, "a stage has at least one trial") for count in counts]
    if len(counts) != len(spaces):
        raise ValueError(f"trials={counts} for {len(spaces)} stages: give one number, or one for each.")
    later = [name for stage in spaces[1:] for name in stage if name not in (*spaces[0], *start)]
    if later:
        raise ValueError(
            f"start has no {later[0]!r}: the first stage needs a value of what later ones search."
        )
    space: Space = {name: part for stage in spaces for name, part in stage.items()}
    settings = {
        "stages": [list(stage) for stage in spaces],
        "trials": counts,
        "start": {name: described(value) for name, value in start.items()},
        "retune": bool(retune),
    }
    options = Options(mode, score, rng, n_jobs, resume, retry, progress)
    study = Study("staged_search", objective, space, options, settings)
    number, fixed = 0, dict(start)
    with study:
        for i, (stage, count) in enumerate(zip(spaces, counts)):
            now = {**_searched_on(study, spaces[:i]), **stage} if retune else stage
            study.spaces.append(now)
            numbers = range(number + 1, number + count + 1)
            study.run([study.drawn(now, k, fixed, round=i + 1) for k in numbers], sum(counts))
            fixed, number = study.ranked()[0].params, number + count
    return study.result()


def zoomed(space: Space, ranked: Sequence[Trial], best: int) -> Space:
    """The part of a space where the best trials are, of all by their rank."""
    values = {name: [trial.params[name] for trial in ranked] for name in space}
    return {name: space[name].around(values[name][:best], values[name][best:]) for name in space}


def _searched_on(study: Study, before: Sequence[Space]) -> Space:
    """What earlier stages have searched, where the best quarter of the trials that did so were."""
    since: dict[str, int] = {}
    for i, stage in enumerate(before, 1):
        for name in stage:
            since.setdefault(name, i)
    now: Space = {}
    for name, first in since.items():
        tried = study.ranked([trial for trial in study.trials if trial.round >= first])
        if tried:
            now |= zoomed({name: study.space[name]}, tried, max(3, len(tried) // 4))
    return now
