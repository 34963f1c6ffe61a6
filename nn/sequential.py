"""Sequential: modules one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .activations import ReLU, Sigmoid, Tanh
from .containers import Numbered
from .fuse import fusing
from .hooks import structure
from .linear import Linear
from .module import Module

_FUSED: dict[type[Module], str] = {ReLU: "relu", Tanh: "tanh", Sigmoid: "sigmoid"}


class Sequential(Numbered):
    """Modules one after the other. A Linear followed by ReLU, Tanh or Sigmoid is computed as one step.

    They may also be given as a dictionary of names and modules.

    >>> from nn import Linear, ReLU
    >>> Sequential(Linear(2, 3, rng=0), ReLU(), Linear(3, 1, rng=1))
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    """

    # The steps of a call, and the count of `structure` that they were made at.
    _plan: tuple[int, list[tuple[Any, str | None]]] = (-1, [])

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

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_plan"}

    def _steps(self) -> list[tuple[Any, str | None]]:
        """What to call, and the activation that is fused into it. Whoever has hooks is called alone."""
        steps: list[tuple[Any, str | None]] = []
        for module in self:
            last = steps[-1] if steps else (None, None)
            if (
                type(module) in _FUSED
                and type(last[0]) is Linear
                and last[1] is None
                and _plain(module, last[0])
            ):
                steps[-1] = (last[0], _FUSED[type(module)])
            else:
                steps.append((module, None))
        return [(module if a is None else module.activated, a) for module, a in steps]

    def forward(self, x: Any) -> Any:
        """Through all modules in order."""
        if not fusing():
            for module in self:
                x = module(x)
            return x
        made_at, steps = self._plan
        if made_at != structure[0]:
            made_at = structure[0]
            steps = self._steps()
            self.__dict__["_plan"] = made_at, steps
        for call, activation in steps:
            x = call(x) if activation is None else call(x, activation)
        return x


def _plain(*modules: Any) -> bool:
    return all(module._hooks is None and "forward" not in vars(module) for module in modules)
