"""fit trains a model, and evaluate measures one in the same way. The loop itself is in loop.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from autograd.graph import raw

from ..core.dtypes import shared_dtype
from ..core.module import Module
from ..core.numbers import whole
from ..core.parameter import Parameter
from ..data import DataLoader
from ..losses import CrossEntropyLoss
from ..metrics.classes import says_yes_above
from ..metrics.evaluating import evaluating
from ..metrics.predict import outputs
from ..metrics.probabilities import ends_in
from ..optim import SGD, Optimiser
from .callbacks import as_callbacks
from .checks import (
    batches_of,
    check_clip,
    check_loss,
    check_model,
    check_optimiser,
    check_parameters,
    check_resume,
    check_schedule,
    check_targets,
    check_validation,
    explained,
    pair,
)
from .clip import clip_grad_norm_, clip_grad_value_
from .first import check_first_batch, check_gradients
from .history import DivergedError, History
from .loop import train
from .measure import bare, check_classes, measure, metric_functions
from .regularise import Regularised
from .saving import saved
from .settings import given_to, settings_of, tell_finished
from .training import Training

__all__ = ["DivergedError", "History", "evaluate", "fit"]


@explained
def fit(
    model: Module,
    data: Any,
    *,
    epochs: int,
    batch_size: int | None = None,
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

    data: (X, y), shuffled anew each epoch by `rng`, in batches of batch_size, 64 unless given; or a DataLoader, which
    brings its own batches.
    optimiser: SGD with lr=0.1 and momentum=0.9, unless given.
    loss: `loss(outputs, y)` gives the mean over a batch; cross-entropy, unless given.
    validation: (X, y), measured after each epoch in eval mode.
    metrics: what to measure besides, on the outputs of a whole epoch: names such as "f1", functions f(outputs, y) of
    plain arrays, a list of them, or a dict of functions by name.
    l2, l1: the price of large weights, lambda in lambda / (2 m) * the sum of squares (of |w|), where m is the number of
    training rows (see nn.Regularised). It is a part of the training loss. The validation loss is of the data
    alone: it compares with the loss on a test set (nn.evaluate), and early stopping watches it.
    clip_norm, clip_value: bounds for the gradients, see nn.clip_grad_norm_ and nn.clip_grad_value_.
    schedule: of the learning rate, stepped after each epoch (ReduceLROnPlateau by the validation loss, or the loss);
    batch_schedule: stepped after each batch.
    callbacks: nn.Callbacks such as nn.EarlyStopping(patience=5), or functions called after each epoch.
    checkpoint: an nn.Checkpoint, or its folder. resume: True to go on from its newest checkpoint, if there is one, or
    the path of a checkpoint: then the numbers are, to the bit, those of a training that was never interrupted. The
    checkpoint decides the optimiser's settings and the random numbers; others that are given are warned of. So is
    another model, loss, price or bound than before, which counts from now on. Early stopping with more patience than
    before goes on. A training that was finished already trains nothing, and says so in a line, unless progress=False.
    progress: whether to draw a bar (needs rich: pip install rich). None, the default, draws it on a terminal only.

    Inputs of another floating-point dtype than the parameters' are converted, so that float32 stays float32.
    What does not fit together is refused before the first step changes a weight. The loss in the history is the mean
    over all rows as the loss counts them: by the weights of their classes, and without labels that it ignores.
    Accuracy is of labels that are classes, whole numbers (n,); of one-hot labels there is none: give y.argmax(axis=1).
    A single output has one, too, where the labels are 0 and 1 and the loss is BCELoss or BCEWithLogitsLoss, or
    the model ends in a sigmoid.
    Ctrl-C ends the training after the batch under way, a second one at once; the history of the finished epochs is
    returned. A loss that is not finite raises DivergedError. Afterwards every module is in the mode, train or eval,
    that it was in before.

    >>> import numpy as np
    >>> from nn import Linear
    >>> X, y = np.array([[-1.0], [1.0]] * 8), np.array([0, 1] * 8)
    >>> fit(Linear(1, 2, rng=0), (X, y), epochs=5, batch_size=4, rng=0).accuracy[-1]
    1.0
    """
    epochs = whole("epochs", epochs, 0, "the number of passes over the data")
    check_model(model)
    if optimiser is None or isinstance(optimiser, Optimiser):
        check_parameters(model)
    dtype = shared_dtype(model)
    batches = batches_of(data, batch_size, rng, dtype)
    optimiser = SGD(model.parameters(), lr=0.1, momentum=0.9) if optimiser is None else optimiser
    check_optimiser(optimiser, model)
    loss = CrossEntropyLoss() if loss is None else loss
    check_loss(loss)
    check_targets("data", batches.arrays[1], bare(loss))
    if validation is not None:
        validation = pair(validation, "validation", dtype)
        check_validation(validation, batches, bare(loss))
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
    training.given = settings_of(optimiser, rng)
    if checkpoint is not None or resume is not False:
        prices = {"l2": l2, "l1": l1, "clip_norm": clip_norm, "clip_value": clip_value}
        training.given |= given_to(model, loss, **prices)
    training.check = partial(check_first_batch, training)
    training.clip = partial(check_gradients, training, _clipping(training.updated, clip_norm, clip_value))
    modes = [(module, module.training) for module in training.modules]
    try:
        with saved(training, checkpoint, resume) as saver, _put_back(training):
            if resume is not False:
                tell_finished(training, epochs, progress)
            train(training, int(epochs), saver, progress)
    finally:
        for module, mode in modes:
            module.training = mode
    return training.history


def evaluate(
    model: Module, data: Any, loss: Any = None, metrics: Any = None, *, batch_size: int = 1024
) -> dict[str, float]:
    """What `fit` would measure on `data` as its validation set: the loss, the accuracy of classes, and the metrics.

    The loss is of the data alone, without a price on the weights (l2, l1, nn.Regularised), as fit's val_loss is: so
    training, dev and test set compare.
    data: (X, y), or a DataLoader, of which each row counts once. Nothing is recorded, and the model is in eval mode
    meanwhile; batch_size rows are computed at a time. loss, metrics: as for fit.

    >>> import numpy as np
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
    X, y = pair(given, "data", None)
    functions = metric_functions(metrics)
    with evaluating(model):
        scores = outputs(model, X, batch_size)
        last = ends_in(model, X) if scores.size == len(scores) else ""
        yes = says_yes_above(bare(loss), last)
        check_classes(functions, scores, y, yes)
        return measure(scores, y, loss, functions, yes)


@contextmanager
def _put_back(training: Training) -> Iterator[None]:
    """If the first step is refused, the buffers are put back that it has changed, such as running means."""
    before = {name: raw(buffer).copy() for name, buffer in training.model.named_buffers()}
    try:
        yield
    except BaseException:
        if not training.begun:
            for name, array in before.items():
                owner, _, attribute = name.rpartition(".")
                setattr(training.model.get_submodule(owner), attribute, array)
        raise


def _clipping(parameters: list[Parameter], norm: float | None, value: float | None) -> Any:
    if norm is not None and value is not None:

        def both() -> None:
            clip_grad_value_(parameters, value)
            clip_grad_norm_(parameters, norm)

        return both
    if norm is not None:
        return partial(clip_grad_norm_, parameters, norm)
    return None if value is None else partial(clip_grad_value_, parameters, value)
