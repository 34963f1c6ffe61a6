"""The shape of the project: who imports whom, how long a file may be, what must not be committed.

The directions are what makes the engine readable on its own: `ops -> primitive -> graph` inside `autograd`,
`nn -> autograd`, `viz -> autograd, nn`, and nothing the other way round.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("autograd", "nn", "viz")
MAX_LINES = 350  # a file past about 300 lines is asking to be two

# The parts of autograd whose imports of each other are restricted, and what each may import.
ENGINE = {
    "errors": set(),
    "recording": set(),
    "graph": {"errors", "recording"},
    "primitive": {"errors", "graph"},
    "ops": {"errors", "graph", "primitive", "ops"},
}
# Modules of nn that need no more of a package than its names: PyTorch's place of the schedules.
NAMES_ONLY = {"nn.optim.lr_scheduler": {"schedule"}}
# What a package may import from outside the standard library: anywhere, and only where an extra is asked for.
ANYWHERE = {
    "autograd": {"autograd", "numpy"},
    "nn": {"autograd", "nn", "numpy"},
    "viz": {"autograd", "graphviz", "nn", "numpy", "viz"},
}
INSIDE_FUNCTIONS = {
    "autograd": set(),
    "nn": {"cloudpickle", "distributed", "joblib", "matplotlib", "onnx", "rich", "sklearn", "torch"},
    "viz": {"IPython", "matplotlib", "pygraphviz", "rich", "sklearn"},
}


def sources(package: str) -> dict[str, Path]:
    """Every module of a package by its full name."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(module: str, path: Path) -> Iterator[tuple[str, bool]]:
    """What a file imports, by full name, and whether it does so inside a function.

    For `from package import name` that is `package.name`: the name may be a module.
    """
    package = (module if path.name == "__init__.py" else module.rpartition(".")[0]).split(".")
    waiting: list[tuple[ast.AST, bool]] = [(ast.parse(path.read_text(encoding="utf-8")), False)]
    while waiting:
        node, inside = waiting.pop()
        if isinstance(node, ast.Import):
            yield from ((alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, node.module] if node.module else base)
            yield from ((f"{source}.{alias.name}", inside) for alias in node.names)
        inside = inside or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        waiting += [(child, inside) for child in ast.iter_child_nodes(node)]


def test_the_reader_of_imports_sees_every_form(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text("import os.path\nfrom . import b\nfrom ..c.d import e\ndef f():\n    import rich\n")
    assert sorted(imports("a.b.sample", sample)) == [
        ("a.b.b", False),
        ("a.c.d.e", False),
        ("os.path", False),
        ("rich", True),
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_it_may(package: str) -> None:
    wrong = []
    for module, path in sources(package).items():
        for name, inside in imports(module, path):
            top = name.split(".")[0]
            allowed = ANYWHERE[package] | (INSIDE_FUNCTIONS[package] if inside else set())
            if top not in allowed and top not in sys.stdlib_module_names:
                wrong.append(f"{module} imports {name}{' inside a function' if inside else ''}")
    assert wrong == []


def test_the_engine_imports_in_one_direction() -> None:
    wrong = []
    for module, path in sources("autograd").items():
        part = module.split(".")[1] if "." in module else ""
        for name, _ in imports(module, path):
            top, _, rest = name.partition(".")
            if part in ENGINE and top == "autograd" and rest.split(".")[0] not in ENGINE[part]:
                wrong.append(f"{module} imports {name}")
    assert wrong == []


def test_the_packages_of_nn_import_each_other_in_one_direction() -> None:
    """Each can be read after those that it imports, as there is no way back to where one came from."""
    needs: dict[str, set[str]] = {}
    for module, path in sources("nn").items():
        part = module.partition(".")[2].split(".")[0]
        found = {name.split(".")[1] for name, _ in imports(module, path) if name.startswith("nn.")}
        if part:
            needs.setdefault(part, set()).update(found - {part} - NAMES_ONLY.get(module, set()))
    assert circle(needs) == []


def circle(needs: dict[str, set[str]]) -> list[str]:
    """Names each of which needs the one after it, the last the first; [] if there are none.

    Whatever needs nothing that is left is taken away, until nothing can be: what is left then goes round.
    """
    left = {name: set(others) for name, others in needs.items()}
    while free := {name for name, others in left.items() if not others & left.keys()}:
        left = {name: others for name, others in left.items() if name not in free}
    way = sorted(left)[:1]
    while way and way[-1] not in way[:-1]:
        way.append(min(left[way[-1]] & left.keys()))
    return way[way.index(way[-1]) : -1] if way else []


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert circle({"a": {"b"}, "b": {"c", "d"}, "c": {"d"}, "d": {"b"}}) == ["b", "c", "d"]


def test_the_graph_knows_no_arrays() -> None:
    assert not [
        name
        for name, _ in imports("autograd.graph", ROOT / "autograd" / "graph.py")
        if name.split(".")[0] == "numpy"
    ]


@pytest.mark.parametrize(
    ("package", "absent"),
    [
        ("autograd", {"nn", "viz", "graphviz", "pygraphviz", "matplotlib", "rich", "sklearn", "torch"}),
        ("nn", {"viz", "graphviz", "joblib", "pygraphviz", "matplotlib", "onnx", "rich", "sklearn", "torch"}),
        ("viz", {"pygraphviz", "matplotlib", "sklearn", "torch"}),
    ],
)
def test_importing_a_package_loads_no_more_than_it_needs(package: str, absent: set[str]) -> None:
    program = f"import json, sys, {package}; print(json.dumps(sorted(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert absent & set(json.loads(result.stdout)) == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_file_can_be_read_in_one_sitting(package: str) -> None:
    lengths = {
        module: len(path.read_text(encoding="utf-8").splitlines())
        for module, path in sources(package).items()
    }
    assert {module: lines for module, lines in lengths.items() if lines > MAX_LINES} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_that_it_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_no_file_names_a_place_on_the_machine_it_was_written_on() -> None:
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    places = [re.escape(str(place)) for place in (ROOT, Path.home()) if len(place.parts) > 1]
    places += [r"/(?:home|Users)/\w+", r"[A-Z]:\\+Users", r"/tmp/ipykernel_\d+"]
    pattern = re.compile(rf"(?<![\w.\-])(?:{'|'.join(places)})(?![\w\-])")
    wrong = []
    for name in listing.stdout.decode().split("\0"):
        path = ROOT / name
        if not path.is_file():
            continue  # the end of the listing, or a file about to be deleted
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        wrong += [f"{name}: {match.group()}" for match in pattern.finditer(text)]
    assert wrong == []
