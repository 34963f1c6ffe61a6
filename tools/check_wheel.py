"""Prove that what would be published works where nothing but Python exists.

Builds the source distribution and, from it, the wheel; collects the tests in the unpacked source distribution; looks
into the wheel; installs it with its dependencies in an empty environment in a temporary directory; and uses it there,
away from this repository, and with no `dot` on the PATH.
Run with `make wheel-check`. Exit status 0 when everything holds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
PACKAGES = ("autograd", "nn", "viz")
KEPT = (".ci", ".gitignore", ".gitattributes")  # in the source distribution
PNG = b"\x89PNG\r\n\x1a\n"

USE = """
import sys
from pathlib import Path

import autograd, nn, viz
from autograd import Tensor, Value

for package in (autograd, nn, viz):
    assert Path(package.__file__).is_relative_to(sys.prefix), package.__file__

x, y, z = Value(-2.0, name="x"), Value(5.0, name="y"), Value(-4.0, name="z")
f = (x + y) * z
f.backward()
assert (f.data, x.grad, y.grad, z.grad) == (-12.0, -4.0, -4.0, 3.0), (f.data, x.grad, y.grad, z.grad)

t = Tensor([1.0, 2.0, 3.0])
(t * t).sum().backward()
assert t.grad.tolist() == [2.0, 4.0, 6.0], t.grad

viz.draw(f, "graph.png")
"""


def main() -> int:
    """Build, look inside, install, use."""
    sources, wheel = build()
    check_contents(wheel)
    with tempfile.TemporaryDirectory(prefix="gradlens-wheel-") as directory:
        collect(sources, Path(directory))
        use(wheel, Path(directory))
    print(f"{wheel.name}: builds, installs in an empty environment, differentiates and draws without dot")
    return 0


def build() -> tuple[Path, Path]:
    """The source distribution and the wheel, which is made from it, so that both are proved complete."""
    shutil.rmtree(DIST, ignore_errors=True)
    run([sys.executable, "-m", "build", "--outdir", str(DIST), str(ROOT)], cwd=ROOT, quiet=True)
    (wheel,) = DIST.glob("gradlens-*.whl")
    (sources,) = DIST.glob("gradlens-*.tar.gz")
    return sources, wheel


def collect(sources: Path, directory: Path) -> None:
    """Unpack the source distribution and find its tests there, with all that they import; no stray files either."""
    with tarfile.open(sources) as archive:
        strays = [name for name in archive.getnames() if is_stray(name)]
        if strays:
            sys.exit("\n".join(f"{name} does not belong in the source distribution" for name in strays))
        archive.extractall(directory, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    unpacked = directory / sources.name.removesuffix(".tar.gz")
    for needed in ("benchmarks", "notebooks", "examples", ".ci/run", "Makefile", "README.md", "LICENSE"):
        if not (unpacked / needed).exists():
            sys.exit(f"{needed} is missing from the source distribution")
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    run(command, cwd=unpacked, quiet=True)


def is_stray(name: str) -> bool:
    """Whether a path inside an archive is a leftover of some program, such as fontconfig's .uuid."""
    last = name.split("/")[-1]
    return last.endswith(".pyc") or (last.startswith(".") and last not in KEPT)


def check_contents(wheel: Path) -> None:
    """The packages with py.typed and every module and data file, the licence, and nothing else."""
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.split("/")[0] for name in names}
    metadata = {top for top in tops if top.endswith(".dist-info")}
    problems = [f"{extra} does not belong in the wheel" for extra in sorted(tops - set(PACKAGES) - metadata)]
    expected = {f"{package}/py.typed" for package in PACKAGES}
    for package in PACKAGES:
        files = (path for path in (ROOT / package).rglob("*") if path.is_file() and not is_stray(path.name))
        expected |= {path.relative_to(ROOT).as_posix() for path in files}
    problems += [f"{missing} is missing from the wheel" for missing in sorted(expected - names)]
    unwanted = sorted(name for name in names if name.endswith(".ipynb") or is_stray(name))
    problems += [f"{name} does not belong in the wheel" for name in unwanted]
    for licence in ("LICENSE", "viz/fonts/LICENSE"):
        if not any(name.endswith(f"/licenses/{licence}") for name in names):
            problems.append(f"{licence} is missing from the licences of the wheel")
    if problems:
        sys.exit("\n".join(problems))


def use(wheel: Path, directory: Path) -> None:
    """Install in an empty environment and run what a newcomer runs first."""
    environment = directory / "environment"
    venv.create(environment, with_pip=True)
    commands = environment / ("Scripts" if os.name == "nt" else "bin")
    python = commands / "python"
    run([str(python), "-m", "pip", "install", "--quiet", str(wheel)], cwd=directory)

    # Nothing but the environment on the PATH, so no dot; nothing of the caller's Python either.
    alone = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    alone["PATH"] = str(commands)
    desk = directory / "desk"
    desk.mkdir()
    run([str(python), "-W", "error", "-c", USE], cwd=desk, env=alone)
    gradlens = str(commands / "gradlens")
    run([gradlens, "draw", "tanh(w*x + b)", "w=2", "x=-1", "b=0.5", "-o", "neuron.png"], cwd=desk, env=alone)
    run([str(python), "-m", "viz", "doctor"], cwd=desk, env=alone)
    run([gradlens, "draw", "tanh(w*x + b)", "w=2", "-o", "missing.png"], cwd=desk, env=alone, status=2)
    for name in ("graph.png", "neuron.png"):
        picture = desk / name
        if not picture.is_file() or not picture.read_bytes().startswith(PNG):
            sys.exit(f"{name} was not written as a PNG")
    left = sorted(path.name for path in desk.iterdir())
    if left != ["graph.png", "neuron.png"]:
        sys.exit(f"files nobody asked for were left behind: {left}")


def run(
    command: list[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    status: int = 0,
    quiet: bool = False,
) -> None:
    """Run a command and stop, with what it printed, unless it ends with the exit status expected of it."""
    shown = " ".join("..." if "\n" in word else word for word in command)
    print(f"$ {shown}", flush=True)
    pipe = subprocess.PIPE
    result = subprocess.run(command, cwd=cwd, env=env, text=True, stdout=pipe, stderr=subprocess.STDOUT)
    if result.returncode != status:
        sys.exit(f"{result.stdout}exit status {result.returncode}, expected {status}")
    if not quiet:
        print(result.stdout, end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
