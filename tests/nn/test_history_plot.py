"""history.plot: the learning curves, as they are drawn."""

from __future__ import annotations

import sys

import pytest

import nn

pytest.importorskip("matplotlib")

LOSS, VAL = [2.0, 0.5, 0.1], [1.5, 0.4, 0.6]


def history(**columns):
    found = nn.History()
    for numbers in zip(*columns.values()):
        found.add(**dict(zip(columns, numbers)))
    return found


def test_loss_and_accuracy_of_both_sets_are_drawn_and_saved(tmp_path):
    path = tmp_path / "new" / "curve.png"
    seen = history(loss=LOSS, accuracy=[0.5, 0.7, 0.9], val_loss=VAL, val_accuracy=[0.4, 0.8, 0.8])
    figure = seen.plot(path)
    assert path.read_bytes().startswith(b"\x89PNG")
    left, right = figure.axes
    lines = {line.get_label(): list(line.get_ydata()) for line in left.get_lines()}
    assert lines == {"training": LOSS, "validation": VAL, "lowest validation loss (epoch 2)": [0.4]}
    assert [list(line.get_ydata()) for line in right.get_lines()] == [[0.5, 0.7, 0.9], [0.4, 0.8, 0.8]]
    assert list(left.get_lines()[0].get_xdata()) == [1, 2, 3]
    assert (left.get_yscale(), right.get_yscale()) == ("log", "linear")
    assert left.get_title() == "loss (log scale)"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(lines)
    words = (
        "after 3 epochs: loss 0.1000, accuracy 90.00 %, validation loss 0.6000, validation accuracy 80.00 %"
    )
    assert figure.get_suptitle() == words


@pytest.mark.parametrize(
    ("loss", "scale"),
    [([2.0, 0.5], "linear"), ([2.0, 0.2], "log"), ([2.0, -0.1], "linear"), ([1.0, 0.0], "linear")],
)
def test_the_loss_has_a_log_scale_if_it_spans_a_factor_of_ten(loss, scale, tmp_path):
    (axes,) = history(loss=loss).plot(tmp_path / "a.svg").axes
    assert axes.get_yscale() == scale
    assert [line.get_label() for line in axes.get_lines()] == ["training"]


def test_columns_with_gaps_and_many_epochs(tmp_path):
    seen = history(loss=LOSS * 40)
    seen.add(loss=0.1, val_loss=0.3)
    (axes,) = seen.plot(tmp_path / "a.png").axes
    training, validation, best = axes.get_lines()
    assert len(training.get_ydata()) == len(validation.get_ydata()) == 121
    assert (training.get_markersize(), best.get_xdata()[0]) == (0, 121)


def test_the_legend_of_one_panel_is_not_cut_off(tmp_path):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    seen = history(loss=[0.1] * 12345, val_loss=[0.2] * 12344 + [0.1])
    figure = seen.plot(tmp_path / "a.png")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    box = figure.legends[0].get_window_extent(canvas.get_renderer())
    assert "epoch 12345" in figure.legends[0].get_texts()[-1].get_text()
    assert figure.bbox.x0 < box.x0 < box.x1 < figure.bbox.x1


def test_without_a_path_the_figure_is_pyplots():
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    figure = history(loss=LOSS).plot()
    assert plt.fignum_exists(figure.number)
    plt.close(figure)


def test_nothing_to_draw_and_no_matplotlib(monkeypatch, tmp_path):
    with pytest.raises(ValueError, match="plot: the history has no epoch"):
        nn.History().plot(tmp_path / "a.png")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(
        ImportError, match=r"pictures of a history need Matplotlib: pip install 'gradlens\[demo\]'"
    ):
        history(loss=LOSS).plot(tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []
