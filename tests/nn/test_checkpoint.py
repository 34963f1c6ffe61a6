"""Checkpoints: whole or not there, refused if damaged, and a training that goes on from one to the bit."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd.graph import raw
from nn import checkpoint
from nn.checkpoint import CheckpointError
from nn.checkpoint.pack import pack, unpack
from nn.core.lock import locked

ROOT = Path(__file__).resolve().parents[2]
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(50, 4)), rng.integers(0, 3, 50)
DATA, VALIDATION = (X[:40], Y[:40]), (X[40:], Y[40:])


class Noisy(nn.Module):
    """A network with random numbers, running means and a counter that no state_dict has."""

    def __init__(self, dtype=np.float64, seed=5):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(4, 8, dtype=dtype, rng=1),
            nn.BatchNorm1d(8, dtype=dtype),
            nn.Tanh(),
            nn.Dropout(0.2, rng=seed),
            nn.Linear(8, 3, dtype=dtype, rng=2),
        )
        self.rng = np.random.default_rng(seed)
        self.register_buffer("calls", np.zeros(1), persistent=False)

    def forward(self, x):
        if self.training:
            self.calls = self.calls + 1
            x = x * (1 + 0.01 * np.sin(self.calls[0])).astype(x.dtype)
        noise = 1 + 0.3 * self.rng.standard_normal(x.shape).astype(x.dtype) if self.training else 1.0
        return self.net(x * noise)


def train(model, folder=None, resume=False, epochs=4, optimiser=nn.Adam, stopping=True, **settings):
    """A training with everything that a checkpoint has to keep."""
    made = optimiser(model.parameters(), lr=0.05)
    schedules = dict(
        schedule=nn.schedule.ReduceLROnPlateau(made, patience=0, factor=0.7),
        batch_schedule=nn.schedule.ExponentialLR(made, gamma=0.98),
    )
    settings = dict(
        optimiser=made,
        validation=VALIDATION,
        metrics=["f1"],
        l2=0.1,
        clip_norm=2.0,
        callbacks=[nn.EarlyStopping(patience=9)] if stopping else None,
        checkpoint=folder and nn.Checkpoint(folder, every_batches=2, keep=None, keep_best=True),
        rng=3,
    ) | (schedules | settings)
    return nn.fit(model, DATA, epochs=epochs, batch_size=9, resume=resume, **settings)


def same(one, other):
    for key, value in one.state_dict().items():
        assert value.tobytes() == other.state_dict()[key].tobytes(), key
    for (key, p), q in zip(one.named_parameters(), other.parameters()):
        assert raw(p).strides == raw(q).strides, key


def columns(history):
    state = history.state_dict()
    del state["seconds"]
    return state


# --- to the bit


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "optimiser", [nn.SGD, nn.Adam, nn.AdamW, nn.NAdam, nn.RMSprop, nn.Adagrad, nn.Adadelta]
)
def test_from_every_checkpoint_training_goes_on_to_the_bit(tmp_path, optimiser, dtype):
    undisturbed, whole = Noisy(dtype), train(Noisy(dtype), tmp_path / "all", optimiser=optimiser)
    assert columns(train(undisturbed, optimiser=optimiser)) == columns(whole), "writing changes nothing"
    paths = checkpoint.listed(tmp_path / "all")
    steps = [checkpoint.step_of(path) for path in paths]
    assert steps == [20, 18, 16, 15, 14, 12, 10, 8, 6, 5, 4, 2], "every two steps, and the ends of epochs"
    for path in paths if optimiser is nn.Adam else paths[3:6]:
        model = Noisy(dtype, seed=99)
        history = train(model, resume=path, optimiser=optimiser)
        assert columns(history) == columns(whole), path
        same(model, undisturbed)


def test_lbfgs_goes_on_to_the_bit(tmp_path):
    def run(epochs, resume):
        model = nn.MLP([4, 8, 3], rng=1)
        optimiser = nn.LBFGS(model.parameters(), max_iter=3, line_search_fn="strong_wolfe")
        return model, nn.fit(
            model,
            nn.DataLoader(DATA, 40),
            epochs=epochs,
            optimiser=optimiser,
            checkpoint=tmp_path,
            resume=resume,
        )

    run(3, False)
    model, history = run(6, True)
    other = nn.MLP([4, 8, 3], rng=1)
    optimiser = nn.LBFGS(other.parameters(), max_iter=3, line_search_fn="strong_wolfe")
    straight = nn.fit(other, nn.DataLoader(DATA, 40), epochs=6, optimiser=optimiser)
    assert history.loss == straight.loss
    assert history.loss[-1] < history.loss[3] < history.loss[0]
    same(model, other)


def test_a_training_that_stopped_early_stays_so_and_has_its_best_weights(tmp_path):
    def run(folder, resume):
        model = Noisy()
        stopping = nn.EarlyStopping(patience=2)
        history = train(model, folder, resume, epochs=60, callbacks=stopping)
        return model, history, stopping

    model, history, stopping = run(tmp_path, False)
    assert len(history) == stopping.best_epoch + 2 < 60
    again, other, kept = run(tmp_path, True)
    assert columns(other) == columns(history)
    assert other.stopped is not None
    assert kept.best_epoch == stopping.best_epoch
    same(again, model)


def test_more_epochs_than_at_first(tmp_path):
    model = Noisy()
    train(Noisy(), tmp_path, epochs=2)
    history = train(model, tmp_path, True, epochs=4)
    straight = Noisy()
    assert columns(train(straight, epochs=4)) == columns(history)
    same(model, straight)


def test_a_generator_that_loader_and_model_share(tmp_path):
    def run(folder, resume):
        shared = np.random.default_rng(8)
        model = Noisy()
        model.rng = shared
        train(model, folder, resume, rng=shared, epochs=3)
        return model

    straight = run(tmp_path, False)
    for path in checkpoint.listed(tmp_path)[1::3]:
        same(run(None, path), straight)


def test_frozen_parameters_keep_their_place_in_memory(tmp_path):
    def run(folder, resume):
        model = Noisy()
        frozen = model.net[0].weight
        nn.SGD([frozen], lr=0.1)  # an optimiser that had it before has its matrices lie column by column
        optimiser = nn.SGD(model.net[4].parameters(), lr=0.1)
        train(model, folder, resume, stopping=False, optimiser=lambda _, lr: optimiser)
        assert raw(frozen).flags.f_contiguous
        return model

    straight = run(tmp_path, False)
    same(run(None, checkpoint.listed(tmp_path)[2]), straight)


# --- what is written, and what stays


def test_names_keep_and_best(tmp_path):
    saver = nn.Checkpoint(tmp_path, keep=1, keep_best="val_accuracy")
    history = nn.fit(
        nn.MLP([4, 8, 3], rng=0), DATA, epochs=12, validation=VALIDATION, checkpoint=saver, rng=0
    )
    kept = [checkpoint.step_of(path) for path in checkpoint.listed(tmp_path)]
    best = history.best("val_accuracy")
    assert kept == sorted({12, best}, reverse=True)
    assert best < 12, "or this shows nothing"
    assert checkpoint.best(tmp_path) == str(tmp_path / f"step-{best:08d}")
    model = nn.MLP([4, 8, 3], rng=7)
    checkpoint.load_weights(model, checkpoint.best(tmp_path))
    assert nn.evaluate(model, VALIDATION)["accuracy"] == max(history.val_accuracy)
    checkpoint.load_weights(model, tmp_path)
    assert nn.evaluate(model, VALIDATION)["accuracy"] == history.val_accuracy[-1]


def test_the_best_is_remembered_by_who_goes_on(tmp_path):
    def run(epochs, resume):
        model = nn.MLP([4, 8, 3], rng=0)
        optimiser = nn.SGD(model.parameters(), lr=0.5)
        saver = nn.Checkpoint(
            tmp_path, keep=1, keep_best=True, mode="max"
        )  # the first epoch has the largest loss
        nn.fit(
            model,
            DATA,
            epochs=epochs,
            optimiser=optimiser,
            validation=DATA,
            checkpoint=saver,
            resume=resume,
            rng=0,
        )
        return [checkpoint.step_of(path) for path in checkpoint.listed(tmp_path)]

    assert run(3, False) == [3, 1]
    assert run(7, True) == [7, 1]
    assert checkpoint.best(tmp_path) == str(tmp_path / "step-00000001")


def test_every_k_epochs_and_the_last(tmp_path):
    nn.fit(
        nn.Linear(4, 3, rng=0), DATA, epochs=8, checkpoint=nn.Checkpoint(tmp_path, every_epochs=3, keep=None)
    )
    assert [checkpoint.step_of(path) for path in checkpoint.listed(tmp_path)] == [8, 6, 3]


def test_every_k_batches_and_the_last(tmp_path):
    saver = nn.Checkpoint(tmp_path, every_epochs=None, every_batches=2, keep=None)
    nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=3, batch_size=8, checkpoint=saver)  # 5 batches an epoch
    assert [checkpoint.step_of(path) for path in checkpoint.listed(tmp_path)] == [15, 14, 12, 10, 8, 6, 4, 2]


def test_the_best_is_written_between_the_others_too_and_nothing_before_the_first_step(tmp_path):
    saver = nn.Checkpoint(tmp_path, every_epochs=5, keep_best="loss", mode="max")
    for epochs, steps in ((0, []), (3, [3, 1])):  # the first epoch has the largest loss
        nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=epochs, checkpoint=saver, rng=0)
        assert [checkpoint.step_of(path) for path in checkpoint.listed(tmp_path)] == steps
    assert checkpoint.best(tmp_path) == str(tmp_path / "step-00000001")


def test_a_saver_knows_nothing_of_a_training_before_or_of_another_folder(tmp_path):
    def run(name, epochs, saver=None, resume=False):
        saver = saver or nn.Checkpoint(tmp_path / name, every_epochs=None, keep_best="loss", mode="max")
        nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=epochs, checkpoint=saver, resume=resume, rng=0)
        assert checkpoint.best(saver.folder) == checkpoint.listed(saver.folder)[-1]
        return saver, [checkpoint.step_of(path) for path in checkpoint.listed(saver.folder)]

    saver, steps = run("one", 3)
    assert steps == [3, 1]
    shutil.rmtree(saver.folder)
    assert run("one", 3, saver) == (saver, [3, 1])
    assert run("other", 6, resume=tmp_path / "one" / "step-00000003")[1] == [6, 4]


def test_the_newest_is_first_however_many_steps_there_were(tmp_path):
    names = ["step-100000000", "step-99999999", "step-00000007"]
    for name in names:
        (tmp_path / name).mkdir()
    assert checkpoint.listed(tmp_path) == [str(tmp_path / name) for name in names]


def test_a_checkpoint_is_plain_files(tmp_path):
    model = nn.Linear(4, 3, rng=0)
    nn.fit(model, DATA, epochs=1, checkpoint=tmp_path)
    (path,) = checkpoint.listed(tmp_path)
    assert sorted(os.listdir(path)) == [
        "manifest.json",
        "model.safetensors",
        "state.json",
        "state.safetensors",
    ]
    arrays = nn.safetensors.load_file(Path(path) / "model.safetensors")
    assert arrays.keys() == {"weight", "bias"}
    np.testing.assert_array_equal(arrays["weight"], model.weight.numpy())
    numbers = json.loads((Path(path) / "state.json").read_text())
    assert numbers["epoch"] == 1
    assert numbers["library"].startswith("gradlens")


def test_leftovers_of_a_killed_training_are_removed(tmp_path):
    for name in (".unfinished-step-00000007", ".discarded-step-00000003"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{")
    (tmp_path / "mine.txt").write_text("stays")
    nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=1, checkpoint=tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["mine.txt", "step-00000001"]


def test_an_error_while_writing_leaves_nothing_half_written(tmp_path, monkeypatch):
    nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=1, checkpoint=tmp_path)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=2, checkpoint=tmp_path, resume=True)
    assert os.listdir(tmp_path) == ["step-00000001"]
    assert checkpoint.newest(tmp_path) is not None


# --- damage


def damaged(path, file, change):
    data = (Path(path) / file).read_bytes()
    (Path(path) / file).write_bytes(change(data))


def flipped(data, place):
    return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]


@pytest.mark.parametrize("file", ["manifest.json", "model.safetensors", "state.json", "state.safetensors"])
@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: flipped(data, len(data) // 2),
        lambda data: bytes(len(data)),
        None,
    ],
    ids=["emptied", "half", "a byte short", "a bit flipped", "zeros", "gone"],
)
def test_a_damaged_checkpoint_is_told_and_passed_over(tmp_path, file, change):
    nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=3, checkpoint=tmp_path, rng=0)
    last, before = checkpoint.listed(tmp_path)
    if change is None:
        os.remove(Path(last) / file)
    else:
        damaged(last, file, change)
    with pytest.raises(CheckpointError, match="step-00000003"):
        checkpoint.read(last)
    with pytest.warns(UserWarning, match="step-00000003.*The checkpoint before it is taken"):
        assert checkpoint.newest(tmp_path) == before
    model, straight = nn.Linear(4, 3, rng=0), nn.Linear(4, 3, rng=0)
    with pytest.warns(UserWarning, match="step-00000003"):
        nn.fit(model, DATA, epochs=5, checkpoint=nn.Checkpoint(tmp_path, keep=1), resume=True)
    nn.fit(straight, DATA, epochs=5, rng=0)
    same(model, straight)
    assert checkpoint.newest(tmp_path).endswith("step-00000005")


def test_every_flipped_bit_of_a_small_checkpoint_is_found(tmp_path):
    nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=1, checkpoint=tmp_path)
    (path,) = checkpoint.listed(tmp_path)
    place_in = np.random.default_rng(1)
    for file in os.listdir(path):
        whole = (Path(path) / file).read_bytes()
        for place in place_in.choice(len(whole), 25, replace=False):
            if chr(whole[place]).isspace():
                continue  # between the words of the manifest, where it means nothing
            (Path(path) / file).write_bytes(flipped(whole, place))
            with pytest.raises(CheckpointError):
                checkpoint.read(path)
        (Path(path) / file).write_bytes(whole)
    checkpoint.read(path)


def test_none_of_them_whole(tmp_path):
    nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=2, checkpoint=tmp_path)
    for path in checkpoint.listed(tmp_path):
        damaged(path, "state.json", lambda data: data[1:])
    model = nn.Linear(4, 3, rng=0)
    with (
        pytest.warns(UserWarning, match="damaged") as told,
        pytest.raises(CheckpointError, match="none of its checkpoints is whole"),
    ):
        nn.fit(model, DATA, epochs=2, checkpoint=tmp_path, resume=True)
    np.testing.assert_array_equal(model.weight.numpy(), nn.Linear(4, 3, rng=0).weight.numpy())
    assert [str(w.message).endswith("There is none before it.") for w in told] == [False, True]
    assert {w.filename for w in told} == {__file__}


# --- what does not belong together is refused, and nothing has changed


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(optimiser=nn.SGD), "optimiser Adam, and this training has SGD"),
        (dict(schedule=None), "written with schedule, batch_schedule, and this training has batch_schedule"),
        (dict(callbacks=None), "1 callbacks, and this training has 0"),
        (dict(callbacks=print), "callback 0 EarlyStopping, and this training has Function"),
        (dict(model=nn.MLP([4, 8, 3], rng=0)), "not of this training: .*missing"),
        (dict(model=Noisy(np.float32)), "as float64 of shape .* and the model as float32"),
        (dict(data=(X[:30], Y[:30])), "rows 40 there and 30 here"),
    ],
)
def test_a_checkpoint_of_another_training(tmp_path, change, words):
    train(Noisy(), tmp_path, epochs=2)
    model, data = change.pop("model", Noisy()), change.pop("data", DATA)
    before, state = model.state_dict(), getattr(model, "rng", rng).bit_generator.state
    made = change.pop("optimiser", nn.Adam)(model.parameters(), lr=0.05)
    settings = dict(
        optimiser=made,
        schedule=nn.schedule.ReduceLROnPlateau(made),
        batch_schedule=nn.schedule.ExponentialLR(made, gamma=0.98),
        callbacks=nn.EarlyStopping(),
    )
    with pytest.raises(CheckpointError, match=words):
        nn.fit(model, data, epochs=3, batch_size=9, checkpoint=tmp_path, resume=True, **(settings | change))
    for key, value in before.items():
        np.testing.assert_array_equal(model.state_dict()[key], value)
    assert getattr(model, "rng", rng).bit_generator.state == state
    assert made.lr == 0.05
    assert not made.state_dict()["state"]


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        (dict(resume=True), ValueError, r'from where, fit\(..., checkpoint="runs/first", resume=True\)'),
        (dict(resume=3), TypeError, "True, False, or the path"),
        (dict(resume="nowhere"), CheckpointError, "nowhere is no checkpoint"),
        (dict(checkpoint=nn.Checkpoint), TypeError, "checkpoint is a class"),
    ],
)
def test_resume_from_nowhere(settings, error, words):
    with pytest.raises(error, match=words):
        nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=1, **settings)


def test_a_folder_in_use_is_not_overwritten(tmp_path):
    nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=4, checkpoint=nn.Checkpoint(tmp_path, keep=None))
    with pytest.raises(FileExistsError, match="write resume=True to go on"):
        nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=2, checkpoint=tmp_path)
    with pytest.raises(FileExistsError, match="step-00000004, which is not earlier than"):
        nn.fit(
            nn.Linear(4, 3, rng=0),
            DATA,
            epochs=2,
            checkpoint=tmp_path,
            resume=tmp_path / "step-00000002",
        )


def test_two_trainings_do_not_write_to_one_folder(tmp_path):
    """The second is refused while the first is under way, in this process and in another; afterwards it may go on."""
    program = (
        "import sys, numpy as np, nn\n"
        "try:\n    nn.fit(nn.Linear(4, 3, rng=0), (np.ones((4, 4)), np.zeros(4, int)), epochs=1, "
        "checkpoint=sys.argv[1], resume=True)\n"
        "except nn.checkpoint.CheckpointError as error:\n    print(error)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    seen = []

    def meanwhile(training):
        if training.epoch == 1:
            with pytest.raises(CheckpointError, match="is in use: another training"):
                nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=1, checkpoint=tmp_path, resume=True)
            command = [sys.executable, "-c", program, str(tmp_path)]
            seen.append(subprocess.run(command, capture_output=True, text=True, env=environment, check=False))

    nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=2, checkpoint=tmp_path, callbacks=meanwhile)
    assert "is in use: another training writes its checkpoints there" in seen[0].stdout, seen[0].stderr
    assert sorted(os.listdir(tmp_path)) == ["step-00000001", "step-00000002"], "nothing is left of the lock"
    history = nn.fit(
        nn.Linear(4, 3, rng=0), DATA, epochs=3, checkpoint=tmp_path, resume=True, callbacks=lambda t: None
    )
    assert len(history) == 3


@pytest.mark.parametrize("end", [OSError, KeyboardInterrupt])
def test_the_folder_is_free_again_however_training_ends(tmp_path, end):
    def fail(training):
        if training.epoch == 2:
            raise end("now")

    settings = dict(checkpoint=tmp_path, epochs=3)
    with contextlib.suppress(OSError):
        nn.fit(nn.Linear(4, 3, rng=0), DATA, callbacks=fail, **settings)
    with pytest.raises(FileExistsError, match="write resume=True"):
        nn.fit(nn.Linear(4, 3, rng=0), DATA, callbacks=fail, **settings)
    assert len(nn.fit(nn.Linear(4, 3, rng=0), DATA, callbacks=lambda t: None, resume=True, **settings)) == 3


def test_a_lock_that_was_waited_for_is_the_one_on_the_file_that_is_there(tmp_path):
    """Who waits has opened a file that is removed by who goes: the lock on it would keep nobody out."""
    inside, overlaps = [], []

    def work():
        for _ in range(50):
            with locked(tmp_path) as alone:
                overlaps.append(len(inside) or not alone)
                inside.append(1)
                time.sleep(0)
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == [0] * 200
    assert os.listdir(tmp_path) == []


def test_a_whole_checkpoint_is_not_overwritten(tmp_path):
    arrays = {"w": np.ones(2)}
    path = checkpoint.write(tmp_path, 3, arrays, {"steps": 3})
    with pytest.raises(FileExistsError, match="step-00000003 is there already, and is whole"):
        checkpoint.write(tmp_path, 3, {"w": np.zeros(2)}, {"steps": 3})
    np.testing.assert_array_equal(checkpoint.read(path)[0]["w"], arrays["w"])
    damaged(path, "state.json", lambda data: data[1:])
    checkpoint.write(tmp_path, 3, {"w": np.zeros(2)}, {"steps": 3})
    np.testing.assert_array_equal(checkpoint.read(path)[0]["w"], [0, 0])


def test_a_folder_with_a_checkpoint_of_the_same_step_is_refused_at_once(tmp_path):
    for name in ("one", "other"):
        nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=2, checkpoint=tmp_path / name)
    with pytest.raises(FileExistsError, match="step-00000002, which is not earlier than"):
        nn.fit(
            nn.Linear(4, 3, rng=0),
            DATA,
            epochs=4,
            checkpoint=tmp_path / "other",
            resume=tmp_path / "one" / "step-00000002",
        )


@pytest.mark.skipif(os.name == "nt", reason="Windows brings no folder to the disk")
def test_every_file_and_folder_is_brought_to_the_disk_in_order(tmp_path, monkeypatch):
    """The files, then the folder that names them, then the new name, then the folder that holds it."""
    calls, fsync, rename = [], os.fsync, os.rename

    def name_of(descriptor):
        stat = os.fstat(descriptor)
        places = [(tmp_path, "folder"), *((path, path.name) for path in tmp_path.rglob("*"))]
        return next(name for path, name in places if os.path.samestat(path.stat(), stat))

    monkeypatch.setattr(os, "fsync", lambda number: calls.append(name_of(number)) or fsync(number))
    monkeypatch.setattr(os, "rename", lambda *paths: calls.append("rename") or rename(*paths))
    checkpoint.write(tmp_path, 3, {"w": np.ones(2)}, {"steps": 3})
    files = {"model.safetensors", "state.safetensors", "state.json", "manifest.json"}
    assert set(calls[:4]) == files
    assert calls[4:] == [".unfinished-step-00000003", "rename", "folder"]


@pytest.mark.parametrize("settings", [dict(keep=0), dict(every_epochs=1.5), dict(every_batches=True)])
def test_bad_settings(settings):
    ((name, value),) = settings.items()
    with pytest.raises(
        (TypeError, ValueError), match=f"Checkpoint: {name}={value}: it must be a whole number"
    ):
        nn.Checkpoint("anywhere", **settings)


def test_an_optimiser_that_cannot_be_saved_is_refused_before_the_first_step(tmp_path):
    class Plain:
        def zero_grad(self):
            pass

        def step(self):
            raise AssertionError("a step was made")

    with pytest.raises(TypeError, match=r"Plain has no state_dict\(\)"):
        nn.fit(nn.Linear(4, 3, rng=0), DATA, epochs=1, optimiser=Plain(), checkpoint=tmp_path)


def test_states_are_packed_without_a_loss():
    state = {
        "a": [1, 2.5, None, True, "x", (1, 2)],
        3: {"inf": np.inf, "nan": np.nan, "f64": np.float64(0.1), "f32": np.float32(0.1), "big": 2**100},
        "array": np.arange(6, dtype=np.uint8).reshape(2, 3),
    }
    arrays = {}
    text = json.dumps(pack(state, arrays), allow_nan=False)
    back = unpack(json.loads(text), nn.safetensors.load(nn.safetensors.save(arrays)))
    assert back["a"] == [1, 2.5, None, True, "x", [1, 2]]
    assert back["3"]["inf"] == np.inf
    assert np.isnan(back["3"]["nan"])
    assert (back["3"]["f64"], back["3"]["f32"].dtype, back["3"]["f32"]) == (0.1, np.float32, np.float32(0.1))
    assert back["3"]["big"] == 2**100
    np.testing.assert_array_equal(back["array"], state["array"])
    for wrong in (
        {"f": print},
        {"s": {1, 2}},
        {(1, 2): 3},
        {"$array": 1},
        {1: 0, "1": 0},
        {True: 1},
        [object()],
    ):
        with pytest.raises(TypeError, match=r"a checkpoint holds|as text and as number"):
            pack(wrong, {})


def test_numbers_of_numpy_that_json_can_hold_are_plain_numbers():
    arrays = {}
    state = {"a": np.float64(0.1), "b": np.int32(3), "c": np.bool_(True), "d": np.float32(0.1)}
    assert pack(state, arrays) == {"a": 0.1, "b": 3, "c": True, "d": {"$array": "d"}}
    assert arrays == {"d": np.float32(0.1)}


def test_arrays_whose_paths_look_alike_are_both_kept():
    state = {"a": {"b": np.zeros(2), "b'": np.ones(1)}, "a/b": np.ones(3), "a/b'": np.full(4, 2.0)}
    arrays = {}
    back = unpack(json.loads(json.dumps(pack(state, arrays))), arrays)
    assert len(arrays) == 4
    np.testing.assert_array_equal(back["a"]["b"], state["a"]["b"])
    np.testing.assert_array_equal(back["a"]["b'"], state["a"]["b'"])
    np.testing.assert_array_equal(back["a/b"], state["a/b"])
    np.testing.assert_array_equal(back["a/b'"], state["a/b'"])


# --- the process is killed


def test_a_killed_training_goes_on_to_the_bit(tmp_path):
    """tools/kill_test.py --tries 200 is the long version."""
    program = [
        sys.executable,
        str(ROOT / "tools" / "kill_test.py"),
        "--tries",
        "4",
        "--folder",
        str(tmp_path),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    result = subprocess.run(program, capture_output=True, text=True, env=environment, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("4 tries at random times")
    assert "to the bit" in result.stdout
