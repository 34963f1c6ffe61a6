"""Every layer with settings that matter, for the tests that put it beside PyTorch's and that export it."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

import nn

# Name, arguments, further arguments, and the shape of one sample.
Case = tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]
ROW, SIGNAL, IMAGE = (4,), (4, 7), (4, 7, 6)

ELEMENTWISE: list[Case] = [
    (name, args, more, ROW)
    for name, args, more in [
        ("ReLU", (), {}),
        ("ReLU", (True,), {}),
        ("ReLU6", (), {}),
        ("LeakyReLU", (), {}),
        ("LeakyReLU", (0.3, True), {}),
        ("PReLU", (), {}),
        ("PReLU", (4, 0.1), {}),
        ("ELU", (), {}),
        ("ELU", (0.7,), {"inplace": True}),
        ("CELU", (), {}),
        ("CELU", (0.5,), {}),
        ("SELU", (), {}),
        ("GELU", (), {}),
        ("GELU", ("tanh",), {}),
        ("SiLU", (), {}),
        ("Mish", (), {}),
        ("Softplus", (), {}),
        ("Softplus", (2.0, 3.0), {}),
        ("Softplus", (1.0, 0.5), {}),
        ("Softplus", (2.0, 20.0), {}),
        ("Softsign", (), {}),
        ("Tanh", (), {}),
        ("Tanhshrink", (), {}),
        ("Sigmoid", (), {}),
        ("LogSigmoid", (), {}),
        ("Hardtanh", (), {}),
        ("Hardtanh", (-0.5, 2.0), {}),
        ("Hardsigmoid", (), {}),
        ("Hardswish", (), {}),
        ("Hardshrink", (), {}),
        ("Hardshrink", (0.2,), {}),
        ("Softshrink", (), {}),
        ("Softshrink", (0.2,), {}),
        ("Threshold", (0.1, 20), {}),
        ("Softmax", (1,), {}),
        ("LogSoftmax", (-1,), {}),
        ("Softmin", (0,), {}),
        ("GLU", (), {}),
    ]
]
SHAPED: list[Case] = [
    ("Identity", (), {}, ROW),
    ("Flatten", (), {}, ROW),
    ("Flatten", (), {}, IMAGE),
    ("Flatten", (2,), {}, IMAGE),
    ("Unflatten", (1, (2, 2)), {}, ROW),
    ("Unflatten", (-1, (-1, 2)), {}, ROW),
    ("Linear", (4, 3), {}, ROW),
    ("Linear", (4, 3), {"bias": False}, ROW),
    ("Linear", (4, 3), {}, (5, 4)),
    ("Linear", (4, 3), {"bias": False}, (2, 5, 4)),
    ("PReLU", (4,), {}, SIGNAL),
    ("PReLU", (4,), {}, IMAGE),
    ("Softmax", (2,), {}, IMAGE),
    ("GLU", (1,), {}, IMAGE),
    ("BatchNorm1d", (4,), {}, ROW),
    ("BatchNorm1d", (4, 1e-3, 0.3), {}, SIGNAL),
    ("BatchNorm1d", (4,), {"momentum": None}, ROW),
    ("BatchNorm1d", (4,), {"affine": False}, ROW),
    ("BatchNorm1d", (4,), {"momentum": None, "affine": False}, ROW),
    ("BatchNorm1d", (4,), {"bias": False}, ROW),
    ("BatchNorm2d", (4,), {}, IMAGE),
    ("LayerNorm", (4,), {}, ROW),
    ("LayerNorm", ((7, 6),), {"eps": 1e-2}, IMAGE),
    ("LayerNorm", (4,), {"bias": False}, ROW),
    ("LayerNorm", (1,), {}, (3, 1)),
    ("LayerNorm", (4,), {"elementwise_affine": False}, ROW),
    ("RMSNorm", (4,), {}, ROW),
    ("RMSNorm", ((7, 6), 1e-3), {}, IMAGE),
    ("RMSNorm", (4,), {"elementwise_affine": False}, ROW),
    ("GroupNorm", (2, 4), {}, IMAGE),
    ("GroupNorm", (2, 4), {"bias": False}, ROW),
    ("GroupNorm", (4, 4), {"affine": False}, ROW),
    ("GroupNorm", (1, 4), {"affine": False}, SIGNAL),
]
WINDOWS: list[Case] = [
    ("Conv1d", (4, 6, 3), {}, SIGNAL),
    ("Conv1d", (4, 6, 3, 2, "valid"), {"groups": 2, "bias": False}, SIGNAL),
    ("Conv2d", (4, 6, 3), {}, IMAGE),
    ("Conv2d", (4, 6, (3, 2)), {"stride": 2, "padding": (1, 0), "dilation": (1, 2)}, IMAGE),
    ("Conv2d", (4, 8, 3), {"padding": "same", "groups": 4, "bias": False}, IMAGE),
    ("Conv2d", (4, 8, (2, 4)), {"padding": "same"}, IMAGE),
    ("Conv2d", (4, 2, 3), {"stride": 3, "padding": 1}, IMAGE),
    ("ConvTranspose1d", (4, 6, 3), {"stride": 2}, SIGNAL),
    ("ConvTranspose2d", (4, 6, 3), {"stride": 2, "padding": 1, "output_padding": 1}, IMAGE),
    ("ConvTranspose2d", (4, 6, (2, 3)), {"groups": 2, "bias": False}, IMAGE),
    ("ConvTranspose2d", (4, 6, 3), {"dilation": 2}, IMAGE),
    ("MaxPool1d", (2,), {}, SIGNAL),
    ("MaxPool2d", (2,), {}, IMAGE),
    ("MaxPool2d", ((3, 2), 1, 1), {"ceil_mode": True}, IMAGE),
    ("MaxPool2d", (3, 2, 1), {"ceil_mode": True}, IMAGE),
    ("MaxPool2d", (2, 3, 0, 2), {"ceil_mode": True}, IMAGE),
    ("AvgPool1d", (2,), {}, SIGNAL),
    ("AvgPool1d", (2,), {"ceil_mode": True}, SIGNAL),
    ("AvgPool2d", (2,), {}, IMAGE),
    ("AvgPool2d", (3, 2, 1), {}, IMAGE),
    ("AvgPool2d", (3, 2, 1), {"count_include_pad": False}, IMAGE),
    ("AvgPool2d", (3, 2, 1), {"ceil_mode": True}, IMAGE),
    ("AvgPool2d", ((3, 4), (3, 5), (1, 2)), {"ceil_mode": True}, IMAGE),
    ("AvgPool1d", (4, 3, 2), {"ceil_mode": True}, (4, 9)),
    ("AvgPool2d", (3, 2, 1), {"ceil_mode": True, "count_include_pad": False}, IMAGE),
    ("AdaptiveAvgPool2d", (1,), {}, IMAGE),
    ("AdaptiveAvgPool2d", ((3, None),), {}, IMAGE),
    ("AdaptiveAvgPool2d", ((3, 4),), {}, IMAGE),
]
RECURRENT: list[Case] = [
    ("RNN", (4, 5), {"nonlinearity": "relu", "bias": False, "batch_first": True}, (6, 4)),
    ("RNN", (4, 5), {"batch_first": True, "bidirectional": True}, (6, 4)),
    ("GRU", (4, 5), {"batch_first": True, "num_layers": 2, "bidirectional": True}, (6, 4)),
    ("GRU", (4, 5), {"batch_first": True, "bias": False}, (6, 4)),
    ("LSTM", (4, 5), {"batch_first": True}, (6, 4)),
    ("LSTM", (4, 5), {"batch_first": True, "num_layers": 2, "bidirectional": True, "dropout": 0.5}, (6, 4)),
]
# What PyTorch does not have, what it does otherwise (a Softmax without an axis), and what is random.
HERE: list[Case] = [
    ("Softmax", (), {}, ROW),
    ("Softmax", (), {}, IMAGE),
    ("Dropout", (0.3,), {}, ROW),
    ("Dropout2d", (0.3,), {}, IMAGE),
    ("Bias", (4,), {}, ROW),
    ("Maxout", (4, 3), {}, ROW),
    ("Maxout", (4, 3, 3, False), {}, (5, 4)),
]
IN_BOTH = ELEMENTWISE + SHAPED + WINDOWS
LAYERS = IN_BOTH + HERE


def labels(cases: list[Case]) -> list[str]:
    """A name for each case."""
    return [f"{case[0]}-{i}" for i, case in enumerate(cases)]


def accepted(name: str, **settings: Any) -> dict[str, Any]:
    """Those of the settings that the layer takes."""
    return {key: settings[key] for key in settings if key in inspect.signature(getattr(nn, name)).parameters}


def make(case: Case, dtype: Any = np.float64) -> nn.Module:
    """The layer, with weights and running statistics that none starts with."""
    name, args, more, _ = case
    return unusual(getattr(nn, name)(*args, **more, **accepted(name, rng=0, dtype=dtype)))


def unusual(model: nn.Module) -> nn.Module:
    """The same model with other numbers in every parameter and buffer."""
    rng = np.random.default_rng(0)
    state = model.state_dict()
    for key, value in state.items():
        if value.dtype.kind == "f":
            state[key] = rng.uniform(0.5, 1.5, value.shape) * (1 if "var" in key else rng.choice([-1, 1]))
        else:
            state[key] = value + 3
    model.load_state_dict(state)
    return model
