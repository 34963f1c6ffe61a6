"""The safetensors format: the package's own files are read, ours by the package, and malformed ones refused."""

from __future__ import annotations

import json
import os
import threading

import numpy as np
import pytest

import nn
from nn.safetensors import CODES, SafetensorsError, load, load_file, load_metadata, save, save_file


def every_kind():
    rng = np.random.default_rng(0)
    arrays = {code: rng.integers(0, 2, (3, 2)).astype(dtype) for code, dtype in CODES.items()}
    arrays |= {
        "scalar": np.array(3.5),
        "empty": np.zeros((0, 4), np.float32),
        "no bytes": np.zeros((2, 0)),
        "columns": np.asfortranarray(rng.normal(size=(4, 3))),
        "every second": rng.normal(size=10)[::2],
        "big end first": np.arange(3, dtype=">i4"),
        "nan": np.array([np.nan, -0.0, np.inf]),
        "Größe/\n\"'": np.ones(1),
    }
    return arrays


def equal(one, other):
    assert one.keys() == other.keys()
    for name, array in one.items():
        found = other[name]
        assert (found.dtype, found.shape) == (array.dtype.newbyteorder("="), array.shape), name
        assert found.tobytes() == np.ascontiguousarray(array).astype(found.dtype).tobytes(), name


def test_there_and_back():
    arrays = every_kind()
    back = load(save(arrays, {"by": "ä"}))
    equal(arrays, back)
    assert load_metadata(save(arrays, {"by": "ä"})) == {"by": "ä"}
    for array in back.values():
        assert array.flags.writeable
        assert array.flags.owndata
    assert load(save({})) == {}


def test_each_array_begins_where_its_numbers_can_be_read_in_place():
    data = save(every_kind())
    start = 8 + int.from_bytes(data[:8], "little")
    assert start % 8 == 0
    for entry in json.loads(data[8:start]).values():
        assert entry["data_offsets"][0] % np.dtype(CODES[entry["dtype"]]).itemsize == 0


def test_a_file_that_cannot_be_made_is_named_as_it_was_given(tmp_path):
    path = str(tmp_path / "nowhere" / "model.safetensors")
    with pytest.raises(FileNotFoundError) as told:
        save_file({"x": np.ones(3)}, path)
    assert told.value.filename == path


def test_a_file_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    model = nn.MLP([3, 4, 2], dtype=np.float32, rng=0)
    save_file(model.state_dict(), path)
    equal(model.state_dict(), load_file(path))

    def broken(*args):
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="full"):
        save_file({"x": np.ones(3)}, path)
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ["model.safetensors"]
    equal(model.state_dict(), load_file(path))


def test_all_bytes_of_a_file_are_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    path, calls, replace = tmp_path / "model.safetensors", [], os.replace
    monkeypatch.setattr(os, "fsync", lambda number: calls.append(os.fstat(number).st_size))
    monkeypatch.setattr(os, "replace", lambda *paths: calls.append("replace") or replace(*paths))
    save_file({"x": np.ones(3)}, path)
    assert calls[:2] == [os.path.getsize(path), "replace"]
    assert len(calls[2:]) == (os.name != "nt"), "the folder, which Windows cannot"


@pytest.mark.skipif(os.name == "nt", reason="Windows lets nobody replace a file that another is replacing")
def test_threads_that_write_the_same_file_do_not_meet(tmp_path):
    path, errors = tmp_path / "model.safetensors", []

    def write(i):
        try:
            for _ in range(50):
                save_file({"x": np.full(1000 * i, i)}, path)
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(i,)) for i in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    x = load_file(path)["x"]
    assert (x == len(x) // 1000).all()
    assert os.listdir(tmp_path) == ["model.safetensors"]


def test_the_package_reads_our_files_and_we_its(tmp_path):
    theirs = pytest.importorskip("safetensors.numpy")
    arrays = every_kind()
    equal(arrays, theirs.load(save(arrays, {"by": "us"})))
    plain = {name: np.array(a, a.dtype.newbyteorder("="), order="C") for name, a in arrays.items()}
    equal(arrays, load(theirs.save(plain, {"by": "them"})))
    theirs.save_file(plain, tmp_path / "theirs", {"by": "them"})
    equal(arrays, load_file(tmp_path / "theirs"))
    assert load_metadata((tmp_path / "theirs").read_bytes()) == {"by": "them"}


def file(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry(dtype="F32", shape=(2,), offsets=(0, 8), **more):
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets, **more}


MALFORMED = {
    "nothing": (b"", "0 bytes are no safetensors file"),
    "too short": (b"\1\0\0\0", "4 bytes are no"),
    "cut off in the header": (file({"a": entry()}, bytes(8))[:20], "cut off"),
    "a huge header": ((2**63).to_bytes(8, "little") + b"{}", "a header of 9223372036854775808 bytes"),
    "not JSON": (file(b"{'a'}"), "not JSON"),
    "not UTF-8": (file(b'{"\xff": 1}'), "not JSON"),
    "a list": (file([1]), "not an object"),
    "space first": (file(b" {}"), "not an object"),
    "deep": (file(b"[" * 100_000), "not JSON"),
    "a long number": (file(b'{"a": ' + b"9" * 5000 + b"}"), "not JSON|described by"),
    "a name twice": (
        file(
            b'{"a":' + json.dumps(entry()).encode() + b',"a":' + json.dumps(entry()).encode() + b"}", bytes(8)
        ),
        "a name is there twice",
    ),
    "no entry": (file({"a": 3}), "described by 3"),
    "a key too few": (file({"a": {"dtype": "F32", "shape": [2]}}), "described by"),
    "a key too many": (file({"a": entry(more=1)}, bytes(8)), "described by"),
    "unknown dtype": (file({"a": entry("F31")}, bytes(8)), "dtype 'F31'.*F64"),
    "bfloat16": (file({"a": entry("BF16", offsets=(0, 4))}, bytes(4)), r"'BF16'.*\.float\(\)"),
    "dtype as a list": (file({"a": entry(["F32"])}, bytes(8)), r"dtype \['F32'\]"),
    "negative shape": (file({"a": entry(shape=(-2, -1))}, bytes(8)), "shape"),
    "fraction in the shape": (file({"a": entry(shape=(2.0,))}, bytes(8)), "shape"),
    "bool in the shape": (file({"a": entry(shape=(True, 2))}, bytes(8)), "shape"),
    "33 axes": (file({"a": entry(shape=(1,) * 32 + (2,))}, bytes(8)), "shape"),
    "wrong size": (file({"a": entry(shape=(3,))}, bytes(8)), "does not take the 8 bytes"),
    "overflowing shape": (file({"a": entry(shape=(2**33, 2**33, 0))}, bytes(8)), "does not take"),
    "huge shape": (file({"a": entry(shape=(10**300, 10**300))}, bytes(8)), "does not take"),
    "huge empty shape": (file({"a": entry(shape=(2**62, 2**62, 0), offsets=(0, 0))}), "too large"),
    "beyond the end": (
        file({"a": entry(offsets=(4, 12))}, bytes(8)),
        r"lies at \[4, 12\], outside of the 8 bytes",
    ),
    "negative offset": (file({"a": entry(offsets=(-8, 0))}, bytes(8)), "outside"),
    "end before begin": (file({"a": entry(offsets=(8, 0))}, bytes(8)), "outside"),
    "huge offset": (file({"a": entry(offsets=(0, 2**70))}, bytes(8)), "outside"),
    "three offsets": (file({"a": entry(offsets=(0, 8, 8))}, bytes(8)), "outside"),
    "overlap": (file({"a": entry(), "b": entry(offsets=(4, 12))}, bytes(12)), "overlaps"),
    "the same bytes twice": (file({"a": entry(), "b": entry()}, bytes(8)), "overlaps"),
    "a gap": (file({"a": entry(), "b": entry(offsets=(12, 20))}, bytes(20)), "gap"),
    "a gap at the begin": (file({"a": entry(offsets=(4, 12))}, bytes(12)), "gap"),
    "more bytes than arrays": (file({"a": entry()}, bytes(9)), "take 8 bytes, and 9"),
    "metadata of numbers": (file({"__metadata__": {"a": 1}}), "texts to texts"),
    "metadata no dict": (file({"__metadata__": "a"}), "texts to texts"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_files_are_refused(case, tmp_path):
    data, words = MALFORMED[case]
    with pytest.raises(SafetensorsError, match=words):
        load(data)
    (tmp_path / "x.safetensors").write_bytes(data)
    with pytest.raises(SafetensorsError, match=r"x\.safetensors: "):
        load_file(tmp_path / "x.safetensors")


def test_no_bytes_make_another_error():
    whole = save({"a": np.ones((2, 3)), "b": np.arange(4)}, {"x": "y"})
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(2000):
        data = bytearray(whole[: rng.integers(len(whole) + 1)] if rng.random() < 0.3 else whole)
        for place in rng.integers(max(len(data), 1), size=rng.integers(1, 4)):
            if len(data):
                data[place] = rng.integers(256)
        try:
            load(bytes(data))
        except SafetensorsError:
            refused += 1
    assert 1000 < refused < 2000, "changes in the numbers themselves cannot be told"


@pytest.mark.parametrize("array", [np.array(["a"]), np.array([1j]), np.array([None]), np.longdouble(1)])
def test_what_the_format_cannot_hold(array):
    with pytest.raises(TypeError, match="array 'a' has the dtype"):
        save({"a": array})


def test_bad_names():
    for name in (3, "__metadata__"):
        with pytest.raises(TypeError, match="name of an array"):
            save({name: np.ones(1)})
