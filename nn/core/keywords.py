"""What is said of a keyword or an attribute that a class does not have, PyTorch's above all."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from types import FunctionType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_DEVICES = "there are no devices here: everything is computed by NumPy where its arrays are. Leave it out"
_FIT = "a network is trained, used and judged by functions: nn.fit(model, (X, y), epochs=10), nn.predict(model, X)"
_BACKWARD = "gradients belong to tensors: in a forward hook, call output.register_hook(f)"

# What PyTorch's classes, or other libraries', have, and what to write instead.
KEYWORDS = {
    "params": "The parameters come first, without a name: {kind}(model.parameters(), lr=...)",
    "device": f"Here {_DEVICES}",
    "padding_mode": "Padding is zeros here; for another one write autograd.pad(x, ..., mode=...) before the layer",
    "return_indices": "Where the largest numbers were is not returned",
    "divisor_override": "The mean divides by the size of the window; multiply what comes out",
    "max_norm": "nn.max_norm_(model, limit) after each step limits the weights",
    "size_average": 'Write reduction="mean" or reduction="sum"',
    "reduce": 'Write reduction="mean", "sum" or "none"',
    "learning_rate": "Write lr=",
    "seed": "Write rng=",
    "random_state": "Write rng=",
}
ATTRIBUTES = {
    **dict.fromkeys(("cuda", "cpu", "xpu", "mps"), _DEVICES),
    **dict.fromkeys(("fit", "compile", "predict", "predict_proba", "evaluate", "score"), _FIT),
    **dict.fromkeys(("register_backward_hook", "register_full_backward_pre_hook"), _BACKWARD),
    "bfloat16": "NumPy has no such numbers; float32 is model.float()",
    "save": "write nn.safetensors.save_file(model.state_dict(), path)",
    "load": "write model.load_state_dict(nn.safetensors.load_file(path))",
    "summary": "write print(nn.summary(model))",
    "weights": "its parameters are model.parameters(), one of them is model.get_parameter(path)",
}


@lru_cache(maxsize=512)
def _accepted(cls: Any) -> frozenset[str] | None:
    """The keywords that a class takes; None if any."""
    try:
        parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    return frozenset(p.name for p in parameters if p.kind is not p.VAR_POSITIONAL)


def check_keywords(cls: Any, given: dict[str, Any]) -> None:
    """Refuse a keyword that a class does not take; the error names those that it takes.

    >>> import nn
    >>> nn.Conv2d(1, 2, 3, strid=2)
    Traceback (most recent call last):
    TypeError: Conv2d has no setting 'strid'. Did you mean 'stride'?
    """
    known = _accepted(cls)
    for name in given:
        if known is None or name in known:
            continue
        near = difflib.get_close_matches(name, sorted(known), n=1)
        if name in KEYWORDS:
            hint = f" {KEYWORDS[name].format(kind=cls.__name__)}."
        elif near:
            hint = f" Did you mean {near[0]!r}?"
        else:
            hint = f" It has {', '.join(sorted(known)) or 'none'}."
        raise TypeError(f"{cls.__name__} has no setting {name!r}.{hint}")


def explained(keywords: Mapping[str, str], example: str, crowd: str = "") -> Callable[[F], F]:
    """Decorate a function: calls that do not fit are answered with the keyword to write, or with an example.

    keywords: what others call an argument, and what to write here. crowd: what is said of too many without a keyword.

    >>> @explained({"input_size": "input_shape=64"}, "f(64)")
    ... def f(input_shape): ...
    >>> f(input_size=64)
    Traceback (most recent call last):
    TypeError: f: got an unexpected keyword argument 'input_size'. In place of input_size=, write input_shape=64.
    >>> f()
    Traceback (most recent call last):
    TypeError: f: missing a required argument: 'input_shape'. As in f(64).
    """

    def decorate(function: F) -> F:
        signature = inspect.signature(function)
        places = sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in signature.parameters.values())

        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                signature.bind(*args, **kwargs)
            except TypeError as error:
                what, hint = str(error), f". As in {example}."
                unknown = [name for name in kwargs if name not in signature.parameters]
                if crowd and len(args) > places:
                    hint = f". {crowd}."
                elif unknown:  # which comes first: what is missing was given under this name
                    what = f"got an unexpected keyword argument {unknown[0]!r}"
                    hint = _hint(signature, unknown[0], keywords)
                raise TypeError(f"{function.__name__}: {what}{hint}") from None
            return function(*args, **kwargs)

        return call  # type: ignore[return-value]

    return decorate


def _hint(signature: inspect.Signature, name: str, keywords: Mapping[str, str]) -> str:
    instead = keywords.get(name)
    keyword = re.match(r"(\w+)=", instead or "")
    if instead and (keyword is None or keyword[1] in signature.parameters):
        return f". In place of {name}=, write {instead}."
    near = difflib.get_close_matches(name, signature.parameters, n=1)
    return f". Did you mean {near[0]}=?" if near else ""


def named(cls: Any) -> None:
    """Give a class that inherits __init__ from one with a private name its own name in Python's errors."""
    if not cls.__module__.startswith("nn."):  # in others, several bases may count on the order of calls
        return
    owner = next(base for base in cls.__mro__ if "__init__" in vars(base))
    made = vars(owner)["__init__"]
    if owner is cls or not owner.__name__.startswith("_") or not isinstance(made, FunctionType):
        return
    own = FunctionType(made.__code__, made.__globals__, made.__name__, made.__defaults__, made.__closure__)
    own.__kwdefaults__, own.__annotations__ = made.__kwdefaults__, made.__annotations__
    own.__doc__, own.__module__, own.__qualname__ = made.__doc__, made.__module__, f"{cls.__name__}.__init__"
    cls.__init__ = own


def missing(module: Any, name: str) -> AttributeError:
    """The error for an attribute that a module does not have.

    >>> import nn
    >>> nn.Tanh().cuda()  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    AttributeError: Tanh has no attribute 'cuda': ...
    """
    kind = type(module)
    if hasattr(kind, name):  # a property that raised an AttributeError of its own
        try:
            object.__getattribute__(module, name)
        except AttributeError as error:
            return error
    text = f"{kind.__name__} has no attribute {name!r}"
    if name in ATTRIBUTES:
        return AttributeError(f"{text}: {ATTRIBUTES[name]}.")
    return AttributeError(f"{text}.", name=name, obj=module)
