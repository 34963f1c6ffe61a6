"""The state of an optimiser as plain numbers and arrays, in PyTorch's layout, and back again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import ShapeError

from .settings import Group

# Settings of PyTorch's optimisers that say how to compute, not what.
PYTORCH_ONLY = ("foreach", "capturable", "differentiable", "fused", "decoupled_weight_decay")


def saved_groups(optimiser: Any) -> list[dict[str, Any]]:
    """The settings of each group, with the numbers of its parameters."""
    groups, first = [], 0
    for group in optimiser.param_groups:
        last = first + len(group["params"])
        groups.append({**group, "params": list(range(first, last))})
        first = last
    return groups


def loaded_groups(optimiser: Any, saved: Any) -> list[Group]:
    """The groups of a saved state, checked, for the optimiser's parameters."""
    name = type(optimiser).__name__
    if not isinstance(saved, dict) or not {"state", "param_groups"} <= set(saved):
        raise TypeError(f"{name}.load_state_dict: give what state_dict() returns, not {saved!r:.60}.")
    theirs, ours = saved["param_groups"], optimiser.param_groups
    sizes, expected = [len(g["params"]) for g in theirs], [len(g["params"]) for g in ours]
    if sizes != expected:
        raise ValueError(
            f"{name}.load_state_dict: groups of {sizes} parameters were saved, and this optimiser has {expected}."
        )
    groups = []
    for i, (old, new) in enumerate(zip(ours, theirs)):
        kept = {k: v for k, v in new.items() if k not in PYTORCH_ONLY}
        missing = [s for s in optimiser.settings if s not in kept]
        if missing:
            raise KeyError(f"{name}.load_state_dict: group {i} lacks {', '.join(missing)}.")
        group = Group(old.kind, {**kept, "params": old["params"]}, old.parts)
        optimiser.check_group(group)
        groups.append(group)
    return groups


def places(optimiser: Any) -> list[tuple[Any, int, Group]]:
    """For each parameter, counted over all groups: its part, its number in there, and its group."""
    found = {
        id(p): (part, i, group)
        for group in optimiser.param_groups
        for part in group.parts
        for i, p in enumerate(part.flat.parameters)
    }
    return [found[id(p)] for p in optimiser.parameters()]


def saved_arrays(optimiser: Any) -> dict[int, dict[str, Any]]:
    """The step counts and the arrays of each parameter that has made a step."""
    state = {}
    for number, (part, i, _) in enumerate(places(optimiser)):
        counts = part.counts_of(i)
        if counts != part.first_counts:
            entry = {name: part.view(name, i).copy() for name in part.state}
            state[number] = {**dict(zip(optimiser.count_names, counts)), **entry}
    return state


def loaded_arrays(optimiser: Any, saved: Any, groups: list[Group]) -> Callable[[], None]:
    """Check the arrays of a saved state; returns what takes them over."""
    where = places(optimiser)
    entries: dict[int, Any] = {}
    for key, entry in saved.items():
        if not str(key).isdigit() or int(key) >= len(where):
            raise KeyError(
                f"{type(optimiser).__name__}.load_state_dict: state {key!r}, and there are {len(where)} parameters."
            )
        entries[int(key)] = entry
    group_of = {id(p): group for group in groups for p in group["params"]}
    found: list[tuple[Any, int, tuple[Any, ...], dict[str, Any]]] = []
    for number, (part, i, _) in enumerate(where):
        if number not in entries:
            found.append((part, i, part.first_counts, {}))
            continue
        entry, parameter = entries[number], part.flat.parameters[i]
        who = f"{type(optimiser).__name__}.load_state_dict: parameter {number}"
        who += f" ({parameter.name})" if parameter.name else ""
        names = optimiser.state_names(group_of[id(parameter)])
        missing = [name for name in (*optimiser.count_names, *names) if name not in entry]
        if missing:
            raise KeyError(f"{who} lacks {', '.join(missing)}. Was it saved from another kind of optimiser?")
        arrays = {name: np.asarray(entry[name], part.flat.dtype) for name in names}
        for name, array in arrays.items():
            if array.shape != parameter.shape:
                raise ShapeError(f"{who}: {name} has shape {array.shape}, the parameter {parameter.shape}.")
        found.append((part, i, optimiser.counts_from(entry), arrays))

    def apply() -> None:
        counts: dict[int, list[Any]] = {}
        for part, i, own, _ in found:
            if id(part) not in counts:
                part.state.clear()
                counts[id(part)] = [part.first_counts] * len(part.flat.parameters)
            counts[id(part)][i] = own
        for part, i, _, arrays in found:
            part.set_counts(counts[id(part)])
            if arrays:
                part.arrays(list(arrays), optimiser, group_of[id(part.flat.parameters[i])])
            for name, array in arrays.items():
                part.view(name, i)[...] = array

    return apply
