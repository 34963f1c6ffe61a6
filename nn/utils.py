"""What PyTorch has in torch.nn.utils, under the same names."""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from .core.absent import explain as _explain
from .training.clip import clip_grad_norm_, clip_grad_value_

__all__ = ["clip_grad_norm_", "clip_grad_value_"]

if not _TYPE_CHECKING:  # a type checker would take every name for one that exists

    def __getattr__(name: str) -> object:
        raise _explain("nn.utils", name, __all__)
