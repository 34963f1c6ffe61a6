"""The libraries that share this process, each spelt the way its users spell it."""

from __future__ import annotations

import operator
from typing import Any

from benchmarks.peers import load, load_torch
from benchmarks.tensor.chain import Library

SHARED: dict[str, Any] = {"add": operator.add, "mul": operator.mul, "matmul": operator.matmul}


def ours() -> Library:
    """Return gradlens."""
    from autograd import Tensor, sqrt, tanh

    ops = {**SHARED, "tanh": tanh, "sqrt": sqrt, "sum": lambda y: y.sum(axis=0, keepdims=True)}
    return Library(Tensor, ops, lambda root: root.backward())


def pytorch() -> Library:
    """Return PyTorch eager. `retain_graph` makes it keep its graph, as ours does by default."""
    torch = load_torch()

    def leaf(array: Any) -> Any:
        return torch.tensor(array, requires_grad=True)

    ops = {**SHARED, "tanh": torch.tanh, "sqrt": torch.sqrt, "sum": lambda y: y.sum(dim=0, keepdim=True)}
    return Library(leaf, ops, lambda root: root.backward(retain_graph=True))


def mygrad() -> Library:
    """Return MyGrad, which takes its graph apart in `backward()`: every sweep needs a new one."""
    mg = load("mygrad")
    ops = {**SHARED, "tanh": mg.tanh, "sqrt": mg.sqrt, "sum": lambda y: y.sum(axis=0, keepdims=True)}
    return Library(mg.tensor, ops, lambda root: root.backward(), repeatable=False)
