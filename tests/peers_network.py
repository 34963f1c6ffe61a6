"""What the ops of network layers are in PyTorch, by their names and settings here."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")
F = torch.nn.functional


def _padded(x: Any, padding: Any) -> tuple[Any, Any]:
    """Pairs of padding, which PyTorch's convolutions do not take, put on by hand."""
    if isinstance(padding, tuple) and isinstance(padding[0], tuple):
        return F.pad(x, [n for pair in reversed(padding) for n in pair]), 0
    return x, padding


def _conv(n: int) -> Any:
    def peer(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):  # type: ignore[no-untyped-def]
        x, padding = _padded(x, padding)
        return getattr(F, f"conv{n}d")(x, weight, bias, stride, padding, dilation, groups)

    return peer


def _back(n: int) -> Any:
    """The gradient of a convolution in its input, of which PyTorch's transposed convolution is a part."""

    def peer(g, weight, bias=None, *, size, **settings):  # type: ignore[no-untyped-def]
        x = torch.zeros(g.shape[0], weight.shape[1] * settings.get("groups", 1), *size, dtype=g.dtype)
        x.requires_grad_()
        (out,) = torch.autograd.grad(_conv(n)(x, weight, **settings), x, g, create_graph=True)
        return out if bias is None else out + bias.reshape(-1, *(1,) * n)

    return peer


def _to_weight(n: int) -> Any:
    def peer(x, g, *, kernel_size, groups=1, **settings):  # type: ignore[no-untyped-def]
        weight = torch.zeros(
            g.shape[1], x.shape[1] // groups, *kernel_size, dtype=g.dtype, requires_grad=True
        )
        y = _conv(n)(x, weight, groups=groups, **settings)
        return torch.autograd.grad(y, weight, g, create_graph=True)[0]

    return peer


def _max_back(n: int) -> Any:
    def peer(g, of, **settings):  # type: ignore[no-untyped-def]
        of = torch.tensor(of, requires_grad=True)
        y = getattr(F, f"max_pool{n}d")(of, **settings)
        return torch.autograd.grad(y, of, g, create_graph=True)[0]

    return peer


def _max(n: int) -> Any:
    return lambda x, **settings: getattr(F, f"max_pool{n}d")(x, **settings)


def _avg(n: int) -> Any:
    def peer(x, exclude_pad=False, **settings):  # type: ignore[no-untyped-def]
        return getattr(F, f"avg_pool{n}d")(x, **settings, count_include_pad=not exclude_pad)

    return peer


def _avg_back(n: int) -> Any:
    def peer(g, size, **settings):  # type: ignore[no-untyped-def]
        x = torch.zeros(*g.shape[:2], *size, dtype=g.dtype, requires_grad=True)
        return torch.autograd.grad(_avg(n)(x, **settings), x, g, create_graph=True)[0]

    return peer


def _standardise(x, axis=-1, eps=1e-5, about_zero=False):  # type: ignore[no-untyped-def]
    axis = tuple(int(a) for a in axis) if isinstance(axis, tuple) else int(axis)
    centred = x if about_zero else x - x.mean(axis, keepdim=True)
    return centred / torch.sqrt((centred * centred).mean(axis, keepdim=True) + eps)


def _normalise(x, weight, bias=None, **settings):  # type: ignore[no-untyped-def]
    y = _standardise(x, **settings) * weight
    return y if bias is None else y + bias


def _pairs(loss: Any) -> Any:
    return lambda x, t: loss(*torch.broadcast_tensors(x, t), reduction="none")


PEERS: dict[str, Any] = {
    "binary_cross_entropy": _pairs(F.binary_cross_entropy),
    "binary_cross_entropy_with_logits": _pairs(F.binary_cross_entropy_with_logits),
    "fold": lambda x, size, kernel_size, **settings: F.fold(x, size, kernel_size, **settings),
    "huber": lambda x, delta=1.0: F.huber_loss(x, torch.zeros_like(x), delta=delta, reduction="none"),
    "normalise": _normalise,
    "standardise": _standardise,
    "unfold": lambda x, kernel_size, **settings: F.unfold(x, kernel_size, **settings),
}
for _n in (1, 2):
    PEERS[f"conv{_n}d"], PEERS[f"conv_transpose{_n}d"] = _conv(_n), _back(_n)
    PEERS[f"conv{_n}d_weight"] = _to_weight(_n)
    PEERS[f"max_pool{_n}d"], PEERS[f"max_pool{_n}d_back"] = _max(_n), _max_back(_n)
    PEERS[f"avg_pool{_n}d"], PEERS[f"avg_pool{_n}d_back"] = _avg(_n), _avg_back(_n)
