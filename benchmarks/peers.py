"""Finding the peers, all of them optional."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.row import MissingPeer

INSTALL = "pip install '.[bench]' in the clone"


def load(module: str) -> Any:
    """Import a peer's module, or say which extra brings it.

    By name and at run time, so that the benchmarks load, list themselves and type-check without any peer.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise MissingPeer(f"{package} cannot be imported ({error}); install it with: {INSTALL}") from error


def load_torch() -> Any:
    """Import PyTorch, on one thread like everybody else."""
    torch = load("torch")
    torch.set_num_threads(1)
    return torch
