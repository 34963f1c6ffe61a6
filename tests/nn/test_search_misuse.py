"""What is no search is refused before the first trial, in words that say what to write."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import nn
from nn import search
from nn.search import (
    MLPObjective,
    ScoreError,
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

LINE = {"x": uniform(0, 1)}


def never(params):
    raise SystemExit("this must not be called")  # an Exception would be a failed trial


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (
            lambda: uniform(1, 1),
            ValueError,
            r"uniform\(1, 1\): low must be less than high; .* choice\(\[1\]\)",
        ),
        (lambda: uniform(2, 1), ValueError, "low must be less than high"),
        (
            lambda: log_uniform(-1e-3, 1),
            ValueError,
            r"log_uniform\(-0.001, 1\): on a log scale both ends are above 0",
        ),
        (lambda: log_uniform(0, 1), ValueError, "begin at a small number such as 1e-5"),
        (lambda: one_minus_log_uniform(0.9, 1), ValueError, r"0 <= low < high < 1, as in \(0.9, 0.999\)"),
        (lambda: one_minus_log_uniform(-0.1, 0.9), ValueError, "a momentum"),
        (lambda: uniform("a", 1), TypeError, "uniform: low='a': it must be a finite number"),
        (lambda: uniform(True, 2), TypeError, "low=True: it must be a finite number"),
        (lambda: uniform(0, None), TypeError, "high=None: it must be a finite number"),
        (lambda: uniform(0, 1j), TypeError, "high=1j: it must be a finite number"),
        (lambda: uniform(0, [1]), TypeError, r"high=\[1\]: it must be a finite number"),
        (lambda: uniform(0, float("nan")), ValueError, "high=nan: it must be a finite number"),
        (lambda: log_uniform(1e-4, float("inf")), ValueError, "high=inf: it must be a finite number"),
        (lambda: uniform(0, 10**400), ValueError, "high=1000.*: it must be a finite number"),
        (lambda: uniform(-(10**400), 0), ValueError, "low=-1000.*: it must be a finite number"),
        (lambda: uniform(-1e308, 1e308), ValueError, "the range is too long"),
        (lambda: integers(1, 1), ValueError, "low must be less than high; both belong to it"),
        (lambda: integers(0, 8, log=True), ValueError, "on a log scale the lowest is 1 or more"),
        (lambda: integers(1, 8.5), TypeError, "both ends are whole numbers"),
        (lambda: integers(0, 2**60), ValueError, r"up to 2\*\*53"),
        (lambda: choice([]), ValueError, "nothing to choose from"),
        (lambda: choice("relu"), TypeError, "give the values as one list"),
        (lambda: choice(3), TypeError, "give the values as one list"),
        (lambda: choice({"relu", "tanh"}), TypeError, "a set has another order in every run.*give a list"),
        (lambda: choice(frozenset([1])), TypeError, "a set has another order"),
        (lambda: choice(np.array(3)), TypeError, "give the values as one list"),
        (lambda: uniform(0, 1).grid(0), ValueError, "n=0: .*a grid has at least one value"),
        (lambda: integers(1, 5).grid(0), ValueError, "n=0: .*a grid has at least one value"),
        (lambda: log_uniform(1e-3, 1).grid(-1), ValueError, "n=-1: "),
        (lambda: integers(1, 5).grid(2.5), TypeError, "n=2.5: it must be a whole number"),
        (lambda: uniform(0, 1).grid(2.5), TypeError, "n=2.5: it must be a whole number"),
        (lambda: choice([1, 2]).grid(0), ValueError, "n=0: "),
        (lambda: choice([32, 64, 32]), ValueError, "32 is there twice"),
        (lambda: choice([(1, 2), (1, 2)]), ValueError, "is there twice"),
        (lambda: choice([float("0.1"), float("0.1")]), ValueError, "0.1 is there twice"),
        (lambda: uniform(0, 1).grid(), ValueError, r"a grid over uniform\(0, 1\) needs a number of points"),
        (lambda: uniform(0, 1).draw(rng="x"), TypeError, "rng must be a seed"),
    ],
)
def test_wrong_distributions(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_values_that_look_alike_are_different():
    assert len(choice([1, 1.0, True, "1", None]).values) == 5
    assert choice(np.array([1, 2])).values == [1, 2]
    assert type(choice(np.logspace(-3, 0, 4)).values[0]) is float
    assert len(choice([lambda: 1, lambda: 2]).values) == 2


@pytest.mark.parametrize(
    ("space", "error", "words"),
    [
        ({}, ValueError, "space is empty: name at least one"),
        (None, TypeError, "space is NoneType: give a dict of distributions"),
        ([("x", uniform(0, 1)), ("x", uniform(0, 2))], TypeError, "space is list: give a dict"),
        ({"x": 3}, TypeError, r"space\['x'\] is 3: give a distribution such as .*, or a list"),
        ({"x": log_uniform}, TypeError, "is log_uniform, not called"),
        ({"x": functools.partial(uniform, 0)}, TypeError, r"is functools\.partial\(<function uniform"),
        ({"x": (0.1, 0.1)}, ValueError, "0.1 is there twice"),
        ({"x": []}, ValueError, "nothing to choose from"),
        ({1: uniform(0, 1)}, TypeError, "space has the key 1: a hyperparameter has a name"),
        ({"score": uniform(0, 1)}, ValueError, "'score' is a column of the results"),
        ({"seed": uniform(0, 1)}, ValueError, "'seed' is a column of the results"),
    ],
)
def test_wrong_spaces(space, error, words):
    with pytest.raises(error, match=words):
        random_search(never, space, mode="max")


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: random_search(never, LINE),
            ValueError,
            'mode is missing: write mode="max" if a high score is good',
        ),
        (lambda: random_search(never, LINE, mode="maximize"), ValueError, "mode is 'maximize'"),
        (
            lambda: random_search(never, LINE, mode="max", trials=0),
            ValueError,
            "trials=0: .*a search has at least one",
        ),
        (
            lambda: random_search(never, LINE, mode="max", trials=2.5),
            TypeError,
            "trials=2.5: it must be a whole number",
        ),
        (lambda: random_search(never, LINE, mode="max", rng=-1), ValueError, "rng=-1: a seed is"),
        (lambda: random_search(never, LINE, mode="max", rng="0"), TypeError, "rng must be a seed"),
        (lambda: random_search(never, LINE, mode="max", rng=True), ValueError, "rng=True: a seed is"),
        (lambda: random_search(never, LINE, mode="max", score=abs), TypeError, "it is the name of a number"),
        (lambda: random_search(never, LINE, mode="max", n_jobs=0), ValueError, "nobody would do the work"),
        (
            lambda: random_search(never, LINE, mode="max", n_jobs=1.5),
            TypeError,
            "n_jobs=1.5: it is a whole number",
        ),
        (
            lambda: random_search(never, LINE, mode="max", n_iter=9),
            TypeError,
            "In place of n_iter=, write trials=20",
        ),
        (lambda: random_search(never, LINE, direction="max"), TypeError, 'write mode="max" or mode="min"'),
        (lambda: random_search(never, LINE, random_state=0), TypeError, "write rng=0"),
        (lambda: random_search(never, LINE, mod="max"), TypeError, "Did you mean mode="),
        (
            lambda: random_search(never, LINE, nonsense=1),
            TypeError,
            "unexpected keyword argument 'nonsense'$",
        ),
        (lambda: random_search(never), TypeError, "missing a required argument: 'space'"),
        (lambda: random_search(never, LINE, 20), TypeError, "too many positional arguments"),
        (
            lambda: grid_search(never, {"lr": log_uniform(1e-4, 1)}, mode="max"),
            ValueError,
            r"a grid over lr, log_uniform\(0.0001, 1\), needs a number of points.*n=5 for all, or n={'lr': 5}",
        ),
        (
            lambda: grid_search(never, LINE, n=0, mode="max"),
            ValueError,
            "n=0: .*a grid has at least one value of x",
        ),
        (
            lambda: grid_search(never, LINE, n={"y": 3}, mode="max"),
            ValueError,
            "n has 'y', and the space has x",
        ),
        (
            lambda: grid_search(never, {c: uniform(0, 1) for c in "abcd"}, n=100, mode="max"),
            ValueError,
            "100 x 100 x 100 x 100 = 100,000,000 trials",
        ),
        # Refused before the list is made: these would not fit into the memory.
        (
            lambda: grid_search(never, {"x": integers(0, 2**52)}, mode="min"),
            ValueError,
            "a grid of 4503599627370497 trials: search at random, or in fewer points, such as n=5",
        ),
        (
            lambda: grid_search(never, {"x": uniform(0, 1), "k": [1, 2]}, n=10**15, mode="min"),
            ValueError,
            "a grid of 1000000000000000 x 2 = 2,000,000,000,000,000 trials",
        ),
        (lambda: coarse_to_fine(never, LINE, trials=1, mode="max"), ValueError, "at least two trials"),
        (lambda: coarse_to_fine(never, LINE, trials=5, best=6, mode="max"), ValueError, "best=6 of trials=5"),
        (
            lambda: coarse_to_fine(never, LINE, best=1, mode="max"),
            ValueError,
            "best=1: .*a range has two ends",
        ),
        (lambda: coarse_to_fine(never, LINE, rounds=0, mode="max"), ValueError, "rounds=0"),
        (
            lambda: successive_halving(never, LINE, mode="max"),
            TypeError,
            "missing a required argument: 'max_budget'",
        ),
        (
            lambda: successive_halving(never, LINE, max_budget=9, mode="max"),
            TypeError,
            "the objective takes no budget",
        ),
        (
            lambda: successive_halving(lambda p, budget: 1, LINE, max_budget=1, min_budget=2, mode="max"),
            ValueError,
            "min_budget=2, max_budget=1: both are above 0",
        ),
        (
            lambda: successive_halving(never, LINE, max_budget=9, eta=1, mode="max"),
            ValueError,
            "eta=1: 1 / eta",
        ),
        (
            lambda: successive_halving(never, LINE, max_budget="9", mode="max"),
            TypeError,
            "max_budget='9': it must be a finite number",
        ),
        (
            lambda: successive_halving(never, LINE, max_epochs=9),
            TypeError,
            "In place of max_epochs=, write max_budget",
        ),
        (lambda: staged_search(never, LINE, start={}, mode="max"), TypeError, "give a list of spaces"),
        (lambda: staged_search(never, [], start={}, mode="max"), TypeError, "give a list of spaces"),
        (lambda: staged_search(never, [LINE], start=None, mode="max"), TypeError, "start is NoneType"),
        (lambda: staged_search(never, [LINE, {}], start={}, mode="max"), ValueError, r"stages\[1\] is empty"),
        (
            lambda: staged_search(never, [LINE, {"y": [1], **LINE}], start={"y": 1}, mode="max"),
            ValueError,
            "stages: 'x' is in two of them. Name it in the first only: it is searched on",
        ),
        (
            lambda: staged_search(never, [LINE], start={"seed": 7}, mode="max"),
            ValueError,
            "start: 'seed' is a column of the results",
        ),
        (
            lambda: staged_search(never, [LINE, {"y": [1]}], start={}, mode="max"),
            ValueError,
            "start has no 'y': the first stage needs a value",
        ),
        (
            lambda: staged_search(never, [LINE], start={}, trials=[1, 2], mode="max"),
            ValueError,
            r"trials=\[1, 2\] for 1 stages",
        ),
        (lambda: search.plot_draws({}), TypeError, "give a dict"),
        (lambda: search.plot_draws({"n": integers(1, 2)}), TypeError, "which has no decades"),
        (lambda: search.plot_draws({"n": uniform(1, 2)}), ValueError, "must have a log scale"),
    ],
)
def test_wrong_calls(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        (None, "objective=None: give a function"),
        (MLPObjective, r"objective is the class MLPObjective: make one, MLPObjective\(...\)"),
        (lambda: 1, "cannot be called: too many positional arguments. It is called with one dict"),
        (
            lambda params, data: 1,
            r"missing a required argument: 'data'.*functools.partial\(objective, data=...\)",
        ),
        (lambda lr, hidden: 1, r"one dict of hyperparameters.*params\['lr'\] is in it"),
        (lambda params, rng: 1, "Call the argument seed"),
        (lambda params, budget: 1, "A budget is given by successive_halving"),
        (lambda *, params: 1, "too many positional arguments"),
    ],
)
def test_what_is_no_objective(objective, words):
    with pytest.raises(TypeError, match=words):
        random_search(objective, {"lr": uniform(0, 1), "hidden": [1, 2]}, mode="max")


def test_what_an_objective_may_ask_for():
    seen = []

    class Callable:
        def __call__(self, params, *, number, seed=None):
            seen.append((number, seed))
            return 1

    random_search(Callable(), LINE, trials=2, mode="max", rng=0)
    random_search(lambda params, **more: seen.append(set(more)) or 1, LINE, trials=1, mode="max")
    random_search(
        functools.partial(lambda data, params, seed: seen.append(data) or 1, 7), LINE, trials=1, mode="max"
    )
    random_search(len, LINE, trials=1, mode="max")
    result = random_search(
        lambda params, seed=7, /: seed, LINE, trials=1, mode="max"
    )  # by its place: not given
    assert result.best.score == 7
    assert [number for number, _ in seen[:2]] == [1, 2]
    assert all(isinstance(seed, int) for _, seed in seen[:2])
    assert seen[2:] == [{"seed", "number"}, 7]


def test_an_objective_may_change_its_dict():
    result = random_search(lambda params: params.pop("x"), LINE, trials=2, mode="max")
    assert all(t.params["x"] == t.score for t in result)


@pytest.mark.parametrize(
    ("returned", "score", "words"),
    [
        (None, None, "returned nothing: end it with 'return accuracy'"),
        ("0.9", None, "returned '0.9', which is str: return a number"),
        (True, None, "which is bool"),
        (1j, None, "which is complex"),
        (np.ones((2, 2)), None, r"array of shape \(2, 2\): return one number"),
        ([0.5, 0.6], None, r"array of shape \(2,\)"),
        (object(), None, "which is object"),
        ({}, None, "returned an empty dict: say which is the score"),
        (
            {"loss": 1, "accuracy": 1},
            None,
            "returned loss, accuracy: say which is the score, such as score='loss'",
        ),
        ({"loss": 1}, "accuracy", "score='accuracy', and the objective returned loss: name one of these"),
        ({"loss": None}, None, "'loss' of the objective returned None"),
        ({"loss": "low"}, None, "'loss' of the objective returned 'low'"),
        ({"loss": np.ones((2, 2))}, None, "'loss' of the objective returned an array"),
        ({"x": 1}, None, "'x', which is the name of a hyperparameter"),
        ({"seconds": 1, "score": 2}, "score", "'seconds', which is the name of a column"),
        ({3: 1}, None, "the key 3: metrics have names"),
        (0.5, "accuracy", "score='accuracy' is a name, and the objective returned 0.5: return a dict"),
    ],
)
def test_what_is_no_score_ends_the_search_at_once(returned, score, words, tmp_path):
    calls = []
    with pytest.raises(ScoreError, match=words):
        random_search(
            lambda p: calls.append(1) or returned,
            LINE,
            mode="max",
            score=score,
            resume=tmp_path / "search.jsonl",
        )
    assert len(calls) == 1
    # Mended, the search begins where it ended.
    result = random_search(lambda p: {"a": 1}, LINE, trials=1, mode="max", resume=tmp_path / "new.jsonl")
    assert result.score_name == "a"


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda X, y: search.train_mlp({"alpha": 1}, (X, y)),
            ValueError,
            "knows no 'alpha': the hyperparameters are",
        ),
        (lambda X, y: MLPObjective((X, y), (X, y), alpha=1), TypeError, "'alpha' is none of"),
        (
            lambda X, y: MLPObjective((X, y), None),
            ValueError,
            "dev is NoneType: give inputs and labels as a pair",
        ),
        (lambda X, y: MLPObjective((X, y), (X, y), epochs=0), ValueError, "epochs=0"),
        (
            lambda X, y: search.mlp_search((X[None], y[:1]), (X, y)),
            ValueError,
            r"inputs of shape \(1, 4, 4\)",
        ),
        (
            lambda X, y: search.mlp_search((X, np.eye(4, dtype=int)), (X, y)),
            ValueError,
            "classes as whole numbers",
        ),
        (lambda X, y: search.mlp_search((X, list("abab")), (X, y)), ValueError, "dtype <U1: give classes"),
        (lambda X, y: MLPObjective((X, np.ones((4, 1, 1))), (X, y)), ValueError, r"a y of shape \(4, 1, 1\)"),
        (
            lambda X, y: search.mlp_search((X, y), (X, y), stages=[{"alpha": [1]}]),
            ValueError,
            "knows no 'alpha'",
        ),
        (lambda X, y: search.mlp_search((X, y), (X, y), start={"alpha": 1}), ValueError, "knows no 'alpha'"),
        (lambda X, y: search.mlp_search(X, y), ValueError, "give inputs and labels as a pair"),
    ],
)
def test_wrong_data_and_names_of_networks(call, error, words):
    with pytest.raises(error, match=words):
        call(np.eye(4), np.array([0, 1, 0, 1]))


def test_equal_budgets_are_one_round():
    """3 / 1.2**i, rounded up, are 3 in three rounds, and 2 in four."""
    result = successive_halving(
        lambda p, budget: p["x"], LINE, max_budget=3, eta=1.2, trials=6, mode="max", rng=0
    )
    assert [(t.round, t.budget) for t in result] == [(1, 2)] * 6 + [(2, 3)] * 5


def test_one_in_eta_of_the_trials_goes_on_rounded_down():
    result = successive_halving(lambda p, budget: p["x"], LINE, max_budget=9, trials=20, mode="max", rng=0)
    assert [sum(t.budget == budget for t in result) for budget in (1, 3, 9)] == [20, 6, 2]


def test_the_next_stage_searches_where_the_best_quarter_of_the_one_before_was():
    stages = [LINE, {"y": [1]}]
    result = staged_search(lambda p: p["x"], stages, start={"y": 1}, trials=[16, 1], mode="max", rng=0)
    tried = sorted(t.params["x"] for t in result if t.round == 1)
    assert (result.spaces[1]["x"].low, result.spaces[1]["x"].high) == (tried[-5], 1)  # next to the four best


def test_the_seed_of_a_trial_is_another_stream_than_its_hyperparameters():
    """And the same in every version: a search that goes on from a file must give the seeds it gave before."""
    result = random_search(lambda p, seed: seed, LINE, trials=2, mode="max", rng=0)
    assert sorted(t.score for t in result) == [1663335698, 3613627650]
    drawn = [int(np.random.SeedSequence(0, spawn_key=(n, 0)).generate_state(1)[0]) for n in (1, 2)]
    assert not {t.score for t in result} & set(drawn)


def test_a_result_without_a_best_says_so():
    result = search.SearchResult([], LINE, [LINE], "max", None, True)
    with pytest.raises(search.SearchError, match="there is no best trial"):
        result.best  # noqa: B018
    assert repr(result) == "SearchResult(0 trials, interrupted)"
    assert nn.search.__all__ == sorted(nn.search.__all__, key=str)
