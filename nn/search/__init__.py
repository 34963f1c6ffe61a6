"""Search for hyperparameters: distributions on the right scale, and ways to try them, which all work alike.

    space = {
        "lr": nn.search.log_uniform(1e-4, 1),
        "hidden": nn.search.integers(8, 256, log=True),  # whole numbers
        "activation": ["relu", "tanh"],
    }

    def objective(params, seed):
        model = nn.MLP([64, params["hidden"], 10], rng=seed)
        ...
        return accuracy_on_the_dev_set

    result = nn.search.random_search(objective, space, trials=20, mode="max", rng=0, n_jobs=2, resume="search.jsonl")
    print(result.table())

The hyperparameters and the seed of a trial depend on the seed of the search and the trial's number alone: the result
is the same however many run at a time, on this machine or on a cluster, in one go or after an interruption.
"""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from ..core.absent import explain as _explain
from .distributions import Distribution, choice, integers, log_uniform, one_minus_log_uniform, uniform
from .draws import plot_draws
from .errors import ScoreError, SearchError
from .methods import grid_search, random_search, successive_halving
from .mlp import MLPObjective, mlp_search, train_mlp
from .narrowing import coarse_to_fine, staged_search
from .result import SearchResult
from .trial import Trial

__all__ = [
    "Distribution",
    "MLPObjective",
    "ScoreError",
    "SearchError",
    "SearchResult",
    "Trial",
    "choice",
    "coarse_to_fine",
    "grid_search",
    "integers",
    "log_uniform",
    "mlp_search",
    "one_minus_log_uniform",
    "plot_draws",
    "random_search",
    "staged_search",
    "successive_halving",
    "train_mlp",
    "uniform",
]


if not _TYPE_CHECKING:  # a type checker would take every name for one that exists

    def __getattr__(name: str) -> object:
        raise _explain("nn.search", name, __all__)
