"""How fit and evaluate read outputs as classes: yes or no, labels to ignore, weights; and means that are means."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import autograd
import nn
from nn.metrics.classes import are_classes, says_yes_above

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4))
YES = (X[:, :1] + 0.3 * rng.normal(size=(60, 1)) > 0).astype(float)
LABELS = rng.integers(0, 3, 60)


def yes_or_no(last=None, seed=1):
    layers = [nn.Linear(4, 1, rng=seed)] + ([last] if last else [])
    return nn.Sequential(*layers)


@pytest.mark.parametrize(
    ("last", "loss", "labels"),
    [
        (None, nn.BCEWithLogitsLoss(), YES),
        (nn.Sigmoid(), nn.BCELoss(), YES),
        (nn.Sigmoid(), nn.MSELoss(), YES),
        (nn.Sigmoid(), lambda p, y: nn.BCELoss()(p, y), YES),
        (None, nn.Regularised(nn.BCEWithLogitsLoss(), nn.Linear(1, 1), m=9, l2=0.1), YES),
        (None, nn.BCEWithLogitsLoss(), YES.astype(int)),
    ],
)
def test_a_classifier_with_one_output_has_an_accuracy(last, loss, labels):
    """The history's is that of nn.predict, in training and on the validation set; so is the one of evaluate."""
    model = yes_or_no(last)
    still = nn.SGD(model.parameters(), lr=0.0)
    history = nn.fit(
        model,
        (X, labels),
        epochs=1,
        batch_size=16,
        optimiser=still,
        loss=loss,
        validation=(X[:20], labels[:20]),
    )
    right = nn.predict(model, X) == labels[:, 0]
    assert 0 < np.mean(right) < 1, "or this shows nothing"
    assert history.accuracy == [np.mean(right)]
    assert history.val_accuracy == [np.mean(right[:20])]
    assert nn.evaluate(model, (X, labels), loss)["accuracy"] == np.mean(right)


def test_outputs_of_one_axis_are_read_alike():
    class Flat(nn.Linear):
        def forward(self, x):
            return super().forward(x)[:, 0]

    model = Flat(4, 1, rng=1)
    measured = nn.evaluate(model, (X, YES[:, 0]), nn.BCEWithLogitsLoss())
    assert measured["accuracy"] == np.mean((nn.metrics.outputs(model, X) > 0) == YES[:, 0])


@pytest.mark.parametrize(
    ("last", "loss", "labels"),
    [
        (None, nn.MSELoss(), YES),  # a regression, for all that is known
        (nn.Sigmoid(), nn.BCELoss(), 0.2 + 0.6 * YES),  # shares
        (None, lambda s, y: nn.BCEWithLogitsLoss()(s, y), YES),  # nothing says what the numbers mean
    ],
)
def test_numbers_have_no_accuracy(last, loss, labels):
    history = nn.fit(yes_or_no(last), (X, labels), epochs=1, loss=loss, validation=(X, labels))
    assert history.columns() == ["loss", "val_loss"]
    assert list(nn.evaluate(yes_or_no(last), (X, labels), loss)) == ["loss"]


def test_one_share_among_the_labels_of_a_later_batch_is_seen_at_once():
    labels = YES.copy()
    labels[-1] = 0.5
    history = nn.fit(yes_or_no(), nn.DataLoader((X, labels), 16), epochs=1, loss=nn.BCEWithLogitsLoss())
    assert history.accuracy == []


def test_metrics_of_yes_or_no():
    model, loss = yes_or_no(), nn.BCEWithLogitsLoss()
    said, y = nn.predict(model, X), YES[:, 0].astype(int)
    binary = functools.partial(nn.f1, average="binary")
    own = {"share": lambda outputs, labels: float(np.mean(outputs.shape == labels.shape == (60, 1)))}
    measured = nn.evaluate(model, (X, YES), loss, {"f1": "f1", "hit": nn.recall, "binary": binary, **own})
    assert measured["f1"] == nn.f1(said, y)
    assert measured["hit"] == nn.recall(said, y)
    assert measured["binary"] == nn.f1(said, y, average="binary")
    assert measured["share"] == 1.0, "a function of one's own sees what the model said"
    still = nn.SGD(model.parameters(), lr=0.0)
    history = nn.fit(
        model, (X, YES), epochs=1, optimiser=still, loss=loss, metrics="f1", validation=(X, YES), rng=0
    )
    assert history["f1"] == history["val_f1"] == [nn.f1(said, y)]


def test_diagnose_speaks_of_errors_of_such_a_classifier():
    history = nn.fit(yes_or_no(), (X, YES), epochs=3, loss=nn.BCEWithLogitsLoss(), validation=(X, YES), rng=0)
    found = nn.diagnose(history)
    assert (found.unit, found.train_error) == ("error", 1 - history.accuracy[-1])


def test_what_a_single_output_means():
    assert says_yes_above(nn.BCEWithLogitsLoss(), "sigmoid") == 0.0
    assert says_yes_above(nn.BCELoss(), "clip") == 0.5
    assert says_yes_above(nn.MSELoss(), "matmul") is None
    assert not are_classes(np.zeros((3, 2)), np.zeros((3, 2)), 0.5), "several questions are not one"
    assert not are_classes(np.zeros((3, 1)), np.zeros((3, 2)), 0.5)
    assert not are_classes(np.zeros((3, 1)), np.array(["yes"] * 3), 0.5)


def test_labels_that_are_no_classes_of_several_outputs():
    scores = np.zeros((3, 3))
    assert are_classes(scores, np.arange(3))
    assert not are_classes(scores, np.eye(3, dtype=int)), "one-hot"
    assert not are_classes(scores, np.arange(3.0)), "numbers"


# --- means


def still_fit(loss, labels=LABELS, batch_size=16, **settings):
    """One epoch that changes nothing: the training loss is the mean over the same outputs as the validation loss."""
    model = nn.Linear(4, 3, rng=1)
    still = nn.SGD(model.parameters(), lr=0.0)
    return nn.fit(
        model,
        nn.DataLoader((X, labels), batch_size),
        epochs=1,
        optimiser=still,
        loss=loss,
        validation=(X, labels),
        **settings,
    )


HOLES = np.where(np.arange(60) % 4 == 1, -100, LABELS)
HOLES[:13] = -100  # most of the first batch
NINES = np.where(HOLES < 0, 9, LABELS)


@pytest.mark.parametrize(
    ("loss", "labels"),
    [
        (nn.CrossEntropyLoss(weight=[1.0, 5.0, 0.2]), LABELS),
        (nn.CrossEntropyLoss(weight=[1.0, 5.0, 0.2], label_smoothing=0.3), LABELS),
        (nn.CrossEntropyLoss(), HOLES),
        (nn.CrossEntropyLoss(weight=[1.0, 5.0, 0.2], ignore_index=9), NINES),
        (nn.CrossEntropyLoss(weight=[1.0, 5.0, 0.2]), np.eye(3)[LABELS]),
        (nn.MultiMarginLoss(weight=[1.0, 5.0, 0.2]), LABELS),
    ],
    ids=["weights", "smoothed", "ignored", "both", "shares", "margin"],
)
def test_the_training_loss_is_the_mean_that_the_validation_loss_is(loss, labels):
    other = nn.Linear(4, 3, rng=5)
    for given in (loss, nn.Regularised(loss, other, m=60, l2=3.0)):
        history = still_fit(given, labels)
        price = 0.0 if given is loss else nn.l2_penalty(other, 3.0, 60).item()
        assert history.loss[0] - price == pytest.approx(history.val_loss[0], rel=1e-12)


@pytest.mark.parametrize(("loss", "labels"), [(None, HOLES), (nn.CrossEntropyLoss(ignore_index=9), NINES)])
def test_labels_to_ignore_count_in_no_accuracy(loss, labels):
    history = still_fit(loss, labels, metrics=["f1", "top_k_accuracy"])
    model, kept = nn.Linear(4, 3, rng=1), labels == LABELS
    right = np.mean(nn.predict(model, X[kept]) == LABELS[kept])
    assert history.accuracy == history.val_accuracy == [right]
    assert nn.evaluate(model, (X, labels), loss)["accuracy"] == right
    assert history["f1"] == history["val_f1"] == [nn.f1(nn.predict(model, X[kept]), LABELS[kept])]


def test_weights_and_ignored_labels_of_places():
    images, labels = rng.normal(size=(6, 1, 4, 4)), rng.integers(0, 3, (6, 4, 4))
    labels[0] = labels[:, 1] = -100
    labels[0, 0, 0] = 1
    model = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1, rng=0))
    history = nn.fit(
        model,
        nn.DataLoader((images, labels), 2),
        epochs=1,
        optimiser=nn.SGD(model.parameters(), lr=0.0),
        loss=nn.CrossEntropyLoss(weight=[1.0, 2.0, 3.0]),
        validation=(images, labels),
    )
    assert history.loss == pytest.approx(history.val_loss, rel=1e-12)


def test_a_batch_of_which_no_label_counts_is_named():
    labels = LABELS.copy()
    labels[16:32] = -100
    with pytest.raises(nn.DivergedError, match=r"batch 2 of epoch 1\. No label of this batch counts"):
        still_fit(None, labels)


def test_a_training_that_is_resumed_within_an_epoch_counts_on(tmp_path):
    def run(epochs, resume):
        model = nn.Linear(4, 3, rng=1)
        saver = nn.Checkpoint(tmp_path, every_batches=1, keep=None)
        settings = dict(loss=nn.CrossEntropyLoss(weight=[1.0, 5.0, 0.2]), rng=0, batch_size=16, metrics="f1")
        return nn.fit(model, (X, HOLES), epochs=epochs, checkpoint=resume or saver, **settings)

    whole = run(1, None)
    model = nn.Linear(4, 3, rng=1)
    again = nn.fit(
        model,
        (X, HOLES),
        epochs=1,
        loss=nn.CrossEntropyLoss(weight=[1.0, 5.0, 0.2]),
        rng=0,
        batch_size=16,
        metrics="f1",
        resume=tmp_path / "step-00000002",
    )
    assert (again.loss, again.accuracy, again["f1"]) == (whole.loss, whole.accuracy, whole["f1"])


@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_a_loss_that_is_no_mean_is_refused(reduction):
    loss = nn.CrossEntropyLoss(reduction=reduction)
    for given in (loss, nn.Regularised(loss, nn.Linear(4, 3), m=60, l2=0.1)):
        for call in (
            lambda given=given: still_fit(given),
            lambda given=given: nn.evaluate(nn.Linear(4, 3), (X, LABELS), given),
        ):
            with pytest.raises(
                ValueError, match=rf"CrossEntropyLoss\(reduction='{reduction}'\).*need the mean"
            ):
                call()


# --- the dtype of the parameters


class Spy(nn.Module):
    """A linear layer that notes the dtypes that it is given."""

    def __init__(self, dtype):
        super().__init__()
        self.inner = nn.Linear(4, 3, rng=0, dtype=dtype)
        self.seen = set()

    def forward(self, x):
        self.seen.add(x.dtype.name)
        return self.inner(x)


@pytest.mark.parametrize(("own", "given"), [(np.float32, np.float64), (np.float64, np.float32)])
@pytest.mark.parametrize("transform", [None, lambda x: x * np.float64(1)])
def test_inputs_are_converted_wherever_they_come_from(own, given, transform):
    A = X.astype(given)
    calls = [
        lambda model: nn.fit(model, (A, LABELS), epochs=1, validation=(A, LABELS)),
        lambda model: nn.fit(
            model, nn.DataLoader((A, LABELS), 16, transform=transform), epochs=1, validation=(A, LABELS)
        ),
        lambda model: nn.evaluate(model, (A, LABELS)),
        lambda model: nn.evaluate(model, nn.DataLoader((A, LABELS), 16)),
        lambda model: nn.predict(model, A),
        lambda model: nn.predict_proba(model, A),
        lambda model: nn.metrics.outputs(model, A),
    ]
    for call in calls:
        model = Spy(own)
        call(model)
        assert model.seen == {np.dtype(own).name}


def test_a_transform_that_makes_numbers_of_bytes():
    model = Spy(np.float32)
    loader = nn.DataLoader((np.ones((8, 4), np.uint8), LABELS[:8]), 4, transform=lambda x: x / 255)
    nn.fit(model, loader, epochs=1)
    assert model.seen == {"float32"}


def test_whole_numbers_stay_whole():
    model = nn.Sequential(
        nn.Embedding(5, 4, dtype=np.float32, rng=0), nn.Flatten(), nn.Linear(8, 3, dtype=np.float32, rng=0)
    )
    words = rng.integers(0, 5, (8, 2))
    nn.fit(model, nn.DataLoader((words, LABELS[:8]), 4), epochs=1)
    assert nn.metrics.outputs(model, words).dtype == np.float32


def test_a_loader_is_converted_without_a_change_of_its_place():
    """The user's own loader is the one that is walked through."""
    A, model, other = X.astype(np.float32), nn.Linear(4, 3, rng=0), nn.Linear(4, 3, rng=0)
    loader = nn.DataLoader((A, LABELS), 16, shuffle=True, rng=3)
    nn.fit(model, loader, epochs=2)
    nn.fit(other, nn.DataLoader((A.astype(float), LABELS), 16, shuffle=True, rng=3), epochs=2)
    np.testing.assert_array_equal(model.weight.data, other.weight.data)
    assert loader.state_dict()["given"] == -1


def test_log_softmax_at_the_end_gives_the_same_probabilities():
    class Log(nn.Linear):
        def forward(self, x):
            return autograd.log_softmax(super().forward(x))

    np.testing.assert_allclose(
        nn.predict_proba(Log(4, 3, rng=0), X), nn.predict_proba(nn.Linear(4, 3, rng=0), X), rtol=1e-12
    )
