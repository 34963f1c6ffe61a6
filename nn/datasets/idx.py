"""IDX: the files of MNIST. Four bytes say what follows, then the sizes, then the numbers, the high byte first.

Bytes 0 and 1 are 0, byte 2 is the kind of number, byte 3 how many axes there are; then four bytes for each axis.
(Y. LeCun, C. Cortes, C. Burges: The MNIST database, "File formats".)
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from typing import Any, BinaryIO

import numpy as np

from .errors import FormatError

KINDS = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
LIMIT = 1 << 32  # bytes: a header can ask for any number of them
AXES = 32  # and for up to 255 axes; NumPy 1's limit is 32, and 2's 64
CHUNK = 1 << 20


def read_idx(path: str | os.PathLike[str]) -> Any:
    """The array in an IDX file, gzipped or not. Raises FormatError for what is none, or not a whole one."""
    with open(path, "rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if not zipped:
            return _array(raw, path)
        try:
            with gzip.GzipFile(fileobj=raw) as file:
                return _array(file, path)  # type: ignore[arg-type]
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FormatError(
                f"{path}: the gzip file is cut off or damaged ({error}). Delete it and get it again."
            ) from None


def _array(file: BinaryIO, path: Any) -> Any:
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in KINDS or not magic[3]:
        page = (
            " It looks like a web page: a server's message was saved as the file."
            if magic[:1] == b"<"
            else ""
        )
        raise FormatError(f"{path} is not an IDX file: it begins with {magic!r}.{page}")
    header = file.read(4 * magic[3])
    if len(header) < 4 * magic[3]:
        raise FormatError(f"{path} is cut off in its header. Delete it and get it again.")
    shape, dtype = struct.unpack(f">{magic[3]}I", header), np.dtype(KINDS[magic[2]])
    if len(shape) > AXES:
        raise FormatError(f"{path}: an array of {len(shape)} axes; no IDX file known has more than {AXES}.")
    size = math.prod(shape) * dtype.itemsize
    if math.prod(n or 1 for n in shape) * dtype.itemsize > LIMIT:  # NumPy cannot have 0 x 2^32 x 2^32, either
        raise FormatError(
            f"{path}: an array of shape {shape} with {dtype.itemsize} bytes a number; no IDX file known is as large."
        )
    data = bytearray()  # it grows with what is there, whatever the header says
    while len(data) <= size and (chunk := file.read(min(CHUNK, size + 1 - len(data)))):
        data += chunk
    if len(data) != size:
        what = (
            f"cut off: {len(data)} of {size} bytes are there"
            if len(data) < size
            else "longer than its header says"
        )
        raise FormatError(f"{path} is {what}. Delete it and get it again.")
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)
