"""What to say about names of PyTorch that are not here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

OPTIMISERS = "the optimisers here are listed in nn.optim; Adam and AdamW are the usual choice"
LAYERS = "the layers here are listed in nn.layers; more can be written as a Module with autograd's functions"
LOSSES = "the losses here are listed in nn.losses; more can be written with autograd's functions"
INITS = "the functions are listed in nn.init; any array is set with parameter.data = array, such as np.eye(3)"
VECTORS = "write np.concatenate([p.numpy().ravel() for p in model.parameters()]); back, set the data of each parameter"
FUNCTIONS = "the functions are in autograd: autograd.relu, autograd.softmax, ..."

_NAMES = {
    OPTIMISERS: "Adamax RAdam Rprop ASGD SparseAdam Adafactor Muon",
    LAYERS: "Dropout1d Dropout3d AlphaDropout BatchNorm3d InstanceNorm1d InstanceNorm2d LocalResponseNorm Conv3d "
    "ConvTranspose3d LazyLinear MaxPool3d AvgPool3d AdaptiveAvgPool1d AdaptiveMaxPool2d AdaptiveMaxPool1d Upsample "
    "PixelShuffle ZeroPad2d Bilinear EmbeddingBag Transformer TransformerEncoder TransformerEncoderLayer "
    "MultiheadAttention RReLU Softmax2d",
    LOSSES: "CosineEmbeddingLoss TripletMarginLoss PoissonNLLLoss MultiLabelMarginLoss SoftMarginLoss CTCLoss",
    INITS: "eye_ sparse_ dirac_",
    VECTORS: "parameters_to_vector vector_to_parameters",
    FUNCTIONS: "functional F",
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
