"""Every loss beside PyTorch's: the same class, settings and numbers, the same value and gradients, in float64."""

from __future__ import annotations

import warnings
from itertools import product
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")

import nn  # noqa: E402
from autograd import Tensor  # noqa: E402

REDUCTIONS = ("mean", "sum", "none")


def torched(x: Any) -> Any:
    """Arrays as PyTorch's; everything else as it is."""
    return torch.tensor(x) if isinstance(x, np.ndarray) else x


def compare(
    name: str, tracked: list[Any], plain: tuple[Any, ...] = (), rtol: float = 1e-10, **settings: Any
) -> None:
    """The loss of the same arrays, and the gradients in those that are tracked."""
    ours, peers = [Tensor(x) for x in tracked], [torch.tensor(x, requires_grad=True) for x in tracked]
    loss = getattr(nn, name)(**settings)(*ours, *plain)
    with warnings.catch_warnings():  # KLDivLoss warns of "mean", its default
        warnings.simplefilter("ignore")
        criterion = getattr(torch.nn, name)(**{key: torched(x) for key, x in settings.items()})
        peer = criterion(*peers, *map(torched, plain))
    assert loss.shape == tuple(peer.shape)
    np.testing.assert_allclose(loss.data, peer.detach().numpy(), rtol=1e-10, atol=1e-12)
    seed = np.random.default_rng(3).normal(size=loss.shape)
    loss.backward(seed)
    peer.backward(torch.tensor(seed))
    for x, y in zip(ours, peers):
        np.testing.assert_allclose(x.grad, y.grad.numpy(), rtol=rtol, atol=1e-12)


def scores_and_labels(shape: tuple[int, ...], classes: int = 4) -> tuple[Any, Any]:
    """Scores with the classes on axis 1, and labels."""
    rng = np.random.default_rng(sum(shape))
    return 3 * rng.normal(size=(shape[0], classes, *shape[1:])), rng.integers(0, classes, shape)


SHAPES = [(6,), (5, 2), (2, 3, 2)]
WEIGHTS: list[Any] = [None, np.array([0.3, 2.0, 1.0, 0.0])]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ["CrossEntropyLoss", "NLLLoss"])
def test_labels(name: str, reduction: str, shape: tuple[int, ...]) -> None:
    x, labels = scores_and_labels(shape)
    some = np.where(np.random.default_rng(1).random(shape) < 0.3, -100, labels)
    some.flat[0] = 2  # something counts
    smoothing = (0.0, 0.1, 1.0) if name == "CrossEntropyLoss" else (None,)
    for weight, (ignore, y), e in product(WEIGHTS, ((-100, labels), (-100, some), (1, labels)), smoothing):
        more = {} if e is None else {"label_smoothing": e}
        compare(name, [x], (y,), weight=weight, ignore_index=ignore, reduction=reduction, **more)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES)
def test_probabilities_that_may_be_learned_too(shape: tuple[int, ...], reduction: str) -> None:
    x, _ = scores_and_labels(shape)
    p = np.random.default_rng(2).dirichlet(np.ones(4), shape)
    p = np.moveaxis(p, -1, 1)
    for weight, e in product(WEIGHTS, (0.0, 0.2)):
        compare("CrossEntropyLoss", [x], (p,), weight=weight, label_smoothing=e, reduction=reduction)
        compare("CrossEntropyLoss", [x, p], weight=weight, label_smoothing=e, reduction=reduction)


def test_one_sample_without_a_batch() -> None:
    x = np.array([0.3, -1.0, 2.0])
    for name in ("CrossEntropyLoss", "NLLLoss", "MultiMarginLoss"):
        compare(name, [x], (np.array(1),))
    compare("CrossEntropyLoss", [x], (np.array([0.2, 0.3, 0.5]),))


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_margins(reduction: str) -> None:
    x, labels = scores_and_labels((7,))
    for p, margin, weight in product((1, 2), (1.0, 0.3), WEIGHTS):
        compare("MultiMarginLoss", [x], (labels,), p=p, margin=margin, weight=weight, reduction=reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_yes_or_no(reduction: str) -> None:
    rng = np.random.default_rng(0)
    x, t = 3 * rng.normal(size=(5, 3)), rng.random((5, 3))
    t[0], t[1] = 0.0, 1.0
    weights: list[Any] = [None, rng.random(3), rng.random((5, 1)), rng.random((5, 3))]
    for weight in weights:
        compare("BCELoss", [1 / (1 + np.exp(-x))], (t,), weight=weight, reduction=reduction)
        for pos_weight in (None, np.array([0.5, 3.0, 1.0])):
            settings = {"weight": weight, "pos_weight": pos_weight, "reduction": reduction}
            compare("BCEWithLogitsLoss", [x], (t,), **settings)
    compare("BCEWithLogitsLoss", [x, t], reduction=reduction)


def test_yes_or_no_at_the_ends() -> None:
    p = np.array([0.0, 0.0, 1.0, 1.0])  # there PyTorch divides by 1e-12 as float32 has it
    compare("BCELoss", [p], (np.array([0.0, 1.0, 0.0, 1.0]),), rtol=1e-8)
    x = np.array([1000.0, 1000.0, -1000.0, -1000.0])
    compare("BCEWithLogitsLoss", [x], (np.array([0.0, 1.0, 0.0, 1.0]),))
    compare("BCEWithLogitsLoss", [x], (np.array([0.0, 1.0, 0.0, 1.0]),), pos_weight=np.array(3.0))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("MSELoss", {}),
        ("L1Loss", {}),
        ("HuberLoss", {}),
        ("HuberLoss", {"delta": 0.4}),
        ("SmoothL1Loss", {}),
        ("SmoothL1Loss", {"beta": 0.4}),
        ("SmoothL1Loss", {"beta": 0.0}),
    ],
)
def test_distances(name: str, settings: dict[str, Any], reduction: str) -> None:
    rng = np.random.default_rng(0)
    x, t = 2 * rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    x[0, 0], x[0, 1], x[1] = t[0, 0], t[0, 1] + 1.0, t[1] + 1000.0
    compare(name, [x, t], reduction=reduction, **settings)
    compare(name, [x], (t,), reduction=reduction, **settings)


@pytest.mark.parametrize("reduction", [*REDUCTIONS, "batchmean"])
def test_divergence(reduction: str) -> None:
    rng = np.random.default_rng(0)
    logp, t = np.log(rng.dirichlet(np.ones(4), 5)), rng.dirichlet(np.ones(4), 5)
    compare("KLDivLoss", [logp, t], reduction=reduction)
    compare("KLDivLoss", [logp, np.log(t)], reduction=reduction, log_target=True)
    t[0] = [1.0, 0.0, 0.0, 0.0]
    compare("KLDivLoss", [logp], (t,), reduction=reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_a_variance_of_its_own(reduction: str) -> None:
    rng = np.random.default_rng(0)
    mean, t = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    for shape, full in product(((4, 3), (4, 1), (4,)), (False, True)):
        var = rng.random(shape) + 0.1
        var.flat[0] = 0.0  # counts eps
        compare("GaussianNLLLoss", [mean, t, var], full=full, eps=1e-3, reduction=reduction)
    column = mean[:, :1]
    compare("GaussianNLLLoss", [column, t[:, :1], rng.random(4)], reduction=reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_embeddings(reduction: str) -> None:
    rng = np.random.default_rng(0)
    d, t = rng.random((4, 3)) * 2, rng.choice([-1, 1], (4, 3))
    compare("HingeEmbeddingLoss", [d], (t,), margin=1.2, reduction=reduction)


# --- which shapes go together

PAIRS = "BCELoss BCEWithLogitsLoss HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss MSELoss SmoothL1Loss".split()
FORMS: list[tuple[int, ...]] = [(), (1,), (3,), (4,), (4, 1), (1, 4), (4, 3), (2, 4, 3)]


def outcome(call: Any) -> float | None:
    """The number, or None for an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return float(call())
        except (TypeError, ValueError, RuntimeError):
            return None


def both(name: str, arrays: list[Any], **settings: Any) -> tuple[float | None, float | None]:
    """What becomes of a loss, here and there."""
    there = {key: torched(x) for key, x in settings.items()}
    return (
        outcome(lambda: getattr(nn, name)(**settings)(*arrays)),
        outcome(lambda: getattr(torch.nn, name)(**there)(*map(torched, arrays))),
    )


def numbers(shape: tuple[int, ...]) -> Any:
    """Probabilities of this shape, in an array even if it is a number."""
    return np.array(np.random.default_rng(len(shape)).uniform(0.1, 0.9, shape))


@pytest.mark.parametrize("name", PAIRS)
def test_a_target_of_another_shape_is_never_broadcast(name: str) -> None:
    for shape, other in product(FORMS, FORMS):
        target = np.ones(other) if name == "HingeEmbeddingLoss" else numbers(other)
        ours, peer = both(name, [numbers(shape), target])
        assert ours == (None if shape != other else pytest.approx(peer, rel=1e-10)), (shape, other)


@pytest.mark.parametrize(
    ("name", "key"),
    [("BCELoss", "weight"), ("BCEWithLogitsLoss", "weight"), ("BCEWithLogitsLoss", "pos_weight")],
)
def test_a_weight_broadcasts_where_pytorchs_does_and_nowhere_else(name: str, key: str) -> None:
    for shape, other in product(FORMS, FORMS):
        ours, peer = both(name, [numbers(shape), np.asarray(1 - numbers(shape))], **{key: numbers(other)})
        assert ours == (None if peer is None else pytest.approx(peer, rel=1e-10)), (shape, other)


def test_a_variance_broadcasts_where_pytorchs_does_or_is_a_number() -> None:
    for shape, target, other in product(FORMS, FORMS, FORMS):
        var: Any = numbers(other) if other else 0.3
        ours, peer = both("GaussianNLLLoss", [numbers(shape), numbers(target), var])
        if shape != target:  # there, a target broadcasts
            assert ours is None, (shape, target)
        else:
            assert ours == (None if peer is None else pytest.approx(peer, rel=1e-10)), (shape, other)


# One label and one sample: PyTorch takes (1,) for a number there, MultiMarginLoss also a number for (1,). Whole numbers
# in the shape of the scores are one-hot rows here.
ONE_SAMPLE = {((3,), (1,)), ((1, 3), ())}


@pytest.mark.parametrize("name", ["CrossEntropyLoss", "NLLLoss", "MultiMarginLoss"])
def test_scores_and_labels_go_together_where_pytorchs_do(name: str) -> None:
    shapes: list[tuple[int, ...]] = [(3,), (4, 3), (1, 3), (4, 3, 2), (4, 3, 2, 2)]
    others: list[tuple[int, ...]] = [
        (),
        (1,),
        (3,),
        (4,),
        (4, 1),
        (4, 3),
        (4, 2),
        (4, 2, 2),
        (4, 3, 2),
        (4, 1, 2),
    ]
    agreed = 0
    for shape, other in product(shapes, others):
        whole = np.array(np.random.default_rng(0).integers(0, 3, other))
        for labels in (whole, numbers(other)):
            if (shape, other) in ONE_SAMPLE or (shape == other and labels is whole):
                continue
            ours, peer = both(name, [numbers(shape), labels])
            assert ours == (None if peer is None else pytest.approx(peer, rel=1e-10)), (shape, other)
            agreed += peer is not None
    assert agreed >= 3


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("CrossEntropyLoss", ["weight"]),
        ("NLLLoss", ["weight"]),
        ("MultiMarginLoss", ["weight"]),
        ("BCELoss", ["weight"]),
        ("BCEWithLogitsLoss", ["weight"]),
        ("BCEWithLogitsLoss", ["pos_weight"]),
        ("BCEWithLogitsLoss", ["pos_weight", "weight"]),
        ("MSELoss", []),
        ("KLDivLoss", []),
    ],
)
def test_states_go_both_ways(name: str, settings: list[str]) -> None:
    """Weights are in the state, as in PyTorch's."""
    given = {key: np.array([0.5, 2.0, 1.0]) + i for i, key in enumerate(settings)}
    ours = getattr(nn, name)(**given)
    peer = getattr(torch.nn, name)(**{key: torch.tensor(x) for key, x in given.items()})
    assert list(ours.state_dict()) == list(peer.state_dict())
    peer.load_state_dict({key: torch.tensor(2 * x) for key, x in ours.state_dict().items()})
    ours.load_state_dict(peer.state_dict())
    for key, x in given.items():
        np.testing.assert_array_equal(getattr(ours, key), 2 * x)
