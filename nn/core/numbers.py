"""Settings that are numbers: what each kind may be, checked in one place and said in one way.

Python's and NumPy's numbers are both taken, so are arrays of no axes; True and False are no numbers. What is no number
of the kind is a TypeError, and one that is too small or too large a ValueError. Messages begin with the setting, as the
caller wrote it, and what it was: "lr=-0.1: ...". `why` is for those who need to know more: it ends the sentence.
"""

from __future__ import annotations

import math
import numbers
import operator
from typing import Any

import numpy as np


def whole(name: str, value: Any, least: int | None = 1, why: str = "") -> int:
    """A whole number from `least` on, such as a number of rows; with least=None, also one below 0.

    >>> whole("batch_size", np.int64(32))
    32
    >>> whole("k", 1, least=2, why="one part is held out, and another learned on")
    Traceback (most recent call last):
    ValueError: k=1: it must be a whole number from 2 on: one part is held out, and another learned on.
    """
    wanted = "a whole number" if least is None else f"a whole number from {least} on"
    if isinstance(value, (bool, np.bool_)):
        raise _wrong(TypeError, name, value, wanted, why)
    try:
        found = operator.index(value)
    except TypeError:
        raise _wrong(TypeError, name, value, wanted, why) from None
    if least is not None and found < least:
        raise _wrong(ValueError, name, value, wanted, why)
    return found


def number(
    name: str,
    value: Any,
    least: float | None = None,
    above: float | None = None,
    why: str = "",
    finite: bool = True,
) -> float:
    """A number; from `least` on, or above `above`. It is never nan, and inf only with finite=False.

    >>> number("lr", np.float32(0.5), least=0)
    0.5
    >>> number("eps", 0, above=0)
    Traceback (most recent call last):
    ValueError: eps=0: it must be a finite number > 0.
    """
    wanted = "a finite number" if finite else "a number"
    if least is not None:
        wanted += f" >= {least:g}"
    if above is not None:
        wanted += f" > {above:g}"
    found = _real(name, value, wanted, why)
    low = (least is not None and found < least) or (above is not None and found <= above)
    if low or math.isnan(found) or (finite and math.isinf(found)):
        raise _wrong(ValueError, name, value, wanted, why)
    return found


def share(name: str, value: Any, zero: bool = True, one: bool = True, why: str = "") -> float:
    """A number from 0 to 1; `zero` and `one` say whether it may be 0 and 1 themselves.

    >>> share("p", 0.5)
    0.5
    >>> share("rho", 1, one=False)
    Traceback (most recent call last):
    ValueError: rho=1: it must be a number from 0 on, below 1.
    """
    wanted = {
        (True, True): "a number from 0 to 1",
        (True, False): "a number from 0 on, below 1",
        (False, True): "a number above 0, up to 1",
        (False, False): "a number between 0 and 1",
    }[zero, one]
    found = _real(name, value, wanted, why)
    if not 0 <= found <= 1 or (found == 0 and not zero) or (found == 1 and not one):
        raise _wrong(ValueError, name, value, wanted, why)
    return found


def flag(name: str, value: Any) -> bool:
    """True or False.

    >>> flag("nesterov", np.True_)
    True
    """
    if not isinstance(value, (bool, np.bool_)):
        raise _wrong(TypeError, name, value, "True or False", "")
    return bool(value)


def float_dtype(owner: str, dtype: Any) -> Any:
    """The dtype of parameters: NumPy's name of floating-point numbers, or the like.

    >>> float_dtype("Linear", "float32")
    dtype('float32')
    >>> float_dtype("Linear", "flaot32")
    Traceback (most recent call last):
    TypeError: Linear: dtype='flaot32': it must be a dtype with a fraction, such as np.float32 or np.float64.
    """
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = None
    if found is None or found.kind != "f":
        raise _wrong(
            TypeError,
            f"{owner}: dtype",
            dtype,
            "a dtype with a fraction, such as np.float32 or np.float64",
            "",
        )
    return found


def _real(name: str, value: Any, wanted: str, why: str) -> float:
    bare = isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iuf"
    if not (bare or isinstance(value, numbers.Real)) or isinstance(value, bool):
        raise _wrong(TypeError, name, value, wanted, why)
    try:
        return float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return math.inf if value > 0 else -math.inf


def _wrong(kind: type[Exception], name: str, value: Any, wanted: str, why: str) -> Exception:
    return kind(f"{name}={value!r:.60}: it must be {wanted}{': ' if why else ''}{why}.")
