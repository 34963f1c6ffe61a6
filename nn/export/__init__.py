"""The way out: weights to PyTorch and back, a network as a script of PyTorch, a network as a file of ONNX."""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from ..core.absent import explain as _explain
from .kinds import ExportError
from .onnx_file import to_onnx
from .torch_code import to_torch_code
from .torch_weights import load_torch_state_dict, to_torch_state_dict

__all__ = ["ExportError", "load_torch_state_dict", "to_onnx", "to_torch_code", "to_torch_state_dict"]


if not _TYPE_CHECKING:  # a type checker would take every name for one that exists

    def __getattr__(name: str) -> object:
        raise _explain("nn.export", name, __all__)
