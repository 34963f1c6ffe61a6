"""What a search raises."""

from __future__ import annotations

from autograd.errors import AutogradError


class SearchError(AutogradError, ValueError):
    """A search that cannot go on: its file is of another search or damaged, or every trial failed."""


class ScoreError(AutogradError, TypeError):
    """The objective returned what is no score. Not a failed trial: every trial would return the same."""
