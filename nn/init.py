"""Initial weights. Random numbers come from the `rng` that is passed: a seed, a Generator, or None for fresh ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def generator(rng: Any = None) -> np.random.Generator:
    """A random generator from a seed, from a Generator (which is used as it is), or from None (unpredictable)."""
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is None or isinstance(rng, (int, np.integer)):
        return np.random.default_rng(rng)
    raise TypeError(f"rng must be a seed (int), a numpy.random.Generator or None, not {type(rng).__name__}.")


def linear_default(rng: Any, outputs: int, inputs: int, dtype: Any, bias: bool) -> tuple[Any, Any]:
    """PyTorch's default for a linear layer: weight and bias uniform in +-1/sqrt(inputs)."""
    draw, bound = generator(rng), 1 / math.sqrt(inputs) if inputs else 0.0
    weight = draw.uniform(-bound, bound, (outputs, inputs)).astype(dtype)
    return weight, draw.uniform(-bound, bound, outputs).astype(dtype) if bias else None
