"""fetch: a file from the web, whole or not at all. What arrived before an interruption is gone on with.

The file grows under a temporary name, NAME.part. Only when its size and its SHA-256 sum are right, and it is on the
disk, does it get its name, in one step: whatever happens, and whenever, no half file bears the name of a whole one.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..core.lock import locked
from .bar import bar
from .errors import DownloadError

TRIES = 4  # in a row that bring nothing, before the next mirror's turn
PAUSE = 0.5  # seconds before the second try; each further pause is twice as long
CHUNK = 1 << 16


class _Again(Exception):
    """Something that may pass: a broken connection, a busy server."""


class _Elsewhere(Exception):
    """Something that this mirror will not get right."""


def fetch(
    urls: Sequence[str],
    path: Path,
    *,
    sha256: str,
    size: int,
    timeout: float = 30.0,
    progress: bool | None = None,
) -> Path:
    """The file of this size (bytes) and sum, at `path`: from the first of the mirrors that has it, if not there yet.

    `timeout`: seconds without a byte after which a connection counts as broken. `progress`: whether to draw a bar; None
    draws it on a terminal only. Raises DownloadError, also if another file bears the name.
    """
    if _is_there(path, sha256, size):
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.parent):
            if _is_there(path, sha256, size):  # another process was at it
                return path
            _download(urls, path, sha256, size, timeout, progress)
    except DownloadError:
        raise
    except OSError as error:
        raise DownloadError(error.errno, _no_place(error, path)) from error
    return path


def _is_there(path: Path, sha256: str, size: int) -> bool:
    if not path.exists():
        return False
    if path.stat().st_size == size and _sum(path) == sha256:
        return True
    raise DownloadError(
        f"{path} is there, but is not the published file of {size} bytes with SHA-256 {sha256}. Move it away and "
        "download again, or leave out download=True to read it as it is."
    )


def _sum(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _download(
    urls: Sequence[str], path: Path, sha256: str, size: int, timeout: float, progress: bool | None
) -> None:
    part = path.with_name(path.name + ".part")
    free = shutil.disk_usage(path.parent).free
    if free < size - _length(part):
        raise OSError(errno.ENOSPC, f"{free / 1e6:.0f} MB are free, and the file has {size / 1e6:.0f}")
    reasons = []
    with bar(path.name, size, progress) as show:
        for url in urls:
            try:
                _from_mirror(url, part, sha256, size, timeout, show)
            except _Elsewhere as reason:
                reasons.append(f"  {url}: {reason}")
                continue
            os.replace(part, path)
            _keep_name(path.parent)
            return
    kept = " What arrived is kept, and the next try goes on from there." if _length(part) else ""
    raise DownloadError(
        f"{path.name} could not be downloaded.\n"
        + "\n".join(reasons)
        + f"\nTry again later.{kept} Or bring the file "
        f"here by other means, and put it into {path.parent}"
    )


def _from_mirror(
    url: str, part: Path, sha256: str, size: int, timeout: float, show: Callable[[int], None]
) -> None:
    """The whole file, its sum checked, in `part`."""
    in_vain, reason, doubted = 0, "", False
    while in_vain < TRIES:
        if in_vain:
            time.sleep(PAUSE * 2 ** (in_vain - 1))
        begun = have = _length(part)
        try:
            if have != size:
                _transfer(url, part, have, size, timeout, show)
                have = _length(part)
            if have == size:
                if _sum(part) == sha256:
                    return
                part.unlink()
                if not begun or doubted:
                    raise _Elsewhere("wrong checksum: this is not the file that was published")
                doubted = True  # perhaps the beginning was another file's: once more, all of it
                raise _Again("wrong checksum")
            raise _Again(f"the connection broke after {have} of {size} bytes")
        except _Again as error:
            reason = str(error)
            in_vain = 0 if begun < _length(part) else in_vain + 1
    raise _Elsewhere(f"{reason} ({TRIES} tries)")


def _transfer(
    url: str, part: Path, have: int, size: int, timeout: float, show: Callable[[int], None]
) -> None:
    """Ask for what is missing, and write what comes."""
    headers = {"User-Agent": "gradlens", "Accept-Encoding": "identity"}
    if 0 < have < size:
        headers["Range"] = f"bytes={have}-"
    with _asking(
        lambda: urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=timeout)
    ) as answer:
        start = _start(answer, part, have, size)
        with open(part, "r+b" if start else "wb") as file:
            file.seek(start)
            while True:
                show(start)
                chunk = _asking(lambda: answer.read1(CHUNK))
                start += len(chunk)
                if not chunk or start > size:
                    break
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    if start > size:
        part.unlink()
        raise _Elsewhere(f"it sends more than the {size} bytes of the file")


def _asking(step: Callable[[], Any]) -> Any:
    """A step of the conversation with the server; what goes wrong in it, as one of our two cases."""
    try:
        return step()
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (408, 416, 429) or error.code >= 500:
            raise _Again(f"HTTP {error.code} {error.reason}") from None
        raise _Elsewhere(f"HTTP {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        passing = isinstance(error.reason, (TimeoutError, ConnectionResetError))
        raise (_Again if passing else _Elsewhere)(f"no connection ({error.reason})") from None
    except TimeoutError:
        raise _Again("nothing came for too long") from None
    except (OSError, http.client.HTTPException) as error:
        raise _Again(f"the connection broke ({type(error).__name__})") from None


def _start(answer: Any, part: Path, have: int, size: int) -> int:
    """Where in the file the answer begins: where we asked for, or 0 from a server that sends all."""
    if answer.status == 206:
        place, _, total = answer.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
        if place.partition("-")[0] != str(have) or total not in (str(size), "*"):
            part.unlink()  # or it would be in the way for ever
            raise _Elsewhere(
                f"its part {place}/{total} does not fit the {have} of {size} bytes that were here"
            )
        return have
    length = answer.headers.get("Content-Length")
    if length is not None and length != str(size):
        raise _Elsewhere(
            f"it sends {length} bytes, where the file has {size}: is there a log-in page in between?"
        )
    return 0


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _keep_name(folder: Path) -> None:
    """Have the folder's new entry on the disk, too, where the system lets us."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def _no_place(error: OSError, path: Path) -> str:
    full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
    what = "the disk is full" if full else "the folder cannot be written to"
    return (
        f"{path.name} cannot be kept in {path.parent}: {what} ({error.strerror or error}). Make room, or name another "
        "folder with root=, or for all data sets with the environment variable GRADLENS_DATA. What arrived is kept."
    )
