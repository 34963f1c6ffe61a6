"""Random numbers come from what is passed as `rng`, never from a state that all share."""

from __future__ import annotations

from typing import Any

import numpy as np


def generator(rng: Any = None) -> np.random.Generator:
    """A random generator from a seed, from a Generator (which is used as it is), or from None (unpredictable).

    >>> generator(0).integers(10, size=3), generator(0).integers(10, size=3)
    (array([8, 6, 5]), array([8, 6, 5]))
    >>> draw = generator(0)
    >>> generator(draw) is draw
    True
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is None or isinstance(rng, (int, np.integer)):
        if rng is not None and rng < 0:
            raise ValueError(f"rng={rng}: a seed is a whole number from 0 on, such as rng=0.")
        return np.random.default_rng(rng)
    raise TypeError(f"rng must be a seed (int), a numpy.random.Generator or None, not {type(rng).__name__}.")
