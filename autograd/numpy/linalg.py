"""`autograd.numpy.linalg`: numpy.linalg, whose functions work on nodes as they are."""

from typing import Any

import numpy as np


def __getattr__(name: str) -> Any:
    return getattr(np.linalg, name)


def __dir__() -> list[str]:
    return dir(np.linalg)
