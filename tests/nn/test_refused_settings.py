"""Settings are looked at when a layer, an optimiser or a schedule is made, not at its first call."""

import inspect

import numpy as np
import pytest

import nn


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: nn.Threshold(1, None), TypeError, "Threshold: value=None"),
        (lambda: nn.Threshold("a", 1), TypeError, "Threshold: threshold='a'"),
        (lambda: nn.Softplus(beta=0), ValueError, "Softplus: beta=0: .* > 0"),
        (lambda: nn.Softplus(threshold=None), TypeError, "Softplus: threshold"),
        (lambda: nn.ELU("a"), TypeError, "ELU: alpha='a'"),
        (lambda: nn.LeakyReLU(None), TypeError, "negative_slope=None"),
        (lambda: nn.Hardtanh("a"), TypeError, "Hardtanh: min_val='a'"),
        (lambda: nn.Softshrink(-1), ValueError, "Softshrink: lambd=-1.*distance"),
        (lambda: nn.PReLU(0), ValueError, "PReLU: num_parameters=0: .* from 1 on"),
        (lambda: nn.GELU("bad"), ValueError, "approximate='bad': .*'none' or 'tanh'"),
        (lambda: nn.Softmax("a"), TypeError, "Softmax: dim='a'"),
        (lambda: nn.BatchNorm1d(3, eps=-1), ValueError, "BatchNorm1d: eps=-1"),
        (lambda: nn.BatchNorm2d(3, momentum=2), ValueError, "BatchNorm2d: momentum=2: .* from 0 to 1"),
        (lambda: nn.LayerNorm(3, eps=-1), ValueError, "LayerNorm: eps=-1"),
        (lambda: nn.RMSNorm(3, eps="a"), TypeError, "RMSNorm: eps='a'"),
        (lambda: nn.GroupNorm(1, 3, eps=-1), ValueError, "GroupNorm: eps=-1"),
        (lambda: nn.Conv2d(1, 1, 3, padding="bad"), ValueError, "padding='bad': .*'same' or 'valid'"),
        (
            lambda: nn.Conv2d(1, 1, 3, 2, "same"),
            ValueError,
            r"stride=\(2, 2\): only a stride of 1 .* \(1, 1\)",
        ),
        (lambda: nn.ConvTranspose1d(1, 1, 3, padding="same"), ValueError, "a whole number from 0 on.$"),
        (lambda: nn.MaxPool2d("bad"), ValueError, "MaxPool2d: kernel_size='bad'"),
        (lambda: nn.MaxPool1d(2, stride=0), ValueError, "MaxPool1d: stride=0"),
        (lambda: nn.MaxPool1d(2, dilation=0), ValueError, "MaxPool1d: dilation=0"),
        (lambda: nn.AvgPool2d(2, padding=2), ValueError, "AvgPool2d: padding=2 is more than half"),
        (lambda: nn.AdaptiveAvgPool2d("x"), TypeError, "output_size='x'"),
        (lambda: nn.Embedding(3, 2, padding_idx="x"), TypeError, "padding_idx='x'"),
        (lambda: nn.Linear(2, 2, dtype="nonsense"), TypeError, "Linear: dtype='nonsense': .*np.float32"),
        (lambda: nn.Conv1d(1, 1, 3, dtype=int), TypeError, "Conv1d: dtype="),
        (lambda: nn.BatchNorm1d(3, dtype="nonsense"), TypeError, "BatchNorm1d: dtype="),
        (lambda: nn.Embedding(3, 3, dtype="nonsense"), TypeError, "Embedding: dtype="),
        (lambda: nn.Linear(2, 2, rng=-1), ValueError, "rng=-1: a seed is a whole number from 0 on"),
    ],
)
def test_settings(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()


def test_settings_at_their_limits():
    assert nn.Threshold(0.0, -np.inf)(np.array([-1.0]))[0] == -np.inf
    assert nn.Hardtanh(-np.inf, 0)(np.array([-9.0, 9.0])).tolist() == [-9.0, 0.0]
    assert nn.Conv2d(1, 1, 3, padding="same", stride=1, rng=0)(np.ones((1, 1, 4, 4))).shape == (1, 1, 4, 4)
    assert nn.AvgPool2d(3, 2, 1)(np.ones((1, 1, 4, 4))).shape == (1, 1, 2, 2)
    assert nn.AdaptiveAvgPool2d((None, 2))(np.ones((1, 1, 4, 4))).shape == (1, 1, 4, 2)
    assert nn.BatchNorm1d(2, momentum=None, dtype=np.float32).weight.dtype == np.float32


OPTIMISERS = [kind for kind in map(nn.optim.__dict__.get, nn.optim.__all__) if hasattr(kind, "settings")]
NEEDED = {
    "step_size": 3,
    "milestones": [2],
    "gamma": 0.5,
    "decay": 0.5,
    "T_max": 3,
    "T_0": 3,
    "max_lr": 1,
    "total_steps": 9,
}
SCHEDULES = {
    "StepLR": ("step_size", "gamma"),
    "MultiStepLR": ("gamma",),
    "ExponentialLR": ("gamma",),
    "InverseTimeLR": ("decay",),
    "ConstantLR": ("factor", "total_iters"),
    "LinearLR": ("start_factor", "end_factor", "total_iters"),
    "PolynomialLR": ("total_iters", "power"),
    "CosineAnnealingLR": ("T_max", "eta_min"),
    "CosineAnnealingWarmRestarts": ("T_0", "T_mult", "eta_min"),
    "OneCycleLR": (
        "total_steps",
        "max_lr",
        "pct_start",
        "base_momentum",
        "max_momentum",
        "div_factor",
        "final_div_factor",
    ),
    "ReduceLROnPlateau": ("factor", "patience", "eps", "cooldown", "min_lr"),
}


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_no_setting_of_an_optimiser_may_be_negative(kind):
    for name in kind.settings:
        with pytest.raises((TypeError, ValueError), match=f"{name}.*-1"):
            kind([nn.Parameter([1.0])], **{name: -1})


@pytest.mark.parametrize("name", SCHEDULES)
def test_no_setting_of_a_schedule_may_be_negative(name):
    optimiser, kind = nn.SGD([nn.Parameter([1.0])], lr=0.1, momentum=0.9), getattr(nn.schedule, name)
    needed = {k: v for k, v in NEEDED.items() if k in inspect.signature(kind).parameters}
    kind(optimiser, **needed)
    for setting in SCHEDULES[name]:
        with pytest.raises(ValueError, match=f"{setting}=-1"):
            kind(optimiser, **{**needed, setting: -1})
