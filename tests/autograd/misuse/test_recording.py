"""no_grad and enable_grad in places where they are easily got wrong."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from misuse import Misuse, Table

from autograd import GradientError, Tensor, Value, detect_anomaly, enable_grad, grad, no_grad

misuse = Table()
add = misuse.add
x = Tensor(2.0)


def on() -> bool:
    """Whether operations are recorded, by all ways into the graph."""
    found = {(x * x).requires_grad, (x * 2).requires_grad, (Value(1.0) + 1).requires_grad}
    (state,) = found
    return state


def suspended(manager=no_grad):
    with manager():
        yield on()
        yield on()


# --- generators: their blocks end when they are closed, in whatever order and wherever that is


@misuse(gives=[False, True])
def a_generator_stops_inside():
    g = suspended()
    next(g)
    inside = on()  # as in PyTorch: the caller's lines run inside the generator's block
    g.close()
    return [inside, on()]


@misuse(gives=[False, True])
def two_generators_end_in_the_order_they_began():
    a, b = suspended(), suspended()
    next(a), next(b)
    a.close()
    still = on()
    b.close()
    return [still, on()]


@misuse(gives=[False, True])
def a_block_around_the_end_of_a_generator():
    g = suspended()
    next(g)
    with no_grad():
        g.close()
        inside = on()
    return [inside, on()]


@misuse(gives=[True, False, True])
def an_enabling_generator_outlives_the_block_around_it():
    g = suspended(enable_grad)
    with no_grad():
        next(g)
        inside = on()
    with no_grad():
        g.close()
        after = on()
    return [inside, after, on()]


@misuse(gives=True)
def a_generator_is_dropped():
    next(suspended())
    gc.collect()
    return on()


@misuse(gives=True)
def a_generator_is_closed_by_another_thread():
    g = suspended()
    next(g)
    thread = threading.Thread(target=g.close)
    thread.start()
    thread.join()
    return on()


@misuse(gives=True)
def a_generator_is_closed_in_another_context():
    g = suspended()
    next(g)
    contextvars.copy_context().run(g.close)
    return on()


@misuse(gives=[False, True])
def a_generator_inside_a_block_is_closed_in_another_context():
    with no_grad():
        g = suspended()
        next(g)
        contextvars.copy_context().run(g.close)
        inside = on()
    return [inside, on()]


@misuse(gives=[False, True])
def managers_left_by_hand_in_the_wrong_order():
    a, b = no_grad(), no_grad()
    a.__enter__()
    b.__enter__()
    a.__exit__(None, None, None)
    still = on()
    b.__exit__(None, None, None)
    return [still, on()]


@misuse(gives=[False, True])
def a_loop_over_an_asynchronous_generator_is_left():
    async def numbers():
        with no_grad():
            yield on()
            yield on()

    async def main():
        async for inside in numbers():  # noqa: B007
            break
        gc.collect()
        for _ in range(3):  # the event loop closes the generator in a task of its own
            await asyncio.sleep(0)
        return [inside, on()]

    return asyncio.run(main())


@misuse(gives=[False, True])
def a_context_manager_made_of_a_generator():
    @contextlib.contextmanager
    def evaluating():
        with no_grad():
            yield

    with evaluating():
        inside = on()
    return [inside, on()]


@misuse(gives=True)
def the_watcher_is_back_after_a_block():
    with detect_anomaly():
        g = suspended()
        next(g)
        contextvars.copy_context().run(g.close)
        y = x * x
    return y.requires_grad and on()


# --- ways out, threads, tasks


@misuse(gives=[False, True])
def a_return_from_inside():
    def early():
        with no_grad():
            return on()

    return [early(), on()]


@misuse(gives=True)
def continue_and_break():
    for i in range(3):
        with no_grad():
            if i:
                break
            continue
    return on()


@misuse(gives=[False, False, True])
def one_object_in_two_tasks():
    quiet = no_grad()

    async def work(seconds):
        with quiet:
            await asyncio.sleep(seconds)
            return on()

    async def main():
        return await asyncio.gather(work(0.002), work(0.001))

    return [*asyncio.run(main()), on()]


@misuse(gives=[True] * 4)
def one_object_in_four_threads():
    quiet, after = no_grad(), []

    def work():
        for _ in range(50):
            with quiet:
                x * x
        after.append(on())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return after


@misuse(gives=True)
def a_pool_of_threads_inside_a_block():
    """A thread has a state of its own; inside it, say no_grad() again."""
    with no_grad(), ThreadPoolExecutor(1) as pool:
        return pool.submit(on).result()


@misuse(gives=False)
def to_thread_takes_the_state_along():
    async def main():
        with no_grad():
            return await asyncio.to_thread(on)

    return asyncio.run(main())


# --- as a decorator, and what looks like one


class Model:
    """Decorated methods of every kind."""

    @no_grad()
    def method(self):
        return on()

    @no_grad()
    @staticmethod
    def static():
        return on()

    @no_grad()
    @classmethod
    def of_class(cls):
        return on()

    @property
    @no_grad()
    def answer(self):
        return on()


add(
    "methods",
    lambda: [Model().method(), Model.static(), Model().static(), Model.of_class(), Model().answer],
    gives=[False] * 5,
)
add("a partial", lambda: no_grad()(functools.partial(on))(), gives=False)
add("no parentheses", lambda: no_grad(on), raises=TypeError, says=r"@no_grad\(\) with parentheses")
add("no_grad(False)", lambda: no_grad(False), raises=TypeError, says="with parentheses")
add("around a class", lambda: no_grad()(Model), raises=TypeError, says="Decorate the methods")
add("around a property", lambda: no_grad()(property(on)), raises=TypeError, says="@property above it")
add("around a number", lambda: enable_grad()(3), raises=TypeError, says="decorates functions, not int")
add("around a generator function", lambda: no_grad()(suspended), raises=TypeError, says="inside it")
add(
    "a generator expression is run later",
    lambda: [y.requires_grad for y in no_grad()(lambda: (t * 2 for t in [x]))()],
    gives=[True],
)


@misuse(gives=True)
def called_without_with():
    no_grad()
    return on()


@misuse(raises=(TypeError, AttributeError))  # AttributeError up to Python 3.10
def the_class_as_a_manager():
    with no_grad:
        pass


# --- what was meant by it


@misuse(raises=GradientError, says=r"w\.data -= ")
def a_parameter_updated_as_in_pytorch():
    w = Tensor([1.0])
    with no_grad():
        w -= 0.1
    (w * w).sum().backward()


@misuse(gives=[True, True])
def a_leaf_made_inside_is_tracked():
    with no_grad():
        t = Tensor(1.0)
    return [t.requires_grad, (t * 2).requires_grad]


@misuse(gives=6.0)
def grad_inside_a_block_records_for_itself():
    with no_grad():
        return grad(lambda t: t * t)(3.0)


@misuse(gives=4.0)
def a_part_of_a_function_is_not_recorded():
    def f(t):
        with no_grad():
            h = t * t
        return h * t

    return grad(f)(2.0)


@misuse(gives=12.0)
def backward_inside_a_block():
    t = Tensor(2.0)
    y = t**3
    with no_grad():
        y.backward()
    return t.grad


def test_an_exception_in_the_block_of_a_generator():
    g = suspended()
    next(g)
    with pytest.raises(ZeroDivisionError):
        g.throw(ZeroDivisionError())
    assert on()


@misuse.parametrize()
def test_recording(case: Misuse):
    case.check()
