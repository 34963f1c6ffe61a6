"""The state of a module as a dictionary of arrays, out and in; its dtype; and how it is written."""

from __future__ import annotations

import difflib
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import AutogradError, ShapeError
from autograd.graph import raw
from autograd.intake import own_array

from .foreign import plain
from .parameter import Parameter


class StateError(ShapeError, KeyError, TypeError):
    """A state does not fit a module. The message lists everything that is wrong; nothing was changed."""

    __str__ = Exception.__str__  # that of KeyError would print the lines as one


class Keys(NamedTuple):
    """What `load_state_dict` found: keys of the module that the state lacks, and keys that the module does not have."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def collect(module: Any) -> dict[str, Any]:
    """A copy of every parameter and buffer, by path."""
    return {
        name: np.array(raw(x)) if isinstance(x, np.ndarray) else raw(x).copy() for name, x in _entries(module)
    }


def _entries(module: Any) -> Any:
    """Parameters and buffers by path, shared ones at each of their places, in PyTorch's order."""
    for path, part in module._walk():
        own = part.__dict__.get("_kinds", {})
        for kind in ("parameter", "buffer"):
            for name, value in part._own(kind):
                if own[name] == kind:
                    yield (f"{path}.{name}" if path else name), value


def load(module: Any, given: Any, strict: bool) -> Keys:
    """Set every parameter and buffer, or nothing."""
    if not hasattr(given, "keys"):
        raise TypeError(
            f"load_state_dict: give a dictionary of arrays, such as other.state_dict(), not {type(given).__name__}."
        )
    odd = [key for key in given if not isinstance(key, str)]
    if odd:
        raise TypeError(f"load_state_dict: its keys are names, such as 'weight', not {odd[0]!r:.40}.")
    own = dict(_entries(module))
    missing, unexpected = [k for k in own if k not in given], [k for k in given if k not in own]
    wrong = []
    if strict and (missing or unexpected):
        wrong.append(
            f"missing {missing or 'nothing'}, unknown {unexpected or 'nothing'}.{_renamed(missing, unexpected)}"
        )
    arrays = {}
    for name in own.keys() & given.keys():
        mine = own[name]
        try:
            array = own_array(plain(raw(given[name])), mine.dtype, requires_grad=False)
        except (AutogradError, TypeError, ValueError, RuntimeError) as error:
            wrong.append(f"{name}: {error}")
            continue
        if array.shape != mine.shape:
            wrong.append(f"{name} has shape {mine.shape}, the given array {array.shape}.")
        arrays[name] = array
    if wrong:
        head = f"load_state_dict: {type(module).__name__}: " if len(wrong) > 1 else "load_state_dict: "
        raise StateError(
            head + "".join(f"\n  {line}" for line in sorted(wrong)) if len(wrong) > 1 else head + wrong[0]
        )
    for path, part in module._walk():
        for name, value in list(part._own("parameter")) + list(part._own("buffer")):
            array = arrays.get(f"{path}.{name}" if path else name)
            if array is None:
                continue
            if isinstance(value, Parameter):
                value.data = array
            else:
                object.__setattr__(part, name, array)
    return Keys(missing, unexpected)


def _renamed(missing: list[str], unexpected: list[str]) -> str:
    """A guess where all keys have the same letters too many, as those of a wrapped model have, or some are near."""
    ends = [(name, own) for name in unexpected for own in missing if name.endswith(f".{own}")]
    start = ends[0][0].removesuffix(ends[0][1]) if ends else ""
    if ends and all(f"{start}{own}" in unexpected for own in missing):
        return (
            f" All names there begin with {start!r}, as those of a model inside another do. "
            f"Take it off: {{name.removeprefix({start!r}): array for name, array in state.items()}}."
        )
    for name in unexpected:
        near = difflib.get_close_matches(name, missing, n=1, cutoff=0.6)
        if near:
            return f" Is {name!r} meant for {near[0]!r}?"
    return ""


def convert(module: Any, dtype: Any) -> None:
    """Bring parameters and buffers with a fraction to another dtype."""
    try:
        kind = np.dtype(dtype)
    except TypeError:
        raise TypeError(
            f"to({dtype!r:.40}): give a dtype, np.float32 or np.float64. There are no devices here: a model computes "
            "where its arrays are."
        ) from None
    if kind.kind != "f":
        raise TypeError(f"to({kind.name}): parameters have a fraction: np.float32 or np.float64.")
    for parameter in module.parameters():
        parameter._convert(kind)
    for _, part in module._walk():
        for name, array in part._own("buffer"):
            if array.dtype.kind == "f":
                object.__setattr__(part, name, array.astype(kind))


def at(module: Any, path: str, kind: str) -> Any:
    """The part of a module at a path."""
    found: Any = module
    names = path.split(".") if path or kind != "module" else []
    for i, name in enumerate(names):
        wanted = "module" if i + 1 < len(names) else kind
        known = dict(found._own(wanted))
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" It has {', '.join(known) or 'none'}."
            raise AttributeError(f"{type(found).__name__} has no {wanted} {name!r} (path {path!r}).{hint}")
        found = known[name]
    return found


def written(kind: str, extra: str, parts: list[str]) -> str:
    """The repr of a module, laid out as PyTorch does."""
    lines = [line.replace("\n", "\n  ") for line in parts]
    if not lines and "\n" not in extra:
        return f"{kind}({extra})"
    return "\n".join([f"{kind}(", *[f"  {line}" for line in [*extra.splitlines(), *lines]], ")"])
