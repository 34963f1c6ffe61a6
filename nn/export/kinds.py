"""What can be exported: which layer of nn a module computes. What is none is refused, with its path in the model."""

from __future__ import annotations

from typing import Any

from ..core.module import Module
from ..layers import GRU, LSTM, RNN, Identity, LSTMCell, Residual
from ..layers.containers import ModuleDict, ModuleList
from ..layers.sequential import Sequential

# What a subclass may have of its own and still compute the same.
HARMLESS = {"extra_repr"}

DEEPEST = 50  # modules inside each other; Python reads at most 200 brackets inside each other


class ExportError(ValueError):
    """A part of a network cannot be exported. The message names its path; nothing was written."""


def check_model(function: str, model: Any) -> None:
    """Refuse what is no module, with the name of the function that was called."""
    if isinstance(model, type) and issubclass(model, Module):
        raise TypeError(
            f"{function}: {model.__name__} is a class: make a model of it first, {model.__name__}(...)."
        )
    if isinstance(model, Module):
        return
    kind, parts = type(model).__name__, getattr(model, "__dict__", {}).items()
    network = next((name for name, part in parts if isinstance(part, Module)), None)
    hint = f" Give its network, .{network}." if network else ""
    hint = hint or (" Networks of Values stay here." if type(model).__module__ == "nn.scalar" else "")
    raise TypeError(f"{function}: give a Module, such as nn.MLP([4, 8, 3]), not {kind}.{hint}")


def check_depth(function: str, model: Module) -> None:
    """Refuse modules inside each other beyond what a script, or Python's own stack, can hold."""
    level = {id(model): model}
    for _ in range(DEEPEST):
        level = {id(child): child for module in level.values() for _, child in module._own("module")}
        if not level:
            return
    raise ExportError(
        f"{function}: more than {DEEPEST} modules are inside each other. One nn.Sequential(...) of all layers does the "
        "same."
    )


def children(module: Module, path: str) -> list[tuple[str, Module, str]]:
    """The modules directly in one: the name there, the module, and its path in the model."""
    return [(key, child, f"{path}.{key}" if path else key) for key, child in module._own("module")]


def named(path: str, module: Any) -> str:
    """A part of a model, as messages name it."""
    return f"layer {path!r} ({type(module).__name__})" if path else f"the model ({type(module).__name__})"


def kind_of(module: Module, known: frozenset[type[Module]], path: str, to: str) -> type[Module]:
    """The class among `known` whose computation this module does: its own, or one that it only makes in another way.

    A subclass that changes more than __init__ and the repr may compute something else, and so may a module with hooks.
    """
    kind = next((cls for cls in type(module).__mro__ if cls in known), None)
    if kind is None:
        raise ExportError(f"{named(path, module)} cannot be exported to {to}: {_reason(module, to)}")
    changed = sorted(_changed(module, kind))
    if changed:
        raise ExportError(
            f"{named(path, module)} cannot be exported to {to}: it has its own {changed[0]} in place of that of "
            f"nn.{kind.__name__}, and its code is not read."
        )
    if module._hooks is not None:
        raise ExportError(
            f"{named(path, module)} cannot be exported to {to}: hooks may change what it computes, and they stay here. "
            "Take them off with handle.remove()."
        )
    return kind


def check_parts(
    module: Module, known: frozenset[type[Module]], to: str, path: str = "", given: bool = False
) -> bool:
    """Refuse parts that are none of `known`, and those that are given a pair which they cannot take.

    Recurrent layers make such pairs, an output and their last states. `given`: whether the module gets one; returns
    whether it makes one. The model itself would fail, too, but a script that fails is none.
    """
    kind = kind_of(module, known, path, to)
    if given and kind not in (Sequential, Identity):
        raise ExportError(
            f"{named(path, module)} cannot be exported to {to}: the layer before it makes an output and its last "
            "states, a pair that this one cannot take. A recurrent layer comes last."
        )
    for key, child, at in children(module, path):
        made = check_parts(child, known, to, at, given)
        if made and kind is Residual:
            raise ExportError(
                f"{named(path, module)} cannot be exported to {to}: its {key} ends in a recurrent layer, which makes "
                "an output and its last states, a pair that cannot be added. A recurrent layer comes last."
            )
        given = made and kind is Sequential
    return given or kind in (RNN, GRU, LSTM, LSTMCell)


def _changed(module: Module, kind: type[Module]) -> set[str]:
    """Names that the module, or a class between it and `kind`, has in place of those of `kind`."""
    classes = type(module).__mro__[: type(module).__mro__.index(kind)]
    of_classes = {name for cls in classes for name in vars(cls) if hasattr(kind, name)}
    own = {name for name in vars(module) if callable(getattr(kind, name, None))}
    return {name for name in of_classes - HARMLESS if name == "__call__" or not name.startswith("__")} | own


def _reason(module: Module, to: str) -> str:
    """Why a module cannot be exported, and what to do instead."""
    if isinstance(module, (ModuleList, ModuleDict)):
        return "it is a list of modules, without a forward(). Export its modules one by one."
    if type(module).__module__.startswith("nn."):
        return "it is not of one input and one output, or there is nothing like it there."
    instead = "Make it of layers of nn in nn.Sequential, nn.MLP or nn.Residual, or export the parts that are."
    weights = " Its weights go over in any case, with to_torch_state_dict(model)." if to == "PyTorch" else ""
    return f"its forward() is code, which is not read. {instead}{weights}"


def dtypes(model: Module) -> list[str]:
    """The names of the dtypes of a model's numbers with a fraction."""
    return sorted({str(x.dtype) for x in (*model.parameters(), *model.buffers()) if x.dtype.kind == "f"})
