"""nn: neural networks, built from the autograd engine. Names, shapes and defaults are PyTorch's.

    train, dev, test = nn.train_dev_test_split(X, y, rng=0)
    model = nn.MLP([64, 32, 10], dropout=0.2, rng=0)
    optimiser = nn.Adam(model.parameters(), lr=0.01)
    history = nn.fit(model, train, epochs=20, optimiser=optimiser, validation=dev, rng=0)
    nn.accuracy(nn.predict(model, test[0]), test[1])

Modules      Module, Parameter, MLP, Sequential, Residual, ModuleList, ModuleDict, ParameterList, ParameterDict
Layers       Linear, Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d, MaxPool2d, AvgPool2d, AdaptiveAvgPool2d, Flatten,
             BatchNorm1d, BatchNorm2d, LayerNorm, GroupNorm, RMSNorm, Dropout, Dropout2d, Embedding, RNN, LSTM, GRU,
             Maxout; ReLU, LeakyReLU, PReLU, ELU, GELU, SiLU, Sigmoid, Tanh, Softmax and the other activations
Losses       CrossEntropyLoss, NLLLoss, BCELoss, BCEWithLogitsLoss, HingeLoss, MultiMarginLoss, HingeEmbeddingLoss,
             MSELoss, L1Loss, SmoothL1Loss, HuberLoss, GaussianNLLLoss, KLDivLoss
Optimisers   SGD, Adam, AdamW, NAdam, RMSprop, Adagrad, Adadelta, LBFGS: nn.optim
Schedules    nn.schedule: StepLR, MultiStepLR, ExponentialLR, InverseTimeLR (the course's decay), PolynomialLR,
             LinearLR, CosineAnnealingLR, CosineAnnealingWarmRestarts, OneCycleLR, ReduceLROnPlateau, ConstantLR,
             LambdaLR, MultiplicativeLR; SequentialLR and ChainedScheduler combine them
Training     fit, evaluate, History, EarlyStopping, Callback, Checkpoint, nn.checkpoint; MLPClassifier and MLPRegressor
             with scikit-learn's interface
Weights      nn.init, apply_init; Regularised, l1_penalty, l2_penalty, max_norm_, clip_grad_norm_, clip_grad_value_,
             also in nn.utils
Results      predict, predict_proba, accuracy, top_k_accuracy, confusion_matrix, precision, recall, f1, r2_score
Looking in   summary, diagnose, activation_statistics; unfused, for pictures of every step
Data         train_dev_test_split, k_fold, Standardiser, MinMax, DataLoader, one_hot, nn.augment, nn.datasets,
             load_digits, load_mnist, load_fashion_mnist, load_cifar10
Searching    nn.search: random_search, grid_search, coarse_to_fine, successive_halving, staged_search, mlp_search
Files        nn.safetensors: save_file(model.state_dict(), path), model.load_state_dict(load_file(path)); nn.export:
             to_torch_code, to_torch_state_dict, to_onnx
To learn by  nn.scalar: Neuron, Layer and MLP of Values; nn.circuits: networks with known weights

docs/nn.md, in the repository, has a line on each name; help(nn.fit) and the like have the rest.
"""

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

from . import (
    augment,
    checkpoint,
    circuits,
    datasets,
    export,
    init,
    optim,
    safetensors,
    scalar,
    schedule,
    search,
    utils,
)
from . import layers as _layers
from .core.absent import explain as _explain
from .core.fuse import unfused
from .core.module import Module
from .core.parameter import Parameter
from .core.state import StateError
from .data import DataLoader, MinMax, Standardiser, k_fold, train_dev_test_split
from .datasets import load_cifar10, load_digits, load_digits_16x16, load_fashion_mnist, load_mnist
from .init import apply_init
from .inspection.diagnose import Diagnosis, diagnose
from .inspection.signals import activation_statistics
from .inspection.summary import Summary, summary
from .layers import *
from .losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    GaussianNLLLoss,
    HingeEmbeddingLoss,
    HingeLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    MultiMarginLoss,
    NLLLoss,
    SmoothL1Loss,
)
from .metrics import (
    accuracy,
    confusion_matrix,
    f1,
    precision,
    precision_recall_f1,
    predict,
    predict_proba,
    r2_score,
    recall,
    top_k_accuracy,
)
from .optim import LBFGS, SGD, Adadelta, Adagrad, Adam, AdamW, NAdam, Optimiser, RMSprop
from .optim import lr_scheduler as _lr_scheduler  # noqa: F401  (so that nn.optim.lr_scheduler is there)
from .training.callbacks import Callback, EarlyStopping
from .training.clip import clip_grad_norm_, clip_grad_value_
from .training.fit import evaluate, fit
from .training.history import DivergedError, History
from .training.regularise import Regularised, l1_penalty, l2_penalty, max_norm_
from .training.saving import Checkpoint

__all__ = [
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "BCELoss",
    "BCEWithLogitsLoss",
    "Callback",
    "Checkpoint",
    "CrossEntropyLoss",
    "DataLoader",
    "Diagnosis",
    "DivergedError",
    "EarlyStopping",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "HingeLoss",
    "History",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "LBFGS",
    "MSELoss",
    "MinMax",
    "Module",
    "MultiMarginLoss",
    "NAdam",
    "NLLLoss",
    "Optimiser",
    "Parameter",
    "RMSprop",
    "Regularised",
    "SGD",
    "SmoothL1Loss",
    "Standardiser",
    "StateError",
    "Summary",
    "accuracy",
    "activation_statistics",
    "apply_init",
    "augment",
    "checkpoint",
    "circuits",
    "clip_grad_norm_",
    "clip_grad_value_",
    "confusion_matrix",
    "datasets",
    "diagnose",
    "evaluate",
    "export",
    "f1",
    "fit",
    "init",
    "k_fold",
    "l1_penalty",
    "l2_penalty",
    "load_cifar10",
    "load_digits",
    "load_digits_16x16",
    "load_fashion_mnist",
    "load_mnist",
    "max_norm_",
    "one_hot",
    "optim",
    "precision",
    "precision_recall_f1",
    "predict",
    "predict_proba",
    "r2_score",
    "recall",
    "safetensors",
    "scalar",
    "schedule",
    "search",
    "summary",
    "top_k_accuracy",
    "train_dev_test_split",
    "unfused",
    "utils",
]
__all__ += _layers.__all__


if _TYPE_CHECKING:
    from .estimators import MLPClassifier as MLPClassifier
    from .estimators import MLPRegressor as MLPRegressor
else:  # a type checker would take every name for one that exists

    def _names(part: object) -> list[str]:
        """The public names of a module: __all__, or what is defined there."""
        own = [n for n, x in vars(part).items() if getattr(x, "__module__", "") == vars(part)["__name__"]]
        return [n for n in getattr(part, "__all__", own) if not n.startswith("_")]

    def __getattr__(name: str) -> object:
        if name in ("MLPClassifier", "MLPRegressor"):  # not in __all__: they need scikit-learn
            from . import estimators

            return getattr(estimators, name)
        parts = (schedule, search, datasets, export, init, scalar, safetensors, augment, circuits, optim)
        raise _explain("nn", name, __all__, {part.__name__: _names(part) for part in parts})
