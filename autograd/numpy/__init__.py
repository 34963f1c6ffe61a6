"""NumPy's namespace for programs that are differentiated: `import autograd.numpy as np`.

NumPy's own functions work on nodes already (see protocols.py), so this is NumPy. Only where NumPy does not ask a node
what to do, as in `array([t, u])`, a function here takes its place.

>>> import autograd.numpy as np
>>> from autograd import grad
>>> grad(lambda x: np.prod(np.array([x, 2.0, x])))(3.0)
12.0
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .. import astype as _astype
from .. import broadcast_to as _broadcast_to
from .. import stack as _stack
from ..graph import Node, holds_node
from ..primitive import Primitive, numpy_functions
from . import linalg as linalg
from . import random as random


def __getattr__(name: str) -> Any:  # a star import would load every part of NumPy, 100 ms worth
    return getattr(np, name)


def __dir__() -> list[str]:
    return dir(np)


def array(object: Any, dtype: Any = None, **settings: Any) -> Any:
    """np.array, which also makes one tensor of a list that holds nodes, at any depth.

    >>> from autograd import Tensor
    >>> t = array([[Tensor(1.0), 2.0], [3.0, 4.0]])
    >>> t.shape, t.op.name
    ((2, 2), 'concatenate')
    """
    if isinstance(object, Node):
        return object if dtype is None else _astype(object, dtype=dtype)
    if not holds_node(object):
        return np.array(object, dtype, **settings)
    whole = _stack([array(part) for part in object])
    return whole if dtype is None else _astype(whole, dtype=dtype)


def asarray(a: Any, dtype: Any = None, **settings: Any) -> Any:
    """np.asarray, which leaves a node in the graph."""
    return array(a, dtype) if isinstance(a, Node) or holds_node(a) else np.asarray(a, dtype, **settings)


asanyarray = ascontiguousarray = asfarray = asarray


def full(shape: Any, fill_value: Any, dtype: Any = None, **settings: Any) -> Any:
    """np.full, whose value may be a node."""
    if not isinstance(fill_value, Node):
        return np.full(shape, fill_value, dtype, **settings)
    return _broadcast_to(array(fill_value, dtype), shape=shape)


def full_like(a: Any, fill_value: Any, dtype: Any = None, **settings: Any) -> Any:
    """np.full_like, whose value may be a node."""
    if not isinstance(fill_value, Node):
        return np.full_like(a, fill_value, dtype, **settings)
    return _broadcast_to(array(fill_value, dtype), shape=np.shape(a))


def _of_lists(function: Any, op: Any) -> Any:
    """The NumPy function, for lists of nodes too: np.sum([t, u]). NumPy itself does not look into lists here."""
    whole = isinstance(
        op, Primitive
    )  # else a function of several arrays, such as np.stack: only its items are joined

    def joined(x: Any) -> Any:
        if not holds_node(x):
            return x
        return array(x) if whole else [array(part) if holds_node(part) else part for part in x]

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*map(joined, args), **kwargs)

    return call


for _function, _op in list(numpy_functions.items()):
    _name = getattr(_function, "__name__", "")
    if not isinstance(_function, np.ufunc) and getattr(np, _name, None) is _function:
        globals()[_name] = _of_lists(_function, _op)
