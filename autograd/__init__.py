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

from .anomaly import detect_anomaly
from .check import CheckFailed, check_grads, numeric_gradient
from .errors import (
    AnomalyError,
    AutogradError,
    DomainError,
    DtypeError,
    GradientError,
    GradientWarning,
    MatrixError,
    MutationError,
    ShapeError,
    UnknownOpError,
)
from .functional import elementwise_grad, grad, gradients, value_and_grad
from .graph import Node, enable_grad, no_grad, topological_order, trace
from .opcheck import check_primitive
from .ops import axes as _axes
from .ops import conv as _conv
from .ops import cumulative as _cumulative
from .ops import diagonal as _diagonal
from .ops import differences as _differences
from .ops import elementwise as _elementwise
from .ops import index as _index
from .ops import join as _join
from .ops import linalg as _linalg
from .ops import linear as _linear
from .ops import neuron as _neuron
from .ops import order as _order
from .ops import pad as _pad
from .ops import product as _product
from .ops import reduce as _reduce
from .ops import repeat as _repeat
from .ops import search as _search
from .ops import select as _select
from .ops import shape as _shape
from .ops import softmax as _softmax
from .ops import split as _split
from .ops import statistics as _statistics
from .ops import take as _take
from .ops import windows as _windows
from .ops.axes import *
from .ops.conv import *
from .ops.cumulative import *
from .ops.diagonal import *
from .ops.differences import *
from .ops.elementwise import *
from .ops.index import *
from .ops.join import *
from .ops.linalg import *
from .ops.linear import *
from .ops.neuron import *
from .ops.order import *
from .ops.pad import *
from .ops.product import *
from .ops.reduce import *
from .ops.repeat import *
from .ops.search import *
from .ops.select import *
from .ops.shape import *
from .ops.softmax import *
from .ops.split import *
from .ops.statistics import *
from .ops.take import *
from .ops.windows import *
from .primitive import Primitive, elementwise, primitive, registry
from .replaying import gradcheck, replay
from .tensor import Tensor
from .value import Value

__gradlens__ = "0.1.0"
abs = _elementwise.absolute

__all__ = [
    "AnomalyError",
    "AutogradError",
    "CheckFailed",
    "DomainError",
    "DtypeError",
    "GradientError",
    "GradientWarning",
    "MatrixError",
    "MutationError",
    "Node",
    "Primitive",
    "ShapeError",
    "Tensor",
    "UnknownOpError",
    "Value",
    "check_grads",
    "check_primitive",
    "detect_anomaly",
    "elementwise",
    "elementwise_grad",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradients",
    "no_grad",
    "numeric_gradient",
    "primitive",
    "registry",
    "replay",
    "topological_order",
    "trace",
    "value_and_grad",
]
# Every op, as its own file lists it.
__all__ += _axes.__all__
__all__ += _conv.__all__
__all__ += _cumulative.__all__
__all__ += _diagonal.__all__
__all__ += _differences.__all__
__all__ += _elementwise.__all__
__all__ += _index.__all__
__all__ += _join.__all__
__all__ += _linalg.__all__
__all__ += _linear.__all__
__all__ += _neuron.__all__
__all__ += _order.__all__
__all__ += _pad.__all__
__all__ += _product.__all__
__all__ += _reduce.__all__
__all__ += _repeat.__all__
__all__ += _search.__all__
__all__ += _select.__all__
__all__ += _shape.__all__
__all__ += _softmax.__all__
__all__ += _split.__all__
__all__ += _statistics.__all__
__all__ += _take.__all__
__all__ += _windows.__all__
# `from autograd import *` leaves Python's own all, any, max, min and sum alone, as NumPy does.
__all__.remove("all")
__all__.remove("any")
__all__.remove("max")
__all__.remove("min")
__all__.remove("sum")
