"""Every op of the registry on arrays of every kind: random shapes, strides, dtypes and axes, found by hypothesis.

What an op declares in the registry says which inputs make sense; what its own forward function refuses, it must refuse
on Tensors too.
"""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from samples import OPS, arrays

from autograd import DtypeError, Tensor, broadcast_to, check_grads
from autograd.intake import NUMPY_1
from autograd.primitive import numpy_functions

EXAMPLES = 15
FLOATS = ("float64", "float64", "float32", "float16")
PRECISION = {"float64": 1e-9, "float32": 2e-4, "float16": 5e-2}
RANGES = {"uint8": (0, 9), "bool": (0, 1)}
UNORDERED = {"partition"}  # nobody promises the order of its elements, so it is not compared between dtypes
REFUSALS = (ValueError, IndexError, TypeError)
PEERS = {op.name: f for f, op in numpy_functions.items() if op in OPS.values()}


# --- arrays of many layouts


class Layout(NamedTuple):
    """An array that others are views of, and the way from it to the view: the same on arrays and on Tensors."""

    base: Any
    view: Any

    def spread(self, grad: Any) -> Any:
        """The gradient of `base`, given that of the view."""
        if not self.base.shape:
            return np.sum(grad, keepdims=True).reshape(())
        expected = np.zeros(self.base.shape)
        self.view(expected)[...] = grad
        return expected


def reversed_(x: Any) -> Layout:
    key = (slice(None, None, -1),) * x.ndim
    return Layout(np.array(x[key]), lambda base: base[key] if key else base)


def stepped(x: Any) -> Layout:
    key = tuple(slice(1, None, 2) for _ in x.shape)
    base = np.zeros(tuple(2 * n + 1 for n in x.shape), x.dtype)
    base[key] = x
    return Layout(base, lambda base: base[key] if key else base)


def transposed(x: Any) -> Layout:
    return Layout(np.array(x.T, order="C"), lambda base: base.T)


def fortran(x: Any) -> Layout:
    return Layout(np.array(x, order="F"), lambda base: base)


def read_only(x: Any) -> Layout:
    base = np.array(x)
    base.flags.writeable = False
    return Layout(base, lambda base: base)


def one_for_all(x: Any) -> Layout:
    """One number, seen as a whole array: all strides are 0."""
    shape, base = x.shape, x.reshape(-1)[:1].copy()
    return Layout(base.reshape(()), lambda base: broadcast_to(base, shape=shape)) if x.size else fortran(x)


def one_eighth_for_all(x: Any) -> Any:
    """The same with a number of few digits, of which the mean is exact: spreads are 0, and not what rounding leaves."""
    return one_for_all(np.copysign(np.ceil(np.abs(x) * 8) / 8, x).astype(x.dtype))


LAYOUTS = [reversed_, stepped, transposed, fortran, read_only]


# --- what an op is tried on


@st.composite
def shapes(draw: Any) -> tuple[int, ...]:
    return tuple(draw(st.lists(st.sampled_from((2, 3, 1, 0)), max_size=4)))


@st.composite
def broadcasting(draw: Any, n: int) -> tuple[tuple[int, ...], ...]:
    """Shapes of n inputs that broadcast together: axes of length 1, and missing ones."""
    whole = draw(shapes())
    found = []
    for _ in range(n):
        stretched = draw(st.integers(0, 2 ** len(whole) - 1))
        missing = draw(st.integers(0, len(whole))) if draw(st.booleans()) else 0
        found.append(tuple(1 if stretched >> i & 1 else n for i, n in enumerate(whole))[missing:])
    return tuple(found)


@st.composite
def trials(draw: Any, op: Any) -> tuple[tuple[tuple[int, ...], ...], dict[str, Any]]:
    """Shapes of the inputs and settings: what the op declares, with other shapes and axes where they are free."""
    if op.elementwise:
        return draw(broadcasting(op.arity or 3)), draw(st.sampled_from(op.samples))
    given_shapes, declared = draw(st.sampled_from(op.samples))
    rest = {key: x for key, x in declared.items() if key not in ("axis", "keepdims")}
    bound = any(isinstance(x, (tuple, list, np.ndarray)) for x in rest.values())  # to the shape, perhaps
    if (
        op.valid
        or "axis" not in op.parameters
        or len(given_shapes) > 1
        or bound
        or draw(st.integers(0, 3)) == 0
    ):
        return given_shapes, declared
    tried = [known.get("axis") for _, known in op.samples]
    shape = draw(shapes())
    if not shape:
        return (shape,), rest
    one = st.integers(-len(shape), len(shape) - 1)
    several = st.lists(st.integers(0, len(shape) - 1), unique=True, min_size=1).map(tuple)
    axes = one | several if any(isinstance(axis, tuple) for axis in tried) else one
    chosen = rest if None in tried and draw(st.booleans()) else rest | {"axis": draw(axes)}
    return (shape,), chosen | ({"keepdims": draw(st.booleans())} if "keepdims" in op.parameters else {})


def inputs_for(op: Any, found: Any, seed: int, dtypes: Any) -> list[Any]:
    """Valid inputs; whole numbers and booleans too, where the domain has some."""
    given_ = arrays(op, found, np.random.default_rng(seed))
    result = []
    for i, (x, dtype) in enumerate(zip(given_, dtypes)):
        low, high = np.clip(op.domain[min(i, len(op.domain) - 1)], *RANGES.get(dtype, (-9, 9)))
        whole = dtype not in FLOATS and not op.valid and np.ceil(low) <= np.floor(high)
        x = np.clip(np.rint(x), np.ceil(low), np.floor(high)) if whole else x
        result.append(x.astype(dtype if whole or dtype in FLOATS else np.float64))
    return result


def close(actual: Any, expected: Any, dtype: Any) -> None:
    """Equal to what rounding in `dtype` leaves, relative to the largest number."""
    assert actual.shape == expected.shape
    finite = np.abs(expected[np.isfinite(expected)])
    precision = PRECISION[str(dtype)]
    atol = precision * max(1.0, float(finite.max(initial=0.0)))
    np.testing.assert_allclose(actual.astype(float), expected, rtol=precision, atol=atol)


# --- the properties


def holds(examine: Any, op: Any) -> None:
    """Search for an example that `examine(data, op)` fails on; and see that it did not refuse all of them."""
    examined = []

    @seed(zlib.crc32(op.name.encode()))  # the same every time, and other examples for every op
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def search(data):
        examined.append(examine(data, op))

    search()
    assert any(examined), "no example came through"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # float16 overflows, means of nothing
@pytest.mark.parametrize("name", OPS)
def test_every_layout_dtype_and_shape_gives_the_same(name):
    holds(same_as_contiguous_float64, OPS[name])


def same_as_contiguous_float64(data: Any, op: Any) -> bool:
    """Value, gradients, a second sweep, and inputs left alone; False if the op refuses what was found."""
    found, chosen = data.draw(trials(op))
    n = len(found)
    tracked = data.draw(st.integers(1, 2**n - 1))
    dtypes = [
        data.draw(st.sampled_from(FLOATS if tracked >> i & 1 else (*FLOATS, "int64", "uint8", "bool")))
        if op.name not in UNORDERED
        else "float64"
        for i in range(n)
    ]
    plain = inputs_for(op, found, data.draw(st.integers(0, 999)), dtypes)
    ways = LAYOUTS
    if op.elementwise and not op.valid:
        ways = [*LAYOUTS, one_for_all]
    elif (
        "axis" in op.parameters and not op.valid and "float16" not in dtypes
    ):  # and so for no matrix of full rank
        ways = [*LAYOUTS, one_eighth_for_all]
    layouts = [data.draw(st.sampled_from(ways))(x) for x in plain]
    leaves = [Tensor(x.base) if tracked >> i & 1 else x.base for i, x in enumerate(layouts)]
    before = [x.base.copy() for x in layouts]
    # what it should be: the same numbers, one after the other, in float64
    copies = [
        Tensor(np.array(x.view(x.base), dtype=np.float64, order="C").reshape(shape))
        for x, shape in zip(layouts, found)
    ]
    given_ = [x.view(leaf) for x, leaf in zip(layouts, leaves)]
    try:
        expected = op(*copies, **chosen)
        same_dtypes = op(*[x.view(x.base) for x in layouts], **chosen)
    except REFUSALS as error:
        with pytest.raises(REFUSALS):
            op(*given_, **chosen)
        # linear algebra refuses float16 on purpose
        if not isinstance(error, DtypeError):
            assert not accepted_by_numpy(op.name, [x.view(x.base) for x in layouts], chosen)
        return False
    out = op(*given_, **chosen)
    coarsest = str(min((np.dtype(d) for d in dtypes if d in FLOATS), key=lambda d: d.itemsize))
    close(out.data, expected.data, coarsest)
    assert NUMPY_1 or out.dtype == same_dtypes.dtype
    if out.dtype.kind != "f":  # whole numbers chosen by a tracked condition
        assert not out.requires_grad
        return True
    g = np.random.default_rng(1).uniform(0.5, 1.5, out.shape)
    expected.backward(g)
    try:
        out.backward(g)
    except DtypeError:  # some linear algebra finds out about float16 on its way back
        assert "float16" in dtypes
        return False
    for leaf, layout, copy in zip(leaves, layouts, copies):
        if isinstance(leaf, Tensor):
            assert type(leaf.grad) is np.ndarray
            assert (leaf.grad.shape, leaf.grad.dtype) == (leaf.shape, leaf.dtype)
            close(leaf.grad, layout.spread(copy.grad), coarsest)
    once = [leaf.grad.copy() if isinstance(leaf, Tensor) else None for leaf in leaves]
    out.backward(g)
    for leaf, grad, layout, old in zip(leaves, once, layouts, before):
        if isinstance(leaf, Tensor):
            np.testing.assert_array_equal(leaf.grad, 2 * grad)
            np.testing.assert_array_equal(leaf.numpy(), old)
        np.testing.assert_array_equal(layout.base, old)
    return True


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", [name for name, op in OPS.items() if not op.valid])
def test_slopes_in_random_directions_are_the_measured_ones(name):
    holds(slopes_through_views, OPS[name])


def slopes_through_views(data: Any, op: Any) -> bool:
    """Directional derivatives, by all inputs at once; False where there is nothing to compare."""
    found, chosen = data.draw(trials(op))
    plain = inputs_for(op, found, data.draw(st.integers(0, 999)), ["float64"] * len(found))
    layouts = [data.draw(st.sampled_from(LAYOUTS))(x) for x in plain]
    try:
        value = op(*plain, **chosen)
    except REFUSALS:
        return False
    if not np.isfinite(value).all():  # the mean of nothing
        return False

    def through_views(*bases):
        return op(*[x.view(base) for x, base in zip(layouts, bases)], **chosen)

    check_grads(through_views, *[x.base for x in layouts], order=1)
    return True


def accepted_by_numpy(name: str, given_: list[Any], chosen: dict[str, Any]) -> bool:
    if name not in PEERS:
        return False
    try:
        PEERS[name](*given_, **chosen)
    except REFUSALS:
        return False
    return True
