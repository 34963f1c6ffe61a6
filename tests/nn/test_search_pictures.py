"""The pictures of a search: what is on them, and nothing cut off or on top of each other."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from objectives import training

from nn import search
from nn.search import choice, integers, log_uniform, one_minus_log_uniform, random_search, uniform
from nn.search.axes import even, label, ticks
from nn.search.draws import decades

matplotlib = pytest.importorskip(
    "matplotlib", reason="Matplotlib is not installed: pip install 'gradlens[demo]'"
)

SPACE = {
    "lr": log_uniform(1e-4, 1),
    "momentum": one_minus_log_uniform(0.9, 0.999),
    "hidden": integers(16, 256, log=True),
    "activation": ["relu", "tanh", "leaky_relu"],
    "layers": integers(1, 3),
}


LONG = {
    "learning_rate": log_uniform(1e-4, 1),
    "activation_function": ["leaky_relu", "sigmoid", "hard_swish", "softplus"],
    "momentum_of_sgd": one_minus_log_uniform(0.9, 0.999),
    "sizes": [(32,), (64, 64), (128, 64, 32), (256, 128, 64, 32)],
}


def rate(params):
    """Over four decades."""
    return params["learning_rate"]


def rate_of(params):
    return params["lr"]


def bowl(params):
    """Fails for high learning rates; 0.9 at best."""
    if params["lr"] > 0.2:
        raise FloatingPointError("diverged")
    return {"val_accuracy": 0.9 - 0.1 * abs(math.log10(params["lr"] / 0.01)) - params["layers"] / 100}


@pytest.fixture(scope="module")
def result():
    return random_search(bowl, SPACE, trials=40, mode="max", rng=0)


@pytest.fixture(autouse=True)
def no_windows():
    with matplotlib.rc_context({"backend": "agg"}):
        yield
    import matplotlib.pyplot as plt

    plt.close("all")


def is_within(axis, place):
    """Whether a tick lies between the ends of its axis, on the axis' own scale."""
    low, high, at = axis.get_transform().transform(np.array([*sorted(axis.get_view_interval()), place]))
    return low - 1e-6 <= at <= high + 1e-6


def words_of(figure):
    """Every text that can be seen, with the box it fills, in pixels."""
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    texts = [x for x in figure.findobj(matplotlib.text.Text) if x.get_visible() and x.get_text().strip()]
    # Ticks beyond the ends of their axis are there, and not drawn.
    hidden = {
        t
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        for t in (tick.label1, tick.label2)
        if not axes.get_visible() or not is_within(axis, tick.get_loc())
    }
    return [(x.get_text(), x.get_window_extent(renderer)) for x in texts if x not in hidden]


def check_layout(figure):
    """No text is cut off, and no two overlap."""
    boxes = words_of(figure)
    assert len(boxes) > 5
    slanted = {x.get_text() for x in figure.findobj(matplotlib.text.Text) if x.get_rotation() % 90}
    width, height = figure.canvas.get_width_height()
    for text, box in boxes:
        assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, text  # noqa: PT018
    for (one, a), (two, b) in itertools.combinations(boxes, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across < 1 or down < 1 or {one, two} <= slanted, (one, two)  # parallel ones fit together


def curves():
    space = {"lr": log_uniform(0.01, 1), "momentum": [0.5, 0.9], "hidden": [4, 8]}
    return random_search(training, space, trials=5, mode="max", score="val_accuracy", rng=0)


@pytest.mark.parametrize(
    "draw",
    [
        lambda r: r.plot(),
        lambda r: r.plot_parallel(),
        lambda r: random_search(
            bowl, {**SPACE, "weight_decay": log_uniform(1e-6, 1e-2)}, mode="max", rng=0
        ).plot(),
        lambda r: random_search(bowl, {n: SPACE[n] for n in ("lr", "layers")}, mode="max", rng=0).plot(),
        lambda r: search.grid_search(lambda p: p["x"], {"x": [1]}, mode="max").plot(),
        lambda r: search.grid_search(lambda p: p["x"], {"x": [1, 2]}, mode="max").plot_parallel(),
        lambda r: search.coarse_to_fine(bowl, SPACE, mode="max", rng=0).plot(),
        lambda r: search.successive_halving(
            lambda p, budget: bowl(p)["val_accuracy"], SPACE, max_budget=27, mode="max", rng=0
        ).plot(),
        lambda r: random_search(lambda p: 10 ** -p["x"], {"x": uniform(0, 9)}, mode="min", rng=0).plot(),
        lambda r: random_search(rate, LONG, mode="min", rng=0).plot(),
        lambda r: random_search(rate, LONG, mode="min", rng=0).plot_parallel(),
        lambda r: curves().plot_curves(),
        lambda r: search.grid_search(lambda p: p["n"], {"n": list(range(100))}, mode="max").plot(),
        lambda r: search.grid_search(lambda p: p["n"], {"n": list(range(100))}, mode="max").plot_parallel(),
        lambda r: search.plot_draws({"uniform": uniform(1e-4, 1), "log-uniform": log_uniform(1e-4, 1)}),
        lambda r: search.plot_draws({"a": uniform(0.9, 0.999), "b": one_minus_log_uniform(0.9, 0.999)}),
        lambda r: search.plot_draws({"one": log_uniform(2e-4, 0.5)}),
    ],
)
def test_nothing_is_cut_off_or_covered(draw, result):
    check_layout(draw(result))


def test_every_trial_is_a_mark_where_its_hyperparameter_and_its_score_are(result):
    figure = result.plot()
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_xlabel() for axes in shown] == [
        "lr (log scale)",
        "momentum (log scale of 1 - momentum)",
        "hidden (log scale)",
        "activation",
        "layers",
    ]
    marks = np.concatenate([np.asarray(c.get_offsets()) for c in shown[0].collections])
    good = {(SPACE["lr"].unit(t.params["lr"]), t.score) for t in result if t.score is not None}
    places = {(float(x), float(y)) for x, y in marks}
    assert good <= places
    assert len(result.failed) > 3
    for trial in result.failed:
        assert (SPACE["lr"].unit(trial.params["lr"]), 0.04) in places
    star = shown[0].collections[-1].get_offsets()[0]
    assert tuple(star) == (SPACE["lr"].unit(result.best.params["lr"]), result.best.score)
    said = " ".join(text for text, _ in words_of(figure)).replace("\N{NO-BREAK SPACE}", " ")
    assert "40 trials, best val_accuracy" in said
    assert f"{len(result.failed)} failed" in said
    assert [text.get_text() for text in shown[3].get_xticklabels()] == ["relu", "tanh", "leaky_relu"]


@pytest.mark.parametrize("draw", ["plot", "plot_parallel"])
def test_a_trial_without_a_number_on_an_axis_is_not_drawn_on_it(draw):
    stages = [{"lr": log_uniform(1e-4, 1)}, {"l2": log_uniform(1e-5, 0.1)}]
    result = search.staged_search(rate_of, stages, start={"l2": None}, trials=[2, 6], mode="min", rng=0)
    figure = getattr(result, draw)()
    check_layout(figure)
    if draw == "plot":
        (places, *_) = (c.get_offsets()[:, 0] for c in figure.axes[1].collections)
        assert np.ma.masked_invalid(places).count() == 0
    else:
        lines = [line for line in figure.axes[0].get_lines() if len(line.get_xdata()) == 3]
        assert len(lines) == 6
        assert "8 trials (6 drawn, in which all was searched)" in figure.get_suptitle()


def test_a_few_very_bad_trials_do_not_press_the_others_together():
    def objective(params):
        return 0.1 if params["x"] > 0.9 else 0.95 + params["x"] / 50

    result = random_search(objective, {"x": uniform(0, 1)}, trials=40, mode="max", rng=0)
    bad = sum(t.score == 0.1 for t in result)
    assert 0 < bad < 8
    axes = result.plot().axes[0]
    assert axes.get_ylim()[0] > 0.9
    assert f"{bad} worse, out of sight" in [text for text, _ in words_of(axes.figure)]


@pytest.mark.parametrize("mode", ["min", "max"])
def test_failed_trials_have_room_where_the_bad_ones_are(mode):
    space = {"x": [0, 1, 2, 3]}
    axes = search.grid_search(lambda p: 3 / p["x"], space, mode=mode).plot().axes[0]  # scores from 1 to 3
    low, high = axes.get_ylim()
    bad, good = (high - 3, 1 - low) if mode == "min" else (1 - low, high - 3)
    assert 0 < 2 * good < bad < 1


def test_every_good_trial_is_a_line_through_its_combination(result):
    axes = result.plot_parallel().axes[0]
    lines = [line for line in axes.get_lines() if len(line.get_xdata()) == 6]
    assert len(lines) == len(result.ranked())
    best = lines[-1]
    assert best.get_linewidth() == 3
    assert best.get_ydata()[0] == pytest.approx(SPACE["lr"].unit(result.best.params["lr"]))
    assert best.get_ydata()[-1] == 1


def test_curves_of_a_sweep_with_the_best_on_the_dev_set_picked_out():
    """CURRICULUM D8."""
    result = curves()
    axes = result.plot_curves().axes[0]
    assert axes.get_ylabel() == "loss"
    lines = axes.get_lines()
    assert [list(line.get_ydata()) for line in lines] == [t.curves["loss"] for t in reversed(result.ranked())]
    assert lines[-1].get_label().startswith("best: lr")
    assert result.plot_curves(curve="val_accuracy").axes[0].get_ylabel() == "val_accuracy"
    with pytest.raises(ValueError, match="no curve 'f1': there are loss, accuracy"):
        result.plot_curves(curve="f1")
    plain = random_search(lambda p: 1, {"x": uniform(0, 1)}, trials=1, mode="max")
    with pytest.raises(ValueError, match="no trial has curves"):
        plain.plot_curves()


def test_pictures_are_saved_where_they_are_wanted(result, tmp_path):
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    for name, draw in {
        "a.png": result.plot,
        "b.svg": result.plot_parallel,
        "new/c.png": curves().plot_curves,
    }.items():
        draw(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 5000
    assert plt.get_fignums() == before  # nothing is left open


@pytest.mark.parametrize("draw", ["plot", "plot_parallel", "plot_curves"])
def test_dollars_are_no_formula(draw):
    space = {"a$b": ["x$\\y$", "$^$z"], "c$_$": uniform(0, 1)}
    result = random_search(lambda p: {"$\\e$": [1, p["c$_$"]]}, space, trials=4, mode="max", rng=0)
    said = " ".join(text for text, _ in words_of(getattr(result, draw)()))
    assert said.replace(r"\$", "").count("$") == 0
    assert r"\$\e\$" in said


@pytest.mark.parametrize("size", [1e308, 1e-20])
def test_scores_may_be_as_large_and_small_as_numbers_are(size):
    result = search.grid_search(lambda p: p["x"] * size, {"x": [-1, 0, 1]}, mode="max")
    axes = result.plot_parallel().axes[0]
    lines = [line.get_ydata() for line in axes.get_lines() if line.get_linewidth() in (1.3, 3)]
    assert [y[-1] for y in lines] == pytest.approx([0, 0.5, 1])
    marks = [float(t.get_text()) for t in axes.texts if t.get_position()[0] > 1]
    assert len(set(marks)) == len(marks) > 2
    assert all(abs(x) <= size for x in marks)


@pytest.mark.parametrize(("epochs", "marker"), [(1, "."), (2, "None")])
def test_a_curve_of_one_epoch_is_a_point(epochs, marker):
    result = search.grid_search(lambda p: {"loss": [p["x"]] * epochs}, {"x": [1, 2]}, mode="min")
    axes = result.plot_curves().axes[0]
    assert [line.get_marker() for line in axes.get_lines()] == [marker] * 2
    assert all(float(epoch).is_integer() for epoch in axes.get_xticks())


def test_curves_may_have_names_that_do_not_say_which_way_is_good():
    result = random_search(lambda p: {"reward": [1, p["x"]]}, {"x": uniform(0, 1)}, mode="max", rng=0)
    assert result.plot_curves().axes[0].get_ylabel() == "reward"


def test_the_histograms_say_the_share_of_each_decade():
    """CURRICULUM F8."""
    figure = search.plot_draws({"uniform": uniform(1e-4, 1), "log": log_uniform(1e-4, 1)}, n=100_000)
    shares = [[float(t.get_text()[:-2]) for t in axes.texts] for axes in figure.axes]
    assert shares[0][-1] == pytest.approx(90, abs=0.5)
    assert shares[1] == pytest.approx([25] * 4, abs=0.7)
    heights = [[bar.get_height() for bar in axes.patches] for axes in figure.axes]
    assert [sum(h) for h in heights] == pytest.approx([100, 100])


def test_round_numbers_on_axes():
    assert ticks(log_uniform(1e-10, 1)) == [1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1]
    assert ticks(log_uniform(0.02, 0.05)) == [0.02, 0.03, 0.04, 0.05]
    assert ticks(log_uniform(0.0212, 0.0213)) == [0.0212, 0.0213]
    assert ticks(one_minus_log_uniform(0.5, 0.99)) == [0.5, 0.8, 0.9, 0.95, 0.98, 0.99]
    assert ticks(integers(1, 3)) == [1, 2, 3]
    assert ticks(integers(0, 100)) == [0, 20, 40, 60, 80, 100]
    assert ticks(integers(5, 7, log=True)) == [5, 7]
    assert ticks(choice(["a", "b"])) == ["a", "b"]
    assert ticks(choice(range(12))) == list(range(12))
    assert ticks(choice(range(100))) == [*range(0, 100, 9)]
    assert ticks(uniform(0, 1e-13)) == [0, 2e-14, 4e-14, 6e-14, 8e-14, 1e-13]
    assert even(1e-20, 3.2e-20, 6) == [1e-20, 1.5e-20, 2e-20, 2.5e-20, 3e-20]
    assert even(-1e308, 1e308, 6) == [-1e308, -5e307, 0, 5e307, 1e308]
    assert even(0, 5e-324, 6) == [0, 5e-324]
    assert ticks(one_minus_log_uniform(1 - 1e-12, 1 - 1e-14))[-1] < 1
    assert even(-1, 1, 6) == [-1, -0.5, 0, 0.5, 1]
    assert label(choice([1, 2]), (64, 64, 64, 64)) == "64-64-64-64"
    assert label(choice([1, 2]), "a" * 20) == "a" * 15 + "…"
    assert decades(log_uniform(2e-3, 0.5)) == [2e-3, 1e-2, 0.1, 0.5]
