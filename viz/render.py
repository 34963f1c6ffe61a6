"""From DOT to a picture file, with the `dot` program if there is one, else with the Graphviz inside pygraphviz.

Both run in a process of their own: when a layout engine written in C crashes or never ends, Python goes on and says so.
A file is complete or it is not there: pictures are written beside their place and then moved onto it.
"""

from __future__ import annotations

import importlib.metadata
import os
import secrets
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from xml.sax.saxutils import escape

from .errors import FormatError, OutputError, RendererMissingError, RenderError, SizeWarning

PICTURES = ("png", "svg", "pdf")
_WHOLE = {
    "png": (b"\x89PNG\r\n", b"IEND"),
    "svg": (b"<?xml", b"</svg>"),
    "pdf": (b"%PDF-", b"%%EOF"),
}  # first and last
SOURCES = ("dot", "gv")
RENDERERS = ("auto", "dot", "pygraphviz")
FONTS = Path(__file__).with_name("fonts")
_DPI = 144
_LARGEST = 8000  # pixels a side of a PNG
_PATIENCE = 120.0  # seconds
_INSTALL = "Install one of them: 'pip install pygraphviz' (2.0 or later), or Graphviz from https://graphviz.org/download"
# What the second renderer runs, by `python -I`: without that option the working folder, or one that PYTHONPATH names
# relative to it, could put a pygraphviz.py of the user's in the way. The folder with the real one is the last argument.
_PROGRAM = """import sys
sys.path.append(sys.argv[3])
import pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="dot", args=sys.argv[2]))
"""


def which(renderer: str = "auto") -> str:
    """The renderer that will be used: "dot" or "pygraphviz"."""
    if renderer not in RENDERERS:
        raise ValueError(f"renderer {renderer!r} is not one of {', '.join(RENDERERS)}.")
    if renderer in ("auto", "dot") and shutil.which("dot"):
        return "dot"
    if renderer in ("auto", "pygraphviz") and sys.executable and _home_of_pygraphviz():
        return "pygraphviz"
    wanted = {
        "auto": "neither the 'dot' program nor the pygraphviz package was found",
        "dot": "the 'dot' program was not found on the PATH",
        "pygraphviz": "the pygraphviz package was not found",
    }
    raise RendererMissingError(f"No picture: {wanted[renderer]}. {_INSTALL}. A .dot file needs neither.")


def _home_of_pygraphviz() -> str | None:
    """The folder with the installed package. Its metadata are asked: a file that only has the same name has none."""
    try:
        return os.path.abspath(str(importlib.metadata.distribution("pygraphviz").locate_file("")))
    except importlib.metadata.PackageNotFoundError:
        return None


def render(source: str, form: str, renderer: str = "auto") -> bytes:
    """The picture of a DOT text in the format `form`: "png", "svg" or "pdf". Too large a PNG is made smaller."""
    if form not in PICTURES:
        raise FormatError(f"Unknown picture format {form!r}. Choose one of {', '.join(PICTURES + SOURCES)}.")
    engine = which(renderer)
    if form != "png":
        return _picture(source, form, engine)
    picture = _picture(source, form, engine, f"-Gdpi={_DPI}")
    if max(_pixels(picture)) > _LARGEST:
        picture = _picture(source, form, engine, f"-Gdpi={_DPI}", f"-Gsize={_LARGEST // _DPI}")  # inches
        warnings.warn(
            f"the picture was made smaller, for a PNG has at most {_LARGEST} pixels a side: it may be hard to read. "
            "Save an .svg, which is never made smaller, or draw fewer nodes or the other direction (LR, TB).",
            SizeWarning,
            stacklevel=4,  # of Drawing.save and draw the caller
        )
    return picture


def _pixels(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG, which stand at the beginning of its first part."""
    return struct.unpack(">II", png[16:24]) if png[12:16] == b"IHDR" else (0, 0)


def _picture(source: str, form: str, engine: str, *settings: str) -> bytes:
    """What the renderer makes of a DOT text, if it is a whole picture."""
    if engine == "dot":
        command = [shutil.which("dot") or "dot", f"-T{form}", *settings]
    else:
        home = _home_of_pygraphviz() or ""
        command = [sys.executable, "-I", "-c", _PROGRAM, form, " ".join(settings), home]
    with _fonts() as environment:
        try:
            done = _run(command, source.encode(), environment)
        except subprocess.TimeoutExpired:
            raise RenderError(
                f"{engine} did not finish within {_PATIENCE:.0f} seconds. "
                "Draw a smaller graph, or fewer nodes (budget=...)."
            ) from None
        except OSError as error:
            raise RenderError(
                f"{command[0]} could not be started: {error.strerror or error}. {_other(engine)}"
            ) from None
    if done.returncode or not done.stdout:
        told = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        ended = (
            f"was killed by signal {-done.returncode}"
            if done.returncode < 0
            else f"failed (exit status {done.returncode})"
        )
        if not done.returncode:
            ended = "wrote nothing"
        said = f": {told[-1].strip()[:300]}" if told else ""
        raise RenderError(f"{engine} {ended}{said}. Nothing was written. {_other(engine)}")
    start, end = _WHOLE[form]
    if not (done.stdout.lstrip().startswith(start) and end in done.stdout[-1024:]):
        raise RenderError(
            f"{engine} gave something that is no whole {form.upper()} picture. Nothing was written. {_other(engine)}"
        )
    return done.stdout


def _run(command: list[str], given: bytes, environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    """Run a renderer, in a session of its own where there are such, so that a time-out ends its children too."""
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=os.name == "posix",
    ) as process:
        try:
            out, err = process.communicate(given, timeout=_PATIENCE)
        except BaseException:
            if os.name == "posix":
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def _other(engine: str) -> str:
    if engine == "pygraphviz":
        return "Install Graphviz's 'dot' program, or save a .dot file and lay it out elsewhere."
    return "Check that 'dot -V' runs, or choose the other engine: renderer='pygraphviz'."


@contextmanager
def _fonts() -> Iterator[dict[str, str]]:
    """An environment in which the fonts of this package are found besides the system's, which may have none."""
    with tempfile.TemporaryDirectory(prefix="gradlens-") as folder:
        theirs = os.environ.get("FONTCONFIG_FILE") or os.path.join(
            os.environ.get("FONTCONFIG_PATH") or "/etc/fonts", "fonts.conf"
        )
        path = Path(folder, "fonts.conf")
        path.write_text(
            '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
            f'<include ignore_missing="yes">{escape(theirs)}</include><dir>{escape(str(FONTS))}</dir>'
            f"<cachedir>{escape(folder)}</cachedir></fontconfig>",
            encoding="utf-8",
        )
        yield {**os.environ, "FONTCONFIG_FILE": str(path)} if os.name == "posix" else dict(os.environ)


def save(source: str, path: str | os.PathLike[str], form: str | None = None, renderer: str = "auto") -> Path:
    """Write a picture, or the DOT text itself, to `path`; the suffix says which. Returns the path."""
    target = Path(path)
    form = (form or target.suffix[1:]).lower()
    if form not in PICTURES + SOURCES:
        what = f"the suffix {target.suffix!r}" if target.suffix else "a name without a suffix"
        raise FormatError(
            f"Cannot tell the picture format from {what} of {str(target)!r}. "
            f"End the name in {', '.join('.' + known for known in PICTURES + SOURCES)}."
        )
    try:
        kind = target.stat().st_mode if target.exists() else None
    except OSError as error:
        raise OutputError(
            f"Cannot write to {str(target)[:60]!r}: {error.strerror}. Choose another name."
        ) from None
    if kind is not None and not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
        raise OutputError(f"Cannot write {str(target)!r}: it is no ordinary file. Give the name of a file.")
    if target.is_dir():
        raise OutputError(f"Cannot write {str(target)!r}: it is a folder. Give the name of a file.")
    if not target.parent.is_dir():
        raise OutputError(
            f"Cannot write {str(target)!r}: there is no folder {str(target.parent)!r}. Make it first."
        )
    write(target, source.encode() if form in SOURCES else render(source, form, renderer))
    return target


def write(target: Path, content: bytes) -> None:
    """Write a file all at once: on any failure what was there before stays, and nothing else is left."""
    place = Path(os.path.realpath(target))  # through a link, onto what it points to
    beside = place.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with open(beside, "xb") as file:
            file.write(content)
        os.replace(beside, place)
    except OSError as error:
        raise OutputError(
            f"Cannot write {str(target)!r}: {error.strerror or error}. Choose another place."
        ) from None
    finally:
        with suppress(OSError):
            beside.unlink()
