"""Products of a Jacobian or Hessian with a vector, which never build it.

v^T J is one sweep over the recorded function. It is linear in v, so the record of that sweep, swept back in turn, gives
J v (J. Townsend, "A new trick for calculating Jacobian vector products", 2017). H v is v^T J of the gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .containers import is_container, parts, rebuilt
from .errors import GradientError, ShapeError
from .evaluation import Evaluated, Function, Sweep, derived, evaluate, leave, name_of, nodes_in
from .functional import gradient_of
from .graph import Node, enable_grad, raw
from .jacobians import jacobian, ones_at
from .ops.reduce import sum as _sum
from .ops.shape import reshape
from .tensor import Tensor


class Linear:
    """The derivative of an evaluated function as a linear map: `vjp(g)` is g^T J, `jvp(v)` is J v.

    It keeps the graph, so that any number of products cost no further evaluation. The function may return nested
    containers; g then has their structure.
    """

    def __init__(self, run: Evaluated) -> None:
        self.run = run
        y = run.y if is_container(run.y) else run.node(4)
        self.outputs = [x if isinstance(x, Node) else Tensor(x, requires_grad=False) for x in parts(y, y)]
        if not self.outputs:
            raise GradientError(
                f"{run.what}() of {name_of(run.function)!r}, whose result {y!r:.60} holds no number."
            )
        self.y = y
        self.value = rebuilt(y, map(run.plain, self.outputs))
        self._pull = Pullback(self.outputs, run.nodes)
        self._seeds: list[Any] = []

    def vjp(self, g: Any) -> Any:
        """The product of `g`, shaped as the output, with the Jacobian: shaped as the input."""
        given = list(parts(g, self.value))
        return self.run.structured(self._pull(given, self.run.outer or bool(nodes_in(given))))

    def jvp(self, v: Any) -> Any:
        """The product of the Jacobian with `v`, shaped as the input: shaped as the output."""
        if not self._seeds:
            # g^T J at any g will do, recorded; its values are never used. Ones: 0 * inf would be a warning.
            with enable_grad():
                self._seeds = [ones_at(y) for y in self.outputs]
                self._push = Pullback(self._pull(self._seeds, True), self._seeds)
        given = list(parts(v, self.run.target))
        for x, node in zip(given, self.run.nodes):
            if np.shape(raw(x)) != np.shape(raw(node)):
                raise ShapeError(
                    f"{self.run.what}() with a vector of shape {np.shape(raw(x))} for an argument of shape "
                    f"{np.shape(raw(node))}: it says in which direction the argument moves, so it has the same shape."
                )
        found = self._push(given, self.run.outer or bool(nodes_in(given)))
        return rebuilt(self.value, map(leave, found, parts(self.value, self.value)))


class Pullback:
    """The gradient of <outputs, upstream> in the inputs, for any upstream gradients."""

    def __init__(self, outputs: list[Any], inputs: list[Any]) -> None:
        self.outputs, self.inputs = outputs, inputs
        self._sweep = Sweep(outputs[0], inputs) if len(outputs) == 1 else None

    def __call__(self, upstream: list[Any], create_graph: bool) -> list[Any]:
        if self._sweep is not None:
            return self._sweep(upstream[0], create_graph)
        with enable_grad():
            products = [_inner(y, g) for y, g in zip(self.outputs, upstream)]
            total = sum(products[1:], products[0])
        return Sweep(total, self.inputs)(None, create_graph)


def _inner(y: Any, g: Any) -> Any:
    seed = y._seed(g)  # checks the shape
    product = y * (g if isinstance(g, Node) else seed)
    return _sum(product) if np.ndim(raw(product)) else product


def make_vjp(function: Function, argnum: Any = 0) -> Callable[..., tuple[Function, Any]]:
    """A function that evaluates `function` and returns (vjp, value), where `vjp(g)` is g^T J.

    >>> vjp, value = make_vjp(lambda x: x**2)(np.array([1.0, 3.0]))
    >>> vjp(np.array([1.0, 10.0]))
    array([ 2., 60.])
    """

    @derived(function, "make_vjp", argnum)
    def evaluated(*args: Any, **kwargs: Any) -> tuple[Function, Any]:
        linear = Linear(evaluate(function, argnum, args, kwargs, "make_vjp"))
        return linear.vjp, linear.value

    return evaluated


def make_jvp(function: Function, argnum: Any = 0) -> Function:
    """A function that evaluates `function` and returns a function of v, which gives (value, J v).

    >>> make_jvp(lambda x: x**2)(np.array([1.0, 3.0]))(np.array([1.0, 10.0]))
    (array([1., 9.]), array([ 2., 60.]))
    """

    @derived(function, "make_jvp", argnum)
    def evaluated(*args: Any, **kwargs: Any) -> Callable[[Any], tuple[Any, Any]]:
        linear = Linear(evaluate(function, argnum, args, kwargs, "make_jvp"))
        return lambda v: (linear.value, linear.jvp(v))

    return evaluated


def make_hvp(function: Function, argnum: Any = 0) -> Callable[..., tuple[Function, Any]]:
    """A function that evaluates the gradient of `function` and returns (hvp, gradient), where `hvp(v)` is H v.

    >>> hvp, gradient = make_hvp(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    >>> hvp(np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    return make_vjp(gradient_of(function, argnum, "make_hvp"), argnum)


def hessian_tensor_product(function: Function, argnum: Any = 0) -> Function:
    """The Hessian of a scalar-valued function times a tensor of the argument's shape, without building the Hessian.

    The tensor is the last positional argument: `hessian_tensor_product(f)(x, v)`.

    >>> hessian_vector_product(lambda x: np.sum(x**3))(np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """

    @derived(function, "hessian_tensor_product", argnum)
    def product(*args: Any, **kwargs: Any) -> Any:
        _needs_two(args, "hessian_tensor_product")
        hvp, _ = make_hvp(function, argnum)(*args[:-1], **kwargs)
        return hvp(args[-1])  # H is symmetric: v^T H is H v

    return product


hessian_vector_product = hessian_tensor_product


def tensor_jacobian_product(function: Function, argnum: Any = 0) -> Function:
    """A tensor times the Jacobian, `tensor_jacobian_product(f)(x, t)`, without building the Jacobian.

    The axes of t are summed against the first axes of the output; the result has the output's other axes, and then
    those of the input.

    >>> vector_jacobian_product(lambda x: x**2)(np.array([1.0, 3.0]), np.array([1.0, 10.0]))
    array([ 2., 60.])
    """

    @derived(function, "tensor_jacobian_product", argnum)
    def product(*args: Any, **kwargs: Any) -> Any:
        _needs_two(args, "tensor_jacobian_product")
        tensor = args[-1]

        def contracted(*inputs: Any, **settings: Any) -> Any:
            y = function(*inputs, **settings)
            shape, n = np.shape(raw(y)), np.ndim(raw(tensor))
            if np.shape(raw(tensor)) != shape[:n]:
                raise ShapeError(
                    f"tensor_jacobian_product() of a tensor of shape {np.shape(raw(tensor))} and an output of shape "
                    f"{shape}: the tensor's shape must be that of the output, or of its first axes."
                )
            if not isinstance(y, Node):
                return y  # does not depend on the input: the warning says so
            return _sum(reshape(tensor, (*shape[:n], *(1,) * (len(shape) - n))) * y, axis=tuple(range(n)))

        return jacobian(contracted, argnum)(*args[:-1], **kwargs)

    return product


vector_jacobian_product = tensor_jacobian_product


def _needs_two(args: tuple[Any, ...], what: str) -> None:
    if len(args) < 2:
        raise TypeError(
            f"{what}(f) takes the arguments of f and then the tensor, as in {what}(f)(x, v); it got {len(args)}."
        )


def half_squared_norm(y: Any) -> Any:
    """|y|^2 / 2, of which the Hessian is the identity."""
    return 0.5 * np.sum(y * y)


def make_ggnvp(f: Function, g: Function = half_squared_norm, f_argnum: Any = 0) -> Function:
    """Generalised Gauss-Newton products of g(f(x)): a function of x that returns v -> J^T H J v.

    J is the Jacobian of f, and H the Hessian of the scalar-valued g at f(x) (N. Schraudolph, "Fast curvature
    matrix-vector products for second-order gradient descent", 2002).

    >>> make_ggnvp(lambda x: x**2)(np.array([1.0, 3.0]))(np.array([1.0, 1.0]))
    array([ 4., 36.])
    """

    @derived(f, "make_ggnvp", f_argnum)
    def evaluated(*args: Any, **kwargs: Any) -> Function:
        linear = Linear(evaluate(f, f_argnum, args, kwargs, "make_ggnvp"))
        hvp, _ = make_hvp(g)(linear.value)
        return lambda v: linear.vjp(hvp(linear.jvp(v)))

    return evaluated


def deriv(function: Function, argnum: Any = 0) -> Function:
    """The derivative along ones, J 1: of a function of one number, all its outputs' derivatives at once.

    >>> deriv(lambda t: np.stack([t, t**2, t**3]))(2.0)
    array([ 1.,  4., 12.])
    """

    @derived(function, "deriv", argnum)
    def along_ones(*args: Any, **kwargs: Any) -> Any:
        linear = Linear(evaluate(function, argnum, args, kwargs, "deriv"))
        target = linear.run.target
        return linear.jvp(rebuilt(target, (np.ones(np.shape(raw(x))) for x in parts(target, target))))

    return along_ones


__all__: Sequence[str] = (
    "deriv",
    "hessian_tensor_product",
    "hessian_vector_product",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_vjp",
    "tensor_jacobian_product",
    "vector_jacobian_product",
)
