"""Callbacks: what fit calls between its steps. Early stopping is one."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ..core.numbers import flag, number, whole
from .history import COLUMNS, direction

if TYPE_CHECKING:
    from .training import Training


class Callback:
    """Base of the callbacks: write the methods that you need. Each is given the training that is under way.

    `training` has model, optimiser, loss, history, epoch (finished ones), batch (finished ones of this epoch), steps
    (all), cost (the latest loss), and stop(reason), which ends the training after this batch or epoch.
    A plain function given as a callback is called as on_epoch_end.

    A callback that remembers something says so in state_dict(), or a resumed training will not know it: plain numbers,
    texts, lists, dicts and arrays.

    >>> import numpy as np, nn
    >>> class Costs(nn.Callback):
    ...     def on_train_begin(self, training):
    ...         self.costs = []
    ...     def on_batch_end(self, training):
    ...         self.costs.append(training.cost)
    >>> costs = Costs()
    >>> data = np.ones((6, 2)), np.zeros(6, int)
    >>> history = nn.fit(nn.Linear(2, 2, rng=0), data, epochs=2, batch_size=2, callbacks=costs)
    >>> len(costs.costs)
    6
    """

    def on_train_begin(self, training: Training) -> None:
        """Before the first batch, also of a training that is resumed."""

    def on_epoch_begin(self, training: Training) -> None:
        """Before the first batch of an epoch."""

    def on_batch_end(self, training: Training) -> None:
        """After each step of the optimiser."""

    def on_epoch_end(self, training: Training) -> None:
        """After each epoch; its numbers are in the history, and schedules have been stepped."""

    def on_train_end(self, training: Training) -> None:
        """After the last epoch, after Ctrl-C, and after an error, such as a loss that was not finite."""

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint needs to know of this callback."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a `state_dict()`."""


class Function(Callback):
    """A plain function, called at the end of each epoch."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def on_epoch_end(self, training: Training) -> None:
        self.function(training)


class Monitor:
    """Watches a column of the history: is the latest number the best so far?

    >>> from nn.training.history import History
    >>> history, monitor = History(), Monitor("loss", min_delta=0.1)
    >>> for loss in (1.0, 0.8, 0.75):
    ...     history.add(loss=loss)
    ...     print(monitor.better(history))
    True
    True
    False
    """

    def __init__(self, column: str | None, mode: str | None = None, min_delta: float = 0.0) -> None:
        if mode not in (None, "min", "max"):
            raise ValueError(f"mode={mode!r}: write 'min' if lower is better and 'max' if higher is.")
        self.mode = _direction(column) if column is not None and mode is None else mode
        self.column = column
        self.min_delta = number("min_delta", min_delta, least=0, why="the least change that counts")
        self.best: float | None = None

    def watched(self, history: Any) -> str:
        """The column: the one that was named, or the loss, of the validation set if there is one."""
        return self.column or ("val_loss" if history.val_loss else "loss")

    def better(self, history: Any) -> bool:
        """Compare the newest number with the best before, and remember the better one."""
        name, known = self.watched(history), history.columns()
        if name not in known:
            hint = _near(name, known)
            if name.startswith("val_") and not any(other.startswith("val_") for other in known):
                hint = " Give fit a validation set: validation=(X, y)."
            raise ValueError(f"monitor={name!r}: the history has {', '.join(known) or 'nothing'}.{hint}")
        latest = float(history[name][-1])
        sign = 1.0 if (self.mode or direction(name)) == "min" else -1.0
        best = math.inf if self.best is None else sign * self.best
        if sign * latest < best - self.min_delta:  # never true of nan
            self.best = latest
            return True
        return False


def _direction(column: str) -> str:
    """As `direction`; the error names the column that may have been meant."""
    try:
        return direction(column)
    except ValueError as error:
        near = _near(column, COLUMNS)
        raise ValueError(f"monitor={column!r}:{near} {error}" if near else str(error)) from None


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return f" Did you mean {near[0]!r}?" if near else ""


class EarlyStopping(Callback):
    """Stop when a number of the history has not got better for `patience` epochs; then go back to the best weights.

    monitor: the column to watch, "val_loss" unless given (without a validation set, "loss"). mode: "min" or "max", read
    off the name if it says it, as "val_loss" and "f1" do. min_delta: the least change that counts as better.
    restore_best: whether the model has the weights of its best epoch at the end, however training ends; without, it
    keeps the last ones.
    best_epoch is that epoch, counted from 1.

    >>> import numpy as np, nn
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(20, 5)), rng.integers(0, 2, 20)  # nothing to learn here
    >>> stopping = EarlyStopping(patience=3)
    >>> model = nn.MLP([5, 32, 2], rng=0)
    >>> history = nn.fit(model, (X[:10], y[:10]), epochs=200, validation=(X[10:], y[10:]), callbacks=stopping, rng=0)
    >>> len(history) == stopping.best_epoch + 3
    True
    """

    def __init__(
        self,
        patience: int = 10,
        *,
        monitor: str | None = None,
        min_delta: float = 0.0,
        mode: str | None = None,
        restore_best: bool = True,
    ) -> None:
        self.patience = whole("patience", patience, why="a number of epochs")
        self.restore_best = flag("restore_best", restore_best)
        self.monitor = Monitor(monitor, mode, min_delta)
        self._forget()

    def _forget(self) -> None:
        self.monitor.best = None
        self.best_epoch = self.waited = 0
        self.best_state: dict[str, Any] | None = None

    def on_train_begin(self, training: Training) -> None:
        """A training that begins anew knows nothing of one before."""
        if not training.steps:
            self._forget()

    def on_epoch_end(self, training: Training) -> None:
        """Better, or one epoch more without."""
        if self.monitor.better(training.history):
            self.best_epoch, self.waited = training.epoch, 0
            if self.restore_best:
                self.best_state = training.model.state_dict()
            return
        self.waited += 1
        if self.waited >= self.patience:
            training.stop(self.reason(training.history))

    def reason(self, history: Any) -> str:
        """Why it stops, or would: what history.stopped says."""
        name = self.monitor.watched(history)
        return f"{name} was best in epoch {self.best_epoch}, and not in the {self.waited} after it"

    def on_train_end(self, training: Training) -> None:
        """Back to the best weights."""
        if self.best_state is not None and (self.best_epoch < training.epoch or training.batch):
            training.model.load_state_dict(self.best_state)

    def state_dict(self) -> dict[str, Any]:
        """The best number, its epoch and weights, and the epochs since."""
        names = ("best_epoch", "waited", "best_state")
        return {"best": self.monitor.best} | {name: getattr(self, name) for name in names}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a `state_dict()`."""
        self.monitor.best = state["best"]
        self.best_epoch, self.waited = state["best_epoch"], state["waited"]
        self.best_state = state["best_state"]


def as_callbacks(given: Any) -> list[Callback]:
    """What a user gave as callbacks=, as a list of Callbacks."""
    listed = [] if given is None else list(given) if isinstance(given, (list, tuple)) else [given]
    found = []
    for x in listed:
        if isinstance(x, type):
            raise TypeError(f"callbacks: {x.__name__} is a class: make one, callbacks={x.__name__}().")
        if not isinstance(x, Callback) and not callable(x):
            raise TypeError(
                f"callbacks: {x!r:.60} is no callback: give an nn.Callback, or a function of the training, which is "
                "called after each epoch."
            )
        found.append(x if isinstance(x, Callback) else Function(x))
    return found


def overriding(callbacks: list[Callback], method: str) -> list[Any]:
    """The bound methods of those callbacks that do something there."""
    return [
        getattr(c, method) for c in callbacks if getattr(type(c), method) is not getattr(Callback, method)
    ]
