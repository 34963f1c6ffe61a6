"""Pictures of a search, by Matplotlib: scores over hyperparameters, combinations of them, and curves."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.figure import BLUE, ORANGE, new_figure
from ..training.history import cell, direction
from .axes import (
    GREY,
    SHADES,
    label,
    on_log_scale,
    outlying,
    own_axis,
    place,
    plain,
    scale_of,
    score_axis,
    ticks,
    title,
    within,
)
from .distributions import Distribution
from .trial import Trial
from .words import shown

if TYPE_CHECKING:
    from .result import SearchResult

LINES = (BLUE, ORANGE, "#009e73", "#cc79a7", "#56b4e9", "#8a6d00", "#000000")
STYLES = ("-", "--", ":", "-.")


def plot_scores(result: SearchResult, path: Any = None) -> Any:
    """See SearchResult.plot."""
    names = searched(result)
    columns = min(len(names), 3 if len(names) in (5, 6) else 4)
    rows = -(-len(names) // columns)
    figure, save = new_figure("search", path, max(3.2 * columns + 0.8, 6.0), 2.9 * rows + 1.0)
    grid = figure.subplots(rows, columns, sharey=True, squeeze=False)
    good, levels = result.ranked(), sorted({trial.round for trial in result.trials})
    edge = 0.96 if result.mode == "min" else 0.04  # of a panel: where the bad ones are
    limit = outlying(result)
    sign = -1 if result.mode == "max" else 1
    outside = [t for t in good if limit is not None and t.score is not None and sign * (t.score - limit) > 0]
    for axes, name in zip(grid.flat, names):
        distribution = result.space[name]
        # The transform takes y in parts of the panel.
        at_edge = {"transform": axes.get_xaxis_transform(), "clip_on": False, "s": 36}
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
    figure, save = new_figure("search", path, max(1.9 * (len(names) + 1) + 1.2, 6.0), 4.8)
    axes = figure.subplots()
    good = [t for t in reversed(result.ranked()) if all(_inside(result.space[n], t.params[n]) for n in names)]
    scores = sorted((t.score for t in good if t.score is not None), reverse=result.mode == "min")
    own = scale_of(scores, on_log_scale(result))
    columns = np.arange(len(names) + 1)
    for trial in good:
        score = trial.score or 0.0
        heights = [place(result, name, trial) for name in names]
        heights.append(own.unit(within(score)) if own else 0.5)
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


def plot_curves(result: SearchResult, path: Any = None, curve: str | None = None) -> Any:
    """See SearchResult.plot_curves."""
    known = list(dict.fromkeys(name for trial in result.trials for name in trial.curves))
    if not known:
        raise ValueError(
            "no trial has curves: let the objective return lists of numbers, or the history of fit."
        )
    if curve is not None and curve not in known:
        raise ValueError(f"no curve {curve!r}: there are {', '.join(known)}.")
    curve = curve or next((name for name in known if _is_loss(name)), known[0])
    figure, save = new_figure("search", path, 8.2, 4.6)
    axes = figure.subplots()
    drawn = [trial for trial in reversed(result.ranked()) if curve in trial.curves]
    few = len(drawn) <= len(LINES)
    varied = [n for n in searched(result) if len({shown(t.params.get(n)) for t in drawn}) > 1]
    for i, trial in enumerate(drawn):
        values, best = trial.curves[curve], trial is drawn[-1]
        text = spoken(result, trial, varied) or f"trial {trial.number}"
        look: dict[str, Any] = {
            "color": LINES[(len(drawn) - 1 - i + 1) % len(LINES)],
            "linestyle": STYLES[i % 4],
        }
        if not few:
            look = {"color": SHADES[0], "linestyle": "-"}
        if best:
            look, text = {"color": ORANGE, "linestyle": "-", "linewidth": 3}, f"best: {text}"
        text = wrapped(text, 34) if few else "_nolegend_"
        axes.plot(
            range(1, len(values) + 1), values, label=text, marker="." if len(values) == 1 else None, **look
        )
    score = [v for t in drawn for v in t.curves[curve]]
    if _is_loss(curve) and min(score) > 0 and max(score) / min(score) > 30:
        axes.set_yscale("log")
    axes.set(xlabel="epoch", ylabel=plain(curve))
    axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    handles, texts = axes.get_legend_handles_labels()
    if few:
        axes.legend(handles[::-1], texts[::-1], loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    else:
        words = f"{len(drawn)} trials, the best in orange: {spoken(result, drawn[-1], varied)}"
        axes.set_title(wrapped(words, 80), fontsize=11)
    return save(figure)


# --- what they share


def searched(result: SearchResult) -> list[str]:
    """The hyperparameters of the space of which there are trials."""
    return [name for name in result.space if any(name in trial.params for trial in result.trials)]


def spoken(result: SearchResult, trial: Trial, names: Sequence[str]) -> str:
    """Hyperparameters in words; a name and its number stay in one line."""
    return ", ".join(
        plain(f"{name}\N{NO-BREAK SPACE}{result.space[name].text(trial.params[name])}") for name in names
    )


def wrapped(text: str, width: int) -> str:
    """In several lines."""
    return "\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


def shade(level: int, levels: Sequence[int]) -> str:
    """The colour of a round: later ones are darker."""
    if len(levels) == 1:
        return BLUE
    return SHADES[round(levels.index(level) * (len(SHADES) - 1) / (len(levels) - 1))]


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


def _mark(axes: Any, x: float, height: float, text: str) -> None:
    white = {"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1}
    axes.plot([x - 0.02, x], [height, height], color="black", linewidth=1, zorder=5)
    axes.text(x + 0.04, height, text, va="center", fontsize=9, bbox=white, zorder=6)


def _is_loss(name: str) -> bool:
    try:
        return direction(name) == "min"
    except ValueError:  # the name does not say
        return False
