"""A picture of what distributions draw, decade by decade: why a learning rate is not drawn uniformly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .distributions import LINEAR, LOG, ONE_MINUS_LOG, Distribution


def shares(distribution: Distribution, edges: Any, n: int = 10_000, rng: Any = None) -> list[float]:
    """The shares of n draws between one edge and the next.

    >>> from nn.search import log_uniform, uniform
    >>> edges = [1e-4, 1e-3, 1e-2, 0.1, 1]
    >>> [round(share, 1) for share in shares(uniform(1e-4, 1), edges, rng=0)]
    [0.0, 0.0, 0.1, 0.9]
    """
    counts, _ = np.histogram(distribution.draw(n, rng=rng), np.asarray(edges, float))
    return [float(count) / n for count in counts]


def plot_draws(
    distributions: Mapping[str, Distribution], path: Any = None, *, n: int = 10_000, rng: Any = 0
) -> Any:
    """Histograms of n draws of distributions, side by side on the log scale of one of them, with the share by decade.

    distributions: by the name that stands above each, such as {"uniform": uniform(1e-4, 1), "log-uniform":
    log_uniform(1e-4, 1)}. Returns a Matplotlib figure, saved if a path is given.
    """
    from ..core.figure import BLUE, ORANGE, new_figure
    from .axes import label

    if not isinstance(distributions, Mapping) or not distributions:
        raise TypeError("plot_draws: give a dict of distributions by their titles.")
    for name, distribution in distributions.items():
        if not isinstance(distribution, Distribution) or distribution.count is not None:
            raise TypeError(f"plot_draws: {name!r} is {distribution!r:.60}, which has no decades.")
    like: Any = next((d for d in distributions.values() if d.scale != LINEAR), None)
    if like is None:
        raise ValueError(
            "plot_draws: one of the distributions must have a log scale, on which all are drawn."
        )
    edges = decades(like)
    fine = like.at(np.linspace(0, 1, 1 + 8 * max(len(edges) - 1, 2)))
    figure, save = new_figure("search", path, 4.6 * len(distributions) + 0.6, 3.9)
    panels = figure.subplots(1, len(distributions), sharey=True, squeeze=False)[0]
    for axes, (name, distribution) in zip(panels, distributions.items()):
        values = distribution.draw(n, rng=rng)
        counts, _ = np.histogram(values, fine)
        places = [like.unit(x) for x in fine]
        colour = BLUE if distribution.scale == LINEAR else ORANGE
        axes.bar(
            places[:-1], 100 * counts / n, np.diff(places), align="edge", color=colour, edgecolor="white"
        )
        for low, high, share in zip(edges, edges[1:], shares(distribution, edges, n, rng)):
            middle = (like.unit(low) + like.unit(high)) / 2
            axes.text(
                middle,
                0.97,
                f"{100 * share:.3g} %",
                transform=axes.get_xaxis_transform(),
                ha="center",
                va="top",
                fontsize=13,
                fontweight="bold",
            )
        for edge in edges[1:-1]:
            axes.axvline(like.unit(edge), color="#999999", linestyle=":", linewidth=1)
        axes.set_title(name)
        axes.set_xticks([like.unit(edge) for edge in edges], [label(like, edge) for edge in edges])
        axes.set_xlabel("value, on the log scale" + " of 1 - value" * (like.scale == ONE_MINUS_LOG))
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel(f"% of {n:,} draws".replace(",", " "))
    top = panels[0].get_ylim()[1]
    panels[0].set_ylim(0, 1.18 * top)
    return save(figure)


def decades(distribution: Any) -> list[float]:
    """The ends of a range on a log scale, and the powers of 10 between them.

    >>> from nn.search import log_uniform, one_minus_log_uniform
    >>> decades(log_uniform(1e-3, 0.5)), decades(one_minus_log_uniform(0.9, 0.999))
    ([0.001, 0.01, 0.1, 0.5], [0.9, 0.99, 0.999])
    """
    low, high = distribution.low, distribution.high
    near = distribution.scale != LOG
    ends = (1 - high, 1 - low) if near else (low, high)
    powers = [float(f"1e{e}") for e in range(-300, 300)]
    inner = [x for x in powers if ends[0] * (1 + 1e-9) < x < ends[1] * (1 - 1e-9)]
    return [low, *(round(1 - x, 15) for x in reversed(inner)), high] if near else [low, *inner, high]
