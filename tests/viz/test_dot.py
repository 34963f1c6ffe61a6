"""The DOT text: golden files, determinism, escaping, numbers, and what each box and arrow says."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from viz_graphs import GRAPHS, collapsed_neuron, long_chain, product_of_sum, square_and_more, strange_names

import nn
import viz
from autograd import Tensor, Value, neuron, relu
from viz.numerals import number, summary, table

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", GRAPHS)
def test_the_picture_has_not_changed_unseen(name: str, golden: Callable[[str, str], None]) -> None:
    golden(name, viz.draw(GRAPHS[name]()).source)


@pytest.mark.parametrize("name", ["neuron", "large_arrays"])
def test_the_picture_top_down_has_not_changed_unseen(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}_top_down", viz.draw(GRAPHS[name](), direction="TB").source)


def test_the_picture_of_a_changed_input(golden: Callable[[str, str], None]) -> None:
    x = Value(3.0, name="x")
    f = x * x + x * 2.0
    x.data = 5.0
    golden("changed", viz.draw(f).source)


def test_a_folded_picture(golden: Callable[[str, str], None]) -> None:
    with pytest.warns(viz.FoldWarning, match="8 nearest") as told:
        drawing = viz.draw(long_chain(50), budget=8)
    assert told[0].filename == __file__
    assert "… 93 more nodes folded" in drawing.source
    golden("folded", drawing.source)


def test_the_same_graph_gives_the_same_text_in_another_process() -> None:
    program = "import viz, viz_graphs; print(viz.draw(viz_graphs.neuron()).source, end='')"
    runs = [
        subprocess.run(
            [
                sys.executable,
                "-c",
                f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'tests')!r}]; {program}",
            ],
            capture_output=True,
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] != b""


def test_the_course_numbers_are_on_the_picture() -> None:
    source = viz.draw(product_of_sum()).source
    for text in ("∂f/∂q = z = -4", "-4 × 1 = -4", "1 × (-4) = -4", "∂f/∂x = ", "q * z"):
        assert text in source
    source = viz.draw(collapsed_neuron(), digits=2).source
    for text in ("0.73", "-0.20", "0.39", "-0.39", "-0.59", "f * (1 - f) = 0.20"):
        assert text in source


def test_fan_out_shows_the_sum() -> None:
    assert "∂f/∂x = 1 + 3 + 3 = " in viz.draw(square_and_more()).source
    x = Value(1.0, name="x")
    assert "∂f/∂x = -1 + 2 = " in viz.draw(x * 2.0 - x).source


def test_user_text_never_becomes_markup() -> None:
    source = viz.draw(strange_names(), title="<title> & \\N").source
    labels = re.sub(r'tooltip="(\\.|[^"])*"', "", source)
    assert "<b>&" not in labels
    assert "&lt;b&gt;&amp;" in source
    assert "\\N" not in labels
    assert "größe_µ" in source
    assert "a name a name a…" in source or "a name a name …" in source
    assert max(len(line) for line in source.splitlines()) < 3000


@pytest.mark.parametrize(
    "name", ["<b>", "<<x>>", "&amp;", "\x00\x07", "\ud800", "", " ", '"', "-->", "]]>", "\u202e"]
)
def test_any_name_can_be_rendered(name: str, tmp_path: Path) -> None:
    path = viz.draw(Value(1.0, name=name) * 2.0, tmp_path / "f.svg").save(tmp_path / "g.svg")
    import xml.etree.ElementTree as ET

    ET.parse(path)


def test_arrays_are_tables_when_small_and_ranges_when_large() -> None:
    small = viz.draw(Tensor([[1.0, -0.25], [0.5, 10.0]], name="t").sum()).source
    for cell in (">1.00<", ">-0.25<", ">10.00<"):
        assert cell in small
    large = viz.draw(Tensor(np.linspace(-1, 1, 1000), name="t").sum()).source
    assert "(1000,) float64" in large
    assert "from -1 to 1" in large
    six = viz.draw(Tensor(np.ones((6, 6)), name="t").sum()).source
    assert ">all 1<" not in six
    for shape in ((7, 6), (6, 7), (2, 2, 2)):
        assert ">all 1<" in viz.draw(Tensor(np.ones(shape), name="t").sum()).source
    assert ">empty<" in viz.draw(Tensor(np.zeros((0, 3)), name="t").sum()).source


def test_an_arrow_of_arrays_says_what_arrives_at_its_end() -> None:
    source = viz.draw(GRAPHS["small_network"]()).source
    assert ">g = ∂L/∂v1  (3, 2)<" in source  # small: its numbers are in the box of v1
    assert ">g = ∂L/∂L = 1<" in source
    assert ">g = ∂f/∂v1  (24, 8) all 0.00521<" in viz.draw(GRAPHS["large_arrays"]()).source
    t = Tensor(np.ones((2, 3)), name="t")
    assert ">g = gradient of f  (3,)<" in viz.draw(t.sum(axis=0)).source


def test_a_name_of_two_words_stays_together_on_its_arrow() -> None:
    a, b = Tensor([1.0, 2.0], name="first try"), Tensor([3.0, 4.0], name="0.weight")
    source = viz.draw((a * b).sum()).source
    assert ">d(first try) = g * 0.weight<" in source
    assert ">d0.weight = g * (first try)<" in source


def test_a_local_gradient_that_is_a_number_is_said_once() -> None:
    x = Value(5.0, name="x")
    source = viz.draw(x / 3.0).source
    assert ">∂f/∂x = 0.3333<" in source
    assert ">∂f/∂x = -1e8<" in viz.draw(x * -1e8).source
    assert ">∂f/∂x = x1 = 0.3333<" in viz.draw(x * Value(1 / 3, name="x1")).source


def test_a_drawing_of_no_graph_says_what_to_do() -> None:
    with pytest.raises(TypeError, match=r"Value\(2.0\)"):
        viz.draw(3.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"print\(nn.summary\(model"):
        viz.draw(nn.Linear(2, 1, rng=0))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"with nn.unfused\(\): viz.draw\(neuron"):
        viz.draw(nn.scalar.Neuron(2, rng=0))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="digits=0"):
        viz.draw(Value(1.0), digits=0)
    with pytest.raises(ValueError, match="digits=16"):
        viz.draw(Value(1.0), digits=16)
    with pytest.raises(ValueError, match="budget=0"):
        viz.draw(Value(1.0), budget=0)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 3, "0"),
        (-0.0, 3, "0"),
        (-4.0, 3, "-4"),
        (0.5, 3, "0.5"),
        (-0.19661193, 2, "-0.20"),
        (1 / 3, 3, "0.333"),
        (12345.0, 3, "12345"),
        (100000.0, 3, "1e5"),
        (1234567.0, 3, "1.23e6"),
        (1e-9, 3, "1e-9"),
        (99.96, 3, "100"),
        (float("inf"), 3, "inf"),
        (float("-inf"), 3, "-inf"),
        (float("nan"), 3, "nan"),
        (True, 3, "True"),
        (np.float32(0.1), 3, "0.100"),
    ],
)
def test_numbers_are_short_and_never_minus_zero(value: float, digits: int, text: str) -> None:
    assert number(value, digits) == text


def test_tables_align_and_keep_small_numbers_visible() -> None:
    assert table(np.array([1.0, 2.0])) == [["1", "2"]]
    assert table(np.array([0.1, -1e-20, -0.0]), 3) == [["0.1", "0.0", "0.0"]]
    assert table(np.array([1.25, 1e-5]), 3) == [["1.25", "1e-5"]]
    assert table(np.array([1234.567, 1.0]), 3) == [["1235", "1"]]
    assert table(np.array([50.123, 1.0]), 3) == [["50.1", "1.0"]]
    assert table(np.array([True, False])) == [["True", "False"]]
    assert table(np.array([1e9, 1.0]), 3) == [["1e9", "1"]]
    assert table(np.array([np.nan, 0.5]), 3) == [["nan", "0.5"]]


def test_summaries() -> None:
    assert summary(np.zeros(0)) == "empty"
    assert summary(np.full(9, 2.0)) == "all 2"
    assert summary(np.array([np.nan, 1.0, 2.0])) == "from 1 to 2, 1 not finite"
    assert summary(np.array([True, False])) == "1 of 2 true"


def test_a_choice_is_told_apart_from_its_number() -> None:
    source = viz.draw(relu(Value(-2.0, name="x"))).source
    assert "∂f/∂x = (1 if f &gt; 0 else 0) = 0" in source


def test_a_choice_within_a_product_needs_no_parentheses_around_the_whole() -> None:
    w, x, b = Value(2.0, name="w"), Value(3.0, name="x"), Value(1.0, name="b")
    source = html.unescape(viz.draw(neuron(w, x, b, activation="relu")).source)
    assert "= (1 if f > 0 else 0) * x = 3" in source
    assert "((1 if" not in source
    assert "= (1 if f > 0 else 0) = 1" in source  # the bias: there the choice is the whole
