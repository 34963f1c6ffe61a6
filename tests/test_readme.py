"""The Python in README.md and docs/ runs as it stands, block after block, as a reader would paste it."""

from __future__ import annotations

import codeop
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"README.md": 4, "docs/derivatives.md": 2, "docs/networks.md": 3}  # and how many blocks at least
PICTURES = {"README.md": ["f.png", "network.png"]}


def _blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)


def test_no_page_with_python_is_left_out() -> None:
    pages = ["README.md", *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md")))]
    assert [page for page in pages if _blocks(page)] == list(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_every_block_runs_and_prints_what_its_comments_say(page: str, tmp_path: Path) -> None:
    blocks = _blocks(page)
    assert len(blocks) >= PAGES[page]
    text = "\n".join(blocks)
    if "load_digits" in text:
        pytest.importorskip("sklearn", reason=f"the training in {page} needs scikit-learn")
    program = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n" + text
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    for said in re.findall(r"^print\(.*\)  # (.*)$", text, flags=re.MULTILINE):
        assert said in run.stdout
    for picture in PICTURES.get(page, []):
        assert (tmp_path / picture).stat().st_size > 1000
    if "load_digits" in text:
        assert float(run.stdout.split()[-1]) > 0.95  # the accuracy


@pytest.mark.parametrize("page", PAGES)
def test_every_block_can_be_pasted_into_an_interpreter(page: str) -> None:
    for block in _blocks(page):
        statement: list[str] = []  # there, an empty line ends a loop or a function
        for line in [*block.splitlines(), ""]:
            statement.append(line)
            if codeop.compile_command("\n".join(statement)) is not None:
                statement = []
        assert statement == []
