"""The file of a search: what survives an interruption of any kind, and whose file it is."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from objectives import seeded, slow, sometimes

import nn
from nn.search import (
    SearchError,
    choice,
    coarse_to_fine,
    grid_search,
    integers,
    log_uniform,
    random_search,
    staged_search,
    successive_halving,
    uniform,
)
from nn.search.words import described

ROOT = Path(__file__).resolve().parents[2]
LINE = {"x": uniform(0, 1)}


def found(result):
    """All but the time it took."""
    return [
        (t.key, t.budget, t.params, t.seed, t.score, t.metrics, t.curves, t.error, t.traceback)
        for t in result.trials
    ]


def lines(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def search(path=None, objective=slow, space=LINE, trials=10, **settings):
    return random_search(
        objective,
        space,
        **{"mode": "max", "score": "value", "rng": 0, "trials": trials, "resume": path, **settings},
    )


def never(params, seed):
    raise AssertionError("this trial had finished")


def named_like(objective, other):
    """`objective` under the name of the other one: the file knows it by that."""
    objective.__qualname__ = other.__qualname__
    return objective


# --- going on


def test_a_search_that_was_broken_off_runs_what_is_missing(tmp_path):
    path = tmp_path / "runs" / "digits" / "search.jsonl"  # folders are made
    whole = search()
    seen = []

    def counting(params, seed):
        seen.append(seed)
        return slow(params, seed)

    named_like(counting, slow)
    search(path, counting, trials=4)
    assert len(seen) == 4
    result = search(path, counting)
    assert len(seen) == 10
    assert found(result) == found(whole)
    assert result.table() == whole.table()
    assert found(search(path, named_like(lambda p, seed: never(p, seed), slow))) == found(whole)
    assert len(search(path, trials=3)) == 3
    assert len(lines(path)) == 11  # one about the search, and the trials


def test_every_kind_of_search_goes_on(tmp_path):
    """Each is broken off after k trials, by an exception that is no failed trial, for every k."""
    ways = {
        "random": partial(random_search, space=LINE, trials=5),
        "grid": partial(grid_search, space=LINE, n=5),
        "coarse": partial(coarse_to_fine, space=LINE, trials=3, rounds=2),
        "halving": partial(successive_halving, space=LINE, max_budget=4, eta=2),
        "staged": partial(staged_search, stages=[LINE, {"y": integers(1, 9)}], start={"y": 1}, trials=3),
    }
    count, stop = 0, None

    def objective(params, seed, budget=1):
        nonlocal count
        count += 1
        if count == stop:
            raise SystemExit
        return {"value": params["x"] + seed % 5 + budget, "curve": [1.0, params["x"]]}

    settings = {"mode": "max", "score": "value", "rng": 1}
    for name, way in ways.items():
        stop = None
        whole = way(objective, **settings)
        for k in range(1, len(whole) + 1):
            path = tmp_path / f"{name}{k}"
            count, stop = 0, k
            with pytest.raises(SystemExit):
                way(objective, resume=path, **settings)
            assert len(lines(path)) == k  # the first is about the search
            count, stop = 0, None
            assert found(way(objective, resume=path, **settings)) == found(whole)
            assert count == len(whole) - k + 1


def test_numbers_of_all_kinds_come_back_as_they_were(tmp_path):
    def objective(params):
        return {"value": 0.1 + 0.2, "odd": float("nan"), "curve": [float("inf"), -0.0, 5e-324]}

    space = {"x": uniform(0, 1), "kind": choice([nn.Tanh, None, (1, 2), "relu"]), "n": integers(1, 3)}
    path = tmp_path / "search.jsonl"
    one = search(path, objective, space)
    two = search(path, objective, space)
    assert repr(found(one)) == repr(found(two))
    assert {t.params["kind"] for t in two} == {nn.Tanh, None, (1, 2), "relu"}
    assert {record["params"]["kind"] for record in lines(path)[1:]} == {"Tanh", None, "(1, 2)", "relu"}


@pytest.mark.parametrize(("factor", "again"), [(1 + 1e-14, 0), (1 + 1e-9, 1)])
def test_a_trial_is_the_same_but_for_the_last_digits_in_which_machines_differ(tmp_path, factor, again):
    path, seen = tmp_path / "search.jsonl", []
    search(path, trials=1)
    about, record = lines(path)
    record["params"]["x"] *= factor
    path.write_text("".join(json.dumps(line) + "\n" for line in (about, record)))
    search(path, named_like(lambda params, seed: seen.append(seed) or {"value": 1}, slow), trials=1)
    assert len(seen) == again


def test_without_a_seed_the_file_has_one(tmp_path):
    path = tmp_path / "search.jsonl"
    one = search(path, trials=3, rng=None)
    two = search(path, trials=6, rng=None)
    assert found(two)[:3] == found(one)
    assert found(search(trials=6, rng=lines(path)[0]["seed"])) == found(two)


def test_failed_trials_are_kept_unless_they_are_to_be_tried_again(tmp_path):
    path, settings = tmp_path / "search.jsonl", {"score": None, "rng": 1}
    one = search(path, sometimes, **settings)
    assert 0 < len(one.failed) < 10

    def mended(params, seed):
        assert seed % 3 != 2, "this trial had not failed"
        return params["x"]

    named_like(mended, sometimes)
    assert found(search(path, mended, **settings)) == found(one)
    again = search(path, mended, retry=True, **settings)
    assert not again.failed
    assert found(search(path, sometimes, retry=True, **settings)) == found(again)
    by_number = {record["number"]: record for record in lines(path)[1:]}  # the later one counts
    assert all(record["error"] is None for record in by_number.values())


def test_a_search_of_which_all_failed_is_told_to_try_again(tmp_path):
    path = tmp_path / "search.jsonl"
    for _ in range(2):
        with pytest.raises(
            SearchError, match=r"all 3 trials failed.*retry=True.*for another space.*another file"
        ):
            search(path, never, trials=3)
    with pytest.raises(SearchError, match="of another search"):  # as the advice says
        search(path, never, trials=3, space={"x": uniform(0, 2)})
    assert len(search(path, named_like(lambda p, seed: {"value": 1}, never), trials=3, retry=True)) == 3


@pytest.mark.parametrize("numbers", [uniform(0, 1), integers(0, 1000)], ids=repr)
@pytest.mark.parametrize("way", ["coarse", "staged"])
def test_trials_that_move_when_an_earlier_one_is_run_again_are_run_again_too(tmp_path, way, numbers):
    broken, space = True, {"x": numbers}

    def objective(params):
        if broken and params["x"] > 0.9 * numbers.high:
            raise MemoryError
        return params["x"]

    settings = {"trials": 8, "mode": "max", "rng": 0, "resume": tmp_path / "search.jsonl"}
    ways = {
        "coarse": partial(coarse_to_fine, objective, space, rounds=2, **settings),
        "staged": partial(staged_search, objective, [space, {"y": [1, 2]}], start={"y": 1}, **settings),
    }
    first = ways[way]()
    assert first.failed
    broken = False
    again = ways[way](retry=True)
    assert again.spaces != first.spaces
    assert [t.score for t in again] == [t.params["x"] for t in again]
    count = len(lines(settings["resume"]))
    assert found(ways[way]()) == found(again)  # now the file has what was run again
    assert len(lines(settings["resume"])) == count


# --- whose file it is


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rng": 1}, "seed is 0 there and 1 here"),
        ({"space": {"x": uniform(0, 2)}}, r"x is uniform\(0, 1\) there and uniform\(0, 2\) here"),
        ({"space": {"x": uniform(0, 1), "y": [1]}}, r"y is absent there and choice\(\[1\]\) here"),
        ({"objective": seeded}, "objective is slow there and seeded here"),
        ({"mode": "min"}, "mode is max there and min here"),
        ({"score": "curve"}, "score is value there and curve here"),
    ],
)
def test_the_file_of_another_search_is_refused_and_stays_as_it_is(tmp_path, changes, words):
    path = tmp_path / "search.jsonl"
    search(path, trials=2)
    before = path.read_bytes()
    with pytest.raises(SearchError, match=f"of another search: {words}. Give another path"):
        search(path, trials=2, **changes)
    assert path.read_bytes() == before


def test_the_file_of_another_way_to_search_is_refused(tmp_path):
    path = tmp_path / "search.jsonl"
    grid_search(slow, LINE, n=2, mode="max", score="value", rng=0, resume=path)
    with pytest.raises(SearchError, match="method is grid_search there and random_search here"):
        search(path)
    with pytest.raises(SearchError, match="n is 2 there and 3 here"):
        grid_search(slow, LINE, n=3, mode="max", score="value", rng=0, resume=path)


def test_an_object_that_holds_something_else_is_refused_and_a_repr_is_the_way_out(tmp_path):
    class Counting:
        def __init__(self):
            self.calls = 0

        def __call__(self, params):
            self.calls += 1
            return self.calls

    class Named(Counting):
        def __repr__(self):
            return "Named()"

    for kind in (Counting, Named):
        objective, path = kind(), tmp_path / kind.__name__
        random_search(objective, LINE, trials=1, mode="max", rng=0, resume=path)
        again = partial(random_search, objective, LINE, trials=2, mode="max", rng=0, resume=path)
        if kind is Named:
            assert [trial.score for trial in again()] == [1, 2]
        else:
            with pytest.raises(
                SearchError, match=r"begin anew\. An object is known by the sum of all that it holds"
            ):
                again()


def test_the_file_of_other_data_is_refused(tmp_path):
    X, y = nn.datasets.circles(40, rng=0)
    settings = {"trials": 1, "epochs": 1, "rng": 0, "resume": tmp_path / "search.jsonl"}
    one = nn.search.mlp_search((X, y), (X, y), **settings)
    assert found(nn.search.mlp_search((X.copy(), y), (X, y), **settings)) == found(one)
    with pytest.raises(SearchError, match="objective is MLPObjective"):
        nn.search.mlp_search((X + 1e-9, y), (X, y), **settings)


class Plain:
    """Its repr is its address."""

    def __init__(self, held):
        self.held = held

    def __call__(self, params):
        return {"value": 1.0}

    def method(self, params):
        return {"value": 1.0}


class Slotted:
    __slots__ = ("held",)

    def __init__(self, held):
        self.held = held


@dataclass
class Settings:
    held: object


@pytest.mark.parametrize(
    "make",
    [
        lambda x: partial(slow, epochs=x),
        lambda x: partial(partial(slow, epochs=x), more=1),
        lambda x: Plain(x),
        lambda x: Plain(x).method,
        lambda x: Plain(Plain([1, {"deep": x}])),
        lambda x: Plain(nn.Parameter(np.arange(5000.0) + (np.arange(5000) == x))),
        lambda x: Plain({x, "text"}),
        lambda x: Slotted(x),
        lambda x: Settings(Plain(x)),
        lambda x: Settings(np.array([1.0, 1 + x / 1e12])),
        lambda x: np.arange(5000) + 7 * (np.arange(5000) == 100 * x),
        lambda x: np.array([Plain(x), None]),
        lambda x: np.array([1.0, 1 + x / 1e12]),
    ],
)
def test_what_is_different_is_described_differently_and_what_is_equal_equally(make):
    assert described(make(1)) == described(make(1))
    assert described(make(1)) != described(make(2))
    assert " at 0x" not in described(make(1))


def test_what_refers_to_itself_or_cannot_be_read_is_described_too():
    plain = Plain(None)
    plain.held = [plain, threading.Lock()]
    other = Plain(None)
    other.held = [other, threading.Lock()]
    assert described(plain) == described(other) != described(Plain(None))


def test_the_file_of_an_objective_or_a_space_with_other_contents_is_refused(tmp_path):
    def objective(params, epochs=1):
        return {"value": epochs}

    pairs = [
        (partial(objective, epochs=1), partial(objective, epochs=100), "epochs=1, .* there .*epochs=100"),
        (Plain(1), Plain(1000), r"objective is Plain\(sum"),
    ]
    for i, (one, other, words) in enumerate(pairs):
        search(tmp_path / str(i), one, trials=2)
        assert len(search(tmp_path / str(i), one, trials=3)) == 3
        with pytest.raises(SearchError, match=words):
            search(tmp_path / str(i), other, trials=2)
    search(tmp_path / "space", objective, {"x": [Plain(1), Plain(2)]}, trials=2)
    search(tmp_path / "space", objective, {"x": [Plain(1), Plain(2)]}, trials=2)
    with pytest.raises(SearchError, match="x is choice"):
        search(tmp_path / "space", objective, {"x": [Plain(100), Plain(200)]}, trials=2)


@pytest.mark.parametrize("text", ["", "{}\n", "hello", "[1, 2]\n", '{"gradlens search": 7}\n', "\0\0\0\n"])
def test_a_file_of_something_else_is_refused(tmp_path, text):
    path = tmp_path / "notes.txt"
    path.write_text(text)
    with pytest.raises(SearchError, match=r"notes\.txt: it is no file of a search") as refused:
        search(path)
    assert path.read_text() == text
    assert os.listdir(tmp_path) == ["notes.txt"], refused  # the lock has ended, though its error is at hand


@pytest.mark.parametrize("path", ["", b"search.jsonl", True, 3])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(TypeError, match=re.escape(f"resume={path!r}: give the path of a file, such as")):
        search(path, never)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder: give a file, such as"):
        search(tmp_path)


def test_a_file_that_cannot_be_written_is_known_before_the_first_trial(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="file"):
        search(tmp_path / "file" / "search.jsonl", never)
    path = tmp_path / "search.jsonl"
    done = search(path, trials=2)
    path.chmod(0o400)
    assert found(search(path, trials=2)) == found(done)  # nothing is to be written
    if not os.access(path, os.W_OK):  # root writes whatever it wants to
        with pytest.raises(PermissionError):
            search(path, named_like(lambda p, seed: never(p, seed), slow))


def test_a_full_disk_leaves_the_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "search.jsonl"
    search(path, trials=2)
    before = path.read_bytes()
    real, calls = os.fsync, []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:  # the first is of making ready
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        search(path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert found(search(path)) == found(search())
    calls[:] = [0]
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        search(tmp_path / "new.jsonl")
    assert os.listdir(tmp_path) == ["search.jsonl"]


def test_two_searches_at_once_in_one_file_are_noticed(tmp_path):
    path = tmp_path / "search.jsonl"

    def objective(params, seed, number):
        if number == 3:
            with path.open("a") as file:
                file.write("{}\n")
        return {"value": 1}

    with pytest.raises(SearchError, match="changed by another process"):
        search(path, objective)


def test_a_second_search_with_the_same_file_is_told_before_its_first_trial(tmp_path):
    path, refused = tmp_path / "search.jsonl", []

    def objective(params, seed, number):
        with pytest.raises(SearchError, match=r"search\.jsonl is in use: another search writes to it"):
            search(path, never)
        search(tmp_path / f"{number}.jsonl")  # others in the same folder do not mind
        refused.append(number)
        return {"value": number}

    assert len(search(path, objective, trials=3)) == len(refused) == 3
    with pytest.raises(SearchError, match="of another search"):
        search(path, objective, rng=7)
    assert len(search(path, objective, trials=4)) == len(refused) == 4  # the lock ended with each search
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


def test_of_processes_that_begin_at_once_in_one_file_one_goes_on_and_the_others_are_told(tmp_path):
    path = tmp_path / "new" / "search.jsonl"
    program = [sys.executable, "-c", TOGETHER, str(path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(program, env=environment, **pipes) for _ in range(3)]
    for process in running:
        process.stdout.readline()
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [process.communicate() for process in running]
    assert [err for _, err in ends] == [""] * 3
    assert sorted(out.split()[0] for out, _ in ends) == ["4", "SearchError", "SearchError"]
    assert len(lines(path)) == 5
    assert os.listdir(tmp_path / "new") == ["search.jsonl"]


TOGETHER = """
import sys, time
from nn.search import SearchError, random_search, uniform
print("ready", flush=True)
input()
try:
    result = random_search(
        lambda p: time.sleep(0.4) or 1, {"x": uniform(0, 1)}, trials=4, mode="max", rng=0, resume=sys.argv[1]
    )
    print(len(result))
except SearchError as error:
    print("SearchError", error)
"""


def test_a_folder_that_is_only_read_from_needs_no_lock(tmp_path, monkeypatch):
    done, asked = search(tmp_path / "search.jsonl", trials=2), []

    def refuse(folder, wait, name):
        asked.append(name)
        raise PermissionError(13, "Permission denied", folder)

    monkeypatch.setattr(sys.modules["nn.search.file"], "locked", refuse)
    assert found(search(tmp_path / "search.jsonl", trials=2)) == found(done)
    assert asked == [".search.jsonl.lock"]


# --- the end of a process


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_line_half_written_is_run_again(tmp_path, cut):
    path = tmp_path / "search.jsonl"
    search(path, trials=6)
    path.write_bytes(path.read_bytes()[:-cut])
    assert found(search(path)) == found(search())
    assert len(lines(path)) == 11


def test_a_last_line_of_zeros_is_run_again_and_one_amid_the_others_is_an_error(tmp_path):
    path = tmp_path / "search.jsonl"
    search(path, trials=4)
    *start, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*start, b"\0" * (len(last) - 1) + b"\n"]))
    assert found(search(path, trials=4)) == found(search(trials=4))
    path.write_bytes(b"".join([*start[:2], b"{]\n", *start[3:]]))
    with pytest.raises(SearchError, match="line 3 is damaged"):
        search(path)


@pytest.mark.parametrize(
    ("line", "changes", "words"),
    [
        (1, {"seed": "abc"}, "seed is 'abc'"),
        (1, {"seed": True}, "seed is True"),
        (1, {"seed": -1}, "seed is -1"),
        (1, {"seed": ...}, "seed is missing"),
        (1, {"mode": "up"}, "mode is 'up'"),
        (1, {"space": None}, "space is None"),
        (2, {"score": "high"}, "score is 'high'"),
        (2, {"score": {"$float": "nan"}}, "score is nan"),
        (2, {"score": None}, "a trial has a score or an error"),
        (2, {"error": "broken"}, "a score or an error, and not both"),
        (2, {"metrics": None}, "metrics is None"),
        (2, {"metrics": {"value": "high"}}, "metrics is"),
        (2, {"curves": {"curve": 1.0}}, "curves is"),
        (2, {"curves": {"curve": [None]}}, "curves is"),
        (2, {"seconds": "long"}, "seconds is 'long'"),
        (2, {"number": "1"}, "number is '1'"),
        (2, {"number": 0}, "number is 0"),
        (2, {"round": None}, "round is None"),
        (2, {"params": [1]}, r"params is \[1\]"),
        (2, {"budget": "all"}, "budget is 'all'"),
        (2, {"traceback": 3}, "traceback is 3"),
        (4, {"score": "high"}, "score is 'high'"),  # also in the last line: it is whole
        (4, {"score": ...}, "score is missing"),
    ],
)
def test_a_damaged_field_is_named(tmp_path, line, changes, words):
    path = tmp_path / "search.jsonl"
    search(path, trials=3)
    records = lines(path)
    changed = records[line - 1] | changes
    records[line - 1] = {name: value for name, value in changed.items() if value is not ...}
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    before = path.read_bytes()
    with pytest.raises(SearchError, match=rf"search\.jsonl: line {line} is damaged \(.*{words}"):
        search(path, trials=3)
    assert path.read_bytes() == before


def test_ctrl_c_in_a_training_ends_the_search_and_not_only_the_training(tmp_path):
    """fit returns early after Ctrl-C, as if all were well; that score must not count."""
    X, y = nn.datasets.circles(60, rng=0)
    pressed = []

    def objective(params, seed, number):
        def press(training):
            if number == 3 and not pressed:
                pressed.append(number)
                signal.raise_signal(signal.SIGINT)

        model = nn.MLP([2, 4, 2], rng=seed)
        return nn.fit(model, (X, y), epochs=4, callbacks=press, rng=seed)

    path = tmp_path / "search.jsonl"
    settings = {"mode": "min", "score": "loss", "rng": 0, "trials": 5}
    result = random_search(objective, LINE, resume=path, **settings)
    assert result.interrupted
    assert [t.number for t in result] == [1, 2]
    assert "interrupted" in repr(result)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    again = random_search(objective, LINE, resume=path, **settings)
    assert not again.interrupted
    assert {len(t.curves["loss"]) for t in again} == {4}
    assert found(again) == found(random_search(objective, LINE, **settings))


def test_ctrl_c_before_the_first_trial_has_finished_is_ctrl_c():
    def objective(params):
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        random_search(objective, LINE, mode="max")


def test_in_a_thread_there_are_no_signals_and_a_search_runs():
    results = []
    thread = threading.Thread(target=lambda: results.append(found(search(trials=3))))
    thread.start()
    thread.join()
    assert results == [found(search(trials=3))]


PROGRAM = """
import sys
from objectives import slow
from nn.search import coarse_to_fine, uniform
print("ready", flush=True)
coarse_to_fine(
    slow, {"x": uniform(0, 1)}, trials=30, mode="max", score="value", rng=3, resume=sys.argv[1], n_jobs=int(sys.argv[2])
)
"""


def test_a_killed_search_goes_on_and_ends_with_the_same_table(tmp_path):
    """SIGKILL at random moments: each time the file is whole, and the trials in it stay."""
    path, draw = tmp_path / "search.jsonl", random.Random(0)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    killed, before = 0, 0
    for wait in [draw.uniform(0.02, 0.3) for _ in range(4)]:
        program = [sys.executable, "-c", PROGRAM, str(path), "1"]
        with subprocess.Popen(program, stdout=subprocess.PIPE, env=environment) as process:
            process.stdout.readline()
            time.sleep(wait)
            process.kill()
        killed += process.returncode == -signal.SIGKILL
        if path.exists():
            now = len(path.read_bytes().split(b"\n")) - 2
            assert now >= before
            before = now
    assert killed >= 2
    assert before > 0
    settings = {"trials": 30, "mode": "max", "score": "value", "rng": 3}
    resumed = coarse_to_fine(slow, LINE, resume=path, **settings)
    whole = coarse_to_fine(slow, LINE, **settings)
    assert found(resumed) == found(whole)
    assert resumed.table() == whole.table()
    assert len(lines(path)) == 91
    assert [name for name in os.listdir(tmp_path) if name != "search.jsonl"] == []


def test_the_space_in_the_file_can_be_read(tmp_path):
    path = tmp_path / "search.jsonl"
    search(path, partial(slow, seed=0), {"x": log_uniform(1e-3, 1)}, trials=1)
    about, trial = lines(path)
    assert about == {
        "gradlens search": 1,
        "method": "random_search",
        "objective": "slow(seed=0, ...)",
        "mode": "max",
        "score": "value",
        "seed": 0,
        "space": {"x": "log_uniform(0.001, 1)"},
        "settings": {},
    }
    assert set(trial) >= {"number", "params", "seed", "score", "metrics", "curves", "seconds", "error"}
