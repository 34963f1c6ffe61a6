"""What a newcomer writes first, and what the answer says: names that are elsewhere, calls without what they need."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import nn
import viz
from autograd import Value


@pytest.mark.parametrize(
    ("module", "name", "says"),
    [
        (nn, "StepLR", "it is nn.schedule.StepLR."),
        (nn, "moons", "it is nn.datasets.moons."),
        (nn, "log_uniform", "it is nn.search.log_uniform."),
        (nn, "to_onnx", "it is nn.export.to_onnx."),
        (nn, "Neuron", "it is nn.scalar.Neuron."),
        (nn, "optimizers", "here it is nn.optim."),
        (nn, "lr_scheduler", "here it is nn.schedule."),
        (nn, "save", "here it is nn.safetensors.save_file(model.state_dict(), path)."),
        (nn, "load", "here it is model.load_state_dict(nn.safetensors.load_file(path))."),
        (nn, "Trainer", "here it is nn.fit(model, (X, y), epochs=10)."),
        (nn, "random_serch", "Did you mean nn.search.random_search?"),
        (nn, "linear", "Did you mean nn.Linear?"),  # before nn.datasets.linear
        (nn, "quaternions", "no 'quaternions'."),  # nothing is like it, so nothing is said
        (nn.search, "loguniform", "Did you mean nn.search.log_uniform?"),
        (nn.search, "randint", "here it is nn.search.integers."),
        (nn.schedule, "ExponentialDecay", "Did you mean nn.schedule.ExponentialLR?"),
        (nn.datasets, "moon", "Did you mean nn.datasets.moons?"),
        (nn.export, "onnx", "Did you mean nn.export.to_onnx?"),
        (nn.optim, "StepLR", "it is nn.schedule.StepLR."),
    ],
)
def test_a_name_that_is_elsewhere_is_told_where(module, name, says):
    with pytest.raises(AttributeError) as caught:
        getattr(module, name)
    assert str(caught.value).endswith(says)


def test_what_the_answers_name_exists():
    import autograd
    from nn.core.absent import ELSEWHERE

    for here in set(ELSEWHERE.values()):
        path = here.partition("(")[0].split(".")
        if path[0] != "model":
            found = {"nn": nn, "autograd": autograd}[path[0]]
            for part in path[1:]:
                found = getattr(found, part)


@pytest.mark.parametrize(
    ("module", "inner"),
    [(nn.safetensors, "write_whole"), (nn.checkpoint, "write"), (nn.checkpoint, "discard")],
)
def test_what_writes_and_removes_files_is_no_public_name(module, inner):
    assert hasattr(module, inner)
    assert inner not in module.__all__
    assert all(hasattr(module, name) for name in module.__all__)


def test_methods_that_other_libraries_have_are_answered_with_a_call_that_runs():
    model = nn.Linear(2, 2, rng=0)
    with pytest.raises(AttributeError, match=r"nn\.fit\(model, \(X, y\), epochs=10\)"):
        model.fit(np.eye(2), np.array([0, 1]))
    assert len(nn.fit(model, (np.eye(2), np.array([0, 1])), epochs=10)) == 10


def test_a_schedule_says_what_it_is_of_and_which_settings_it_has():
    with pytest.raises(TypeError, match=r"optimiser, which comes first: StepLR\(optimiser, step_size=3\)"):
        nn.schedule.StepLR(step_size=3)
    optimiser = nn.SGD(nn.Linear(1, 1, rng=0).parameters(), lr=1.0)
    with pytest.raises(TypeError, match=r"StepLR has no setting 'steps'\. Did you mean 'step_size'"):
        nn.schedule.StepLR(optimiser, steps=3)
    schedule = nn.schedule.StepLR(step_size=3, optimiser=optimiser)
    for twin in (copy.deepcopy(schedule), pickle.loads(pickle.dumps(schedule))):
        assert twin.state_dict() == schedule.state_dict()
    assert nn.schedule.ChainedScheduler(schedules=[schedule]).optimiser is optimiser


def test_of_several_settings_that_there_are_not_the_first_is_named_in_every_run():
    wrong = dict.fromkeys(("zeta", "alpha", "eta", "gamma", "beta", "delta", "theta", "kappa"), 1)
    with pytest.raises(TypeError, match=r"^Linear has no setting 'zeta'\. It has bias, dtype, in_features"):
        nn.Linear(2, 3, **wrong)


def test_a_summary_without_a_shape_is_told_to_give_one():
    model = nn.MLP([3, 2], rng=0)
    with pytest.raises(TypeError, match=r"'input_shape'. As in summary\(model, 64\)"):
        nn.summary(model)
    with pytest.raises(TypeError, match=r"In place of input_size=, write input_shape=64"):
        nn.summary(model, input_size=3)


DATA = np.eye(2), np.array([0, 1])


def trained(**settings):
    return nn.fit(nn.Linear(2, 2, rng=0), DATA, epochs=1, rng=0, **settings)


def test_an_optimiser_by_its_name_is_answered_with_that_one():
    for name in set(nn.optim.__all__) - {"Optimiser", "Setting"}:
        with pytest.raises(TypeError, match=rf"optimiser=nn\.{name}\(model\.parameters\("):
            trained(optimiser=name.lower())
        getattr(nn, name)(nn.Linear(2, 2, rng=0).parameters(), lr=0.1)
    for other in ("newton", 3):
        with pytest.raises(TypeError, match=r"optimiser=nn\.SGD\(model\.parameters\(\), lr=0\.1\)"):
            trained(optimiser=other)


def test_early_stopping_names_the_column_that_was_meant():
    with pytest.raises(ValueError, match=r"monitor='val_acuracy': Did you mean 'val_accuracy'\?"):
        nn.EarlyStopping(monitor="val_acuracy")
    for name in ("val_acc", "val_acuracy"):
        stopping = nn.EarlyStopping(monitor=name, mode="max")
        with pytest.raises(ValueError, match=rf"monitor='{name}': .*Did you mean 'val_accuracy'\?"):
            trained(callbacks=stopping, validation=DATA)
    with pytest.raises(ValueError, match=r"Give fit a validation set: validation=\(X, y\)\.$"):
        trained(callbacks=nn.EarlyStopping(monitor="val_acc"))
    with pytest.raises(ValueError, match=r"^'hits' does not say whether"):
        nn.EarlyStopping(monitor="hits")


def test_a_drawing_is_of_what_a_model_computes():
    with pytest.raises(TypeError, match=r"this is a Linear. Draw what it computes, viz\.draw\(model\(x\)\)"):
        viz.draw(nn.Linear(2, 1, rng=0))
    neuron = nn.scalar.Neuron(2, rng=0)
    with pytest.raises(TypeError, match=r"nn\.unfused\(\): viz\.draw\(neuron\(\[1\.0, 2\.0\]\)\)"):
        viz.draw(neuron)
    with pytest.raises(TypeError, match="Make the inputs nodes first"):
        viz.draw(3.0)
    fused = viz.draw(neuron([1.0, Value(2.0)])).source
    with nn.unfused():
        assert viz.draw(neuron([1.0, Value(2.0)])).source.count("\n") > fused.count("\n")
