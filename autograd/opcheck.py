"""Is an op right? Everything that the registry's tests ask of one, for an op of your own in one line.

An op says what valid input is (`domain`, `samples`, `valid`); here random inputs are made from that, and the questions
are asked of them: one function a question, so that a test can ask each by itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .check import CheckFailed, check_grads
from .functional import gradients
from .primitive import Primitive, find
from .slopes import central
from .sweep import unbroadcast
from .tensor import Tensor
from .value import Value

# What an elementwise op is tried on: its inputs are broadcast, of no axis, and of no element.
BROADCASTING = (((2, 3), (3,), ()), ((3, 1), (2,), (1, 2)), ((), (), ()), ((0, 2), (2,), (1,)))

Settings = dict[str, Any]


def check_primitive(op: Primitive | str, *inputs: Any, **settings: Any) -> None:
    """Raise `CheckFailed` unless an op is right: give the op or its name, and inputs to try it on if it has no samples.

    On all the samples that the op declares, or on these `inputs` with these `settings`: its value on Tensors is that
    on plain arrays, and inputs are left alone; kernels agree with rules; float32 stays float32 and gradients have the
    shape of their input; first and second derivatives agree with central differences; and if it works on numbers,
    a Value gives what a Tensor gives.

    >>> from autograd import elementwise
    >>> quartic = elementwise("quartic", lambda y, x: 4 * x**3, forward=lambda x: x**4)
    >>> check_primitive(quartic)
    >>> check_primitive("matmul", np.ones((2, 3)), [1.0, 2.0, 3.0])
    """
    if not isinstance(op, (Primitive, str)):
        raise TypeError(
            f"check_primitive() is of an op or its name, not of {type(op).__name__} "
            f"{getattr(op, '__name__', op)!s:.40}. "
            "For a function there is check_grads(f, x)."
        )
    op = find(op) if isinstance(op, str) else op
    if inputs:
        given = [np.asarray(x, dtype=np.float64) for x in inputs]
        trials = [(given, settings)]
    else:
        rng = np.random.default_rng(0)
        trials = [(random_inputs(op, shapes, rng), settings | declared) for shapes, declared in cases(op)]
    for given, chosen in trials:
        check_value(op, given, chosen)
        check_kernels(op, given, chosen)
        check_float32(op, given, chosen)
        check_derivatives(op, given, chosen)
        if op.elementwise and op.scalar is not None and all(x.size for x in given):
            check_scalar(op, [x[:1] for x in map(np.ravel, given)], chosen)


# --- inputs to try an op on


def cases(op: Primitive) -> list[tuple[tuple[tuple[int, ...], ...], Settings]]:
    """Pairs (shapes of the inputs, settings): an elementwise op gets broadcasting ones, others what they declare."""
    if not op.samples:
        raise ValueError(
            f"{op.name} declares no samples, so there is nothing to try it on. Give inputs, as in "
            f"check_primitive({op.name!r}, np.ones((2, 3))), or define it with samples=((((2, 3),), {{}}),)."
        )
    if op.elementwise:
        return [
            (tuple(shapes[i % 3] for i in range(op.arity or 3)), settings)
            for settings in op.samples
            for shapes in BROADCASTING
        ]
    return list(op.samples)


def random_inputs(op: Primitive, shapes: Any, rng: np.random.Generator, dtype: Any = np.float64) -> list[Any]:
    """Random inputs in the op's domain, for `call`, which makes them valid."""
    domains = [op.domain[min(i, len(op.domain) - 1)] for i in range(len(shapes))]
    return [np.asarray(rng.uniform(*domain, shape)).astype(dtype) for domain, shape in zip(domains, shapes)]


def valid_inputs(op: Primitive, given: Any, dtype: Any = np.float64) -> list[Any]:
    """Plain arrays made valid where the op says how."""
    return [np.asarray(x, dtype) for x in (op.valid(*given) if op.valid else given)]


def call(op: Primitive, inputs: Any, settings: Settings) -> Any:
    """The op of these arrays or nodes, made valid first where the op says how; its result is then a chain of ops."""
    return op(*(op.valid(*inputs) if op.valid else inputs), **settings)


# --- the questions


def check_value(op: Primitive, given: list[Any], settings: Settings) -> None:
    """On Tensors it computes what it computes on arrays, is recorded once, and writes to none of its inputs."""
    plain = valid_inputs(op, given)
    before = [x.copy() for x in plain]
    expected = op(*plain, **settings)
    alone = all(np.array_equal(x, old, equal_nan=True) for x, old in zip(plain, before))
    _require(alone, op, settings, "the forward function wrote to its input")
    out = op(*[Tensor(x) for x in plain], **settings)
    _require(out.op is op and len(out.parents) == len(plain), op, settings, "it was not recorded as one node")
    _equal(out.data, expected, 1e-14, op, settings, "the value on Tensors differs from that on arrays")


def check_kernels(op: Primitive, given: list[Any], settings: Settings) -> None:
    """The contributions of the backward pass are those of the rules, on plain arrays."""
    leaves = [Tensor(x) for x in valid_inputs(op, given)]
    out = op(*leaves, **settings)
    g = np.random.default_rng(3).uniform(-1, 1, out.shape)
    out.backward(g)
    plain = [leaf._data for leaf in leaves]
    for i, (leaf, vjp) in enumerate(zip(leaves, op.vjps)):
        by_rule = unbroadcast(np.asarray(vjp(g, out._data, *plain, **settings)), leaf.shape)
        text = f"kernel and rule of input {i} give different gradients"
        _equal(leaf.grad, by_rule, 1e-12, op, settings, text)


def check_float32(op: Primitive, given: list[Any], settings: Settings) -> None:
    """Of float32 inputs result and gradients are float32, and each gradient has the shape of its input."""
    leaves = [Tensor(x) for x in valid_inputs(op, [x.astype(np.float32) for x in given], np.float32)]
    out = op(*leaves, **settings)
    _require(
        out.dtype == np.float32 or "dtype" in settings,
        op,
        settings,
        f"of float32 inputs it gives {out.dtype}",
    )
    out.backward(np.ones(out.shape, np.float32))
    for i, leaf in enumerate(leaves):
        grad = leaf.grad
        _require(type(grad) is np.ndarray, op, settings, f"input {i} got no gradient")
        right = grad.dtype == np.float32 and grad.shape == leaf.shape
        text = (
            f"the gradient of float32 input {i} of shape {leaf.shape} is {grad.dtype} of shape {grad.shape}"
        )
        _require(right, op, settings, text)


def check_derivatives(op: Primitive, given: list[Any], settings: Settings, order: int = 2) -> None:
    """First and second derivative agree with central differences."""
    try:
        check_grads(lambda *xs: call(op, xs, settings), *given, order=order)
    except CheckFailed as error:
        error.args = (f"{_title(op, settings)}: {error}",)
        raise


def check_scalar(op: Primitive, given: list[Any], settings: Settings) -> None:
    """Value and Tensor agree on number and slopes, and the slopes of the Values' slopes on central differences."""
    numbers = [float(x) for x in valid_inputs(op, [np.reshape(x, ()) for x in given])]
    values, tensors = [Value(x) for x in numbers], [Tensor(x) for x in numbers]
    a, b = op(*values, **settings), op(*tensors, **settings)
    _equal(a.data, b.item(), 1e-14, op, settings, "a Value gives another number than a Tensor")
    a.backward()
    b.backward()
    for i, (v, t) in enumerate(zip(values, tensors)):
        _equal(v.grad, t.grad, 1e-13, op, settings, f"a Value gives another slope by input {i} than a Tensor")
        _equal(
            *_second_slopes(op, numbers, i, settings),
            1e-5,
            op,
            settings,
            f"second slope of Values by input {i}",
        )


def _second_slopes(op: Primitive, numbers: list[float], i: int, settings: Settings) -> tuple[float, float]:
    """The second derivative by one input: as Values give it, and measured on their first."""

    def slope(moved: float, create_graph: bool = False) -> Any:
        values = [Value(x) for x in numbers]
        values[i] = Value(numbers[i] + moved)
        return gradients(op(*values, **settings), values[i], create_graph=create_graph), values[i]

    first, x = slope(0.0, create_graph=True)
    second = gradients(first, x) if first.requires_grad else 0.0
    return second, central(lambda t: float(slope(t)[0]), 1e-4)


# --- failures


def _title(op: Primitive, settings: Settings) -> str:
    return f"{op.name}({', '.join(f'{key}={value!r:.40}' for key, value in settings.items())})"


def _require(right: Any, op: Primitive, settings: Settings, text: str) -> None:
    if not right:
        raise CheckFailed(f"{_title(op, settings)}: {text}.")


def _equal(a: Any, b: Any, rtol: float, op: Primitive, settings: Settings, text: str) -> None:
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise CheckFailed(f"{_title(op, settings)}: {text}: shapes {a.shape} and {b.shape}.")
    atol = 1e-7 if rtol > 1e-6 else 1e-14
    off = ~np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=True)
    if off.any():
        at = tuple(int(i[0]) for i in np.nonzero(off)) if a.ndim else ()
        raise CheckFailed(f"{_title(op, settings)}: {text}: {a[at]:.10g} and {b[at]:.10g} at element {at}.")


__all__ = ("check_primitive",)
