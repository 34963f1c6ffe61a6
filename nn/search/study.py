"""A search under way: what all ways of searching share. They differ in which trials they ask for next."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any, NamedTuple

from ..checkpoint.pack import pack
from ..core.keywords import explained as _explained
from ..training.history import cell
from .distributions import LOG, Range
from .errors import SearchError
from .file import SearchFile
from .result import SearchResult, ranked
from .space import Space, as_seed, draw, seed_of, value_text, words
from .trial import NO_SCORE, Trial, extras_of
from .words import described
from .workers import checked_jobs, finished

# What other libraries call the arguments of a search, and what they are here.
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


class Options(NamedTuple):
    """What all ways of searching are given: see random_search."""

    mode: Any
    score: Any
    rng: Any
    n_jobs: Any
    resume: Any
    retry: Any
    progress: Any


class Study:
    """Runs trials, writes each down when it has finished, and knows those that finished before.

    Inside `with study:`, Ctrl-C ends the search; the trials that have finished are its result.
    """

    def __init__(
        self,
        method: str,
        objective: Any,
        space: Space,
        options: Options,
        settings: Mapping[str, Any] | None = None,
        *,
        budget: bool = False,
    ) -> None:
        mode, score, rng, n_jobs, resume, retry, progress = options
        if mode not in ("min", "max"):
            said = "is missing" if mode is None else f"is {mode!r:.40}"
            raise ValueError(
                f'mode {said}: write mode="max" if a high score is good (an accuracy), "min" for a loss.'
            )
        if score is not None and not isinstance(score, str):
            raise TypeError(f"score={score!r:.40}: it is the name of a number that the objective returns.")
        self.objective, self.space, self.mode, self.score = objective, space, mode, score
        self.extras = extras_of(objective, space, budget)
        self.n_jobs, self.progress = checked_jobs(n_jobs), progress
        self.trials: list[Trial] = []
        self.spaces: list[Space] = []  # of each round, where they differ
        self.interrupted = False
        self.file: SearchFile | None = None
        if resume is None:
            self.seed = as_seed(rng)
        else:
            with ExitStack() as failed:
                self.file = SearchFile(resume)
                failed.callback(self.file.close)
                known = self.file.about
                self.seed = known["seed"] if rng is None and known and "seed" in known else as_seed(rng)
                self.about = {
                    "method": method,
                    "objective": described(objective),
                    "mode": mode,
                    "score": score,
                    "seed": self.seed,
                    "space": words(space),
                    "settings": json.loads(json.dumps(pack(dict(settings or {}), {}))),
                }
                if known is not None:
                    self.file.compare(self.about)
                failed.pop_all()
        self.retry, self.begun = retry, False

    def __enter__(self) -> Study:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        if self.file is not None:
            self.file.close()
        self.interrupted = kind is not None and issubclass(kind, KeyboardInterrupt)
        return self.interrupted and any(trial.error is None for trial in self.trials)

    def trial(self, number: int, params: dict[str, Any] | None = None, **more: Any) -> Trial:
        """A trial to come; its hyperparameters are drawn from the space, unless given."""
        params = draw(self.space, self.seed, number) if params is None else params
        return Trial(number, params, seed_of(self.seed, number), **more)

    def drawn(self, space: Space, number: int, fixed: Mapping[str, Any] | None = None, **more: Any) -> Trial:
        """A trial to come, from a space of its own, and from what is fixed."""
        params = {**(fixed or {}), **draw(space, self.seed, number)}
        names = [
            *(name for name in self.space if name in params),
            *(name for name in params if name not in self.space),
        ]
        return self.trial(number, {name: params[name] for name in names}, **more)

    def run(self, wanted: Sequence[Trial], total: int) -> list[Trial]:
        """Run those that the file does not have; all of them, in the order in which they are wanted."""
        before = [] if self.file is None else [self.file.restored(trial) for trial in wanted]
        taken = [trial for trial in before if trial is not None and not (self.retry and trial.error)]
        self.trials += taken
        if taken and self.file is not None:
            self._print(f"{len(taken)} trial{'s' * (len(taken) > 1)} taken from {self.file.path}")
        done = {trial.key for trial in self.trials}
        missing = [trial for trial in wanted if trial.key not in done]
        if missing and self.file is not None and not self.begun:
            self.file.begin(self.about)
            self.begun = True
        with closing(finished(self.objective, missing, self.extras, self.score, self.n_jobs)) as results:
            for trial, found in results:
                no_score = found.pop(NO_SCORE, None)
                if no_score is not None and all(done.error is not None for done in self.trials):
                    raise no_score
                self._add(replace(trial, **found), total)
        if all(trial.error is not None for trial in self.trials):
            self._all_failed()
        by_key = {trial.key: trial for trial in self.trials}
        return [by_key[trial.key] for trial in wanted]

    def _add(self, trial: Trial, total: int) -> None:
        if self.file is not None:
            self.file.add(trial)
        self.trials.append(trial)
        self._say(trial, total)

    def _all_failed(self) -> None:
        first = min(self.trials, key=lambda trial: trial.key)
        where = [line.strip() for line in (first.traceback or "").splitlines() if line.startswith("  File ")]
        raise SearchError(
            f"all {len(self.trials)} trials failed, the first with {first.error}"
            + (f" ({where[-1]})" if where else "")
            + "."
            + self._whole_numbers(first)
            + (
                " Mend the objective or the space."
                if self.file is None
                else " Mend the objective, and write retry=True to run them again; for another space, or other "
                f"settings, give another file, or remove {self.file.path}."
            )
        )

    def _whole_numbers(self, failed: Trial) -> str:
        """What to write for a hyperparameter that has to be a whole number, if the failed trial says so."""
        error = failed.error or ""
        for name, part in self.space.items():
            shown = f"{failed.params.get(name)!r:.6}"
            if isinstance(part, Range) and (
                "integer" in error or ("whole number" in error and shown in error)
            ):
                low, high = math.ceil(part.low), math.floor(part.high)
                log = ", log=True" * (part.scale == LOG)
                if low < high:
                    return f" Whole numbers of {name} are nn.search.integers({low}, {high}{log})."
        return ""

    def ranked(self, trials: Sequence[Trial] | None = None) -> list[Trial]:
        """Those that did not fail, the best first; of equal ones that of the lower number."""
        return ranked(self.trials if trials is None else trials, self.mode)

    def result(self) -> SearchResult:
        """What has been found."""
        return SearchResult(
            self.trials, self.space, self.spaces or [self.space], self.mode, self.score, self.interrupted
        )

    def _say(self, trial: Trial, total: int) -> None:
        best = self.ranked()[:1]
        text = f"{len(self.trials)} of {total} done: trial {trial.number}, "
        text += ", ".join(
            f"{name}={value_text(self.space, name, value)}" for name, value in trial.params.items()
        )
        name = self.score or "score"
        text += f"  {trial.error}" if trial.score is None else f"  {name} {cell(name, trial.score)}"
        text += f"  (best {cell(name, best[0].score or 0.0)})" if best else ""
        self._print(text)

    def _print(self, text: str) -> None:
        if self.progress or (self.progress is None and sys.stderr.isatty()):
            print(text, file=sys.stderr, flush=True)
