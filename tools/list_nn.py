"""Write docs/nn.md: every public name of nn, from what the code says of it.

python tools/list_nn.py            # writes the page
python tools/list_nn.py --check    # exit status 1 if the page is not what the code says
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "nn.md"
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from pages import said, written  # noqa: E402

import nn  # noqa: E402
import nn.estimators  # noqa: E402

HEAD = """# nn

Made from the code by `python tools/list_nn.py`: every public name, and the first sentence that is said of it.
`help(nn.<name>)` has the rest, with an example. Names, shapes and defaults are PyTorch's where it has the thing.
"""
# The groups of the names that are in nn itself: a heading, and the packages or modules that define them.
GROUPS = {
    "Modules": "nn.core",
    "Layers": "nn.layers",
    "Losses": "nn.losses",
    "Optimisers": "nn.optim",
    "Training": "nn.training.fit nn.training.callbacks nn.training.history nn.training.saving",
    "Regularisation": "nn.training.regularise nn.training.clip",
    "Using and judging a model": "nn.metrics",
    "Looking into a model": "nn.inspection",
    "Data": "nn.data nn.datasets autograd.ops.lookup",
    "Initial weights by name": "nn.init",
}
# Made when scikit-learn is there, from these.
ESTIMATORS = {"nn.MLPClassifier": "Classifier", "nn.MLPRegressor": "Regressor"}
# Modules of their own, whose names follow: nn.schedule.StepLR.
PARTS = (
    "schedule search datasets augment init export safetensors checkpoint optim utils scalar circuits"
).split()


def page() -> str:
    """The whole page as text."""
    parts = [HEAD]
    for title, names in groups().items():
        parts.append(f"\n## {title}\n\n| name | meaning |\n|---|---|\n")
        parts += [_row(name) for name in names]
    return "".join(parts)


def groups() -> dict[str, list[str]]:
    """All public names with their dots, by the heading under which they stand."""
    found: dict[str, list[str]] = {title: [] for title in GROUPS}
    homes = {home: title for title, homes in GROUPS.items() for home in homes.split()}
    for name in nn.__all__:
        x = getattr(nn, name)
        if isinstance(x, ModuleType):
            continue
        defined = getattr(x, "__module__", "") + "."
        title = next((homes[home] for home in homes if defined.startswith(f"{home}.")), None)
        if title is None:
            raise LookupError(f"nn.{name} is defined in {defined}, which is in no group of {__file__}.")
        found[title].append(f"nn.{name}")
    found["Training"] += ESTIMATORS
    seen = {id(_get(path)) for names in found.values() for path in names if path not in ESTIMATORS}
    for part in PARTS:
        module = importlib.import_module(f"nn.{part}")
        names = [
            name for name in public(module) if part == "datasets" or id(getattr(module, name)) not in seen
        ]
        found[f"nn.{part}: {_first(module)}"] = [f"nn.{part}.{name}" for name in names]
    return {
        title: sorted(names, key=lambda n: (n.rpartition(".")[2].lower(), n))
        for title, names in found.items()
        if names
    }


def public(module: ModuleType) -> list[str]:
    """The public names of a module: __all__, or the functions and classes that it defines."""
    defined = [name for name, x in vars(module).items() if getattr(x, "__module__", None) == module.__name__]
    return [name for name in getattr(module, "__all__", defined) if not name.startswith("_")]


def _get(path: str) -> Any:
    x: Any = nn
    for name in path.split(".")[1:]:
        x = getattr(x, name)
    return x


def _row(path: str) -> str:
    x = getattr(nn.estimators, ESTIMATORS[path]) if path in ESTIMATORS else _get(path)
    text = _first(x) if callable(x) else f"a {type(x).__name__} of {len(x)}"
    if not text:
        raise LookupError(f"{path} has no docstring.")
    return f"| `{path}` | {text.replace('|', chr(92) + '|')} |\n"


def _first(x: Any) -> str:
    """The first sentence of a docstring, on one line."""
    return re.split(r"(?<=[a-z0-9)`\]])\. (?=[A-Za-z`])", said(x))[0].rstrip(".")


if __name__ == "__main__":
    sys.exit(written(PAGE, page()))
