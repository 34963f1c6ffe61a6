"""The way out: weights to PyTorch and back, a network as a script of PyTorch, a network as a file of ONNX."""

from .kinds import ExportError
from .onnx_file import to_onnx
from .torch_code import to_torch_code
from .torch_weights import load_torch_state_dict, to_torch_state_dict

__all__ = ["ExportError", "load_torch_state_dict", "to_onnx", "to_torch_code", "to_torch_state_dict"]
