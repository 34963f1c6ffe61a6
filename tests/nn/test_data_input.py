"""What is given as data and is none: said in words, before NumPy or the first step says something else."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn.data import DataLoader
from nn.data.arrays import as_array

X, Y = np.arange(12.0).reshape(4, 3), np.array([0, 1, 0, 1])


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        ({"X": X, "y": Y}, TypeError, r"dict in place of an array: give .* such as data\['X'\] and data\['y'\]"),
        ((X, {}), TypeError, r"dict in place of an array: give what it holds"),
        ("X.npy", TypeError, r"the text 'X\.npy' in place of an array\. To read a file, use np\.load"),
        (("X.npy", "y.npy"), TypeError, r"the text 'X\.npy'"),
        (b"bytes", TypeError, "the text b'bytes'"),
        (list(zip(X, Y)), TypeError, r"samples \(inputs, label\).*X, y = map\(np\.array, zip\(\*samples\)\)"),
        (list(zip(X.tolist(), Y.tolist())), ValueError, r"samples \(inputs, label\).*zip\(\*samples\)"),
        (list(zip(X, X)), TypeError, r"samples \(inputs, label\)"),
        ([(X, Y), (X, Y)], TypeError, r"Of several sets \(X, y\) make one: np\.concatenate\(\[X1, X2\]\)"),
        (((X, Y), (X, Y)), ValueError, r"shapes \(4, 3\) and \(4,\) make no array.*several sets.*np\.concatenate"),
        ([[1, 2], [3]], ValueError, r"parts of shapes \(2,\) and \(1,\) make no array: give rows of equal length"),
        ([[[1], [2, 3]], [[4], [5]]], ValueError, "list makes no array: .* Give rows of equal length"),
        ((row for row in X), TypeError, "generator in place of an array"),
        ({1, 2}, TypeError, "set in place of an array"),
        (None, TypeError, "None in place of an array"),
        ((X, None), TypeError, "None in place of an array"),
        ((X, [0, None, 1, None]), ValueError, r"row 1 has None in it \(2 in all\)"),
        ([[1.0, 2.0], [3.0, None]], ValueError, r"row 1 has None in it \(1 in all\)"),
    ],
)  # fmt: skip
def test_what_is_no_array_is_told(data, error, words):
    with pytest.raises(error, match=words):
        DataLoader(data)


def test_what_is_one_is_taken():
    for data in (
        [[1, 2], [3, 4]],
        [(1, 2), (3, 4)],
        range(3),
        [np.float64(1), np.float64(2)],
        np.array(["a", "b"]),
    ):
        assert DataLoader(data).rows == len(data)
    assert as_array(["cat", "dog"]).tolist() == ["cat", "dog"]
    assert as_array(np.array(["cat", "dog"], object)).tolist() == ["cat", "dog"]
    assert as_array(Tensor(X)).shape == (4, 3)


def test_fit_tells_it_too():
    with pytest.raises(
        ValueError, match=r"shapes \(4, 3\) and \(4,\) make no array.*np\.concatenate\(\[X1, X2\]\)"
    ):
        nn.fit(nn.MLP([3, 2], rng=0), [(X, Y), (X, Y)], epochs=1)
    with pytest.raises(ValueError, match=r"row 3 has None in it"):
        nn.fit(nn.MLP([3, 2], rng=0), (X, [0, 1, 0, None]), epochs=1)


@pytest.mark.parametrize("name", ["shuffle", "drop_last"])
@pytest.mark.parametrize("value", ["no", 0, None])
def test_a_switch_is_true_or_false(name, value):
    with pytest.raises(TypeError, match=f"{name}={value!r}: it must be True or False"):
        DataLoader(X, **{name: value})
    assert getattr(DataLoader(X, **{name: np.True_}), name) is True


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("settings", {"rows": np.arange(3)}, "of another loader: rows array"),
        ("settings", {"rows": 4, "batch_size": True}, "loader: batch_size True there and 1 here"),
        ("settings", "x", "of another loader: rows None there and 4 here"),
        ("rng", {"bit_generator": np.arange(2)}, "the random numbers were array"),
        ("rng", [], "the random numbers were None"),
    ],
)  # fmt: skip
def test_a_state_that_is_none_is_told_in_words(key, value, words):
    loader = DataLoader(X, shuffle=True, rng=0)
    with pytest.raises(ValueError, match=words):
        loader.load_state_dict(loader.state_dict() | {key: value})
