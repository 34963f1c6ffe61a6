"""Everything about a Value that is not the heart of it: the general op, names, copies. Methods: operators.py.

The heart (arithmetic with its calculus, and the walk back) is in value.py.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np

from . import protocols
from .errors import DomainError
from .firing import Firing, Inputs
from .graph import Node, raw, recording
from .hooks import Handle
from .intake import changed, checked_name, explain_scalar, number, setting, unknown_setting
from .primitive import Primitive
from .scalar_operators import ScalarOperators
from .scalar_operators import method as method

# How often the number of a leaf was set, or whether it gets a gradient: what was gathered from leaves before is old.
edits = [0]
_NUMBERS = frozenset((float, int))


class Scalar(ScalarOperators):
    """Base of Value. Its fields are described there."""

    __slots__ = ()

    # Whether any Value ever got a hook. Looking for hooks at every node would cost 10 % of the backward pass.
    _hooks: ClassVar[bool] = False

    _data: float
    a: Any
    b: Any
    da: Any
    db: Any
    _extra: Any
    _record: Any
    _constant: Any
    _kind: Any

    __array_ufunc__ = protocols.array_ufunc
    __array_function__ = protocols.array_function

    def _binary(self, op: Primitive, other: Any, swapped: bool = False) -> Any:
        """`self op other`, or `other op self` if swapped; NotImplemented lets Python ask `other`."""
        if other.__class__ in _NUMBERS and recording() is True and self.requires_grad:
            node = self._with_number(op, float(other), swapped)  # type: ignore[arg-type]
            if node is not None:
                return node
        a, b = (other, self) if swapped else (self, other)
        if isinstance(other, (Scalar, numbers.Real)):
            return self._apply(op, (a, b), {})
        apply = getattr(other, "_apply_primitive", None)
        return NotImplemented if apply is None else apply(op, (a, b), {})

    def _with_number(self, op: Any, c: float, swapped: bool) -> Any:
        """The quick way to `self op c`, in a third of the time; None where the general way has to say what is wrong."""
        x = self._data
        try:
            y = op.scalar(c, x) if swapped else op.scalar(x, c)
            local = float(op.rules[1](y, c, x) if swapped else op.rules[0](y, x, c))
        except (ValueError, ZeroDivisionError, OverflowError, TypeError):
            return None
        if y.__class__ is not float:
            return None
        return (
            self._record(y, op, None, self, c, local)
            if swapped
            else self._record(y, op, self, None, local, c)
        )

    def _apply_primitive(self, op: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        for x in args:
            if not isinstance(x, (Scalar, numbers.Real)) and hasattr(x, "_apply_primitive"):
                return x._apply_primitive(op, args, kwargs)
        return self._apply(op, args, kwargs)

    def _apply(self, op: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The general way to a node: any op, any number of inputs, constants among them."""
        if op.scalar is None or op.rules is None:
            raise TypeError(
                f"{op.name} works on arrays, not on a Value. Make it a Tensor: Tensor({raw(args[0])!r}). "
                "(np.array(list) makes an array of Values.)"
            )
        n = op.arity
        if len(args) != n and n is not None:  # settings that were given by position, as in v.leaky_relu(0.2)
            names = op.parameters[n:]
            if len(args) < n:
                raise TypeError(f"{op.name} needs {n} inputs, and got {len(args)}.")
            if len(args) > n + len(names):
                raise TypeError(f"{op.name} takes {n + len(names)} arguments at most, and got {len(args)}.")
            kwargs = {**dict(zip(names, args[n:])), **kwargs}
            args = args[:n]
        if kwargs:
            kwargs = {key: setting(x, op.name) for key, x in kwargs.items()}
        given = [x._data if isinstance(x, Scalar) else number(x) for x in args]
        try:
            y = op.scalar(*given, **kwargs)
        except TypeError as error:
            raise unknown_setting(op, kwargs) or error from None
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            raise explain_scalar(op, given, error) from None
        if y.__class__ is complex:
            raise DomainError(
                f"power: {given[0]:g} ** {given[1]:g} is not a real number. "
                "A negative base needs a whole-number exponent, such as x ** 2 or x ** -1."
            )
        tracked = [x if isinstance(x, Scalar) and x.requires_grad else None for x in args]
        state = recording()
        if not state or not any(x is not None for x in tracked):
            return self._constant(y)
        local = [
            (args[i] if isinstance(args[i], Scalar) else given[i])
            if x is None
            else _local(op.rules[i], y, given, kwargs)
            for i, x in enumerate(tracked)
        ]
        if op.arity == 1:
            node = self._record(y, op, tracked[0], None, local[0], kwargs or None)
        elif op.arity == 2 and not kwargs:
            node = self._record(y, op, tracked[0], tracked[1], local[0], local[1])
        else:
            node = self._record(y, op, None, None, Inputs(tuple(tracked), tuple(local)), kwargs or None)
        if state is not True:
            state.made(node, given)
        return node

    # --- the number

    @property
    def _raw(self) -> float:
        return self._data

    def __float__(self) -> float:
        from .handover import warn_of_float  # loaded when first needed: 1 ms of the import

        warn_of_float(self)
        return self._data

    def __int__(self) -> int:
        return int(self._data)

    def item(self) -> float:
        """The plain number, out of the graph."""
        return self._data

    @property
    def name(self) -> str | None:
        """The name shown in pictures and messages."""
        extra = getattr(self, "_extra", None)
        return extra["name"] if extra.__class__ is dict else extra

    @name.setter
    def name(self, value: str | None) -> None:
        extra = getattr(self, "_extra", None)
        value = checked_name(value)
        if extra.__class__ is dict:
            extra["name"] = value
        else:
            self._extra = value

    def register_hook(self, hook: Callable[[Any], Any]) -> Handle:
        """Call `hook(g)` in each backward pass when this node's gradient is complete; see Tensor.register_hook."""
        handle = Handle(self, hook)
        if getattr(self, "_extra", None).__class__ is not dict:
            self._extra = {"name": self.name, "hooks": []}
        self._extra["hooks"].append(handle)
        Scalar._hooks = True
        return handle

    def _hooked(self, g: Any) -> Any:
        extra = getattr(self, "_extra", None)
        if extra.__class__ is dict:
            for handle in tuple(extra["hooks"]):
                new = handle.call(g)
                if new is None:
                    continue
                if isinstance(g, Scalar):  # of create_graph
                    g = new if isinstance(new, Scalar) else self._constant(number(raw(new)))
                else:
                    g = number(raw(new))
        return g

    def __repr__(self) -> str:
        name = f", name={self.name!r}" if self.name else ""
        tracked = "" if self.requires_grad else ", requires_grad=False"
        grad = "" if self.grad is None else f", grad={float(raw(self.grad)):.6g}"
        return f"Value({self._data:.6g}{name}{grad}{tracked})"

    # --- the graph around a node

    @property
    def parents(self) -> tuple[Node | None, ...]:
        """The tracked inputs in argument order, repeats included; None stands for a constant."""
        if self.op is None:
            return ()
        if self.da.__class__ is Inputs:
            return self.da.nodes
        if self.da.__class__ is Firing:
            return self.da.inputs_of(self.db).nodes
        return (self.a,) if self.op.arity == 1 else (self.a, self.b)

    @property
    def inputs(self) -> tuple[Any, ...]:
        """All inputs in argument order: nodes, and the constants where `parents` has None."""
        local = self.local_gradients
        return tuple(local[i] if parent is None else parent for i, parent in enumerate(self.parents))

    @property
    def local_gradients(self) -> tuple[Any, ...]:
        """d(this) / d(input) of each input, as computed in the forward pass; for a constant input, the constant."""
        if self.op is None:
            return ()
        if self.da.__class__ is Inputs:
            return self.da.local
        if self.da.__class__ is Firing:
            return self.da.inputs_of(self.db).local
        return (self.da,) if self.op.arity == 1 else (self.da, self.db)

    @property
    def kwargs(self) -> dict[str, Any]:
        """The settings of the operation, such as the slope of `leaky_relu`."""
        if self.da.__class__ is Firing:
            return self.da.units.settings
        return self.db if self.db.__class__ is dict else {}

    @property
    def recorded(self) -> tuple[float, ...] | None:
        """The numbers of the inputs when this node was made, where it knows them; else None."""
        return self.da.numbers_of(self.db) if self.da.__class__ is Firing else None

    def _check_unchanged(self) -> None:
        if self.recorded is not None:
            if any(
                x != then and (x == x or then == then)
                for x, then in zip(map(raw, self.inputs), self.recorded)
            ):
                raise changed(self.op.name)
            return
        given = [float(raw(x)) for x in self.inputs]
        try:
            again = self.op.scalar(*given, **self.kwargs)
        except (ValueError, ArithmeticError):
            raise changed(self.op.name) from None
        # The result alone does not tell: x * x is the same at -x.
        known = [(again, self._data)]
        known += [
            (_local(rule, again, given, self.kwargs), local)
            for parent, rule, local in zip(self.parents, self.op.rules, self.local_gradients)
            if parent is not None
        ]
        if any(now != then and (now == now or then == then) for now, then in known):
            raise changed(self.op.name)

    def _seed(self, upstream: Any) -> float:
        return 1.0 if upstream is None else number(raw(upstream))

    def _pull(self, g: Any) -> Iterable[Any]:
        return [None if x is None else g * local for x, local in zip(self.parents, self.local_gradients)]

    # --- copying: leaves copy as they are; a recorded node cuts its graph and becomes a leaf

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles: of a leaf as it is; of a recorded node a leaf with its number, cut off the graph."""
        return _restore, (self._kind(), self._data, self.name, self.requires_grad, self.grad)


def _restore(kind: Any, data: float, name: str | None, requires_grad: bool, grad: Any) -> Any:
    value = kind(data, name, requires_grad)
    value.grad = grad
    return value


def _local(rule: Any, y: float, given: list[float], kwargs: dict[str, Any]) -> float:
    try:
        return float(rule(y, *given, **kwargs))
    except (ValueError, ArithmeticError):
        # NumPy's numbers go on where Python's raise: to inf (sqrt at 0), -inf (arccos at 1), nan ((-2) ** b in b)
        with np.errstate(all="ignore"):
            return float(rule(*map(np.float64, (y, *given)), **kwargs))
