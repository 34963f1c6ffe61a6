"""What networks are made of, beside torch.nn.functional: the same call, the same numbers, the same gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")

import autograd as ag  # noqa: E402
from autograd import ShapeError, Tensor  # noqa: E402

F = torch.nn.functional


def compare(ours: Any, theirs: Any, arrays: Any, *args: Any, kwargs: Any = None, peer: Any = None) -> Any:
    """Value and gradients of all arrays, which may be None, agree to 1e-10."""
    rng = np.random.default_rng(0)
    leaves = [None if x is None else Tensor(x) for x in arrays]
    peers = [None if x is None else torch.tensor(x, requires_grad=True) for x in arrays]
    y = ours(*leaves, *args, **(kwargs or {}))
    z = theirs(*peers, *args, **(kwargs if peer is None else peer) or {})
    assert y.shape == tuple(z.shape)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-10, atol=1e-12)
    seed = rng.normal(size=y.shape)
    y.backward(seed)
    z.backward(torch.tensor(seed))
    for leaf, other in zip(leaves, peers):
        if leaf is not None and other.grad is not None:
            np.testing.assert_allclose(leaf.grad, other.grad.numpy(), rtol=1e-9, atol=1e-11)


def whole(rng: np.random.Generator, low: int, high: int, n: int) -> tuple[int, ...]:
    return tuple(int(i) for i in rng.integers(low, high, n))


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("seed", range(60))
def test_convolutions_of_random_shapes_and_settings(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups = int(rng.choice([1, 1, 2, 3]))
    inputs, outputs, batch = groups * int(rng.integers(1, 3)), groups * int(rng.integers(1, 3)), 2
    kernel, stride, dilation = whole(rng, 1, 4, n), whole(rng, 1, 4, n), whole(rng, 1, 3, n)
    padding: Any = whole(rng, 0, 3, n)
    if seed % 5 == 0:
        padding, stride = "same" if seed % 2 else "valid", (1,) * n
    x = rng.normal(size=(batch, inputs, *whole(rng, 3, 8, n)))
    if seed % 7 == 0:
        x = x[0]
    weight, bias = rng.normal(size=(outputs, inputs // groups, *kernel)), rng.normal(size=outputs)
    ours, theirs = getattr(ag, f"conv{n}d"), getattr(F, f"conv{n}d")
    settings = (stride, padding, dilation, groups)
    try:
        theirs(torch.tensor(x), torch.tensor(weight), None, *settings)
    except RuntimeError:  # the kernel is larger than the input
        with pytest.raises(ShapeError, match="does not fit"):
            ours(x, weight, None, *settings)
    else:
        compare(ours, theirs, (x, weight, None if seed % 3 == 0 else bias), *settings)
    more = tuple(int(rng.integers(0, s)) for s in stride)
    sides = whole(rng, 0, 2, n)
    x = rng.normal(size=(batch, outputs, *whole(rng, 3, 6, n)))
    name = f"conv_transpose{n}d"
    bias = rng.normal(size=inputs)
    compare(getattr(ag, name), getattr(F, name), (x, weight, bias), stride, sides, more, groups, dilation)


@pytest.mark.parametrize("kind", ["max", "avg"])
@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("seed", range(60))
def test_pooling_of_random_shapes_and_settings_with_ties(kind: str, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    kernel = whole(rng, 1, 5, n)
    padding = tuple(int(rng.integers(0, k // 2 + 1)) for k in kernel)
    stride = None if seed % 4 == 0 else whole(rng, 1, 5, n)
    ceil, flag = bool(rng.integers(2)), bool(rng.integers(2))
    x = rng.integers(-2, 3, size=(2, 2, *whole(rng, 3, 9, n))).astype(float)
    x = x[0] if seed % 5 == 0 else x
    name = f"{kind}_pool{n}d"
    settings = (
        (kernel, stride, padding, whole(rng, 1, 3, n), ceil)
        if kind == "max"
        else (kernel, stride, padding, ceil, flag)
    )
    try:
        getattr(F, name)(torch.tensor(x), *settings)
    except RuntimeError:
        with pytest.raises(ShapeError, match="does not fit"):
            getattr(ag, name)(x, *settings)
    else:
        compare(getattr(ag, name), getattr(F, name), (x,), *settings)


@pytest.mark.parametrize("seed", range(20))
def test_adaptive_pooling_unfold_and_fold(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 2, *whole(rng, 4, 9, 2)))
    compare(ag.adaptive_avg_pool2d, F.adaptive_avg_pool2d, (x,), whole(rng, 1, 6, 2))
    settings = (whole(rng, 1, 3, 2), whole(rng, 1, 3, 2), whole(rng, 0, 2, 2), whole(rng, 1, 3, 2))
    compare(ag.unfold, F.unfold, (x,), *settings)
    columns = ag.unfold(x, *settings)
    compare(ag.fold, F.fold, (columns,), x.shape[2:], *settings)


def test_adaptive_pooling_keeps_a_length_for_none() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 4))
    for size in (1, 3, (None, 2), (2, None), (7, 9)):
        compare(ag.adaptive_avg_pool2d, F.adaptive_avg_pool2d, (x,), size)


PAIRS = {
    "mse_loss": [{}],
    "l1_loss": [{}],
    "huber_loss": [{}, {"delta": 0.3}],
    "smooth_l1_loss": [{}, {"beta": 0.3}, {"beta": 0.0}],
    "binary_cross_entropy_with_logits": [{}, {"pos_weight": [1.0, 2.0, 0.5]}, {"weight": [0.2, 1.0, 3.0]}],
    "binary_cross_entropy": [{}, {"weight": [0.2, 1.0, 3.0]}],
    "kl_div": [{}, {"log_target": True}],
}


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning")
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("name", "settings"), [(name, s) for name, all_ in PAIRS.items() for s in all_])
def test_losses_of_pairs_with_gradients_of_the_target(name: str, settings: Any, reduction: str) -> None:
    rng = np.random.default_rng(3)
    x, t = rng.normal(size=(5, 3)) * 2, rng.uniform(size=(5, 3))
    if name == "binary_cross_entropy":
        x = rng.uniform(size=(5, 3))
    if name in ("huber_loss", "smooth_l1_loss", "l1_loss", "mse_loss"):
        x[0] = t[0] + [0.0, 1.0, -1.0]
        t = t * 2
    ours = {k: np.array(v) if isinstance(v, list) else v for k, v in settings.items()}
    theirs = {
        k: torch.tensor(v, dtype=torch.float64) if isinstance(v, list) else v for k, v in settings.items()
    }
    both = {"reduction": reduction}
    compare(getattr(ag, name), getattr(F, name), (x, t), kwargs={**ours, **both}, peer={**theirs, **both})


def test_binary_cross_entropy_of_certain_probabilities() -> None:
    p, t = [0.0, 1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0, 0.3]
    ours, theirs = Tensor(p), torch.tensor(p, dtype=torch.float64, requires_grad=True)
    y = ag.binary_cross_entropy(ours, t, reduction="none")
    z = F.binary_cross_entropy(theirs, torch.tensor(t, dtype=torch.float64), reduction="none")
    np.testing.assert_allclose(y.data, z.detach().numpy())
    y.sum().backward()
    z.sum().backward()
    np.testing.assert_allclose(
        ours.grad, theirs.grad.numpy(), rtol=1e-7
    )  # PyTorch's 1e-12 is that of float32
    target = Tensor(t)  # the slope of what was computed; PyTorch, without its bound of 100, says infinite
    ag.binary_cross_entropy(np.array(p), target, reduction="sum").backward()
    np.testing.assert_allclose(target.grad, [100.0, -100.0, 100.0, -100.0, 100.0])


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("shape", [(6, 4), (4,), (3, 4, 2, 2)])
@pytest.mark.parametrize("ignored", [False, True])
def test_cross_entropy_and_nll(
    shape: Any, smoothing: float, weighted: bool, reduction: str, ignored: bool
) -> None:
    rng = np.random.default_rng(4)
    x, classes = rng.normal(size=shape) * 3, 4
    labels = rng.integers(0, classes, size=shape[:1] + shape[2:] if len(shape) > 1 else ())
    if ignored and labels.ndim:
        labels.flat[1] = -100
    weight = rng.uniform(0.5, 2, classes) if weighted else None
    peer_weight = None if weight is None else torch.tensor(weight)
    for name in ("cross_entropy", "nll_loss"):
        more = {"reduction": reduction, **({"label_smoothing": smoothing} if name == "cross_entropy" else {})}
        compare(
            lambda t: getattr(ag, name)(t, labels, weight=weight, **more),  # noqa: B023
            lambda t: getattr(F, name)(t, torch.tensor(labels), weight=peer_weight, **more),  # noqa: B023
            (x,),
        )
    chances = rng.uniform(size=shape)
    more = {"reduction": reduction, "label_smoothing": smoothing}
    compare(
        lambda t, c: ag.cross_entropy(t, c, weight=weight, **more),
        lambda t, c: F.cross_entropy(t, c, weight=peer_weight, **more),
        (x, chances),
    )


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("weighted", [False, True])
def test_multi_margin_loss(reduction: str, p: int, weighted: bool) -> None:
    rng = np.random.default_rng(5)
    x, labels, weight = rng.integers(-2, 3, size=(6, 4)) * 0.5, rng.integers(0, 4, 6), rng.uniform(0.5, 2, 4)
    ours, theirs = (weight, torch.tensor(weight)) if weighted else (None, None)
    for scores, y in ((x, labels), (x[0], labels[0])):
        compare(
            lambda t: ag.multi_margin_loss(t, y, p, 0.7, ours, reduction=reduction),  # noqa: B023
            lambda t: F.multi_margin_loss(t, torch.tensor(y), p, 0.7, theirs, reduction=reduction),  # noqa: B023
            (scores,),
        )


def test_other_losses() -> None:
    rng = np.random.default_rng(6)
    x, t, var = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), rng.uniform(0, 2, size=(4, 3))
    var[0] = 0.0
    for full in (False, True):
        compare(ag.gaussian_nll_loss, F.gaussian_nll_loss, (x, t, var), kwargs={"full": full})
    sides = np.sign(t)
    x[0, 0], sides[0, 0] = 1.0, -1.0  # at the margin
    compare(
        lambda a: ag.hinge_embedding_loss(a, sides),
        lambda a: F.hinge_embedding_loss(a, torch.tensor(sides)),
        (x,),
    )
    x[1] = 0.0
    compare(ag.cosine_similarity, F.cosine_similarity, (x, t))
    np.testing.assert_allclose(
        ag.kl_div(x, var, "batchmean"), F.kl_div(torch.tensor(x), torch.tensor(var), reduction="batchmean")
    )


@pytest.mark.parametrize("shape", [(5, 3), (4, 3, 6), (2, 3, 4, 5)])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("affine", [True, False])
def test_batch_norm_and_its_running_statistics(shape: Any, training: bool, affine: bool) -> None:
    rng = np.random.default_rng(7)
    x, w, b = rng.normal(2, 3, size=shape), rng.normal(size=3), rng.normal(size=3)
    mean, var = rng.normal(size=3), rng.uniform(0.5, 2, 3)
    peers = torch.tensor(mean), torch.tensor(var)
    compare(
        lambda x, w=None, b=None: ag.batch_norm(x, mean, var, w, b, training, 0.3, 1e-3),
        lambda x, w=None, b=None: F.batch_norm(x, *peers, w, b, training, 0.3, 1e-3),
        (x, w, b) if affine else (x,),
    )
    np.testing.assert_allclose(mean, peers[0].numpy(), rtol=1e-12)
    np.testing.assert_allclose(var, peers[1].numpy(), rtol=1e-12)


def test_the_other_normalisations() -> None:
    rng = np.random.default_rng(8)
    x, w, b = rng.normal(2, 3, size=(3, 4, 5, 2)), rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
    compare(
        lambda *a: ag.layer_norm(a[0], (5, 2), *a[1:]),
        lambda *a: F.layer_norm(a[0], (5, 2), *a[1:]),
        (x, w, b),
    )
    compare(lambda *a: ag.rms_norm(a[0], (5, 2), *a[1:]), lambda *a: F.rms_norm(a[0], (5, 2), *a[1:]), (x, w))
    w, b = rng.normal(size=4), rng.normal(size=4)
    compare(lambda *a: ag.group_norm(a[0], 2, *a[1:]), lambda *a: F.group_norm(a[0], 2, *a[1:]), (x, w, b))
    compare(
        lambda x, w, b: ag.instance_norm(x, weight=w, bias=b),
        lambda x, w, b: F.instance_norm(x, weight=w, bias=b),
        (x, w, b),
    )


def test_embedding_and_attention() -> None:
    rng = np.random.default_rng(9)
    table, indices = rng.normal(size=(5, 3)), np.array([[0, 4, 4], [2, 1, 0]])
    for padding in (None, 4, -5):
        compare(
            lambda w: ag.embedding(indices, w, padding_idx=padding),  # noqa: B023
            lambda w: F.embedding(torch.tensor(indices), w, padding_idx=padding),  # noqa: B023
            (table,),
        )
    q, k, v = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 5, 6))
    seen, added = rng.uniform(size=(3, 5)) > 0.3, rng.normal(size=(3, 5))
    seen[:, 0] = True
    ours, theirs = ag.scaled_dot_product_attention, F.scaled_dot_product_attention
    compare(ours, theirs, (q, k, v), kwargs={"is_causal": True})
    compare(ours, theirs, (q, k, v), kwargs={"scale": 0.3})
    for mask in (seen, added):
        compare(ours, theirs, (q, k, v), kwargs={"attn_mask": mask}, peer={"attn_mask": torch.tensor(mask)})
    assert torch.equal(F.one_hot(torch.tensor(indices)), torch.tensor(ag.one_hot(indices, dtype=int)))
