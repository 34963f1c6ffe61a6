"""Sequential: modules one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..core.fuse import fusing
from ..core.module import Module
from .activations import Sigmoid, Tanh
from .containers import Numbered
from .linear import Linear
from .rectifiers import ReLU

_FUSED: dict[type[Module], str] = {ReLU: "relu", Tanh: "tanh", Sigmoid: "sigmoid"}


class Sequential(Numbered):
    """Modules one after the other. A Linear followed by ReLU, Tanh or Sigmoid is computed as one step.

    They may also be given as a dictionary of names and modules. A slice, model[2:], shares its modules with the model
    and keeps their names.

    >>> from nn import Linear, ReLU
    >>> Sequential(Linear(2, 3, rng=0), ReLU(), Linear(3, 1, rng=1))
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    """

    # The steps of a call, made when they are first needed: whom to call, the activation after it that may be computed
    # in the same step, and its name. Each call asks the two for hooks: in the 64 us of a training step of 2-16-16-2
    # that cannot be measured.
    _plan: list[tuple[Any, Any, str]] | None = None

    def __init__(self, *modules: Any) -> None:
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            super().__init__()
            for name, module in modules[0].items():
                if not isinstance(module, Module):
                    raise self._refuse(module, name)
                setattr(self, name, module)
        else:
            super().__init__(modules)

    def _refuse(self, part: Any, i: Any) -> TypeError:
        return TypeError(
            f"Sequential: argument {i} is {type(part).__name__}, not a Module. "
            "Pass modules one by one: Sequential(Linear(2, 3), ReLU()), or unpack a list with *."
        )

    def _like(self, parts: Iterable[Any]) -> Sequential:
        return Sequential(*parts)

    def __getitem__(self, i: Any) -> Any:
        """One module; or some of them, under the names that they have here."""
        if isinstance(i, slice):
            return Sequential({name: self.__dict__[name] for name in self._names()[i]})
        return super().__getitem__(i)

    def _parts_changed(self) -> None:
        self.__dict__.pop("_plan", None)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_plan"}

    def _steps(self) -> list[tuple[Any, Any, str]]:
        """Each module by itself, or a Linear with the activation that follows it."""
        steps: list[tuple[Any, Any, str]] = []
        for module in self:
            if steps and type(module) in _FUSED and type(steps[-1][0]) is Linear and steps[-1][1] is None:
                steps[-1] = (steps[-1][0], module, _FUSED[type(module)])
            else:
                steps.append((module, None, ""))
        return steps

    def forward(self, x: Any) -> Any:
        """Through all modules in order."""
        if not fusing():
            for module in self:
                x = module(x)
            return x
        steps = self._plan
        if steps is None:
            steps = self.__dict__["_plan"] = self._steps()
        for module, activation, name in steps:
            if activation is None:
                x = module(x)
            elif module._hooks is None is activation._hooks:
                x = module.activated(x, name)
            else:
                x = activation(module(x))
        return x
