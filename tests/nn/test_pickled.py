"""Pickles are read, and never run: whatever Python and NumPy wrote the data, and whoever wrote what is no data."""

from __future__ import annotations

import os
import pickle
import pickletools
import struct
import tracemalloc

import numpy as np
import pytest

from nn.datasets import FormatError
from nn.datasets.pickled import read_pickle

PIXELS = np.arange(2 * 6, dtype=np.uint8).reshape(2, 6) * 20


def equal(one, other):
    if isinstance(other, np.ndarray):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
    else:
        assert one == other
        assert type(one) is type(other)
    return True


def by_python_2(module="numpy.core.multiarray", fortran=False):
    """What Python 2's cPickle with protocol 2 writes of such a batch, byte by byte: its strings are plain bytes."""

    def short(text):
        return b"U" + bytes([len(text)]) + text

    def put(i):
        return b"q" + bytes([i])

    content = PIXELS.tobytes("F" if fortran else "C")
    array = b"".join([
        b"c" + module.encode() + b"\n_reconstruct\n", put(3), b"cnumpy\nndarray\n", put(4),
        b"K\x00\x85", put(5), short(b"b"), put(6), b"\x87", put(7), b"R", put(8),
        b"(K\x01K\x02K\x06\x86", put(9), b"cnumpy\ndtype\n", put(10), short(b"u1"), put(11), b"K\x00K\x01\x87",
        put(12), b"R", put(13), b"(K\x03", short(b"|"), put(14), b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t",
        put(15), b"b", b"\x89\x88"[fortran : fortran + 1], b"T" + struct.pack("<I", len(content)) + content, put(16),
        b"t", put(17), b"b",
    ])  # fmt: skip
    labels = b"]" + put(2) + b"(K\x03K\x08e"
    return b"".join([
        b"\x80\x02}", put(1), b"(", short(b"labels"), labels, short(b"data"), array, short(b"again"), b"h\x08",
        short(b"batch_label"), short(b"batch 1 of 5"), b"u."])  # fmt: skip


@pytest.mark.parametrize("module", ["numpy.core.multiarray", "numpy._core.multiarray"])
@pytest.mark.parametrize("fortran", [False, True])
def test_batches_by_python_2_are_read(module, fortran):
    data = by_python_2(module, fortran)
    batch = read_pickle(data)
    assert list(batch) == ["labels", "data", "again", "batch_label"]
    assert (batch["labels"], batch["batch_label"]) == ([3, 8], "batch 1 of 5")
    equal(batch["data"], PIXELS)
    assert batch["again"] is batch["data"], "what is used twice is one array, and not its empty beginning"


def test_the_hand_made_batch_is_what_pickle_reads_too():
    if int(np.__version__.split(".")[0]) >= 2:
        module = "numpy._core.multiarray"
    else:
        module = "numpy.core.multiarray"
    batch = pickle.loads(by_python_2(module), encoding="latin1")
    np.testing.assert_array_equal(batch["data"], PIXELS)
    assert batch["labels"] == [3, 8]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "thing",
    [
        {"labels": [1, 2], b"data": b"\x00\xff", "more": (1, (2, 3), (4, 5, 6), (7, 8, 9, 10), ())},
        [None, True, False, 0, -1, 255, 65535, 2**31, -(2**70), 1.5, float("inf"), "", "ü\n", b"", "x" * 300],
        {},
        [[]],
        {-1: {b"deep": [{"er": b"x" * 300}]}},
    ],
)
def test_plain_data_of_every_protocol_is_read(protocol, thing):
    equal(read_pickle(pickle.dumps(thing, protocol)), thing)


def test_byte_arrays_are_read():
    equal(read_pickle(pickle.dumps(bytearray(b"abc"), 5)), bytearray(b"abc"))


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("dtype", ["u1", "i1", "<u2", ">i4", "i8", "f4", ">f8", "?"])
def test_arrays_of_every_protocol_and_byte_order_are_read(protocol, dtype):
    array = np.array([[0, 1, 2], [3, 4, 100]]).astype(dtype)
    for thing in (array, np.asfortranarray(array), array[:, :0], array[0], np.array(array[0, 1])):
        for names in (("numpy._core.", "numpy.core."), ("numpy.core.", "numpy._core.")):
            data = pickle.dumps([thing, thing], protocol)
            if protocol < 4:  # later names bear their length
                data = data.replace(*(name.encode() for name in names))
            one, two = read_pickle(data)
            assert one is two
            equal(one, thing.astype(thing.dtype.newbyteorder("=")))


# --- what is no data


class Run:
    """What a pickle can do with Python's own reader: call anything."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_malicious_pickle_does_not_run(protocol, tmp_path):
    victim = tmp_path / "victim"
    data = pickle.dumps({"labels": [1], "data": Run(os.mkdir, str(victim))}, protocol)
    with pytest.raises(FormatError, match=r"asks for '(posix|nt) mkdir'.*Nothing of it was run"):
        read_pickle(data)
    assert not victim.exists()
    pickle.loads(data)
    assert victim.exists(), "it would have, with Python's own reader"


@pytest.mark.parametrize(
    "thing",
    [
        print,
        eval,
        getattr,
        Run(eval, "1"),
        Run(np.load, "x"),
        np.float64(1.0),
        np.random.default_rng(0),
        range(3),
        {1, 2},
        1j,
        Exception("x"),
        np.array([None]),
        np.array(["text"]),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.ma.array([1]),
        np.datetime64("2020"),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_what_is_more_than_numbers_is_refused(thing):
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(FormatError, match=r"has no need of|plain numbers are known|unknown class"):
            read_pickle(pickle.dumps({"data": thing}, protocol))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"cos\nsystem\n(S'echo'\ntR.", "'os system'"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04echo\x85R.", "'os system'"),
        (b"(S'echo'\nios\nsystem\n.", "instruction INST"),
        (b"(cnumpy\nndarray\no.", "instruction OBJ"),
        (b"\x80\x02cnumpy\nndarray\n)\x81.", "instruction NEWOBJ"),
        (b"Pthing\n.", "instruction PERSID"),
        (b"\x80\x02\x82\x01.", "instruction EXT1"),
        (b"cnumpy\ndtype\n(S'O'\ntR.", "array of 'O'"),
        (b"cnumpy\ndtype\n(S'V99999999'\ntR.", "array of 'V99999999'"),
        (b"cnumpy\nndarray\n(I9999999999\ntR.", "ndarray made of"),
        (b"c_codecs\nencode\n(V1\nVrot13\ntR.", "bytes made of"),
        (b"c__builtin__\nbytes\n(I9999999999\ntR.", "no bytes made of"),
        (b"(lp0\n(dp1\nb.", "list in place of _Part"),
        (b"]]R.", "list in place of _Name"),
        (b"}K\x01K\x02a.", "damaged"),
        (b"}]K\x02s.", "a list as the key of a dict"),
        (b"}G\0\0\0\0\0\0\0\0K\x02s.", r"0\.0 as the key of a dict"),
        (b"", "damaged"),
        (b".", "damaged"),
        (b"K\x01", "damaged"),
        (b"K\x01K\x02.", "damaged"),
        (b"e.", "damaged"),
        (b"h\x05.", "damaged"),
        (b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.", "damaged"),  # so many bytes are promised, and not there
        (b"K\x01r\xff\xff\xff\x7f.", "damaged.*place in memory"),
        (b"p" + b"9" * 400 + b"\n.", "damaged"),
        (b"I" + b"9" * 5000 + b"\n.", "a number of more than 1000 digits"),
        (b"(.", "half made"),
        (b"cnumpy\nndarray\n.", "half made"),
        (b"cnumpy\ndtype\n(S'u1'\ntR.", "half made"),
        (b"cnumpy\ndtype\n(S'u1'\ntR(K\x03]Nt" + b"NNNt" + b"b.", "damaged"),
        (b"cnumpy\ndtype\n(S'u2'\ntR(K\x03S'!'\nNNNtb.", "array of u2 with fields"),  # no byte order
        (b"cnumpy\ndtype\n(S'u2'\ntR(K\x03S'<'\nN]NtbK\x01.", "array of u2 with fields"),
    ],
)
def test_crafted_pickles_do_no_harm(data, words):
    with pytest.raises(FormatError, match=words):
        read_pickle(data)


@pytest.mark.parametrize(("shape", "size"), [((2, 7), 12), ((-1, -12), 12), ((2**40, 2**40), 12), ((0,), 12)])
def test_an_array_has_the_bytes_that_its_shape_asks_for(shape, size):
    data = pickle.dumps(("_", shape), 2)
    opcodes = [code.name for code, _, _ in pickletools.genops(data)]
    assert "GLOBAL" not in opcodes
    head = b"\x80\x02cnumpy.core.numeric\n_frombuffer\n(" + pickle.dumps(bytes(size), 3)[2:-1]
    kind = b"cnumpy\ndtype\nX\x02\x00\x00\x00u1\x85R"
    whole = head + kind + pickle.dumps(shape, 2)[2:-1] + b"X\x01\x00\x00\x00CtR."
    with pytest.raises(FormatError, match=r"an array of shape .* with 12 bytes of uint8"):
        read_pickle(whole)


def test_every_cut_of_a_batch_is_told_or_read_whole():
    data = by_python_2()
    for end in range(len(data)):
        with pytest.raises(FormatError, match="damaged"):
            read_pickle(data[:end])


def test_random_changes_lead_to_an_error_or_to_data():
    rng = np.random.default_rng(0)
    for _ in range(2000):
        data = bytearray(by_python_2())
        for place in rng.integers(2, len(data), rng.integers(1, 4)):
            data[place] = rng.integers(256)
        try:
            result = read_pickle(bytes(data))
        except FormatError:
            continue
        assert isinstance(result, (dict, list, tuple, int, float, str, bytes, np.ndarray, type(None)))


# --- small programs that make large things


def inner(thing):
    """The instructions that put a thing on the stack."""
    return pickle.dumps(thing, 2)[2:-1]


def nested(kind, depth, times):
    thing = kind()
    for _ in range(depth):
        thing = kind([thing] * times)
    return thing


TEXT = b"X" + struct.pack("<I", 5000) + b"x" * 5000 + b"q\0"
ENCODED = b"c_codecs\nencode\nq\x01h\0X\x06\0\0\0latin1q\x02\x86"
FILLED = b"cnumpy.core.numeric\n_frombuffer\nq\x05(h\0cnumpy\ndtype\nU\x02u1\x85Rq\x06M\x88\x13\x85q\x07U\x01Cq\x08t"
LONG = b"\x8b" + struct.pack("<I", 1000) + b"\x7f" * 1000  # an int of 8000 bits


@pytest.mark.parametrize(
    ("data", "words"),
    [
        # Python would hash 2^18 things; 2^60 take a thousand years, and no Ctrl-C is heard
        (b"\x80\x02}(" + inner(nested(tuple, 18, 2)) + b"K\x01u.", "a tuple as the key of a dict"),
        (b"}(" + b"".join(inner(k * (2**61 - 1)) + b"K\0" for k in range(2000)) + b"u.", "more than 1000 keys"),
        (b"}" + b"".join(inner(k) + b"K\0s" for k in range(1001)) + b".", "more than 1000 keys"),
        (b"}" + LONG + b"K\0s.", "an int of 7999 bits as the key"),
        # of which a message would show 10^5 things
        (b"c__builtin__\nbytes\n" + inner(nested(list, 5, 10)) + b"\x85R.", "no bytes made of a list"),
        (TEXT + ENCODED + b"R" + b"h\1h\0h\2\x86R" * 50 + b".", "the same bytes again and again"),
        (TEXT + FILLED + b"R" + b"h\5(h\0h\6h\7h\x08tR" * 50 + b".", "the same bytes again and again"),
        (
            FILLED.replace(b"h\0", b"U\0").replace(b"M\x88\x13\x85", b"(" + LONG + b"q\x09" + b"h\x09" * 999 + b"t")
            + b"R.",
            "array of shape .*an int of 7999 bits",
        ),
    ],
)  # fmt: skip
def test_a_small_pickle_that_makes_something_large_is_refused(data, words):
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=words) as caught:
            read_pickle(data)
        assert tracemalloc.get_traced_memory()[1] < 64 * len(data) + 300_000
    finally:
        tracemalloc.stop()
    assert len(str(caught.value)) < 2000


def test_instructions_are_counted(monkeypatch):
    data = inner(list(range(50))) + b"."
    assert read_pickle(data) == list(range(50))
    monkeypatch.setattr("nn.datasets.pickled.INSTRUCTIONS", 50)
    with pytest.raises(FormatError, match="more than 50 instructions"):
        read_pickle(data)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_batch_of_ten_thousand_images_is_within_all_limits(protocol):
    n = 10_000
    names = [f"image_{i:05d}.png".encode() for i in range(n)]
    batch = {"labels": [i % 10 for i in range(n)], "filenames": names, "data": np.full((n, 4), 200, np.uint8)}
    if protocol < 3:  # as of Python 2, whose strings are plain bytes: here, words
        batch["filenames"] = [name.decode() for name in names]
    found = read_pickle(pickle.dumps(batch, protocol))
    equal(found.pop("data"), batch.pop("data"))
    assert found == batch
