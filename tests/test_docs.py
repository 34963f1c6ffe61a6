"""docs/operations.md lists what there is. Only names are compared: NumPy's part differs between its versions."""

from __future__ import annotations

import re
from pathlib import Path

import autograd
from autograd import functions
from autograd.primitive import Primitive

PAGE = Path(__file__).resolve().parents[1] / "docs" / "operations.md"


def test_every_function_is_on_the_page_and_every_entry_exists() -> None:
    listed = set(re.findall(r"^\| `(\w+)\(", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    there = {name for name, x in vars(functions).items() if not name.startswith("_") and callable(x)}
    assert there - listed == set(), "run python tools/list_operations.py"
    assert listed - there == set(), "run python tools/list_operations.py"


def test_every_public_function_has_words_of_its_own() -> None:
    silent = []
    for name in autograd.__all__:
        x = getattr(autograd, name)
        if callable(x) and (not x.__doc__ or (isinstance(x, Primitive) and x.__doc__.startswith("The op "))):
            silent.append(name)
    assert silent == []
