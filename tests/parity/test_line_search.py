"""L-BFGS' line search beside PyTorch's, over hills on which it has to bracket, narrow and turn round."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")

import nn  # noqa: E402

# The start, lr, max_iter, max_eval, how sharp a kink there is at 0.3, and the hills: height, place, steepness.
# Picked so that each decision of nn/optim/wolfe.py counts in one of them, and none hangs on the last bits.
LINES = [
    (-3.5, 0.26, 5, None, 0, [(0.3, 3.1, 2.4), (-1.3, -0.9, 3.3), (0.8, 4.6, 1.7), (0.3, 0.9, 3.4)]),
    (-2.3, 19.81, 5, None, 0, [(1.1, 0.9, 2.7), (-0.3, -3.9, 1.4), (0.1, 0, 1.2), (2, -0.7, 3.4)]),
    (-0.9, 0.08, 6, None, 0, [(-0.2, 2.7, 3.7), (-0.6, 4.2, 2.8), (0.6, -0.5, 1.9), (-1.1, -2.2, 2.1)]),
    (-1.1, 0.04, 7, None, 0, [(-0.2, 3.3, 2.2), (2.7, 2.2, 3.7), (2.7, 3, 0.8), (-2.3, 1.2, 1.3)]),
    (-1.8, 0.04, 1, None, 0, [(-0.7, -0.7, 2.1), (2.9, 2.8, 1.4), (-1.4, 3.6, 3.6), (0.1, -1.6, 4)]),
    (3.6, 0.01, 6, None, 0, [(0.8, -2.3, 0.5), (-2.9, 3.1, 3.7), (0.6, 2.3, 2.3), (2.6, 3.2, 0.3)]),
    (1.3, 17.58, 3, None, 0, [(-1.6, -4.5, 1.8), (-1.8, -4.1, 2.4), (-1.2, 1.7, 1), (2.7, -1.3, 0.7)]),
    (3.2, 1.12, 7, None, 0, [(-0.6, 4.9, 3.7), (-2.1, 0.9, 2.9), (-2.2, -1.9, 2.9), (2.4, -1.6, 1.2)]),
    (1.8, 8.5, 5, None, 0, [(-0.9, 0.2, 1.9), (-2.8, -3.1, 3.8), (-2, 3.5, 3.3), (-0.7, -0.3, 3.3)]),
    (2.0, 1.0, 1, 99, 100, [(1, 2, 1)]),
    (2.0, 1.0, 1, 9, 100, [(1, 2, 1)]),
]


@pytest.mark.parametrize(("start", "lr", "max_iter", "max_eval", "kink", "hills"), LINES)
def test_the_line_search_looks_at_the_same_places(start, lr, max_iter, max_eval, kink, hills):
    places = []
    for library in (nn, torch):
        given = [start] if library is nn else torch.tensor([start], dtype=torch.float64)
        p = nn.Parameter(given) if library is nn else torch.nn.Parameter(given)
        settings = {"lr": lr, "max_iter": max_iter, "max_eval": max_eval}
        optimiser = library.optim.LBFGS([p], line_search_fn="strong_wolfe", **settings)
        seen = []

        def closure(p=p, optimiser=optimiser, seen=seen):
            seen.append(p.item())
            optimiser.zero_grad()
            loss = (0.01 * p * p + kink * abs(p - 0.3)).sum()
            for height, place, steepness in hills:
                away = (p - place) * steepness
                loss = loss + (height / (1.0 + away * away)).sum()
            loss.backward()
            return loss

        optimiser.step(closure)
        places.append([*seen, p.item()])
    assert len(places[0]) == len(places[1]) > 2
    np.testing.assert_allclose(*places, rtol=1e-6)
