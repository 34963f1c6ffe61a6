"""Write docs/operations.md: every function of autograd that computes, from what the code says of it.

python tools/list_operations.py            # writes the page
python tools/list_operations.py --check    # exit status 1 if the page is not what the code says
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "operations.md"
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import numpy as np  # noqa: E402
from pages import said, written  # noqa: E402

import autograd  # noqa: E402
from autograd.primitive import Primitive, numpy_functions  # noqa: E402

HEAD = """# Operations

Made from the code by `python tools/list_operations.py`. Every function here works on plain numbers and arrays, and
records when an input is a node; what is marked *plain* answers a question and leaves the graph. *V* marks functions
that work on a `Value` too, *M* those that are also methods of `Tensor`. The last column is NumPy's own function that
does the same on a tensor. `help(autograd.<name>)` says more.
"""
# Families in the order in which they are looked for; the others follow by name.
FIRST = (
    "elementwise choices rounding special activations rectifiers reduce product statistics cumulative differences "
    "interpolate order search shape axes join split repeat pad diagonal select index take linalg contraction "
    "expansion einsum matrix norm determinant decompose spectral linear softmax losses classify conv pool normalise "
    "lookup attention windows neuron"
).split()
PLAIN = {"search"}  # families whose results are plain arrays


def page() -> str:
    """The whole page as text."""
    families = re.findall(
        r"^from \.ops\.(\w+) import \*",
        (ROOT / "autograd" / "functions.py").read_text(encoding="utf-8"),
        re.M,
    )
    families.sort(key=lambda family: FIRST.index(family) if family in FIRST else len(FIRST))
    theirs = _numpy_names()
    parts, total = [HEAD], 0
    for family in families:
        module = importlib.import_module(f"autograd.ops.{family}")
        names = sorted(module.__all__)
        total += len(names)
        first = (module.__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")
        title = re.split(r"\.(?: |$)", first)[0]
        parts.append(f"\n## {title}\n\n| function | | meaning | NumPy |\n|---|---|---|---|\n")
        for name in names:
            function = getattr(autograd, name, None) or getattr(module, name)
            parts.append(_row(name, function, theirs, family in PLAIN))
    parts.append(f"\n{total} functions.\n")
    return "".join(parts)


def _row(name: str, function: Any, theirs: dict[Any, list[str]], plain: bool) -> str:
    marks = [
        "plain" if plain else "",
        "V" if isinstance(function, Primitive) and function.scalar and function.elementwise else "",
        "M" if hasattr(autograd.Tensor, name) else "",
    ]
    names = theirs.get(id(function)) or theirs.get(name) or []
    meaning = said(function).replace("|", "\\|")
    return (
        f"| `{name}{_signature(function)}` | {' '.join(filter(None, marks))} | {meaning} "
        f"| {', '.join(f'`{n}`' for n in names)} |\n"
    )


def _numpy_names() -> dict[Any, list[str]]:
    """For each op or function, NumPy's names of it."""
    found: dict[Any, list[str]] = {}
    for home, prefix in ((np, "np"), (np.linalg, "np.linalg")):
        for name in sorted(dir(home)):
            if name.startswith("_"):
                continue
            try:
                op = numpy_functions.get(getattr(home, name))
            except (AttributeError, TypeError, Warning):
                continue
            if op is not None:
                found.setdefault(id(op), []).append(f"{prefix}.{name}")
    return found


def _signature(function: Any) -> str:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return "(...)"
    shown, starred = [], False
    for p in parameters:
        if p.kind is p.VAR_POSITIONAL:
            shown.append(f"*{p.name}")
            starred = True
            continue
        if p.kind is p.VAR_KEYWORD:
            shown.append(f"**{p.name}")
            continue
        if p.kind is p.KEYWORD_ONLY and not starred:
            shown.append("*")
            starred = True
        default = p.default
        given = "..." if default is np._NoValue else getattr(default, "__name__", repr(default))
        shown.append(p.name if default is p.empty else f"{p.name}={given}")
    return f"({', '.join(shown)})"


if __name__ == "__main__":
    sys.exit(written(PAGE, page()))
