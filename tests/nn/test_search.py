"""Searches: what is drawn, what is tried, what comes of it."""

from __future__ import annotations

import inspect
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from objectives import parabola, seeded, sometimes, training

import nn
from nn import search
from nn.search import (
    SearchError,
    choice,
    coarse_to_fine,
    grid_search,
    integers,
    log_uniform,
    one_minus_log_uniform,
    random_search,
    staged_search,
    successive_halving,
    uniform,
)
from nn.search.draws import shares
from nn.search.study import Options

LINE = {"x": uniform(0, 1), "size": integers(1, 5)}


def found(result):
    """All but the time it took, which is different each time."""
    return [
        (t.number, t.round, t.budget, t.params, t.seed, t.score, t.metrics, t.curves, t.error)
        for t in result.trials
    ]


# --- distributions


def test_rates_drawn_uniformly_lie_between_a_tenth_and_one_and_on_a_log_scale_everywhere():
    """CURRICULUM F8. 10^5 draws: the shares are within 5 standard deviations, at most 0.7 %, of the expected."""
    edges, n = [1e-4, 1e-3, 1e-2, 0.1, 1], 100_000
    even = shares(uniform(1e-4, 1), edges, n, rng=0)
    assert even[-1] == pytest.approx(0.9 / 0.9999, abs=0.005)
    assert sum(even[:-1]) == pytest.approx(0.1, abs=0.005)
    assert shares(log_uniform(1e-4, 1), edges, n, rng=0) == pytest.approx([0.25] * 4, abs=0.007)


def test_beta_drawn_uniformly_is_nearly_always_below_0_99_and_on_its_scale_half_of_the_time():
    """CURRICULUM F8: 0.9 .. 0.99 is an average over 10 to 100 steps, 0.99 .. 0.999 over 100 to 1000."""
    edges, n = [0.9, 0.99, 0.999], 100_000
    assert shares(uniform(0.9, 0.999), edges, n, rng=0)[0] == pytest.approx(0.09 / 0.099, abs=0.005)
    drawn = one_minus_log_uniform(0.9, 0.999)
    assert shares(drawn, edges, n, rng=0) == pytest.approx([0.5, 0.5], abs=0.008)
    logs = np.log10(1 - drawn.draw(n, rng=1))
    np.testing.assert_allclose(np.quantile(logs, [0.25, 0.5, 0.75]), [-2.5, -2, -1.5], atol=0.02)


@pytest.mark.parametrize(
    "distribution",
    [
        uniform(-3, 5),
        log_uniform(1e-6, 10),
        one_minus_log_uniform(0.9, 0.999),
        one_minus_log_uniform(0, 0.5),
        integers(-2, 7),
        integers(1, 1000, log=True),
        choice(["relu", "tanh", None]),
    ],
    ids=repr,
)
def test_what_is_drawn_is_in_range_seeded_and_of_plain_types(distribution):
    drawn = distribution.draw(500, rng=3)
    one = [distribution.draw(rng=rng) for rng in [np.random.default_rng(3)] * 500]
    assert list(drawn) == pytest.approx(one) if distribution.name != "choice" else drawn == one
    assert {type(x) for x in one} <= {float, int, str, type(None)}
    assert all(0 <= distribution.unit(x) <= 1 for x in one)
    if distribution.name == "choice":
        assert set(drawn) == {"relu", "tanh", None}
    else:
        assert distribution.low <= min(one) < max(one) <= distribution.high
    assert list(distribution.draw(5, rng=4)) != list(drawn[:5])
    assert eval(repr(distribution)).__dict__ == distribution.__dict__


@given(u=st.floats(0, 1, exclude_max=True), low=st.floats(1e-12, 0.4), factor=st.floats(1.01, 1e6))
def test_no_rounding_leaves_the_range(u, low, factor):
    high = low * factor
    for distribution in (uniform(low, high), log_uniform(low, high)):
        assert low <= distribution.at(u) <= high
        assert distribution.unit(distribution.at(u)) == pytest.approx(u, abs=1e-6)
    if high < 1:
        assert low <= one_minus_log_uniform(low, high).at(u) <= high


def test_every_whole_number_is_as_probable_as_another_and_both_ends_belong_to_it():
    counts = np.bincount(integers(2, 5).draw(40_000, rng=0))
    assert counts[:2].tolist() == [0, 0]
    np.testing.assert_allclose(counts[2:] / 40_000, [0.25] * 4, atol=0.012)


def test_grids_are_even_on_their_own_scale_and_have_both_ends():
    assert uniform(0, 1).grid(5) == [0, 0.25, 0.5, 0.75, 1]
    assert uniform(0, 1).grid(4) == [0, 1 / 3, 2 / 3, 1]  # only what is short is written short
    assert log_uniform(1e-4, 1).grid(5) == [1e-4, 1e-3, 1e-2, 0.1, 1]
    assert one_minus_log_uniform(0.9, 0.999).grid(3) == [0.9, 0.99, 0.999]
    assert integers(1, 9).grid(3) == [1, 5, 9]
    assert integers(1, 3).grid(10) == integers(1, 3).grid() == [1, 2, 3]
    assert integers(1, 1000, log=True).grid(4) == [1, 10, 100, 1000]
    assert integers(1, 100, log=True).grid() == list(range(1, 101))
    assert choice(["a", "b"]).grid(1) == ["a", "b"]
    assert log_uniform(1e-4, 1).grid(1) == [pytest.approx(0.01)]
    assert integers(1, 100, log=True).grid(1) == [10]
    assert log_uniform(0.1, 0.3).grid(2) == [0.1, 0.3]


def test_a_part_around_the_best_reaches_to_the_next_that_were_tried():
    rates = log_uniform(1e-4, 1)
    part = rates.around([0.02, 0.01], [0.5, 0.1, 1e-3, 3e-4])
    assert (part.low, part.high, part.name) == (1e-3, 0.1, "log_uniform")
    assert repr(rates.around([1e-4, 0.01], [0.5])) == "log_uniform(0.0001, 0.5)"
    assert repr(rates.around([0.3], [])) == "log_uniform(0.0001, 1)"
    assert repr(integers(1, 9).around([4, 5], [7, 5, 1])) == "integers(1, 7)"
    assert repr(integers(1, 64, log=True).around([16], [4, 32])) == "integers(4, 32, log=True)"
    assert repr(choice([8, 16, 32]).around([32, 8], [16])) == "choice([8, 32])"


def test_scikit_learn_draws_from_them_too():
    selection = pytest.importorskip("sklearn.model_selection", reason="scikit-learn is not installed")
    space = {"lr": log_uniform(1e-4, 1), "n": integers(1, 4), "solver": ["sgd", "adam"]}
    one, two = (list(selection.ParameterSampler(space, 20, random_state=5)) for _ in range(2))
    assert one == two
    assert {p["n"] for p in one} == {1, 2, 3, 4}
    assert all(1e-4 <= p["lr"] <= 1 for p in one)


# --- which trials there are


def test_a_trial_depends_on_its_number_and_the_seed_and_on_nothing_else():
    few, many = (random_search(seeded, LINE, trials=n, mode="max", score="value", rng=5) for n in (3, 8))
    assert found(few) == found(many)[:3]
    other = random_search(seeded, LINE, trials=3, mode="max", score="value", rng=6)
    assert not {t.seed for t in other} & {t.seed for t in many}
    assert len({t.seed for t in many}) == len({t.params["x"] for t in many}) == 8


def test_a_generator_is_a_seed_too_and_none_is_a_fresh_one():
    def run(rng):
        return found(random_search(seeded, LINE, trials=3, mode="max", score="value", rng=rng))

    assert run(np.random.default_rng(2)) == run(np.random.default_rng(2)) != run(np.random.default_rng(3))
    assert run(np.int64(4)) == run(4)
    assert run(None) != run(None)


def test_a_grid_tries_everything_once():
    result = grid_search(parabola, {"x": uniform(0, 1), "size": [2, 3]}, n=11, mode="max")
    assert len(result) == 22
    assert result.best.params == {"x": 0.3, "size": 3}
    assert result.best.score == 0
    points = [(t.params["x"], t.params["size"]) for t in result]
    assert len(set(points)) == 22
    assert points[:2] == [(0, 2), (0, 3)]
    assert result.spaces == [result.space]
    by_name = grid_search(parabola, {"x": uniform(0, 1), "size": integers(1, 3)}, n={"x": 2}, mode="min")
    assert len(by_name) == 6


def test_coarse_to_fine_zooms_to_where_it_is_good_and_keeps_that_inside():
    space = {"lr": log_uniform(1e-4, 1), "beta": one_minus_log_uniform(0.9, 0.999), "nothing": uniform(0, 1)}

    def bowl(p):
        return math.log10(p["lr"] / 0.02) ** 2 + math.log10((1 - p["beta"]) / 0.01) ** 2

    coarse, plain = [], []
    for seed in range(5):
        result = coarse_to_fine(bowl, space, trials=16, rounds=3, mode="min", rng=seed)
        assert [t.round for t in result] == [1] * 16 + [2] * 16 + [3] * 16
        for before, after in zip(result.spaces, result.spaces[1:]):
            assert all(space[n].low <= after[n].low < after[n].high <= space[n].high for n in space)
            assert after != before
        last = result.spaces[-1]
        width = {n: last[n]._ends[1] - last[n]._ends[0] for n in space}
        whole = {n: space[n]._ends[1] - space[n]._ends[0] for n in space}
        assert width["lr"] < 0.6 * whole["lr"]
        for trial in result.trials[32:]:
            assert all(last[n].low <= trial.params[n] <= last[n].high for n in space)
        coarse.append(result.best.score)
        plain.append(random_search(bowl, space, trials=48, mode="min", rng=seed).best.score)
    assert np.mean(coarse) < 0.6 * np.mean(plain)


@pytest.mark.parametrize(("trials", "best"), [(2, 2), (8, 3), (20, 5)])
def test_the_best_are_a_quarter_and_three_at_least_where_there_are_three(trials, best):
    given, usual = (
        coarse_to_fine(lambda p: p["x"], LINE, trials=trials, rounds=2, mode="min", rng=0, **more)
        for more in ({"best": best}, {})
    )
    assert found(given) == found(usual)


@pytest.mark.parametrize("seed", range(10))
def test_in_one_dimension_the_optimum_is_never_lost(seed):
    result = coarse_to_fine(
        lambda p: abs(math.log(p["lr"] / 0.02)), {"lr": log_uniform(1e-4, 1)}, mode="min", rng=seed
    )
    assert all(part["lr"].low <= 0.02 <= part["lr"].high for part in result.spaces)
    assert result.best.score < 0.1


def test_successive_halving_gives_more_to_fewer_and_keeps_the_better():
    budgets = []

    def objective(params, seed, budget, number):
        budgets.append((number, budget, seed))
        return params["x"] - 1 / budget

    result = successive_halving(objective, {"x": uniform(0, 1)}, max_budget=27, eta=3, mode="max", rng=0)
    by_round = [[t for t in result if t.round == i] for i in (1, 2, 3, 4)]
    assert [len(part) for part in by_round] == [27, 9, 3, 1]
    assert [{t.budget for t in part} for part in by_round] == [{1}, {3}, {9}, {27}]
    best = sorted(by_round[0], key=lambda t: -t.params["x"])
    for part in by_round[1:]:
        assert {t.number for t in part} == {t.number for t in best[: len(part)]}
    assert result.best.budget == 27
    assert result.best.params["x"] == best[0].params["x"]
    assert len({seed for number, _, seed in budgets if number == result.best.number}) == 1
    assert all(isinstance(budget, int) for _, budget, _ in budgets)


def test_the_best_is_of_the_largest_budget_even_if_a_smaller_one_scored_higher():
    result = successive_halving(
        lambda params, budget: params["x"] / budget,
        {"x": uniform(0, 1)},
        max_budget=4,
        eta=2,
        mode="max",
        rng=0,
    )
    assert result.best.budget == 4
    assert result.best.score < max(t.score for t in result)
    assert result.ranked()[0] is result.best


def test_successive_halving_of_few_trials_keeps_one_in_each_round():
    for trials, rounds in ((1, [1, 1, 1]), (4, [4, 1, 1])):
        result = successive_halving(
            lambda p, budget: p["x"], {"x": uniform(0, 1)}, max_budget=9, trials=trials, mode="max", rng=0
        )
        assert [len([t for t in result if t.round == i]) for i in (1, 2, 3)] == rounds


def test_budgets():
    from nn.search.methods import budgets_of

    assert budgets_of(1, 81, 3) == [1, 3, 9, 27, 81]
    assert budgets_of(1, 100, 4) == [2, 7, 25, 100]
    assert budgets_of(5, 5, 3) == [5]
    assert budgets_of(0.1, 1.0, 3) == pytest.approx([1 / 9, 1 / 3, 1])
    assert budgets_of(1, 10**6, 10) == [10**i for i in range(7)]


def test_a_trial_that_fails_does_not_go_on_to_the_next_round():
    def objective(params, budget):
        if params["x"] > 0.5:
            raise ValueError("no")
        return params["x"]

    result = successive_halving(objective, {"x": uniform(0, 1)}, max_budget=9, mode="max", rng=0)
    assert 0 < len([t for t in result if t.round == 1 and t.error]) < 9
    assert not [t for t in result if t.round > 1 and t.error]
    assert result.best.params["x"] <= 0.5


def test_halving_with_checkpoints_is_the_training_in_one_go(tmp_path):
    """Each round goes on where the one before ended: the weights are those of a training without rounds, to the bit."""
    X, y = nn.datasets.circles(100, rng=0)
    weights, epochs = {}, []

    def train(params, seed, budget, folder):
        model = nn.MLP([2, 4, 2], rng=seed)
        optimiser = nn.SGD(model.parameters(), lr=params["lr"], momentum=0.9)
        history = nn.fit(
            model,
            (X, y),
            epochs=budget,
            optimiser=optimiser,
            rng=seed,
            checkpoint=folder,
            resume=folder is not None,
            callbacks=lambda training: epochs.append(1),
        )
        weights[folder is None] = [p.data.copy() for p in model.parameters()]
        return history.loss[-1]

    def objective(params, seed, budget, number):
        return train(params, seed, budget, tmp_path / str(number))

    result = successive_halving(
        objective, {"lr": log_uniform(0.01, 0.5)}, max_budget=4, eta=2, trials=4, mode="min", rng=0
    )
    assert len(epochs) == 4 * 1 + 2 * 1 + 1 * 2  # what is new in each round
    last = result.trials[-1]
    assert train(last.params, last.seed, 4, None) == last.score
    for one, two in zip(weights[True], weights[False]):
        np.testing.assert_array_equal(one, two)


def test_stages_search_the_important_ones_first():
    """CURRICULUM F7: alpha; then beta, hidden units and batch size; then layers and decay."""
    stages = [
        {"alpha": log_uniform(1e-4, 1)},
        {"beta": uniform(0, 1), "size": [8, 16]},
        {"layers": integers(1, 3)},
    ]
    start = {"beta": 0.9, "size": 8, "layers": 1, "fixed": "yes"}

    def objective(p):
        assert p["fixed"] == "yes"
        return (
            -abs(math.log10(p["alpha"] / 0.01)) - abs(p["beta"] - 0.5) + p["size"] / 100 + p["layers"] / 100
        )

    result = staged_search(objective, stages, start=start, trials=[6, 8, 4], mode="max", rng=0)
    assert [t.round for t in result] == [1] * 6 + [2] * 8 + [3] * 4
    assert {(t.params["beta"], t.params["size"], t.params["layers"]) for t in result.trials[:6]} == {
        (0.9, 8, 1)
    }
    assert {t.params["layers"] for t in result.trials[:14]} == {1}
    assert len({t.params["beta"] for t in result.trials[6:14]}) == 8
    assert [list(space) for space in result.spaces] == [["alpha"], ["alpha", "beta", "size"], [*result.space]]
    assert list(result.trials[0].params) == ["alpha", "beta", "size", "layers", "fixed"]
    fixed = staged_search(objective, stages, start=start, trials=[6, 8, 4], retune=False, mode="max", rng=0)
    best = max(fixed.trials[:6], key=lambda t: t.score)
    assert {t.params["alpha"] for t in fixed.trials[6:]} == {best.params["alpha"]}


def test_a_stage_narrows_by_the_trials_that_searched_for_it_and_not_by_those_that_had_its_start():
    stages = [{"x": uniform(0, 1)}, {"y": uniform(0, 10)}, {"z": uniform(0, 1)}]

    def objective(p):
        return 9 if p["y"] == 5 else -abs(p["y"] - 7)

    result = staged_search(objective, stages, start={"y": 5, "z": 0.5}, trials=[8, 16, 2], mode="max", rng=0)
    tried = [t.params["y"] for t in sorted(result.trials[8:24], key=lambda t: -t.score)]
    assert repr(result.spaces[2]["y"]) == repr(stages[1]["y"].around(tried[:4], tried[4:]))


@pytest.mark.parametrize("off", [None, "none", (), 0.5, True])
def test_a_stage_may_start_with_what_is_no_value_of_its_later_distribution(off):
    stages = [{"lr": uniform(0, 1)}, {"beta": one_minus_log_uniform(0.9, 0.999), "l2": uniform(1, 2)}]
    result = staged_search(
        lambda p: p["lr"], stages, start={"beta": off, "l2": off}, trials=2, mode="min", rng=0
    )
    assert [t.params["beta"] == off for t in result] == [True, True, False, False]
    for name, distribution in result.space.items():
        inside = [not math.isnan(distribution.unit(t.params[name])) for t in result]
        assert inside == [name == "lr"] * 2 + [True] * 2
    text = {None: "None", "none": "none", (): "()", 0.5: "0.500", True: "True"}[off]
    assert [line.split()[3] for line in result.table().splitlines()].count(text) == 2


# --- what comes of it


def test_failed_trials_are_recorded_and_the_others_go_on():
    result = random_search(sometimes, {"x": uniform(0, 1)}, trials=12, mode="min", rng=1)
    raised = [t for t in result if t.seed % 3 == 0]
    nan = [t for t in result if t.seed % 3 == 1]
    good = [t for t in result if t.seed % 3 == 2]
    assert min(len(raised), len(nan), len(good)) >= 2
    assert {t.error for t in nan} == {"the score is nan"}
    for trial in raised:
        assert trial.error == f"ArithmeticError: seed {trial.seed}"
        assert "objectives.py" in trial.traceback
        assert trial.score is None
    assert result.failed == [t for t in result if t not in good]
    assert result.best is min(good, key=lambda t: t.score)
    assert "ArithmeticError: seed" in result.table()
    assert f"{len(result.failed)} failed" in repr(result)


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (None, "ScoreError: the objective returned nothing"),
        ([[1], [2, 3]], r"ScoreError: the objective returned \[\[1\], \[2, 3\]\], which has no shape"),
        ({"a": 1, "b": 2}, "ScoreError: the objective returned a, b: say which"),
    ],
)
def test_what_is_no_score_is_a_failed_trial_once_another_has_one(bad, words, n_jobs):
    def objective(params, number):
        return bad if number == 6 else number

    result = random_search(objective, {"x": uniform(0, 1)}, trials=7, mode="max", rng=0, n_jobs=n_jobs)
    assert [t.number for t in result.failed] == [6]
    assert re.match(words, result.failed[0].error)
    assert result.best.number == 7
    with pytest.raises(search.ScoreError, match=words.removeprefix("ScoreError: ")):
        random_search(lambda p: bad, {"x": uniform(0, 1)}, trials=7, mode="max", rng=0)


def test_an_exception_or_a_number_that_cannot_be_read_is_a_failed_trial():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError("no words")

    class Odd:
        def __array__(self, *_, **__):
            raise RuntimeError("no array")

        def __repr__(self):
            raise RuntimeError("no words")

    def objective(params, number):
        if number == 2:
            raise Mute
        return Odd() if number == 3 else number

    result = random_search(objective, {"x": uniform(0, 1)}, trials=4, mode="max", rng=0)
    assert [t.error for t in result] == [
        None,
        "Mute: its text cannot be written",
        "RuntimeError: no words",
        None,
    ]


def test_a_training_that_diverges_is_a_failed_trial():
    X = np.linspace(-1, 1, 20)[:, None]

    def objective(params, seed):
        model = nn.Linear(1, 1, rng=seed)
        optimiser = nn.SGD(model.parameters(), lr=params["lr"])
        return nn.fit(model, (X, 2 * X), epochs=200, optimiser=optimiser, loss=nn.MSELoss(), rng=seed)

    with np.errstate(all="ignore"):
        result = grid_search(objective, {"lr": [0.1, 1e10]}, mode="min", score="loss", rng=0)
    assert [t.error is None for t in result] == [True, False]
    assert result.trials[1].error.startswith("DivergedError")


def test_if_all_fail_that_is_said():
    def broken(params):
        return 1 / 0

    with pytest.raises(
        search.SearchError, match=r"all 5 trials failed, the first with ZeroDivisionError.*, in broken"
    ):
        random_search(broken, LINE, trials=5, mode="min")
    with pytest.raises(search.SearchError, match="all 6 trials failed, the first with the score is inf"):
        coarse_to_fine(lambda p: math.inf, LINE, trials=6, mode="min")
    with pytest.raises(search.SearchError, match="all 9 trials failed"):
        successive_halving(lambda p, budget: math.nan, LINE, max_budget=9, mode="min")


def test_a_history_is_a_score_with_curves():
    result = random_search(
        training,
        {"lr": log_uniform(0.01, 1), "momentum": [0.5, 0.9], "hidden": [4, 8]},
        trials=3,
        mode="max",
        score="val_accuracy",
        rng=0,
    )
    trial = result.best
    assert set(trial.metrics) == set(trial.curves) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert len(trial.curves["loss"]) == 6
    assert trial.score == trial.curves["val_accuracy"][-1] == trial.metrics["val_accuracy"]
    history = training(trial.params, trial.seed)
    assert history.loss == trial.curves["loss"]


def test_scores_of_all_kinds_of_numbers():
    kinds = {"float32": np.float32(0.5), "array": np.array(0.5), "tensor": nn.MSELoss()(nn.Parameter([1.0]), [0.5]),
             "int": 1, "dict": {"only": 0.5}, "curve": {"only": (0.7, 0.5)},
             "array curve": {"only": np.array([0.7, 0.5], np.float32)}}  # fmt: skip
    for name, value in kinds.items():
        result = random_search(lambda p, value=value: value, LINE, trials=1, mode="max", rng=0)
        expected = {"int": 1.0, "tensor": 0.25}.get(name, 0.5)
        assert result.best.score == pytest.approx(expected)
        assert type(result.best.score) is float
        assert result.best.curves == ({"only": pytest.approx([0.7, 0.5])} if "curve" in name else {})


def test_ties_go_to_the_lower_number():
    for mode in ("min", "max"):
        assert random_search(lambda p: 1, LINE, trials=4, mode=mode).best.number == 1


def test_the_table_and_the_rows():
    result = grid_search(
        lambda p: {"accuracy": 1 - p["lr"], "cost": p["lr"]},
        {"lr": [1e-3, 0.25], "beta": one_minus_log_uniform(0.9, 0.999)},
        n=2,
        mode="max",
        score="accuracy",
    )
    assert result.table().splitlines() == [
        "trial      lr      beta   accuracy",
        "    1   0.001     0.900    99.90 %",
        "    2   0.001   0.99900    99.90 %",
        "    3    0.25     0.900    75.00 %",
        "    4    0.25   0.99900    75.00 %",
    ]
    assert len(result.table(top=2).splitlines()) == 3
    row = result.rows()[2]
    assert {k: row[k] for k in ("trial", "lr", "beta", "score", "cost", "error")} == {
        "trial": 3, "lr": 0.25, "beta": 0.9, "score": 0.75, "cost": 0.25, "error": None}  # fmt: skip
    assert [trial.number for trial in result.ranked()] == [1, 2, 3, 4]


def test_a_result_in_one_line_says_the_best():
    result = grid_search(lambda p: 3 / p["x"], {"x": [0, 1, 2]}, mode="min")
    assert repr(result) == "SearchResult(3 trials, 1 failed, best score 1.5000 with x=2)"
    result = grid_search(lambda p: 0 * p["x"], {"x": [1]}, mode="min")
    assert repr(result) == "SearchResult(1 trial, best score 0.0000 with x=1)"


def test_a_long_error_is_cut_in_the_table_to_48_letters_and_whole_in_the_trial():
    def objective(p):
        if p["n"]:
            raise ValueError("x" * p["n"] + "\nmore")
        return 1

    n = 48 - len("ValueError: ")
    result = grid_search(objective, {"n": [0, n, n + 1]}, mode="max")
    fits, cut = result.table().splitlines()[-2:]
    assert fits.endswith("   ValueError: " + "x" * n)
    assert cut.endswith("   ValueError: " + "x" * (n - 3) + "...")
    assert result.trials[2].error == "ValueError: " + "x" * (n + 1) + "\nmore"


def test_the_table_and_the_rows_of_halving_have_the_budgets():
    result = successive_halving(
        lambda p, budget: p["x"] / budget, {"x": [8, 4]}, max_budget=2, eta=2, trials=2, mode="max", rng=1
    )
    numbers = [(t.round, t.budget, t.params["x"], f"{t.score:.4f}") for t in result.ranked()]
    lines = [line.split() for line in result.table().splitlines()]
    assert lines[0] == ["trial", "round", "budget", "x", "score"]
    assert [line[1:] for line in lines[1:]] == [[*map(str, line)] for line in numbers]
    assert [row["budget"] for row in result.rows()] == [1, 1, 2]


def test_progress_is_a_line_for_each_trial_and_nothing_where_nobody_looks(capsys):
    def run(progress):
        space = {"x": [2, 0, 1]}
        grid_search(lambda p: 1 / p["x"], space, mode="min", progress=progress)
        return capsys.readouterr()

    assert run(True).err.splitlines() == [
        "1 of 3 done: trial 1, x=2  score 0.5000  (best 0.5000)",
        "2 of 3 done: trial 2, x=0  ZeroDivisionError: division by zero  (best 0.5000)",
        "3 of 3 done: trial 3, x=1  score 1.0000  (best 0.5000)",
    ]
    assert run(False) == run(None) == ("", "")
    grid_search(lambda p: 0, {"x": [1]}, mode="min", progress=True)
    assert capsys.readouterr().err == "1 of 1 done: trial 1, x=1  score 0.0000  (best 0.0000)\n"


def test_progress_has_the_numbers_of_the_table_also_where_a_file_has_some_trials(tmp_path, capsys):
    path, space = tmp_path / "search.jsonl", {"x": [2, 0, 1, 4]}

    def run(**more):
        result = grid_search(one_over, space, mode="min", progress=True, resume=path, **more)
        return capsys.readouterr().err.splitlines(), result

    run()
    (line,), _ = run()
    assert line == f"4 trials taken from {path}"
    (first, again), result = run(retry=True)
    assert first == f"3 trials taken from {path}"
    assert again == "4 of 4 done: trial 2, x=0  ZeroDivisionError: division by zero  (best 0.2500)"
    assert [trial.params["x"] for trial in result.trials if trial.number == 2] == [0]


def one_over(p):
    return 1 / p["x"]


def layer_of(p):
    return float(nn.Linear(4, p["hidden"], rng=0).weight.data.sum())


def test_a_search_for_whole_numbers_by_others_is_told_the_distribution_for_them():
    space = {"lr": log_uniform(1, 2), "hidden": log_uniform(8, 256)}
    words = r"whole number.*Whole numbers of hidden are nn\.search\.integers\(8, 256, log=True\)\. Mend"
    with pytest.raises(SearchError, match=words):
        random_search(layer_of, space, trials=3, mode="max", rng=0)
    mended = {**space, "hidden": integers(8, 256, log=True)}
    assert not random_search(layer_of, mended, trials=3, mode="max", rng=0).failed
    with pytest.raises(SearchError, match=r"nn\.search\.integers\(1, 5\)"):
        random_search(lambda p: len(range(p["n"])), {"n": uniform(0.5, 5.5)}, trials=2, mode="max", rng=0)
    with pytest.raises(SearchError, match=r"by zero \(File .*\)\. Mend the objective or the space\.$"):
        random_search(lambda p: 1 / 0, space, trials=2, mode="max", rng=0)


# --- networks


def test_a_search_finds_a_far_better_network_than_its_worst_trial():
    """CURRICULUM E6, D8: three spirals; the best is picked on the dev set, and holds on a test set."""
    X, y = nn.datasets.spirals(360, rng=0)
    train, dev, test = nn.train_dev_test_split(X, y, rng=0)
    result = search.mlp_search(train, dev, trials=(5, 4, 4), epochs=25, rng=0)
    scores = [t.score for t in result.ranked()]
    assert scores[0] >= scores[-1] + 0.3
    assert scores[0] >= 0.9
    best = result.best
    model, history = search.train_mlp(best.params, train, dev, epochs=25, rng=best.seed)
    assert history.val_accuracy == best.curves["val_accuracy"]
    assert nn.accuracy(nn.predict(model, test[0]), test[1]) >= 0.85
    assert [len(space) for space in result.spaces] == [1, 4, 6]
    assert list(result.space) == ["lr", "momentum", "hidden", "batch_size", "layers", "decay"]


def test_numbers_are_predicted_with_the_least_loss():
    x = np.linspace(-1, 1, 60)[:, None]
    data = x, np.sin(3 * x[:, 0])
    result = search.mlp_search(data, data, trials=2, epochs=5, rng=0)
    assert result.mode == "min"
    assert result.best.score == min(t.metrics["val_loss"] for t in result)
    model, _ = search.train_mlp(result.best.params, data, epochs=1, rng=0)
    assert nn.evaluate(model, (x, data[1][:, None]), nn.MSELoss())["loss"] < 10


@pytest.mark.parametrize(
    "setting",
    [
        {"lr": 0.1},
        {"momentum": 0.5},
        {"hidden": 5},
        {"layers": 2},
        {"batch_size": 8},
        {"decay": 1.0},
        {"dropout": 0.5},
        {"l2": 0.5},
        {"activation": "tanh"},
        {"batch_norm": True},
    ],
    ids=str,
)
def test_each_hyperparameter_of_a_network_is_heard(setting):
    data = nn.datasets.circles(40, rng=0)
    usual, other = (search.train_mlp(params, data, epochs=4, rng=0)[1] for params in ({}, setting))
    assert usual.loss[-1] != other.loss[-1]


def test_float32_stays_float32():
    X, y = np.eye(4, dtype=np.float32), np.array([0, 1, 2, 1])
    model, _ = search.train_mlp({"hidden": (5, 3), "dropout": 0.1}, (X, y), epochs=1, rng=0)
    assert [p.shape for p in model.parameters()] == [(5, 4), (5,), (3, 5), (3,), (3, 3), (3,)]
    assert {p.dtype for p in model.parameters()} == {np.dtype(np.float32)}


# --- the options


@pytest.mark.parametrize(
    "way", [random_search, grid_search, coarse_to_fine, successive_halving, staged_search, search.mlp_search]
)
def test_what_all_searches_take_stands_in_each_signature_and_is_the_same(way):
    """Written out in each, for help() and editors; random_search explains them."""
    own, first = (list(inspect.signature(f).parameters.values()) for f in (way, random_search))
    shared = [p for p in first if p.name in Options._fields]
    assert [p.name for p in shared] == list(Options._fields)
    if way is search.mlp_search:  # which knows its score
        shared = [p for p in shared if p.name not in ("mode", "score")]
    assert own[-len(shared) :] == shared
    assert all(
        re.search(rf"\b{p.name}\b", random_search.__doc__) for p in shared if p.name not in ("rng", "score")
    )
