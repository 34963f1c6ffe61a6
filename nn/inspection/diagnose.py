"""diagnose: bias or variance, read off the errors on train and dev, and what to try first."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.module import Module
from ..core.numbers import number, share
from .signals import activation_statistics
from .trend import DIVERGING, IMPROVING, OSCILLATING, SHORT, SLOW, STUCK, barely_fell, trend, turned

BIGGER = "a bigger network: more units, then more layers"
LESS_REGULARISATION = "less regularisation, if there is any: dropout, weight decay, L2"
OTHER_OPTIMISER = "another optimiser (nn.Adam after nn.SGD, nn.SGD after nn.Adam), or another learning rate"
MORE_DATA = "more training data"
AUGMENT = "data augmentation: nn.augment"
L2 = "L2: fit(..., l2=...), or weight_decay of the optimiser"
DROPOUT = "dropout"
EARLY = "early stopping, nn.EarlyStopping"
SMALLER = "a smaller network"
STANDARDISE = "inputs on one scale: nn.Standardiser"
ORDER = (
    "to get further, tune the learning rate first; then momentum, hidden units and batch size; then the number of "
    "layers and the decay of the learning rate"
)
INIT = 'initial weights that fit the activation: init="he_normal" for ReLU, "xavier_normal" for tanh'
NORMALISE = "batch normalisation before the activations"
CLIP = "nn.clip_grad_norm_ between backward() and step()"
LEAKY = "a leaky ReLU, or a smaller learning rate: a dead unit gets no gradient any more"
GRADIENTS = "autograd.check_grads on the model, if a gradient of it was written by hand"


class Diagnosis:
    """What `diagnose` found. `verdict` and `trend` in words, `findings` and `advice` as lists, what to try first first.

    train_error, dev_error, target: shares of wrong rows where the history has accuracies, else losses. bias is
    train_error - target, variance is dev_error - train_error, None without a dev set. high_bias and high_variance say
    whether they are above the tolerance. best_epoch is where the dev loss was lowest, if it has risen since.
    """

    def __init__(self, unit: str, train: float, dev: float | None, target: float) -> None:
        self.unit, self.train_error, self.dev_error, self.target = unit, train, dev, target
        self.bias = train - target
        self.variance = None if dev is None else dev - train
        self.high_bias = self.high_variance = False
        self.trend = self.verdict = ""
        self.best_epoch: int | None = None
        self.findings: list[str] = []
        self.advice: list[str] = []

    def _number(self, x: float | None) -> str:
        if x is None:
            return "unknown"
        return f"{100 * x:.1f} %" if self.unit == "error" else f"{x:.4g}"

    def __str__(self) -> str:
        dev = "" if self.dev_error is None else f", dev {self.unit} {self._number(self.dev_error)}"
        errors = (
            f"train {self.unit} {self._number(self.train_error)}{dev}, target {self._number(self.target)}"
        )
        lines = [
            f"{self.verdict}; the training loss is {self.trend}",
            f"{errors}: bias {self._number(self.bias)}, variance {self._number(self.variance)}",
            *(f"- {finding}" for finding in self.findings),
        ]
        if self.advice:
            lines += ["try, in this order:", *(f"{i}. {text}" for i, text in enumerate(self.advice, 1))]
        return "\n".join(lines)

    def __repr__(self) -> str:
        bias, variance = self._number(self.bias), self._number(self.variance)
        return f"Diagnosis({self.verdict!r}, trend={self.trend!r}, bias={bias}, variance={variance})"


def diagnose(
    history: Any, *, target: float = 0.0, tolerance: float | None = None, model: Any = None, X: Any = None
) -> Diagnosis:
    """Say what holds a network back: bias (it has not learned the training set), variance (only that), or its training.

    history: what `fit` returned, or the DivergedError that it raised. target: the error that can be reached, such as a
    human's, in the same unit: a share of wrong rows where there are accuracies, else a loss. tolerance: from where on
    bias and variance are high; if not given, 0.02 of the rows, or a tenth of the first epoch's loss. model and X (rows
    of the training set): looked at for dead and saturated units, vanishing gradients and the scale of the inputs.

    Numbers of an epoch under dropout make the training error look larger than it is. The steps are those of Andrew Ng,
    Machine Learning Yearning (2018): bias first, then variance.

    >>> from nn import History
    >>> history = History()
    >>> for loss, dev in ((1.0, 1.0), (0.4, 0.6), (0.1, 0.5), (0.05, 0.55), (0.04, 0.6), (0.03, 0.7)):
    ...     history.add(loss=loss, accuracy=1 - loss / 3, val_loss=dev, val_accuracy=1 - dev / 5)
    >>> found = diagnose(history)
    >>> found.verdict, found.best_epoch
    ('high variance', 3)
    >>> print(found.advice[0])
    early stopping, nn.EarlyStopping: the dev loss was lowest after epoch 3
    """
    history, exploded = getattr(history, "history", history), isinstance(history, ArithmeticError)
    if not hasattr(history, "loss"):
        raise TypeError(f"diagnose needs the History that fit returned, not {type(history).__name__}.")
    if not len(history.loss) and not exploded:
        raise ValueError("diagnose: the history has no epoch. Train at least one.")
    found = _errors(history, target, tolerance)
    found.trend = DIVERGING if exploded else trend(history.loss)
    found.best_epoch = turned(history.val_loss)
    causes = _inside(found, history, model, X)
    if found.trend == DIVERGING:
        found.verdict = DIVERGING
    elif found.high_bias or found.high_variance:
        high = [name for name in ("bias", "variance") if getattr(found, f"high_{name}")]
        found.verdict = "high " + " and high ".join(high)
    else:
        found.verdict = "low bias, and no dev set to see the variance" if found.variance is None else "fine"
    found.advice = list(dict.fromkeys([*causes, *_advice(found, history)]))
    return found


def _errors(history: Any, target: float, tolerance: float | None) -> Diagnosis:
    """Train and dev error of the last epoch, and whether bias and variance are high."""
    why = "the error that can be reached, in the unit of the history"
    if history.accuracy:
        target = share("target", target, why=f"{why}, here a share of wrong rows")
        train = 1 - history.accuracy[-1]
        dev = 1 - history.val_accuracy[-1] if history.val_accuracy else None
        found, limit = Diagnosis("error", train, dev, target), 0.02
    else:
        target = number("target", target, why=f"{why}, here a loss")
        train = history.loss[-1] if history.loss else math.nan
        found = Diagnosis("loss", train, history.val_loss[-1] if history.val_loss else None, target)
        limit = 0.1 * abs(history.loss[0]) if history.loss else 0.0
    if tolerance is not None:
        limit = number("tolerance", tolerance, least=0, finite=False)
    found.high_bias = not found.bias <= limit + 1e-9
    found.high_variance = found.variance is not None and not found.variance <= limit + 1e-9
    return found


def _advice(found: Diagnosis, history: Any) -> list[str]:
    """What to try, in order."""
    rate = f" than {history.lr[-1]:.3g}" if getattr(history, "lr", None) else ""
    if found.trend == DIVERGING:
        return [f"a learning rate ten times smaller{rate}", STANDARDISE, CLIP, INIT, GRADIENTS]
    advice = []
    if found.trend == OSCILLATING:
        advice += [f"a learning rate three to ten times smaller{rate}, or one that decays", "larger batches"]
    if found.high_bias:
        hardly = found.trend == SHORT and barely_fell(history.loss)
        if hardly:
            advice += [
                f"hardly learned yet: a learning rate ten times larger{rate}, more epochs",
                STANDARDISE,
            ]
        elif found.trend == SHORT:
            advice += [f"more epochs than {len(history.loss)}"]
        if found.trend in (SLOW, STUCK):
            advice += [f"a learning rate ten times larger{rate}", STANDARDISE, INIT]
        if found.trend in (SLOW, IMPROVING):
            advice += ["more epochs: the loss is still falling"]
        advice += [BIGGER, "more epochs", OTHER_OPTIMISER, LESS_REGULARISATION, NORMALISE]
        if found.trend == STUCK:
            advice += [GRADIENTS]
        if found.trend in (SLOW, IMPROVING, SHORT):
            advice.remove("more epochs")
    if found.high_variance:
        early = f"{EARLY}: the dev loss was lowest after epoch {found.best_epoch}"
        advice += [early] if found.best_epoch else []
        advice += [MORE_DATA, L2, DROPOUT, AUGMENT]
        advice += [] if found.best_epoch else [EARLY]
        advice += [] if found.high_bias else [SMALLER]
    if found.variance is None:
        advice += ["a dev set: fit(..., validation=(X_dev, y_dev))"]
    elif not advice:
        advice += ["the test set, once", ORDER]
    return advice


def _inside(found: Diagnosis, history: Any, model: Any, X: Any) -> list[str]:
    """Findings from the gradients of the history and from the model itself, and what to do about them."""
    causes: list[str] = []
    if found.best_epoch:
        lowest, now = history.val_loss[found.best_epoch - 1], history.val_loss[-1]
        found.findings.append(
            f"the dev loss was lowest after epoch {found.best_epoch}, {lowest:.4g}, and is {now:.4g} now"
        )
    norms = [values[-1] for values in getattr(history, "gradient_norms", {}).values() if values]
    if len(norms) > 1:
        _gradients(found, causes, norms[0], norms[-1])
    if (model is None) != (X is None):
        raise TypeError("diagnose looks into the model with both, model=model and X=X.")
    if model is None:
        return causes
    if not isinstance(model, Module):
        raise TypeError(f"model is {type(model).__name__}, where a Module is needed.")
    X = np.asarray(X)[:1000]
    columns = X.reshape(len(X), -1).astype(np.float64)
    largest = float(max(columns.std(axis=0).max(), np.abs(columns.mean(axis=0)).max()))
    if largest > 10:
        found.findings.append(f"an input has a mean or a standard deviation of {largest:.3g}")
        causes.append(STANDARDISE)
    layers = list(activation_statistics(model, X))
    for s in layers:
        if s.dead > 0.2:
            found.findings.append(
                f"{100 * s.dead:.0f} % of the units of layer {s.layer!r} ({s.kind}) are dead"
            )
            causes += [LEAKY, INIT]
        elif s.kind in ("sigmoid", "tanh") and s.saturated > 0.5:
            found.findings.append(f"{100 * s.saturated:.0f} % of layer {s.layer!r} ({s.kind}) is saturated")
            causes += [INIT, NORMALISE]
    if len(layers) > 1:
        _gradients(found, causes, layers[0].gradient, layers[-1].gradient)
    return causes


def _gradients(found: Diagnosis, causes: list[str], first: float, last: float) -> None:
    """The size of the gradient in the first layer against that in the last."""
    if first < 1e-3 * last:
        found.findings.append(f"gradients vanish: {first:.2g} in the first layer, {last:.2g} in the last")
        causes += [INIT, NORMALISE, "ReLU in place of sigmoid and tanh"]
    elif first > 1e3 * last:
        found.findings.append(f"gradients explode: {first:.2g} in the first layer, {last:.2g} in the last")
        causes += [INIT, CLIP]
