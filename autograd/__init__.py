"""autograd: a scalar and an array engine for reverse-mode differentiation.

- `Value` holds one number and `Tensor` an array; both remember how they were made, and `backward()` fills `.grad`.
- `grad(f)`, `jacobian(f)`, `hessian(f)` and their family turn functions of plain arrays into their derivatives.
- `import autograd.numpy as np` is NumPy for programs that are differentiated; plain NumPy works on tensors as well.
- docs/operations.md lists every operation; `check_grads`, `detect_anomaly` and `custom` help with your own.

>>> from autograd import Value
>>> w, x = Value(2.0, name="w"), Value(-1.0, name="x")
>>> f = (w * x + 0.5).tanh()
>>> f.backward()
>>> round(w.grad, 4)
-0.1807
"""

import builtins as _builtins
from importlib import import_module as _import_module
from os import path as _path  # pathlib would cost 4 ms
from typing import TYPE_CHECKING as _TYPE_CHECKING

if _path.exists(
    _path.join(__path__[0], "tracer.py")
):  # a file of PyPI's autograd, which has the same import name
    raise ImportError(
        f"PyPI's 'autograd' and gradlens are mixed in {__path__[0]}: both are imported as 'autograd'. "
        "Run 'pip uninstall -y autograd gradlens', then install the one you need; for both use two environments."
    )

from . import functions as _functions
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
from .functions import *
from .graph import Node, enable_grad, no_grad, topological_order, trace
from .primitive import Primitive, elementwise, primitive, registry
from .tensor import Tensor
from .value import Value

if _TYPE_CHECKING:
    from .anomaly import detect_anomaly
    from .check import CheckFailed, check_grads, numeric_gradient
    from .jacobians import hessian, jacobian
    from .opcheck import check_primitive
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
else:
    _LATER = {  # what few programs need is loaded when it is first asked for
        "CheckFailed": "check",
        "check_grads": "check",
        "check_primitive": "opcheck",
        "checkpoint": "recompute",
        "deriv": "products",
        "detect_anomaly": "anomaly",
        "gradcheck": "replaying",
        "hessian": "jacobians",
        "hessian_tensor_product": "products",
        "hessian_vector_product": "products",
        "jacobian": "jacobians",
        "make_ggnvp": "products",
        "make_hvp": "products",
        "make_jvp": "products",
        "make_vjp": "products",
        "numeric_gradient": "check",
        "replay": "replaying",
        "tensor_jacobian_product": "products",
        "vector_jacobian_product": "products",
    }

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise AttributeError(f"module 'autograd' has no attribute {name!r}")
        return getattr(_import_module(f".{_LATER[name]}", __name__), name)

    def __dir__() -> list[str]:
        return [*globals(), *_LATER]


__gradlens__ = "0.1.0"
abs = _functions.absolute

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
# Every op too; but `from autograd import *` leaves Python's own all, any, max, min, round and sum alone, as NumPy does.
__all__ += [name for name in vars(_functions) if not name.startswith("_") and not hasattr(_builtins, name)]
