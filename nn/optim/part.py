"""A part of a parameter group: parameters of one dtype in flat arrays, with an optimiser's state beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.parameter import Parameter
from .flat import FlatParameters, shaped

# Long arrays are worked through in blocks that stay in the processor's cache from one ufunc to the next. Six arrays of
# this size do in any large cache, and smaller blocks cost more calls than they save. (SGD with momentum on 1.6 million
# float32 weights, after a backward pass: 0.96 ms in blocks of 1 MB, 1.26 in blocks of 128 KB, 1.6 in one.)
BLOCK_BYTES = 1 << 20


class Part:
    """Flat parameters, flat state, and the step counts of each parameter: the numbers that say how far it is.

    As long as all parameters have made the same steps, `own_counts` is None and `step_counts` is everybody's.
    """

    def __init__(self, parameters: Sequence[Parameter], first_counts: tuple[Any, ...]) -> None:
        self.flat = FlatParameters(parameters)
        self.state: dict[str, Any] = {}
        self.first_counts = self.step_counts = first_counts
        self.own_counts: list[tuple[Any, ...]] | None = None
        self.block = min(BLOCK_BYTES // self.flat.dtype.itemsize, self.flat.starts[-1])
        self.spare = [np.empty(self.block, self.flat.dtype) for _ in range(2)]

    def arrays(self, names: Sequence[str], rule: Any, group: Any) -> list[Any]:
        """The state arrays of these names; those that are new start as the rule says."""
        state = self.state
        for name in names:
            if name not in state:
                state[name] = np.full(self.flat.starts[-1], rule.initial_value(name, group), self.flat.dtype)
        return [state[name] for name in names]

    def view(self, name: str, i: int) -> Any:
        """The state `name` of parameter i, in its shape."""
        a, b = self.flat.starts[i : i + 2]
        return shaped(self.state[name][a:b], self.flat.parameters[i].shape)

    def counts_of(self, i: int) -> tuple[Any, ...]:
        """The step counts of parameter i."""
        return self.step_counts if self.own_counts is None else self.own_counts[i]

    def set_counts(self, counts: list[tuple[Any, ...]]) -> None:
        """Give each parameter its step counts."""
        same = counts.count(counts[0]) == len(counts)
        self.step_counts, self.own_counts = counts[0], None if same else counts

    def step(self, rule: Any, group: Any) -> None:
        """One step of all parameters that have a gradient."""
        flat = self.flat
        if flat.gather() and self.own_counts is None:
            self.step_counts = rule.next_step(group, *self.step_counts)
            stretches = [(0, flat.starts[-1], self.step_counts)]
        else:
            stretches = self._stretches(rule, group)
            if not stretches:
                return
        state = self.arrays(rule.state_names(group), rule, group)
        w, g, out = flat.data.array, flat.grad.array, flat.target()
        whole = len(w)
        if stretches[0][:2] != (0, whole):
            np.copyto(out, w)
        for start, stop, counts in stretches:
            numbers = rule.step_numbers(group, *counts)
            if stop - start == whole <= self.block:
                _update(rule, group, w, g, state, out, self.spare, numbers)
                break
            for a in range(start, stop, self.block):
                b = min(a + self.block, stop)
                spare = [x[: b - a] for x in self.spare]
                _update(rule, group, w[a:b], g[a:b], [x[a:b] for x in state], out[a:b], spare, numbers)
        flat.swap()

    def _stretches(self, rule: Any, group: Any) -> list[tuple[int, int, Any]]:
        """Where there are gradients: (start, stop, counts). Neighbours that have made the same steps are one."""
        found: list[tuple[int, int, Any]] = []
        starts = self.flat.starts
        counts = self.own_counts or [self.step_counts] * len(self.flat.parameters)
        for i, p in enumerate(self.flat.parameters):
            if p._grad is None:
                continue
            counts[i] = rule.next_step(group, *counts[i])
            start = starts[i]
            if found and found[-1][1:] == (start, counts[i]):
                start = found.pop()[0]
            found.append((start, starts[i + 1], counts[i]))
        self.set_counts(counts)
        return found


def _update(rule: Any, group: Any, w: Any, g: Any, state: Any, out: Any, spare: Any, numbers: Any) -> None:
    decay = 0.0 if rule.decoupled else group.get("weight_decay")
    if decay:  # g + decay * w, or decay * w - g
        np.multiply(w, decay, spare[1])
        g = (np.subtract if group.get("maximize") else np.add)(spare[1], g, spare[1])
    elif group.get("maximize"):
        g = np.negative(g, spare[1])
    rule.update(w, g, state, out, spare[0], *numbers)
