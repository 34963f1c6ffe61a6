"""A layer of neurons as one record of the scalar engine: what it keeps, and how its gradients flow.

Neuron by neuron a layer of 16 x 16 is 16 nodes with 33 edges each, and every edge is a step of Python. Here the outputs
are light nodes that refer to one record, a `Firing`, and the record meets the weights as one matrix, forward and
backward. What arrives at the weights is put together after the sweep: for a hundred samples it is one matrix product.

From outside the graph looks the same: an output that is asked for its parents or its local gradients makes them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .graph import raw

Pending = dict["Units", tuple[list[Any], list[Any]]]


class Inputs(NamedTuple):
    """The inputs of an op with more than two: the nodes (None for a constant), and their local gradients."""

    nodes: tuple[Any, ...]
    local: tuple[Any, ...]


class Units:
    """The weights and biases of some neurons in one matrix (neurons, inputs + 1), whose last column is the biases."""

    __slots__ = ("activation", "inputs", "leaves", "matrix", "settings")

    def __init__(self, leaves: list[Any], matrix: Any, activation: Any) -> None:
        self.leaves = leaves  # row by row
        self.matrix = matrix  # never written to: graphs that are alive refer to it
        self.inputs = matrix.shape[1] - 1
        self.activation = activation
        self.settings = {} if activation is None else {"activation": activation.name}

    def accept(self, upstream: list[Any], inputs: list[Any]) -> None:
        """Add the gradients of all firings of a sweep to the weights and biases."""
        total = np.array(upstream).T.dot(np.array(inputs))
        for leaf, g in zip(self.leaves, total.ravel().tolist()):
            if leaf.requires_grad:
                held = leaf.grad
                leaf.grad = g if held is None else raw(held) + g


class Firing:
    """One call of a layer. In the order of a sweep it has a place of its own, as a node would, before its outputs.

    `nodes` are the inputs (None for a constant), and `given` the inputs as they were given; `x` their numbers, with a 1
    for the bias; `z` the sums, and `y` the outputs. `below` is the firing that all inputs are the outputs of, in order,
    if there is one.
    """

    __slots__ = ("below", "da", "given", "grad", "nodes", "units", "x", "y", "z")

    a = b = None  # as a node with many inputs has it
    op = True

    def __init__(
        self, units: Units, given: Any, nodes: Any, below: Firing | None, x: Any, z: Any, y: Any
    ) -> None:
        self.units = units
        self.given = given
        self.nodes = nodes
        self.below = below
        self.x = x
        self.z = z
        self.y = y
        # during a sweep: the mark of a visit, and the outputs that were reached (a tuple if that is all, in order)
        self.grad: Any = None
        self.da: Any = None

    def is_first(self, output: Any, mark: float) -> bool:
        """Note that a walk has reached this output. Is it the first of the layer?"""
        if self.grad is mark:
            if self.da.__class__ is list:
                self.da.append(output)
            return False
        self.grad = mark
        self.da = [output]
        return True

    def reach_below(self, mark: float) -> Any:
        """Note that a walk has reached all outputs of the firing below; return it if they are the first."""
        below: Any = self.below
        if below.grad is mark:
            return None
        for node in self.nodes:
            node.grad = mark
        below.grad = mark
        below.da = self.nodes
        return below

    def sweep(self, layers: Pending) -> None:
        """Send the gradients of the outputs on to the inputs, and put what goes to the weights on the layer's list."""
        units, outputs = self.units, self.da
        self.da = None  # it would be a cycle
        if outputs.__class__ is tuple:
            gs = [output.grad for output in outputs]
        else:
            gs = [0.0] * len(self.y)
            for output in outputs:
                gs[output.db] = output.grad
        g = np.array(gs)
        if units.activation is not None:
            g = units.activation.kernels[0](g, self.y, self.z)
        arrived = layers.get(units)
        if arrived is None:
            layers[units] = ([g], [self.x])
        else:
            arrived[0].append(g)
            arrived[1].append(self.x)
        if self.below is not None:
            for node, c in zip(self.nodes, g.dot(units.matrix).tolist()):
                node.grad += c
        else:
            for node, c in zip(self.nodes, g.dot(units.matrix).tolist()):
                if node is not None:
                    node.grad += c

    # --- the graph as it looks from outside: every output a neuron with edges of its own

    def inputs_of(self, i: int) -> Inputs:
        """The inputs of output number i, in the order of the op `neuron`: weights, inputs, bias."""
        units, n = self.units, len(self.given)
        leaves = units.leaves[i * (n + 1) : (i + 1) * (n + 1)]
        row, x = units.matrix[i].tolist(), self.x.tolist()
        slope = 1.0
        if units.activation is not None:
            slope = units.activation.kernels[0](np.ones_like(self.y), self.y, self.z)[i].item()
        *weights, bias = [leaf if leaf.requires_grad else None for leaf in leaves]
        local = [*x[:n], *row[:n], 1.0]
        given = [*leaves[:n], *self.given, leaves[n]]
        nodes = (*weights, *self.nodes, bias)
        return Inputs(nodes, tuple(c if v is None else slope * d for v, c, d in zip(nodes, given, local)))

    def numbers_of(self, i: int) -> tuple[float, ...]:
        """What the inputs of output number i held when it was computed."""
        *weights, bias = self.units.matrix[i].tolist()
        return (*weights, *self.x.tolist()[:-1], bias)
