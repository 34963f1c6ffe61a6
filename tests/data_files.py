"""Files in the formats of MNIST and CIFAR-10, with numbers made here."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tarfile

import numpy as np

RNG = np.random.default_rng(0)


def idx(array, kind=0x08):
    array = np.asarray(array)
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, kind, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write_mnist(folder, train=7, test=3, zipped=True, dots=False):
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for part, n in (("train", train), ("t10k", test)):
        X, y = RNG.integers(0, 256, (n, 28, 28)).astype(np.uint8), RNG.integers(0, 10, n).astype(np.uint8)
        X[0, 0, :3] = 0, 51, 255
        for kind, array in (("images-idx3", X), ("labels-idx1", y)):
            name = f"{part}-{kind}-ubyte".replace("-idx", ".idx" if dots else "-idx")
            (folder / (name + ".gz" * zipped)).write_bytes(
                gzip.compress(idx(array)) if zipped else idx(array)
            )
        made[part] = X, y
    return made


def cifar(seed, n=4):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 3072)).astype(np.uint8), rng.integers(0, 10, n)


BATCHES = {**{f"data_batch_{i}": cifar(i) for i in range(1, 6)}, "test_batch": cifar(6)}


def cifar_files(version):
    if version == "binary":
        return {
            f"{k}.bin": np.column_stack([y, X]).astype(np.uint8).tobytes() for k, (X, y) in BATCHES.items()
        }
    return {
        name: pickle.dumps(
            {b"batch_label": b"of 5", b"labels": y.tolist(), b"data": X, b"filenames": [b"a.png"]}, 2
        )
        for name, (X, y) in BATCHES.items()
    }


def write_archive(path, files, extra=(), mode="w:gz"):
    with tarfile.open(path, mode) as tar:
        for info, content in [
            *extra,
            *((tarfile.TarInfo(f"cifar-10/{name}"), data) for name, data in files.items()),
        ]:
            info.size = len(content) if info.isreg() else 0
            tar.addfile(info, io.BytesIO(content))
