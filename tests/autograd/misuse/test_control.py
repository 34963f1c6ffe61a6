"""Comparison, truth, containers: what a program can ask of a node, and what Python makes of it."""

from __future__ import annotations

import functools

import numpy as np
from misuse import Misuse, Table

from autograd import Tensor, Value, grad

misuse = Table()
add = misuse.add
X = np.array([1.0, 2.0, 3.0])
AMBIGUOUS = {"raises": ValueError, "says": "ambiguous"}


def leaf() -> Tensor:
    return Tensor(X)


def _while():
    t = leaf()
    while t < 5:
        t = t * 2


# --- the truth of an array

add("if array", lambda: 1 if leaf() > 0 else 0, **AMBIGUOUS)
add("while array", _while, **AMBIGUOUS)
add("array and array", lambda: (leaf() > 0) and (leaf() < 5), **AMBIGUOUS)
add("not array", lambda: not leaf(), **AMBIGUOUS)
add("max() of tensors", lambda: max([leaf(), leaf()]), **AMBIGUOUS)
add("tensor in a list", lambda: leaf() in [leaf()], **AMBIGUOUS)
add("list.index of a tensor", lambda: [leaf(), leaf()].index(leaf()), **AMBIGUOUS)
add("chained comparison", lambda: 0 < leaf() < 5, **AMBIGUOUS)
add("a tensor itself in a list", lambda: (lambda t: t in [t])(leaf()), gives=True)  # `is` comes before `==`
add("a number in a tensor", lambda: 2.0 in leaf(), gives=True)
add("any() of a comparison", lambda: any(leaf() > 2), gives=True)


@misuse(raises=ValueError, says="ambiguous")
def is_there_a_gradient():
    t = leaf()
    t.sum().backward()
    return bool(t.grad)


@misuse(gives=[3.0, 1.0])
def a_branch_on_one_number():
    """The slope is that of the branch that was taken."""
    f = lambda x: 3 * x if x > 0 else x
    return [grad(f)(1.0), grad(f)(-1.0)]


@misuse(gives=8.0)
def a_loop_that_depends_on_the_number():
    def f(x):
        while x < 10:
            x = x * 2
        return x

    return grad(f)(1.5)


@misuse(gives=[None, 1.0])
def and_gives_one_of_its_operands():
    a, b = Value(2.0), Value(3.0)
    (a and b).backward()
    return [a.grad, b.grad]


@misuse(gives=[1.0, None])
def or_gives_one_of_its_operands():
    a, b = Value(2.0), Value(3.0)
    (a or b).backward()
    return [a.grad, b.grad]


# --- equality and hashing

add("Value == number", lambda: Value(2.0) == 2, gives=True)
add("Value == text", lambda: Value(2.0) == "2", gives=False)
add("Value == None", lambda: Value(2.0) == None, gives=False)  # noqa: E711
add("Value < text", lambda: Value(2.0) < "2", raises=TypeError, says="float")
add("tensor == None", lambda: (leaf() == None).any(), gives=False)  # noqa: E711
add("tensors of two shapes", lambda: leaf() == np.ones(2), raises=ValueError, says="broadcast")
add("Value in a list of numbers", lambda: Value(2.0) in [1.0, 2.0], gives=True)
add("a key that is equal but another node", lambda: {Value(2.0): 1}.get(Value(2.0)), gives=None)
add("a number does not find a node", lambda: {2.0: 1}.get(Value(2.0)), gives=None)
add("a set of equal Values", lambda: len({Value(1.0), Value(1.0)}), gives=2)
add("isinstance float", lambda: isinstance(Value(2.0), float), gives=False)


@misuse(gives=[4.0, 6.0, 0])
def a_cache_goes_by_node():
    """Two Values with one number are two keys: a cache never gives one the graph of the other."""

    @functools.lru_cache
    def square(x):
        return x * x

    a, b = Value(2.0), Value(2.0)
    (square(a) + square(b) * 1.5).backward()
    return [a.grad, b.grad, square.cache_info().hits]


@misuse(gives=[5.0, None])
def a_list_of_values_is_sorted_in_place():
    a, b = Value(3.0), Value(1.0)
    values = [a, b]
    values.sort()
    (values[0] * 5).backward()
    return [b.grad, a.grad]


@misuse(gives=1.0)
def sorted_by_a_key():
    a, b = Value(3.0), Value(-4.0)
    sorted([b, a], key=abs)[0].backward()
    return a.grad


# --- match, unpacking, length


def _match(x):
    match x:
        case float() | int():
            return "number"
        case [_, _, _]:
            return "sequence"
        case 2.0:
            return "two"
        case Value(op=None):
            return "leaf"
        case _:
            return "other"


add("match of a Value by its number", lambda: _match(Value(2.0)), gives="two")
add("match of a Value by its class", lambda: _match(Value(3.0)), gives="leaf")
add("match of a tensor as a sequence", lambda: _match(Tensor(4.0)), gives="other")


@misuse(gives=np.array([1.0, 10.0, 100.0]))
def a_tensor_unpacked():
    t = leaf()
    a, b, c = t
    (a + 10 * b + 100 * c).backward()
    return t.grad


@misuse(gives=X)
def a_tensor_zipped_with_a_list():
    t = leaf()
    sum(a * b for a, b in zip(t, X)).backward()
    return t.grad


add("unpacking one number", lambda: [*Tensor(1.0)], raises=TypeError, says="unsized")
add("length of one number", lambda: len(Tensor(1.0)), raises=TypeError, says="unsized")
add("an index into one number", lambda: Tensor(1.0)[0], raises=IndexError, says="0-dimensional")
add("a loop over a Value", lambda: list(Value(1.0)), raises=TypeError, says="not iterable")
add("an index into a Value", lambda: Value(1.0)[0], raises=TypeError, says="not subscriptable")
add("a Value as an index of a list", lambda: [1, 2][Value(1.0)], raises=TypeError, says="Value")


@misuse.parametrize()
def test_control(case: Misuse):
    case.check()
