"""What kernels of choices are made of: the upstream gradient where an input was chosen, elsewhere 0, whatever it is.

A product with a mask would do, but for infinity: inf * 0 is nan, and one infinite element would spoil what it does not
depend on. PyTorch selects too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__: list[str] = []

_BITS = {"e": np.int16, "f": np.int32, "d": np.int64}


def only(g: Any, mask: Any) -> Any:
    """g where the mask holds, else 0, also where g is infinite or nan (inf * 0 would be nan).

    The bits of g as whole numbers, times 1 or 0: 64k floats take 22 us, as a product does, and by np.where 160.
    """
    bits = _BITS.get(g.dtype.char) if g.__class__ is np.ndarray else None
    return np.where(mask, g, g.dtype.type(0)) if bits is None else (g.view(bits) * mask).view(g.dtype)


def no_gradient(g: Any, *inputs: Any, **settings: Any) -> Any:
    """The contribution where nothing depends on an input: 0 whatever g is."""
    return np.zeros(g.shape, g.dtype)


def only_or_half(g: Any, won: Any, tied: Any) -> Any:
    """g where won, g/2 where tied, else 0."""
    t = only(g, won)
    if np.count_nonzero(tied):  # rare
        t += only(g * g.dtype.type(0.5), tied)
    return t
