"""The training loop of fit: epochs, batches, steps, and how they end."""

from __future__ import annotations

import time
from contextlib import ExitStack
from math import isfinite
from typing import Any

import numpy as np

from autograd.graph import raw

from ..core.dtypes import in_dtype
from ..metrics import evaluating, outputs
from ..metrics.classes import classes_of
from ..schedule import ReduceLROnPlateau
from .callbacks import overriding
from .history import DivergedError
from .interrupt import CtrlC
from .measure import apply, gradient_norms, measure
from .progress import NoBar, progress_bar
from .saving import Checkpoint
from .training import Training


def train(training: Training, epochs: int, saver: Checkpoint | None, progress: bool | None) -> None:
    """All epochs that are still to come, and how they end."""
    history, callbacks = training.history, training.callbacks
    batches = len(training.batches)
    try:
        with (
            CtrlC() as ctrl_c,
            progress_bar(progress, epochs, batches, lambda: training.epoch * batches + training.batch) as bar,
        ):
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
    finally:
        with ExitStack() as ends:  # each of them is called, though another raises an error
            for end in reversed(overriding(callbacks, "on_train_end")):
                ends.callback(end, training)


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
    every = saver.every_batches if saver is not None else None
    for inputs, labels in training.batches:
        _step(training, in_dtype(inputs, training.dtype), labels, training.batch + 1 == count)
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
    if training.closures:  # L-BFGS computes the loss several times in a step; the first counts
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
    rows = n if training.divisor is None else training.divisor(labels)
    training.cost = number
    training.total += number * rows
    training.rows += rows
    training.batch += 1
    training.steps += 1
    if training.classes:
        training.guesses.append(classes_of(scores._data, training.yes))
        training.answers.append(labels)
        if len(training.guesses) == 64:
            training.count()
    if training.metrics:
        training.collected.append((raw(scores), labels))


def _gradients(training: Training, inputs: Any, labels: Any, last: bool) -> tuple[Any, Any, float]:
    """Forwards and backwards: the outputs, the loss with its graph, and the loss as a number."""
    training.optimiser.zero_grad()
    for parameter in training.others:  # their gradients would pile up
        parameter.grad = None
    scores = training.model(inputs)
    value = training.loss(scores, labels)
    if training.check is not None:
        training.check(scores, value)
        training.check = None
    number = float(value._raw)
    if not isfinite(number):
        _diverged(training, number, inputs, labels)
    value.backward()
    if last:
        training.norms = gradient_norms(training.layers)
    if training.clip is not None:
        training.clip()
    return scores, value, number


def _diverged(training: Training, number: float, inputs: Any, labels: Any) -> None:
    if training.divisor is not None and not training.divisor(labels):
        advice = "No label of this batch counts: the loss ignores all of them. Use larger batches."
    else:
        advice = _advice(inputs, training.steps == 0)
    raise DivergedError(
        f"the loss is {number} at batch {training.batch + 1} of epoch {training.epoch + 1}. {advice}",
        training.history,
    )


def _summary(training: Training) -> dict[str, float | None]:
    """The numbers of an epoch whose batches are all done."""
    training.count()
    numbers: dict[str, float | None] = {"loss": training.total / training.rows}
    numbers["accuracy"] = training.right / training.counted if training.classes else None
    if training.metrics:
        scores, labels = (np.concatenate(x) for x in zip(*training.collected))
        numbers |= apply(training.metrics, scores, labels, training.yes, training.ignored)
    if training.validation is not None:
        X, y = training.validation
        with evaluating(training.model):
            measured = measure(outputs(training.model, X), y, training.loss, training.metrics, training.yes)
        if not isfinite(measured["loss"]):
            raise DivergedError(
                f"the loss on the validation set is {measured['loss']} after epoch {training.epoch + 1}. "
                + _advice(X, False),
                training.history,
            )
        numbers |= {f"val_{name}": number for name, number in measured.items()}
    return numbers


def _rate(optimiser: Any) -> float | None:
    groups = getattr(optimiser, "param_groups", None)
    return groups[0].get("lr") if groups else None


def _advice(inputs: Any, first: bool) -> str:
    if not np.all(np.isfinite(inputs)):
        return "The inputs of this batch are not all finite: look for them with np.isfinite(X)."
    if first:
        return "No step was made yet: the initial weights, the scale of the inputs or the loss are the cause."
    return "The steps were too large: use a smaller learning rate, or bring the inputs to a common scale."
