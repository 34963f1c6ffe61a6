"""Losses: one number that says how wrong the outputs are. Names, settings and numbers are PyTorch's.

A loss is made first, with its settings, and then called: `nn.MSELoss(reduction="sum")(prediction, target)`. The
formulas are ops of the engine (`autograd.mse_loss` and so on); here they get PyTorch's classes and checks.
`reduction` is "mean", "sum" or "none", one number for each row or element.
"""

from .base import Loss
from .classification import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, HingeLoss, MultiMarginLoss, NLLLoss
from .distances import (
    GaussianNLLLoss,
    HingeEmbeddingLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    SmoothL1Loss,
)

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "HingeLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "Loss",
    "MSELoss",
    "MultiMarginLoss",
    "NLLLoss",
    "SmoothL1Loss",
]
