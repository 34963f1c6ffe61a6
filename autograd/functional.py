"""Derivatives of functions: plain arrays and numbers in, plain arrays and numbers out.

Arguments may be nested lists, tuples and dicts of arrays; a gradient has the structure of its argument. Everything can
be nested: the gradient of a function that takes gradients itself is right, closures included.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .containers import is_container, parts, rebuilt
from .errors import GradientError
from .evaluation import Function, Sweep, derived, evaluate, name_of
from .graph import Node, raw


def gradients(output: Node, inputs: Any, upstream: Any = None, create_graph: bool = False) -> Any:
    """d(output) / d(input) on a recorded graph, for one input or nested lists, tuples and dicts of them.

    No `.grad` is read or written. An input that the output does not depend on gets zeros. With `create_graph=True`
    the results are nodes.

    >>> from autograd import Value
    >>> x, y = Value(3.0), Value(2.0)
    >>> gradients(x * x * y, [x, y])
    [12.0, 9.0]
    """
    if isinstance(inputs, (str, set, frozenset)) or not (
        isinstance(inputs, Node) or hasattr(inputs, "__iter__")
    ):
        raise TypeError(
            f"gradients() with respect to {type(inputs).__name__} {inputs!r:.60}: give a node of the graph, or a list, "
            "tuple or dict of nodes, which have an order."
        )
    tree = inputs if isinstance(inputs, Node) or is_container(inputs) else list(inputs)
    wanted: list[Node] = list(parts(tree, tree, _is_given))
    for x in wanted:
        if not isinstance(x, Node):
            raise TypeError(
                f"gradients() is with respect to nodes of a graph, not {type(x).__name__}: {x!r:.60}."
            )
        if not x.requires_grad:
            raise GradientError(
                f"gradients() with respect to a constant, {x!r:.60}: make it with requires_grad=True."
            )
    if not isinstance(output, Node):
        raise TypeError(
            f"gradients() of {type(output).__name__} {output!r:.60}: it was not recorded from a node."
        )
    if not output.requires_grad:
        raise GradientError(
            "gradients() of a constant: it was made from constants only, or inside no_grad(). "
            "Compute it from the inputs."
        )
    return rebuilt(tree, iter(Sweep(output, wanted)(upstream, create_graph)), _is_given)


def _is_given(x: Any) -> bool:
    return x is not None and not isinstance(x, str)


def value_and_grad(function: Function, argnum: Any = 0) -> Callable[..., tuple[Any, Any]]:
    """A function that returns (function's value, its gradient with respect to argument number `argnum`).

    Such a pair is what `scipy.optimize.minimize(..., jac=True)` asks for.

    >>> value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    """

    @derived(function, "value_and_grad", argnum)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        run = evaluate(function, argnum, args, kwargs, "value_and_grad")
        y = run.scalar()
        return run.number(y), run.swept(y)

    return both


def grad(function: Function, argnum: Any = 0) -> Function:
    """The gradient of a scalar-valued function with respect to argument number `argnum` (or a tuple of them).

    The argument may be a nested list, tuple or dict: the gradient has the same structure, and what has no derivative
    in it, such as None or text, stays as it is. It can be applied again: `grad(grad(f))` is the second derivative.

    >>> import numpy as np
    >>> grad(lambda t: np.sum(t**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    >>> grad(lambda p: p["w"] * p["x"] ** 2)({"w": 3.0, "x": 2.0})
    {'w': 4.0, 'x': 12.0}
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """
    return gradient_of(function, argnum, "grad")


def gradient_of(function: Function, argnum: Any, what: str) -> Function:
    """`grad`, with the name of the derivative that its messages speak of."""

    @derived(function, what, argnum)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        run = evaluate(function, argnum, args, kwargs, what)
        return run.swept(run.scalar())

    return gradient


def elementwise_grad(function: Function, argnum: Any = 0) -> Function:
    """The derivative of each output element, for functions that work element by element: the column sums of J.

    >>> import numpy as np
    >>> elementwise_grad(np.square)(np.array([1.0, 2.0, 3.0]))
    array([2., 4., 6.])
    """

    @derived(function, "elementwise_grad", argnum)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        run = evaluate(function, argnum, args, kwargs, "elementwise_grad")
        y = run.node()
        return run.swept(y, np.ones_like(raw(y)))

    return gradient


egrad = elementwise_grad


def grad_named(function: Function, argname: str) -> Function:
    """The gradient with respect to the parameter called `argname`, given by position or by name.

    >>> grad_named(lambda a, b: a * b**2, "b")(3.0, b=2.0)
    12.0
    """

    @derived(function, "grad_named")
    def gradient(*args: Any, **kwargs: Any) -> Any:
        if argname in kwargs:
            rest = {key: x for key, x in kwargs.items() if key != argname}
            return grad(lambda x: function(*args, **rest, **{argname: x}))(kwargs[argname])
        names = list(inspect.signature(function).parameters)
        if argname not in names:
            raise GradientError(
                f"grad_named() of {name_of(function)!r}, which has no parameter {argname!r}, only {', '.join(names)}."
            )
        return grad(function, names.index(argname))(*args, **kwargs)

    return gradient


def grad_and_aux(function: Function, argnum: Any = 0) -> Callable[..., tuple[Any, Any]]:
    """For a function that returns (a scalar, something else): the gradient of the first, and the second as it is.

    >>> grad_and_aux(lambda x: (x**2, "squared"))(3.0)
    (6.0, 'squared')
    """

    @derived(function, "grad_and_aux", argnum)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        run = evaluate(function, argnum, args, kwargs, "grad_and_aux")
        if not isinstance(run.y, (tuple, list)) or len(run.y) != 2:
            raise GradientError(
                f"grad_and_aux() of {name_of(function)!r}, which must return a pair: the scalar to differentiate, and "
                f"something else. It returned {run.y!r:.60}."
            )
        run.y, aux = run.y
        gradient = run.swept(run.scalar())
        return gradient, rebuilt(aux, map(run.plain, parts(aux, aux, _is_node)), _is_node)

    return both


def _is_node(x: Any) -> bool:
    return isinstance(x, Node)


def multigrad_dict(function: Function) -> Callable[..., dict[str, Any]]:
    """The gradients with respect to all parameters at once, as a dict by their names; defaults count as given.

    `*args` is one entry, a tuple, and `**kwargs` one, a dict. What has no derivative, such as a name, stays as it is.

    >>> multigrad_dict(lambda a, b=2.0: a * b**2)(3.0)
    {'a': 4.0, 'b': 12.0}
    """
    signature = inspect.signature(function)

    @derived(function, "multigrad_dict")
    def gradient(*args: Any, **kwargs: Any) -> dict[str, Any]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()

        def of_dict(arguments: dict[str, Any]) -> Any:
            again = inspect.BoundArguments(signature, arguments)
            return function(*again.args, **again.kwargs)

        return grad(of_dict)(dict(bound.arguments))  # type: ignore[no-any-return]

    return gradient


__all__: Sequence[str] = (
    "egrad",
    "elementwise_grad",
    "grad",
    "grad_and_aux",
    "grad_named",
    "gradients",
    "multigrad_dict",
    "value_and_grad",
)
