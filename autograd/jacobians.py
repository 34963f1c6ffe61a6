"""Whole Jacobians and Hessians, from one evaluation of the function.

It is recorded once and swept for each row, or for each column. The Hessian is the Jacobian of the gradient.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .containers import parts, rebuilt
from .evaluation import Evaluated, Function, Sweep, derived, evaluate
from .functional import gradient_of
from .graph import enable_grad, raw
from .tensor import Tensor
from .value import Value

# By columns, a Jacobian of 1000 outputs in 5 inputs (a curve fit) takes 1.6 ms, by rows 215. A column needs a second,
# longer graph: with as many inputs as outputs rows are quicker, 0.98 against 1.44 ms for 5.
RATIO = 2


def jacobian(function: Function, argnum: Any = 0) -> Function:
    """All derivatives of all outputs, of shape output.shape + input.shape; of a scalar function the gradient.

    For nested containers as the argument, one such array for each array in it.

    >>> jacobian(lambda x: x * x)(np.array([1.0, 3.0]))
    array([[2., 0.],
           [0., 6.]])
    """

    @derived(function, "jacobian", argnum)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        run = evaluate(function, argnum, args, kwargs, "jacobian")
        return run.structured(_matrices(run.node(), run))

    return matrix


def hessian(function: Function, argnum: Any = 0) -> Function:
    """All second derivatives of a scalar-valued function, of shape x.shape + x.shape.

    With nested containers or several argnums: in the structure of the argument, and in each place again.

    >>> hessian(lambda x: x[0] * x[1] ** 2)(np.array([1.0, 3.0]))
    array([[0., 6.],
           [6., 2.]])
    """
    gradient = gradient_of(function, argnum, "hessian")

    @derived(function, "hessian", argnum)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        run = evaluate(gradient, argnum, args, kwargs, "hessian")
        blocks = [run.structured(_matrices(y, run)) for y in parts(run.y, run.target)]
        return rebuilt(run.target, iter(blocks))

    return matrix


def _matrices(y: Any, run: Evaluated) -> list[Any]:
    """The Jacobian of `y` in each input: one sweep for each row, or for each column where those are fewer."""
    shape, n = np.shape(raw(y)), _size(y)
    if shape == ():
        return Sweep(y, run.nodes)(None, run.outer)
    if not n or not all(map(_size, run.nodes)):
        return [np.zeros_like(raw(x), shape=shape + np.shape(raw(x))) for x in run.nodes]
    if n <= RATIO * sum(map(_size, run.nodes)):
        sweep = Sweep(y, run.nodes)
        rows = zip(*[sweep(unit, run.outer) for unit in _units(raw(y))])
        found = [np.stack(row) for row in rows]
    else:
        with enable_grad():
            seed = ones_at(y)
            vjps = Sweep(y, run.nodes)(seed, True)
        sweeps = [Sweep(vjp, [seed]) for vjp in vjps]
        found = [
            np.stack([sweep(unit, run.outer)[0] for unit in _units(raw(x))], -1)
            for sweep, x in zip(sweeps, run.nodes)
        ]
    return [np.reshape(matrix, shape + np.shape(raw(x))) for matrix, x in zip(found, run.nodes)]


def _size(x: Any) -> int:
    return math.prod(np.shape(raw(x)))  # Dask has no np.size


def _units(like: Any) -> Iterator[Any]:
    """The arrays of this shape with a single 1 and zeros."""
    for index in np.ndindex(np.shape(like)):
        unit = np.zeros_like(like)
        unit[index] = 1
        yield unit


def ones_at(y: Any) -> Any:
    """A leaf of ones, in the place of an upstream gradient of `y`."""
    return Value(1.0) if isinstance(y, Value) else Tensor(np.ones_like(raw(y)))


__all__: Sequence[str] = ("hessian", "jacobian")
