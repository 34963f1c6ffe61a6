"""A function of any arguments as one number of one vector: what can be moved along a line, and differentiated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .containers import is_container, parts, rebuilt
from .errors import DtypeError, GradientError
from .functional import gradients
from .graph import Node, raw, topological_order
from .intake import own_array
from .ops.elementwise import multiply
from .ops.reduce import sum as _sum
from .products import make_jvp
from .slopes import Line
from .tensor import Tensor

# From one tensor per leaf of the arguments to a number; recorded only if the flag says that a derivative will be taken.
Scalar = Callable[[list[Tensor], bool], Any]
DOUBLE = np.dtype(np.float64)


class Probe:
    """A function at a point.

    `point` are the numbers of all arguments in a row. `eps` and `given_eps` are the relative rounding errors of what
    is measured and of what is differentiated, and `size` is how large the numbers are that get summed up on the way.
    """

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], mode: str = "rev") -> None:
        self.function, self.args, self.mode = function, args, mode
        arrays = [own_array(raw(leaf), None, True) for leaf in parts(args, args)]
        if not arrays:
            raise GradientError("no argument holds a number, so there is nothing to differentiate by.")
        self.shapes = [x.shape for x in arrays]
        self.dtypes = self.measured = [x.dtype for x in arrays]
        self.ends = [0, *np.cumsum([x.size for x in arrays]).tolist()]
        self.point = np.concatenate([x.ravel() for x in arrays], dtype=np.float64)
        # A step of a millionth is lost in a number of a billion.
        self.scale = np.maximum(1.0, np.abs(self.point))
        coarsest = min(self.dtypes, key=lambda dtype: dtype.itemsize)
        self.itemsize = coarsest.itemsize
        self.eps = self.given_eps = float(np.finfo(coarsest).eps)
        self.size = 0.0
        self.rng = np.random.default_rng(0)
        self.weights: list[Any] = []  # of the results, once they are seen

    # --- the function, and its derivatives, as one number

    def tensors(self, x: Any, dtypes: list[Any]) -> list[Tensor]:
        """The vector as the leaves of the arguments."""
        return [
            Tensor(x[a:b].reshape(shape), dtype=dtype)
            for a, b, shape, dtype in zip(self.ends, self.ends[1:], self.shapes, dtypes)
        ]

    def scalar(self, tensors: list[Tensor], record: bool) -> Any:
        """The results of the function, weighted and summed."""
        y = self.function(*rebuilt(self.args, iter(tensors)))
        results = [_result(part) for part in parts(y, y, lambda part: True)]
        if not self.weights:
            if not results:
                raise TypeError("the function returned an empty list: it must return an array or a number.")
            alone = len(results) == 1 and results[0].size == 1
            self.weights = [np.ones(y.shape) if alone else self.random(y.shape) for y in results]
        return self.weighted(results, self.weights, record)

    def derivative(self, scalar: Scalar) -> Scalar:
        """The derivative of `scalar` in a random direction."""
        alone = self.point.size == 1  # then numbers in messages are those that a reader expects
        direction = [np.ones(shape) if alone else self.random(shape) for shape in self.shapes]

        def along(tensors: list[Tensor], record: bool) -> Any:
            if self.mode == "fwd":
                return _forward(scalar)(tensors)(direction)[1]
            return self.weighted(_gradients(scalar(tensors, True), tensors, record), direction, record)

        return along

    def weighted(self, parts: list[Any], weights: list[Any], record: bool) -> Any:
        """The sum of all numbers of the parts, each times its weight."""
        total: Any = 0.0
        for part, weight in zip(parts, weights):
            term = multiply(part, weight.astype(part.dtype, copy=False))
            if record:
                self.size = max(self.size, float(np.sum(np.abs(raw(term)))))
            total = total + _sum(term)
        return total

    def random(self, shape: tuple[int, ...]) -> Any:
        """Numbers away from 0, so that no element is forgotten, and of both signs, so that none make up for others."""
        x = self.rng.uniform(-1.0, 1.0, shape)
        return np.asarray(x + np.where(x < 0, -0.5, 0.5))

    # --- measuring

    def line(self, scalar: Scalar, direction: Any) -> Line:
        """The number as a function of the way that the point has gone in `direction`."""
        return lambda t: float(raw(scalar(self.tensors(self.point + t * direction, self.measured), False)))

    def direction(self, elements: Any) -> Any:
        """A random direction in which these elements move, large ones farther."""
        direction = np.zeros_like(self.point)
        random = self.random(elements.shape)
        direction[elements] = random * self.scale[elements] / np.sqrt(random.dot(random))
        return direction

    def axis(self, i: int) -> Any:
        """The direction in which only element number i moves."""
        direction = np.zeros_like(self.point)
        direction[i] = 1.0
        return direction

    def choose_precision(self, total: Any) -> None:
        """Measure in float64, if the function goes along with it."""
        self.measured = [DOUBLE] * len(self.dtypes)
        if self.itemsize < DOUBLE.itemsize:
            try:
                total = self.scalar(self.tensors(self.point, self.measured), False)
            except (TypeError, ValueError):  # it insists on the dtype that it was given
                self.measured = self.dtypes
        dtype = np.asarray(raw(total)).dtype
        self.eps = float(np.finfo(dtype if dtype.kind == "f" else DOUBLE).eps)
        self.given_eps = max(self.eps, self.given_eps)

    # --- what the engine says

    def analytic(self, scalar: Scalar) -> Analytic:
        """The derivative of `scalar` at the point, as the engine finds it."""
        tensors = self.tensors(self.point, self.dtypes)
        total = scalar(tensors, True)
        if self.mode == "fwd":
            return Pushed(_forward(scalar)([x.data for x in tensors]), total, tensors, self)
        found = [np.ravel(g) for g in _gradients(total, tensors, False)]
        return Analytic(np.concatenate(found, dtype=np.float64), total, tensors)

    def place(self, i: int, analytic: Analytic) -> tuple[tuple[Any, ...], tuple[int, ...], bool]:
        """Of element number i: the keys that lead to its array, its index there, and whether the graph leads there."""
        k = next(k for k, end in enumerate(self.ends[1:]) if i < end)
        index = tuple(int(at) for at in np.unravel_index(i - self.ends[k], self.shapes[k]))
        total, leaf = analytic.total, analytic.tensors[k]
        reached = isinstance(total, Node) and any(node is leaf for node in topological_order(total))
        markers = [object() for _ in self.shapes]
        path = _path_to(markers[k], rebuilt(self.args, iter(markers)))
        assert path is not None
        return path, index, reached


class Analytic:
    """A derivative by the reverse sweep: one sweep gives all elements, and with them every direction."""

    def __init__(self, vector: Any, total: Any, tensors: list[Tensor]) -> None:
        self.vector, self.total, self.tensors = vector, total, tensors

    def along(self, direction: Any) -> tuple[float, float]:
        """The slope in `direction`, and how large slopes in such directions usually are, when nothing cancels."""
        parts = self.vector * direction
        return float(parts.sum()), float(np.sqrt(parts.dot(parts)))

    def elements(self, elements: Any) -> Any:
        """The derivatives by these elements."""
        return self.vector[elements]


class Pushed(Analytic):
    """A derivative by the forward mode, which gives one direction at a time."""

    def __init__(self, push: Callable[[Any], Any], total: Any, tensors: list[Tensor], probe: Probe) -> None:
        super().__init__(None, total, tensors)
        self.push, self.probe = push, probe

    def along(self, direction: Any) -> tuple[float, float]:
        parts = self.probe.tensors(direction, self.probe.dtypes)
        return float(self.push([x.data for x in parts])[1]), 0.0

    def elements(self, elements: Any) -> Any:
        return np.array([self.along(self.probe.axis(i))[0] for i in elements])


def _result(y: Any) -> Any:
    if isinstance(y, Tensor):
        return y
    if y is None:
        raise TypeError("the function returned None: it must return an array or a number.")
    array = np.asarray(raw(y))
    if array.dtype.kind not in "fiub":
        raise DtypeError(
            f"the function returned {type(y).__name__} of dtype {array.dtype}; derivatives here are of real numbers."
        )
    return array if array.dtype.kind == "f" else array.astype(DOUBLE)


def _gradients(total: Any, tensors: list[Tensor], record: bool) -> list[Any]:
    if isinstance(total, Node) and total.requires_grad:
        return gradients(total, tensors, create_graph=record)  # type: ignore[no-any-return]
    return [np.zeros_like(x._data) for x in tensors]


def _forward(scalar: Scalar) -> Callable[..., Any]:
    return make_jvp(lambda tensors: scalar(tensors, True))


def _path_to(leaf: Any, data: Any, path: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
    """The keys that lead to a leaf within lists, tuples and dicts."""
    if data is leaf:
        return path
    if not is_container(data):
        return None
    found = (
        _path_to(leaf, part, (*path, key))
        for key, part in (data.items() if isinstance(data, dict) else enumerate(data))
    )
    return next((path for path in found if path is not None), None)
