"""nn: fully connected networks, built from the autograd engine. Names, shapes and defaults are PyTorch's."""

import autograd as _autograd

if not hasattr(_autograd, "__gradlens__"):
    raise ImportError(
        "nn needs gradlens' own package 'autograd', but another one was imported from "
        f"{getattr(_autograd, '__file__', 'an unknown place')}: PyPI's 'autograd' has the same import name, and "
        "the two cannot share an environment. Run 'pip uninstall autograd gradlens' and then 'pip install .' in the "
        "clone, or use a new environment."
    )

from typing import TYPE_CHECKING as _TYPE_CHECKING

from autograd.ops.lookup import one_hot

from . import datasets, init, optim, scalar
from .absent import explain as _explain
from .data import DataLoader, MinMax, Standardiser, k_fold, train_dev_test_split
from .datasets import load_cifar10, load_digits, load_digits_16x16, load_fashion_mnist, load_mnist
from .fuse import unfused
from .layers import MLP, Activation, Linear, ReLU, Sequential, Sigmoid, Tanh
from .losses import CrossEntropyLoss, MSELoss
from .metrics import accuracy, predict
from .module import Module
from .optim import SGD, Optimiser
from .parameter import Parameter
from .train import DivergedError, History, fit

__all__ = [
    "Activation",
    "CrossEntropyLoss",
    "DataLoader",
    "DivergedError",
    "History",
    "Linear",
    "MLP",
    "MSELoss",
    "MinMax",
    "Module",
    "Optimiser",
    "Parameter",
    "ReLU",
    "SGD",
    "Sequential",
    "Sigmoid",
    "Standardiser",
    "Tanh",
    "accuracy",
    "datasets",
    "fit",
    "init",
    "k_fold",
    "load_cifar10",
    "load_digits",
    "load_digits_16x16",
    "load_fashion_mnist",
    "load_mnist",
    "one_hot",
    "optim",
    "predict",
    "scalar",
    "train_dev_test_split",
    "unfused",
]


if not _TYPE_CHECKING:  # a type checker would take every name for one that exists

    def __getattr__(name: str) -> object:
        raise _explain("nn", name, __all__)
