"""The distributions of initial weights beside torch.nn.init's: bounds, mean, standard deviation and shape."""

from __future__ import annotations

import inspect
import itertools
import math
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")

import nn  # noqa: E402
from nn import init  # noqa: E402

HE = [
    {"a": a, "mode": mode, "nonlinearity": kind}
    for a, mode, kind in itertools.product(
        (0, 0.2), ("fan_in", "fan_out"), ("leaky_relu", "relu", "tanh", "linear")
    )
]
CASES: list[tuple[str, dict[str, Any]]] = [
    ("zeros_", {}),
    ("ones_", {}),
    ("constant_", {"val": 0.3}),
    ("uniform_", {}),
    ("uniform_", {"a": -0.2, "b": 0.7}),
    ("normal_", {}),
    ("normal_", {"mean": 0.5, "std": 0.01}),
    ("trunc_normal_", {}),
    ("trunc_normal_", {"mean": 0.3, "std": 0.5, "a": -0.1, "b": 0.4}),
    ("xavier_uniform_", {}),
    ("xavier_uniform_", {"gain": 5 / 3}),
    ("xavier_normal_", {}),
    ("xavier_normal_", {"gain": 2.0}),
    ("orthogonal_", {}),
    ("orthogonal_", {"gain": 0.5}),
    *(("kaiming_uniform_", case) for case in HE),
    *(("kaiming_normal_", case) for case in HE),
]
BOUNDED = {"uniform_", "trunc_normal_", "xavier_uniform_", "kaiming_uniform_"}


def far_apart(a: Any, b: Any) -> float:
    """The largest distance of the two samples' distribution functions (Kolmogorov and Smirnov)."""
    both = np.concatenate([a, b])
    return float(
        np.max(
            np.abs(
                np.searchsorted(np.sort(a), both, "right") / len(a)
                - np.searchsorted(np.sort(b), both, "right") / len(b)
            )
        )
    )


@pytest.mark.parametrize(("name", "settings"), CASES)
@pytest.mark.parametrize("shape", [(150, 200), (20, 12, 5, 5)])
def test_the_same_distribution(name: str, settings: dict[str, Any], shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    p = nn.Parameter(np.zeros(shape))
    assert getattr(init, name)(p, rng=1, **settings) is p
    ours = p.numpy().ravel()
    theirs = getattr(torch.nn.init, name)(torch.empty(shape, dtype=torch.float64), **settings).numpy().ravel()
    # For equal distributions a distance above 1.95 / sqrt(n / 2) happens once in a thousand times.
    assert far_apart(ours, theirs) < 1.95 / math.sqrt(ours.size / 2)
    spread = theirs.std()
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.03 * spread + 1e-15)
    assert ours.std() == pytest.approx(spread, rel=0.03, abs=1e-15)
    if name in BOUNDED:
        assert ours.max() == pytest.approx(theirs.max(), abs=1e-2 * spread)
        assert ours.min() == pytest.approx(theirs.min(), abs=1e-2 * spread)


def test_the_distance_sees_a_wrong_scale() -> None:
    rng = np.random.default_rng(0)
    assert far_apart(rng.normal(size=30000), 1.1 * rng.normal(size=30000)) > 1.95 / math.sqrt(15000)


@pytest.mark.parametrize("name", sorted({name for name, _ in CASES}))
def test_the_arguments_have_pytorchs_names_order_and_defaults(name: str) -> None:
    ours = list(inspect.signature(getattr(init, name)).parameters.values())[1:]
    theirs = list(inspect.signature(getattr(torch.nn.init, name)).parameters.values())[1:]
    theirs = [p for p in theirs if p.name != "generator"]
    assert [(p.name, p.default) for p in ours if p.name != "rng"] == [(p.name, p.default) for p in theirs]


@pytest.mark.parametrize(
    ("kind", "param"),
    [(k, None) for k in ("linear", "conv1d", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu")]
    + [(k, None) for k in ("conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d")]
    + [("leaky_relu", 0.3), ("leaky_relu", 0)],
)
def test_gains(kind: str, param: float | None) -> None:
    assert nn.init.calculate_gain(kind, param) == pytest.approx(
        torch.nn.init.calculate_gain(kind, param), rel=1e-15
    )


def test_an_embedding_starts_as_pytorchs() -> None:
    torch.manual_seed(0)
    ours = nn.Embedding(600, 80, rng=1).weight.numpy().ravel()
    theirs = torch.nn.Embedding(600, 80, dtype=torch.float64).weight.detach().numpy().ravel()
    limit = 1.95 / math.sqrt(ours.size / 2)
    assert far_apart(ours, theirs) < limit
    assert far_apart(1.08 * ours, theirs) > limit  # a scale that is wrong by so little is seen


def test_the_default_of_linear_and_convolution() -> None:
    torch.manual_seed(0)
    for shape, layer in (((80, 50), torch.nn.Linear(50, 80)), ((30, 8, 3, 3), torch.nn.Conv2d(8, 30, 3))):
        ours = init.pytorch_default(shape, rng=0)
        theirs = layer.weight.detach().numpy()
        assert theirs.shape == shape
        assert ours.max() == pytest.approx(theirs.max(), rel=5e-3)
        assert ours.std() == pytest.approx(theirs.std(), rel=0.03)
