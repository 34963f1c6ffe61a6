"""PyPI's `autograd` has the import name of ours: where the two are mixed, importing says what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_a_foreign_autograd_is_named_at_once(package: str, tmp_path: Path) -> None:
    foreign = tmp_path / "autograd"
    foreign.mkdir()
    (foreign / "__init__.py").write_text("def grad(f): ...\n")
    (foreign / "numpy.py").write_text("")
    program = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import {package}"
    result = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: ")
    for part in ("gradlens", "autograd", "pip uninstall"):
        assert part in result.stderr.partition("ImportError: ")[2], f"{part!r} is not in: {last}"
    assert str(foreign) in result.stderr, "the message shows which package was found instead"


@pytest.mark.parametrize("package", ["autograd", "nn", "viz"])
def test_ours_imports_without_a_word(package: str, tmp_path: Path) -> None:
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {package}"
    command = [sys.executable, "-W", "error", "-c", program]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_the_version_is_the_same_everywhere() -> None:
    """`autograd.__gradlens__` marks the package as ours and is the distribution's version."""
    import autograd

    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{autograd.__gradlens__}"\n' in pyproject


def test_every_exported_name_survives_the_import_of_all_modules() -> None:
    """A file named like an op would take the op's place in its package as soon as somebody imports it."""
    program = """
import importlib, pkgutil
import autograd, nn, viz
before = {(m.__name__, name): getattr(m, name) for m in (autograd, nn, viz) for name in m.__all__}
for m in (autograd, nn, viz):
    for part in pkgutil.walk_packages(m.__path__, m.__name__ + "."):
        if not part.name.endswith("__main__"):
            importlib.import_module(part.name)
fresh = {"autograd": autograd, "nn": nn, "viz": viz}
changed = [key for key, value in before.items() if getattr(fresh[key[0]], key[1]) is not value]
assert not changed, changed
assert callable(autograd.neuron)
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
