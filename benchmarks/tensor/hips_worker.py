"""HIPS autograd's side, run by the Python of its own environment, where `autograd` is not ours.

A conversation of JSON lines: a greeting with the versions, then for each request on standard input one reply
on standard output. It imports nothing from this project: the two packages named autograd must not meet.
"""

from __future__ import annotations

import gc
import importlib
import json
import operator
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

np = importlib.import_module("autograd.numpy")
make_vjp = importlib.import_module("autograd").make_vjp

OPS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "mul": operator.mul,
    "matmul": operator.matmul,
    "tanh": np.tanh,
    "sqrt": np.sqrt,
    "sum": lambda y: np.sum(y, axis=0, keepdims=True),
}


def chain(op: Callable[..., Any], length: int, binary: bool) -> Any:
    """Return the function that traces the chain and gives its backward sweep."""

    def of_two(y: Any, b: Any) -> Any:
        for _ in range(length):
            y = op(y, b)
        return np.sum(y)

    def of_one(y: Any) -> Any:
        for _ in range(length):
            y = op(y)
        return np.sum(y)

    return make_vjp(of_two, argnum=(0, 1)) if binary else make_vjp(of_one)


def reply(request: dict[str, Any]) -> dict[str, Any]:
    """Time one round, or return the gradients."""
    arrays = [np.array(array, dtype=request["dtype"]) for array in request["arrays"]]
    traced = chain(OPS[request["op"]], request["length"], len(arrays) == 2)
    sweep, value = traced(*arrays)
    seed = value.dtype.type(1)
    if request["phase"] == "answer":
        found = sweep(seed)
        found = found if len(arrays) == 2 else (found,)
        return {"answer": [float(number) for gradient in found for number in np.ravel(gradient)]}
    laps = range(request["laps"])
    gc.collect()
    (gc.enable if request["collector"] else gc.disable)()
    start = perf_counter()
    if request["phase"] == "forward":
        for _ in laps:
            traced(*arrays)
    else:
        for _ in laps:
            sweep(seed)
    return {"seconds": (perf_counter() - start) / len(laps)}


def converse() -> None:
    """Greet, then answer until the input ends."""
    version = importlib.import_module("importlib.metadata").version
    greeting = {"python": sys.version.split()[0], "autograd": version("autograd"), "numpy": version("numpy")}
    print(json.dumps(greeting), flush=True)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        print(json.dumps(reply(json.loads(line))), flush=True)


if __name__ == "__main__":
    converse()
