"""Data sets: real digits, points in the plane, and MNIST, Fashion-MNIST and CIFAR-10 from a folder or the web.

All give (X, y): rows of inputs, and whole numbers as classes (of a regression, columns of numbers).
"""

from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from ..core.absent import explain as _explain
from .cache import cache_dir
from .cifar import CIFAR10_CLASSES, load_cifar10
from .digits import load_digits, load_digits_16x16
from .errors import DownloadError, FormatError
from .mnist import FASHION_CLASSES, load_fashion_mnist, load_mnist
from .shapes import blobs, circles, linear, moons, sine, spirals, xor


def read_idx(path: _Any) -> _Any:
    """The array in an IDX file such as MNIST's, gzipped or not. Raises FormatError for what is none, or not whole."""
    from .idx import read_idx as read

    return read(path)


__all__ = [
    "CIFAR10_CLASSES",
    "DownloadError",
    "FASHION_CLASSES",
    "FormatError",
    "blobs",
    "cache_dir",
    "circles",
    "linear",
    "load_cifar10",
    "load_digits",
    "load_digits_16x16",
    "load_fashion_mnist",
    "load_mnist",
    "moons",
    "read_idx",
    "sine",
    "spirals",
    "xor",
]


if not _TYPE_CHECKING:  # a type checker would take every name for one that exists

    def __getattr__(name: str) -> object:
        raise _explain("nn.datasets", name, __all__)
