"""What the tests of the pictures share: which layout engine a test sees, and the golden files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture
def without_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A PATH on which there is no `dot` program, whatever this machine has."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))


@pytest.fixture
def fake_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Puts a `dot` program in front of the PATH that is the given shell script."""
    if os.name != "posix":
        pytest.skip("the stand-in for dot is a shell script")

    def make(script: str) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir()
        program = folder / "dot"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ.get('PATH', '')}")
        return program

    return make


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares a DOT text with the file of that name; with --update-golden it writes the file instead."""

    def compare(name: str, source: str) -> None:
        path = GOLDEN / f"{name}.dot"
        if request.config.getoption("--update-golden", default=False):
            path.write_text(source, encoding="utf-8", newline="\n")
        assert path.is_file(), (
            f"no golden file {name}.dot: run pytest --update-golden and look at the picture"
        )
        assert source == path.read_text(encoding="utf-8"), (
            f"the picture {name} has changed. If that was meant, look at it, then run pytest --update-golden"
        )

    return compare
