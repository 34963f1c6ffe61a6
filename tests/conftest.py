"""What all tests share: how hypothesis searches, and what Ctrl-C means."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

# Before anything is collected. Else, of `pytest nn/data tests/nn/test_data.py`, pytest makes the package nn.data a
# second time, for its docstrings, and what a test changes in the one, the other does not know.
import autograd  # noqa: F401
import nn  # noqa: F401
import viz  # noqa: F401

# No deadline: a busy machine is not a failing test. On a build machine (CI=true) the search is the same every
# time, so a change is judged by what it does and not by the day's luck; at a desk it keeps looking.
settings.register_profile("desk", deadline=None, max_examples=50)
settings.register_profile(
    "ci", deadline=None, max_examples=50, derandomize=True, database=None, print_blob=True
)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# A shell starts what it runs in the background deaf to Ctrl-C, which several tests press.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden DOT files anew; then read the diff"
    )
