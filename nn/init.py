"""Initial weights: functions that make an array, and, with a trailing underscore, that fill a parameter in place.

`he_normal((out, in), rng=0)` makes an array of that shape; `he_normal_(layer.weight, rng=0)` fills a Parameter, as
torch.nn.init's functions do. Given a Module, it fills each of its weight matrices and leaves biases alone. Names,
defaults and formulas are PyTorch's; "he" is another name of "kaiming", "glorot" one of "xavier". Random numbers come
from the `rng` that is passed: a seed, a Generator, or None for fresh ones.

>>> import nn
>>> layer = nn.Linear(100, 50, rng=0)
>>> round(float(he_normal_(layer.weight, rng=0).data.std()), 3), round((2 / 100) ** 0.5, 3)
(0.141, 0.141)
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import ShapeError
from autograd.tensor import Tensor

from .core.absent import explain
from .core.module import Module
from .core.rng import generator
from .core.weights import (
    calculate_gain,
    constant,
    fans,
    he_normal,
    he_uniform,
    linear_default,
    normal,
    ones,
    orthogonal,
    pytorch_default,
    small_normal,
    trunc_normal,
    uniform,
    weight_matrices,
    xavier_normal,
    xavier_uniform,
    zeros,
)

__all__ = [
    "apply_init",
    "by_name",
    "calculate_gain",
    "constant",
    "constant_",
    "fans",
    "he_normal",
    "he_normal_",
    "he_uniform",
    "he_uniform_",
    "kaiming_normal",
    "kaiming_normal_",
    "kaiming_uniform",
    "kaiming_uniform_",
    "linear_default",
    "normal",
    "normal_",
    "ones",
    "ones_",
    "orthogonal",
    "orthogonal_",
    "pytorch_default",
    "pytorch_default_",
    "small_normal",
    "small_normal_",
    "trunc_normal",
    "trunc_normal_",
    "uniform",
    "uniform_",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
    "zeros",
    "zeros_",
]


# --- in place


def _in_place(make: Callable[..., Any]) -> Callable[..., Any]:
    """The function that fills a Parameter, or the weight matrices of a Module, with what `make` makes."""

    def fill(parameter: Any, *settings: Any, rng: Any = None, **more: Any) -> Any:
        if isinstance(parameter, Module):
            draw = generator(rng)
            for weight in weight_matrices(parameter):
                fill(weight, *settings, rng=draw, **more)
            _begun(parameter)
        elif isinstance(parameter, Tensor):
            parameter.data = make(parameter.shape, *settings, rng=rng, dtype=parameter.dtype, **more)
        else:
            raise TypeError(
                f"{fill.__name__} fills a Parameter or a Module, not {type(parameter).__name__}. For a new array "
                f"write {make.__name__}(shape, rng=...)."
            )
        return parameter

    fill.__name__ = fill.__qualname__ = f"{make.__name__}_"
    summary = (make.__doc__ or "").partition("\n\n")[0]
    fill.__doc__ = f"Fill a Parameter, or the weight matrices of a Module, and return it. {summary}"
    _, *settings = [p for p in inspect.signature(make).parameters.values() if p.name != "dtype"]
    target = inspect.Parameter("parameter", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    fill.__signature__ = inspect.Signature([target, *settings])  # type: ignore[attr-defined]
    fill.make = make  # type: ignore[attr-defined]
    return fill


zeros_ = _in_place(zeros)
ones_ = _in_place(ones)
constant_ = _in_place(constant)
normal_ = _in_place(normal)
small_normal_ = _in_place(small_normal)
uniform_ = _in_place(uniform)
trunc_normal_ = _in_place(trunc_normal)
xavier_uniform_ = _in_place(xavier_uniform)
xavier_normal_ = _in_place(xavier_normal)
he_uniform_ = _in_place(he_uniform)
he_normal_ = _in_place(he_normal)
orthogonal_ = _in_place(orthogonal)
pytorch_default_ = _in_place(pytorch_default)
kaiming_uniform, kaiming_uniform_ = he_uniform, he_uniform_
kaiming_normal, kaiming_normal_ = he_normal, he_normal_


def _begun(model: Module) -> None:
    for module in model.modules():
        module._begun()


# --- by name


BY_NAME: dict[str, Callable[..., Any]] = {
    "zeros": zeros,
    "ones": ones,
    "normal": normal,
    "small_normal": small_normal,
    "uniform": uniform,
    "trunc_normal": trunc_normal,
    "xavier": xavier_normal,
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "glorot_uniform": xavier_uniform,
    "glorot_normal": xavier_normal,
    "he": he_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "kaiming_uniform": he_uniform,
    "kaiming_normal": he_normal,
    "orthogonal": orthogonal,
    "default": pytorch_default,
    "pytorch_default": pytorch_default,
}


def by_name(name: str | Callable[..., Any]) -> Callable[..., Any]:
    """A function make(shape, rng=None, dtype=float64) from a name, or from such a function, whose result is checked.

    >>> by_name("xavier_uniform")((2, 3), 0).shape
    (2, 3)
    >>> by_name(lambda shape, rng, dtype: np.full(shape, 0.5))((2,))
    array([0.5, 0.5])
    """
    if isinstance(name, str):
        if name not in BY_NAME:
            near = difflib.get_close_matches(name.lower().strip("_"), BY_NAME, n=1, cutoff=0.5)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"there is no init {name!r}.{hint} There are {', '.join(BY_NAME)}.")
        given = BY_NAME[name]
    elif callable(name):
        given = getattr(name, "make", name)
    else:
        raise TypeError(f"an init is a name such as 'he_normal', or a function, not {type(name).__name__}.")

    def make(shape: Any, rng: Any = None, dtype: Any = np.float64) -> Any:
        array = np.asarray(given(tuple(shape), rng=generator(rng), dtype=dtype), dtype=dtype)
        if array.shape != tuple(shape):
            raise ShapeError(
                f"init {name!r} made an array of shape {array.shape}, where {tuple(shape)} is needed."
            )
        return array

    return make


def apply_init(model: Module, init: Any, *, rng: Any = None, bias: Any = "zeros") -> Module:
    """Start all weight matrices of a model anew, as `init` says, and its biases at zero; returns the model.

    init, bias: names or functions as in `by_name`; bias=None leaves the biases. Factors of normalisation stay, and the
    row padding_idx of an Embedding is 0.

    >>> import nn
    >>> model = apply_init(nn.MLP([4, 3, 2], rng=0), "he_normal", rng=0)
    >>> model[0].bias.data
    array([0., 0., 0.])
    """
    if not isinstance(model, Module):
        raise TypeError(
            f"apply_init fills a Module, not {type(model).__name__}. For a Parameter use he_normal_(p)."
        )
    draw, make = generator(rng), by_name(init)
    make_bias = None if bias is None else by_name(bias)
    weights = list(weight_matrices(model))
    for weight in weights:
        weight.data = make(weight.shape, draw, weight.dtype)
    _begun(model)
    for name, parameter in model.named_parameters():
        if make_bias is not None and name.rpartition(".")[2].startswith("bias"):
            parameter.data = make_bias(parameter.shape, draw, parameter.dtype)
    return model


if not TYPE_CHECKING:  # a type checker would take every name for one that exists

    def __getattr__(name: str) -> object:
        raise explain("nn.init", name, __all__)
