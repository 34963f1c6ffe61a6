"""Several trials at a time, in processes and on a cluster: the result is that of one after the other."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from objectives import deadly, elsewhere, seeded, slow, sometimes, training

import nn
from nn.search import (
    MLPObjective,
    SearchError,
    choice,
    coarse_to_fine,
    grid_search,
    log_uniform,
    one_minus_log_uniform,
    random_search,
    successive_halving,
    uniform,
)

joblib = pytest.importorskip("joblib", reason="joblib is not installed: pip install 'gradlens[search]'")

ROOT = Path(__file__).resolve().parents[2]
LINE = {"x": uniform(0, 1)}
NETWORK = {
    "lr": log_uniform(0.01, 1),
    "momentum": one_minus_log_uniform(0.5, 0.95),
    "hidden": choice([3, 5]),
}
WAYS = {
    "random": partial(random_search, seeded, LINE, trials=7, mode="max", score="value", rng=0),
    "networks": partial(random_search, training, NETWORK, trials=4, mode="max", score="val_accuracy", rng=0),
    "grid": partial(grid_search, slow, LINE, n=6, mode="min", score="value", rng=0),
    "coarse": partial(coarse_to_fine, slow, LINE, trials=4, rounds=2, mode="max", score="value", rng=0),
    "halving": partial(
        successive_halving,
        MLPObjective(*[(np.eye(4), np.arange(4))] * 2, hidden=5),
        {"lr": log_uniform(1e-3, 1)},
        max_budget=4,
        eta=2,
        mode="max",
        score="val_accuracy",
        rng=0,
    ),
    "failing": partial(random_search, sometimes, LINE, trials=9, mode="max", rng=1),
}
EXPECTED = {}


def found(result):
    """All but the time it took, and the lines of the traceback, which are those of the process."""
    return [(t.key, t.budget, t.params, t.seed, t.score, t.metrics, t.curves, t.error) for t in result.trials]


def expected(name):
    if name not in EXPECTED:
        EXPECTED[name] = found(WAYS[name](n_jobs=1))
    return EXPECTED[name]


@pytest.fixture(autouse=True, scope="module")
def workers_gone():
    yield
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


@pytest.fixture(scope="module")
def cluster():
    """Two processes of workers on this machine, at ports that are free; gone afterwards, whatever happens.

    A trial that kills its worker is not tried on others: a worker that is killed while it starts would stay away.
    Dask's profiler is off: it reads the frames of other threads, which may crash Python 3.11.
    """
    distributed = pytest.importorskip("distributed", reason="no local cluster: pip install 'gradlens[dask]'")
    dask = pytest.importorskip("dask")
    with (
        dask.config.set(
            {"distributed.scheduler.allowed-failures": 0, "distributed.worker.profile.enabled": False}
        ),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


# --- processes


@pytest.mark.parametrize("name", WAYS)
def test_in_two_processes_the_result_is_the_same(name, tmp_path):
    path = tmp_path / "search.jsonl"
    assert found(WAYS[name](n_jobs=2, resume=path)) == expected(name)
    assert found(WAYS[name](resume=path)) == expected(name)


def test_the_trials_run_in_other_processes(monkeypatch):
    monkeypatch.setenv("HOME_PROCESS", str(os.getpid()))
    result = random_search(elsewhere, LINE, trials=3, mode="max", n_jobs=2)
    assert not result.failed
    with pytest.raises(SearchError, match="this ran in the main process"):
        random_search(elsewhere, LINE, trials=3, mode="max", n_jobs=1)


@pytest.mark.parametrize(("n_jobs", "trials", "processes"), [(16, 3, 3), (2, 3, 2), (16, 1, 2)])
def test_there_are_no_more_processes_than_trials(n_jobs, trials, processes, monkeypatch):
    asked, real = [], joblib.Parallel

    def parallel(*, n_jobs, **more):
        asked.append(n_jobs)
        return real(n_jobs=2, **more)

    monkeypatch.setattr(joblib, "Parallel", parallel)
    with joblib.parallel_config("loky"):
        result = random_search(seeded, LINE, trials=trials, mode="max", score="value", n_jobs=n_jobs)
    assert len(result) == trials
    assert asked == [processes]


def test_lambdas_and_what_they_refer_to_are_sent_along():
    factor = 3
    space = {"x": uniform(0, 1), "kind": choice([nn.Tanh, nn.ReLU])}
    result = random_search(lambda p: factor * p["x"], space, trials=4, mode="max", rng=0, n_jobs=2)
    assert [t.score for t in result] == [3 * t.params["x"] for t in result]
    assert {t.params["kind"] for t in result} <= {nn.Tanh, nn.ReLU}


def test_data_that_is_too_large_to_be_sent_is_shared_and_trains_the_same():
    """joblib maps arrays of a megabyte and more into memory, read-only."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 100)).astype(np.float32)
    y = (X[:, 0] > 0).astype(int)
    assert X.nbytes > 1e6
    search = partial(
        random_search,
        MLPObjective((X, y), (X, y), epochs=1, hidden=4, batch_size=100),
        {"lr": log_uniform(1e-3, 0.1)},
        trials=2,
        mode="max",
        score="val_accuracy",
        rng=0,
    )
    assert found(search(n_jobs=2)) == found(search(n_jobs=1))


def test_what_cannot_be_sent_is_refused_in_words():
    lock = threading.Lock()
    with pytest.raises(
        SearchError, match=r"objective cannot be sent to other processes.*n_jobs=1 sends nothing"
    ):
        random_search(lambda p: (lock, 1)[1], LINE, trials=2, mode="max", n_jobs=2)
    space = {"lock": choice([lock, None])}
    with pytest.raises(SearchError, match="a value of the space cannot be sent to other processes"):
        grid_search(lambda p: 1, space, mode="max", n_jobs=2)
    assert grid_search(lambda p: 1, space, mode="max", n_jobs=1).best.score == 1
    assert random_search(lambda p: (lock, 1)[1], LINE, trials=2, mode="max", n_jobs=1).best.score == 1
    with joblib.parallel_config("threading", n_jobs=2):
        assert random_search(lambda p: (lock, 1)[1], LINE, trials=2, mode="max").best.score == 1


class Unreadable:
    """Can be sent, and not be received."""

    def __call__(self, params):
        return 1

    def __reduce__(self):
        return int, ("x",)


def test_what_a_process_cannot_read_is_not_told_as_a_lack_of_memory():
    with pytest.raises(
        SearchError, match=r"could not read .* it was sent: ValueError: invalid literal.*'x'\. It im"
    ):
        random_search(Unreadable(), LINE, trials=3, mode="max", n_jobs=2)


def test_a_worker_that_is_killed_ends_the_search_in_words_and_keeps_the_file(tmp_path):
    path = tmp_path / "search.jsonl"
    with pytest.raises(SearchError, match="a process that ran a trial was killed"):
        random_search(deadly, LINE, trials=3, mode="max", n_jobs=2, resume=path)
    deadly_no_more = lambda params, seed: 1
    deadly_no_more.__qualname__ = deadly.__qualname__
    again = random_search(deadly_no_more, LINE, trials=3, mode="max", n_jobs=2, resume=path)
    assert len(again) == 3
    assert not again.failed


@pytest.mark.skipif(os.name == "nt", reason="a process does not learn there that its parent has ended")
def test_the_processes_end_with_the_search_however_it_ends(tmp_path):
    """Otherwise a search started again would meet the old trials, and both write the same checkpoints."""
    program = """
from objectives import lasting
from nn.search import random_search, uniform
random_search(lasting, {"x": uniform(0, 1)}, trials=4, mode="max", n_jobs=2)
"""
    pids = tmp_path / "pids"
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    environment = os.environ | {"PYTHONPATH": paths, "PIDS": str(pids)}
    with subprocess.Popen([sys.executable, "-c", program], env=environment) as process:
        until(lambda: pids.exists() and len(pids.read_text().split()) == 2)
        process.kill()
    workers = [int(pid) for pid in pids.read_text().split()]
    until(lambda: not any(map(running, workers)))


def until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def running(pid):
    """Whether there is such a process, and it is not one that has ended and is only not yet forgotten."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return not state.startswith("Z")


def test_a_wrong_score_ends_the_search_from_a_process_too():
    with pytest.raises(nn.search.ScoreError, match="array of shape"):
        random_search(lambda p: [1.0, 2.0], LINE, trials=3, mode="max", n_jobs=2)


def test_a_search_that_ends_early_leaves_no_threads_behind(monkeypatch):
    """joblib's manager of processes is told to end between a result and the next trial, which it has been given."""
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import _ExecutorManagerThread as Manager

    real = Manager.process_result_item

    def slow(self, item):
        real(self, item)
        time.sleep(0.05)

    monkeypatch.setattr(Manager, "process_result_item", slow)
    get_reusable_executor().shutdown(wait=True)
    before, died = set(threading.enumerate()), []
    monkeypatch.setattr(threading, "excepthook", died.append)
    for _ in range(2):
        with pytest.raises(nn.search.ScoreError, match="returned nothing"):
            random_search(lambda p: None, LINE, trials=9, mode="max", n_jobs=2)
    assert died == []
    until(lambda: set(threading.enumerate()) <= before)


def test_joblib_decides_how_many_where_the_search_does_not():
    with joblib.parallel_config("loky", n_jobs=2):
        pids = {
            t.metrics["pid"]
            for t in random_search(
                lambda p: {"pid": os.getpid(), "v": 1}, LINE, trials=4, mode="max", score="v"
            )
        }
    assert os.getpid() not in pids
    alone = random_search(lambda p: {"pid": os.getpid(), "v": 1}, LINE, trials=2, mode="max", score="v")
    assert {t.metrics["pid"] for t in alone} == {os.getpid()}


def test_an_interruption_in_the_main_process_keeps_what_has_finished(tmp_path, monkeypatch):
    """Ctrl-C comes while the second result is taken; the workers are ended, and the search goes on later."""
    from nn.search.file import SearchFile

    path, real, added = tmp_path / "search.jsonl", SearchFile.add, []

    def add(self, trial):
        if len(added) == 2:
            raise KeyboardInterrupt
        added.append(trial)
        real(self, trial)

    monkeypatch.setattr(SearchFile, "add", add)
    result = WAYS["random"](n_jobs=2, resume=path)
    assert result.interrupted
    assert len(result) == len(added) == 2
    monkeypatch.undo()
    assert found(WAYS["random"](n_jobs=2, resume=path)) == expected("random")


# --- a cluster


@pytest.mark.parametrize("name", WAYS)
def test_on_a_cluster_the_result_is_the_same(name, cluster, tmp_path):
    path = tmp_path / "search.jsonl"
    with joblib.parallel_config("dask"):
        result = WAYS[name](resume=path)
    assert found(result) == expected(name)
    assert found(WAYS[name](resume=path, n_jobs=2)) == expected(name)


def test_the_trials_run_on_the_workers_of_the_cluster(cluster):
    workers = set(cluster.run(os.getpid).values())
    assert len(workers) == 2
    with joblib.parallel_config("dask"):
        result = random_search(
            lambda p: {"pid": os.getpid(), "v": 1}, LINE, trials=8, mode="max", score="v", rng=0
        )
    assert {int(t.metrics["pid"]) for t in result} <= workers


def test_an_objective_with_data_is_sent_to_the_cluster_once(cluster):
    X = np.random.default_rng(0).normal(size=(2000, 50))
    objective = MLPObjective((X, X[:, 0] > 0), (X, X[:, 0] > 0), epochs=1, hidden=2)
    search = partial(
        random_search,
        objective,
        {"lr": log_uniform(1e-3, 0.1)},
        trials=3,
        mode="max",
        score="val_accuracy",
        rng=0,
    )
    with joblib.parallel_config("dask", scatter=[objective]):
        result = search()
    assert found(result) == found(search(n_jobs=1))


def test_a_cluster_is_not_waited_for_in_vain(cluster):
    lock = threading.Lock()
    with joblib.parallel_config("dask"), pytest.raises(SearchError, match="cannot be sent"):
        random_search(lambda p: (lock, 1)[1], LINE, trials=2, mode="max")
    with joblib.parallel_config("dask"), pytest.raises(nn.search.ScoreError, match="returned nothing"):
        random_search(lambda p: None, LINE, trials=2, mode="max")


def test_a_worker_of_a_cluster_that_is_killed_ends_the_search_too(cluster, tmp_path):
    path = tmp_path / "search.jsonl"
    deadly_later = lambda params, number: 1 if number == 1 else os.kill(os.getpid(), signal.SIGKILL)
    search = partial(random_search, space=LINE, mode="max", resume=path, rng=0)
    search(deadly_later, trials=1, n_jobs=1)
    with joblib.parallel_config("dask"), pytest.raises(SearchError, match="that ran a trial was killed"):
        search(deadly_later, trials=2)
    cluster.wait_for_workers(1, timeout=60)
    mended = lambda params, number: number
    mended.__qualname__ = deadly_later.__qualname__
    with joblib.parallel_config("dask"):
        assert [t.score for t in search(mended, trials=2)] == [1, 2]


# --- without joblib


def test_without_joblib_one_at_a_time_works_and_more_are_explained():
    program = """
import sys
sys.modules["joblib"] = None
from nn.search import random_search, uniform
print(len(random_search(lambda p: p["x"], {"x": uniform(0, 1)}, trials=2, mode="max")))
try:
    random_search(lambda p: p["x"], {"x": uniform(0, 1)}, trials=2, mode="max", n_jobs=2)
except ImportError as error:
    print(error)
"""
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert run.stdout.splitlines() == ["2", "n_jobs=2 needs joblib: pip install 'gradlens[search]'"]


def test_results_and_errors_can_be_pickled():
    result = WAYS["random"](n_jobs=1)
    assert found(pickle.loads(pickle.dumps(result))) == found(result)
    for error in (SearchError("a"), nn.search.ScoreError("b")):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
