"""What a resumed training is given and does not use is said; paths of checkpoints that are none are refused."""

import itertools
import os
import types
import warnings

import numpy as np
import pytest

import nn
from nn import checkpoint
from nn.checkpoint import CheckpointError

X = np.random.default_rng(0).normal(size=(20, 3))
Y = np.arange(20) % 2


def train(folder, epochs=2, lr=0.1, rng=0, resume=False, kind=nn.SGD, schedule=True, callbacks=None):
    model = nn.Linear(3, 2, rng=0)
    optimiser = kind(model.parameters(), lr=lr)
    history = nn.fit(
        model,
        (X, Y),
        epochs=epochs,
        optimiser=optimiser,
        schedule=nn.schedule.ExponentialLR(optimiser, 0.5) if schedule else None,
        checkpoint=folder,
        resume=resume,
        rng=rng,
        callbacks=callbacks,
    )
    return model, history


def test_another_learning_rate_and_seed_are_warned_of(tmp_path):
    train(tmp_path, schedule=False)
    words = r"does not use lr=0.5 \(it goes on with 0.1\), rng=5 \(it was begun with 0\).*load_weights"
    with pytest.warns(UserWarning, match=words) as told:
        train(tmp_path, 3, lr=0.5, rng=5, resume=True, schedule=False)
    assert told[0].filename == __file__
    with pytest.warns(
        UserWarning, match="lr=0.5"
    ):  # those of the beginning are kept, not those of the resumed one
        train(tmp_path, 4, lr=0.5, resume=True, schedule=False)


@pytest.mark.parametrize("kind", [nn.SGD, nn.Adam, nn.LBFGS])
def test_the_same_settings_are_not_warned_of(tmp_path, kind):
    train(tmp_path, kind=kind)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(tmp_path, 3, resume=True, kind=kind)  # though the schedule has changed the rate since
        train(tmp_path, 4, resume=True, kind=kind, rng=None)


def test_an_optimiser_that_is_used_again_is_not_warned_of(tmp_path):
    model = nn.Linear(3, 2, rng=0)
    optimiser = nn.SGD(model.parameters(), lr=0.1)
    settings = dict(optimiser=optimiser, schedule=nn.schedule.StepLR(optimiser, 1), checkpoint=tmp_path)
    nn.fit(model, (X, Y), epochs=2, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(nn.fit(model, (X, Y), epochs=3, resume=True, **settings)) == 3


def test_more_patience_trains_on_as_if_it_had_been_there_from_the_start(tmp_path):
    def run(folder, patience, resume):
        stopping = nn.EarlyStopping(patience, monitor="loss", min_delta=1.0)
        return train(tmp_path / folder, 30, resume=resume, callbacks=stopping)

    assert len(run("a", 2, False)[1]) == 3
    again, history = run("a", 2, True)
    assert (len(history), history.stopped) == (3, "loss was best in epoch 1, and not in the 2 after it")
    more, history = run("a", 5, True)
    whole, wanted = run("b", 5, False)
    assert history.loss == wanted.loss
    assert history.stopped == wanted.stopped == "loss was best in epoch 1, and not in the 5 after it"
    np.testing.assert_array_equal(more.weight.numpy(), whole.weight.numpy())
    np.testing.assert_array_equal(more.weight.numpy(), again.weight.numpy())  # the best one


def test_patience_does_not_go_on_where_another_callback_stopped(tmp_path):
    def stop(training):
        if training.epoch == 2:
            training.stop("enough")

    for resume in (False, True):
        callbacks = [nn.EarlyStopping(5, monitor="loss", min_delta=1.0), stop]
        _, history = train(tmp_path, 9, resume=resume, callbacks=callbacks)
        assert (len(history), history.stopped, callbacks[0].waited) == (2, "enough", 1)


def test_resume_from_a_folder_of_checkpoints(tmp_path):
    train(tmp_path)
    words = r"it is the folder of several. Write checkpoint=.*, resume=True.*step-00000002"
    with pytest.raises(CheckpointError, match=words):
        nn.fit(nn.Linear(3, 2), (X, Y), epochs=3, resume=tmp_path)
    with pytest.raises(CheckpointError, match=r"is no checkpoint: there is nothing of that name"):
        nn.fit(nn.Linear(3, 2), (X, Y), epochs=3, resume=tmp_path / "elsewhere")


def test_from_a_checkpoint_into_another_folder(tmp_path):
    train(tmp_path / "one", 4)
    start, straight = checkpoint.listed(tmp_path / "one")[1], train(None, 6)
    model, history = train(tmp_path / "other", 6, resume=start)
    assert history.loss == straight[1].loss
    np.testing.assert_array_equal(model.weight.numpy(), straight[0].weight.numpy())
    assert [checkpoint.step_of(path) for path in checkpoint.listed(tmp_path / "other")] == [6, 5]
    newest = checkpoint.newest(tmp_path / "other")  # nothing is after it, so that its folder goes on, too
    assert len(train(tmp_path / "other", 7, resume=newest)[1]) == 7
    train(tmp_path / "third", 7, resume=checkpoint.newest(tmp_path / "other"))  # has nothing left to do
    assert [checkpoint.step_of(path) for path in checkpoint.listed(tmp_path / "third")] == [7]


@pytest.mark.parametrize("path", [5, "", b"runs", True, 1.5])
def test_a_checkpoint_that_is_no_path(path):
    with pytest.raises(TypeError, match=r"checkpoint=.*: give the path of a folder"):
        nn.fit(nn.Linear(3, 2), (X, Y), epochs=1, checkpoint=path)
    with pytest.raises(TypeError, match=r"checkpoint=.*: give the path of a folder"):
        nn.Checkpoint(path)


def test_a_checkpoint_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("mine")
    for path, error in ((tmp_path / "file", FileExistsError), (tmp_path / "file" / "under", OSError)):
        with pytest.raises(error, match=r"checkpoint=.* cannot be a folder: .* Give another path"):
            nn.fit(nn.Linear(3, 2), (X, Y), epochs=1, checkpoint=path)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_full_disk_says_which_checkpoint_and_that_those_before_are_whole(tmp_path, monkeypatch):
    train(tmp_path)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left.*those before it are whole.*step-00000003") as told:
        train(tmp_path, 3, resume=True)
    assert told.value.errno == 28
    assert checkpoint.step_of(checkpoint.newest(tmp_path)) == 2


def test_the_time_of_an_epoch_is_that_of_all_its_parts(tmp_path, monkeypatch):
    clock = types.SimpleNamespace(perf_counter=itertools.count().__next__)  # goes on when it is looked at
    monkeypatch.setattr("nn.training.loop.time", clock)

    class Stop(nn.Callback):
        def on_batch_end(self, training):
            training.stop("enough")

    parts = nn.Checkpoint(tmp_path, every_batches=1, keep=None)
    whole = nn.fit(nn.Linear(3, 2, rng=0), (X, Y), epochs=2, batch_size=5, checkpoint=parts, rng=0)
    assert whole.seconds == [4, 4], "looked at after each batch"
    settings = {"epochs": 1, "batch_size": 5, "rng": 0}
    history = nn.fit(nn.Linear(3, 2), (X, Y), resume=tmp_path / "step-00000002", **settings)
    assert history.seconds == [2 + 1]
    nn.fit(nn.Linear(3, 2), (X, Y), checkpoint=tmp_path / "stopped", callbacks=Stop(), **settings)
    assert checkpoint.read(tmp_path / "stopped" / "step-00000001")[1]["sums"]["seconds"] == 1


def test_an_epoch_that_goes_on_does_not_begin_again(tmp_path):
    class Begins(nn.Callback):
        def __init__(self):
            self.seen = []

        def on_epoch_begin(self, training):
            self.seen.append((training.epoch, training.batch))

    settings = {"epochs": 2, "batch_size": 5, "rng": 0}
    saver, whole, rest = nn.Checkpoint(tmp_path, every_batches=1, keep=None), Begins(), Begins()
    nn.fit(nn.Linear(3, 2), (X, Y), checkpoint=saver, callbacks=whole, **settings)
    nn.fit(nn.Linear(3, 2), (X, Y), resume=tmp_path / "step-00000002", callbacks=rest, **settings)
    assert (whole.seen, rest.seen) == ([(0, 0), (1, 0)], [(1, 0)])


# --- what is given anew, and counts


def go_on(folder, epochs=3, **settings):
    model = settings.pop("model", None) or nn.MLP([3, 4, 2], rng=0)
    return nn.fit(model, (X, Y), epochs=epochs, checkpoint=folder, resume=True, rng=0, **settings)


@pytest.mark.parametrize("first", [True, False])
def test_a_validation_set_in_only_one_of_two_runs_is_refused(tmp_path, first):
    sets = [{"validation": (X, Y)}, {}]
    before, after = sets if first else sets[::-1]
    go_on(tmp_path, 2, **before)
    there, here = ("a validation set", "none") if first else ("no validation set", "one")
    with pytest.raises(CheckpointError, match=f"was written with {there}, and this training has {here}"):
        go_on(tmp_path, **after)
    assert len(go_on(tmp_path, **before)) == 3


def test_a_metric_of_only_one_of_two_runs_leaves_gaps(tmp_path):
    go_on(tmp_path, 2, metrics="f1")
    history = go_on(tmp_path, 4, metrics="precision")
    assert len(history["f1"]) == 2
    assert np.isnan(history["precision"][:2]).all()
    assert np.isfinite(history["precision"][2:]).all()
    lines = history.table().splitlines()
    assert [line.split()[-2:].count("-") for line in lines[1:]] == [1, 1, 1, 1]
    assert "f1" not in repr(history), "that of an epoch before is not today's"
    assert "precision" in repr(history)
    assert history.best("precision") in (3, 4)
    assert len(go_on(tmp_path, 5, metrics="precision")["precision"]) == 5  # nan goes to disk and back


def test_within_an_epoch_a_metric_cannot_begin(tmp_path):
    class Stop(nn.Callback):
        def on_batch_end(self, training):
            training.stop("enough")

    settings = {"batch_size": 5, "callbacks": Stop()}
    go_on(tmp_path, 1, **settings)
    with pytest.raises(CheckpointError, match="within an epoch that has no metrics"):
        go_on(tmp_path, metrics="f1", **settings)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"l2": 10.0}, r"l2 was 0.0 in the checkpoint and is 10.0 here: from now on"),
        ({"l1": 1.0}, r"l1 was 0.0 in the checkpoint and is 1.0 here"),
        ({"clip_norm": 1.0}, r"clip_norm was None in the checkpoint and is 1.0 here"),
        ({"clip_value": 1.0}, r"clip_value was None in the checkpoint and is 1.0 here"),
        ({"loss": nn.MultiMarginLoss()}, r"loss was CrossEntropyLoss\(.*is MultiMarginLoss\("),
        ({"model": nn.MLP([3, 4, 2], "tanh")}, r"the model was \(1\): ReLU\(\) in.* is \(1\): Tanh\(\) here"),
    ],
)
def test_settings_that_count_from_now_on_are_told_once(tmp_path, settings, words):
    go_on(tmp_path, 2)
    with pytest.warns(UserWarning, match=words) as told:
        go_on(tmp_path, 3, **settings)
    assert len(told) == 1
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        go_on(tmp_path, 4, **settings)  # they are what the newest checkpoint was written with


def test_a_loss_without_a_repr_of_its_own_is_the_same_in_another_process(tmp_path):
    def loss():
        return lambda outputs, y: nn.CrossEntropyLoss()(outputs, y)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        go_on(tmp_path, 2, loss=loss())
        go_on(tmp_path, 3, loss=loss())


def test_a_training_that_was_finished_already_says_so_in_a_line(tmp_path, capsys):
    go_on(tmp_path, 2)
    assert capsys.readouterr().err == ""
    go_on(tmp_path, 2, progress=False)
    assert capsys.readouterr().err == ""
    assert len(go_on(tmp_path, 2)) == 2
    words = "fit: nothing was trained, the training was finished after 2 epochs already, and epochs=2: give more to"
    assert capsys.readouterr().err.startswith(words)
    go_on(tmp_path, 3)
    assert capsys.readouterr().err == ""


def test_a_training_that_was_stopped_already_says_so_in_a_line(tmp_path, capsys):
    def stop(training):
        training.stop("enough")

    go_on(tmp_path, 5, callbacks=stop)
    go_on(tmp_path, 5, callbacks=stop)
    assert (
        capsys.readouterr().err
        == "fit: nothing was trained, the training had stopped after 1 epoch already: enough\n"
    )


def test_a_table_never_fails():
    history = nn.History()
    history.add(loss=1.0, accuracy=0.5, val_loss=2.0)
    history.add(loss=0.5)
    history.add(loss=0.25, val_accuracy=0.5)
    assert history.table().splitlines()[2:] == [
        "    2    0.5000          -          -              -",
        "    3    0.2500          -          -        50.00 %",
    ]
    assert repr(history) == "History(3 epochs, loss 0.2500, val_accuracy 50.00 %)"
