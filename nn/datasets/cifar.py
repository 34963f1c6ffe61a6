"""CIFAR-10: 32 x 32 pixels in colour, ten classes, 50 000 images to learn on and 10 000 to test on.

The authors publish it in two forms, with equal contents (www.cs.toronto.edu/~kriz/cifar.html, with the MD5 sums
c32a1d4ab5d03f1284b67883e8d87530 and c58f30108f718f92721af3b95e74349a): as bytes, and as pickles of Python 2. The
SHA-256 sum of the bytes is that in TensorFlow Datasets (url_checksums/cifar10.txt), that of the pickles is Keras's.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.numbers import flag
from .cache import cache_dir
from .errors import FormatError, short
from .pixels import scaled

if TYPE_CHECKING:
    from pathlib import Path

Pair = tuple[Any, Any]

CIFAR10_CLASSES = tuple("airplane automobile bird cat deer dog frog horse ship truck".split())

MIRRORS = ("https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/")
BATCHES = [f"data_batch_{i}" for i in range(1, 6)]
# Of each version: the archive, its size and SHA-256 sum, its folder, and how its files' names end.
VERSIONS: dict[str, dict[str, Any]] = {
    "binary": {
        "archive": "cifar-10-binary.tar.gz",
        "size": 170052171,
        "sha256": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        "folder": "cifar-10-batches-bin",
        "suffix": ".bin",
    },
    "python": {
        "archive": "cifar-10-python.tar.gz",
        "size": 170498071,
        "sha256": "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        "folder": "cifar-10-batches-py",
        "suffix": "",
    },
}
PIXELS = 3 * 32 * 32
LIMIT = 1 << 26  # bytes of one file


def load_cifar10(
    root: str | os.PathLike[str] | None = None,
    *,
    train: bool = True,
    download: bool = False,
    version: str | None = None,
    dtype: Any = np.float32,
    flat: bool = True,
    progress: bool | None = None,
) -> Pair:
    """CIFAR-10's pictures: X (50000, 3072) from 0 to 1, y (50000,); with train=False the 10000 to test on.

    A row is the red pixels, then the green, then the blue, each line by line; flat=False gives X as
    (50000, 3, 32, 32). `CIFAR10_CLASSES` names the classes. dtype: np.uint8 gives the bytes as they are, 0 to 255.

    root: the folder with the archive or with the files in it; None, the default, is `cache_dir()`'s cifar-10. version:
    "binary" or "python", the form of the files; None takes what is there. Nothing is downloaded unless download=True
    asks for it: then, if there is nothing, the archive (170 MB, by default the binary one) is put there, its SHA-256
    sum checked. Archives are read where they are. Pickles are read by `read_pickle`, which runs nothing of them.

    Raises FileNotFoundError, DownloadError and FormatError, each of which says what to do.
    (A. Krizhevsky: Learning multiple layers of features from tiny images, 2009.)

    >>> CIFAR10_CLASSES[:3]
    ('airplane', 'automobile', 'bird')
    """
    from pathlib import Path

    train, download, flat = flag("train", train), flag("download", download), flag("flat", flat)
    if version not in (None, *VERSIONS):
        raise ValueError(f"version={version!r}: it is 'binary', 'python', or None for what is there.")
    folder = cache_dir() / "cifar-10" if root is None else Path(root).expanduser()
    names = BATCHES if train else ["test_batch"]
    kind, contents = _contents(folder, names, version, download, progress)
    batches = [(_binary if kind == "binary" else _pickled)(contents[name], name) for name in names]
    pixels = np.concatenate([x for x, _ in batches])
    labels = np.concatenate([y for _, y in batches])
    return scaled(pixels if flat else pixels.reshape(-1, 3, 32, 32), dtype), labels.astype(np.int64)


def _contents(
    folder: Path, names: list[str], version: str | None, download: bool, progress: bool | None
) -> tuple[str, dict[str, bytes]]:
    """The version that was found, and the bytes of each file."""
    from .archive import members

    kinds = [version] if version else list(VERSIONS)
    for kind in kinds:
        about = VERSIONS[kind]
        files = {name: name + about["suffix"] for name in names}
        for place in (folder / about["folder"], folder):
            paths = {name: place / file for name, file in files.items()}
            if all(path.is_file() for path in paths.values()):
                return kind, {name: _read(path) for name, path in paths.items()}
    archives = [kind for kind in kinds if (folder / VERSIONS[kind]["archive"]).is_file()]
    if not archives and not download:
        raise FileNotFoundError(
            f"no CIFAR-10 in {folder}: neither {' nor '.join(VERSIONS[kind]['archive'] for kind in kinds)}, nor all of "
            f"the files {', '.join(names)}. Write download=True to get it from {MIRRORS[0]} (170 MB), or root= with "
            "the folder that has it."
        )
    kind = (archives or kinds)[0]
    about = VERSIONS[kind]
    path = folder / about["archive"]
    if download:  # an archive that is there is only looked at
        from .download import fetch

        urls = [mirror + about["archive"] for mirror in MIRRORS]
        fetch(urls, path, sha256=about["sha256"], size=about["size"], progress=progress)
    found = members(path, [name + about["suffix"] for name in names])
    return kind, {name: found[name + about["suffix"]] for name in names}


def _read(path: Path) -> bytes:
    if path.stat().st_size > LIMIT:
        raise FormatError(f"{path} has more than {LIMIT} bytes: it is no file of CIFAR-10.")
    return path.read_bytes()


def _binary(content: bytes, name: str) -> Pair:
    """Records of a label and 3072 pixels, a byte each."""
    if not content or len(content) % (1 + PIXELS):
        raise FormatError(
            f"{name} has {len(content)} bytes, which are not whole records of {1 + PIXELS}: cut off, or another file."
        )
    records = np.frombuffer(content, np.uint8).reshape(-1, 1 + PIXELS)
    return _checked(records[:, 1:], records[:, 0], name)


def _pickled(content: bytes, name: str) -> Pair:
    """A dict with the pixels as "data" and the classes as "labels"."""
    from .pickled import read_pickle

    try:
        batch = read_pickle(content)
    except FormatError as error:
        raise FormatError(f"{name}: {error}") from None
    if not isinstance(batch, dict):
        raise FormatError(f"{name} holds a {type(batch).__name__}, where CIFAR-10 has a dict.")
    batch = {key.decode("latin-1") if isinstance(key, bytes) else key: value for key, value in batch.items()}
    if not {"data", "labels"} <= batch.keys():
        keys = ", ".join(map(short, list(batch)[:10]))
        raise FormatError(f"{name} holds [{keys}], where CIFAR-10 has 'data' and 'labels'.")
    return _checked(batch["data"], _labels(batch["labels"], name), name)


def _labels(given: Any, name: str) -> Any:
    """An array of labels. A list is looked through before NumPy is: it could hold lists, without an end."""
    if isinstance(given, np.ndarray):
        return given
    if not isinstance(given, (list, tuple)):
        raise FormatError(f"{name}: the labels are {short(given)}, where CIFAR-10 has a list of numbers.")
    wrong = [label for label in given if type(label) is not int or not 0 <= label <= 9]
    if wrong:
        raise FormatError(f"{name} has {short(wrong[0])} as a label, where the classes are 0 to 9.")
    return np.array(given, np.int64)


def _checked(pixels: Any, labels: Any, name: str) -> Pair:
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.shape[1:] != (PIXELS,):
        array = isinstance(pixels, np.ndarray)
        what = f"{pixels.dtype} of shape {pixels.shape}" if array else short(pixels)
        raise FormatError(f"{name}: the pixels are {what}, where CIFAR-10 has bytes of shape (n, {PIXELS}).")
    if not len(pixels):
        raise FormatError(f"{name} has no images: it is not the file that was published.")
    if labels.dtype.kind not in "iu" or labels.shape != (len(pixels),):
        raise FormatError(
            f"{name}: {len(pixels)} images, and labels of shape {labels.shape} and dtype {labels.dtype}."
        )
    if not 0 <= labels.min() <= labels.max() <= 9:
        raise FormatError(
            f"{name} has labels from {labels.min()} to {labels.max()}, where the classes are 0 to 9."
        )
    return pixels, labels
