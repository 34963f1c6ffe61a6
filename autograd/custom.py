"""An op of your own: a function and its derivative, with one decorator.

It joins the registry, so it records on both engines, has derivatives of every order, is drawn with its own label, and
`check_primitive` tests it.
"""

from __future__ import annotations

import functools
import inspect
import numbers
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .errors import GradientError, ShapeError
from .graph import Node
from .intake import number, read_only
from .primitive import Function, Primitive, elementwise, numpy_functions, registry
from .recording import differentiated


def custom(
    *rules: Function,
    vjps: Sequence[Function] = (),
    name: str | None = None,
    domain: tuple[Any, ...] = (-2.0, 2.0),
    samples: Sequence[Any] = (),
    valid: Function | None = None,
    numpy: Any = None,
) -> Callable[[Function], Primitive]:
    """Make an op of a function of plain numbers or arrays, by its derivative with respect to each input.

    For a function that works element by element, give each input's local gradient `rule(y, *inputs)`, y being the
    output. For any other give `vjps`, for each input the contribution `vjp(g, y, *inputs)`, g being the upstream
    gradient, and `samples`, pairs (shapes of the inputs, settings) for `check_primitive`. Parameters with a default are
    settings, which rules get too. Write rules with NumPy's functions or ops, and they can be differentiated again.

    >>> @custom(lambda y, x: 4 * x**3)
    ... def fourth(x):
    ...     return x**4
    >>> from autograd import Value, grad
    >>> x = Value(2.0)
    >>> fourth(x).backward()
    >>> x.grad, grad(grad(fourth))(2.0)
    (32.0, 48.0)

    >>> @custom(vjps=[lambda g, y, x: g[::-1]], samples=[([(3,)], {})])
    ... def backwards(x):
    ...     return x[::-1]
    """

    def define(function: Function) -> Primitive:
        if not callable(function) or isinstance(function, (type, Primitive)):
            raise TypeError(
                f"@custom(...) decorates a function, not {type(function).__name__} {function!r:.60}."
            )
        title = name or function.__name__
        inputs = _checked(title, function, rules, vjps)
        earlier = registry.get(title)
        if earlier is not None:
            if _origin(earlier) != _origin(function):
                raise ValueError(
                    f"an op named {title!r} exists already. Call yours something else, or give name='...'."
                )
            del registry[title]  # the same definition once more, as when a notebook's cell is run again
        if rules:
            op = elementwise(
                title,
                *[_derivative(title, rule) for rule in rules],
                forward=_forward(title, function),
                scalar=lambda *given, **settings: number(function(*given, **settings)),
                domain=domain,
                settings=tuple(samples) or ({},),
                valid=valid,
            )
        else:
            each = domain if isinstance(domain[0], tuple) else (domain,) * len(inputs)
            ways = tuple(_derivative(title, vjp, 2 + i) for i, vjp in enumerate(vjps))
            op = Primitive(
                title, _forward(title, function), ways, domain=each, samples=tuple(samples), valid=valid
            )
        if numpy is not None:
            numpy_functions[numpy] = op
        op.__doc__ = function.__doc__ or op.__doc__
        op.__module__, op.__qualname__ = _origin(function)
        return op

    if len(rules) == 1 and not vjps and inspect.isfunction(rules[0]) and not _positional(rules[0])[1:]:
        raise TypeError(
            "@custom needs the derivative: write @custom(lambda y, x: ...) above the function, the output y first. "
            f"If {rules[0].__name__} is the derivative, let it take y and the inputs."
        )
    return define


def _forward(title: str, function: Function) -> Function:
    """The function, given arrays that it cannot write to: they belong to the graph. So does its result, a copy."""

    @functools.wraps(function)
    def call(*arrays: Any, **settings: Any) -> Any:
        y = function(*map(_guarded, arrays), **settings)
        if isinstance(y, Node):
            raise GradientError(
                f"{title}() returned a {type(y).__name__}. An op is given plain arrays and computes with them; a "
                "tensor from outside that should get a gradient must be one of its inputs."
            )
        given = [x.dtype for x in arrays if hasattr(x, "dtype")]
        if hasattr(y, "dtype") or not given:
            return y.copy() if isinstance(y, np.ndarray) else y
        if not isinstance(y, numbers.Real):
            raise TypeError(f"{title}() returned {type(y).__name__} {y!r:.40}: an op returns one array.")
        return np.asarray(y, dtype=given[0] if given[0].kind == "f" else None)

    return call


def _derivative(title: str, rule: Function, place: int | None = None) -> Function:
    """A rule, guarded in the same way, and its result checked: a mistake in it would be a wrong gradient.

    `place` is the position of the input among the arguments of a vjp; None for a local gradient.
    """

    @functools.wraps(rule)
    def call(*arrays: Any, **settings: Any) -> Any:
        nodes = {x for x in arrays if isinstance(x, Node)}
        token = differentiated.set(differentiated.get() | nodes)  # what leaves the graph in there says so
        try:
            found = rule(*map(_guarded, arrays), **settings)
        finally:
            differentiated.reset(token)
        if found is None:
            raise TypeError(f"the derivative of {title} returned None. Does it lack a return statement?")
        if isinstance(found, Node) and not nodes and found.requires_grad:
            raise GradientError(
                f"the derivative of {title} uses a tracked tensor that is none of its inputs, so that would get "
                "no gradient from it. Make it an input, or use its numbers, by .detach()."
            )
        if nodes and place is not None and not isinstance(found, Node) and np.any(found):
            raise GradientError(
                f"the derivative of {title} left the graph, so it cannot be differentiated again. Write it with "
                "operators, NumPy's functions or ops, and without np.asarray, .numpy() or .data."
            )
        if not isinstance(found, np.ndarray):
            return found
        y = np.shape(arrays[0 if place is None else 1])
        if place is None and np.broadcast_shapes(y, found.shape) != y:
            raise ShapeError(
                f"the local gradient of {title} has shape {found.shape}, and its output {y}: there is one number for "
                "each element of the output. For anything else than an elementwise function give vjps=[...]."
            )
        if place is not None and found.ndim > max(len(y), np.ndim(arrays[place])):
            raise ShapeError(
                f"the derivative of {title} returned a contribution of shape {found.shape} to an input of shape "
                f"{np.shape(arrays[place])}. It must have the input's shape."
            )
        return found.copy() if place is not None else found

    return call


def _guarded(x: Any) -> Any:
    return read_only(x) if isinstance(x, np.ndarray) else x


def _checked(
    title: str, function: Function, rules: Sequence[Function], vjps: Sequence[Function]
) -> list[str]:
    """The names of the inputs; a TypeError unless there is one rule for each, of the right number of arguments."""
    if bool(rules) == bool(vjps):
        raise TypeError(
            f"{title}: give either local gradients, @custom(lambda y, x: ...), or contributions, "
            "@custom(vjps=[lambda g, y, x: ...])."
        )
    inputs = _positional(function)
    given, first = (rules, ["y"]) if rules else (vjps, ["g", "y"])
    if len(given) != len(inputs):
        raise TypeError(
            f"{title}: {len(inputs)} input(s), {', '.join(inputs)}, and {len(given)} derivative(s). Give one for each "
            "input; a parameter with a default is a setting."
        )
    for i, rule in enumerate(given):
        try:
            inspect.signature(rule).bind(*first, *inputs)
        except TypeError:
            raise TypeError(
                f"the derivative of {title} for {inputs[i]} must take the arguments ({', '.join([*first, *inputs])}): "
                f"write lambda {', '.join([*first, *inputs])}: ..."
            ) from None
        except ValueError:  # a builtin that does not tell
            continue
    return inputs


def _positional(function: Function) -> list[str]:
    """The parameters that are inputs: those without a default."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [
        key
        for key, p in inspect.signature(function).parameters.items()
        if p.kind in kinds and p.default is inspect.Parameter.empty
    ]


def _origin(x: Any) -> tuple[str, str]:
    return getattr(x, "__module__", ""), getattr(x, "__qualname__", "")
