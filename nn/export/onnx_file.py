"""A network as a file of ONNX, which onnxruntime and many other programs run. https://onnx.ai

The graph is written layer by layer, not recorded from a run: a recording would hold the number of samples, and whatever
the data of that run decided.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import numpy as np

import autograd
from autograd.errors import AutogradError, ShapeError
from autograd.graph import no_grad, raw

from ..core.module import Module
from ..layers import Dropout, Dropout2d, Embedding, Flatten, Identity, Residual, Unflatten
from ..layers.sequential import Sequential
from ..safetensors import write_whole
from .kinds import ExportError, check_depth, check_model, check_parts, children, dtypes, kind_of, named
from .onnx_graph import INPUT, OUTPUT, STATES, Graph
from .onnx_layers import WRITERS, write_layer

# The operations and the format of June 2022: old enough for most programs, and the first with LayerNormalization.
OPSET, IR_VERSION = 17, 8
LIMIT = 2**31 - 1  # bytes: that of a protocol buffer
_CONTAINERS: tuple[type[Module], ...] = (Sequential, Residual)
_KNOWN = frozenset((*_CONTAINERS, *WRITERS))
_FOR_ANY_DTYPE = (Identity, Dropout, Dropout2d, Flatten, Unflatten)


def to_onnx(model: Module, path: Any, *, input_shape: Any, dtype: Any = None) -> None:
    """Write a network to a file of ONNX (operations of version 17), to be run by onnxruntime and others.

    input_shape: that of one sample, such as 784 or (1, 28, 28). The network takes "input", (batch, *input_shape), for
    any number of samples, and gives "output". Where an Embedding comes first the input is int64, else of `dtype`.
    dtype: np.float32 or np.float64; that of the parameters if not given (float32 if there are none). In float64,
    onnxruntime has no convolution, average pooling, GELU and recurrent layers: give dtype=np.float32.

    The network is that of eval mode: dropout does nothing, batch normalisation uses its running statistics. The model
    itself stays as it is. It is made of layers of nn in Sequential, MLP and Residual. A recurrent layer comes last, has
    batch_first=True, starts from states of 0, and gives "h_n" (and "c_n"), too. Single cells, and modules with a
    forward() of their own, raise ExportError, which names their path. The file is checked, and appears whole or not at
    all. Needs the package onnx: pip install onnx.

    >>> import os, tempfile, nn
    >>> model = nn.MLP([4, 8, 3], output="softmax", rng=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nn.export.to_onnx(model, os.path.join(folder, "model.onnx"), input_shape=4)
    ...     os.listdir(folder)
    ['model.onnx']
    """
    check_model("to_onnx", model)
    check_depth("to_onnx", model)
    check_parts(model, _KNOWN, "ONNX")
    name = os.fsdecode(path)
    shape = _shape(input_shape)
    onnx = _onnx()
    proto = _proto(model, shape, _dtype(model, dtype))
    if proto.ByteSize() > LIMIT:
        raise ExportError(
            f"to_onnx: the network has {proto.ByteSize():,} bytes, and a file of ONNX at most {LIMIT:,}. "
            "dtype=np.float32 halves those of float64."
        )
    onnx.checker.check_model(proto, full_check=True)
    write_whole(name, proto.SerializeToString())


def _proto(model: Module, shape: tuple[int, ...], dtype: Any) -> Any:
    """The model as ONNX holds it."""
    from onnx import helper, numpy_helper

    graph, code = Graph(dtype, _samples(model, shape)), helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    indices = _takes_indices(model)
    start = np.zeros((graph.samples, *shape), np.int64 if indices else _own_dtype(model) or dtype)
    with _in_eval_mode(model), no_grad(), np.errstate(all="ignore"):
        end, made = _write(graph, model, "", INPUT, start)
    outputs = {OUTPUT: ["batch", *np.shape(_first(made))[1:]]}
    _call(graph, end, OUTPUT)
    for name, state, array in zip(graph.states, STATES, _states(made)):
        layers, _, hidden = np.shape(raw(array))
        outputs[state] = [layers, "batch", hidden]
        _call(graph, name, state)
    first = helper.np_dtype_to_tensor_dtype(np.dtype(np.int64)) if indices else code
    kind = type(model).__name__
    written = helper.make_graph(
        graph.nodes,
        kind,
        [helper.make_tensor_value_info(INPUT, first, ["batch", *shape])],
        [helper.make_tensor_value_info(name, code, sizes) for name, sizes in outputs.items()],
        [numpy_helper.from_array(array, name) for name, array in graph.arrays.items()],
    )
    return helper.make_model(
        written,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="gradlens",
        producer_version=autograd.__gradlens__,
        doc_string=f"{kind} of nn, a package of gradlens, in eval mode.\n{model!r}",
    )


def _write(g: Graph, module: Module, path: str, x: str, given: Any) -> tuple[str, Any]:
    """The nodes of a module; returns the name of its output, and what it is for the trial input."""
    kind = kind_of(module, _KNOWN, path, "ONNX")
    parts = {key: (child, at) for key, child, at in children(module, path)}
    if kind is Sequential:
        for child, at in parts.values():
            x, given = _write(g, child, at, x, given)
        return x, given
    if kind is Residual:
        y, made = _write(g, *parts["body"], x, given)
        way, kept = _write(g, *parts["shortcut"], x, given) if "shortcut" in parts else (x, given)
        if np.shape(kept) != np.shape(made):
            module.forward(given)  # says what does not fit
        g.path = path
        return g.add("Add", way, y), made
    try:
        made = module.forward(given)
    except (AutogradError, ShapeError, ValueError, TypeError, IndexError) as error:
        raise type(error)(
            f"to_onnx: {named(path, module)} does not take samples of shape {np.shape(given)[1:]}: {error}"
        ) from error
    g.path, g.before, g.after = path, np.shape(_first(given)), np.shape(_first(made))
    return write_layer(g, module, kind, x), made


def _samples(model: Module, shape: tuple[int, ...]) -> int:
    """How many samples to try a network with: a number that is no size in it, lest one be taken for the other."""
    sizes = {n for x in (*model.parameters(), *model.buffers()) for n in x.shape} | set(shape)
    return next(n for n in count(7) if n not in sizes)


def _first(made: Any) -> Any:
    """The output of a layer, without the states that a recurrent one makes beside it."""
    return raw(made[0] if isinstance(made, tuple) else made)


def _states(made: Any) -> tuple[Any, ...]:
    """The last states that a recurrent layer made: h, or h and c."""
    if not isinstance(made, tuple):
        return ()
    return made[1] if isinstance(made[1], tuple) else made[1:]


def _call(g: Graph, end: str, name: str) -> None:
    """Give the output of a node its final name; what is no node's, or used by others too, is copied."""
    makers = [node for node in g.nodes if end in node.output]
    if not makers or any(end in node.input for node in g.nodes):
        g.path = ""
        g.add("Identity", end)
        makers, end = g.nodes[-1:], g.nodes[-1].output[0]
    outputs = makers[0].output
    outputs[list(outputs).index(end)] = name


def _takes_indices(model: Module) -> bool:
    """Whether the first layer that computes is an Embedding."""
    for part in model.modules():
        if not isinstance(part, (*_CONTAINERS, *_FOR_ANY_DTYPE)):
            return isinstance(part, Embedding)
    return False


def _own_dtype(model: Module) -> Any:
    found = dtypes(model)
    if len(found) > 1:
        raise ExportError(
            f"to_onnx: numbers of {' and '.join(found)}: one network has one dtype. Write model.to(np.float32) before."
        )
    return np.dtype(found[0]) if found else None


def _dtype(model: Module, given: Any) -> Any:
    dtype = np.dtype(given) if given is not None else _own_dtype(model) or np.dtype(np.float32)
    if dtype not in (np.float32, np.float64):
        raise ExportError(f"to_onnx: dtype {dtype}: give np.float32 or np.float64.")
    return dtype


def _shape(given: Any) -> tuple[int, ...]:
    shape = (given,) if isinstance(given, (int, np.integer)) else given
    if not isinstance(shape, (tuple, list)) or not all(
        isinstance(n, (int, np.integer)) and not isinstance(n, bool) and n > 0 for n in shape
    ):
        raise ValueError(
            f"to_onnx: input_shape={given!r:.60} is no shape of a sample. Give one such as 784 or (1, 28, 28), without "
            "the number of samples."
        )
    return tuple(int(n) for n in shape)


@contextmanager
def _in_eval_mode(model: Module) -> Iterator[None]:
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for part, mode in modes:
            part.training = mode


def _onnx() -> Any:
    try:
        import onnx
        import onnx.checker
    except ImportError as error:
        raise ImportError(
            "to_onnx() needs the package onnx: pip install onnx, or pip install '.[onnx]' in the clone."
        ) from error
    return onnx
