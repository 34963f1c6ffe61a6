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
from .custom import custom
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
from .functional import (
    egrad,
    elementwise_grad,
    grad,
    grad_and_aux,
    grad_named,
    gradients,
    multigrad_dict,
    value_and_grad,
)
from .graph import Node, enable_grad, no_grad, topological_order, trace
from .jacobians import hessian, jacobian
from .opcheck import check_primitive
from .ops import activations as _activations
from .ops import attention as _attention
from .ops import axes as _axes
from .ops import choices as _choices
from .ops import classify as _classify
from .ops import contraction as _contraction
from .ops import conv as _conv
from .ops import cumulative as _cumulative
from .ops import decompose as _decompose
from .ops import determinant as _determinant
from .ops import diagonal as _diagonal
from .ops import differences as _differences
from .ops import einsum as _einsum
from .ops import elementwise as _elementwise
from .ops import expansion as _expansion
from .ops import index as _index
from .ops import join as _join
from .ops import linalg as _linalg
from .ops import linear as _linear
from .ops import lookup as _lookup
from .ops import losses as _losses
from .ops import matrix as _matrix
from .ops import neuron as _neuron
from .ops import norm as _norm
from .ops import normalise as _normalise
from .ops import order as _order
from .ops import pad as _pad
from .ops import pool as _pool
from .ops import product as _product
from .ops import rectifiers as _rectifiers
from .ops import reduce as _reduce
from .ops import repeat as _repeat
from .ops import rounding as _rounding
from .ops import search as _search
from .ops import select as _select
from .ops import shape as _shape
from .ops import softmax as _softmax
from .ops import special as _special
from .ops import spectral as _spectral
from .ops import split as _split
from .ops import statistics as _statistics
from .ops import take as _take
from .ops import windows as _windows
from .ops.activations import *
from .ops.attention import *
from .ops.axes import *
from .ops.choices import *
from .ops.classify import *
from .ops.contraction import *
from .ops.conv import *
from .ops.cumulative import *
from .ops.decompose import *
from .ops.determinant import *
from .ops.diagonal import *
from .ops.differences import *
from .ops.einsum import *
from .ops.elementwise import *
from .ops.expansion import *
from .ops.index import *
from .ops.join import *
from .ops.linalg import *
from .ops.linear import *
from .ops.lookup import *
from .ops.losses import *
from .ops.matrix import *
from .ops.neuron import *
from .ops.norm import *
from .ops.normalise import *
from .ops.order import *
from .ops.pad import *
from .ops.pool import *
from .ops.product import *
from .ops.rectifiers import *
from .ops.reduce import *
from .ops.repeat import *
from .ops.rounding import *
from .ops.search import *
from .ops.select import *
from .ops.shape import *
from .ops.softmax import *
from .ops.special import *
from .ops.spectral import *
from .ops.split import *
from .ops.statistics import *
from .ops.take import *
from .ops.windows import *
from .primitive import Primitive, elementwise, primitive, registry
from .products import (
    deriv,
    hessian_tensor_product,
    hessian_vector_product,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    tensor_jacobian_product,
    vector_jacobian_product,
)
from .recompute import checkpoint
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
    "checkpoint",
    "deriv",
    "custom",
    "detect_anomaly",
    "egrad",
    "elementwise",
    "elementwise_grad",
    "enable_grad",
    "grad",
    "grad_and_aux",
    "grad_named",
    "gradcheck",
    "gradients",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "jacobian",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_vjp",
    "multigrad_dict",
    "no_grad",
    "numeric_gradient",
    "primitive",
    "registry",
    "replay",
    "tensor_jacobian_product",
    "topological_order",
    "trace",
    "value_and_grad",
    "vector_jacobian_product",
]
# Every op, as its own file lists it.
__all__ += _activations.__all__
__all__ += _attention.__all__
__all__ += _axes.__all__
__all__ += _choices.__all__
__all__ += _classify.__all__
__all__ += _contraction.__all__
__all__ += _conv.__all__
__all__ += _cumulative.__all__
__all__ += _decompose.__all__
__all__ += _determinant.__all__
__all__ += _diagonal.__all__
__all__ += _differences.__all__
__all__ += _einsum.__all__
__all__ += _expansion.__all__
__all__ += _elementwise.__all__
__all__ += _index.__all__
__all__ += _join.__all__
__all__ += _linalg.__all__
__all__ += _linear.__all__
__all__ += _lookup.__all__
__all__ += _losses.__all__
__all__ += _matrix.__all__
__all__ += _neuron.__all__
__all__ += _norm.__all__
__all__ += _normalise.__all__
__all__ += _order.__all__
__all__ += _pad.__all__
__all__ += _pool.__all__
__all__ += _product.__all__
__all__ += _rectifiers.__all__
__all__ += _reduce.__all__
__all__ += _repeat.__all__
__all__ += _rounding.__all__
__all__ += _search.__all__
__all__ += _select.__all__
__all__ += _shape.__all__
__all__ += _softmax.__all__
__all__ += _special.__all__
__all__ += _spectral.__all__
__all__ += _split.__all__
__all__ += _statistics.__all__
__all__ += _take.__all__
__all__ += _windows.__all__
# `from autograd import *` leaves Python's own all, any, max, min and sum alone, as NumPy does.
__all__.remove("round")
__all__.remove("all")
__all__.remove("any")
__all__.remove("max")
__all__.remove("min")
__all__.remove("sum")
