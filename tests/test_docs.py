"""docs/operations.md and docs/nn.md list what there is. Only names are compared: NumPy's part differs by version.

README.md and the other pages link to what there is, and name it rightly.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

import autograd
import nn
from autograd import functions
from autograd.primitive import Primitive

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "operations.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


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


def test_every_public_name_of_nn_is_on_its_page_once_and_every_entry_exists() -> None:
    rows = re.findall(
        r"^\| `([\w.]+)` \| (.+) \|$", (ROOT / "docs" / "nn.md").read_text(encoding="utf-8"), re.M
    )
    listed = [name for name, _ in rows]
    assert sorted(listed) == sorted(set(listed))
    for name, meaning in rows:
        assert len(meaning) > 3, name
    tool = _tool("list_nn")
    there = {name for names in tool.groups().values() for name in names}
    assert there - set(listed) == set(), "run python tools/list_nn.py"
    assert set(listed) - there == set(), "run python tools/list_nn.py"
    for name in nn.__all__:
        x = getattr(nn, name)
        if not isinstance(x, ModuleType):
            assert f"nn.{name}" in listed
            continue
        missing = [key for key in tool.public(x) if not any(y.endswith(f".{key}") for y in listed)]
        assert missing == [], f"nn.{name}"


def test_a_page_is_written_and_compared_only_with_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written, page = _tool("pages").written, tmp_path / "page.md"
    monkeypatch.setattr("sys.argv", ["tools/list.py", "--check"])
    assert written(page, "new") == 1
    assert "run python tools/list.py" in capsys.readouterr().out
    assert not page.exists()
    monkeypatch.setattr("sys.argv", ["tools/list.py"])
    assert written(page, "new") == 0
    assert page.read_text() == "new"
    monkeypatch.setattr("sys.argv", ["tools/list.py", "--check"])
    assert (written(page, "new"), capsys.readouterr().out) == (0, "")
    assert written(page, "newer") == 1
    assert page.read_text() == "new"


def test_the_words_on_nn_as_a_whole_name_what_exists_and_every_part() -> None:
    text = nn.__doc__ or ""
    _resolve_names_of_nn(text)
    named = set(re.findall(r"\w+", text))
    parts = {name for name in nn.__all__ if isinstance(getattr(nn, name), ModuleType)}
    assert parts - named == set()
    losses = {name for name in nn.__all__ if name.endswith("Loss")}
    optimisers = {name for name in nn.optim.__all__ if name not in ("Optimiser", "Setting")}
    schedules = {name for name in nn.schedule.__all__ if name != "Schedule"}
    assert (losses | optimisers | schedules) - named == set()


def test_the_pages_name_what_exists_in_nn() -> None:
    for page in PAGES:
        _resolve_names_of_nn(page.read_text(encoding="utf-8").replace("nn.md", "").replace("torch.nn", ""))


def test_links_lead_to_files_and_headings_that_exist_and_every_page_is_linked_from_the_readme() -> None:
    linked = set()
    for page in PAGES:
        for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            if "://" in target:
                continue
            name, _, heading = target.partition("#")
            file = (page.parent / name).resolve() if name else page
            assert file.exists(), f"{page.name}: {target}"
            assert not heading or heading in _headings(file), f"{page.name}: {target}"
            if page == ROOT / "README.md":
                linked.add(file)
    assert set((ROOT / "docs").glob("*")) - linked == set()


def _headings(page: Path) -> set[str]:
    """The names under which links find the headings of a page, as Markdown's readers make them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in titles}


def _resolve_names_of_nn(text: str) -> None:
    for path in re.findall(r"(?<!/)\bnn\.(\w+(?:\.\w+)*)", text):
        x: object = nn
        for name in path.split("."):
            x = getattr(x, name)


def _tool(name: str) -> ModuleType:
    """tools/<name>.py as a module: tools is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool
