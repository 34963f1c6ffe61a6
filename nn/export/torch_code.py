"""A network as a script of PyTorch, to be read and to be run."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from ..core.module import Module
from ..layers.containers import ModuleDict
from ..layers.dropout import Dropout, Dropout2d
from ..layers.normalisation import BatchNorm1d, BatchNorm2d
from ..layers.residual import Residual
from ..layers.sequential import Sequential
from .kinds import ExportError, check_depth, check_model, check_parts, children, dtypes, kind_of, named
from .torch_layers import CLASSES, KNOWN, LAYERS, TAKEN, arguments, check_numbers, quoted
from .torch_weights import check_file

WIDTH = 79
_DTYPES = {"float32": "", "float64": ".double()", "float16": ".half()"}


class Script(str):
    """A text that shows itself as it is, line by line."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def to_torch_code(model: Module, weights: Any = None) -> Script:
    """A script of PyTorch that makes the same network under the name `model`, with the same names of its weights.

    weights: a file of safetensors from which the script reads them; nn.safetensors.save_file(model.state_dict(), ...)
    writes it, before: its names and shapes have to be the model's. Without it they are loaded by hand:
    model.load_state_dict(nn.export.to_torch_state_dict(ours)). As in PyTorch, a model in training mode drops units and
    normalises by the batch until model.eval(); a comment in the script says so.

    The layers of nn can be written, alone or in Sequential, MLP, Residual, ModuleList and ModuleDict. What PyTorch does
    not have (Bias, Maxout, Residual) becomes a class in the script. Shared layers and weights, those that are not
    trained, eval mode and the dtype are kept; `inplace` is not, since nothing is overwritten here. Modules with a
    forward() of their own raise ExportError, which names their path, and so do layers after a recurrent one, which
    cannot take the pair that it makes.

    >>> import nn
    >>> print(to_torch_code(nn.Sequential(nn.Linear(64, 32, rng=0), nn.Tanh()).float()))
    \"\"\"A network in PyTorch, written by gradlens.
    <BLANKLINE>
    Its weights are random until model.load_state_dict(...) sets them.
    \"\"\"
    <BLANKLINE>
    from torch import nn
    <BLANKLINE>
    model = nn.Sequential(
        nn.Linear(64, 32),
        nn.Tanh(),
    )
    """
    check_model("to_torch_code", model)
    check_depth("to_torch_code", model)
    check_parts(model, KNOWN, "PyTorch")
    path = None if weights is None else os.fspath(weights)
    if isinstance(path, bytes):
        raise TypeError("to_torch_code: weights is the name of a file, a text.")
    text = _Writer(model).script(path)
    if path is not None:
        check_file(model, path)
    return Script(text)


class _Writer:
    """Writes one model. It remembers which classes it needs, and the layers that have a line of their own."""

    def __init__(self, model: Module) -> None:
        self.model = model
        self.used: set[type[Module]] = set()
        self.ordered = False  # whether a Sequential has names
        self.definitions: list[str] = []
        self.names: dict[int, str] = {}
        places = Counter(id(child) for part in model.modules() for _, child in part._own("module"))
        several = (part for part in model.modules() if places[id(part)] > 1)
        self.shared = {id(part) for part in several if _matters(part, model.training)}

    def script(self, weights: str | None) -> str:
        dtype = self._dtype()
        body = f"model = {self._written(self.model, '', '')}{dtype}"
        parts = [self._docstring(weights), self._imports(weights)]
        parts += [f"\n{text}" for kind, text in CLASSES.items() if kind in self.used]
        lines = [*self.definitions, body, *self._ties(), *self._frozen()]
        lines += [] if weights is None else [f"model.load_state_dict(load_file({quoted(weights)}))"]
        lines += self._modes()
        return "\n".join([*parts, *([""] if self.used else []), *lines]) + "\n"

    def _dtype(self) -> str:
        """The call that brings the layers to the model's dtype, from PyTorch's float32."""
        found = dtypes(self.model)
        if len(found) > 1:
            raise ExportError(
                f"to_torch_code: numbers of {' and '.join(found)}, which PyTorch does not compute with at once. "
                "Write model.to(np.float32) before."
            )
        if found and found[0] not in _DTYPES:
            raise ExportError(
                f"to_torch_code: PyTorch has no dtype {found[0]}. Write model.to(np.float64) before."
            )
        return _DTYPES[found[0]] if found else ""

    def _docstring(self, weights: str | None) -> str:
        if weights is None:
            said = "Its weights are random until model.load_state_dict(...) sets them."
        else:
            said = "Its weights are read from a file: pip install torch safetensors."
        return f'"""A network in PyTorch, written by gradlens.\n\n{said}\n"""\n'

    def _imports(self, weights: str | None) -> str:
        lines = ["from collections import OrderedDict\n"] if self.ordered else []
        lines += ["import torch"] if any("torch." in CLASSES[kind] for kind in self.used) else []
        lines += [] if weights is None else ["from safetensors.torch import load_file"]
        return "\n".join([*lines, "from torch import nn", ""])

    # --- modules

    def _written(self, module: Module, path: str, indent: str) -> str:
        """The expression that makes a module; its further lines begin with `indent`."""
        if id(module) not in self.shared:
            return self._call(module, path, indent)
        if id(module) not in self.names:
            text = self._call(module, path, "")
            self.names[id(module)] = f"shared_{len(self.names) + 1}"
            self.definitions.append(f"{self.names[id(module)]} = {text}")
        return self.names[id(module)]

    def _call(self, module: Module, path: str, indent: str) -> str:
        kind = kind_of(module, KNOWN, path, "PyTorch")
        if kind in CLASSES:
            self.used.add(kind)
        name = kind.__name__ if kind in CLASSES else f"nn.{kind.__name__}"
        if kind in LAYERS:
            check_numbers(module, path)
            return _in_lines(name, arguments(module, kind, path), indent)
        parts = children(module, path)
        if kind in (Sequential, ModuleDict):
            _check_names(parts)
        within = indent + "    "
        texts = [(key, self._written(child, at, within)) for key, child, at in parts]
        if kind is Residual:
            items = [text if key == "body" else f"{key}={text}" for key, text in texts]
        elif kind is ModuleDict or [key for key, _ in texts] != [str(i) for i in range(len(texts))]:
            name = f"{name}({{" if kind is ModuleDict else f"{name}(OrderedDict({{"
            self.ordered |= kind is Sequential
            items = [f"{quoted(key)}: {text}" for key, text in texts]
            return _block(name, items, "})" if kind is ModuleDict else "}))", indent)
        else:
            items = [text for _, text in texts]
        if kind not in (Sequential, Residual):
            return _block(f"{name}([", items, "])", indent)
        return _block(f"{name}(", items, ")", indent)

    # --- what is set once the model is there

    def _ties(self) -> list[str]:
        """Weights that two layers share."""
        first: dict[int, str] = {}
        lines = []
        for path, part in self.model.named_modules():
            for name, parameter in part._own("parameter"):
                full = f"{path}.{name}" if path else name
                if first.setdefault(id(parameter), full) != full:
                    lines.append(f"{_at(path)}.{name} = model.get_parameter({quoted(first[id(parameter)])})")
        return lines

    def _frozen(self) -> list[str]:
        """Weights that are not trained."""
        found = dict(self.model.named_parameters())
        names = [name for name, p in found.items() if not p.requires_grad]
        if names and len(names) == len(found):
            return ["model.requires_grad_(False)"]
        return [f"model.get_parameter({quoted(name)}).requires_grad_(False)" for name in names]

    def _modes(self) -> list[str]:
        """Eval mode, of all or of single parts."""
        lines = [] if self.model.training else ["model.eval()"]
        modes = {id(part): self.model.training for part in self.model.modules()}
        for path, part in self.model._walk(""):  # a shared part in each of its places
            if part.training != modes[id(part)]:
                lines.append(f"{_at(path)}.train({part.training})")
                modes |= {id(inner): part.training for inner in part.modules()}
        if self.model.training and any(part.training and _differs(part) for part in self.model.modules()):
            lines.append("# model.eval() before predicting")
        return lines


def _check_names(parts: list[tuple[str, Module, str]]) -> None:
    """Refuse what PyTorch would refuse when the script runs: names that its modules have themselves."""
    for key, child, path in parts:
        if key in TAKEN:
            raise ExportError(
                f"{named(path, child)} cannot be written in PyTorch: its modules have an attribute {key!r} of their "
                "own. Give the layer another name."
            )


def _matters(part: Module, training: bool) -> bool:
    """Whether two of it are another network than one in two places: numbers are shared, and so is a mode."""
    numbers = any(True for _ in (*part.parameters(), *part.buffers()))
    return numbers or any(_differs(inner) or inner.training != training for inner in part.modules())


def _differs(part: Module) -> bool:
    """Whether a layer computes something else in training than in eval mode."""
    p = part.p if isinstance(part, (Dropout, Dropout2d)) else getattr(part, "dropout", 0.0)
    return isinstance(part, (BatchNorm1d, BatchNorm2d)) or (isinstance(p, float) and p > 0)


def _at(path: str) -> str:
    return f"model.get_submodule({quoted(path)})" if path else "model"


def _in_lines(name: str, given: list[str], indent: str) -> str:
    """A call on one line, or with a line for each argument where it is too long."""
    line = f"{name}({', '.join(given)})"
    return line if len(indent) + len(line) < WIDTH - 10 else _block(f"{name}(", given, ")", indent)


def _block(start: str, items: list[str], end: str, indent: str) -> str:
    """Items on lines of their own."""
    if not items:
        return start + end
    return "\n".join([start, *[f"{indent}    {item}," for item in items], indent + end])
