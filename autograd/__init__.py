"""autograd: a scalar and an array engine for reverse-mode differentiation.

>>> from autograd import Value
>>> w, x = Value(2.0, name="w"), Value(-1.0, name="x")
>>> f = (w * x + 0.5).tanh()
>>> f.backward()
>>> round(w.grad, 4)
-0.1807
"""

from pathlib import Path as _Path

if (
    _Path(__file__).parent / "tracer.py"
).exists():  # a file of PyPI's autograd, which has the same import name
    raise ImportError(
        f"PyPI's 'autograd' and gradlens are mixed in {_Path(__file__).parent}: both are imported as 'autograd'. "
        "Run 'pip uninstall -y autograd gradlens', then install the one you need; for both use two environments."
    )

from .check import CheckFailed, check_grads, numeric_gradient
from .errors import (
    AutogradError,
    DomainError,
    DtypeError,
    GradientError,
    GradientWarning,
    MutationError,
    ShapeError,
    UnknownOpError,
)
from .functional import elementwise_grad, grad, gradients, value_and_grad
from .graph import Node, enable_grad, no_grad, topological_order, trace
from .ops.elementwise import (
    absolute,
    add,
    arccos,
    arcsin,
    arctan,
    clip,
    cos,
    cosh,
    divide,
    elu,
    exp,
    expm1,
    leaky_relu,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    maximum,
    minimum,
    multiply,
    negative,
    power,
    reciprocal,
    relu,
    sigmoid,
    sign,
    sin,
    sinh,
    softplus,
    sqrt,
    square,
    subtract,
    tan,
    tanh,
    where,
)
from .ops.index import getitem, scatter
from .ops.linalg import matmul
from .ops.network import linear, log_softmax, softmax, softmax_cross_entropy
from .ops.neuron import neuron
from .ops.reduce import logsumexp, mean
from .ops.reduce import max as max
from .ops.reduce import min as min
from .ops.reduce import sum as sum
from .ops.shape import (
    astype,
    broadcast_to,
    concatenate,
    expand_dims,
    reshape,
    squeeze,
    stack,
    swapaxes,
    transpose,
)
from .primitive import Primitive, elementwise, primitive, registry
from .tensor import Tensor
from .value import Value

__gradlens__ = "0.1.0"
abs = absolute

# `from autograd import *` leaves Python's own abs, max, min and sum alone, as NumPy does.
__all__ = [
    "AutogradError",
    "CheckFailed",
    "DomainError",
    "DtypeError",
    "GradientError",
    "GradientWarning",
    "MutationError",
    "Node",
    "Primitive",
    "ShapeError",
    "Tensor",
    "UnknownOpError",
    "Value",
    "absolute",
    "add",
    "arccos",
    "arcsin",
    "arctan",
    "astype",
    "broadcast_to",
    "check_grads",
    "clip",
    "concatenate",
    "cos",
    "cosh",
    "divide",
    "elementwise",
    "elementwise_grad",
    "elu",
    "enable_grad",
    "exp",
    "expand_dims",
    "expm1",
    "getitem",
    "grad",
    "gradients",
    "leaky_relu",
    "linear",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "matmul",
    "maximum",
    "mean",
    "minimum",
    "multiply",
    "negative",
    "neuron",
    "no_grad",
    "numeric_gradient",
    "power",
    "primitive",
    "reciprocal",
    "registry",
    "relu",
    "reshape",
    "scatter",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "subtract",
    "swapaxes",
    "tan",
    "tanh",
    "topological_order",
    "trace",
    "transpose",
    "value_and_grad",
    "where",
]
