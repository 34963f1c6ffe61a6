"""Calls of a search with a keyword of another library's are answered with the one it has here."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

KEYWORDS = {
    **dict.fromkeys(("n_iter", "n_trials", "max_trials", "num_samples", "n_candidates"), "trials=20"),
    **dict.fromkeys(("random_state", "seed", "sampler", "generator"), "rng=0"),
    **dict.fromkeys(
        ("direction", "maximize", "maximise", "minimize", "minimise"), 'mode="max" or mode="min"'
    ),
    **dict.fromkeys(("metric", "scoring", "monitor"), 'score="val_accuracy"'),
    **dict.fromkeys(("storage", "checkpoint", "directory", "path", "file"), 'resume="runs/search.jsonl"'),
    **dict.fromkeys(("verbose", "show_progress_bar"), "progress=True or progress=False"),
    **dict.fromkeys(("workers", "jobs", "processes"), "n_jobs=2"),
    **dict.fromkeys(("param_grid", "param_distributions", "hyperparameters"), "the space as second argument"),
    **dict.fromkeys(("factor", "reduction_factor"), "eta=3"),
    **dict.fromkeys(("max_resource", "max_resources", "max_epochs"), "max_budget=27"),
    **dict.fromkeys(("min_resource", "min_resources"), "min_budget=1"),
}


def explained(function: F) -> F:
    """`function`, whose unknown keywords are answered with what to write.

    >>> from nn.search import random_search
    >>> random_search(len, {}, n_iter=10)
    Traceback (most recent call last):
    TypeError: random_search: got an unexpected keyword argument 'n_iter'. In place of n_iter=, write trials=20.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{function.__name__}: {error}{_hint(signature, kwargs)}") from None
        return function(*args, **kwargs)

    return call  # type: ignore[return-value]


def _hint(signature: inspect.Signature, kwargs: dict[str, Any]) -> str:
    for name in kwargs:
        if name in signature.parameters:
            continue
        instead = KEYWORDS.get(name)
        if instead and ("=" not in instead or instead.split("=")[0] in signature.parameters):
            return f". In place of {name}=, write {instead}."
        near = difflib.get_close_matches(name, signature.parameters, n=1)
        return f". Did you mean {near[0]}=?" if near else ""
    return ". As in random_search(objective, space, trials=20, mode='max')."
