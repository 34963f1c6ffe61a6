"""Arrays in a file, by name, in the safetensors format: a header of JSON, then raw bytes. Nothing in it is executed.

A file is the length of the header (8 bytes, little-endian), the header, and the arrays end to end. The header maps
each name to {"dtype": "F32", "shape": [3, 2], "data_offsets": [begin, end]}, counted from the end of the header;
"__metadata__" may hold texts. Source: the format's page, https://huggingface.co/docs/safetensors. The functions have
the names of the package `safetensors`, which reads these files, and whose files are read here.
"""

from __future__ import annotations

import json
import math
import os
import threading
from typing import Any

import numpy as np

__all__ = ["SafetensorsError", "load", "load_file", "load_metadata", "save", "save_file"]

CODES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1",
}  # fmt: skip
DTYPES = {code: np.dtype(text) for code, text in CODES.items()}
NAMES = {dtype: code for code, dtype in DTYPES.items()}
MAX_HEADER = 100_000_000  # bytes: the format's own limit


class SafetensorsError(ValueError):
    """The bytes are not a whole, well-formed safetensors file."""


def save(tensors: dict[str, Any], metadata: dict[str, str] | None = None) -> bytes:
    """The bytes of a safetensors file with these arrays.

    >>> data = save({"weight": np.eye(2, dtype=np.float32)})
    >>> load(data)["weight"]
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    if not hasattr(tensors, "items"):
        fix = "model.state_dict()" if hasattr(tensors, "state_dict") else '{"weight": array}'
        raise TypeError(f"save: {type(tensors).__name__} is no dictionary of names and arrays. Give {fix}.")
    arrays = {name: _storable(name, array) for name, array in tensors.items()}
    header: dict[str, Any] = {} if metadata is None else {"__metadata__": _texts(metadata)}
    order = sorted(
        arrays, key=lambda name: -arrays[name].itemsize
    )  # so that each begins at a multiple of its size
    end = 0
    for name in order:
        a, begin = arrays[name], end
        end += a.nbytes
        header[name] = {"dtype": NAMES[a.dtype], "shape": list(a.shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > MAX_HEADER:
        raise SafetensorsError(f"a header of {len(text)} bytes: the format allows {MAX_HEADER}.")
    return b"".join([len(text).to_bytes(8, "little"), text, *(arrays[name].tobytes() for name in order)])


def save_file(tensors: dict[str, Any], filename: Any, metadata: dict[str, str] | None = None) -> None:
    """Write arrays to a file, such as a model's state_dict(). The file appears whole or not at all.

    >>> import os, tempfile, nn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     name = os.path.join(folder, "model.safetensors")
    ...     save_file(nn.Linear(3, 2, rng=0).state_dict(), name)
    ...     sorted(load_file(name))
    ['bias', 'weight']
    """
    write_whole(os.fsdecode(filename), save(tensors, metadata))


def load_file(filename: Any) -> dict[str, Any]:
    """The arrays of a safetensors file, by name; each is a new array."""
    with open(filename, "rb") as file:
        data = file.read()
    try:
        return load(data)
    except SafetensorsError as error:
        raise SafetensorsError(f"{os.fspath(filename)}: {error}") from None


def load(data: bytes) -> dict[str, Any]:
    """The arrays in the bytes of a safetensors file, by name. All of the header is checked before any is made."""
    header, start = _header(data)
    places = []
    for name, entry in header.items():
        if name != "__metadata__":
            places.append((*_place(name, entry, len(data) - start), name))
    places.sort(key=lambda place: place[:2])
    end = 0
    for begin, stop, _, _, name in places:
        if begin != end:
            what = "overlaps another" if begin < end else "leaves a gap before it"
            raise SafetensorsError(f"array {name!r} at {begin} .. {stop} {what}: it must begin at {end}.")
        end = stop
    if end != len(data) - start:
        raise SafetensorsError(
            f"the arrays take {end} bytes, and {len(data) - start} are there: the file is damaged."
        )
    found = {
        name: np.frombuffer(data, dtype, math.prod(shape), start + begin)
        .reshape(shape)
        .astype(dtype.newbyteorder("="))
        for begin, _, dtype, shape, name in places
    }
    return {name: found[name] for name in header if name != "__metadata__"}


def load_metadata(data: bytes) -> dict[str, str]:
    """The texts that were given as `metadata`.

    >>> load_metadata(save({}, {"made by": "me"}))
    {'made by': 'me'}
    """
    return dict(_header(data)[0].get("__metadata__", {}))


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    if len(data) < 8:
        raise SafetensorsError(
            f"{len(data)} bytes are no safetensors file: it begins with 8 bytes, the header's length."
        )
    size = int.from_bytes(data[:8], "little")
    if size > min(MAX_HEADER, len(data) - 8):
        raise SafetensorsError(
            f"a header of {size} bytes in a file of {len(data)}: this is no safetensors file, or it was cut off."
        )
    try:
        header = json.loads(data[8 : 8 + size].decode(), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:  # also of the decoding
        raise SafetensorsError(f"the header is not JSON: {error}.") from None
    if not isinstance(header, dict) or data[8:9] != b"{":
        raise SafetensorsError("the header is not an object of JSON, {...}.")
    if "__metadata__" in header:
        _texts(header["__metadata__"])
    return header, 8 + size


def _place(name: str, entry: Any, available: int) -> tuple[int, int, Any, tuple[int, ...]]:
    """Where an array begins and ends, its dtype and its shape."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise SafetensorsError(
            f"array {name!r} is described by {entry!r:.60}, not by dtype, shape and data_offsets."
        )
    if not isinstance(entry["dtype"], str) or entry["dtype"] not in DTYPES:
        raise SafetensorsError(
            f"array {name!r} has the dtype {entry['dtype']!r:.20}, which NumPy has not; there are {', '.join(DTYPES)}. "
            "Convert it where the file was made, such as with .float() in PyTorch."
        )
    dtype, shape, offsets = DTYPES[entry["dtype"]], entry["shape"], entry["data_offsets"]
    if not _are_counts(shape) or len(shape) > 32:
        raise SafetensorsError(
            f"array {name!r} has the shape {shape!r:.60}, which is no list of whole numbers >= 0."
        )
    if not _are_counts(offsets) or len(offsets) != 2 or not offsets[0] <= offsets[1] <= available:
        raise SafetensorsError(
            f"array {name!r} lies at {offsets!r:.60}, outside of the {available} bytes of data: the file is damaged."
        )
    needed = math.prod(shape) * dtype.itemsize
    if needed != offsets[1] - offsets[0]:
        raise SafetensorsError(
            f"array {name!r} of shape {tuple(shape)!r:.60} and dtype {entry['dtype']} does not take the "
            f"{offsets[1] - offsets[0]} bytes that are said to be its."
        )
    if math.prod(n for n in shape if n) > np.iinfo(np.intp).max:  # an empty array can have long axes, too
        raise SafetensorsError(f"array {name!r} of shape {tuple(shape)!r:.60} is too large for this machine.")
    return offsets[0], offsets[1], dtype, tuple(shape)


def _are_counts(numbers: Any) -> bool:
    return isinstance(numbers, list) and all(type(n) is int and n >= 0 for n in numbers)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def _storable(name: str, array: Any) -> Any:
    if not isinstance(name, str) or name == "__metadata__":
        raise TypeError(f"the name of an array is {name!r}: it must be a text other than '__metadata__'.")
    a = np.asarray(array)
    little = a.dtype.newbyteorder("<")
    if little not in NAMES:
        raise TypeError(
            f"array {name!r} has the dtype {a.dtype}, which safetensors cannot hold: {', '.join(DTYPES)}."
        )
    return a.astype(little, order="C", copy=False)


def _texts(metadata: Any) -> dict[str, str]:
    if not isinstance(metadata, dict) or not all(
        isinstance(x, str) for pair in metadata.items() for x in pair
    ):
        raise SafetensorsError(f"metadata {metadata!r:.60}: it must map texts to texts.")
    return metadata


# --- files that are on the disk when the call returns


def write_whole(path: str, data: bytes) -> None:
    """Write a file that appears whole or not at all, in place of one that is there."""
    temporary = f"{path}.{os.getpid()}-{threading.get_ident()}.unfinished"  # two may write at once
    try:
        write_synced(temporary, data)
        os.replace(temporary, path)
    except BaseException as error:
        if os.path.exists(temporary):
            os.remove(temporary)
        if isinstance(error, OSError) and error.filename == temporary:
            error.filename = path  # the name that was given
        raise
    sync_folder(os.path.dirname(path) or ".")


def write_synced(path: str, data: bytes) -> None:
    """Write a file, and wait until the disk has it."""
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: str) -> None:
    """Wait until the disk has the names in a folder; Windows cannot, and keeps them in order by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
