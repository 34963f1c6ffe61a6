"""A table of misuses: programs that a user could write by mistake, each with what must happen.

Either it gives the right value all the same, or it is refused with an error, or a warning says what is lost. A program
that gives a wrong gradient and says nothing is a bug of the engine.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

NOTHING = object()


@dataclass
class Misuse:
    """A program and what is expected of it."""

    name: str
    program: Callable[[], Any]
    gives: Any = NOTHING
    raises: Any = None
    warns: Any = None
    says: str = ""

    def check(self) -> None:
        """Run the program, and compare."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if self.raises is not None:
                with pytest.raises(self.raises, match=self.says):
                    self.program()
                return
            found = self.program()
        if self.warns is None:
            assert not caught, [str(w.message) for w in caught]
        else:
            assert caught, "no warning"
            for w in caught:
                assert issubclass(w.category, self.warns), w.message
                assert re.search(self.says, str(w.message)), w.message
                if issubclass(w.category, UserWarning):  # one of ours points at the user's line
                    assert w.filename == self.program.__code__.co_filename, w.filename
        if self.gives is not NOTHING:
            same(found, self.gives)


def same(found: Any, expected: Any) -> None:
    """The same numbers, in the same structure and of the same dtype."""
    if isinstance(expected, (tuple, list)):
        assert type(found) is type(expected), found
        assert len(found) == len(expected)
        for a, b in zip(found, expected):
            same(a, b)
    elif isinstance(expected, np.ndarray):
        assert type(found) is np.ndarray, type(found)
        assert found.dtype == expected.dtype, found.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    elif isinstance(expected, float):
        assert float(found) == pytest.approx(expected, rel=1e-12, nan_ok=True)
    else:
        assert found == expected


class Table:
    """Collects misuses: as a decorator of a program, or with `add` for one of a single line."""

    def __init__(self) -> None:
        self.cases: list[Misuse] = []

    def __call__(self, **expected: Any) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
        def put(program: Callable[[], Any]) -> Callable[[], Any]:
            self.add(program.__name__, program, **expected)
            return program

        return put

    def add(self, name: str, program: Callable[[], Any], **expected: Any) -> None:
        assert expected, name
        assert name not in {case.name for case in self.cases}, f"{name} twice"
        self.cases.append(Misuse(name, program, **expected))

    def parametrize(self) -> Any:
        """For the test function: one test for each case, under its name."""
        return pytest.mark.parametrize("case", self.cases, ids=[case.name for case in self.cases])
