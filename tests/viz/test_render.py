"""Picture files: with `dot`, without it, and when anything goes wrong nothing half-written stays."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from viz_graphs import neuron, product_of_sum, small_network

import viz
from viz import render

STARTS = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml", "pdf": b"%PDF"}
FakeDot = Callable[[str], Path]


def only(folder: Path, *names: str) -> bool:
    return sorted(p.name for p in folder.iterdir() if p.is_file()) == sorted(names)


def look_at(content: bytes, form: str, arrays: bool) -> None:
    """The picture is of its format, large enough to hold the graph, and has the labels as text where it has text."""
    assert content.startswith(STARTS[form])
    if form == "png":
        width, height = struct.unpack(">II", content[16:24])
        assert width > 900
        assert height > 400
        assert len(content) > 10_000
    elif form == "svg":
        said = "".join(ET.fromstring(content).itertext())
        wanted = [
            "dW = c1.T @ g",
            "db = g",
            "dv2 = g * (1 - h * h)",
            "softmax_cross_entropy(h, labels)",
            "∂L/∂h",
        ]
        for text in wanted if arrays else ["∂f/∂q = z = -4", "-4 × 1 = -4", "= x + y", "∂f/∂x"]:
            assert text in said
    else:
        assert len(content) > 5000


@pytest.mark.parametrize("form", STARTS)
@pytest.mark.parametrize("make", [product_of_sum, small_network])
def test_pictures_without_dot(
    make: Callable[[], object], form: str, without_dot: None, tmp_path: Path
) -> None:
    assert render.which() == "pygraphviz"
    path = tmp_path / f"f.{form}"
    viz.draw(make(), path)  # type: ignore[arg-type]
    look_at(path.read_bytes(), form, make is small_network)
    assert only(tmp_path, path.name)


@pytest.mark.skipif(shutil.which("dot") is None, reason="no dot program here; the stand-in below is used")
@pytest.mark.parametrize("form", STARTS)
@pytest.mark.parametrize("make", [product_of_sum, small_network])
def test_pictures_with_the_real_dot(make: Callable[[], object], form: str, tmp_path: Path) -> None:
    path = viz.draw(make()).save(tmp_path / f"f.{form}", renderer="dot")  # type: ignore[arg-type]
    look_at(path.read_bytes(), form, make is small_network)


def test_dot_is_used_where_it_is_there(fake_dot: FakeDot, tmp_path: Path) -> None:
    fake_dot(f'echo "$@" > "{tmp_path}/arguments"; printf "\\211PNG\\r\\n"; cat; printf IEND')
    assert render.which() == "dot"
    drawing = viz.draw(product_of_sum())
    path = drawing.save(tmp_path / "f.png")
    assert (tmp_path / "arguments").read_text().split() == ["-Tpng", "-Gdpi=144"]
    assert path.read_bytes() == b"\x89PNG\r\n" + drawing.source.encode() + b"IEND"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kill -SEGV $$", "killed by signal 11"),
        ("echo 'Error: layout was not done' >&2; exit 3", "exit status 3.*layout was not done"),
        ("echo half a pict; kill -KILL $$", "killed by signal 9"),
        ("exit 0", "wrote nothing"),
        ("echo hello", "no whole PNG picture"),
        (r"printf '\211PNG\r\n half of it'", "no whole PNG picture"),
    ],
)
def test_a_crash_of_dot_leaves_what_was_there(
    script: str, said: str, fake_dot: FakeDot, tmp_path: Path
) -> None:
    fake_dot(f"cat > /dev/null; {script}")
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "f.png").write_bytes(b"the picture before")
    with pytest.raises(viz.RenderError, match=said) as caught:
        viz.draw(product_of_sum(), folder / "f.png")
    assert "renderer='pygraphviz'" in str(caught.value)
    assert only(folder, "f.png")
    assert (folder / "f.png").read_bytes() == b"the picture before"


def test_a_dot_that_never_ends(fake_dot: FakeDot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake_dot("exec sleep 60")
    monkeypatch.setattr(render, "_PATIENCE", 0.2)
    with pytest.raises(viz.RenderError, match="did not finish within"):
        viz.draw(product_of_sum(), tmp_path / "f.png")
    assert only(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX's")
def test_a_dot_that_never_ends_leaves_no_process(
    fake_dot: FakeDot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_dot(f'sleep 60 & echo $! > "{tmp_path}/child"; wait')
    monkeypatch.setattr(render, "_PATIENCE", 0.5)
    with pytest.raises(viz.RenderError, match="did not finish within"):
        viz.draw(product_of_sum(), tmp_path / "f.png")
    child = int((tmp_path / "child").read_text())
    for _ in range(50):
        status = Path(f"/proc/{child}/stat")
        if not status.exists() or ") Z " in status.read_text():
            break
        time.sleep(0.05)
    else:
        pytest.fail("the child of the stand-in is still running")


@pytest.mark.skipif(os.name != "posix", reason="named pipes are POSIX's")
def test_what_is_no_ordinary_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "f.dot"
    os.mkfifo(pipe)
    with pytest.raises(viz.OutputError, match="no ordinary file"):
        viz.draw(product_of_sum(), pipe)
    assert pipe.is_fifo()


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(viz.OutputError, match=r"another (name|place)"):
        viz.draw(product_of_sum(), tmp_path / ("x" * 300 + ".dot"))


def test_a_dot_that_cannot_start(fake_dot: FakeDot, tmp_path: Path) -> None:
    fake_dot("").write_bytes(b"\x00\x01 not a program")
    with pytest.raises(viz.RenderError, match=r"could not be started|failed"):
        viz.draw(product_of_sum(), tmp_path / "f.png")
    assert only(tmp_path)


def test_no_renderer_at_all(without_dot: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(render, "_home_of_pygraphviz", lambda: None)
    drawing = viz.draw(product_of_sum())
    with pytest.raises(viz.RendererMissingError, match="pip install pygraphviz"):
        drawing.save(tmp_path / "f.png")
    with pytest.raises(viz.RendererMissingError, match="'dot' program was not found"):
        drawing.save(tmp_path / "f.png", renderer="dot")
    assert only(tmp_path)
    assert drawing.save(tmp_path / "f.dot").read_text(encoding="utf-8") == drawing.source
    assert "pip install pygraphviz" in drawing._repr_mimebundle_()["text/plain"]


def test_a_graph_that_the_layout_engine_refuses(without_dot: None, tmp_path: Path) -> None:
    with pytest.raises(viz.RenderError, match="pygraphviz failed"):
        render.save("digraph { a -> ", tmp_path / "f.png")
    assert only(tmp_path)


@pytest.mark.parametrize("name", ["f.bmp", "f", "f.", ".png.x", "f.PNGX"])
def test_an_unknown_format_is_named_with_the_known_ones(name: str, tmp_path: Path) -> None:
    with pytest.raises(viz.FormatError, match=r"\.png, \.svg, \.pdf, \.dot, \.gv"):
        viz.draw(product_of_sum(), tmp_path / name)
    assert only(tmp_path)


def test_a_missing_folder_and_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(viz.OutputError, match="there is no folder"):
        viz.draw(product_of_sum(), tmp_path / "absent" / "f.png")
    (tmp_path / "f.svg").mkdir()
    with pytest.raises(viz.OutputError, match="it is a folder"):
        viz.draw(product_of_sum(), tmp_path / "f.svg")
    assert only(tmp_path)


def test_a_full_disk_leaves_what_was_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "f.dot"
    path.write_text("before")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(viz.OutputError, match="No space left on device"):
        viz.draw(product_of_sum(), path)
    assert only(tmp_path, "f.dot")
    assert path.read_text() == "before"


@pytest.mark.skipif(
    os.name != "posix" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere"
)
def test_a_folder_without_permission(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(viz.OutputError, match="Permission denied"):
        viz.draw(product_of_sum(), folder / "f.dot")


def test_a_link_is_written_through(tmp_path: Path) -> None:
    real, link = tmp_path / "real.dot", tmp_path / "link.dot"
    real.write_text("before")
    try:
        link.symlink_to(real)
    except OSError:
        pytest.skip("no symbolic links here")
    drawing = viz.draw(product_of_sum(), link)
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == drawing.source


@pytest.mark.parametrize("suffix", ["dot", "gv", "DOT"])
def test_the_source_is_saved_as_it_is(suffix: str, tmp_path: Path) -> None:
    drawing = viz.draw(product_of_sum())
    path = drawing.save(tmp_path / f"f.{suffix}")
    assert path.read_bytes().decode() == drawing.source


@pytest.mark.parametrize("path", [None, "", ".", "lib", "lib/../lib", "{here}", "{here}/lib"])
def test_a_module_of_the_users_named_pygraphviz_is_not_imported(
    path: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, without_dot: None
) -> None:
    """Neither from the working folder nor from any folder that PYTHONPATH names, relative or not."""
    (tmp_path / "lib").mkdir()
    for folder in (tmp_path, tmp_path / "lib"):
        for name in ("graphviz", "pygraphviz"):
            (folder / f"{name}.py").write_text("raise SystemExit('wrong module')")
    monkeypatch.chdir(tmp_path)
    if path is None:
        monkeypatch.delenv("PYTHONPATH", raising=False)
    else:
        monkeypatch.setenv("PYTHONPATH", path.format(here=tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))  # where this process, too, would find the wrong one
    assert render.which() == "pygraphviz"
    assert render.render("digraph { a }", "svg").startswith(b"<?xml")


def widths(picture: bytes) -> list[float]:
    """The widths of the boxes of an SVG, which the layout engine computes from the letters in them."""
    found = []
    for points in re.findall(rb'<polygon [^>]*points="([^"]*)"', picture):
        across = [float(point.split(b",")[0]) for point in points.split()]
        found.append(round(max(across) - min(across), 2))
    return found


def test_letters_are_drawn_on_a_machine_without_fonts(
    without_dot: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The package brings a font: the same text is as wide as ever where the system has none."""
    source = viz.draw(product_of_sum()).source
    usual = render.render(source, "svg")
    bare = tmp_path / "fonts.conf"
    bare.write_text('<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>')
    monkeypatch.setenv("FONTCONFIG_FILE", str(bare))
    alone = render.render(source, "svg")
    assert len(widths(alone)) > 10
    assert widths(alone) == pytest.approx(widths(usual), rel=0.01)
    assert b"DejaVuSans" in render.render(source, "pdf")
    # what would be without the package's own font: other widths, so the comparison above can fail
    monkeypatch.setattr(render, "FONTS", tmp_path)
    assert widths(render.render(source, "svg")) != pytest.approx(widths(alone), rel=0.01)


def test_jupyter_is_given_a_picture(without_dot: None) -> None:
    drawing = viz.draw(product_of_sum())
    assert drawing._repr_mimebundle_()["image/svg+xml"].startswith("<?xml")
    assert set(drawing._repr_mimebundle_()) == {"image/svg+xml", "text/plain"}
    assert "lines of DOT" in repr(drawing)


def test_a_large_graph_neither_hangs_nor_recurses() -> None:
    from viz_graphs import long_chain

    with pytest.warns(viz.FoldWarning, match="40001 nodes"):
        viz.draw(long_chain(20_000))


def pixels(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_png_that_would_be_too_large_is_made_smaller(
    direction: str, without_dot: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(render, "_LARGEST", 720)  # pixels: the same as with 8000, in less time
    drawing = viz.draw(neuron(), direction=direction)
    with pytest.warns(viz.SizeWarning, match=r"at most 720 pixels a side.*an \.svg") as told:
        path = drawing.save(tmp_path / "f.png")
    assert told[0].filename == __file__
    with pytest.warns(viz.SizeWarning) as told:
        viz.draw(neuron(), tmp_path / "g.png", direction=direction)
    assert told[0].filename == __file__
    assert (tmp_path / "g.png").read_bytes() == path.read_bytes()
    longer, shorter = sorted(pixels(path.read_bytes()), reverse=True)
    assert 700 < longer <= 720
    svg = drawing.save(tmp_path / "f.svg").read_bytes()  # without a warning, which would fail here
    size = re.search(rb'width="(\d+)pt" height="(\d+)pt"', svg)
    assert size is not None
    long, short = sorted(map(int, size.groups()), reverse=True)
    assert long > 720
    assert b"scale(1 1)" in svg
    assert shorter / longer == pytest.approx(short / long, rel=0.02)  # all of it, and not distorted


def test_only_a_png_that_is_too_large_is_drawn_twice(fake_dot: FakeDot, tmp_path: Path) -> None:
    picture = tmp_path / "of the stand-in.png"
    fake_dot(f'cat > /dev/null; echo "$@" >> "{tmp_path}/arguments"; cat "{picture}"')
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR"
    picture.write_bytes(head + struct.pack(">II", 8000, 8000) + b"IEND")
    viz.draw(product_of_sum(), tmp_path / "f.png")
    usual = "-Tpng -Gdpi=144"
    assert (tmp_path / "arguments").read_text().splitlines() == [usual]
    for size in ((8001, 1), (1, 8001)):
        (tmp_path / "arguments").unlink()
        picture.write_bytes(head + struct.pack(">II", *size) + b"IEND")
        with pytest.warns(viz.SizeWarning):
            viz.draw(product_of_sum(), tmp_path / "f.png")
        assert (tmp_path / "arguments").read_text().splitlines() == [usual, f"{usual} -Gsize=55"]


def test_the_command_is_a_module_too(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "viz", "draw", "x**2", "x=3", "-o", str(tmp_path / "f.svg")]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "f.svg").is_file()
