"""What the tools that write a page of docs/ from the code have in common."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any


def said(x: Any) -> str:
    """The first paragraph of a docstring, on one line."""
    return (inspect.getdoc(x) or "").partition("\n\n")[0].replace("\n", " ").strip()


def written(page: Path, text: str) -> int:
    """Write the page, or, with --check, compare it; the exit status of the tool."""
    if "--check" not in sys.argv[1:]:
        page.write_text(text, encoding="utf-8")
        return 0
    if page.exists() and page.read_text(encoding="utf-8") == text:
        return 0
    print(f"docs/{page.name} is not what the code says: run python tools/{Path(sys.argv[0]).name}")
    return 1
