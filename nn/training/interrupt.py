"""Ctrl-C during training: the first ends it after the batch under way, the second at once."""

from __future__ import annotations

import signal
import threading
from typing import Any


class CtrlC:
    """Inside, `asked` tells whether Ctrl-C was pressed; pressed again, it is a KeyboardInterrupt, as ever.

    Only where Ctrl-C means that at present, and in the main thread: elsewhere Python has no signals.

    >>> with CtrlC() as ctrl_c:
    ...     signal.raise_signal(signal.SIGINT)
    ...     ctrl_c.asked
    True
    """

    def __init__(self) -> None:
        self.asked = False
        self.installed = False

    def __enter__(self) -> CtrlC:
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._first)
            self.installed = True
        return self

    def _first(self, number: int, frame: Any) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def __exit__(self, *error: Any) -> None:
        if self.installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)
