"""The quick path of nn.scalar: the neurons of a layer lie side by side in one matrix, and are computed at once.

The matrix is made anew when a weight was set or a list of weights or neurons was changed. Both are counted, by the
engine (`autograd.scalars.edits`) and by `Parts`: looking at every weight at each call instead makes a step of
micrograd's demo, 50 samples through 2-16-16-1, 28 % slower (2.61 ms against 2.04).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from typing import Any

from autograd.fused import TOTAL, fire, side_by_side
from autograd.scalars import edits
from autograd.value import Value


class Parts(list[Any]):
    """A list of weights or of neurons. A change of it is counted, so that a layer knows when to look at it again."""


def _counting(method: Any) -> Any:
    @wraps(method)
    def change(self: Parts, *args: Any, **settings: Any) -> Any:
        edits[0] += 1
        return method(self, *args, **settings)

    return change


_CHANGES = "__setitem__ __delitem__ __iadd__ __imul__ append clear extend insert pop remove reverse sort"
for _method in _CHANGES.split():
    setattr(Parts, _method, _counting(getattr(list, _method)))


class Part:
    """What neurons, layers and networks have in common: their parameters, and their neurons as one matrix."""

    _known: tuple[int, Any, Any] = (-1, None, None)  # the count of edits, and what was gathered then

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, Parts(value) if value.__class__ is list else value)
        edits[0] += 1

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_known"}

    def _row(self) -> tuple[Sequence[Any], Any, str | None] | None:
        """Weights, bias and activation of what is one neuron; None of whatever computes something else."""
        return None

    def _fired(self, neurons: Sequence[Any], x: Sequence[Any], below: Any = None) -> list[Any] | None:
        """The outputs of all neurons, computed at once; None where that cannot be.

        below: the record that made x, where all of x comes from one.
        """
        stamp, units, after = self._known
        if stamp != edits[0]:
            stamp = edits[0]
            units, after = _units(neurons)
            self.__dict__["_known"] = stamp, units, after
        if units is None or len(x) != units.inputs:
            return None
        out = fire(units, x, below)
        return out if out is None or after is None else [getattr(v, after)() for v in out]

    def parameters(self) -> list[Value]:
        """All weights and biases: of each neuron the weights, then the bias."""
        raise NotImplementedError

    def zero_grad(self) -> None:
        """Set every gradient to zero."""
        for p in self.parameters():
            try:
                p.grad = 0.0
            except AttributeError:
                raise TypeError(
                    f"a weight is {p!r:.40}, a plain number without a gradient. Set its number with "
                    "neuron.w[0].data = ..., or put a Value in its place: neuron.w[0] = Value(...)."
                ) from None


def _units(neurons: Sequence[Any]) -> tuple[Any, str | None]:
    """Neurons of one kind as one matrix, or None; and the activation, if it has to be computed one by one."""
    rows = [neuron._row() if isinstance(neuron, Part) else None for neuron in neurons]
    if any(row is None for row in rows) or len({(len(w), activation) for w, _, activation in rows}) != 1:  # type: ignore[misc]
        return None, None
    weights, biases, (activation, *_) = zip(*rows)
    fused, after = (activation, None) if activation in TOTAL else (None, activation)
    return side_by_side(weights, biases, fused), after
