"""Images changed at random: exact where they can be, in their range, with their labels, from a seed."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import ShapeError
from nn import augment

EVERY = {
    "shift": lambda x, **more: augment.shift(x, 2, **more),
    "crop": lambda x, **more: augment.crop(x, (6, 5), padding=1, **more),
    "flip": lambda x, **more: augment.flip(x, **more),
    "rotate": lambda x, **more: augment.rotate(x, 30, **more),
    "elastic": lambda x, **more: augment.elastic(x, 1.0, **more),
    "noise": lambda x, size=None, **more: augment.noise(x, 0.2, **more),
    "all": lambda x, size=None, rng=None: augment.Augment(
        elastic=0.5, rotate=20, shift=1, flip=0.5, noise=0.1, size=size, rng=rng
    )(x),
}


def pictures(shape=(30, 6, 5), dtype=np.float64, seed=0):
    return np.random.default_rng(seed).random(shape).astype(dtype)


@pytest.mark.parametrize("name", EVERY)
def test_shapes_dtypes_and_ranges_stay(name):
    change = EVERY[name]
    for dtype in (np.float64, np.float32):
        x = pictures(dtype=dtype)
        kept = x.copy()
        new = change(x, rng=0)
        assert (new.shape, new.dtype) == (x.shape, x.dtype)
        assert new.min() >= 0
        assert new.max() <= x.max() + 1e-12
        assert np.any(new != x)
        np.testing.assert_array_equal(x, kept)  # the given ones are not changed
    ink = (255 * pictures()).astype(np.uint8)
    new = change(ink, rng=0)
    assert (new.shape, new.dtype) == (ink.shape, np.uint8)


@pytest.mark.parametrize("name", EVERY)
def test_the_seed_decides_and_each_image_gets_its_own_change(name):
    x = np.repeat(pictures((1, 6, 5)), 30, axis=0)
    one, two, other = (EVERY[name](x, rng=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert np.any(one != other)
    assert len(np.unique(one.reshape(30, -1), axis=0)) > 1


@pytest.mark.parametrize("name", [name for name in EVERY if name != "noise"])
def test_rows_and_channels_are_changed_as_images_are(name):
    x = pictures((20, 6, 5))
    expected = EVERY[name](x, rng=3)
    rows = EVERY[name](x.reshape(20, 30), size=(6, 5), rng=3)
    np.testing.assert_array_equal(rows, expected.reshape(20, -1))
    np.testing.assert_array_equal(EVERY[name](x[:, None], rng=3), expected[:, None])
    if name != "all":  # noise differs from channel to channel
        coloured = np.stack([x, x, x], axis=1)
        found = EVERY[name](coloured, rng=3)
        np.testing.assert_array_equal(found, np.stack([expected] * 3, axis=1))
        flat = EVERY[name](coloured.reshape(20, -1), size=(3, 6, 5), rng=3)
        np.testing.assert_array_equal(flat, found.reshape(20, -1))


def test_a_shift_moves_whole_pixels_by_no_more_than_asked():
    dot = np.zeros((200, 9, 9))
    dot[:, 4, 4] = 1.0
    new = augment.shift(dot, 2, rng=0)
    assert np.all(new.sum(axis=(1, 2)) == 1.0)
    _, rows, columns = np.nonzero(new)
    assert set(rows) == set(columns) == {2, 3, 4, 5, 6}
    edge = augment.shift(np.ones((50, 4, 4)), 1, fill=-3.0, rng=0)
    assert set(np.unique(edge)) == {-3.0, 1.0}
    np.testing.assert_array_equal(augment.shift(dot, 0), dot)


def test_a_crop_cuts_a_piece_out():
    x = np.arange(5 * 6 * 7).reshape(5, 6, 7)
    for image, piece in zip(x, augment.crop(x, (3, 4), rng=0)):
        windows = np.lib.stride_tricks.sliding_window_view(image, (3, 4)).reshape(-1, 12)
        assert any(np.array_equal(piece.ravel(), window) for window in windows)
    np.testing.assert_array_equal(augment.crop(x, (6, 7)), x)
    same = np.broadcast_to(x[:1], (200, 6, 7))
    found = {piece.tobytes() for piece in augment.crop(same, (6, 8), padding=1, fill=-1, rng=0)}
    padded = np.pad(x[0], 1, constant_values=-1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (6, 8)).reshape(-1, 6, 8)
    assert found == {window.tobytes() for window in windows}, "each of them, and no other"


def test_flips_mirror_or_leave():
    x = pictures((100, 3, 4))
    for vertical, axis in ((False, 2), (True, 1)):
        new = augment.flip(x, vertical=vertical, rng=0)
        mirrored = np.flip(x, axis)
        which = [np.array_equal(a, b) for a, b in zip(new, mirrored)]
        assert 30 < sum(which) < 70
        for image, a, b, turned in zip(new, x, mirrored, which):
            np.testing.assert_array_equal(image, b if turned else a)
    np.testing.assert_array_equal(augment.flip(x, p=0.0), x)


def test_a_turn_by_a_quarter_and_by_nothing_is_exact():
    x = pictures((3, 7, 7))
    np.testing.assert_allclose(augment.rotate(x, 0.0), x, atol=1e-14)

    class Ends(np.random.Generator):
        """Draws both ends of the range, and its middle."""

        def uniform(self, low, high, size):
            return np.linspace(low, high, 3).reshape(size)

    turned = augment.rotate(x, 90, rng=Ends(np.random.PCG64(0)))
    expected = [np.rot90(x[0], -1), x[1], np.rot90(x[2])]
    np.testing.assert_allclose(turned, expected, atol=1e-13)


def test_between_pixels_is_the_mean_of_four():
    x = pictures((2, 1, 4, 4))
    rows, columns = augment._centred((4, 4))
    half = augment._sampled(x, np.stack([rows + 0.5] * 2), np.stack([columns + 0.5] * 2), 0.0)
    padded = np.pad(x, ((0, 0), (0, 0), (0, 1), (0, 1)))
    expected = (padded[..., :-1, :-1] + padded[..., 1:, :-1] + padded[..., :-1, 1:] + padded[..., 1:, 1:]) / 4
    np.testing.assert_allclose(half, expected, rtol=1e-13)
    for down, right in ((100.0, 0.0), (-100.0, 0.0), (0.0, 100.0), (0.0, -100.0)):
        away = augment._sampled(x, np.stack([rows + down] * 2), np.stack([columns + right] * 2), 0.25)
        np.testing.assert_array_equal(away, 0.25)


def test_elastic_displacements_are_as_large_as_asked_and_smooth():
    wide = np.broadcast_to(np.arange(64.0), (40, 64, 64))  # a ramp: the value tells where it was taken from
    moved = augment.elastic(wide, 1.5, 4.0, rng=0)[:, 8:-8, 8:-8] - wide[:, 8:-8, 8:-8]
    assert moved.std() == pytest.approx(1.5, rel=0.05)
    assert np.diff(moved, axis=2).std() < 0.5 * moved.std()
    through_0 = np.broadcast_to(np.arange(24.0) - 12, (1000, 24, 24))
    on_it = augment.elastic(through_0, 0.01, 4.0, rng=0)[:, :, 12]
    np.testing.assert_allclose(on_it[:, [0, 5, 12, 23]].std(axis=0), 0.01, rtol=0.07)  # at the border, too


def test_noise_has_its_size_and_its_range():
    x = np.full((10, 40, 40), 0.5)
    assert (augment.noise(x, 0.1, low=-9, high=9, rng=0) - x).std() == pytest.approx(0.1, rel=0.02)
    clipped = augment.noise(pictures(), 5.0, low=0.0, high=1.0, rng=0)
    assert (clipped.min(), clipped.max()) == (0.0, 1.0)


def test_what_comes_in_from_outside_is_the_fill():
    more = {"shift": (2,), "crop": ((8, 8),), "rotate": (45,), "elastic": (3.0,)}
    for name, values in more.items():
        padding = {"padding": 1} if name == "crop" else {}
        for fill in (0.0, -3.0):
            given = {"fill": fill} if fill else {}
            new = getattr(augment, name)(np.ones((50, 8, 8)), *values, rng=0, **padding, **given)
            assert new.min() == fill, name
            assert new.max() == pytest.approx(1), name


def test_images_of_whole_numbers_are_rounded():
    new = augment.noise(np.full((1, 40, 40), 100, np.uint8), 0.1, low=0, high=255, rng=0)
    assert new.min() == new.max() == 100
    np.testing.assert_array_equal(augment.rotate(ink := np.arange(36).reshape(1, 6, 6), 1e-9), ink)


def test_several_changes_are_those_of_the_functions_one_after_another():
    x, settings = pictures() + 0.2, {"elastic": 0.5, "rotate": 20, "shift": 1, "flip": 0.5, "noise": 0.1}
    rng, expected = np.random.default_rng(3), x
    for name, value in settings.items():
        more = {"flip": {}, "noise": {"low": x.min(), "high": x.max()}}.get(name, {"fill": 0.7})
        expected = getattr(augment, name)(expected, value, rng=rng, **more)
        alone = augment.Augment(**{name: value}, fill=0.7, rng=3)
        np.testing.assert_array_equal(alone(x), getattr(augment, name)(x, value, rng=3, **more))
        assert alone(x[:0]).shape == (0, 6, 5)
    np.testing.assert_array_equal(augment.Augment(**settings, fill=0.7, rng=3)(x), expected)


def test_a_larger_set_keeps_the_originals_and_the_labels():
    X, y = pictures((12, 30)), np.arange(12)
    more, labels = augment.enlarge(X, y, augment.Augment(shift=1, size=(6, 5), rng=0), copies=3)
    assert (more.shape, labels.shape) == ((48, 30), (48,))
    np.testing.assert_array_equal(more[:12], X)
    np.testing.assert_array_equal(labels, np.tile(y, 4))
    assert np.any(more[12:24] != more[24:36])
    assert repr(augment.Augment(shift=1)) == "Augment(shift=1)"


def test_a_network_learns_from_it_what_does_not_matter():
    pytest.importorskip("sklearn")
    X, y = nn.load_digits()
    train, _, test = nn.train_dev_test_split(X, y, dev=0.1, test=0.6, rng=0)
    move = augment.Augment(shift=1, size=(8, 8), rng=0)
    moved, right = augment.shift(test[0], 1, size=(8, 8), rng=1), []
    for data, epochs in ((train, 24), (augment.enlarge(*train, move, copies=7), 3)):
        model = nn.MLP([64, 64, 10], rng=0)
        nn.fit(model, data, epochs=epochs, batch_size=32, rng=0)
        right.append(nn.accuracy(nn.predict(model, moved), test[1]))
    assert right[1] > right[0] + 0.15  # for as many steps


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: augment.shift(np.ones((3, 64)), 1), ShapeError, r"size=\(8, 8\)"),
        (lambda: augment.shift(np.ones((3, 60)), 1), ShapeError, r"size=\(h, w\)"),
        (lambda: augment.shift(np.ones((3, 64)), 1, size=(8, 9)), ShapeError, "64 pixels"),
        (lambda: augment.shift(np.ones(64), 1, size=(8, 8)), ShapeError, r"\(n, h, w\)"),
        (lambda: augment.shift(np.ones((3, 8, 8)), 1.5), TypeError, "pixels=1.5: it must be a whole number"),
        (lambda: augment.shift(np.array([["a"]]), 1), TypeError, "numbers"),
        (lambda: augment.flip(np.ones((3, 8, 8)), 2), ValueError, "probability"),
        (lambda: augment.crop(np.ones((3, 8, 8)), (9, 8)), ShapeError, "too large"),
        (lambda: augment.noise(np.ones((3, 8, 8)), -1), ValueError, "std"),
        (lambda: augment.elastic(np.ones((3, 8, 8)), 1, 0), ValueError, "smoothness"),
        (
            lambda: augment.elastic(np.ones((3, 8, 8)), np.inf),
            ValueError,
            "strength=inf: .* finite number >= 0",
        ),
        (
            lambda: augment.elastic(np.ones((3, 8, 8)), "1"),
            TypeError,
            "strength='1': it must be a finite number",
        ),
        (
            lambda: augment.rotate(np.ones((3, 8, 8)), -5),
            ValueError,
            "degrees=-5: it must be a finite number >= 0",
        ),
        (
            lambda: augment.rotate(np.ones((3, 8, 8)), np.nan),
            ValueError,
            "degrees=nan: it must be a finite number",
        ),
        (lambda: augment.crop(np.ones((3, 8, 8)), 6), ShapeError, r"crop: shape=6: give \(h, w\)\."),
        (
            lambda: augment.crop(np.ones((3, 8, 8)), (0, 8)),
            ValueError,
            "crop: shape=0: it must be a whole number",
        ),
        (
            lambda: augment.shift(np.ones((3, 64)), 1, size=8),
            ShapeError,
            r"size=8: give \(h, w\) or \(channels, ",
        ),
        (
            lambda: augment.Augment(shift=0.5)(np.ones((3, 8, 8))),
            TypeError,
            "pixels=0.5: it must be a whole number",
        ),
        (lambda: augment.enlarge(np.ones((3, 8, 8)), np.ones(2), lambda x: x), ShapeError, "2 labels"),
    ],
)
def test_what_is_refused(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()
