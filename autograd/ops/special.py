"""Functions that NumPy has no ufunc for: the error function, sinc, logit and xlogy.

Each forward function is NumPy arithmetic that any array library dispatches on. Where a formula loses digits, another
takes over, so that values and both derivatives are right on the whole line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..primitive import Primitive, elementwise, registry
from .elementwise import exp, log, where

__all__ = ["erf", "erfc", "logit", "sinc", "xlogy"]

# --- the error function: four intervals, with the formulas and coefficients of fdlibm's s_erf.c (Sun Microsystems,
# 1993), which are right to one unit in the last place. Each pair is P and Q of a ratio, highest power first.

_NEAR = (  # erf(x) = x + x P(z) / Q(z) with z = x*x, up to 0.84375
    (-2.37630166566501626084e-05, -5.77027029648944159157e-03, -2.84817495755985104766e-02,
     -3.25042107247001499370e-01, 1.28379167095512558561e-01),
    (-3.96022827877536812320e-06, 1.32494738004321644526e-04, 5.08130628187576562776e-03,
     6.50222499887672944485e-02, 3.97917223959155352819e-01, 1.0),
)  # fmt: skip
_ONE = 8.45062911510467529297e-01  # erf(x) = this + P(s) / Q(s) with s = x - 1, up to 1.25
_AROUND_ONE = (
    (-2.16637559486879084300e-03, 3.54783043256182359371e-02, -1.10894694282396677476e-01,
     3.18346619901161753674e-01, -3.72207876035701323847e-01, 4.14856118683748331666e-01,
     -2.36211856075265944077e-03),
    (1.19844998467991074170e-02, 1.36370839120290507362e-02, 1.26171219808761642112e-01,
     7.18286544141962662868e-02, 5.40397917702171048937e-01, 1.06420880400844228286e-01, 1.0),
)  # fmt: skip
_MIDDLE = (  # erfc(x) = exp(-x*x - 0.5625 + P(z) / Q(z)) / x with z = 1 / (x*x), up to 1 / 0.35
    (-9.81432934416914548592e00, -8.12874355063065934246e01, -1.84605092906711035994e02,
     -1.62396669462573470355e02, -6.23753324503260060396e01, -1.05586262253232909814e01,
     -6.93858572707181764372e-01, -9.86494403484714822705e-03),
    (-6.04244152148580987438e-02, 6.57024977031928170135e00, 1.08635005541779435134e02,
     4.29008140027567833386e02, 6.45387271733267880336e02, 4.34565877475229228821e02,
     1.37657754143519042600e02, 1.96512716674392571292e01, 1.0),
)  # fmt: skip
_FAR = (  # the same beyond
    (-4.83519191608651397019e02, -1.02509513161107724954e03, -6.37566443368389627722e02,
     -1.60636384855821916062e02, -1.77579549177547519889e01, -7.99283237680523006574e-01,
     -9.86494292470009928597e-03),
    (-2.24409524465858183362e01, 4.74528541206955367215e02, 2.55305040643316442583e03,
     3.19985821950859553908e03, 1.53672958608443695994e03, 3.25792512996573918826e02,
     3.03380607434824582924e01, 1.0),
)  # fmt: skip
_BORDERS = (0.84375, 1.25, 1 / 0.35)


def _ratio(x: Any, coefficients: Any) -> Any:
    """P(x) / Q(x), by Horner's scheme, in place where the library can."""
    polynomials = []
    for first, *others in coefficients:
        total = x * first
        for c in others[:-1]:
            total += c
            total *= x
        total += others[-1]
        polynomials.append(total)
    p, q = polynomials
    return p / q


def _tail(x: Any, coefficients: Any) -> Any:
    """erfc(x) for x >= 1.25. The large part of the exponent is the square of a number h with few bits: it is exact."""
    h = np.rint(x * 16) / 16
    r = _ratio(1 / (x * x), coefficients)
    return np.exp(-h * h - 0.5625) * np.exp((h - x) * (h + x) + r) / x


def _by_interval(x: Any, pieces: Sequence[Callable[[Any], Any]]) -> Any:
    """For each element the function of its interval; nan counts to the last."""
    low, middle, high = _BORDERS
    if x.__class__ is np.ndarray:  # each function sees its own elements only (64k float64: 1.1 ms against 13)
        out = np.empty(x.size, x.dtype)
        flat = x.reshape(-1)
        which = (flat > low).astype(np.int8) + (flat > middle) + ~(flat <= high)
        for i, function in enumerate(pieces):
            here = np.flatnonzero(which == i)
            if here.size:
                out[here] = function(flat[here])
        return out.reshape(x.shape)
    # In an interval's formula the other elements are brought to its borders, so that nothing overflows.
    y = pieces[-1](np.maximum(x, high))
    for function, start, end in zip(pieces[2::-1], (middle, low, 0), (high, middle, low)):
        y = np.where(x <= end, function(np.minimum(np.maximum(x, start), end)), y)
    return y


def _near(x: Any) -> Any:
    return x + x * _ratio(x * x, _NEAR)


def _near_complement(x: Any) -> Any:
    return np.where(x < 0.25, 1 - _near(x), 0.5 - ((x - 0.5) + x * _ratio(x * x, _NEAR)))


_ERF = (
    _near,
    lambda x: _ONE + _ratio(x - 1, _AROUND_ONE),
    lambda x: 1 - _tail(x, _MIDDLE),
    lambda x: 1 - _tail(x, _FAR),
)
_ERFC = (
    _near_complement,
    lambda x: (1 - _ONE) - _ratio(x - 1, _AROUND_ONE),
    lambda x: _tail(x, _MIDDLE),
    lambda x: _tail(x, _FAR),
)


def _erf(x: Any) -> Any:
    return _evaluated(math.erf, lambda z: np.copysign(_by_interval(np.minimum(np.abs(z), 28), _ERF), z), x)


def _erfc(x: Any) -> Any:
    def both_sides(z: Any) -> Any:
        y = _by_interval(np.minimum(np.abs(z), 28), _ERFC)  # erfc(28) is 0 in double precision
        return np.where(z < 0, 2 - y, y)

    return _evaluated(math.erfc, both_sides, x)


def _evaluated(scalar: Callable[[float], float], formula: Callable[[Any], Any], x: Any) -> Any:
    """The formula of an array of floats; of float16, whose numbers end at 65504, by way of float32."""
    x = x if getattr(x, "dtype", np.dtype(int)).kind == "f" else x * 1.0
    if x.__class__ is np.ndarray and x.size < 300:  # one by one is quicker (4 elements: 1 us against 22)
        return np.fromiter(map(scalar, x.ravel().tolist()), x.dtype, x.size).reshape(x.shape)
    return formula(x.astype(np.float32)).astype(np.float16) if x.dtype == np.float16 else formula(x)


# --- sinc: with z = pi x it is the spherical Bessel function j0(z). Its slope over x is an even function, with no pole,
# and so on: ((d/dx) / x)**n sinc(x) = (-pi**2)**n jn(z) / z**n. No derivative needs a case for 0 then. Series and
# recurrence of jn: NIST Digital Library of Mathematical Functions, 10.53.1 and 10.51.1.


def _sinc_bend(x: Any, order: int = 1) -> Any:
    z = math.pi * np.abs(x)
    half = np.minimum(z, 2) ** 2 / 2
    near = 1.0  # the series, where the recurrence loses digits
    for k in range(15, 0, -1):
        near = 1 - half / (k * (2 * order + 2 * k + 1)) * near
    far = np.maximum(z, 2)
    before, now = np.cos(far), np.sin(far) / far
    for n in range(order):
        before, now = now, ((2 * n + 1) * now - before) / (far * far)
    odd = math.prod(range(1, 2 * order + 2, 2))
    return (-(math.pi**2)) ** order * np.where(z < 2, near / odd, now)


def _logit(x: Any, eps: float | None = None) -> Any:
    x = x if eps is None else np.minimum(np.maximum(x, eps), 1 - eps)
    return np.log(x / (1 - x))


def _logit_scalar(x: float, eps: float | None = None) -> float:
    x = x if eps is None else min(max(x, eps), 1 - eps)
    return math.log(x / (1 - x))


def _logit_slope(y: Any, x: Any, eps: float | None = None) -> Any:
    if eps is None:
        return 1 / (x * (1 - x))
    inside = where(x < eps, eps, where(x > 1 - eps, 1 - eps, x))
    return where(x == inside, 1, 0) / (inside * (1 - inside))


def _xlogy(a: Any, b: Any) -> Any:
    return a * np.log(np.where((a == 0) & (b == b), 1.0, b))


# --- the ops

erf: Primitive = elementwise("erf", lambda y, x: 2 / math.sqrt(math.pi) * exp(-x * x), forward=_erf)
erfc: Primitive = elementwise("erfc", lambda y, x: -2 / math.sqrt(math.pi) * exp(-x * x), forward=_erfc)
sinc: Primitive = elementwise("sinc", lambda y, x: x * sinc_bend(x))
sinc_bend: Primitive = elementwise(
    "sinc_bend",
    lambda y, x, order=1: x * sinc_bend(x, order=order + 1),
    forward=_sinc_bend,
    domain=(1, 2),
    settings=({}, {"order": 2}),
)
logit: Primitive = elementwise(
    "logit",
    _logit_slope,
    forward=_logit,
    scalar=_logit_scalar,
    domain=(0.1, 0.9),
    settings=({}, {"eps": 0.2}),
)
# The inner choices keep 0 * log(0) and 0 / 0 from turning into nan.
xlogy: Primitive = elementwise(
    "xlogy",
    lambda y, a, b: log(where(a == 0, where(b > 0, b, 1.0), b)),
    lambda y, a, b: a / where(b == 0, where(a == 0, 1, b), b),
    forward=_xlogy,
    scalar=lambda a, b: 0.0 if a == 0 and b == b else a * math.log(b),
    domain=((-2, 2), (0.5, 2)),
)

_MEANING = {
    "erf": "the error function, 2 / sqrt(pi) times the integral of e**-t*t from 0 to x; right to the last digits",
    "erfc": "1 - erf(x), exact also where erf(x) is nearly 1",
    "sinc": "sin(pi * x) / (pi * x), and 1 at 0, where its slope is 0 and its second derivative -pi**2 / 3",
    "sinc_bend": "the slope of sinc, over x; with order=n, n times the slope over x. Finite at 0: -pi**2 / 3 for n = 1",
    "logit": "log(x / (1 - x)), the inverse of the sigmoid; with eps, x is first clipped to [eps, 1 - eps], outside of "
    "which the slope is 0",
    "xlogy": "a * log(b), and 0 where a is 0; there the slopes are 0 too for b at most 0",
}
for _name, _text in _MEANING.items():
    registry[_name].describe(_text)
