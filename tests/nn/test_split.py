"""Parting rows: nothing in two parts, whole groups, small classes, folds; and scaling by the training set alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn import MinMax, Standardiser, k_fold, train_dev_test_split

seeds = st.integers(0, 2**32 - 1)


def rows_of(*parts):
    return [row for inputs, _ in parts for row in inputs.tolist()]


def images_of(X):
    """A number for each different image."""
    return np.unique(X, axis=0, return_inverse=True)[1].reshape(len(X))


# --- curriculum F1: seeded, stratified, no leakage


def test_no_digit_of_the_test_set_is_seen_in_training():
    pytest.importorskip("sklearn")
    for X, y in (nn.load_digits(), nn.load_digits_16x16()):
        image = images_of(X)
        for seed in range(3):
            parts = train_dev_test_split(np.arange(len(y)), y, dev=0.15, test=0.15, rng=seed)
            train, dev, test = (image[rows] for rows, _ in parts)
            assert not set(train) & set(dev)
            assert not set(train) & set(test)
            assert not set(dev) & set(test)
            assert [len(part) for part in (train, dev, test)] == [1257, 270, 270]
            for _, labels in parts:
                share = np.bincount(labels) / len(labels)
                assert abs(share - np.bincount(y) / len(y)).max() < 0.005


def test_copies_of_an_image_leak_unless_they_are_a_group():
    X = np.repeat(np.random.default_rng(0).random((40, 5)), 3, axis=0)  # each image three times
    y = np.repeat(np.arange(40) % 4, 3)
    plain = train_dev_test_split(X, y, rng=0)
    grouped = train_dev_test_split(X, y, rng=0, groups=images_of(X))

    def shared(parts):
        train, _, test = ({tuple(row) for row in inputs} for inputs, _ in parts)
        return len(train & test)

    assert shared(plain) > 10
    assert shared(grouped) == 0
    assert [len(part[1]) for part in grouped] == [72, 24, 24]
    assert [np.bincount(part[1]).tolist() for part in grouped] == [[18] * 4, [6] * 4, [6] * 4]


def test_scaling_a_training_set_asks_nothing_of_other_rows():
    rng = np.random.default_rng(0)
    (train, _), (dev, _), (test, _) = train_dev_test_split(rng.random((50, 3)), np.arange(50) % 2, rng=0)
    for scaler in (Standardiser, MinMax):
        scale = scaler(train)
        before = scale(train)
        scale(1000 * dev), scale(test - 5)
        np.testing.assert_array_equal(scale(train), before)
        np.testing.assert_array_equal(scale(test)[:1], scale(test[:1]))  # a row alone, as among others


# --- groups


@given(data=st.data(), seed=seeds, stratify=st.booleans())
def test_groups_stay_whole_and_every_row_is_in_one_part(data, seed, stratify):
    n = data.draw(st.integers(12, 80))
    groups = np.array(data.draw(st.lists(st.integers(0, 11), min_size=n, max_size=n)))
    groups[:12] = np.arange(12)
    y = np.arange(n) % 3
    parts = train_dev_test_split(
        np.arange(n), y, dev=0.25, test=0.25, rng=seed, groups=groups, stratify=stratify
    )
    assert sorted(rows_of(*parts)) == list(range(n))
    seen = [set(groups[inputs]) for inputs, _ in parts]
    assert sum(map(len, seen)) == 12
    for inputs, labels in parts:
        np.testing.assert_array_equal(labels, y[inputs])


def test_groups_meet_the_fractions_and_the_shares_of_the_classes():
    rng = np.random.default_rng(1)
    groups, y = rng.integers(0, 200, 2000), rng.choice(3, 2000, p=[0.7, 0.25, 0.05])
    for seed in range(5):
        parts = train_dev_test_split(y, y, dev=0.2, test=0.1, rng=seed, groups=groups)
        for (_, labels), share in zip(parts, (0.7, 0.2, 0.1)):
            assert len(labels) == pytest.approx(share * 2000, abs=12)
            np.testing.assert_allclose(np.bincount(labels), share * np.bincount(y), atol=8)


def test_groups_are_drawn_by_the_seed_and_named_by_anything():
    names = np.array([f"writer {i % 7}" for i in range(35)])
    y = np.arange(35) % 2
    tests = [set(train_dev_test_split(names, y, rng=seed, groups=names)[2][0]) for seed in range(20)]
    assert {len(t) for t in tests} <= {1, 2}
    assert len(set(map(frozenset, tests))) > 5
    assert tests[3] == set(train_dev_test_split(names, y, rng=3, groups=names)[2][0])


def test_fractions_are_met_where_every_group_is_a_class_of_its_own():
    y = np.repeat(np.arange(50), 4)
    parts = train_dev_test_split(y, y, dev=0.2, test=0.2, rng=0, groups=y)
    assert [len(part[1]) for part in parts] == [120, 40, 40]


def test_a_large_group_is_given_its_part_before_small_ones_fill_it():
    y, groups = np.repeat([0, 1], [12, 1]), np.array([0] * 6 + [1, 2, 3, 4, 5, 6, 7])
    for seed in range(10):
        for _, (_, held) in k_fold(y, y, k=2, rng=seed, groups=groups):
            assert np.count_nonzero(held == 0) == 6


def test_real_numbers_with_groups_are_split_over_their_whole_range():
    y = np.linspace(0, 1, 200)
    _, _, (_, held) = train_dev_test_split(y, y, test=0.2, rng=0, groups=np.arange(200) // 2)
    assert abs(np.histogram(held, bins=5, range=(0, 1))[0] - 8).max() <= 2  # one group has two rows


# --- small classes


@given(seed=seeds, small=st.integers(1, 4), more=st.integers(0, 3))
def test_every_class_is_learned_however_small(seed, small, more):
    y = np.concatenate([np.zeros(20, int), np.ones(20, int), np.full(small, 2), np.full(1 + more, 3)])
    parts = train_dev_test_split(np.arange(len(y)), y, dev=0.3, test=0.3, rng=seed)
    assert set(parts[0][1]) == {0, 1, 2, 3}
    assert sorted(rows_of(*parts)) == list(range(len(y)))
    assert [len(labels) for _, labels in parts[1:]] == [round(0.3 * len(y))] * 2


def test_what_small_classes_give_to_train_is_made_up_by_all_others():
    y = np.array([0, 0] + [1] * 8 + [2] * 3 + [3])
    for seed in range(50):
        parts = train_dev_test_split(y, y, dev=0.375, test=0.375, rng=seed)
        train, dev, test = (np.bincount(labels, minlength=4).tolist() for _, labels in parts)
        assert train == [1, 1, 1, 1]
        assert {dev[1], test[1]} == {3, 4}


def test_more_classes_than_rows_to_learn_on_are_no_error():
    y = np.array(list("abcdefghij"))
    parts = train_dev_test_split(np.arange(10), y, rng=0)
    assert [len(part[1]) for part in parts] == [6, 2, 2]


# --- k_fold


@given(n=st.integers(5, 60), k=st.integers(2, 5), stratify=st.booleans(), seed=seeds)
def test_each_row_is_held_out_exactly_once(n, k, stratify, seed):
    y = np.arange(n) % 3
    folds = list(k_fold(np.arange(n), y, k=k, rng=seed, stratify=stratify))
    assert len(folds) == k
    assert sorted(rows_of(*(held for _, held in folds))) == list(range(n))
    for train, held in folds:
        assert sorted(rows_of(train, held)) == list(range(n))
        np.testing.assert_array_equal(held[1], y[held[0]])
        assert abs(len(held[1]) - n / k) < 1
        if stratify:
            assert all(
                abs(np.count_nonzero(held[1] == c) - np.count_nonzero(y == c) / k) < 2 for c in range(3)
            )


def test_folds_keep_groups_whole_and_obey_the_seed():
    groups = np.arange(60) // 5
    y = groups % 2
    folds = [set(groups[held[0]]) for _, held in k_fold(np.arange(60), y, k=3, rng=1, groups=groups)]
    assert [len(fold) for fold in folds] == [4, 4, 4]
    assert set.union(*folds) == set(range(12))
    again = [set(groups[held[0]]) for _, held in k_fold(np.arange(60), y, k=3, rng=1, groups=groups)]
    assert folds == again


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda X, y: k_fold(X, y, k=1), ValueError, "k=1: .*from 2 on: one part is held out"),
        (lambda X, y: k_fold(X, y, k=2.0), TypeError, "k=2.0: it must be a whole number"),
        (lambda X, y: k_fold(X, y, k=11), ValueError, "k=11 folds of 10 rows leave 1 empty: give more rows"),
        (lambda X, y: k_fold(X, y, k=3, groups=y % 2), ValueError, "leave 1 empty: give more groups"),
        (lambda X, y: k_fold(X, y[:9]), ValueError, r"\(9,\)"),
        (lambda X, y: k_fold(X, X), ValueError, "stratify=False"),
        (
            lambda X, y: train_dev_test_split(X, y, groups=y[:9]),
            ValueError,
            r"groups of shape \(9,\) for 10 rows",
        ),
        (lambda X, y: train_dev_test_split(X, y, groups=y % 2), ValueError, "without a row.*more groups"),
    ],
)
def test_what_cannot_be_parted_is_refused_at_the_call(call, error, words):
    X, y = np.ones((10, 2)), np.arange(10)
    with pytest.raises(error, match=words):
        call(X, y)


# --- scaling and back


@pytest.mark.parametrize("scaler", [Standardiser, MinMax])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_inverse_gives_the_old_units_back(scaler, dtype):
    X = np.random.default_rng(0).normal(5, 3, (30, 4)).astype(dtype)
    X[:, 1] = 7
    scale = scaler(X)
    back = scale.inverse(scale(X))
    assert back.dtype == dtype
    np.testing.assert_allclose(back, X, rtol=1e-6 if dtype == np.float32 else 1e-14)


def test_min_max_brings_the_training_set_to_0_and_1_and_others_past_them():
    train = np.array([[1.0, 5.0], [3.0, 5.0]])
    scale = MinMax(train)
    np.testing.assert_array_equal(scale(train), [[0, 0], [1, 0]])
    np.testing.assert_array_equal(scale(np.array([[5.0, 6.0]])), [[2, 1]])
    assert scale.low.tolist() == [1, 5]
    assert scale.high.tolist() == [3, 5]


def test_images_can_be_scaled_by_channel():
    X = np.random.default_rng(0).normal([[[[2]], [[50]]]], [[[[1]], [[9]]]], (40, 2, 6, 6))
    out = Standardiser(X, axis=(0, 2, 3))(X)
    np.testing.assert_allclose(out.mean(axis=(0, 2, 3)), 0, atol=1e-13)
    np.testing.assert_allclose(out.std(axis=(0, 2, 3)), 1, rtol=1e-13)
    assert Standardiser(X, axis=(0, 2, 3)).mean.shape == (2, 1, 1)
    assert abs(Standardiser(X)(X).mean(axis=0)).max() < 1e-13


@pytest.mark.parametrize("axis", [1, (1, 2), 5, (0, 7)])
def test_an_axis_must_have_the_rows_and_be_there(axis):
    with pytest.raises(ValueError, match=r"axis=.*rows of shape \(3, 4\)"):
        Standardiser(np.ones((3, 4)), axis=axis)
