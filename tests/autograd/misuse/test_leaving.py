"""Leaving the graph: functions and types that know nothing of nodes."""

from __future__ import annotations

import decimal
import functools
import itertools
import math
import operator
import random
import statistics
from types import SimpleNamespace

import numpy as np
import pytest
from misuse import Misuse, Table

import autograd as ag
from autograd import DtypeError, GradientWarning, Tensor, UnknownOpError, Value, custom, grad

misuse = Table()
add = misuse.add
X = np.array([1.0, 2.0, 3.0])
rng = np.random.default_rng(0)


def leaf() -> Tensor:
    return Tensor(X)


# --- an array of a list of tensors, in every spelling

pair = [Tensor(1.0), Tensor(2.0)]
one = [Tensor(1.0)]
held = SimpleNamespace(pair=pair, one=one, inner=SimpleNamespace(pair=pair))
by_name = {"a": pair[0], "b": pair[1]}


def give_pair():
    return pair


def _local():
    mine, kind = list(pair), np.float64
    return np.array(mine, kind)


for name, program in {
    "written out": lambda: np.array([pair[0], pair[1]]),
    "with a number": lambda: np.array([1.0, pair[0]]),
    "a tuple": lambda: np.array((pair[0], 2.0)),
    "nested": lambda: np.array([[pair[0]], [1.0]]),
    "of one": lambda: np.array([pair[0]]),
    "a variable": lambda: np.array(pair),
    "a local variable and a dtype": _local,
    "a variable by keyword": lambda: np.array(object=pair),
    "with a dtype by keyword": lambda: np.array(pair, dtype=np.float64),
    "a comprehension": lambda: np.array([t * 2 for t in pair]),
    "a generator": lambda: np.array(list(t * 2 for t in pair)),  # noqa: C400
    "map": lambda: np.array(list(map(np.exp, pair))),
    "list()": lambda: np.array(list(pair)),
    "tuple()": lambda: np.array(tuple(pair)),
    "sorted()": lambda: np.array(sorted(pair)),
    "reversed()": lambda: np.array(list(reversed(pair))),
    "an attribute": lambda: np.array(held.pair),
    "an attribute of an attribute": lambda: np.array(held.inner.pair),
    "an attribute of one": lambda: np.array(held.one),
    "dict values": lambda: np.array(list(by_name.values())),
    "a subscript": lambda: np.array([pair, pair][0]),
    "a slice": lambda: np.array(pair[:2]),
    "a sum of lists": lambda: np.array(pair + pair),
    "a function's result": lambda: np.array(give_pair()),
    "a conditional": lambda: np.array(pair if pair else one),
    "unpacked": lambda: np.array([*pair]),
    "unpacked arguments": lambda: np.array(*[pair]),
    "the elements of a tensor": lambda: np.array(list(leaf())),
    "np.asarray": lambda: np.asarray(held.pair),
    "np.float64": lambda: np.float64(list(pair)),
    "a ufunc": lambda: np.exp(held.pair),
    "np.sum": lambda: np.sum(give_pair()),
    "np.dot": lambda: np.dot(held.pair, [1.0, 2.0]),
    "np.linalg.norm": lambda: np.linalg.norm(pair),
    "array * list": lambda: np.ones(2) * pair,
    "an array of objects": lambda: np.array(pair, dtype=object),
    "Tensor()": lambda: Tensor(pair),
    "t + list": lambda: leaf() + pair,
    "np.r_": lambda: np.r_[pair[0], pair[1]],
    "np.c_": lambda: np.c_[leaf(), leaf()],
}.items():
    add(f"a list of tensors: {name}", program, raises=TypeError, says=r"autograd\.stack\(list\)")

# What is meant, and stays without a word.
add("np.asarray in a loop", lambda: [np.asarray(t * 2).item() for t in pair], gives=[2.0, 4.0])
add("np.asanyarray in a loop", lambda: len([np.asanyarray(give_pair()[0]) for _ in "ab"]), gives=2)
add("map of np.asarray", lambda: len(list(map(np.asarray, pair))), gives=2)
add("np.array of numbers", lambda: np.array([t.item() for t in pair]), gives=np.array([1.0, 2.0]))
add("tolist", lambda: leaf().tolist(), gives=[1.0, 2.0, 3.0])
add("np.stack records", lambda: np.stack(pair).op.name, gives="concatenate")
add("np.float64 of one", lambda: float(np.float64(pair[0])), gives=1.0)
add("float() beside a function of math", lambda: math.sqrt(4.0) * float(pair[1]), gives=4.0)


# --- elements of a plain array

LOST = {"warns": GradientWarning, "says": "gets no gradient"}


@misuse(gives=np.array([2.0, 4.0, 6.0]), **LOST)
def results_collected_in_an_array():
    t, out = leaf(), np.zeros(3)
    for i in range(3):
        out[i] = t[i] * 2
    return out


@misuse(gives=np.array([0.0, 1.0, 2.0]), **LOST)
def assigned_to_a_slice():
    out = np.zeros(3)
    out[1:] = leaf()[:2]
    return out


@misuse(gives=np.array([1.0, 2.0]), **LOST)
def assigned_by_a_mask():
    out = np.zeros(2)
    out[np.array([True, True])] = leaf()[:2]
    return out


@misuse(gives=np.array([4.0, 0.0]), **LOST)
def a_value_put_into_an_array():
    out = np.zeros(2)
    out[0] = Value(2.0) * 2
    return out


@misuse(gives=np.array([3.0]))
def a_loss_is_noted_as_a_number():
    history = np.zeros(1)
    history[0] = leaf().max().item()
    return history


# --- functions of math, of SciPy, random numbers

apply = SimpleNamespace(function=math.tanh)


def call(function, x):
    return function(x)


add("math.sin", lambda: math.sin(Value(0.5)), gives=math.sin(0.5), **LOST)
add("math.hypot", lambda: math.hypot(Value(3.0), 4.0), gives=5.0, **LOST)
add(
    "math.fsum",
    lambda: math.fsum([Value(1.0), 2.0]),
    gives=3.0,
    warns=GradientWarning,
    says="np.sum or autograd.sum",
)
add("math.gamma", lambda: math.gamma(Value(3.0)), gives=2.0, warns=GradientWarning, says="Write it with ops")
add("a function of math as an argument", lambda: call(math.exp, Value(0.0)), gives=1.0, **LOST)
add("a function of math as an attribute", lambda: apply.function(Value(0.0)), gives=0.0, **LOST)
add("map of a function of math", lambda: list(map(math.sin, [Value(0.0)])), gives=[0.0], **LOST)
add("math.isnan is a question", lambda: math.isnan(Value(1.0)), gives=False)
add("math.floor has no slope", lambda: math.floor(Value(1.5)), gives=1)
add("statistics.mean", lambda: statistics.mean([Value(1.0)]), raises=TypeError, says="Value")
add(
    "rng.normal around a tensor",
    lambda: rng.normal(leaf()).shape,
    gives=(3,),
    warns=GradientWarning,
    says=r"mean \+ std",
)
add("rng.uniform up to a Value", lambda: rng.uniform(0.0, Value(1.0)) < 1, gives=True, **LOST)
add("np.random.normal", lambda: np.random.normal(leaf()).shape, gives=(3,), **LOST)  # noqa: NPY002
add("a new generator", lambda: np.random.default_rng(0).normal(0.0, pair[0]) < 9, gives=True, **LOST)
add("rng.choice by probabilities", lambda: rng.choice(3, p=leaf() / 6) < 3, gives=True, **LOST)


@misuse(gives=1.0)
def random_gauss_records():
    mean = Value(0.5)
    random.Random(0).gauss(mean, 1.0).backward()
    return mean.grad


def test_scipy():
    special = pytest.importorskip("scipy.special")
    with pytest.raises(UnknownOpError, match=r"np\.expit has no derivative"):
        special.expit(leaf())
    with pytest.warns(GradientWarning, match="SciPy takes the numbers") as caught:
        special.logsumexp(leaf())
    assert caught[0].filename == __file__
    linalg = pytest.importorskip("scipy.linalg")
    with pytest.warns(GradientWarning, match="SciPy takes the numbers"):
        linalg.inv(Tensor(np.eye(2)))


def test_pandas():
    pandas = pytest.importorskip("pandas")
    column = pandas.Series(X)
    t = leaf()
    (t * np.asarray(column)).sum().backward()
    np.testing.assert_array_equal(t.grad, X)


# --- NumPy's own ways around arrays

add("np.full", lambda: np.full(3, pair[0]), raises=UnknownOpError, says=r"node \* np.ones")
add("np.full_like", lambda: np.full_like(X, pair[0]), raises=UnknownOpError, says="copyto")
add(
    "np.full_like of a tensor",
    lambda: np.full_like(leaf(), pair[0]),
    raises=UnknownOpError,
    says=r"np.ones_like\(x\)",
)
add(
    "np.vectorize",
    lambda: np.vectorize(lambda x: x * 2)(leaf()),
    raises=UnknownOpError,
    says=r"call f\(t\) itself",
)
add(
    "np.frompyfunc", lambda: np.frompyfunc(abs, 1, 1)(leaf()), raises=UnknownOpError, says="has no derivative"
)
add(
    "np.apply_along_axis",
    lambda: np.apply_along_axis(sum, 0, leaf()),
    raises=UnknownOpError,
    says="apply_along_axis",
)
add("np.unwrap", lambda: np.unwrap(leaf()), raises=UnknownOpError, says="np.unwrap has no derivative")
add("np.histogram", lambda: np.histogram(leaf()), raises=UnknownOpError, says="numpy")
add("np.linspace", lambda: np.linspace(*pair, 3), raises=UnknownOpError, says="linspace")
add("np.fft", lambda: np.fft.fft(leaf()), raises=UnknownOpError, says="np.fft")
add("np.fromiter", lambda: np.fromiter(pair, float), gives=np.array([1.0, 2.0]), **LOST)
add(
    "np.fromiter of a generator",
    lambda: np.fromiter((v * 2 for v in [Value(1.0)]), float),
    gives=np.array([2.0]),
    **LOST,
)
add("np.nditer", lambda: len(list(np.nditer(leaf()))), gives=3, **LOST)
add("np.ndenumerate", lambda: len(list(np.ndenumerate(leaf()))), gives=3, **LOST)
add("np.ma.array", lambda: np.ma.array(leaf(), mask=[0, 1, 0]), raises=DtypeError, says="masks")
add(
    "t * masked array",
    lambda: leaf() * np.ma.array(X, mask=[0, 1, 0]),
    raises=DtypeError,
    says="know no masks",
)
add("float64 array of Values", lambda: np.array([Value(1.0)], dtype=float), gives=np.array([1.0]), **LOST)
add(
    "np.piecewise records",
    lambda: grad(lambda t: np.piecewise(t, [t > 2], [1.0, lambda u: -u]).sum())(X),
    gives=np.array([-1.0, -1.0, 0.0]),
)
add(
    "np.select records",
    lambda: grad(lambda t: np.select([t > 2, t <= 2], [t * t, -t]).sum())(X),
    gives=np.array([-1.0, -1.0, 6.0]),
)


# --- arrays of Values, other numbers, the two engines


def _slopes(program) -> list[float]:
    """The gradients of a program of two Values, 2 and 3."""
    values = [Value(2.0), Value(3.0)]
    program(values).backward()
    return [v.grad for v in values]


add("np.sum of Values", lambda: _slopes(np.sum), gives=[1.0, 1.0])
add("np.dot of Values", lambda: _slopes(lambda v: np.dot(v, v)), gives=[4.0, 6.0])
add("an array of Values @ an array", lambda: _slopes(lambda v: np.array(v) @ X[:2]), gives=[1.0, 2.0])
add(
    "np.exp of an array of Values", lambda: _slopes(lambda v: np.exp(np.array(v)).sum())[0], gives=math.exp(2)
)
add("sum() with a start", lambda: _slopes(lambda v: sum(v, 0.5)), gives=[1.0, 1.0])
add("math.prod", lambda: _slopes(math.prod), gives=[3.0, 2.0])
add("max()", lambda: _slopes(max), gives=[None, 1.0])
add("functools.reduce", lambda: _slopes(lambda v: functools.reduce(operator.mul, v)), gives=[3.0, 2.0])
add("itertools.accumulate", lambda: _slopes(lambda v: list(itertools.accumulate(v))[-1]), gives=[1.0, 1.0])
add("np.float64 * Value", lambda: _slopes(lambda v: np.float64(5) * v[0] + v[1]), gives=[5.0, 1.0])
add("divmod", lambda: _slopes(lambda v: divmod(v[1], v[0])[1]), gives=[-1.0, 1.0])
add("round to a whole number", lambda: round(Value(2.6)), gives=3)
add("pow with a modulus", lambda: pow(Value(2.0), 2, 3), raises=TypeError, says="argument")
add("array * Value", lambda: np.ones(2) * Value(1.0), raises=TypeError, says="For arrays use Tensor")
add(
    "Tensor * Value",
    lambda: leaf() * Value(2.0),
    raises=TypeError,
    says=r"engines do not mix. Use Tensor\(2.0\)",
)
add("Value + Tensor", lambda: Value(2.0) + leaf(), raises=TypeError, says="engines do not mix")
add(
    "stack of Values",
    lambda: ag.stack([Value(1.0)]),
    raises=TypeError,
    says=r"Make it a Tensor: Tensor\(1.0\)",
)
add("Value of a Value", lambda: Value(Value(1.0)), raises=TypeError, says="a node already")
add("Value of a list", lambda: Value([1.0]), raises=TypeError, says="For arrays use Tensor")
add("Tensor of a Tensor", lambda: Tensor(leaf()), raises=TypeError, says=r"t\.detach\(\) gives a constant")
add("Value * complex", lambda: Value(1.0) * 1j, raises=TypeError, says="complex")
add("Tensor * complex", lambda: leaf() * 1j, raises=DtypeError, says="real numbers")
add("Value * Decimal", lambda: Value(1.0) * decimal.Decimal(2), raises=TypeError, says="Decimal")
add("Value * text", lambda: Value(1.0) * "2", raises=TypeError, says="Value")
add("Tensor * text", lambda: leaf() * "2", raises=DtypeError, says="an array of text")
add("Tensor * None", lambda: leaf() * None, raises=DtypeError, says="Python objects")
add("a tensor as a range", lambda: range(pair[0]), raises=TypeError, says="integer")


# --- inside a function that is differentiated

INSIDE = {"warns": GradientWarning, "says": "leaves the graph|no gradient|does not depend"}
add("float() inside grad", lambda: grad(lambda x: x * float(x))(3.0), gives=3.0, **INSIDE)
add("np.asarray inside grad", lambda: grad(lambda x: (x * np.asarray(x)).sum())(X), gives=X, **INSIDE)
add(
    "np.ascontiguousarray inside grad",
    lambda: grad(lambda x: (x * np.ascontiguousarray(x)).sum())(X),
    gives=X,
    **INSIDE,
)
add("math.sin differentiated itself", lambda: grad(lambda x: math.sin(x))(0.0), gives=0.0, **INSIDE)
add(
    "np.asarray of a view inside grad",
    lambda: grad(lambda x: (x * np.asarray(x[:1])).sum())(X),
    gives=np.ones(3),
    **INSIDE,
)
add("numpy() inside grad is meant", lambda: grad(lambda x: (x * x.numpy()).sum())(X), gives=X)


@misuse(gives=0.0, warns=GradientWarning, says="no gradient|does not depend")
def a_rule_that_leaves_the_graph_has_no_second_derivative():
    @custom(lambda y, x: 2 * float(x), name="square_by_float_for_test")
    def square(x):
        return x * x

    return grad(grad(square))(3.0)


@misuse.parametrize()
def test_leaving(case: Misuse):
    case.check()
