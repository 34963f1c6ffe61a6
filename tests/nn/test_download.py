"""Files from the web, from a server on this machine: whole or not at all, and gone on with where they stopped."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from data_files import BATCHES, cifar_files, write_archive, write_mnist
from webserver import Web

import nn
from nn.datasets import DownloadError
from nn.datasets.download import fetch

DATA = np.random.default_rng(0).bytes(300_000)
SUM = hashlib.sha256(DATA).hexdigest()
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def web(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr("nn.datasets.download.PAUSE", 0.001)
    server = Web()
    server.files["a.gz"] = DATA
    yield server
    server.close()


@pytest.fixture
def get(web, tmp_path):
    """fetch() of the server's file to tmp_path / "a.gz", with changes."""

    def get(*names, **changes):
        urls = [name if "://" in name else web.url + name for name in names or ("a.gz",)]
        return fetch(urls, tmp_path / "a.gz", **{"sha256": SUM, "size": len(DATA), **changes})

    return get


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_file_comes_whole_and_only_once(web, get, tmp_path):
    assert get() == tmp_path / "a.gz"
    assert (tmp_path / "a.gz").read_bytes() == DATA
    assert names(tmp_path) == ["a.gz"]
    assert get().read_bytes() == DATA
    assert web.asked == [("a.gz", None)]


def test_a_broken_connection_is_taken_up_where_it_broke(web, get):
    web.breaks = [100_000, 50_000, 0, 0, 1]
    assert get().read_bytes() == DATA
    assert [wanted for _, wanted in web.asked] == [
        None, "bytes=100000-", "bytes=150000-", "bytes=150000-", "bytes=150000-", "bytes=150001-",
    ]  # fmt: skip


def test_a_server_that_falls_silent_is_asked_again(web, get):
    web.stalls = [120_000]
    assert get(timeout=0.3).read_bytes() == DATA
    assert [wanted for _, wanted in web.asked] == [None, "bytes=120000-"]


def test_what_an_earlier_try_left_is_gone_on_with(web, get, tmp_path):
    web.breaks = [200_000] + [0] * 4
    with pytest.raises(DownloadError, match=r"broke after 200000 of 300000 bytes \(4 tries\)(.|\n)*is kept"):
        get()
    assert names(tmp_path) == ["a.gz.part"], "half a file has another name"
    web.asked.clear()
    assert get().read_bytes() == DATA
    assert web.asked == [("a.gz", "bytes=200000-")]


def test_a_killed_process_leaves_no_half_file_and_another_goes_on(web, get, tmp_path):
    web.stalls = [150_000]
    program = (
        "import sys; from pathlib import Path; from nn.datasets.download import fetch\n"
        f"fetch([{web.url + 'a.gz'!r}], Path(sys.argv[1]), sha256={SUM!r}, size={len(DATA)})"
    )
    part = tmp_path / "a.gz.part"
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "a.gz")], cwd=ROOT, env={**os.environ, "no_proxy": "*"}
    )
    web.wait_for(lambda: part.exists() and part.stat().st_size > 60_000)
    process.kill()
    process.wait()
    assert names(tmp_path) == ["a.gz.part"]
    kept = part.stat().st_size
    assert 60_000 < kept <= 150_000
    assert get().read_bytes() == DATA, "the lock ended with the process"
    assert web.asked[-1] == ("a.gz", f"bytes={kept}-")


@pytest.mark.parametrize(
    ("left", "asked"),
    [
        (DATA, []),  # the process ended just before the file got its name
        (DATA[:10], ["bytes=10-"]),
        (
            b"x" * 10,
            ["bytes=10-", None],
        ),  # another file's beginning: the checksum tells, and all is asked for anew
        (b"x" * len(DATA), [None]),
        (DATA + b"more", [None]),
        (b"", [None]),
    ],
)
def test_whatever_was_left_the_file_is_right(web, get, tmp_path, left, asked):
    (tmp_path / "a.gz.part").write_bytes(left)
    assert get().read_bytes() == DATA
    assert [wanted for _, wanted in web.asked] == asked
    assert names(tmp_path) == ["a.gz"]


def test_a_server_that_knows_no_ranges_sends_all(web, get, tmp_path):
    web.ranges = False
    (tmp_path / "a.gz.part").write_bytes(DATA[:1000])
    assert get().read_bytes() == DATA
    assert web.asked == [("a.gz", "bytes=1000-")]


def test_a_range_that_is_not_the_one_asked_for_is_refused(web, get, tmp_path):
    (tmp_path / "a.gz.part").write_bytes(DATA[:1000])
    web.headers = {"Content-Range": "bytes 0-299999/300000"}
    with pytest.raises(DownloadError, match="part 0-299999/300000 does not fit the 1000"):
        get()
    assert names(tmp_path) == []
    web.headers = {}
    assert get().read_bytes() == DATA


def test_a_redirection_is_followed_with_its_range(web, get, tmp_path):
    web.redirects["old.gz"] = "/a.gz"
    (tmp_path / "a.gz.part").write_bytes(DATA[:1000])
    assert get("old.gz").read_bytes() == DATA
    assert web.asked == [("old.gz", "bytes=1000-"), ("a.gz", "bytes=1000-")]


def test_the_wrong_file_is_never_kept(web, get, tmp_path):
    web.files["bad.gz"] = DATA[:-1] + b"x"
    with pytest.raises(
        DownloadError, match=r"bad.gz: wrong checksum: this is not the file that was published"
    ):
        get("bad.gz")
    assert names(tmp_path) == []
    assert get("bad.gz", "a.gz").read_bytes() == DATA, "another mirror has it"
    assert [path for path, _ in web.asked] == ["bad.gz", "bad.gz", "a.gz"]


def test_the_mirrors_are_asked_in_turn_and_each_says_why_it_was_of_no_use(web, get, tmp_path, monkeypatch):
    look_up = socket.getaddrinfo

    def no_names(host, *more, **settings):
        if host == "no-such-host.invalid":
            raise socket.gaierror("Name or service not known")
        return look_up(host, *more, **settings)

    monkeypatch.setattr(socket, "getaddrinfo", no_names)
    web.files["page.gz"] = b"<html>log in first</html>"
    closed = "http://127.0.0.1:9/a.gz"
    with pytest.raises(DownloadError) as caught:
        get("none.gz", "page.gz", closed, "http://no-such-host.invalid/a.gz")
    lines = str(caught.value).splitlines()
    assert lines[0] == "a.gz could not be downloaded."
    assert re.fullmatch(r"  .*none.gz: HTTP 404 Not Found", lines[1])
    assert re.fullmatch(
        r"  .*page.gz: it sends 25 bytes, where the file has 300000: .*log-in page.*", lines[2]
    )
    assert re.fullmatch(r"  .*127.0.0.1:9/a.gz: no connection \(.*\)", lines[3])
    assert re.fullmatch(r"  .*no-such-host.invalid/a.gz: no connection \(.*\)", lines[4])
    assert lines[5].endswith(f"put it into {tmp_path}")
    assert get("none.gz", "page.gz", closed, "a.gz").read_bytes() == DATA


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_busy_server_is_asked_again(web, get, status):
    web.errors = [status, status]
    assert get().read_bytes() == DATA
    assert len(web.asked) == 3
    web.asked.clear()


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_server_that_refuses_is_not(web, get, status):
    web.errors = [status] * 9
    with pytest.raises(DownloadError, match=f"HTTP {status}"):
        get()
    assert len(web.asked) == 1


def test_no_more_is_taken_than_the_file_has(web, get, tmp_path):
    web.files["a.gz"] = DATA + DATA
    web.headers = {"Content-Length": None}
    with pytest.raises(DownloadError, match="it sends more than the 300000 bytes of the file"):
        get()
    assert names(tmp_path) == []


def test_a_server_that_does_not_say_how_much_will_come_is_fine(web, get):
    web.headers = {"Content-Length": None}
    assert get().read_bytes() == DATA


def test_another_file_of_that_name_is_not_touched(web, get, tmp_path):
    (tmp_path / "a.gz").write_bytes(b"mine")
    with pytest.raises(
        DownloadError, match=r"a.gz is there, but is not the published file of 300000 bytes.*away"
    ):
        get()
    assert (tmp_path / "a.gz").read_bytes() == b"mine"
    assert web.asked == []


# --- no room


def test_too_little_room_is_told_before_anything_is_asked(web, get, tmp_path, monkeypatch):
    usage = type("usage", (), {"free": 299_999})
    monkeypatch.setattr("nn.datasets.download.shutil.disk_usage", lambda _: usage)
    with pytest.raises(
        DownloadError, match=r"the disk is full.*0 MB are free.*root=.*GRADLENS_DATA"
    ) as caught:
        get()
    assert caught.value.errno == errno.ENOSPC
    assert web.asked == []
    (tmp_path / "a.gz.part").write_bytes(DATA[:1])
    assert get().read_bytes() == DATA, "what is there needs no room"


def test_a_disk_that_fills_up_is_told_and_what_came_is_kept(web, get, tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    web.breaks = [100_000]
    with monkeypatch.context() as patch:
        patch.setattr("nn.datasets.download.os.fsync", full)
        with pytest.raises(DownloadError, match=r"the disk is full.*What arrived is kept"):
            get()
    assert names(tmp_path) == ["a.gz.part"]
    assert len(web.asked) == 1, "no other mirror would help"
    assert get().read_bytes() == DATA
    assert web.asked[-1] == ("a.gz", "bytes=100000-")


def test_a_folder_that_cannot_be_made_is_told(web, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DownloadError, match=r"cannot be kept in .*cannot be written to"):
        fetch([web.url + "a.gz"], tmp_path / "file" / "a.gz", sha256=SUM, size=len(DATA))


# --- several at once


def test_of_several_at_once_one_downloads_and_all_have_it(web, get, tmp_path):
    web.stalls = [150_000]
    results = []
    threads = [threading.Thread(target=lambda: results.append(get(timeout=5).read_bytes())) for _ in range(3)]
    for thread in threads:
        thread.start()
    web.wait_for(lambda: web.asked)
    web.released.set()  # the server closes, and the connection counts as broken
    for thread in threads:
        thread.join()
    assert results == [DATA] * 3
    assert [wanted for _, wanted in web.asked] == [None, "bytes=150000-"]


# --- progress


class Terminal:
    """Standard error as a terminal, or not."""

    def __init__(self, terminal):
        self.terminal, self.text, self.encoding = terminal, "", "utf-8"

    def isatty(self):
        return self.terminal

    def write(self, text):
        self.text += text

    def flush(self):
        pass


@pytest.mark.parametrize(
    ("terminal", "progress", "drawn"), [(True, None, True), (False, None, False), (True, False, False)]
)
@pytest.mark.parametrize("rich", [True, False])
def test_progress_is_drawn_where_somebody_looks(web, get, monkeypatch, terminal, progress, drawn, rich):
    if rich:
        pytest.importorskip("rich")
    else:
        monkeypatch.setitem(sys.modules, "rich.progress", None)
        monkeypatch.setitem(sys.modules, "rich.console", None)
    screen = Terminal(terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", screen)
    get(progress=progress)
    monkeypatch.undo()
    assert bool(screen.text) == drawn
    if drawn:
        assert "a.gz" in screen.text
        assert ("300.0/300.0 kB" if rich else "\ra.gz 100 % of 0.3 MB\n") in screen.text


# --- the data sets


def serve(web, monkeypatch, folder, known, mirrors, names):
    """Put the files on the server, and their sums where the loader looks for them."""
    for name in names:
        web.files[name] = (folder / name).read_bytes()
    monkeypatch.setitem(*mirrors, (web.url + "gone/", web.url))
    for key, name in known:
        data = web.files[name]
        monkeypatch.setitem(*key, (len(data), hashlib.sha256(data).hexdigest()))


@pytest.mark.parametrize(("load", "name"), [(nn.load_mnist, "MNIST"), (nn.load_fashion_mnist, "FASHION")])
def test_mnist_is_downloaded_when_that_is_asked_for(web, tmp_path, monkeypatch, load, name):
    from nn.datasets import mnist

    about = getattr(mnist, name)
    made = write_mnist(tmp_path / "web")
    files = [path.name for path in (tmp_path / "web").iterdir()]
    known = [((about, file.removesuffix(".gz")), file) for file in files]
    serve(web, monkeypatch, tmp_path / "web", known, (about, "mirrors"), files)
    monkeypatch.setenv("GRADLENS_DATA", str(tmp_path / "cache"))
    with pytest.raises(FileNotFoundError, match="Write download=True"):
        load()
    assert web.asked == []
    assert not (tmp_path / "cache").exists()
    X, y = load(download=True)
    np.testing.assert_array_equal(y, made["train"][1])
    assert names(tmp_path / "cache" / about["folder"]) == [file for file in sorted(files) if "train" in file]
    asked = len(web.asked)
    np.testing.assert_array_equal(load(download=True)[0], X)
    np.testing.assert_array_equal(load()[0], X)
    assert len(web.asked) == asked
    test_files = [file for file in files if "t10k" in file]
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / test_files[0]).write_bytes(web.files[test_files[0]])
    web.asked.clear()
    assert len(load(tmp_path / "own", train=False, download=True)[0]) == 3
    assert [path for path, _ in web.asked] == [f"gone/{test_files[1]}", test_files[1]], "only what is missing"


@pytest.mark.parametrize("version", [None, "binary", "python"])
def test_cifar_is_downloaded_when_that_is_asked_for(web, tmp_path, monkeypatch, version):
    from nn.datasets import cifar

    about = cifar.VERSIONS[version or "binary"]
    write_archive(tmp_path / about["archive"], cifar_files(version or "binary"))
    data = web.files[about["archive"]] = (tmp_path / about["archive"]).read_bytes()
    monkeypatch.setattr(cifar, "MIRRORS", (web.url,))
    monkeypatch.setitem(about, "size", len(data))
    monkeypatch.setitem(about, "sha256", hashlib.sha256(data).hexdigest())
    X, y = nn.load_cifar10(tmp_path / "root", download=True, version=version)
    np.testing.assert_array_equal(y[:4], BATCHES["data_batch_1"][1])
    assert names(tmp_path / "root") == [about["archive"]]
    assert len(nn.load_cifar10(tmp_path / "root", train=False)[0]) == 4
    np.testing.assert_array_equal(nn.load_cifar10(tmp_path / "root", download=True)[0], X)
    assert len(web.asked) == 1


def test_the_published_sums_are_whole():
    from nn.datasets import cifar, mnist

    known = [pair for about in (mnist.MNIST, mnist.FASHION) for pair in about.values() if len(pair) == 2]
    known = [pair for pair in known if isinstance(pair[0], int)]
    known += [(about["size"], about["sha256"]) for about in cifar.VERSIONS.values()]
    assert len(known) == 10
    assert len({sha256 for _, sha256 in known}) == 10
    assert all(re.fullmatch("[0-9a-f]{64}", sha256) and size > 4000 for size, sha256 in known)
