"""Whether a file of weights is there and fits a model, before a script reads it."""

from __future__ import annotations

import os

from ..core.module import Module
from ..safetensors import load_file
from .kinds import ExportError


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
