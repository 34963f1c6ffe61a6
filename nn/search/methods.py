"""The two plain ways to search: at random, and over a grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.numbers import whole
from .calls import explained
from .result import SearchResult
from .space import checked_space, grid
from .study import Options, Study


@explained
def random_search(
    objective: Any,
    space: Any,
    *,
    trials: int = 20,
    mode: str | None = None,
    score: str | None = None,
    rng: Any = None,
    n_jobs: int | None = None,
    resume: Any = None,
    retry: bool = False,
    progress: bool | None = None,
) -> SearchResult:
    """Try `trials` points drawn at random: the usual way, and better than a grid when few hyperparameters matter.

    objective: a function of a dict of hyperparameters that returns the score. If it names them, it is given `seed`, a
    whole number of this trial's own for everything that has rng=, and `number`. It returns a number; or a dict of
    numbers, or of lists of one number an epoch, of which `score` names the one that counts; or the history of fit.
    space: a distribution, or a list of values, for each hyperparameter.
    mode: "max" if a high score is good, "min" if a low one is.
    n_jobs: how many trials at a time, in processes of joblib's (-1: one for each core). The result is the same. In
    `with joblib.parallel_config("dask"):`, leave it out, and the trials run on that cluster; an objective that holds
    large data is sent there once, and not with every trial, by parallel_config("dask", scatter=[objective]).
    resume: a file, in which each trial is written when it has finished. A search that was broken off, in whatever way,
    goes on from there when it is started again. retry: run those again that failed.
    progress: whether to print a line for each trial; None does so on a terminal.

    A trial whose objective raises, or returns nan or inf, has failed: it is in the result with its error, and the
    others go on. If all fail, that is a SearchError. Ctrl-C ends the search; those that have finished are the result.

    >>> from nn.search import log_uniform
    >>> result = random_search(lambda p: -abs(p["lr"] - 0.01), {"lr": log_uniform(1e-4, 1)}, mode="max", rng=0)
    >>> 0.003 < result.best.params["lr"] < 0.03
    True
    """
    trials = whole("trials", trials, 1, "a search has at least one trial")
    options = Options(mode, score, rng, n_jobs, resume, retry, progress)
    study = Study("random_search", objective, checked_space(space), options)
    with study:
        study.run([study.trial(number) for number in range(1, trials + 1)], trials)
    return study.result()


@explained
def grid_search(
    objective: Any,
    space: Any,
    *,
    n: Any = None,
    mode: str | None = None,
    score: str | None = None,
    rng: Any = None,
    n_jobs: int | None = None,
    resume: Any = None,
    retry: bool = False,
    progress: bool | None = None,
) -> SearchResult:
    """Try all combinations of some values of each hyperparameter.

    n: how many values of each, evenly on its own scale: one number for all, or a dict of numbers by name. A list of
    values, or whole numbers without n, are taken all. The other arguments are random_search's.

    >>> from nn.search import log_uniform
    >>> space = {"lr": log_uniform(1e-4, 1), "layers": [1, 2]}
    >>> result = grid_search(lambda p: abs(p["lr"] - 0.01) + p["layers"], space, n=5, mode="min")
    >>> result.best.params, len(result)
    ({'lr': 0.01, 'layers': 1}, 10)
    """
    space = checked_space(space)
    points = grid(space, n)
    settings = {"n": dict(n) if isinstance(n, Mapping) else n}
    options = Options(mode, score, rng, n_jobs, resume, retry, progress)
    study = Study("grid_search", objective, space, options, settings)
    with study:
        study.run([study.trial(i, params) for i, params in enumerate(points, 1)], len(points))
    return study.result()
