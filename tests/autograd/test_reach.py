"""What a NumPy or PyTorch user reaches for is there: as a function, as NumPy's own function, and as a method."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value
from autograd.primitive import numpy_functions

ELEMENTWISE = """
absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh cbrt ceil clip copysign cos cosh deg2rad divide exp
exp2 expm1 fabs float_power floor floor_divide fmax fmin fmod heaviside hypot log log10 log1p log2 logaddexp logaddexp2
maximum minimum multiply nan_to_num negative positive power rad2deg reciprocal remainder rint round sign sin sinc sinh
sqrt square subtract tan tanh trunc where
""".split()
ACTIVATIONS = """
celu elu erf erfc gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu log_softmax logsumexp maxout mish prelu relu
relu6 selu sigmoid silu softmax softplus softshrink softsign swish tanhshrink threshold
""".split()
REDUCTIONS = """
all any argmax argmin argsort average count_nonzero cumprod cumsum diff max mean median min percentile prod ptp quantile
sort std sum var
""".split()
SHAPES = """
append array_split atleast_1d atleast_2d atleast_3d broadcast_arrays broadcast_to column_stack concatenate diag diagonal
dsplit dstack expand_dims flip fliplr flipud hsplit hstack moveaxis pad partition ravel repeat reshape roll rot90 split
squeeze stack swapaxes take take_along_axis tile transpose tril triu vsplit vstack
""".split()
ALGEBRA = "cross dot einsum inner kron matmul outer tensordot vdot".split()
LINALG = "cholesky det eigh inv lstsq matrix_power norm pinv qr slogdet solve svd".split()
NETWORK = """
avg_pool1d avg_pool2d batch_norm binary_cross_entropy binary_cross_entropy_with_logits conv1d conv2d cross_entropy
dropout embedding gather huber_loss index_add index_update kl_div l1_loss layer_norm linear max_pool1d max_pool2d
mse_loss multi_margin_loss scatter softmax_cross_entropy
""".split()
DERIVATIVES = """
check_grads check_primitive checkpoint custom detect_anomaly elementwise_grad grad grad_and_aux gradcheck gradients
hessian hessian_vector_product jacobian make_hvp make_jvp make_vjp no_grad value_and_grad
""".split()
METHODS = """
all any argmax argmin argsort astype clip copy cumprod cumsum detach diagonal dot flatten item max mean min prod ravel
register_hook repeat reshape retain_grad round sort squeeze std sum swapaxes take trace transpose var
""".split()


@pytest.mark.parametrize(
    "name", ELEMENTWISE + ACTIVATIONS + REDUCTIONS + SHAPES + ALGEBRA + LINALG + NETWORK + DERIVATIVES
)
def test_it_is_a_function(name):
    assert callable(getattr(autograd, name))
    assert name in autograd.__all__ or name in ("all", "any", "max", "min", "round", "sum")


@pytest.mark.parametrize("name", ELEMENTWISE + REDUCTIONS + SHAPES + ALGEBRA)
def test_numpys_own_function_finds_it(name):
    plain = name in ("all", "any", "argmax", "argmin", "argsort", "count_nonzero")  # out of the graph
    assert plain or getattr(np, name) in numpy_functions


@pytest.mark.parametrize("name", LINALG)
def test_numpys_own_function_of_linalg_finds_it(name):
    assert getattr(np.linalg, name) in numpy_functions


@pytest.mark.parametrize("name", METHODS)
def test_it_is_a_method(name):
    assert callable(getattr(Tensor, name))


@pytest.mark.parametrize(
    "name", [n for n in ELEMENTWISE if n not in ("clip", "where")] + ["relu", "sigmoid", "erf"]
)
def test_it_works_on_a_value(name):
    op = getattr(autograd, name)
    y = op(*[Value(sum(bounds) / 2 + 0.1) for bounds in op.domain])
    assert isinstance(y, Value)
    assert y.op is op
