"""What watches a training, from inside or outside, changes no bit of it: neither the weights nor the history."""

from __future__ import annotations

import collections
import gc
import sys
import threading
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest

import nn

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(75, 1, 6, 6)), rng.integers(4, size=75)


def network():
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, rng=1),
        nn.BatchNorm2d(3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.2, rng=2),
        nn.MLP([48, 7, 5, 4], "tanh", rng=3),
    )


def trained(prepare=None, around=nullcontext, **settings):
    """Weights, buffers and history of a training with clipping, which sums up over all gradients."""
    model = network()
    if prepare is not None:
        prepare(model)
    optimiser = nn.SGD(model.parameters(), lr=0.3, momentum=0.9)
    settings = {"progress": False} | settings

    with around():
        history = nn.fit(
            model,
            (X, Y),
            epochs=3,
            batch_size=16,
            optimiser=optimiser,
            clip_norm=0.5,
            l2=0.1,
            rng=7,
            **settings,
        )
    weights = {path: array.tobytes() for path, array in model.state_dict().items()}
    return weights, history.loss, history.accuracy, history.lr, history.gradient_norms


@pytest.fixture(scope="module")
def undisturbed():
    return trained()


class Holding(nn.Callback):
    """Keeps what it gets to see, after every third step; and looks at the model as one would in between."""

    def __init__(self):
        self.held = []

    def on_batch_end(self, training):
        if training.steps % 3 == 1:
            model = training.model
            self.held += [(p.data, p.grad, p.numpy(), p.detach()) for p in model.parameters()]
            self.held += [model.state_dict(), training.optimiser.state_dict(), training.state_dict()]
            self.held += [
                nn.predict(model, X[:9]),
                nn.evaluate(model, (X[:9], Y[:9])),
                nn.summary(model, (1, 6, 6)),
            ]
            model.load_state_dict(model.state_dict())

    def on_epoch_end(self, training):
        self.held.append(nn.inspection.signals.activation_statistics(training.model, X[:9]))
        nn.diagnose(training.history)


def holding_hooks(model):
    held = model.held = []
    for part in model.modules():
        part.register_forward_hook(lambda module, args, output: held.append((args, output)))
    for p in model.parameters():
        p.register_hook(lambda g: held.append(g))


def holding_metric(held):
    def metric(outputs, labels):
        held.append((outputs, labels))
        return 0.0

    return metric


@contextmanager
def a_profiler():
    """Looks at every call and return, and holds for some steps of the training what the variables held.

    From this thread: one that reads the frames of another, as samplers do, may crash Python 3.11
    (https://github.com/python/cpython/issues/111363).
    """
    held, before = collections.deque(maxlen=20_000), sys.getprofile()

    def look(frame, event, value):
        held.append((value, frame.f_locals.copy()))

    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(before)


@contextmanager
def garbage(*threshold):
    before = gc.get_threshold()
    gc.set_threshold(*threshold)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@pytest.mark.parametrize(
    "watching",
    [
        lambda: {"callbacks": Holding()},
        lambda: {"prepare": holding_hooks},
        lambda: {"validation": (X[:30], Y[:30]), "metrics": {"held": holding_metric([])}},
        lambda: {"callbacks": nn.EarlyStopping(patience=9, restore_best=False), "metrics": ["f1", "recall"]},
        lambda: {"progress": True},
        lambda: {"around": a_profiler},
        lambda: {"around": lambda: garbage(1)},
        lambda: {"around": lambda: garbage(0)},
    ],
    ids=["callback", "hooks", "metric", "stopping", "bar", "profiler", "gc often", "gc never"],
)
def test_what_watches_a_training_changes_no_bit_of_it(watching, undisturbed):
    assert trained(**watching()) == undisturbed


def test_checkpoints_change_no_bit_of_a_training(undisturbed, tmp_path):
    assert trained(checkpoint=nn.Checkpoint(tmp_path, every_batches=2, keep_best=True)) == undisturbed


def test_trainings_in_threads_are_those_that_they_are_alone(undisturbed):
    found = []
    threads = [threading.Thread(target=lambda: found.append(trained())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [undisturbed] * 3
