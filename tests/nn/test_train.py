"""fit and what belongs to it: the same numbers for a seed, modes given back, clear ends."""

from __future__ import annotations

import io
import signal
import sys

import numpy as np
import pytest

import nn
from autograd import ShapeError
from nn.data import DataLoader
from nn.metrics import accuracy, evaluating, outputs, predict
from nn.training.fit import DivergedError, History, fit


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
    history = fit(network(), loader, epochs=2)
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


def test_an_end_within_an_epoch_goes_back_to_the_best_weights_even_of_the_epoch_before():
    X, y = blobs(40)
    model, other = network(), network()
    loss, stopping = InterruptedLoss(after=6), nn.EarlyStopping(monitor="loss")
    fit(model, (X, y), epochs=9, batch_size=10, loss=loss, callbacks=stopping, rng=0)
    fit(other, (X, y), epochs=1, batch_size=10, rng=0)
    assert stopping.best_epoch == 1
    equal_weights(model, other)


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
    with pytest.raises((TypeError, ValueError), match=words):
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
    history = fit(network(), (X, y), epochs=2, validation=(X, y), progress=True, loss=loss)
    out, err = capfd.readouterr()
    assert out == "", "standard output is the program's own"
    if interrupted:
        assert "epoch 1/2" in err
        assert " 50%" in err
    else:
        assert "epoch 2/2" in err
        assert f"val_accuracy {100 * history.val_accuracy[-1]:.2f} %" in err
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


def test_more_numbers_of_an_epoch_and_a_column_without_one():
    history = History()
    history.add(loss=0.5, odd=np.nan)
    history.add(f1=0.25)  # of the same epoch
    history.add(loss=0.4, f1=0.5, odd=np.nan)
    assert history["f1"] == [0.25, 0.5]
    assert history.best("odd", "min") == 1


def test_a_small_loss_is_no_zero():
    history = History()
    for loss in (0.5, 1e-3, 9.87654e-4, 1.2346e-7, 0.0):
        history.add(loss=loss)
    cells = [line.split()[1] for line in history.table().splitlines()[1:]]
    assert cells == ["0.5000", "0.0010", "0.0009877", "1.235e-07", "0.0000"]


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


# --- what may be added to it: each is what one would write in the loop


def by_hand(
    model, optimiser, X, y, epochs=3, criterion=None, between=None, after_step=None, after_epoch=None
):
    criterion = criterion or nn.CrossEntropyLoss()
    batches = DataLoader((X, y), 16, shuffle=True, rng=5)
    for _ in range(epochs):
        for inputs, labels in batches:
            optimiser.zero_grad()
            criterion(model(inputs), labels).backward()
            if between:
                between()
            optimiser.step()
            if after_step:
                after_step()
        if after_epoch:
            after_epoch()


def equal_weights(one, other):
    for a, b in zip(one.parameters(), other.parameters()):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def twins():
    pair = network(), network()
    return [(model, nn.SGD(model.parameters(), lr=0.2, momentum=0.9)) for model in pair]


def test_clipping():
    X, y = blobs()
    (model, optimiser), (other, own) = twins()
    fit(model, (X, y), epochs=3, batch_size=16, rng=5, optimiser=optimiser, clip_norm=0.1)
    by_hand(other, own, X, y, between=lambda: nn.clip_grad_norm_(other.parameters(), 0.1))
    equal_weights(model, other)
    (model, optimiser), (other, own) = twins()
    fit(model, (X, y), epochs=3, batch_size=16, rng=5, optimiser=optimiser, clip_value=0.01, clip_norm=0.02)

    def both():
        nn.clip_grad_value_(other.parameters(), 0.01)
        nn.clip_grad_norm_(other.parameters(), 0.02)

    by_hand(other, own, X, y, between=both)
    equal_weights(model, other)


def test_schedules_by_epoch_and_by_batch():
    X, y = blobs()
    (model, optimiser), (other, own) = twins()
    history = fit(
        model,
        (X, y),
        epochs=3,
        batch_size=16,
        rng=5,
        optimiser=optimiser,
        schedule=nn.schedule.StepLR(optimiser, step_size=1, gamma=0.5),
        batch_schedule=nn.schedule.ExponentialLR(optimiser, gamma=0.9),
    )
    epochs = nn.schedule.StepLR(own, step_size=1, gamma=0.5)
    steps = nn.schedule.ExponentialLR(own, gamma=0.9)
    by_hand(other, own, X, y, after_step=steps.step, after_epoch=epochs.step)
    equal_weights(model, other)
    np.testing.assert_allclose(history.lr, [0.2 * 0.9**6 * (0.5 * 0.9**6) ** i for i in range(3)], rtol=1e-12)


def test_the_learning_rate_in_the_history_is_that_of_the_first_group():
    model = network()
    groups = [{"params": model[0].parameters()}, {"params": model[2].parameters(), "lr": 0.5}]
    assert fit(model, blobs(), epochs=2, optimiser=nn.SGD(groups, lr=0.25)).lr == [0.25, 0.25]


def test_a_schedule_of_ones_own_needs_no_more_than_a_step():
    class Own:
        steps = 0

        def step(self):
            self.steps += 1

    by_epoch, by_batch = Own(), Own()
    fit(network(), blobs(), epochs=3, batch_size=45, schedule=by_epoch, batch_schedule=by_batch)
    assert (by_epoch.steps, by_batch.steps) == (3, 6)


@pytest.mark.parametrize("validation", [blobs(), None])
def test_a_plateau_is_told_the_validation_loss_or_the_loss(validation):
    X, y = blobs()
    (model, optimiser), _ = twins()
    schedule = nn.schedule.ReduceLROnPlateau(optimiser, factor=0.5, patience=0, threshold=0.5)
    history = fit(
        model, (X, y), epochs=4, optimiser=optimiser, schedule=schedule, validation=validation, rng=0
    )
    rate, best = 0.2, np.inf
    for used, loss in zip(history.lr, history.val_loss or history.loss):
        assert used == rate
        rate = rate if loss < best * 0.5 else rate / 2
        best = loss if loss < best * 0.5 else best
    assert 0.025 < history.lr[-1] < 0.2


@pytest.mark.parametrize("price", ["l2", "l1"])
def test_prices_on_weights_are_those_of_the_course(price):
    """Section F3: J + lambda / (2 m) sum W**2, so that a step multiplies W by 1 - alpha lambda / m; b is left out."""
    X, y = blobs()
    lam, m = 3.0, len(X)
    free, priced = network(), network()
    start = free.state_dict()
    for model, strength in ((free, 0.0), (priced, lam)):
        optimiser = nn.SGD(model.parameters(), lr=0.5)
        history = fit(model, (X, y), epochs=1, batch_size=m, rng=0, optimiser=optimiser, **{price: strength})
    data = nn.CrossEntropyLoss()(network()(X), y).item()
    of = np.square if price == "l2" else np.abs
    total = sum(of(start[k]).sum() for k in start if k.endswith("weight"))
    assert history.loss[0] == pytest.approx(data + lam / (2 * m) * total, rel=1e-12)
    for key, w in start.items():
        pull = lam / m * w if price == "l2" else lam / (2 * m) * np.sign(w)
        pull = pull if key.endswith("weight") else 0.0 * w
        np.testing.assert_allclose(priced.state_dict()[key], free.state_dict()[key] - 0.5 * pull, atol=1e-14)


def test_the_validation_loss_has_no_price_in_it_and_is_what_evaluate_measures():
    X, y = blobs()
    model = network()
    price = nn.Regularised(nn.CrossEntropyLoss(), model, m=90, l2=5.0, l1=1.0)
    for given in ({"l2": 5.0, "l1": 1.0}, {"loss": price}):
        history = fit(model, (X, y), epochs=2, validation=(X, y), rng=0, **given)
        data = nn.CrossEntropyLoss()(model(X), y).item()
        assert history.val_loss[-1] == pytest.approx(data, rel=1e-14)
        assert history.val_loss[-1] == nn.evaluate(model, (X, y))["loss"]
        assert history.val_loss[-1] == nn.evaluate(model, (X, y), price)["loss"]
        assert history.loss[-1] > data + 0.1, "the training loss is the course's J, with the price"
        assert price(model(X), y).item() > data + 0.1


def test_metrics_by_name_by_function_and_by_dict():
    X, y = blobs()

    def wrong(outputs, labels):
        assert isinstance(outputs, np.ndarray)
        return np.count_nonzero(outputs.argmax(axis=1) != labels)

    model = network()
    history = fit(
        model,
        (X, y),
        epochs=2,
        metrics=["accuracy", "f1", wrong],
        validation=(X[:30], y[:30]),
        batch_size=16,
        rng=0,
    )
    assert history.columns() == [
        "loss",
        "accuracy",
        "val_loss",
        "val_accuracy",
        *("f1 wrong val_f1 val_wrong".split()),
    ]
    assert history["wrong"] == [round(90 * (1 - share)) for share in history.accuracy], "over the whole epoch"
    scores = outputs(model, X[:30])
    assert history["val_f1"][-1] == nn.f1(scores, y[:30])
    assert "val_wrong" in history.table()
    measured = nn.evaluate(model, (X[:30], y[:30]), metrics={"misses": wrong})
    assert measured == {
        "loss": history.val_loss[-1],
        "accuracy": history.val_accuracy[-1],
        "misses": history["val_wrong"][-1],
    }


def test_the_columns_of_a_set_of_metrics_have_the_same_order_in_every_process():
    names = ["f1", "precision", "recall", "top_k_accuracy", "wrong"]

    def wrong(outputs, labels):
        return 0.0

    found = nn.training.measure.metric_functions({"recall", "top_k_accuracy", "f1", wrong, "precision"})
    assert list(found) == names


@pytest.mark.parametrize(
    ("metrics", "error", "words"),
    [
        ("recal", ValueError, "no metric 'recal' is known; there are accuracy, f1.*Did you mean 'recall'"),
        ("banana", ValueError, "Or give a function"),
        (3, TypeError, "3 is no metric"),
        (nn.MSELoss, TypeError, "is no metric"),
        ({"loss": len}, ValueError, "'loss' is the name of another column"),
        ({"val_x": len}, ValueError, "'val_x' is the name of another column"),
        ({1: len}, TypeError, "1 is no name: give a dict of functions by name"),
        (lambda outputs, y: outputs, TypeError, "returned an array of shape"),
        (lambda outputs, y: None, TypeError, "returned NoneType: a metric is one number"),
    ],
)
def test_bad_metrics(metrics, error, words):
    with pytest.raises(error, match=words):
        fit(network(), blobs(20), epochs=1, metrics=metrics)


def test_gradient_norms_are_those_of_each_epochs_last_step_before_clipping():
    X, y = blobs(32)
    model, by_layer = network(), []
    optimiser = nn.SGD(model.parameters(), lr=0.1)

    class Watch(nn.Callback):
        def on_batch_end(self, training):
            if training.batch == 2:
                grads = [[p.grad for p in model[i].parameters()] for i in (0, 2)]
                by_layer.append([np.sqrt(sum((g**2).sum() for g in pair)) for pair in grads])

    history = fit(
        model, (X, y), epochs=3, batch_size=16, optimiser=optimiser, callbacks=Watch(), clip_norm=1e9, rng=0
    )
    assert list(history.gradient_norms) == ["0", "2"]
    np.testing.assert_allclose(np.transpose(list(history.gradient_norms.values())), by_layer, rtol=1e-12)
    clipped = fit(network(), (X, y), epochs=1, batch_size=16, clip_norm=1e-9, rng=0)
    assert clipped.gradient_norms["2"][0] > 1e-3


def test_gradient_norms_beyond_the_range_of_squares():
    """As nn.clip_grad_norm_ has them: the square of 1e25 is no float32."""
    layer = nn.Linear(2, 3, dtype=np.float32, rng=0)
    for size in (1e25, 1e-30):
        for p in layer.parameters():
            p.grad = np.full(p.shape, size, np.float32)
        (norm,) = nn.training.measure.gradient_norms(nn.training.measure.layers_of(layer)).values()
        assert norm == pytest.approx(3 * size, rel=1e-6)
        assert norm == nn.clip_grad_norm_(layer.parameters(), 1e30)
    layer.zero_grad()
    assert nn.training.measure.gradient_norms(nn.training.measure.layers_of(layer)) == {"": 0.0}


def test_parameters_that_the_optimiser_leaves_alone_gather_no_gradients():
    X, y = blobs(32)
    model = network()
    optimiser = nn.SGD(model[2].parameters(), lr=0.0)
    history = fit(model, (X, y), epochs=4, batch_size=32, optimiser=optimiser, rng=0, clip_norm=0.01)
    np.testing.assert_allclose(history.gradient_norms["0"], history.gradient_norms["0"][0], rtol=1e-12)
    length = np.sqrt(sum((p.grad**2).sum() for p in model[2].parameters()))
    assert length == pytest.approx(0.01, rel=1e-3), "clipped is what the optimiser updates"


def test_lbfgs_is_given_its_closure():
    X, y = blobs()
    model = network()
    optimiser = nn.LBFGS(model.parameters(), line_search_fn="strong_wolfe")
    history = fit(model, (X, y), epochs=3, batch_size=90, optimiser=optimiser, rng=0)
    assert history.loss[0] == pytest.approx(nn.CrossEntropyLoss()(network()(X), y).item(), rel=1e-12)
    assert history.accuracy[-1] > 0.97
    assert history.loss[-1] < 0.1
    first = network()
    nn.CrossEntropyLoss()(first(X), y).backward()
    for i, norms in history.gradient_norms.items():  # of the first gradient of a step, and not of its last
        norm = np.sqrt(sum((p.grad**2).sum() for p in first[int(i)].parameters()))
        assert norms[0] == pytest.approx(norm, rel=1e-12)


def test_evaluate_of_a_loader_records_nothing_and_gives_the_mode_back():
    X, y = blobs(50)
    model = Spy()
    loader = DataLoader((X, y), 8, shuffle=True, rng=0)
    assert nn.evaluate(model, loader, batch_size=20) == nn.evaluate(model, (X, y))
    assert {call[:2] for call in model.calls} == {(False, False)}
    assert model.training
    mean = nn.evaluate(nn.Linear(2, 1, rng=0), (X, X[:, :1]), nn.MSELoss(), ["r2_score", "r2"])
    assert mean["r2_score"] == mean["r2"]


# --- Ctrl-C


def test_one_ctrl_c_ends_after_the_batch_under_way():
    X, y = blobs(48)
    model, by_itself = network(), network()

    class Press(nn.Callback):
        pressed = 0

        def on_batch_end(self, training):
            if training.steps == 5:
                signal.raise_signal(signal.SIGINT)
                self.pressed += 1

    press = Press()
    history = fit(model, (X, y), epochs=9, batch_size=16, callbacks=press, rng=0)
    assert (history.interrupted, len(history), press.pressed) == (True, 1, 1)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    fit(by_itself, (X, y), epochs=9, batch_size=16, rng=0, callbacks=StopAt(5))
    equal_weights(model, by_itself)


class StopAt(nn.Callback):
    def __init__(self, steps):
        self.steps = steps

    def on_batch_end(self, training):
        if training.steps == self.steps:
            training.stop()


def test_a_second_ctrl_c_ends_at_once():
    X, y = blobs(48)
    reached = []

    class Press(nn.Callback):
        def on_batch_end(self, training):
            signal.raise_signal(signal.SIGINT)
            reached.append("after the first")
            signal.raise_signal(signal.SIGINT)
            reached.append("after the second")

    history = fit(network(), (X, y), epochs=2, batch_size=16, callbacks=Press(), rng=0)
    assert (history.interrupted, reached) == (True, ["after the first"])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_writes_a_checkpoint_from_which_training_goes_on(tmp_path):
    X, y = blobs(48)

    class Press(nn.Callback):
        def on_batch_end(self, training):
            if training.steps == 5:
                signal.raise_signal(signal.SIGINT)

    settings = dict(epochs=4, batch_size=16, rng=0, checkpoint=tmp_path)
    assert fit(network(), (X, y), callbacks=Press(), **settings).interrupted
    model, straight = network(), network()
    history = fit(model, (X, y), resume=True, callbacks=Press(), **settings)
    assert not history.interrupted
    fit(straight, (X, y), epochs=4, batch_size=16, rng=0)
    equal_weights(model, straight)


def test_a_handler_of_the_users_own_stays():
    seen = []
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        press = lambda training: signal.raise_signal(signal.SIGINT)
        assert not fit(network(), blobs(20), epochs=2, callbacks=press).interrupted
        assert len(seen) == 2
    finally:
        signal.signal(signal.SIGINT, before)


# --- curves of the course


def test_dropout_makes_the_cost_curve_bounce_and_is_off_in_validation():
    """Section F4: without dropout gradient descent on all rows goes down every time; with it J is another each time."""
    X, y = blobs(60)

    def run(p):
        model = nn.Sequential(
            nn.Linear(2, 32, rng=0), nn.ReLU(), nn.Dropout(p, rng=1), nn.Linear(32, 3, rng=2)
        )
        optimiser = nn.SGD(model.parameters(), lr=0.1)
        history = fit(model, (X, y), epochs=60, batch_size=60, optimiser=optimiser, validation=(X, y), rng=0)
        assert nn.evaluate(model, (X, y)) == nn.evaluate(model, (X, y)), "nothing is dropped at test time"
        return history

    plain, dropped = run(0.0), run(0.5)
    assert np.all(np.diff(plain.loss) < 0)
    assert np.count_nonzero(np.diff(dropped.loss) > 0) > 10
    assert np.count_nonzero(np.diff(dropped.val_loss) > 0) < 10, "the network itself gets better"
    assert dropped.val_loss[-1] < dropped.loss[-1]


def test_cost_against_iteration_over_a_sweep_of_learning_rates():
    """Section D8: too small crawls, too large diverges or bounces; the rate is picked on the validation set."""
    X, y = blobs(150)
    train, validation = (X[:90], y[:90]), (X[90:], y[90:])
    curves = {}
    for rate in (1e-4, 1e-2, 1.0, 1e4):
        model = network()
        optimiser = nn.SGD(model.parameters(), lr=rate)
        try:
            with np.errstate(all="ignore"):
                curves[rate] = fit(
                    model, train, epochs=40, batch_size=90, optimiser=optimiser, validation=validation, rng=0
                )
        except DivergedError as error:
            curves[rate] = error.history
    crawls, slow, good, wild = (history.loss for history in curves.values())
    assert crawls[-1] > 0.98 * crawls[0]
    assert np.all(np.diff(slow) < 0)
    assert good[-1] < slow[-1] / 4
    assert len(wild) < 40 or max(wild) > 10 * wild[0]
    best = min(
        (rate for rate in curves if len(curves[rate]) == 40), key=lambda rate: curves[rate].val_loss[-1]
    )
    assert best == 1.0
