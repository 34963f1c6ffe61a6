"""The schedules under the name that they have in PyTorch: `from nn.optim.lr_scheduler import StepLR`."""

from ..schedule import *  # noqa: F403
from ..schedule import __all__ as __all__
