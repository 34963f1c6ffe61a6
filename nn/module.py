"""Module: a part of a network that has parameters, and perhaps parts of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np

from autograd.errors import ShapeError
from autograd.intake import own_array

from .parameter import Parameter

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

    def __init__(self) -> None:
        self.training = True

    def forward(self, x: Any) -> Any:
        """The output for the input x; subclasses write it."""
        raise NotImplementedError(
            f"{type(self).__name__} has no forward(). Define forward(self, x) in the class."
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, (Parameter, Module)) and "training" not in self.__dict__:
            raise AttributeError(
                f"{type(self).__name__}.{name} is set before super().__init__(). Call it first in __init__."
            )
        if isinstance(value, Module) and any(part is self for part in value.modules()):
            raise ValueError(
                f"{type(self).__name__}.{name} = {type(value).__name__}: a module that contains itself has no end. "
                f"Keep a mere reference in a tuple: self.{name} = (module,)."
            )
        object.__setattr__(self, name, value)
        if isinstance(value, Parameter):
            value.name = name
        elif isinstance(value, Module):
            self._name_parameters()

    def _name_parameters(self) -> None:
        """Give every parameter its path as a name, so that pictures and messages can use it."""
        for name, parameter in self.named_parameters():
            parameter.name = name

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly below, with their attribute names."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        """Every parameter once, with its path, such as "0.weight"."""
        seen: set[int] = set()
        for name, parameter in self._all_parameters(prefix):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                yield name, parameter

    def _all_parameters(self, prefix: str) -> Iterator[tuple[str, Parameter]]:
        for name, value in vars(self).items():
            if isinstance(value, Parameter):
                yield prefix + name, value
        for name, child in self.named_children():
            yield from child._all_parameters(f"{prefix}{name}.")

    def parameters(self) -> Iterator[Parameter]:
        """Every parameter once."""
        for _, parameter in self.named_parameters():
            yield parameter

    def zero_grad(self) -> None:
        """Set every gradient to None."""
        for parameter in self.parameters():
            parameter.grad = None

    def modules(self) -> Iterator[Module]:
        """This module and all below it."""
        yield self
        for _, child in self.named_children():
            yield from child.modules()

    def train(self: M, mode: bool = True) -> M:
        """Switch to training behaviour, for layers where it differs; returns the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self: M) -> M:
        """Switch to test-time behaviour; returns the module."""
        return self.train(False)

    def state_dict(self) -> dict[str, Any]:
        """A copy of every parameter's array, by path; keys and shapes are PyTorch's."""
        return {name: parameter.numpy() for name, parameter in self._all_parameters("")}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Set every parameter from `state`; keys and shapes must match, or nothing is changed."""
        own = dict(self._all_parameters(""))
        missing, unknown = [k for k in own if k not in state], [k for k in state if k not in own]
        if missing or unknown:
            raise KeyError(
                f"load_state_dict: missing {missing or 'nothing'}, unknown {unknown or 'nothing'}."
            )
        arrays = {}
        for name, parameter in own.items():
            try:
                arrays[name] = own_array(np.asarray(state[name]), parameter.dtype, parameter.requires_grad)
            except (TypeError, ValueError) as error:
                raise type(error)(f"load_state_dict: {name}: {error}") from None
            if arrays[name].shape != parameter.shape:
                raise ShapeError(
                    f"load_state_dict: {name} has shape {parameter.shape}, the given array {arrays[name].shape}."
                )
        for name, parameter in own.items():
            parameter.data = arrays[name]

    def extra_repr(self) -> str:
        """What stands between the parentheses of the repr of a layer without parts."""
        return ""

    def __repr__(self) -> str:
        children = [
            f"  ({name}): " + repr(child).replace("\n", "\n  ") for name, child in self.named_children()
        ]
        if not children:
            return f"{type(self).__name__}({self.extra_repr()})"
        return "\n".join([f"{type(self).__name__}(", *children, ")"])
