"""The README's Python runs as it stands, block after block, as a reader would paste it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_every_block_runs_and_prints_what_its_comments_say(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="the README's training example needs scikit-learn")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    assert len(blocks) >= 3
    program = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n" + "\n".join(blocks)
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    for said in re.findall(r"^print\(.*\)  # (.*)$", "\n".join(blocks), flags=re.MULTILINE):
        assert said in run.stdout
    assert (tmp_path / "f.png").stat().st_size > 1000
    assert (tmp_path / "network.png").stat().st_size > 1000
    assert float(run.stdout.split()[-1]) > 0.95
