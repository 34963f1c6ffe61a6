"""Losses: one number that says how wrong the outputs are. Names, settings and numbers are PyTorch's."""

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
