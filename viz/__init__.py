"""viz: pictures of computation graphs, with the chain rule on every arrow.

>>> from autograd import Value
>>> import viz
>>> drawing = viz.draw(Value(2.0, name="w") * Value(-1.0, name="x"))
>>> drawing.source.splitlines()[0]
'digraph gradlens {'
"""

import autograd as _engine

if not hasattr(_engine, "__gradlens__"):
    raise ImportError(
        f"viz is part of gradlens, and needs gradlens's own package autograd, but Python found another one: "
        f"{getattr(_engine, '__file__', None) or list(_engine.__path__)}. "
        "The distribution 'autograd' from PyPI has the "
        "same import name, so the two cannot share an environment. Run 'pip uninstall autograd gradlens' and then "
        "'pip install .' in the clone, or use a new environment."
    )

from .drawing import Drawing, draw
from .errors import (
    ExpressionError,
    FoldWarning,
    FormatError,
    OutputError,
    PictureError,
    RendererMissingError,
    RenderError,
    SizeWarning,
)

__all__ = [
    "draw",
    "Drawing",
    "PictureError",
    "ExpressionError",
    "FormatError",
    "OutputError",
    "RenderError",
    "RendererMissingError",
    "FoldWarning",
    "SizeWarning",
]
