"""Where downloaded data is kept, and one process at a time in there."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

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


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Inside, no other process is; the lock ends with the process that holds it, however that ends.

    Where the file system has no locks, this does nothing: the checksum then still tells what is whole.
    """
    with open(folder / ".lock", "a+b") as file:
        _lock(file)
        try:
            yield  # but on Windows, closing the file lets go of it
        finally:
            if sys.platform == "win32":
                _unlock(file)


def _lock(file: Any) -> None:
    if sys.platform == "win32":
        import msvcrt

        while True:
            try:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                return
            except OSError as error:  # it gives up after ten seconds
                if error.errno != errno.EDEADLK:
                    return
    else:  # Linux, macOS
        import fcntl

        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)


def _unlock(file: Any) -> None:
    if sys.platform == "win32":
        import msvcrt

        with suppress(OSError):
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
