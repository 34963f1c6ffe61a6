"""The files in a tar archive, read in memory: nothing is unpacked, so nothing can land where it should not."""

from __future__ import annotations

import gzip
import os
import tarfile
from collections.abc import Iterable
from typing import Any

from .errors import FormatError

LIMIT = 1 << 26  # bytes of one file; those of CIFAR-10 have 31 million
TOTAL = 1 << 29  # bytes of all of them, and of what lies between
FILES = 100  # and folders; CIFAR-10 has nine
# Bytes of a file's header, and of what is read ahead. A long name or a list of attributes can claim any length, would
# be read into memory whole, and can follow another without an end.
HEADER = 1 << 15


class _Limited:
    """A file that ends with an error where more comes out of it than a data set has, or than its next header."""

    def __init__(self, file: Any, path: Any) -> None:
        self.file, self.path, self.given, self.allowed = file, path, 0, min(HEADER, TOTAL)

    def read(self, size: int) -> bytes:
        data: bytes = self.file.read(size)
        self.given += len(data)
        if self.given > self.allowed:
            what = "" if self.allowed == TOTAL else " before its next file begins"
            raise FormatError(
                f"{self.path} holds more than {self.allowed} bytes{what}: it is no archive of this data set."
            )
        return data


def members(path: str | os.PathLike[str], wanted: Iterable[str]) -> dict[str, bytes]:
    """The contents of the files of these names, in whatever folder of the archive, gzipped or not.

    Refused, with FormatError: names that lead out of the archive, links and devices, files of more than 64 MiB, names
    that occur twice, more than a hundred of them, and archives that are damaged.
    """
    missing, found = set(wanted), {}
    with open(path, "rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        try:
            source = _Limited(gzip.GzipFile(fileobj=raw) if zipped else raw, path)
            with tarfile.open(fileobj=source, mode="r|") as tar:  # type: ignore[call-overload]
                for count, member in enumerate(tar, 1):
                    _check(member, path)
                    if count > FILES:
                        raise FormatError(
                            f"{path} has more than {FILES} files: it is no archive of this data set."
                        )
                    source.allowed = min(member.offset_data + member.size + HEADER, TOTAL)
                    name = member.name.rpartition("/")[2]
                    if member.isfile() and name in found:
                        raise FormatError(f"{path} has {name} twice.")
                    if member.isfile() and name in missing:
                        found[name] = tar.extractfile(member).read()
                        missing.remove(name)
            source.allowed = TOTAL
            while source.read(1 << 20):  # to the end, where gzip's own checksum is
                pass
        except (FormatError, MemoryError):
            raise
        except Exception as error:  # tarfile lets out more than its own errors, such as int()'s
            if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
                raise  # the disk's
            raise FormatError(
                f"{path} is no tar archive, or cut off or damaged ({error!s:.80}). Delete it and get it again."
            ) from None
    if missing:
        raise FormatError(f"{path} lacks {', '.join(sorted(missing))}: it is another archive.")
    return found


def _check(member: tarfile.TarInfo, path: Any) -> None:
    parts = member.name.replace("\\", "/").split("/")
    if parts[0] == "" or ":" in parts[0] or ".." in parts:
        raise FormatError(f"{path} has the file {member.name!r:.80}, which leads out of the archive.")
    if not (member.isfile() or member.isdir()) or member.issparse():
        raise FormatError(f"{path}: {member.name!r:.80} is a link or a device, where data sets have files.")
    if not 0 <= member.size <= LIMIT:
        raise FormatError(f"{path}: {member.name!r:.80} has {member.size} bytes, of at most {LIMIT}.")
