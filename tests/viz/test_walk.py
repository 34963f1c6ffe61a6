"""The records of a graph: nodes, edges, the chain rule on every edge, constants, fan-out, folding."""

from __future__ import annotations

import numpy as np
import pytest
from viz_graphs import collapsed_neuron, long_chain, product_of_sum, small_network, square_and_more
from viz_graphs import neuron as course_neuron

import nn
from autograd import Tensor, Value, linear, neuron, no_grad, registry
from autograd.primitive import elementwise
from viz import draw
from viz.walk import EdgeRecord, GraphRecord, NodeRecord, walk


def by_label(graph: GraphRecord) -> dict[str, NodeRecord]:
    return {node.label: node for node in graph.nodes}


def edge(graph: GraphRecord, source: str, target: str) -> EdgeRecord:
    nodes = by_label(graph)
    (found,) = [
        e for e in graph.edges if (e.source, e.target) == (nodes[source].number, nodes[target].number)
    ]
    return found


def test_the_course_product_of_a_sum() -> None:
    graph = walk(product_of_sum())
    nodes = by_label(graph)
    assert {label: (node.value, node.gradient) for label, node in nodes.items()} == {
        "x": (-2, -4),
        "y": (5, -4),
        "q": (3, -4),
        "z": (-4, 3),
        "f": (-12, 1),
    }
    assert nodes["q"].formula == "x + y"
    to_q = edge(graph, "q", "f")
    assert (to_q.local, to_q.local_value, to_q.upstream, to_q.contribution) == ("z", -4, 1, -4)
    assert edge(graph, "x", "q").local == "1"


@pytest.mark.parametrize("make", [course_neuron, collapsed_neuron])
def test_the_course_neuron(make: object) -> None:
    nodes = by_label(walk(make()))  # type: ignore[operator]
    assert round(nodes["f"].value, 2) == 0.73
    gradients = {name: round(nodes[name].gradient, 2) for name in ("w0", "x0", "w1", "x1", "w2")}
    assert gradients == {"w0": -0.20, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.20}


def test_the_collapsed_gate_says_its_rule() -> None:
    graph = walk(collapsed_neuron())
    last = graph.edges[-1]
    assert last.local == "f * (1 - f)"
    assert last.local_value == pytest.approx(0.1966, abs=5e-5)


def test_a_square_has_two_edges_and_fan_out_lists_its_terms() -> None:
    graph = walk(square_and_more())
    nodes = by_label(graph)
    assert [e.position for e in graph.edges if e.target == nodes["v1"].number] == [0, 1]
    assert sorted(nodes["x"].terms) == [1, 3, 3]
    assert nodes["x"].gradient == 7


def test_every_contribution_is_local_times_upstream_and_every_gradient_the_sum() -> None:
    graph = walk(course_neuron())
    for e in graph.edges:
        if e.contribution is not None:
            assert e.contribution == pytest.approx(e.local_value * e.upstream, rel=1e-12)
    for node in graph.nodes:
        if node.terms:
            assert node.gradient == pytest.approx(sum(node.terms), rel=1e-12)


def test_constants_are_nodes_without_a_gradient() -> None:
    graph = walk(2.0 * Value(3.0, name="x") + Value(5.0, name="k", requires_grad=False))
    constants = [node for node in graph.nodes if node.kind == "constant"]
    assert [(node.label, node.value, node.gradient) for node in constants] == [("2", 2, None), ("k", 5, None)]
    assert all(e.contribution is None for e in graph.edges if graph.nodes[e.source].kind == "constant")
    assert len(graph.edges) == 4


def test_a_constant_enters_a_rule_as_its_number() -> None:
    assert walk(Value(3.0, name="x") ** 2).edges[0].local == "2 * x"


def test_one_constant_used_twice_is_one_node() -> None:
    k = Value(5.0, name="k", requires_grad=False)
    graph = walk(Value(3.0, name="x") * k + k)
    assert [node.label for node in graph.nodes].count("k") == 1


def test_a_layer_of_arrays() -> None:
    graph = walk(small_network())
    assert edge(graph, "W", "v1").rule == "c1.T @ g"
    to_b = edge(graph, "b", "v2")
    assert (to_b.rule, to_b.summed) == ("g", "summed over axis 0")
    assert edge(graph, "v2", "h").rule == "g * (1 - h * h)"
    assert edge(graph, "h", "L").rule == "g * (softmax(h) - one_hot(labels)) / 3"
    assert to_b.contribution.shape == (2,)


def test_a_layer_of_one_operation_says_what_it_computes() -> None:
    x, W, b = (
        Tensor(np.ones((4, 3)), name="x"),
        Tensor(np.ones((2, 3)), name="W"),
        Tensor([0.5, 1.0], name="b"),
    )
    formulas = [walk(linear(x, W)), walk(linear(x, W, b)), walk(linear(x, W, b, activation="relu"))]
    assert [by_label(graph)["f"].formula for graph in formulas] == [
        "x @ W.T",
        "x @ W.T + b",
        "relu(x @ W.T + b)",
    ]
    neurons = [neuron(*map(Value, (2.0, 3.0, 1.0)), activation=activation) for activation in (None, "tanh")]
    assert [walk(y).nodes[-1].formula for y in neurons] == ["v1 * v2 + v3", "tanh(v1 * v2 + v3)"]


def test_products_of_many_matrices_are_transposed_one_by_one() -> None:
    many, A = Tensor(np.ones((5, 2, 3)), name="many"), Tensor(np.ones((5, 3, 2)), name="A")
    assert edge(walk((many @ A).sum()), "A", "v1").rule == "many.mT @ g"


def test_a_matrix_times_a_vector_is_written_without_its_column() -> None:
    W, v = Tensor(np.ones((3, 2)), name="W"), Tensor(np.ones(2), name="v")
    assert [e.rule for e in walk(W @ v).edges] == ["g[..., None] * v", "W.T @ g"]


def test_labels_that_are_each_class_once_are_no_identity_matrix() -> None:
    scores = Tensor([[2.0, 1.0, 0.5], [0.0, 1.0, 3.0], [1.0, 0.0, 0.0]], name="z")
    graph = walk(nn.CrossEntropyLoss()(scores, np.array([0, 1, 2])))
    assert graph.edges[0].rule == "g * (softmax(z) - one_hot(labels)) / 3"


def test_ones_and_an_identity_matrix_are_written_without_their_settings() -> None:
    graph = walk(np.einsum("ii", Tensor(np.ones((3, 3)), name="A")))
    assert graph.edges[0].rule == "einsum(',i,iA->iA', g, ones(3), eye(3))"


def test_the_axes_that_were_summed() -> None:
    scale, row, column = (
        Tensor(2.0, name="s"),
        Tensor(np.ones(3), name="r"),
        Tensor(np.ones((2, 1)), name="k"),
    )
    graph = walk(((scale * row) * column).sum())
    summed = {graph.nodes[e.source].label: e.summed for e in graph.edges if e.summed}
    assert summed == {"s": "summed", "v1": "summed over axis 0", "k": "summed over axis 1"}
    cube = walk((row * Tensor(np.ones((2, 4, 3)), name="c")).sum())
    assert edge(cube, "r", "v1").summed == "summed over axes 0, 1"
    assert edge(walk((scale * np.ones((2, 3))).sum()), "s", "v1").summed == "summed over all axes"


def test_gradients_need_no_backward_and_leave_grad_alone() -> None:
    f = product_of_sum()
    walk(f)
    assert f.grad is None
    t = Tensor([1.0, 2.0], name="t")
    walk((t * t).sum())
    assert t.grad is None


def test_a_leaf_changed_after_recording_shows_the_number_that_was_used() -> None:
    t = Tensor([1.0, 2.0], name="t")
    loss = (t * t).sum()
    t.data = np.array([10.0, 20.0])
    nodes = by_label(walk(loss))
    assert nodes["t"].value.tolist() == [1, 2]
    assert nodes["t"].gradient.tolist() == [2, 4]
    (note,) = walk(loss).notes
    assert note.startswith("t was changed since this graph was recorded")


def test_a_step_of_training_is_a_change_too() -> None:
    model = nn.MLP([2, 3, 2], rng=0)
    loss = nn.CrossEntropyLoss()(model(np.ones((4, 2))), np.array([0, 1, 1, 0]))
    assert walk(loss).notes == ()
    loss.backward()
    nn.SGD(model.parameters(), lr=0.1).step()
    (note,) = walk(loss).notes
    assert "were changed since this graph was recorded" in note


def test_a_changed_value_is_told_and_no_formula_gets_a_number_that_it_does_not_have() -> None:
    x = Value(3.0, name="x")
    f = x * x + 2.0 * x
    assert walk(f).notes == ()
    x.data = 5.0
    graph = walk(f)
    (note,) = graph.notes
    assert note.startswith("x was changed since this graph was recorded")
    nodes = by_label(graph)
    assert (nodes["x"].value, nodes["x"].moment, nodes["x"].gradient) == (5, "now", 8)
    assert [nodes[name].moment for name in ("v1", "v2", "f")] == ["then", "then", ""]
    assert [e.stale for e in graph.edges if e.contribution is not None] == [True, True, True, False, False]
    source = draw(f).source
    for text in ("value now = ", "recorded value = ", "∂v1/∂x = 3", "as recorded"):
        assert text in source
    assert "= x = 3" not in source


def test_inputs_changed_behind_an_unchanged_result_are_found_by_their_slopes() -> None:
    a, b = Value(2.0, name="a"), Value(3.0, name="b")
    f = a * b
    a.data, b.data = 3.0, 2.0
    assert walk(f).notes[0].startswith("a or b was changed")
    assert "= b = 3" not in draw(f).source


def test_only_an_input_that_may_have_been_changed_is_named() -> None:
    x, y = Value(3.0, name="x"), Value(2.0, name="y")
    f = (y * 2.0) * x
    x.data = 5.0
    assert walk(f).notes[0].startswith("x was changed since this graph was recorded")


def test_all_arrays_that_were_changed_are_named_or_counted() -> None:
    tensors = [Tensor([1.0, 2.0], name=name) for name in "abcde"]
    total = sum(t * 2.0 for t in tensors).sum()
    said = []
    for t in tensors:
        t.data = np.array([3.0, 4.0])
        said.append(walk(total).notes[0].partition(" changed")[0])
    assert said == [
        "a was",
        "a and b were",
        "a, b and c were",
        "a, b, c and 1 more were",
        "a, b, c and 2 more were",
    ]


def test_a_number_that_is_now_none_is_a_change() -> None:
    x = Value(3.0, name="x")
    f = x * 2.0
    x.data = float("nan")
    assert walk(f).notes[0].startswith("x was changed")


def test_an_array_with_a_nan_is_not_changed_by_it() -> None:
    assert walk((Tensor([np.nan, 1.0]) * 2.0).sum()).notes == ()


def test_a_change_that_leaves_no_result_is_told() -> None:
    x = Value(3.0, name="x")
    f = x.log() + 1.0 / x
    x.data = 0.0
    assert walk(f).notes[0].startswith("x was changed")


def test_a_slope_of_a_constant_that_does_not_exist_is_no_change() -> None:
    assert walk(Value(-3.0, name="x") ** 2).notes == ()
    assert walk(Value(float("nan"), name="x") * 2.0).notes == ()


def test_a_root_that_is_an_array_is_given_ones_and_says_so() -> None:
    t = Tensor([1.0, 2.0], name="t")
    graph = walk(t * 3.0)
    assert "ones" in graph.notes[0]
    assert by_label(graph)["t"].gradient.tolist() == [3, 3]
    given = walk(t * 3.0, upstream=np.array([1.0, -1.0]))
    assert by_label(given)["t"].gradient.tolist() == [3, -3]


def test_what_was_not_recorded_has_no_gradient_and_says_so() -> None:
    with no_grad():
        y = Value(2.0, name="x") * 3.0
    graph = walk(y)
    assert "nothing was recorded" in graph.notes[0]
    assert graph.nodes[0].gradient is None


def test_names_do_not_collide() -> None:
    f, v1, g = Value(2.0, name="f"), Value(3.0, name="v1"), Value(4.0, name="g")
    graph = walk((f * v1) * g)
    labels = [node.label for node in graph.nodes]
    assert sorted(labels) == ["f", "g", "out", "v1", "v2"]
    assert graph.upstream == "upstream"
    assert by_label(walk(Value(2.0, name=" ") * 3.0))["?"].value == 2


def test_folding_keeps_what_is_nearest_to_the_result() -> None:
    graph = walk(long_chain(5000), budget=20)
    assert len(graph.nodes) == 20
    assert graph.folded == 2 * 5000 + 1 - 20
    assert graph.nodes[graph.root].formula == "v10 * 1"
    assert set(graph.cut) == {0, 1}  # the step whose input, and the one whose constant, is folded


def test_a_node_of_very_many_inputs_is_folded_too() -> None:
    from autograd import stack

    graph = walk(stack([Tensor(float(i)) for i in range(3000)]).sum(), budget=50)
    assert len(graph.nodes) == 50
    assert graph.folded > 5900


def test_large_arrays_are_not_copied_into_text() -> None:
    sizes = []
    for n in (40, 4000):
        rows, weight = np.linspace(-1, 1, n * 10).reshape(n, 10), Tensor(np.ones((10, 30)), name="weight")
        graph = walk(((rows @ weight) * np.linspace(0, 1, 30)).tanh().mean())
        arrays = [node.value for node in graph.nodes] + [edge.contribution for edge in graph.edges]
        assert (
            max(np.size(array) for array in arrays) == max(n, 10) * 30
        )  # the records have the arrays themselves
        for text in [node.formula for node in graph.nodes] + [edge.rule for edge in graph.edges]:
            assert len(text) < 60
        sizes.append(len(draw((rows @ weight).tanh().mean()).source))
    assert abs(sizes[0] - sizes[1]) < 100  # a hundred times as many numbers, and a few digits more
    assert sizes[1] < 8000


def test_an_op_that_symbols_cannot_follow_shows_its_numbers() -> None:
    name = "seventh_root_for_a_test"
    elementwise(name, lambda y, x: [1.0, 2.0][round(y * 0)] + {}.get(id(y), 0.0), forward=lambda x: x)
    try:
        y = registry[name](Value(2.0, name="x"))
        graph, source = walk(y), draw(y).source
    finally:
        del registry[name]
    (found,) = graph.edges
    assert found.contribution == 1.0
    assert found.rule == f"g through {name}"
    assert found.local == ""
    assert f"dx = g through {name}" in source
    (note,) = graph.notes
    assert note.startswith(f"The rule of {name} could not be written as a formula (TypeError)")
