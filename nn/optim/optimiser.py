"""Optimiser: from gradients to new parameters. The rules themselves are in the files beside this one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from autograd.graph import enable_grad

from ..core.keywords import check_keywords
from ..core.module import Module
from ..core.numbers import number
from ..core.parameter import Parameter
from . import state
from .part import Part
from .settings import Group, Setting, checked


class Optimiser:
    """Base of all optimisers: keeps the parameters flat, in groups of common settings, and applies `update` to them.

    A subclass names its settings, such as `keep = Setting(share)`, and the arrays that it remembers, `state_names`. It
    writes `step_numbers(group, step)`: the numbers that a step needs, worked out once; and `update(w, g, state, out,
    spare, *numbers)`: from weights w and gradients g, both flat, the new weights into out. `state` is a list of flat
    arrays, zero at first; `spare` is an array to compute in, as is out. w and g must stay as they are. Long arrays come
    in blocks, so `update` works element by element. The settings `weight_decay` and `maximize`, where a subclass has
    them, are in g already. Momentum, as a rule of one's own:

    >>> from nn.core.numbers import share
    >>> class Rolling(Optimiser):
    ...     keep = Setting(share)
    ...     def __init__(self, parameters, lr=0.1, keep=0.9):
    ...         super().__init__(parameters, lr=lr, keep=keep)
    ...     def state_names(self, group):
    ...         return ("speed",)
    ...     def step_numbers(self, group, step):
    ...         return -group["lr"], group["keep"]
    ...     def update(self, w, g, state, out, spare, down, keep):
    ...         (speed,) = state
    ...         speed *= keep
    ...         speed += g
    ...         np.multiply(speed, down, out)
    ...         out += w
    >>> p = Parameter([1.0])
    >>> optimiser = Rolling([p])
    >>> for _ in range(2):
    ...     optimiser.zero_grad()
    ...     (p * 1.0).sum().backward()
    ...     optimiser.step()
    >>> p.data.round(6)
    array([0.71])

    `param_groups` is a list of dicts: the settings of each group, and its parameters under "params".

    A step puts new arrays in the place of the weights, so that a graph still alive keeps its own. An array that was
    taken before it, weight = p.data, stays as it was, where PyTorch's moves along: take p.data anew.

    >>> weight = p.data
    >>> optimiser.step()
    >>> bool(weight is p.data), bool(weight[0] == p.data[0])
    (False, False)
    """

    lr = Setting(number, least=0)

    settings: ClassVar[dict[str, Setting]] = {}
    first_counts: tuple[Any, ...] = (0,)  # what counts a parameter's steps, before the first of them
    count_names: tuple[str, ...] = ("step",)  # its names in a saved state
    decoupled = False  # whether weight decay goes past the gradient
    together = False  # whether frozen parameters lie in one array with the others

    def __init_subclass__(cls) -> None:
        found = [x for kind in cls.__mro__ for x in vars(kind).values() if isinstance(x, Setting)]
        names = dict.fromkeys(setting.name for setting in found)
        cls.settings = {name: getattr(cls, name) for name in names}  # a class' own in the place of its base's

    def __init__(self, parameters: Any, **defaults: Any) -> None:
        _check_iterable(parameters)
        self.param_groups: list[Group] = []
        self.defaults = {name: checked(type(self), name, value) for name, value in defaults.items()}
        given = list(parameters)
        if not given:
            raise ValueError(
                "the optimiser got no parameters. Pass model.parameters(); a generator can be used once."
            )
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def __new__(cls, *args: Any, **kwargs: Any) -> Optimiser:
        if kwargs:
            check_keywords(cls, kwargs)
        return super().__new__(cls)

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Train further parameters: {"params": [...], "lr": ...}. Settings that are left out are the optimiser's.

        >>> from nn import SGD
        >>> p, q = Parameter([1.0]), Parameter([2.0])
        >>> optimiser = SGD([p], lr=0.1)
        >>> optimiser.add_param_group({"params": [q], "lr": 0.01})
        >>> [group["lr"] for group in optimiser.param_groups]
        [0.1, 0.01]
        """
        if not isinstance(group, dict) or "params" not in group:
            raise TypeError(
                f"a parameter group is a dict with 'params' in it, not {group!r:.60}. "
                "Write {'params': layer.parameters(), 'lr': 0.01}."
            )
        params = [group["params"]] if isinstance(group["params"], Parameter) else group["params"]
        _check_iterable(params)
        params = list({id(p): p for p in params}.values())
        if not params:
            raise ValueError(
                "the optimiser got no parameters: 'params' of a group is empty; a generator can be used once."
            )
        taken = {id(p) for p in self.parameters()}
        for p in params:
            if not isinstance(p, Parameter):
                raise TypeError(
                    f"the optimiser needs Parameters, not {type(p).__name__}. Use nn.Parameter(data)."
                )
            if id(p) in taken:
                raise ValueError(f"parameter {p.name or p.shape} is in two groups; it can be in one.")
        new = Group(type(self), {**self.defaults, **group, "params": params}, [])
        self.check_group(new)
        kinds: dict[Any, list[Parameter]] = {}
        for p in params:  # frozen ones apart: as long as they have no gradient, they cost nothing
            kinds.setdefault((p.dtype, self.together or p.requires_grad), []).append(p)
        new.parts += [Part(part, self.first_counts) for part in kinds.values()]
        self.param_groups.append(new)

    def check_group(self, group: Group) -> None:
        """Raise if settings do not go together; subclasses write it."""

    def parameters(self) -> list[Parameter]:
        """The parameters that this optimiser updates."""
        return [p for group in self.param_groups for p in group["params"]]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the gradients of all parameters to None, or those that there are to zeros."""
        for group in self.param_groups:
            for part in group.parts:
                part.flat.forget_gradients(set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient. Graphs still alive keep the weights they were made with.

        `closure`, if given, is called first: it computes the loss and the gradients, and its loss is returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            for part in group.parts:
                part.step(self, group)
        return loss

    # --- what a rule is made of

    def state_names(self, group: Group) -> Sequence[str]:
        """The names of the state arrays that these settings need; PyTorch's, so that states can be exchanged."""
        return ()

    def initial_value(self, name: str, group: Group) -> float:
        """What a state array is filled with before the first step."""
        return 0.0

    def next_step(self, group: Group, *counts: Any) -> tuple[Any, ...]:
        """The step counts after one more step."""
        return (counts[0] + 1,)

    def step_numbers(self, group: Group, *counts: Any) -> tuple[Any, ...]:
        """The numbers that `update` needs in this step; in the first, counts[0] is 1."""
        return (group["lr"],)

    def update(self, w: Any, g: Any, state: list[Any], out: Any, spare: Any, *numbers: Any) -> None:
        """The rule of this optimiser: the new weights into out."""
        raise NotImplementedError(f"{type(self).__name__} has no update(). Define it in the class.")

    # --- states

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint needs, in PyTorch's layout; plain numbers and arrays only.

        "state" maps the number of each parameter, counted over all groups, to its arrays and its number of steps;
        "param_groups" has the settings, with these numbers in place of the parameters.
        """
        return {"state": self._state(), "param_groups": state.saved_groups(self)}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Go on from a `state_dict()`, of this library or of PyTorch as arrays; if it does not fit, nothing changes."""
        groups = state.loaded_groups(self, saved)
        apply = self._loaded(saved["state"], groups)
        for group, new in zip(self.param_groups, groups):
            group.update({name: value for name, value in new.items() if name != "params"})
        apply()

    def counts_from(self, entry: dict[str, Any]) -> tuple[Any, ...]:
        """The step counts of a parameter, from its saved state."""
        return tuple(type(first)(entry[name]) for name, first in zip(self.count_names, self.first_counts))

    def _state(self) -> dict[int, Any]:
        return state.saved_arrays(self)

    def _loaded(self, saved: Any, groups: list[Group]) -> Callable[[], None]:
        return state.loaded_arrays(self, saved, groups)

    def __repr__(self) -> str:
        texts = []
        for group in self.param_groups:
            shown = [s for s in self.settings if s == "lr" or group[s]]
            texts.append(", ".join(f"{s}={group[s]!r}" for s in shown))
        if len(texts) == 1:
            return f"{type(self).__name__}({texts[0]})"
        lines = [f"  ({i}): {text}" for i, text in enumerate(texts)]
        return "\n".join([f"{type(self).__name__}(", *lines, ")"])


def _check_iterable(parameters: Any) -> None:
    """Explain what is often given in place of the parameters."""
    if isinstance(parameters, Parameter):
        raise TypeError("the optimiser needs a list of parameters, not one Parameter. Write [parameter].")
    if isinstance(parameters, dict):
        raise TypeError(
            "the optimiser needs a list of groups, not one dict. Write [{'params': ..., 'lr': ...}]."
        )
    if isinstance(parameters, (set, frozenset)):
        raise TypeError(
            "the optimiser needs a list of parameters, not a set: its order would be another one in each run, and so "
            "the numbers of the parameters in state_dict(). Write list(model.parameters())."
        )
    if isinstance(parameters, Module):
        raise TypeError(
            f"the optimiser needs parameters, not {type(parameters).__name__}. Write model.parameters()."
        )
    if callable(parameters):
        name = getattr(parameters, "__name__", type(parameters).__name__)
        raise TypeError(f"the optimiser was given {name!r} itself, without a call. Write model.parameters().")
    if not isinstance(parameters, Iterable) or isinstance(parameters, (str, np.ndarray)):
        raise TypeError(
            f"the optimiser needs parameters, not {type(parameters).__name__}. Write model.parameters()."
        )
