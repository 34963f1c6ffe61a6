"""Learning-rate schedules, under PyTorch's names; also to be found as nn.optim.lr_scheduler."""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from ..core.absent import explain as _explain
from .combined import ChainedScheduler, SequentialLR
from .curves import (
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    LinearLR,
    PolynomialLR,
)
from .cycle import OneCycleLR
from .plateau import ReduceLROnPlateau
from .schedule import Schedule
from .simple import ExponentialLR, InverseTimeLR, LambdaLR, MultiplicativeLR, MultiStepLR, StepLR

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "InverseTimeLR",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "Schedule",
    "SequentialLR",
    "StepLR",
]


if not _TYPE_CHECKING:  # a type checker would take every name for one that exists

    def __getattr__(name: str) -> object:
        raise _explain("nn.schedule", name, __all__)
