"""no_grad: nothing is recorded inside, in this thread and task alone, and the state comes back."""

from __future__ import annotations

import asyncio
import threading

import pytest

from autograd import Tensor, Value, enable_grad, no_grad


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_context_manager_and_decorator(kind):
    x = kind(2.0)

    @no_grad()
    def double(v):
        return v * 2

    with no_grad():
        assert (x * x).op is None
        assert not (x * x).requires_grad
        with enable_grad():
            assert (x * x).op is not None
        assert (x + 1).op is None
    assert double(x).op is None
    assert (x * x).op is not None


def test_state_comes_back_after_an_exception():
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert (Value(1.0) * Value(1.0)).op is not None


def test_threads_have_a_state_of_their_own():
    seen = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append((Value(1.0) * Value(2.0)).op))
        thread.start()
        thread.join()
    assert seen[0] is not None


def test_tasks_have_a_state_of_their_own():
    async def quiet(started, go):
        with no_grad():
            started.set()
            await go.wait()
            return (Value(1.0) * Value(2.0)).op

    async def main():
        started, go = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(quiet(started, go))
        await started.wait()
        here = (Value(1.0) * Value(2.0)).op
        go.set()
        return here, await task

    here, inside = asyncio.run(main())
    assert here is not None
    assert inside is None


def test_decorated_coroutine_records_nothing():
    @no_grad()
    async def work():
        await asyncio.sleep(0)
        return (Value(1.0) * Value(2.0)).op

    assert asyncio.run(work()) is None


def test_generator_functions_are_refused():
    with pytest.raises(TypeError, match="inside it"):

        @no_grad()
        def numbers():
            yield 1

    with pytest.raises(TypeError, match="inside it"):

        @no_grad()
        async def later():
            yield 1


def test_one_object_used_twice():
    quiet = no_grad()
    with quiet, quiet:
        pass
    assert (Value(1.0) * Value(1.0)).op is not None
