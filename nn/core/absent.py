"""What to say about names of PyTorch that are not here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

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

# What has another name here, or is no name of nn at all, and what to write.
_ELSEWHERE = {
    "nn.optim": "optimizer optimizers optimiser optimisers",
    "nn.schedule": "scheduler schedulers lr_scheduler schedules",
    "nn.safetensors.save_file(model.state_dict(), path)": "save save_model save_weights",
    "model.load_state_dict(nn.safetensors.load_file(path))": "load load_model load_weights",
    "nn.fit(model, (X, y), epochs=10)": "train Trainer",
    "nn.schedule.CosineAnnealingLR": "CosineDecay",
    "nn.schedule.MultiStepLR": "PiecewiseConstantDecay",
    "nn.search.integers": "randint int suggest_int",
    "nn.search.choice": "categorical suggest_categorical",
    "autograd.Tensor": "Tensor tensor",
    "autograd.no_grad": "no_grad",
}
ELSEWHERE = {name: here for here, names in _ELSEWHERE.items() for name in names.split()}


def explain(
    module: str, name: str, known: Iterable[str], parts: Mapping[str, Iterable[str]] | None = None
) -> AttributeError:
    """The error for `module.name`, which does not exist. parts: further modules, where it may be, with their names.

    >>> print(explain("nn", "RAdam", []))
    nn.RAdam is not there yet: the optimisers here are listed in nn.optim; Adam and AdamW are the usual choice.
    >>> print(explain("nn", "Sequental", ["Sequential", "SGD"]))
    module 'nn' has no 'Sequental'. Did you mean nn.Sequential?
    >>> print(explain("nn", "StepLR", ["SELU"], {"nn.schedule": ["StepLR"]}))
    module 'nn' has no 'StepLR': it is nn.schedule.StepLR.
    """
    if name in WELL_KNOWN:
        return AttributeError(f"{module}.{name} is not there yet: {WELL_KNOWN[name]}.")
    text = f"module {module!r} has no {name!r}"
    if name.startswith("__"):
        return AttributeError(f"{text}.")
    by_lower = {other.lower(): [f"{module}.{other}"] for other in known}
    elsewhere = {at: list(names) for at, names in (parts or {}).items()}
    exact = [f"{at}.{name}" for at, names in elsewhere.items() if name in names]
    if name.lower() not in by_lower:
        if name in ELSEWHERE:
            return AttributeError(f"{text}: here it is {ELSEWHERE[name]}.")
        if exact:
            return AttributeError(f"{text}: it is {' or '.join(exact)}.")
    for at, names in elsewhere.items():
        for other in names:
            by_lower.setdefault(other.lower(), []).append(f"{at}.{other}")
    near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7)
    hint = f" Did you mean {by_lower[near[0]][0]}?" if near else ""
    return AttributeError(f"{text}.{hint}")
