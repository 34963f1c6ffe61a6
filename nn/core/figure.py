"""A figure of Matplotlib for the pictures of nn, the file it is saved in, and the colours."""

from __future__ import annotations

import os
from typing import Any

BLUE, ORANGE = "#0072b2", "#d55e00"  # Okabe and Ito's, which the colour-blind tell apart


def new_figure(what: str, path: Any, width: float, height: float) -> tuple[Any, Any]:
    """A figure, and what saves it if a path is given; without one it is pyplot's, for plt.show() and notebooks.

    what: of what it is a picture, for the message where there is no Matplotlib. width, height: in inches.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError(f"pictures of a {what} need Matplotlib: pip install 'gradlens[demo]'") from None
    if path is None:
        import matplotlib.pyplot as plt

        return plt.figure(figsize=(width, height), layout="constrained"), lambda figure: figure

    def save(figure: Any) -> Any:
        os.makedirs(os.path.dirname(os.path.abspath(os.fspath(path))), exist_ok=True)
        figure.savefig(path, dpi=150)
        return figure

    os.fspath(path)  # what is no path is told before the work
    return Figure(figsize=(width, height), layout="constrained"), save
