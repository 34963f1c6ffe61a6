"""Callbacks and early stopping: what is called when, when training ends, and with which weights."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from nn.training.callbacks import Monitor
from nn.training.history import History, direction

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(24, 2)), rng.integers(0, 2, 24)


class Recorder(nn.Callback):
    def __init__(self):
        self.calls = []

    def note(self, name, t):
        self.calls.append((name, t.epoch, t.batch, t.steps, len(t.history)))

    def on_train_begin(self, t):
        self.note("train begin", t)

    def on_epoch_begin(self, t):
        self.note("epoch begin", t)

    def on_batch_end(self, t):
        self.note("batch", t)

    def on_epoch_end(self, t):
        self.note("epoch", t)

    def on_train_end(self, t):
        self.note("train end", t)


def fit(model=None, epochs=2, **settings):
    model = nn.Linear(2, 2, rng=0) if model is None else model
    return nn.fit(model, (X, Y), epochs=epochs, batch_size=12, rng=0, **settings)


def test_what_is_called_when():
    recorder = Recorder()
    fit(callbacks=recorder)
    assert recorder.calls == [
        ("train begin", 0, 0, 0, 0),
        ("epoch begin", 0, 0, 0, 0),
        ("batch", 0, 1, 1, 0),
        ("batch", 0, 2, 2, 0),
        ("epoch", 1, 0, 2, 1),
        ("epoch begin", 1, 0, 2, 1),
        ("batch", 1, 1, 3, 1),
        ("batch", 1, 2, 4, 1),
        ("epoch", 2, 0, 4, 2),
        ("train end", 2, 0, 4, 2),
    ]


def test_a_function_is_called_after_each_epoch_and_sees_the_costs():
    seen, costs = [], []

    class Costs(nn.Callback):
        def on_batch_end(self, training):
            costs.append(training.cost)

    history = fit(callbacks=[lambda t: seen.append(t.history.loss[-1]), Costs()])
    assert seen == history.loss
    assert np.mean(costs[:2]) == pytest.approx(history.loss[0], rel=1e-15)


@pytest.mark.parametrize("where", ["on_batch_end", "on_epoch_end"])
def test_a_callback_can_stop(where):
    class Stop(nn.Callback):
        pass

    setattr(Stop, where, lambda self, training: training.stop("enough"))
    recorder = Recorder()
    history = fit(callbacks=[Stop(), recorder], epochs=9)
    assert history.stopped == "enough"
    assert not history.interrupted
    assert len(history) == (where == "on_epoch_end")
    assert recorder.calls[-1][0] == "train end"
    assert recorder.calls[-1][3] == (2 if where == "on_epoch_end" else 1)


def test_training_ends_properly_after_a_loss_that_is_not_finite():
    recorder = Recorder()
    optimiser_of = lambda m: nn.SGD(m.parameters(), lr=1e200)
    model = nn.MLP([2, 3, 2], rng=0)
    with np.errstate(all="ignore"), pytest.raises(nn.DivergedError):
        fit(model, callbacks=recorder, optimiser=optimiser_of(model))
    assert recorder.calls[-1][0] == "train end"


@pytest.mark.parametrize("where", ["on_train_begin", "on_batch_end", "on_epoch_end", "on_train_end"])
def test_training_ends_properly_after_an_error_of_another_callback(where):
    class Broken(nn.Callback):
        pass

    def fail(self, training):
        raise OSError("the disk is gone")

    setattr(Broken, where, fail)
    before, after, ended = Recorder(), Recorder(), []
    for recorder in (before, after):
        recorder.on_train_end = lambda t, recorder=recorder: (
            ended.append(recorder) or recorder.note("train end", t)
        )
    with pytest.raises(OSError, match="the disk is gone"):
        fit(callbacks=[before, Broken(), after])
    assert before.calls[-1][0] == after.calls[-1][0] == "train end"
    assert ended == [before, after], "in the order in which they were given"
    assert [call[0] for call in before.calls].count("train end") == 1


def test_after_an_error_the_best_weights_are_there():
    model = Scripted([2.0, 1.0, 3.0, 3.0, 3.0])

    def fail(training):
        if training.epoch == 4:
            raise OSError("the disk is gone")

    settings = dict(loss=model.loss, validation=(X[:6], Y[:6]), callbacks=[fail, nn.EarlyStopping(9)])
    optimiser = nn.SGD(model.parameters(), lr=1.0, maximize=True)
    with pytest.raises(OSError, match="the disk is gone"):
        nn.fit(model, (X[:8], Y[:8]), epochs=5, batch_size=4, optimiser=optimiser, **settings)
    assert model.epochs.item() == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (nn.EarlyStopping, r"callbacks: EarlyStopping is a class: make one, callbacks=EarlyStopping\(\)"),
        ("early", "'early' is no callback"),
        ([print, 3], "3 is no callback"),
    ],
)
def test_no_callbacks(given, words):
    with pytest.raises(TypeError, match=words):
        fit(callbacks=given)


# --- early stopping


class Scripted(nn.Module):
    """Validation losses as they are told, from a weight that counts the epochs."""

    def __init__(self, losses):
        super().__init__()
        self.losses = losses
        self.epochs = nn.Parameter([0.0])

    def forward(self, x):
        return x[:, :1] * 0.0 + self.epochs

    def loss(self, outputs, y):
        value = outputs.sum() * (0.5 / len(y))
        return (
            value
            if self.training
            else np.mean(0.0) + value * 0.0 + self.losses[round(self.epochs.item()) - 1]
        )


def stopping(losses, **settings):
    """The history of a training whose validation losses are these; each epoch adds 1 to the only weight."""
    model = Scripted(losses)
    optimiser = nn.SGD(model.parameters(), lr=1.0, maximize=True)
    callback = nn.EarlyStopping(**settings)
    history = nn.fit(
        model,
        (X[:8], Y[:8]),
        epochs=len(losses),
        batch_size=4,
        optimiser=optimiser,
        loss=model.loss,
        validation=(X[:6], Y[:6]),
        callbacks=callback,
    )
    return model, history, callback


@pytest.mark.parametrize(
    ("losses", "settings", "epochs", "best"),
    [
        ([3, 2, 1, 2, 2, 2, 2, 2], dict(patience=2), 5, 3),
        ([3, 2, 1, 2, 0.5, 2, 2, 2], dict(patience=2), 7, 5),
        ([3, 2, 1, 1, 1, 0], dict(patience=2), 5, 3),
        ([3, 2.5, 2.2, 2.1, 2.0], dict(patience=2, min_delta=1.0), 3, 1),
        ([3, 2.5, 2.0, 1.0, 1.0], dict(patience=2, min_delta=0.6), 5, 4),
        ([1, 2, 3, 2, 1], dict(patience=2, mode="max"), 5, 3),
        ([3, 2, 1], dict(patience=5), 3, 3),
        ([1, 2, 3], dict(patience=5), 3, 1),
    ],
)
def test_when_it_stops_and_where_it_goes_back_to(losses, settings, epochs, best):
    model, history, callback = stopping([float(x) for x in losses], **settings)
    assert history.val_loss == losses[:epochs]
    assert callback.best_epoch == best
    assert model.epochs.item() == best, "the weights of the best epoch"
    assert (history.stopped is not None) == (callback.waited >= settings["patience"])
    model, history, callback = stopping([float(x) for x in losses], restore_best=False, **settings)
    assert model.epochs.item() == len(history)


def test_it_says_why_it_stopped():
    _, history, _ = stopping([2.0, 1.0, 1.5, 1.5, 1.5], patience=2)
    assert history.stopped == "val_loss was best in epoch 2, and not in the 2 after it"


def test_after_ctrl_c_and_after_divergence_the_best_weights_are_there():
    for end in (KeyboardInterrupt, float("nan")):
        model = Scripted([2.0, 1.0, 3.0, 3.0, end])
        plain = model.loss

        def loss(outputs, y, model=model, plain=plain):
            if not model.training and round(model.epochs.item()) == 4:
                if model.losses[-1] is KeyboardInterrupt:
                    raise KeyboardInterrupt
                return plain(outputs, y) * np.nan
            return plain(outputs, y)

        optimiser = nn.SGD(model.parameters(), lr=1.0, maximize=True)
        settings = dict(
            loss=loss, optimiser=optimiser, validation=(X[:6], Y[:6]), callbacks=nn.EarlyStopping(9)
        )
        if end is KeyboardInterrupt:
            assert nn.fit(model, (X[:8], Y[:8]), epochs=5, batch_size=4, **settings).interrupted
        else:
            with pytest.raises(nn.DivergedError):
                nn.fit(model, (X[:8], Y[:8]), epochs=5, batch_size=4, **settings)
        assert model.epochs.item() == 2


def test_without_a_validation_set_it_watches_the_loss_and_a_metric_by_name():
    model = nn.MLP([2, 16, 2], rng=0)
    history = fit(model, epochs=400, callbacks=nn.EarlyStopping(patience=3, min_delta=0.01))
    assert len(history) < 400
    assert history.stopped.startswith("loss was best")
    for name in ("accuracy", "f1", "val_f1"):
        history = fit(
            epochs=300,
            metrics="f1",
            validation=(X, Y),
            callbacks=nn.EarlyStopping(monitor=name, patience=2),
        )
        assert history.stopped.startswith(f"{name} was best in epoch {history.best(name)}")


def test_one_callback_for_two_trainings_begins_anew():
    callback = nn.EarlyStopping(patience=3)
    first = fit(epochs=30, callbacks=callback)
    best = callback.best_epoch
    again = fit(epochs=30, callbacks=callback)
    assert (first.loss, best) == (again.loss, callback.best_epoch)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (dict(patience=0), "patience=0"),
        (dict(patience=2.0), "patience=2.0: it must be a whole number"),
        (dict(mode="lowest"), "'min' if lower is better"),
        (dict(min_delta=-1), "min_delta=-1"),
    ],
)
def test_bad_settings(settings, words):
    with pytest.raises((TypeError, ValueError), match=words):
        nn.EarlyStopping(**settings)


def test_a_column_that_is_not_there():
    with pytest.raises(ValueError, match=r"monitor='val_loss': .*loss, accuracy\. Give fit a validation set"):
        fit(callbacks=nn.EarlyStopping(monitor="val_loss"))
    with pytest.raises(ValueError, match="monitor='f1': the history has loss, accuracy"):
        fit(callbacks=nn.EarlyStopping(monitor="f1"))


def test_which_way_is_better():
    for name in ("loss", "val_loss", "mean_absolute_error", "val_mse", "cost", "perplexity"):
        assert direction(name) == "min", name
    for name in ("accuracy", "val_f1", "r2_score", "top_k_accuracy"):
        assert direction(name) == "max", name


def test_a_name_that_does_not_say_which_way_is_better_needs_a_mode():
    """Guessed wrongly, the worst epoch would be taken for the best."""
    words = "does not say whether lower or higher is better: write mode="
    for name in ("val_hits_at", "closseness", "error_score"):
        for make in (direction, lambda name: nn.EarlyStopping(monitor=name)):
            with pytest.raises(ValueError, match=f"'{name}' {words}"):
                make(name)
    with pytest.raises(ValueError, match=words):
        nn.Checkpoint("anywhere", keep_best="val_hits_at")
    history = History()
    for number in (0.3, 0.1, 0.2):
        history.add(loss=1.0, turns=number)
    with pytest.raises(ValueError, match=words):
        history.best("turns")
    assert (history.best("turns", "min"), history.best("turns", "max")) == (2, 1)


def test_a_metric_of_ones_own_that_counts_errors():
    def wrong(outputs, y):
        return np.mean(outputs.argmax(axis=1) != y)

    settings = dict(metrics=wrong, validation=(X, Y), epochs=6)
    for monitor, mode in (("val_wrong", None), ("val_wrong", "min")):
        stopping = nn.EarlyStopping(9, monitor=monitor, mode=mode)
        history = fit(callbacks=stopping, **settings)
        assert stopping.best_epoch == np.argmin(history["val_wrong"]) + 1


def test_nan_is_never_better():
    history, monitor = History(), Monitor("f1")
    better = []
    for number in (np.nan, 0.5, np.nan, 0.6):
        history.add(loss=1.0, f1=number)
        better.append(monitor.better(history))
    assert better == [False, True, False, True]


# --- overfitting, as in the course


def test_early_stopping_keeps_the_network_from_overfitting():
    """Section F5: on noisy labels the validation loss falls and rises again; the best weights are those in between."""
    draw = np.random.default_rng(4)
    A = draw.normal(size=(240, 6))
    b = (A[:, 0] + 1.2 * draw.normal(size=240) > 0).astype(int)
    train, validation = (A[:60], b[:60]), (A[60:], b[60:])

    def run(**settings):
        model = nn.MLP([6, 64, 2], rng=0)
        optimiser = nn.Adam(model.parameters(), lr=0.01)
        return model, nn.fit(
            model, train, epochs=120, optimiser=optimiser, validation=validation, rng=0, **settings
        )

    to_the_end, whole = run()
    stopped, short = run(callbacks=nn.EarlyStopping(patience=8))
    assert len(short) < 60
    assert nn.evaluate(to_the_end, validation)["loss"] > 1.5 * nn.evaluate(stopped, validation)["loss"]
    assert nn.evaluate(stopped, validation)["loss"] == min(whole.val_loss[: len(short)])
    assert nn.evaluate(to_the_end, train)["loss"] < nn.evaluate(stopped, train)["loss"]
