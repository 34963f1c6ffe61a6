"""Labels come from running the rules: each is there, and means what the engine computes."""

from __future__ import annotations

import ast
import math
import re
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import OPS

import autograd
from autograd import Primitive, registry, where
from viz.spelling import spell
from viz.symbols import Symbol, contribution, formula, local_gradient

ELEMENTWISE = [(op, settings) for op in OPS.values() if op.elementwise for settings in op.samples or ({},)]
STRUCTURAL = [(op, *case) for op in OPS.values() if not op.elementwise for case in op.samples]
# What a label may be made of, so that its text can be computed and compared with its number.
WORDS: dict[str, Any] = {name: getattr(autograd, name, op) for name, op in registry.items()} | {
    "abs": np.abs,
    "sum": np.sum,
    "broadcast_to": np.broadcast_to,
    "isfinite": np.isfinite,
}


def letters(n: int) -> list[str]:
    return ["x"] if n == 1 else list("abcdefgh"[:n])


@pytest.mark.parametrize(("op", "settings"), ELEMENTWISE, ids=lambda x: getattr(x, "name", ""))
def test_the_label_of_an_elementwise_op_means_its_local_gradient(
    op: Primitive, settings: dict[str, Any]
) -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        inputs = [float(rng.uniform(low, high)) for low, high in op.domain]
        y = op(*inputs, **settings)
        names = letters(len(inputs))
        symbols = tuple(Symbol(name, x) for name, x in zip(names, inputs))
        assert op.rules is not None
        for i in range(len(inputs)):
            label = local_gradient(op, i, Symbol("y", y), symbols, settings)
            assert label.text
            expected = float(op.rules[i](y, *inputs, **settings))
            assert label.value == pytest.approx(expected, rel=1e-12)
            said = eval(label.text, dict(WORDS), {**dict(zip(names, inputs)), "y": y})
            assert float(said) == pytest.approx(expected, rel=1e-4)  # numbers in a label are rounded


NO_EXPRESSION = re.compile(r"array\(")  # an array by its shape


class _AsNumPy(ast.NodeTransformer):
    """A label has the notation of numbers for arrays too, and NumPy 2's name for the transpose of each matrix."""

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        return ast.Call(ast.Name("where", ast.Load()), [node.test, node.body, node.orelse], [])

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr != "mT":
            return node
        minus = [ast.UnaryOp(ast.USub(), ast.Constant(n)) for n in (1, 2)]
        return ast.Call(ast.Attribute(node.value, "swapaxes", ast.Load()), minus, [])


def evaluated(text: str, names: dict[str, Any], settings: dict[str, Any]) -> list[Any]:
    """What NumPy makes of a label, with g and y as they are and with the axes that a label does not mention."""
    axis = settings.get("axis")
    tree = _AsNumPy().visit(ast.parse(text, mode="eval"))
    code = compile(ast.fix_missing_locations(tree), text, "eval")
    words = {name: getattr(np, name) for name in re.findall(r"\w+", text) if hasattr(np, name)}
    words |= registry  # what both have computes the same; an op knows its own settings
    words |= {name: getattr(np, name) for name in ("concatenate", "einsum")}  # called as everybody calls them
    if "labels" in settings:
        words |= {"labels": settings["labels"], "one_hot": lambda labels: np.eye(len(names["x"][0]))[labels]}
    column = {"g": names["g"][..., None]} if np.ndim(names["g"]) else {}  # a vector, seen as a column
    wide = {key: np.expand_dims(names[key], axis) for key in "gy"} if axis is not None else {}
    results = []
    for other in ({}, wide, column):
        with suppress(ValueError, IndexError), np.errstate(all="ignore"):  # shapes that do not fit
            results.append(np.asarray(eval(code, dict(words), {**names, **other})))
    return results


@pytest.mark.parametrize(("op", "shapes", "settings"), STRUCTURAL, ids=lambda x: getattr(x, "name", ""))
def test_the_label_of_a_structural_op_means_its_contribution(
    op: Primitive, shapes: Any, settings: Any
) -> None:
    rng = np.random.default_rng(1)
    low, high = op.domain[0]
    inputs = [rng.uniform(low, high, size=shape) for shape in shapes]
    inputs = list(op.valid(*inputs)) if op.valid else inputs
    y = op(*inputs, **settings)
    g = rng.normal(size=np.shape(y))
    named = dict(zip(letters(len(inputs)), inputs))
    symbols = tuple(Symbol(name, x) for name, x in named.items())
    for i in range(len(inputs)):
        label = contribution(op, i, Symbol("g", g), Symbol("y", y), symbols, settings)
        assert "g" in label.text
        expected = op.vjps[i](g, y, *inputs, **settings)
        np.testing.assert_allclose(label.value, expected, rtol=1e-12)
        if NO_EXPRESSION.search(label.text):
            continue
        results = evaluated(label.text, {**named, "g": g, "y": y}, settings)
        close = [np.allclose(r.ravel(), np.ravel(expected), 1e-4) for r in results if r.size == expected.size]
        assert any(close), f"{label.text} gives {results}, and not {expected}"
    assert formula(op, symbols, settings)


def test_nearly_every_label_of_a_structural_op_is_an_expression_that_was_evaluated() -> None:
    texts = []
    rng = np.random.default_rng(1)
    for op, shapes, settings in STRUCTURAL:
        inputs = [rng.uniform(0.25, 0.75, shape) for shape in shapes]
        inputs = list(op.valid(*inputs)) if op.valid else inputs
        y = op(*inputs, **settings)
        symbols = tuple(Symbol(name, x) for name, x in zip(letters(len(inputs)), inputs))
        one = Symbol("g", np.ones_like(y))
        texts += [
            contribution(op, i, one, Symbol("y", y), symbols, settings).text for i in range(len(inputs))
        ]
    left_out = [text for text in texts if NO_EXPRESSION.search(text)]
    assert len(left_out) <= len(texts) // 40 < 400 < len(texts), left_out


def test_a_wrong_label_would_be_seen() -> None:
    g, b = np.ones((2, 4)), np.arange(12.0).reshape(3, 4)
    (right,) = evaluated("g @ b.T", {"g": g, "b": b}, {})[:1]
    assert right.shape == (2, 3)
    assert not any(
        np.allclose(r, right) for r in evaluated("g @ b.T * 2", {"g": g, "b": b}, {}) if r.shape == (2, 3)
    )


@pytest.mark.parametrize(
    ("name", "i", "text"),
    [
        ("add", 0, "1"),
        ("subtract", 1, "-1"),
        ("multiply", 0, "b"),
        ("divide", 0, "1 / b"),
        ("divide", 1, "-y / b"),
        ("power", 0, "b * a**(b - 1)"),
        ("power", 1, "y * log(a)"),
        ("tanh", 0, "1 - y * y"),
        ("cos", 0, "-sin(x)"),
        ("sin", 0, "cos(x)"),
        ("sigmoid", 0, "y * (1 - y)"),
        ("relu", 0, "1 if y > 0 else 0"),
        ("maximum", 0, "1 if a > b else 0"),
        ("exp", 0, "y"),
    ],
)
def test_labels_read_as_on_the_blackboard(name: str, i: int, text: str) -> None:
    op = registry[name]
    inputs = [0.5, 0.75][: len(op.domain)]
    symbols = tuple(Symbol(letter, x) for letter, x in zip(letters(len(inputs)), inputs))
    assert local_gradient(op, i, Symbol("y", op(*inputs)), symbols, {}).text == text


@pytest.mark.parametrize(
    ("exponent", "text"),
    [(2.0, "2 * x"), (3.0, "3 * x**2"), (1.0, "1"), (-1.0, "-x**-2"), (0.5, "0.5 * x**-0.5")],
)
def test_a_constant_exponent(exponent: float, text: str) -> None:
    x = Symbol("x", 2.0)
    assert local_gradient(registry["power"], 0, Symbol("y", 2.0**exponent), (x, exponent), {}).text == text


@pytest.mark.parametrize(
    ("b", "text"),
    [
        ([3.0, 1.0], "1 if a > b else 0"),
        ([2.0, 3.0], "1 if a > b else 0.5"),
        ([2.0, 1.0], "1 if a > b else 0.5 if a == b else 0"),
    ],
)
def test_a_tie_is_told_where_there_is_one(b: list[float], text: str) -> None:
    symbols = Symbol("a", np.array([2.0, 3.0])), Symbol("b", np.array(b))
    assert local_gradient(registry["maximum"], 0, Symbol("y", np.ones(2)), symbols, {}).text == text


def test_a_slope_that_does_not_exist_is_no_crash() -> None:
    label = local_gradient(registry["sqrt"], 0, Symbol("y", 0.0), (Symbol("x", 0.0),), {})
    assert label.text == "0.5 / y"
    assert not math.isfinite(label.value)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda a, b, c: a - (b - c), "a - (b - c)"),
        (lambda a, b, c: a - b - c, "a - b - c"),
        (lambda a, b, c: a + (b + c), "a + b + c"),
        (lambda a, b, c: a / (b * c), "a / (b * c)"),
        (lambda a, b, c: a / b * c, "a / b * c"),
        (lambda a, b, c: (a + b) * c, "(a + b) * c"),
        (lambda a, b, c: -(a + b), "-(a + b)"),
        (lambda a, b, c: (-a) ** 2, "(-a)**2"),
        (lambda a, b, c: -(a**2), "-a**2"),
        (lambda a, b, c: (a**b) ** c, "(a**b)**c"),
        (lambda a, b, c: a ** (b**c), "a**b**c"),
        (lambda a, b, c: a ** -(b * c), "a**(-b * c)"),
        (lambda a, b, c: a / -(b / c), "a / (-b / c)"),
        (lambda a, b, c: a - -b, "a + b"),
        (lambda a, b, c: a + -b, "a - b"),
        (lambda a, b, c: 1 * a + 0 * b, "a"),
        (lambda a, b, c: (-a) * -1, "a"),
        (lambda a, b, c: a * (b > c), "a * (b > c)"),
        (lambda a, b, c: -3 * a, "-3 * a"),
        (lambda a, b, c: a * (1 / 192), "a / 192"),
        (lambda a, b, c: a * 0.25, "a * 0.25"),
        (lambda a, b, c: a * -3, "a * (-3)"),
        (lambda a, b, c: (a > b) == c, "(a > b) == c"),
        (lambda a, b, c: autograd.where(a > b, 1, 0) * c, "(1 if a > b else 0) * c"),
        (lambda a, b, c: where(a > b, where(b > c, 1, 2), 3), "(1 if b > c else 2) if a > b else 3"),
        (lambda a, b, c: where(where(a > b, b > c, c > a), 1, 2), "1 if (b > c if a > b else c > a) else 2"),
        (lambda a, b, c: a * np.remainder(b, c), "a * (b % c)"),
        (lambda a, b, c: np.remainder(a, c) * b, "a % c * b"),
        (lambda a, b, c: a * np.floor_divide(b, c), "a * (b // c)"),
        (lambda a, b, c: a - np.floor_divide(b, c), "a - b // c"),
        (lambda a, b, c: -np.floor_divide(a, c), "-(a // c)"),
        (
            lambda a, b, c: where(np.logical_and(np.logical_or(a > b, b > c), c < a), 1, 2),
            "1 if (a > b or b > c) and c < a else 2",
        ),
        (lambda a, b, c: np.logical_or(a > b, np.logical_and(b > c, c < a)), "a > b or b > c and c < a"),
        (lambda a, b, c: where(np.logical_or(a > b, b > c), 1, 2), "1 if a > b or b > c else 2"),
        (lambda a, b, c: a + b > c, "a + b > c"),
        (lambda a, b, c: where(True, a, b) - where(False, a, b), "a - b"),
        (lambda a, b, c: abs(a), "abs(a)"),
        (lambda a, b, c: np.tanh(a) + np.sum(b), "tanh(a) + sum(b)"),
    ],
)
def test_as_few_parentheses_as_the_meaning_allows(make: Any, text: str) -> None:
    symbol = make(Symbol("a", 2.0), Symbol("b", 3.0), Symbol("c", 0.5))
    assert symbol.text == text
    expected = eval(text, dict(WORDS), {"a": 2.0, "b": 3.0, "c": 0.5, "tanh": np.tanh})
    assert float(symbol.value) == pytest.approx(float(expected))


def test_matrix_products_show_their_order() -> None:
    a, b = Symbol("a", np.ones((2, 2))), Symbol("b", np.full((2, 2), 2.0))
    assert ((a * b) @ a.T).text == "(a * b) @ a.T"
    assert ((a @ b) * a).text == "(a @ b) * a"
    assert (a.T.T).text == "a"
    assert a.reshape(4).text == "a.reshape(4)"
    assert a.reshape(4, 1).text == "a.reshape(4, 1)"
    assert np.eye(3, k=1, like=a).text.startswith("eye(3, k=1")
    assert np.eye(3, 4, like=a).text.startswith("eye(3, M=4")
    assert np.expand_dims(a, -2).text == "a[..., None, :]"
    assert np.asarray(np.ones(3), like=a).text == "ones(3)"
    assert (a + np.asarray(np.zeros((2, 2)), like=a)).text == "a + zeros((2, 2))"
    assert a.sum(axis=0).text == "sum(a, axis=0)"
    assert a[0, 1:].text == "a[0, 1:]"


def test_a_name_that_is_no_identifier_is_kept_together() -> None:
    assert (Symbol("a + b", 1.0) * Symbol("W[1]", 2.0)).text == "(a + b) * W[1]"


expressions = st.recursive(
    st.sampled_from(["a", "b", "2", "0", "1"]),
    lambda inner: st.tuples(st.sampled_from(["+", "-", "*", "/", "neg"]), inner, inner),
    max_leaves=8,
)


@given(expressions)
def test_the_text_of_any_arithmetic_means_its_value(tree: Any) -> None:
    values = {"a": 1.5, "b": -0.75}

    def build(part: Any, leaf: Any) -> Any:
        if isinstance(part, str):
            return leaf(part)
        op, left, right = part
        x = build(left, leaf)
        if op == "neg":
            return -x
        y = build(right, leaf)
        return {"+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y, "/": lambda: x / y}[op]()

    try:
        expected = build(tree, lambda name: values.get(name) if name in values else float(name))
    except ZeroDivisionError:
        return
    symbol = build(tree, lambda name: Symbol(name, values[name]) if name in values else int(name))
    if isinstance(symbol, Symbol):
        assert symbol.value == pytest.approx(expected, rel=1e-9, abs=1e-12)
        assert eval(symbol.text, {}, dict(values)) == pytest.approx(expected, rel=1e-3, abs=1e-9)


def test_spell_writes_what_has_no_notation_as_a_call() -> None:
    assert spell("leaky_relu", (Symbol("x", 1.0).written,), {"slope": 0.1}).text == "leaky_relu(x, slope=0.1)"
