"""Where trials run: one after the other here, or by joblib in processes and on clusters."""

from __future__ import annotations

import operator
import os
import sys
import threading
import time
import warnings
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from copy import copy
from typing import Any

from .errors import SearchError
from .trial import Trial, attempt

Found = Generator[tuple[Trial, dict[str, Any]], None, None]
KILLED = (
    "a process that ran a trial was killed: perhaps the memory was not enough. Use fewer n_jobs. With resume=, the "
    "trials that are finished are kept."
)
LOCAL = ("loky", "multiprocessing", "threading", "sequential")  # joblib's backends on this machine
WATCH = "end with the search"  # the name of a thread


def checked_jobs(n_jobs: Any) -> int | None:
    """How many trials at a time: as joblib has it."""
    if n_jobs is None:
        return None
    try:
        if isinstance(n_jobs, bool):
            raise TypeError
        n_jobs = operator.index(n_jobs)
    except TypeError:
        raise TypeError(f"n_jobs={n_jobs!r:.40}: it is a whole number, or None.") from None
    if n_jobs == 0:
        raise ValueError(
            "n_jobs=0: nobody would do the work. 1 is one trial at a time, -1 one for each core."
        )
    if n_jobs != 1:
        _joblib(n_jobs)
    return int(n_jobs)


def finished(
    objective: Any, trials: Sequence[Trial], extras: tuple[str, ...], score: str | None, n_jobs: int | None
) -> Found:
    """Each trial with what came of it, in the order in which they come to their ends."""
    if n_jobs == 1 or (n_jobs is None and not _configured()):
        for trial in trials:
            yield trial, attempt(objective, trial, extras, score)
        return
    if not trials:
        return
    joblib = _joblib(n_jobs)
    _check_pickles(joblib, objective, trials)
    backend = joblib.parallel.get_active_backend()[0]
    try:
        if type(backend).__name__ == "DaskDistributedBackend":
            yield from _on_dask(backend, objective, trials, extras, score)
        else:
            how_many = _at_a_time(joblib, backend, n_jobs, len(trials))
            parallel = joblib.Parallel(
                n_jobs=how_many, backend=_ending_well(backend), return_as="generator_unordered", batch_size=1
            )
            yield from _by_joblib(parallel, joblib.delayed(_numbered), objective, trials, extras, score)
    except Exception as error:
        kind = type(error).__name__
        if kind in ("TerminatedWorkerError", "KilledWorker"):
            raise SearchError(KILLED) from error
        if kind == "BrokenProcessPool":
            said = str(error.__cause__).strip(' \n"').split("\n")[-1]
            raise SearchError(
                f"a process could not read the objective, or a value, that it was sent: {said}. It imports them from "
                "where they were made. n_jobs=1 sends nothing."
            ) from error
        raise


def _by_joblib(parallel: Any, run: Any, objective: Any, trials: Sequence[Trial], *how: Any) -> Found:
    home = os.getpid()
    results = parallel(run(home, i, objective, trial, *how) for i, trial in enumerate(trials))
    try:
        for i, found in results:
            yield trials[i], found
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that trials were under way
            results.close()  # ends the workers, if the search ends before them


def _on_dask(backend: Any, objective: Any, trials: Sequence[Trial], *how: Any) -> Found:
    """By the cluster's client: joblib waits forever for a trial whose worker was killed."""
    import distributed

    as_completed: Any = distributed.as_completed
    client, options = backend.client, {"pure": False, **backend.submit_kwargs}
    # What parallel_config("dask", scatter=[objective]) has sent there, or the objective itself.
    sent = backend.data_futures.get(id(objective), objective)
    numbers = {client.submit(attempt, sent, trial, *how, **options): i for i, trial in enumerate(trials)}
    try:
        with backend.retrieval_context():  # a search that is a task there itself frees its place
            for future in as_completed(list(numbers)):
                if future.cancelled():  # what was sent there is lost, with the worker that had it
                    raise SearchError(KILLED)
                yield trials[numbers[future]], future.result()
    finally:
        client.cancel(list(numbers))


def _at_a_time(joblib: Any, backend: Any, n_jobs: int | None, trials: int) -> int | None:
    """No more processes than trials; but two for the last trial, as it is to run in a process of its own, too."""
    local = [backend_ for name, backend_ in joblib.parallel.BACKENDS.items() if name in LOCAL]
    if not isinstance(backend, tuple(local)):
        return n_jobs  # a cluster has its workers already
    return min(int(joblib.effective_n_jobs(n_jobs)), max(2, trials))


def _ending_well(backend: Any) -> Any:
    """A backend of joblib's that may end at any time.

    The thread that hands trials to joblib's processes dies of a trial that it is given while it is told to end. So from
    the end on it is given none, and it is told when it has handed over those before.
    """
    if type(backend).__name__ != "LokyBackend":
        return backend
    # A call that is done at once is answered by the next call, from inside.
    own, lock, ended = copy(backend), threading.RLock(), threading.Event()
    waiting: list[Future[Any]] = []  # not handed over yet

    def still() -> list[Future[Any]]:
        return [future for future in waiting if not (future.running() or future.done())]

    def submit(call: Any, callback: Any = None) -> Future[Any]:
        with lock:
            if ended.is_set():
                return Future()  # nobody asks for its result
            future: Future[Any] = backend.__class__.submit(own, call, callback)
            waiting[:] = [*still(), future]
            return future

    def abort_everything(ensure_ready: bool = True) -> None:
        with lock:
            ended.set()
        patience = time.monotonic() + 1
        while still() and time.monotonic() < patience:
            time.sleep(0.001)
        backend.__class__.abort_everything(own, ensure_ready)

    own.submit, own.abort_everything = submit, abort_everything
    return own


def _numbered(home: int, i: int, *given: Any) -> tuple[int, dict[str, Any]]:
    if os.getppid() == home and all(thread.name != WATCH for thread in threading.enumerate()):
        threading.Thread(target=_end_with, args=(home,), name=WATCH, daemon=True).start()
    return i, attempt(*given)


def _end_with(parent: int) -> None:
    """End this process when its parent has: the search may be started again, and would meet this trial under way."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _configured() -> bool:
    """Whether we are inside of joblib.parallel_config(...) that says more than one at a time, or a cluster."""
    if sys.modules.get("joblib") is None:
        return False
    backend, n_jobs = _joblib(None).parallel.get_active_backend()
    return (getattr(backend, "default_n_jobs", 1) if n_jobs is None else n_jobs) != 1


def _joblib(n_jobs: Any) -> Any:
    try:
        import joblib
    except ImportError:
        raise ImportError(f"n_jobs={n_jobs} needs joblib: pip install 'gradlens[search]'") from None
    return joblib


class _Nowhere:
    """A file of which nothing is kept."""

    def write(self, data: Any) -> int:
        return 0


def _check_pickles(joblib: Any, objective: Any, trials: Sequence[Trial]) -> None:
    """Refuse what cannot be sent to another process: a cluster would only wait for it."""
    if getattr(joblib.parallel.get_active_backend()[0], "supports_sharedmem", False):  # threads
        return
    try:
        import cloudpickle
    except ImportError:  # before joblib 1.6 it came with it
        from joblib.externals import cloudpickle
    what = "the objective"
    try:
        cloudpickle.dump(objective, _Nowhere())
        what = "a value of the space"
        cloudpickle.dump([trial.params for trial in trials], _Nowhere())
    except Exception as error:
        raise SearchError(
            f"{what} cannot be sent to other processes: {error}. What it uses must be picklable: open files, "
            "locks and generators are made inside of the objective. n_jobs=1 sends nothing."
        ) from error
