"""Module: a part of a network that has parameters, and perhaps buffers and parts of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np

from autograd.graph import raw

from . import state
from .hooks import HookHandle, hooked, note
from .keywords import check_keywords, missing, named
from .misuse import RESERVED, check_assigned, check_containers, check_method
from .parameter import Parameter
from .paths import hold

M = TypeVar("M", bound="Module")


class Module:
    """Base of all layers and networks. Write `forward(x)`; parameters and modules set as attributes are found.

    >>> class Scale(Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = Parameter([2.0])
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> scale = Scale()
    >>> [name for name, _ in scale.named_parameters()]
    ['factor']
    """

    training: bool
    _hooks: Any = None
    _holders: Any = ()  # see paths.py
    # What a class is in a network: a "layer" with weights; an "activation", the g that may follow one; a
    # "normalisation", whose factors are no weights. A class that says nothing is none of these.
    _role: ClassVar[str] = ""

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        named(cls)

    def __new__(cls, *args: Any, **kwargs: Any) -> Module:
        if kwargs:
            check_keywords(cls, kwargs)
        return super().__new__(cls)

    def __init__(self) -> None:
        self.training = True

    def forward(self, x: Any) -> Any:
        """The output for the input x; subclasses write it."""
        raise NotImplementedError(
            f"{type(self).__name__} has no forward(). Define forward(self, x) in the class."
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._hooks is not None:
            return hooked(self, self._hooks, args, kwargs)
        return self.forward(*args, **kwargs)

    # --- attributes: which of them are parameters, modules and buffers. `_kinds` remembers it where one is None now

    def __setattr__(self, name: str, value: Any) -> None:
        kinds = self.__dict__.get("_kinds", {})
        if isinstance(value, (Parameter, Module)) or name in kinds:
            check_assigned(self, name, value, kinds.get(name))
            self._register(name, value, kinds.get(name))
            return
        check_containers(self, name, value)
        if name in RESERVED:
            check_method(self, name, value)
        object.__setattr__(self, name, value)
        if name == "forward":
            note(self)

    def _register(self, name: str, value: Any, kind: str | None) -> None:
        kind = (
            "module" if isinstance(value, Module) else "parameter" if isinstance(value, Parameter) else kind
        )
        self.__dict__.setdefault("_kinds", {})[name] = kind
        object.__setattr__(self, name, value)
        if isinstance(value, (Parameter, Module)):
            hold(self, value)
        self._parts_changed()

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        self.__dict__.get("_kinds", {}).pop(name, None)
        self._parts_changed()
        if name == "forward":
            note(self)

    if not TYPE_CHECKING:  # a type checker would take every attribute for one that exists

        def __getattr__(self, name: str) -> Any:
            """Called only for what is not there."""
            raise missing(self, name)

    def _parts_changed(self) -> None:
        """Called when an attribute that is a parameter, a module or a buffer was set or deleted."""

    def _begun(self) -> None:
        """Called when nn.init has set the weights to where they start."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__dict__["_kinds"] = dict(state.get("_kinds", {}))
        self.__dict__.pop("_holders", None)
        for _, part in self._own(""):
            if isinstance(part, (Parameter, Module)):
                hold(self, part)

    def register_parameter(self, name: str, parameter: Parameter | None) -> None:
        """Set a parameter as attribute `name`. None keeps the place: `module.bias` is then None, and may be set."""
        check_assigned(self, name, parameter, "parameter", new=True)
        self._register(name, parameter, "parameter")

    def register_buffer(self, name: str, array: Any, persistent: bool = True) -> None:
        """Set an array that belongs to the module's state but is not trained, such as a running mean.

        It is in `state_dict()`, unless persistent=False, and not among the parameters.
        """
        check_assigned(self, name, array, "buffer", new=True)
        self._register(name, array, "buffer" if persistent else "passing buffer")

    def add_module(self, name: str, module: Module | None) -> None:
        """Set a module as attribute `name`, which may be a number: how a loop gives its modules names."""
        check_assigned(self, name, module, "module", new=True)
        self._register(name, module, "module")

    register_module = add_module

    # --- what there is

    def _own(self, kind: str) -> Iterator[tuple[str, Any]]:
        for name, is_kind in self.__dict__.get("_kinds", {}).items():
            if is_kind.endswith(kind) and (value := self.__dict__.get(name)) is not None:
                yield name, value

    def _walk(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all below it with their paths, shared ones at each of their places."""
        check_containers(self)
        yield prefix, self
        for name, child in self._own("module"):
            yield from child._walk(f"{prefix}.{name}" if prefix else name)

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module, whose path is `prefix`, and all below it, each once."""
        return _once(self._walk(prefix))

    def modules(self) -> Iterator[Module]:
        """This module and all below it, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly below, each once, with their attribute names."""
        return _once(self._own("module"))

    def children(self) -> Iterator[Module]:
        """The modules directly below, each once."""
        return (child for _, child in self.named_children())

    def _everywhere(self, kind: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        for path, module in self._walk(prefix) if recurse else [(prefix, self)]:
            for name, value in module._own(kind):
                yield f"{path}.{name}" if path else name, value

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Every parameter with its path, such as "0.weight"; a shared one once, unless remove_duplicate=False."""
        found = self._everywhere("parameter", prefix, recurse)
        return _once(found) if remove_duplicate else found

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Every parameter once."""
        return (parameter for _, parameter in self.named_parameters("", recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Any]]:
        """Every buffer once, with its path."""
        return _once(self._everywhere("buffer", prefix, recurse))

    def buffers(self, recurse: bool = True) -> Iterator[Any]:
        """Every buffer once."""
        return (buffer for _, buffer in self.named_buffers("", recurse))

    def get_submodule(self, path: str) -> Module:
        """The module at a path, such as "body.0".

        >>> import nn
        >>> nn.Sequential(nn.Sequential(nn.Tanh())).get_submodule("0.0")
        Tanh()
        """
        return state.at(self, path, "module")  # type: ignore[no-any-return]

    def get_parameter(self, path: str) -> Parameter:
        """The parameter at a path, such as "0.weight"."""
        return state.at(self, path, "parameter")  # type: ignore[no-any-return]

    def get_buffer(self, path: str) -> Any:
        """The buffer at a path, such as "1.running_mean"."""
        return state.at(self, path, "buffer")

    # --- what can be done to all of it

    def apply(self: M, function: Callable[[Module], Any]) -> M:
        """Call function(module) for every module below, and last for this one; returns this one."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set every gradient to None; or, with set_to_none=False, those that there are to zeros."""
        for parameter in self.parameters():
            none = set_to_none or parameter.grad is None
            parameter.grad = None if none else np.zeros_like(raw(parameter))

    def requires_grad_(self: M, requires_grad: bool = True) -> M:
        """Train all parameters, or none of them; returns the module."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def train(self: M, mode: bool = True) -> M:
        """Switch to training behaviour, for layers where it differs; returns the module."""
        if not isinstance(mode, bool):
            raise TypeError(
                f"train({mode!r:.40}): it switches the mode, True or False. To train, use nn.fit(model, ...)."
            )
        for module in self.modules():
            module.training = mode
        return self

    def eval(self: M) -> M:
        """Switch to test-time behaviour; returns the module."""
        return self.train(False)

    def to(self: M, dtype: Any) -> M:
        """Bring parameters and buffers with a fraction to a dtype, np.float32 or np.float64; returns the module.

        Make the optimiser afterwards: it keeps its own numbers in the dtype that it found.
        """
        state.convert(self, dtype)
        return self

    def float(self: M) -> M:
        """All parameters and buffers in float32; returns the module."""
        return self.to("float32")

    def double(self: M) -> M:
        """All parameters and buffers in float64; returns the module."""
        return self.to("float64")

    def half(self: M) -> M:
        """All parameters and buffers in float16, which NumPy computes with slowly, and which ends at 65504."""
        return self.to("float16")

    def state_dict(self) -> dict[str, Any]:
        """A copy of every parameter and buffer as an array, by path; keys, their order and shapes are PyTorch's."""
        return state.collect(self)

    def load_state_dict(self, state_dict: dict[str, Any], strict: bool = True) -> state.Keys:
        """Set every parameter and buffer from arrays; if anything does not fit, nothing is changed.

        The error (StateError) lists all that is wrong. With strict=False missing and unexpected keys are left alone;
        they are returned. Shapes must fit in any case.
        """
        return state.load(self, state_dict, strict)

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call hook(module, args) before each forward(). What it returns, unless None, takes the place of args."""
        return HookHandle(self, hook, 0)

    def register_forward_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call hook(module, args, output) after each forward(). What it returns, unless None, becomes the output.

        >>> import nn
        >>> layer = nn.Tanh()
        >>> handle = layer.register_forward_hook(lambda module, args, output: print(module, output))
        >>> layer(0.0)
        Tanh() 0.0
        0.0
        >>> handle.remove()
        """
        return HookHandle(self, hook, 1)

    def register_full_backward_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """There are no hooks of modules on the way back; says how to see the gradient of an output."""
        raise NotImplementedError(
            "register_full_backward_hook: gradients belong to tensors. In a forward hook, register one on the output: "
            "def watch(module, args, output): output.register_hook(print), and module.register_forward_hook(watch)."
        )

    def extra_repr(self) -> str:
        """What stands between the parentheses of the repr, before the parts."""
        return ""

    def __repr__(self) -> str:
        parts = [f"({name}): {child!r}" for name, child in self._own("module")]
        return state.written(type(self).__name__, self.extra_repr(), parts)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__()} - {"_kinds", "_hooks", "_holders"})


def _once(pairs: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    seen: set[int] = set()
    for name, x in pairs:
        if id(x) not in seen:
            seen.add(id(x))
            yield name, x


RESERVED.update(name for name in (*vars(Module), "training") if not name.startswith("_"))
