"""A graph of ONNX while it is written: nodes, and the arrays that they use, named by the layers they come from."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.graph import raw

from ..core.module import Module

INPUT, OUTPUT, STATES = "input", "output", ("h_n", "c_n")


class Graph:
    """Nodes in order, and arrays by name. What a layer adds gets the layer's path before its name.

    `before` and `after` are the shapes of what goes into the layer at hand and of what comes out. The network is tried
    with so many `samples`.

    `single`: whether the numbers are float32. ONNX keeps the settings of its activations in float32, and runtimes have
    few of these in float64: there, activations are written as the exact steps that they are made of.
    """

    def __init__(self, dtype: Any, samples: int) -> None:
        self.dtype = np.dtype(dtype)
        self.single = self.dtype == np.float32
        self.samples = samples
        self.nodes: list[Any] = []
        self.arrays: dict[str, Any] = {}
        self.path = ""
        self.before: tuple[int, ...] = ()
        self.after: tuple[int, ...] = ()
        self.states: list[str] = []  # of a recurrent layer, which makes them beside its output
        self._taken = {INPUT, OUTPUT, *STATES}
        self._stored: dict[Any, tuple[str, Any]] = {}

    def add(self, op: str, *inputs: str, **settings: Any) -> str:
        """A node; returns the name of its output."""
        return self.several(1, op, *inputs, **settings)[0]

    def several(self, n: int, op: str, *inputs: str, **settings: Any) -> list[str]:
        """A node with n outputs; returns their names."""
        from onnx import helper

        name = self._unique(f"{self.path}/{op}" if self.path else op)
        names = [name] if n == 1 else [self._unique(f"{name}:{i}") for i in range(n)]
        self.nodes.append(helper.make_node(op, list(inputs), names, name=name, **settings))
        return names

    def number(self, value: float) -> str:
        """A number, as an array without axes."""
        return self._store(("number", float(value)), np.array(value, self.dtype), f"{value:g}", value)

    def whole(self, values: Any) -> str:
        """Whole numbers: a shape, or axes."""
        found = np.array(values, np.int64)
        return self._store(("whole", *found.tolist()), found, "x".join(map(str, found.tolist())), found)

    def array(self, values: Any, name: str) -> str:
        """An array that the layer needs, which is no parameter."""
        made = np.array(values, self.dtype)
        return self._store(id(made), made, f"{self.path}/{name}" if self.path else name, made)

    def own(self, module: Module, name: str) -> str:
        """A parameter or buffer of the layer, under its path. Layers that share one find the same array."""
        value = getattr(module, name)
        made = np.array(raw(value), self.dtype)
        return self._store(id(value), made, f"{self.path}.{name}" if self.path else name, value)

    def _store(self, key: Any, array: Any, name: str, owner: Any) -> str:
        """The name of an array, which is kept once for each key; the owner is held, so that no other gets its id."""
        if key not in self._stored:
            unique = self._unique(name)
            self._stored[key] = unique, owner
            self.arrays[unique] = array
        return self._stored[key][0]

    def _unique(self, name: str) -> str:
        found, i = name, 1
        while found in self._taken:
            i += 1
            found = f"{name}_{i}"
        self._taken.add(found)
        return found
