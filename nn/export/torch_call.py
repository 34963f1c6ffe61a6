"""A layer as the call that makes it in PyTorch: nn.Linear(64, 32, bias=False).

The settings have PyTorch's names and defaults, so they are read off the signature of the layer's class.
"""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np

from .. import layers
from ..core.module import Module
from ..layers.containers import ModuleDict, ModuleList, ParameterDict, ParameterList
from ..layers.mlp import MLP
from ..layers.residual import Residual
from ..layers.sequential import Sequential
from ..layers.softmax import LogSoftmax, Softmax, Softmin
from .kinds import ExportError, named

CONTAINERS: tuple[type[Module], ...] = (Sequential, ModuleList, ModuleDict, Residual)
_OTHER = {layers.Activation, MLP, ParameterDict, ParameterList, *CONTAINERS}
LAYERS = frozenset(cls for cls in (getattr(layers, name) for name in layers.__all__) if cls not in _OTHER)

# Where numbers come from (rng) and go to (inplace: nothing is overwritten here), and the start of a weight (PReLU).
_LEFT_OUT = {"dtype", "rng", "inplace", "init"}
_OF_WINDOWS = {"kernel_size", "stride", "padding", "dilation", "output_padding"}


def arguments(module: Module, kind: type[Module], path: str) -> list[str]:
    """What stands between the parentheses: what is required, then what differs from PyTorch's default.

    >>> import nn
    >>> arguments(nn.Conv2d(1, 6, 5, padding=2, bias=False, rng=0), nn.Conv2d, "")
    ['1', '6', '5', 'padding=2', 'bias=False']
    """
    written = []
    for name, parameter in inspect.signature(kind).parameters.items():
        if name in _LEFT_OUT or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        value = _setting(module, name)
        if parameter.default is parameter.empty:
            written.append(_literal(value, module, path))
        elif name == "stride" and parameter.default is None and value == _setting(module, "kernel_size"):
            continue  # a pool whose windows touch
        elif isinstance(module, (Softmax, LogSoftmax, Softmin)) or value != parameter.default:
            written.append(f"{name}={_literal(value, module, path)}")
    return written


def _setting(module: Any, name: str) -> Any:
    """The value of an argument of the class, read off the module as it is now."""
    if name == "bias":
        value = module.bias_ih if hasattr(module, "bias_ih") else module.bias
        if isinstance(value, bool):
            return value
        return value is not None or getattr(module, "weight", 0) is None  # no scale, no bias: nothing to say
    value = getattr(module, name)
    if name == "dim" and value is None:
        return -1  # PyTorch would choose another axis
    if name in _OF_WINDOWS and isinstance(value, tuple) and len(set(value)) == 1:
        return value[0]
    return value[0] if name == "normalized_shape" and len(value) == 1 else value


def _literal(value: Any, module: Module, path: str) -> str:
    """A value as Python writes it."""
    if isinstance(value, (tuple, list)):
        inside = ", ".join(_literal(v, module, path) for v in value)
        return f"({inside}{',' * (len(value) == 1)})"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    if isinstance(value, str):
        return quoted(value)
    raise ExportError(
        f"{named(path, module)} cannot be written in PyTorch: its setting {value!r:.60} is no number."
    )


def quoted(text: str) -> str:
    """A text in double quotes.

    >>> print(quoted("same"), quoted('a "b"'))
    "same" 'a "b"'
    """
    return f'"{text}"' if repr(text) == f"'{text}'" and '"' not in text else repr(text)
