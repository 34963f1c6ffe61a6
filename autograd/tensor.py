"""Tensor: an array that remembers how it was made. The same graph and the same sweep as for scalars.

A node keeps the arrays that its rules need, not references to the tensors' current data, so nothing that happens to a
tensor later changes a gradient. Three habits make that safe: `Tensor(data)` copies, a constant that somebody else
could write to is copied when it is recorded, and so is the data of a tensor whose array was handed out by `.data`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from . import protocols
from .errors import GradientError, MutationError, ShapeError
from .graph import Node, accumulating, pull_nodes, raw, reverse_sweep, topological_order
from .holder import Holder
from .intake import (
    NUMPY_1,
    changed,
    constant,
    explain,
    frozen_copy,
    mixed,
    of_kind,
    own_array,
    refuse_unreal,
    same_numbers,
    setting,
    stretches,
)
from .ops.shape import astype, foreign
from .primitive import Primitive
from .recording import recording, watcher
from .sweep import PLAIN, sweep, unbroadcast

new = object.__new__
_PLAIN_SETTINGS = frozenset((int, float, str, bool, type(None)))


def record(
    data: Any, op: Primitive, parents: tuple[Any, ...], args: tuple[Any, ...], kwargs: Any = None
) -> Tensor:
    """A node made by `op` from the arrays `args`, of which `parents` tells the tensors that get a gradient."""
    node = new(Tensor)
    node._data = data
    node._grad = None
    node.op = op
    node.parents = parents
    node._args = args
    node._kwargs = kwargs
    node._tracked = node._fast = True
    node._extra = None
    return node


class Tensor(Holder):
    """An array in a computation graph.

    `Tensor(data)` copies its data; integers become float64 and float32 stays float32. After `backward()` a leaf's
    `grad` is an ndarray of the same shape and dtype. With `requires_grad=False` it is a constant.

    >>> W, x = Tensor([[1.0, 2.0], [3.0, 4.0]], name="W"), Tensor([1.0, -1.0], name="x")
    >>> loss = (W @ x).sum()
    >>> loss.backward()
    >>> W.grad
    array([[ 1., -1.],
           [ 1., -1.]])
    """

    # _args: the arrays that went in; _kwargs: the settings.
    __slots__ = (
        "__weakref__",
        "_args",
        "_kwargs",
        "op",
        "parents",
    )

    parents: tuple[Tensor | None, ...]
    _args: tuple[Any, ...]
    _kwargs: Any

    def __init__(
        self, data: Any, name: str | None = None, requires_grad: bool = True, dtype: Any = None
    ) -> None:
        self._data = own_array(data, dtype, requires_grad)
        self._grad = self.op = self._kwargs = self._extra = None
        self.parents = self._args = ()
        self._tracked = self._fast = bool(requires_grad)
        if name is not None:
            self.name = name

    @property
    def inputs(self) -> tuple[Any, ...]:
        """All inputs in argument order: tensors, and the constants where `parents` has None."""
        constants = self._get("constants") or self._args
        return tuple(c if p is None else p for p, c in zip(self.parents, constants))

    @property
    def kwargs(self) -> dict[str, Any]:
        """The settings of the operation, such as `axis`."""
        return self._kwargs or {}

    def detach(self) -> Tensor:
        """A constant with the same numbers, cut off from the graph."""
        return Tensor(self._data, name=self.name, requires_grad=False, dtype=self._data.dtype)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise MutationError(
            "t[index] = value would overwrite numbers that a recorded graph may need. "
            "For a new tensor write t = autograd.index_update(t, index, value), t = autograd.index_add(t, index, "
            "value) for +=, or t = autograd.where(mask, value, t); to edit a leaf, t.data[index] = value."
        )

    @property
    def _raw(self) -> Any:
        return self._data

    # --- recording

    _record = staticmethod(record)
    _quickly: ClassVar[Any]  # see shortcuts.py
    __array_ufunc__ = protocols.array_ufunc
    __array_function__ = protocols.array_function

    def _apply_primitive(self, op: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if op.arity is not None and len(args) > op.arity:  # t.sum(0): settings that were given by position
            names = op.parameters[op.arity :]
            kwargs = {**dict(zip(names, args[op.arity :])), **kwargs}
            if len(args) - op.arity > len(names):
                raise TypeError(
                    f"{op.name} takes {op.arity + len(names)} arguments at most, and got {len(args)}."
                )
            args = args[: op.arity]
        elif op.elementwise and op.arity is not None and len(args) < op.arity:
            raise TypeError(f"{op.name} needs {op.arity} inputs, and got {len(args)}.")
        if kwargs:
            kwargs = {
                k: x if x.__class__ in _PLAIN_SETTINGS else setting(x, op.name) for k, x in kwargs.items()
            }
        arrays, parents, constants = [], [], None
        for x in args:
            tracked = isinstance(x, Tensor) and x._tracked
            parents.append(x if tracked else None)
            if isinstance(x, Tensor):
                own = x._fast or (not tracked and not x._get("shown"))
                arrays.append(x._data if own else frozen_copy(x._data, x._order()))
                if not tracked:
                    constants = constants or list(args)
            elif isinstance(x, Node):
                raise TypeError(
                    f"{op.name} of a Tensor and a Value: the two engines do not mix. "
                    f"Use Tensor({x.data!r}) in place of the Value."
                )
            else:
                arrays.append(constant(x, self.dtype, op))
        saved = None
        try:
            if op.saving is not None and type(arrays[0]) in PLAIN:
                y, saved = op.saving(*arrays, **kwargs)
            else:
                y = op.forward(*arrays, **kwargs)
        except (ValueError, IndexError, TypeError) as error:
            raise explain(op, arrays, kwargs, error) from None
        if NUMPY_1 and op.name != "astype":
            dtypes = [a.dtype for a in arrays if hasattr(a, "dtype")]
            y = y.astype(np.result_type(*dtypes)) if dtypes and y.dtype.kind == "f" else y
        state = recording()
        if not state or not any(p is not None for p in parents) or y.dtype.kind != "f":
            return Tensor(y, requires_grad=False, dtype=y.dtype)
        node = record(y, op, tuple(parents), tuple(arrays), kwargs or None)
        if saved is not None:
            node._set("saved", saved)
        if constants is not None:
            node._set(
                "constants", tuple(c if isinstance(c, Tensor) else a for c, a in zip(constants, arrays))
            )
        if state is not True:
            state.made(node, arrays)
        return node

    # --- gradients

    def backward(
        self, upstream: Any = None, *, create_graph: bool = False, retain_grads: bool = False
    ) -> None:
        """Fill `.grad` of every leaf that this tensor was made from, adding to what the leaf holds.

        `upstream` (same shape as this tensor) is needed unless the tensor has one element. Other nodes keep their
        gradient with `retain_grads=True` or after `retain_grad()`. With `create_graph=True` gradients are Tensors
        with a history, for second derivatives.

        >>> x = Tensor([1.0, 2.0])
        >>> (x * x).sum().backward()
        >>> x.grad
        array([2., 4.])
        """
        if not self.requires_grad:
            raise GradientError(
                "backward() from a constant: it was made from constants only, inside no_grad(), or with "
                "requires_grad=False. Make at least one input a Tensor with requires_grad=True. (w -= ... inside "
                "no_grad() makes w a constant: write w.data -= ...)"
            )
        seed = self._seed(upstream)
        order: Any = topological_order(self)
        if create_graph or seed.__class__ not in PLAIN or watcher() is not None:
            if create_graph:
                seed = upstream if isinstance(upstream, Tensor) else Tensor(seed, requires_grad=False)
            finished: Any = list(reverse_sweep(order, seed, pull_nodes if create_graph else None))
        else:
            finished = sweep(order, seed, retain_grads)
        with accumulating:
            for node, g in finished:  # only now: an exception on the way leaves every .grad as it was
                if node.op is None or retain_grads or node._get("retain"):
                    node._accept(g)

    def retain_grad(self) -> None:
        """Keep this node's gradient at the next `backward()`, although it is not a leaf."""
        if not self._tracked:
            raise GradientError(
                "retain_grad() of a constant: it gets no gradient. It was made from constants only, inside "
                "no_grad(), or with requires_grad=False."
            )
        self._set("retain", True)

    def _seed(self, upstream: Any) -> Any:
        x = self._data
        if upstream is None:
            if x.size != 1:
                raise GradientError(
                    f"backward() needs a scalar, and this tensor has shape {x.shape}. "
                    "Reduce it first, as in y.sum().backward(), or give the upstream gradient: "
                    f"y.backward(np.ones({x.shape}))."
                )
            host = isinstance(x, (np.ndarray, np.generic))
            return x.dtype.type(1) if host and x.ndim == 0 else np.ones_like(x)
        seed = raw(upstream)
        refuse_unreal(seed, "an upstream gradient")
        if np.shape(seed) != x.shape:
            raise ShapeError(
                f"upstream gradient of shape {np.shape(seed)} for a tensor of shape {x.shape}: they must be equal."
                + stretches(np.shape(seed), x.shape)
            )
        if isinstance(x, (np.ndarray, np.generic)):
            try:
                return np.asarray(seed, dtype=x.dtype)
            except TypeError as error:  # of CuPy, say
                raise mixed("backward()", [x, seed]) or error from None
        return seed if type(seed) is type(x) and seed.dtype == x.dtype else of_kind(seed, x, "backward()")

    def _pull(self, g: Any) -> Iterable[Any]:
        op, y, args, kwargs = self.op, self._data, self._args, self._kwargs
        if g.__class__ not in PLAIN:
            rules = op.vjps
        elif op.pull is not None:
            return op.pull(self, g, False)  # type: ignore[no-any-return]
        else:
            rules = op.kernels
        if kwargs is None:
            return [None if p is None else p._fit(vjp(g, y, *args)) for p, vjp in zip(self.parents, rules)]
        return [
            None if p is None else p._fit(vjp(g, y, *args, **kwargs)) for p, vjp in zip(self.parents, rules)
        ]

    def _check_unchanged(self) -> None:
        # The array itself may be another one by now, with the same numbers.
        for x, recorded in zip(self.inputs, self._args):
            leaf = isinstance(x, Tensor) and x.op is None and x._data is not recorded
            if leaf and not same_numbers(x._data, recorded):
                raise changed(self.op.name, x.name)

    def _fit(self, contribution: Any) -> Any:
        x = self._data
        if not hasattr(contribution, "shape"):
            if contribution is None or isinstance(contribution, (Node, tuple)):
                raise TypeError(
                    f"a rule returned {contribution!r} in place of the gradient of an input. Return an array."
                )
            contribution = np.asarray(contribution)
        if contribution.dtype.kind != "f":
            refuse_unreal(contribution, f"a rule of {self.op or 'an op'} returned a gradient")
        if contribution.shape != x.shape:
            contribution = unbroadcast(contribution, x.shape)
        if contribution.dtype != x.dtype:
            contribution = astype(contribution, dtype=x.dtype)
        return contribution

    def _accept(self, g: Any) -> None:
        """Add a finished gradient to `.grad`, in an array that belongs to this tensor alone."""
        if self.op is not None:
            self._grad = np.array(g, dtype=self._data.dtype) if g.__class__ in PLAIN else g
        elif isinstance(g, Tensor) or foreign(self._data):
            self._grad = g if self._grad is None else g + self._grad
        else:
            dtype = self._data.dtype
            self._grad = np.array(g if self._grad is None else raw(self._grad) + g, dtype=dtype)

    def _gradient_home(self) -> Any:
        """The array that a first contribution may be written into, or None. nn's parameters have one."""
        return None

    def _release(self) -> None:
        """Take the home array back after a sweep that failed."""

    # --- copying: leaves copy as they are; a recorded node cuts its graph and becomes a leaf

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles: of a leaf as it is; of a recorded node a leaf with its numbers, cut off the graph."""
        grad = np.array(self._grad) if isinstance(self._grad, np.ndarray) else self._grad
        x = self._data
        data = x.copy() if foreign(x) else np.array(x, order=self._get("shown") or "K")
        return _restore, (type(self), data, self.name, self.requires_grad, grad)


def _restore(kind: type[Tensor], data: Any, name: str | None, requires_grad: bool, grad: Any) -> Tensor:
    tensor = kind(data, name=name, requires_grad=requires_grad, dtype=data.dtype)
    tensor._grad = grad
    return tensor


from . import shortcuts as _shortcuts  # noqa: E402, F401  (it needs the class)
