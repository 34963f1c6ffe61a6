"""A lock on a folder: one at a time is in there. It ends with the process that holds it, however that ends."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def locked(folder: Any, wait: bool = True, name: str = ".lock") -> Iterator[bool]:
    """Inside, nobody else is in `folder`, of this process or another: True. Without `wait`, False if somebody is.

    name: of the file that is locked; another for each of what is apart. Where the file system has no locks, this does
    nothing.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with locked(folder) as first, locked(folder, wait=False) as second:
    ...         print(first, second)
    True False
    """
    path = os.path.join(folder, name)
    file, alone = _opened(path, wait)
    try:
        yield alone
    finally:
        if alone and sys.platform != "win32":
            with suppress(OSError):
                os.unlink(path)  # while nobody else can be in; who waits for it sees that it is gone
        if alone:
            _unlock(file)
        file.close()
        if alone and sys.platform == "win32":  # which refuses it where somebody else has the file open
            with suppress(OSError):
                os.unlink(path)


def _opened(path: str, wait: bool) -> tuple[Any, bool]:
    """The file, and whether it is locked; anew, if it was removed by who had the lock before."""
    while True:
        file = open(path, "a+b")  # noqa: SIM115 - closed when the lock ends
        try:
            alone = _lock(file, wait)
            if not alone or sys.platform == "win32" or _is_there(file, path):
                return file, alone
        except BaseException:
            file.close()
            raise
        file.close()


def _is_there(file: Any, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def _lock(file: Any, wait: bool) -> bool:
    if sys.platform == "win32":
        import msvcrt

        while True:
            try:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
                return True
            except OSError as error:
                taken = error.errno in (errno.EACCES, errno.EDEADLK)
                if not wait:
                    return not taken
                if error.errno != errno.EDEADLK:  # it gives up after ten seconds
                    return True
    else:  # Linux, macOS
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True


def _unlock(file: Any) -> None:
    if sys.platform == "win32":
        import msvcrt

        with suppress(OSError):
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
