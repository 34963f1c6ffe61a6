"""Options of draw: direction, and an upstream gradient of one's own."""

from __future__ import annotations

import pytest
from viz_graphs import product_of_sum

import viz
from autograd import Value


def test_direction_is_left_to_right_or_top_down() -> None:
    assert "rankdir=LR" in viz.draw(product_of_sum()).source
    assert "rankdir=TB" in viz.draw(product_of_sum(), direction="TB").source
    with pytest.raises(ValueError, match="choose 'LR'"):
        viz.draw(product_of_sum(), direction="up")


def test_a_picture_without_its_legend() -> None:
    assert "on each arrow" in viz.draw(product_of_sum()).source
    bare = viz.draw(product_of_sum(), legend=False).source
    assert "on each arrow" not in bare
    titled = viz.draw(product_of_sum(), legend=False, title="a product").source
    assert ("a product" in titled, "on each arrow" in titled) == (True, False)
    assert "on each arrow" not in viz.draw(Value(2.0)).source  # which has no arrow


def test_with_an_upstream_gradient_of_its_own_the_boxes_say_gradient() -> None:
    source = viz.draw(product_of_sum(), upstream=2.0).source
    assert "∂f/∂f" not in source
    assert "gradient = " in source


def test_two_nodes_of_one_name_are_told_apart() -> None:
    a, b = Value(2.0, name="a"), Value(3.0, name="a")
    source = viz.draw(a * b).source
    assert "a * a_2" in source
    assert "∂f/∂a_2" in source
