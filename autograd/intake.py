"""What may enter a graph, and how: checks, copies, and the errors that say what to give instead."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from .errors import AutogradError, DomainError, DtypeError, GradientError, MutationError, ShapeError
from .graph import Node, holds_node
from .ops.shape import foreign
from .primitive import Primitive

# In NumPy 1 a Python number times a 0-d float32 array is float64; here it is brought back to float32.
NUMPY_1 = np.__version__.startswith("1.")


def number(data: Any) -> float:
    if data.__class__ is float:
        return data
    if isinstance(data, Node):
        raise TypeError(
            f"{data!r} is a node already, where a plain number was expected. "
            "Use it as it is, or take its number with .item() (that leaves the graph)."
        )
    if isinstance(data, numbers.Complex) and not isinstance(data, numbers.Real):
        raise TypeError(
            f"complex number {data!r}: gradients here are of real numbers. Give its .real or abs()."
        )
    if isinstance(data, (str, bytes)):
        raise TypeError(f"{data!r} is text, where a number was expected. Convert it first: float({data!r}).")
    try:
        return float(data)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(
            f"a Value holds one real number, not {type(data).__name__} {data!r:.60}. For arrays use Tensor."
        ) from None


def explain_scalar(op: Primitive, given: list[float], error: Exception) -> Exception:
    call = f"{op.name}({', '.join(f'{x:g}' for x in given)})"
    if isinstance(error, ZeroDivisionError):
        return ZeroDivisionError(
            f"{call}: division by zero. Keep the divisor away from 0, e.g. add a small number."
        )
    if isinstance(error, OverflowError):
        return OverflowError(f"{call}: the result is too large for a float. Scale the input down.")
    return DomainError(
        f"{call}: {op.name} is not defined there for real numbers. Keep the input in its domain."
    )


def read_only(array: Any) -> Any:
    if not isinstance(array, (np.ndarray, np.generic)):
        # other libraries cannot forbid to write to an array
        return array.copy() if hasattr(array, "copy") else array
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view


def keep(array: Any) -> None:
    """Make an array of the graph's own read-only, so that a view of it that was handed out cannot be made writable."""
    if array.__class__ is np.ndarray and (flags := array.flags).owndata:
        flags.writeable = False


def checked_name(name: Any) -> str | None:
    """The name of a node; a TypeError if it is none, as in Tensor(data, False)."""
    if name is None or isinstance(name, str):
        return name
    raise TypeError(
        f"{name!r} as the name of a node: a name is text. The other settings go by keyword: "
        "Tensor(data, requires_grad=False), dtype=np.float32."
    )


def order_of(array: Any) -> Any:
    """How an array lies in memory: "F", column by column, or else "C"."""
    columns = isinstance(array, np.ndarray) and array.flags.f_contiguous and not array.flags.c_contiguous
    return "F" if columns else "C"


def laid_as(array: Any, order: Any) -> Any:
    """The array, or, if it lies otherwise than `order` says, a copy of it that lies so."""
    return np.asarray(array, order=order) if isinstance(array, np.ndarray) else array


def frozen_copy(array: Any, order: Any) -> Any:
    """A copy that nobody can write to; `order` says how it lies."""
    if not isinstance(array, np.ndarray):
        return array.copy()
    copy = array.copy(order)
    copy.flags.writeable = False
    return copy


def constant(x: Any, dtype: Any, op: Primitive) -> Any:
    """An input that is no tensor, as the graph may keep it: nobody else can write to it."""
    if isinstance(x, np.ndarray):
        _refuse_kinds(x)
        if x.dtype.kind not in "fiub":
            raise _bad_dtype(x)
        return immutable(x)
    if isinstance(x, (bool, np.bool_)):
        return bool(x)
    if isinstance(x, numbers.Real):
        if isinstance(x, np.generic):  # float32 times np.float64(2) stays float32, as with a Python 2.0
            x = x.item()
        if x == 0 and dtype.kind == "f":  # in a rule, 1 / 0 of Python raises where that of NumPy is inf
            return dtype.type(x)
        return dtype.type(x) if NUMPY_1 and op.elementwise else x
    if isinstance(x, numbers.Complex):
        raise DtypeError(f"complex number {x!r}: gradients here are of real numbers. Give its real part.")
    if hasattr(x, "__array_function__"):  # an array of another library
        if x.dtype.kind not in "fiub":
            raise _bad_dtype(x)
        return x.copy()
    return own_array(x, None, True)


def immutable(x: Any) -> Any:
    """The array itself if nobody can write to it or to the array it is a view of; else a copy."""
    owner = x
    while owner.__class__ is np.ndarray and not owner.flags.writeable:
        owner = owner.base
        if owner is None:
            return x
    copy = np.array(x)
    copy.flags.writeable = False
    return copy


def setting(x: Any, op: str) -> Any:
    """A setting of an op, such as an index or axes, as the graph may keep it."""
    if isinstance(x, Node):
        raise GradientError(
            f"{op}: a {type(x).__name__} as a setting would get no gradient. Give a plain number, such as x.item(), "
            "or write the operation with arithmetic, where both are inputs."
        )
    if isinstance(x, np.ndarray):
        return immutable(x)
    if foreign(x):
        return x.copy()
    if isinstance(x, np.floating):  # a slope of np.float64(0.1) leaves float32 as it is, as 0.1 does
        return x.item()
    if isinstance(x, (list, tuple)) and type(x) in (list, tuple):
        return type(x)(setting(part, op) for part in x)
    return x


def _refuse_kinds(x: Any) -> None:
    if isinstance(x, np.ma.MaskedArray):
        raise DtypeError(
            "a masked array: gradients know no masks. Use .filled(value), or multiply by the mask."
        )
    if isinstance(x, np.matrix):
        raise DtypeError("np.matrix, whose * is a matrix product. Use np.asarray(m), and @ for the product.")


def own_array(data: Any, dtype: Any, requires_grad: bool) -> Any:
    if isinstance(data, Node):
        raise TypeError(
            "Tensor() of something that is a node already would drop its history. Use it as it is; "
            "t.detach() gives a constant, Tensor(t.numpy()) a new leaf with the same numbers."
        )
    if holds_node(data):
        raise TypeError(
            "Tensor() of a list that holds nodes would drop their history. Use autograd.stack(list), which records."
        )
    if dtype is not None and np.dtype(dtype).kind not in "f" and requires_grad:
        raise DtypeError(
            f"gradients of dtype {np.dtype(dtype).name} do not exist: only floating point numbers have them. "
            "Leave dtype out (integers become float64) or add requires_grad=False."
        )
    if dtype is not None and np.dtype(dtype).kind not in "fiub":
        raise _bad_dtype(np.empty(0, dtype))
    _refuse_kinds(data)
    try:
        array = data.copy() if foreign(data) else np.array(data)
    except ValueError as error:
        raise ShapeError(
            f"the data does not form an array: {error}. All rows must have the same length."
        ) from None
    if array.dtype.kind not in "fiub":
        raise _bad_dtype(array)
    if dtype is not None:
        if np.dtype(dtype).kind in "iub" and array.dtype.kind == "f":
            raise DtypeError(
                f"numbers with a fraction in a tensor of dtype {np.dtype(dtype).name}. Convert them first."
            )
        return array.astype(dtype, copy=False)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def of_kind(x: Any, like: Any, what: str) -> Any:
    """`x`, a number or an array of this shape, as an array of its own in the library and dtype of `like`."""
    host = isinstance(like, (np.ndarray, np.generic))
    try:
        return np.array(x, dtype=like.dtype) if host else (np.zeros_like(like) + x).astype(like.dtype)
    except TypeError as error:
        raise mixed(what, [like, x]) or error from None


def mixed(what: str, arrays: list[Any]) -> TypeError | None:
    """The error where arrays of two libraries meet that do not mix; None if these are of one."""
    kinds = {type(x) for x in arrays if hasattr(x, "__array_function__") and not isinstance(x, np.generic)}
    others = [kind for kind in kinds if kind is not np.ndarray]
    if len(kinds) < 2:
        return None
    names = sorted(f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in kinds)
    home = others[0].__module__.partition(".")[0]
    return TypeError(
        f"{what} of arrays of two libraries, {' and '.join(names)}, which do not mix. Give all of them as arrays of "
        f"one, parameters and data alike: {home}.asarray(x) makes one of x."
    )


def refuse_unreal(gradient: Any, what: str) -> None:
    """A DtypeError for a gradient from outside, an upstream one, say, unless it is of real numbers."""
    dtype = gradient.dtype if hasattr(gradient, "dtype") else np.asarray(gradient).dtype
    if dtype.kind not in "fiub":
        kind = {"c": "complex", "O": "object", "U": "text", "S": "text"}.get(dtype.kind, dtype.name)
        raise DtypeError(
            f"{what} of {kind} dtype: gradients here are of real numbers. "
            + ("Give its real part." if kind == "complex" else "Give an array of floats.")
        )


def _bad_dtype(array: Any) -> DtypeError:
    kind = {"c": "complex numbers", "O": "Python objects", "U": "text", "S": "text"}.get(array.dtype.kind, "")
    remedy = {
        "c": "Gradients here are of real numbers: give the real and the imaginary part as two tensors.",
        "O": "Give numbers: np.array(data, dtype=float) says which element is not one.",
    }.get(array.dtype.kind, "Give numbers: np.array(data, dtype=float).")
    return DtypeError(
        f"an array of {kind or array.dtype.name} (dtype {array.dtype}) cannot be in a graph. {remedy}"
    )


def explain(op: Primitive, arrays: list[Any], kwargs: dict[str, Any], error: Exception) -> Exception:
    if isinstance(error, AutogradError):  # the op has said what is wrong
        return error
    if isinstance(error, TypeError):
        return unknown_setting(op, kwargs) or mixed(op.name, arrays) or error
    shapes = " and ".join(str(np.shape(x)) for x in arrays)
    settings = "".join(f", {key}={value!r}" for key, value in kwargs.items())
    text = f"{op.name} of shape{'s' if len(arrays) > 1 else ''} {shapes}{settings}: {str(error).rstrip('.')}."
    if op.name == "matmul":
        text = (
            f"matmul of shapes {shapes}: the last axis of the first and the second-last of the second must be equal. "
            "For an elementwise product write *."
        )
    elif op.elementwise and len(arrays) > 1:
        text = (
            f"{op.name} of shapes {shapes}: from the right, lengths must be equal or 1. "
            "Insert an axis with x[:, None], or reshape."
        )
        if op.name == "multiply":
            text += " For a matrix product write @."
    elif type(error) is IndexError:
        return IndexError(text)
    return ShapeError(text)


def stretches(shape: tuple[int, ...], to: tuple[int, ...]) -> str:
    """What to write where an array of `shape` could be broadcast to another shape; nothing where it could not."""
    pairs = zip(reversed(shape), reversed(to))
    if len(shape) > len(to) or any(n not in (1, m) for n, m in pairs):
        return ""
    return f" np.broadcast_to(upstream, {to}) stretches it, if that is what is meant."


def same_numbers(a: Any, b: Any) -> bool:
    """Whether two arrays hold the same numbers. (np.array_equal of a Dask array is none of Dask's functions.)"""
    if not foreign(a):
        return np.array_equal(a, b, equal_nan=True)
    return a.shape == b.shape and bool(((a == b) | ((a != a) & (b != b))).all())


_OF_TORCH = {"dim": "axis", "keepdim": "keepdims"}


def unknown_setting(op: Primitive, kwargs: dict[str, Any]) -> TypeError | None:
    """The error for a setting that an op does not have; None if it has all of them."""
    settings = op.parameters[op.arity or 0 :]
    wrong = [key for key in kwargs if key not in settings]
    if not wrong:
        return None
    import difflib  # 1 ms of the import, for an error

    near = _OF_TORCH.get(wrong[0]) or next(iter(difflib.get_close_matches(wrong[0], settings, 1)), None)
    hint = f" Did you mean {near!r}?" if near in settings else ""
    return TypeError(
        f"{op.name} has no setting {wrong[0]!r}.{hint} Its settings: {', '.join(settings) or 'none'}."
    )


def changed(op: str, name: str | None = None) -> MutationError:
    who = f"an input of {op}" + (f", {name!r}," if name else "")
    return MutationError(
        f"{who} holds other numbers now than when the graph was recorded, and derivatives of gradients "
        "(create_graph=True) are computed from what it holds. Compute the result again first."
    )
