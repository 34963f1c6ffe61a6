"""Failures and interruptions on the way back, threads, memory, copies, depth."""

from __future__ import annotations

import copy
import gc
import pickle
import sys
import threading
import weakref
from multiprocessing.reduction import ForkingPickler

import numpy as np
from misuse import Misuse, Table

import autograd as ag
from autograd import (
    Tensor,
    Value,
    custom,
    gradients,
)

misuse = Table()
add = misuse.add
X = np.array([1.0, 2.0, 3.0])


def leaf() -> Tensor:
    return Tensor(X)


# --- failures on the way


@custom(vjps=[lambda g, y, x: _fail()], name="fails_for_test")
def fails(x):
    return x * 1.0


error: type[BaseException] = ZeroDivisionError


def _fail():
    raise error


def _after(failure):
    """The gradients of two leaves when the sweep stops between them, and after a second, good one."""
    global error
    error = failure
    t, u = leaf(), leaf()
    try:
        ((u * 3).sum() + fails(t).sum()).backward()
    except failure:
        before = [t.grad, u.grad]
    (u * 3).sum().backward()
    return [*before, u.grad]


add("a rule that raises", lambda: _after(ZeroDivisionError), gives=[None, None, np.full(3, 3.0)])
add("Ctrl-C in a rule", lambda: _after(KeyboardInterrupt), gives=[None, None, np.full(3, 3.0)])


@misuse(gives=[None, None])
def ctrl_c_in_a_hook_of_a_value():
    v, u = Value(2.0), Value(3.0)

    def stop(g):
        raise KeyboardInterrupt

    h = v * 1.0
    h.register_hook(stop)
    try:
        (v * v + h + u).backward()
    except KeyboardInterrupt:
        return [v.grad, u.grad]


# --- threads


def _in_threads(work):
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@misuse(gives=np.full(3, 4 * 500.0))
def threads_with_a_leaf_in_common():
    t = leaf()

    def work():
        for _ in range(500):
            (t * 1.0).sum().backward()

    _in_threads(work)
    return t.grad


@misuse(gives=4 * 500 * 3.0)
def threads_with_a_value_in_common():
    v = Value(1.0)

    def work():
        for _ in range(500):
            (v * 2.0 + v).backward()

    _in_threads(work)
    return v.grad


@misuse(gives=4 * 100 * 3.0)
def threads_with_a_value_in_common_after_a_hook():
    Value(1.0).register_hook(lambda g: g)  # from now on all Values go the way that calls hooks
    v, before = Value(1.0), sys.getswitchinterval()

    def work():
        for _ in range(100):
            (v * 2.0 + v).backward()

    sys.setswitchinterval(1e-6)
    try:
        _in_threads(work)
    finally:
        sys.setswitchinterval(before)
    return v.grad


@misuse(gives=[12.0])
def a_graph_of_another_thread():
    made = []
    thread = threading.Thread(target=lambda: made.append(Tensor(2.0)) or made.append(made[0] ** 3))
    thread.start()
    thread.join()
    return [float(gradients(made[1], made[0]))]


# --- memory, copies, depth


@misuse(gives=[None, True])
def the_loss_is_dropped_and_frees_its_graph():
    gc.disable()
    try:
        t = leaf()
        loss = (t * t).sum()
        dead = weakref.ref(loss)
        del loss
        return [dead(), t.requires_grad]
    finally:
        gc.enable()


@misuse(gives=[True, True])
def the_leaf_is_dropped_before_the_loss():
    t = leaf()
    loss, known = (t * t).sum(), weakref.ref(t)
    del t
    held = known() is not None  # the graph needs it
    loss.backward()
    del loss
    return [held, known() is None]


@misuse(gives=[np.ones(3), None])
def a_copy_of_a_node_is_a_leaf():
    t = leaf()
    twin = copy.deepcopy(t * t)
    twin.sum().backward()
    return [twin.grad, t.grad]


@misuse(gives=[None, np.ones(3)])
def a_pickle_of_a_leaf_and_a_node_cuts_them_apart():
    t = leaf()
    leaf_again, node_again = pickle.loads(pickle.dumps([t, t * t]))
    node_again.sum().backward()
    return [leaf_again.grad, node_again.grad]


@misuse(gives=X)
def sent_to_another_process():
    return ForkingPickler.loads(ForkingPickler.dumps(leaf())).data


@misuse(gives=[1.0, True])
def a_pickle_of_a_deep_graph():
    v = y = Value(1.0)
    for _ in range(5000):
        y = y * 1.0
    y.backward()
    return [v.grad, len(pickle.dumps(y)) < 500]


@misuse(gives=1.0)
def a_deep_second_derivative():
    t = y = Tensor(2.0)
    for _ in range(3000):
        y = y * 1.0
    y.backward(create_graph=True)
    return t.grad.item()


add("a pickled op", lambda: pickle.loads(pickle.dumps(ag.tanh)) is ag.tanh, gives=True)


@misuse.parametrize()
def test_failures(case: Misuse):
    case.check()
