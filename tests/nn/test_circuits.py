"""CURRICULUM D7 and D9: what depth can do that width cannot, on networks with fixed weights."""

from __future__ import annotations

import math

import numpy as np
import pytest

import nn
from autograd import ShapeError
from nn.circuits import XorTree, XorUnit, XorWide, Zigzag, all_inputs, depth_against_width, pieces


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
            (less,) = depth_against_width(exact - 1, [depth])
            assert (row.width, row.parameters) == (width, exact)
            assert less.width == max(1, width - 1)


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
