"""What a resumed training is given and does not use is said; paths of checkpoints that are none are refused."""

import os
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


def test_resume_from_a_folder_of_checkpoints(tmp_path):
    train(tmp_path)
    words = r"it is the folder of several. Write checkpoint=.*, resume=True.*step-00000002"
    with pytest.raises(CheckpointError, match=words):
        nn.fit(nn.Linear(3, 2), (X, Y), epochs=3, resume=tmp_path)
    with pytest.raises(CheckpointError, match=r"is no checkpoint: there is nothing of that name"):
        nn.fit(nn.Linear(3, 2), (X, Y), epochs=3, resume=tmp_path / "elsewhere")


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
