"""A loader taken up again: the batches that come are those that would have come, to the last number."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import DataLoader

seeds = st.integers(0, 2**32 - 1)


def listed(batches):
    return [batch.tolist() for batch in batches]


def through_json(state):
    return json.loads(json.dumps(state))


def endless(loader, epochs):
    """The batches of some epochs, with None where one ends."""
    for _ in range(epochs):
        for batch in loader:
            yield batch.tolist()
        yield None


@given(
    n=st.integers(1, 30),
    size=st.integers(1, 12),
    shuffle=st.booleans(),
    drop=st.booleans(),
    seed=seeds,
    data=st.data(),
)
def test_after_any_batch_of_any_epoch_the_rest_is_the_same(n, size, shuffle, drop, seed, data):
    loader = DataLoader(np.arange(n), size, shuffle, drop, rng=seed)
    walk = endless(loader, 3)
    for _ in range(data.draw(st.integers(0, 3 * (len(loader) + 1) - 1))):
        next(walk)
    state = through_json(loader.state_dict())
    # Where no pass is under way yet, the whole of it is to come: what ended before has its None behind it.
    rest = list(walk)
    other = DataLoader(np.arange(n), size, shuffle, drop, rng=seed + 1)
    other.load_state_dict(state)
    again = list(endless(other, 3))
    assert again[: len(rest)] == rest
    assert through_json(loader.state_dict()["rng"]) == loader.state_dict()["rng"]


def test_the_state_of_a_shared_generator_is_kept_too():
    """Dropout draws from the same generator between the batches: its masks, and the next orders, are the same."""

    def run(loader, rng, epochs, upto=None):
        seen = []
        for _ in range(epochs):
            for batch in loader:
                seen.append((batch.tolist(), rng.random()))
                if len(seen) == upto:
                    return seen, through_json(loader.state_dict())
        return seen, None

    def start(seed):
        rng = np.random.default_rng(seed)
        return DataLoader(np.arange(10), 3, shuffle=True, rng=rng), rng

    whole, _ = run(*start(4), epochs=3)
    for stop in range(1, 12):
        before, state = run(*start(4), epochs=3, upto=stop)
        loader, rng = start(99)
        loader.load_state_dict(state)
        after, _ = run(loader, rng, epochs=4)
        assert (before + after)[:12] == whole[:12]


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_every_generator_of_numpy_can_be_taken_up(kind):
    def make(seed):
        return DataLoader(
            np.arange(9), 2, shuffle=True, rng=np.random.Generator(getattr(np.random, kind)(seed))
        )

    loader, other = make(1), make(2)
    walk = iter(loader)
    next(walk)
    other.load_state_dict(through_json(loader.state_dict()))
    assert listed(other) == listed(walk)
    assert listed(other) == listed(loader)


def test_a_state_is_taken_without_disturbing_the_pass():
    one, two = (DataLoader(np.arange(7), 2, shuffle=True, rng=5) for _ in range(2))
    walk = iter(one)
    seen = []
    for batch in walk:
        seen.append(batch.tolist())
        one.state_dict()
    assert seen == listed(two)


def test_after_the_last_batch_the_pass_still_has_its_end():
    loader = DataLoader(np.arange(4), 2, shuffle=True, rng=0)
    walk = iter(loader)
    next(walk), next(walk)
    in_the_loop = loader.state_dict()
    assert next(walk, None) is None
    after_it = loader.state_dict()
    next_epoch = listed(loader)
    for state, first in ((in_the_loop, []), (after_it, next_epoch)):
        other = DataLoader(np.arange(4), 2, shuffle=True)
        other.load_state_dict(state)
        assert listed(other) == first
    other.load_state_dict(in_the_loop)
    assert [listed(other), listed(other)] == [[], next_epoch]


def test_a_pass_that_was_broken_off_goes_on_unless_another_was_begun():
    loader = DataLoader(np.arange(6), 2, shuffle=True, rng=3)
    whole = listed(DataLoader(np.arange(6), 2, shuffle=True, rng=3))
    for _ in loader:
        break
    state = loader.state_dict()
    other = DataLoader(np.arange(6), 2, shuffle=True)
    other.load_state_dict(state)
    assert listed(other) == whole[1:]
    second = iter(loader)
    next(second)
    other.load_state_dict(loader.state_dict())
    assert listed(other) == listed(second)


def test_a_pass_of_which_no_batch_came_yet_keeps_its_order():
    loader = DataLoader(np.arange(9), 2, shuffle=True, rng=3)
    walk = iter(loader)
    other = DataLoader(np.arange(9), 2, shuffle=True)
    other.load_state_dict(loader.state_dict())
    assert listed(other) == listed(walk)


def test_an_older_pass_does_not_move_the_place_of_the_latest():
    loader = DataLoader(np.arange(6), 2, shuffle=True, rng=3)
    old, new = iter(loader), iter(loader)
    next(new)
    state = loader.state_dict()
    listed(old)
    assert loader.state_dict()["given"] == state["given"] == 1


def test_a_state_can_be_loaded_into_the_loader_it_is_of_and_taken_again_at_once():
    loader = DataLoader(np.arange(9), 2, shuffle=True, rng=1)
    walk = iter(loader)
    next(walk)
    state = loader.state_dict()
    rest = listed(walk)
    for _ in range(2):
        loader.load_state_dict(state)
        assert loader.state_dict() == state
        assert listed(loader) == rest


def test_the_rest_of_a_pass_is_gathered_in_blocks_like_all_of_it(monkeypatch):
    monkeypatch.setattr("nn.data.loader.BLOCK", 1)
    loader = DataLoader(np.arange(50), 4, shuffle=True, rng=1)
    walk = iter(loader)
    for _ in range(5):
        next(walk)
    other = DataLoader(np.arange(50), 4, shuffle=True)
    other.load_state_dict(loader.state_dict())
    assert listed(other) == listed(walk)


def broken(**changes):
    state = DataLoader(np.arange(9), 2, shuffle=True, rng=1)
    next(iter(state))
    state = through_json(state.state_dict())
    for path, value in changes.items():
        *outer, last = path.split("__")
        place = state
        for key in outer:
            place = place[key]
        place[last] = value
    return state


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (None, "None is no state of a DataLoader"),
        ({}, "no state of a DataLoader"),
        (broken(settings__rows=10), "rows 10 there and 9 here"),
        (
            broken(settings__batch_size=4, settings__shuffle=False),
            "batch_size 4 there and 2 here, shuffle False",
        ),
        (broken(settings=3), "rows None there"),
        (broken(given=6), "6 batches given, of 5"),
        (broken(given=1.0), r"1\.0 batches given"),
        (broken(rng={"bit_generator": "MT19937"}), "'MT19937', and this loader's are 'PCG64'"),
        (broken(rng__state={}), "random numbers is damaged"),
        (broken(rng__state__state=-1), "random numbers is damaged"),
        (broken(rng__state__inc=1.5), r"damaged: 1\.5 in place of int"),
        (broken(begin=None), "None, and this loader's"),
        (broken(begin__has_uint32="x"), "random numbers is damaged"),
    ],
)
def test_a_wrong_state_is_refused_and_changes_nothing(state, words):
    loader = DataLoader(np.arange(9), 2, shuffle=True, rng=8)
    walk = iter(loader)
    next(walk)
    before = copy.deepcopy(loader.state_dict())
    with pytest.raises(ValueError, match=words):
        loader.load_state_dict(state)
    assert loader.state_dict() == before
    rest = listed(walk)
    loader.load_state_dict(before)
    assert listed(loader) == rest


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda state: state["key"].pop(), "623 numbers in place of 624"),
        (lambda state: state.update(pos=-1), "-1 in place of int"),
        (lambda state: state.update(pos=10**9), "pos is behind the numbers of key"),
    ],
)
def test_a_generator_state_from_which_numpy_would_read_other_memory_is_refused(change, words):
    def make(pos):
        loader = DataLoader(np.arange(9), 2, shuffle=True, rng=np.random.Generator(np.random.MT19937(1)))
        state = through_json(loader.state_dict())
        state["rng"]["state"]["pos"] = pos
        return loader, state

    for pos in (0, 624):
        loader, state = make(pos)
        loader.load_state_dict(state)
        assert loader.state_dict() == state
    change(state["rng"]["state"])
    with pytest.raises(ValueError, match=f"random numbers is damaged: {words}"):
        loader.load_state_dict(state)
