"""What is often set as an attribute of a module by mistake, and what to write instead."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np

from autograd.graph import Node

from .parameter import Parameter

_LOOKED_AT = 16  # elements of a list
RESERVED: set[str] = set()  # the names that every module has; module.py fills it


def _brackets(name: str) -> str:
    return "" if name == "training" else "()"


def check_method(module: Any, name: str, value: Any) -> None:
    """Refuse a value in place of a method that every module has, such as model.train = True.

    Names that are as likely a number of one's own, such as self.half = n // 2, are left alone.
    """
    if name not in ("training", "half", "double", "float", "to") and not callable(value):
        raise TypeError(
            f"{type(module).__name__}.{name} = {value!r:.40}: {name}() is a method of every module, which would be "
            f"hidden. Call it, module.{name}(...), or choose another name."
        )


def check_assigned(module: Any, name: str, value: Any, kind: str | None, new: bool = False) -> None:
    """Refuse what cannot be attribute `name`, which was of `kind` before, or is to be with `new`."""
    who = f"{type(module).__name__}.{name}"
    if "training" not in module.__dict__:
        raise AttributeError(f"{who} is set before super().__init__(). Call it first in __init__.")
    if not isinstance(name, str) or not name or "." in name:
        raise ValueError(f"{type(module).__name__}: {name!r} is no name of a part: it is text without a dot.")
    there = module.__dict__.get("_kinds", {}).get(name)
    if new and there is not None and there.split()[-1] != str(kind).split()[-1]:
        raise KeyError(
            f"{who} exists already, as a {there}, and would be lost. Choose another name, or write del module.{name} "
            "first."
        )
    if new and there is None and hasattr(module, name):
        raise KeyError(f"{who} exists already, and is no {kind}. Choose another name.")
    if (
        there is None
        and name in RESERVED
        and (isinstance(value, Parameter) or hasattr(value, "named_modules"))
    ):
        raise ValueError(
            f"self.{name} = {type(value).__name__}: every module has {name}{_brackets(name)} for itself, which would "
            f"be hidden. Choose another name, such as self.{name}_."
        )
    if isinstance(value, Parameter):
        if new and kind == "module":
            raise TypeError(f"{who}: a Parameter is no module. Set it as an attribute.")
        if new and kind != "parameter":
            raise TypeError(f"{who}: a {kind} is an array that is not trained. Give parameter.numpy().")
        return
    if hasattr(value, "named_modules"):
        if new and kind != "module":
            raise TypeError(f"{who}: a module is no {kind}. Set it as an attribute.")
        if any(part is module for part in value.modules()):
            attribute = name if name.isidentifier() else "reference"
            raise ValueError(
                f"{who} = {type(value).__name__}: a module that contains itself has no end. "
                f"Keep a mere reference in a tuple: self.{attribute} = (module,)."
            )
        return
    if value is None:
        return
    if kind == "parameter":
        raise TypeError(
            f"{who} is a Parameter, and {type(value).__name__} would not be trained. Its numbers are set with "
            f".data: module.{name}.data = array; another one is nn.Parameter(array), and None for none."
        )
    if kind == "module":
        raise TypeError(
            f"{who} is a module, and {type(value).__name__} is none. Give a Module, or None for none."
        )
    if not hasattr(value, "dtype") or isinstance(value, Node):
        raise TypeError(
            f"{who} is a buffer, an array that is not trained; {type(value).__name__} is none. Give an array."
        )


def check_containers(module: Any, name: str | None = None, value: Any = None) -> None:
    """Refuse lists and dicts that hold modules or parameters, which would not be found: a new attribute, or all."""
    for key, x in [(name, value)] if name is not None else list(module.__dict__.items()):
        if x.__class__ not in _CONTAINERS or key in ("_kinds", "_hooks"):
            continue
        for part in islice(x.values() if isinstance(x, dict) else x, _LOOKED_AT):
            if isinstance(part, Parameter) or hasattr(part, "named_modules"):
                what = "Parameter" if isinstance(part, Parameter) else "Module"
                kind = type(x).__name__
                raise TypeError(
                    f"{type(module).__name__}.{key} is a {kind} that holds a {type(part).__name__}, whose parameters "
                    f"would not be found. Write self.{key} = nn.{what}{'Dict' if kind == 'dict' else 'List'}(...); "
                    "mere references go in a tuple."
                )


_CONTAINERS = frozenset((list, dict, set))


def refuse_text(module: Any, given: Any, names: tuple[str, ...] = ("input",)) -> None:
    """Called after an error: say which argument of a module holds no numbers, if one does."""
    who = type(module).__name__
    for name, x in zip(names, given):
        if name == "outputs" and isinstance(x, tuple):
            raise TypeError(
                f"{who}: the outputs are a tuple of {len(x)}. Give the one that counts, such as outputs[0]."
            ) from None
        try:
            array = x if hasattr(x, "dtype") else np.asarray(x)
        except (TypeError, ValueError):  # the error that there was says more
            continue
        if getattr(array.dtype, "kind", "f") not in "OUSTMm":
            continue
        what = "None" if x is None else f"of dtype {array.dtype}"
        be, hint = "is", "Give an array of them."
        if len(names) > 1:
            be = "are"
            hint = (
                "Did the model return its outputs, and are the labels numbers, such as those of "
                "np.unique(labels, return_inverse=True)[1]?"
            )
        raise TypeError(f"{who}: the {name} {be} {what}, and no numbers. {hint}") from None
