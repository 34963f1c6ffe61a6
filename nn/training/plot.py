"""The picture of a history, by Matplotlib: loss and accuracy over the epochs, for training and validation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..core.figure import BLUE, ORANGE, new_figure
from .history import cell

if TYPE_CHECKING:
    from .history import History

# Of each set: told apart by the dashes and the marks, too, where there are no colours.
TRAINING = {"color": BLUE, "marker": "o", "linestyle": "-", "label": "training"}
VALIDATION = {"color": ORANGE, "marker": "s", "linestyle": "--", "label": "validation"}
DECADES = 10.0  # from this ratio of the highest loss to the lowest on, the scale is logarithmic
MARKED = 60  # epochs that are marked each; more of them are a line


def plot_history(history: History, path: Any = None) -> Any:
    """See History.plot."""
    panels = [name for name in ("loss", "accuracy") if getattr(history, name) or history[f"val_{name}"]]
    if not panels:
        raise ValueError("plot: the history has no epoch. Train at least one.")
    width = max(5.0 * len(panels), 6.0)  # one panel is as wide as its legend
    figure, save = new_figure("history", path, width, 4.2)
    grid = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, name in zip(grid, panels):
        _curves(axes, history, name)
    best = _best(history)
    if best is not None:
        _mark_best(grid[0], history.val_loss[best - 1], best)
    figure.suptitle(_words(history), fontsize=11)
    handles = {line.get_label(): line for axes in grid for line in axes.get_lines()}
    figure.legend(handles.values(), handles, loc="outside lower center", ncols=len(handles), frameon=False)
    return save(figure)


def _curves(axes: Any, history: History, name: str) -> None:
    """One panel: a column of the history, and that of the validation set."""
    from matplotlib.ticker import MaxNLocator

    for look, column in ((TRAINING, history[name]), (VALIDATION, history[f"val_{name}"])):
        if column:
            size = 5 if len(history) <= MARKED else 0
            axes.plot(range(1, len(column) + 1), column, linewidth=1.8, markersize=size, **look)
    axes.set(title=name, xlabel="epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    if name == "accuracy":
        axes.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.4g} %")
        axes.set_ylim(top=min(1.005, axes.get_ylim()[1]))
    elif spans_decades([*history.loss, *history.val_loss]):
        axes.set_yscale("log")
        axes.set_title(f"{name} (log scale)")
    axes.grid(alpha=0.3, which="both" if axes.get_yscale() == "log" else "major")
    axes.spines[["top", "right"]].set_visible(False)


def spans_decades(numbers: list[float]) -> bool:
    """Whether a log scale shows these better: all are positive, and the largest is ten times the smallest or more.

    >>> spans_decades([2.3, 0.2]), spans_decades([2.3, 1.9]), spans_decades([2.3, -0.1])
    (True, False, False)
    """
    numbers = [number for number in numbers if math.isfinite(number)]
    return bool(numbers) and min(numbers) > 0 and max(numbers) >= DECADES * min(numbers)


def _best(history: History) -> int | None:
    """The epoch of the lowest validation loss, counted from 1; None without one."""
    return history.best("val_loss") if any(map(math.isfinite, history.val_loss)) else None


def _mark_best(axes: Any, loss: float, epoch: int) -> None:
    look = {"marker": "*", "markersize": 15, "markeredgecolor": "white", "linestyle": "", "zorder": 5}
    axes.plot([epoch], [loss], color=ORANGE, label=f"lowest validation loss (epoch {epoch})", **look)


def _words(history: History) -> str:
    """The last epoch in words."""
    said = {
        "loss": "loss",
        "accuracy": "accuracy",
        "val_loss": "validation loss",
        "val_accuracy": "validation accuracy",
    }
    epochs = max(len(history), len(history.val_loss))
    last = [f"{said[name]} {cell(name, history[name][-1])}" for name in said if len(history[name]) == epochs]
    return f"after {epochs} epoch{'s' * (epochs != 1)}: {', '.join(last)}"
