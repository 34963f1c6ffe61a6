"""Activations along an axis: what an output is depends on the others beside it."""

from __future__ import annotations

from typing import Any

import autograd

from ..core.misuse import refuse_text
from ..core.module import Module
from ..core.numbers import whole


class _Along(Module):
    """Base of functions along one axis, the last one if dim is None."""

    _role = "activation"

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = None if dim is None else whole(f"{type(self).__name__}: dim", dim, None)

    @property
    def _axis(self) -> int:
        return -1 if self.dim is None else self.dim

    def extra_repr(self) -> str:
        """As PyTorch's."""
        return f"dim={self.dim}"


class Softmax(_Along):
    """e^x / sum(e^x) along an axis, the last one unless given: positive numbers that sum to 1.

    >>> import numpy as np
    >>> Softmax()(np.log([1.0, 2.0, 5.0])).round(4)
    array([0.125, 0.25 , 0.625])
    """

    def forward(self, x: Any) -> Any:
        """The same shape as x."""
        try:
            return autograd.softmax(x, axis=self._axis)
        except TypeError:
            refuse_text(self, (x,))
            raise


class LogSoftmax(_Along):
    """log(softmax(x)) along an axis, without the logarithm of small numbers.

    >>> import numpy as np
    >>> LogSoftmax()(np.array([0.0, -1000.0]))
    array([    0., -1000.])
    """

    def forward(self, x: Any) -> Any:
        """The same shape as x."""
        try:
            return autograd.log_softmax(x, axis=self._axis)
        except TypeError:
            refuse_text(self, (x,))
            raise


class Softmin(_Along):
    """softmax(-x) along an axis: the smallest number gets most.

    >>> import numpy as np
    >>> Softmin()(np.log([1.0, 3.0]))
    array([0.75, 0.25])
    """

    def forward(self, x: Any) -> Any:
        """The same shape as x."""
        return autograd.softmax(-x, axis=self._axis)


class GLU(_Along):
    """The first half of the features times the sigmoid of the second, (.., 2n) to (.., n) (Dauphin et al. 2017).

    >>> import numpy as np
    >>> GLU()(np.array([4.0, 6.0, 0.0, 1000.0]))
    array([2., 6.])
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__(dim)

    def forward(self, x: Any) -> Any:
        """Half as long along the axis."""
        return autograd.glu(x, axis=self._axis)
