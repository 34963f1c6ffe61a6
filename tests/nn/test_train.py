"""fit and what belongs to it: the same numbers for a seed, modes given back, clear ends."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest

import nn
from autograd import ShapeError
from nn.data import DataLoader
from nn.metrics import accuracy, evaluating, outputs, predict
from nn.train import DivergedError, History, fit


def blobs(n=90, seed=0, dtype=np.float64):
    """Three classes around three centres."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    centres = np.array([[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0]])
    return (centres[y] + rng.normal(0, 0.5, (n, 2))).astype(dtype), y


def network(dtype=np.float64):
    return nn.MLP([2, 8, 3], dtype=dtype, rng=0)


class Spy(nn.Module):
    """A linear layer that notes the mode and the dtype of each call."""

    def __init__(self, dtype=np.float64):
        super().__init__()
        self.inner = nn.Linear(2, 3, rng=0, dtype=dtype)
        self.calls = []

    def forward(self, x):
        self.calls.append((self.training, self.inner.training, len(x), x.dtype.name))
        return self.inner(x)


# --- what it computes


def test_fit_is_the_loop_that_one_would_write():
    X, y = blobs()
    model, by_hand = network(), network()
    history = fit(model, (X, y), epochs=3, batch_size=16, rng=5, validation=(X[:30], y[:30]))

    batches = DataLoader((X, y), 16, shuffle=True, rng=5)
    optimiser, criterion = nn.SGD(by_hand.parameters(), lr=0.1, momentum=0.9), nn.CrossEntropyLoss()
    for epoch in range(3):
        total = right = 0
        for inputs, labels in batches:
            scores = by_hand(inputs)
            loss = criterion(scores, labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(labels)
            right += np.sum(scores.numpy().argmax(axis=1) == labels)
        assert history.loss[epoch] == pytest.approx(total / 90, rel=1e-15)
        assert history.accuracy[epoch] == right / 90
        scores = by_hand(X[:30])
        assert history.val_loss[epoch] == pytest.approx(criterion(scores, y[:30]).item(), rel=1e-14)
        assert history.val_accuracy[epoch] == accuracy(scores, y[:30])
    for a, b in zip(model.parameters(), by_hand.parameters()):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert len(history) == len(history.seconds) == 3


def test_it_learns():
    X, y = blobs()
    history = fit(network(), (X, y), epochs=10, batch_size=16, rng=0)
    assert history.accuracy[-1] > 0.97
    assert history.loss[-1] < history.loss[0] / 5


def test_the_same_seed_gives_the_same_history_and_another_seed_another():
    X, y = blobs()
    one, two, other = (fit(network(), (X, y), epochs=2, batch_size=16, rng=seed) for seed in (1, 1, 2))
    assert one.loss == two.loss
    assert one.loss != other.loss


def test_a_loader_brings_its_own_batches():
    X, y = blobs()
    loader = DataLoader((X, y), 16, shuffle=True, rng=5)
    history = fit(network(), loader, epochs=2, batch_size=999, rng=999)
    assert history.loss == fit(network(), (X, y), epochs=2, batch_size=16, rng=5).loss


def test_numbers_instead_of_classes_have_no_accuracy():
    X = np.linspace(-1, 1, 40)[:, None]
    model = nn.Linear(1, 1, rng=0)
    history = fit(
        model, (X, 3 * X - 1), epochs=60, batch_size=8, loss=nn.MSELoss(), validation=(X, 3 * X - 1), rng=0
    )
    assert (history.accuracy, history.val_accuracy) == ([], [])
    assert history.val_loss[-1] < 1e-6
    assert model.weight.item() == pytest.approx(3, abs=1e-3)


def test_float32_stays_float32():
    X, y = blobs(dtype=np.float64)
    model = Spy(dtype=np.float32)
    fit(model, (X, y), epochs=1, validation=(X, y))
    assert {call[3] for call in model.calls} == {"float32"}
    assert model.inner.weight.dtype == np.float32


def test_no_epochs_change_nothing():
    model = network()
    before = model.state_dict()
    assert len(fit(model, blobs(), epochs=0)) == 0
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


# --- modes


def test_train_mode_for_steps_eval_mode_for_validation_and_each_module_gets_its_mode_back():
    X, y = blobs(20)
    model = Spy()
    model.inner.training = False  # frozen by the user, say
    fit(model, (X, y), epochs=2, batch_size=10, validation=(X, y))
    one_epoch = [(True, True, 10, "float64")] * 2 + [(False, False, 20, "float64")]
    assert model.calls == one_epoch * 2
    assert (model.training, model.inner.training) == (True, False)


def test_modes_come_back_after_an_error():
    X, y = blobs(20)
    model = Spy().eval()
    with pytest.raises(ShapeError):
        fit(model, (X, y + 3), epochs=1)
    assert (model.training, model.inner.training) == (False, False)


def test_evaluating_restores_after_an_error_and_records_nothing():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh())
    model[1].eval()
    with pytest.raises(ShapeError), evaluating(model):
        model(np.ones((1, 3)))
    with evaluating(model):
        assert not model(np.ones((1, 2))).requires_grad
    assert [module.training for module in model.modules()] == [True, True, False]
    assert model(np.ones((1, 2))).requires_grad


# --- how it ends


class InterruptedLoss(nn.CrossEntropyLoss):
    def __init__(self, after):
        super().__init__()
        self.left = after

    def forward(self, scores, labels):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().forward(scores, labels)


def test_ctrl_c_leaves_the_history_of_the_finished_epochs():
    X, y = blobs(40)
    model = network().eval()
    history = fit(model, (X, y), epochs=50, batch_size=10, loss=InterruptedLoss(after=10), rng=0)
    assert history.interrupted
    assert len(history.loss) == len(history.accuracy) == len(history.seconds) == 2
    assert history.loss == fit(network(), (X, y), epochs=2, batch_size=10, rng=0).loss
    assert not model.training
    assert repr(history).endswith(", interrupted)")


def test_a_loss_that_is_not_finite_names_epoch_and_batch_and_keeps_the_weights():
    X, y = blobs(40)
    X[:, 0] *= 1e200
    model = nn.MLP([2, 3, 3], rng=0)
    with pytest.raises(DivergedError, match=r"batch \d+ of epoch 1\. ") as caught, np.errstate(all="ignore"):
        fit(model, (X, y), epochs=3, batch_size=10, rng=0)
    assert isinstance(caught.value, FloatingPointError)
    assert len(caught.value.history) == 0


def test_steps_that_are_too_large_are_named_as_the_cause():
    X = np.linspace(-1, 1, 40)[:, None]
    model = nn.Linear(1, 1, rng=0)
    wild = nn.SGD(model.parameters(), lr=9.0)
    with pytest.raises(DivergedError, match="smaller learning rate") as caught, np.errstate(all="ignore"):
        fit(model, (X, X), epochs=999, optimiser=wild, loss=nn.MSELoss(), rng=0)
    assert f"of epoch {len(caught.value.history) + 1}." in str(caught.value)
    assert all(np.isfinite(caught.value.history.loss))


def test_inputs_that_are_not_finite_are_named_as_the_cause():
    X, y = blobs(40)
    X[7] = np.nan
    with pytest.raises(DivergedError, match=r"loss is nan at batch 1 of epoch 1\. The inputs"):
        fit(network(), DataLoader((X, y), 10), epochs=1)


def test_a_loss_that_is_wrong_from_the_start_is_not_blamed_on_the_steps():
    X, y = blobs(40)
    model = network()
    model[0].weight.data[:] = np.inf
    with pytest.raises(DivergedError, match="No step was made yet"), np.errstate(all="ignore"):
        fit(model, (X, y), epochs=1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (dict(epochs=-1), "epochs=-1"),
        (dict(epochs=2.5), "epochs=2.5"),
        (dict(epochs=True), "epochs=True"),
        (dict(data=np.ones((4, 2))), "data is ndarray.*pair"),
        (dict(data=(np.ones((4, 2)), np.ones(4, int), 3)), "data is tuple.*pair"),
        (dict(data=(np.ones((4, 2)), np.ones(5, int))), "same number"),
        (dict(data=DataLoader(np.ones((4, 2)))), "loader of 1 arrays"),
        (dict(data=DataLoader(blobs(4), 9, drop_last=True)), "no batch: drop_last.*of 4 rows"),
        (dict(validation=np.ones((4, 2))), "validation is ndarray"),
        (dict(batch_size=0), "batch_size=0"),
    ],
)
def test_fit_says_what_is_wrong(arguments, words):
    with pytest.raises(ValueError, match=words):
        fit(network(), **{"data": blobs(4), "epochs": 1, **arguments})


# --- the bar


def test_no_bar_where_nobody_watches(capfd):
    fit(network(), blobs(), epochs=2)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_bar_for_who_asks(capfd, interrupted):
    pytest.importorskip("rich")
    X, y = blobs()
    loss = InterruptedLoss(2) if interrupted else None
    fit(network(), (X, y), epochs=2, validation=(X, y), progress=True, loss=loss)
    out, err = capfd.readouterr()
    assert out == "", "standard output is the program's own"
    if not interrupted:
        assert "epoch 2/2" in err
        assert "val_accuracy" in err
        assert "100%" in err


def test_a_terminal_gets_a_bar_unasked(monkeypatch):
    pytest.importorskip("rich")

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    fit(network(), blobs(), epochs=2)
    assert "epoch 2/2" in sys.stderr.getvalue()
    monkeypatch.setattr(sys, "stderr", Terminal())
    fit(network(), blobs(), epochs=2, progress=False)
    assert sys.stderr.getvalue() == ""


def test_without_rich_there_is_no_bar_and_no_complaint(capfd, monkeypatch):
    for name in ("rich.console", "rich.progress"):
        monkeypatch.setitem(sys.modules, name, None)
    assert len(fit(network(), blobs(), epochs=2, progress=True)) == 2
    assert capfd.readouterr() == ("", "")


# --- History


def test_a_history_as_a_table_and_in_one_line():
    history = History()
    assert repr(history) == "History(0 epochs)"
    for i in range(5):
        history.add(loss=1 / (i + 1), accuracy=i / 5, val_loss=2.0, val_accuracy=None)
    assert repr(history) == "History(5 epochs, loss 0.2000, accuracy 80.00 %, val_loss 2.0000)"
    assert history.table(every=2).splitlines() == [
        "epoch      loss   accuracy   val_loss",
        "    1    1.0000     0.00 %     2.0000",
        "    2    0.5000    20.00 %     2.0000",
        "    4    0.2500    60.00 %     2.0000",
        "    5    0.2000    80.00 %     2.0000",
    ]


# --- metrics


def test_outputs_do_not_depend_on_the_batches():
    X, _ = blobs(50)
    model = network()
    whole = outputs(model, X)
    assert isinstance(whole, np.ndarray)
    np.testing.assert_allclose(outputs(model, X, batch_size=7), whole, rtol=1e-14)
    np.testing.assert_allclose(model(X).numpy(), whole, rtol=1e-14)
    np.testing.assert_array_equal(predict(model, X), whole.argmax(axis=1))


def test_accuracy_of_classes_of_scores_and_of_tensors():
    model, (X, y) = network(), blobs(30)
    expected = np.mean(predict(model, X) == y)
    for predictions in (predict(model, X), outputs(model, X), model(X)):
        assert accuracy(predictions, y) == expected
    assert accuracy([1, 2], [1, 2]) == 1.0


@pytest.mark.parametrize(
    ("predictions", "labels", "words"),
    [
        (np.ones(3), np.ones(4), r"\(3,\) for labels of shape \(4,\)"),
        (np.ones((3, 2)), np.ones((3, 2)), "classes"),
        (np.ones(()), np.ones(()), "classes"),
        (np.ones(0), np.ones(0), "no rows"),
    ],
)
def test_accuracy_says_what_is_wrong(predictions, labels, words):
    with pytest.raises(ShapeError, match=words):
        accuracy(predictions, labels)


def test_predict_needs_scores():
    with pytest.raises(ShapeError, match=r"outputs of shape \(3,\)"):
        predict(Flat(), np.ones((3, 2)))


class Flat(nn.Module):
    """One number a row."""

    def forward(self, x):
        return x[:, 0]
