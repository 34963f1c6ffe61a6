"""What can go wrong with files of data and on their way here."""

from __future__ import annotations

from autograd.errors import AutogradError


class FormatError(AutogradError, ValueError):
    """A file that is not what it should be: cut off, damaged, or of another kind."""


class DownloadError(AutogradError, OSError):
    """A file that could not be had: no connection, a wrong checksum, no room. Nothing half-done is taken for whole."""
