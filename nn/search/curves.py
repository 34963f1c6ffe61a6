"""A picture of a search: the cost over the epochs of every trial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..training.history import direction
from .plots import BLUE, ORANGE, SHADES, new_figure, searched, spoken, wrapped
from .ticks import plain
from .words import shown

if TYPE_CHECKING:
    from .result import SearchResult

LINES = (BLUE, ORANGE, "#009e73", "#cc79a7", "#56b4e9", "#8a6d00", "#000000")
STYLES = ("-", "--", ":", "-.")


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
    figure, save = new_figure(path, 8.2, 4.6)
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
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    handles, texts = axes.get_legend_handles_labels()
    if few:
        axes.legend(handles[::-1], texts[::-1], loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    else:
        words = f"{len(drawn)} trials, the best in orange: {spoken(result, drawn[-1], varied)}"
        axes.set_title(wrapped(words, 80), fontsize=11)
    return save(figure)


def _is_loss(name: str) -> bool:
    try:
        return direction(name) == "min"
    except ValueError:  # the name does not say
        return False
