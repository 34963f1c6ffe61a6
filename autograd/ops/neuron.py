"""A whole neuron as one operation: act(b + w1*x1 + w2*x2 + ...), with all its local gradients.

Step by step a neuron with 16 inputs is 32 nodes and its activation. Both give the same numbers.
"""

from __future__ import annotations

from operator import mul
from typing import Any

from ..primitive import EveryInput, Primitive, find, times

__all__ = ["neuron"]


def _sum(inputs: tuple[Any, ...]) -> Any:
    n = len(inputs) // 2
    if len(inputs) % 2 == 0:
        raise TypeError(
            f"neuron needs n weights, n inputs and a bias; {len(inputs)} is no such number of arguments."
        )
    return sum(map(mul, inputs[:n], inputs[n:]), inputs[-1])


def _forward(*inputs: Any, activation: str | None = None) -> Any:
    z = _sum(inputs)
    return z if activation is None else find(activation).forward(z)


def _scalar(*inputs: Any, activation: str | None = None) -> Any:
    z = _sum(inputs)
    return z if activation is None else find(activation).scalar(z)  # type: ignore[misc]


# Activations whose slope is written in the output: the sum need not be computed again for it.
FROM_THE_OUTPUT = frozenset(("relu", "tanh", "sigmoid"))


def _rule(i: int, y: Any, *inputs: Any, activation: str | None = None) -> Any:
    n = len(inputs) // 2
    local = 1 if i == 2 * n else inputs[i + n] if i < n else inputs[i - n]
    if activation is None:
        return local
    z = None if activation in FROM_THE_OUTPUT else neuron(*inputs)
    slope = find(activation).rules[0](y, z)  # type: ignore[index]
    return slope if i == 2 * n else slope * local


def _vjp(i: int, g: Any, y: Any, *inputs: Any, activation: str | None = None) -> Any:
    return times(g, _rule(i, y, *inputs, activation=activation))


neuron = Primitive(
    "neuron",
    _forward,
    EveryInput(_vjp),
    rules=EveryInput(_rule),
    scalar=_scalar,
    domain=((-2.0, 2.0),) * 3,
    samples=({}, {"activation": "tanh"}, {"activation": "softplus"}),
    doc='neuron(w1, .., wn, x1, .., xn, b) = b + w1*x1 + .. + wn*xn; with an activation, such as "tanh", act of it.',
)
