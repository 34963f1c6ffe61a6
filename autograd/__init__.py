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
from .ops import elementwise as _elementwise
from .ops import index as _index
from .ops import linalg as _linalg
from .ops import linear as _linear
from .ops import neuron as _neuron
from .ops import reduce as _reduce
from .ops import shape as _shape
from .ops import softmax as _softmax
from .ops.elementwise import *
from .ops.index import *
from .ops.linalg import *
from .ops.linear import *
from .ops.neuron import *
from .ops.reduce import *
from .ops.shape import *
from .ops.softmax import *
from .primitive import Primitive, elementwise, primitive, registry
from .tensor import Tensor
from .value import Value

__gradlens__ = "0.1.0"
abs = _elementwise.absolute

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
    "check_grads",
    "elementwise",
    "elementwise_grad",
    "enable_grad",
    "grad",
    "gradients",
    "no_grad",
    "numeric_gradient",
    "primitive",
    "registry",
    "topological_order",
    "trace",
    "value_and_grad",
]
# Every op, as its own file lists it.
__all__ += _elementwise.__all__
__all__ += _index.__all__
__all__ += _linalg.__all__
__all__ += _linear.__all__
__all__ += _neuron.__all__
__all__ += _reduce.__all__
__all__ += _shape.__all__
__all__ += _softmax.__all__
# `from autograd import *` leaves Python's own max, min and sum alone, as NumPy does.
__all__.remove("max")
__all__.remove("min")
__all__.remove("sum")
