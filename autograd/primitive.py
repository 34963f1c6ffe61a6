"""A primitive: one operation with its derivative, defined once, and the registry of all of them.

There are two ways to define one:

- `elementwise(name, rule, ...)` declares the *local gradient* of each input, as ordinary arithmetic on the output `y`
  and the inputs: `tanh = elementwise("tanh", lambda y, x: 1 - y * y)`. The chain rule (times the upstream gradient)
  and the sum over broadcast axes are added centrally.
- `primitive(name, forward, vjp, ...)` declares for each input the contribution itself, `vjp(g, y, *inputs)`, for
  operations whose Jacobian nobody wants to build, such as a matrix product.

A primitive records only when one of its inputs is a node; otherwise it just computes. So the same rule runs on Python
floats, on arrays, on nodes (which gives second derivatives) and on the symbols of a picture (which gives its label).
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import UnknownOpError
from .graph import holds_node

if TYPE_CHECKING:
    import inspect

Function = Callable[..., Any]

registry: dict[str, Primitive] = {}
numpy_functions: dict[Any, Any] = {}  # np.tanh -> tanh: how NumPy's own functions find the primitive

_NUMBERS = frozenset((float, int, bool))
_OPERATORS: dict[str, Function] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": operator.pow,
    "negative": operator.neg,
    "absolute": abs,
    "maximum": max,
    "minimum": min,
}


class Primitive:
    """One differentiable operation. Call it on numbers, arrays or nodes.

    `rules` are the local gradients of an elementwise primitive (None for a structural one); `vjps` the contributions,
    for both kinds; `kernels` the same contributions for plain arrays (by default the vjps themselves, faster where a
    measurement asked for it), and `pull` all of them at once; `saving` is a forward function that also returns what
    `pull` can use again; `scalar` the forward function on Python floats (None where there is no scalar form).
    `domain` and `samples` tell the tests what valid input is: intervals, and settings (elementwise) or pairs of shapes
    and settings (structural). Where random numbers are no valid input, as for an op of symmetric matrices,
    `valid(*arrays)` makes a tuple of valid ones from them, by ops, so that derivatives can be taken through it.
    """

    def __init__(
        self,
        name: str,
        forward: Function,
        vjps: Sequence[Function],
        *,
        rules: Sequence[Function] | None = None,
        kernels: Sequence[Function] | None = None,
        pull: Function | None = None,
        saving: Function | None = None,
        scalar: Function | None = None,
        domain: tuple[tuple[float, float], ...] = (),
        samples: tuple[Any, ...] = (),
        valid: Function | None = None,
        doc: str = "",
    ) -> None:
        if name in registry:
            raise ValueError(f"an op named {name!r} exists already; choose another name")
        self.name = name
        self.forward = forward
        self.vjps = vjps
        self.rules = rules
        self.kernels = vjps if kernels is None else kernels
        self.pull = pull
        self.saving = saving
        self.scalar = scalar
        self.domain = domain
        self.samples = samples
        self.valid = valid
        # by the class of a single input: a quicker way than the general one
        self.short: dict[type, Function] = {}
        self.elementwise = rules is not None
        self.arity = len(vjps) if isinstance(vjps, tuple) else None  # None: any number of inputs
        self.trusted = kernels is not None  # kernels written here keep shape and dtype
        self.unary = self.elementwise and self.arity == 1 and pull is None
        self.binary = self.arity == 2 and pull is None
        self.__name__ = self.__qualname__ = name
        self.__doc__ = doc or f"The op {name!r}: records when an input is a node, otherwise just computes."
        registry[name] = self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs:
            short = self.short.get(args[0].__class__)
            if short is not None:
                return short(args[0])
        numbers = True
        for x in args:
            if x.__class__ not in _NUMBERS:
                numbers = False
                apply = getattr(x, "_apply_primitive", None)
                if apply is not None:
                    return apply(self, args, kwargs)
                if x.__class__ in (list, tuple) and holds_node(x):
                    raise TypeError(
                        f"{self.name} of a list of nodes would drop their history. Use autograd.stack(list) first."
                    )
        forward = self.scalar if numbers and self.scalar is not None else self.forward
        return forward(*args, **kwargs)

    @property
    def __signature__(self) -> inspect.Signature:
        """How it is called, for help(). Worked out when asked: two hundred at once would cost 3 ms of the import."""
        import inspect

        if not isinstance(self.rules, tuple):
            return inspect.signature(self.forward)
        names = list(inspect.signature(self.rules[0]).parameters.values())
        return inspect.Signature(names[1:])  # a rule's first parameter is the output y

    @functools.cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of the inputs and settings, in order."""
        return tuple(self.__signature__.parameters)

    def describe(self, meaning: str) -> None:
        """Set the docstring from a few words on the meaning."""
        self.__doc__ = (
            f"{meaning}.\n\nOn numbers, arrays, Values and Tensors; records when an input is a node."
        )

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        return find, (self.name,)  # a pickle refers to the op, and does not copy it


def find(name: str) -> Primitive:
    """The primitive called `name`.

    >>> find("tanh")
    <op tanh>
    """
    if name not in registry:
        import difflib

        near = difflib.get_close_matches(name, registry, 1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise UnknownOpError(
            f"there is no op {name!r}. {hint}autograd.registry lists all of them, and autograd.elementwise or "
            "autograd.primitive defines a new one."
        )
    return registry[name]


def times(g: Any, local: Any) -> Any:
    """Chain rule, one edge: upstream gradient times local gradient. A local gradient of 1 or -1 costs no product."""
    if local.__class__ is int:
        if local == 1:
            return g
        if local == -1:
            return -g
    return g * local


def _vjp(rule: Function) -> Function:
    def vjp(g: Any, y: Any, *inputs: Any, **kwargs: Any) -> Any:
        return times(g, rule(y, *inputs, **kwargs))

    return vjp


def elementwise(
    name: str,
    *rules: Function,
    forward: Function | None = None,
    scalar: Function | None = None,
    kernels: tuple[Function, ...] | None = None,
    domain: tuple[tuple[float, float], ...] | tuple[float, float] = (-2.0, 2.0),
    settings: tuple[dict[str, Any], ...] = ({},),
    valid: Function | None = None,
    numpy: Any = None,
    doc: str = "",
) -> Primitive:
    """Define an elementwise primitive by the local gradient of each input, `rule(y, *inputs)`.

    The forward function is `np.<name>` and, for scalars, `math.<name>` or Python's operator, unless they are given.
    `domain` is the interval of valid input, or one per input; `settings` are keyword arguments for the tests to try.

    >>> cube = elementwise("cube", lambda y, x: 3 * x * x, forward=lambda x: x**3)
    >>> from autograd import Value
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> x.grad
    12.0
    """
    if not rules:
        raise TypeError(
            f"elementwise({name!r}) needs the local gradient of each input, as in lambda y, x: 1 - y * y."
        )
    array_form = forward if forward is not None else getattr(np, name)
    number_form = scalar or _OPERATORS.get(name) or getattr(math, name, None) or _through_numpy(array_form)
    each = domain if isinstance(domain[0], tuple) else (domain,) * len(rules)
    vjps = tuple(_vjp(rule) for rule in rules)
    op = Primitive(
        name,
        array_form,
        vjps,
        rules=rules,
        kernels=kernels,
        scalar=number_form,
        domain=each,
        samples=settings,
        valid=valid,
        doc=doc,
    )
    source = numpy if numpy is not None else getattr(np, name, None)
    if source is not None:
        numpy_functions[source] = op
    return op


def primitive(
    name: str,
    forward: Function,
    *vjps: Function,
    kernels: Sequence[Function] | None = None,
    pull: Function | None = None,
    scalar: Function | None = None,
    samples: tuple[Any, ...] = (),
    domain: tuple[float, float] = (-2.0, 2.0),
    valid: Function | None = None,
    numpy: Any = None,
    doc: str = "",
) -> Primitive:
    """Define a structural primitive by the contribution to each input, `vjp(g, y, *inputs, **settings)`.

    `samples` are pairs (shapes of the inputs, settings) for the tests.
    """
    op = Primitive(
        name,
        forward,
        vjps,
        kernels=kernels,
        pull=pull,
        scalar=scalar,
        samples=samples,
        domain=(domain,) * max(len(vjps), 1),
        valid=valid,
        doc=doc,
    )
    if numpy is not None:
        numpy_functions[numpy] = op
    return op


class EveryInput(Sequence[Function]):
    """The vjps of an op with any number of inputs: number i is `vjp(i, g, y, *inputs, **settings)`."""

    def __init__(self, vjp: Function) -> None:
        self.vjp = vjp

    def __getitem__(self, i: Any) -> Any:
        return lambda *args, **kwargs: self.vjp(i, *args, **kwargs)

    def __iter__(self) -> Iterator[Function]:
        i = 0
        while True:
            yield self[i]
            i += 1

    def __len__(self) -> int:
        raise TypeError("an op with any number of inputs has no fixed number of vjps")


def _through_numpy(array_form: Function) -> Function:
    return lambda *numbers, **kwargs: float(array_form(*numbers, **kwargs))
