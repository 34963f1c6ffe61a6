"""Data sets: digits in black and white, points in the plane, and curves."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from nn import datasets

# --- curriculum E3: 16 x 16 pixels, ink = 1 and no ink = 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_digits_in_ink(dtype):
    pytest.importorskip("sklearn")
    X, y = nn.load_digits_16x16(dtype=dtype)
    assert X.shape == (1797, 256)
    assert X.dtype == dtype
    assert set(np.unique(X)) == {0, 1}
    np.testing.assert_array_equal(y, nn.load_digits()[1])
    # one network's output for each of 10 classes, and the highest is the answer
    model = nn.MLP([256, 16, 10], dtype=dtype, rng=0)
    np.testing.assert_array_equal(nn.predict(model, X[:5]), np.argmax(model(X[:5]).data, axis=1))


def test_each_grey_pixel_becomes_its_share_of_ink():
    pytest.importorskip("sklearn")
    grey, (X, _) = nn.load_digits()[0], nn.load_digits_16x16()
    ink = X.reshape(-1, 8, 2, 8, 2).sum(axis=(2, 4)).reshape(-1, 64)
    np.testing.assert_array_equal(ink, np.floor(4 * grey + 0.5))
    assert len(np.unique(X, axis=0)) == 1797, "no two digits become one"


def test_ink_gathers_where_the_ink_around_is():
    from nn.datasets.digits import _ink

    counts = np.zeros((1, 8, 8))
    counts[0, 3, 3], counts[0, 3, 4] = 8, 16  # half full, beside a full one: its right half
    expected = np.zeros((16, 16))
    expected[6:8, 7:10] = 1
    np.testing.assert_array_equal(_ink(counts)[0], expected)
    # Bilinear: 9/16 of the own pixel, 3/16 of each at a side, 1/16 of that at the corner. 3 * 2 + 4 > 3 * 3.
    counts = np.zeros((1, 8, 8))
    counts[0, 3, 2:5], counts[0, 2, 2] = (2, 4, 3), 4
    assert _ink(counts)[0, 6:8, 6:8].tolist() == [[1, 0], [0, 0]]


# --- points in the plane


def nearest(train, X):
    """The labels of the nearest training points."""
    distance = np.hypot(*(X[:, None, :] - train[0][None]).T).T
    return train[1][distance.argmin(axis=1)]


def straight(train, X):
    """The classes that the best linear map by least squares gives."""
    A, B = (np.column_stack([x, np.ones(len(x))]) for x in (train[0], X))
    return (B @ np.linalg.lstsq(A, nn.one_hot(train[1]), rcond=None)[0]).argmax(axis=1)


@pytest.mark.parametrize(
    ("make", "classes", "near", "line"),
    [
        (datasets.circles, 2, 0.99, 0.65),
        (datasets.moons, 2, 0.99, 0.92),
        (datasets.spirals, 3, 0.99, 0.65),
        (lambda n, **k: datasets.spirals(n, 5, **k), 5, 0.97, 0.6),
        (datasets.xor, 2, 0.99, 0.65),
    ],
)
def test_classes_that_a_line_cannot_part_but_a_neighbour_can(make, classes, near, line):
    X, y = make(600, rng=1)
    test, labels = make(600, rng=2)
    assert X.shape == (600, 2)
    assert y.dtype == np.int64
    assert np.bincount(y).tolist() == [600 // classes] * classes
    assert nn.accuracy(nearest((X, y), test), labels) >= near
    assert nn.accuracy(straight((X, y), test), labels) <= line


def test_blobs_and_a_linear_regression_need_no_hidden_layer():
    X, y = datasets.blobs(600, rng=1)
    assert nn.accuracy(straight((X, y), X), y) >= 0.99
    X, y = datasets.linear(200, weights=[2.0, -3.0], bias=0.5, noise=0.01, rng=0)
    found = np.linalg.lstsq(np.column_stack([X, np.ones(200)]), y, rcond=None)[0][:, 0]
    np.testing.assert_allclose(found, [2, -3, 0.5], atol=0.005)


def test_a_sine_is_no_line():
    X, y = datasets.sine(400, noise=0.1, rng=0)
    np.testing.assert_allclose((y - np.sin(X)).std(), 0.1, rtol=0.1)
    A = np.column_stack([X, np.ones(400)])
    rest = y - A @ np.linalg.lstsq(A, y, rcond=None)[0]
    assert rest.std() > 0.35
    assert abs(datasets.sine(100, periods=2, rng=0)[0]).max() > np.pi


MAKERS = ["blobs", "circles", "linear", "moons", "sine", "spirals", "xor"]


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_drawn_obeys_the_seed_and_keeps_the_dtype(name):
    make = getattr(datasets, name)
    one, same, other = make(50, rng=3), make(50, rng=np.random.default_rng(3)), make(50, rng=4)
    np.testing.assert_array_equal(one[0], same[0])
    np.testing.assert_array_equal(one[1], same[1])
    assert not np.array_equal(one[0], other[0])
    X, y = make(50, dtype=np.float32, rng=3)
    assert X.dtype == np.float32
    np.testing.assert_array_equal(X, one[0].astype(np.float32))
    assert y.dtype in (np.int64, np.float32)
    assert y.shape == ((50,) if y.dtype == np.int64 else (50, 1))
    assert len(make(1, rng=0)[0]) == 1


@pytest.mark.parametrize("name", [name for name in MAKERS if name not in ("linear", "sine")])
def test_rows_come_in_random_order(name):
    y = getattr(datasets, name)(200, rng=0)[1]
    assert len(set(y[:20])) == len(set(y))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: datasets.moons(0), ValueError, "n=0: .*there is at least one row"),
        (lambda: datasets.moons(10.0), TypeError, "n=10.0: it must be a whole number"),
        (lambda: datasets.spirals(10, 0), ValueError, "classes=0"),
        (lambda: datasets.xor(10, noise=-1), ValueError, "noise=-1"),
        (lambda: datasets.xor(10, noise=float("nan")), ValueError, "noise=nan"),
        (
            lambda: datasets.circles(10, factor=1),
            ValueError,
            "factor=1: it must be.* between 0 and 1: the inner circle",
        ),
        (lambda: datasets.circles(10, factor="x"), TypeError, "factor='x': it must be a number between"),
        (lambda: datasets.moons(10, noise="x"), TypeError, "noise='x': it must be a finite number >= 0"),
        (lambda: datasets.spirals(10, turns=None), TypeError, "turns=None: it must be a finite number"),
        (
            lambda: datasets.sine(10, periods=float("inf")),
            ValueError,
            "periods=inf: it must be a finite number",
        ),
        (lambda: datasets.linear(10, bias="x"), TypeError, "bias='x': it must be a finite number"),
        (
            lambda: datasets.linear(10, weights="abc"),
            ValueError,
            "weights='abc': they must be finite numbers",
        ),
        (
            lambda: datasets.linear(10, weights=[1, np.nan]),
            ValueError,
            r"weights=\[1, nan\]: they must be finite",
        ),
        (lambda: datasets.blobs(10, centres=[[1], [1, 2]]), ValueError, "centres=.*in rows of equal length"),
        (lambda: datasets.xor(10, dtype="nonsense"), TypeError, "dtype='nonsense': these are real numbers"),
        (lambda: datasets.linear(10, dtype="float33"), TypeError, "dtype='float33'"),
        (lambda: datasets.load_digits(dtype=np.int64), TypeError, "dtype=int64: these are real numbers"),
        (lambda: datasets.load_digits_16x16(dtype="x"), TypeError, "dtype='x': these are real numbers"),
        (lambda: datasets.blobs(10, centres=[1, 2]), ValueError, r"centres of shape \(2,\)"),
        (lambda: datasets.linear(10, weights=3.0), ValueError, r"weights of shape \(\)"),
        (lambda: datasets.sine(10, dtype=int), TypeError, "these are real numbers"),
        (lambda: datasets.sine(10, rng="a"), TypeError, "rng must be a seed"),
    ],
)
def test_a_maker_says_what_is_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()
