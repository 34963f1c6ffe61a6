"""L-BFGS: what its line search takes for good, when it ends, and who stays. That it is PyTorch's: tests/parity."""

from __future__ import annotations

import numpy as np
import pytest

import nn


def searched(start, function, **settings):
    """The places that one line search tries, and the one where it ends."""
    p = nn.Parameter([start])
    optimiser = nn.LBFGS([p], max_iter=1, max_eval=99, line_search_fn="strong_wolfe", **settings)
    places = []

    def closure():
        places.append(p.item())
        optimiser.zero_grad()
        loss = function(p).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return places, p.item()


def test_the_line_search_wants_a_fair_share_of_the_fall():
    """Beyond the kink the slope is well down; at 1.999 the loss is, too, by 5e-4 of 1e-4 * 3 wanted, at 1.9999 not."""

    def kinked(p):
        return np.maximum(-p, 0.5 * p)

    places, end = searched(-1.0, kinked, lr=2.999)
    assert places[1:] == [end] == [pytest.approx(1.999)]
    places, end = searched(-1.0, kinked, lr=2.9999)
    assert len(places) > 2
    assert kinked(end) < 0.9


@pytest.mark.parametrize("width", [1e-1, 1e-3, 1e-6])
def test_the_line_search_ends_where_its_bracket_is_narrow(width):
    """Into a kink, where no place is level: as soon as two places to both sides are so close."""
    places, _ = searched(2.0, lambda p: 100.0 * abs(p - 0.3) + 0.01 * p * p, lr=7.0, tolerance_change=width)

    def bracket(seen):
        return min(x for x in seen if x > 0.3) - max((x for x in seen if x < 0.3), default=-np.inf)

    assert bracket(places) < width <= bracket(places[:-1])


def test_lbfgs_leaves_a_parameter_that_has_no_gradient_any_more():
    p, q = nn.Parameter([3.0]), nn.Parameter([2.0])
    optimiser = nn.LBFGS([p, q])
    terms = [lambda: (p - 1.0) ** 2, lambda: (q - 1.0) ** 2]

    def closure():
        optimiser.zero_grad()
        loss = sum(term() for term in terms).sum()
        loss.backward()
        return loss

    closure()
    terms.pop()
    optimiser.step(closure)
    np.testing.assert_allclose([p.item(), q.item()], [1.0, 2.0])


def test_before_the_first_step_there_is_nothing_to_save():
    p = nn.Parameter([3.0])
    fresh, optimiser = nn.LBFGS([p]).state_dict(), nn.LBFGS([p])
    assert fresh["state"] == {}
    optimiser.step(lambda: (p * 0.0).sum())
    assert optimiser.state_dict()["state"][0]["func_evals"] == 1
    optimiser.load_state_dict(fresh)
    assert optimiser.state_dict() == fresh
