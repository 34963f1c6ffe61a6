"""Einstein summation: products of arrays with named axes, summed over the names that the result does not have.

The gradient of one operand is an einsum itself: of the upstream gradient and the other operands, to the names that the
operand has. A name that only this operand has was summed away, so its place is taken by ones; a name that it has twice
picked a diagonal, so an identity matrix puts the gradient back there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import ShapeError, UnknownOpError
from ..primitive import EveryInput, Primitive, numpy_functions
from .linalg import constant

__all__ = ["einsum"]

_LETTERS = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # as they are sorted in a result that is not given
)


@lru_cache(maxsize=256)
def _terms(subscripts: str, ranks: tuple[int, ...]) -> tuple[tuple[str, ...], str, str]:
    """The names of the axes of each operand and of the result, without "...", and the letters that are still free.

    >>> _terms("...i,i", (3, 1))
    (('ABi', 'i'), 'AB', 'CDEFG...')
    """
    given, arrow, result = subscripts.replace(" ", "").partition("->")
    free = "".join(x for x in _LETTERS if x not in subscripts)
    inputs = given.split(",")
    widths = [rank - len(term.replace("...", "")) for term, rank in zip(inputs, ranks) if "..." in term]
    dots = free[: max(widths, default=0)]
    names = tuple(
        term.replace("...", dots[len(dots) - (rank - len(term) + 3) :] if "..." in term else "")
        for term, rank in zip(inputs, ranks)
    )
    if not arrow:
        letters = given.replace(",", "").replace(".", "")
        result = "..." + "".join(sorted(x for x in set(letters) if letters.count(x) == 1))
    return names, result.replace("...", dots), free[len(dots) :]


def _forward(*operands: Any, subscripts: str, optimize: Any = False) -> Any:
    return np.einsum(subscripts, *operands, optimize=optimize)


def _vjp(i: int, g: Any, y: Any, *operands: Any, subscripts: str, optimize: Any = False) -> Any:
    names, result, free = _terms(subscripts, tuple(map(np.ndim, operands)))
    like = operands[i]
    factors = [g, *operands[:i], *operands[i + 1 :]]
    terms = [result, *names[:i], *names[i + 1 :]]
    lengths: dict[str, int] = {}  # of each name among the factors
    for term, factor in zip(terms, factors):
        for name, n in zip(term, np.shape(factor)):
            lengths[name] = max(n, lengths.get(name, 1)) if n else 0
    target = ""
    for name, n in zip(names[i], np.shape(like)):
        if name in target:  # a diagonal
            target += free[0]
            terms.append(name + free[0])
            factors.append(constant(np.eye, n, like))
            free = free[1:]
            continue
        target += name
        if name not in lengths or (lengths[name] == 1 and n != 1):  # summed away in this operand alone
            terms.append(name)
            factors.append(constant(np.ones, n, like))
    plain = (
        optimize if isinstance(optimize, (bool, str)) else True
    )  # a given order of products is for the result
    settings = {"optimize": plain} if plain else {}
    return einsum_op(*factors, subscripts=f"{','.join(terms)}->{target}", **settings)


einsum_op = Primitive(
    "einsum",
    _forward,
    EveryInput(_vjp),
    samples=(
        (((2, 3), (3, 4)), {"subscripts": "ij,jk->ik"}),
        (((2, 3), (3,), (2,)), {"subscripts": "ij,j,i", "optimize": True}),
        (((3, 3),), {"subscripts": "ii"}),
        (((3, 3, 2),), {"subscripts": "iij->ji"}),
        (((2, 3), (4,)), {"subscripts": "ij,k->k"}),
        (((2, 3, 4), (2, 1, 4)), {"subscripts": "...i,...i"}),
        (((2, 3, 3), (3, 2)), {"subscripts": "...ii,ij->...j"}),
        (((1, 3), (2, 3)), {"subscripts": "ij,ij->ij"}),
        (((), (2,)), {"subscripts": ",i->i"}),
        (((0, 2), (2, 3)), {"subscripts": "ij,jk->ik"}),
    ),
    domain=((-2.0, 2.0),) * 3,
    doc="See autograd.einsum.",
)


def einsum(subscripts: Any, *operands: Any, optimize: Any = False) -> Any:
    """Einstein summation, np.einsum: the axes of each operand get names, and what the result does not name is summed.

    All of NumPy's notations: "ij,jk->ik", "ii" (a trace), "ii->i" (a diagonal), "...ij,...jk" (stacks), no arrow (names
    that appear once, in the order of the alphabet), and lists in place of words, einsum(a, [0, 1], b, [1, 2], [0, 2]).
    With many operands optimize=True chooses a good order of the products, for the gradients too.

    >>> from autograd import Tensor
    >>> a, b = Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([1.0, 10.0])
    >>> y = einsum("ij,j->i", a, b)
    >>> y.numpy()
    array([21., 43.])
    """
    if not isinstance(subscripts, str):
        subscripts, operands = _from_lists(subscripts, *operands)
    if subscripts.count(",") + 1 != len(operands):
        raise ShapeError(
            f"einsum with the subscripts {subscripts!r} names {subscripts.count(',') + 1} operands, and got "
            f"{len(operands)}."
        )
    settings = {} if optimize is False else {"optimize": optimize}
    return einsum_op(*operands, subscripts=subscripts, **settings)


def _from_lists(*given: Any) -> tuple[str, tuple[Any, ...]]:
    """einsum(a, [0, 1], b, [1], [0]) as its word and its operands."""

    def word(names: Any) -> str:
        return "".join("..." if x is Ellipsis else _LETTERS[int(x)] for x in names)

    if len(given) < 2:
        raise ValueError("einsum needs subscripts, such as 'ij,jk->ik', and then the operands.")
    pairs = len(given) // 2 * 2
    text = ",".join(word(names) for names in given[1:pairs:2])
    return text + (f"->{word(given[-1])}" if len(given) % 2 else ""), given[:pairs:2]


def _from_numpy(*operands: Any, optimize: Any = False, **settings: Any) -> Any:
    for name, x in settings.items():
        if x is not None:
            raise UnknownOpError(
                f"np.einsum(..., {name}=...) on a node: this setting has no derivative here. Leave it out."
            )
    return einsum(*operands, optimize=optimize)


numpy_functions[np.einsum] = _from_numpy
