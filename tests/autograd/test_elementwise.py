"""Elementwise functions at their edges: kinks, ties, zeros, nan and infinity, tails, and the arithmetic of floats."""

from __future__ import annotations

import math
import operator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from samples import OPS

import autograd as ag
from autograd import DomainError, ShapeError, Tensor, UnknownOpError, Value, check_grads, gradients
from autograd.operators import Operators
from autograd.ops.masks import only
from autograd.ops.special import _by_interval
from autograd.primitive import numpy_functions

NAN, INF = math.nan, math.inf
ENGINES = pytest.mark.parametrize("kind", [Value, Tensor])
EDGES = np.array([-INF, -1000.0, -2.5, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 1.5, 2.5, 1000.0, INF, NAN])
NEW = (
    "exp2 cbrt arcsinh arccosh arctanh arctan2 hypot logaddexp2 copysign fabs float_power fmax fmin positive deg2rad "
    "radians rad2deg degrees remainder mod fmod floor_divide floor ceil rint trunc heaviside true_divide sign absolute "
    "square reciprocal power"
).split()


def slopes(op, at, kind):
    leaves = [kind(x) for x in at]
    op(*leaves).backward()
    return [float(x.grad) for x in leaves]


# --- what the derivative is where it is a choice, or where a careless formula gives nan


@ENGINES
@pytest.mark.parametrize(
    ("name", "at", "expected"),
    [
        ("absolute", (0.0,), (0.0,)),
        ("fabs", (0.0,), (0.0,)),
        ("sign", (0.0,), (0.0,)),
        ("copysign", (0.0, -1.0), (0.0, 0.0)),
        ("copysign", (2.0, -1.0), (-1.0, 0.0)),
        ("copysign", (-2.0, -1.0), (1.0, 0.0)),
        ("copysign", (2.0, -0.0), (-1.0, 0.0)),
        ("maximum", (1.0, 1.0), (0.5, 0.5)),
        ("minimum", (1.0, 1.0), (0.5, 0.5)),
        ("fmax", (1.0, 1.0), (0.5, 0.5)),
        ("fmin", (1.0, 1.0), (0.5, 0.5)),
        ("fmax", (1.0, 2.0), (0.0, 1.0)),
        ("fmin", (1.0, 2.0), (1.0, 0.0)),
        ("fmax", (3.0, NAN), (1.0, 0.0)),
        ("fmax", (NAN, 3.0), (0.0, 1.0)),
        ("fmin", (3.0, NAN), (1.0, 0.0)),
        ("fmin", (NAN, 3.0), (0.0, 1.0)),
        ("fmax", (NAN, NAN), (0.0, 0.0)),
        ("hypot", (0.0, 0.0), (0.0, 0.0)),
        ("hypot", (0.0, -2.0), (0.0, -1.0)),
        ("hypot", (3e200, 4e200), (0.6, 0.8)),
        ("arctan2", (0.0, 0.0), (0.0, 0.0)),
        ("arctan2", (0.0, -1.0), (-1.0, 0.0)),
        ("arctan2", (1.0, 0.0), (0.0, -1.0)),
        ("arctan2", (0.0, 1e200), (1e-200, 0.0)),
        ("arcsinh", (1e200,), (1e-200,)),
        ("arccosh", (1e200,), (1e-200,)),
        ("arctanh", (1 - 2.0**-40,), (2.0**39 / (1 - 2.0**-41),)),
        ("power", (0.0, 2.0), (0.0, 0.0)),
        ("power", (0.0, 1.0), (1.0, 0.0)),
        ("power", (0.0, 0.0), (0.0, 0.0)),
        ("power", (3.0, 0.0), (0.0, math.log(3.0))),
        ("power", (0.0, 0.5), (INF, 0.0)),
        ("power", (-2.0, 3.0), (12.0, NAN)),
        ("power", (-2.0, 0.0), (0.0, NAN)),
        ("power", (-2.0, -1.0), (-0.25, NAN)),
        ("float_power", (0.0, 0.0), (0.0, 0.0)),
        ("floor", (2.0,), (0.0,)),
        ("ceil", (2.0,), (0.0,)),
        ("trunc", (-2.0,), (0.0,)),
        ("rint", (0.5,), (0.0,)),
        ("round", (0.5,), (0.0,)),
        ("floor_divide", (6.0, 2.0), (0.0, 0.0)),
        ("heaviside", (0.0, 0.5), (0.0, 1.0)),
        ("heaviside", (1.0, 0.5), (0.0, 0.0)),
        ("remainder", (6.0, 2.0), (1.0, -3.0)),
        ("remainder", (-7.0, 2.0), (1.0, 4.0)),
        ("remainder", (7.0, -2.0), (1.0, 4.0)),
        ("remainder", (-5.0, INF), (1.0, 1.0)),
        ("fmod", (6.0, 2.0), (1.0, -3.0)),
        ("fmod", (-7.0, 2.0), (1.0, 3.0)),
        ("fmod", (7.0, -2.0), (1.0, 3.0)),
        ("fmod", (5.0, INF), (1.0, 0.0)),
        ("nan_to_num", (NAN,), (0.0,)),
        ("nan_to_num", (INF,), (0.0,)),
        ("nan_to_num", (2.0,), (1.0,)),
        ("sinc", (0.0,), (0.0,)),
        ("xlogy", (0.0, 0.0), (0.0, 0.0)),
        ("xlogy", (0.0, 2.0), (math.log(2.0), 0.0)),
        ("xlogy", (0.0, -1.0), (0.0, 0.0)),
        ("clip_between", (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
        ("clip_between", (1.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
        ("clip_between", (-1.0, 0.0, 1.0), (0.0, 1.0, 0.0)),
        ("clip_between", (2.0, 0.0, 1.0), (0.0, 0.0, 1.0)),
        ("clip_between", (2.0, 3.0, 1.0), (0.0, 0.0, 1.0)),
        ("clip_between", (0.0, 3.0, 1.0), (0.0, 0.0, 1.0)),
        ("cbrt", (-8.0,), (1 / 12,)),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value encountered in log", "ignore:divide by zero")
def test_slopes_at_edges(name, at, expected, kind):
    assert slopes(OPS[name], at, kind) == pytest.approx(list(expected), rel=1e-14, nan_ok=True)


def test_a_power_with_base_0_and_a_negative_exponent():
    a, b = Tensor(0.0), Tensor(-1.0)
    with np.errstate(divide="ignore"):
        y = a**b
        y.backward()
    assert (y.item(), float(a.grad), float(b.grad)) == (INF, -INF, -INF)  # as in PyTorch
    with pytest.raises(ZeroDivisionError, match="power"):
        Value(0.0) ** Value(-1.0)


@ENGINES
def test_second_derivatives_of_a_power_where_the_exponent_is_0_or_1(kind):
    for at, expected in (
        ((2.0, 0.0), 0.5),
        ((2.0, 1.0), 1 + math.log(2.0)),
        ((3.0, 2.0), 3 + 6 * math.log(3.0)),
    ):
        a, b = map(kind, at)
        first = gradients(a**b, a, create_graph=True)
        assert float(gradients(first, b)) == pytest.approx(expected, rel=1e-14)
    x = kind(0.0)
    first = gradients(x**2, x, create_graph=True)
    assert float(gradients(first, x)) == 2.0


def test_a_power_with_whole_numbers_of_any_type_has_the_right_slope():
    for dtype in (np.uint8, np.int64, bool):
        t = Tensor([0.5, 2.0])
        (t ** np.array([0, 1], dtype)).sum().backward()
        np.testing.assert_array_equal(t.grad, [0.0, 1.0])


@ENGINES
def test_sinc_is_smooth_at_0(kind):
    for at in (0.0, 1e-9, 1e-3, 0.3):
        x = kind(at)
        y = np.sinc(x)
        first = gradients(y, x, create_graph=True)
        second = gradients(first, x, create_graph=True)
        third = gradients(second, x, create_graph=True)
        t = math.pi * at
        assert float(y.item()) == pytest.approx(np.sinc(at), rel=1e-15)
        # the Taylor series
        expected = (
            math.pi * (-t / 3 + t**3 / 30 - t**5 / 840 + t**7 / 45360 - t**9 / 3991680),
            math.pi**2 * (-1 / 3 + t**2 / 10 - t**4 / 168 + t**6 / 6480 - t**8 / 443520 + t**10 / 4.7174e7),
            math.pi**3 * (t / 5 - t**3 / 42 + t**5 / 1080 - t**7 / 55440 + t**9 / 4717440),
        )
        for found, wanted in zip((first, second, third), expected):
            assert float(found.item()) == pytest.approx(wanted, rel=2e-6 if at == 0.3 else 1e-14, abs=1e-300)


# --- the same as NumPy's functions, on plain arrays, tensors and values


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_values_are_numpys_at_every_edge(name, dtype):
    function, op = getattr(np, name), getattr(ag, name)
    grids = np.meshgrid(*[EDGES.astype(dtype)] * function.nin)
    with np.errstate(all="ignore"):
        expected = function(*grids).astype(dtype)
        for out in (op(*grids), op(*map(Tensor, grids)).data, function(*map(Tensor, grids)).data):
            assert out.dtype == dtype
            np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("name", [*NEW, "sinc", "round", "around", "fix", "nan_to_num", "clip"])
@ENGINES
def test_numpys_own_functions_record(name, kind):
    function = getattr(np, name)
    settings = {"clip": (0.0, 1.0)}.get(name, ())
    nodes = [kind(x) for x in (0.75 if name == "arctanh" else 1.75, 0.6)[: getattr(function, "nin", 1)]]
    y = function(*nodes, *settings)
    assert type(y) is kind
    assert y.op is not None
    y.backward()
    assert all(x.grad is not None for x in nodes)
    assert float(y.item()) == pytest.approx(float(function(*[x.item() for x in nodes], *settings)), rel=1e-15)


@pytest.mark.parametrize("name", ["modf", "frexp", "divmod", "ldexp", "nextafter", "spacing", "i0"])
def test_what_has_no_rule_says_so(name):
    function = getattr(np, name)
    others = [2] * (getattr(function, "nin", 1) - 1)
    with pytest.raises(UnknownOpError, match=name):
        function(Tensor([1.5]), *others)


def test_whole_numbers_become_what_numpy_makes_of_them():
    assert ag.float_power(np.array([2, 4]), -1).tolist() == [0.5, 0.25]
    assert ag.fabs(np.array([-2])).dtype == np.float64
    assert ag.clip(np.array([-2, 9]), 0, 5).dtype.kind == "i"
    np.testing.assert_allclose(ag.erf(np.array([1, 2])), [math.erf(1), math.erf(2)], rtol=1e-15)


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (1, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("name", sorted(name for name, op in OPS.items() if op.elementwise and op.arity))
def test_small_dtypes_and_shapes_stay(name, shape, dtype):
    op = OPS[name]
    middles = [(low + high) / 2 + 0.1 for low, high in op.domain]
    leaves = [Tensor(np.full(shape, x, dtype)) for x in middles[: op.arity]]
    for settings in op.samples:
        y = op(*leaves, **settings)
        assert (y.dtype, y.shape) == (dtype, shape)
        y.backward(np.ones(shape, dtype))
        assert all((x.grad.dtype, x.grad.shape) == (dtype, shape) for x in leaves)


# --- a Value computes as a float does

numbers = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6)


@given(numbers, numbers)
def test_division_with_remainder_of_values_is_that_of_floats(a, b):
    assume(b != 0)
    v, w = Value(a), Value(b)
    for found, expected in (
        (v % w, a % b),
        (v % b, a % b),
        (a % w, a % b),
        (v // w, a // b),
        (v // b, a // b),
        (a // w, a // b),
        (v.fmod(w), math.fmod(a, b)),
    ):
        assert type(found) is Value
        assert type(found.data) is float
        assert found.data == expected
        assert math.copysign(1, found.data) == math.copysign(1, expected)
    assert [x.data for x in divmod(v, w)] == list(divmod(a, b))
    assert [x.data for x in divmod(a, w)] == list(divmod(a, b))
    t = Tensor([a])
    for found, expected in (
        (t % b, a % b),
        (a % Tensor([b]), a % b),
        (t // b, a // b),
        (a // Tensor([b]), a // b),
    ):
        assert found.data.tolist() == [expected]
    assert [x.data.tolist() for x in divmod(t, b)] == [[x] for x in divmod(a, b)]


@given(numbers, st.integers(-3, 5))
def test_rounding_of_values_is_that_of_floats(x, digits):
    v = Value(x)
    assert round(v) == round(x)
    assert type(round(v)) is int
    rounded = round(v, digits)
    assert (type(rounded), rounded.data) == (Value, round(x, digits))
    assert (v.floor().data, v.ceil().data, v.trunc().data) == (math.floor(x), math.ceil(x), math.trunc(x))
    assert type(v.floor().data) is float


def test_rounding_of_tensors_is_numpys():
    x = np.array([0.5, 1.5, -2.345, 1234.5])
    t = Tensor(x)
    for digits in (0, 1, 2, -2, np.int64(1)):
        for found in (round(t, digits), t.round(digits), t.round(decimals=digits), np.round(t, digits)):
            np.testing.assert_array_equal(found.data, np.round(x, digits))
    np.testing.assert_array_equal(round(t).data, np.round(x))


def test_values_raise_as_floats_do():
    for wrong in (
        lambda: Value(1.0) % 0,
        lambda: Value(1.0) // 0.0,
        lambda: 1 % Value(0.0),
        lambda: divmod(Value(1.0), 0),
    ):
        with pytest.raises(ZeroDivisionError, match="division by zero"):
            wrong()
    for wrong in (lambda: Value(1.0).fmod(0), lambda: Value(0.5).arccosh(), lambda: Value(1.0).arctanh()):
        with pytest.raises(DomainError):
            wrong()
    with pytest.raises(OverflowError, match="exp2"):
        Value(5000.0).exp2()


@given(st.floats(-1e9, 1e9), st.floats(0.01, 1e3) | st.floats(-1e3, -0.01))
def test_slopes_of_remainders_are_whole_and_exact(a, b):
    """The quotient may be so near to a whole number that a division in floats rounds to it: the slope may not."""
    exact = Fraction(a) / Fraction(b)
    for name, quotient in (("remainder", math.floor(exact)), ("fmod", math.trunc(exact))):
        for kind in (Value, Tensor):
            assert slopes(OPS[name], (a, b), kind) == [1.0, -quotient]


def test_piecewise_constant_functions_record_and_stop_the_gradient():
    for op in (ag.floor, ag.ceil, ag.rint, ag.trunc, ag.fix, ag.round, ag.sign):
        t = Tensor([0.3, -1.7])
        y = (op(t) * t).sum()
        y.backward()
        np.testing.assert_array_equal(t.grad, op(t.numpy()))  # the other factor's part alone
        assert op(t).op is not None


# --- the error function


def test_erf_and_erfc_are_right_to_the_last_digits_on_the_whole_line():
    rng = np.random.default_rng(0)
    x = np.concatenate(
        [
            np.linspace(-7, 27, 40_001),
            rng.uniform(-3, 3, 20_000),
            10.0 ** rng.uniform(-300, 0, 2_000),
            [0.84375, 1.25, 1 / 0.35],
        ]
    )
    for op, exact in ((ag.erf, math.erf), (ag.erfc, math.erfc)):
        expected = np.array([exact(v) for v in x])
        np.testing.assert_allclose(op(x), expected, rtol=1e-15, atol=1e-307)
        np.testing.assert_allclose(op(x[5:25]), expected[5:25], rtol=1e-15)  # few elements: another way
        single = x[(x > -3) & (x < 8)].astype(np.float32)
        np.testing.assert_allclose(op(single), [exact(v) for v in single], rtol=3e-6, atol=1e-44)
        half = x[(x > -3) & (x < 3)].astype(np.float16)
        np.testing.assert_allclose(op(half), [exact(v) for v in half], rtol=1e-3, atol=6e-8)
        assert (op(single).dtype, op(half).dtype) == (np.float32, np.float16)


def test_erf_at_the_ends():
    for n in (1, 1000):
        x = np.repeat([0.0, -0.0, INF, -INF, 1000.0, -1000.0, NAN], n)
        for out, ends in ((ag.erf(x), [0.0, -0.0, 1, -1, 1, -1, NAN]), (ag.erfc(x), [1, 1, 0, 2, 0, 2, NAN])):
            np.testing.assert_array_equal(out, np.repeat(ends, n))
    assert math.copysign(1, ag.erf(np.full(1000, -0.0))[0]) == -1


def test_erf_of_another_array_library_takes_the_general_way():
    class Foreign(np.ndarray):
        pass

    x = np.linspace(-7, 28, 3001)
    for op in (ag.erf, ag.erfc):
        out = op(x.view(Foreign))
        np.testing.assert_array_equal(np.asarray(out), op(x))
    assert _by_interval(x.view(Foreign)[:3], [lambda z: z] * 4).tolist() == [0, 0, 0]  # brought to the border


@ENGINES
def test_erf_and_erfc_fall_off_without_noise(kind):
    for x in (-30.0, 30.0, 1000.0, -1000.0):
        leaf = kind(x)
        first = gradients(ag.erfc(leaf), leaf, create_graph=True)
        assert float(first.item()) == 0.0 or abs(x) == 30
        assert math.isfinite(float(gradients(first, leaf)))


# --- clip


@ENGINES
def test_clip_with_bounds_that_are_nodes(kind):
    for at, expected in ((-3.0, (0, 1, 0)), (0.5, (1, 0, 0)), (4.0, (0, 0, 1))):
        x, low, high = kind(at), kind(-1.0), kind(2.0)
        y = np.clip(x, low, high)
        y.backward()
        assert float(y.item()) == min(max(at, -1.0), 2.0)
        assert (x.grad or 0, low.grad or 0, high.grad or 0) == expected
    x = kind(3.0)
    assert float(ag.clip(x, kind(4.0)).item()) == 4.0
    assert float(x.clip(None, kind(1.0)).item()) == 1.0


def test_clip_with_arrays_as_bounds():
    x = Tensor([[-1.0, 0.5], [2.0, 5.0]])
    low, high = np.array([0.0, 1.0]), Tensor([[1.5], [4.0]])
    y = np.clip(x, low, high)
    np.testing.assert_array_equal(y.data, np.clip(x.numpy(), low, high.numpy()))
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [[0, 0], [1, 0]])
    np.testing.assert_array_equal(high.grad, [[0], [1]])
    np.testing.assert_array_equal(np.clip(low, Tensor([0.5, 0.5]), None).data, [0.5, 1.0])
    check_grads(lambda *xs: ag.clip(*xs), x.numpy(), low - 0.1, high.numpy())
    with pytest.raises(ShapeError, match="clip_between"):
        np.clip(x, np.zeros(3), None)


def test_clip_takes_the_names_of_numpy_and_pytorch_and_keeps_float32():
    t = Tensor(np.array([-1.0, 0.5, 3.0], np.float32))
    for y in (
        t.clip(0, 1),
        t.clip(min=0, max=1),
        t.clamp(low=0, high=1),
        np.clip(t, 0, 1),
        np.clip(t, a_min=np.float64(0), a_max=np.float64(1)),
        ag.clip(t, np.float64(0), 1),
    ):
        assert y.data.tolist() == [0.0, 0.5, 1.0]
        assert y.dtype == np.float32
        assert y.op.name == "clip"
    assert Value(3.0).clip(0, 1).data == 1.0
    assert t.clip(max=1).data.tolist() == [-1.0, 0.5, 1.0]


# --- methods


@pytest.mark.parametrize(
    "name",
    "arccosh arcsinh arctan2 arctanh ceil clip clamp copysign deg2rad erf erfc exp2 fix float_power floor floor_divide "
    "fmax fmin fmod heaviside hypot logaddexp logaddexp2 logit maximum minimum nan_to_num positive rad2deg remainder "
    "round sign sinc trunc xlogy".split(),
)
@ENGINES
def test_methods(name, kind):
    function = ag.clip if name == "clamp" else getattr(ag, name)
    n = 2 if name in ("clip", "clamp") else getattr(function, "arity", 1)
    args = [1.2 if name == "arccosh" else 0.6, 0.4][:n]
    node = kind(args[0])
    y = getattr(node, name)(*args[1:])
    assert type(y) is kind
    assert y.op is not None
    assert float(y.item()) == pytest.approx(float(function(*args)), rel=1e-15)


@ENGINES
def test_settings_may_be_given_by_position(kind):
    x = kind(0.95)
    y = x.logit(0.1)
    assert y.kwargs == {"eps": 0.1}
    assert float(y.item()) == pytest.approx(math.log(9))
    first = gradients(y * y, x, create_graph=True)
    assert float(first.item()) == 0.0
    with pytest.raises(TypeError, match="2 arguments at most, and got 3"):
        x.logit(0.1, 0.2)
    with pytest.raises(TypeError, match="fmod needs 2 inputs, and got 1"):
        x.fmod()


def test_every_ufunc_finds_an_op_of_its_meaning():
    same = {np.radians: "deg2rad", np.degrees: "rad2deg", np.fix: "trunc", np.around: "round"}
    for function, name in same.items():
        assert numpy_functions[function].name == name
    for name in NEW:
        assert numpy_functions[getattr(np, name)] is getattr(ag, name)


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.parametrize("zero", [0, 0.0, np.float64(0), np.array(0.0), -0.0])
@pytest.mark.parametrize("create_graph", [False, True])
def test_the_slope_of_a_division_by_zero_is_infinite_whatever_kind_of_zero(zero, create_graph):
    x = Tensor(np.array([1.0, 2.0], np.float32))
    (slope,) = gradients((x / zero).sum(), [x], create_graph=create_graph)
    assert slope.dtype == np.float32
    np.testing.assert_array_equal(np.asarray(slope), np.copysign(np.inf, [zero, zero]))


def test_the_real_part_of_a_real_number_is_the_number():
    x = Tensor([1.0, -2.0])
    for function in (np.real, np.conj):
        np.testing.assert_array_equal(gradients((function(x) * x).sum(), x), 2 * x.data)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, ">f4"])
def test_a_masked_gradient_is_picked_and_not_multiplied(dtype):
    g = np.array([[np.inf, -np.inf, np.nan], [-0.0, 1e-7, -3.0]], dtype)
    mask = np.array([[True, False, True], [True, True, False]])
    for a, m in (
        (g, mask),
        (g.T, mask.T),
        (np.repeat(g, 2, axis=1)[:, ::2], mask),
        (g, mask[:1]),
        (g[:, :1], mask),
    ):
        found = only(a, m)
        assert found.dtype == np.dtype(dtype)
        np.testing.assert_array_equal(found, np.where(m, a, 0))
    for number, m in (
        (g.dtype.type(np.inf), np.True_),
        (g[0, 1], np.False_),
        (g[0, 0:1].reshape(()), np.True_),
    ):
        assert only(number, m) == (number if m else 0)


def test_an_infinite_gradient_of_what_was_not_chosen_is_zero_and_says_nothing():
    """inf * 0 would be nan, with a warning, which the tests take for an error."""
    inf = np.full(3, np.inf)
    for f, expected in (
        (lambda x: ag.relu(x), [0, 0, np.inf]),
        (lambda x: ag.clip(x, -0.5, 0.5), [0, np.inf, 0]),
        (lambda x: ag.maximum(x, 0.5), [0, 0, np.inf]),
        (lambda x: ag.where(x.data > 0, 0.0, x), [np.inf, np.inf, 0]),
        (lambda x: ag.floor(x), [0, 0, 0]),
    ):
        x = Tensor([-1.0, 0.0, 1.0])
        f(x).backward(inf)
        np.testing.assert_array_equal(x.grad, expected)


METHODS = {name: m for name, m in vars(Operators).items() if hasattr(m, "way") and not name.startswith("__")}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_its_op_on_both_engines(name):
    op = METHODS[name].__wrapped__
    x, *rest = (1.5 if name == "arccosh" else 0.7, 0.4, 0.3)[: op.arity]
    for kind in (Value, Tensor):
        found = getattr(kind(x), name)(*rest)
        assert found.op is op
        assert float(found.item()) == pytest.approx(float(op(x, *rest)), rel=1e-15)
        assert getattr(kind, name).__doc__ == op.__doc__


def test_cbrt_and_fabs_are_methods():
    for kind in (Value, Tensor):
        x = kind(-8.0)
        y = x.cbrt() + x.fabs()
        y.backward()
        assert (y.item(), float(x.grad)) == pytest.approx((6.0, 1 / 12 - 1))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("c", [2, 2.5, -3, 0, 0.0, True, NAN, INF, np.float64(2.5)])
@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "pow", "mod", "floordiv"])
def test_a_number_beside_a_tensor_takes_the_same_way_as_an_array_of_it(name, c, dtype):
    f, x = getattr(operator, name), np.array([1.5, 2.0, 3.0], dtype)
    with np.errstate(all="ignore"):
        for swapped in (False, True):
            for data in (x, x[0]):
                a, b = Tensor(data), Tensor(data)
                beside = np.full(np.shape(data), c, dtype)
                y = f(c, a) if swapped else f(a, c)
                z = f(beside, b) if swapped else f(b, beside)
                y.backward(np.ones(y.shape))
                z.backward(np.ones(z.shape))
                assert y.dtype == a.grad.dtype == dtype
                np.testing.assert_allclose(y.data, z.data, rtol=1e-6)
                np.testing.assert_allclose(a.grad, b.grad, rtol=1e-6)


def test_no_matrix_product_with_a_number():
    x = Tensor([1.0, 2.0])
    for f in (lambda: x @ 2.0, lambda: 2.0 @ x, lambda: x @ 0.0):
        with pytest.raises(ShapeError, match=r"elementwise product write \*"):
            f()
