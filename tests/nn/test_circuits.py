"""CURRICULUM D7 and D9: what depth can do that width cannot, on networks with fixed weights."""

from __future__ import annotations

import math

import numpy as np
import pytest

import nn
from autograd import ShapeError
from nn.circuits import (
    XorTree,
    XorUnit,
    XorWide,
    Zigzag,
    all_inputs,
    depth_against_width,
    fixed_linear,
    pieces,
)


@pytest.mark.parametrize("n", range(2, 11))
def test_d7_xor_by_a_tree_and_by_one_hidden_layer(n):
    x = all_inputs(n)
    assert x.shape == (2**n, n)
    parity = x.sum(axis=1) % 2
    tree, wide = XorTree(n), XorWide(n)
    np.testing.assert_array_equal(tree(x).data.ravel(), parity)
    np.testing.assert_array_equal(wide(x).data.ravel(), parity)
    assert tree.units == n - 1 == sum(isinstance(m, XorUnit) for m in tree.modules())
    assert tree.depth == math.ceil(math.log2(n))
    assert wide.units == 2 ** (n - 1) == len(wide[0].weight.data)
    assert nn.summary(wide, n).layers == 2


def test_d9_at_the_same_number_of_parameters_depth_makes_more_pieces():
    for depth in range(1, 11):
        deep = Zigzag(depth)
        assert pieces(deep) == 2**depth
        budget = sum(p.size for p in deep.parameters())
        (wide,) = depth_against_width(budget, [1])
        assert wide.parameters <= budget < wide.parameters + 3
        assert wide.most_pieces == wide.width + 1
        assert depth < 4 or pieces(deep) > wide.most_pieces
    assert 40 * wide.most_pieces < 2**10


@pytest.mark.parametrize("budget", [200, 1000, 50_000])
def test_d9_the_table_has_the_widest_networks_that_fit(budget):
    rows = depth_against_width(budget, inputs=2, outputs=3)
    for row in rows:

        def count(width, depth=row.depth):
            return sum(p.size for p in nn.MLP([2, *[width] * depth, 3], rng=0).parameters())

        assert count(row.width) == row.parameters <= budget < count(row.width + 1)
        assert row.parameters > 0.75 * budget
    assert [row.width for row in rows] == sorted((row.width for row in rows), reverse=True)
    assert [row.most_pieces for row in rows] == sorted(row.most_pieces for row in rows)


def test_a_network_that_fits_exactly_is_found():
    for depth in (1, 2, 5):
        for width in range(1, 40):
            exact = 2 * width + (depth - 1) * width * (width + 1) + width + 1
            (row,) = depth_against_width(exact, [depth])
            assert (row.width, row.parameters) == (width, exact)
            if width > 1:
                (less,) = depth_against_width(exact - 1, [depth])
                assert less.width == width - 1


def test_no_relu_network_has_more_pieces_than_the_bound():
    for row in depth_against_width(60, (1, 2, 3)):
        for seed in range(5):
            net = nn.MLP([1, *[row.width] * row.depth, 1], init="normal", rng=seed)
            assert 1 <= pieces(net, 1 << 12) <= row.most_pieces


def test_bad_input():
    with pytest.raises(ValueError, match="from 2 on"):
        XorTree(1)
    with pytest.raises(ValueError, match="up to 16"):
        XorWide(17)
    with pytest.raises(ShapeError, match=r"\(m, 3\)"):
        XorTree(3)(np.ones((1, 4)))


@pytest.mark.parametrize("depth", [12, 13, 14, 15, 16])
@pytest.mark.parametrize("points", [5, 1000, 1 << 14])
def test_pieces_shorter_than_a_step_are_counted_all_the_same(depth, points):
    assert pieces(Zigzag(depth), points) == 2**depth


def test_pieces_of_networks_are_those_of_their_kinks():
    """One hidden layer, whose kinks are known: relu(w x + b) bends at -b / w."""
    for seed in range(20):
        net = nn.MLP([1, 12, 1], rng=seed)
        kinks = -net[0].bias.data / net[0].weight.data[:, 0]
        inside = np.sort(kinks[(kinks > 0) & (kinks < 1)])
        assert pieces(net) == 1 + len(inside)
        assert pieces(net, 8) == 1 + len(inside) or np.diff(inside, prepend=0, append=1).min() < 0.25
    assert pieces(fixed_linear([[3.0]])) == pieces(fixed_linear([[0.0]], [1e9])) == 1


@pytest.mark.parametrize("model", [Zigzag(19), Zigzag(30), nn.Tanh(), nn.Sequential(Zigzag(2), nn.Sigmoid())])
def test_what_cannot_be_counted_is_no_number(model):
    with pytest.raises(ValueError, match="in 262,144 steps from 0 to 1 some pieces are shorter than a step"):
        pieces(model)


def test_pieces_of_what_is_no_function_of_one_number():
    with pytest.raises(ShapeError, match=r"an output of shape \(\d+, 2\)"):
        pieces(nn.Linear(1, 2, rng=0))
    with pytest.raises(ValueError, match="nan or infinite"):
        pieces(fixed_linear([[np.inf]]))
    with pytest.raises(ValueError, match="points=1"):
        pieces(Zigzag(1), 1)


@pytest.mark.parametrize("parameters", [-5, 0, 1, 3])
def test_no_network_is_shown_that_has_more_parameters_than_were_given(parameters):
    with pytest.raises(ValueError, match=f"parameters={parameters}: "):
        depth_against_width(parameters)


def test_what_does_not_fit_says_which_depth():
    assert [row.parameters for row in depth_against_width(8, (1, 2, 3))] == [7, 6, 8]
    with pytest.raises(ValueError, match="parameters=8: 4 hidden layers of one unit need 10"):
        depth_against_width(8)
    assert depth_against_width(1000, 2) == depth_against_width(1000, [2])
    assert depth_against_width(10**5, [400])[0].most_pieces == math.inf
    for bad in (dict(parameters=1e3), dict(parameters=1000, depths=[0]), dict(parameters=1000, inputs=0)):
        with pytest.raises(
            (TypeError, ValueError), match=r"=(1000\.0|0): it must be a whole number from 1 on"
        ):
            depth_against_width(**bad)


def test_all_inputs_has_an_end():
    assert len(np.unique(all_inputs(10), axis=0)) == 2**10
    with pytest.raises(ValueError, match=r"all_inputs\(21\).*up to 20"):
        all_inputs(21)
    with pytest.raises(ValueError, match=r"all_inputs\(0\)"):
        all_inputs(0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1, 2],), r"weights of shape \(2,\); they are \(outputs, inputs\)"),
        ((np.ones((0, 2)),), r"weights of shape \(0, 2\)"),
        (("a",), "weight='a': they must be numbers"),
        (([[1], [1, 2]],), "weight=.*equal length"),
        (([[1, 2]], [1, 2]), r"biases of shape \(2,\) for 1 outputs; they are \(1,\)"),
        (([[1, 2]], 3), r"biases of shape \(\)"),
    ],
)
def test_fixed_linear_says_what_is_wrong(arguments, words):
    with pytest.raises(ShapeError, match=words):
        fixed_linear(*arguments)


def test_fixed_weights_are_their_own():
    weight = np.ones((1, 2))
    layer = fixed_linear(weight)
    weight[:] = 5
    assert layer.weight.data.tolist() == [[1, 1]]
