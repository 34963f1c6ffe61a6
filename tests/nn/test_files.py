"""Files of MNIST and CIFAR-10, made here: read whatever their form, and told what is wrong with them."""

from __future__ import annotations

import gzip
import pickle
import tarfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from data_files import BATCHES, RNG, cifar_files, idx, write_archive, write_mnist

import nn
from nn import datasets
from nn.datasets import FormatError

# --- IDX files


@pytest.mark.parametrize(
    ("kind", "dtype"), [(0x08, "u1"), (0x09, "i1"), (0x0B, "i2"), (0x0C, "i4"), (0x0D, "f4"), (0x0E, "f8")]
)
@pytest.mark.parametrize("zipped", [False, True])
def test_idx_files_of_every_kind_are_read(tmp_path, kind, dtype, zipped):
    array = (100 * RNG.random((3, 2, 4))).astype(dtype)
    data = idx(array, kind)
    (tmp_path / "x").write_bytes(gzip.compress(data) if zipped else data)  # the name does not matter
    read = datasets.read_idx(tmp_path / "x")
    assert read.dtype == np.dtype(dtype)
    assert read.dtype.isnative
    assert read.flags.writeable
    np.testing.assert_array_equal(read, array)


IMAGES = idx(np.zeros((4, 28, 28), np.uint8))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not an IDX file: it begins with b''"),
        (b"\0\0\x08", "not an IDX file"),
        (b"<!DOCTYPE html>", "not an IDX file.*web page"),
        (b"\x89PNG....", "not an IDX file"),
        (b"\0\0\x07\1" + IMAGES[4:], "not an IDX file"),  # no such kind of number
        (b"\0\0\x08\0", "not an IDX file"),  # no axes
        (IMAGES[:9], "cut off in its header"),
        (IMAGES[:-1], "cut off: 3135 of 3136 bytes"),
        (IMAGES + b"\0", "longer than its header says"),
        (gzip.compress(IMAGES)[:-9], "gzip file is cut off or damaged"),
        (gzip.compress(IMAGES)[:-8] + b"12345678", "gzip file is cut off or damaged.*CRC"),
        (gzip.compress(IMAGES[:-1]), "cut off: 3135 of 3136"),
        (gzip.compress(b"<html>"), "web page"),
        (b"\0\0\x08\4" + b"\xff" * 16, "no IDX file known is as large"),
        (b"\0\0\x08\4" + bytes(4) + b"\xff" * 12, "no IDX file known is as large"),  # 0 x much x much x much
        (b"\0\0\x08\xff" + b"\0\0\0\1" * 255 + b"x", "255 axes; no IDX file known has more than 32"),
        (
            gzip.compress(b"\0\0\x08\1" + b"\x7f\xff\xff\xff"),
            "cut off: 0 of 2147483647",
        ),  # no memory is taken for it
    ],
)
def test_what_is_no_whole_idx_file_is_told(tmp_path, data, words):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(FormatError, match=words):
        datasets.read_idx(tmp_path / "x")


# --- MNIST and Fashion-MNIST from a folder

LOADERS = [(nn.load_mnist, "MNIST"), (nn.load_fashion_mnist, "FashionMNIST")]


@pytest.mark.parametrize(("load", "torchvision"), LOADERS)
@pytest.mark.parametrize("zipped", [False, True])
def test_mnist_is_read_from_a_folder(tmp_path, load, torchvision, zipped):
    made = write_mnist(tmp_path, zipped=zipped)
    X, y = load(tmp_path)
    assert (X.shape, X.dtype, y.dtype) == ((7, 784), np.float32, np.int64)
    np.testing.assert_array_equal(y, made["train"][1])
    np.testing.assert_array_equal(X, made["train"][0].reshape(7, 784).astype(np.float32) / np.float32(255))
    assert X[0, :3].tolist() == pytest.approx([0, 0.2, 1])
    X, y = load(str(tmp_path), train=False, dtype=np.uint8, flat=False)
    assert (X.shape, X.dtype) == ((3, 1, 28, 28), np.uint8)
    np.testing.assert_array_equal(X[:, 0], made["t10k"][0])


@pytest.mark.parametrize(("load", "torchvision"), LOADERS)
def test_the_places_and_names_of_others_are_known(tmp_path, load, torchvision):
    write_mnist(tmp_path / "a" / torchvision / "raw")
    write_mnist(tmp_path / "b" / "raw", zipped=False)
    write_mnist(tmp_path / "c", zipped=False, dots=True)
    for place in "abc":
        assert len(load(tmp_path / place)[0]) == 7


def test_without_a_folder_the_cache_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADLENS_DATA", str(tmp_path))
    write_mnist(tmp_path / "mnist")
    assert nn.load_mnist(dtype=np.float64)[0].dtype == np.float64
    with pytest.raises(FileNotFoundError, match=r"no Fashion-MNIST in .*fashion-mnist.*download=True.*root="):
        nn.load_fashion_mnist()
    with pytest.raises(FileNotFoundError, match=r"no CIFAR-10 in .*cifar-10.*download=True.*170 MB.*root="):
        nn.load_cifar10()


@pytest.mark.parametrize("shape", [(0, 28, 28), (7, 0, 28)])
@pytest.mark.parametrize("flat", [False, True])
def test_mnist_files_with_nothing_in_them_are_told(tmp_path, shape, flat):
    write_mnist(tmp_path, zipped=False)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(np.zeros(shape, np.uint8)))
    with pytest.raises(FormatError, match=r"shape \([07], (0|28), 28\): there is nothing in it"):
        nn.load_mnist(tmp_path, flat=flat)
    assert datasets.read_idx(tmp_path / "train-images-idx3-ubyte").shape == shape


def test_files_that_do_not_belong_together_are_told(tmp_path):
    write_mnist(tmp_path, zipped=False)
    images, labels = (tmp_path / f"train-{kind}-ubyte" for kind in ("images-idx3", "labels-idx1"))
    whole = images.read_bytes(), labels.read_bytes()
    labels.write_bytes(idx(np.zeros(6, np.uint8)))
    with pytest.raises(FormatError, match=r"7 images.* 6 labels"):
        nn.load_mnist(tmp_path)
    labels.write_bytes(idx(np.full(7, 10, np.uint8)))
    with pytest.raises(FormatError, match="a label 10, where the classes are 0 to 9"):
        nn.load_mnist(tmp_path)
    images.write_bytes(whole[1])
    with pytest.raises(FormatError, match=r"uint8 of shape \(7,\), where images.*exchanged"):
        nn.load_mnist(tmp_path)
    images.write_bytes(whole[0])
    labels.write_bytes(whole[1])
    with pytest.raises(TypeError, match=r"dtype=int64.*np\.uint8"):
        nn.load_mnist(tmp_path, dtype=int)


# --- curriculum G1: CIFAR-10, on files of the same format


@pytest.mark.parametrize(("version", "short"), [("binary", "bin"), ("python", "py")])
@pytest.mark.parametrize("form", ["files", "folder", "archive"])
def test_cifar_is_read_in_both_versions_from_files_and_archives(tmp_path, version, short, form):
    files = cifar_files(version)
    if form == "archive":
        write_archive(tmp_path / f"cifar-10-{version}.tar.gz", files)
    else:
        folder = tmp_path / f"cifar-10-batches-{short}" if form == "folder" else tmp_path
        folder.mkdir(exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    before = sorted(tmp_path.rglob("*"))
    X, y = nn.load_cifar10(tmp_path)
    assert (X.shape, X.dtype, y.shape, y.dtype) == ((20, 3072), np.float32, (20,), np.int64)
    np.testing.assert_array_equal(y, np.concatenate([BATCHES[f"data_batch_{i}"][1] for i in range(1, 6)]))
    np.testing.assert_array_equal(X[4:8], BATCHES["data_batch_2"][0].astype(np.float32) / np.float32(255))
    X, y = nn.load_cifar10(str(tmp_path), train=False, version=version, dtype=np.uint8, flat=False)
    np.testing.assert_array_equal(X, BATCHES["test_batch"][0].reshape(4, 3, 32, 32))
    np.testing.assert_array_equal(y, BATCHES["test_batch"][1])
    assert sorted(tmp_path.rglob("*")) == before, "nothing was unpacked"
    other = {"binary": "python", "python": "binary"}[version]
    with pytest.raises(FileNotFoundError, match=f"cifar-10-{other}"):
        nn.load_cifar10(tmp_path, version=other)


def test_a_two_layer_network_learns_from_the_files(tmp_path):
    write_archive(tmp_path / "cifar-10-binary.tar.gz", cifar_files("binary"))
    X, y = nn.load_cifar10(tmp_path)
    model = nn.MLP([3072, 32, 10], dtype=np.float32, rng=0)
    optimiser = nn.SGD(model.parameters(), lr=0.05)
    history = nn.fit(model, (nn.Standardiser(X)(X), y), epochs=40, batch_size=10, optimiser=optimiser, rng=0)
    assert history.accuracy[-1] == 1
    templates = model[0].weight.data.reshape(32, 3, 32, 32)  # what each hidden unit looks for, as an image
    assert np.isfinite(templates).all()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "test_batch has 0 bytes"),
        (bytes(3073 * 2 - 1), "6145 bytes, which are not whole records of 3073"),
        (b"\x0a" + bytes(3072), "labels from 10 to 10"),
    ],
)
def test_a_damaged_binary_batch_is_told(tmp_path, content, words):
    (tmp_path / "test_batch.bin").write_bytes(content)
    with pytest.raises(FormatError, match=words):
        nn.load_cifar10(tmp_path, train=False)


X0, Y0 = BATCHES["test_batch"]


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        ([1, 2], "holds a list, where CIFAR-10 has a dict"),
        ({"data": X0}, r"holds \['data'\]"),
        ({"data": X0, "labels": Y0[:3].tolist()}, "4 images, and labels of shape"),
        ({"data": X0, "labels": [0.5] * 4}, r"has 0\.5 as a label"),
        ({"data": X0, "labels": np.array([0.5] * 4)}, r"shape \(4,\) and dtype float64"),
        ({"data": X0, "labels": np.array([0, 1, 2, -1])}, "labels from -1 to 2"),
        ({"data": X0, "labels": [[1], [1, 2]]}, "has a list as a label"),
        ({"data": X0, "labels": [0, 1, 2, -1]}, "has -1 as a label, where the classes are 0 to 9"),
        ({"data": X0, "labels": [0, 1, 2, 10**50]}, "has an int of 167 bits as a label"),
        ({"data": X0, "labels": [True] * 4}, "has True as a label"),
        ({"data": X0, "labels": "3142"}, "the labels are '3142', where"),
        ({"data": X0[:0], "labels": []}, "has no images"),
        ({"data": X0.astype(int), "labels": [0] * 4}, "pixels are int64 of shape"),
        ({"data": X0[:, :9], "labels": [0] * 4}, r"uint8 of shape \(4, 9\)"),
        ({"data": "text", "labels": [0] * 4}, "pixels are 'text'"),
        ({"x" * 999: 0, 2: 1}, r"holds \['x{40}'\.\.\., 2\], where"),
    ],
)
def test_a_pickle_of_other_things_is_told(tmp_path, batch, words):
    (tmp_path / "test_batch").write_bytes(pickle.dumps(batch))
    with pytest.raises(FormatError, match=words):
        nn.load_cifar10(tmp_path, train=False)


def test_labels_that_hold_themselves_or_one_list_many_times_are_not_gone_through(tmp_path):
    knot = [3]
    knot += [knot] * 9
    deep = [1]
    for _ in range(5):
        deep = [deep] * 10  # 10^5 numbers in an array, of 500 bytes
    for labels in (knot, deep):
        data = pickle.dumps({"data": X0, "labels": labels})
        (tmp_path / "test_batch").write_bytes(data)
        tracemalloc.start()
        try:
            with pytest.raises(FormatError, match="has a list as a label"):
                nn.load_cifar10(tmp_path, train=False)
            assert tracemalloc.get_traced_memory()[1] < 5 * len(data) + 200_000
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("load", [nn.load_mnist, nn.load_fashion_mnist, nn.load_cifar10])
@pytest.mark.parametrize("name", ["train", "download", "flat"])
@pytest.mark.parametrize("value", ["test", 1, None])
def test_a_switch_is_true_or_false(load, name, value):
    with pytest.raises(TypeError, match=f"^{name}={value!r}: it must be True or False"):
        load(**{name: value})


@pytest.mark.parametrize("load", [nn.load_mnist, nn.load_cifar10])
def test_a_dtype_is_one_of_numpy(load, tmp_path):
    write_mnist(tmp_path)
    (tmp_path / "test_batch.bin").write_bytes(cifar_files("binary")["test_batch.bin"])
    with pytest.raises(TypeError, match=r"dtype='nonsense': these are real numbers.*np\.uint8"):
        load(tmp_path, train=False, dtype="nonsense")


def test_a_version_has_a_name():
    with pytest.raises(ValueError, match=r"version=\['binary'\]: it is"):
        nn.load_cifar10(version=["binary"])
    with pytest.raises(ValueError, match="version='matlab': it is 'binary', 'python'"):
        nn.load_cifar10(version="matlab")


# --- archives


def entry(name, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info, b"x"


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (entry("/etc/passwd"), "leads out of the archive"),
        (entry("a/../../b"), "leads out of the archive"),
        (entry("..\\b"), "leads out of the archive"),
        (entry("C:\\b"), "leads out of the archive"),
        (entry("a", tarfile.SYMTYPE, "/etc/passwd"), "is a link or a device"),
        (entry("test_batch.bin", tarfile.LNKTYPE, "../../x"), "is a link or a device"),
        (entry("a", tarfile.FIFOTYPE), "is a link or a device"),
        (entry("cifar-10/test_batch.bin"), "has test_batch.bin twice"),
    ],
)
def test_an_archive_that_does_what_data_does_not_is_refused(tmp_path, extra, words):
    write_archive(tmp_path / "cifar-10-binary.tar.gz", cifar_files("binary"), [extra])
    with pytest.raises(FormatError, match=words):
        nn.load_cifar10(tmp_path, train=False)


def test_sizes_have_limits(tmp_path, monkeypatch):
    path = tmp_path / "cifar-10-binary.tar.gz"
    write_archive(path, cifar_files("binary"))
    monkeypatch.setattr("nn.datasets.archive.LIMIT", 10_000)
    with pytest.raises(FormatError, match="has 12292 bytes, of at most 10000"):
        nn.load_cifar10(tmp_path)
    monkeypatch.setattr("nn.datasets.archive.LIMIT", 100_000)
    monkeypatch.setattr("nn.datasets.archive.TOTAL", 30_000)
    with pytest.raises(FormatError, match="holds more than 30000 bytes"):
        nn.load_cifar10(tmp_path)
    monkeypatch.setattr("nn.datasets.cifar.LIMIT", 10_000)
    (tmp_path / "test_batch.bin").write_bytes(bytes(4 * 3073))
    with pytest.raises(FormatError, match="more than 10000 bytes"):
        nn.load_cifar10(tmp_path, train=False)


def test_a_huge_header_is_not_read_into_memory(tmp_path):
    """A long name can claim any length: it is read piece by piece, and no further than the archive goes."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 40
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(gzip.compress(info.tobuf() + bytes(5000)))
    with pytest.raises(FormatError, match=r"cut off or damaged|lacks"):
        nn.load_cifar10(tmp_path)


def test_headers_are_read_only_so_far(tmp_path):
    """Names and attributes of any length are kept in memory, and may follow one another without an end."""
    path = tmp_path / "cifar-10-binary.tar.gz"
    for kind in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE):
        info = tarfile.TarInfo("long")
        info.type, info.size = kind, 1 << 22
        path.write_bytes(gzip.compress(info.tobuf() + bytes(1 << 22)))
        with pytest.raises(FormatError, match="holds more than 32768 bytes before its next file begins"):
            nn.load_cifar10(tmp_path)
        info.size = 0
        path.write_bytes(gzip.compress(info.tobuf() * 1000))
        with pytest.raises(FormatError, match=r"holds more than 32768 bytes before|cut off or damaged"):
            nn.load_cifar10(tmp_path)
    write_archive(path, {f"{i}.png": b"" for i in range(101)})
    with pytest.raises(FormatError, match="has more than 100 files"):
        nn.load_cifar10(tmp_path)


def test_what_tarfile_lets_out_is_a_format_error(tmp_path):
    """int() of a size that is a word; a negative size; a file with holes, which claim any size."""
    for name, value in [("size", "many"), ("GNU.sparse.map", "0,x"), ("size", "-512")]:
        info = tarfile.TarInfo("test_batch.bin")
        info.pax_headers = {name: value}
        (tmp_path / "cifar-10-binary.tar").write_bytes(info.tobuf(tarfile.PAX_FORMAT) + bytes(1024))
        (tmp_path / "cifar-10-binary.tar").replace(tmp_path / "cifar-10-binary.tar.gz")
        with pytest.raises(FormatError):
            nn.load_cifar10(tmp_path, train=False)


def test_an_archive_that_is_not_whole_is_told(tmp_path):
    path = tmp_path / "cifar-10-binary.tar.gz"
    write_archive(path, cifar_files("binary"))
    whole = path.read_bytes()
    for data in (b"", b"<html>", whole[: len(whole) // 2], whole[:200] + bytes(100) + whole[300:]):
        path.write_bytes(data)
        with pytest.raises(FormatError, match=r"no tar archive, or cut off or damaged|lacks"):
            nn.load_cifar10(tmp_path)
    write_archive(path, {"readme.html": b""})
    with pytest.raises(FormatError, match=r"lacks test_batch.bin: it is another archive"):
        nn.load_cifar10(tmp_path, train=False)


def test_an_archive_need_not_be_zipped(tmp_path):
    write_archive(tmp_path / "cifar-10-python.tar.gz", cifar_files("python"), mode="w")
    assert len(nn.load_cifar10(tmp_path)[0]) == 20


# --- the cache folder


@pytest.mark.parametrize(
    ("platform", "env", "expected"),
    [
        ("linux", {}, "HOME/.cache/gradlens"),
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/gradlens"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "HOME/.cache/gradlens"),
        ("darwin", {"XDG_CACHE_HOME": "/x"}, "HOME/Library/Caches/gradlens"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/gradlens"),
        ("win32", {}, "HOME/AppData/Local/gradlens"),
        ("linux", {"GRADLENS_DATA": "/data"}, "/data"),
        ("linux", {"GRADLENS_DATA": "~/data"}, "HOME/data"),
        ("linux", {"GRADLENS_DATA": ""}, "HOME/.cache/gradlens"),
    ],
)
def test_the_cache_is_where_the_system_keeps_such_files(monkeypatch, platform, env, expected):
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "GRADLENS_DATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("nn.datasets.cache.sys.platform", platform)
    assert datasets.cache_dir() == Path(expected.replace("HOME", str(Path.home())))
