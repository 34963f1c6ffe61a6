"""Facts about the machine and the versions, saved beside the numbers."""

from __future__ import annotations

import gc
import importlib
import os
import platform
from datetime import datetime, timezone
from importlib import metadata
from typing import Any

import numpy as np

from benchmarks.tensor import hips

PACKAGES = ("gradlens", "numpy", "torch", "micrograd", "mygrad")


def facts() -> dict[str, Any]:
    """Return what a reader needs to judge the numbers, or to repeat them."""
    return {
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "cpu": cpu(),
        "cores": os.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else None,
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "versions": {name: version(name) for name in PACKAGES},
        "hips": hips.versions(),
        "blas": blas(),
        "threads": {name: os.environ[name] for name in sorted(os.environ) if name.endswith("_NUM_THREADS")},
        "collector": gc.get_threshold(),
    }


def cpu() -> str:
    """Return the processor's name."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def version(package: str) -> str | None:
    """Return the installed version of a distribution, None when it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def blas() -> dict[str, Any]:
    """Return NumPy's BLAS as built and, where threadpoolctl can tell, the kernel it chose on this machine."""
    config: Any = np.show_config(mode="dicts")  # type: ignore[call-overload, unused-ignore]
    built = config.get("Build Dependencies", {}).get("blas", {})
    found = {key: built[key] for key in ("name", "version") if key in built}
    try:
        threadpoolctl = importlib.import_module("threadpoolctl")
    except ImportError:
        return found
    for library in threadpoolctl.threadpool_info():
        if library.get("user_api") == "blas":
            found["kernel"] = library.get("architecture")
            found["threads"] = library.get("num_threads")
    return found
