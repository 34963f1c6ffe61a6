"""What a tensor holds, and who may touch it: data, gradient, name.

The rule that keeps gradients right: an array that somebody outside can write to is never the array that a recorded
graph relies on. Reading `.data` of a leaf hands its array out, so from then on graphs take copies of it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .errors import DtypeError, GradientError, GradientWarning, MutationError, ShapeError
from .graph import Node, raw
from .hooks import Handle
from .intake import checked_name, keep, laid_as, of_kind, order_of, own_array, read_only, refuse_unreal
from .methods import TensorMethods


class Holder(TensorMethods):
    """Base of Tensor. `_fast`: tracked, and nobody outside holds the array. `_extra`: what few nodes have."""

    __slots__ = ("_data", "_extra", "_fast", "_grad", "_tracked")

    _data: Any
    _grad: Any
    _extra: Any
    _fast: bool
    _tracked: bool

    @property
    def data(self) -> Any:
        """The array. A leaf's may be written to (a recorded graph keeps the old numbers); other nodes' is read-only."""
        if self.op is None and not isinstance(self._data, np.generic):
            if self._fast or (not self.requires_grad and not self._get("shown")):
                order = order_of(self._data)
                self._data = self._data.copy()  # graphs recorded so far keep the old array for themselves
                self._fast = False
                self._set("shown", order)
            return self._data
        keep(self._data)
        return read_only(self._data)

    @data.setter
    def data(self, value: Any) -> None:
        if self.op is not None:
            raise MutationError(
                f"setting .data of a node made by {self.op.name}: its gradient was computed for the numbers it has. "
                "Make a new Tensor from them: Tensor(value)."
            )
        array = own_array(value, self._data.dtype, self.requires_grad)
        if array.shape != self._data.shape:
            raise ShapeError(
                f"setting .data of shape {self._data.shape} to an array of shape {array.shape}. "
                "A tensor keeps its shape; make a new one: Tensor(value)."
            )
        self._data = laid_as(array, self._order())
        self._fast = self.requires_grad
        self._set("shown", False)

    def _order(self) -> Any:
        """How the array lies in the graphs, whoever looks at it or sets it: products that go otherwise differ in the
        last bit. What is handed out lies row by row, so that a.reshape(-1)[i] = x writes into it.
        """
        return self._get("shown") or order_of(self._data)

    @property
    def grad(self) -> Any:
        """The gradient: None before `backward()`, then an array of this shape and dtype. Leaves accumulate."""
        if self._grad is None and self.op is not None and not self._get("retain"):
            warnings.warn(
                f"reading .grad of a node made by {self.op.name}, which does not keep its gradient. Call "
                "retain_grad() on it before backward(), or backward(retain_grads=True) to keep all of them. If it was "
                "a parameter: w = w - lr * w.grad and w -= ... make a new node; write w.data -= lr * w.grad.",
                GradientWarning,
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None and not isinstance(value, Node):
            refuse_unreal(value, "a gradient")
            if np.shape(value) != self._data.shape:
                raise ShapeError(
                    f"setting .grad of a tensor of shape {self.shape} to an array of {np.shape(value)}."
                )
            value = of_kind(value, self._data, "setting .grad")
        self._grad = value

    @property
    def name(self) -> str | None:
        """The name shown in pictures and messages."""
        return self._get("name")  # type: ignore[no-any-return]

    @name.setter
    def name(self, value: str | None) -> None:
        self._set("name", checked_name(value))

    def register_hook(self, hook: Callable[[Any], Any]) -> Handle:
        """Call `hook(g)` in each backward pass when this tensor's gradient g is complete.

        What the hook returns takes the place of g, here and for everything below; None leaves it. g is a read-only
        array (a Tensor with `create_graph=True`). The returned handle's `remove()` ends it.

        >>> from autograd import Tensor
        >>> x = Tensor([1.0, -2.0])
        >>> handle = x.register_hook(lambda g: np.clip(g, -1, 1))
        >>> (x * x).sum().backward()
        >>> x.grad
        array([ 1., -1.])
        """
        handle = Handle(self, hook)
        self._set("hooks", [*(self._get("hooks") or ()), handle])
        return handle

    def _hooked(self, g: Any) -> Any:
        for handle in self._get("hooks") or ():
            new = handle.call(read_only(g))
            if new is None:
                continue
            if np.shape(new) != self.shape:
                raise ShapeError(
                    f"a hook returned a gradient of shape {np.shape(new)} for a tensor of shape {self.shape}. "
                    "Return one of the same shape, or None to leave it."
                )
            refuse_unreal(raw(new), "a hook returned a gradient")
            if isinstance(g, Holder):
                g = new if isinstance(new, Node) else type(g)(new, requires_grad=False)  # type: ignore[call-arg]
            else:
                g = of_kind(raw(new), self._data, "a hook")
        return g

    def _get(self, key: str) -> Any:
        return None if self._extra is None else self._extra.get(key)

    def _set(self, key: str, value: Any) -> None:
        if self._extra is None:
            self._extra = {}
        self._extra[key] = value

    @property
    def requires_grad(self) -> bool:
        """Whether this tensor gets a gradient. Set it on leaves only."""
        return self._tracked

    @requires_grad.setter
    def requires_grad(self, tracked: bool) -> None:
        if self.op is not None and not tracked:
            raise GradientError(
                "requires_grad=False on a node that was recorded. Use .detach() for a constant copy."
            )
        if tracked and self._data.dtype.kind != "f":
            raise DtypeError(
                f"gradients of dtype {self._data.dtype} do not exist: only floating point numbers have them. "
                "Make a new tensor: Tensor(t.numpy().astype(float))."
            )
        self._tracked = bool(tracked)
        self._fast = self._tracked and not self._get("shown")
