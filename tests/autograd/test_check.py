"""Checks of gradients: they pass what is right, find what is wrong, and say which of the two it is and where."""

from __future__ import annotations

import contextlib
import math

import numpy as np
import pytest

from autograd import (
    CheckFailed,
    DtypeError,
    GradientError,
    MutationError,
    ShapeError,
    Tensor,
    Value,
    check_grads,
    check_primitive,
    elementwise,
    grad,
    gradcheck,
    no_grad,
    registry,
    relu,
    replay,
    softmax,
    topological_order,
)
from autograd.intake import NUMPY_1
from autograd.primitive import Primitive
from autograd.slopes import central, kink, settled

RNG = np.random.default_rng(0)
NETWORK = {"W": [RNG.normal(size=(5, 4)), RNG.normal(size=(4, 3))], "b": (RNG.normal(size=4), 0.1)}
BATCH = RNG.normal(size=(6, 5))
MODES = pytest.mark.parametrize("mode", ["rev", "fwd"])


def network(p, x):
    return np.tanh(x @ p["W"][0] + p["b"][0]) @ p["W"][1] + p["b"][1]


@contextlib.contextmanager
def temporary(name, *rules, **settings):
    """An op for the time of one test."""
    try:
        yield elementwise(name, *rules, **settings)
    finally:
        registry.pop(name, None)


def failure(function, *args, **settings):
    with pytest.raises(CheckFailed) as caught:
        check_grads(function, *args, **settings)
    return caught.value


# --- what is right passes


@MODES
@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_network_with_nested_arguments_passes(mode, order):
    check_grads(network, NETWORK, BATCH, order=order, modes=(mode,))


@MODES
def test_every_element_passes_too(mode):
    check_grads(network, NETWORK, BATCH, order=1, modes=(mode,), full=True)


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (lambda x: x * x, (3,)),
        (lambda x: x**3, (2.0,)),
        (np.sin, (np.array([1, 2]),)),
        (np.exp, (np.zeros((0, 3)),)),
        (lambda x, y: x @ y, (np.ones((2, 3)), np.ones(3))),
        (lambda pair: pair[0] * pair[1], ([2.0, 3.0],)),
        (lambda x: [np.sin(x), {"cos": np.cos(x)}], (np.ones(2),)),
        (lambda x: grad(lambda t: np.sum(t**3))(x), (np.ones(3),)),
        (lambda x: 1 / x, (np.array([1e-6, 1.0]),)),
        (lambda x: np.exp(100 * x), (np.array([0.5]),)),
        (lambda x: 1e-9 * np.sin(x), (np.array([0.5]),)),
        (lambda x: np.sin(1e-9 * x), (np.array([1e9, -2e9]),)),
        (lambda x, y: np.log(x) * y, (np.array([1e12, 0.1]), np.array([1e-8, 1.0]))),
        (lambda x: softmax(1e3 * x).sum(), (np.ones((2, 3)),)),
        (lambda x: 5.0, (1.0,)),
        (np.abs, (np.array([0.0, 1.0]),)),  # a slope between both sides of the kink is what is measured too
    ],
)
def test_right_derivatives_pass_at_any_scale(function, args):
    check_grads(function, *args, order=1)
    check_grads(function, *args, order=1, full=True)


def test_a_kink_close_by_is_no_failure():
    x = np.array([1e-6, -1e-7, 1.0])
    check_grads(relu, x, order=2)
    check_grads(relu, x, order=2, full=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_narrow_arguments_are_measured_in_float64(dtype):
    seen = []

    def function(x):
        seen.append(x.dtype)
        return np.tanh(x)

    check_grads(function, np.array([0.3, -1.0], dtype), order=2)
    assert set(seen) == {np.dtype(dtype), np.dtype(np.float64)}
    with pytest.raises(CheckFailed, match="element"):
        check_grads(lambda x: x * (1 + 0.5 * x.data), np.array([0.3, -1.0], dtype))


def test_a_function_that_insists_on_float32_is_measured_in_float32():
    def picky(x):
        if x.dtype != np.float32:
            raise TypeError("only float32 here")
        return np.tanh(x)

    x = np.array([0.3, -1.0], np.float32)
    check_grads(picky, x, order=2)
    check_grads(lambda x: np.tanh(x.astype(np.float32)), x.astype(np.float64), order=2)
    with pytest.raises(CheckFailed):
        check_grads(lambda x: picky(x) * (1 + 0.1 * x.data), x)


def test_nothing_outside_is_touched():
    x = np.array([0.3, -1.0])
    x.flags.writeable = False
    state = np.random.get_state()[1].tolist()  # noqa: NPY002
    with no_grad():
        check_grads(np.tanh, x)
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002
    np.testing.assert_array_equal(x, [0.3, -1.0])


# --- what is wrong is found


@MODES
def test_a_wrong_rule_is_located(mode):
    with temporary(
        "wrong_third", lambda y, x: 2 * x * np.where(raw_is_largest(x), 1.5, 1.0), forward=np.square
    ) as op:
        error = failure(
            lambda p, x: op(p["W"][1]).sum() + x.sum(),
            {"W": [0.0, np.array([[1.0, 3.0]])]},
            BATCH,
            modes=[mode],
            order=1,
        )
    assert (error.argument, error.index, error.order, error.kink) == (0, (0, 1), 1, None)
    assert (error.analytic, error.numeric) == (9.0, pytest.approx(6.0))
    assert error.relative_error == pytest.approx(1 / 3)
    assert "derivative of order 1, argument 0['W'][1], element (0, 1): analytic 9, numeric 6" in str(error)
    assert "relative error 0.333. A rule on the way is wrong" in str(error)


def raw_is_largest(x):
    data = getattr(x, "data", x) if isinstance(x, Tensor) else x
    return data == np.max(data)


def test_a_small_error_in_one_element_of_four_hundred_is_found():
    mask = np.zeros((20, 20))
    mask[7, 3] = 1e-2
    with temporary("slightly_wrong", lambda y, x: 2 * x + mask, forward=np.square) as op:
        error = failure(op, RNG.normal(size=(20, 20)), order=1)
    assert error.index == (7, 3)


def test_among_many_elements_the_error_is_narrowed_down():
    calls = 0
    mask = np.zeros((100, 300))
    mask[71, 33] = 1.0

    def counted(x):
        nonlocal calls
        calls += 1
        return op(x)

    with temporary("wrong_in_one_place", lambda y, x: 2 * x + mask, forward=np.square) as op:
        error = failure(counted, RNG.normal(size=(100, 300)), order=1)
    assert error.index == (71, 33)
    assert calls < 4 * 512 + 500


def test_a_wrong_second_derivative_is_of_order_two():
    with temporary(
        "constant_slope", lambda y, x: 2 * (x.data if isinstance(x, Tensor) else x), forward=np.square
    ) as op:
        check_grads(op, 2.0, order=1)
        error = failure(op, 2.0)
    assert (error.order, error.analytic, error.numeric) == (2, 0.0, pytest.approx(2.0))
    assert "The derivatives below are right" in str(error)


def test_full_finds_what_is_small_beside_the_rest():
    mask = np.array([0.0, 1e-3])
    with temporary(
        "wrong_beside_large", lambda y, x: np.array([1e6, 1e-3]) + mask, forward=lambda x: x * [1e6, 1e-3]
    ) as op:
        check_grads(op, np.ones(2), order=1)
        assert failure(op, np.ones(2), order=1, full=True).index == (1,)


LEFT = [
    lambda x: float(x.sum()) ** 2,
    lambda x: x.sum().item() ** 2,
    lambda x: np.sum(x.data**2),
    lambda x: Tensor(x.data**2, requires_grad=False),
    lambda x: np.sum(np.asarray(x) ** 2),
    lambda x: math.sin(x.sum()),
    lambda x: x.detach() ** 2,
]


@MODES
@pytest.mark.parametrize("function", LEFT)
def test_a_graph_that_was_left_fails(function, mode):
    error = failure(function, np.array([0.5, 2.0]), order=1, modes=(mode,))
    assert (error.analytic, error.kink) == (0.0, None)
    assert error.relative_error == 1.0
    assert "the graph was left" in str(error)
    partly = failure(lambda x, y: y * x + y * function(x), np.array([0.5, 2.0]), 3.0, order=1, modes=(mode,))
    assert partly.argument == 0
    assert partly.analytic != 0.0
    assert "or a part of the computation left the graph" in str(partly)


# --- kinks and their like are told from errors


def test_a_kink_is_named_with_both_slopes():
    error = failure(relu, 0.0)
    assert (error.argument, error.index, error.order) == (0, (), 1)
    assert error.kink is not None
    assert error.kink[:2] == pytest.approx((0.0, 1.0))
    assert "the function has a kink: its slopes are 0 on the left and 1 on the right" in str(error)
    assert "lies between them" in str(error)


def test_a_kink_with_a_wrong_rule_is_both():
    with temporary(
        "wrong_kink", lambda y, x: np.where(x > 0, 1, 0) - 2.0 * (x == 0), forward=lambda x: np.maximum(x, 0)
    ) as op:
        error = failure(op, 0.0, order=1)
    assert error.kink is not None
    assert "outside of them, so a rule is wrong as well" in str(error)


def test_a_wrong_rule_is_reported_before_a_kink():
    with temporary("wrong_slope", lambda y, x: 2 * x + 0.01, forward=np.square) as op:
        error = failure(lambda x: relu(x).sum() + op(x)[1], np.array([0.0, 1.0]), order=1)
    assert (error.index, error.kink) == ((1,), None)


def test_a_kink_of_the_derivative_is_of_order_two():
    error = failure(lambda x: relu(x) * relu(x), 0.0)
    assert error.order == 2
    assert error.kink[:2] == pytest.approx((0.0, 2.0))
    assert "the derivative of order 1 has a kink" in str(error)


def test_a_jump_is_no_kink_and_an_edge_is_no_error():
    assert failure(np.sign, 0.0).kink.kind == "jump"
    error = failure(np.sqrt, 0.0)
    assert (error.analytic, error.kink.kind) == (math.inf, "edge")
    assert "Next to this point the function is not finite" in str(error)


@pytest.mark.parametrize("function", [np.log, lambda x: x * np.nan])
def test_a_function_that_is_not_finite_is_reported_as_such(function):
    error = failure(function, -1.0)
    assert "the function is not finite at this point" in str(error)
    assert error.argument is None


def test_a_gradient_that_is_not_finite_is_reported_as_such():
    with (
        temporary("infinite_slope", lambda y, x: x / 0.0, forward=np.square) as op,
        np.errstate(all="ignore"),
    ):
        error = failure(op, np.array([1.0]), order=1)
    assert error.analytic == math.inf
    assert "A rule gives inf where the function is smooth" in str(error)


def test_what_no_element_shows_alone_is_said():
    def joint(x):  # 0 as long as only one element moves
        return sum(relu(np.minimum(x[i], x[j])) for i in range(3) for j in range(i))

    error = failure(joint, np.zeros(3), order=1)
    assert error.index is None
    assert "no element shows it alone" in str(error)
    check_grads(joint, np.zeros(3), order=1, full=True)


# --- wrong use


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: check_grads(3.0, 1.0), TypeError, "gradcheck"),
        (lambda: check_grads(Value(3.0)), TypeError, "gradcheck"),
        (lambda: check_grads(np.tanh), TypeError, "the point at which to check"),
        (lambda: check_grads(lambda x: None, 1.0), TypeError, "returned None"),
        (lambda: check_grads(lambda x: [], 1.0), TypeError, "empty list"),
        (lambda: check_grads(lambda x: "text", 1.0), DtypeError, "returned str"),
        (lambda: check_grads(lambda x: np.array([1j]), 1.0), DtypeError, "complex128"),
        (lambda: check_grads(np.tanh, np.array([1j])), DtypeError, "complex"),
        (lambda: check_grads(lambda x: x, 1j), DtypeError, "complex"),
        (lambda: check_grads(np.tanh, "text"), GradientError, "no argument holds a number"),
        (lambda: check_grads(np.tanh, 1.0, modes=("backward",)), ValueError, "'rev' or 'fwd'"),
        (lambda: check_grads(np.tanh, 1.0, modes=()), ValueError, "at least one"),
        (lambda: check_grads(np.tanh, 1.0, order=0), ValueError, "order 1"),
    ],
)
def test_wrong_use_is_explained(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_what_is_no_number_is_passed_on():
    check_grads(
        lambda x, options: x * options["factor"] if options["use"] else x.data,
        2.0,
        {"factor": 3.0, "use": True},
    )


# --- slopes


def test_slopes_are_as_good_as_float64_allows():
    assert central(math.sin, 1e-3) == pytest.approx(1.0, abs=1e-12)
    slope, step = settled(lambda t: math.log(1e-6 + t) if t > -1e-6 else math.nan, 2e-16, 14.0)
    assert slope == pytest.approx(1e6, rel=1e-6)
    assert step < 1e-6


@pytest.mark.parametrize("step", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (abs, "kink"),
        (lambda t: 5 * t + 0.1 * abs(t), "kink"),
        (lambda t: max(t, 0.0), "kink"),
        (lambda t: float(t > 0), "jump"),
        (lambda t: math.copysign(math.sqrt(abs(t)), t), "jump"),
        (lambda t: math.sqrt(t) if t >= 0 else math.nan, "edge"),
        (lambda t: t * t, None),
        (lambda t: 1.0 + 3.0 * t + 100.0 * t * t, None),
        (lambda t: math.sin(t + 1), None),
        (lambda t: abs(t) ** 3, None),
        (lambda t: 7.0, None),
    ],
)
def test_kinks_are_told_from_curves(line, kind, step):
    found = kink(line, step, 1e-15)
    assert (found and found.kind) == kind


# --- recorded graphs


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_a1_the_numeric_gradients_of_the_first_graph_are_exact(kind):
    x, y, z = (kind(v, name=name) for v, name in ((-2.0, "x"), (5.0, "y"), (-4.0, "z")))
    found = gradcheck((x + y) * z)
    assert [check.name for check in found] == ["x", "y", "z"]
    assert [check.node for check in found] == [x, y, z]
    assert [float(check.analytic) for check in found] == [-4.0, -4.0, 3.0]
    assert [float(check.numeric) for check in found] == [-4.0, -4.0, 3.0]
    assert [float(check.relative_error) for check in found] == [0.0, 0.0, 0.0]
    assert (x.grad, y.grad, z.grad) == (None, None, None)


@pytest.mark.parametrize("kind", [Value, Tensor])
@pytest.mark.parametrize("collapsed", [True, False])
def test_a4_the_sigmoid_neuron_agrees_with_its_measured_slopes(kind, collapsed):
    numbers = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}
    w0, x0, w1, x1, w2 = (kind(v, name=name) for name, v in numbers.items())
    z = w0 * x0 + w1 * x1 + w2
    f = z.sigmoid() if collapsed else 1 / (1 + (-z).exp())
    found = gradcheck(f)
    assert {check.name for check in found} == set(numbers)
    rounded = {check.name: round(float(check.numeric), 2) for check in found}
    assert rounded == {"w0": -0.20, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.20}
    assert max(float(check.relative_error) for check in found) < 1e-9
    (check,) = gradcheck(f, z)  # a node in the middle
    s = 1 / (1 + math.exp(-1.0))
    assert float(check.analytic) == pytest.approx(s * (1 - s), rel=1e-14)
    assert float(check.numeric) == pytest.approx(s * (1 - s), rel=1e-9)


def test_gradcheck_of_arrays_has_their_shapes():
    W, x = Tensor(RNG.normal(size=(2, 3)), name="W"), Tensor(RNG.normal(size=3), name="x")
    loss = np.tanh(W @ x + [1, 2]).sum() * 3
    w_check, x_check = gradcheck(loss, [W, x])
    loss.backward()
    for check, node in ((w_check, W), (x_check, x)):
        assert check.node is node
        np.testing.assert_array_equal(check.analytic, node.grad)
        np.testing.assert_allclose(check.numeric, node.grad, rtol=1e-7)
        assert check.relative_error.shape == node.shape
        assert check.relative_error.max() < 1e-7


def test_gradcheck_measures_float32_graphs_in_float64():
    x = Tensor(np.array([0.5, 1.5], np.float32))
    (check,) = gradcheck((np.exp(x) * np.float32(2)).sum())
    assert check.numeric.dtype == np.float64
    np.testing.assert_allclose(check.numeric, 2 * np.exp([0.5, 1.5]), rtol=1e-9)
    assert check.relative_error.max() < 1e-6


def test_gradcheck_shows_a_wrong_rule():
    with temporary("twice_too_steep", lambda y, x: 4 * x, forward=np.square) as op:
        for x in (Value(3.0), Tensor(3.0)):
            (check,) = gradcheck(op(x))
            assert (float(check.analytic), float(check.numeric)) == (12.0, pytest.approx(6.0))
            assert float(check.relative_error) == pytest.approx(0.5)


def test_gradcheck_with_an_upstream_gradient():
    x = Tensor([1.0, 2.0])
    (check,) = gradcheck(x * x, upstream=[1.0, 10.0])
    np.testing.assert_allclose(check.numeric, [2.0, 40.0], rtol=1e-9)
    np.testing.assert_array_equal(check.analytic, [2.0, 40.0])
    with pytest.raises(GradientError, match="scalar"):
        gradcheck(x * x)


def test_gradcheck_beyond_a_domain_has_no_number():
    (check,) = gradcheck(Value(1e-9).log())
    assert check.analytic == pytest.approx(1e9)
    assert math.isnan(check.numeric)
    (closer,) = gradcheck(Value(1e-9).log(), step=1e-14)
    assert closer.relative_error < 1e-6


def test_gradcheck_of_a_leaf_alone_and_of_a_stranger():
    x = Value(3.0)
    assert gradcheck(x)[0].numeric == 1.0
    with pytest.raises(GradientError, match="no part of this graph"):
        gradcheck(x * x, Value(1.0))


# --- replay


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_replay_answers_what_if(kind):
    x, y = kind(2.0), kind(3.0)
    q = x * y
    f = q + x
    values = replay(f, {x: 10.0})
    assert {node: float(v) for node, v in values.items()} == {x: 10.0, y: 3.0, q: 30.0, f: 40.0}
    assert float(replay(f, {q: 1.0})[f]) == 3.0
    assert float(replay(f, {})[f]) == 8.0
    assert (x.item(), f.item()) == (2.0, 8.0)


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_replay_can_change_a_constant_node(kind):
    x, c = kind(2.0), kind(3.0, requires_grad=False)
    y = x * c
    values = replay(y, {c: 5.0})
    assert (float(values[y]), float(values[c])) == (10.0, 5.0)


def test_replay_keeps_settings_dtype_and_shape():
    x = Tensor(np.arange(6, dtype=np.float32).reshape(2, 3))
    y = x.sum(axis=0)[1:]
    found = replay(y, {x: [[0, 0, 0], [1, 2, 3]]})
    np.testing.assert_array_equal(found[y], [2.0, 3.0])
    assert found[y].dtype == np.float32
    with pytest.raises(ShapeError, match=r"shape \(3,\) for a node of shape \(2, 3\)"):
        replay(y, {x: [1, 2, 3]})


def test_replay_is_of_the_recorded_numbers():
    w, x = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    y = (w * x).sum()
    x.data[:] = 100.0
    assert float(replay(y, {w: [1.0, 1.0]})[y]) == 7.0
    a, b = Value(2.0), Value(3.0)
    product = a * b
    b.data = 50.0  # a Value keeps no copy, so it has to refuse
    with pytest.raises(MutationError):
        replay(product, {a: 1.0})


def test_replay_hands_out_no_array_of_the_graph():
    x = Tensor([1.0, 2.0])
    y = x * 2
    with pytest.raises(ValueError, match="read-only"):
        replay(y, {})[y][0] = 5.0


def test_replay_names_a_stranger_and_an_impossible_number():
    x = Value(2.0)
    y = x.log()
    with pytest.raises(GradientError, match="topological_order"):
        replay(y, {Value(1.0): 3.0})
    with pytest.raises(ValueError, match=r"log\(-1\)"):
        replay(y, {x: -1.0})


def test_replay_of_a_long_chain_needs_no_recursion():
    x = Value(1.0)
    y = x
    for _ in range(20_000):
        y = y + 1.0
    assert replay(y, {x: 5.0})[y] == 20_005.0
    assert len(topological_order(y)) == 20_001


# --- ops


def test_check_primitive_by_name_and_by_op():
    check_primitive("tanh")
    check_primitive(registry["matmul"])
    check_primitive("sum", np.ones((2, 3)), axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (
            {"rule": lambda y, x: 2 * x + 1e-3},
            r"^bad_op\(\): derivative of order 1, .*A rule on the way is wrong",
        ),
        ({"rule": lambda y, x: 2 * (x.data if isinstance(x, Tensor) else x)}, "derivative of order 2"),
        ({"kernels": (lambda g, y, x: 2.0 * g,)}, "kernel and rule of input 0 give different gradients"),
        pytest.param(
            {"forward": lambda x: np.square(x, dtype=np.float64)},
            "of float32 inputs it gives float64",
            marks=pytest.mark.skipif(
                NUMPY_1, reason="with NumPy 1 every result is brought to its inputs' dtype"
            ),
        ),
        ({"scalar": lambda x: x * x + 1e-9}, "a Value gives another number than a Tensor"),
        ({"forward": lambda x: np.square(x, out=x) if np.ndim(x) else x * x}, "wrote to its input"),
    ],
)
def test_check_primitive_finds_what_is_wrong(settings, text):
    rule = settings.get("rule", lambda y, x: 2 * x)
    rest = {"forward": np.square, **{key: x for key, x in settings.items() if key != "rule"}}
    with temporary("bad_op", rule, **rest) as op, pytest.raises(CheckFailed, match=text):
        check_primitive(op)


def test_check_primitive_keeps_what_the_failure_knows():
    with (
        temporary("bad_op", lambda y, x: 2 * x + 1e-3, forward=np.square) as op,
        pytest.raises(CheckFailed) as caught,
    ):
        check_primitive(op, np.array([0.5, 2.0]))
    assert caught.value.argument == 0
    assert caught.value.relative_error > 0


def test_check_primitive_of_an_op_of_several_inputs_and_of_none_declared():
    mean4 = elementwise(
        "mean_of_four", *[lambda y, a, b, c, d: 0.25] * 4, forward=lambda a, b, c, d: (a + b + c + d) / 4
    )
    bare = Primitive("bare_op", lambda x: x * 1, (lambda g, y, x: g,))
    try:
        check_primitive(mean4)
        with pytest.raises(ValueError, match="declares no samples"):
            check_primitive(bare)
        check_primitive(bare, np.ones((2, 3)))
    finally:
        del registry["mean_of_four"], registry["bare_op"]


def test_check_primitive_of_something_else():
    with pytest.raises(TypeError, match="check_grads"):
        check_primitive(np.tanh)
    with pytest.raises(NotImplementedError, match="Did you mean 'tanh'"):
        check_primitive("tanhh")
