"""The same program in PyTorch, in float64: values, first and second derivatives of every op it has too."""

from __future__ import annotations

import numpy as np
import pytest
from samples import OPS, arrays, cases

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")

from peers_elementwise import PEERS as ELEMENTWISE  # noqa: E402
from peers_linalg import PEERS as LINALG  # noqa: E402
from peers_network import PEERS as NETWORK  # noqa: E402

from autograd import Tensor, gradients  # noqa: E402


def _labels(x, labels):
    return torch.nn.functional.cross_entropy(x, torch.as_tensor(labels))


def _linear(x, weight, bias=None, activation=None):
    y = torch.nn.functional.linear(x, weight, bias)
    return y if activation is None else getattr(torch, activation)(y)


def _activated(z, activation):
    return z if activation is None else getattr(F, activation)(z)


def _scatter(x, index, shape):
    return torch.zeros(shape, dtype=x.dtype).index_put((torch.arange(shape[0])[index],), x, accumulate=True)


def _pad(x, **settings):
    """A matrix whose columns are NumPy's padded unit arrays, plus what NumPy makes of zeros."""
    zero = np.pad(np.zeros(x.shape), **settings)
    units = np.eye(x.numel()).reshape(x.numel(), *x.shape)
    columns = np.array([np.pad(unit, **settings) - zero for unit in units]).reshape(x.numel(), zero.size).T
    return (torch.tensor(columns) @ x.reshape(-1)).reshape(zero.shape) + torch.tensor(zero)


def _diag_embed(x, offset=0, axis1=-2, axis2=-1, shape=None):
    if shape is None:
        return torch.diag_embed(x, offset, axis1, axis2)
    return torch.diagonal_scatter(torch.zeros(shape, dtype=x.dtype), x, offset, axis1, axis2)


def _put(x, y, index, accumulate):
    """The place of every element of x[index], and an index_put of a flat x."""
    places = torch.as_tensor(np.arange(x.numel()).reshape(x.shape)[index])
    y = torch.broadcast_to(y, places.shape) if y.ndim <= places.ndim else y
    flat = torch.clone(x).reshape(-1).index_put((places.reshape(-1),), y.reshape(-1), accumulate=accumulate)
    return flat.reshape(x.shape)


def _line(x, axis):
    """The axes of a reduction as one, the last; PyTorch takes a single one in places."""
    axes = [i % x.ndim for i in (range(x.ndim) if axis is None else np.atleast_1d(axis))]
    return torch.movedim(x, axes, list(range(-len(axes), 0))).reshape(
        *(n for i, n in enumerate(x.shape) if i not in axes), int(np.prod([x.shape[i] for i in axes]))
    )


def _one_line(reduction):
    """A reduction along the last axis, as one over any axes."""

    def peer(x, axis=None, keepdims=False, **settings):
        y = reduction(_line(x, axis), **settings)
        axes = [i % x.ndim for i in (range(x.ndim) if axis is None else np.atleast_1d(axis))]
        return y.reshape([1 if i in axes else n for i, n in enumerate(x.shape)]) if keepdims else y

    return peer


def _prod_of_others(x, axis=None):
    lines = _line(x, axis)
    n = lines.shape[-1]
    others = [lines[..., [j for j in range(n) if j != k]].prod(-1) for k in range(n)]
    places = _line(torch.arange(x.numel()).reshape(x.shape), axis)
    flat = torch.stack(others, -1).reshape(-1) if n else torch.zeros(0, dtype=x.dtype)
    return flat[torch.argsort(places.reshape(-1))].reshape(x.shape) + 0 * x


def _shift(x, axis=-1, by=1, fill=0.0):
    n = x.shape[axis]
    by = max(-n, min(n, by))
    gap = torch.full_like(torch.narrow(x, axis, 0, abs(by)), fill)
    kept = torch.narrow(x, axis, max(-by, 0), n - abs(by))
    return torch.cat([gap, kept] if by > 0 else [kept, gap], axis)


def _recurrence(a, b, axis=-1, reverse=False):
    factors, terms = list(torch.unbind(a, axis)), list(torch.unbind(b, axis))
    if reverse:
        factors, terms = [None, *factors[:0:-1]], terms[::-1]
    line = []
    for factor, term in zip(factors, terms):
        line.append(term + factor * line[-1] if line else term)
    return torch.stack(line[::-1] if reverse else line, axis) + 0 * a if line else a * b


def _partition(x, kth, axis=-1):
    x, axis = (x.reshape(-1), 0) if axis is None else (x, axis)
    order = np.argpartition(x.numpy(force=True), kth, axis)  # which of the orders that are right
    return torch.take_along_dim(x, torch.as_tensor(order), axis)


def _cumulative(name):
    def peer(x, axis=None):
        return getattr(torch, name)(x.reshape(-1) if axis is None else x, 0 if axis is None else axis)

    return peer


def _spread(name):
    def peer(x, axis=None, ddof=0, keepdims=False):
        if not x.numel():  # PyTorch warns here, of as many spreads as there are none
            return x.sum(axis, keepdim=keepdims)
        return getattr(torch, name)(x, axis, correction=ddof, keepdim=keepdims)

    return peer


F = torch.nn.functional
PEERS = (
    ELEMENTWISE
    | LINALG
    | NETWORK
    | {
        "cummax": lambda x, axis=0: torch.cummax(x, axis).values,
        "cummin": lambda x, axis=0: torch.cummin(x, axis).values,
        "cumprod": _cumulative("cumprod"),
        "cumsum": _cumulative("cumsum"),
        "logcumsumexp": lambda x, axis=0: torch.logcumsumexp(x, axis),
        "median": _one_line(lambda line: torch.quantile(line, 0.5, -1)),  # torch.median takes the lower one
        "nanmax": lambda x, axis=None, keepdims=False: torch.amax(x, () if axis is None else axis, keepdims),
        "nanmin": lambda x, axis=None, keepdims=False: torch.amin(x, () if axis is None else axis, keepdims),
        "partition": _partition,
        "prod": _one_line(lambda line: torch.prod(line, -1)),
        "prod_of_others": _prod_of_others,
        "quantile": _one_line(
            lambda line, q, method="linear": torch.quantile(
                line, torch.as_tensor(q, dtype=line.dtype), -1, interpolation=method
            )
        ),
        "recurrence": _recurrence,
        "reorder": lambda x, order, axis=-1: torch.take_along_dim(x, torch.as_tensor(order), axis),
        "shift": _shift,
        "sort": lambda x, axis=-1: (
            torch.sort(x.reshape(-1) if axis is None else x, -1 if axis is None else int(axis)).values
        ),
        "std": _spread("std"),
        "var": _spread("var"),
        "absolute": torch.abs,
        "add": torch.add,
        "arccos": torch.arccos,
        "arcsin": torch.arcsin,
        "arctan": torch.arctan,
        "astype": lambda x, dtype: x.to(torch.float64),
        "broadcast_to": lambda x, shape: torch.broadcast_to(x, shape),
        "clip": lambda x, low=None, high=None: torch.clip(x, low, high),
        "concatenate": lambda *xs, axis=0: torch.cat(xs, axis),
        "copy": torch.clone,
        "diag_embed": _diag_embed,
        "diagonal": lambda x, offset=0, axis1=0, axis2=1: torch.diagonal(x, offset, axis1, axis2),
        "divide": torch.divide,
        "expand_dims": lambda x, axis: torch.unsqueeze(x, axis),
        "flip": lambda x, axis=None: torch.flip(
            x, tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        ),
        "getitem": lambda x, index: x[index],
        "index_add": lambda x, y, index: _put(x, y, index, True),
        "index_update": lambda x, y, index: _put(x, y, index, False),
        "linear": _linear,
        "log_softmax": lambda x, axis=-1: F.log_softmax(x, axis),
        "logsumexp": lambda x, axis=None, keepdims=False: torch.logsumexp(
            x, tuple(range(x.ndim)) if axis is None else axis, keepdims
        ),
        "max": lambda x, axis=None, keepdims=False: torch.amax(x, () if axis is None else axis, keepdims),
        "mean": lambda x, axis=None, keepdims=False: torch.mean(x, axis, keepdims),
        "min": lambda x, axis=None, keepdims=False: torch.amin(x, () if axis is None else axis, keepdims),
        "neuron": lambda w, x, b, activation=None: _activated(w * x + b, activation),
        "pad": _pad,
        "power": torch.pow,
        "relu": torch.relu,
        "repeat": lambda x, repeats, axis=None: torch.repeat_interleave(
            x if x.ndim else x.reshape(1), torch.as_tensor(repeats), axis
        ),
        "reshape": lambda x, shape: torch.reshape(x, shape if isinstance(shape, tuple) else (shape,)),
        "roll": lambda x, shift, axis=None: torch.roll(
            x,
            (shift,) * len(axis) if isinstance(axis, tuple) and not isinstance(shift, tuple) else shift,
            axis,
        ),
        "scatter": _scatter,
        "sigmoid": torch.sigmoid,
        "softmax": lambda x, axis=-1: torch.softmax(x, axis),
        "softmax_cross_entropy": _labels,
        "squeeze": lambda x, axis=None: torch.squeeze(x) if axis is None else torch.squeeze(x, axis),
        "sum": lambda x, axis=None, keepdims=False: torch.sum(x, axis, keepdims),
        "swapaxes": lambda x, axis1, axis2: torch.swapaxes(x, axis1, axis2),
        "take_along_axis": lambda x, indices, axis: torch.take_along_dim(
            x, torch.as_tensor(indices % x.shape[axis]), axis
        ),
        "tile": lambda x, reps: torch.tile(x, reps if isinstance(reps, tuple) else (reps,)),
        "transpose": lambda x, axes=None: torch.permute(x, axes or tuple(range(x.ndim))[::-1]),
        "tril": lambda x, k=0: torch.tril(x, k),
        "triu": lambda x, k=0: torch.triu(x, k),
        "where": lambda condition, a, b: torch.where(condition.bool(), a, b) + 0 * condition,
    }
)


def peer(name):
    return PEERS.get(name) or getattr(torch, name)


@pytest.mark.parametrize(
    ("name", "i"), [(name, i) for name, op in OPS.items() for i in range(len(cases(op)))]
)
def test_value_first_and_second_derivative(name, i):
    op = OPS[name]
    shapes, settings = cases(op)[i]
    rng = np.random.default_rng(11)
    given = arrays(op, shapes, rng)
    ours, theirs = [Tensor(x) for x in given], [torch.tensor(x, requires_grad=True) for x in given]
    y, z = op(*ours, **settings), peer(name)(*theirs, **settings)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-10, atol=1e-12)
    seed = rng.uniform(0.5, 1.5, y.shape)
    first = gradients(y, ours, upstream=seed, create_graph=True)
    peers = torch.autograd.grad(z, theirs, torch.tensor(seed), create_graph=True)
    for a, b in zip(first, peers):
        np.testing.assert_allclose(a.data, b.numpy(force=True), rtol=1e-10, atol=1e-12)
    weights = [rng.uniform(0.5, 1.5, x.shape) for x in given]
    ours_total = sum(((a * w).sum() for a, w in zip(first, weights)), Tensor(0.0))
    peer_total = sum((b * torch.tensor(w)).sum() for b, w in zip(peers, weights))
    second = gradients(ours_total, ours)
    if not peer_total.requires_grad:
        for a in second:
            assert not np.any(a)
        return
    expected = torch.autograd.grad(peer_total, theirs, allow_unused=True)
    for a, b in zip(second, expected):
        np.testing.assert_allclose(a, 0.0 if b is None else b.numpy(force=True), rtol=1e-9, atol=1e-11)
