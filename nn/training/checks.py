"""What `fit` is given, looked at before the first step changes a weight."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.tensor import Tensor

from .. import optim
from ..core.caller import level
from ..core.dtypes import in_dtype
from ..core.keywords import explained as _explained
from ..core.module import Module
from ..core.numbers import number
from ..core.parameter import Parameter
from ..data import DataLoader
from ..data.arrays import rows_not_finite
from ..losses.base import Loss
from ..optim import Optimiser
from ..schedule import ReduceLROnPlateau, Schedule
from .measure import bare, of_library

OPTIMISER = "optimiser=nn.SGD(model.parameters(), lr=0.1)"
# What other libraries call the arguments of fit, and what they are here.
KEYWORDS = {
    **dict.fromkeys(("optimizer", "optim"), OPTIMISER),
    **dict.fromkeys(
        ("lr", "learning_rate", "momentum", "weight_decay"), f"{OPTIMISER}: the optimiser has it"
    ),
    **dict.fromkeys(("criterion", "loss_fn", "loss_function"), "loss=nn.CrossEntropyLoss()"),
    **dict.fromkeys(("val", "val_data", "validation_data", "dev"), "validation=(X, y)"),
    **dict.fromkeys(("verbose", "bar"), "progress=True or progress=False"),
    **dict.fromkeys(("seed", "random_state", "generator"), "rng=0"),
    **dict.fromkeys(("scheduler", "lr_scheduler"), "schedule=nn.schedule.StepLR(optimiser, step_size=10)"),
    **dict.fromkeys(("patience", "early_stopping"), "callbacks=nn.EarlyStopping(patience=5)"),
    **dict.fromkeys(("callback", "on_epoch_end"), "callbacks=[...]"),
    **dict.fromkeys(("metric", "measures"), 'metrics=["f1"]'),
    **dict.fromkeys(("checkpoints", "checkpoint_dir", "save_to"), 'checkpoint="runs/first"'),
    **dict.fromkeys(("clip", "max_norm", "grad_clip", "clip_grad_norm"), "clip_norm=1.0"),
    **dict.fromkeys(("penalty", "alpha", "lam", "lambd"), "l2=0.1, or give the optimiser a weight_decay"),
    **dict.fromkeys(("n_epochs", "num_epochs", "steps"), "epochs=10"),
    **dict.fromkeys(
        ("transform", "augment", "augmentation"),
        "a loader, fit(model, nn.DataLoader((X, y), 64, shuffle=True, rng=0, transform=...))",
    ),
}
explained = _explained(
    KEYWORDS,
    "fit(model, (X, y), epochs=10)",
    crowd="Give (X, y) as one pair: fit(model, (X, y), epochs=10). The rest goes by keyword",
)


def check_model(model: Any) -> None:
    """Refuse what is no Module."""
    if isinstance(model, type) and issubclass(model, Module):
        raise TypeError(
            f"model is the class {model.__name__}: make a model of it first, {model.__name__}(...)."
        )
    if not isinstance(model, Module):
        raise TypeError(
            f"model is {type(model).__name__}: fit trains a Module of Tensors, such as nn.MLP([2, 16, 3])."
        )


def check_parameters(model: Module) -> None:
    """Refuse a model that has nothing to train; warn of a Tensor that looks as if it were to be trained."""
    kind, loose = type(model).__name__, []
    for path, module in model.named_modules():
        for name, x in vars(module).items():
            if isinstance(x, Tensor) and not isinstance(x, Parameter) and x.requires_grad and x.op is None:
                loose.append(f"{path}.{name}" if path else name)
    trained = [parameter.requires_grad for parameter in model.parameters()]
    hint = f"{kind}.{loose[0]} is a Tensor, which is neither trained nor saved" if loose else ""
    if not trained:
        why = (
            f"{hint}: write self.{loose[0].rpartition('.')[2]} = nn.Parameter(...)"
            if loose
            else (
                "Set Parameters and layers as attributes in __init__; one that is made in the first forward() is found "
                "after a first call, model(X[:1])"
            )
        )
        raise ValueError(f"{kind} has no parameters to train. {why}.")
    if not any(trained):
        raise ValueError(
            f"every parameter of this {kind} is frozen (requires_grad is False), so that nothing can be trained. Call "
            "model.requires_grad_() for all of them, or on the part to train, such as model[-1].requires_grad_()."
        )
    if loose:
        warnings.warn(
            f"{hint}. If it is to be trained, write nn.Parameter(...); if not, register_buffer, or "
            "Tensor(..., requires_grad=False).",
            stacklevel=level(),
        )


def check_loss(loss: Any) -> None:
    """Refuse what cannot be called as loss(outputs, y)."""
    if isinstance(loss, type):
        raise TypeError(f"loss is the class {loss.__name__}: make one, loss={loss.__name__}().")
    if not callable(loss):
        raise TypeError(
            f"loss={loss!r:.60}: give a loss such as nn.CrossEntropyLoss() or nn.MSELoss(), "
            "or a function loss(outputs, y) that returns one Tensor."
        )
    loss = bare(loss)
    reduction = getattr(loss, "reduction", None) if isinstance(loss, Loss) else None
    if reduction in ("sum", "none"):
        name = type(loss).__name__
        raise ValueError(
            f"loss={name}(reduction={reduction!r}): fit and evaluate need the mean over a batch, loss=nn.{name}(). "
            "A sum would grow with the batch, and the steps with it."
        )


def check_optimiser(optimiser: Any, model: Module) -> None:
    """Refuse what cannot update this model."""
    if isinstance(optimiser, type):
        name = optimiser.__name__
        raise TypeError(
            f"optimiser is the class {name}: make one with the model's parameters, "
            f"optimiser=nn.{name}(model.parameters(), lr=0.1)."
        )
    if not callable(getattr(optimiser, "zero_grad", None)) or not callable(getattr(optimiser, "step", None)):
        by_lower = {kind.lower(): kind for kind in optim.__all__}
        meant = by_lower.get(str(optimiser).lower())
        example = f"optimiser=nn.{meant}(model.parameters())" if meant not in (None, "SGD") else OPTIMISER
        raise TypeError(
            f"optimiser={optimiser!r:.60}: give an optimiser with the model's parameters, {example}."
        )
    if isinstance(optimiser, Optimiser):
        own = {id(p) for p in model.parameters()}
        if not any(id(p) in own for p in optimiser.parameters()):
            raise ValueError(
                f"{optimiser!r} has none of this model's parameters: was it made for another model, or for the one "
                f"that this is a copy of? Make one for this: {OPTIMISER}."
            )


def check_schedule(name: str, schedule: Any, optimiser: Any) -> None:
    """Refuse what does not set the learning rate of this optimiser."""
    example = "nn.schedule.StepLR(optimiser, step_size=10)"
    if isinstance(schedule, type):
        raise TypeError(
            f"{name} is the class {schedule.__name__}: make one of your optimiser, such as {example}."
        )
    if not callable(getattr(schedule, "step", None)):
        raise TypeError(f"{name}={schedule!r:.60}: give a schedule of the learning rate, such as {example}.")
    if isinstance(schedule, Schedule) and schedule.optimiser is not optimiser:
        raise ValueError(
            f"{name} sets the learning rate of another optimiser: make both, and give both, "
            f"fit(..., optimiser=optimiser, {name}={type(schedule).__name__}(optimiser, ...))."
        )
    if name == "batch_schedule" and isinstance(schedule, ReduceLROnPlateau):
        raise TypeError(
            "batch_schedule: ReduceLROnPlateau looks at the results of an epoch; write schedule=..."
        )


def check_clip(norm: Any, value: Any) -> None:
    """Refuse bounds of gradients that are none."""
    for name, bound in (("clip_norm", norm), ("clip_value", value)):
        if bound is not None:
            number(name, bound, above=0, why="such as 1.0, or None for no bound")


def check_resume(resume: Any, checkpoint: Any) -> None:
    """Refuse to go on from nowhere."""
    if isinstance(checkpoint, type):
        raise TypeError(
            'checkpoint is a class: give a folder, checkpoint="runs/first", or nn.Checkpoint(folder).'
        )
    if resume is True and checkpoint is None:
        raise ValueError('resume=True: say from where, fit(..., checkpoint="runs/first", resume=True).')
    if not isinstance(resume, (bool, str, os.PathLike)):
        raise TypeError(f"resume={resume!r}: write True, False, or the path of a checkpoint.")


def batches_of(data: Any, batch_size: Any, rng: Any, dtype: Any) -> DataLoader:
    """The training set as a loader of (X, y)."""
    if not isinstance(data, DataLoader):
        size = 64 if batch_size is None else batch_size
        return DataLoader(pair(data, "data", dtype), size, shuffle=True, rng=rng)
    for name, value in (("batch_size", batch_size), ("rng", rng)):
        if value is not None:
            raise ValueError(
                f"{name}={value!r:.60}: data is a DataLoader, which brings its own batches in its own order. Give it "
                "to the loader: fit(model, nn.DataLoader((X, y), 64, shuffle=True, rng=0), epochs=10)."
            )
    if len(data.arrays) != 2:
        raise ValueError(
            f"data is a loader of {len(data.arrays)} arrays: fit needs inputs and labels, (X, y)."
        )
    if not len(data):
        raise ValueError(
            f"{data!r} has no batch: drop_last leaves out the only one, of {data.rows} rows. "
            "Use a smaller batch_size."
        )
    return data


def pair(data: Any, name: str, dtype: Any) -> tuple[Any, Any]:
    """(X, y), with a floating-point X in the dtype of the parameters."""
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise ValueError(f"{name} is {type(data).__name__}: give inputs and labels as a pair (X, y).")
    X, y = DataLoader(tuple(data)).arrays
    return in_dtype(X, dtype), y


def check_validation(validation: tuple[Any, Any], data: DataLoader, loss: Any) -> None:
    """Refuse a validation set that does not look like the training set, or is not all numbers."""
    (X, y), (like, _) = validation, data.arrays
    if X.shape[1:] != like.shape[1:] and data.transform is None:
        raise ShapeError(
            f"validation has rows of shape {X.shape[1:]}, and the training set of {like.shape[1:]}: "
            "treat both alike."
        )
    check_finite("validation", "inputs", X)
    check_targets("validation", y, loss)


def check_targets(name: str, y: Any, loss: Any) -> None:
    """Refuse labels that are not finite numbers; a loss of one's own may know what to do with them."""
    if of_library(loss):
        check_finite(name, "labels", y)


def check_finite(name: str, what: str, array: Any) -> None:
    """Refuse what is no number, nan or inf."""
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name}: the {what} have dtype {array.dtype}, where numbers are needed.")
    if isinstance(array, np.ndarray) and array.dtype.kind == "f":
        wrong = rows_not_finite(array)
        if wrong:
            raise ValueError(
                f"{name}: the {what} of {wrong} of {len(array)} rows are not all finite (nan or inf). "
                "Find them with np.isfinite, and drop or fill them."
            )
