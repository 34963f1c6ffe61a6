"""nn: fully connected networks, built from the autograd engine. Names, shapes and defaults are PyTorch's."""

import autograd as _autograd

if not hasattr(_autograd, "__gradlens__"):
    raise ImportError(
        "nn needs gradlens' own package 'autograd', but another one was imported from "
        f"{getattr(_autograd, '__file__', 'an unknown place')}: PyPI's 'autograd' has the same import name, and "
        "the two cannot share an environment. Run 'pip uninstall autograd', then reinstall gradlens, or use a "
        "new environment."
    )

from . import init, optim, scalar
from .fuse import unfused
from .layers import MLP, Activation, Linear, ReLU, Sequential, Sigmoid, Tanh
from .losses import CrossEntropyLoss, MSELoss
from .module import Module
from .optim import SGD, Optimiser
from .parameter import Parameter

__all__ = [
    "MLP",
    "SGD",
    "Activation",
    "CrossEntropyLoss",
    "Linear",
    "MSELoss",
    "Module",
    "Optimiser",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "init",
    "optim",
    "scalar",
    "unfused",
]
