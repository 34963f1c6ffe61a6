"""What `fit`, the loader and the metrics refuse: with a word on what to write, and before a weight has changed."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest

import nn
from autograd import ShapeError
from nn.training.fit import DivergedError


def data(n=12, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 2)), rng.integers(0, 3, n)


X, Y = data()
HOLE = np.where(np.arange(24).reshape(12, 2) == 7, np.nan, X)


def refuses(error, words, model=None, given=(X, Y), **arguments):
    model = nn.MLP([2, 4, 3], rng=0) if model is None else model
    before = model.state_dict()
    own = {} if isinstance(given, nn.DataLoader) else {"batch_size": 4, "rng": 0}
    with pytest.raises(error, match=words):
        nn.fit(model, given, **{"epochs": 2, **own, **arguments})
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize(
    ("validation", "error", "words"),
    [
        ((X[:, :1], Y), ShapeError, r"validation has rows of shape \(1,\).*\(2,\)"),
        ((X, Y + 1), ShapeError, "validation: .*label 3 with 3 classes"),
        ((X, Y - 1), ShapeError, "validation: .*label -1"),
        ((X, Y * 1.0), ShapeError, "validation: .*astype"),
        ((X, Y[:, None]), ShapeError, r"validation: .*\(12, 1\)"),
        ((X, Y[:5]), ValueError, "same number"),
        ((HOLE, Y), ValueError, "the inputs of 1 of 12 rows are not all finite"),
        ((X, np.full((12, 3), np.nan)), ValueError, "the labels of 12 of 12 rows"),
        ((X.astype(str), Y), TypeError, "where numbers are needed"),
        ((np.ma.masked_array(X, X > 0), Y), TypeError, "masked array"),
    ],
)
def test_a_bad_validation_set(validation, error, words):
    refuses(error, words, validation=validation)


@pytest.mark.parametrize("last", [3, -1])
def test_a_bad_label_in_a_later_batch(last):
    labels = np.append(Y[:-1], last)
    loader = nn.DataLoader((X, labels), 4)
    refuses(ShapeError, f"data: .*label {last}", given=loader)


BINARY = (Y[:, None] > 0) * 1.0


@pytest.mark.parametrize(
    ("loss", "labels", "wrong", "words"),
    [
        (nn.HingeLoss(), Y, 3, "label 3 with 3 classes"),
        (nn.MultiMarginLoss(), Y, -1, "label -1 with 3 classes"),
        (nn.NLLLoss(), Y, -1, "label -1 with 3 classes"),
        (nn.NLLLoss(ignore_index=1), Y, -100, "label -100 with 3 classes"),
        (nn.CrossEntropyLoss(weight=[1.0, 2.0, 3.0]), Y, 3, "label 3 with 3 classes"),
        (nn.BCEWithLogitsLoss(), BINARY, 2.0, "a target outside of 0 .. 1"),
        (nn.BCELoss(), BINARY, -1.0, "a target outside of 0 .. 1"),
        (nn.KLDivLoss(), np.hstack([BINARY, 1 - BINARY]), -0.5, "a target below 0"),
        (nn.MSELoss(), BINARY, np.nan, "the labels of 1 of 12 rows are not all finite"),
        (nn.BCEWithLogitsLoss(), BINARY, np.inf, "the labels of 1 of 12 rows are not all finite"),
    ],
)
def test_every_loss_looks_at_all_labels_first(loss, labels, wrong, words):
    """Of the training set, where the wrong one is in the last batch, and of the validation set."""
    model = nn.MLP([2, 4, 3 if labels.ndim == 1 else labels.shape[1]], rng=0)
    if isinstance(loss, nn.BCELoss):
        model = nn.Sequential(*model, nn.Sigmoid())
    bad = labels.copy()
    bad[-1] = wrong
    for given, name in ((loss, "data"), (nn.Regularised(loss, model, m=12, l2=0.1), "data")):
        refuses(ValueError, f"{name}: .*{words}", model, nn.DataLoader((X, bad), 4), loss=given)
    refuses(ValueError, f"validation: .*{words}", model, (X, labels), loss=loss, validation=(X, bad))
    assert len(nn.fit(model, (X, labels), epochs=1, loss=loss, validation=(X, labels))) == 1


def test_labels_of_another_shape_for_validation():
    model, one = nn.MLP([2, 4, 3], rng=0), nn.Linear(2, 1, rng=0)
    refuses(
        ShapeError,
        r"validation: .*\(12, 1\) and dtype",
        model,
        loss=nn.HingeLoss(),
        validation=(X, Y[:, None]),
    )
    refuses(ShapeError, "validation: .*astype", model, loss=nn.NLLLoss(), validation=(X, Y * 1.0))
    refuses(
        ShapeError,
        r"validation: targets of shape \(12,\) for outputs of shape \(12, 1\)",
        one,
        (X, BINARY),
        loss=nn.BCEWithLogitsLoss(),
        validation=(X, BINARY[:, 0]),
    )


def test_a_loss_written_anew_may_have_other_labels():
    class FromOne(nn.CrossEntropyLoss):
        def forward(self, scores, labels):
            return super().forward(scores, labels - 1)

    model = nn.MLP([2, 4, 3], rng=0)
    history = nn.fit(model, (X, Y + 1), epochs=1, loss=FromOne(), validation=(X, Y + 1), rng=0)
    assert history.loss == nn.fit(nn.MLP([2, 4, 3], rng=0), (X, Y), epochs=1, rng=0).loss


def normalised(norm=None, **settings):
    norm = nn.BatchNorm1d(4, **settings) if norm is None else norm
    return nn.Sequential(nn.Linear(2, 4, rng=0), norm, nn.ReLU(), nn.Linear(4, 3, rng=1))


@pytest.mark.parametrize("settings", [{}, {"affine": False}, {"track_running_stats": False}])
def test_a_last_batch_of_one_row_is_refused_where_batches_are_normalised(settings):
    words = r"12 rows make batches of 11, and the last one is of 1.*drop_last=True"
    model = normalised(**settings)
    refuses(ShapeError, words, model, batch_size=11)
    assert len(nn.fit(model, (X, Y), epochs=1, batch_size=10)) == 1
    for rows, size in ((12, 11), (9, 4)):
        loader = nn.DataLoader((X[:rows], Y[:rows]), size, drop_last=True)
        assert len(nn.fit(model, loader, epochs=1)) == 1
    with nn.unfused():
        refuses(ShapeError, words, model, batch_size=11)


def test_a_last_batch_of_one_row_elsewhere():
    for norm in (nn.LayerNorm(4), nn.GroupNorm(2, 4), nn.RMSNorm(4)):
        assert len(nn.fit(normalised(norm), (X, Y), epochs=1, batch_size=11)) == 1
    images = np.random.default_rng(0).normal(size=(5, 1, 4, 4))
    model = nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3, rng=0))
    assert len(nn.fit(model, (images, Y[:5]), epochs=1, batch_size=2)) == 1, "one image has a variance"


def test_labels_to_ignore_may_be_among_them():
    """A row with ignore_index weighs nothing: the first step is that of the other rows."""
    hidden, model, other = Y.copy(), nn.MLP([2, 4, 3], rng=0), nn.MLP([2, 4, 3], rng=0)
    hidden[::4] = -100
    nn.fit(model, nn.DataLoader((X, hidden), 12), epochs=1, validation=(X, hidden))
    kept = hidden >= 0
    nn.fit(other, nn.DataLoader((X[kept], Y[kept]), 12), epochs=1)
    for p, q in zip(model.parameters(), other.parameters()):
        np.testing.assert_allclose(p.data, q.data, rtol=1e-12)
    nines = np.where(kept, Y, 9)
    nn.fit(model, (X, nines), epochs=1, loss=nn.CrossEntropyLoss(ignore_index=9))
    last = nn.DataLoader((X, np.append(Y[:-1], -100)), 4)
    refuses(ShapeError, "data: .*label -100", given=last, loss=nn.CrossEntropyLoss(ignore_index=9))
    refuses(ShapeError, "validation: every label is -100", validation=(X, np.full(12, -100)))


def test_a_label_for_each_place():
    """Scores (n, classes, h, w) go with labels (n, h, w), as in PyTorch, some of them to ignore."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(6, 1, 4, 4)), rng.integers(0, 3, (6, 4, 4))
    y[:, 0] = -100
    model = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1, rng=0))
    history = nn.fit(model, (X, y), epochs=3, batch_size=3, validation=(X, y), rng=0)
    assert history.val_loss[-1] < history.val_loss[0]
    shares = np.moveaxis(np.eye(3)[np.maximum(y, 0)], -1, 1)
    nn.fit(model, (X, shares), epochs=1, batch_size=3)
    wrong = y.copy()
    wrong[-1, -1, -1] = 3
    for error, words, labels in (
        (ShapeError, "validation: .*label 3 with 3 classes", wrong),
        (ShapeError, r"validation: labels of shape \(6,\).*one for each place", y[:, 1, 1]),
        (ShapeError, r"validation: .*float64 .*whole numbers of shape \(6, 4, 4\)", y * 1.0),
    ):
        refuses(error, words, model, (X, y), validation=(X, labels))


def test_targets_for_another_loss():
    model = nn.Linear(2, 1, rng=0)
    targets = X[:, :1]
    refuses(
        ShapeError,
        "validation: labels",
        model,
        (X, targets),
        loss=nn.MSELoss(),
        validation=(X, targets[:, 0]),
    )
    refuses(ValueError, "labels of 1 of 12", model, (X, X), loss=nn.MSELoss(), validation=(X, HOLE))
    holes = nn.fit(
        model,
        (X, targets),
        epochs=1,
        loss=lambda scores, y: nn.MSELoss()(scores, np.nan_to_num(y)),
        validation=(X, HOLE[:, :1]),
    )
    assert np.isfinite(holes.val_loss[-1]), "a loss of one's own may know what to do with missing targets"


def test_probabilities_for_validation_may_go_with_labels_to_train_on():
    history = nn.fit(nn.Linear(2, 3, rng=0), (X, Y), epochs=1, validation=(X, np.eye(3)[Y]))
    assert len(history.val_loss) == 1


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        ("mse", r"loss='mse'.*nn.MSELoss\(\)"),
        (nn.CrossEntropyLoss, r"the class CrossEntropyLoss: make one, loss=CrossEntropyLoss\(\)"),
        (lambda scores, y: None, "returned NoneType"),
        (lambda scores, y: 1.0, "returned float"),
        (lambda scores, y: scores * scores, r"returned an array of shape \(4, 3\)"),
    ],
)
def test_a_bad_loss(loss, words):
    refuses(TypeError, words, loss=loss)


def test_a_bad_model():
    for model, words in [
        (None, "NoneType"),
        (nn.scalar.MLP(2, [3]), "MLP: fit trains"),
        (nn.MLP, "the class MLP"),
    ]:
        with pytest.raises(TypeError, match=words):
            nn.fit(model, (X, Y), epochs=1)


def test_a_bad_optimiser():
    other = nn.MLP([2, 4, 3], rng=0)
    refuses(TypeError, r"class SGD: make one .*nn\.SGD\(model\.parameters\(\), lr=0\.1\)", optimiser=nn.SGD)
    refuses(TypeError, "optimiser='sgd'.*nn.SGD", optimiser="sgd")
    refuses(ValueError, "another model", optimiser=nn.SGD(other.parameters(), lr=0.1))
    half = nn.SGD(other[2].parameters(), lr=0.1)
    assert len(nn.fit(other, (X, Y), epochs=1, optimiser=half)) == 1


def test_a_bad_schedule():
    model = nn.MLP([2, 4, 3], rng=0)
    mine, other = nn.SGD(model.parameters(), lr=0.1), nn.SGD(nn.Linear(2, 3).parameters(), lr=0.1)
    step, plateau = nn.schedule.StepLR, nn.schedule.ReduceLROnPlateau
    for name in ("schedule", "batch_schedule"):
        for given, error, words in [
            (step, TypeError, f"{name} is the class StepLR: make one of your optimiser"),
            (0.9, TypeError, rf"{name}=0\.9: give a schedule .* nn\.schedule\.StepLR\(optimiser"),
            (step(other, 3), ValueError, rf"another optimiser: .*optimiser=optimiser, {name}=StepLR"),
        ]:
            refuses(error, words, model, optimiser=mine, **{name: given})
    refuses(ValueError, "another optimiser", model, schedule=step(mine, 3))  # fit makes one of its own
    refuses(
        TypeError, "results of an epoch; write schedule=", model, optimiser=mine, batch_schedule=plateau(mine)
    )


@pytest.mark.parametrize("name", ["clip_norm", "clip_value"])
@pytest.mark.parametrize("bound", [0, -1.0, np.nan, np.inf, True, "1"])
def test_a_bad_bound(name, bound):
    refuses((TypeError, ValueError), f"{name}=.*finite number > 0: such as 1.0", **{name: bound})


@pytest.mark.parametrize("name", ["l1", "l2"])
def test_a_bad_price(name):
    for price in (-1.0, np.inf, "1"):
        refuses((TypeError, ValueError), f"{name}=.*finite number >= 0", **{name: price})


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: nn.fit(m, X, Y), r"Give \(X, y\) as one pair: fit\(model, \(X, y\)"),
        (lambda m: nn.fit(m, X, Y, epochs=2), r"Give \(X, y\) as one pair"),
        (lambda m: nn.fit(m, (X, Y)), r"'epochs'. As in fit\(model, \(X, y\), epochs=10\)"),
        (lambda m: nn.fit(m, (X, Y), epochs=2, optimizer=None), "optimizer=, write optimiser="),
        (lambda m: nn.fit(m, (X, Y), epochs=2, lr=0.1), r"lr=, .*optimiser=nn.SGD\(model.parameters"),
        (lambda m: nn.fit(m, (X, Y), epoch=2), "Did you mean epochs="),
        (lambda m: nn.fit(m, (X, Y), epochs=2, val_data=(X, Y)), r"write validation=\(X, y\)"),
        (
            lambda m: nn.fit(m, (X, Y), epochs=2, scheduler=None),
            r"scheduler=, write schedule=nn\.schedule\.StepLR",
        ),
        (
            lambda m: nn.fit(m, (X, Y), epochs=2, patience=5),
            r"write callbacks=nn\.EarlyStopping\(patience=5\)",
        ),
        (lambda m: nn.fit(m, (X, Y), epochs=2, callback=print), r"write callbacks=\[\.\.\.\]"),
        (lambda m: nn.fit(m, (X, Y), epochs=2, metric="f1"), r'write metrics=\["f1"\]'),
        (lambda m: nn.fit(m, (X, Y), epochs=2, max_norm=1), r"write clip_norm=1\.0"),
        (
            lambda m: nn.fit(m, (X, Y), epochs=2, alpha=1),
            r"write l2=0\.1, or give the optimiser a weight_decay",
        ),
        (lambda m: nn.fit(m, (X, Y), epochs=2, checkpoint_dir="a"), r'write checkpoint="runs/first"'),
        (
            lambda m: nn.fit(m, (X, Y), epochs=2, augment=len),
            r"loader, fit\(model, nn\.DataLoader.*transform=",
        ),
    ],
)
def test_a_wrong_call(call, words):
    with pytest.raises(TypeError, match=words):
        call(nn.MLP([2, 3], rng=0))


def test_help_shows_the_arguments_of_fit():
    import inspect

    assert list(inspect.signature(nn.fit).parameters)[:3] == ["model", "data", "epochs"]
    assert "one optimiser step a batch" in nn.fit.__doc__


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_masked_arrays_and_matrices():
    masked, matrix = np.ma.masked_array(X, X > 0), np.matrix(X)
    refuses(TypeError, "masked array.*filled", given=(masked, Y))
    refuses(TypeError, r"np\.asarray", given=(matrix, Y))
    for wrong in (masked, matrix):
        with pytest.raises(TypeError):
            nn.Standardiser(wrong)
        with pytest.raises(TypeError):
            nn.train_dev_test_split(wrong, Y)


def test_a_list_of_arrays_for_a_loader():
    with pytest.raises(TypeError, match=r"DataLoader\(\(X, y\)\).*np\.stack"):
        nn.DataLoader([X, Y], 4)
    assert len(nn.fit(nn.Linear(2, 3, rng=0), [X, Y], epochs=1)) == 1


def test_scores_that_are_not_numbers_have_no_accuracy():
    with pytest.raises(ValueError, match="the scores of 1 of 2 rows contain nan"):
        nn.accuracy([[np.nan, np.nan], [0.0, 1.0]], [0, 1])
    assert nn.accuracy([[np.inf, 0.0]], [0]) == 1.0
    model = nn.Linear(2, 3, rng=0)
    with pytest.raises(ValueError, match="contain nan"):
        nn.predict(model, HOLE)


def test_a_validation_loss_that_is_not_finite_is_named():
    class Wild(nn.Linear):
        def forward(self, x):
            return super().forward(x) * (1.0 if self.training else np.nan)

    with pytest.raises(
        DivergedError, match=r"the validation set is nan after epoch 1\. The steps were too large"
    ):
        nn.fit(Wild(2, 3, rng=0), (X, Y), epochs=2, validation=(X, Y))


@pytest.mark.parametrize(
    ("output", "loss", "words"),
    [
        (
            "softmax",
            None,
            r"ends in softmax, and CrossEntropyLoss takes scores: .*softmax itself.*Leave .* out; nn",
        ),
        (
            "sigmoid",
            None,
            r"ends in sigmoid, and CrossEntropyLoss takes scores: .*Leave .* activation out; nn",
        ),
        (
            "sigmoid",
            nn.BCEWithLogitsLoss(),
            r"ends in sigmoid, and BCEWith.* applies sigmoid itself.*or use nn.BCE",
        ),
        (
            "softmax",
            nn.BCEWithLogitsLoss(),
            r"ends in softmax, and BCEWithLogitsLoss .*Leave .* activation out; ",
        ),
        ("log_softmax", None, ""),
        (None, None, ""),
        ("sigmoid", nn.BCELoss(), ""),
        ("softmax", nn.MSELoss(), ""),
    ],
)
@pytest.mark.parametrize("kind", [nn.SGD, nn.LBFGS])
def test_probabilities_given_to_a_loss_of_scores_are_told_once(output, loss, words, kind):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12, 4)), rng.integers(0, 2, 12)
    y = y if loss is None else np.eye(2)[y]
    model = nn.MLP([4, 5, 2], output=output, rng=0)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        nn.fit(
            model,
            (X, y),
            epochs=2,
            batch_size=4,
            optimiser=kind(model.parameters(), lr=0.1),
            loss=loss,
            l2=0.1,
        )
    assert len(told) == bool(words)
    for warning in told:
        assert re.search(words, str(warning.message))
        assert warning.filename == __file__


def test_one_hot_labels_have_no_accuracy_and_the_docstrings_say_so():
    X, y = np.random.default_rng(0).normal(size=(12, 4)), np.arange(12) % 3
    history = nn.fit(nn.MLP([4, 3], rng=0), (X, np.eye(3)[y]), epochs=2, rng=0)
    assert history.columns() == ["loss"]
    assert "one-hot" in nn.fit.__doc__
    assert "one-hot" in nn.History.__doc__
