"""What this installation has: versions, the renderer of pictures, the speed of NumPy's matrix products."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import shutil
import subprocess
from pathlib import Path

import numpy as np

import autograd

from .errors import PictureError
from .render import FONTS, render, which

# Kernels of OpenBLAS that use no 512-bit instructions, although the processor may have them.
_OLDER = frozenset(("haswell", "zen", "sandybridge", "nehalem", "prescott", "core2", "generic"))


def report() -> tuple[list[str], bool]:
    """What to print, and whether a picture can be made.

    >>> lines, healthy = report()
    >>> lines[0].startswith("gradlens")
    True
    """
    rows = [
        ("gradlens", autograd.__gradlens__),
        ("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        ("NumPy", np.__version__),
        ("dot program", _dot()),
        ("pygraphviz", _version("pygraphviz")),
        ("fonts", "its own" if any(FONTS.glob("*.ttf")) else "missing: install gradlens again"),
    ]
    try:
        engine = which()
        render("digraph { a }", "png")
        rows.append(("pictures", f"made with {engine}"))
        healthy = True
    except PictureError as error:
        rows.append(("pictures", str(error)))
        healthy = False
    rows.append(("OpenBLAS", _openblas()))
    return [f"{name:<12} {text}" for name, text in rows], healthy


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _dot() -> str:
    found = shutil.which("dot")
    if found is None:
        return "not found (not needed where pygraphviz is installed)"
    try:
        told = subprocess.run(
            [found, "-V"], capture_output=True, text=True, timeout=10, check=False
        ).stderr.strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{found} does not run: {error}"
    return f"{found}: {told}" if told else found


def _openblas() -> str:
    """Which kernel runs, and the remedy where it is older than the processor."""
    try:
        pools = importlib.import_module("threadpoolctl").threadpool_info()
    except ImportError:
        return "unknown (pip install threadpoolctl tells more)"
    kernels = sorted({str(pool["architecture"]) for pool in pools if pool.get("architecture")})
    if not kernels:
        return "not used by this NumPy"
    chosen = f"kernel {', '.join(kernels)}"
    if (
        _has_avx512()
        and any(kernel.lower() in _OLDER for kernel in kernels)
        and "OPENBLAS_CORETYPE" not in os.environ
    ):
        return (
            f"{chosen}, older than this processor. Matrix products may run faster with OPENBLAS_CORETYPE=SkylakeX "
            "in the environment before Python starts."
        )
    return chosen


def _has_avx512() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return all(f" {flag}" in flags for flag in ("avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"))
