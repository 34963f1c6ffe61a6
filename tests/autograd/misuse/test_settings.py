"""Axes, indices, shapes: settings that are misspelt, out of range, of a wrong kind, or tensors."""

from __future__ import annotations

import numpy as np
from misuse import Misuse, Table

import autograd as ag
from autograd import GradientError, ShapeError, Tensor, UnknownOpError, Value

misuse = Table()
add = misuse.add
X = np.array([1.0, 2.0, 3.0])


def row() -> Tensor:
    return Tensor(X)


def table() -> Tensor:
    return Tensor(np.arange(6.0).reshape(2, 3))


# --- axes

SETTING = {"raises": GradientError, "says": "as a setting would get no gradient"}
add("a tensor as axis", lambda: table().sum(axis=Tensor(0.0)), **SETTING)
add("a tensor as keepdims", lambda: table().sum(0, keepdims=Tensor(1.0)), **SETTING)
add("a tensor as shape", lambda: table().reshape(Tensor([3.0, 2.0])), **SETTING)
add("a tensor as slope", lambda: ag.leaky_relu(row(), slope=Tensor(0.1)), **SETTING)
add("a Value as slope", lambda: Value(-1.0).leaky_relu(Value(0.1)), **SETTING)
add(
    "axis out of range", lambda: table().sum(axis=2), raises=ShapeError, says=r"sum of shape \(2, 3\), axis=2"
)
add("axis twice", lambda: table().sum(axis=(0, 0)), raises=ShapeError, says="duplicate")
add("axis a float", lambda: table().sum(axis=0.0), raises=TypeError, says="integer")
add("axis text", lambda: table().sum(axis="rows"), raises=TypeError, says="integer")
add(
    "axes for axis",
    lambda: table().sum(axes=0),
    raises=TypeError,
    says="no setting 'axes'. Did you mean 'axis'",
)
add(
    "dim for axis", lambda: table().sum(dim=0), raises=TypeError, says="no setting 'dim'. Did you mean 'axis'"
)
add(
    "keepdim for keepdims",
    lambda: table().sum(0, keepdim=True),
    raises=TypeError,
    says="Did you mean 'keepdims'",
)
add("keepdims 1", lambda: table().sum(0, keepdims=1).shape, gives=(1, 3))
add(
    "too many settings by position",
    lambda: table().sum(0, None, None, True),
    raises=TypeError,
    says="at most",
)
add("a dtype by position", lambda: table().sum(0, np.float32), raises=TypeError, says="integer")
add("sum where", lambda: np.sum(row(), where=X > 1), raises=UnknownOpError, says=r"where=\.\.\.")
add("sum from an initial number", lambda: np.sum(row(), initial=1.0), raises=UnknownOpError, says="initial")
add("swapaxes out of range", lambda: table().swapaxes(0, 5), raises=ShapeError, says="axis2")
add("one axis twice in a transpose", lambda: table().transpose(0, 0), raises=ShapeError, says="repeated")

# --- indices

add("a float as index", lambda: row()[1.0], raises=IndexError, says="index=1.0")
add("a slice to a float", lambda: row()[0:1.5], raises=TypeError, says="slice")
add("floats as indices", lambda: row()[[0.0, 1.0]], raises=IndexError, says="integer")
add("a tracked tensor as index", lambda: row()[Tensor([0.0])], raises=IndexError, says="astype")
add("a Value as index", lambda: row()[Value(1.0)], raises=IndexError, says="whole numbers")
add("a mask that is too short", lambda: row()[[True, False]], raises=IndexError, says="boolean")
add("text as index", lambda: row()["a"], raises=IndexError, says="index='a'")
add("an index out of range", lambda: row()[3], raises=IndexError, says="out of bounds")
add("too many indices", lambda: table()[0, 0, 0], raises=IndexError, says="too many")
add("two ellipses", lambda: table()[..., ...], raises=IndexError, says="ellipsis")
add("take out of range", lambda: np.take(row(), [5]), raises=IndexError, says="out of bounds")


def _picked(index):
    t = row()
    (t[index] * t[index]).sum().backward()
    return t.grad


add("a negative step", lambda: _picked(slice(None, None, -2)), gives=np.array([2.0, 0.0, 6.0]))
add("an element twice", lambda: _picked([0, 0]), gives=np.array([4.0, 0.0, 0.0]))
add("True as index", lambda: _picked(True), gives=2 * X)
add("a new axis", lambda: _picked(None), gives=2 * X)
add("nothing picked", lambda: _picked([]), gives=np.zeros(3))

# --- shapes, several arrays

add("reshape to another size", lambda: row().reshape(2, 2), raises=ShapeError, says="size 3 into shape")
add("reshape to two unknowns", lambda: table().reshape(-1, -1), raises=ShapeError, says="one unknown")
add("reshape to floats", lambda: table().reshape(3.0, 2.0), raises=TypeError, says="integer")
add("an axis squeezed that is not 1", lambda: table().squeeze(0), raises=ShapeError, says="not equal to one")
add("broadcast to fewer", lambda: np.broadcast_to(row(), (2,)), raises=ShapeError, says="broadcast")
add(
    "shapes that do not fit",
    lambda: table() * np.ones((3, 2)),
    raises=ShapeError,
    says="For a matrix product write @",
)
add(
    "matrices that do not fit",
    lambda: table() @ table(),
    raises=ShapeError,
    says=r"elementwise product write \*",
)
add("a matrix product with a number", lambda: row() @ 2.0, raises=ShapeError, says=r"write \*")
add("a tensor to be joined with itself", lambda: np.concatenate(row()), raises=ShapeError, says="concatenate")
add(
    "joined along no axis",
    lambda: np.concatenate([row(), row()], axis=1),
    raises=ShapeError,
    says="out of bounds",
)
add(
    "joined with other ranks",
    lambda: np.concatenate([row(), table()]),
    raises=ShapeError,
    says="same number of dim",
)
add(
    "stacked with other shapes",
    lambda: ag.stack([row(), Tensor(1.0)]),
    raises=ShapeError,
    says="must be equal",
)
add("nothing to join", lambda: ag.concatenate([]), raises=ValueError, says="at least one")
add("split in parts that are not equal", lambda: np.split(row(), 2), raises=ShapeError, says="array_split")
add(
    "einsum with other lengths",
    lambda: np.einsum("ij,jk", table(), table()),
    raises=ShapeError,
    says="einsum",
)
add("limits of clip exchanged", lambda: np.clip(row(), 2, 1).tolist(), gives=[1.0, 1.0, 1.0])  # as NumPy


@misuse(gives=[np.array([0.0, 1.0, 0.0]), 1.0, 1.0])
def limits_of_clip_that_are_tensors_get_gradients():
    t, low, high = row(), Tensor(1.5), Tensor(2.5)
    np.clip(t, low, high).sum().backward()
    return [t.grad, float(low.grad), float(high.grad)]


@misuse.parametrize()
def test_settings(case: Misuse):
    case.check()
