"""Optimisers: from gradients to new parameters. Each rule is written once, on flat arrays; names are PyTorch's."""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from ..core.absent import explain as _explain
from .adam import Adam, AdamW, NAdam
from .lbfgs import LBFGS
from .optimiser import Optimiser
from .scaled import Adadelta, Adagrad, RMSprop
from .settings import Setting
from .sgd import SGD

__all__ = [
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "LBFGS",
    "NAdam",
    "Optimiser",
    "RMSprop",
    "SGD",
    "Setting",
]


if not _TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        from .lr_scheduler import __all__ as schedules  # which import the optimisers

        raise _explain("nn.optim", name, __all__, {"nn.schedule": schedules})
