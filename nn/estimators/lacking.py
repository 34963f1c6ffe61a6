"""What is said of a setting that MLPClassifier and MLPRegressor do not have, scikit-learn's own above all."""

from __future__ import annotations

import difflib
import inspect
from typing import Any

# Parameters of scikit-learn's classes that these lack, and what to do about them.
LACKING = {
    "learning_rate": "The rate stays as it is, as with learning_rate='constant'; it is learning_rate_init",
    "power_t": "The rate stays as it is; it is learning_rate_init",
    "max_fun": 'solver="lbfgs" ends by max_iter',
    "loss": "It is cross-entropy for classes, half the mean square error for numbers. For others, write nn.fit(...)",
    **dict.fromkeys(("rng", "seed"), "Write random_state="),
    "lr": "Write learning_rate_init=",
    "epochs": "Write max_iter=",
}


def check_settings(cls: Any, given: dict[str, Any]) -> None:
    """Refuse settings that a class does not take.

    >>> import nn
    >>> nn.MLPClassifier(lr=0.1)
    Traceback (most recent call last):
    TypeError: MLPClassifier has no setting 'lr'. Write learning_rate_init=.
    """
    known = inspect.signature(cls.__init__).parameters
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" {LACKING[name]}." if name in LACKING else f" Did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"{cls.__name__} has no setting {name!r}.{hint}")
