"""MLPClassifier and MLPRegressor: scikit-learn's own checks, its tools, and what its users expect to find."""

from __future__ import annotations

import copy
import pickle
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import nn

sklearn = pytest.importorskip("sklearn", reason="the estimators need scikit-learn: pip install '.[data]'")

from sklearn.base import clone  # noqa: E402
from sklearn.exceptions import ConvergenceWarning, NotFittedError  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import estimator_checks_generator  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
ROOT = Path(__file__).resolve().parents[2]


def blobs(n=120, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    centres = np.array([[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0]])
    return centres[y] + rng.normal(0, 0.6, (n, 2)), np.array(["red", "green", "blue"])[y]


def line(n=80, seed=0):
    X = np.random.default_rng(seed).uniform(-1, 1, (n, 2))
    return X, 3 * X[:, 0] - X[:, 1] + 0.5


X, Y = blobs()


def classifier(**settings):
    return nn.MLPClassifier((16,), learning_rate_init=0.02, random_state=0, **settings)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("estimator", "check"),
    [pair for model in (nn.MLPClassifier(), nn.MLPRegressor()) for pair in estimator_checks_generator(model)],
    ids=lambda x: getattr(getattr(x, "func", x), "__name__", type(x).__name__),
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


# --- what it learns


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_it_learns_with_every_solver_and_activation(solver, activation):
    model = nn.MLPClassifier((16,), activation, solver=solver, learning_rate_init=0.1, random_state=0).fit(
        X, Y
    )
    assert model.score(*blobs(200, 1)) > 0.95
    T, t = line()
    rate = 0.02 if solver == "sgd" else 0.05
    regressor = nn.MLPRegressor((16,), activation, solver=solver, learning_rate_init=rate, random_state=0)
    assert regressor.fit(T, t).score(*line(50, 1)) > 0.95


def test_what_is_there_after_fit():
    model = classifier(max_iter=30).fit(X, Y)
    assert model.classes_.tolist() == ["blue", "green", "red"]
    assert model.n_iter_ == len(model.loss_curve_) == len(model.history_) == 30
    assert model.loss_ == model.loss_curve_[-1] < model.loss_curve_[0]
    assert model.best_loss_ == min(model.loss_curve_)
    assert [w.shape for w in model.coefs_] == [(2, 16), (16, 3)]
    assert [b.shape for b in model.intercepts_] == [(16,), (3,)]
    assert (model.n_layers_, model.n_outputs_, model.n_features_in_) == (3, 3, 2)
    assert (model.t_, model.out_activation_) == (30 * len(X), "softmax")
    hidden = np.maximum(X @ model.coefs_[0] + model.intercepts_[0], 0)
    scores = hidden @ model.coefs_[1] + model.intercepts_[1]
    np.testing.assert_array_equal(model.predict(X), model.classes_[scores.argmax(axis=1)])
    p = model.predict_proba(X)
    np.testing.assert_allclose(p, np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True), rtol=1e-12)
    np.testing.assert_allclose(model.predict_log_proba(X), np.log(p), rtol=1e-9)


def test_as_good_as_scikit_learns():
    from sklearn.neural_network import MLPClassifier

    T, t = blobs(300, 2)
    settings = dict(hidden_layer_sizes=(20, 10), learning_rate_init=0.01, max_iter=60, random_state=0)
    ours, theirs = nn.MLPClassifier(**settings), MLPClassifier(**settings)
    assert ours.fit(X, Y).score(T, t) >= theirs.fit(X, Y).score(T, t) - 0.02
    shared = ours.get_params().keys() & theirs.get_params().keys()
    assert shared == ours.get_params().keys(), "no parameter has a name of its own"
    defaults = nn.MLPClassifier().get_params(), MLPClassifier().get_params()
    assert {name: defaults[0][name] for name in shared} == {name: defaults[1][name] for name in shared}


def test_the_same_seed_gives_the_same_network():
    one, two = classifier(max_iter=5).fit(X, Y), classifier(max_iter=5).fit(X, Y)
    for a, b in zip(one.coefs_, two.coefs_):
        np.testing.assert_array_equal(a, b)
    other = classifier(max_iter=5).set_params(random_state=1).fit(X, Y)
    assert not np.array_equal(one.coefs_[0], other.coefs_[0])
    state = np.random.RandomState(3)
    assert np.any(
        classifier(max_iter=1).set_params(random_state=state).fit(X, Y).coefs_[0]
        != classifier(max_iter=1).set_params(random_state=state).fit(X, Y).coefs_[0]
    )


@pytest.mark.parametrize(
    ("solver", "setting"),
    [
        ("sgd", {"momentum": 0.5}),
        ("sgd", {"nesterovs_momentum": False}),
        ("sgd", {"shuffle": False}),
        ("adam", {"beta_1": 0.5}),
        ("adam", {"beta_2": 0.5}),
        ("adam", {"epsilon": 0.1}),
        ("adam", {"batch_size": 40}),
    ],
    ids=str,
)
def test_what_is_set_is_done(solver, setting):
    usual = classifier(solver=solver, max_iter=2, batch_size=60)
    other = clone(usual).set_params(**setting)
    assert not np.array_equal(usual.fit(X, Y).coefs_[0], other.fit(X, Y).coefs_[0])


def test_batches_have_200_rows_unless_told_otherwise():
    data = blobs(450)
    auto, told = (classifier(max_iter=2, **given).fit(*data) for given in ({}, {"batch_size": 200}))
    all_, these = (
        classifier(solver="lbfgs", max_iter=2, **given).fit(*data) for given in ({}, {"batch_size": 7})
    )
    for one, other in ((auto, told), (all_, these)):  # L-BFGS takes all rows, whatever it is told
        for a, b in zip(one.coefs_, other.coefs_):
            np.testing.assert_array_equal(a, b)


def test_alpha_is_scikit_learns_price():
    """Gradient descent on all rows multiplies the weights by 1 - rate * alpha / rows, besides what the data does."""
    settings = dict(solver="sgd", momentum=0.0, batch_size=len(X), max_iter=1, learning_rate_init=0.5)
    free, priced = (classifier(alpha=a).set_params(**settings).fit(X, Y) for a in (0.0, 30.0))
    start = nn.MLP([2, 16, 3], rng=np.random.default_rng(np.random.RandomState(0).randint(2**31 - 1)))
    for layer, a, b in zip((0, 2), free.coefs_, priced.coefs_):
        w = start[layer].weight.numpy().T
        np.testing.assert_allclose(a - b, 0.5 * 30.0 / len(X) * w, rtol=1e-9, atol=1e-12)
    for a, b in zip(free.intercepts_, priced.intercepts_):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_the_loss_of_numbers_is_half_the_mean_square_error():
    data, y = line()
    model = nn.MLPRegressor(alpha=0.0, batch_size=len(y), max_iter=1, learning_rate_init=0.0).fit(data, y)
    assert model.loss_ == pytest.approx(0.5 * np.mean((model.predict(data) - y) ** 2), rel=1e-12)


def test_float32_stays_float32():
    numbers, y = line()
    regressor = nn.MLPRegressor((3,), max_iter=1).fit(numbers.astype(np.float32), y)
    assert regressor.coefs_[0].dtype == regressor.predict(numbers).dtype == np.float32
    model = classifier(max_iter=3).fit(X.astype(np.float32), Y)
    assert model.coefs_[0].dtype == model.predict_proba(X).dtype == np.float32


def test_several_numbers_a_row():
    T, t = line()
    both = np.stack([t, -2 * t], axis=1)
    model = nn.MLPRegressor((16,), solver="lbfgs", random_state=0).fit(T, both)
    assert model.predict(T).shape == both.shape
    assert model.score(T, both) > 0.999


# --- when it stops


def test_it_stops_when_nothing_gets_better():
    model = classifier(max_iter=999, tol=0.01, n_iter_no_change=4)
    assert model.fit(X, Y).n_iter_ < 200
    best = np.argmin(model.loss_curve_)
    assert model.history_.stopped == "loss did not get better by tol=0.01 in 5 epochs"
    assert best >= model.n_iter_ - 5 - 4 * 4
    with pytest.warns(ConvergenceWarning, match="after max_iter=2 epochs"):
        classifier(max_iter=2).fit(X, Y)


def epochs_of(curve, tol, patience):
    """When scikit-learn stops, whose curve of losses this is: each epoch beside the lowest loss before it."""
    best, without = np.inf, 0
    for epoch, loss in enumerate(curve, 1):
        without = without + 1 if loss > best - tol else 0
        best = min(best, loss)
        if without > patience:
            return epoch
    return len(curve)


@pytest.mark.parametrize("tol", [0.3, 0.02, 0.003, 0.0])
def test_it_stops_by_scikit_learns_rule(tol):
    """Steps that are each smaller than tol do not count, however far they lead together."""
    settings = dict(max_iter=60, n_iter_no_change=3)
    whole = classifier(tol=-np.inf, **settings).fit(X, Y).loss_curve_
    assert len(whole) == 60
    model = classifier(tol=tol, **settings).fit(X, Y)
    assert model.n_iter_ == epochs_of(whole, tol, 3)
    assert model.loss_curve_ == whole[: model.n_iter_]


def test_the_rule_is_that_of_scikit_learn_itself():
    from sklearn.neural_network import MLPClassifier

    theirs = MLPClassifier(
        (16,), learning_rate_init=0.02, random_state=0, max_iter=60, tol=0.02, n_iter_no_change=3
    )
    curve = theirs.fit(X, Y).loss_curve_
    assert len(curve) == epochs_of(curve, 0.02, 3) < 60


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_early_stopping_keeps_the_best_weights(kind):
    if kind == "classifier":
        model, data = classifier(early_stopping=True, max_iter=300, n_iter_no_change=5), (X, Y)
    else:
        model = nn.MLPRegressor((16,), early_stopping=True, learning_rate_init=0.05, random_state=0)
        data = line()
    model.fit(*data)
    assert model.best_loss_ is None
    assert len(model.validation_scores_) == model.n_iter_ < 200
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.score(*data) > 0.9


@pytest.mark.parametrize("seed", range(6))
def test_early_stopping_leaves_out_as_much_of_each_class(seed):
    """Of inputs that are all alike, one class is predicted for all: of 50 rows, one is of the rare class."""
    y = np.array([0] * 98 + [1] * 2)
    model = nn.MLPClassifier(max_iter=1, early_stopping=True, validation_fraction=0.5, random_state=seed)
    assert model.fit(np.zeros((100, 2)), y).best_validation_score_ in (1 / 50, 49 / 50)


def test_early_stopping_by_a_single_row_is_refused():
    with pytest.raises(ValueError, match="early_stopping: 1 row is left to validate with; a score needs two"):
        nn.MLPRegressor(early_stopping=True).fit(*line(10))


# --- with scikit-learn's tools


def test_in_a_pipeline_a_search_and_a_cross_validation():
    pipeline = make_pipeline(StandardScaler(), classifier(max_iter=30))
    assert cross_val_score(pipeline, X * 100 + 5, Y, cv=3).min() > 0.9
    rates = [1e-5, 0.05]
    search = GridSearchCV(pipeline, {"mlpclassifier__learning_rate_init": rates}, cv=3).fit(X, Y)
    assert search.best_params_ == {"mlpclassifier__learning_rate_init": 0.05}
    assert search.best_score_ > 0.9


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_copies_and_pickles_predict_and_go_on_alike(duplicate, solver):
    model = classifier(max_iter=5, solver=solver, warm_start=True).fit(X, Y)
    twin = duplicate(model)
    np.testing.assert_array_equal(twin.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(twin.fit(X, Y).predict_proba(X), model.fit(X, Y).predict_proba(X))


def test_an_unfitted_copy():
    model = clone(classifier(alpha=0.5).fit(X, Y))
    assert model.get_params() == classifier(alpha=0.5).get_params()
    with pytest.raises(NotFittedError):
        model.predict(X)
    with pytest.raises(AttributeError, match="no weights before fit"):
        _ = model.coefs_


def test_warm_start_goes_on():
    cold = classifier(max_iter=5)
    assert cold.fit(X, Y).loss_curve_ == cold.fit(X, Y).loss_curve_
    warm = classifier(max_iter=5, warm_start=True)
    first = warm.fit(X, Y).loss_curve_
    assert warm.fit(X, Y).loss_curve_[:5] == first
    assert warm.n_iter_ == 10
    assert warm.loss_ < first[-1]


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_warm_start_goes_by_the_settings_of_now(solver):
    model = classifier(max_iter=5, solver=solver, warm_start=True).fit(X, Y)
    before = [w.copy() for w in model.coefs_]
    model.set_params(learning_rate_init=0.0).fit(X, Y)
    for a, b in zip(before, model.coefs_):
        np.testing.assert_array_equal(a, b)


def test_ctrl_c_ends_training_without_a_word_on_its_length(monkeypatch):
    def pressed(self, training):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("nn.estimators.base.Patience.on_epoch_end", pressed)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = classifier().fit(X, Y)
    assert model.n_iter_ == 1
    assert model.history_.interrupted


def test_partial_fit():
    model = classifier()
    with pytest.raises(ValueError, match="give classes, all that there will be"):
        model.partial_fit(X, Y)
    model.partial_fit(X[:5], np.full(5, "red"), classes=["red", "green", "blue"])
    for _ in range(40):
        model.partial_fit(X, Y)
    assert model.n_iter_ == 41
    assert model.score(X, Y) > 0.9
    with pytest.raises(ValueError, match="classes were"):
        model.partial_fit(X, Y, classes=["red", "black"])
    with pytest.raises(ValueError, match="y has classes"):
        model.partial_fit(X, np.full(len(X), "black"))
    regressor = nn.MLPRegressor((16,), learning_rate_init=0.05, random_state=0)
    for _ in range(100):
        regressor.partial_fit(*line())
    assert regressor.score(*line()) > 0.97
    with pytest.raises(ValueError, match="y has 2 columns, and had 1 before"):
        regressor.partial_fit(X, X)


def test_the_classes_of_a_partial_fit_are_forgotten_by_fit():
    model = classifier(max_iter=1).partial_fit(X[:5], Y[:5], classes=["red", "green", "blue", "black"])
    assert model.classes_.tolist() == ["black", "blue", "green", "red"]
    assert model.fit(X, Y).classes_.tolist() == ["blue", "green", "red"]


def test_numbers_are_no_classes():
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        classifier().fit(*line())


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (dict(activation="gelu"), "activation='gelu': it is one of identity, logistic, tanh, relu"),
        (dict(solver="adamw"), "solver='adamw': it is one of adam, sgd, lbfgs"),
        (dict(max_iter=0), "max_iter=0"),
        (dict(max_iter=2.5), "max_iter=2.5: it must be a whole number"),
        (dict(n_iter_no_change=0), "n_iter_no_change=0"),
        (dict(early_stopping=True, validation_fraction=1.0), "validation_fraction=1.0"),
        (dict(learning_rate_init=-1.0), "learning_rate_init=-1.0"),
        (dict(batch_size=0), "batch_size=0"),
        (dict(alpha=-1.0), "alpha=-1.0"),
        (dict(beta_1=1.0), "beta_1=1.0"),
        (dict(beta_2=-0.1), "beta_2=-0.1"),
        (dict(momentum=1.5), "momentum=1.5"),
        (dict(epsilon=-1.0), "epsilon=-1.0"),
        (dict(tol=None), "tol=None"),
    ],
)
def test_bad_settings(settings, words):
    with pytest.raises((TypeError, ValueError), match=words):
        classifier().set_params(**settings).fit(X, Y)


def test_early_stopping_and_lbfgs_are_not_for_single_epochs():
    for settings in (dict(early_stopping=True), dict(solver="lbfgs")):
        with pytest.raises(ValueError, match="partial_fit makes one epoch"):
            classifier(**settings).partial_fit(X, Y, classes=np.unique(Y))


# --- without scikit-learn


def run(program):
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_import_nn_does_not_load_scikit_learn_and_its_absence_is_explained():
    program = (
        "import sys; sys.modules['sklearn'] = None; sys.modules['sklearn.base'] = None\n"
        "from nn import *\nimport nn\n"
        "try:\n    nn.MLPClassifier\nexcept ImportError as error:\n    print(error)"
    )
    result = run(program)
    assert result.stdout == "nn.MLPClassifier needs scikit-learn: pip install 'gradlens[data]'\n", (
        result.stderr
    )
    assert run("import sys, nn; print('sklearn' in sys.modules)").stdout == "False\n"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"learning_rate": "constant"}, "has no setting 'learning_rate'.*it is learning_rate_init"),
        ({"hidden_layer_size": 3}, "has no setting 'hidden_layer_size'. Did you mean 'hidden_layer_sizes'"),
        ({"nonsense": 3}, "has no setting 'nonsense'.$"),
    ],
)
@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_settings_that_there_are_not(name, settings, words):
    with pytest.raises(TypeError, match=f"^{name} {words}"):
        getattr(nn, name)(**settings)


@pytest.mark.parametrize(
    "settings",
    [{"alpha": -1}, {"tol": "x"}, {"tol": np.nan}, {"momentum": 2}, {"beta_2": 1}, {"epsilon": -1}],
)
def test_a_setting_that_is_none_is_said_by_its_own_name(settings):
    (name,) = settings
    with pytest.raises((TypeError, ValueError), match=f"^{name}="):
        nn.MLPClassifier(**settings).fit([[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize("sizes", [(0,), "x", (3, 2.5)])
def test_hidden_layers_that_are_none(sizes):
    with pytest.raises((TypeError, ValueError), match=r"^hidden_layer_sizes: units="):
        nn.MLPClassifier(sizes).fit([[0.0], [1.0]], [0, 1])


def test_no_private_name_in_what_python_says():
    with pytest.raises(
        TypeError, match=r"^MLPClassifier.fit\(\) got an unexpected keyword argument 'sample_weight'"
    ):
        nn.MLPClassifier().fit([[0.0], [1.0]], [0, 1], sample_weight=[1, 1])
    with pytest.raises(TypeError, match=r"^MLPRegressor.fit\(\) missing 1 required positional argument: 'y'"):
        nn.MLPRegressor().fit([[0.0], [1.0]])
