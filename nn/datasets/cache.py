"""Where downloaded data is kept."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def cache_dir() -> Path:
    """The folder of downloaded data sets: the environment variable GRADLENS_DATA, or where the system keeps such files.

    Linux: $XDG_CACHE_HOME/gradlens or ~/.cache/gradlens. macOS: ~/Library/Caches/gradlens. Windows:
    %LOCALAPPDATA%\\gradlens. The folder need not exist yet.
    """
    from pathlib import Path

    own = os.environ.get("GRADLENS_DATA")
    if own:
        return Path(own).expanduser()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "gradlens"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "gradlens"
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification: a relative path is to be ignored.
    return (Path(xdg) if os.path.isabs(xdg) else Path.home() / ".cache") / "gradlens"
