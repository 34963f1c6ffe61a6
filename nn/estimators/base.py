"""What MLPClassifier and MLPRegressor share: scikit-learn's parameters, and how a network is made and trained."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..core.module import Module
from ..core.numbers import number, share, whole
from ..data import DataLoader
from ..layers import MLP, Linear, ReLU, Sigmoid, Tanh
from ..metrics import outputs
from ..metrics.scores import r2_score
from ..optim import LBFGS, SGD, Adam, Optimiser
from ..training.callbacks import EarlyStopping
from ..training.fit import fit
from ..training.history import History
from ..training.regularise import Regularised
from .lacking import check_settings

ACTIVATIONS: dict[str, Any] = {"identity": None, "logistic": Sigmoid, "tanh": Tanh, "relu": ReLU}
SOLVERS = ("adam", "sgd", "lbfgs")


class Patience(EarlyStopping):
    """scikit-learn's rule: stop after more than `patience` epochs in a row that were not better by tol than the best.

    The best is the best one seen before the epoch. EarlyStopping compares with the latest one that was better by
    min_delta, so that many small steps count there, and not here.
    """

    def __init__(self, patience: int, tol: float, monitor: str, restore_best: bool) -> None:
        super().__init__(patience, monitor=monitor, restore_best=restore_best)
        self.column, self.tol = monitor, tol

    def on_epoch_end(self, training: Any) -> None:
        """Better by tol, or one epoch more without."""
        before, number = self.monitor.best, training.history[self.column][-1]
        sign = 1.0 if self.monitor.mode == "max" else -1.0
        if self.monitor.better(training.history):
            self.best_epoch = training.epoch
            self.best_state = training.model.state_dict() if self.restore_best else None
        enough = before is None or sign * number >= sign * before + self.tol
        self.waited = 0 if enough else self.waited + 1
        if self.waited > self.patience:
            training.stop(f"{self.column} did not get better by tol={self.tol} in {self.waited} epochs")


class Network:
    """What both have: the parameters, and how a network is made of them and trained."""

    def __new__(cls, *args: Any, **settings: Any) -> Any:
        """Refuse settings that there are not."""
        check_settings(cls, settings)
        return super().__new__(cls)

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
        # Also where it goes on: by the settings of now, as scikit-learn's.
        self._optimiser = self._made(self.module_)
        validation = None
        if self.early_stopping:
            X, y, validation = self._split(X, y)
        self._train(X, y, self.max_iter, validation)
        if self.history_.stopped is None and not self.history_.interrupted:
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
            self._optimiser = self._made(self.module_)
        self._train(X, y, 1, None)
        return self

    def _check(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation={self.activation!r}: it is one of {', '.join(ACTIVATIONS)}.")
        if self.solver not in SOLVERS:
            raise ValueError(f"solver={self.solver!r}: it is one of {', '.join(SOLVERS)}.")
        for name, what in (("max_iter", "epochs"), ("n_iter_no_change", "epochs"), ("batch_size", "rows")):
            value = getattr(self, name)
            if name == "batch_size" and isinstance(value, str) and value == "auto":
                continue
            whole(name, value, why=f"a number of {what}")
        number("learning_rate_init", self.learning_rate_init, least=0)
        number("alpha", self.alpha, least=0)
        number("epsilon", self.epsilon, least=0)
        number("tol", self.tol, finite=False)
        for name in ("beta_1", "beta_2"):
            share(name, getattr(self, name), one=False)
        share("momentum", self.momentum)
        self._hidden()
        if self.early_stopping:
            share("validation_fraction", self.validation_fraction, zero=False, one=False)

    def _hidden(self) -> list[int]:
        """The units of each hidden layer."""
        hidden = self.hidden_layer_sizes
        each = hidden if isinstance(hidden, (list, tuple, np.ndarray)) else [hidden]
        return [whole("hidden_layer_sizes: units", units, why="the units of a layer") for units in each]

    def _begin(self, X: Any, y: Any) -> None:
        """New weights; nothing is learned yet."""
        from sklearn.utils import check_random_state

        self._rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31 - 1))
        sizes = [X.shape[1], *self._hidden(), self._width(y)]
        self.module_ = MLP(sizes, ACTIVATIONS[self.activation], dtype=X.dtype, rng=self._rng)
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
        size = 200 if isinstance(self.batch_size, str) else int(self.batch_size)
        size = rows if self.solver == "lbfgs" else min(size, rows)
        loss: Any = self._loss()
        if self.alpha:  # scikit-learn divides by the rows of a batch, not by all
            loss = Regularised(loss, self.module_, m=size, l2=self.alpha)
        stopping = Patience(
            self.n_iter_no_change,
            self.tol,
            monitor=f"val_{self.score_name}" if validation is not None else "loss",
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
        return outputs(self.module_, validated(self, X, reset=False, dtype=dtype))

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


def validated(estimator: Any, *data: Any, **settings: Any) -> Any:
    """X, or X and y, as arrays of finite numbers with as many columns as before."""
    try:
        from sklearn.utils.validation import validate_data
    except ImportError:  # before scikit-learn 1.6
        return estimator._validate_data(*data, **settings)
    return validate_data(estimator, *data, **settings)
