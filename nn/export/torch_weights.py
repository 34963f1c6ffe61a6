"""Weights to PyTorch and from it. Names, shapes and order are PyTorch's already: only the arrays change hands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.module import Module
from ..core.state import Keys
from ..safetensors import load_file
from .kinds import ExportError, check_model


def to_torch_state_dict(model: Module) -> dict[str, Any]:
    """The model's state as tensors of PyTorch: torch_model.load_state_dict(nn.export.to_torch_state_dict(model)).

    Every parameter and buffer is copied, and keeps its name, shape and dtype (float64, unless the model was made with
    another). Layers that PyTorch does not have (Bias, Maxout, Residual) are in it under their own names: they fit the
    classes that `to_torch_code` writes for them. Needs PyTorch: pip install torch.

    Raises ExportError for a dtype that PyTorch does not have.
    """
    check_model("to_torch_state_dict", model)
    torch = _torch()
    tensors = {}
    for name, array in model.state_dict().items():
        try:
            tensors[name] = torch.tensor(np.asarray(array))
        except TypeError:
            raise ExportError(
                f"{name} has the dtype {array.dtype}, which PyTorch does not have. Write model.to(np.float32) before."
            ) from None
    return tensors


def load_torch_state_dict(model: Module, source: Any, strict: bool = True) -> Keys:
    """Set the model's parameters and buffers from a module of PyTorch, or from its state_dict().

    The numbers are copied, and brought to the dtypes that the model has. Tensors may lie on any device and be in
    training; bfloat16 is read, too. If anything does not fit, StateError names every key and the shapes, and nothing is
    changed; with strict=False, missing and unexpected keys are left alone, and returned. A parameter with two names in
    the model needs only one of them in the state: the package safetensors stores it once. PyTorch does not have to be
    installed.

    >>> import nn
    >>> model = nn.Linear(3, 2, rng=0)
    >>> load_torch_state_dict(model, {"weight": np.ones((2, 3)), "bias": np.zeros(2)})  # or tensors of PyTorch
    Keys(missing_keys=[], unexpected_keys=[])
    """
    check_model("load_torch_state_dict", model)
    state = source
    if not isinstance(source, Mapping) and callable(getattr(source, "state_dict", None)):
        state = source.state_dict()
    if not isinstance(state, Mapping):
        what = " Read the file with torch.load(..., weights_only=True)." if _is_path(state) else ""
        raise TypeError(
            f"load_torch_state_dict: give a module of PyTorch or its state_dict(), not {type(source).__name__}.{what}"
        )
    inner = [key for key, value in state.items() if isinstance(value, Mapping)]
    if inner:
        shown = next((key for key in inner if "model" in str(key) or "state" in str(key)), inner[0])
        raise TypeError(
            f"load_torch_state_dict: a dictionary of dictionaries ({', '.join(map(str, inner))}), as checkpoints are. "
            f"Give the one of the weights, such as checkpoint[{shown!r}]."
        )
    return model.load_state_dict(_with_other_names(model, dict(state)), strict)


def _with_other_names(model: Module, state: dict[str, Any]) -> dict[str, Any]:
    """The state with a shared parameter under all of its names, where it has one of them."""
    names: dict[int, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        names.setdefault(id(parameter), []).append(name)
    for same in names.values():
        given = [name for name in same if name in state]
        if given:
            state |= {name: state[given[0]] for name in same if name not in state}
    return state


def _is_path(x: Any) -> bool:
    return isinstance(x, (str, bytes)) or hasattr(x, "__fspath__")


def check_file(model: Module, path: str) -> None:
    """Refuse a file of safetensors that is not there, or whose names or shapes are not the model's."""
    if not os.path.isfile(path):
        raise FileNotFoundError(
            f"to_torch_code: there is no file {path!r}. Write it first: "
            f"nn.safetensors.save_file(model.state_dict(), {path!r})."
        )
    there, own = (
        {name: array.shape for name, array in state.items()}
        for state in (load_file(path), model.state_dict())
    )
    wrong = [
        *(f"{name} is missing" for name in own if name not in there),
        *(f"{name} is none of the model's" for name in there if name not in own),
        *(
            f"{name} has shape {there[name]}, and {shape} in the model"
            for name, shape in own.items()
            if there.get(name, shape) != shape
        ),
    ]
    if wrong:
        more = f", and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise ExportError(
            f"to_torch_code: {path} is of another model: {'; '.join(wrong[:3])}{more}. "
            "nn.safetensors.save_file(model.state_dict(), ...) writes this one's."
        )


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            "to_torch_state_dict() needs PyTorch: pip install torch. Without it, nn.safetensors.save_file writes the "
            "weights to a file that PyTorch's users read with the package safetensors."
        ) from error
    return torch
