"""MLPClassifier and MLPRegressor: networks with scikit-learn's interface, for its pipelines, searches and scores.

The two classes are made when they are first asked for, because they derive from scikit-learn's, which `import nn` does
not load. Parameters and attributes that scikit-learn's own classes of these names have too mean the same here.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd

from ..losses import CrossEntropyLoss, MSELoss
from .base import Network, validated

if TYPE_CHECKING:
    MLPClassifier: Any
    MLPRegressor: Any


class Classifier(Network):
    """A fully connected network that tells classes apart, with scikit-learn's interface.

    hidden_layer_sizes: units of each hidden layer. activation: "identity", "logistic", "tanh" or "relu". solver:
    "adam", "sgd", or "lbfgs" (all rows at once). alpha: strength of the L2 price. batch_size: "auto" is 200, or all
    rows if they are fewer. max_iter: epochs at most; it stops earlier if for more than n_iter_no_change epochs in a row
    the loss is not better by tol than the lowest before, or, with early_stopping, the accuracy on a share of
    validation_fraction of the rows, which is then left out of training. random_state: a seed, a RandomState or None.
    verbose draws a progress bar.

    Other than in scikit-learn, two classes have two outputs and a softmax (n_outputs_ 2, out_activation_ "softmax"); a
    row has one label, and no sample_weight; "lbfgs" has no max_fun; and "sgd" no learning_rate that changes.

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

        X, y = validated(self, X, y, reset=reset, dtype=(np.float64, np.float32))
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

        X, y = validated(
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


def _make(name: str) -> Any:
    try:
        from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    except ImportError:
        raise ImportError(f"nn.{name} needs scikit-learn: pip install 'gradlens[data]'") from None
    kind, mixin = {
        "MLPClassifier": (Classifier, ClassifierMixin),
        "MLPRegressor": (Regressor, RegressorMixin),
    }[name]
    own = {"__doc__": kind.__doc__, "__module__": __name__}
    return type(name, (kind, mixin, BaseEstimator), own | _methods(name, kind))


def _methods(name: str, kind: Any) -> dict[str, Any]:
    """The public methods and __init__ of a class, under its public name: Python's errors begin with it."""
    found = {}
    for attribute in dir(kind):
        method = getattr(kind, attribute)
        public = attribute == "__init__" or not attribute.startswith("_")
        if public and isinstance(method, FunctionType):
            own = FunctionType(
                method.__code__, method.__globals__, attribute, method.__defaults__, method.__closure__
            )
            own.__kwdefaults__, own.__annotations__ = method.__kwdefaults__, method.__annotations__
            own.__doc__, own.__module__, own.__qualname__ = method.__doc__, __name__, f"{name}.{attribute}"
            found[attribute] = own
    return found


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name not in ("MLPClassifier", "MLPRegressor"):
            raise AttributeError(f"module {__name__!r} has no {name!r}.")
        return globals().setdefault(name, _make(name))
