"""History: what a training did, one number per epoch in each column."""

from __future__ import annotations

import math
from typing import Any

from autograd.errors import AutogradError

COLUMNS = ("loss", "accuracy", "val_loss", "val_accuracy")


class DivergedError(AutogradError, FloatingPointError):
    """The loss became infinite or not a number. `history` holds the epochs before."""

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


class History:
    """What training did: one entry per finished epoch in `loss`, `accuracy`, `val_loss` and `val_accuracy`.

    `loss` and `accuracy` are means over the epoch's batches, each seen with the weights of its moment; the
    `val_` lists are measured at the end of the epoch. A price on the weights (l2=, l1=) is in `loss` only.
    A list stays empty where there is nothing to measure: without a validation set, or without classes, such as labels
    that are one-hot. Further metrics have lists under their names: history["f1"] and history["val_f1"];
    history["loss"] is history.loss.

    `lr` is the learning rate of each epoch's last step (of the first parameter group), `gradient_norms` the length of
    the gradient of each layer at that step, before clipping, by the layer's name. `seconds` is the time of each
    epoch. `interrupted` tells whether Ctrl-C ended the training, `stopped` why a callback did (None if none did).

    >>> history = History()
    >>> history.add(loss=0.5, val_accuracy=0.9)
    >>> print(history.table())
    epoch      loss   val_accuracy
        1    0.5000        90.00 %
    """

    def __init__(self) -> None:
        self.loss: list[float] = []
        self.accuracy: list[float] = []
        self.val_loss: list[float] = []
        self.val_accuracy: list[float] = []
        self.metrics: dict[str, list[float]] = {}
        self.lr: list[float] = []
        self.gradient_norms: dict[str, list[float]] = {}
        self.seconds: list[float] = []
        self.interrupted = False
        self.stopped: str | None = None

    def __getitem__(self, name: str) -> list[float]:
        if name in self.metrics:
            return self.metrics[name]
        if name in (*COLUMNS, "lr", "seconds"):
            return getattr(self, name)  # type: ignore[no-any-return]
        raise KeyError(f"no column {name!r} in the history; there are {', '.join(self.columns())}.")

    def columns(self) -> list[str]:
        """The names of what was measured.

        >>> history = History()
        >>> history.add(loss=0.5, f1=0.8)
        >>> history.columns(), history["f1"]
        (['loss', 'f1'], [0.8])
        """
        return [name for name in COLUMNS if getattr(self, name)] + list(self.metrics)

    def add(self, **numbers: float | None) -> None:
        """Add the numbers of one epoch; None leaves a list as it is.

        Where a column begins later than the others, such as a metric of a resumed training, nan stands for the epochs
        before.
        """
        before = len(self.loss) - ("loss" not in numbers)
        for name, number in numbers.items():
            if number is not None:
                known = name in (*COLUMNS, "lr", "seconds")
                column = getattr(self, name) if known else self.metrics.setdefault(name, [])
                column += [math.nan] * (before - len(column))
                column.append(number)

    def add_norms(self, norms: dict[str, float]) -> None:
        """Add the length of the gradient of each layer."""
        for name, norm in norms.items():
            self.gradient_norms.setdefault(name, []).append(norm)

    def __len__(self) -> int:
        return len(self.loss)

    def best(self, name: str = "val_loss", mode: str | None = None) -> int:
        """The epoch, counted from 1, with the best number of a column: the lowest of losses, the highest of scores.

        mode: "min" or "max", needed where the name of the column does not say it.

        >>> history = History()
        >>> for loss in (0.5, 0.3, 0.4):
        ...     history.add(loss=loss)
        >>> history.best("loss")
        2
        """
        column = self[name]
        if not column:
            raise ValueError(
                f"the history has no {name!r} yet: it has {', '.join(self.columns()) or 'nothing'}."
            )
        low = (mode or direction(name)) == "min"
        numbers = [number for number in column if not math.isnan(number)] or column
        return column.index(min(numbers) if low else max(numbers)) + 1

    def table(self, every: int = 1) -> str:
        """The history as text: the first, every `every`-th and the last epoch; "-" where a column has no number."""
        columns = self.columns()
        widths = {name: max(len(name), 7) + 3 for name in columns}
        lines = ["epoch" + "".join(name.rjust(widths[name]) for name in columns)]
        for i in range(len(self)):
            if i in (0, len(self) - 1) or (i + 1) % every == 0:
                cells = [_cell_of(name, self[name], i).rjust(widths[name]) for name in columns]
                lines.append(f"{i + 1:5d}" + "".join(cells))
        return "\n".join(lines)

    def plot(self, path: Any = None) -> Any:
        """The learning curves: loss and accuracy over the epochs. A Matplotlib figure, saved if a path is given.

        Of training and validation, as far as there are both; a star is where the validation loss was lowest. The loss
        has a log scale if it spans a factor of ten or more. Needs Matplotlib: pip install 'gradlens[demo]'.
        """
        from .plot import plot_history

        return plot_history(self, path)

    def state_dict(self) -> dict[str, Any]:
        """Everything, in plain numbers."""
        return {name: _copied(value) for name, value in vars(self).items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take everything over from a `state_dict()`."""
        own = vars(self)
        wrong = [name for name in own if name != "stopped" and type(state.get(name)) is not type(own[name])]
        if wrong:
            raise ValueError(f"History.load_state_dict: the state lacks {', '.join(wrong)}.")
        for name in own:
            setattr(self, name, _copied(state.get(name)))

    def __repr__(self) -> str:
        # Not those of an epoch before.
        now = [name for name in self.columns() if len(self[name]) == len(self)]
        last = "".join(f", {name} {cell(name, self[name][-1])}" for name in now)
        return f"History({len(self)} epoch{'s' * (len(self) != 1)}{last}{', interrupted' * self.interrupted})"


SMALL = frozenset(
    "loss error errors mse mae rmse nll perplexity deviance distance cost wrong misses mistakes".split()
)
LARGE = frozenset("accuracy acc precision recall f1 r2 score auc auroc iou dice bleu".split())


def direction(name: str) -> str:
    """Whether better is "min" or "max", from the name of a column: errors and losses are to be small.

    A name that says neither is refused: guessed wrongly, the worst epoch would be kept as the best.

    >>> direction("val_loss"), direction("val_accuracy"), direction("mean_squared_error")
    ('min', 'max', 'min')
    >>> direction("distance_score")
    Traceback (most recent call last):
    ValueError: 'distance_score' does not say whether lower or higher is better: write mode="min" or mode="max".
    """
    words = set(name.lower().split("_"))
    small, large = bool(words & SMALL), bool(words & LARGE)
    if small == large:
        raise ValueError(
            f'{name!r} does not say whether lower or higher is better: write mode="min" or mode="max".'
        )
    return "min" if small else "max"


def cell(name: str, number: float) -> str:
    """A number of a column as text.

    >>> cell("loss", 0.5), cell("loss", 1.25e-7), cell("loss", 1e300), cell("accuracy", 0.5)
    ('0.5000', '1.25e-07', '1e+300', '50.00 %')
    """
    if name.endswith("accuracy"):
        return f"{100 * number:.2f} %"
    if 0 < abs(number) < 1e-3:  # four decimals would leave a digit or none
        return f"{number:.4g}"
    return f"{number:.4f}" if abs(number) < 1e7 else f"{number:.6g}"


def _cell_of(name: str, column: list[float], i: int) -> str:
    return "-" if i >= len(column) or math.isnan(column[i]) else cell(name, column[i])


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: list(inner) for key, inner in value.items()}
    return list(value) if isinstance(value, list) else value
