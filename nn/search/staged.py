"""One hyperparameter after the other: the important ones first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.numbers import whole
from .calls import explained
from .narrowing import zoomed
from .result import SearchResult
from .space import TAKEN, Space, checked_space
from .study import Options, Study
from .words import described


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
