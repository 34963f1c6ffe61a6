"""fit: the training loop, with a history of every epoch and a progress bar; evaluate: the same measures, afterwards."""

from __future__ import annotations

import math
import time
from functools import partial
from typing import Any

import numpy as np

from autograd.graph import raw
from autograd.tensor import Tensor

from .callbacks import as_callbacks, overriding
from .checks import (
    batches_of,
    check_clip,
    check_first_batch,
    check_loss,
    check_model,
    check_optimiser,
    check_resume,
    check_schedule,
    check_validation,
    explained,
    pair,
)
from .clip import clip_grad_norm_, clip_grad_value_
from .data import DataLoader
from .history import DivergedError, History
from .interrupt import CtrlC
from .losses import CrossEntropyLoss
from .measure import apply, are_classes, gradient_norms, layers_of, measure, metric_functions
from .metrics import evaluating, outputs
from .module import Module
from .optim import LBFGS, SGD, Optimiser
from .progress import NoBar, progress_bar
from .regularise import Regularised
from .saving import Checkpoint, start
from .schedule import ReduceLROnPlateau
from .training import Training

__all__ = ["DivergedError", "History", "evaluate", "fit"]


@explained
def fit(
    model: Module,
    data: Any,
    *,
    epochs: int,
    batch_size: int = 64,
    optimiser: Optimiser | None = None,
    loss: Any = None,
    validation: Any = None,
    metrics: Any = None,
    l2: float = 0.0,
    l1: float = 0.0,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    schedule: Any = None,
    batch_schedule: Any = None,
    callbacks: Any = None,
    checkpoint: Any = None,
    resume: Any = False,
    rng: Any = None,
    progress: bool | None = None,
) -> History:
    """Train the model: `epochs` passes over the data, one optimiser step a batch. Returns the history.

    data: (X, y), shuffled anew each epoch by `rng`; or a DataLoader, which brings its own batches.
    optimiser: SGD with lr=0.1 and momentum=0.9, unless given.
    loss: `loss(outputs, y)` gives the mean over a batch; cross-entropy, unless given.
    validation: (X, y), measured after each epoch in eval mode.
    metrics: what to measure besides, on the outputs of a whole epoch: names such as "f1", functions f(outputs, y) of
    plain arrays, a list of them, or a dict of functions by name.
    l2, l1: the price of large weights, lambda in lambda / (2 m) * the sum of squares (of |w|), where m is the number of
    training rows (see nn.Regularised); it is a part of each loss in the history.
    clip_norm, clip_value: bounds for the gradients, see nn.clip_grad_norm_ and nn.clip_grad_value_.
    schedule: of the learning rate, stepped after each epoch (ReduceLROnPlateau by the validation loss, or the loss);
    batch_schedule: stepped after each batch.
    callbacks: nn.Callbacks such as nn.EarlyStopping(patience=5), or functions called after each epoch.
    checkpoint: an nn.Checkpoint, or its folder. resume: True to go on from its newest checkpoint, if there is one, or
    the path of a checkpoint: then the numbers are, to the bit, those of a training that was never interrupted.
    progress: whether to draw a bar (needs rich: pip install rich). None, the default, draws it on a terminal only.

    Inputs of another floating-point dtype than the parameters' are converted, so that float32 stays float32.
    What does not fit together is refused before the first step changes a weight.
    Ctrl-C ends the training after the batch under way, a second one at once; the history of the finished epochs is
    returned. A loss that is not finite raises DivergedError. Afterwards every module is in the mode, train or eval,
    that it was in before.

    >>> from nn import Linear
    >>> X, y = np.array([[-1.0], [1.0]] * 8), np.array([0, 1] * 8)
    >>> fit(Linear(1, 2, rng=0), (X, y), epochs=5, batch_size=4, rng=0).accuracy[-1]
    1.0
    """
    if isinstance(epochs, bool) or not isinstance(epochs, (int, np.integer)) or epochs < 0:
        raise ValueError(f"epochs={epochs!r}: it is a whole number of passes over the data.")
    check_model(model)
    dtype = _dtype(model)
    batches = batches_of(data, batch_size, rng, dtype)
    optimiser = SGD(model.parameters(), lr=0.1, momentum=0.9) if optimiser is None else optimiser
    check_optimiser(optimiser, model)
    loss = CrossEntropyLoss() if loss is None else loss
    check_loss(loss)
    bare = loss.loss if isinstance(loss, Regularised) else loss
    if validation is not None:
        validation = pair(validation, "validation", dtype)
        check_validation(validation, batches, bare)
    schedules = {"schedule": schedule, "batch_schedule": batch_schedule}
    schedules = {name: x for name, x in schedules.items() if x is not None}
    for name, x in schedules.items():
        check_schedule(name, x, optimiser)
    check_clip(clip_norm, clip_value)
    training = Training(
        model,
        batches,
        optimiser,
        Regularised(loss, model, m=batches.rows, l2=l2, l1=l1) if l2 or l1 else loss,
        validation=validation,
        metrics=metric_functions(metrics),
        schedules=schedules,
        callbacks=as_callbacks(callbacks),
    )
    check_resume(resume, checkpoint)
    modes = [(module, module.training) for module in model.modules()]
    try:
        saver = start(training, checkpoint, resume)
        training.check = partial(check_first_batch, loss=bare, data=batches, validation=validation)
        training.layers, training.modules = layers_of(model), list(model.modules())
        training.clip = _clipping(model, clip_norm, clip_value)
        _train(training, int(epochs), saver, progress)
    finally:
        for module, mode in modes:
            module.training = mode
    return training.history


def _train(training: Training, epochs: int, saver: Checkpoint | None, progress: bool | None) -> None:
    """All epochs that are still to come, and how they end."""
    history, callbacks = training.history, training.callbacks
    batches = len(training.batches)
    try:
        with CtrlC() as ctrl_c, progress_bar(progress, epochs, batches) as bar:
            for begin in overriding(callbacks, "on_train_begin"):
                begin(training)
            while training.epoch < epochs and training.stopping is None and not ctrl_c.asked:
                if not _epoch(training, saver, bar, ctrl_c):
                    break
                bar.end_epoch(training.epoch, history)
            history.interrupted = ctrl_c.asked
            if saver is not None:
                saver.at_end(training)
    except KeyboardInterrupt:
        history.interrupted = True
    except DivergedError:
        _end(training)
        raise
    _end(training)


def _end(training: Training) -> None:
    for end in overriding(training.callbacks, "on_train_end"):
        end(training)


def _epoch(training: Training, saver: Checkpoint | None, bar: NoBar, ctrl_c: CtrlC) -> bool:
    """One epoch, or what is left of it; whether it came to its end."""
    start, before = time.perf_counter(), training.seconds
    if not all(module.training for module in training.modules):
        training.model.train()
    if not training.batch:
        for begin in overriding(training.callbacks, "on_epoch_begin"):
            begin(training)
    count = len(training.batches)
    # What happens after each batch, where anything does: an empty list costs nothing.
    after = overriding(training.callbacks, "on_batch_end")
    if "batch_schedule" in training.schedules:
        after.insert(0, lambda t: t.schedules["batch_schedule"].step())
    if bar.visible:
        after.append(lambda t: bar.step(t.epoch * count + t.batch))
    every = saver.every_batches if saver is not None else None
    for inputs, labels in training.batches:
        _step(training, inputs, labels, training.batch + 1 == count)
        for call in after:
            call(training)
        if training.batch < count:
            if training.stopping is not None or ctrl_c.asked:
                training.seconds = before + time.perf_counter() - start
                training.history.stopped = training.stopping
                return False
            if every is not None:
                training.seconds = before + time.perf_counter() - start
                saver.after_batch(training)  # type: ignore[union-attr]
    numbers = _summary(training)
    training.history.add(
        seconds=before + time.perf_counter() - start, lr=_rate(training.optimiser), **numbers
    )
    training.history.add_norms(training.norms)
    training.epoch += 1
    training.begin_epoch()
    schedule = training.schedules.get("schedule")
    if isinstance(schedule, ReduceLROnPlateau):
        schedule.step(numbers.get("val_loss", numbers["loss"]))
    elif schedule is not None:
        schedule.step()
    for end in overriding(training.callbacks, "on_epoch_end"):
        end(training)
    training.history.stopped = training.stopping
    if saver is not None:
        saver.after_epoch(training)
    return True


def _step(training: Training, inputs: Any, labels: Any, last: bool) -> None:
    """One step of the optimiser, and the sums of the epoch."""
    optimiser = training.optimiser
    if isinstance(optimiser, LBFGS):  # computes the loss several times in a step; the first counts
        results: list[Any] = []

        def closure() -> Any:
            results.append(_gradients(training, inputs, labels, last and not results))
            return results[-1][1]

        optimiser.step(closure)
        scores, _, number = results[0]
    else:
        scores, _, number = _gradients(training, inputs, labels, last)
        optimiser.step()
    n = len(inputs)
    training.cost = number
    training.total += number * n
    training.rows += n
    if training.classes is None:
        training.classes = isinstance(scores, Tensor) and are_classes(scores, labels)
    if training.classes:  # methods and `_data`: np.argmax(scores.data, axis=1) takes three times as long
        training.right += int(np.count_nonzero(scores._data.argmax(1) == labels))
    if training.metrics:
        training.collected.append((raw(scores), labels))
    training.batch += 1
    training.steps += 1


def _gradients(training: Training, inputs: Any, labels: Any, last: bool) -> tuple[Any, Any, float]:
    """Forwards and backwards: the outputs, the loss with its graph, and the loss as a number."""
    training.optimiser.zero_grad()
    scores = training.model(inputs)
    value = training.loss(scores, labels)
    if training.check is not None:
        training.check(scores, value)
        training.check = None
    number = float(raw(value))
    if not math.isfinite(number):
        _diverged(training, number, inputs)
    value.backward()
    if last:
        training.norms = gradient_norms(training.layers)
    if training.clip is not None:
        training.clip()
    return scores, value, number


def _diverged(training: Training, number: float, inputs: Any) -> None:
    raise DivergedError(
        f"the loss is {number} at batch {training.batch + 1} of epoch {training.epoch + 1}. "
        + _advice(inputs, training.steps == 0),
        training.history,
    )


def _summary(training: Training) -> dict[str, float | None]:
    """The numbers of an epoch whose batches are all done."""
    numbers: dict[str, float | None] = {"loss": training.total / training.rows}
    numbers["accuracy"] = training.right / training.rows if training.classes else None
    if training.metrics:
        scores, labels = (np.concatenate(x) for x in zip(*training.collected))
        numbers |= apply(training.metrics, scores, labels)
    if training.validation is not None:
        X, y = training.validation
        with evaluating(training.model):  # a price on the weights looks at the model, too
            measured = measure(outputs(training.model, X), y, training.loss, training.metrics)
        if not math.isfinite(measured["loss"]):
            raise DivergedError(
                f"the loss on the validation set is {measured['loss']} after epoch {training.epoch + 1}. "
                + _advice(X, False),
                training.history,
            )
        numbers |= {f"val_{name}": number for name, number in measured.items()}
    return numbers


def evaluate(
    model: Module, data: Any, loss: Any = None, metrics: Any = None, *, batch_size: int = 1024
) -> dict[str, float]:
    """What `fit` would measure on `data` as its validation set: the loss, the accuracy of classes, and the metrics.

    data: (X, y), or a DataLoader, of which each row counts once. Nothing is recorded, and the model is in eval mode
    meanwhile; batch_size rows are computed at a time. loss, metrics: as for fit.

    >>> import nn
    >>> X, y = np.array([[-1.0], [1.0]]), np.array([0, 1])
    >>> model = nn.Linear(1, 2, rng=0)
    >>> sorted(evaluate(model, (X, y)))
    ['accuracy', 'loss']
    """
    check_model(model)
    loss = CrossEntropyLoss() if loss is None else loss
    check_loss(loss)
    given = data.arrays if isinstance(data, DataLoader) else data
    X, y = pair(given, "data", _dtype(model))
    with evaluating(model):
        return measure(outputs(model, X, batch_size), y, loss, metric_functions(metrics))


def _clipping(model: Module, norm: float | None, value: float | None) -> Any:
    parameters = list(model.parameters())
    if norm is not None and value is not None:

        def both() -> None:
            clip_grad_value_(parameters, value)
            clip_grad_norm_(parameters, norm)

        return both
    if norm is not None:
        return partial(clip_grad_norm_, parameters, norm)
    return None if value is None else partial(clip_grad_value_, parameters, value)


def _rate(optimiser: Any) -> float | None:
    groups = getattr(optimiser, "param_groups", None)
    return groups[0].get("lr") if groups else None


def _dtype(model: Module) -> Any:
    """The dtype that all parameters share, or None."""
    dtypes = {parameter.dtype for parameter in model.parameters()}
    return dtypes.pop() if len(dtypes) == 1 else None


def _advice(inputs: Any, first: bool) -> str:
    if not np.all(np.isfinite(inputs)):
        return "The inputs of this batch are not all finite: look for them with np.isfinite(X)."
    if first:
        return "No step was made yet: the initial weights, the scale of the inputs or the loss are the cause."
    return "The steps were too large: use a smaller learning rate, or bring the inputs to a common scale."
