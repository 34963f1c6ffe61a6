"""Files changed at random: each is read or is a FormatError, and takes no more memory than a file of its size may."""

from __future__ import annotations

import gzip
import pickle
import struct
import tarfile
import tracemalloc

import numpy as np
import pytest
from data_files import idx
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from nn import datasets
from nn.datasets import FormatError
from nn.datasets.archive import members
from nn.datasets.idx import CHUNK

PIXELS = np.zeros((2, 3072), np.uint8)
PIECES = [
    b"(", b"]", b"}", b")", b"t", b"\x85", b"\x86", b"u", b"s", b"e", b"a", b"R", b"b", b"h\x01", b"h\x02",
    b"q\x01", b"K\x01", b"J\xff\xff\xff\xff", b"\x94", b"cnumpy\nndarray\n", b"cnumpy\ndtype\n",
    b"c_codecs\nencode\n", b"N", b"\x88", b"X\x01\0\0\0a", b"U\x02u1", b"\x8a\x09" + b"\xff" * 9,
    b"\x8b\xff\xff\xff\x7f", b"I9\n", b"d", b"l", b"cnumpy.core.multiarray\n_reconstruct\n",
    b"cnumpy.core.numeric\n_frombuffer\n", b".", b"c__builtin__\nbytes\n",
]  # fmt: skip

places = st.integers(0, 1 << 12)
edits = st.lists(
    st.tuples(
        st.sampled_from(["set", "insert", "cut", "copy"]),
        places,
        places,
        st.sampled_from(PIECES) | st.binary(max_size=4),
    ),
    min_size=1,
    max_size=6,
)


def changed(data, edits):
    """The data, with bytes replaced, put in, left out, or a stretch repeated; the run of zero pixels is left alone."""
    begin = data.find(bytes(100))
    end = len(data) - len(data[begin:].lstrip(b"\0")) if begin >= 0 else (begin := 0)
    head, run, tail = data[:begin], data[begin:end], data[end:]
    for kind, place, length, piece in edits:
        part = bytearray(head if place % (len(head) + len(tail) + 1) < len(head) else tail)
        first = part == head
        place %= len(part) + 1
        length = 1 + length % 40
        if kind == "set":
            part[place : place + len(piece)] = piece
        elif kind == "insert":
            part[place:place] = piece
        elif kind == "cut":
            del part[place : place + length]
        else:
            part[place:place] = 5 * part[place : place + length]
        head, tail = (bytes(part), tail) if first else (head, bytes(part))
    return head + run + tail


def read(call, size, spare=1 << 20):
    """What the call gives, or None for a FormatError; its memory is bounded by the file's size."""
    result, words = None, "something was found"
    tracemalloc.start()
    try:
        result = call()
    except FormatError as error:
        words = str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert 10 < len(words) < 2000
    assert peak < 100 * size + spare
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


shared = settings(max_examples=150)


@shared
@given(protocol=st.sampled_from([0, 2, 4, 5]), edits=edits)
def test_a_changed_pickle_is_a_batch_or_told(folder, protocol, edits):
    batch = {"labels": [3, 8], "filenames": ["a", "b"], "data": PIXELS}
    data = changed(pickle.dumps(batch, protocol), edits)
    (folder / "test_batch").write_bytes(data)
    found = read(lambda: nn.load_cifar10(folder, train=False, version="python"), len(data))
    if found is not None:
        X, y = found
        assert (X.shape, X.dtype, y.dtype) == ((len(y), 3072), np.float32, np.int64)
        assert len(y)
        assert 0 <= y.min() <= y.max() <= 9


@shared
@given(program=st.lists(st.sampled_from(PIECES), max_size=40))
def test_a_program_of_random_instructions_is_data_or_told(program):
    from nn.datasets.pickled import read_pickle

    data = b"]q\x01]q\x02" + b"".join(program) + b"."
    for given_data in (data, data[8:]):
        found = read(lambda given_data=given_data: read_pickle(given_data), len(data))
        assert isinstance(found, (dict, list, tuple, int, float, str, bytes, np.ndarray, type(None)))
        assert not isinstance(found, dict) or all(isinstance(key, (str, bytes, int)) for key in found)


@shared
@given(
    kind=st.sampled_from([8, 8, 8, 7, 9, 11, 13, 14]),
    shape=st.lists(st.sampled_from([0, 1, 2, 28, 1 << 16, (1 << 32) - 1]), min_size=3, max_size=3)
    | st.lists(st.integers(0, 3), max_size=5)
    | st.just([1] * 40),
    content=st.just(b"") | st.binary(max_size=40),
    whole=st.booleans(),
    zipped=st.booleans(),
    edits=st.just([]) | edits,
)
def test_a_changed_idx_file_is_an_array_or_told(folder, kind, shape, content, whole, zipped, edits):
    if whole and 0 < np.prod(shape, dtype=float) < 10_000 and len(shape) < 6:
        data = idx(np.zeros(shape, np.uint8))
    else:
        data = struct.pack(f">BBBB{len(shape)}I", 0, 0, kind, len(shape), *shape) + content
    data = changed(gzip.compress(data) if zipped else data, edits)
    for name in ("t10k-images-idx3-ubyte", "x"):
        (folder / name).write_bytes(data)
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx(np.ones(2, np.uint8)))
    size, spare = 1000 + len(data), 4 * CHUNK
    array = read(lambda: datasets.read_idx(folder / "x"), size, spare)
    assert array is None or isinstance(array, np.ndarray)
    for flat in (False, True):
        found = read(lambda flat=flat: nn.load_mnist(folder, train=False, flat=flat), size, spare)
        assert found is None or len(found[0]) == len(found[1]) == 2


FIELDS = [
    (0, 100),
    (100, 8),
    (124, 12),
    (136, 12),
    (156, 1),
    (157, 100),
    (257, 8),
    (345, 155),
    (386, 24),
    (482, 13),
]
VALUES = [
    b"", b"\0", b"0", b"5", b"x", b"g", b"L", b"K", b"S", b"2", b"6", b"77777777777", b"\xff" * 12,
    b"\x80" + b"\xff" * 11, b"../a", b"/a", b"C:a", b"test_batch.bin", b"a/", b"00000000001", b"00000000002 ",
    b"-1", b"\xc3\x28", b"1000",
]  # fmt: skip
ATTRIBUTES = [
    b"11 size=-1\n", b"13 size=many\n", b"0 a=b\n", b"5 a=\n", b"9" * 300, b"24 GNU.sparse.map=0,x,1\n",
    b"22 GNU.sparse.major=1\n", b"22 GNU.sparse.minor=0\n", b"23 GNU.sparse.size=99\n",
    b"21 path=test_batch.bin\n", b"16 hdrcharset=\xff\n", b"30 GNU.sparse.realsize=1000000\n",
    b"12 mtime=\xff\n", b"\n",
]  # fmt: skip


def header(blocks, at, field, value):
    """A field of a tar header set anew, and its checksum made right."""
    start, length = field
    block = bytearray(blocks[at])
    block[start : start + length] = value[:length].ljust(length, b"\0")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    blocks[at] = bytes(block)


@shared
@given(
    attributes=st.lists(st.sampled_from(ATTRIBUTES), max_size=6),
    kind=st.sampled_from(
        [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK]
    ),
    heads=st.lists(
        st.tuples(st.integers(0, 11), st.sampled_from(FIELDS), st.sampled_from(VALUES)), max_size=4
    ),
    zipped=st.booleans(),
    edits=st.just([]) | edits,
)
def test_a_changed_archive_is_read_or_told(folder, attributes, kind, heads, zipped, edits):
    blocks = []
    for name, content in [("pax", b"".join(attributes)), ("test_batch.bin", bytes(3073)), ("b", b"text")]:
        info = tarfile.TarInfo(name)
        info.type, info.size = (kind if name == "pax" else tarfile.REGTYPE), len(content)
        blocks += [
            info.tobuf(tarfile.USTAR_FORMAT),
            *(content[i : i + 512] for i in range(0, len(content), 512)),
        ]
    blocks = [block.ljust(512, b"\0") for block in blocks]
    for at, field, value in heads:
        header(blocks, at % len(blocks), field, value)
    data = b"".join(blocks) + bytes(1024)
    data = changed(gzip.compress(data) if zipped else data, edits)
    (folder / "x.tar").write_bytes(data)
    found = read(lambda: members(folder / "x.tar", ["test_batch.bin"]), 10_000 + len(data))
    assert found is None or list(found) == ["test_batch.bin"]
