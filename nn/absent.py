"""What to say about names of PyTorch that are not here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

OPTIMISERS = "the optimisers here are listed in nn.optim; Adam and AdamW are the usual choice"
LAYERS = "the layers here are nn.Linear, nn.Sequential and nn.MLP"
ACTIVATIONS = (
    "the activations here are nn.ReLU, nn.Tanh and nn.Sigmoid; autograd has more, for use in forward()"
)
LOSSES = "the losses here are listed in nn.losses; more can be written with autograd's functions"
LISTS = "set the parts as attributes of a Module, or chain them in nn.Sequential"
FUNCTIONS = "the functions are in autograd: autograd.relu, autograd.softmax, ..."

_NAMES = {
    OPTIMISERS: "Adamax RAdam Rprop ASGD SparseAdam Adafactor Muon",
    LAYERS: "Dropout Dropout1d Dropout2d BatchNorm1d BatchNorm2d BatchNorm3d LayerNorm GroupNorm InstanceNorm2d "
    "RMSNorm Conv1d Conv2d Conv3d ConvTranspose2d MaxPool1d MaxPool2d AvgPool2d AdaptiveAvgPool2d Flatten Unflatten "
    "Identity Embedding Bilinear RNN LSTM GRU Transformer TransformerEncoder MultiheadAttention",
    ACTIVATIONS: "GELU ELU SELU CELU SiLU Mish LeakyReLU PReLU ReLU6 Softmax LogSoftmax Softplus Softsign Hardtanh "
    "Hardsigmoid Hardswish LogSigmoid GLU",
    LOSSES: "CosineEmbeddingLoss TripletMarginLoss PoissonNLLLoss MultiLabelMarginLoss SoftMarginLoss CTCLoss",
    LISTS: "ModuleList ModuleDict ParameterList ParameterDict",
    FUNCTIONS: "functional",
}
WELL_KNOWN = {name: instead for instead, names in _NAMES.items() for name in names.split()}


def explain(module: str, name: str, known: Iterable[str]) -> AttributeError:
    """The error for `module.name`, which does not exist.

    >>> print(explain("nn", "RAdam", []))
    nn.RAdam is not there yet: the optimisers here are listed in nn.optim; Adam and AdamW are the usual choice.
    >>> print(explain("nn", "Sequental", ["Sequential", "SGD"]))
    module 'nn' has no 'Sequental'. Did you mean nn.Sequential?
    """
    if name in WELL_KNOWN:
        return AttributeError(f"{module}.{name} is not there yet: {WELL_KNOWN[name]}.")
    by_lower = {other.lower(): other for other in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1) if not name.startswith("__") else []
    hint = f" Did you mean {module}.{by_lower[near[0]]}?" if near else ""
    return AttributeError(f"module {module!r} has no {name!r}.{hint}")
