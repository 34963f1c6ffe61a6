"""The exceptions of the pictures. Each message says what happened, why, and what to do."""

from __future__ import annotations


class PictureError(Exception):
    """Base of every exception that a picture raises on purpose."""


class FormatError(PictureError, ValueError):
    """A file name whose suffix is no picture format known here."""


class RendererMissingError(PictureError, RuntimeError):
    """Neither the `dot` program nor the pygraphviz package is there."""


class RenderError(PictureError, RuntimeError):
    """The layout engine failed: it crashed, ran too long or refused the graph."""


class OutputError(PictureError, OSError):
    """The picture could not be written where it was asked for."""


class ExpressionError(PictureError, ValueError):
    """An expression that cannot be read or computed. `text` and `column` say where, if that is known."""

    def __init__(self, message: str, text: str = "", column: int | None = None) -> None:
        super().__init__(message)
        self.text = text
        self.column = column


class FoldWarning(UserWarning):
    """A graph was too large to be read, so a part of it is folded into one node of the picture."""


class SizeWarning(UserWarning):
    """A picture was too large for a PNG, so it was made smaller."""
