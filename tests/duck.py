"""An array library as strict as CuPy, for machines without a GPU: what runs on it names no library.

It wraps an ndarray and has of it only what NumPy's protocols, operators and a few attributes give. What it refuses is
what CuPy 14 refuses, as its documentation, its issues and its source say:

- An implicit conversion to NumPy (`np.asarray(x)`) is a TypeError: https://docs.cupy.dev/en/stable/user_guide/interoperability.html
- A ufunc of a CuPy array and an ndarray is a TypeError. NumPy scalars and Python numbers may be mixed in. Indices may
  be ndarrays or lists, and so may what `take` takes.
- `ufunc.at`, `reduce` and `accumulate` exist for a few ufuncs only: https://github.com/cupy/cupy/issues/7082
- A NumPy function that has no namesake in `cupy` is not implemented.
- Reductions give arrays of no axis, never scalars.

Not imitated: indices out of bounds wrap around in CuPy, where here they are NumPy's IndexError; an assignment to one
place twice leaves either value; there are no arrays of Python objects.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

# NumPy functions that CuPy 14.2 has no namesake of; by module, as CuPy looks for them.
LACKING = {
    "": frozenset(
        "block einsum_path geomspace histogram_bin_edges insert matvec nanpercentile nanquantile polyder polydiv "
        "polyint spacing unstack vecdot vecmat".split()
    ),
    "linalg": frozenset(
        "diagonal matrix_norm multi_dot outer svdvals tensordot trace vecdot vector_norm".split()
    ),
    "fft": frozenset(),
}
_METHODS = {
    "at": {np.add, np.maximum, np.minimum},
    "reduce": {np.add, np.multiply},
    "accumulate": {np.add, np.multiply},
    "reduceat": {np.add},
}
# Functions of which CuPy converts an argument that is an ndarray, here by its position.
_CONVERTED = {"array": 0, "asarray": 0, "take": 1, "take_along_axis": 1, "quantile": 1}
_NUMBERS = (bool, int, float, complex, np.generic)


class Duck:
    """An array of a library of its own. `refused` counts the conversions to NumPy that were asked for in silence."""

    refused = 0

    def __init__(self, array: Any) -> None:
        self._array = np.asarray(array)

    shape = property(lambda self: self._array.shape)
    dtype = property(lambda self: self._array.dtype)
    ndim = property(lambda self: self._array.ndim)
    size = property(lambda self: self._array.size)
    T = property(lambda self: Duck(self._array.T))

    def get(self) -> np.ndarray:
        """The numbers, asked for in so many words."""
        return self._array.copy()

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        Duck.refused += 1
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Use .get().")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(not isinstance(x, (Duck, np.ndarray, list, tuple, slice, *_NUMBERS)) for x in inputs):
            return NotImplemented  # a Tensor, which then gets its turn
        if ufunc.__name__ in LACKING[""] or (method != "__call__" and method not in (*_METHODS, "outer")):
            return NotImplemented
        if ufunc not in _METHODS.get(method, {ufunc}):
            raise NotImplementedError(f"{ufunc.__name__}.{method}")
        if method == "at":
            a, places, b = inputs
            ufunc.at(_bare(a), _index(places), _bare(b))
            return None
        if kwargs.get("out") is not None:
            (out,) = kwargs["out"]
            kwargs["out"] = (_bare(out),)
            getattr(ufunc, method)(*map(_bare, inputs), **kwargs)
            return out
        return _wrapped(
            getattr(ufunc, method)(*map(_bare, inputs), **{k: _bare(x) for k, x in kwargs.items()})
        )

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        module = ".".join(function.__module__.split(".")[1:])
        if function.__name__ in LACKING[module] or not all(issubclass(t, (Duck, np.ndarray)) for t in types):
            return NotImplemented
        kwargs = {key: x for key, x in kwargs.items() if key != "like"}
        i = _CONVERTED.get(function.__name__)
        given = [_index(x) if k == i else _bare(x) for k, x in enumerate(args)]
        return _wrapped(function(*given, **_bare(kwargs)))

    def __getitem__(self, index: Any) -> Duck:
        return Duck(self._array[_index(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        self._array[_index(index)] = _bare(value)

    def __len__(self) -> int:
        return len(self._array)

    def __bool__(self) -> bool:
        return bool(self._array)

    def __float__(self) -> float:
        return float(self._array)

    def __int__(self) -> int:
        return int(self._array)

    def __repr__(self) -> str:
        return f"Duck({self._array!r})"

    def item(self, *args: Any) -> Any:
        return self._array.item(*args)

    def copy(self) -> Duck:
        return Duck(self._array.copy())

    def astype(self, dtype: Any, copy: bool = True) -> Duck:
        return Duck(self._array.astype(dtype, copy=copy))

    def reshape(self, *shape: Any) -> Duck:
        return Duck(self._array.reshape(*shape))

    def transpose(self, *axes: Any) -> Duck:
        return Duck(self._array.transpose(*axes))

    def sum(self, axis: Any = None, keepdims: bool = False) -> Duck:
        return Duck(self._array.sum(axis=axis, keepdims=keepdims))

    def dot(self, other: Duck) -> Duck:
        return Duck(self._array.dot(_bare(other)))

    def all(self, axis: Any = None) -> Duck:
        return Duck(self._array.all(axis=axis))

    def any(self, axis: Any = None) -> Duck:
        return Duck(self._array.any(axis=axis))


def _bare(x: Any) -> Any:
    """The ndarray of a Duck; an ndarray itself is refused."""
    if isinstance(x, Duck):
        return x._array
    if isinstance(x, np.ndarray):
        raise TypeError(f"Unsupported type {type(x)}")
    if isinstance(x, (list, tuple)):
        return type(x)(map(_bare, x))
    return {key: _bare(part) for key, part in x.items()} if isinstance(x, dict) else x


def _index(x: Any) -> Any:
    """An index: of Ducks, ndarrays, lists, slices."""
    if isinstance(x, (list, tuple)):
        return type(x)(map(_index, x))
    return x._array if isinstance(x, Duck) else x


def _wrapped(x: Any) -> Any:
    """Arrays as Ducks; so also a number that NumPy made of an array of no axis."""
    if isinstance(x, (np.ndarray, np.generic)):
        return Duck(x)
    if isinstance(x, tuple) and x and isinstance(x[0], (np.ndarray, np.generic)):
        return tuple(map(_wrapped, x))  # without the names that NumPy 2 gives results
    return list(map(_wrapped, x)) if isinstance(x, list) else x


def _add_operators() -> None:
    for name in "add sub mul truediv floordiv mod pow matmul and or xor".split():
        ufunc = {
            "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide, "floordiv": np.floor_divide,
            "mod": np.remainder, "pow": np.power, "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
        }.get(name) or getattr(np, name)  # fmt: skip
        setattr(Duck, f"__{name}__", lambda self, other, ufunc=ufunc: _operation(ufunc, self, other))
        setattr(Duck, f"__r{name}__", lambda self, other, ufunc=ufunc: _operation(ufunc, other, self))
        setattr(Duck, f"__i{name}__", lambda self, other, ufunc=ufunc: ufunc(self, other, out=(self,)))
    for name in "lt le gt ge eq ne".split():
        compare = getattr(operator, name)
        setattr(Duck, f"__{name}__", lambda self, other, compare=compare: _compared(compare, self, other))
    for name in "neg pos abs invert".split():
        f = getattr(operator, name)
        setattr(Duck, f"__{name}__", lambda self, f=f: Duck(f(self._array)))


def _operation(ufunc: Any, a: Any, b: Any) -> Any:
    # A Tensor comes first, as it does beside an ndarray.
    if any(not isinstance(x, (Duck, np.ndarray, *_NUMBERS)) for x in (a, b)):
        return NotImplemented
    return ufunc(a, b)


def _compared(compare: Any, a: Duck, b: Any) -> Any:
    if not isinstance(b, (Duck, np.ndarray, *_NUMBERS)):
        return NotImplemented
    return Duck(compare(a._array, _bare(b)))


_add_operators()
Duck.__hash__ = None  # type: ignore[assignment]  # as an ndarray
