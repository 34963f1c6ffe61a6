"""What PyTorch has in torch.nn.utils, under the same names."""

from .clip import clip_grad_norm_, clip_grad_value_

__all__ = ["clip_grad_norm_", "clip_grad_value_"]
