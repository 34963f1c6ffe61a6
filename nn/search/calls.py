"""Calls of a search with a keyword of another library's are answered with the one it has here."""

from __future__ import annotations

from ..core.keywords import explained as _explained

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


explained = _explained(KEYWORDS, "random_search(objective, space, trials=20, mode='max')")
