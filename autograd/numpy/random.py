"""`autograd.numpy.random`: numpy.random, which refuses nodes as parameters instead of dropping their gradient."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..errors import GradientError
from ..graph import Node


def __getattr__(name: str) -> Any:
    function = getattr(np.random, name)
    if not callable(function) or isinstance(function, type):
        return function

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(x, Node) for x in (*args, *kwargs.values())):
            raise GradientError(
                f"random.{name} of a node: random numbers have no gradient for the parameters they were drawn with. "
                "Draw standard ones and transform them, as in mean + std * random.randn(n)."
            )
        return function(*args, **kwargs)

    return call


def __dir__() -> list[str]:
    return dir(np.random)
