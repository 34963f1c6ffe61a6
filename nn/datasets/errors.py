"""What can go wrong with files of data and on their way here."""

from __future__ import annotations

from typing import Any

from autograd.errors import AutogradError


class FormatError(AutogradError, ValueError):
    """A file that is not what it should be: cut off, damaged, or of another kind."""


class DownloadError(AutogradError, OSError):
    """A file that could not be had: no connection, a wrong checksum, no room. Nothing half-done is taken for whole."""


def short(thing: Any) -> str:
    """What a file holds, in a message: a number or the beginning of a word, and of anything else the kind.

    The repr of a whole list can be endless: a list can hold the same list many times, and that another.

    >>> short("x" * 100), short(-3), short([1, 2]), short(10**100)
    ("'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'...", '-3', 'a list', 'an int of 333 bits')
    """
    if isinstance(thing, (str, bytes)):
        return repr(thing[:40]) + "..." * (len(thing) > 40)
    if isinstance(thing, int) and thing.bit_length() > 64:
        return f"an int of {thing.bit_length()} bits"
    if thing is None or isinstance(thing, (int, float)):
        return repr(thing)
    name = type(thing).__name__
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"
