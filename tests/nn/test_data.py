"""Mini-batches, the split in three, scaling and the digits: nothing lost, nothing leaked, the same for a seed."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import Tensor
from nn import load_digits
from nn.data import DataLoader, MinMax, Standardiser, train_dev_test_split

seeds = st.integers(0, 2**32 - 1)


def rows(n, columns=3):
    return np.arange(float(n * columns)).reshape(n, columns), np.arange(n)


# --- DataLoader


@given(n=st.integers(1, 70), size=st.integers(1, 80), shuffle=st.booleans(), drop=st.booleans(), seed=seeds)
def test_an_epoch_has_every_row_once_and_keeps_rows_together(n, size, shuffle, drop, seed):
    X, y = rows(n)
    loader = DataLoader((X, y), size, shuffle, drop, rng=seed)
    batches = list(loader)
    assert len(batches) == len(loader)
    assert all(len(labels) == size for _, labels in batches[: len(batches) if drop else -1])
    seen = [label for _, labels in batches for label in labels]
    assert len(set(seen)) == len(seen) == (n // size * size if drop else n)
    for inputs, labels in batches:
        np.testing.assert_array_equal(inputs, X[labels])
    if not shuffle:
        assert seen == list(range(len(seen)))


def test_rows_gathered_in_many_blocks_are_the_same_rows(monkeypatch):
    X, y = rows(100)
    whole = list(DataLoader((X, y), 7, shuffle=True, rng=3))
    monkeypatch.setattr("nn.data.loader.BLOCK", 400)
    parts = list(DataLoader((X, y), 7, shuffle=True, rng=3))
    assert len(whole) == len(parts) == 15
    for (a, b), (c, d) in zip(whole, parts):
        np.testing.assert_array_equal(a, c)
        np.testing.assert_array_equal(b, d)


def test_the_order_is_a_function_of_the_seed_and_differs_from_epoch_to_epoch():
    one, two = (DataLoader(np.arange(6), 6, shuffle=True, rng=7) for _ in range(2))
    epochs = [next(iter(one)).tolist() for _ in range(3)]
    assert epochs == [next(iter(two)).tolist() for _ in range(3)]
    assert epochs == [[5, 2, 0, 4, 1, 3], [5, 0, 4, 1, 3, 2], [3, 2, 5, 4, 1, 0]]


def test_a_generator_is_used_as_it_is_and_the_global_state_is_not_touched():
    np.random.seed(5)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    rng = np.random.default_rng(7)
    loader = DataLoader(np.arange(6), 6, shuffle=True, rng=rng)
    assert next(iter(loader)).tolist() == [5, 2, 0, 4, 1, 3]
    assert loader.rng is rng
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_passes_draw_their_order_when_they_are_asked_for():
    loader = DataLoader(np.arange(6), 6, shuffle=True, rng=7)
    first, second = iter(loader), iter(loader)
    assert next(second).tolist() == [5, 0, 4, 1, 3, 2]
    assert next(first).tolist() == [5, 2, 0, 4, 1, 3]


@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_are_read_only_copies(shuffle):
    X, y = rows(10)
    kept = X.copy()
    batches = list(DataLoader((X, y), 4, shuffle, rng=0))
    X[:] = -1
    for inputs, labels in batches:
        assert not np.shares_memory(inputs, X)
        np.testing.assert_array_equal(inputs, kept[labels])
        for array in (inputs, labels):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
            with pytest.raises(ValueError, match="WRITEABLE"):
                array.flags.writeable = True


def test_a_graph_takes_a_batch_without_a_copy():
    (batch,) = DataLoader(np.ones((2, 3)), 2)
    assert (Tensor(np.ones(3)) * batch)._args[1] is batch


def test_one_array_gives_arrays_a_tuple_gives_tuples_and_dtypes_stay():
    assert isinstance(next(iter(DataLoader(np.arange(3)))), np.ndarray)
    assert next(iter(DataLoader([[1, 2], [3, 4]], 2))).tolist() == [[1, 2], [3, 4]]
    batch = next(iter(DataLoader((np.ones(3, np.float32), np.ones((3, 2), np.uint8), [1, 2, 3]), 2)))
    assert [x.dtype.name for x in batch[:2]] == ["float32", "uint8"]
    assert [x.shape for x in batch] == [(2,), (2, 2), (2,)]
    assert isinstance(next(iter(DataLoader(Tensor(np.ones(3))))), np.ndarray)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (dict(data=(np.ones((3, 2)), np.ones(4))), ValueError, r"\(3, 2\) and \(4,\).*same number"),
        (dict(data=np.ones((0, 2))), ValueError, "no rows"),
        (dict(data=()), ValueError, "no arrays"),
        (dict(data=3.0), ValueError, "single number"),
        (dict(data=np.ones(3), batch_size=0), ValueError, "batch_size=0.*at least one"),
        (dict(data=np.ones(3), batch_size=-2), ValueError, "batch_size=-2"),
        (dict(data=np.ones(3), batch_size=2.0), TypeError, r"batch_size=2\.0.*whole number"),
        (dict(data=np.ones(3), rng="seed"), TypeError, "rng must be a seed"),
    ],
)
def test_a_loader_says_what_is_wrong(arguments, error, words):
    with pytest.raises(error, match=words):
        DataLoader(**arguments)


def test_a_loader_shows_its_shapes():
    assert repr(DataLoader(rows(10), 4)) == "DataLoader((10, 3), (10,); 3 batches of 4)"


# --- train_dev_test_split


@given(
    labels=st.lists(st.integers(0, 4), min_size=10, max_size=120),
    dev=st.floats(0.11, 0.4),
    test=st.floats(0.11, 0.4),
    stratify=st.booleans(),
    seed=seeds,
)
@example(labels=[0, 0] + [1] * 8 + [2] * 3 + [3], dev=0.375, test=0.375, stratify=True, seed=0)
@example(labels=[0] * 18 + [1, 1, 2, 2] + [3] * 32 + [4, 4], dev=0.361, test=0.383, stratify=True, seed=934)
def test_a_split_parts_the_rows_and_keeps_the_share_of_each_class(labels, dev, test, stratify, seed):
    y, n = np.array(labels), len(labels)
    X = np.arange(n)[:, None]
    parts = train_dev_test_split(X, y, dev=dev, test=test, rng=seed, stratify=stratify)
    every = np.concatenate([inputs[:, 0] for inputs, _ in parts])
    assert sorted(every) == list(range(n)), "each row is in exactly one part"
    for inputs, part in parts:
        np.testing.assert_array_equal(part, y[inputs[:, 0]])
    assert [len(part) for _, part in parts[1:]] == [round(n * dev), round(n * test)]
    if stratify:
        _, learned = parts[0]
        counts = np.bincount(y)
        assert len(set(learned)) == min(len(set(labels)), len(learned))
        # What train needs of a class of few rows, the held parts get of the others.
        far = 2 if (counts[counts > 0] * len(learned) >= n).all() else 2.5
        for _, part in parts[1:]:
            assert (abs(np.bincount(part, minlength=len(counts)) - len(part) / n * counts) < far).all()


def test_a_split_is_a_function_of_the_seed():
    X, y = rows(10, 1)
    parts = train_dev_test_split(X, y % 2, rng=3)
    again = train_dev_test_split(X, y % 2, rng=np.random.default_rng(3))
    assert [part[0][:, 0].astype(int).tolist() for part in parts] == [[6, 1, 9, 7, 0, 2], [5, 4], [8, 3]]
    for (a, b), (c, d) in zip(parts, again):
        np.testing.assert_array_equal(a, c)
        np.testing.assert_array_equal(b, d)


def test_a_split_into_two_leaves_the_third_empty():
    X, y = rows(10)
    train, dev, test = train_dev_test_split(X, y, dev=0, test=0.3, rng=0)
    assert [len(part[1]) for part in (train, dev, test)] == [7, 0, 3]
    assert dev[0].shape == (0, 3)


def test_real_numbers_are_split_over_their_whole_range():
    y = np.linspace(0, 1, 100)
    (_, _), (_, _), (_, held) = train_dev_test_split(y, y, test=0.1, rng=0)
    assert np.histogram(held, bins=5, range=(0, 1))[0].tolist() == [2, 2, 2, 2, 2]


def test_parts_come_in_random_order_and_not_class_by_class():
    y = np.repeat([0, 1], 50)
    train, _, _ = train_dev_test_split(y, y, rng=0)
    assert 0.3 < train[1][:30].mean() < 0.7


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (dict(dev=-0.1), "dev=-0.1.*at least 0"),
        (dict(dev=0.5, test=0.5), "together less than 1"),
        (dict(test=1.5), "together less than 1"),
        (dict(dev=float("nan")), "dev=nan"),
        (dict(dev=0.01), "without a row: 8 to train on, 0 for dev, 2 for test"),
        (dict(dev=0.48, test=0.48), "without a row: 0 to train on"),
        (dict(y=np.ones(9)), r"\(10, 3\) and \(9,\)"),
        (dict(y=np.ones((10, 2))), "stratify=False"),
    ],
)
def test_a_split_says_what_is_wrong(arguments, words):
    X, y = rows(10)
    with pytest.raises(ValueError, match=words):
        train_dev_test_split(**{"X": X, "y": y, "rng": 0, **arguments})


def test_without_stratify_labels_may_have_any_shape():
    train, dev, test = train_dev_test_split(np.ones((10, 2)), np.ones((10, 4)), rng=0, stratify=False)
    assert [part[1].shape for part in (train, dev, test)] == [(6, 4), (2, 4), (2, 4)]


# --- Standardiser


def test_the_training_set_alone_sets_the_scale():
    rng = np.random.default_rng(0)
    train, held = rng.normal(3.0, 2.0, (200, 4)), rng.normal(50.0, 9.0, (20, 4))
    scale = Standardiser(train)
    np.testing.assert_allclose(scale(train).mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(scale(train).std(axis=0), 1, rtol=1e-14)
    np.testing.assert_allclose(scale(held), (held - train.mean(axis=0)) / train.std(axis=0), rtol=1e-13)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e-9, -7e8])
def test_a_column_that_never_changes_becomes_zero(value):
    train = np.column_stack([np.full(17, value), np.arange(17.0)])
    out = Standardiser(train)(train)
    np.testing.assert_allclose(out[:, 0], 0, atol=1e-6)
    assert out[:, 1].std() == pytest.approx(1)


def test_dtypes_stay_and_whole_numbers_become_float64():
    scale = Standardiser(np.arange(6, dtype=np.float32).reshape(3, 2))
    assert scale(np.ones((1, 2), np.float32)).dtype == np.float32
    assert scale(np.ones((1, 2))).dtype == np.float64
    assert Standardiser(np.arange(6).reshape(3, 2))(np.ones((1, 2), int)).dtype == np.float64


def test_images_keep_their_shape():
    assert Standardiser(np.random.default_rng(0).random((5, 8, 8)))(np.ones((2, 8, 8))).shape == (2, 8, 8)


def test_a_standardiser_says_what_is_wrong():
    with pytest.raises(ValueError, match=r"rows of shape \(3,\).*fitted on rows of shape \(2,\)"):
        Standardiser(np.ones((4, 2)))(np.ones((4, 3)))
    with pytest.raises(ValueError, match="no rows"):
        Standardiser(np.ones((0, 2)))


@pytest.mark.parametrize("scaling", [Standardiser, MinMax])
@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_would_spoil_a_whole_column(scaling, hole):
    train = np.ones((5, 2, 3), np.float32)
    train[1, 0, 2] = train[1, 1, 0] = train[4, 0, 0] = hole
    with pytest.raises(
        ValueError, match=rf"{scaling.__name__}: 2 of 5 rows are not all finite.*np\.isfinite"
    ):
        scaling(train)


# --- load_digits


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_digits(dtype):
    pytest.importorskip("sklearn")
    X, y = load_digits(dtype=dtype)
    assert X.shape == (1797, 64)
    assert X.dtype == dtype
    assert (X.min(), X.max()) == (0, 1)
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_without_scikit_learn_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"pip install scikit-learn, or pip install '\.\[data\]'"):
        load_digits()
