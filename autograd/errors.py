"""The exceptions. Each message says what happened, why, and what to write instead.

They derive from the built-in exception that a NumPy or Python user would catch, so `except ValueError` keeps working.
"""

from numpy.linalg import LinAlgError


class AutogradError(Exception):
    """Base of every exception that the engine raises on purpose."""


class ShapeError(AutogradError, ValueError):
    """Arrays whose shapes do not fit together."""


class DomainError(AutogradError, ValueError):
    """A number outside the domain of a scalar operation, such as log(-1)."""


class MatrixError(DomainError, LinAlgError):
    """A matrix for which an operation is not defined: singular, not positive definite, with equal eigenvalues."""


class DtypeError(AutogradError, TypeError):
    """Data that cannot carry a gradient: complex numbers, objects, text, an integer dtype that was asked for."""


class GradientError(AutogradError, RuntimeError):
    """A gradient that cannot be had: no history, a root that is not a scalar, a graph without tracked inputs."""


class MutationError(AutogradError, TypeError):
    """An attempt to overwrite data that a recorded graph still needs."""


class UnknownOpError(AutogradError, NotImplementedError):
    """A NumPy function for which the engine has no derivative."""


class AnomalyError(AutogradError, ArithmeticError):
    """A nan or inf that appeared inside `detect_anomaly()`; the message names the op and the line."""


class GradientWarning(UserWarning):
    """Something about a gradient that is probably not what was meant, such as reading one that was not kept."""
