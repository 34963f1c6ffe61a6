"""Searches that spend their trials where it pays: from coarse to fine, and by successive halving."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..core.numbers import whole
from .calls import explained
from .result import SearchResult
from .space import Space, checked_space
from .study import Options, Study
from .trial import Trial
from .words import number as checked_number


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


def zoomed(space: Space, ranked: Sequence[Trial], best: int) -> Space:
    """The part of a space where the best trials are, of all by their rank."""
    values = {name: [trial.params[name] for trial in ranked] for name in space}
    return {name: space[name].around(values[name][:best], values[name][best:]) for name in space}


def budgets_of(least: Any, most: Any, eta: Any) -> list[Any]:
    """The budget of each round: the last is `most`, each is eta times the one before, none is below `least`.

    >>> budgets_of(1, 27, 3), budgets_of(2, 50, 3)
    ([1, 3, 9, 27], [6, 17, 50])
    """
    low = checked_number("successive_halving", "min_budget", least)
    high = checked_number("successive_halving", "max_budget", most)
    eta = checked_number("successive_halving", "eta", eta)
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
