"""MNIST and Fashion-MNIST: 28 x 28 pixels in grey, ten classes, 60 000 images to learn on and 10 000 to test on.

Sizes and SHA-256 sums are those in TensorFlow Datasets (url_checksums/mnist.txt, fashion_mnist.txt); torchvision's
prototype loaders (datasets/_builtin/mnist.py) have the same sums.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.numbers import flag
from .cache import cache_dir
from .errors import FormatError
from .pixels import scaled

if TYPE_CHECKING:
    from pathlib import Path

Pair = tuple[Any, Any]

FASHION_CLASSES = tuple(
    "T-shirt/top,trouser,pullover,dress,coat,sandal,shirt,sneaker,bag,ankle boot".split(",")
)

TRAIN = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
TEST = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")

# For each set: its mirrors, and the size and SHA-256 sum of each file NAME.gz.
MNIST: dict[str, Any] = {
    "title": "MNIST",
    "folder": "mnist",
    "mirrors": (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    TRAIN[0]: (9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
    TRAIN[1]: (28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    TEST[0]: (1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
    TEST[1]: (4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
}
FASHION: dict[str, Any] = {
    "title": "Fashion-MNIST",
    "folder": "fashion-mnist",
    "mirrors": (
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    TRAIN[0]: (26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
    TRAIN[1]: (29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
    TEST[0]: (4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
    TEST[1]: (5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
}


def load_mnist(
    root: str | os.PathLike[str] | None = None,
    *,
    train: bool = True,
    download: bool = False,
    dtype: Any = np.float32,
    flat: bool = True,
    progress: bool | None = None,
) -> Pair:
    """MNIST's handwritten digits: X (60000, 784), ink from 0 to 1, and y (60000,); train=False: the 10000 to test on.

    root: the folder with the four IDX files, gzipped or not; None, the default, is `cache_dir()`'s mnist. Nothing is
    downloaded unless download=True asks for it: then what is missing (11 MB in all) is put there, its SHA-256 sum
    checked. dtype: np.uint8 gives the bytes as they are, 0 to 255. flat=False gives X as (60000, 1, 28, 28).
    progress: whether to draw a bar; None, the default, draws it on a terminal only.

    Raises FileNotFoundError, DownloadError and FormatError, each of which says what to do.
    (LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998.)
    """
    return _load(MNIST, root, train, download, dtype, flat, progress)


def load_fashion_mnist(
    root: str | os.PathLike[str] | None = None,
    *,
    train: bool = True,
    download: bool = False,
    dtype: Any = np.float32,
    flat: bool = True,
    progress: bool | None = None,
) -> Pair:
    """Fashion-MNIST: pictures of clothes in the format of MNIST, and harder; 31 MB. The rest is as in load_mnist.

    The classes are named in `FASHION_CLASSES`. (Xiao, Rasul, Vollgraf: Fashion-MNIST, arXiv:1708.07747.)

    >>> FASHION_CLASSES[9]
    'ankle boot'
    """
    return _load(FASHION, root, train, download, dtype, flat, progress)


def _load(
    known: dict[str, Any], root: Any, train: bool, download: bool, dtype: Any, flat: bool, progress: Any
) -> Pair:
    from pathlib import Path

    from .idx import read_idx

    train, download, flat = flag("train", train), flag("download", download), flag("flat", flat)
    folder = cache_dir() / known["folder"] if root is None else Path(root).expanduser()
    paths = [_file(known, folder, name, download, progress) for name in (TRAIN if train else TEST)]
    images, labels = map(read_idx, paths)
    for path, array, axes in zip(paths, (images, labels), (3, 1)):
        if array.dtype != np.uint8 or array.ndim != axes:
            raise FormatError(
                f"{path} holds {array.dtype} of shape {array.shape}, where {'images' if axes == 3 else 'labels'} are "
                f"bytes with {axes} ax{'es' if axes > 1 else 'is'}. Were the two files exchanged?"
            )
        if not array.size:
            raise FormatError(f"{path} holds an array of shape {array.shape}: there is nothing in it.")
    if len(images) != len(labels):
        raise FormatError(f"{paths[0]} has {len(images)} images, and {paths[1]} {len(labels)} labels.")
    if labels.max() > 9:
        raise FormatError(f"{paths[1]} has a label {labels.max()}, where the classes are 0 to 9.")
    shape = (len(images), -1) if flat else (len(images), 1, *images.shape[1:])
    return scaled(images.reshape(shape), dtype), labels.astype(np.int64)


def _file(known: dict[str, Any], folder: Path, name: str, download: bool, progress: bool | None) -> Path:
    """The file of this name: gzipped or not, perhaps where torchvision keeps it; downloaded if that was asked for."""
    for place in (folder, folder / "raw", folder / known["title"].replace("-", "") / "raw"):
        for there in (place / f"{name}.gz", place / name, place / name.replace("-idx", ".idx")):
            if there.is_file() and not (download and there == folder / f"{name}.gz"):  # which fetch looks at
                return there
    if not download:
        raise FileNotFoundError(
            f"no {known['title']} in {folder}: {name} is not there, nor {name}.gz. Write download=True to get it from "
            f"{known['mirrors'][0]}, or root= with the folder that has the files."
        )
    from .download import fetch

    size, sha256 = known[name]
    urls = [f"{mirror}{name}.gz" for mirror in known["mirrors"]]
    return fetch(urls, folder / f"{name}.gz", sha256=sha256, size=size, progress=progress)
