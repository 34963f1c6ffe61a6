"""Searches of the whole space: at random, over a grid, and by successive halving."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..core.numbers import number, whole
from .result import SearchResult
from .space import checked_space, grid
from .study import Options, Study, explained


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
    goes on from there when it is started again. It is the file of one space and one objective, which is known by its
    name, the arguments of a functools.partial and what an object holds; not by its code, nor by what a closure refers
    to. retry: run those again that failed.
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


@explained
def successive_halving(
    objective: Any,
    space: Any,
    *,
    max_budget: Any,
    min_budget: Any = 1,
    eta: float = 3,
    trials: int | None = None,
    mode: str | None = None,
    score: str | None = None,
    rng: Any = None,
    n_jobs: int | None = None,
    resume: Any = None,
    retry: bool = False,
    progress: bool | None = None,
) -> SearchResult:
    """Begin with many trials on a small budget; the best 1 / eta of each round go on with eta times as much.

    The objective takes `budget`, besides the hyperparameters, and trains for as many epochs, or on as many rows, or
    whatever the budget is of. Its seed is the same in all rounds. It is trained anew with each budget, unless
    the objective keeps a checkpoint: fit(..., epochs=budget, checkpoint=f"runs/{number}", resume=True), where `number`
    is the trial's, goes on where the smaller budget ended. (A schedule must not depend on the budget then.)

    min_budget, max_budget: of the first and the last round; whole numbers stay such. eta: 3 or 4 are usual. trials: in
    the first round; as many as leave one for the last if not given. The other arguments are random_search's.
    The best trial is the best of the last round, as scores of other budgets do not compare.
    (K. Jamieson and A. Talwalkar, Non-stochastic best arm identification and hyperparameter optimization, 2016.)

    >>> from nn.search import log_uniform
    >>> def objective(params, budget):
    ...     return abs(params["lr"] - 0.02) + 1 / budget
    >>> result = successive_halving(objective, {"lr": log_uniform(1e-4, 1)}, max_budget=27, mode="min", rng=0)
    >>> [sum(t.budget == budget for t in result.trials) for budget in (1, 3, 9, 27)]
    [27, 9, 3, 1]
    """
    budgets = budgets_of(min_budget, max_budget, eta)
    if trials is None:
        trials = math.ceil(eta ** (len(budgets) - 1))
    trials = whole("trials", trials, 1, "a search has at least one trial")
    settings = {"trials": trials, "budgets": budgets, "eta": eta}
    options = Options(mode, score, rng, n_jobs, resume, retry, progress)
    study = Study("successive_halving", objective, checked_space(space), options, settings, budget=True)
    counts = [max(1, int(trials / eta**i)) for i in range(len(budgets))]
    with study:
        chosen = list(range(1, trials + 1))
        for i, (budget, count) in enumerate(zip(budgets, counts)):
            round_ = [study.trial(number, round=i + 1, budget=budget) for number in chosen[:count]]
            done = study.ranked(study.run(round_, sum(counts)))
            chosen = [trial.number for trial in done]
            if not done:
                break
    return study.result()


def budgets_of(least: Any, most: Any, eta: Any) -> list[Any]:
    """The budget of each round: the last is `most`, each is eta times the one before, none is below `least`.

    >>> budgets_of(1, 27, 3), budgets_of(2, 50, 3)
    ([1, 3, 9, 27], [6, 17, 50])
    """
    low = number("min_budget", least)
    high = number("max_budget", most)
    eta = number("eta", eta)
    if not 0 < low <= high:
        raise ValueError(
            f"min_budget={least}, max_budget={most}: both are above 0, and the first is not the larger."
        )
    if eta <= 1:
        raise ValueError(f"eta={eta:g}: 1 / eta of the trials go on, so it is above 1, such as 3.")
    rounds = 1
    while high / eta**rounds >= low * (1 - 1e-12):
        rounds += 1
    budgets = [high / eta ** (rounds - 1 - i) for i in range(rounds)]
    if high == int(high) and low == int(low) and not isinstance(least, float) and not isinstance(most, float):
        return list(dict.fromkeys(math.ceil(budget - 1e-9) for budget in budgets))  # 2, 3, not 2, 2, 3
    return budgets
