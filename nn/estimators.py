"""MLPClassifier and MLPRegressor: networks with scikit-learn's interface, for its pipelines, searches and scores.

The two classes are made when they are first asked for, because they derive from scikit-learn's, which `import nn` does
not load. Parameters and attributes that scikit-learn's own classes of these names have too mean the same here.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd

from .callbacks import EarlyStopping
from .data import DataLoader
from .history import History
from .layers import MLP, Linear, ReLU, Sequential, Sigmoid, Tanh
from .losses import CrossEntropyLoss, MSELoss
from .metrics import outputs
from .module import Module
from .optim import LBFGS, SGD, Adam, Optimiser
from .regularise import Regularised
from .scores import r2_score
from .train import fit

if TYPE_CHECKING:
    MLPClassifier: Any
    MLPRegressor: Any

ACTIVATIONS: dict[str, Any] = {"identity": None, "logistic": Sigmoid, "tanh": Tanh, "relu": ReLU}
SOLVERS = ("adam", "sgd", "lbfgs")


class Network:
    """What both have: the parameters, and how a network is made of them and trained."""

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate_init: float = 0.001,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: int = 10,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change

    module_: Module
    score_name = "accuracy"

    def fit(self, X: Any, y: Any) -> Any:
        """Train on X (rows, features) and y (rows,), anew unless warm_start; returns the estimator."""
        self._check()
        again = self.warm_start and hasattr(self, "module_")
        X, y = self._taken(X, y, reset=not again)
        if not again:
            self._begin(X, y)
        validation = None
        if self.early_stopping:
            X, y, validation = self._split(X, y)
        self._train(X, y, self.max_iter, validation)
        if self.history_.stopped is None and self.max_iter:
            from sklearn.exceptions import ConvergenceWarning

            warnings.warn(
                f"training ended after max_iter={self.max_iter} epochs, and the loss was still getting better. Allow "
                "more of them, or a larger learning_rate_init.",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def _partial(self, X: Any, y: Any, first: bool) -> Any:
        """One more epoch."""
        self._check()
        if self.early_stopping or self.solver == "lbfgs":
            raise ValueError(
                "partial_fit makes one epoch: without early_stopping, and with solver 'adam' or 'sgd'."
            )
        X, y = self._taken(X, y, reset=first)
        if first:
            self._begin(X, y)
        self._train(X, y, 1, None)
        return self

    def _check(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation={self.activation!r}: it is one of {', '.join(ACTIVATIONS)}.")
        if self.solver not in SOLVERS:
            raise ValueError(f"solver={self.solver!r}: it is one of {', '.join(SOLVERS)}.")
        for name in ("max_iter", "n_iter_no_change"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
                raise ValueError(f"{name}={value!r}: it is a whole number of epochs, from 1 on.")
        if self.early_stopping and not 0 < self.validation_fraction < 1:
            raise ValueError(
                f"validation_fraction={self.validation_fraction!r}: it is a share between 0 and 1."
            )

    def _begin(self, X: Any, y: Any) -> None:
        """New weights, and an optimiser that has seen nothing."""
        from sklearn.utils import check_random_state

        self._rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31 - 1))
        hidden = self.hidden_layer_sizes
        sizes = [
            X.shape[1],
            *(hidden if isinstance(hidden, (Sequence, np.ndarray)) else [hidden]),
            self._width(y),
        ]
        activation = ACTIVATIONS[self.activation]
        if activation is None:
            layers = (Linear(a, b, dtype=X.dtype, rng=self._rng) for a, b in pairwise(sizes))
            self.module_ = Sequential(*layers)
        else:
            self.module_ = MLP([int(n) for n in sizes], activation, dtype=X.dtype, rng=self._rng)
        self._optimiser = self._made(self.module_)
        self.history_ = History()
        self.n_layers_, self.n_outputs_, self.n_iter_, self.t_ = len(sizes), sizes[-1], 0, 0
        self.loss_curve_: list[float] = []

    def _made(self, model: Module) -> Optimiser:
        rate = self.learning_rate_init
        if self.solver == "adam":
            return Adam(model.parameters(), rate, (self.beta_1, self.beta_2), self.epsilon)
        if self.solver == "sgd":
            nesterov = bool(self.nesterovs_momentum and self.momentum)
            return SGD(model.parameters(), rate, momentum=self.momentum, nesterov=nesterov)
        return LBFGS(model.parameters(), max_iter=1, max_eval=25, line_search_fn="strong_wolfe")

    def _train(self, X: Any, y: Any, epochs: int, validation: Any) -> None:
        rows = len(X)
        size = (
            min(200, rows)
            if isinstance(self.batch_size, str) and self.batch_size == "auto"
            else self.batch_size
        )
        size = rows if self.solver == "lbfgs" else min(size, rows)
        loss: Any = self._loss()
        if self.alpha:  # scikit-learn divides by the rows of a batch, not by all
            loss = Regularised(loss, self.module_, m=size, l2=self.alpha)
        stopping = EarlyStopping(
            self.n_iter_no_change,
            monitor=f"val_{self.score_name}" if validation is not None else "loss",
            min_delta=self.tol,
            restore_best=validation is not None,
        )
        history = fit(
            self.module_,
            DataLoader((X, y), size, shuffle=bool(self.shuffle), rng=self._rng),
            epochs=int(epochs),
            optimiser=self._optimiser,
            loss=loss,
            validation=validation,
            metrics={"r2": r2_score} if self.score_name == "r2" and validation is not None else None,
            callbacks=stopping,
            progress=bool(self.verbose),
        )
        self.history_ = history
        self.n_iter_ += len(history)
        self.t_ += rows * len(history)
        self.loss_curve_ = [*self.loss_curve_, *history.loss]
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else None
        self.best_loss_ = None if validation is not None else min(self.loss_curve_, default=None)
        self.validation_scores_ = history[f"val_{self.score_name}"] if validation is not None else None
        self.best_validation_score_ = stopping.monitor.best if validation is not None else None

    def _split(self, X: Any, y: Any) -> tuple[Any, Any, Any]:
        """A part of the rows to decide when to stop."""
        from sklearn.model_selection import train_test_split

        X, Xv, y, yv = train_test_split(
            X,
            y,
            test_size=self.validation_fraction,
            random_state=int(self._rng.integers(2**31 - 1)),
            stratify=y if self.score_name == "accuracy" else None,
        )
        if len(Xv) < 2:
            raise ValueError(
                f"early_stopping: {len(Xv)} row is left to validate with; a score needs two at least."
            )
        return X, y, (Xv, yv)

    def _outputs(self, X: Any) -> Any:
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self, "module_")
        dtype = next(self.module_.parameters()).dtype
        return outputs(self.module_, _validated(self, X, reset=False, dtype=dtype))

    @property
    def coefs_(self) -> list[Any]:
        """The weights of each layer, (inputs, outputs) as in scikit-learn."""
        return [layer.weight.numpy().T for layer in self._layers()]

    @property
    def intercepts_(self) -> list[Any]:
        """The biases of each layer."""
        return [layer.bias.numpy() for layer in self._layers()]

    def _layers(self) -> list[Any]:
        if "module_" not in vars(self):
            raise AttributeError(f"this {type(self).__name__} has no weights before fit().")
        return [module for module in self.module_.modules() if isinstance(module, Linear)]

    # --- what differs

    def _taken(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        raise NotImplementedError

    def _width(self, y: Any) -> int:
        raise NotImplementedError

    def _loss(self) -> Any:
        raise NotImplementedError


class Classifier(Network):
    """A fully connected network that tells classes apart, with scikit-learn's interface.

    hidden_layer_sizes: units of each hidden layer. activation: "identity", "logistic", "tanh" or "relu". solver:
    "adam", "sgd", or "lbfgs" (all rows at once). alpha: strength of the L2 price. batch_size: "auto" is 200, or all
    rows if they are fewer. max_iter: epochs at most; it stops earlier if the loss does not get better by tol in
    n_iter_no_change epochs, or, with early_stopping, the accuracy on a share of validation_fraction of the rows, which
    is then left out of training. random_state: a seed, a RandomState or None. verbose draws a progress bar.

    After fit: classes_, n_iter_, loss_curve_, loss_, coefs_, intercepts_; module_, the network, and history_.

    >>> import nn
    >>> X, y = np.array([[-2.0], [-1.0], [1.0], [2.0]] * 5), np.array(["no", "no", "yes", "yes"] * 5)
    >>> model = nn.MLPClassifier((8,), learning_rate_init=0.1, max_iter=60, tol=0.01, random_state=0).fit(X, y)
    >>> model.predict([[-3.0], [3.0]]).tolist(), model.score(X, y)
    (['no', 'yes'], 1.0)
    """

    classes_: Any
    out_activation_ = "softmax"

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Any:
        """One epoch on these rows; the first call needs all classes there will be."""
        first = not hasattr(self, "module_")
        if first and classes is None:
            raise ValueError("partial_fit: give classes, all that there will be, in the first call.")
        if first:
            self._given = np.unique(classes)
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(
                f"partial_fit: classes were {self.classes_} in the first call, and are {classes} now."
            )
        try:
            return self._partial(X, y, first)
        finally:
            vars(self).pop("_given", None)

    def predict(self, X: Any) -> Any:
        """The most probable class of each row."""
        scores = self._outputs(X)
        return self.classes_[scores.argmax(axis=1)]

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, in the order of classes_: (rows, classes)."""
        return autograd.softmax(self._outputs(X), axis=1)

    def predict_log_proba(self, X: Any) -> Any:
        """The logarithms of the probabilities."""
        return autograd.log_softmax(self._outputs(X), axis=1)

    def _taken(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        from sklearn.utils.multiclass import check_classification_targets

        X, y = _validated(self, X, y, reset=reset, dtype=(np.float64, np.float32))
        check_classification_targets(y)
        found = np.unique(y)
        if reset:
            self.classes_ = vars(self).get("_given", found)
        if not np.isin(found, self.classes_).all():
            raise ValueError(f"y has classes {found}, and those known from before are {self.classes_}.")
        return X, np.searchsorted(self.classes_, y)

    def _width(self, y: Any) -> int:
        return len(self.classes_)

    def _loss(self) -> Any:
        return CrossEntropyLoss()


class Regressor(Network):
    """A fully connected network for numbers, with scikit-learn's interface; y may have several columns.

    The parameters are those of MLPClassifier; the loss is half the mean square error, and early_stopping looks at R^2.

    >>> import nn
    >>> X = np.linspace(-1, 1, 40)[:, None]
    >>> model = nn.MLPRegressor((16,), solver="lbfgs", random_state=0).fit(X, 3 * X[:, 0] - 1)
    >>> model.score(X, 3 * X[:, 0] - 1) > 0.999
    True
    """

    score_name = "r2"
    out_activation_ = "identity"

    def partial_fit(self, X: Any, y: Any) -> Any:
        """One epoch on these rows."""
        return self._partial(X, y, not hasattr(self, "module_"))

    def predict(self, X: Any) -> Any:
        """The number, or the numbers, of each row."""
        numbers = self._outputs(X)
        return numbers[:, 0] if self._flat else numbers

    def _taken(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        from sklearn.utils.validation import column_or_1d

        X, y = _validated(
            self, X, y, reset=reset, dtype=(np.float64, np.float32), multi_output=True, y_numeric=True
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if reset:
            self._flat = y.ndim == 1
        y = y.reshape(len(y), -1).astype(X.dtype)
        if not reset and y.shape[1] != self.n_outputs_:
            raise ValueError(f"y has {y.shape[1]} columns, and had {self.n_outputs_} before.")
        return X, y

    def _width(self, y: Any) -> int:
        return int(y.shape[1])

    def _loss(self) -> Any:
        mean = MSELoss()
        return lambda predicted, y: mean(predicted, y) * 0.5

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.target_tags.multi_output = True
        return tags

    def _more_tags(self) -> dict[str, Any]:
        return {"multioutput": True}  # the same, before scikit-learn 1.6


def _validated(estimator: Any, *data: Any, **settings: Any) -> Any:
    """X, or X and y, as arrays of finite numbers with as many columns as before."""
    try:
        from sklearn.utils.validation import validate_data
    except ImportError:  # before scikit-learn 1.6
        return estimator._validate_data(*data, **settings)
    return validate_data(estimator, *data, **settings)


def _make(name: str) -> Any:
    try:
        from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    except ImportError:
        raise ImportError(f"nn.{name} needs scikit-learn: pip install 'gradlens[data]'") from None
    kind, mixin = {
        "MLPClassifier": (Classifier, ClassifierMixin),
        "MLPRegressor": (Regressor, RegressorMixin),
    }[name]
    return type(name, (kind, mixin, BaseEstimator), {"__doc__": kind.__doc__, "__module__": __name__})


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name not in ("MLPClassifier", "MLPRegressor"):
            raise AttributeError(f"module {__name__!r} has no {name!r}.")
        return globals().setdefault(name, _make(name))
