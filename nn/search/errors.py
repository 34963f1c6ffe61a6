"""What a search raises."""

from __future__ import annotations

from autograd.errors import AutogradError


class SearchError(AutogradError, ValueError):
    """A search that cannot go on: its file is of another search or damaged, or every trial failed."""


class ScoreError(AutogradError, TypeError):
    """The objective returned what is no score, and no trial has returned one: every other would return the same.

    Once a trial has a score, what is none is that of a failed trial.
    """
