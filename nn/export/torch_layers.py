"""One layer of a script of PyTorch: the call that makes it, nn.Linear(64, 32, bias=False), or a class of its own.

The settings have PyTorch's names and defaults, so they are read off the signature of the layer's class. Layers that
PyTorch does not have become classes, whose parameters keep their names.
"""

from __future__ import annotations

import inspect
import math
import re
from typing import Any

import numpy as np

from .. import layers
from ..core.module import Module
from ..layers import Bias, Maxout
from ..layers.containers import ModuleDict, ModuleList, ParameterDict, ParameterList
from ..layers.mlp import MLP
from ..layers.residual import Residual
from ..layers.sequential import Sequential
from ..layers.softmax import LogSoftmax, Softmax, Softmin
from .kinds import ExportError, named

CONTAINERS: tuple[type[Module], ...] = (Sequential, ModuleList, ModuleDict, Residual)
_OTHER = {layers.Activation, MLP, ParameterDict, ParameterList, *CONTAINERS}
LAYERS = frozenset(cls for cls in (getattr(layers, name) for name in layers.__all__) if cls not in _OTHER)
KNOWN = LAYERS.union(CONTAINERS)

# Where numbers come from (rng) and go to (inplace: nothing is overwritten here), and the start of a weight (PReLU).
_LEFT_OUT = {"dtype", "rng", "inplace", "init"}
_OF_WINDOWS = {"kernel_size", "stride", "padding", "dilation", "output_padding"}

# What PyTorch's layers call their numbers; a layer of a recurrent network adds its number and its direction.
_NUMBERS = re.compile(r"(weight|bias)(_[ih]h(_l\d+(_reverse)?)?)?|running_(mean|var)|num_batches_tracked")

# What a part of a network cannot be called there: attributes of PyTorch's modules that those of nn do not have.
TAKEN = frozenset(
    "T_destination bfloat16 call_super_init clear compile cpu cuda dump_patches get_extra_state ipu mtia "
    "register_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook "
    "register_load_state_dict_pre_hook register_state_dict_post_hook register_state_dict_pre_hook set_extra_state "
    "set_submodule share_memory to_empty training type xpu _apply _backward_hooks _backward_pre_hooks _buffers "
    "_call_impl _compiled_call_impl _forward_hooks _forward_hooks_always_called _forward_hooks_with_kwargs "
    "_forward_pre_hooks _forward_pre_hooks_with_kwargs _get_backward_hooks _get_backward_pre_hooks "
    "_get_item_by_idx _get_name _is_full_backward_hook _load_from_state_dict _load_state_dict_post_hooks "
    "_load_state_dict_pre_hooks _maybe_warn_non_full_backward_hook _modules _named_members "
    "_non_persistent_buffers_set _parameters _register_load_state_dict_pre_hook _register_state_dict_hook "
    "_replicate_for_data_parallel _save_to_state_dict _slow_forward _state_dict_hooks _state_dict_pre_hooks "
    "_version _wrapped_call_impl".split()
)


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


def check_numbers(module: Module, path: str) -> None:
    """Refuse a layer that was given parts of one's own: the layer of PyTorch has no place for them."""
    own = [name for kind in ("parameter", "buffer", "module") for name, _ in module._own(kind)]
    added = next((name for name in own if not _NUMBERS.fullmatch(name)), None)
    if added is not None:
        raise ExportError(
            f"{named(path, module)} cannot be written in PyTorch: it was given {added!r}, for which the layer there "
            "has no place. Put both into a module of your own, and export its parts."
        )


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


# --- what PyTorch does not have

CLASSES: dict[type[Module], str] = {
    Bias: '''\
class Bias(nn.Module):
    """x + bias, one number for each feature."""

    def __init__(self, num_features):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(num_features))

    def forward(self, x):
        return x + self.bias
''',
    Maxout: '''\
class Maxout(nn.Linear):
    """The largest of several linear functions, for each unit."""

    def __init__(self, in_features, out_features, pieces=2, bias=True):
        super().__init__(in_features, pieces * out_features, bias)
        self.pieces = pieces

    def forward(self, x):
        y = super().forward(x)
        return y.unflatten(-1, (self.pieces, -1)).amax(dim=-2)
''',
    Residual: '''\
class Residual(nn.Module):
    """x + body(x), or shortcut(x) + body(x)."""

    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x):
        way = x if self.shortcut is None else self.shortcut(x)
        return way + self.body(x)
''',
}
