"""Linear algebra in PyTorch, by the names of our ops, for tests/parity."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="parity tests need PyTorch: pip install '.[parity]'")


def _like(ours, theirs, axis):
    """PyTorch's vectors with NumPy's signs: each is right, and LAPACK's choice differs."""
    signs = np.sign(np.sum(ours * theirs.numpy(force=True), axis=axis, keepdims=True))
    return theirs * torch.tensor(signs)


def _eigh_vectors(x, UPLO="L"):
    return _like(np.linalg.eigh(x.numpy(force=True), UPLO)[1], torch.linalg.eigh(x, UPLO=UPLO)[1], -2)


def _svd(i, axis):
    def peer(x):
        ours = np.linalg.svd(x.numpy(force=True), full_matrices=False)[i]
        return _like(ours, torch.linalg.svd(x, full_matrices=False)[i], axis)

    return peer


def _qr(i, axis):
    def peer(x):
        return _like(np.linalg.qr(x.numpy(force=True))[i], torch.linalg.qr(x)[i], axis)

    return peer


def _inverse_gaps(x):
    one = torch.eye(x.shape[-1], dtype=x.dtype)
    return 1 / (x[..., None, :] - x[..., :, None] + one) - one


def _vectors(a, b):
    """A right-hand side as PyTorch wants it: columns, with as many axes as the matrices."""
    return torch.linalg.solve(a, b[:, None])[..., 0] if b.ndim == 1 else torch.linalg.solve(a, b)


def _expm_jvp(a, d):
    blocks = torch.cat([torch.cat([a, d], -1), torch.cat([0 * a, a], -1)], -2)
    return torch.linalg.matrix_exp(blocks)[..., : a.shape[-1], a.shape[-1] :]


PEERS = {
    "cholesky": torch.linalg.cholesky,
    "cofactor": lambda x: torch.linalg.det(x)[..., None, None] * torch.linalg.inv(x).mT,
    "cross": lambda a, b: torch.linalg.cross(*torch.broadcast_tensors(a, b)),
    "det": torch.linalg.det,
    "eigh_vectors": _eigh_vectors,
    "eigvalsh": lambda x, UPLO="L": torch.linalg.eigvalsh(x, UPLO=UPLO),
    "einsum": lambda *xs, subscripts, optimize=False: torch.einsum(subscripts, *xs),
    "expm": torch.linalg.matrix_exp,
    "expm_jvp": _expm_jvp,
    "inv": torch.linalg.inv,
    "inverse_gaps": _inverse_gaps,
    "logabsdet": lambda x: torch.linalg.slogdet(x).logabsdet,
    "norm": lambda x, ord=2, axis=None, keepdims=False: torch.linalg.vector_norm(x, ord, axis, keepdims),
    "pinv": lambda x, rcond=None: torch.linalg.pinv(x),
    "qr_q": _qr(0, -2),
    "qr_r": _qr(1, -1),
    "solve": _vectors,
    "svd_u": _svd(0, -2),
    "svd_vh": _svd(2, -1),
    "svdvals": torch.linalg.svdvals,
    "tensordot": lambda a, b, axes: torch.tensordot(a, b, [list(x) for x in axes]),
}
