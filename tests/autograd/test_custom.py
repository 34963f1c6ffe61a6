"""@custom: an op of the user's own, on both engines, drawn and checked like the library's."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import autograd
import viz
from autograd import CheckFailed, Tensor, Value, check_primitive, custom, gradients, registry
from autograd.primitive import find, numpy_functions


@pytest.fixture(autouse=True)
def _leave_no_ops_behind():
    before = dict(registry)
    yield
    registry.clear()
    registry.update(before)


def test_it_records_on_both_engines_and_is_drawn_with_its_rule():
    @custom(lambda y, a, b, power=2: power * a ** (power - 1) * b, lambda y, a, b, power=2: a**power)
    def weighted_power(a, b, power=2):
        """a ** power * b."""
        return a**power * b

    a, b = Value(3.0, name="a"), Value(2.0, name="b")
    y = weighted_power(a, b)
    y.backward()
    assert (y.data, a.grad, b.grad) == (18.0, 12.0, 9.0)
    s, t = Tensor([[1.0], [2.0]]), Tensor([3.0, 4.0, 5.0])
    z = weighted_power(s, t, power=3)
    z.sum().backward()
    np.testing.assert_array_equal(s.grad, [[36.0], [144.0]])
    np.testing.assert_array_equal(t.grad, [9.0, 9.0, 9.0])
    assert weighted_power(2.0, 5.0) == 20.0
    assert registry["weighted_power"] is weighted_power
    assert weighted_power.__doc__ == "a ** power * b."
    assert "weighted_power" in viz.draw(y).source
    check_primitive(weighted_power)


def test_a_structural_op_by_its_contributions():
    @custom(vjps=[lambda g, y, x: autograd.flip(g, axis=0)], samples=[(((3, 2),), {}), (((4,),), {})])
    def upside_down(x):
        return x[::-1]

    x = Tensor([1.0, 2.0, 4.0])
    y = (upside_down(x) * np.array([1.0, 10.0, 100.0])).sum()
    np.testing.assert_array_equal(gradients(y, x), [100.0, 10.0, 1.0])
    check_primitive("upside_down")
    with pytest.raises(TypeError, match="works on arrays"):
        upside_down(Value(1.0))


def test_a_plain_number_as_the_result_has_the_dtype_of_the_input():
    @custom(vjps=[lambda g, y, w, x: g * np.sum(x), lambda g, y, w, x: g * w * np.ones_like(x)])
    def weighted_total(w, x):
        return float(w * np.sum(x))

    assert "'weighted_total'" in weighted_total.__doc__  # what help() says where the function says nothing
    x = Tensor([0.5, 2.0], dtype=np.float32)
    y = weighted_total(2.0, x)
    y.backward()
    assert (y.item(), y.dtype, x.grad.dtype) == (5.0, np.float32, np.float32)
    assert weighted_total(np.array(1), Tensor([0.5, 2.0])).item() == 2.5  # whole numbers do not cut it off


def test_a_wrong_derivative_is_found():
    @custom(lambda y, x: 2 * x**2)
    def cubed(x):
        return x**3

    with pytest.raises(CheckFailed):
        check_primitive(cubed)


def test_a_name_of_a_builtin_function_does_not_bring_its_forward_along():
    @custom(lambda y, x: 2 * x)
    def gamma(x):
        return x * x

    assert gamma(Value(4.0)).data == 16.0


def test_numpys_function_can_be_given_a_derivative():
    earlier = dict(numpy_functions)
    try:

        @custom(lambda y, x: np.cos(x) * 0 + y, numpy=np.i0)
        def bessel(x):
            return np.i0(x)

        assert np.i0(Tensor([1.0])).op is bessel
    finally:
        numpy_functions.clear()
        numpy_functions.update(earlier)


def test_the_same_definition_may_be_run_again_and_another_one_of_that_name_not():
    def run():
        @custom(lambda y, x: 3)
        def triple(x):
            return 3 * x

        return triple

    first, second = run(), run()
    assert first is not second
    assert find("triple") is second
    with pytest.raises(ValueError, match="'triple' exists already"):

        @custom(lambda y, x: 3, name="triple")
        def other(x):
            return 3 * x

    with pytest.raises(ValueError, match="'tanh' exists already"):

        @custom(lambda y, x: 1)
        def tanh(x):
            return x

    assert registry["tanh"] is autograd.tanh
    assert pickle.loads(pickle.dumps(second)) is second


@pytest.mark.parametrize(
    ("define", "message"),
    [
        (
            lambda: custom(lambda y, x: 1)(lambda a, b: a * b),
            r"2 input\(s\), a, b, and 1 derivative\(s\)",
        ),
        (
            lambda: custom(lambda x: 1)(lambda x: x),
            r"@custom needs the derivative|must take the arguments \(y, x\)",
        ),
        (lambda: custom(lambda y, x, z: 1)(lambda x: x), r"for x must take the arguments \(y, x\)"),
        (lambda: custom(vjps=[lambda y, x: 1])(lambda x: x), r"must take the arguments \(g, y, x\)"),
        (lambda: custom()(lambda x: x), "give either local gradients"),
        (lambda: custom(lambda y, x: 1, vjps=[lambda g, y, x: g])(lambda x: x), "give either"),
        (lambda: custom(lambda y, x: 1)(3), "decorates a function, not int"),
    ],
)
def test_a_definition_that_cannot_work_says_why(define, message):
    with pytest.raises(TypeError, match=message):
        define()


def test_the_decorator_without_its_derivative_says_what_is_missing():
    with pytest.raises(
        TypeError, match=r"@custom needs the derivative: write @custom\(lambda y, x: ...\) above the function"
    ):

        @custom
        def half(x):
            return x / 2


def test_neither_the_function_nor_its_derivative_can_write_into_the_graph():
    @custom(vjps=[lambda g, y, x: np.multiply(g, 2, out=g)], samples=[(((3,),), {})])
    def careless(x):
        return 2 * x

    x = Tensor([1.0, 2.0])
    y = x * 1.0
    with pytest.raises(ValueError, match="read-only"):
        (careless(y) + y).sum().backward()

    @custom(lambda y, x: 1)
    def worse(x):
        x += 1
        return x

    with pytest.raises(ValueError, match="read-only"):
        worse(y)
    np.testing.assert_array_equal(y.data, [1.0, 2.0])
