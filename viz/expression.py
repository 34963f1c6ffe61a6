"""Expressions typed by a user, as `tanh(w*x + b)`: read by a grammar of its own, never by `eval`.

Python's parser makes the tree; then only numbers, names, + - * / **, a sign and calls of the engine's elementwise
functions are accepted, and everything else is refused with its place in the text. Nothing is walked by recursion.
"""

from __future__ import annotations

import ast
import difflib
import math
import unicodedata
import warnings
from dataclasses import dataclass
from typing import Any

from autograd import Value, registry

from .errors import ExpressionError

LONGEST = 1000  # characters
DEEPEST = 100  # operations inside each other
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
    ast.USub: "negative",
    ast.UAdd: "",
}
_ALIASES = {"abs": "absolute", "max": "maximum", "min": "minimum", "pow": "power", "ln": "log"}
_HINTS = {
    ast.BitXor: "a power is written x**2",
    ast.MatMult: "a product is written x * y",
    ast.FloorDiv: "a quotient is written x / y",
    ast.Mod: "only + - * / ** are known",
    ast.Attribute: "write tanh(x), without a module name",
    ast.Compare: "an expression gives a number, not a comparison",
    ast.Tuple: "give one expression",
}
_CONSTANTS = {"pi": math.pi}  # unless a value of that name is given


def functions() -> dict[str, Any]:
    """The functions that an expression may call: the engine's elementwise ops of one or two inputs.

    >>> "tanh" in functions(), "matmul" in functions()
    (True, False)
    """
    known = {name: op for name, op in registry.items() if op.elementwise and op.scalar and op.arity in (1, 2)}
    known.update({alias: known[name] for alias, name in _ALIASES.items() if name in known})
    return known


@dataclass(frozen=True)
class Expression:
    """An accepted expression: its text, its names in the order of the text, and its tree in the order of evaluation."""

    text: str
    names: tuple[str, ...]
    steps: tuple[ast.expr, ...]

    def evaluate(self, values: dict[str, float]) -> Value:
        """The result as the root of a graph whose leaves are named as in the text.

        >>> parse("(x + y) * z").evaluate({"x": -2, "y": 5, "z": -4}).data
        -12.0
        """
        leaves = {name: Value(values[name], name=name) for name in self.names if name in values}
        known = functions()
        stack: list[Any] = []
        for step in self.steps:
            if isinstance(step, ast.Constant):
                stack.append(_literal(step, self.text))
            elif isinstance(step, ast.Name):
                stack.append(leaves[step.id] if step.id in leaves else _CONSTANTS[step.id])
            else:
                name, arity = _operation(step)
                if name:
                    args = [stack.pop() for _ in range(arity)][::-1]
                    stack.append(self._apply(known[name], args, step))
        (result,) = stack
        if not isinstance(result, Value):
            raise ExpressionError(
                "The expression has no variable, so there is no gradient. Use a name, as in x**2."
            )
        return result

    def _apply(self, op: Any, args: list[Any], step: ast.expr) -> Any:
        try:
            result = op(*args)
            number = result.data if isinstance(result, Value) else float(result)
            if not math.isfinite(number):
                raise OverflowError(f"{op.name} gives {number}, not a finite number")
        except (ArithmeticError, ValueError, TypeError) as error:
            bare = isinstance(error, OverflowError) and len(error.args) > 1  # Python's own, of plain numbers
            said = "The result is too large for a float" if bare else str(error).split(". ")[0].rstrip(".")
            said = said.removeprefix(
                "float "
            )  # Python's own words, up to 3.13, for plain numbers divided by zero
            raise ExpressionError(f"{said}.", self.text, _column(step, self.text)) from None
        for slope, parent in zip(getattr(result, "local_gradients", ()), getattr(result, "parents", ())):
            if parent is not None and not math.isfinite(slope):
                shown = ", ".join(f"{getattr(x, 'data', x):g}" for x in args)
                raise ExpressionError(
                    f"{op.name}({shown}) has no finite derivative.", self.text, _column(step, self.text)
                )
        return result


def parse(text: str) -> Expression:
    """Read an expression, or say in one sentence why it is none.

    >>> parse("tanh(w*x + b)").names
    ('w', 'x', 'b')
    """
    text = text.strip()
    if not text:
        raise ExpressionError("The expression is empty. Write one such as 'tanh(w*x + b)'.")
    if len(text) > LONGEST:
        raise ExpressionError(f"The expression has {len(text)} characters; at most {LONGEST} can be drawn.")
    if any(not c.isprintable() for c in text):
        raise ExpressionError("The expression must be one line of printable characters.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of "2(x)", which is refused below
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        column = min(error.offset or 1, len(text) + 1) - 1
        said = (error.msg or "invalid syntax").split(". ")[0]
        raise ExpressionError(f"This is not an expression: {said}.", text, column) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError(
            f"The expression is nested too deeply; at most {DEEPEST} levels can be drawn."
        ) from None
    return Expression(text, *_checked(tree, text))


def _checked(tree: ast.expr, text: str) -> tuple[tuple[str, ...], tuple[ast.expr, ...]]:
    """The names, and the nodes of the tree after their inputs."""
    known = functions()
    backwards: list[ast.expr] = []
    stack = [(tree, 1)]
    while stack:
        node, depth = stack.pop()
        if depth > DEEPEST:
            raise ExpressionError(
                f"The expression is nested too deeply; at most {DEEPEST} levels can be drawn."
            )
        _check(node, text, known)
        backwards.append(node)
        stack += [(part, depth + 1) for part in _parts(node)]
    steps = tuple(reversed(backwards))
    names = sorted((n for n in steps if isinstance(n, ast.Name)), key=lambda n: (n.lineno, n.col_offset))
    return tuple(dict.fromkeys(n.id for n in names)), steps


def _parts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.UnaryOp):
        return [node.operand]
    return list(node.args) if isinstance(node, ast.Call) else []


def _operation(node: ast.expr) -> tuple[str, int]:
    if isinstance(node, (ast.BinOp, ast.UnaryOp)):
        return _OPERATORS[type(node.op)], len(_parts(node))
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Name)
    return node.func.id, len(node.args)


def _check(node: ast.expr, text: str, known: dict[str, Any]) -> None:
    column = _column(node, text)
    if isinstance(node, (ast.BinOp, ast.UnaryOp)):
        if type(node.op) not in _OPERATORS:
            hint = _HINTS.get(type(node.op), "only + - * / ** are known")
            raise ExpressionError(f"This operator cannot be used here; {hint}.", text, column)
    elif isinstance(node, ast.Constant):
        _literal(node, text)
    elif isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name):
            hint = _HINTS.get(type(node.func), "a product is written 2 * (x), and a function by its name")
            raise ExpressionError(f"This cannot be called; {hint}.", text, column)
        name = node.func.id
        if name not in known:
            close = difflib.get_close_matches(name, known, n=3)
            close.sort(
                key=lambda other: sorted(other) != sorted(name)
            )  # letters that changed places come first
            hint = f"did you mean {close[0]}?" if close else "'gradlens draw --help' lists the functions."
            raise ExpressionError(f"Unknown function {name!r}: {hint}", text, column)
        if node.keywords or any(isinstance(x, ast.Starred) for x in node.args):
            raise ExpressionError(f"{name} takes only expressions, as in {name}(x).", text, column)
        if len(node.args) != known[name].arity:
            want = known[name].arity
            raise ExpressionError(
                f"{name} takes {want} input{'s' if want > 1 else ''}, not {len(node.args)}.", text, column
            )
    elif not isinstance(node, ast.Name):
        hint = _HINTS.get(type(node), "use numbers, names, + - * / ** and functions such as tanh(x)")
        raise ExpressionError(f"This cannot be part of an expression; {hint}.", text, column)


def _literal(node: ast.Constant, text: str) -> float:
    value, column = node.value, _column(node, text)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ExpressionError(f"{ast.unparse(node)[:20]} is not a real number.", text, column)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ExpressionError("This number is too large for a float.", text, column)
    return number


def _column(node: ast.expr, text: str) -> int:
    offset = node.col_offset  # counted in bytes; an infix operation is shown at its first input's end
    if isinstance(node, ast.BinOp):
        offset = node.left.end_col_offset or offset
        rest = text.encode()[offset:].decode(errors="ignore")
        offset += len(rest) - len(rest.lstrip(" )"))
    return len(text.encode()[:offset].decode(errors="ignore"))


def read_values(given: list[str], names: tuple[str, ...]) -> dict[str, float]:
    """The numbers of `name=number` arguments, one for every name of the expression and no more.

    >>> read_values(["x=-1", "w=2"], ("w", "x"))
    {'x': -1.0, 'w': 2.0}
    """
    values: dict[str, float] = {}
    for argument in given:
        name, equals, number = (part.strip() for part in argument.partition("="))
        name = unicodedata.normalize("NFKC", name)  # as Python reads the names of the expression
        if not equals or not name.isidentifier():
            raise ExpressionError(f"{argument.strip()!r} is not a value; write name=number, as in x=-1.")
        if name in values:
            raise ExpressionError(f"{name} is given twice.")
        try:
            values[name] = float(number)
        except ValueError:
            raise ExpressionError(f"{name}={number}: {number!r} is not a number.") from None
        if not math.isfinite(values[name]):
            raise ExpressionError(f"{name}={number}: a finite number is needed.")
    missing = [name for name in names if name not in values and name not in _CONSTANTS]
    if missing:
        close = [name for name in missing if name in functions()]
        hint = f" ({close[0]} is a function: {close[0]}(...))" if close else ""
        raise ExpressionError(
            f"No value for {', '.join(missing)}; add {' '.join(f'{name}=1' for name in missing)}.{hint}"
        )
    unused = [name for name in values if name not in names]
    if unused:
        close = difflib.get_close_matches(unused[0], names, n=1)
        hint = (
            f" Did you mean {close[0]}?"
            if close
            else f" The expression has {', '.join(names) or 'no names'}."
        )
        are = "is" if len(unused) == 1 else "are"
        raise ExpressionError(f"{', '.join(unused)} {are} not in the expression.{hint}")
    return values
