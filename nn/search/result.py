"""SearchResult: what a search found, as trials, as a table, and as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..training.history import cell
from .errors import SearchError
from .space import Space, value_text
from .trial import Trial

LONGEST = 48  # letters of an error in the table


def ranked(trials: Sequence[Trial], mode: str) -> list[Trial]:
    """Those that did not fail, the best first; of equal ones the earlier."""
    sign = -1 if mode == "max" else 1
    return sorted((t for t in trials if t.score is not None), key=lambda t: (sign * (t.score or 0.0), t.key))


class SearchResult:
    """What a search found.

    trials: all of them, by round and number; best: the one with the best score (with budgets: of those with the
    largest); space: of the search; spaces: of each round. interrupted tells whether Ctrl-C ended the search.

    >>> from nn.search import grid_search
    >>> result = grid_search(lambda p: 1 / p["x"], {"x": [0, 1, 2]}, mode="min")
    >>> print(result.table())
    trial   x    score
        3   2   0.5000
        2   1   1.0000
        1   0        -   ZeroDivisionError: division by zero
    >>> result.rows()[1]["score"], len(result), result.best.number
    (1.0, 3, 3)
    """

    def __init__(
        self,
        trials: Sequence[Trial],
        space: Space,
        spaces: Sequence[Space],
        mode: str,
        score: str | None,
        interrupted: bool,
    ) -> None:
        self.trials = sorted(trials, key=lambda trial: trial.key)
        self.space, self.spaces = space, list(spaces)
        self.mode, self.score, self.interrupted = mode, score, interrupted

    @property
    def names(self) -> list[str]:
        """The hyperparameters, those that were searched first."""
        return list(dict.fromkeys([*self.space, *(name for trial in self.trials for name in trial.params)]))

    @property
    def score_name(self) -> str:
        """What the score is called."""
        return self.score or next((name for t in self.trials for name in t.metrics), "score")

    @property
    def failed(self) -> list[Trial]:
        """The trials that have an error in place of a score."""
        return [trial for trial in self.trials if trial.error is not None]

    def ranked(self) -> list[Trial]:
        """The trials that did not fail, the best first; with budgets, the largest budget before the others."""
        by_score = ranked(self.trials, self.mode)
        return (
            sorted(by_score, key=lambda t: -t.budget)
            if any(t.budget is not None for t in by_score)
            else by_score
        )

    @property
    def best(self) -> Trial:
        """The best trial."""
        order = self.ranked()
        if not order:
            raise SearchError("there is no best trial: none has come to its end without an error.")
        return order[0]

    def __len__(self) -> int:
        return len(self.trials)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self.trials)

    def rows(self) -> list[dict[str, Any]]:
        """One dict for each trial, as for pandas.DataFrame(result.rows())."""
        rows = []
        for t in self.trials:
            row: dict[str, Any] = {"trial": t.number, "round": t.round, "budget": t.budget, "seed": t.seed}
            row |= {name: t.params.get(name) for name in self.names}
            rows.append(row | t.metrics | {"score": t.score, "seconds": t.seconds, "error": t.error})
        return rows

    def table(self, top: int | None = None) -> str:
        """The trials as text, the best first and those that failed last; `top` of them, if given."""
        name = self.score_name
        rounds = len({trial.round for trial in self.trials}) > 1
        budgets = any(trial.budget is not None for trial in self.trials)
        searched = [n for n in self.names if n in self.space]
        head = ["trial", *["round"] * rounds, *["budget"] * budgets, *searched, name]
        lines, errors = [head], [""]
        for trial in [*self.ranked(), *self.failed][:top]:
            cells = [str(trial.number), *[str(trial.round)] * rounds]
            cells += [value_text({}, "", trial.budget)] * budgets
            cells += [
                value_text(self.space, n, trial.params[n]) if n in trial.params else "-" for n in searched
            ]
            lines.append([*cells, "-" if trial.score is None else cell(name, trial.score)])
            error = (trial.error or "").split("\n")[0]
            errors.append(
                "   " * bool(error) + (error if len(error) <= LONGEST else f"{error[: LONGEST - 3]}...")
            )
        widths = [max(len(line[i]) for line in lines) + 3 * (i > 0) for i in range(len(head))]
        return "\n".join(
            "".join(text.rjust(width) for text, width in zip(line, widths)) + error
            for line, error in zip(lines, errors)
        )

    def __repr__(self) -> str:
        failed, order = self.failed, self.ranked()
        text = f"SearchResult({len(self)} trial{'s' * (len(self) != 1)}"
        text += f", {len(failed)} failed" * bool(failed) + ", interrupted" * self.interrupted
        if order:
            params = ", ".join(f"{n}={value_text(self.space, n, v)}" for n, v in order[0].params.items())
            text += f", best {self.score_name} {cell(self.score_name, order[0].score or 0.0)} with {params}"
        return text + ")"

    def plot(self, path: Any = None) -> Any:
        """The score over each hyperparameter, on its own scale: a Matplotlib figure, saved if a path is given.

        The best trial is a star; those that failed are crosses at the bottom. With rounds, later ones are darker.
        """
        from .plots import plot_scores

        return plot_scores(self, path)

    def plot_parallel(self, path: Any = None) -> Any:
        """Each trial as a line through all its hyperparameters to its score: which combinations were good?"""
        from .plots import plot_parallel

        return plot_parallel(self, path)

    def plot_curves(self, path: Any = None, curve: str | None = None) -> Any:
        """The curves of the trials, such as the cost over the epochs; the best trial's in colour.

        curve: its name; that of the first loss there is, if not given.
        """
        from .plots import plot_curves

        return plot_curves(self, path, curve)
