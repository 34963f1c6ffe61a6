"""The scalar engine: its arithmetic, and what a user may rely on."""

from __future__ import annotations

import copy
import math
import pickle
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import DomainError, GradientError, MutationError, Value, where
from autograd.ops.elementwise import add, divide, multiply, negative, power, subtract

numbers = st.floats(-10, 10).filter(lambda x: abs(x) > 1e-3)


@given(numbers, numbers)
def test_written_out_arithmetic_agrees_with_the_rules(a, b):
    """Value writes + - * out by hand, for speed; the registry's rules are the definition."""
    for op, out in (
        (add, Value(a) + Value(b)),
        (subtract, Value(a) - Value(b)),
        (multiply, Value(a) * Value(b)),
    ):
        assert out.op is op
        assert out.data == op(a, b)
        assert out.local_gradients == tuple(rule(out.data, a, b) for rule in op.rules)


def test_every_operator_and_its_reflection():
    x = Value(4.0)
    results = [x + 2, 2 + x, x - 2, 2 - x, x * 2, 2 * x, x / 2, 2 / x, x**2, 2**x, -x, +x, abs(x)]
    expected = [6, 6, 2, -2, 8, 8, 2, 0.5, 16, 16, -4, 4, 4]
    assert [r.data for r in results] == expected
    slopes = []
    for r in results:
        x.grad = None
        r.backward()
        slopes.append(x.grad)
    assert slopes == pytest.approx([1, 1, 1, -1, 2, 2, 0.5, -0.125, 8, 16 * math.log(2), -1, 1, 1])
    assert (-x).op is negative
    assert (x / 2).op is divide
    assert (x**2).op is power


def test_the_drawing_equals_the_code():
    x, y = Value(3.0), Value(2.0)
    assert (x * x).parents == (x, x)
    assert (x - y).op is subtract
    assert (x - y).parents == (x, y)
    assert (2 * x).parents == (None, x)
    assert (2 * x).inputs == (2.0, x)
    assert (x + 5).parents == (x, None)
    assert (x + 5).inputs == (x, 5.0)
    assert x.parents == x.inputs == ()


def test_fan_out_accumulates():
    x = Value(3.0)
    y = x * x + x
    y.backward()
    assert x.grad == 7.0


def test_sixty_nested_diamonds_are_exact():
    x = y = Value(1.0)
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_backward_twice_adds_exactly_the_same_again_to_leaves_only():
    x = Value(2.0)
    h = x * x
    y = h * x
    y.backward()
    first, inner = x.grad, h.grad
    y.backward()
    assert x.grad == 2 * first
    assert h.grad == inner


def test_two_losses_of_one_graph():
    x = Value(2.0)
    h = x * 3
    (h + 1).backward()
    (h * h).backward()
    assert x.grad == 3 + 36
    assert h.grad == 12.0


def test_backward_on_a_leaf_and_with_an_upstream_gradient():
    x = Value(2.0)
    x.backward()
    x.backward(5)
    assert x.grad == 6.0
    y = x * 2
    y.backward(0.5)
    assert x.grad == 7.0


def test_repeated_input_of_an_op_with_three_inputs():
    x, y = Value(2.0), Value(5.0)
    out = where(True, x * y, x)
    assert len(out.parents) == 3
    out.backward()
    assert (x.grad, y.grad) == (5.0, 2.0)


def test_million_operations_at_the_default_recursion_limit():
    x = y = Value(1.0)
    one = Value(1.0, requires_grad=False)
    for _ in range(1_000_000):
        y = y + one
    y.backward()
    assert x.grad == 1.0
    alive = weakref.ref(y)
    del y
    assert alive() is None


def test_a_dropped_graph_is_freed_without_the_collector():
    x = Value(1.0)
    y = (x * x).tanh()
    inner, outer = weakref.ref(y.parents[0]), weakref.ref(y)
    y.backward()
    del y
    assert inner() is None
    assert outer() is None


def test_second_and_third_derivative():
    x = Value(2.0)
    y = x**4
    y.backward(create_graph=True)
    first = x.grad
    assert first.data == 32.0
    x.grad = None
    first.backward(create_graph=True)
    second = x.grad
    assert second.data == 48.0
    x.grad = None
    second.backward()
    assert x.grad == 48.0


def test_constants_and_requires_grad():
    x, c = Value(2.0), Value(3.0, name="c", requires_grad=False)
    y = x * c
    assert y.parents == (x, None)
    assert y.inputs == (x, c)
    y.backward()
    assert c.grad is None
    both = c + c
    assert not both.requires_grad
    with pytest.raises(GradientError, match="constant"):
        both.backward()
    c.requires_grad = True
    (x * c).backward()
    assert c.grad == 2.0


def test_comparison_hash_and_truth():
    a, b = Value(1.0), Value(1.0)
    assert a == b == 1
    assert a != 2
    assert a < 2 <= Value(2.0)
    assert Value(3.0) > a
    assert a >= 1
    assert len({a, b}) == 2
    assert not Value(0.0)
    assert float(a) == a.item() == 1.0


def test_copies_are_leaves_and_leaves_stay_as_they_are():
    x = Value(2.0, name="x")
    y = x * 3
    y.backward()
    for twin in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert (twin.data, twin.name, twin.grad) == (2.0, "x", 3.0)
    cut = copy.deepcopy(y)
    assert cut.op is None
    assert cut.data == 6.0
    assert pickle.loads(pickle.dumps(y.op)) is y.op
    frozen = copy.copy(x.detach())
    assert (frozen.data, frozen.name, frozen.requires_grad) == (2.0, "x", False)


def test_numpy_functions_and_numbers_record():
    x = Value(0.5)
    y = np.tanh(x) + np.float64(2.0) * x
    y.backward()
    assert x.grad == pytest.approx(1 - math.tanh(0.5) ** 2 + 2)
    assert type(y.data) is float


def test_subclasses_work():
    class Named(Value):
        __slots__ = ()

    x = Named(2.0)
    y = x * 3 + Value(1.0) * x
    y.backward()
    assert x.grad == 4.0


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: Value("2"), TypeError, "text"),
        (lambda: Value(1j), TypeError, "real"),
        (lambda: Value([1.0, 2.0]), TypeError, "Tensor"),
        (lambda: Value(None), TypeError, "one real number"),
        (lambda: Value(Value(1.0)), TypeError, "node already"),
        (lambda: Value(1.0) + "a", TypeError, "unsupported operand"),
        (lambda: Value(1.0) / 0, ZeroDivisionError, "divide"),
        (lambda: Value(0.0) ** -1, ZeroDivisionError, "power"),
        (lambda: Value(-1.0).log(), DomainError, "log"),
        (lambda: Value(-8.0) ** 0.5, DomainError, "whole-number exponent"),
        (lambda: Value(1000.0).exp(), OverflowError, "too large"),
        (lambda: Value(1.0) @ Value(2.0), TypeError, "unsupported operand"),
        (lambda: Value(1.0).leaky_relu(slop=0.2), TypeError, "has no setting 'slop'. Did you mean 'slope'"),
        (lambda: Value(1.0).tanh(axis=0), TypeError, "tanh has no setting 'axis'"),
    ],
)
def test_bad_input_says_what_to_do(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()


def test_infinite_slope_is_infinite_not_an_exception():
    x = Value(0.0)
    x.sqrt().backward()
    assert x.grad == math.inf
    edge = Value(1.0)
    edge.arccos().backward()
    assert edge.grad == -math.inf  # with the sign that it has
    far = Value(1e300)
    far.softsign().backward()
    assert far.grad == 0.0  # its square overflows on the way, the slope does not


@pytest.mark.parametrize("f", [lambda x: x * x, lambda x: x.square(), lambda x: abs(x)])
def test_a_leaf_set_to_another_number_with_the_same_result_is_noticed(f):
    x = Value(2.0)
    y = f(x)
    x.data = -2.0
    with pytest.raises(MutationError, match="Compute the result again"):
        y.backward(create_graph=True)


def test_data_is_set_on_leaves_and_to_real_numbers_only():
    w = Value(2.0)
    y = w * 3.0
    w.data -= 0.5
    assert w.data == 1.5
    with pytest.raises(MutationError, match=r"setting \.data of a node made by multiply"):
        y.data = 7.0
    with pytest.raises(
        TypeError, match="is a node already"
    ):  # w.data = w - lr * w.grad, with a .data too few
        w.data = w - 0.1
    with pytest.raises(TypeError, match="text"):
        w.data = "2"
    w.data = np.float32(4)
    assert type(w.data) is float
