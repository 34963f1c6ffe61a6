"""Training: all that a run of fit consists of between two batches, and how it is written down and taken up again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.graph import raw
from autograd.intake import laid_as, order_of
from autograd.tensor import Tensor

from ..checkpoint import CheckpointError
from ..core.dtypes import shared_dtype
from ..core.module import Module
from ..core.parameter import Parameter
from ..data import DataLoader
from ..data.position import freeze, thaw
from ..metrics.classes import are_classes, ignored_by, last_op, says_yes_above
from ..optim import LBFGS, Optimiser
from .callbacks import Callback
from .generators import generators
from .history import History
from .measure import bare, layers_of, own_method
from .settings import KEPT, go_on, settings_of


class Training:
    """A training under way; callbacks are given it.

    model, optimiser, loss, batches (the DataLoader), validation, history: what fit works with.
    epoch: how many are finished; batch: how many of the present epoch are; steps: all of the optimiser's.
    cost: the loss of the latest batch. stop(reason) ends the training after this batch or epoch.
    """

    def __init__(
        self,
        model: Module,
        batches: DataLoader,
        optimiser: Any,
        loss: Any,
        *,
        validation: Any = None,
        metrics: dict[str, Any] | None = None,
        schedules: dict[str, Any] | None = None,
        callbacks: list[Callback] | None = None,
    ) -> None:
        self.model, self.batches, self.optimiser, self.loss = model, batches, optimiser, loss
        self.validation, self.metrics = validation, {} if metrics is None else metrics
        self.schedules, self.callbacks = schedules or {}, callbacks or []
        self.history = History()
        self.closures = isinstance(optimiser, LBFGS)  # whether a step of it computes the loss itself
        self.check: Any = None  # called once, with the first outputs and their loss
        self.clip: Any = None  # called between backward() and step()
        self.given: dict[str, Any] = settings_of(optimiser, None)  # what it was begun with
        self.begun = False  # whether nothing stands against the first step any more
        self.layers, self.modules = layers_of(model), list(model.modules())
        self.updated: list[Parameter] = list(
            (optimiser if isinstance(optimiser, Optimiser) else model).parameters()
        )
        own = {id(p) for p in self.updated}
        self.others = [p for p in model.parameters() if id(p) not in own]  # that the optimiser leaves alone
        self.dtype = shared_dtype(model)  # to which the inputs of each batch are brought
        self.classes = False  # whether the outputs say classes; if they are single numbers, yes is above:
        self.yes: float | None = None
        self.ignored: int | None = None  # the label that counts in no accuracy, if it occurs
        self.divisor: Any = None  # of labels: what the loss divides by, if that is not the number of rows
        self.epoch = self.batch = self.steps = 0
        self.cost = float("nan")
        self.stopping: str | None = None
        self.begin_epoch()

    def begin_epoch(self) -> None:
        """Nothing is summed up yet."""
        self.batch = self.right = self.counted = 0  # right guesses, of those that count
        self.rows = self.total = self.seconds = 0.0  # the loss is total / rows
        self.guesses: list[Any] = []  # classes, and labels, of the latest batches: to be compared
        self.answers: list[Any] = []
        self.norms: dict[str, float] = {}
        self.collected: list[tuple[Any, Any]] = []  # outputs and labels, for metrics of the whole epoch

    def read(self, outputs: Any) -> None:
        """Look at the first outputs: what they say, which rows count, and how much a batch does in the mean loss."""
        loss, y = bare(self.loss), self.batches.arrays[1]
        self.yes = says_yes_above(loss, last_op(outputs))
        self.classes = isinstance(outputs, Tensor) and are_classes(outputs, y, self.yes)
        ignored, weight = ignored_by(loss), getattr(loss, "weight", None)
        occurs = ignored is not None and y.dtype.kind in "iu" and bool((y == ignored).any())
        self.ignored = ignored if occurs else None
        whole = y.dtype.kind in "iu" and y.shape[1:] == getattr(outputs, "shape", ())[2:]
        self.divisor = own_method(loss, "divisor") if whole and (occurs or weight is not None) else None

    def count(self) -> None:
        """Count the right guesses of several batches at once: one by one costs 2 % more of a small network's step.

        Classes are kept for it and not the outputs, whose memory is then free for those of the next step.
        """
        if self.guesses:
            guesses, labels = np.concatenate(self.guesses), np.concatenate(self.answers)
            self.right += int(np.count_nonzero(guesses == labels.reshape(guesses.shape)))
            missing = 0 if self.ignored is None else np.count_nonzero(labels == self.ignored)
            self.counted += len(guesses) - int(missing)
            self.guesses.clear()
            self.answers.clear()

    def stop(self, reason: str = "a callback asked for it") -> None:
        """End the training; history.stopped keeps the reason."""
        self.stopping = reason

    # --- to disk and back

    def state_dict(self) -> dict[str, Any]:
        """Everything but the model's arrays: plain numbers, texts and arrays."""
        if not callable(getattr(self.optimiser, "state_dict", None)):
            raise TypeError(
                f"{type(self.optimiser).__name__} has no state_dict(), so that a checkpoint could not resume it to the "
                "bit. Give it state_dict() and load_state_dict(), or use one of nn.optim."
            )
        self.count()
        history = self.history.state_dict()
        return {
            "library": _version(),
            "epoch": self.epoch,
            "batch": self.batch,
            "steps": self.steps,
            "cost": self.cost,
            "sums": {name: getattr(self, name) for name in SUMS},
            "collected": [np.concatenate(x) for x in zip(*self.collected)],
            "history": history | {"interrupted": False},
            "optimiser": _named(self.optimiser),
            "schedules": {name: _named(x) for name, x in self.schedules.items()},
            "loader": self.batches.state_dict(),
            "settings": self.given,
            "buffers": self._passing_buffers(),
            "generators": {path: freeze(rng) for path, rng in self._generators()},
            "callbacks": [_named(x) for x in self.callbacks],
        }

    def load_state_dict(self, arrays: dict[str, Any], state: Any) -> None:
        """Stand where a checkpoint was written; or change nothing, and say what does not fit."""
        before, weights = self.state_dict(), self.model.state_dict()
        try:
            self._load(arrays, state)
        except BaseException as error:
            self._load(weights, before)
            if isinstance(error, (CheckpointError, KeyboardInterrupt)) or not isinstance(error, Exception):
                raise
            text = error.args[0] if isinstance(error, KeyError) and error.args else error
            raise CheckpointError(f"the checkpoint is not of this training: {text}") from error

    def _load(self, arrays: dict[str, Any], state: Any) -> None:
        self.model.load_state_dict(_laid_out(arrays, _live(self.model)))
        own_buffers = self._passing_buffers()
        for name, array in _laid_out(state["buffers"], own_buffers).items():
            if name in own_buffers:
                module, _, attribute = name.rpartition(".")
                setattr(self.model.get_submodule(module), attribute, array)
        _load_named("optimiser", self.optimiser, state["optimiser"])
        if state["schedules"].keys() != self.schedules.keys():
            there, here = (", ".join(x) or "no schedule" for x in (state["schedules"], self.schedules))
            raise CheckpointError(f"the checkpoint was written with {there}, and this training has {here}.")
        for name, schedule in self.schedules.items():
            _load_named(name, schedule, state["schedules"][name])
        if len(state["callbacks"]) != len(self.callbacks):
            raise CheckpointError(
                f"the checkpoint was written with {len(state['callbacks'])} callbacks, and this training has "
                f"{len(self.callbacks)}."
            )
        for i, callback in enumerate(self.callbacks):
            _load_named(f"callback {i}", callback, state["callbacks"][i])
        self.batches.load_state_dict(state["loader"])
        own = dict(self._generators())
        if own.keys() != state["generators"].keys():
            there, here = (", ".join(x) or "none" for x in (state["generators"], own))
            raise CheckpointError(f"the checkpoint has random generators {there}, and this model {here}.")
        for name, rng in own.items():
            rng.bit_generator.state = thaw(state["generators"][name], rng)
        then, now = bool(state["history"]["val_loss"]), self.validation is not None
        if state["epoch"] and then != now:
            there, here = ("a validation set", "none") if then else ("no validation set", "one")
            raise CheckpointError(f"the checkpoint was written with {there}, and this training has {here}.")
        if self.metrics and state["batch"] and not state["collected"]:
            raise CheckpointError("the checkpoint was written within an epoch that has no metrics.")
        self.history.load_state_dict(state["history"])
        self.epoch, self.batch, self.steps = (int(state[name]) for name in ("epoch", "batch", "steps"))
        self.cost = float(state["cost"])
        for name in SUMS:
            setattr(self, name, state["sums"][name])
        self.collected = [tuple(state["collected"])] if state["collected"] else []
        self.stopping = self.history.stopped
        go_on(self)
        begun = state.get("settings", {})
        self.given = self.given | {name: begun[name] for name in KEPT if name in begun}

    def _passing_buffers(self) -> dict[str, Any]:
        """Copies of the buffers that the model's state_dict leaves out (persistent=False)."""
        kept = self.model.state_dict()
        return {name: np.array(raw(x)) for name, x in self.model.named_buffers() if name not in kept}

    def _generators(self) -> Iterator[tuple[str, np.random.Generator]]:
        """Every random generator of the model, the loss and the loader's transform, by its path."""
        return generators(model=self.model, loss=self.loss, transform=self.batches.transform)


SUMS = ("total", "rows", "right", "counted", "seconds", "norms")


def _named(x: Any) -> dict[str, Any]:
    return {"kind": type(x).__name__, "state": x.state_dict()}


def _load_named(what: str, own: Any, saved: dict[str, Any]) -> None:
    if saved["kind"] != type(own).__name__:
        raise CheckpointError(
            f"the checkpoint was written with {what} {saved['kind']}, and this training has {type(own).__name__}."
        )
    own.load_state_dict(saved["state"])


def _laid_out(arrays: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The arrays of a checkpoint, each in memory as the model has it; another dtype or shape is refused."""
    found = {}
    for name, array in arrays.items():
        like = own.get(name)
        if like is not None:
            if (array.dtype, array.shape) != (like.dtype, like.shape):
                raise CheckpointError(
                    f"the checkpoint has {name} as {array.dtype} of shape {array.shape}, and the model as {like.dtype} "
                    f"of shape {like.shape}."
                )
            array = laid_as(array, order_of(like))
        found[name] = array
    return found


def _live(model: Module) -> dict[str, Any]:
    """The model's arrays themselves, by path; state_dict's copies may lie otherwise in memory."""
    parameters = model.named_parameters(remove_duplicate=False)
    return {name: raw(x) for name, x in (*parameters, *model.named_buffers())}


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"gradlens {version('gradlens')}"
    except PackageNotFoundError:
        return "gradlens"
