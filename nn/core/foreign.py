"""Tensors of PyTorch as NumPy arrays, for whoever hands over a state of PyTorch. PyTorch itself is not imported."""

from __future__ import annotations

from typing import Any


def plain(x: Any) -> Any:
    """A tensor of PyTorch as an array, from whatever device and with or without gradients; anything else as it is.

    bfloat16 and the floats of 8 bits, which NumPy does not have, become float32, which holds their numbers exactly. The
    array may share its memory with the tensor.
    """
    if not hasattr(x, "resolve_neg"):  # which only those tensors have
        return x
    if x.device.type == "meta":
        raise ValueError('a tensor on the device "meta" has no numbers: load them in PyTorch first.')
    x = x.to_dense() if x.is_sparse else x
    try:
        return x.numpy(force=True)
    except TypeError:  # a dtype that NumPy does not have
        return x.float().numpy(force=True)
