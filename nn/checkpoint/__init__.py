"""Checkpoints: a training written to disk so that a crash at any moment leaves the newest one whole.

A checkpoint is a folder, step-00000120, of four files: model.safetensors (the model's state_dict), state.safetensors
(all other arrays), state.json (all other numbers), and manifest.json with the size and SHA-256 of each. It is written
under another name, brought to the disk, and renamed; only then older ones are removed. So every folder with that name
is whole, unless the disk itself failed: which the sums tell, and the one before is taken. Nothing is pickled, and
nothing read from a checkpoint is executed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import warnings
from typing import Any

from autograd.errors import AutogradError

from .. import safetensors
from ..core.caller import level
from ..safetensors import SafetensorsError, sync_folder, write_synced
from .pack import pack, unpack

__all__ = ["CheckpointError", "best", "listed", "load_weights", "newest", "read", "read_newest", "step_of"]

FORMAT = 1
MANIFEST, MODEL, STATE, NUMBERS = "manifest.json", "model.safetensors", "state.safetensors", "state.json"
NAME = re.compile(r"step-(\d{8,})")
UNFINISHED, DISCARDED = ".unfinished-", ".discarded-"


class CheckpointError(AutogradError, ValueError):
    """A checkpoint is damaged, or is not of this training; or another training writes to its folder."""


def write(folder: str, step: int, model: dict[str, Any], state: Any) -> str:
    """Write a checkpoint into `folder`, whole or not at all, and over no whole one; returns its path."""
    name = f"step-{step:08d}"
    path, temporary = os.path.join(folder, name), os.path.join(folder, UNFINISHED + name)
    if os.path.lexists(path) and _is_whole(path):
        raise FileExistsError(f"{path} is there already, and is whole: another training wrote it.")
    arrays: dict[str, Any] = {}
    numbers = pack(state, arrays)
    files = {
        MODEL: safetensors.save(model),
        STATE: safetensors.save(arrays),
        NUMBERS: json.dumps(numbers, allow_nan=False, separators=(",", ":")).encode(),
    }
    sums = {
        file: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for file, data in files.items()
    }
    files[MANIFEST] = json.dumps({"format": FORMAT, "files": sums}, indent=1).encode()
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        os.mkdir(temporary)
        for file, data in files.items():
            write_synced(os.path.join(temporary, file), data)
        sync_folder(temporary)
        if os.path.lexists(path):  # a damaged one, from which the training did not go on
            discard(path)
        os.rename(temporary, path)
    except BaseException as error:
        shutil.rmtree(temporary, ignore_errors=True)
        if isinstance(error, OSError) and error.errno is not None:
            text = f"{error.strerror}: this checkpoint was not written; those before it are whole"
            raise OSError(error.errno, text, path) from error
        raise
    sync_folder(folder)
    return path


def discard(path: str) -> None:
    """Remove a checkpoint. It loses its name first: what is half removed must not look like one."""
    folder, name = os.path.split(path)
    aside = os.path.join(folder, DISCARDED + name)
    shutil.rmtree(aside, ignore_errors=True)
    os.rename(path, aside)
    shutil.rmtree(aside, ignore_errors=True)


def tidy(folder: str) -> None:
    """Remove what a training that was killed left half written, or half removed."""
    for name in os.listdir(folder):
        if name.startswith((UNFINISHED + "step-", DISCARDED + "step-")):
            shutil.rmtree(os.path.join(folder, name), ignore_errors=True)


def listed(folder: Any) -> list[str]:
    """The paths of all checkpoints in a folder, the newest first; whether they are whole is not looked at."""
    folder = os.fspath(folder)
    found = []
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        match = NAME.fullmatch(name)
        if match:
            found.append((int(match[1]), os.path.join(folder, name)))
    return [path for _, path in sorted(found, reverse=True)]


def step_of(path: str) -> int:
    """The number of steps that a checkpoint's name tells."""
    match = NAME.fullmatch(os.path.basename(path))
    return int(match[1]) if match else -1


def read(path: Any) -> tuple[dict[str, Any], Any]:
    """The model's arrays and the state of the training in one checkpoint, of which every byte was checked."""
    path = os.fspath(path)
    try:
        with open(os.path.join(path, MANIFEST), "rb") as file:
            manifest = json.loads(file.read(1 << 16))
        if manifest["format"] != FORMAT:
            raise CheckpointError(
                f"{path}: a checkpoint of format {manifest['format']!r:.20}, and this version reads format {FORMAT}."
            )
        files = {name: _whole(path, name, manifest["files"][name]) for name in (MODEL, STATE, NUMBERS)}
        arrays = safetensors.load(files[STATE])
        return safetensors.load(files[MODEL]), unpack(json.loads(files[NUMBERS]), arrays)
    except CheckpointError:
        raise
    except FileNotFoundError as error:
        inside = listed(path)
        if not os.path.lexists(path):
            why = "there is nothing of that name."
        elif inside:
            why = (
                f"it is the folder of several. Write checkpoint={path!r}, resume=True to go on from the newest, or "
                f"give one of them, such as {inside[0]}."
            )
        else:
            why = f"{error.filename} is missing."
        raise CheckpointError(f"{path} is no checkpoint: {why}") from None
    except SafetensorsError as error:
        raise CheckpointError(f"{path} is damaged: {error}") from None
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise CheckpointError(f"{path} is damaged: {type(error).__name__}: {error}") from None


def _is_whole(path: str) -> bool:
    try:
        read(path)
    except CheckpointError:
        return False
    return True


def _whole(path: str, name: str, expected: dict[str, Any]) -> bytes:
    with open(os.path.join(path, name), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size != expected["bytes"]:
            raise CheckpointError(
                f"{path} is damaged: {name} has {size} bytes in place of {expected['bytes']}."
            )
        data = file.read()
    if hashlib.sha256(data).hexdigest() != expected["sha256"]:
        raise CheckpointError(f"{path} is damaged: {name} has another SHA-256 than it was written with.")
    return data


def read_newest(folder: Any) -> tuple[str, dict[str, Any], Any] | None:
    """The newest whole checkpoint of a folder, as (path, model, state), or None. Warns of damaged ones."""
    paths = listed(folder)
    for path in paths:
        try:
            return (path, *read(path))
        except CheckpointError as error:
            then = "There is none before it" if path == paths[-1] else "The checkpoint before it is taken"
            warnings.warn(f"{error} {then}.", stacklevel=level())
    return None


def newest(folder: Any) -> str | None:
    """The path of the newest whole checkpoint in a folder, or None. A damaged one is passed over, with a warning."""
    found = read_newest(folder)
    return found and found[0]


def best(folder: Any) -> str | None:
    """The path of the best checkpoint, as the newest one knows it (see keep_best of nn.Checkpoint), or None."""
    found = read_newest(folder)
    name = found and found[2].get("checkpoint", {}).get("best_name")
    return os.path.join(os.fspath(folder), name) if name else None


def load_weights(model: Any, path: Any) -> None:
    """Give a model the weights of a checkpoint, or of the newest one in a folder.

    The same file can be read without this library: it is a safetensors file, model.safetensors.
    """
    path = os.fspath(path)
    if not os.path.isdir(path):
        raise FileNotFoundError(f"{path}: there is no such folder.")
    if os.path.exists(os.path.join(path, MANIFEST)) or step_of(path) >= 0:
        arrays = read(path)[0]
    else:
        found = read_newest(path)
        if found is None:
            raise CheckpointError(f"{path}: there is no whole checkpoint in this folder.")
        arrays = found[1]
    model.load_state_dict(arrays)
