"""Arguments and results that are nested lists, tuples and dicts, and the vector that they flatten to."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, namedtuple
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    DtypeError,
    GradientError,
    ShapeError,
    Tensor,
    Value,
    grad,
    gradients,
    hessian,
    jacobian,
    multigrad_dict,
    tanh,
    value_and_grad,
)
from autograd.misc import flatten, flatten_func

Layer = namedtuple("Layer", "weight bias")


def net(parameters, x):
    for layer in parameters["layers"]:
        x = np.tanh(x @ layer.weight + layer.bias)
    return np.sum(x) * parameters["scale"]


def network():
    rng = np.random.default_rng(0)
    layers = [Layer(rng.normal(size=(3, 4)), rng.normal(size=4)), Layer(rng.normal(size=(4, 2)), np.zeros(2))]
    return {"layers": layers, "scale": 0.5, "kind": "tanh", "decay": None, "train": True}


def test_a_gradient_has_the_structure_of_its_argument():
    p, x = network(), np.random.default_rng(1).normal(size=(5, 3))
    g = grad(net)(p, x)
    assert list(g) == list(p)
    assert type(g["scale"]) is float
    assert (g["kind"], g["decay"], g["train"]) == ("tanh", None, True)
    assert [type(layer) for layer in g["layers"]] == [Layer, Layer]
    for layer, given_ in zip(g["layers"], p["layers"]):
        assert type(layer.weight) is np.ndarray
        assert layer.weight.shape == given_.weight.shape
        assert layer.bias.shape == given_.bias.shape
    first, second = p["layers"]
    alone = grad(lambda w: net({**p, "layers": [Layer(w, first.bias), second]}, x))(first.weight)
    np.testing.assert_allclose(g["layers"][0].weight, alone)
    assert g["scale"] == pytest.approx(net(p, x) / 0.5)


def test_the_argument_itself_is_left_alone():
    p = network()
    weight = p["layers"][0].weight
    grad(net)(p, np.ones((1, 3)))
    assert p["layers"][0].weight is weight
    assert type(weight) is np.ndarray


def test_the_function_gets_nodes_in_the_same_structure():
    def f(p):
        assert isinstance(p, tuple)
        assert isinstance(p[0], dict)
        assert isinstance(p[0]["a"], Tensor)
        assert p[1] == [None, "text", True]
        return p[0]["a"] * 2

    assert grad(f)(({"a": 3.0}, [None, "text", True])) == ({"a": 2.0}, [None, "text", True])


def test_subclasses_of_containers_keep_their_class():
    class Parameters(list):
        pass

    g = grad(lambda p: p[0] * p[1])(Parameters([2.0, 3.0]))
    assert type(g) is Parameters
    assert g == [3.0, 2.0]
    g = grad(lambda d: d["b"] * d["a"])(OrderedDict(b=2.0, a=3.0))
    assert g == OrderedDict(b=3.0, a=2.0)
    d = defaultdict(list, a=3.0)
    assert grad(lambda d: d["a"] ** 2)(d) == {"a": 6.0}


def test_keys_that_cannot_be_sorted_and_keys_in_another_order():
    assert grad(lambda d: d[1] * d["a"] ** 2)({1: 3.0, "a": 2.0}) == {1: 4.0, "a": 12.0}
    vector, unflatten = flatten({"b": 1.0, "a": 2.0})
    np.testing.assert_array_equal(vector, flatten({"a": 2.0, "b": 1.0})[0])
    assert list(unflatten(vector)) == ["b", "a"]


def test_numbers_of_every_kind():
    p = [3, 2.0, np.float32(1.5), np.float64(0.5), np.arange(3), np.ones(2, np.float16)]
    g = grad(lambda p: sum(np.sum(x * x) for x in p[:4]) + p[4][0] * p[5][0])(p)
    assert [type(x) for x in g[:4]] == [float, float, np.float32, np.float64]
    assert g[:4] == [6.0, 4.0, 3.0, 1.0]
    assert g[4].dtype == np.float64
    np.testing.assert_array_equal(g[4], [1.0, 0.0, 0.0])
    assert g[5].dtype == np.float16


def test_an_array_that_occurs_twice_gets_a_gradient_in_each_place():
    a = np.array([1.0, 2.0])
    g = grad(lambda p: np.sum(p[0] * 3 + p[1]))([a, a])
    np.testing.assert_array_equal(g, [[3.0, 3.0], [1.0, 1.0]])


def test_unused_parts_get_zeros():
    g = grad(lambda p: p[0] * 2)([1.0, np.ones((2, 2)), 5.0])
    assert g[0] == 2.0
    np.testing.assert_array_equal(g[1], np.zeros((2, 2)))
    assert g[2] == 0.0


def test_several_containers_at_once():
    ga, gb = grad(lambda a, b: a["x"] * b[0] ** 2, (0, 1))({"x": 3.0}, [2.0, None])
    assert ga == {"x": 4.0}
    assert gb == [12.0, None]


def test_second_derivatives_through_containers():
    def penalty(p):
        g = grad(lambda q: np.sum(q["a"] ** 3) * q["b"])(p)
        return np.sum(g["a"] ** 2) + g["b"]

    p = {"a": np.array([1.0, 2.0]), "b": 0.5}
    found = grad(penalty)(p)
    a, b = p["a"], p["b"]
    np.testing.assert_allclose(found["a"], 36 * a**3 * b**2 + 3 * a**2)
    assert found["b"] == pytest.approx(18 * np.sum(a**4) * b)


def test_jacobian_and_hessian_of_containers():
    p = {"a": np.array([1.0, 2.0]), "b": 3.0}
    J = jacobian(lambda p: p["a"] * p["b"])(p)
    np.testing.assert_array_equal(J["a"], 3 * np.eye(2))
    np.testing.assert_array_equal(J["b"], p["a"])
    H = hessian(lambda p: np.sum(p["a"] ** 2) * p["b"])(p)
    np.testing.assert_array_equal(H["a"]["a"], 6 * np.eye(2))
    np.testing.assert_array_equal(H["a"]["b"], 2 * p["a"])
    np.testing.assert_array_equal(H["b"]["a"], 2 * p["a"])
    assert H["b"]["b"] == 0.0


def test_empty_containers_are_nothing_wrong():
    assert grad(lambda p, x: sum(p, x * 2), (0, 1))([], 3.0) == ([], 2.0)


def test_containers_without_numbers_and_with_complex_ones_are_refused():
    with pytest.raises(GradientError, match="holds no number"):
        grad(lambda p: 1.0)({"a": None, "b": ["text"]})
    with pytest.raises(DtypeError, match="complex"):
        grad(lambda p: p[0])([1.0, 1j])


def test_gradients_of_a_recorded_graph_in_the_structure_of_the_inputs():
    w, b, s = Tensor([1.0, 2.0]), Tensor(0.5), Tensor(2.0)
    y = (w * s + b).sum()
    g = gradients(y, {"layer": Layer(w, b), "none": None, "text": "a", "list": [(s,)]})
    assert type(g["layer"]) is Layer
    np.testing.assert_array_equal(g["layer"].weight, [2.0, 2.0])
    assert g["layer"].bias == 2.0
    assert g["none"] is None
    assert g["text"] == "a"
    assert g["list"] == [(3.0,)]
    assert gradients(y, (b, s)) == (2.0, 3.0)
    assert gradients(y, iter([b, s])) == [2.0, 3.0]
    x = Value(3.0)
    assert gradients(x * x, {"x": x}) == {"x": 6.0}
    with pytest.raises(TypeError, match="not float"):
        gradients(y, {"w": w, "number": 1.0})


# --- multigrad_dict


def test_multigrad_dict_goes_by_parameter_names():
    def f(a, *rest, b=2.0, mode="fast", **more):
        return a * rest[0] * b * more["z"]

    g = multigrad_dict(f)(1.0, 3.0, z=5.0)
    assert g == {"a": 30.0, "rest": (10.0,), "b": 15.0, "mode": "fast", "more": {"z": 6.0}}
    assert multigrad_dict(lambda a, b: a * b)(b=2.0, a=np.float64(3.0)) == {"a": 2.0, "b": 3.0}
    with pytest.raises(TypeError, match="missing"):
        multigrad_dict(f)()


# --- flatten


def test_flatten_and_back():
    p = network()
    vector, unflatten = flatten(p)
    assert vector.shape == (3 * 4 + 4 + 4 * 2 + 2 + 1,)
    back = unflatten(vector)
    assert back["kind"] == "tanh"
    assert back["decay"] is None
    assert back["train"] is True
    assert back["scale"] == 0.5
    assert type(back["scale"]) is float
    for a, b in zip(back["layers"], p["layers"]):
        assert type(a) is Layer
        np.testing.assert_array_equal(a.weight, b.weight)
        np.testing.assert_array_equal(a.bias, b.bias)


def test_flatten_copies_both_ways():
    a = np.ones(3)
    vector, unflatten = flatten([a])
    vector[0] = 7.0
    assert a[0] == 1.0
    (back,) = unflatten(vector)
    vector[:] = 0.0
    np.testing.assert_array_equal(back, [7.0, 1.0, 1.0])


def test_flatten_keeps_dtypes_and_makes_floats_of_whole_numbers():
    vector, unflatten = flatten([np.ones(2, np.float32), np.arange(3), 4, np.float32(1.5)])
    assert vector.dtype == np.float64
    back = unflatten(vector)
    assert back[0].dtype == np.float32
    assert back[1].dtype == np.float64
    assert type(back[2]) is float
    assert type(back[3]) is np.float32
    assert flatten([np.ones(2, np.float32)])[0].dtype == np.float32


def test_flatten_is_differentiable_both_ways():
    p = {"a": np.array([1.0, 2.0]), "b": [3.0]}
    weights = np.array([1.0, 10.0, 100.0])
    g = grad(lambda p: np.sum(flatten(p)[0] ** 2 * weights))(p)
    np.testing.assert_array_equal(g["a"], [2.0, 40.0])
    assert g["b"] == [600.0]
    vector, unflatten = flatten(p)
    g = grad(lambda v: np.sum(unflatten(v)["a"] ** 2) + unflatten(v)["b"][0] ** 3)(vector)
    np.testing.assert_array_equal(g, [2.0, 4.0, 27.0])
    H = hessian(lambda v: np.sum(unflatten(v)["a"] ** 2) + unflatten(v)["b"][0] ** 3)(vector)
    np.testing.assert_array_equal(H, np.diag([2.0, 2.0, 18.0]))


def test_flatten_func_is_the_function_of_vectors():
    gradient = grad(lambda p, s: s * p["a"] ** 2 * np.sum(p["b"]))
    flat, unflatten, start = flatten_func(gradient, {"a": 3.0, "b": np.ones(2)})
    np.testing.assert_array_equal(flat(start, 2.0), [24.0, 18.0, 18.0])
    assert unflatten(flat(start, 1.0))["a"] == 12.0


@pytest.mark.parametrize("nested", [[], {}, [[], {"a": None}], "text"])
def test_flatten_of_nothing_is_empty(nested):
    vector, unflatten = flatten(nested)
    assert vector.shape == (0,)
    assert unflatten(vector) == nested


def test_flatten_of_one_array_and_of_one_number():
    vector, unflatten = flatten(np.ones((2, 0, 3)))
    assert unflatten(vector).shape == (2, 0, 3)
    vector, unflatten = flatten(3.0)
    assert unflatten([4.0]) == 4.0


def test_unflatten_refuses_another_length():
    _, unflatten = flatten([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"shape \(3,\).*2 numbers"):
        unflatten(np.ones(3))


def test_flatten_of_values_says_to_use_tensors():
    with pytest.raises(TypeError, match="Make it a Tensor"):
        flatten([Value(1.0)])


trees = st.recursive(
    st.one_of(
        st.floats(-10, 10),
        st.sampled_from([None, "text", True]),
        st.lists(st.floats(-10, 10), max_size=3).map(partial(np.array, dtype=float)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        st.tuples(inner, inner).map(lambda pair: Layer(*pair)),
    ),
    max_leaves=8,
)


def same(a, b):
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and np.array_equal(a, b)


@given(trees)
def test_any_structure_flattens_and_comes_back(tree):
    vector, unflatten = flatten(tree)
    assert same(unflatten(vector), tree)
    if vector.size and not isinstance(tree, str):
        gradient = grad(lambda p: np.sum(tanh(flatten(p)[0])))(tree)
        np.testing.assert_allclose(flatten(gradient)[0], 1 - np.tanh(vector) ** 2)
        value, again = value_and_grad(lambda v: np.sum(tanh(flatten(unflatten(v))[0])))(vector)
        assert value == pytest.approx(np.sum(np.tanh(vector)))
        np.testing.assert_allclose(again, 1 - np.tanh(vector) ** 2)
