"""Pictures of a search, by Matplotlib: scores over hyperparameters, and combinations of them."""

from __future__ import annotations

import math
import os
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..training.history import cell
from .distributions import LOG, ONE_MINUS_LOG, Distribution, Range, log_uniform, uniform
from .ticks import label, plain, ticks
from .trial import Trial
from .words import shown

if TYPE_CHECKING:
    from .result import SearchResult

LONG = 8e307  # from minus this to this is the longest axis whose length is a number
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#666666"
SHADES = (
    "#9ecae1",
    "#4292c6",
    "#08519c",
    "#042b5c",
)  # of rounds, and of scores: told apart without colours, too


def plot_scores(result: SearchResult, path: Any = None) -> Any:
    """See SearchResult.plot."""
    names = searched(result)
    columns = min(len(names), 3 if len(names) in (5, 6) else 4)
    rows = -(-len(names) // columns)
    figure, save = new_figure(path, max(3.2 * columns + 0.8, 6.0), 2.9 * rows + 1.0)
    grid = figure.subplots(rows, columns, sharey=True, squeeze=False)
    good, levels = result.ranked(), sorted({trial.round for trial in result.trials})
    edge = 0.96 if result.mode == "min" else 0.04  # of a panel: where the bad ones are
    limit = outlying(result)
    sign = -1 if result.mode == "max" else 1
    outside = [t for t in good if limit is not None and t.score is not None and sign * (t.score - limit) > 0]
    for axes, name in zip(grid.flat, names):
        distribution = result.space[name]
        at_edge = {
            "transform": axes.get_xaxis_transform(),
            "clip_on": False,
            "s": 36,
        }  # y in parts of the panel
        for level in levels:
            now = [t for t in good if t.round == level and t not in outside]
            look = {"s": 36, "color": shade(level, levels), "edgecolor": "white", "linewidth": 0.6}
            axes.scatter(
                [place(result, name, t) for t in now],
                [t.score for t in now],
                zorder=2 + level,
                **look,
            )
        for marker, colour, trials in (
            ("v^"[result.mode == "min"], BLUE, outside),
            ("x", GREY, result.failed),
        ):
            x = [place(result, name, t) for t in trials]
            axes.scatter(x, [edge] * len(x), marker=marker, color=colour, zorder=60, **at_edge)
        if good:
            star = {
                "marker": "*",
                "s": 220,
                "color": ORANGE,
                "edgecolor": "white",
                "linewidth": 0.8,
                "zorder": 70,
            }
            axes.scatter([place(result, name, good[0])], [good[0].score], **star)
        own_axis(axes.xaxis, distribution)
        axes.set_xlim(-0.06, 1.06)
        axes.set_xlabel(title(name, distribution))
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in list(grid.flat)[len(names) :]:
        axes.set_visible(False)
    for row in grid:
        row[0].set_ylabel(plain(result.score_name))
    score_axis(grid[0][0], result, edge if outside or result.failed else None)
    heading(figure, result, legend_of(result, levels, len(outside)))
    return save(figure)


def plot_parallel(result: SearchResult, path: Any = None) -> Any:
    """See SearchResult.plot_parallel."""
    names = searched(result)
    figure, save = new_figure(path, max(1.9 * (len(names) + 1) + 1.2, 6.0), 4.8)
    axes = figure.subplots()
    good = [t for t in reversed(result.ranked()) if all(_inside(result.space[n], t.params[n]) for n in names)]
    scores = sorted((t.score for t in good if t.score is not None), reverse=result.mode == "min")
    own = scale_of(scores, on_log_scale(result))
    columns = np.arange(len(names) + 1)
    for trial in good:
        score = trial.score or 0.0
        heights = [place(result, name, trial) for name in names]
        heights.append(own.unit(_within(score)) if own else 0.5)
        best = trial is good[-1]
        colour = ORANGE if best else SHADES[min(int(4 * scores.index(score) / len(scores)), 3)]
        axes.plot(columns, heights, color=colour, linewidth=3 if best else 1.3, alpha=1 if best else 0.85)
    for x, name in enumerate(names):
        distribution = result.space[name]
        for value in ticks(distribution):
            _mark(axes, x, distribution.unit(value), label(distribution, value))
    for score in ticks(own) if own else scores[:1]:
        text = f"{100 * score:.4g} %" if result.score_name.endswith("accuracy") else f"{score:.6g}"
        _mark(axes, len(names), own.unit(score) if own else 0.5, text)
    axes.vlines(columns, 0, 1, color="black", linewidth=1, zorder=5)
    texts = [title(n, result.space[n]).replace(" (", "\n(").replace("1 -", "\n1 -") for n in names]
    axes.set_xticks(columns, [*texts, plain(result.score_name)])
    axes.tick_params(axis="x", length=0, pad=6)
    axes.set(yticks=[], xlim=(-0.3, len(names) + 0.45), ylim=(-0.03, 1.03))
    axes.spines[:].set_visible(False)
    from matplotlib.lines import Line2D

    keys = [Line2D([], [], color=c, linewidth=2) for c in (ORANGE, *SHADES[::-1])]
    part = "" if len(good) == len(result.ranked()) else f" ({len(good)} drawn, in which all was searched)"
    heading(figure, result, (keys, ["best", "best quarter", "second", "third", "last quarter"]), part)
    return save(figure)


# --- what they share


def new_figure(path: Any, width: float, height: float) -> tuple[Any, Any]:
    """A figure, and what saves it if a path is given; without one it is pyplot's, for plt.show() and notebooks."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError("pictures of a search need Matplotlib: pip install 'gradlens[demo]'") from None
    if path is None:
        import matplotlib.pyplot as plt

        return plt.figure(figsize=(width, height), layout="constrained"), lambda figure: figure
    os.makedirs(os.path.dirname(os.path.abspath(os.fspath(path))), exist_ok=True)

    def save(figure: Any) -> Any:
        figure.savefig(path, dpi=150)
        return figure

    return Figure(figsize=(width, height), layout="constrained"), save


def searched(result: SearchResult) -> list[str]:
    """The hyperparameters of the space of which there are trials."""
    return [name for name in result.space if any(name in trial.params for trial in result.trials)]


def place(result: SearchResult, name: str, trial: Trial) -> float:
    """Where a trial stands on the axis; where many share few values, those of one stand a little apart."""
    distribution = result.space[name]
    unit, count = distribution.unit(trial.params[name]), distribution.count
    crowded = count is not None and len(result) > count <= 12
    return unit + ((trial.number * 0.618034) % 1 - 0.5) * 0.3 / count if crowded and count else unit


def spoken(result: SearchResult, trial: Trial, names: Sequence[str]) -> str:
    """Hyperparameters in words; a name and its number stay in one line."""
    return ", ".join(
        plain(f"{name}\N{NO-BREAK SPACE}{result.space[name].text(trial.params[name])}") for name in names
    )


def wrapped(text: str, width: int) -> str:
    """In several lines."""
    return "\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


def own_axis(axis: Any, distribution: Distribution) -> None:
    """Ticks of a distribution on an axis from 0 to 1."""
    values = ticks(distribution)
    texts = [label(distribution, value) for value in values]
    crowded = sum(map(len, texts)) > 26
    axis.set_ticks([distribution.unit(value) for value in values], texts)
    if crowded:
        axis.set_tick_params(rotation=30)


def title(name: str, distribution: Distribution) -> str:
    """The name, and the scale if it is not the usual one."""
    scale = {LOG: " (log scale)", ONE_MINUS_LOG: f" (log scale of 1 - {name})"}.get(distribution.scale, "")
    return plain(name + (scale if len(name + scale) <= 36 else scale.replace(" (", "\n(", 1)))


def shade(level: int, levels: Sequence[int]) -> str:
    """The colour of a round: later ones are darker."""
    if len(levels) == 1:
        return BLUE
    return SHADES[round(levels.index(level) * (len(SHADES) - 1) / (len(levels) - 1))]


def outlying(result: SearchResult) -> float | None:
    """The score beyond which the trials are left out of sight, where a few bad ones would press all others together."""
    scores = [trial.score for trial in result.ranked() if trial.score is not None]
    if len(scores) < 8 or on_log_scale(result):
        return None
    best, most, worst = max(scores), np.quantile(scores, 0.25), min(scores)
    if result.mode == "min":
        best, most, worst = worst, np.quantile(scores, 0.75), best
    return float(most + (most - best) / 4) if abs(worst - best) > 3 * abs(most - best) > 0 else None


def scale_of(scores: Sequence[float], log: bool) -> Range | None:
    """The axis of the scores, from the least to the most; None if there is only one."""
    if not scores or min(scores) == max(scores):
        return None
    return (log_uniform if log else uniform)(_within(min(scores)), _within(max(scores)))


def on_log_scale(result: SearchResult) -> bool:
    """Whether the scores are losses of several orders of magnitude."""
    scores = [trial.score for trial in result.trials if trial.score is not None]
    return result.mode == "min" and bool(scores) and min(scores) > 0 and max(scores) / min(scores) > 30


def score_axis(axes: Any, result: SearchResult, edge: float | None) -> None:
    """Percent for accuracies, a log scale for losses that need it; room at the edge for marks."""
    if result.score_name.endswith("accuracy"):
        axes.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.4g} %")
    if on_log_scale(result):
        axes.set_yscale("log")
    elif edge is not None:
        low, high = axes.get_ylim()
        room = 0.09 * (high - low)
        axes.set_ylim(low - room * (edge < 0.5), high + room * (edge > 0.5))


def legend_of(result: SearchResult, levels: Sequence[int], outside: int) -> tuple[list[Any], list[str]]:
    """What the marks mean, where that is not plain."""
    from matplotlib.lines import Line2D

    def mark(shape: str, colour: str, size: int) -> Any:
        return Line2D(
            [], [], marker=shape, color=colour, linestyle="", markersize=size, markeredgecolor=colour
        )

    keys, texts = [mark("*", ORANGE, 13)], ["best"]
    for level in levels if len(levels) > 1 else ():
        budget = next(t.budget for t in result.trials if t.round == level)
        keys.append(mark("o", shade(level, levels), 7))
        texts.append(f"round {level}" if budget is None else f"budget {shown(budget)}")
    if outside:
        keys.append(mark("v^"[result.mode == "min"], BLUE, 7))
        texts.append(f"{outside} worse, out of sight")
    if result.failed:
        keys.append(mark("x", GREY, 7))
        texts.append(f"{len(result.failed)} failed")
    return keys, texts


def heading(figure: Any, result: SearchResult, legend: tuple[list[Any], list[str]], part: str = "") -> None:
    """Above the panels: the best trial in words; below, the legend."""
    words = f"{len(result)} trials{part}"
    if result.ranked():
        best = result.best
        words += f", best {plain(result.score_name)} {cell(result.score_name, best.score or 0.0)}: "
        words += spoken(result, best, searched(result))
    width = figure.get_size_inches()[0]
    figure.suptitle(wrapped(words, int(10 * width)), fontsize=11)
    figure.legend(*legend, loc="outside lower center", ncols=max(2, int(width / 1.4)), frameon=False)


def _inside(distribution: Distribution, value: Any) -> bool:
    return not math.isnan(distribution.unit(value))


def _within(score: float) -> float:
    return min(max(score, -LONG), LONG)


def _mark(axes: Any, x: float, height: float, text: str) -> None:
    white = {"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1}
    axes.plot([x - 0.02, x], [height, height], color="black", linewidth=1, zorder=5)
    axes.text(x + 0.04, height, text, va="center", fontsize=9, bbox=white, zorder=6)
