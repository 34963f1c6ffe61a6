"""Symbol: a value that also knows how it was written. Running a rule on symbols gives its label in the picture.

The engine's rules are ordinary functions, so `lambda y, x: 1 - y * y` called with symbols returns the text "1 - y * y"
together with its number. The label therefore cannot say anything else than the code does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .spelling import code, spell
from .text import Text, as_text, choose, name


class Symbol:
    """A number or array together with the expression that it came from.

    >>> x, y = Symbol("x", 3.0), Symbol("y", 2.0)
    >>> z = (x + y) * -1
    >>> z.text, z.value
    ('-(x + y)', -5.0)
    """

    __slots__ = ("value", "written")

    def __init__(self, written: str | Text, value: Any) -> None:
        self.written = name(written) if isinstance(written, str) else written
        self.value = value

    @property
    def text(self) -> str:
        """The expression."""
        return self.written.text

    def __repr__(self) -> str:
        return f"Symbol({self.text!r}, {self.value!r})"

    # --- the three doors: the engine's ops, NumPy's ufuncs, NumPy's functions

    def _apply_primitive(self, op: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return combine(op.name, op, args, kwargs)

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        if method == "reduce":
            names = {"add": "sum", "maximum": "max", "minimum": "min"}
            return combine(names.get(ufunc.__name__, ufunc.__name__), ufunc.reduce, args, kwargs)
        return combine(ufunc.__name__, getattr(ufunc, method), args, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in (np.shape, np.ndim, np.size, np.result_type):  # questions, not arithmetic
            return function(*_values(args), **_values(kwargs))
        return combine(function.__name__, function, args, kwargs)

    # --- arithmetic

    def __add__(self, other: Any) -> Any:
        return combine("add", np.add, (self, other))

    def __radd__(self, other: Any) -> Any:
        return combine("add", np.add, (other, self))

    def __sub__(self, other: Any) -> Any:
        return combine("subtract", np.subtract, (self, other))

    def __rsub__(self, other: Any) -> Any:
        return combine("subtract", np.subtract, (other, self))

    def __mul__(self, other: Any) -> Any:
        return combine("multiply", np.multiply, (self, other))

    def __rmul__(self, other: Any) -> Any:
        return combine("multiply", np.multiply, (other, self))

    def __truediv__(self, other: Any) -> Any:
        return combine("divide", np.divide, (self, other))

    def __rtruediv__(self, other: Any) -> Any:
        return combine("divide", np.divide, (other, self))

    def __pow__(self, other: Any) -> Any:
        return combine("power", _power, (self, other))

    def __rpow__(self, other: Any) -> Any:
        return combine("power", _power, (other, self))

    def __matmul__(self, other: Any) -> Any:
        return combine("matmul", np.matmul, (self, other))

    def __rmatmul__(self, other: Any) -> Any:
        return combine("matmul", np.matmul, (other, self))

    def __neg__(self) -> Any:
        return combine("negative", np.negative, (self,))

    def __abs__(self) -> Any:
        return combine("absolute", np.absolute, (self,))

    def __lt__(self, other: Any) -> Any:
        return combine("less", np.less, (self, other))

    def __le__(self, other: Any) -> Any:
        return combine("less_equal", np.less_equal, (self, other))

    def __gt__(self, other: Any) -> Any:
        return combine("greater", np.greater, (self, other))

    def __ge__(self, other: Any) -> Any:
        return combine("greater_equal", np.greater_equal, (self, other))

    def __eq__(self, other: object) -> Any:
        return combine("equal", np.equal, (self, other))

    def __ne__(self, other: object) -> Any:
        return combine("not_equal", np.not_equal, (self, other))

    __hash__ = object.__hash__

    # --- what a rule may ask an array; a plain number taken out is written as that number

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, index: Any) -> Any:
        return combine("getitem", lambda x, i: np.asarray(x)[i], (self, index))

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return np.shape(self.value)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return np.ndim(self.value)

    @property
    def size(self) -> int:
        """The number of elements."""
        return np.size(self.value)

    @property
    def dtype(self) -> Any:
        """The type of the elements."""
        return np.asarray(self.value).dtype

    @property
    def T(self) -> Any:
        """The transpose."""
        return combine("transpose", np.transpose, (self,))

    def reshape(self, *shape: Any) -> Any:
        """The same elements in another shape."""
        return combine("reshape", np.reshape, (self, shape[0] if len(shape) == 1 else shape))

    def astype(self, dtype: Any, **_: Any) -> Any:
        """The same numbers in another type, which the text does not mention."""
        return combine("astype", lambda x, t: np.asarray(x).astype(t), (self, dtype))

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        """The sum over an axis."""
        return combine("sum", np.sum, (self,), {"axis": axis, "keepdims": keepdims})

    def dot(self, other: Any) -> Any:
        """The matrix product."""
        return combine("matmul", np.dot, (self, other))


def combine(op: str, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> Symbol:
    """The result of an operation on symbols and plain constants: computed, and written."""
    settings = kwargs or {}
    with np.errstate(all="ignore"):
        try:
            value = function(*_values(args), **_values(settings))
        except (ArithmeticError, ValueError):
            if any(np.ndim(x) for x in _values(args)):
                raise
            value = np.nan  # a slope that does not exist at this number, as that of sqrt at 0
    if isinstance(value, (np.ndarray, np.generic)) and not any(np.ndim(x) for x in (value, *_values(args))):
        value = value.item()
    written = _decided(op, args) or _moved(op, args, value) or spell(op, _texts(args), _texts(settings))
    return Symbol(written, value)


def _power(a: Any, b: Any) -> Any:
    return (
        np.power(a, b) if np.ndim(a) or np.ndim(b) else np.float_power(a, b)
    )  # whole numbers: 2 ** -1 is 0.5


def _decided(op: str, args: tuple[Any, ...]) -> Text | None:
    """`where(a == b, ...)` guards a special case. Where no element, or every element, is that case, it is not shown."""
    if op != "where":
        return None
    condition, a, b = args
    if not isinstance(condition, Symbol):
        return None if np.ndim(condition) else as_text(_texts(a if condition else b))
    if "==" in condition.text and condition.written.kind == "<":
        if not np.any(condition.value):
            return as_text(_texts(b))
        if np.all(condition.value):
            return as_text(_texts(a))
    return choose(condition.written, as_text(_texts(a)), as_text(_texts(b)))


def _moved(op: str, args: tuple[Any, ...], value: Any) -> Text | None:
    """A reshape that only adds or drops axes of length 1 is bookkeeping, and not shown."""
    if op == "reshape" and isinstance(args[0], Symbol):
        before, after = ([n for n in np.shape(x) if n != 1] for x in (args[0].value, value))
        if before == after:
            return args[0].written
    return None


def _values(x: Any) -> Any:
    if isinstance(x, Symbol):
        return x.value
    if isinstance(x, (tuple, list)):
        return type(x)(_values(part) for part in x)
    return {key: _values(part) for key, part in x.items()} if isinstance(x, dict) else x


def _texts(x: Any) -> Any:
    if isinstance(x, Symbol):
        return x.written
    if isinstance(x, (tuple, list)):
        return type(x)(_texts(part) for part in x)
    return {key: _texts(part) for key, part in x.items()} if isinstance(x, dict) else x


def local_gradient(op: Any, i: int, y: Symbol, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Symbol:
    """The local gradient of an elementwise op in its input number i, as text and number.

    >>> from autograd import tanh
    >>> local_gradient(tanh, 0, Symbol("y", 0.5), (Symbol("x", 0.549),), {}).text
    '1 - y * y'
    """
    return _symbol(op.rules[i](y, *inputs, **settings))


def contribution(
    op: Any, i: int, g: Symbol, y: Symbol, inputs: tuple[Any, ...], settings: dict[str, Any]
) -> Symbol:
    """What an op sends to its input number i when the upstream gradient is g.

    >>> from autograd import matmul
    >>> x, W, g = Symbol("x", np.ones((4, 3))), Symbol("W", np.ones((3, 2))), Symbol("g", np.ones((4, 2)))
    >>> contribution(matmul, 1, g, Symbol("y", g.value), (x, W), {}).text
    'x.T @ g'
    """
    return _symbol(op.vjps[i](g, y, *inputs, **settings))


def formula(op: Any, inputs: tuple[Any, ...], settings: dict[str, Any]) -> str:
    """How an op with these inputs is written: `w * x`, `sum(x, axis=0)`. Nothing is computed.

    >>> from autograd import multiply
    >>> formula(multiply, (Symbol("w", 2.0), 3.0), {})
    'w * 3'
    """
    # An array among the settings, such as the labels of a loss, goes by its name; an index is worth its numbers.
    named = [key for key, x in settings.items() if isinstance(x, np.ndarray) and key != "index"]
    inputs = (*inputs, *(Symbol(key, settings[key]) for key in named))
    settings = {key: x for key, x in settings.items() if key not in named}
    return code(op.name, _texts(inputs), _texts(settings)).text


def _symbol(x: Any) -> Symbol:
    return x if isinstance(x, Symbol) else Symbol(as_text(x), x)
